/**
 * Two correct ends of a session, written from the specification: each opens connections to the other, accepts, refuses,
 * sends and closes, and knows only what has reached it. The observer stands anywhere on the path: each direction is a
 * queue of what is on its way to him and one of what is on its way from him. Time passes in milliseconds, and now and
 * then by the seconds that an identifier needs to become free again.
 *
 * Every message carries the connection it truly belongs to, so that both ends always understand each other, also where an
 * observer could not tell.
 */
import type { End } from '../../kit/ministreaming.ts';
import type { Dice } from './dice.ts';
import type { Dialect, Said } from './law.ts';

export interface View {
  /** `asked` at a server: the SYN has come and was not answered. */
  state: 'none' | 'syn' | 'asked' | 'open' | 'refused';
  /** When the CLOSE passed the observer; NaN while it is on its way to him. */
  closedAt?: number;
  /** Index of that message; NaN likewise. */
  closedIndex?: number;
  peerClosedAt?: number;
  /** Says nothing more on it. */
  silent: boolean;
}

export interface Connection {
  readonly client: End;
  readonly id: number;
  serverId: number;
  readonly clientView: View;
  readonly serverView: View;
  /** When its SYN passed the observer, and the answer. */
  askedAt?: number;
  askedIndex?: number;
  answered: boolean;
  answeredIndex?: number;
  /** A fault happened on it: it is no place for others. */
  spoilt: boolean;
}

export interface Packet {
  readonly bytes: Uint8Array;
  /** When it passes the observer, and when it reaches the other end. */
  readonly passes?: (time: number, index: number) => void;
  readonly arrives?: () => void;
}

export const other = (end: End): End => (end === 'ann' ? 'bob' : 'ann');
export const id3 = (id: number) => [(id >>> 16) & 0xff, (id >>> 8) & 0xff, id & 0xff];
export const message = (type: number, id: number, payload: ArrayLike<number> = []): Uint8Array =>
  Uint8Array.from([type, ...id3(id), ...Array.from(payload)]);

export const REUSE_AFTER = 30_000;

export class Session {
  readonly dice: Dice;
  readonly dialect: Dialect;
  readonly said: Said[] = [];
  readonly connections: Connection[] = [];
  now = 0;
  readonly #near: Record<End, Packet[]> = { ann: [], bob: [] };
  readonly #far: Record<End, Packet[]> = { ann: [], bob: [] };

  readonly #idsAreRandom: boolean;

  /** @param idsAreRandom as those of real ends, which hardly ever come again */
  constructor(dice: Dice, dialect: Dialect, idsAreRandom = false) {
    this.dice = dice;
    this.dialect = dialect;
    this.#idsAreRandom = idsAreRandom;
  }

  // The ends.

  viewOf(end: End, connection: Connection): View {
    return connection.client === end ? connection.clientView : connection.serverView;
  }

  /** Is the connection over for this end, its own identifier free? */
  isOver(end: End, connection: Connection): boolean {
    const { state, closedAt, peerClosedAt } = this.viewOf(end, connection);
    if (state === 'refused' || state === 'none') return state === 'refused';
    const times = [closedAt, peerClosedAt].filter(time => time !== undefined);
    if (times.length === 2) return true;
    return times.length === 1 && this.now - times[0] >= REUSE_AFTER;
  }

  /** One that is free for this end: small, so that it often comes again, or as large as there are; or any at all. */
  freeId(end: End, role: 'client' | 'server'): number {
    const taken = (id: number) =>
      this.connections.some(connection => {
        const isClient = connection.client === end;
        if (isClient !== (role === 'client')) return false;
        return (isClient ? connection.id : connection.serverId) === id && !this.isOver(end, connection);
      });
    if (this.#idsAreRandom) return 1 + this.dice.below(0xffffff);
    let id = this.dice.chance(0.1) ? 0xffffff - this.dice.below(3) : 1 + this.dice.below(5);
    while (taken(id)) id = (id % 0xffffff) + 1;
    return id;
  }

  key(): number[] {
    const { dice, dialect } = this;
    if (dialect.key === 'any') return dice.bytes(1 + dice.below(6));
    const certificate = dice.below(3);
    return [...dice.bytes(384), dice.below(6), 0, certificate, ...dice.bytes(certificate)];
  }

  /** A connection of which nothing was said yet. */
  newConnection(client: End, id: number): Connection {
    const view = (state: View['state']): View => ({ state, silent: false });
    const connection: Connection = {
      client,
      id,
      serverId: 0,
      clientView: view('syn'),
      serverView: view('none'),
      answered: false,
      spoilt: false,
    };
    this.connections.push(connection);
    return connection;
  }

  open(end: End, id = this.freeId(end, 'client')): void {
    const connection = this.newConnection(end, id);
    this.send(end, {
      bytes: message(0xa1, connection.id, this.key()),
      passes: (time, index) => {
        connection.askedAt = time;
        connection.askedIndex = index;
      },
      arrives: () => {
        connection.serverView.state = 'asked';
      },
    });
  }

  accept(connection: Connection, serverId = this.freeId(other(connection.client), 'server')): void {
    connection.serverId = serverId;
    connection.serverView.state = 'open';
    this.send(other(connection.client), {
      bytes: message(0x51, connection.id, id3(serverId)),
      passes: (_, index) => {
        connection.answered = true;
        connection.answeredIndex = index;
      },
      arrives: () => {
        connection.clientView.state = 'open';
      },
    });
  }

  refuse(connection: Connection, payload: ArrayLike<number> = []): void {
    connection.serverView.state = 'refused';
    this.send(other(connection.client), {
      bytes: message(0x52, connection.id, payload),
      passes: (_, index) => {
        connection.answered = true;
        connection.answeredIndex = index;
      },
      arrives: () => {
        connection.clientView.state = 'refused';
      },
    });
  }

  dataOf(end: End, connection: Connection): Uint8Array {
    const payload = this.dice.bytes(this.dice.below(5));
    return end === connection.client
      ? message(0xa0, connection.serverId, payload)
      : message(0x50, connection.id, payload);
  }

  closeOf(end: End, connection: Connection, payload: ArrayLike<number> = []): Uint8Array {
    return end === connection.client
      ? message(0xa2, connection.serverId, payload)
      : message(0x52, connection.id, payload);
  }

  close(end: End, connection: Connection, bytes = this.closeOf(end, connection)): void {
    const own = this.viewOf(end, connection);
    const peers = this.viewOf(other(end), connection);
    own.closedAt = Number.NaN;
    own.closedIndex = Number.NaN;
    let passedAt = Number.NaN;
    this.send(end, {
      bytes,
      passes: (time, index) => {
        own.closedAt = time;
        own.closedIndex = index;
        passedAt = time;
      },
      arrives: () => {
        peers.peerClosedAt = passedAt;
      },
    });
  }

  /** Connections on which this end has something to say. */
  speakers(end: End): Connection[] {
    return this.connections.filter(connection => {
      const { state, closedAt, silent } = this.viewOf(end, connection);
      if (silent || closedAt !== undefined) return false;
      return state === 'asked' || state === 'open';
    });
  }

  speak(end: End, connection: Connection): void {
    const view = this.viewOf(end, connection);
    if (view.state === 'asked') {
      if (this.dice.chance(0.25)) this.refuse(connection);
      else this.accept(connection);
    } else if (view.peerClosedAt !== undefined || this.dice.chance(0.25)) this.close(end, connection);
    else this.send(end, { bytes: this.dataOf(end, connection) });
  }

  // The path.

  send(end: End, packet: Packet): void {
    this.#near[end].push(packet);
  }

  pass(end: End): void {
    const packet = this.#near[end].shift();
    if (!packet) return;
    this.said.push({ from: end, bytes: packet.bytes, time: this.now });
    packet.passes?.(this.now, this.said.length - 1);
    this.#far[end].push(packet);
  }

  deliver(end: End): void {
    this.#far[end].shift()?.arrives?.();
  }

  /** All that this end has sent has passed the observer, and it has received all that passed him. */
  synchronise(end: End): void {
    while (this.#near[end].length > 0) this.pass(end);
    while (this.#far[other(end)].length > 0) this.deliver(other(end));
  }

  /** Everything under way arrives, and every SYN is answered. */
  settle(): void {
    for (let round = 0; round < 3; round++) {
      for (const end of ['ann', 'bob'] as const) {
        this.synchronise(end);
        while (this.#far[end].length > 0) this.deliver(end);
        for (const connection of this.speakers(end)) {
          if (this.viewOf(end, connection).state === 'asked') this.speak(end, connection);
        }
      }
    }
  }

  /** So many milliseconds pass; no SYN is left too long. */
  wait(milliseconds: number): void {
    const isLate = ({ askedAt = Number.NaN, answered, serverView }: Connection) =>
      !answered && !serverView.silent && this.now + milliseconds - askedAt > this.dialect.answerTimeout;
    if (this.connections.some(isLate)) this.settle();
    this.now += milliseconds;
  }

  /** Until an identifier becomes free again, to the millisecond, and mostly it is used again at once. */
  #waitForAnId(): void {
    const { dice } = this;
    const waiting = this.connections.filter(({ clientView: { closedAt, peerClosedAt, state } }) => {
      if (state !== 'open' || (closedAt === undefined) === (peerClosedAt === undefined)) return false;
      return (closedAt ?? peerClosedAt ?? Number.NaN) + REUSE_AFTER > this.now;
    });
    if (waiting.length === 0) return;
    const { client, id, clientView } = dice.of(waiting);
    this.wait((clientView.closedAt ?? clientView.peerClosedAt ?? this.now) + REUSE_AFTER - this.now);
    const isTaken = this.connections.some(own => own.client === client && own.id === id && !this.isOver(client, own));
    if (isTaken || this.#idsAreRandom || dice.chance(0.2)) return;
    this.synchronise(client);
    this.open(client, id);
    this.pass(client);
  }

  /** An answer that comes to the millisecond when it must. */
  #answerAtTheLast(): void {
    const asked = this.connections.filter(
      ({ serverView: { state, silent, closedAt }, askedAt }) =>
        state === 'asked' && askedAt !== undefined && closedAt === undefined && !silent,
    );
    if (asked.length === 0) return;
    const connection = this.dice.of(asked);
    connection.serverView.silent = true;
    this.wait(connection.askedAt! + this.dialect.answerTimeout - this.now);
    connection.serverView.silent = false;
    this.speak(other(connection.client), connection);
    this.synchronise(other(connection.client));
  }

  step(): void {
    const { dice } = this;
    this.wait(dice.of([0, 0, 1, 1, 3, 40]));
    const end: End = dice.chance(0.5) ? 'ann' : 'bob';
    const choice = dice.below(100);
    if (choice < 12) {
      const live = this.connections.filter(({ clientView }) => clientView.state !== 'refused' && !clientView.silent);
      if (live.length < 40) this.open(end);
    } else if (choice < 44) {
      const speakers = this.speakers(end);
      if (speakers.length > 0) this.speak(end, dice.of(speakers));
    } else if (choice < 69) this.pass(end);
    else if (choice < 94) this.deliver(end);
    else if (choice < 95 && this.dialect.chaff === 'ignore') {
      this.send(end, { bytes: Uint8Array.from(dice.chance(0.5) ? [0xff] : [0xff, ...dice.bytes(3 + dice.below(4))]) });
    } else if (choice < 96) this.wait(dice.below(9_000));
    else if (choice < 97) this.wait(29_000 + dice.below(3_000));
    else if (choice < 99) this.#waitForAnId();
    else this.#answerAtTheLast();
  }
}
