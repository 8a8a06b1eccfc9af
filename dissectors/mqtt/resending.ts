/**
 * Watches whether what was left unacknowledged is sent again once its session is taken up (§4.4): by each side, once it has
 * had the time, and its peer's window was open.
 */
import { BROKEN, frames, PASS, Subject, type TrackerHost } from '../../src/sdk.ts';
import { isForbidden, mustBeResent } from './assess.ts';
import type { Connection } from './connection.ts';
import type { Exchange } from './exchange.ts';
import { type Flow, STAGE } from './flows.ts';
import { STATES } from './machine.ts';
import { notResent } from './rules/resending.ts';
import { editionNumber } from './terms.ts';

const NEVER_DUE = Number.POSITIVE_INFINITY;

export class Resending {
  readonly #host: TrackerHost<Exchange>;
  readonly #exchange: Exchange;
  readonly #subject = new Subject();

  constructor(host: TrackerHost<Exchange>, exchange: Exchange) {
    this.#host = host;
    this.#exchange = exchange;
  }

  /** A connection was accepted: from now on what was left is due. */
  begin(connection: Connection): void {
    if (!connection.isResumed || !connection.session.isKnown) return;
    const { now, settings } = this.#exchange;
    for (const role of [0, 1] as const) {
      connection.sides[role].freeSince = now;
      this.#giveUp(connection, role);
      if (this.#left(connection, role, now)) connection.resendDue[role] = now + settings.resendTimeout;
    }
  }

  /** What the limits of this connection forbid is over for its sender, in later ones too. */
  #giveUp({ session, sides, serial, connack }: Connection, role: 0 | 1): void {
    const { maximumPacketSize } = sides[1 - role].announced;
    for (const flow of session.books[role].open.values()) {
      if (flow.born !== serial && isForbidden(flow, maximumPacketSize, role === 0 ? connack : UNLIMITED))
        flow.isOptional = true;
    }
  }

  check(connection: Connection, now: number): void {
    const { resendDue } = connection;
    if (now > resendDue[0]) this.#judge(connection, 0, now);
    if (now > resendDue[1]) this.#judge(connection, 1, now);
  }

  #judge(connection: Connection, role: 0 | 1, now: number): void {
    const side = connection.sides[role];
    if (side.disconnected > 0 || connection.sides[1 - role].disconnected > 0 || side.isLost) {
      connection.resendDue[role] = NEVER_DUE;
      return;
    }
    if (this.#isHeldUp(connection, role)) return;
    const { resendTimeout } = this.#exchange.settings;
    if (now <= side.freeSince + resendTimeout) {
      connection.resendDue[role] = side.freeSince + resendTimeout;
      return;
    }
    connection.resendDue[role] = NEVER_DUE;
    const left = this.#left(connection, role, now);
    this.#enter(connection, role, left);
  }

  /** One sent again still waits, or the window is full: a sender may keep the rest back. */
  #isHeldUp({ session, sides, serial, level }: Connection, role: 0 | 1): boolean {
    if (level === 5 && sides[role].outstanding >= sides[1 - role].announced.receiveMaximum) return true;
    for (const flow of session.books[role].open.values()) {
      if (!flow.isHere(serial)) continue;
      if (flow.stage === STAGE.OVER ? flow.isCrossed && flow.released > 0 : flow.isCrossed || flow.born !== serial)
        return true;
    }
    return false;
  }

  /** A flow that must be sent again and was not. */
  #left({ session, sides, serial, connack }: Connection, role: 0 | 1, now: number): Flow | undefined {
    const { maximumPacketSize } = sides[1 - role].announced;
    const limits = role === 0 ? connack : UNLIMITED;
    const book = session.books[role];
    for (const flow of book.open.values()) {
      if (flow.stage === STAGE.OVER || flow.born === serial || flow.isHere(serial)) continue;
      if (!book.isLoose(flow) && mustBeResent(flow, maximumPacketSize, limits, now)) return flow;
    }
    return undefined;
  }

  #enter(connection: Connection, role: 0 | 1, left: Flow | undefined): void {
    const { connack, clientSide, slot, sides } = connection;
    const subject = this.#subject;
    const end = role === 0 ? clientSide : 1 - clientSide;
    const seconds = Math.floor(connack.seconds);
    subject.recall(slot, end, connack.frame, seconds, Math.round((connack.seconds - seconds) * 1e9));
    subject.messageName = 'CONNACK';
    subject.state = STATES[sides[role].state];
    subject.partial = connection.isPartial;
    subject.edition = editionNumber(connection.level);
    subject.excerpt = null;
    this.#host.judge.enter(notResent, left ? BROKEN : PASS, subject, () => ({
      message: `the ${role === 0 ? 'client' : 'server'} has not sent again what was left under identifier ${left?.id} when the session's last connection ended`,
      expected: `it within ${this.#exchange.settings.resendTimeout} s`,
      actual: 'nothing under this identifier',
      relatedFrames: left ? frames(left.frame) : [],
    }));
  }
}

const UNLIMITED = { maximumQos: 2, retainAvailable: true } as const;
