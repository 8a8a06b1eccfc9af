/**
 * A recorded conversation played again: the same bytes in other segments. How they are cut, in which order the segments of
 * one turn come, which come twice, overlap or are sent again much later, what is acknowledged when, and which sequence numbers
 * they have is chosen; that each byte comes, that the turns keep their order, and that nothing is acknowledged before it
 * was captured (an observer would have to take it for lost), is not.
 */

import fc from 'fast-check';
import type { Frame } from '../../src/capture/source.ts';
import { ACK, FIN, frameOf, PSH, RST, SYN, tcpFrame } from '../../src/testkit/packet.ts';
import { type Progress, type Recording, saidBy, type Turn } from './recording.ts';
import { CLIENT, SERVER, type Side } from './tcp.ts';

const NOTHING = new Uint8Array(0);
/** From one connection's initial sequence numbers to the next one's. */
const ISN_STEP = 10_000_000;

export interface Manner {
  /** Longest segment in bytes, or where the segments end: offsets in the stream of a side. */
  readonly longest: number | ((connection: number, side: Side, offset: number) => number);
  /** Segments come up to so many places too late. */
  readonly window: number;
  /** Of ten segments so many come once more, some of them much later; likewise for those that begin in bytes sent before. */
  readonly copies: number;
  readonly overlaps: number;
  /** Of ten segments so many are followed by an acknowledgement alone, a keep-alive or a window probe. */
  readonly bare: number;
  /** Whether segments acknowledge what has come, anything from nothing up to that, or nothing but the SYN. */
  readonly acknowledges: 'all' | 'some' | 'none';
  /** Whether a FIN comes with the last bytes. */
  readonly joinsFin: boolean;
  /** Whether the SYN brings the client's first bytes. */
  readonly joinsSyn: boolean;
  /** Initial sequence numbers of client and server. */
  readonly isns: readonly [client: number, server: number];
  /** What is left open is chosen by these numbers, one after the other and over again. */
  readonly choices: readonly number[];
}

/** Everything once, in order. */
export const PLAIN: Manner = {
  longest: Number.POSITIVE_INFINITY,
  window: 0,
  copies: 0,
  overlaps: 0,
  bare: 0,
  acknowledges: 'all',
  joinsFin: false,
  joinsSyn: false,
  isns: [1_000, 50_000],
  choices: [0],
};

const isn = fc.oneof(
  fc.nat(2 ** 32 - 1),
  fc.integer({ min: 2 ** 32 - 300, max: 2 ** 32 - 1 }),
  fc.integer({ min: 2 ** 31 - 300, max: 2 ** 31 }),
);
const tenths = fc.constantFrom(0, 0, 1, 3, 8);

/** @param shortest length of the longest segment, where a byte a segment would be too many segments */
export function manners(shortest = 1): fc.Arbitrary<Manner> {
  return fc.record({
    longest: fc.constantFrom(1, 2, 7, 60, 500, 1_460, 65_000).map(length => Math.max(shortest, length)),
    window: fc.constantFrom(0, 1, 3, 12),
    copies: tenths,
    overlaps: tenths,
    bare: tenths,
    acknowledges: fc.constantFrom('all', 'some', 'none'),
    joinsFin: fc.boolean(),
    joinsSyn: fc.boolean(),
    isns: fc.tuple(isn, isn),
    choices: fc.array(fc.nat(9_999), { minLength: 20, maxLength: 400, size: 'max' }),
  });
}

export interface Played {
  readonly frames: readonly Frame[];
  readonly progress: readonly Progress[];
}

export function play(recording: Recording, manner: Manner): Played {
  const stage = new Stage(manner);
  const parties = recording.connections.map((ends, connection) => {
    return new Party(stage, manner, connection, ends, [
      saidBy(recording, connection, CLIENT),
      saidBy(recording, connection, SERVER),
    ]);
  });
  for (const turn of recording.turns) parties[turn.connection].say(turn);
  return stage;
}

/** The capture as it comes to be, and the choices. */
class Stage implements Played {
  readonly frames: Frame[] = [];
  readonly progress: Progress[] = [];
  readonly #choices: readonly number[];
  #at = 0;

  constructor({ choices }: Manner) {
    this.#choices = choices;
  }

  /** A number below `bound`, which is 1 or more. */
  choose(bound: number): number {
    return this.#choices[this.#at++ % this.#choices.length] % bound;
  }

  /** Yes, so many times in ten. */
  happens(tenths: number): boolean {
    return tenths > 0 && this.choose(10) < tenths;
  }

  add(bytes: Uint8Array, time: number): number {
    const frame = frameOf(bytes, { seconds: Math.floor(time / 1e6) });
    frame.nanoseconds = (time % 1e6) * 1000;
    frame.number = this.frames.length + 1;
    this.frames.push(frame);
    return frame.number;
  }
}

/** Bytes [from, to) of a side, and what else their segment says. */
interface Piece {
  readonly side: Side;
  readonly from: number;
  readonly to: number;
  readonly flags: number;
  /** Offset up to which the other side's bytes are acknowledged; by default as the manner has it. */
  readonly ack?: number;
  /** In place of the bytes that belong there. */
  readonly payload?: Uint8Array;
}

/** The two sides of one connection. */
class Party {
  readonly #stage: Stage;
  readonly #manner: Manner;
  readonly #connection: number;
  readonly #ends: readonly [string, string];
  readonly #streams: readonly [Uint8Array, Uint8Array];
  /** By side: which bytes have come, up to where they all have, and whether the FIN has. */
  readonly #there: readonly [Uint8Array, Uint8Array];
  readonly #reached: [number, number] = [0, 0];
  readonly #finCame = [false, false];
  /** By side: what has been said in the turns so far. */
  readonly #said: [number, number] = [0, 0];
  readonly #sent: (Piece & { readonly ack: number })[] = [];
  #time = 0;
  #isOver = false;

  constructor(
    stage: Stage,
    manner: Manner,
    connection: number,
    ends: readonly [string, string],
    streams: readonly [Uint8Array, Uint8Array],
  ) {
    this.#stage = stage;
    this.#manner = manner;
    this.#connection = connection;
    this.#ends = ends;
    this.#streams = streams;
    this.#there = [new Uint8Array(streams[0].length), new Uint8Array(streams[1].length)];
  }

  say({ side, bytes, ending, time }: Turn): void {
    this.#time = time;
    if (this.#sent.length === 0) this.#handshake(side === CLIENT ? bytes.length : 0);
    const from = this.#said[side];
    const to = from + bytes.length;
    this.#said[side] = to;
    for (const piece of this.#ordered(this.#pieces(side, from, to, ending === 'fin'))) {
      this.#send(piece);
      if (this.#stage.happens(this.#manner.bare)) this.#sendBare();
      if (this.#stage.happens(this.#manner.copies)) this.#sendAgain();
    }
    if (ending === 'reset') {
      this.#send({ side, from: to, to, flags: RST });
      this.#isOver = true;
    }
    if (this.#stage.happens(this.#manner.bare)) this.#keepAlive();
  }

  /** @param first bytes that the client says first */
  #handshake(first: number): void {
    const { joinsSyn } = this.#manner;
    const to = joinsSyn ? Math.min(first, 1 + this.#stage.choose(100)) : 0;
    this.#send({ side: CLIENT, from: 0, to, flags: SYN });
    this.#send({ side: SERVER, from: 0, to: 0, flags: SYN, ack: this.#stage.choose(2) * to });
    if (this.#stage.happens(this.#manner.copies)) this.#sendAgain();
    if (!this.#stage.happens(this.#manner.bare)) this.#send({ side: CLIENT, from: to, to, flags: 0 });
  }

  /** The bytes of a turn, cut. */
  #pieces(side: Side, from: number, to: number, fin: boolean): Piece[] {
    const { longest, overlaps, joinsFin } = this.#manner;
    const pieces: Piece[] = [];
    for (let at = from; at < to; ) {
      const length = typeof longest === 'number' ? longest : longest(this.#connection, side, at);
      const end = Math.min(to, at + length);
      const back = this.#stage.happens(overlaps) ? this.#stage.choose(Math.min(at, 3 * length, 2_000) + 1) : 0;
      const ahead = this.#stage.happens(overlaps) ? this.#stage.choose(Math.min(to - end, 2_000) + 1) : 0;
      pieces.push({ side, from: at - back, to: end + ahead, flags: at % 2 === 0 ? PSH : 0 });
      at = end;
    }
    const last = pieces.pop();
    if (last && fin && joinsFin) return [...pieces, { ...last, flags: FIN }];
    if (last) pieces.push(last);
    return fin ? [...pieces, { side, from: to, to, flags: FIN }] : pieces;
  }

  #ordered(pieces: readonly Piece[]): Piece[] {
    const { window, copies } = this.#manner;
    const delay = () => (window > 0 ? this.#stage.choose(window + 1) : 0);
    const arrivals = pieces.flatMap((piece, index) => {
      const times = this.#stage.happens(copies) ? 2 + this.#stage.choose(2) : 1;
      return Array.from({ length: times }, (_, copy) => ({ piece, at: index + delay() + copy * delay() }));
    });
    return arrivals.sort((one, other) => one.at - other.at).map(({ piece }) => piece);
  }

  /** Something of this connection that was sent before: one of its segments as it was, or other pieces of its bytes. */
  #sendAgain(): void {
    if (this.#isOver) return;
    const stage = this.#stage;
    const side = stage.choose(2) as Side;
    const reached = this.#reached[side];
    if (stage.choose(2) === 0 || reached === 0) this.#send(this.#sent[stage.choose(this.#sent.length)]);
    else {
      const from = stage.choose(reached);
      this.#send({ side, from, to: from + 1 + stage.choose(Math.min(reached - from, 1_460)), flags: 0 });
    }
  }

  /** An acknowledgement alone. */
  #sendBare(): void {
    const side = this.#stage.choose(2) as Side;
    if (this.#isOver) return;
    const at = this.#endOf(side);
    this.#send({ side, from: at, to: at, flags: 0 });
  }

  /** Repeats the byte before the next one, or none, with anything in its place. */
  #keepAlive(): void {
    const side = this.#stage.choose(2) as Side;
    const at = this.#endOf(side) - 1;
    if (this.#isOver || this.#finCame[side] || at < 0) return;
    const payload = Uint8Array.of(0xfe).subarray(this.#stage.choose(2));
    this.#send({ side, from: at, to: at + payload.length, flags: 0, payload });
  }

  /** Offset behind all of a side that has come in order; a FIN counts as one. */
  #endOf(side: Side): number {
    return this.#reached[side] + (this.#isAtFin(side) ? 1 : 0);
  }

  #isAtFin(side: Side): boolean {
    return this.#finCame[side] && this.#reached[side] === this.#streams[side].length;
  }

  #send(piece: Piece): void {
    const { side, from, to, flags, ack = this.#acknowledged(side) } = piece;
    const isFirst = side === CLIENT && (flags & SYN) !== 0;
    const header = {
      source: this.#ends[side],
      destination: this.#ends[1 - side],
      sequence: (this.#isn(side) + from + (flags & SYN ? 0 : 1)) >>> 0,
      acknowledgement: isFirst ? 0 : (this.#isn(1 - side) + 1 + ack) >>> 0,
      flags: flags | (isFirst ? 0 : ACK),
    };
    const payload = piece.payload ?? (from < to ? this.#streams[side].subarray(from, to) : NOTHING);
    const frame = this.#stage.add(tcpFrame(header, payload), this.#time);
    // What stood in a keep-alive is only right where the keep-alive was.
    if (piece.payload !== undefined) return;
    this.#sent.push({ ...piece, ack });
    this.#arrived(frame, piece);
  }

  /** Connections on the same ports, one after the other, have other numbers. */
  #isn(side: number): number {
    return this.#manner.isns[side] + this.#connection * ISN_STEP;
  }

  #acknowledged(side: Side): number {
    const other = (1 - side) as Side;
    const all = this.#endOf(other);
    if (this.#manner.acknowledges === 'none') return 0;
    return this.#manner.acknowledges === 'all' ? all : this.#stage.choose(all + 1);
  }

  #arrived(frame: number, { side, from, to, flags }: Piece): void {
    const there = this.#there[side];
    const before = this.#endOf(side);
    there.fill(1, from, to);
    if (flags & FIN) this.#finCame[side] = true;
    let reached = this.#reached[side];
    while (there[reached] === 1) reached++;
    this.#reached[side] = reached;
    const offset = this.#endOf(side);
    if (offset > before) this.#stage.progress.push({ frame, connection: this.#connection, side, offset });
  }
}
