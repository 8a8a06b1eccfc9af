/**
 * The messages of filestorage in both editions, as tables. All have libipc's head and a JSON payload, whose members are
 * in content.ts; the user type in the head says which message it is. The second edition renumbered the user types, so a
 * code point alone names no message.
 */
import { defineMessages, json, type Layout, uint } from '../../src/sdk.ts';
import { memberNames } from './members.ts';
import type { Edition, Kind } from './terms.ts';

/** Bytes of libipc's type, length and user type; the JSON text begins behind them. */
export const HEAD_LENGTH = 6;
export const LONGEST_PAYLOAD = 7_999_994;
export const LIBIPC_DATA = 2;
/** Where the user type stands. */
export const USER_TYPE = { offset: 5, length: 1 } as const;
/** The one user type that means the same in both editions. */
export const AUTHENTICATION = 1;

const HEAD = { clause: 'libipc: the carrier', brief: false } as const;
const head = [
  uint('type', 1, {
    ...HEAD,
    title: 'type',
    labels: { [LIBIPC_DATA]: 'DATA' },
    meaning: "libipc's message type",
  }),
  uint('length', 4, { ...HEAD, title: 'length', meaning: 'bytes of the payload alone, big-endian' }),
  uint('userType', 1, { title: 'user type', meaning: 'which message it is' }),
] as const;

const payloadOf = (kind: Kind, edition: Edition) =>
  json('payload', { title: 'payload', meaning: 'the message: one JSON object', holds: memberNames(kind, edition) });

type Rows = Partial<Readonly<Record<Kind, readonly [code: number, meaning: string]>>>;

/** By user type. A clause is called as the message is. */
function messagesOf(edition: Edition, rows: Rows): readonly Layout[] {
  const entries = Object.entries(rows).map(([kind, [code, meaning]]) => [
    kind,
    [code, kind, meaning, payloadOf(kind as Kind, edition)] as const,
  ]);
  return defineMessages(head, Object.fromEntries(entries), { edition, code: 'userType' }).layouts;
}

/** The first edition's, then the second's. */
export const LAYOUTS: readonly Layout[] = [
  ...messagesOf('2019-12', {
    AUTHENTICATION: [1, 'says who the client is, and names the files to come'],
    RESPONSE: [2, 'answers a request: "Ok" or "Error"'],
    TRANSFER: [3, 'brings one chunk of a file'],
  }),
  ...messagesOf('2020-01', {
    ERROR: [0, 'tells the client that something went wrong'],
    AUTHENTICATION: [1, 'says who the client is, and names the files to upload and to download'],
    'UPLOAD-REQUEST': [2, 'names one more file to upload'],
    'DOWNLOAD-REQUEST': [3, 'asks for a file'],
    RESPONSE: [4, 'answers every request but AUTHENTICATION'],
    RESPONSES: [5, 'answers AUTHENTICATION, and each request in it'],
    TRANSFER: [6, 'brings one chunk of a file'],
  }),
];

/** Highest user type of any edition. */
export const LAST_USER_TYPE = 6;

const indexTable = (edition: Edition) =>
  Array.from({ length: LAST_USER_TYPE + 1 }, (_, code) =>
    LAYOUTS.findIndex(known => known.edition === edition && known.code === code),
  );
const INDEX: Readonly<Record<Edition, readonly number[]>> = {
  '2019-12': indexTable('2019-12'),
  '2020-01': indexTable('2020-01'),
};

/** Index into `LAYOUTS` of an edition's message with this user type, or -1. */
export function layoutIndex(edition: Edition, userType: number): number {
  return INDEX[edition][userType] ?? -1;
}

/** Messages that the server sends; all others are the client's. */
export const FROM_SERVER: ReadonlySet<string> = new Set<Kind>(['ERROR', 'RESPONSE', 'RESPONSES']);
