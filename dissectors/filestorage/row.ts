/**
 * What is remembered of a filestorage connection: one row of numbers, behind the connection log's own, because captures
 * hold connections by the hundred thousand that never end for the observer. Its requests, files and ids stand in tables
 * of all connections (requests.ts, files.ts, identifiers.ts), and the row says where its own begin.
 *
 * Frames are 0 where there is none, as frames begin at 1; references into the tables are number + 1.
 */
import { recordView } from '../../src/sdk.ts';

/** One end: its state, and the messages it has sent, as a mask of the machine's events. */
export const SideRow = recordView(['state', 'sent']);
export type Side = InstanceType<typeof SideRow>;

export const Row = recordView([
  'marks',
  'pendingSignatures',
  /** Newest of the ids that this connection has in the table, as `Identifiers` counts them. */
  'identifiers',
  /** Requests that have not been answered: how many, the oldest, the newest, and the one that is waited for longest. */
  'requests',
  'firstRequest',
  'lastRequest',
  'longestWaiting',
  /** Newest of the files it has announced, and the frame of the first announcement. */
  'files',
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
