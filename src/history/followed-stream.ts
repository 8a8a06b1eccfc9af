/**
 * The content of one conversation in the order of its capture: which side sent how many bytes in which frame, and where they
 * lie in the capture. No byte of it is kept; what is looked at is read again. A chunk is what one segment added to its
 * stream, or one datagram, or a run of bytes that the capture does not have.
 */
import type { Extents } from '../net/extents.ts';
import type { CaptureBytes } from './recall.ts';

/** Who sent a chunk: 0 the client, 1 the server. */
export type StreamSide = 0 | 1;

/** Chunks of one conversation that are kept: 25 bytes each, enough for 3 GB in full segments. */
const MOST_CHUNKS = 1 << 21;

const FIRST_ROOM = 256;
const FROM_SERVER = 1;
const MISSING = 2;

export class FollowedStream {
  count = 0;
  /** All that there is was entered. */
  isWhole = false;
  /** Share of the capture that was looked through, 0..1. */
  progress = 0;
  /** Datagrams between the same ends that belong to other connections. */
  leftOut = 0;
  /** There are more chunks than are kept. */
  isCut = false;
  /** Why the capture could not be read to where it should be; undefined: it could, so far. */
  problem: string | undefined = undefined;
  /** Whether a chunk is a datagram, which nothing goes on behind. */
  readonly isDatagrams: boolean;
  /** Bytes that the client and the server sent, missing ones included. */
  readonly sizes: [client: number, server: number] = [0, 0];
  readonly #capture: number;
  readonly #extents: Extents;
  readonly #bytes: CaptureBytes;
  readonly #numbers: [number, number] = [0, 0];
  #positions = new Float64Array(FIRST_ROOM);
  #offsets = new Float64Array(FIRST_ROOM);
  #lengths = new Uint32Array(FIRST_ROOM);
  #frames = new Uint32Array(FIRST_ROOM);
  #ordinals = new Uint32Array(FIRST_ROOM);
  #marks = new Uint8Array(FIRST_ROOM);

  /** @param capture its index in the run @param extents where bytes lie that came in fragments */
  constructor(isDatagrams: boolean, capture: number, extents: Extents, bytes: CaptureBytes) {
    this.isDatagrams = isDatagrams;
    this.#capture = capture;
    this.#extents = extents;
    this.#bytes = bytes;
  }

  side(chunk: number): StreamSide {
    return this.#marks[chunk] & FROM_SERVER ? 1 : 0;
  }

  /** The capture does not have its bytes. */
  isMissing(chunk: number): boolean {
    return (this.#marks[chunk] & MISSING) !== 0;
  }

  /** In bytes. */
  length(chunk: number): number {
    return this.#lengths[chunk];
  }

  /** The frame that brought it; of missing bytes the one that showed that they are missing. */
  frame(chunk: number): number {
    return this.#frames[chunk];
  }

  /** Bytes that its side sent before it. */
  offset(chunk: number): number {
    return this.#offsets[chunk];
  }

  /** Chunks with bytes that its side sent before it. */
  ordinal(chunk: number): number {
    return this.#ordinals[chunk];
  }

  /** Where a byte of a chunk lies in the capture; -1 where it does not. */
  position(chunk: number, offset = 0): number {
    return this.#extents.resolve(this.#positions[chunk] + offset, 1)[0]?.position ?? -1;
  }

  /** Bytes [from, from + length) of a chunk; fewer where the capture has them no more, none where they are missing. */
  read(chunk: number, from = 0, length = this.length(chunk) - from): Uint8Array {
    if (this.isMissing(chunk)) return new Uint8Array(0);
    const places = this.#extents.resolve(this.#positions[chunk] + from, length);
    const parts = places.map(place => this.#bytes.read(this.#capture, place.position, place.length));
    if (parts.length === 1) return parts[0];
    const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let filled = 0;
    for (const part of parts) {
      whole.set(part, filled);
      filled += part.length;
    }
    return whole;
  }

  /** @param position as extents.ts has it; -1 for bytes that the capture does not have */
  add(side: StreamSide, position: number, length: number, frame: number): void {
    if (length <= 0 || this.isCut) return;
    if (this.count === MOST_CHUNKS) {
      this.isCut = true;
      return;
    }
    if (this.count === this.#marks.length) this.#grow();
    const chunk = this.count++;
    const isMissing = position < 0;
    this.#positions[chunk] = position;
    this.#offsets[chunk] = this.sizes[side];
    this.#lengths[chunk] = length;
    this.#frames[chunk] = frame;
    this.#ordinals[chunk] = this.#numbers[side];
    this.#marks[chunk] = (side === 1 ? FROM_SERVER : 0) | (isMissing ? MISSING : 0);
    this.sizes[side] += length;
    if (!isMissing) this.#numbers[side]++;
  }

  clear(): void {
    this.count = 0;
    this.isCut = false;
    this.sizes.fill(0);
    this.#numbers.fill(0);
  }

  #grow(): void {
    const room = this.#marks.length * 2;
    this.#positions = grown(this.#positions, new Float64Array(room));
    this.#offsets = grown(this.#offsets, new Float64Array(room));
    this.#lengths = grown(this.#lengths, new Uint32Array(room));
    this.#frames = grown(this.#frames, new Uint32Array(room));
    this.#ordinals = grown(this.#ordinals, new Uint32Array(room));
    this.#marks = grown(this.#marks, new Uint8Array(room));
  }
}

function grown<Numbers extends Float64Array | Uint32Array | Uint8Array>(from: Numbers, into: Numbers): Numbers {
  into.set(from);
  return into;
}
