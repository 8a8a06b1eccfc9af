/**
 * A filestorage connection: its row (row.ts), and with it all that belongs to it in the tables of requests and files. There
 * is one `Connection`, moved from row to row.
 */
import { type ConnectionLog, type Doubt, ROW_START } from '../../src/sdk.ts';
import { Announcements, type Files } from './files.ts';
import { Outstanding, type Requests } from './requests.ts';
import { type ConnectionRow, MARK, Row, type Side, SideRow, TWO_32 } from './row.ts';
import type { Edition } from './terms.ts';

export class Connection extends Row implements ConnectionRow {
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
