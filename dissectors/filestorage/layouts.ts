/**
 * The messages of filestorage in both editions, as tables. All have libipc's head and a JSON payload, whose members are
 * in content.ts; the user type in the head says which message it is. The second edition renumbered the user types, so a
 * code point alone names no message.
 */
import { json, type Layout, layoutOf, uint } from '../../src/sdk.ts';
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
];

function layout(edition: Edition, code: number, name: Kind, meaning: string): Layout {
  const userType = uint('userType', 1, {
    title: 'user type',
    labels: { [code]: name },
    meaning: 'which message it is',
    brief: false,
  });
  const payload = json('payload', {
    title: 'payload',
    meaning: 'the message: one JSON object',
    holds: memberNames(name, edition),
  });
  return layoutOf(name, { code, edition, meaning, clause: name }, [...head, userType, payload]);
}

/** The first edition's, then the second's, each by user type. */
export const LAYOUTS: readonly Layout[] = [
  layout('2019-12', 1, 'AUTHENTICATION', 'says who the client is, and names the files to come'),
  layout('2019-12', 2, 'RESPONSE', 'answers a request: "Ok" or "Error"'),
  layout('2019-12', 3, 'TRANSFER', 'brings one chunk of a file'),
  layout('2020-01', 0, 'ERROR', 'tells the client that something went wrong'),
  layout('2020-01', 1, 'AUTHENTICATION', 'says who the client is, and names the files to upload and to download'),
  layout('2020-01', 2, 'UPLOAD-REQUEST', 'names one more file to upload'),
  layout('2020-01', 3, 'DOWNLOAD-REQUEST', 'asks for a file'),
  layout('2020-01', 4, 'RESPONSE', 'answers every request but AUTHENTICATION'),
  layout('2020-01', 5, 'RESPONSES', 'answers AUTHENTICATION, and each request in it'),
  layout('2020-01', 6, 'TRANSFER', 'brings one chunk of a file'),
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
