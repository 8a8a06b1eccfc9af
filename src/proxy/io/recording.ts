/**
 * The recording: a pcapng file that grows in whole blocks, at least five times a second, so that it can be read at any
 * moment; or a row of such files, each with its own header, of which the oldest go.
 *
 * A disk that is full ends the recording and nothing else: what was written stays readable, and the problem is reported
 * once.
 */
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import type { Frame } from '../../capture/source.ts';
import { type NamedInterface, PcapngWriter } from '../../capture/writer.ts';
import { UsageError } from '../../settings/words.ts';
import { reasonOf, TO_WRITE } from '../../system-errors.ts';

export interface Rotation {
  /** Bytes after which the next file begins. */
  readonly size?: number | undefined;
  /** Milliseconds after which the next file begins. */
  readonly time?: number | undefined;
  /** Files that are kept, the newest ones; all by default. */
  readonly keep?: number | undefined;
}

export interface RecordingOptions {
  readonly path: string;
  readonly interfaces: readonly NamedInterface[];
  readonly rotation: Rotation;
  /** Bytes that may wait for the disk. */
  readonly mostWaiting: number;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  /** Called once, when nothing more can be recorded, with the reason. */
  readonly onProblem: (reason: string) => void;
  /** Called when the disk has caught up, after `isBehind`. */
  readonly onCaughtUp: () => void;
}

/** Bytes that are written together, and milliseconds that fewer wait. */
const BATCH = 256 * 1024;
const PATIENCE = 200;
const MILLISECONDS = 1_000;
/** Part of the bytes that may wait from which on nobody should send more. */
const BEHIND = 0.25;

/** Buffers that are kept for later: while one is written another is filled, and a third may wait. */
const MOST_SPARE = 3;

interface Batch {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The next file begins behind it. */
  readonly isLast: boolean;
}

export class Recording {
  /** Paths written, the oldest first, without those that were removed. */
  readonly paths: string[] = [];
  /** Why nothing is recorded any more. */
  problem: string | undefined = undefined;
  readonly #options: RecordingOptions;
  #writer: PcapngWriter;
  #file: FileHandle | undefined = undefined;
  /** Whole blocks in the file at hand; what is behind them was cut off by a failure. */
  #length = 0;
  /** Bytes of the file that frames go to: written, waiting, and in the writer. */
  #size = 0;
  #hasFrames = false;
  #beganAt: number;
  #files = 1;
  readonly #batches: Batch[] = [];
  /** Buffers that were written, to be filled again. */
  readonly #spare: Uint8Array<ArrayBuffer>[] = [];
  #waiting = 0;
  #wasBehind = false;
  #pump: Promise<void> | undefined = undefined;
  #timer: NodeJS.Timeout | undefined = undefined;

  /** Keeps what is recorded until `open`. */
  constructor(options: RecordingOptions) {
    this.#options = options;
    this.#beganAt = options.now();
    this.#writer = this.#newWriter();
  }

  /** Opens the file, the first one of a row. Throws a `UsageError` when it cannot be written. */
  async open(): Promise<void> {
    const path = pathOf(this.#options, 1);
    try {
      this.#file = await open(path, 'w');
      this.paths.push(path);
      this.#flush(false);
    } catch (error) {
      throw new UsageError(`cannot record to ${path}: ${reasonOf(error, TO_WRITE)}`);
    }
  }

  /** So much waits for the disk that those who can wait should. */
  get isBehind(): boolean {
    return this.#waiting > this.#options.mostWaiting * BEHIND;
  }

  frame(frame: Frame): void {
    if (this.problem !== undefined) return;
    if (this.#isDue(frame)) this.#turnOver();
    const writer = this.#writer;
    const before = writer.length;
    writer.frame(frame, frame.comment === '' ? NO_COMMENTS : [frame.comment]);
    this.#size += writer.length - before;
    this.#hasFrames = true;
    if (writer.length >= BATCH) this.#flush(false);
    else this.#timer ??= setTimeout(() => this.#flush(false), PATIENCE);
  }

  /**
   * Writes what is left and closes the file.
   * @param remarks about what is in no packet
   */
  async close(remarks: readonly string[] = []): Promise<void> {
    if (remarks.length > 0 && this.problem === undefined)
      this.#writer.remark(0, this.#options.now() / MILLISECONDS, remarks);
    this.#flush(false);
    await this.#pump;
    await this.#file?.close();
  }

  #newWriter(): PcapngWriter {
    const writer = new PcapngWriter({ complete: true, interfaces: this.#options.interfaces });
    this.#size = writer.length;
    this.#hasFrames = false;
    return writer;
  }

  #isDue(frame: Frame): boolean {
    const { size, time } = this.#options.rotation;
    if (!this.#file) return false;
    if (size !== undefined && this.#size + frame.end - frame.start > size && this.#hasFrames) return true;
    return time !== undefined && this.#options.now() - this.#beganAt >= time;
  }

  #turnOver(): void {
    this.#flush(true);
    this.#writer = this.#newWriter();
    this.#beganAt = this.#options.now();
  }

  #flush(isLast: boolean): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#file || this.problem !== undefined || (this.#writer.length === 0 && !isLast)) return;
    const bytes = this.#writer.handOver(this.#spare.pop());
    this.#batches.push({ bytes, isLast });
    this.#waiting += bytes.length;
    if (this.#waiting > this.#options.mostWaiting) {
      this.#fail('the disk is too slow (--limit recording-bytes)');
      return;
    }
    this.#wasBehind ||= this.isBehind;
    this.#pump ??= this.#write().finally(() => {
      this.#pump = undefined;
    });
  }

  async #write(): Promise<void> {
    try {
      for (let batch = this.#batches.shift(); batch && this.problem === undefined; batch = this.#batches.shift()) {
        if (this.#file) await this.#append(this.#file, batch.bytes);
        this.#waiting -= batch.bytes.length;
        if (this.#spare.length < MOST_SPARE) this.#spare.push(new Uint8Array(batch.bytes.buffer));
        if (batch.isLast) await this.#next();
        if (!this.#wasBehind || this.isBehind) continue;
        this.#wasBehind = false;
        this.#options.onCaughtUp();
      }
    } catch (error) {
      this.#fail(reasonOf(error, TO_WRITE));
      // Whole blocks stay; what a full disk took of the next one would only damage them.
      await this.#file?.truncate(this.#length).catch(() => {});
    }
  }

  async #append(file: FileHandle, bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await file.write(bytes, at, bytes.length - at);
      at += bytesWritten;
    }
    this.#length += bytes.length;
  }

  async #next(): Promise<void> {
    await this.#file?.close();
    const path = pathOf(this.#options, ++this.#files);
    this.#file = await open(path, 'w');
    this.#length = 0;
    this.paths.push(path);
    const { keep } = this.#options.rotation;
    while (keep !== undefined && this.paths.length > keep) await unlink(this.paths.shift()!).catch(() => {});
  }

  #fail(reason: string): void {
    if (this.problem !== undefined) return;
    this.problem = reason;
    this.#batches.length = 0;
    this.#waiting = 0;
    this.#options.onProblem(reason);
    this.#options.onCaughtUp();
  }
}

const NO_COMMENTS: readonly string[] = [];
const DIGITS = 5;

/** `out_00001.pcapng` where there may be several, as dumpcap numbers them; else as the user wrote it. */
function pathOf({ path, rotation }: RecordingOptions, number: number): string {
  if (rotation.size === undefined && rotation.time === undefined) return path;
  const extension = extname(path);
  const name = basename(path, extension);
  return join(dirname(path), `${name}_${String(number).padStart(DIGITS, '0')}${extension}`);
}
