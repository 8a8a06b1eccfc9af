/**
 * libipc: messages between processes, over sockets. It carries other protocols (filestorage), which name its framing;
 * where nobody knows the application, the connection is libipc's own.
 */
import { type FramedMessage, type Opening, type Protocol, type Recognition, readUint } from '../../src/sdk.ts';
import { framing, SPECIFICATION } from './framing.ts';
import { HEAD_LENGTH, LAYOUTS, LONGEST_PAYLOAD, TYPE } from './layouts.ts';
import { machine, stateOfBoth } from './machine.ts';
import { LibipcTracker, ROW_WORDS } from './tracker.ts';

/**
 * Six bytes of which one is constant and three are mostly zero are weak evidence, and other binary protocols begin
 * alike. A length that is borne out by the bytes behind it, in both directions, is another matter.
 */
function recogniseStream({ client, server }: Opening): Recognition {
  const answers = [beginsWithData(client), beginsWithData(server)];
  if (answers.includes('no')) return 'no';
  return answers.includes('more') ? 'more' : 'yes';
}

/** Does a whole DATA stand at the beginning? */
function beginsWithData(bytes: Uint8Array): Recognition {
  if (bytes.length > 0 && bytes[0] !== TYPE.DATA) return 'no';
  if (bytes.length < HEAD_LENGTH) return 'more';
  const length = readUint(bytes, 1, 4, false);
  if (length > LONGEST_PAYLOAD) return 'no';
  return bytes.length < HEAD_LENGTH + length ? 'more' : 'yes';
}

const libipc: Protocol<FramedMessage> = {
  id: 'libipc',
  title: 'libipc',
  summary: 'messages between processes over sockets, each with a length and a type of the application',
  specification: SPECIFICATION,
  carriers: [{ transport: 'tcp', framing: 'libipc' }],
  recognition:
    'both directions of a TCP connection begin with a whole DATA message, and no protocol that it carries knows it',
  dialect: [],
  layouts: LAYOUTS,
  machine,
  // Those of the framing are all there are.
  rules: [],
  rowWords: ROW_WORDS,
  stateOfBoth,
  framing,
  recogniseStream,
  createTracker: host => new LibipcTracker(host),
};
export default libipc;
