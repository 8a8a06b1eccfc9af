/**
 * A capture in the order of time, whatever its own: two recordings one behind the other, devices that were written one
 * after the other. Any reader puts right what is a second late (sequence.ts); this looks at the whole first.
 *
 * The capture is read twice. The first reading, at opening, notes of each frame when it was taken and where it lies: 32
 * bytes in typed arrays, up to a bound. The second takes the frames from where they lie, through a few windows of the
 * file, as a sorted capture is mostly read at two or three places in turn. Frames keep the numbers that they have in the
 * capture.
 */

import { captureError } from './input.ts';
import { type CaptureFacts, type CaptureSource, Frame, type ReadProgress } from './source.ts';
import type { StoredCapture } from './stored.ts';

const FIRST_ROOM = 4096;
const NANOSECONDS = 1_000_000_000;
const WINDOW_LENGTH = 256 * 1024;
const WINDOWS = 16;
/** Frames between two pauses. */
const FRAMES_PER_CHUNK = 8192;
/** Characters of comments that are kept; further ones are lost to the sorted reading. */
const MOST_COMMENTS = 4 * 1024 * 1024;

/** @param mostFrames of a capture; one that has more cannot be opened */
export function sorted(stored: StoredCapture, mostFrames: number): StoredCapture {
  return {
    path: stored.path,
    get live() {
      return stored.live;
    },
    get size() {
      return stored.size;
    },
    read: (position, length) => stored.read(position, length),
    frame: number => stored.frame(number),
    frameAt: position => stored.frameAt(position),
    close: () => stored.close(),
    async open(signal, order) {
      const source = await stored.open(signal, 'capture');
      if (order === 'capture') return source;
      const index = new FrameIndex(mostFrames);
      await source.read(
        frame => index.add(frame),
        () => (index.isFull ? false : undefined),
      );
      if (index.isFull) {
        const most = mostFrames.toLocaleString('en');
        throw captureError(stored.path, `has more than the ${most} frames that --sort takes (--limit sort-frames=N)`);
      }
      return new SortedSource(stored, source.facts, index, signal);
    },
  };
}

/** When each frame was taken, and where it lies. */
class FrameIndex {
  count = 0;
  /** More frames than may be held. */
  isFull = false;
  readonly #mostFrames: number;
  #room = FIRST_ROOM;
  /** Nanoseconds since the first frame: exact for a hundred days. */
  #times = new Float64Array(FIRST_ROOM);
  #positions = new Float64Array(FIRST_ROOM);
  #lengths = new Uint32Array(FIRST_ROOM);
  #wireLengths = new Uint32Array(FIRST_ROOM);
  /** Place in `#origins`. */
  #originOf = new Uint32Array(FIRST_ROOM);
  readonly #origins: { readonly linkType: number; readonly interfaceId: number }[] = [];
  readonly #comments = new Map<number, string>();
  #commentRoom = MOST_COMMENTS;
  #firstSeconds = 0;

  constructor(mostFrames: number) {
    this.#mostFrames = mostFrames;
  }

  add(frame: Frame): void {
    const index = this.count;
    if (index === this.#mostFrames) this.isFull = true;
    if (this.isFull) return;
    if (index === this.#room) this.#grow();
    if (index === 0) this.#firstSeconds = frame.seconds;
    this.#times[index] = (frame.seconds - this.#firstSeconds) * NANOSECONDS + frame.nanoseconds;
    this.#positions[index] = frame.position;
    this.#lengths[index] = frame.end - frame.start;
    this.#wireLengths[index] = frame.wireLength;
    this.#originOf[index] = this.#origin(frame, index);
    if (frame.comment !== '' && frame.comment.length <= this.#commentRoom) {
      this.#commentRoom -= frame.comment.length;
      this.#comments.set(index, frame.comment);
    }
    this.count++;
  }

  /** Indices of all frames in the order of time; those of one time as the capture has them. */
  order(): Uint32Array {
    const order = new Uint32Array(this.count);
    for (let index = 0; index < order.length; index++) order[index] = index;
    const times = this.#times;
    return order.sort((one, other) => times[one] - times[other] || one - other);
  }

  /** All of a frame but its bytes. */
  describe(index: number, frame: Frame): void {
    const time = this.#times[index];
    const seconds = Math.floor(time / NANOSECONDS);
    const { linkType, interfaceId } = this.#origins[this.#originOf[index]];
    frame.number = index + 1;
    frame.seconds = this.#firstSeconds + seconds;
    frame.nanoseconds = time - seconds * NANOSECONDS;
    frame.wireLength = this.#wireLengths[index];
    frame.linkType = linkType;
    frame.interfaceId = interfaceId;
    frame.comment = this.#comments.get(index) ?? '';
    frame.position = this.#positions[index];
    frame.start = 0;
    frame.end = this.#lengths[index];
  }

  /** Mostly that of the frame before. */
  #origin({ linkType, interfaceId }: Frame, index: number): number {
    const isIt = (at: number) =>
      this.#origins[at].linkType === linkType && this.#origins[at].interfaceId === interfaceId;
    const last = index === 0 ? -1 : this.#originOf[index - 1];
    if (last >= 0 && isIt(last)) return last;
    const known = this.#origins.findIndex((_, at) => isIt(at));
    return known >= 0 ? known : this.#origins.push({ linkType, interfaceId }) - 1;
  }

  #grow(): void {
    this.#room = Math.min(this.#room * 2, this.#mostFrames);
    const grown = <Numbers extends Float64Array | Uint32Array>(numbers: Numbers, larger: Numbers): Numbers => {
      larger.set(numbers);
      return larger;
    };
    this.#times = grown(this.#times, new Float64Array(this.#room));
    this.#positions = grown(this.#positions, new Float64Array(this.#room));
    this.#lengths = grown(this.#lengths, new Uint32Array(this.#room));
    this.#wireLengths = grown(this.#wireLengths, new Uint32Array(this.#room));
    this.#originOf = grown(this.#originOf, new Uint32Array(this.#room));
  }
}

class SortedSource implements CaptureSource {
  readonly facts: CaptureFacts;
  readonly #stored: StoredCapture;
  readonly #index: FrameIndex;
  readonly #signal: AbortSignal | undefined;

  constructor(stored: StoredCapture, facts: CaptureFacts, index: FrameIndex, signal: AbortSignal | undefined) {
    this.#stored = stored;
    this.facts = facts;
    this.#index = index;
    this.#signal = signal;
  }

  async read(
    onFrame: (frame: Frame) => void,
    onChunk?: (progress: ReadProgress) => undefined | false | Promise<undefined | false>,
  ): Promise<void> {
    const frame = new Frame();
    const windows = new Windows(this.#stored);
    const order = this.#index.order();
    const total = this.#stored.size;
    for (let at = 0; at < order.length; ) {
      const to = Math.min(at + FRAMES_PER_CHUNK, order.length);
      for (; at < to; at++) {
        this.#index.describe(order[at], frame);
        windows.place(frame);
        onFrame(frame);
      }
      const read = Math.round((total * at) / order.length);
      if (this.#signal?.aborted || (await onChunk?.({ read, total })) === false) return;
    }
  }
}

interface Window {
  readonly start: number;
  readonly bytes: Uint8Array;
}

/** The parts of the capture that were read last. */
class Windows {
  readonly #stored: StoredCapture;
  /** The one used last stands first. */
  readonly #windows: Window[] = [];

  constructor(stored: StoredCapture) {
    this.#stored = stored;
  }

  /** Points a frame at its bytes; fewer where the capture has them no more. */
  place(frame: Frame): void {
    const length = frame.end;
    const { start, bytes } = this.#window(frame.position, length);
    frame.bytes = bytes;
    frame.start = Math.min(frame.position - start, bytes.length);
    frame.end = Math.min(frame.start + length, bytes.length);
  }

  #window(position: number, length: number): Window {
    const windows = this.#windows;
    const index = windows.findIndex(
      ({ start, bytes }) => position >= start && position + length <= start + bytes.length,
    );
    if (index === 0) return windows[0];
    const found =
      index > 0
        ? windows.splice(index, 1)[0]
        : { start: position, bytes: this.#stored.read(position, Math.max(length, WINDOW_LENGTH)) };
    windows.unshift(found);
    if (windows.length > WINDOWS) windows.pop();
    return found;
  }
}
