/** How filestorage is known by its bytes: at the beginning of a connection, and again behind a loss. */
import { type Recognition, readUint } from '../../src/sdk.ts';
import { AUTHENTICATION, HEAD_LENGTH, LAST_USER_TYPE, LIBIPC_DATA, LONGEST_PAYLOAD, USER_TYPE } from './layouts.ts';

const BRACE = 0x7b;
const QUOTE = 0x22;

/** The member that every first message has, and how early. */
const TOKEN = [...'"token"'].map(character => character.charCodeAt(0));
const EARLY = 1024;

/** The client's first message is an AUTHENTICATION: a DATA of user type 1, a JSON object that soon names its token. */
export function beginsWithAuthentication(client: Uint8Array): Recognition {
  if (client.length > 0 && client[0] !== LIBIPC_DATA) return 'no';
  if (client.length < HEAD_LENGTH) return 'more';
  const length = readUint(client, 1, 4, false);
  if (client[USER_TYPE.offset] !== AUTHENTICATION || length === 0 || length > LONGEST_PAYLOAD) return 'no';
  if (client.length === HEAD_LENGTH) return 'more';
  if (client[HEAD_LENGTH] !== BRACE) return 'no';
  const early = HEAD_LENGTH + Math.min(length, EARLY);
  if (holds(client, HEAD_LENGTH + 1, Math.min(early, client.length))) return 'yes';
  return client.length < early ? 'more' : 'no';
}

/** The head of a DATA with a user type that some edition has, and behind it the beginning of an object with members. */
export function resync(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < HEAD_LENGTH + 2 || bytes[at] !== LIBIPC_DATA) return false;
  const length = readUint(bytes, at + 1, 4, false);
  if (length < 2 || length > LONGEST_PAYLOAD || bytes[at + USER_TYPE.offset] > LAST_USER_TYPE) return false;
  return bytes[at + HEAD_LENGTH] === BRACE && bytes[at + HEAD_LENGTH + 1] === QUOTE;
}

function holds(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at + TOKEN.length <= to; at++) {
    if (TOKEN.every((byte, i) => bytes[at + i] === byte)) return true;
  }
  return false;
}
