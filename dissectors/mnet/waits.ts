/**
 * Messages that wait for an answer. A side waits for at most two at once: INIT, COOKIE-ECHO or SHUTDOWN, and besides a
 * SHUTDOWN-ACK when both shut down together. Nothing ticks: a wait is looked at when its connection's next message
 * arrives and when the connection is closed, and the finding stands on the frame that was left waiting.
 */
import { BROKEN, INCONCLUSIVE, type Message, type Outcome, PASS, Subject, type TrackerHost } from '../../src/sdk.ts';
import type { Exchange } from './exchange.ts';
import { LAYOUTS, TYPE } from './layouts.ts';
import { STATES } from './machine.ts';
import { type Connection, type ConnectionTable, FLAG, type Side, type SideDetail } from './state.ts';

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

/** The two places of a side where a message can wait. */
type Place = 'waiting' | 'closing';
const PLACES: readonly Place[] = ['waiting', 'closing'];

export class Waits {
  readonly #host: TrackerHost<Exchange>;
  readonly #table: ConnectionTable;
  readonly #timeout: number;
  readonly #connection: Connection;
  readonly #side: Side;
  readonly #detail: SideDetail;
  readonly #subject = new Subject();

  /** @param timeout seconds after which an answer counts as not given */
  constructor(host: TrackerHost<Exchange>, table: ConnectionTable, timeout: number) {
    this.#host = host;
    this.#table = table;
    this.#timeout = timeout;
    this.#connection = table.connection();
    this.#side = table.side();
    this.#detail = table.sideDetail();
  }

  /** An end of a connection has sent a message that wants an answer; the first of its kind counts. */
  began(slot: number, end: number, type: number, message: Message): void {
    const place = type === SHUTDOWN_ACK ? 'closing' : 'waiting';
    const answer = type === SHUTDOWN_ACK ? SHUTDOWN_COMPLETE : type === SHUTDOWN ? SHUTDOWN_ACK : undefined;
    if (answer !== undefined && this.#seek(slot, 1 - end).sent & (1 << answer)) return;
    const side = this.#seek(slot, end);
    if (side[place] === type + 1) return;
    side[place] = type + 1;
    const detail = this.#detail;
    this.#table.seekSideDetail(detail, slot, end);
    detail[`${place}Frame`] = message.frame;
    detail[`${place}Seconds`] = message.seconds;
    detail[`${place}Nanoseconds`] = message.nanoseconds;
  }

  /** An end has sent a message: what it answers no longer waits. */
  answered(slot: number, end: number, type: number): void {
    const peer = this.#seek(slot, 1 - end);
    const { waiting, closing } = peer;
    if (waiting && ANSWERS[waiting - 1] & (1 << type)) this.#settle(slot, 1 - end, 'waiting', PASS);
    if (closing && ANSWERS[closing - 1] & (1 << type)) this.#settle(slot, 1 - end, 'closing', PASS);
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
      const side = this.#seek(slot, end);
      if (side.waiting | side.closing) this.#checkSide(slot, end, now);
    }
  }

  /** The connection is closed at `now`: what still waits cannot be told. */
  end(slot: number, now: number): void {
    this.check(slot, now);
    for (let end = 0; end < 2; end++) {
      for (const place of PLACES) {
        if (this.#seek(slot, end)[place]) this.#settle(slot, end, place, INCONCLUSIVE);
      }
    }
  }

  #checkSide(slot: number, end: number, now: number): void {
    for (const place of PLACES) {
      if (!this.#seek(slot, end)[place]) continue;
      const detail = this.#detail;
      this.#table.seekSideDetail(detail, slot, end);
      const since = detail[`${place}Seconds`] + detail[`${place}Nanoseconds`] * 1e-9;
      if (now - since > this.#timeout) this.#settle(slot, end, place, BROKEN);
    }
  }

  /** Ends a wait and enters how it ended, on the frame that was left waiting. */
  #settle(slot: number, end: number, place: Place, outcome: Outcome): void {
    const side = this.#seek(slot, end);
    const type = side[place] - 1;
    side[place] = 0;
    this.#table.seekSideDetail(this.#detail, slot, end);
    this.#table.seek(this.#connection, slot);
    const subject = this.#subject;
    subject.connection = slot;
    subject.side = end;
    subject.frame = this.#detail[`${place}Frame`];
    subject.seconds = this.#detail[`${place}Seconds`];
    subject.nanoseconds = this.#detail[`${place}Nanoseconds`];
    subject.messageName = LAYOUTS[type].name;
    subject.state = STATES[side.state];
    subject.partial = (this.#connection.flags & FLAG.PARTIAL) !== 0;
    const rule = type === INIT || type === COOKIE_ECHO ? 'mnet/handshake-incomplete' : 'mnet/shutdown-incomplete';
    this.#host.judge.enter(rule, outcome, subject, () => ({
      message: `${LAYOUTS[type].name} has no answer for ${this.#timeout} s`,
      expected: `${answersOf(type)} within ${this.#timeout} s`,
      actual: 'no answer in that time',
    }));
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
