/**
 * Where bytes lie in a capture, so that they can be read again: as one number, whatever way they came.
 *
 * Bytes of one packet lie where the packet does, and their position is that offset in the uncompressed capture. What was
 * put together from several packets lies nowhere in one piece: it is given a range of virtual offsets, from `VIRTUAL` on,
 * and `Extents` remembers of which places each such range is made. A place may be virtual itself, when a message was put
 * together from TCP segments that were put together from IP fragments. Positions are below 2^53, so that numbers hold them.
 *
 * While bytes are on their way through buffers, a *base* goes with each buffer: the position of its byte at index 0, if
 * the whole buffer lay in the capture. Then `positionOf(base, index)` is true for those that do.
 */

/** The first virtual offset: beyond any file. */
export const VIRTUAL = 2 ** 47;
/** Bytes of which nobody knows where they lie, or nobody wanted to. */
export const UNKNOWN_POSITION = -1;
/** The base of a buffer whose bytes have no known position: a small integer to V8, which no index makes positive. */
export const UNPLACED = -(2 ** 31);

/** A range of bytes of the capture. */
export interface ExtentPlace {
  readonly position: number;
  readonly length: number;
}

const FIRST_ROOM = 1024;

/** The position of the byte at `index` of a buffer with this base. */
export function positionOf(base: number, index: number): number {
  const position = base + index;
  return position < 0 ? UNKNOWN_POSITION : position;
}

/** Append-only, 16 bytes a piece. Its pieces lie one behind the other in the virtual offsets. */
export class Extents {
  /** Of each piece: its virtual offset, and where it lies. */
  #starts = new Float64Array(FIRST_ROOM);
  #positions = new Float64Array(FIRST_ROOM);
  #pieces = 0;
  #end = VIRTUAL;

  /** Pieces that are remembered. */
  get pieces(): number {
    return this.#pieces;
  }

  /** The virtual offset of the bytes that are appended next. */
  begin(): number {
    return this.#end;
  }

  /**
   * Enters bytes that were put together from pieces: position and length of each, in the order of the bytes.
   * @returns the base of a buffer that begins with them; `UNPLACED` if some have no known position
   */
  enter(pieces: readonly number[]): number {
    if (pieces.length === 0) return UNPLACED;
    for (let piece = 0; piece < pieces.length; piece += 2) if (pieces[piece] < 0) return UNPLACED;
    if (pieces.length === 2) return pieces[0];
    const base = this.begin();
    for (let piece = 0; piece < pieces.length; piece += 2) this.append(pieces[piece], pieces[piece + 1]);
    return base;
  }

  /** `length` bytes at `position`, which is an offset in the capture or a virtual one given out before. */
  append(position: number, length: number): void {
    if (length <= 0) return;
    if (!this.#continues(position)) {
      if (this.#pieces === this.#starts.length) this.#grow();
      this.#starts[this.#pieces] = this.#end;
      this.#positions[this.#pieces] = position;
      this.#pieces++;
    }
    this.#end += length;
  }

  /**
   * Where the bytes [position, position + length) lie in the capture, in their order; neighbours are joined. Nothing
   * for what is unknown, and less than `length` where a virtual range ends before.
   */
  resolve(position: number, length: number): ExtentPlace[] {
    const places: ExtentPlace[] = [];
    this.#resolve(position, length, places);
    return places;
  }

  /**
   * Ends, because pieces lead only to places entered before them; in fact segments lead to fragments and no further.
   */
  #resolve(position: number, length: number, places: ExtentPlace[]): void {
    if (position < 0 || length <= 0) return;
    if (position < VIRTUAL) {
      addPlace(places, position, length);
      return;
    }
    const end = Math.min(position + length, this.#end);
    let at = position;
    for (let piece = this.#pieceAt(position); at < end; piece++) {
      const stop = Math.min(end, this.#endOf(piece));
      this.#resolve(this.#positions[piece] + at - this.#starts[piece], stop - at, places);
      at = stop;
    }
  }

  #continues(position: number): boolean {
    const last = this.#pieces - 1;
    return last >= 0 && position === this.#positions[last] + this.#end - this.#starts[last];
  }

  #endOf(piece: number): number {
    return piece + 1 < this.#pieces ? this.#starts[piece + 1] : this.#end;
  }

  /** Index of the piece that holds a virtual offset. */
  #pieceAt(position: number): number {
    let low = 0;
    let high = this.#pieces;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.#starts[middle] <= position) low = middle;
      else high = middle;
    }
    return low;
  }

  #grow(): void {
    this.#starts = doubled(this.#starts);
    this.#positions = doubled(this.#positions);
  }
}

function addPlace(places: ExtentPlace[], position: number, length: number): void {
  const last = places.at(-1);
  if (last !== undefined && last.position + last.length === position) {
    places[places.length - 1] = { position: last.position, length: last.length + length };
  } else places.push({ position, length });
}

function doubled(numbers: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(numbers.length * 2);
  grown.set(numbers);
  return grown;
}
