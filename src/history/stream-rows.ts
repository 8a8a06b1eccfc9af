/**
 * The rows of a followed conversation in one form, for as many cells as a pane has. They are made when they are asked for,
 * out of bytes that are read then; what is kept is where rows begin. Of a hex dump and a C array each chunk's count of rows
 * follows from its length.
 */
import type { FollowedStream, StreamSide } from './followed-stream.ts';
import { ARRAY_BYTES, arrayHead, arrayRow, hexOffset, hexRow, missingText } from './stream-forms.ts';

export interface StreamRow {
  readonly side: StreamSide;
  /** The chunk that its first byte is of. */
  readonly chunk: number;
  /** Of its first byte in the chunk. */
  readonly offset: number;
  /** It goes on with the line above, which the pane was too narrow for. */
  readonly continues: boolean;
  readonly isMissing: boolean;
  /** Offset before the bytes of a hex dump, with the blanks behind it; else empty. */
  readonly lead: string;
  /** Safe to print. */
  readonly text: string;
}

/** Which sides are shown. */
export type StreamSides = 'both' | 'client' | 'server';

export interface StreamRows {
  /** Rows that are known so far. */
  readonly count: number;
  readonly isDone: boolean;
  /** Looks for more rows until `until`. True when there are more to be found at once. */
  run(until: number, now: () => number): boolean;
  /** @param row below `count` */
  row(row: number): StreamRow;
  /** The first row with bytes of a chunk, or of the first one behind it that is shown; -1 while it is not known. */
  rowOf(chunk: number): number;
}

export function isShown(side: StreamSide, sides: StreamSides): boolean {
  return sides === 'both' || (side === 0) === (sides === 'client');
}

/** Chunks between two looks at the clock. */
const STRIDE = 4096;
/** Cells of a hex dump's row but for its bytes: offset, and blanks around the bytes. */
const HEX_MARGIN = 12;

/** Bytes in a row of a hex dump, for a pane of this width: as many as Wireshark has, or a part of that. */
export function hexBytes(width: number): number {
  return [16, 8].find(bytes => HEX_MARGIN + bytes * 4 <= width) ?? 4;
}

/** A hex dump or a C array: each chunk begins a row. */
export class ChunkRows implements StreamRows {
  readonly #stream: FollowedStream;
  readonly #form: 'hex' | 'array';
  readonly #sides: StreamSides;
  readonly #perRow: number;
  /** Chunks that are shown, and the first row of each. */
  #chunks = new Uint32Array(256);
  #starts = new Float64Array(256);
  #shown = 0;
  #count = 0;
  #next = 0;

  constructor(stream: FollowedStream, form: 'hex' | 'array', sides: StreamSides, width: number) {
    this.#stream = stream;
    this.#form = form;
    this.#sides = sides;
    this.#perRow = form === 'hex' ? hexBytes(width) : ARRAY_BYTES;
  }

  get count(): number {
    return this.#count;
  }

  get isDone(): boolean {
    return this.#next === this.#stream.count && this.#stream.isWhole;
  }

  run(until: number, now: () => number): boolean {
    const stream = this.#stream;
    while (this.#next < stream.count) {
      const chunk = this.#next++;
      if (isShown(stream.side(chunk), this.#sides)) this.#add(chunk);
      if (chunk % STRIDE === 0 && now() >= until) break;
    }
    return this.#next < stream.count;
  }

  row(row: number): StreamRow {
    const stream = this.#stream;
    const place = lastAtMost(this.#starts, this.#shown, row);
    const chunk = this.#chunks[place];
    const side = stream.side(chunk);
    const isMissing = stream.isMissing(chunk);
    const within = row - this.#starts[place];
    const plain = { side, chunk, offset: 0, isMissing, continues: within > 0 };
    if (isMissing) return { ...plain, lead: '', text: missingIn(this.#form, stream.length(chunk)) };
    if (this.#form === 'hex') {
      const offset = within * this.#perRow;
      const lead = `${hexOffset(stream.offset(chunk) + offset)}  `;
      return { ...plain, offset, lead, text: hexRow(this.#bytes(chunk, offset), this.#perRow) };
    }
    if (within === 0) return { ...plain, lead: '', text: arrayHead(side, stream.ordinal(chunk), stream.frame(chunk)) };
    const offset = (within - 1) * this.#perRow;
    const isLast = offset + this.#perRow >= stream.length(chunk);
    return { ...plain, offset, lead: '', text: arrayRow(this.#bytes(chunk, offset), isLast) };
  }

  rowOf(chunk: number): number {
    const place = lastAtMost(this.#chunks, this.#shown, chunk - 1) + 1;
    return place < this.#shown ? this.#starts[place] : -1;
  }

  #bytes(chunk: number, offset: number): Uint8Array {
    return this.#stream.read(chunk, offset, Math.min(this.#perRow, this.#stream.length(chunk) - offset));
  }

  #add(chunk: number): void {
    if (this.#shown === this.#chunks.length) this.#grow();
    this.#chunks[this.#shown] = chunk;
    this.#starts[this.#shown] = this.#count;
    this.#shown++;
    const rows = this.#stream.isMissing(chunk) ? 1 : Math.ceil(this.#stream.length(chunk) / this.#perRow);
    this.#count += rows + (this.#form === 'array' && !this.#stream.isMissing(chunk) ? 1 : 0);
  }

  #grow(): void {
    const chunks = new Uint32Array(this.#shown * 2);
    const starts = new Float64Array(this.#shown * 2);
    chunks.set(this.#chunks);
    starts.set(this.#starts);
    this.#chunks = chunks;
    this.#starts = starts;
  }
}

function missingIn(form: 'hex' | 'array', bytes: number): string {
  return form === 'array' ? `/* ${missingText(bytes)} */` : missingText(bytes);
}

/** Index of the last of the first `count` ascending numbers that is `bound` or less; -1 when all are more. */
export function lastAtMost(numbers: ArrayLike<number>, count: number, bound: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (numbers[middle] <= bound) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
