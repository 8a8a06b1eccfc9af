/** A terminal that is none: an emulator shows what is written to it, and keys and signals come from the test. */
import { PassThrough } from 'node:stream';
import xterm from '@xterm/headless';
import type { EndSignal, TerminalOutput, Tty } from '../../src/tui/screen/terminal.ts';

const BETWEEN_LOOKS = 5;

export class FakeTty implements Tty {
  readonly environment: Record<string, string> = { TERM: 'xterm-256color' };
  readonly output: TerminalOutput;
  /** All that was written, and what else was done to the terminal, in order. */
  written = '';
  readonly deeds: string[] = [];
  input: (bytes: Uint8Array) => void = () => {};
  resize: () => void = () => {};
  endsBy: (signal: EndSignal) => void = () => {};
  stops: () => void = () => {};
  continues: () => void = () => {};
  crashes: () => void = () => {};
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #emulator: xterm.Terminal;

  constructor(columns = 80, rows = 24) {
    this.#emulator = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
    const stream = new PassThrough();
    stream.on('data', (bytes: Buffer) => {
      this.written += bytes.toString('utf8');
      this.#emulator.write(bytes);
    });
    this.output = Object.assign(stream, { columns, rows, isTTY: true }) as unknown as TerminalOutput;
  }

  /** What stands on it, a line each. */
  screen(): string {
    const { active } = this.#emulator.buffer;
    const lines = Array.from({ length: this.#emulator.rows }, (_, row) => active.getLine(row)?.translateToString(true));
    return lines.join('\n');
  }

  /** Resolves when the screen shows this. The test's own time limit holds. */
  async until(shown: RegExp): Promise<string> {
    while (!shown.test(this.screen())) await new Promise(resolve => setTimeout(resolve, BETWEEN_LOOKS));
    return this.screen();
  }

  /** Makes it another size, as somebody who drags a window does. */
  changeSize(columns: number, rows: number): void {
    this.#emulator.resize(columns, rows);
    Object.assign(this.output, { columns, rows });
    this.resize();
  }

  /** Keys, as a terminal sends them. */
  type(text: string): void {
    this.input(new TextEncoder().encode(text));
  }

  onInput(listener: (bytes: Uint8Array) => void): void {
    this.input = listener;
  }

  onResize(listener: () => void): void {
    this.resize = listener;
  }

  onEnd(listener: (signal: EndSignal) => void): void {
    this.endsBy = listener;
  }

  onStop(listener: () => void): void {
    this.stops = listener;
  }

  onContinue(listener: () => void): void {
    this.continues = listener;
  }

  onCrash(listener: () => void): void {
    this.crashes = listener;
  }

  setRaw(raw: boolean): void {
    this.deeds.push(raw ? 'raw' : 'cooked');
  }

  stopJob(): void {
    this.deeds.push('stopped');
  }

  endBy(signal: EndSignal): void {
    this.deeds.push(signal);
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.deeds.push('closed');
  }

  now(): number {
    return performance.now();
  }

  after(milliseconds: number, callback: () => void): () => void {
    const timer = setTimeout(callback, milliseconds);
    this.#timers.add(timer);
    return () => clearTimeout(timer);
  }

  turn(): Promise<void> {
    return new Promise(resolve => setImmediate(resolve));
  }
}
