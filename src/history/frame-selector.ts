/**
 * Tells which frames of a capture belong to a part of it: those of its flows, those that hold certain bytes, those that are
 * named. Where a datagram was put together in such a frame, the frames of all its fragments belong to it as well.
 */
import type { Frame } from '../capture/source.ts';
import type { Endpoint } from '../net/address.ts';
import { DEFAULT_DECODER_LIMITS, Decoder } from '../net/decode.ts';
import { type ExtentPlace, Extents } from '../net/extents.ts';
import { IP_PROTOCOL_TCP, IP_PROTOCOL_UDP, type Packet } from '../net/packet.ts';
import type { Transport } from '../protocol/protocol.ts';

/** Two ends and what they speak, whichever of them sends. */
export interface Flow {
  readonly transport: Transport;
  readonly ends: readonly [Endpoint, Endpoint];
}

export interface Wanted {
  readonly flows?: readonly Flow[];
  readonly frames?: Pick<ReadonlySet<number>, 'has'>;
  /** Gone through once. */
  readonly places?: Iterable<ExtentPlace>;
}

/** Numbers of frames, a bit each: of a large capture nearly all may be wanted. */
export class FrameSet {
  #words = new Uint32Array(64);
  #size = 0;

  has(frame: number): boolean {
    return ((this.#words[frame >>> 5] ?? 0) & (1 << (frame & 31))) !== 0;
  }

  /** @param frame above 0, below 2^32 */
  add(frame: number): void {
    if (this.has(frame)) return;
    const word = frame >>> 5;
    if (word >= this.#words.length) {
      const words = new Uint32Array(Math.max(word + 1, this.#words.length * 2));
      words.set(this.#words);
      this.#words = words;
    }
    this.#words[word] |= 1 << (frame & 31);
    this.#size++;
  }

  /** Ascending. */
  numbers(): Uint32Array {
    const numbers = new Uint32Array(this.#size);
    let count = 0;
    for (let frame = 1; count < this.#size; frame++) if (this.has(frame)) numbers[count++] = frame;
    return numbers;
  }
}

/** Frames of the latest fragments that are remembered, at the least; those before may be forgotten. */
const MOST_FRAGMENTS = 1 << 18;
/** With a known seed, crafted fragments can slow the decoder's table down, at worst by its few thousand places. */
const SEED = 0;

export class FrameSelector {
  readonly #wanted: Wanted;
  readonly #flows: FlowSet;
  readonly #places: PlaceList;
  readonly #extents = new Extents();
  readonly #decoder = new Decoder(DEFAULT_DECODER_LIMITS, SEED, this.#extents);
  readonly #fragments = new FragmentFrames();
  readonly #selected = new FrameSet();

  constructor(wanted: Wanted) {
    this.#wanted = wanted;
    this.#flows = new FlowSet(wanted.flows ?? []);
    this.#places = new PlaceList(wanted.places ?? []);
  }

  /** The next frame of the capture. */
  frame(frame: Frame): void {
    const { fragments } = this.#decoder.counters;
    const fragmentsBefore = fragments.seen;
    const extentsBefore = this.#extents.begin();
    const packet = this.#decoder.decode(frame);
    if (fragments.seen > fragmentsBefore) this.#fragments.add(frame);
    if (!this.#isWanted(frame, packet)) return;
    this.#selected.add(frame.number);
    const pieces = this.#extents.resolve(extentsBefore, this.#extents.begin() - extentsBefore);
    for (const { position } of pieces) this.#select(this.#fragments.frameAt(position));
  }

  /** Numbers of the frames that belong to it, ascending. */
  frames(): Uint32Array {
    return this.#selected.numbers();
  }

  #isWanted(frame: Frame, packet: Packet | undefined): boolean {
    if (this.#wanted.frames?.has(frame.number) || this.#places.meets(frame)) return true;
    return packet !== undefined && this.#flows.has(packet);
  }

  #select(frame: number): void {
    if (frame > 0) this.#selected.add(frame);
  }
}

/** Flows by their ports, in either order. */
class FlowSet {
  readonly #flows = new Map<number, Flow[]>();

  constructor(flows: readonly Flow[]) {
    for (const flow of flows) {
      const key = portsKey(flow.ends[0].port, flow.ends[1].port);
      const present = this.#flows.get(key);
      if (present) present.push(flow);
      else this.#flows.set(key, [flow]);
    }
  }

  has(packet: Packet): boolean {
    const flows = this.#flows.get(portsKey(packet.sourcePort, packet.destinationPort));
    return flows?.some(flow => isOf(packet, flow)) ?? false;
  }
}

function portsKey(one: number, other: number): number {
  return Math.min(one, other) * 0x1_0000 + Math.max(one, other);
}

/** Ranges of bytes of the capture, which may overlap; 16 bytes each. */
class PlaceList {
  /** In order; `#ends` are the furthest so far. */
  #starts = new Float64Array(64);
  #ends = new Float64Array(64);
  #count = 0;

  constructor(places: Iterable<ExtentPlace>) {
    for (const { position, length } of places) this.#add(position, position + length);
    this.#starts = this.#starts.subarray(0, this.#count);
    this.#ends = this.#ends.subarray(0, this.#count);
    this.#sort();
    let furthest = 0;
    for (let index = 0; index < this.#count; index++) {
      furthest = Math.max(furthest, this.#ends[index]!);
      this.#ends[index] = furthest;
    }
  }

  #add(start: number, end: number): void {
    if (this.#count === this.#starts.length) {
      this.#starts = twiceAsLong(this.#starts);
      this.#ends = twiceAsLong(this.#ends);
    }
    this.#starts[this.#count] = start;
    this.#ends[this.#count] = end;
    this.#count++;
  }

  /** Messages come nearly in the order of their bytes, and mostly just so. */
  #sort(): void {
    const starts = this.#starts;
    const ends = this.#ends;
    if (starts.every((start, index) => index === 0 || start >= starts[index - 1]!)) return;
    const order = Uint32Array.from(starts, (_, index) => index).sort((one, other) => starts[one]! - starts[other]!);
    this.#starts = Float64Array.from(order, index => starts[index]!);
    this.#ends = Float64Array.from(order, index => ends[index]!);
  }

  /** Does the frame hold some of these bytes? */
  meets({ position, start, end }: Frame): boolean {
    const last = lastAtMost(this.#starts, position + end - start - 1);
    return position >= 0 && end > start && last >= 0 && this.#ends[last] > position;
  }
}

/** The frames of fragments, by where they lie in the capture. */
class FragmentFrames {
  readonly #positions: number[] = [];
  readonly #ends: number[] = [];
  readonly #numbers: number[] = [];

  add({ position, start, end, number }: Frame): void {
    if (this.#numbers.length === 2 * MOST_FRAGMENTS) {
      for (const list of [this.#positions, this.#ends, this.#numbers]) list.splice(0, MOST_FRAGMENTS);
    }
    // Behind all others, but for frames that the order of time has moved.
    const index = lastAtMost(this.#positions, position) + 1;
    this.#positions.splice(index, 0, position);
    this.#ends.splice(index, 0, position + end - start);
    this.#numbers.splice(index, 0, number);
  }

  /** The frame that holds the byte at a position of the capture; 0 when it is none of these. */
  frameAt(position: number): number {
    const index = lastAtMost(this.#positions, position);
    return index >= 0 && position < this.#ends[index] ? this.#numbers[index] : 0;
  }
}

function twiceAsLong(numbers: Float64Array): Float64Array<ArrayBuffer> {
  const longer = new Float64Array(numbers.length * 2);
  longer.set(numbers);
  return longer;
}

/** Index of the last of these ascending numbers that is `bound` or less; -1 when all are more. */
function lastAtMost(numbers: ArrayLike<number>, bound: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (numbers[middle] <= bound) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function isOf(packet: Packet, { transport, ends: [one, other] }: Flow): boolean {
  if (packet.transport !== (transport === 'tcp' ? IP_PROTOCOL_TCP : IP_PROTOCOL_UDP)) return false;
  return (isFrom(packet, one) && isTo(packet, other)) || (isFrom(packet, other) && isTo(packet, one));
}

function isFrom(packet: Packet, { family, words, port }: Endpoint): boolean {
  return (
    packet.family === family &&
    packet.sourcePort === port &&
    packet.source0 === words[0] &&
    packet.source1 === words[1] &&
    packet.source2 === words[2] &&
    packet.source3 === words[3]
  );
}

function isTo(packet: Packet, { family, words, port }: Endpoint): boolean {
  return (
    packet.family === family &&
    packet.destinationPort === port &&
    packet.destination0 === words[0] &&
    packet.destination1 === words[1] &&
    packet.destination2 === words[2] &&
    packet.destination3 === words[3]
  );
}
