/**
 * What is remembered of a filestorage connection: one row of numbers, behind the connection log's own, because captures
 * hold connections by the hundred thousand that never end for the observer. Its requests, files and ids stand in tables
 * of all connections (requests.ts, files.ts, identifiers.ts), and the row says where its own begin.
 *
 * There is one `Connection`, moved from row to row. Frames are 0 where there is none, as frames begin at 1; references
 * into the tables are number + 1.
 */
import { type ConnectionLog, type Doubt, ROW_START, recordView } from '../../src/sdk.ts';
import { Announcements, type Files } from './files.ts';
import { MARK, TWO_32 } from './marks.ts';
import { Outstanding, type Requests } from './requests.ts';
import type { Edition } from './terms.ts';

/** One end: its state, and the messages it has sent, as a mask of the machine's events. */
const SideRow = recordView(['state', 'sent']);
export type Side = InstanceType<typeof SideRow>;

const Row = recordView([
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

export class Connection extends Row {
  /** Slot in the connection log. */
  slot = 0;
  readonly client: Side;
  readonly server: Side;
  readonly outstanding: Outstanding;
  readonly announcements: Announcements;
  readonly #log: ConnectionLog;

  constructor(log: ConnectionLog, requests: Requests, files: Files) {
    super(log.rows);
    this.#log = log;
    this.client = new SideRow(log.rows);
    this.server = new SideRow(log.rows);
    this.outstanding = new Outstanding(this, requests);
    this.announcements = new Announcements(this, files);
    this.seek(0);
  }

  /** Moves to the row of a connection. */
  seek(slot: number): this {
    this.slot = slot;
    this.base = slot * this.#log.rows.width + ROW_START;
    this.client.base = this.base + Row.width;
    this.server.base = this.client.base + SideRow.width;
    return this;
  }

  has(mark: number): boolean {
    return (this.marks & mark) !== 0;
  }

  mark(mark: number): void {
    this.marks |= mark;
  }

  clear(mark: number): void {
    this.marks &= ~mark;
  }

  get partial(): boolean {
    return this.has(MARK.PARTIAL);
  }

  /** Why a rule about it that asks for what was forgotten, or could not be read, is inconclusive. */
  get doubt(): Doubt {
    return this.has(MARK.FORGOT_IDENTIFIERS | MARK.FORGOT_REQUESTS | MARK.FORGOT_FILES) ? 'bound' : 'ambiguous';
  }

  get edition(): Edition | undefined {
    return this.has(MARK.EDITION_2020) ? '2020-01' : this.has(MARK.EDITION_2019) ? '2019-12' : undefined;
  }
  set edition(edition: Edition | undefined) {
    this.clear(MARK.EDITION_2019 | MARK.EDITION_2020);
    if (edition) this.mark(edition === '2020-01' ? MARK.EDITION_2020 : MARK.EDITION_2019);
  }

  /** End of the flow (0 or 1) that is the client. */
  get clientSide(): number {
    return this.#log.clientSide(this.slot);
  }
  set clientSide(side: number) {
    this.#log.setClientSide(this.slot, side);
  }

  /** Bytes that the TRANSFERs brought. */
  get sentBytes(): number {
    return this.sentHigh * TWO_32 + this.sentLow;
  }
  set sentBytes(bytes: number) {
    this.sentHigh = bytes / TWO_32;
    this.sentLow = bytes;
  }

  side(end: number): Side {
    return end === this.clientSide ? this.client : this.server;
  }
}
