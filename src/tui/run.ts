/**
 * One run over the captures that are looked at: reads them through the engine, a chunk at a time, and lets the terminal
 * have its turn between chunks. What it has found so far is in the history at any moment. Another dialect, or another
 * decoding of a flow, is another run over the same captures.
 */
import { CaptureError, type CaptureSource, type Frame, type ReadProgress } from '../capture/source.ts';
import type { StoredCapture } from '../capture/stored.ts';
import { Engine } from '../engine.ts';
import { History } from '../history/history.ts';
import type { CaptureBytes, CaptureFrames } from '../history/recall.ts';
import type { Finding } from '../lint/finding.ts';
import type { ConnectionEvent } from '../protocol/connections.ts';
import type { RunReport } from '../report/run-report.ts';
import type { EngineOptions } from '../run/options.ts';

export interface RunHost {
  /** Resolves once the event loop has turned. */
  pause(): Promise<void>;
  /** Milliseconds of a steady clock. */
  now(): number;
  /** Called as the engine calls them. */
  readonly onFinding?: ((finding: Finding) => void) | undefined;
  readonly onConnection?: ((event: ConnectionEvent) => void) | undefined;
}

/** `waiting`: all there is for now was read, and more may come. */
export type RunState = 'reading' | 'waiting' | 'ended';

/** Milliseconds over which rates are taken. */
const RATE_WINDOW = 2000;
/** Between two samples of the rate. */
const RATE_STEP = 200;

interface Sample {
  readonly at: number;
  readonly packets: number;
  readonly messages: number;
}

export class Run {
  readonly history: History;
  readonly options: EngineOptions;
  /** Reads the captures of this run again. */
  readonly bytes: CaptureBytes;
  readonly frames: CaptureFrames;
  state: RunState = 'reading';
  /** Bytes read of all captures, and how many there are in all where that is known. */
  read = 0;
  total: number | undefined = undefined;
  /** Called when something was read or the state has changed. */
  onChange: () => void = () => {};
  readonly #unreadable: string[] = [];
  readonly #engine: Engine;
  readonly #stored: readonly StoredCapture[];
  /** Of the captures that could be opened, in the order of the history. */
  readonly #opened: StoredCapture[] = [];
  readonly #host: RunHost;
  readonly #samples: Sample[] = [];
  #readBefore = 0;
  /** Ends the reading, wherever it waits. */
  readonly #stopping = new AbortController();

  constructor(options: EngineOptions, stored: readonly StoredCapture[], host: RunHost) {
    this.options = options;
    this.#stored = stored;
    this.#host = host;
    this.#engine = new Engine(options);
    this.history = new History(this.#engine.protocols, options.limits['unknown-flows']);
    this.#engine.history = this.history;
    this.#engine.onFinding = host.onFinding;
    this.#engine.onConnection = host.onConnection;
    this.frames = {
      frame: (capture, number) => this.#opened[capture].frame(number),
      frameAt: (capture, position) => this.#opened[capture].frameAt(position),
    };
    this.bytes = { read: (capture, position, length) => this.#opened[capture].read(position, length) };
  }

  /** The captures as the history numbers them. */
  get captures(): readonly StoredCapture[] {
    return this.#opened;
  }

  /** Captures that turned out not to be readable, a line each. */
  get unreadable(): readonly string[] {
    return this.#unreadable;
  }

  get packets(): number {
    return this.history.captures.reduce((total, { packets }) => total + packets, 0);
  }

  /** Whether more may come that nobody has written yet. */
  get live(): boolean {
    return this.state !== 'ended' && this.#stored.some(({ live }) => live);
  }

  /** Packets and messages a second, over the last moments. */
  rates(): { readonly packets: number; readonly messages: number } {
    const now = this.#host.now();
    const first = this.#samples.find(({ at }) => at >= now - RATE_WINDOW);
    if (!first || now - first.at < RATE_STEP) return { packets: 0, messages: 0 };
    const seconds = (now - first.at) / 1000;
    return {
      packets: Math.round((this.packets - first.packets) / seconds),
      messages: Math.round((this.history.messages.count - first.messages) / seconds),
    };
  }

  /** What `check` would report, up to here. */
  report(): RunReport {
    return this.#engine.reportSoFar();
  }

  /** Reads all captures to their ends; resolves then, or when stopped. Rejects only for a fault of the program. */
  async start(): Promise<void> {
    for (const stored of this.#stored) {
      if (this.#stopping.signal.aborted) break;
      const source = await this.#open(stored);
      if (source) await this.#readCapture(source);
    }
    this.#enter('ended');
  }

  /** Ends the reading; what was read stays. */
  stop(): void {
    this.#stopping.abort();
  }

  async #open(stored: StoredCapture): Promise<CaptureSource | undefined> {
    try {
      const source = await stored.open(this.#stopping.signal);
      this.#opened.push(stored);
      return source;
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error;
      if (!this.#stopping.signal.aborted) this.#unreadable.push(error.message);
      return undefined;
    }
  }

  async #readCapture(source: CaptureSource): Promise<void> {
    const engine = this.#engine;
    engine.beginCapture(source.facts);
    await source.read(
      (frame: Frame) => engine.frame(frame),
      progress => this.#afterChunk(progress),
    );
    engine.closeCapture();
    await engine.settle();
    engine.endCapture();
    this.#readBefore = this.read;
  }

  async #afterChunk({ read, total, waiting }: ReadProgress): Promise<undefined | false> {
    await this.#engine.settle();
    this.read = this.#readBefore + read;
    this.total = total === undefined ? undefined : this.#readBefore + total + this.#unopenedBytes();
    this.#enter(waiting ? 'waiting' : 'reading');
    await this.#host.pause();
    return this.#stopping.signal.aborted ? false : undefined;
  }

  /** Of the captures that come after the one at hand. */
  #unopenedBytes(): number {
    return this.#stored.slice(this.#opened.length).reduce((total, { size }) => total + size, 0);
  }

  #enter(state: RunState): void {
    this.state = state;
    this.#sample();
    this.onChange();
  }

  #sample(): void {
    const at = this.#host.now();
    const last = this.#samples.at(-1);
    if (last && at - last.at < RATE_STEP) return;
    this.#samples.push({ at, packets: this.packets, messages: this.history.messages.count });
    while (this.#samples.length > 1 && this.#samples[0].at < at - RATE_WINDOW * 2) this.#samples.shift();
  }
}
