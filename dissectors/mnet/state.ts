/**
 * What is remembered of a connection: one row of numbers, of which both sides have a part of the same shape.
 * Times are seconds and nanoseconds of capture time; frames are 0 where there is none.
 */
import { type ConnectionLog, Records, ROW_START, recordView } from '../../src/sdk.ts';
import { TYPE } from './layouts.ts';

/** What every message needs of its connection. */
export const Connection = recordView([
  'flags',
  [
    /** End of the flow (0 or 1) that is the connector. */
    'connectorSide',
    /** Readings of the tags that all messages so far allow, as a mask of `READING`. */
    'readings',
  ],
  'initTag',
  /** Tag of the cookie that was echoed last, or issued last while none was. */
  'listenerTag',
]);
export type Connection = InstanceType<typeof Connection>;

/** What every message needs of the side that sent it, and of the other. */
export const Side = recordView([
  [
    'state',
    /** INIT, COOKIE-ECHO or SHUTDOWN that waits for an answer: type + 1. */
    'waiting',
    /** SHUTDOWN-ACK that waits for an answer: type + 1. */
    'closing',
  ],
  /** Messages this side has sent, as two masks of the machine's events: those that broke no rule, and those that did. */
  'sent',
  'flags',
  /** Highest outgoing sequence seen from this side, and its frame. */
  'highest',
  'highestFrame',
  /** Highest count this side has acknowledged, and its frame. */
  'acknowledged',
  'acknowledgedFrame',
  /** Tag in this side's last message after the handshake. */
  'tag',
  /** Newest record of this side's stream in the stream memory. */
  'stream',
]);
export type Side = InstanceType<typeof Side>;

const ConnectionDetailView = recordView([
  'initFrame',
  /** Newest cookie issued to this connection, id + 1, and how many there are. */
  'cookies',
  'cookieCount',
  'cookieFrame',
  /** When the first of them was issued. */
  'cookieSeconds',
  'cookieNanoseconds',
  'echoFrame',
  /** Its entry in the table of live tags, id + 1. */
  'liveTag',
]);

const SideDetailView = recordView([
  /** Frame of this side's last SHUTDOWN, SHUTDOWN-COMPLETE or ABORT. */
  'endFrame',
  /** The messages that wait: two places of `WaitView`. */
  'wait0',
  'wait1',
  'wait2',
  'wait3',
  'wait4',
  'wait5',
  /** The count it acknowledged beyond what was sent. */
  'overstated',
  /** How far its DATA that broke a rule would have gone, where that is beyond its highest sequence. */
  'claimed',
  /** The counts that its SHUTDOWNs have acknowledged, and how many different ones there were. */
  'shutdowns',
  'shutdown0',
  'shutdown1',
  'shutdown2',
  /**
   * Of its last COOKIE-ECHO that was no copy of a cookie issued to it: hash + 1, and the listener's tag in it. Of a listener, the
   * tag of its COOKIE-ACK that answered no echo.
   */
  'strangeEcho',
  'strangeTag',
  /** After how many microseconds it first sent an INIT again, before its echo; 0 where it did not. */
  'pace',
]);

/** Frame and time of a message that waits for an answer. */
const WaitView = recordView(['frame', 'seconds', 'nanoseconds']);

export type ConnectionDetail = InstanceType<typeof ConnectionDetailView>;
export type SideDetail = InstanceType<typeof SideDetailView>;
export type Wait = InstanceType<typeof WaitView>;

/** Flags of a connection. */
export const FLAG = {
  /** Taken up midstream, or bytes of it were cut: what needs the history is inconclusive. */
  PARTIAL: 1 << 0,
  INIT_TAG_KNOWN: 1 << 1,
  LISTENER_TAG_KNOWN: 1 << 2,
  /** Cookies with different tags were echoed, or issued and none echoed yet: which is in force is not known. */
  LISTENER_TAG_VARIES: 1 << 3,
  /** An INIT of version 1, or of another version, was seen. */
  INIT_VERSION_1: 1 << 4,
  INIT_OTHER_VERSION: 1 << 5,
  /** An echo was seen that must be taken; one that must not be, and was not yet followed by an answer. */
  GOOD_ECHO: 1 << 6,
  BAD_ECHO: 1 << 7,
  COOKIES_FORGOTTEN: 1 << 8,
  ORDER_KNOWN: 1 << 9,
  LITTLE_ENDIAN: 1 << 10,
  /** Who is the connector was assumed from who spoke first. */
  ROLES_ASSUMED: 1 << 11,
  /** Messages after the handshake were seen from the connector, from the listener. */
  CONNECTOR_TAGGED: 1 << 12,
  LISTENER_TAGGED: 1 << 13,
  READING_ANNOUNCED: 1 << 14,
  /** The tag that its listener made was counted for the host. */
  LISTENER_TAG_COUNTED: 1 << 15,
  /** What is known of the last bad echo: it may copy a cookie that was not seen; it was bad by its Expiration alone. */
  ECHO_OF_UNSEEN: 1 << 16,
  ECHO_EXPIRED_ONLY: 1 << 17,
  /** A cookie was expired when it was issued: the listener's clock and the capture's differ, or it does not look at it. */
  CLOCKS_DIFFER: 1 << 18,
  /** All that was seen of it is an INIT that opens nothing. */
  BLANK: 1 << 19,
  /** It was opened by an INIT that may be an older connection's, late: partial, until its connector echoes its cookie. */
  MAY_BE_OLD: 1 << 20,
  /** The last bad echo copies a cookie that was issued to another. */
  ECHO_OF_ANOTHER: 1 << 21,
  /** It names another INIT than the connection's: a connection of its own may have begun unseen. */
  ECHO_OF_ANOTHER_INIT: 1 << 22,
  /** Its echo was sent more than once: so may its answer have been. */
  ECHO_REPEATED: 1 << 23,
} as const;

/** Flags of a side. */
export const SIDE_FLAG = {
  SENT_DATA: 1 << 0,
  ACKNOWLEDGED: 1 << 1,
  /** Its counter has passed 2^32. */
  WRAPPED: 1 << 2,
  /** DATA of this side that broke a rule would have gone beyond its highest sequence, to `claimed`. */
  CLAIMS: 1 << 3,
  TAG_KNOWN: 1 << 4,
  /** It has acknowledged bytes that nobody sent: `overstated` of them, and goes on doing so until it says otherwise. */
  OVERSTATES: 1 << 5,
  /** Its tag is the one that the reading in force allows it. */
  TAG_RIGHT: 1 << 6,
  /** It has sent data since its peer acknowledged all that it had sent. */
  OWED: 1 << 7,
  /** It has sent bytes again. */
  REPEATS: 1 << 8,
} as const;

const FIRST_WAIT = 1;
/** Different counts in SHUTDOWNs of a side that are remembered, to recognise repetitions. */
export const SHUTDOWN_SLOTS = 3;
/** Place of `shutdown0`. */
const FIRST_SHUTDOWN = 10;
const BROKEN_SHIFT = 16;
const ALL_EVENTS = (1 << BROKEN_SHIFT) - 1;
/** Mask, in `Side.sent`, of the messages that broke a rule. */
export const ANY_BROKEN = ALL_EVENTS << BROKEN_SHIFT;

/** Bit, in `Side.sent`, of a message that broke no rule, and of one that did. */
export const saidBit = (event: number): number => 1 << event;
export const brokenBit = (event: number): number => 1 << (event + BROKEN_SHIFT);
/** The messages that a side has sent, well or badly: what its peer may have answered. */
export const saidAtAll = (sent: number): number => (sent | (sent >>> BROKEN_SHIFT)) & ALL_EVENTS;
/** Of what a side has sent badly, what it goes on from all the same. */
const GOES_ON_FROM = saidBit(TYPE.COOKIE_ECHO) | saidBit(TYPE.COOKIE_ACK);
export const saidAsSelf = (sent: number): number => sent | (saidAtAll(sent) & GOES_ON_FROM);
/** Words of a connection in its row of the connection log: with the log's own the row is two cache lines. */
export const ROW_WORDS = Connection.width + 2 * Side.width;
const DETAIL_WIDTH = ConnectionDetailView.width + 2 * SideDetailView.width;

/**
 * The rows of all connections of a capture, and cursors into them. What every DATA needs stands in the row that the
 * connection log keeps anyway, apart from what only the handshake, the end and a finding need.
 */
export class ConnectionTable {
  readonly #hot: Records;
  readonly #details = new Records(DETAIL_WIDTH);

  constructor(log: ConnectionLog) {
    this.#hot = log.rows;
  }

  connection(): Connection {
    return new Connection(this.#hot);
  }

  side(): Side {
    return new Side(this.#hot);
  }

  connectionDetail(): ConnectionDetail {
    return new ConnectionDetailView(this.#details);
  }

  sideDetail(): SideDetail {
    return new SideDetailView(this.#details);
  }

  wait(): Wait {
    return new WaitView(this.#details);
  }

  /** Clears the details of a connection that was just opened; its row in the log is new. */
  reset(slot: number): void {
    this.#details.reset(slot);
  }

  /** Moves a cursor to a connection. */
  seek(connection: Connection, slot: number): void {
    connection.base = slot * this.#hot.width + ROW_START;
  }

  /** Moves a cursor to the part of the end `side` (0 or 1) of a connection. */
  seekSide(view: Side, slot: number, side: number): void {
    view.base = slot * this.#hot.width + ROW_START + Connection.width + side * Side.width;
  }

  seekDetail(detail: ConnectionDetail, slot: number): void {
    detail.base = slot * DETAIL_WIDTH;
  }

  seekSideDetail(detail: SideDetail, slot: number, side: number): void {
    detail.base = slot * DETAIL_WIDTH + ConnectionDetailView.width + side * SideDetailView.width;
  }

  /** Moves a cursor to the place 0 or 1 where a message of a side waits. */
  seekWait(wait: Wait, slot: number, side: number, place: number): void {
    const detail = slot * DETAIL_WIDTH + ConnectionDetailView.width + side * SideDetailView.width;
    wait.base = detail + FIRST_WAIT + place * WaitView.width;
  }

  /** Has this side sent a SHUTDOWN that acknowledged this count? */
  hasShutDownAt(side: SideDetail, count: number): boolean {
    const known = Math.min(side.shutdowns, SHUTDOWN_SLOTS);
    const first = side.base + FIRST_SHUTDOWN;
    for (let i = 0; i < known; i++) if (this.#details.words[first + i] === count) return true;
    return false;
  }

  addShutdown(side: SideDetail, count: number): void {
    if (this.hasShutDownAt(side, count)) return;
    this.#details.words[side.base + FIRST_SHUTDOWN + (side.shutdowns % SHUTDOWN_SLOTS)] = count;
    side.shutdowns++;
  }
}
