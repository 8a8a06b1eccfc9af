/**
 * Watches what waits for an answer: begins and ends waits, and reports what got none in time. Reports come when something
 * happens on the connection, or it ends; nothing runs by itself.
 */
import { AnswerTimeout, BROKEN, INCONCLUSIVE, type OwnBound, PASS, type TrackerHost } from '../../src/sdk.ts';
import type { Connection } from './connection.ts';
import type { Exchange } from './exchange.ts';
import { OVERDUE } from './rules/overdue.ts';
import { editionNumber } from './terms.ts';
import { AWAITED, Wait, type WaitList, type WaitPlace } from './waits.ts';

export class Watch {
  readonly #host: TrackerHost<Exchange>;
  readonly #exchange: Exchange;
  readonly #timeout: AnswerTimeout;
  readonly #place = { frame: 0, seconds: 0, nanoseconds: 0, end: 0, state: '' };

  constructor(host: TrackerHost<Exchange>, exchange: Exchange) {
    this.#host = host;
    this.#exchange = exchange;
    this.#timeout = new AnswerTimeout(host.judge, exchange.settings.answerTimeout);
  }

  /** The packet in hand waits for an answer of the other side, or for the close of the connection. */
  begin(awaited: number): Wait {
    const { message, connection, role, subject } = this.#exchange;
    const isClose = awaited === AWAITED.CLOSE_AFTER_REFUSAL || awaited === AWAITED.CLOSE_AFTER_DISCONNECT;
    const place = this.#place as { -readonly [Key in keyof WaitPlace]: WaitPlace[Key] };
    place.frame = message.frame;
    place.seconds = message.seconds;
    place.nanoseconds = message.nanoseconds;
    place.end = connection.sides[role].lastOffset;
    place.state = subject.state;
    const wait = new Wait(awaited, subject.messageName, role, isClose ? role : 1 - role, place);
    const list = connection.waits[role];
    list.add(wait);
    // Without TCP nothing tells when it arrived: it did at once.
    if (this.#host.flows.sent(connection.flow, this.#endOf(connection, role)) < 0)
      this.heard(connection, role, Number.POSITIVE_INFINITY, this.#exchange.now);
    return wait;
  }

  /** What was waited for came. */
  answered(wait: Wait | undefined): void {
    if (!wait?.list) return;
    wait.list.remove(wait);
    this.#enter(this.#exchange.connection, wait, PASS);
  }

  /** Nobody waits any more, and nobody can be blamed. */
  drop(wait: Wait | undefined): void {
    wait?.list?.remove(wait);
  }

  /** More wait than are remembered: this one is not judged. */
  forget(wait: Wait | undefined, bound: OwnBound): void {
    this.drop(wait);
    this.#host.limitHit(bound);
  }

  /** TCP has acknowledged bytes of a side. */
  heard(connection: Connection, role: number, offset: number, now: number): void {
    const list = connection.waits[role];
    for (let wait = list.unheard(offset); wait !== undefined; wait = list.unheard(offset))
      list.beginSilence(this.#clock(connection, wait, now));
  }

  /** Reports what waits for too long. */
  check(connection: Connection, now: number): void {
    this.#checkList(connection, connection.waits[0], now);
    this.#checkList(connection, connection.waits[1], now);
  }

  #checkList(connection: Connection, list: WaitList, now: number): void {
    for (let wait = list.first; wait !== undefined && wait.since >= 0; ) {
      const { next } = wait;
      if (!this.#isOver(connection, wait, now)) {
        // Behind it only those that began later; but those of the other silent side have another clock.
        if (wait.silent !== wait.asker) break;
      } else {
        list.remove(wait);
        this.#enter(connection, wait, BROKEN);
      }
      wait = next;
    }
  }

  /** Its clock is never ahead of the time: most are not even looked at on it. */
  #isOver(connection: Connection, wait: Wait, now: number): boolean {
    const { since } = wait;
    return this.#timeout.isOver(since, now) && this.#timeout.isOver(since, this.#clock(connection, wait, now));
  }

  /** A side has ended the connection: who waited for that has what it wanted, and nobody must answer any more. */
  ended(connection: Connection): void {
    for (const list of connection.waits) {
      for (let wait = list.first; wait !== undefined; wait = list.first) {
        list.remove(wait);
        if (wait.silent === wait.asker || wait.awaited === AWAITED.CONNACK) this.#enter(connection, wait, PASS);
      }
    }
  }

  /** The capture, or the flow, ends while something waits. */
  close(connection: Connection): void {
    for (const list of connection.waits) {
      for (let wait = list.first; wait !== undefined; wait = list.first) {
        list.remove(wait);
        this.#enter(connection, wait, INCONCLUSIVE);
      }
    }
  }

  /** Time, in seconds, on the clock of the side that is silent. */
  #clock(connection: Connection, { silent }: Wait, now: number): number {
    return now - this.#host.flows.stalled(connection.flow, this.#endOf(connection, silent), now);
  }

  #endOf({ clientSide }: Connection, role: number): number {
    return role === 0 ? clientSide : 1 - clientSide;
  }

  #enter(connection: Connection, wait: Wait, outcome: typeof PASS | typeof BROKEN | typeof INCONCLUSIVE): void {
    const { rule, answers } = OVERDUE[wait.awaited];
    // Nothing is to be said of most of them.
    if (outcome === PASS && !connection.isPartial) {
      this.#host.judge.passed(rule, 1, editionNumber(connection.level));
      return;
    }
    const { subject } = this.#timeout;
    subject.recall(connection.slot, this.#endOf(connection, wait.asker), wait.frame, wait.seconds, wait.nanoseconds);
    subject.messageName = wait.messageName;
    subject.state = wait.state;
    subject.partial = connection.isPartial;
    subject.edition = editionNumber(connection.level);
    subject.doubt = 'ended';
    subject.excerpt = null;
    this.#timeout.enter(rule, outcome, answers);
  }
}
