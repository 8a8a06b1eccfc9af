/**
 * SYNs that wait for an answer. Nothing ticks: they stand in a list of their session, oldest first, which is looked at
 * when the session speaks again and when it ends; the finding stands on the SYN.
 */
import { AnswerTimeout, BROKEN, INCONCLUSIVE, type Outcome, type TrackerHost } from '../../src/sdk.ts';
import type { Exchange } from './exchange.ts';
import { SYN } from './layouts.ts';
import { synUnanswered } from './rules/syn.ts';
import { LIST, SESSION, type Sessions } from './sessions.ts';
import { type Connection, type ConnectionTable, type Detail, UNCERTAIN } from './state.ts';
import { STATES } from './states.ts';

export class Waits {
  readonly #table: ConnectionTable;
  readonly #sessions: Sessions;
  readonly #timeout: AnswerTimeout;
  readonly #connection: Connection;
  readonly #detail: Detail;

  constructor(host: TrackerHost<Exchange>, table: ConnectionTable, sessions: Sessions) {
    this.#table = table;
    this.#sessions = sessions;
    this.#timeout = new AnswerTimeout(host.judge, host.dialect.seconds('answerTimeout'));
    this.#connection = table.connection();
    this.#detail = table.detail();
  }

  /** A SYN has opened this connection of the session last sought. */
  began(slot: number): void {
    if (!(this.#sessions.session.flags & SESSION.ENDED)) this.#sessions.move(slot, LIST.WAITING);
  }

  /** The SYN waits no longer: it was answered, or what follows a fault cannot be held against its server. */
  settle(slot: number, outcome: Outcome): void {
    this.#table.seekDetail(this.#detail, slot);
    if (this.#detail.list !== LIST.WAITING) return;
    this.#sessions.move(slot, LIST.LIVE);
    this.#enter(slot, outcome);
  }

  /** Reports the SYNs of the session last sought that have waited too long by `now`, in seconds of capture time. */
  check(now: number): void {
    const { session } = this.#sessions;
    for (let link = session.first(LIST.WAITING); link !== 0; link = session.first(LIST.WAITING)) {
      if (this.isInTime(link - 1, now)) return;
      this.settle(link - 1, BROKEN);
    }
  }

  /** May an answer to the SYN of this connection still come in time? */
  isInTime(slot: number, now: number): boolean {
    this.#table.seekDetail(this.#detail, slot);
    const { firstSeconds, firstNanoseconds } = this.#detail;
    return !this.#timeout.isOver(firstSeconds + firstNanoseconds * 1e-9, now);
  }

  /** An end has ended its stream: its peer may never have had the SYNs that wait, or cannot answer them any more. */
  ended(): void {
    const { session } = this.#sessions;
    session.flags |= SESSION.ENDED;
    for (let link = session.first(LIST.WAITING); link !== 0; link = session.first(LIST.WAITING)) {
      this.settle(link - 1, INCONCLUSIVE);
    }
  }

  #enter(slot: number, outcome: Outcome): void {
    const connection = this.#connection;
    this.#table.seek(connection, slot);
    this.#table.seekDetail(this.#detail, slot);
    const { firstFrame, firstSeconds, firstNanoseconds } = this.#detail;
    const { subject } = this.#timeout;
    subject.recall(slot, connection.clientSide, firstFrame, firstSeconds, firstNanoseconds);
    subject.messageName = SYN.name;
    subject.state = STATES[connection.state];
    subject.partial = (connection.flags & UNCERTAIN) !== 0 || connection.losses !== this.#sessions.session.losses;
    this.#timeout.enter(synUnanswered, outcome, 'ACK or CLOSE');
  }
}
