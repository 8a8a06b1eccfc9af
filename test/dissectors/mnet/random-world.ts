/**
 * MNET endpoints written from the rule catalogue alone, and the network between them: a seed decides everything. They
 * share nothing with the trackers, so that where the two disagree one of them has misread the law.
 *
 * The observer stands where everything that is sent passes at once; what is behind it (loss, doubles, delay, another
 * order) decides when the other end hears of it. Before it, the network doubles, and delays what may be late at any
 * time: bare acknowledgements and retransmissions.
 */
import { createHmac } from 'node:crypto';
import { concat } from '../../../src/testkit/bytes.ts';
import { splitEndpoint } from '../../../src/testkit/packet.ts';
import { type BrokenRule, type Line, type Party, parties, type Role, START, type Terms } from '../../kit/mnet.ts';
import { Dice } from './dice.ts';
import { Endpoint } from './random-endpoint.ts';
import {
  ABORT,
  COOKIE,
  COOKIE_ACK,
  COOKIE_ECHO,
  INIT,
  other,
  SHUTDOWN,
  SHUTDOWN_ACK,
  SHUTDOWN_COMPLETE,
  tagOf,
  typeOf,
} from './random-messages.ts';

/** How long a cookie is good, in seconds. */
const COOKIE_LIFETIME = 6;

const keyOf = ({ from, bytes }: Line) => `${from} ${Buffer.from(bytes).toString('hex')}`;

/** The DATA that an endpoint meant to send: what its header states, before anybody altered it. */
export interface Stated {
  readonly first: number;
  readonly end: number;
  readonly acknowledged: number;
}

/** A message on its way out, and the place where a fault may change it. */
export interface Outgoing {
  readonly from: Role;
  readonly line: Line;
  readonly data?: Stated;
  /** The line is one that its sender sends again. */
  readonly again?: boolean;
}

/** A message that breaks a rule, in place of the one that was meant. */
export interface Mutation {
  readonly line: Line;
  readonly rule: string;
  /** The peer acts on it as on the one that was meant (or on what it is, if that is given); else it is as good as lost. */
  readonly taken: boolean;
  readonly as?: Line;
  /** What the peer says to it, and thinks no more of it. */
  readonly refusal?: Line | undefined;
  /** Another rule, which the receiver breaks by accepting it, on the first message of this type. */
  readonly accepting?: { readonly rule: string; readonly types: readonly number[] } | undefined;
}

export interface Fault {
  readonly name: string;
  mutate?(out: Outgoing, connection: Connection): Mutation | undefined;
  /** Says something wrong of its own accord, or falls silent; true once it has. */
  act?(connection: Connection): boolean;
  /** What is seen on a pair before anything else. */
  first?(dice: Dice): { readonly line: Line; readonly rule: string };
  /** After everything: what an end that fell silent has left waiting, by its first frame. */
  waiting?(world: World): { readonly rule: string; readonly frame: number } | undefined;
}

interface Event {
  readonly at: number;
  /** A delivery, which a long silence does not survive. */
  readonly delivery: boolean;
  run(): unknown;
}

export interface WorldOptions {
  readonly terms: Pick<Terms, 'order' | 'tags'>;
  /** Seconds that the capture's clock is ahead of the listener's. */
  readonly clock: number;
  readonly cookieKey: string | undefined;
  readonly fault: Fault | undefined;
  /** Where the streams begin, once for each side: only for conversations whose beginning is cut away. */
  readonly streamStart: number;
}

/** Time, the network, and what the observer saw of it. */
export class World {
  readonly dice: Dice;
  readonly options: WorldOptions;
  readonly lines: Line[] = [];
  readonly expected: BrokenRule[] = [];
  readonly pairs: Pair[] = [];
  readonly #tags = new Set<number>();
  /** The tag that the next connection takes, even if another one has it already. */
  nextTag: number | undefined = undefined;
  /** The connection in which somebody fell silent. */
  silenced: Connection | undefined = undefined;
  #events: Event[] = [];
  /** Milliseconds since the start, and at the line before. */
  now = 0;
  #before = 0;
  faulty = false;
  /** No more of the application's own doing: what is open is brought to its end, and nothing is lost. */
  draining = false;

  constructor(seed: number, options: WorldOptions) {
    this.dice = new Dice(seed);
    this.options = options;
  }

  /** The listener's clock, in Unix seconds. */
  get listenerSeconds(): number {
    return START + this.now / 1000 - this.options.clock;
  }

  newTag(): number {
    for (;;) {
      const tag = this.dice.roll(0x100_0000);
      if (this.#tags.has(tag)) continue;
      this.#tags.add(tag);
      return tag;
    }
  }

  /** The observer sees a datagram; returns its frame. */
  see(line: Line, pair: Pair): number {
    const after = this.lines.length === 0 ? 0 : (this.now - this.#before) / 1000;
    this.#before = this.now;
    this.lines.push({ ...line, connector: pair.connector, listener: pair.listener, after });
    return this.lines.length;
  }

  expect(rule: string, frame: number): void {
    this.expected.push({ rule: `mnet/${rule}`, frame });
  }

  at(delay: number, run: () => unknown, delivery = false): void {
    this.#events.push({ at: this.now + delay, delivery, run });
  }

  runUntil(end: number): void {
    for (;;) {
      let next: Event | undefined;
      for (const event of this.#events) if (event.at <= end && (!next || event.at < next.at)) next = event;
      if (!next) break;
      this.#events.splice(this.#events.indexOf(next), 1);
      this.now = Math.max(this.now, next.at);
      next.run();
    }
    this.now = Math.max(this.now, end);
  }

  /** Nobody says anything for so long. */
  silence(milliseconds: number): void {
    this.#events = this.#events
      .filter(({ delivery }) => !delivery)
      .map(event => ({ ...event, at: event.at + milliseconds }));
    this.now += milliseconds;
  }
}

/** The connections of two UDP endpoints, one after the other. */
export class Pair {
  readonly world: World;
  readonly connector: string;
  readonly listener: string;
  readonly connections: Connection[] = [];
  readonly #maxConnections: number;

  constructor(world: World, connector: string, listener: string, maxConnections: number) {
    this.world = world;
    this.connector = connector;
    this.listener = listener;
    this.#maxConnections = maxConnections;
    world.pairs.push(this);
    this.#tick();
  }

  get current(): Connection {
    return this.connections[this.connections.length - 1];
  }

  #tick(): void {
    const { world } = this;
    const { dice } = world;
    if (this.connections.length === 0) this.connections.push(new Connection(this));
    const { current } = this;
    const restart = current.connector.state === 'established' && dice.chance(0.004);
    if (!world.draining && (current.over ? dice.chance(0.1) : restart)) this.open();
    for (const connection of this.connections) connection.tick();
    world.at(1 + dice.roll(40), () => this.#tick());
  }

  /** The connector begins again. */
  open(): void {
    if (!this.mayOpen) return;
    for (const { connector } of this.connections) connector.state = 'over';
    this.connections.push(new Connection(this));
  }

  get mayOpen(): boolean {
    return this.connections.length < this.#maxConnections && this.world.silenced?.pair !== this;
  }
}

/** What the observer knows of one side of a connection, from its messages that broke no rule. */
export class Seen {
  /** First frame of each type. */
  readonly first = new Map<number, number>();
  readonly keys = new Set<string>();
  highest: number;
  acknowledged = 0;

  constructor(streamStart: number) {
    this.highest = streamStart;
  }

  has(type: number): boolean {
    return this.first.has(type);
  }
}

export class Connection {
  readonly pair: Pair;
  readonly world: World;
  readonly index: number;
  readonly initTag: number;
  readonly connector: Endpoint;
  readonly listener: Endpoint;
  readonly seen: Readonly<Record<Role, Seen>>;
  readonly cookies: Line[] = [];
  /** The cookie that the connector has chosen. */
  cookie: Line | undefined = undefined;
  parties: { readonly C: Party; readonly L: Party };
  /** The connector has been heard after COOKIE-ACK: which tags are in force is settled. */
  settled = false;
  #accepting: Mutation['accepting'] = undefined;
  /** The network has nothing to do with the connection: no loss, no doubles. */
  sure = false;

  constructor(pair: Pair) {
    this.pair = pair;
    this.world = pair.world;
    this.index = pair.connections.length;
    this.initTag = this.world.nextTag ?? this.world.newTag();
    this.world.nextTag = undefined;
    this.parties = parties({ ...this.world.options.terms, initTag: this.initTag });
    const { streamStart } = this.world.options;
    this.seen = { connector: new Seen(streamStart), listener: new Seen(streamStart) };
    this.connector = new Endpoint('connector', this, 'waiting');
    this.listener = new Endpoint('listener', this, 'closed');
    this.connector.begin();
  }

  get over(): boolean {
    return this.connector.state === 'over' || this.connector.state === 'aborted';
  }

  get established(): boolean {
    return this.connector.state === 'established' && this.listener.state === 'established';
  }

  /** No shutdown has begun, nothing was aborted. */
  get quiet(): boolean {
    return (
      this.established && [this.connector, this.listener].every(({ shutdown, answered }) => !shutdown && !answered)
    );
  }

  /** A message of the connection waits for an answer, as the catalogue counts it. */
  get waits(): boolean {
    const { connector: c, listener: l } = this.seen;
    if (c.has(ABORT) || l.has(ABORT)) return false;
    if (!l.has(COOKIE) && !l.has(COOKIE_ACK)) return true;
    if (c.has(COOKIE_ECHO) && !l.has(COOKIE_ACK)) return true;
    const shut = (a: Seen, b: Seen) => a.has(SHUTDOWN) && (!b.has(SHUTDOWN_ACK) || !a.has(SHUTDOWN_COMPLETE));
    const answered = (a: Seen, b: Seen) => a.has(SHUTDOWN_ACK) && !b.has(SHUTDOWN_COMPLETE);
    return shut(c, l) || shut(l, c) || answered(c, l) || answered(l, c);
  }

  party(role: Role): Party {
    return role === 'connector' ? this.parties.C : this.parties.L;
  }

  endpoint(role: Role): Endpoint {
    return role === 'connector' ? this.connector : this.listener;
  }

  tick(): void {
    this.connector.tick();
    this.listener.tick();
    const { fault } = this.world.options;
    if (fault?.act && !this.world.faulty && !this.world.draining && this.world.dice.chance(0.2)) {
      this.world.faulty = fault.act(this);
    }
  }

  /** The listener keeps no state: each INIT gets a cookie, of the same tag or another. */
  issue(): Line {
    const { world, pair, initTag } = this;
    const same = this.cookies.length > 0 && world.dice.chance(0.4);
    const listenerTag = same ? tagOf(this.cookies[this.cookies.length - 1]) : world.newTag();
    const expiration = Math.floor(world.listenerSeconds) + COOKIE_LIFETIME;
    const { L } = parties({ ...world.options.terms, initTag, listenerTag });
    const line = L.cookie({ expiration, ...this.#mac(L.cookie({ expiration }).bytes, pair) });
    this.cookies.push(line);
    return line;
  }

  #mac(cookie: Uint8Array, { connector, listener }: Pair): { hmac?: Uint8Array } {
    const { cookieKey } = this.world.options;
    if (cookieKey === undefined) return {};
    const address = splitEndpoint(connector).address.split('.').map(Number);
    const { port } = splitEndpoint(listener);
    const text = concat(cookie.subarray(8, 12), address, [port >>> 8, port & 0xff], cookie.subarray(1, 7));
    return { hmac: createHmac('sha1', Buffer.from(cookieKey, 'hex')).update(text).digest() };
  }

  /** Settles which cookie the connection is built on. */
  choose(cookie: Line): void {
    this.cookie = cookie;
    this.parties = parties({ ...this.world.options.terms, initTag: this.initTag, listenerTag: tagOf(cookie) });
  }

  /** Sends what a correct endpoint says, unless the fault of this conversation gets hold of it. */
  send(out: Outgoing): void {
    const { world } = this;
    const { fault } = world.options;
    const mutation = !world.faulty && !world.draining && world.dice.chance(0.3) && fault?.mutate?.(out, this);
    if (!mutation) {
      this.#pass(out);
      return;
    }
    world.faulty = true;
    world.expect(mutation.rule, world.see(mutation.line, this.pair));
    this.#accepting = mutation.accepting;
    const { refusal } = mutation;
    if (refusal) world.at(1 + world.dice.roll(20), () => world.see(refusal, this.pair));
    if (mutation.taken) world.at(1 + world.dice.roll(20), () => this.#deliver(out.from, mutation.as ?? out.line));
  }

  /** Says something that no correct endpoint says; the peer does not listen. */
  inject(line: Line, ...rules: readonly string[]): true {
    const frame = this.world.see(line, this.pair);
    for (const rule of rules) this.world.expect(rule, frame);
    return true;
  }

  /** The first message of one of these types breaks a rule, since it accepts what it must not. */
  accept(accepting: Mutation['accepting']): void {
    this.#accepting = accepting;
  }

  get isAccepting(): boolean {
    return this.#accepting !== undefined;
  }

  /** The peer listens to what was injected. */
  hand(line: Line): void {
    this.world.at(1 + this.world.dice.roll(20), () => this.#deliver(line.from, line), true);
  }

  #pass(out: Outgoing): void {
    const { world } = this;
    const { dice } = world;
    const { line } = out;
    // What may be late at any time, since its sender said more before.
    const old = out.data !== undefined && out.data.end <= this.seen[out.from].highest;
    if (old && !this.sure && dice.chance(0.1)) {
      world.at(1 + dice.roll(1500), () => !this.sure && this.#arrive(out), true);
      return;
    }
    this.#arrive(out);
    if (!this.sure && dice.chance(0.06)) world.at(1 + dice.roll(2000), () => this.#copy(line), true);
  }

  #copy(line: Line): void {
    if (this.sure || this.index < this.pair.connections.length - 2) return;
    this.world.see(line, this.pair);
    this.hand(line);
  }

  #arrive(out: Outgoing): void {
    const { world } = this;
    const { dice } = world;
    if (this.index < this.pair.connections.length - 2) return;
    const frame = world.see(out.line, this.pair);
    this.#note(out, frame);
    if (!this.sure && !world.draining && dice.chance(0.12)) return;
    const times = !this.sure && dice.chance(0.08) ? 2 : 1;
    for (let i = 0; i < times; i++) {
      const delay = 1 + dice.roll(this.sure || !dice.chance(0.2) ? 15 : 300);
      world.at(delay, () => this.#deliver(out.from, out.line), true);
    }
  }

  #note({ from, line, data }: Outgoing, frame: number): void {
    const seen = this.seen[from];
    const type = typeOf(line);
    if (!seen.has(type)) seen.first.set(type, frame);
    seen.keys.add(keyOf(line));
    if (data) {
      seen.highest = Math.max(seen.highest, data.end);
      seen.acknowledged = Math.max(seen.acknowledged, data.acknowledged);
    }
    const after = this.seen.listener.has(COOKIE_ACK);
    if (from === 'connector' && after && type !== INIT && type !== COOKIE_ECHO) this.settled = true;
    if (from === 'listener' && this.#accepting?.types.includes(type)) {
      this.world.expect(this.#accepting.rule, frame);
      this.#accepting = undefined;
    }
  }

  /** The side has sent these very bytes before. */
  sentBefore(line: Line): boolean {
    return this.seen[line.from].keys.has(keyOf(line));
  }

  #deliver(from: Role, line: Line): void {
    this.endpoint(other(from)).hear(line);
  }
}
