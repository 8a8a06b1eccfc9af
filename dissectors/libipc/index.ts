/**
 * libipc: messages between processes, over sockets. It carries other protocols (filestorage), which name its framing;
 * where nobody knows the application, the connection is libipc's own.
 */
import { defineProtocol, type Recognition, readUint, stay, tcp } from '../../src/sdk.ts';
import { framing, SPECIFICATION } from './framing.ts';
import { HEAD_LENGTH, LONGEST_PAYLOAD, messages, TYPE } from './layouts.ts';
import { provocations, refusals } from './provocations.ts';

/**
 * Does a whole DATA stand at the beginning? Six bytes of which one is constant and three are mostly zero are weak
 * evidence, and other binary protocols begin alike. A length that is borne out by the bytes behind it, in both
 * directions, is another matter.
 */
function beginsWithData(bytes: Uint8Array): Recognition {
  if (bytes.length > 0 && bytes[0] !== TYPE.DATA) return 'no';
  if (bytes.length < HEAD_LENGTH) return 'more';
  const length = readUint(bytes, 1, 4, false);
  if (length > LONGEST_PAYLOAD) return 'no';
  return bytes.length < HEAD_LENGTH + length ? 'more' : 'yes';
}

/**
 * There is no handshake, either side may send whatever it likes, and closing is closing the socket. SERVER_CLOSE
 * announces nothing that could be held against anyone: what ends a side is the end of its stream.
 */
const side = {
  OPEN: { SERVER_CLOSE: stay, ERR: stay, DATA: stay, NETWORK_LOOKUP: stay, FIN: 'CLOSED' },
  CLOSED: { SERVER_CLOSE: stay, ERR: stay, DATA: stay, NETWORK_LOOKUP: stay },
} as const;

/** Places of the two states. */
const OPEN = 0;
const CLOSED = 1;

export default defineProtocol({
  id: 'libipc',
  title: 'libipc',
  summary: 'messages between processes over sockets, each with a length and a type of the application',
  specification: SPECIFICATION,
  carriers: [tcp('libipc')],
  recognition:
    'both directions of a TCP connection begin with a whole DATA message, and no protocol that it carries knows it',
  opensWith: { client: beginsWithData, server: beginsWithData },
  messages,
  machine: {
    states: ['OPEN', 'CLOSED'],
    final: ['CLOSED'],
    client: side,
    server: side,
    receives: 'stay',
    midstream: 'OPEN',
  },
  // The connection is over once both sides have ended.
  stateOfBoth: (client, server) => (client === CLOSED && server === CLOSED ? CLOSED : OPEN),
  // Those of the framing are all there are.
  rules: [],
  framing,
  mended: ({ length }) => (length >= HEAD_LENGTH ? { length: length - HEAD_LENGTH } : {}),
  // How long a message is follows from what is in it.
  replay: { varying: ['*.length'] },
  provocations,
  refusals,
  resync: false,
  isDivisible: true,
});
