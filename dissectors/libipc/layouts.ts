/**
 * The four messages of libipc, as tables: one head for all of them, then the payload. What the payload means depends on
 * the user type, which the application defines.
 */
import { defineLayout, type Layout } from '../../src/sdk.ts';

const HEAD = 'libipc: the carrier';

/** Code points, for comparing. */
export const TYPE = { SERVER_CLOSE: 0, ERR: 1, DATA: 2, NETWORK_LOOKUP: 3 } as const;

/** Bytes of type, length and user type. */
export const HEAD_LENGTH = 6;
/** Bytes of the longest payload. */
export const LONGEST_PAYLOAD = 7_999_994;

const layout = (code: number, name: string, meaning: string) =>
  defineLayout({
    name,
    code,
    meaning,
    clause: HEAD,
    fields: [
      {
        name: 'type',
        title: 'type',
        offset: 0,
        size: 1,
        kind: 'uint',
        labels: { [code]: name },
        meaning: 'message type',
        clause: HEAD,
        brief: false,
      },
      {
        name: 'length',
        title: 'length',
        offset: 1,
        size: 4,
        kind: 'uint',
        meaning: 'bytes of the payload alone, big-endian',
        clause: HEAD,
      },
      {
        name: 'userType',
        title: 'user type',
        offset: 5,
        size: 1,
        kind: 'uint',
        meaning: "the application's own message type",
        clause: HEAD,
      },
      {
        name: 'payload',
        title: 'payload',
        offset: HEAD_LENGTH,
        size: 'rest',
        kind: 'bytes',
        meaning: "the application's message",
        clause: HEAD,
        brief: false,
      },
    ],
  });

export const DATA = layout(TYPE.DATA, 'DATA', 'carries a message of the application');

/** By code point. */
export const LAYOUTS: readonly Layout[] = [
  layout(TYPE.SERVER_CLOSE, 'SERVER_CLOSE', "the library's own: the server closes"),
  layout(TYPE.ERR, 'ERR', "the library's own: an error"),
  DATA,
  layout(TYPE.NETWORK_LOOKUP, 'NETWORK_LOOKUP', "the library's own: asks its network daemon for a service elsewhere"),
];

if (LAYOUTS.some(({ code }, index) => code !== index)) {
  throw new Error('the layouts must stand in the order of their code points');
}
