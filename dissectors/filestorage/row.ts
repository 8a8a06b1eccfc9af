/**
 * What is remembered of a filestorage connection: one row of numbers, behind the connection log's own, because captures
 * hold connections by the hundred thousand that never end for the observer. Its requests, files and ids stand in tables
 * of all connections (requests.ts, files.ts, identifiers.ts), and the row says where its own begin.
 *
 * Frames are 0 where there is none, as frames begin at 1; references into the tables are number + 1.
 */
import { recordView } from '../../src/sdk.ts';

/** What is true or not of a connection, as bits of `marks`. */
export const MARK = {
  /** Who is the client was assumed from who spoke first. */
  ROLES_ASSUMED: 1 << 0,
  /** The history was not seen whole. */
  PARTIAL: 1 << 1,
  EDITION_2019: 1 << 2,
  EDITION_2020: 1 << 3,
  /** The edition is known from the user, or from a message that leaves no doubt. */
  EDITION_CERTAIN: 1 << 4,
  SERVER_ENDED: 1 << 5,
  /** Not all ids of this connection are in the table. */
  FORGOT_IDENTIFIERS: 1 << 6,
  /** How many bytes the client has sent, or had to send, is not known. */
  BYTES_UNKNOWN: 1 << 7,
  /** It is over; the slot stays in use until signatures are checked. */
  CLOSED: 1 << 8,
  /** A request was forgotten that an answer may yet come to. */
  FORGOT_REQUESTS: 1 << 9,
  /** An announcement could not be understood. */
  NOT_UNDERSTOOD: 1 << 10,
  /** Not all announced files are in the table. */
  FORGOT_FILES: 1 << 11,
  /** More than one AUTHENTICATION was sent: it is not clear what is announced. */
  AUTHENTICATED_AGAIN: 1 << 12,
} as const;

/** Counts beyond 32 bits take two words. */
export const TWO_32 = 2 ** 32;

/** One end: its state, and the messages it has sent, as a mask of the machine's events. */
export const SideRow = recordView(['state', 'sent']);
export type Side = InstanceType<typeof SideRow>;

export const Row = recordView([
  'marks',
  'pendingSignatures',
  /** Newest of the ids that this connection has in the table, as `Identifiers` counts them, and whose they are there. */
  'identifiers',
  'identifierOwner',
  /** Requests that have not been answered: how many, the oldest, the newest, and the one that is waited for longest. */
  'requests',
  'firstRequest',
  'lastRequest',
  'longestWaiting',
  /** Newest of the files it has announced, the one that was named last, and the frame of the first announcement. */
  'files',
  'lastFile',
  'announcementFrame',
  /** Bytes that a client sends which sends each file once. */
  'expectedHigh',
  'expectedLow',
  /** Where and when the first AUTHENTICATION was seen. */
  'authenticationFrame',
  'authenticationSeconds',
  'authenticationNanoseconds',
  /** Frame of the last TRANSFER, and the bytes that all have brought. */
  'lastTransferFrame',
  'sentHigh',
  'sentLow',
]);

/** Words of a connection in its row of the connection log. */
export const ROW_WORDS = Row.width + 2 * SideRow.width;

/** The row of the connection at hand, as the tables see it. */
export interface ConnectionRow extends InstanceType<typeof Row> {
  /** Slot in the connection log. */
  readonly slot: number;
  has(mark: number): boolean;
  mark(mark: number): void;
}
