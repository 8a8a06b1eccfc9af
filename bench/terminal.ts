/**
 * A program on a terminal of its own: a pseudo-terminal (util-linux's script) whose output goes through a terminal
 * emulator, so that what is waited for is what a person would see, and when. Times are taken when the bytes that complete
 * the picture have arrived.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import xterm from '@xterm/headless';

const COLUMNS = 160;
const ROWS = 50;

interface Waiting {
  readonly satisfied: (screen: readonly string[]) => boolean;
  readonly resolve: (at: number) => void;
}

export class Terminal {
  /** When the program was started, as `performance.now` counts. */
  readonly started = performance.now();
  readonly #emulator = new xterm.Terminal({ cols: COLUMNS, rows: ROWS, allowProposedApi: true });
  readonly #child: ChildProcess;
  #waiting: Waiting | undefined = undefined;
  #ended = false;

  constructor(command: readonly string[], pinned: readonly string[]) {
    const words = [...pinned, ...command].map(word => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
    const shell = `stty rows ${ROWS} cols ${COLUMNS}; exec ${words}`;
    this.#child = spawn('script', ['-q', '-f', '-e', '-c', shell, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { ...process.env, TERM: 'xterm-256color', SHELL: '/bin/sh', WIRELINT_STATE: 'off' },
    });
    // The emulator answers what programs ask a terminal.
    this.#emulator.onData(answer => this.press(answer));
    this.#child.stdout?.on('data', (bytes: Uint8Array) => {
      const at = performance.now();
      this.#emulator.write(bytes, () => this.#look(at));
    });
    this.#child.on('exit', () => {
      this.#ended = true;
      this.#look(performance.now());
    });
  }

  /** Process id of `script`; the program is its child's child. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  press(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  /** The lines of the screen. */
  screen(): string[] {
    const { active } = this.#emulator.buffer;
    return Array.from({ length: ROWS }, (_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? '');
  }

  /** Resolves with the time at which the screen satisfied the question; rejects when it does not within `seconds`. */
  until(what: string, satisfied: (screen: readonly string[]) => boolean, seconds = 60): Promise<number> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting = undefined;
        reject(new Error(`waited ${seconds} s for ${what}; the screen shows:\n${this.screen().join('\n')}`));
      }, seconds * 1000);
      this.#waiting = {
        satisfied,
        resolve: at => {
          clearTimeout(timer);
          this.#waiting = undefined;
          resolve(at);
        },
      };
      this.#look(performance.now());
    });
  }

  /** Resolves when the program has ended by itself. */
  async ended(seconds = 10): Promise<void> {
    if (!this.#ended) await this.until('the end of the program', () => this.#ended, seconds);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #look(at: number): void {
    if (this.#waiting?.satisfied(this.screen())) this.#waiting.resolve(at);
  }
}

/** Peak resident memory in bytes of a process and all it has started, the largest of each added up. */
export function peakMemoryOfTree(root: number): number {
  const parents = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const parent = /^\d+$/.test(name) ? parentOf(Number(name)) : undefined;
    if (parent !== undefined) parents.set(parent, [...(parents.get(parent) ?? []), Number(name)]);
  }
  const peak = (pid: number): number =>
    peakOf(pid) + (parents.get(pid) ?? []).reduce((total, child) => total + peak(child), 0);
  return peak(root);
}

function parentOf(pid: number): number | undefined {
  const parent = read(pid)?.match(/^PPid:\s+(\d+)$/m)?.[1];
  return parent === undefined ? undefined : Number(parent);
}

function peakOf(pid: number): number {
  return Number(read(pid)?.match(/^VmHWM:\s+(\d+) kB$/m)?.[1] ?? 0) * 1024;
}

function read(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return undefined;
  }
}
