/**
 * The process as `inspect` sees it: keys, screen, signals and time, behind the interface of src/tui/terminal.ts. Keys come
 * from standard input, or from the terminal itself when that is where a capture comes from.
 */
import { openSync } from 'node:fs';
import process from 'node:process';
import { ReadStream } from 'node:tty';
import { UsageError } from '../settings/words.ts';
import type { EndSignal, TerminalOutput, Tty } from '../tui/screen/terminal.ts';
import { openFilesProblem } from './open-files.ts';

const END_SIGNALS: readonly EndSignal[] = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'];
/** Milliseconds in which a stop signal to ourselves has surely arrived. */
const STOPPED_BY_NOW = 100;

/**
 * The terminal, or nothing where there is none that can be drawn on.
 * @param stdinIsTaken standard input is a capture
 * @throws UsageError when that capture would be what the user types
 */
export function openTerminal(stdinIsTaken: boolean): Tty | undefined {
  if (stdinIsTaken && process.stdin.isTTY)
    throw new UsageError('standard input (-) is the terminal; pipe a capture into it');
  if (!process.stdout.isTTY || process.env.TERM === 'dumb') return undefined;
  const input = process.stdin.isTTY && !stdinIsTaken ? process.stdin : openKeyboard();
  return input && new ProcessTty(input, process.stdout);
}

function openKeyboard(): ReadStream | undefined {
  try {
    return new ReadStream(openSync('/dev/tty', 'r'));
  } catch (error) {
    // Out of files says nothing about whether there is a terminal.
    if (openFilesProblem(error) !== undefined) throw error;
    return undefined;
  }
}

class ProcessTty implements Tty {
  readonly environment = process.env;
  readonly output: TerminalOutput;
  readonly #input: ReadStream;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #endListeners = new Map<EndSignal, () => void>();
  #stopListener: () => void = () => {};
  #continueListener: () => void = () => {};
  #crashListener: () => void = () => {};

  constructor(input: ReadStream, output: TerminalOutput) {
    this.#input = input;
    this.output = output;
  }

  onInput(listener: (bytes: Uint8Array) => void): void {
    this.#input.on('data', listener);
  }

  onResize(listener: () => void): void {
    this.output.on('resize', listener);
  }

  onEnd(listener: (signal: EndSignal) => void): void {
    for (const signal of END_SIGNALS) {
      const own = () => listener(signal);
      this.#endListeners.set(signal, own);
      process.on(signal, own);
    }
    // Nobody is there any more, though the kernel's own word for it may never come.
    const gone = () => listener('SIGHUP');
    this.output.once('error', gone).on('error', () => {});
    this.#input.once('error', gone).on('error', () => {});
    this.#input.once('end', gone);
  }

  onStop(listener: () => void): void {
    this.#stopListener = listener;
    process.on('SIGTSTP', listener);
  }

  onContinue(listener: () => void): void {
    this.#continueListener = () => {
      listener();
      // The terminal may have been resized since: SIGWINCH goes to the foreground process alone.
      process.kill(process.pid, 'SIGWINCH');
    };
    process.on('SIGCONT', this.#continueListener);
  }

  onCrash(listener: () => void): void {
    this.#crashListener = listener;
    // Ahead of those that tell what has happened.
    process.prependListener('uncaughtException', listener);
    process.prependListener('unhandledRejection', listener);
    process.prependListener('exit', listener);
  }

  setRaw(raw: boolean): void {
    if (!this.#input.destroyed) this.#input.setRawMode(raw);
  }

  stopJob(): void {
    process.off('SIGTSTP', this.#stopListener);
    process.kill(0, 'SIGTSTP');
    setTimeout(() => process.on('SIGTSTP', this.#stopListener), STOPPED_BY_NOW);
  }

  endBy(signal: EndSignal): void {
    for (const [name, listener] of this.#endListeners) process.off(name, listener);
    process.kill(process.pid, signal);
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const [name, listener] of this.#endListeners) process.off(name, listener);
    process.off('SIGTSTP', this.#stopListener);
    process.off('SIGCONT', this.#continueListener);
    process.off('uncaughtException', this.#crashListener);
    process.off('unhandledRejection', this.#crashListener);
    process.off('exit', this.#crashListener);
    this.output.removeAllListeners('resize');
    this.#input.removeAllListeners('data');
    if (this.#input === process.stdin) this.#input.pause();
    else this.#input.destroy();
  }

  now(): number {
    return performance.now();
  }

  after(milliseconds: number, callback: () => void): () => void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      callback();
    }, milliseconds);
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
      clearTimeout(timer);
    };
  }

  turn(): Promise<void> {
    return new Promise(resolve => setImmediate(resolve));
  }
}
