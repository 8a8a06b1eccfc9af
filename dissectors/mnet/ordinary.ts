/**
 * The short way of an ordinary DATA, with bytes or as a bare acknowledgement: one that goes on where its side has stopped, or
 * is its side's first, in an established connection about which nothing is out of the ordinary. It does exactly what the whole
 * way does (tracker.ts), or nothing. It is short because what such a message may mean, and may change, is known from the beginning;
 * the judge counts it by the same remarks, and what it says is taken over by the same hands.
 */
import type { MachineRun, Message, TrackerHost } from '../../src/sdk.ts';
import { appendBytes } from './counters.ts';
import { beyondSent, distance, type Exchange, REMARK } from './exchange.ts';
import { DATA, TYPE } from './layouts.ts';
import { BARE_DATA } from './machine.ts';
import type { Sessions } from './sessions.ts';
import { type ConnectionTable, FLAG, SIDE_FLAG, saidBit } from './state.ts';
import { stateNumber } from './states.ts';
import type { Terms } from './terms.ts';

const { sequence: SEQUENCE, acknowledged: ACKNOWLEDGED, length: LENGTH } = DATA.fields;
const HEADER = DATA.fixedLength;
const ESTABLISHED = stateNumber('ESTABLISHED');
const SAID_DATA = saidBit(TYPE.DATA);

const ROLES = [0, 1];
const NO_BYTES = new Uint8Array(0);

// Read once: where a branch reads a property, what the compiler makes of it is thrown away when the branch is first taken.
const { FIRST, BARE, OLDER } = REMARK;
const { OWED, TAG_RIGHT } = SIDE_FLAG;
const { INIT_TAG_KNOWN, LISTENER_TAG_KNOWN, LITTLE_ENDIAN } = FLAG;

/** Flags of a connection that are looked at, and those of them that an ordinary one has. */
const LOOKED_AT = FLAG.ORDER_KNOWN | FLAG.PARTIAL | FLAG.BLANK | FLAG.BAD_ECHO;
const ORDINARY = FLAG.ORDER_KNOWN;
/** Flags of a side that leave in doubt what it has sent, or what its peer has. */
export const DOUBTFUL = SIDE_FLAG.CLAIMS | SIDE_FLAG.OVERSTATES;
/** The same of the side that has sent the message: it has sent DATA before, or none yet. */
const BEGUN = SIDE_FLAG.SENT_DATA | SIDE_FLAG.ACKNOWLEDGED;
const OF_SENDER = BEGUN | DOUBTFUL;

/** What a short way needs of the tracker. */
export interface WayParts {
  readonly host: TrackerHost<Exchange>;
  readonly exchange: Exchange;
  readonly table: ConnectionTable;
  readonly sessions: Sessions;
  readonly terms: Terms;
}

export class Ordinary {
  readonly #host: TrackerHost<Exchange>;
  readonly #run: MachineRun;
  readonly #exchange: Exchange;
  readonly #table: ConnectionTable;
  readonly #sessions: Sessions;
  readonly #terms: Terms;
  /** Steps of both sides in a DATA, with bytes and bare: as they send it, by role, then as they receive it. */
  readonly #steps: readonly number[];
  readonly #bareSteps: readonly number[];
  /** The bytes that the last message stood in, and a view of them: most stand in one large buffer. */
  #bytes: Uint8Array = NO_BYTES;
  #view: DataView = new DataView(NO_BYTES.buffer);

  constructor({ host, exchange, table, sessions, terms }: WayParts) {
    this.#host = host;
    this.#run = host.machineRun;
    this.#exchange = exchange;
    this.#table = table;
    this.#sessions = sessions;
    this.#terms = terms;
    const steps = (event: number) =>
      [false, true].flatMap(received => ROLES.map(role => this.#run.staying(role, ESTABLISHED, event, received)));
    this.#steps = steps(TYPE.DATA);
    this.#bareSteps = steps(BARE_DATA);
  }

  /**
   * Judges the DATA in the exchange and takes in what it says, if it is an ordinary one.
   * @returns the slot of its connection; -1 where nothing was done
   */
  takes(message: Message): number {
    const exchange = this.#exchange;
    const { side, connection, sender, receiver } = exchange;
    const slot = this.#sessions.current(exchange.flow);
    // What is held wants to see all of a message.
    if (slot < 0 || message.captured < HEADER || this.#host.judge.isHolding) return -1;
    this.#table.seek(connection, slot);
    this.#table.seekSide(sender, slot, side);
    this.#table.seekSide(receiver, slot, 1 - side);
    const { flags } = connection;
    const senderFlags = sender.flags;
    const ofSender = senderFlags & OF_SENDER;
    const isFirst = ofSender === 0;
    const hasBegun = ofSender === BEGUN;
    if ((flags & LOOKED_AT) !== ORDINARY || !(isFirst || hasBegun) || receiver.flags & DOUBTFUL) return -1;
    if (sender.state !== ESTABLISHED || receiver.state !== ESTABLISHED) return -1;
    if (sender.waiting | sender.closing | receiver.waiting | receiver.closing) return -1;

    // For the same reason what is asked for in some messages only is read in all of them.
    const { tag } = exchange;
    const { tag: itsTag, highest: itsHighest, acknowledged: itsAcknowledged } = sender;
    const { initTag, listenerTag } = connection;
    const isItsTag = tag === itsTag;
    const isTagNew = (senderFlags & TAG_RIGHT) === 0 || !isItsTag;
    const owners = (tag === initTag ? INIT_TAG_KNOWN : 0) | (tag === listenerTag ? LISTENER_TAG_KNOWN : 0);
    if ((flags & owners) === 0) return -1;

    const { bytes, start, length } = message;
    if (bytes !== this.#bytes) this.#turnTo(bytes);
    const view = this.#view;
    const littleEndian = (flags & LITTLE_ENDIAN) !== 0;
    const dataLength = length - HEADER;
    const sequence = view.getUint32(start + SEQUENCE.offset, littleEndian);
    const acknowledged = view.getUint32(start + ACKNOWLEDGED.offset, littleEndian);
    if (view.getUint16(start + LENGTH.offset, littleEndian) !== dataLength) return -1;
    const highest = isFirst ? 0 : itsHighest;
    if (distance(sequence, highest) !== dataLength || sequence < dataLength) return -1;
    const unsent = beyondSent(acknowledged, receiver);
    const newly = distance(acknowledged, itsAcknowledged);
    const isLower = newly < 0;
    const isSame = newly === 0;
    if (unsent > 0 || (!isFirst && isLower)) return -1;
    exchange.fromConnector = connection.connectorSide === side;
    if (isTagNew && !this.#terms.allowsQuietly()) return -1;
    const isOlder = dataLength === 0 && !isFirst;
    const remarks = (isFirst ? FIRST : 0) | (dataLength > 0 ? 0 : BARE) | (isOlder ? OLDER : 0);
    if (!this.#host.judge.passesUnasked(TYPE.DATA, exchange, 0, remarks)) return -1;

    exchange.slot = slot;
    exchange.flags = flags;
    message.littleEndian = littleEndian;
    this.#host.connections.touch(slot, message);
    sender.sent |= SAID_DATA;
    receiver.flags &= unsent === 0 ? ~OWED : ~0;
    if (isTagNew) this.#terms.takeNewTag();
    if (isFirst || !isSame) {
      sender.acknowledged = acknowledged;
      sender.acknowledgedFrame = message.frame;
    }
    const withBytes = this.#steps;
    const bare = this.#bareSteps;
    if (isOlder) return slot;
    const role = exchange.fromConnector ? 0 : 1;
    const steps = dataLength > 0 ? withBytes : bare;
    this.#run.stays(steps[role]);
    this.#run.stays(steps[3 - role]);
    appendBytes(exchange, message, highest, 0);
    sender.highest = sequence;
    sender.highestFrame = message.frame;
    sender.flags |= dataLength > 0 ? BEGUN | OWED : BEGUN;
    return slot;
  }

  /** The message stands in other bytes than the one before. */
  #turnTo(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }
}
