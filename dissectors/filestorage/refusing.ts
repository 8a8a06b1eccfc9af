/**
 * How a server of filestorage refuses: a RESPONSE or RESPONSES with a word of failure, or the ERROR of
 * 2020-01. A client has no way: it closes.
 */
import type { Refusals, SeenMessage } from '../../src/sdk.ts';
import { FROM_SERVER, HEAD_LENGTH, LIBIPC_DATA, LONGEST_PAYLOAD } from './layouts.ts';
import { ID_NAMES, readJson } from './lookup.ts';
import { WORDS } from './members.ts';

const REASON = 'refused';
/** Ids are UUIDs; what is longer than this is not said again. */
const LONGEST_ID = 100;
/** User types of what answers, by edition. */
const RESPONSE = 2;
const ERROR = 0;

export const refusals: Refusals = {
  isOne: ({ message, layout }) => {
    if (layout === undefined || !FROM_SERVER.has(layout.name)) return false;
    if (layout.name === 'ERROR') return true;
    const word = readJson(message)?.members.findLast(({ name }) => name === 'response')?.value.text;
    return word !== undefined && WORDS[layout.edition === '2020-01' ? '2020-01' : '2019-12'].failure.includes(word);
  },
  of: seen => {
    const { layout } = seen;
    const id = idOf(seen);
    if (layout === undefined || id === undefined || FROM_SERVER.has(layout.name)) return undefined;
    const [name, text] = id;
    return layout.edition === '2020-01'
      ? libipc(ERROR, { mid: text, reason: REASON })
      : libipc(RESPONSE, { [name]: text, response: 'Error', reason: REASON });
  },
};

function idOf({ message }: SeenMessage): readonly [name: string, text: string] | undefined {
  if (message.length > HEAD_LENGTH + LONGEST_PAYLOAD) return undefined;
  const member = readJson(message)?.members.findLast(({ name }) => ID_NAMES.some(known => known === name));
  if (member?.value.kind !== 'string' || member.value.text.length > LONGEST_ID) return undefined;
  return [member.name, member.value.text];
}

function libipc(userType: number, content: object): Uint8Array {
  const payload = Buffer.from(JSON.stringify(content));
  const bytes = Buffer.alloc(HEAD_LENGTH + payload.length);
  bytes.writeUInt8(LIBIPC_DATA, 0);
  bytes.writeUInt32BE(payload.length, 1);
  bytes.writeUInt8(userType, 5);
  payload.copy(bytes, HEAD_LENGTH);
  return new Uint8Array(bytes);
}
