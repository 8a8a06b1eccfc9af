/**
 * The process as the commands see it: arguments, environment, streams and the wish to stop. main.ts makes one from
 * `process`; the terminal of `inspect` comes from terminal.ts.
 */
import type { Writable } from 'node:stream';
import type { Tty } from '../tui/screen/terminal.ts';
import { visible } from '../wire/escape.ts';
import type { Threads } from './thread-pool.ts';

/** A standard stream; the extras are there when it is a terminal. */
export type TerminalStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

export interface Host {
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** From which a configuration is looked for; absent: the process's. */
  readonly workingDirectory?: string;
  readonly stdout: TerminalStream;
  readonly stderr: TerminalStream;
  /** Milliseconds of some steady clock, for progress only. */
  now(): number;
  /** Whether somebody is there who may type; absent: nobody knows. */
  readonly stdinIsTerminal?: boolean;
  /** What captures can be judged by at once; absent, this thread alone. */
  readonly threads?: Threads;
  /** Calls the listener once when the user asks to stop (SIGINT); returns what takes the listener away again. */
  onInterrupt(listener: () => void): () => void;
  /**
   * Called before a file of the user's is run, which may end the process, or keep it alive when all is done; returns what is
   * to be called when it has run.
   */
  onForeignCode?(name: string): () => void;
  /**
   * The terminal to draw on and to read keys from; absent, or nothing, where there is none. `stdinIsTaken`: standard input
   * is a capture.
   */
  openTerminal?(stdinIsTaken: boolean): Tty | undefined;
}

const NARROWEST = 60;
const WIDEST = 120;
const USUAL = 80;

/** Columns to lay text out for: the terminal's, within reason; 80 for a file or a pipe. */
export function columnsOf(stream: TerminalStream, environment: Host['environment']): number {
  const columns = stream.columns ?? Number(environment.COLUMNS);
  return columns > 0 ? Math.min(Math.max(columns, NARROWEST), WIDEST) : USUAL;
}

/**
 * Colour for this stream? What the command line says holds, then NO_COLOR (no-color.org) and FORCE_COLOR, then whether
 * anybody looks: a terminal that is not `dumb`.
 */
export function wantsColor(
  stream: TerminalStream,
  environment: Host['environment'],
  asked: boolean | undefined,
): boolean {
  if (asked !== undefined) return asked;
  if (environment.NO_COLOR) return false;
  if (environment.FORCE_COLOR) return environment.FORCE_COLOR !== '0';
  return stream.isTTY === true && environment.TERM !== 'dumb';
}

/** One line on standard error. It is lost without a word when nobody listens there. */
export function complain(host: Pick<Host, 'stderr'>, message: string): void {
  host.stderr.write(`wirelint: ${visible(message)}\n`);
}
