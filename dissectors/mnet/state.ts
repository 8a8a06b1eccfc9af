/**
 * What is remembered of a connection: one row of numbers, of which both sides have a part of the same shape.
 * Times are seconds and nanoseconds of capture time; frames are 0 where there is none.
 */
import { Records, recordView } from '../../src/sdk.ts';

const ConnectionView = recordView([
  'flags',
  /** End of the flow (0 or 1) that is the connector. */
  'connectorSide',
  'initTag',
  /** Tag of the cookie that was echoed last, or issued last while none was. */
  'listenerTag',
  /** Readings of the tags that all messages so far allow, as a mask of `READING`. */
  'readings',
]);

const SideView = recordView([
  'state',
  /** Messages this side has sent, well-formed or not, as a mask of the machine's events. */
  'sent',
  'flags',
  /** Highest outgoing sequence seen from this side, and highest count it has acknowledged, with their frames. */
  'highest',
  'highestFrame',
  'acknowledged',
  'acknowledgedFrame',
  /** Tag in this side's last message after the handshake. */
  'tag',
  /** Newest record of this side's stream in the stream memory. */
  'stream',
  /** INIT, COOKIE-ECHO or SHUTDOWN that waits for an answer, and SHUTDOWN-ACK that does: type + 1. */
  'waiting',
  'closing',
]);

const ConnectionDetailView = recordView([
  'initFrame',
  /** Newest cookie issued to this connection, id + 1, and how many there are. */
  'cookies',
  'cookieCount',
  'cookieFrame',
  'echoFrame',
  /** Its entry in the table of live tags, id + 1. */
  'liveTag',
]);

const SideDetailView = recordView([
  /** Frame of this side's last SHUTDOWN, SHUTDOWN-COMPLETE or ABORT. */
  'endFrame',
  /** Frame and time of the messages that wait. */
  'waitingFrame',
  'waitingSeconds',
  'waitingNanoseconds',
  'closingFrame',
  'closingSeconds',
  'closingNanoseconds',
  /** Hashes of the control messages this side has sent, and how many there were. */
  'controls',
  'control0',
  'control1',
  'control2',
  'control3',
  'control4',
  'control5',
]);

export type Connection = InstanceType<typeof ConnectionView>;
export type Side = InstanceType<typeof SideView>;
export type ConnectionDetail = InstanceType<typeof ConnectionDetailView>;
export type SideDetail = InstanceType<typeof SideDetailView>;

/** Flags of a connection. */
export const FLAG = {
  /** Taken up midstream, or bytes of it were cut: what needs the history is inconclusive. */
  PARTIAL: 1 << 0,
  INIT_TAG_KNOWN: 1 << 1,
  LISTENER_TAG_KNOWN: 1 << 2,
  /** Cookies with different tags were echoed: which one is in force cannot be told. */
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
} as const;

/** Flags of a side. */
export const SIDE_FLAG = {
  SENT_DATA: 1 << 0,
  ACKNOWLEDGED: 1 << 1,
  /** Its counter has passed 2^32. */
  WRAPPED: 1 << 2,
  /** A malformed DATA of this side was seen: its counter is not known until its next DATA. */
  DISTURBED: 1 << 3,
  TAG_KNOWN: 1 << 4,
} as const;

const CONTROL_SLOTS = 6;
const FIRST_CONTROL = SideDetailView.width - CONTROL_SLOTS;
const WIDTH = ConnectionView.width + 2 * SideView.width;
const DETAIL_WIDTH = ConnectionDetailView.width + 2 * SideDetailView.width;

/**
 * The rows of all connections of a capture, and cursors into them. What every DATA needs stands apart from what only
 * the handshake, the end and a finding need: with a hundred thousand connections each cache line counts.
 */
export class ConnectionTable {
  readonly #hot = new Records(WIDTH);
  readonly #details = new Records(DETAIL_WIDTH);

  connection(): Connection {
    return new ConnectionView(this.#hot);
  }

  side(): Side {
    return new SideView(this.#hot);
  }

  connectionDetail(): ConnectionDetail {
    return new ConnectionDetailView(this.#details);
  }

  sideDetail(): SideDetail {
    return new SideDetailView(this.#details);
  }

  reset(slot: number): void {
    this.#hot.reset(slot);
    this.#details.reset(slot);
  }

  /** Moves a cursor to a connection. */
  seek(connection: Connection, slot: number): void {
    connection.base = slot * WIDTH;
  }

  /** Moves a cursor to the part of the end `side` (0 or 1) of a connection. */
  seekSide(view: Side, slot: number, side: number): void {
    view.base = slot * WIDTH + ConnectionView.width + side * SideView.width;
  }

  seekDetail(detail: ConnectionDetail, slot: number): void {
    detail.base = slot * DETAIL_WIDTH;
  }

  seekSideDetail(detail: SideDetail, slot: number, side: number): void {
    detail.base = slot * DETAIL_WIDTH + ConnectionDetailView.width + side * SideDetailView.width;
  }

  /** Has this side sent a control message with this hash? */
  hasSentControl(side: SideDetail, hash: number): boolean {
    const { words } = this.#details;
    const count = Math.min(side.controls, CONTROL_SLOTS);
    for (let i = 0; i < count; i++) if (words[side.base + FIRST_CONTROL + i] === hash) return true;
    return false;
  }

  /** Were there more different control messages than are remembered? Then "never sent before" cannot be said. */
  forgotControls(side: SideDetail): boolean {
    return side.controls > CONTROL_SLOTS;
  }

  addControl(side: SideDetail, hash: number): void {
    this.#details.words[side.base + FIRST_CONTROL + (side.controls % CONTROL_SLOTS)] = hash;
    side.controls++;
  }
}
