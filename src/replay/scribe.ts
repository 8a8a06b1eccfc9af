/**
 * Writes the script down while the engine reads the recording: what each message took of its stream, who ended what when,
 * and what belongs to no message and was said all the same. Bytes are copied, of the connections that are wanted alone.
 */
import { dialectOf } from '../dialect.ts';
import type { Engine } from '../engine.ts';
import type { Framing } from '../framing/framing.ts';
import type { Timestamp } from '../lint/finding.ts';
import { carrierOf, framingsOf } from '../protocol/carrier.ts';
import type { AnyProtocol, SeenMessage, Transport } from '../protocol/protocol.ts';
import { counted } from '../report/numbers.ts';
import type { FlowListener } from '../run/flow-listener.ts';
import { UsageError } from '../settings/words.ts';
import { type Conversation, type Recorded, type Role, type Script, type Step, viewOf } from './script.ts';

/** What a script may hold. */
const MOST_BYTES = 512 * 1024 * 1024;
const MOST_STEPS = 2_000_000;
/** Flows of a script, each of which is a socket. */
const MOST_FLOWS = 1_000;

type Ends = [first: string, second: string];

/** A step whose side is an end of the flow, 0 or 1. */
interface Noted {
  readonly flow: Noting;
  readonly side: number;
  readonly at: Timestamp;
  readonly frame: number;
  readonly kind: 'message' | 'bytes' | 'preface' | 'fin' | 'reset';
  readonly bytes: Uint8Array;
  readonly hidden: number;
  readonly recorded: Recorded | undefined;
  /** Its direction can no longer be cut: its bytes are noted as they came. */
  readonly isUncut: boolean;
}

/** Bytes of a direction that no message has taken yet. */
class Pending {
  readonly #parts: Uint8Array[] = [];
  /** Bytes of the first part that were taken. */
  #at = 0;

  add(bytes: Uint8Array): void {
    this.#parts.push(bytes);
  }

  /** The first bytes, which are not pending any more; fewer where there are no more. */
  take(length: number): Uint8Array {
    const taken: Uint8Array[] = [];
    let left = length;
    for (let [part] = this.#parts; part && left > 0; [part] = this.#parts) {
      const end = Math.min(part.length, this.#at + left);
      taken.push(part.subarray(this.#at, end));
      left -= end - this.#at;
      this.#at = end;
      if (end < part.length) break;
      this.#parts.shift();
      this.#at = 0;
    }
    return new Uint8Array(Buffer.concat(taken));
  }
}

/** A flow while it is read. */
class Noting {
  protocol: AnyProtocol | undefined = undefined;
  transport: Transport = 'udp';
  ends: Ends = ['', ''];
  /** The end that is the client of the first connection that is wanted; -1 as long as there is none. */
  client = -1;
  readonly connections = new Set<number>();
  /** By side. */
  readonly pending: readonly [Pending, Pending] = [new Pending(), new Pending()];
  /** When something of it last came. */
  latest: Timestamp = { seconds: 0, nanoseconds: 0 };
  readonly uncut = [false, false];
  readonly lost = [false, false];
  /** Noted before it was known whether anybody wants the flow. */
  early: Noted[] = [];
}

export class Scribe implements FlowListener {
  readonly #engine: Engine;
  readonly #dialects: ReadonlyMap<string, string>;
  readonly #wanted: ReadonlySet<number> | undefined;
  /** Flows that are open, by the engine's number. */
  readonly #open = new Map<number, Noting>();
  readonly #noted: Noted[] = [];
  readonly #flows: Noting[] = [];
  #bytes = 0;
  #lastFrame = 0;
  #isFull = false;

  /** @param dialects that the engine goes by @param wanted numbers of connections; all if undefined */
  constructor(engine: Engine, dialects: ReadonlyMap<string, string>, wanted: ReadonlySet<number> | undefined) {
    this.#engine = engine;
    this.#dialects = dialects;
    this.#wanted = wanted;
    engine.onFlow = this;
  }

  /**
   * The script, once the recording is read.
   * @throws UsageError when it is too much, or of protocols that do not go together
   */
  script(role: Role): Script {
    if (this.#isFull)
      throw new UsageError('the recording holds too much to be replayed at once: choose among it with --connection');
    const ids = [...new Set(this.#flows.map(({ protocol }) => protocol?.id))];
    if (ids.length > 1)
      throw new UsageError(`the recording holds ${ids.join(' and ')}: choose connections of one with --connection`);
    const row = inOrder(this.#noted);
    // In the order in which they begin: so clients come to a server.
    const flows = [...new Set(row.map(({ flow }) => flow))];
    const numbers = new Map(flows.map((flow, index) => [flow, index]));
    const [origin] = row;
    const begun = new Set<Noting>();
    const ended = new Set<string>();
    const silenced = new Set<Noting>();
    const remarks: string[] = [];
    const steps: Step[] = [];
    for (const noted of row) {
      const { flow, side, kind, frame, bytes, hidden, recorded } = noted;
      const own = ownSide(flow, role);
      const isOwn = side === own;
      const common = { flow: numbers.get(flow) ?? 0, time: milliseconds(noted.at, origin?.at ?? noted.at), frame };
      if (!begun.has(flow)) steps.push({ ...common, kind: 'open' });
      begun.add(flow);
      if (silenced.has(flow)) continue;
      if (kind === 'fin' || kind === 'reset') {
        if (ended.has(`${common.flow} ${side}`)) continue;
        // Who has ended hears of the other's end or does not; nothing rests on it.
        const isAnswer = !isOwn && ended.has(`${common.flow} ${own}`);
        ended.add(`${common.flow} ${side}`);
        if (!isAnswer) steps.push({ ...common, kind: 'end', by: isOwn ? 'own' : 'peer', how: kind });
      } else if (isOwn) {
        const isCut = recorded !== undefined && recorded.message.captured < recorded.message.length;
        if (isCut || (noted.isUncut && flow.lost[side])) {
          remarks.push(
            `frame ${frame}: not all of what was said is in the capture; connection ${listed(flow)} ends there`,
          );
          silenced.add(flow);
        } else if (!noted.isUncut || kind === 'bytes') {
          steps.push({ ...common, kind: 'say', wire: bytes, hidden, recorded });
        }
      } else if (recorded) steps.push({ ...common, kind: 'hear', recorded });
      else if (kind === 'preface') steps.push({ ...common, kind: 'preface', bytes });
    }
    return { role, conversations: flows.map(flow => this.#conversation(flow, role)), steps, remarks };
  }

  // What the engine tells

  preface(flow: number, side: number, bytes: Uint8Array, from: number, to: number, at: Readonly<Timestamp>): void {
    this.#note(this.#of(flow), side, 'preface', at, new Uint8Array(bytes.subarray(from, to)));
  }

  bytes(flow: number, side: number, bytes: Uint8Array, from: number, to: number, at: Readonly<Timestamp>): void {
    const noting = this.#of(flow);
    noting.transport = 'tcp';
    noting.latest = { seconds: at.seconds, nanoseconds: at.nanoseconds };
    const copy = new Uint8Array(bytes.subarray(from, to));
    if (noting.uncut[side]) this.#note(noting, side, 'bytes', at, copy);
    else noting.pending[sideOf(side)].add(copy);
  }

  message(flow: number, side: number, seen: SeenMessage, length: number, hidden: number): void {
    const noting = this.#of(flow);
    const { message, connection } = seen;
    this.#lastFrame = message.frame;
    const isStream = noting.transport === 'tcp';
    const isUncut = noting.uncut[side];
    const wire = isStream && !isUncut ? noting.pending[sideOf(side)].take(length) : message.copy();
    if (this.#wanted && !this.#wanted.has(connection)) return;
    const start = isStream && !isUncut ? hidden : 0;
    const view = viewOf(wire, message, start);
    // Of a long one the carrier may have kept its head alone; here is all of it.
    view.captured = Math.min(message.length, wire.length - start);
    const { name, layout } = seen;
    const recorded = { name, layout, message: view, connection, isRepeated: seen.repeated === true };
    if (noting.client < 0) {
      noting.client = seen.clientToServer ? side : 1 - side;
      noting.ends[sideOf(side)] = seen.from;
      noting.ends[sideOf(1 - side)] = seen.to;
      noting.protocol = this.#engine.protocols.find(({ id }) => id === seen.protocol);
      this.#take(noting);
    }
    noting.connections.add(connection);
    this.#note(noting, side, 'message', message, wire, start, recorded);
  }

  lost(flow: number, side: number): void {
    this.#of(flow).lost[side] = true;
    this.uncut(flow, side);
  }

  uncut(flow: number, side: number): void {
    const noting = this.#of(flow);
    noting.uncut[side] = true;
    // What came with it and is no part of it.
    this.#leftOver(noting, side, noting.latest);
  }

  ended(flow: number, side: number, at: Readonly<Timestamp>): void {
    const noting = this.#of(flow);
    this.#leftOver(noting, side, at);
    this.#note(noting, side, 'fin', at);
  }

  reset(flow: number, side: number, at: Readonly<Timestamp>): void {
    const noting = this.#of(flow);
    this.#leftOver(noting, side, at);
    this.#note(noting, side, 'reset', at);
  }

  closed(flow: number): void {
    this.#open.delete(flow);
  }

  #of(flow: number): Noting {
    const noting = this.#open.get(flow) ?? new Noting();
    this.#open.set(flow, noting);
    return noting;
  }

  #conversation(flow: Noting, role: Role): Conversation {
    const { protocol, transport, connections, ends } = flow;
    if (!protocol) throw new Error('a conversation of no protocol');
    const own = sideOf(ownSide(flow, role));
    return {
      protocol,
      dialect: dialectOf(protocol, this.#dialects),
      transport,
      framing: transport === 'tcp' ? this.#framingsOf(protocol)[0] : undefined,
      isMixed: transport === 'tcp' && this.#framingsOf(protocol).length > 1,
      connections: [...connections],
      own: ends[own],
      peer: ends[sideOf(1 - own)],
    };
  }

  #framingsOf(protocol: AnyProtocol): readonly Framing[] {
    const carrier = carrierOf(protocol, 'tcp', dialectOf(protocol, this.#dialects));
    return carrier ? framingsOf(carrier, this.#engine.protocols) : [];
  }

  /** A part of a message that never came to its end was said all the same. */
  #leftOver(noting: Noting, side: number, at: Readonly<Timestamp>): void {
    const rest = noting.pending[sideOf(side)].take(Number.POSITIVE_INFINITY);
    if (rest.length > 0) this.#note(noting, side, 'bytes', at, rest);
  }

  /** Somebody wants the flow. */
  #take(noting: Noting): void {
    if (this.#flows.length >= MOST_FLOWS) this.#isFull = true;
    this.#flows.push(noting);
    for (const noted of noting.early) this.#add(noted);
    noting.early = [];
  }

  #note(
    flow: Noting,
    side: number,
    kind: Noted['kind'],
    at: Readonly<Timestamp>,
    bytes: Uint8Array = NOTHING,
    hidden = 0,
    recorded?: Recorded,
  ): void {
    const { seconds, nanoseconds } = at;
    const frame = recorded?.message.frame ?? this.#lastFrame;
    const isUncut = flow.uncut[side];
    const noted = { flow, side, kind, at: { seconds, nanoseconds }, frame, bytes, hidden, recorded, isUncut };
    if (flow.client >= 0) this.#add(noted);
    else if (flow.early.length < MOST_EARLY) flow.early.push(noted);
  }

  #add(noted: Noted): void {
    this.#bytes += noted.bytes.length;
    this.#isFull ||= this.#bytes > MOST_BYTES || this.#noted.length >= MOST_STEPS;
    if (!this.#isFull) this.#noted.push(noted);
  }
}

/** What is kept of a flow before its first message. */
const MOST_EARLY = 16;
const NOTHING = new Uint8Array(0);

/**
 * In the order of time, as what is kept until its protocol is clear comes late; within a flow as it came, whatever the
 * capture's clock has done.
 */
function inOrder(noted: readonly Noted[]): Noted[] {
  const latest = new Map<Noting, Timestamp>();
  const timed = noted.map(one => {
    const before = latest.get(one.flow);
    const at = before && milliseconds(one.at, before) < 0 ? before : one.at;
    latest.set(one.flow, at);
    return { ...one, at };
  });
  return timed.toSorted((one, other) => milliseconds(one.at, other.at));
}

function ownSide({ client }: Noting, role: Role): number {
  return role === 'client' ? client : 1 - client;
}

function listed({ connections }: Noting): string {
  const [first, ...others] = connections;
  return others.length === 0 ? `${first}` : `${first} (and ${counted(others.length, 'other')} on the same flow)`;
}

function milliseconds(at: Timestamp, origin: Timestamp): number {
  return (at.seconds - origin.seconds) * 1_000 + (at.nanoseconds - origin.nanoseconds) / 1e6;
}

function sideOf(side: number): 0 | 1 {
  return side === 0 ? 0 : 1;
}
