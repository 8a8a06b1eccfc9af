/**
 * The catalogue of ministreaming read a second time: judges a list of messages as the law says, with nothing of the
 * tracker's. It knows three answers. A finding that everybody must agree on is demanded; one where two readings of the
 * same messages are possible (a CLOSE that may be the old connection's, an identifier that two connections share after a
 * fault) may be reported but is not demanded; all others are false.
 *
 * It is slow and plain on purpose: every connection of the session in one list, searched from the end.
 */
import type { End } from '../../kit/ministreaming.ts';

/** One message as the observer saw it. */
export interface Said {
  readonly from: End;
  readonly bytes: Uint8Array;
  /** Milliseconds since the first. */
  readonly time: number;
}

export interface Dialect {
  readonly key: 'any' | 'i2p-destination';
  readonly chaff: 'error' | 'ignore';
  /** Milliseconds. */
  readonly answerTimeout: number;
}

export interface Judgement {
  /** `rule index`, the index of the message, in order of the list; left-open and unknown-session are not among them. */
  readonly demanded: readonly string[];
  readonly allowed: readonly string[];
}

type Role = 'client' | 'server';

/** An identifier that one side has closed is free after this long. */
const REUSE_AFTER = 30_000;
/** The ends count it from when they know of the CLOSE, the observer from when it passes him. */
const JITTER = 500;

interface Connection {
  readonly client: End;
  readonly id: number;
  readonly index: number;
  readonly time: number;
  phase: 'syn' | 'open' | 'refused';
  /** More than one after a second ACK. */
  readonly serverIds: number[];
  /** When the side has certainly closed. */
  readonly closed: Partial<Record<Role, number>>;
  /** When it may have. */
  readonly maybeClosed: Partial<Record<Role, number>>;
  /** DATA and CLOSE of this side may belong elsewhere, or mean something else. */
  readonly doubtful: Record<Role, boolean>;
  /** Nothing about it is certain any more. */
  inconclusive: boolean;
  /** Opened by a SYN that broke a rule: deserves no answer. */
  readonly weak: boolean;
  answeredAt: number | undefined;
  reportedEarlyData: boolean;
}

const other = (end: End): End => (end === 'ann' ? 'bob' : 'ann');
const idAt = (bytes: Uint8Array, at: number) => (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2];

/** 256 + 128 bytes of keys, then a certificate: type, length n, n bytes. */
function isDestination(key: Uint8Array): boolean {
  return key.length >= 387 && key.length === 387 + ((key[385] << 8) | key[386]);
}

/** Type FF, which is ignored, and a lone FF, a ping. */
const isChaff = (bytes: Uint8Array) => bytes[0] === 0xff && (bytes.length === 1 || bytes.length >= 4);

/** The rule about type and length that a message breaks by itself. */
function brokenForm(bytes: Uint8Array): string | undefined {
  if (bytes.length < 4) return 'truncated-header';
  const range = bytes[0] >>> 4;
  if (range !== 0xa && range !== 5) return 'unknown-type';
  if ((bytes[0] & 15) > 2) return 'reserved-type';
  return idAt(bytes, 1) === 0 ? 'reserved-id' : undefined;
}

class Law {
  readonly demanded: string[] = [];
  readonly allowed: string[] = [];
  readonly #dialect: Dialect;
  readonly #connections: Connection[] = [];
  /** The server ids that were given out, in their order. */
  readonly #acceptances: { readonly server: End; readonly id: number; readonly connection: Connection }[] = [];
  /** Server ids that only an ACK named which opened nothing; its receiver may still answer them. */
  readonly #named = new Set<string>();
  /** Servers that gave out an id which nobody can read: it may be any that was free. */
  readonly #unread = new Set<End>();
  #index = 0;
  #now = 0;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  #broken(rule: string, certain = true): void {
    (certain ? this.demanded : this.allowed).push(`${rule} ${this.#index}`);
  }

  #opened(client: End, id: number): Connection | undefined {
    return this.#connections.findLast(connection => connection.client === client && connection.id === id);
  }

  #accepted(server: End, id: number, but?: Connection): Connection | undefined {
    return this.#acceptances.findLast(given => given.connection !== but && given.server === server && given.id === id)
      ?.connection;
  }

  /** Certainly live; with some patience, perhaps. */
  #live(connection: Connection, reuseAfter = REUSE_AFTER - JITTER): boolean {
    if (connection.inconclusive || connection.weak || connection.phase === 'refused') return false;
    const times = (['client', 'server'] as const)
      .map(role => connection.closed[role] ?? connection.maybeClosed[role])
      .filter(time => time !== undefined);
    if (connection.phase === 'syn' && connection.maybeClosed.server !== undefined) return false;
    return times.length === 0 || (times.length === 1 && this.#now - times[0] < reuseAfter);
  }

  message(index: number, { from, bytes, time }: Said): void {
    [this.#index, this.#now] = [index, time];
    if (this.#dialect.chaff === 'ignore' && isChaff(bytes)) return;
    const malformed = brokenForm(bytes);
    if (malformed) {
      this.#broken(malformed);
      return;
    }
    const [type, id, length] = [bytes[0], idAt(bytes, 1), bytes.length - 4];
    if (type === 0xa1) this.#syn(from, id, bytes.subarray(4));
    else if (type === 0x51) this.#ack(from, id, bytes.subarray(4));
    else {
      const role = type >>> 4 === 0xa ? 'client' : 'server';
      const isClose = (type & 15) === 2;
      if (isClose && length > 0) this.#brokenClose(from, role, id);
      else this.#onConnection(from, role, id, isClose);
    }
  }

  #syn(from: End, id: number, key: Uint8Array): void {
    const before = this.#opened(from, id);
    const misses = key.length === 0;
    const weak = misses || (this.#dialect.key === 'i2p-destination' && !isDestination(key));
    if (weak) this.#broken(misses ? 'syn-missing-key' : 'syn-key-format');
    else if (before && this.#live(before, REUSE_AFTER)) {
      // What the server says of this identifier from here on may be said of either SYN.
      const isCertain = this.#live(before);
      this.#broken('syn-id-in-use', isCertain);
      before.inconclusive = true;
      return;
    }
    if (weak && before && before.phase !== 'refused' && this.#live(before)) {
      before.inconclusive = true;
      return;
    }
    const serverMaySpeakOfTheOld =
      before !== undefined &&
      before.phase !== 'refused' &&
      (before.closed.server === undefined || before.doubtful.server || before.inconclusive || before.weak);
    this.#connections.push({
      client: from,
      id,
      index: this.#index,
      time: this.#now,
      phase: 'syn',
      serverIds: [],
      closed: {},
      maybeClosed: {},
      doubtful: { client: false, server: serverMaySpeakOfTheOld },
      inconclusive: false,
      weak,
      answeredAt: undefined,
      reportedEarlyData: false,
    });
  }

  #ack(from: End, id: number, payload: Uint8Array): void {
    const connection = this.#opened(other(from), id);
    const serverId = payload.length >= 3 ? idAt(payload, 0) : 0;
    if (payload.length !== 3 || serverId === 0) {
      this.#broken(payload.length !== 3 ? 'ack-length' : 'reserved-id');
      if (!connection) return;
      if (connection.phase === 'syn') {
        connection.answeredAt ??= this.#now;
        connection.phase = 'open';
        connection.inconclusive = true;
        this.#unread.add(from);
      } else if (connection.phase === 'open') {
        // The misprint of the sample conversation: it may be meant as a CLOSE.
        connection.doubtful.server = true;
        connection.maybeClosed.server ??= this.#now;
      }
      if (serverId !== 0) this.#accept(from, serverId, connection);
      return;
    }
    if (!connection) {
      this.#named.add(`${from} ${serverId}`);
      this.#broken(this.#accepted(other(from), id) ? 'wrong-direction' : 'ack-unexpected');
      return;
    }
    const shared = this.#accepted(from, serverId, connection);
    if (connection.phase === 'syn') {
      connection.answeredAt ??= this.#now;
      connection.phase = 'open';
      delete connection.maybeClosed.server;
      if (shared && this.#live(shared, REUSE_AFTER) && !connection.inconclusive) {
        // Of two server ids that a connection was given, one may be free.
        this.#broken('server-id-in-use', shared.serverIds.length === 1 && this.#live(shared));
        shared.doubtful.client = true;
        connection.doubtful.client = true;
      } else if (shared && (shared.closed.client === undefined || shared.doubtful.client || shared.inconclusive)) {
        connection.doubtful.client = true;
      }
    } else if (connection.inconclusive || connection.maybeClosed.server !== undefined) {
      this.#broken('ack-duplicate', false);
      this.#broken('ack-after-close', false);
    } else if (connection.phase === 'refused' || connection.closed.server !== undefined) {
      // After the client's CLOSE alone it is a second one: the server need not know of that CLOSE.
      this.#broken('ack-after-close');
    } else this.#broken('ack-duplicate');
    this.#accept(from, serverId, connection);
  }

  #accept(server: End, id: number, connection: Connection): void {
    connection.serverIds.push(id);
    this.#acceptances.push({ server, id, connection });
  }

  /** A CLOSE with a payload: reported as that alone; whether anybody takes it for a CLOSE is open. */
  #brokenClose(from: End, role: Role, id: number): void {
    this.#broken('close-payload');
    const connection = role === 'client' ? this.#accepted(other(from), id) : this.#opened(other(from), id);
    if (connection) this.#maybeClose(connection, role);
  }

  #maybeClose(connection: Connection, role: Role): void {
    connection.doubtful[role] = true;
    if (connection.closed[role] === undefined) connection.maybeClosed[role] ??= this.#now;
    if (role === 'server') connection.answeredAt ??= this.#now;
  }

  /** Any of those that share the identifier may be meant. */
  #maybeCloseAll(latest: Connection, role: Role, id: number): void {
    for (const connection of this.#connections) {
      if (connection.client !== latest.client) continue;
      if (role === 'server' ? connection.id === id : connection.serverIds.includes(id)) {
        this.#maybeClose(connection, role);
      }
    }
  }

  /** DATA or CLOSE. */
  #onConnection(from: End, role: Role, id: number, isClose: boolean): void {
    const peer = other(from);
    const connection = role === 'client' ? this.#accepted(peer, id) : this.#opened(peer, id);
    if (!connection) {
      this.#astray(from, role, id, isClose);
      return;
    }
    const otherRole = role === 'client' ? 'server' : 'client';
    const says = (rule: string) => this.#broken(rule);
    if (connection.inconclusive || connection.doubtful[role]) {
      if (isClose) this.#maybeCloseAll(connection, role, id);
      else this.#broken('data-crossing-close', false);
    } else if (connection.phase === 'refused') says(isClose ? 'close-duplicate' : 'data-after-refusal');
    else if (connection.phase === 'syn') {
      if (isClose) {
        connection.phase = 'refused';
        connection.answeredAt ??= this.#now;
      } else if (!connection.weak && !connection.reportedEarlyData) {
        connection.reportedEarlyData = true;
        says('data-before-ack');
      }
    } else if (connection.closed[role] !== undefined) says(isClose ? 'close-duplicate' : 'data-after-close');
    else if (isClose) connection.closed[role] = this.#now;
    else if (connection.closed[otherRole] !== undefined) {
      // Behind a new SYN with the identifier, "judged by no rule".
      const isLatest = this.#opened(connection.client, connection.id) === connection;
      const isUnsure = connection.doubtful[otherRole] || connection.weak || this.#unread.has(other(connection.client));
      this.#broken('data-crossing-close', isLatest && !isUnsure);
    } else if (connection.maybeClosed[otherRole] !== undefined) this.#broken('data-crossing-close', false);
  }

  /** The identifier names no connection in this role. */
  #astray(from: End, role: Role, id: number, isClose: boolean): void {
    const peer = other(from);
    // Somebody's server id is not known, or was named by an ACK that opened nothing.
    const unnamed = this.#connections.some(({ client, inconclusive }) => client === from && inconclusive);
    if (role === 'client' && (unnamed || this.#named.has(`${peer} ${id}`))) return;
    // All of them may count as closed, also one that is free by now and may yet be spoken on.
    const candidates = [this.#opened(from, id), this.#accepted(from, id)];
    const own = candidates.filter(found => found && this.#live(found));
    const reversed = role === 'client' ? this.#opened(peer, id) : this.#accepted(peer, id);
    if (own.length > 0) {
      this.#broken('own-id', !reversed);
      for (const meant of candidates) {
        if (meant && isClose) this.#maybeClose(meant, meant.client === from ? 'client' : 'server');
      }
    } else if (reversed) {
      this.#broken('wrong-direction');
      if (isClose) this.#maybeClose(reversed, reversed.client === from ? 'client' : 'server');
    } else this.#broken(isClose ? 'close-unknown-id' : 'data-unknown-id');
  }

  end(time: number): void {
    for (const { index, time: asked, answeredAt = time, weak, inconclusive } of this.#connections) {
      if (weak || answeredAt - asked <= this.#dialect.answerTimeout) continue;
      this.#index = index;
      this.#broken('syn-unanswered', !inconclusive);
    }
  }
}

/** What the law says of a session seen from its start to its end. */
export function judgementOf(messages: readonly Said[], dialect: Dialect): Judgement {
  const law = new Law(dialect);
  messages.forEach((message, index) => {
    law.message(index, message);
  });
  law.end(messages.at(-1)?.time ?? 0);
  return law;
}
