/**
 * Messages whose id names no connection. They are remembered for what they may turn out to be: a client that has asked
 * and got no answer, a server that speaks without having said ACK, and an id that nobody was seen to give out belong
 * together where an ACK was missed. The rules decide whether anybody is at fault (rules/later.ts); this file makes sure
 * that one fault, or one missed message, is found only once.
 */
import { SKIP } from '../../src/sdk.ts';
import { type Exchange, FOUND } from './exchange.ts';
import { ACCEPTED, type IdTable, OPENED } from './ids.ts';
import { ACK_LENGTH, isClients, isClose, TYPE } from './layouts.ts';
import { isBefore, type Moment, NEVER } from './moment.ts';
import { LIST, type Sessions, strange } from './sessions.ts';
import { type Connection, type ConnectionTable, type Detail, FLAG, UNCERTAIN } from './state.ts';
import { isFinal, stateNumber } from './states.ts';
import type { Waits } from './waits.ts';

const SYN_SENT = stateNumber('SYN-SENT');
const OPEN = stateNumber('OPEN');
const SERVER_CLOSED = stateNumber('SERVER-CLOSED');
const REFUSED = stateNumber('REFUSED');
/** Seconds after a refusal in which its client may still be speaking. */
const SHORT_WHILE = 30;

export class Strays {
  readonly #exchange: Exchange;
  readonly #table: ConnectionTable;
  readonly #ids: IdTable;
  readonly #sessions: Sessions;
  readonly #waits: Waits;
  readonly #connection: Connection;
  readonly #detail: Detail;

  constructor(exchange: Exchange, table: ConnectionTable, ids: IdTable, sessions: Sessions, waits: Waits) {
    this.#exchange = exchange;
    this.#table = table;
    this.#ids = ids;
    this.#sessions = sessions;
    this.#waits = waits;
    this.#connection = table.connection();
    this.#detail = table.detail();
  }

  /** A live connection for which the sender itself chose the id; first one in which it has the role it speaks in. */
  findOwn(id: number, fromClient: boolean): number {
    const { flow, side } = this.#exchange;
    for (const table of fromClient ? [OPENED, ACCEPTED] : [ACCEPTED, OPENED]) {
      const slot = this.#ids.slotOf(flow, side, table, id);
      if (slot < 0 || slot === this.#sessions.session.nobody - 1) continue;
      const { state, flags } = this.#at(slot);
      if (!isFinal(state) && !(flags & FLAG.UNASKED)) return slot;
    }
    return -1;
  }

  /** Opens a connection that was met in the middle, under the one id of it that is known. */
  learn(type: number, id: number): number {
    const exchange = this.#exchange;
    const { flow, side, message } = exchange;
    exchange.found = FOUND.LEARNED;
    const fromClient = isClients(type);
    const slot = this.#sessions.open(flow, fromClient ? side : 1 - side, message);
    this.#sessions.assign(flow, 1 - side, fromClient ? ACCEPTED : OPENED, id, slot);
    this.#sessions.doubt(slot);
    return slot;
  }

  /**
   * A client uses an id that no ACK gave: it belongs to its connection that the server evidently takes for open, though
   * no ACK was seen. Returns its slot, or -1 where there is none.
   */
  joinEarly(id: number): number {
    const exchange = this.#exchange;
    const { side } = exchange;
    const isEarly = (slot: number) => {
      const { state, clientSide, serverSent, flags } = this.#at(slot);
      const spoke = (serverSent & (1 << TYPE.DATA_SERVER)) !== 0 && !(flags & FLAG.SERVER_DOUBTED);
      return spoke && clientSide === side && (state === SYN_SENT || state === REFUSED);
    };
    const live = this.#sessions.newest(LIST.LIVE, isEarly);
    const slot = live >= 0 ? live : this.#sessions.newest(LIST.OVER, isEarly);
    exchange.isRefused = slot < 0 && this.#isJustRefused(side);
    if (slot < 0) return -1;
    this.#join(slot, 1 - side, id);
    exchange.found = FOUND.BY_ID;
    return slot;
  }

  /**
   * The reverse: the server speaks on the connection at hand, of which no ACK was seen, and its client has used an id
   * that no ACK gave. True when they were joined.
   */
  joinStray(isClosing: boolean): boolean {
    const { flow, side, slot } = this.#exchange;
    const { nobody } = this.#sessions.session;
    if (!isClosing) this.#noteEarly();
    if (nobody === 0) return false;
    const entry = this.#detailOf(nobody - 1).serverId - 1;
    if (entry < 0 || !this.#ids.isIn(entry, flow, side, ACCEPTED)) return false;
    const id = this.#ids.id(entry);
    this.#exchange.explained = id;
    // A CLOSE may be the refusal as well.
    if (isClosing) return false;
    this.#join(slot, side, id);
    this.#waits.settle(slot, SKIP);
    return true;
  }

  /** The message at hand found no connection, or one that it cannot be meant for. */
  take(type: number): void {
    const { found, side, id } = this.#exchange;
    const fromClient = isClients(type);
    // An id that was chosen on both sides, or in both roles, may be meant as one that was not seen.
    if (found === FOUND.UNKNOWN || found === FOUND.OWN || found === FOUND.REVERSED) {
      this.#sessions.session.flags |= strange(side, fromClient);
    }
    if (found === FOUND.UNKNOWN) {
      this.#sessions.session.noteStranger(side, fromClient, id, type);
      if (fromClient && this.#isAsking(side)) this.#nameNobody(1 - side, ACCEPTED, id);
    }
    if (type === TYPE.ACK && found !== FOUND.RESERVED) this.#tolerate();
    if (isClose(type) && (found === FOUND.OWN || found === FOUND.REVERSED)) {
      this.#doubtAll(found === FOUND.OWN ? side : 1 - side, id);
    }
  }

  /**
   * The session is about to end: notes what it leaves unanswered, and whether it is older than the capture.
   * @param mayBeOlder its beginning was not seen for certain
   */
  ending(mayBeOlder: boolean): void {
    const exchange = this.#exchange;
    const { unansweredSince, heldSince } = exchange;
    exchange.isOlder = mayBeOlder && this.#isOlder();
    unansweredSince.fill(NEVER);
    heldSince.fill(NEVER);
    const noteHeld = (slot: number) => {
      const { answerFrame, answerSeconds, answerNanoseconds, serverCloseFrame } = this.#detailOf(slot);
      const server = 1 - this.#at(slot).clientSide;
      if (serverCloseFrame !== 0) return;
      const answered = { frame: answerFrame, time: answerSeconds + answerNanoseconds * 1e-9 };
      const since = answerFrame === 0 ? this.#firstOf(slot) : answered;
      if (isBefore(since, heldSince[server])) heldSince[server] = since;
    };
    for (const list of Object.values(LIST)) this.#sessions.forEach(list, noteHeld);
    const note = (slot: number) => {
      const { state, clientSide } = this.#at(slot);
      const first = this.#firstOf(slot);
      if (state === SYN_SENT && isBefore(first, unansweredSince[clientSide])) unansweredSince[clientSide] = first;
      return false;
    };
    this.#sessions.newest(LIST.WAITING, note);
    this.#sessions.newest(LIST.LIVE, note);
  }

  /**
   * Did the session begin before its first SYN? Its ends speak of several connections that were not seen to be opened, and that is
   * no program that gets every id wrong: it says what it was not asked for, or finds the right ids for the same messages as well.
   */
  #isOlder(): boolean {
    const { session } = this.#sessions;
    if (!session.hasStrangers) return false;
    if (session.hasSpokenUnasked) return true;
    const rightly = [0, 0];
    const note = (slot: number) => {
      const { clientSide, clientSent, serverSent } = this.#at(slot);
      rightly[clientSide] |= clientSent;
      rightly[1 - clientSide] |= serverSent;
    };
    for (const list of Object.values(LIST)) this.#sessions.forEach(list, note);
    return rightly.some((types, side) => (types & session.saidToStrangers(side)) !== 0);
  }

  /** DATA before the ACK, on the connection at hand: its server takes it for open. */
  #noteEarly(): void {
    const { connection, slot, side, type, now } = this.#exchange;
    if (type !== TYPE.DATA_SERVER || connection.flags & (UNCERTAIN | FLAG.SERVER_DOUBTED)) return;
    this.#sessions.session.flags |= strange(side, false);
    if (connection.serverSent & (1 << type) && this.#waits.isInTime(slot, now)) connection.flags |= FLAG.WENT_ON;
  }

  /** A connection is open under a server id that no ACK was seen to tell. */
  #join(slot: number, serverSide: number, id: number): void {
    this.#sessions.assign(this.#exchange.flow, serverSide, ACCEPTED, id, slot);
    this.#sessions.doubt(slot);
    const connection = this.#at(slot);
    connection.state = connection.state === REFUSED ? SERVER_CLOSED : OPEN;
  }

  /** Was a SYN of this end refused a short while ago? It may have been closed as well, had its ACK been missed. */
  #isJustRefused(side: number): boolean {
    const { now } = this.#exchange;
    const slot = this.#sessions.newest(LIST.OVER, candidate => {
      const { state, clientSide } = this.#at(candidate);
      return state === REFUSED && clientSide === side && now - this.#detailOf(candidate).closeSeconds < SHORT_WHILE;
    });
    return slot >= 0;
  }

  /** Has a SYN of this end no answer yet, for however long? */
  #isAsking(side: number): boolean {
    const isSo = (slot: number) => this.#at(slot).state === SYN_SENT && this.#connection.clientSide === side;
    return this.#sessions.newest(LIST.WAITING, isSo) >= 0 || this.#sessions.newest(LIST.LIVE, isSo) >= 0;
  }

  /** The ids of an ACK for which there is no connection: what its sender says under them is the same fault. */
  #tolerate(): void {
    const { flow, side, id, serverId, message } = this.#exchange;
    if (this.#ids.find(flow, 1 - side, OPENED, id) < 0) this.#nameNobody(1 - side, OPENED, id);
    if (message.captured < ACK_LENGTH || this.#ids.find(flow, side, ACCEPTED, serverId) >= 0) return;
    this.#nameNobody(side, ACCEPTED, serverId);
  }

  /** What carries this id belongs to nobody, and is judged by its bytes alone. */
  #nameNobody(side: number, table: number, id: number): void {
    const { flow, message } = this.#exchange;
    this.#sessions.assign(flow, side, table, id, this.#sessions.nobody(flow, side, message));
  }

  /** What a misdirected CLOSE was to close may count as closed from here on. */
  #doubtAll(end: number, id: number): void {
    const { flow } = this.#exchange;
    const { nobody } = this.#sessions.session;
    for (const table of [OPENED, ACCEPTED]) {
      const slot = this.#ids.slotOf(flow, end, table, id);
      if (slot >= 0 && slot !== nobody - 1) this.#sessions.doubt(slot);
    }
  }

  /** When the first message of a connection came. */
  #firstOf(slot: number): Moment {
    const { firstFrame, firstSeconds, firstNanoseconds } = this.#detailOf(slot);
    return { frame: firstFrame, time: firstSeconds + firstNanoseconds * 1e-9 };
  }

  #at(slot: number): Connection {
    this.#table.seek(this.#connection, slot);
    return this.#connection;
  }

  #detailOf(slot: number): Detail {
    this.#table.seekDetail(this.#detail, slot);
    return this.#detail;
  }
}
