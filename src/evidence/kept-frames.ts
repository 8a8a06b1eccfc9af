/**
 * Frames of a capture that are kept in memory, to be judged again in parts: what is taken out as evidence is small, and
 * what is larger than the bounds here is not made smaller (fewest.ts) or redacted (redact.ts).
 */
import { Frame } from '../capture/source.ts';

/** Frames kept at most, and bytes of them. */
export const MOST_FRAMES = 200_000;
export const MOST_BYTES = 128 * 1024 * 1024;

export class KeptFrames {
  readonly frames: Frame[] = [];
  /** There was no room for one of them. */
  isFull = false;
  #bytes = 0;

  /** Keeps a copy of the frame, with its number. */
  add(frame: Frame): void {
    const length = frame.end - frame.start;
    this.#bytes += length;
    this.isFull ||= this.#bytes > MOST_BYTES || this.frames.length >= MOST_FRAMES;
    if (!this.isFull) this.frames.push(copyOf(frame));
  }
}

/** A frame of its own: it has no place in a capture. */
export function copyOf(frame: Frame): Frame {
  const bytes = frame.bytes.slice(frame.start, frame.end);
  return Object.assign(new Frame(), frame, { bytes, start: 0, end: bytes.length, position: -1 });
}
