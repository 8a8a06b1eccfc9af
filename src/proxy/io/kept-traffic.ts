/**
 * What passes, as a pcapng stream that somebody reads behind the proxy: it is kept in a file as fast as the disk takes
 * it, and read and judged from there, at the reader's own pace. The reader is woken within a moment of a packet.
 *
 * Where the file cannot be written any more, or not fast enough, keeping ends, and the traffic goes on without it.
 */
import type { ByteInput } from '../../capture/input.ts';
import type { CaptureFacts, Frame } from '../../capture/source.ts';
import { type NamedInterface, PcapngWriter } from '../../capture/writer.ts';
import type { FrameJudge } from './server.ts';

/** Milliseconds that a packet waits for others; bytes that are not waited with. */
const PATIENCE = 30;
const BATCH = 256 * 1024;
/** Part of the bytes that may wait from which on nobody should send more. */
const BEHIND = 0.25;

export interface KeptTrafficOptions {
  /** Bytes that may wait for the disk. */
  readonly mostWaiting: number;
  /** Called when the disk has caught up, after `isBehind`. */
  readonly onCaughtUp: () => void;
  /** Called once, when nothing is kept any more though the traffic goes on. */
  readonly onGone: () => void;
}

export class KeptTraffic implements FrameJudge, ByteInput {
  readonly keeps = true;
  readonly live = true;
  readonly total = undefined;
  taken = 0;
  damage: string | undefined = undefined;
  readonly #options: KeptTrafficOptions;
  #writer = new PcapngWriter();
  /** What was written and not yet read, of the first one without what was read of it. */
  readonly #pieces: Uint8Array[] = [];
  #waiting = 0;
  #wasBehind = false;
  #timer: NodeJS.Timeout | undefined = undefined;
  /** No packet comes any more; nobody wants any. */
  #isOver = false;
  #isGone = false;
  #wake: () => void = () => {};

  constructor(options: KeptTrafficOptions) {
    this.#options = options;
  }

  // What passes

  begin(_facts: CaptureFacts, interfaces: readonly NamedInterface[]): void {
    this.#writer = new PcapngWriter({ complete: true, interfaces });
    this.#flush();
  }

  get isBehind(): boolean {
    return !this.#isGone && this.#waiting > this.#options.mostWaiting * BEHIND;
  }

  frame(frame: Frame): void {
    if (this.#isOver || this.#isGone) return;
    this.#writer.frame(frame, frame.comment === '' ? NO_COMMENTS : [frame.comment]);
    if (this.#writer.length >= BATCH) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), PATIENCE);
  }

  /** Nothing will pass any more. */
  end(): void {
    if (this.#isOver) return;
    this.#flush();
    this.#isOver = true;
    this.#wake();
  }

  // For the reader

  async read(buffer: Uint8Array, from: number, to: number): Promise<number> {
    while (this.#pieces.length === 0 && !this.#isOver && !this.#isGone) await this.#nextPiece();
    const [piece] = this.#pieces;
    if (!piece) return 0;
    const length = Math.min(to - from, piece.length);
    buffer.set(piece.subarray(0, length), from);
    if (length === piece.length) this.#pieces.shift();
    else this.#pieces[0] = piece.subarray(length);
    this.taken += length;
    this.#waiting -= length;
    this.#tellCaughtUp();
    return length;
  }

  /** Nobody reads any more. */
  async close(): Promise<void> {
    const wasWanted = !this.#isOver && !this.#isGone;
    this.#isGone = true;
    clearTimeout(this.#timer);
    this.#drop();
    if (wasWanted) this.#options.onGone();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#isOver || this.#isGone || this.#writer.length === 0) return;
    const piece = this.#writer.handOver();
    this.#pieces.push(piece);
    this.#waiting += piece.length;
    if (this.#waiting > this.#options.mostWaiting) this.#fail();
    this.#wasBehind ||= this.isBehind;
    this.#wake();
  }

  #fail(): void {
    this.damage = 'the disk is too slow (--limit recording-bytes)';
    this.#isGone = true;
    this.#drop();
    this.#options.onGone();
  }

  /** Drops what nobody will read. */
  #drop(): void {
    this.#pieces.length = 0;
    this.#waiting = 0;
    this.#wasBehind = true;
    this.#tellCaughtUp();
    this.#wake();
  }

  #tellCaughtUp(): void {
    if (!this.#wasBehind || this.isBehind) return;
    this.#wasBehind = false;
    this.#options.onCaughtUp();
  }

  #nextPiece(): Promise<void> {
    return new Promise(resolve => {
      this.#wake = resolve;
    });
  }
}

const NO_COMMENTS: readonly string[] = [];
