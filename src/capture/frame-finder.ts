/**
 * Finds a frame of a capture again, by its number or by a byte of it, long after it went by. While a capture is read the
 * places are noted from which its parser could go on, one every so many bytes; to find a frame, the part of the capture
 * from the place before it is parsed once more. So nothing is kept of a frame, and any frame costs the same small read.
 *
 * The places are bounded: when there are too many, every other one is dropped, and the parts are twice as long from then on.
 */
import type { CaptureParser, ResumePoint } from './parser.ts';

/** A frame that was read again: an object of its own, which may be kept. */
export interface FoundFrame {
  /** Counted from 1 within its capture. */
  readonly number: number;
  /** Capture time. */
  readonly seconds: number;
  readonly nanoseconds: number;
  /** LINKTYPE_ value. */
  readonly linkType: number;
  readonly interfaceId: number;
  /** As the capture names its interface; empty where it does not. Untrusted text. */
  readonly interfaceName: string;
  /** The captured bytes. */
  readonly bytes: Uint8Array;
  /** Offset of the first of them in the uncompressed capture. */
  readonly position: number;
  /** Length on the wire in bytes. */
  readonly wireLength: number;
  /** pcapng packet comments; empty for most. Untrusted text. */
  readonly comment: string;
}

/** Reads bytes of the uncompressed capture again. */
export type ReadAgain = (position: number, length: number) => Uint8Array;

const FIRST_SPACING = 64 * 1024;
const MOST_POINTS = 8192;
/** Parts of captures whose frames are remembered: a message's segments lie in few. */
const MOST_PARTS = 4;

interface Part {
  readonly start: number;
  readonly end: number;
  readonly frames: readonly FoundFrame[];
}

export class FrameFinder {
  #points: ResumePoint[] = [];
  #spacing: number;
  readonly #mostPoints: number;
  /** All records before this offset have been parsed. */
  #end = 0;
  /** The one used last stands first. */
  readonly #parts: Part[] = [];

  /**
   * @param spacing bytes between two places, while there is room for all of them
   * @param mostPoints places that are kept
   */
  constructor(spacing = FIRST_SPACING, mostPoints = MOST_POINTS) {
    this.#spacing = spacing;
    this.#mostPoints = mostPoints;
  }

  /** The parser stands between two records. Called as often as one likes, by every reading of the same capture. */
  note(parser: CaptureParser): void {
    this.#end = Math.max(this.#end, parser.offset);
    const last = this.#points.at(-1);
    if (last && parser.offset < last.offset + this.#spacing) return;
    this.#points.push(parser.resumePoint());
    if (this.#points.length < this.#mostPoints) return;
    this.#points = this.#points.filter((_, index) => index % 2 === 0);
    this.#spacing *= 2;
  }

  /** The frame that holds the byte at an offset of the capture. */
  at(position: number, read: ReadAgain): FoundFrame | undefined {
    if (position < 0 || position >= this.#end) return undefined;
    const isIn = (frame: FoundFrame) => position >= frame.position && position < frame.position + frame.bytes.length;
    return this.#part(
      this.#lastPoint(point => point.offset <= position),
      read,
    )?.frames.find(isIn);
  }

  /** @param number of the frame, from 1 */
  numbered(number: number, read: ReadAgain): FoundFrame | undefined {
    const frames = this.#part(
      this.#lastPoint(({ packets }) => packets < number),
      read,
    )?.frames;
    return frames?.find(frame => frame.number === number);
  }

  /** Index of the last place for which it is true, of which all before are. */
  #lastPoint(isBefore: (point: ResumePoint) => boolean): number {
    let low = 0;
    let high = this.#points.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(this.#points[middle])) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #part(index: number, read: ReadAgain): Part | undefined {
    const point = this.#points[index];
    if (!point) return undefined;
    const end = this.#points[index + 1]?.offset ?? this.#end;
    const known = this.#parts.findIndex(part => part.start === point.offset && part.end === end);
    const part = known >= 0 ? this.#parts.splice(known, 1)[0] : { start: point.offset, end, frames: [] };
    const found = known >= 0 ? part : { ...part, frames: parsed(point, read(point.offset, end - point.offset)) };
    this.#parts.unshift(found);
    if (this.#parts.length > MOST_PARTS) this.#parts.pop();
    return found;
  }
}

function parsed(point: ResumePoint, bytes: Uint8Array): readonly FoundFrame[] {
  const frames: FoundFrame[] = [];
  const parser = point.resume();
  parser.push(bytes, 0, bytes.length, ({ number, seconds, nanoseconds, linkType, interfaceId, ...frame }) => {
    frames.push({
      number,
      seconds,
      nanoseconds,
      linkType,
      interfaceId,
      interfaceName: parser.interfaceName?.(interfaceId) ?? '',
      bytes: frame.bytes.subarray(frame.start, frame.end),
      position: frame.position,
      wireLength: frame.wireLength,
      comment: frame.comment,
    });
  });
  return frames;
}
