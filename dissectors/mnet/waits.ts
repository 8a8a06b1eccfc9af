/**
 * Messages that wait for an answer. A side waits for at most two at once: INIT, COOKIE-ECHO or SHUTDOWN, and besides a
 * SHUTDOWN-ACK when both shut down together. Nothing ticks: a wait is looked at when its connection's next message
 * arrives and when the connection is closed, and the finding stands on the frame that was left waiting.
 */
import {
  AnswerTimeout,
  BROKEN,
  INCONCLUSIVE,
  type Message,
  type Outcome,
  PASS,
  type TrackerHost,
} from '../../src/sdk.ts';
import type { Exchange } from './exchange.ts';
import { LAYOUTS, TYPE } from './layouts.ts';
import { handshakeIncomplete, shutdownIncomplete } from './rules/session.ts';
import { type Connection, type ConnectionTable, FLAG, type Side, saidAtAll, saidBit, type Wait } from './state.ts';
import { FINAL_STATE, STATES } from './states.ts';

const bit = (...types: number[]) => types.reduce((mask, type) => mask | (1 << type), 0);
const { DATA, INIT, COOKIE, COOKIE_ECHO, COOKIE_ACK, SHUTDOWN, SHUTDOWN_ACK, SHUTDOWN_COMPLETE, ABORT } = TYPE;
const AFTER_HANDSHAKE = bit(COOKIE_ACK, DATA, SHUTDOWN, SHUTDOWN_ACK, SHUTDOWN_COMPLETE, ABORT);

/** Messages of the peer that answer a message: by its type. */
const ANSWERS: Readonly<Record<number, number>> = {
  [INIT]: bit(COOKIE) | AFTER_HANDSHAKE,
  [COOKIE_ECHO]: AFTER_HANDSHAKE,
  [SHUTDOWN]: bit(SHUTDOWN_ACK, SHUTDOWN_COMPLETE, ABORT),
  [SHUTDOWN_ACK]: bit(SHUTDOWN_COMPLETE, ABORT),
};

/** The two places of a side where a message can wait: INIT, COOKIE-ECHO or SHUTDOWN, and SHUTDOWN-ACK. */
const WAITING = 0;
const CLOSING = 1;

export class Waits {
  readonly #table: ConnectionTable;
  readonly #timeout: AnswerTimeout;
  readonly #connection: Connection;
  readonly #side: Side;
  readonly #wait: Wait;

  /** @param timeout seconds after which an answer counts as not given */
  constructor(host: TrackerHost<Exchange>, table: ConnectionTable, timeout: number) {
    this.#table = table;
    this.#timeout = new AnswerTimeout(host.judge, timeout);
    this.#connection = table.connection();
    this.#side = table.side();
    this.#wait = table.wait();
  }

  /** An end of a connection has sent a message that wants an answer; the first of its kind counts. */
  began(slot: number, end: number, type: number, message: Message): void {
    const answer = type === SHUTDOWN_ACK ? SHUTDOWN_COMPLETE : type === SHUTDOWN ? SHUTDOWN_ACK : undefined;
    const peer = this.#seek(slot, 1 - end);
    if (peer.state >= FINAL_STATE || (answer !== undefined && saidAtAll(peer.sent) & saidBit(answer))) return;
    const side = this.#seek(slot, end);
    if (side.state >= FINAL_STATE) return;
    const place = type === SHUTDOWN_ACK ? CLOSING : WAITING;
    if ((place === CLOSING ? side.closing : side.waiting) === type + 1) return;
    if (place === CLOSING) side.closing = type + 1;
    else side.waiting = type + 1;
    const wait = this.#wait;
    this.#table.seekWait(wait, slot, end, place);
    wait.frame = message.frame;
    wait.seconds = message.seconds;
    wait.nanoseconds = message.nanoseconds;
  }

  /** An end has sent a message: what it answers no longer waits. */
  answered(slot: number, end: number, type: number): void {
    const { waiting, closing } = this.#seek(slot, 1 - end);
    if (waiting && ANSWERS[waiting - 1] & (1 << type)) this.#settle(slot, 1 - end, WAITING, PASS);
    if (closing && ANSWERS[closing - 1] & (1 << type)) this.#settle(slot, 1 - end, CLOSING, PASS);
  }

  /** Microseconds since an end sent the last message that wanted an answer, SHUTDOWN-ACK apart. */
  since(slot: number, end: number, now: number): number {
    const wait = this.#wait;
    this.#table.seekWait(wait, slot, end, WAITING);
    return Math.round((now - wait.seconds - wait.nanoseconds * 1e-9) * 1e6);
  }

  /** A new connection begins in its place: nobody waits any longer for the answer to its INIT. */
  superseded(slot: number, now: number): void {
    this.check(slot, now);
    for (let end = 0; end < 2; end++) {
      const side = this.#seek(slot, end);
      if (side.waiting === INIT + 1) side.waiting = 0;
    }
  }

  /** An end completes a shutdown without the answer to its own SHUTDOWN: it waits for none. */
  givenUp(slot: number, end: number): void {
    const side = this.#seek(slot, end);
    if (side.waiting === SHUTDOWN + 1) side.waiting = 0;
  }

  /** The connection is over: nobody waits any longer. */
  clear(slot: number): void {
    for (let end = 0; end < 2; end++) {
      const side = this.#seek(slot, end);
      side.waiting = 0;
      side.closing = 0;
    }
  }

  /** Reports what has waited too long by `now`, in seconds of capture time. */
  check(slot: number, now: number): void {
    for (let end = 0; end < 2; end++) {
      const { waiting, closing } = this.#seek(slot, end);
      if (waiting && this.#isOverdue(slot, end, WAITING, now)) this.#settle(slot, end, WAITING, BROKEN);
      if (closing && this.#isOverdue(slot, end, CLOSING, now)) this.#settle(slot, end, CLOSING, BROKEN);
    }
  }

  /** The connection is closed at `now`: messages that still wait for an answer are inconclusive. */
  end(slot: number, now: number): void {
    this.check(slot, now);
    for (let end = 0; end < 2; end++) {
      const { waiting, closing } = this.#seek(slot, end);
      if (waiting) this.#settle(slot, end, WAITING, INCONCLUSIVE);
      if (closing) this.#settle(slot, end, CLOSING, INCONCLUSIVE);
    }
  }

  #isOverdue(slot: number, end: number, place: number, now: number): boolean {
    const wait = this.#wait;
    this.#table.seekWait(wait, slot, end, place);
    return this.#timeout.isOver(wait.seconds + wait.nanoseconds * 1e-9, now);
  }

  /** Ends a wait and enters how it ended, on the frame that was left waiting. */
  #settle(slot: number, end: number, place: number, outcome: Outcome): void {
    const side = this.#seek(slot, end);
    const type = (place === CLOSING ? side.closing : side.waiting) - 1;
    if (place === CLOSING) side.closing = 0;
    else side.waiting = 0;
    this.#table.seekWait(this.#wait, slot, end, place);
    this.#table.seek(this.#connection, slot);
    const { subject } = this.#timeout;
    const { frame, seconds, nanoseconds } = this.#wait;
    subject.recall(slot, end, frame, seconds, nanoseconds);
    subject.messageName = LAYOUTS[type].name;
    subject.state = STATES[side.state];
    subject.partial = (this.#connection.flags & FLAG.PARTIAL) !== 0;
    subject.doubt = subject.partial ? 'midstream' : 'ended';
    const rule = type === INIT || type === COOKIE_ECHO ? handshakeIncomplete : shutdownIncomplete;
    this.#timeout.enter(rule, outcome, answersOf(type));
  }

  #seek(slot: number, end: number): Side {
    this.#table.seekSide(this.#side, slot, end);
    return this.#side;
  }
}

function answersOf(type: number): string {
  switch (type) {
    case INIT:
      return 'COOKIE or ABORT';
    case COOKIE_ECHO:
      return 'COOKIE-ACK or ABORT';
    case SHUTDOWN:
      return 'SHUTDOWN-ACK or ABORT';
    default:
      return 'SHUTDOWN-COMPLETE or ABORT';
  }
}
