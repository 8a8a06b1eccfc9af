/**
 * The four messages of libipc: one head for all of them, then the payload. What the payload means depends on the user
 * type, which the application defines.
 */
import { bytes, defineMessages, uint } from '../../src/sdk.ts';

const CLAUSE = 'libipc: the carrier';

/** Code points, for comparing. */
export const TYPE = { SERVER_CLOSE: 0, ERR: 1, DATA: 2, NETWORK_LOOKUP: 3 } as const;

/** Bytes of type, length and user type. */
export const HEAD_LENGTH = 6;
/** Bytes of the longest payload. */
export const LONGEST_PAYLOAD = 7_999_994;

const head = [
  uint('type', 1, { title: 'type', meaning: 'message type' }),
  uint('length', 4, { title: 'length', meaning: 'bytes of the payload alone, big-endian' }),
  uint('userType', 1, { title: 'user type', meaning: "the application's own message type" }),
] as const;
const payload = bytes('payload', 'rest', { title: 'payload', meaning: "the application's message", brief: false });

export const messages = defineMessages(head, {
  SERVER_CLOSE: [TYPE.SERVER_CLOSE, CLAUSE, "the library's own: the server closes", payload],
  ERR: [TYPE.ERR, CLAUSE, "the library's own: an error", payload],
  DATA: [TYPE.DATA, CLAUSE, 'carries a message of the application', payload],
  NETWORK_LOOKUP: [
    TYPE.NETWORK_LOOKUP,
    CLAUSE,
    "the library's own: asks its network daemon for a service elsewhere",
    payload,
  ],
});

/** By code point. */
export const LAYOUTS = messages.layouts;

if (LAYOUTS.some(({ code }, index) => code !== index)) {
  throw new Error('the layouts must stand in the order of their code points');
}
