/**
 * A followed conversation as text, its own line breaks kept and lines that are too long broken at the pane's edge. Where
 * rows begin depends on every byte before them, so all bytes are read once, in slices; each 64th row's beginning is kept, and
 * a row is found again from there. Bytes that are no text are spelt out, as in `\x00`.
 *
 * What one side sends without a break is one text, however many segments it came in; the other side, missing bytes, and
 * the next datagram begin a new row.
 */
import type { FollowedStream } from './followed-stream.ts';
import { character, characterLength, missingText, spelt } from './stream-forms.ts';
import { isShown, lastAtMost, type StreamRow, type StreamRows, type StreamSides } from './stream-rows.ts';

/** Rows between two beginnings that are kept. */
const KEPT_EVERY = 64;
/** Rows of one line that are found between two looks at the clock. */
const STRIDE = 64;
/** A row is never longer than this many bytes, however wide: it is made as a whole. */
const LONGEST = 64 * 1024;
const LEAST_WIDTH = 8;

const ascii = new TextDecoder('latin1');
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Stands for itself, in one cell. */
function isPlain(byte: number): boolean {
  return byte >= 0x20 && byte <= 0x7e;
}

/** How text is measured where it is shown. */
export interface TextMeasure {
  /** The text as it is printed, safe to be. */
  shown(text: string): string;
  /** Cells that printed text takes. */
  widthOf(text: string): number;
}

/** Where a row begins. */
interface Place {
  readonly chunk: number;
  readonly offset: number;
  readonly continues: boolean;
}

export class TextRows implements StreamRows {
  readonly #stream: FollowedStream;
  readonly #sides: StreamSides;
  readonly #width: number;
  readonly #measure: TextMeasure;
  #count = 0;
  /** Of each 64th row. */
  readonly #chunks: number[] = [];
  readonly #offsets: number[] = [];
  readonly #continues: boolean[] = [];
  /** Of the next row that is looked for. */
  #next: Place = { chunk: 0, offset: 0, continues: false };
  /** It may become longer when more of the conversation is there. */
  #isAtEnd = false;
  /** The row that was made last: those around it are mostly asked for next. */
  #last: { readonly row: number; readonly place: Place } | undefined = undefined;
  /** The chunk that was read last. */
  #read = -1;
  #bytes: Uint8Array = new Uint8Array(0);

  /** @param width cells of a row; infinite for one row a line */
  constructor(stream: FollowedStream, sides: StreamSides, width: number, measure: TextMeasure) {
    this.#measure = measure;
    this.#stream = stream;
    this.#sides = sides;
    this.#width = Math.max(LEAST_WIDTH, width);
  }

  get count(): number {
    return this.#count;
  }

  get isDone(): boolean {
    return this.#stream.isWhole && this.#isAtEnd;
  }

  run(until: number, now: () => number): boolean {
    for (let rows = 1; this.#findOne(); rows++) if (rows % STRIDE === 0 && now() >= until) return true;
    return false;
  }

  row(row: number): StreamRow {
    const kept = Math.floor(row / KEPT_EVERY);
    let at = kept * KEPT_EVERY;
    let place: Place = { chunk: this.#chunks[kept], offset: this.#offsets[kept], continues: this.#continues[kept] };
    if (this.#last && this.#last.row > at && this.#last.row <= row) ({ row: at, place } = this.#last);
    for (; at < row; at++) place = this.#behind(place, undefined) ?? place;
    place = this.#shownAt(place) ?? place;
    this.#last = { row, place };
    const { chunk, offset, continues } = place;
    const side = this.#stream.side(chunk);
    const isMissing = this.#stream.isMissing(chunk);
    const parts: string[] = [];
    if (isMissing) parts.push(missingText(this.#stream.length(chunk)));
    else this.#behind(place, parts);
    return { side, chunk, offset, continues, isMissing, lead: '', text: this.#measure.shown(parts.join('')) };
  }

  rowOf(chunk: number): number {
    const { chunk: next } = this.#next;
    if (!this.isDone && next <= chunk) return -1;
    const kept = Math.max(0, lastAtMost(this.#chunks, this.#chunks.length, chunk - 1));
    for (let row = kept * KEPT_EVERY; row < this.#count; row++) if (this.row(row).chunk >= chunk) return row;
    return this.#count - 1;
  }

  #findOne(): boolean {
    const place = this.#shownAt(this.#next);
    this.#isAtEnd = place === undefined;
    if (place === undefined) return false;
    const after = this.#behind(place, undefined);
    if (after === undefined) return false;
    if (this.#count % KEPT_EVERY === 0) {
      this.#chunks.push(place.chunk);
      this.#offsets.push(place.offset);
      this.#continues.push(place.continues);
    }
    this.#count++;
    this.#next = after;
    return true;
  }

  /** The place itself, or the beginning of the next chunk that is shown. */
  #shownAt(place: Place): Place | undefined {
    let { chunk, offset, continues } = place;
    const { count } = this.#stream;
    while (chunk < count && (offset >= this.#stream.length(chunk) || !this.#isShown(chunk))) {
      chunk++;
      offset = 0;
      continues = false;
    }
    return chunk < count ? { chunk, offset, continues } : undefined;
  }

  #isShown(chunk: number): boolean {
    return isShown(this.#stream.side(chunk), this.#sides);
  }

  /**
   * Goes over one row. @param parts takes its text
   * @returns where the next one begins; undefined where this one ends only because no more is there yet
   */
  #behind(place: Place, parts: string[] | undefined): Place | undefined {
    const from = this.#shownAt(place);
    if (from === undefined) return undefined;
    if (this.#stream.isMissing(from.chunk)) return { chunk: from.chunk + 1, offset: 0, continues: false };
    let { chunk, offset } = from;
    let cells = 0;
    for (let length = 0; ; ) {
      const bytes = this.#bytesOf(chunk);
      if (offset >= bytes.length) {
        const next = this.#goesOnIn(chunk);
        if (next === undefined) return this.#ending(chunk);
        chunk = next;
        offset = 0;
        continue;
      }
      const byte = bytes[offset];
      if (isPlain(byte)) {
        const from = offset;
        const end = Math.min(bytes.length, offset + this.#width - cells, offset + LONGEST - length);
        while (offset < end && isPlain(bytes[offset])) offset++;
        if (offset === from) return { chunk, offset, continues: true };
        parts?.push(ascii.decode(bytes.subarray(from, offset)));
        cells += offset - from;
        length += offset - from;
        continue;
      }
      if (byte === LINE_FEED) return { chunk, offset: offset + 1, continues: false };
      const size = characterLength(byte);
      const wide = size > 1 || byte === CARRIAGE_RETURN ? this.#ahead(chunk, offset, Math.max(2, size)) : undefined;
      if (byte === CARRIAGE_RETURN && wide?.[1] === LINE_FEED) return this.#past(chunk, offset, 2, false);
      const own = size > 1 && wide?.length === size ? character(wide) : undefined;
      const text = own === undefined ? spelt(byte) : this.#measure.shown(own);
      const width = own === undefined ? text.length : this.#measure.widthOf(text);
      if ((cells + width > this.#width && cells > 0) || length >= LONGEST) return { chunk, offset, continues: true };
      parts?.push(text);
      cells += width;
      length++;
      if (own === undefined) offset++;
      else ({ chunk, offset } = this.#past(chunk, offset, size, true));
    }
  }

  /** The next chunk that goes on with the text of this one; undefined where there is none. */
  #goesOnIn(chunk: number): number | undefined {
    const stream = this.#stream;
    if (stream.isDatagrams) return undefined;
    let next = chunk + 1;
    while (next < stream.count && !this.#isShown(next)) next++;
    if (next >= stream.count || stream.isMissing(next) || stream.side(next) !== stream.side(chunk)) return undefined;
    return next;
  }

  /** The text of a chunk is over: nothing that may still come goes on with it, or it has no next row yet. */
  #ending(chunk: number): Place | undefined {
    const stream = this.#stream;
    const isLast =
      !stream.isDatagrams && this.#shownAt({ chunk: chunk + 1, offset: 0, continues: false }) === undefined;
    return isLast && !stream.isWhole ? undefined : { chunk: chunk + 1, offset: 0, continues: false };
  }

  /** Up to `length` bytes of the text from a place on, over the ends of chunks. */
  #ahead(chunk: number, offset: number, length: number): Uint8Array {
    const bytes = this.#bytesOf(chunk);
    if (offset + length <= bytes.length) return bytes.subarray(offset, offset + length);
    const next = this.#goesOnIn(chunk);
    const own = bytes.subarray(offset);
    if (next === undefined) return own;
    const rest = this.#ahead(next, 0, length - own.length);
    return Uint8Array.of(...own, ...rest);
  }

  #past(chunk: number, offset: number, length: number, continues: boolean): Place {
    const { length: whole } = this.#bytesOf(chunk);
    if (offset + length <= whole) return { chunk, offset: offset + length, continues };
    const next = this.#goesOnIn(chunk);
    if (next === undefined) return { chunk, offset: whole, continues };
    return this.#past(next, 0, offset + length - whole, continues);
  }

  #bytesOf(chunk: number): Uint8Array {
    if (chunk !== this.#read) {
      this.#bytes = this.#stream.read(chunk);
      this.#read = chunk;
    }
    return this.#bytes;
  }
}
