/**
 * Follows the connections of all sessions: finds the connection of a message by its id, has the message judged against
 * what is known so far, then takes over what it says. A malformed message moves nothing.
 */
import {
  ALL_REMARKS,
  BROKEN,
  frames,
  INCONCLUSIVE,
  type Layout,
  type MachineRun,
  type Message,
  MOST_ENTRIES,
  messageCountsOf,
  type Outcome,
  PASS,
  SKIP,
  Subject,
  type Tracker,
  type TrackerHost,
} from '../../src/sdk.ts';
import { Exchange, FOUND, REMARK } from './exchange.ts';
import { ACCEPTED, IdTable, JITTER, OPENED, REUSE_AFTER } from './ids.ts';
import {
  ACK,
  ACK_LENGTH,
  CHAFF,
  HEADER_LENGTH,
  idOf,
  isClients,
  isClose,
  isData,
  LAYOUTS,
  RESERVED_ID,
  TYPE,
  typeOfMessage,
} from './layouts.ts';
import { Ordinary } from './ordinary.ts';
import { leftOpen, unknownSession } from './rules/session.ts';
import { LIST, SESSION, Sessions, unseeAll, unseen } from './sessions.ts';
import { type Connection, ConnectionTable, type Detail, DOUBTS, FLAG, UNCERTAIN } from './state.ts';
import { isFinal, ROLES, STATES, stateNumber } from './states.ts';
import { Strays } from './strays.ts';
import { Waits } from './waits.ts';

const CLIENT = ROLES.indexOf('client');
const SERVER = ROLES.indexOf('server');
const NONE = stateNumber('NONE');
const SYN_SENT = stateNumber('SYN-SENT');
const OPEN = stateNumber('OPEN');
const CLIENT_CLOSED = stateNumber('CLIENT-CLOSED');

/** Ids that a connection can have: the client's, the server's, and that of a second ACK. */
const IDS_A_CONNECTION = 3;

export class MinistreamingTracker implements Tracker {
  layout: Layout | undefined = undefined;
  readonly #host: TrackerHost<Exchange>;
  readonly #run: MachineRun;
  readonly #table: ConnectionTable;
  readonly #ids: IdTable;
  readonly #sessions: Sessions;
  readonly #waits: Waits;
  readonly #strays: Strays;
  readonly #exchange: Exchange;
  readonly #ordinary: Ordinary | undefined;
  readonly #subject = new Subject();
  readonly #other: Connection;
  readonly #otherDetail: Detail;
  readonly #ignoresChaff: boolean;
  /** The message at hand showed that its session was taken up midstream. */
  #midstream = false;
  /** The message at hand opened its connection. */
  #opened = false;
  readonly #counts = new Float64Array(TYPE.CHAFF + 1);

  /** @param takesShortWay false where every message is to go the whole way */
  constructor(host: TrackerHost<Exchange>, message: Message, takesShortWay = true) {
    this.#host = host;
    this.#run = host.machineRun;
    this.#table = new ConnectionTable(host.connections);
    const entries = IDS_A_CONNECTION * 2 * host.limits.flows;
    this.#ids = new IdTable(host.seed, Math.min(MOST_ENTRIES, entries));
    this.#sessions = new Sessions(host, this.#table, this.#ids);
    this.#waits = new Waits(host, this.#table, this.#sessions);
    this.#ignoresChaff = host.dialect.choice('chaff') === 'ignore';
    this.#exchange = new Exchange(message, this.#table, this.#sessions.session, {
      ignoresChaff: this.#ignoresChaff,
      wantsDestination: host.dialect.choice('key') === 'i2p-destination',
    });
    this.#strays = new Strays(this.#exchange, this.#table, this.#ids, this.#sessions, this.#waits);
    this.#ordinary = takesShortWay ? new Ordinary(host, this.#exchange, this.#table, this.#ids) : undefined;
    this.#other = this.#table.connection();
    this.#otherDetail = this.#table.detail();
  }

  get messageName(): string {
    return this.#exchange.messageName;
  }

  message(flow: number, side: number, message: Message): number {
    const exchange = this.#exchange;
    const type = typeOfMessage(message, this.#ignoresChaff);
    this.layout = type === TYPE.CHAFF ? CHAFF : LAYOUTS[type];
    this.#counts[type]++;
    exchange.message = message;
    exchange.type = type;
    exchange.flow = flow;
    exchange.side = side;
    const session = this.#sessions.seek(flow);
    if (this.#ordinary && isData(type)) {
      const ordinary = this.#ordinary.takes(type, message, session);
      if (ordinary >= 0) return ordinary;
    }
    if (session.first(LIST.WAITING) !== 0) this.#waits.check(exchange.now);
    this.#midstream = !(session.flags & SESSION.BEGUN) && type !== TYPE.CHAFF && this.#begin(flow, type);
    const slot = this.#find(type, message);
    this.#enter(slot);
    this.#host.connections.touch(slot, message);
    if (this.#midstream) this.#announce();
    if (type !== TYPE.CHAFF) this.#judge(type, message);
    return slot;
  }

  close(flow: number, now: number): void {
    this.#sessions.seek(flow);
    this.#waits.check(now);
    this.#strays.ending(this.#mayHaveBegunBefore(flow));
    for (let slot = this.#sessions.oldest(); slot >= 0; slot = this.#sessions.oldest()) this.#closeConnection(slot);
    this.#sessions.end();
  }

  carried(flow: number, side: number, message: Message): number {
    this.#sessions.seek(flow);
    return this.#sessions.nobody(flow, side, message);
  }

  lost(flow: number, side: number): void {
    const session = this.#sessions.seek(flow);
    session.losses++;
    session.flags |= unseen(side, OPENED) | unseen(side, ACCEPTED);
  }

  ended(flow: number): void {
    this.#sessions.seek(flow);
    this.#waits.ended();
  }

  state(slot: number): string {
    return STATES[this.#at(slot).state];
  }

  /** A connection has one state for both sides. */
  stateOf(slot: number): number {
    return this.#at(slot).state;
  }

  settled(): ReadonlyMap<string, readonly string[]> {
    return new Map();
  }

  messageCounts(): ReadonlyMap<string, number> {
    const counts = messageCountsOf(LAYOUTS, this.#counts);
    const chaff = this.#counts[TYPE.CHAFF];
    return chaff ? counts.set(CHAFF.name, chaff) : counts;
  }

  // Sessions and what was seen of them

  /**
   * The first message of a session. True when the session was seen to be taken up midstream. A SYN is the first only if
   * the pair had said nothing before: what comes before a SYN is not recognised, and not handed on.
   */
  #begin(flow: number, type: number): boolean {
    const { session } = this.#sessions;
    session.flags |= SESSION.BEGUN;
    if (!this.#mayHaveBegunBefore(flow)) return false;
    const isStream = this.#host.flows.transport(flow) === 'tcp';
    if (isStream) session.flags |= SESSION.BYTES_ALONE;
    else if (type === TYPE.SYN && !this.#host.flows.spokeBefore(flow)) return false;
    session.flags |= SESSION.MIDSTREAM;
    unseeAll(session);
    return type !== TYPE.SYN;
  }

  #mayHaveBegunBefore(flow: number): boolean {
    return this.#host.midstream === 'auto' && !this.#host.flows.fromStart(flow);
  }

  /** The snap length hid whose message this was: from here on it may have been anybody's. */
  #loseSight(): void {
    const { session } = this.#sessions;
    session.losses++;
    unseeAll(session);
  }

  #announce(): void {
    const { session } = this.#sessions;
    const exchange = this.#exchange;
    this.#host.connections.markInconclusive(exchange.slot, 'midstream');
    if (session.flags & SESSION.ANNOUNCED) return;
    session.flags |= SESSION.ANNOUNCED;
    this.#host.judge.enter(unknownSession, BROKEN, this.#subject, () => ({
      message: `the capture begins in the middle: ${exchange.messageName} is the first message`,
      expected: 'SYN',
      actual: exchange.messageName,
    }));
  }

  // Which connection a message belongs to

  /** Finds or opens the connection of a message; returns its slot. */
  #find(type: number, message: Message): number {
    const exchange = this.#exchange;
    exchange.id = 0;
    exchange.remarks = ALL_REMARKS;
    exchange.found = FOUND.NONE;
    exchange.explained = 0;
    exchange.isRefused = false;
    this.#opened = false;
    const isNone = type >= TYPE.UNKNOWN && message.captured > 0;
    if (isNone || message.length < HEADER_LENGTH) return this.#nobody();
    if (message.captured < HEADER_LENGTH) {
      this.#loseSight();
      return this.#nobody();
    }
    const id = idOf(message);
    exchange.id = id;
    if (type === TYPE.SYN) return this.#findSyn(id);
    const receiver = 1 - exchange.side;
    const slot = this.#ids.slotOf(exchange.flow, receiver, isClients(type) ? ACCEPTED : OPENED, id);
    if (slot < 0) return this.#findUnknown(type, id);
    if (slot === this.#sessions.session.nobody - 1) return slot;
    exchange.found = FOUND.BY_ID;
    if (type !== TYPE.ACK) exchange.remarks = 0;
    return slot;
  }

  /** The connection of a SYN: a new one, unless the id is live. */
  #findSyn(id: number): number {
    const exchange = this.#exchange;
    const { flow, side, message } = exchange;
    exchange.found = FOUND.BY_ID;
    const before = this.#ids.slotOf(flow, side, OPENED, id);
    const known = before >= 0 && before !== this.#sessions.session.nobody - 1;
    if (!known) this.#sessions.session.countId(side, id);
    if (known && !this.#isFree(before) && !this.#isDoubtful(before, UNCERTAIN)) return before;
    const shared = known && this.#mayServerGoOn(before);
    this.#makeRoom();
    const slot = this.#sessions.open(flow, side, message);
    this.#sessions.assign(flow, side, OPENED, id, slot);
    this.#opened = true;
    if (shared) this.#at(slot).flags |= FLAG.SERVER_DOUBTED;
    return slot;
  }

  /** The connection of a message whose id names none where it must be looked up. */
  #findUnknown(type: number, id: number): number {
    const exchange = this.#exchange;
    const { flow, side, message } = exchange;
    const { session } = this.#sessions;
    if (type === TYPE.ACK && message.length !== ACK_LENGTH) return this.#nobody();
    exchange.found = FOUND.RESERVED;
    if (id === RESERVED_ID) return this.#nobody();
    const fromClient = isClients(type);
    const receiver = 1 - side;
    const table = fromClient ? ACCEPTED : OPENED;
    if (session.flags & unseen(receiver, table)) {
      this.#makeRoom();
      return this.#strays.learn(type, id);
    }
    const own = type === TYPE.ACK ? -1 : this.#strays.findOwn(id, fromClient);
    if (own >= 0) {
      exchange.found = FOUND.OWN;
      return own;
    }
    const reversed = this.#ids.slotOf(flow, receiver, fromClient ? OPENED : ACCEPTED, id);
    if (reversed >= 0 && reversed !== session.nobody - 1) {
      exchange.found = FOUND.REVERSED;
      return reversed;
    }
    const early = fromClient ? this.#strays.joinEarly(id) : -1;
    if (early >= 0) return early;
    exchange.found = FOUND.UNKNOWN;
    return this.#nobody();
  }

  #nobody(): number {
    const { flow, side, message } = this.#exchange;
    return this.#sessions.nobody(flow, side, message);
  }

  /** May the ids of a connection be used again? */
  #isFree(slot: number): boolean {
    const { state } = this.#at(slot);
    if (isFinal(state)) return true;
    if (state < CLIENT_CLOSED) return false;
    const detail = this.#detailOf(slot);
    return this.#exchange.now - detail.closeSeconds - detail.closeNanoseconds * 1e-9 >= REUSE_AFTER - JITTER;
  }

  /** May the server of a connection still send under its client id? */
  #mayServerGoOn(slot: number): boolean {
    return this.#detailOf(slot).serverCloseFrame === 0 || this.#isDoubtful(slot, FLAG.SERVER_DOUBTED);
  }

  /** May the client of a connection still send under its server id? */
  #mayClientGoOn(slot: number): boolean {
    return this.#detailOf(slot).clientCloseFrame === 0 || this.#isDoubtful(slot, FLAG.CLIENT_DOUBTED);
  }

  // What is thought of it

  /** Points exchange and subject at a connection. */
  #enter(slot: number): void {
    const exchange = this.#exchange;
    const { message, connection, found } = exchange;
    exchange.slot = slot;
    this.#table.seek(connection, slot);
    this.#table.seekDetail(exchange.detail, slot);
    const subject = this.#subject;
    subject.hold(slot, exchange.side, message);
    subject.messageName = this.layout?.name ?? exchange.messageName;
    subject.state = STATES[connection.state];
    const doubts = found === FOUND.BY_ID ? DOUBTS[exchange.type] : UNCERTAIN;
    subject.partial = found < FOUND.UNKNOWN && this.#isUncertain(connection, doubts);
    if (!subject.partial) return;
    subject.doubt = this.#sessions.reason(exchange.flow);
    this.#host.connections.markInconclusive(slot, subject.doubt);
  }

  #judge(type: number, message: Message): void {
    const exchange = this.#exchange;
    const { judge } = this.#host;
    const malformed = type >= TYPE.UNKNOWN || message.length < HEADER_LENGTH;
    const wellFormed = !malformed && (type !== TYPE.ACK || message.length === ACK_LENGTH);
    if (judge.judgeForm(type, exchange, this.#subject, wellFormed ? 0 : ALL_REMARKS)) {
      if (type === TYPE.ACK && exchange.found === FOUND.BY_ID) this.#takeMalformedAck();
      return;
    }
    if (!wellFormed || message.captured < HEADER_LENGTH) {
      this.#host.connections.markInconclusive(exchange.slot, 'cut');
      return;
    }
    if (type === TYPE.ACK) this.#judgeAck();
    else {
      const faulty = judge.judgeContent(type, exchange, this.#subject, exchange.remarks);
      const { found } = exchange;
      if (found === FOUND.NONE) return;
      if (found === FOUND.BY_ID && exchange.connection.state === SYN_SENT && !isClients(type)) {
        this.#subject.partial ||= this.#strays.joinStray(isClose(type));
      }
      const broken = !faulty && found <= FOUND.UNKNOWN && found !== FOUND.OWN && this.#step(type);
      this.#take(type, faulty, broken);
    }
  }

  /** A second answer is more exact than what is wrong with the server id in it, unless that is none at all. */
  #judgeAck(): void {
    const exchange = this.#exchange;
    const { judge } = this.#host;
    this.#readServerId();
    const { found, message, remarks } = exchange;
    const isReserved = message.captured >= ACK_LENGTH && exchange.serverId === RESERVED_ID;
    const broken = !isReserved && found <= FOUND.UNKNOWN && this.#step(TYPE.ACK);
    const faulty = !broken && found !== FOUND.NONE && judge.judgeContent(TYPE.ACK, exchange, this.#subject, remarks);
    if (!isReserved) this.#take(TYPE.ACK, faulty, broken);
    else if (found === FOUND.BY_ID) this.#takeMalformedAck();
  }

  /** Takes the connection's step; true when it broke a rule. */
  #step(type: number): boolean {
    const { connection, found, fromClient } = this.#exchange;
    const subject = this.#subject;
    const run = this.#run;
    const unknown = found === FOUND.UNKNOWN;
    const isClient = unknown ? isClients(type) : fromClient;
    const self = isClient ? connection.clientSent : connection.serverSent;
    const peer = isClient ? connection.serverSent : connection.clientSent;
    const state = unknown ? NONE : connection.state;
    // It may be the CLOSE of a connection that had the id before, and no answer at all.
    if (subject.partial && state === SYN_SENT && type === TYPE.CLOSE_SERVER && connection.flags & FLAG.SERVER_DOUBTED) {
      return false;
    }
    const next = run.step(isClient ? CLIENT : SERVER, state, type, false, self, peer, !subject.partial);
    if (!unknown) connection.state = next;
    const { brokenRule } = run;
    if (brokenRule === undefined) return false;
    this.#host.judge.enterStep(brokenRule, this.#exchange, subject);
    return true;
  }

  // What is remembered of it

  /**
   * @param faulty a rule about the message was broken
   * @param broken one of the state machine
   */
  #take(type: number, faulty: boolean, broken: boolean): void {
    const exchange = this.#exchange;
    const { found, connection, side } = exchange;
    if (found !== FOUND.BY_ID && found !== FOUND.LEARNED) {
      this.#strays.take(type);
      return;
    }
    this.#sessions.session.countSaid(side, type);
    if (isClients(type)) connection.clientSent |= 1 << type;
    else connection.serverSent |= 1 << type;
    if (type === TYPE.SYN) this.#takeSyn(faulty);
    else if (type === TYPE.ACK) this.#takeAck(broken);
    else if (isClose(type)) this.#takeClose(type, faulty);
    // DATA before the ACK: its server evidently takes the connection for open.
    else if (broken && connection.state === SYN_SENT) this.#waits.settle(exchange.slot, SKIP);
  }

  /** @param faulty nothing may come of it, and nobody is blamed for that */
  #takeSyn(faulty: boolean): void {
    const { connection, slot } = this.#exchange;
    if (!this.#opened) {
      connection.flags |= FLAG.SERVER_DOUBTED | FLAG.CLIENT_DOUBTED;
      this.#sessions.doubt(slot);
    } else if (faulty) {
      this.#stepInDoubt(TYPE.SYN);
      connection.flags |= FLAG.UNASKED;
    } else this.#waits.began(slot);
  }

  /** @param broken it answers no SYN: whose the id in it is stays as it was */
  #takeAck(broken: boolean): void {
    const { connection, detail, slot, flow, side, message, serverId, serverIdFree } = this.#exchange;
    this.#waits.settle(slot, PASS);
    connection.flags &= ~FLAG.UNASKED;
    if (detail.answerFrame === 0) this.#noteAnswer();
    if (message.captured < ACK_LENGTH) {
      this.#missServerId(side);
      this.#sessions.doubt(slot);
      return;
    }
    const holder = this.#ids.slotOf(flow, side, ACCEPTED, serverId);
    const { nobody } = this.#sessions.session;
    if (holder >= 0 && holder !== slot && holder !== nobody - 1) {
      if (broken && serverIdFree !== PASS) return;
      if (serverIdFree === BROKEN || (serverIdFree !== PASS && this.#mayClientGoOn(holder))) {
        // From now on nothing shows whose messages the id marks.
        for (const sharing of [holder, slot]) {
          this.#at(sharing).flags |= FLAG.CLIENT_DOUBTED;
          this.#sessions.doubt(sharing);
        }
      } else if (this.#mayClientGoOn(holder)) connection.flags |= FLAG.CLIENT_DOUBTED;
    }
    this.#sessions.assign(flow, side, ACCEPTED, serverId, slot);
  }

  #noteAnswer(): void {
    const { detail, message } = this.#exchange;
    detail.answerFrame = message.frame;
    detail.answerSeconds = message.seconds;
    detail.answerNanoseconds = message.nanoseconds;
  }

  /** @param faulty it may count as a CLOSE, or as nothing */
  #takeClose(type: number, faulty: boolean): void {
    const { connection, detail, slot, message } = this.#exchange;
    if (faulty) {
      this.#stepInDoubt(type);
      connection.flags |= isClients(type) ? FLAG.CLIENT_DOUBTED : FLAG.SERVER_DOUBTED;
    }
    if (faulty || (connection.flags & DOUBTS[type]) !== 0) {
      this.#sessions.doubt(slot);
      this.#waits.settle(slot, SKIP);
    }
    connection.flags &= ~FLAG.UNASKED;
    this.#waits.settle(slot, PASS);
    const first = detail.clientCloseFrame === 0 && detail.serverCloseFrame === 0;
    if (first) {
      detail.closeSeconds = message.seconds;
      detail.closeNanoseconds = message.nanoseconds;
    }
    if (type === TYPE.CLOSE_CLIENT) detail.clientCloseFrame ||= message.frame;
    else {
      detail.serverCloseFrame ||= message.frame;
      if (detail.answerFrame === 0) this.#noteAnswer();
    }
    if (isFinal(connection.state)) this.#sessions.move(slot, LIST.OVER);
  }

  /** A server id was given out that cannot be read: a new one, or any that was free. */
  #missServerId(side: number): void {
    const { session } = this.#sessions;
    session.flags |= unseen(side, ACCEPTED);
    const doubt = (slot: number) => {
      if (this.#isFree(slot) && this.#at(slot).clientSide !== side) this.#at(slot).flags |= FLAG.PARTIAL;
    };
    this.#sessions.forEach(LIST.LIVE, doubt);
    this.#sessions.forEach(LIST.OVER, doubt);
  }

  /** An ACK that tells no server id answers its SYN all the same; as whatever it was meant. */
  #takeMalformedAck(): void {
    const { connection, slot, flow, side, message } = this.#exchange;
    this.#waits.settle(slot, SKIP);
    this.#sessions.doubt(slot);
    connection.flags &= ~FLAG.UNASKED;
    if (connection.state !== SYN_SENT) return;
    this.#missServerId(side);
    // A client that uses the reserved id because its peer gave it is not at fault.
    if (message.length === ACK_LENGTH) this.#sessions.assign(flow, side, ACCEPTED, RESERVED_ID, slot);
    this.#stepInDoubt(TYPE.ACK);
    connection.serverSent |= 1 << TYPE.ACK;
  }

  /** A step that is not judged. */
  #stepInDoubt(type: number): void {
    this.#subject.partial = true;
    this.#step(type);
  }

  /** Reads the server id of an ACK, and sees whether it is free. */
  #readServerId(): void {
    const exchange = this.#exchange;
    const { message, flow, side, slot } = exchange;
    const cut = message.captured < ACK_LENGTH;
    exchange.remarks = REMARK.ID;
    exchange.serverId = 0;
    exchange.serverIdFree = cut ? INCONCLUSIVE : PASS;
    exchange.holderFrame = 0;
    if (cut) return;
    const { bytes, start } = message;
    exchange.serverId = (bytes[start + 4] << 16) | (bytes[start + 5] << 8) | bytes[start + 6];
    const holder = this.#ids.slotOf(flow, side, ACCEPTED, exchange.serverId);
    if (holder < 0 || holder === slot || holder === this.#sessions.session.nobody - 1) return;
    if (this.#isFree(holder)) return;
    const { answerFrame, secondServerId } = this.#detailOf(holder);
    // Of two ids that a connection was given, one may be free.
    const unsure = secondServerId !== 0 || this.#isDoubtful(holder, UNCERTAIN);
    exchange.serverIdFree = unsure ? INCONCLUSIVE : BROKEN;
    exchange.holderFrame = answerFrame;
  }

  /** @param doubts mask of the flags that make it so */
  #isDoubtful(slot: number, doubts: number): boolean {
    return this.#isUncertain(this.#at(slot), doubts);
  }

  #isUncertain({ flags, losses }: Connection, doubts: number): boolean {
    if (flags & FLAG.NOBODY) return false;
    return (flags & doubts) !== 0 || losses !== this.#sessions.session.losses;
  }

  /** May the connection be another, or in another state, than was seen? */
  #hasDoubts(slot: number): boolean {
    return this.#isDoubtful(slot, UNCERTAIN | FLAG.SERVER_DOUBTED | FLAG.CLIENT_DOUBTED);
  }

  // Its end

  #closeConnection(slot: number): void {
    this.#waits.settle(slot, INCONCLUSIVE);
    const { state } = this.#at(slot);
    if (this.#hasDoubts(slot) && !isFinal(state)) this.#sessions.doubt(slot);
    if (state >= OPEN) this.#enterLeftOpen(slot, state === OPEN ? BROKEN : PASS);
    this.#sessions.release(slot);
  }

  /** Another connection is to be opened: where a bound is hit, what becomes of an older one will not be known. */
  #makeRoom(): void {
    const slot = this.#sessions.crowdedOut();
    if (slot < 0) return;
    this.#waits.settle(slot, INCONCLUSIVE);
    this.#sessions.giveUp(slot);
  }

  #enterLeftOpen(slot: number, outcome: Outcome): void {
    const { firstFrame, answerFrame, answerSeconds, answerNanoseconds } = this.#detailOf(slot);
    const subject = this.#subject;
    subject.recall(slot, 1 - this.#at(slot).clientSide, answerFrame, answerSeconds, answerNanoseconds);
    subject.messageName = ACK.name;
    subject.state = STATES[OPEN];
    subject.partial = this.#hasDoubts(slot);
    this.#host.judge.enter(leftOpen, outcome, subject, () => ({
      message: 'the connection is still open where the capture, or its flow, ends',
      expected: 'CLOSE of either side',
      actual: 'no CLOSE',
      relatedFrames: frames(firstFrame),
    }));
  }

  #at(slot: number): Connection {
    this.#table.seek(this.#other, slot);
    return this.#other;
  }

  #detailOf(slot: number): Detail {
    this.#table.seekDetail(this.#otherDetail, slot);
    return this.#otherDetail;
  }
}
