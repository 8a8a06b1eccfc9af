/** One correct end of an MNET connection, written from the rule catalogue alone: what it says when, and answers to what. */
import type { Line, Party, Role } from '../../kit/mnet.ts';
import {
  ABORT,
  COOKIE,
  COOKIE_ACK,
  COOKIE_ECHO,
  DATA,
  INIT,
  SHUTDOWN,
  SHUTDOWN_ACK,
  SHUTDOWN_COMPLETE,
  tagOf,
  typeOf,
} from './random-messages.ts';
import type { Connection, Outgoing } from './random-world.ts';

/** What the public implementation waits before it says the same again, in ms. */
const RESEND = 300;
const RESEND_SHUTDOWN = 400;
const MAX_STREAM_START = 0x1_0000_0000;

export type State = 'closed' | 'waiting' | 'echoed' | 'established' | 'over' | 'aborted';

/** One correct end of a connection. */
export class Endpoint {
  readonly role: Role;
  readonly connection: Connection;
  state: State;
  sent: number;
  acknowledged: number;
  received: number;
  shutdown: Line | undefined = undefined;
  answered = false;
  completed = false;
  /** Says nothing more, whatever comes: for faults of silence. */
  mute = false;
  #spoke = 0;
  #refusals = 0;

  constructor(role: Role, connection: Connection, state: State) {
    this.role = role;
    this.connection = connection;
    this.state = state;
    const { streamStart } = connection.world.options;
    this.sent = this.acknowledged = this.received = streamStart;
  }

  get party(): Party {
    return this.connection.party(this.role);
  }

  begin(): void {
    this.#send(this.party.init());
  }

  #send(line: Line, parts: Partial<Outgoing> = {}): void {
    if (this.mute) return;
    this.#spoke = this.connection.world.now;
    this.connection.send({ from: this.role, line, ...parts });
  }

  tick(): void {
    const { world } = this.connection;
    const { dice, draining } = world;
    const silent = world.now - this.#spoke;
    if (this.state === 'waiting' && silent >= RESEND) this.#send(this.party.init(), { again: true });
    if (this.state === 'echoed' && silent >= RESEND) this.#echo(true);
    if (this.state !== 'echoed' && this.state !== 'established') return;
    const mayBegin = !this.shutdown && !this.answered && !draining;
    const rolled = dice.roll(100);
    if (this.shutdown && !this.completed && silent >= RESEND_SHUTDOWN) this.#send(this.shutdown, { again: true });
    else if (this.answered && silent >= RESEND_SHUTDOWN) this.#send(this.party.shutdownAck(), { again: true });
    else if (rolled < 8 && mayBegin) this.sendNew(1 + dice.roll(dice.chance(0.1) ? 900 : 80));
    else if (rolled < 12 && this.acknowledged < this.sent) this.#sendAgain(mayBegin);
    else if (rolled < 15 && !draining) this.sendBare();
    else if (rolled === 15 && mayBegin && this.state === 'established' && dice.chance(0.6)) this.shutDown();
    else if (rolled === 16 && !draining && dice.chance(0.1)) this.abort();
  }

  sendNew(length: number): void {
    this.#data(this.sent, this.sent + length);
  }

  sendBare(): void {
    this.#data(this.sent, this.sent);
  }

  /** From some byte that is not acknowledged, in any cut, perhaps on into new bytes. */
  #sendAgain(mayBegin: boolean): void {
    const { dice } = this.connection.world;
    const first = this.acknowledged + (dice.chance(0.7) ? 0 : dice.roll(this.sent - this.acknowledged));
    const end = first + 1 + dice.roll(this.sent - first);
    this.#data(first, end === this.sent && mayBegin && dice.chance(0.3) ? end + dice.roll(30) : end);
  }

  #data(first: number, end: number): void {
    const acknowledged = this.received;
    const line = this.party.data(first, end, acknowledged);
    this.sent = Math.max(this.sent, end);
    this.#send(line, { data: { first, end, acknowledged } });
  }

  shutDown(): void {
    this.shutdown = this.party.shutdown(this.received);
    this.#send(this.shutdown);
  }

  abort(): void {
    this.state = 'aborted';
    this.#send(this.party.abort());
  }

  #echo(again: boolean): void {
    const bytes = this.connection.cookie!.bytes.slice();
    bytes[0] = COOKIE_ECHO;
    this.#send(this.party.raw(bytes), { again });
  }

  hear(line: Line): void {
    const { connection } = this;
    const { world } = connection;
    const type = typeOf(line);
    if (type === INIT && this.role === 'listener') {
      // A side that keeps no state answers at any time.
      if (this.state === 'closed' || world.dice.chance(0.5)) this.#send(connection.issue());
      return;
    }
    if (type === COOKIE) {
      if (this.state !== 'waiting') return;
      this.state = 'echoed';
      connection.choose(line);
      this.#echo(false);
      return;
    }
    if (this.state === 'over' || this.state === 'aborted') {
      this.#hearTooLate(line);
      return;
    }
    if (type === COOKIE_ECHO) {
      this.#accept(line);
      return;
    }
    if (this.state === 'closed' || this.state === 'waiting') return;
    switch (type) {
      case COOKIE_ACK:
        this.state = 'established';
        break;
      case DATA:
        this.state = 'established';
        this.#take(line);
        break;
      case SHUTDOWN:
        this.state = 'established';
        this.answered = true;
        this.#send(this.party.shutdownAck());
        break;
      case SHUTDOWN_ACK:
        if (!this.shutdown) break;
        this.state = 'over';
        this.completed = true;
        this.#send(this.party.shutdownComplete());
        break;
      case SHUTDOWN_COMPLETE:
      case ABORT:
        this.state = 'over';
        break;
    }
  }

  #accept(line: Line): void {
    const { connection } = this;
    const { dice } = connection.world;
    const issued = connection.cookies.some(({ bytes }) =>
      bytes.every((byte, at) => at === 0 || byte === line.bytes[at]),
    );
    if (!issued) return;
    if (this.state === 'closed') this.state = 'established';
    if (!connection.seen.listener.has(COOKIE_ACK) && dice.chance(0.02)) {
      this.abort();
      return;
    }
    // A side that accepts what it must not may say so with its first DATA.
    if (connection.isAccepting && dice.chance(0.3)) this.sendNew(1 + dice.roll(60));
    else this.#send(this.party.cookieAck());
  }

  #hearTooLate(line: Line): void {
    const { dice, faulty } = this.connection.world;
    const type = typeOf(line);
    if (type === SHUTDOWN_ACK && this.completed) this.#send(this.party.shutdownComplete(), { again: true });
    else if (type === SHUTDOWN && this.completed && !faulty) this.#send(this.party.shutdownAck());
    else if (type !== ABORT && !faulty && this.#refusals++ < 3 && dice.chance(0.3)) {
      // What holds no state refuses with the very tag that it was sent; who has aborted says so again.
      const own = this.state === 'aborted' || line.bytes.length === 32 ? this.party.tag : tagOf(line);
      this.#send(this.party.abort({ tag: own }));
    }
  }

  #take({ bytes }: Line): void {
    const { order } = this.connection.world.options.terms;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const little = order === 'little';
    const end = this.#near(view.getUint32(4, little), this.received);
    const first = end - view.getUint16(12, little);
    if (first <= this.received && end > this.received) this.received = end;
    const acknowledged = this.#near(view.getUint32(8, little), this.sent);
    if (acknowledged <= this.sent) this.acknowledged = Math.max(this.acknowledged, acknowledged);
  }

  /** The count that a counter of 32 bits stands for. */
  #near(counter: number, known: number): number {
    const base = Math.round((known - counter) / MAX_STREAM_START);
    return counter + Math.max(base, 0) * MAX_STREAM_START;
  }
}
