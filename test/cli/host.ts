/** The command line without a process of its own: for tests of many runs. */
import { Writable } from 'node:stream';
import { protocols } from '../../dissectors/index.ts';
import type { Host } from '../../src/cli/host.ts';
import { runProgram } from '../../src/cli/program.ts';
import type { AnyProtocol } from '../../src/protocol/protocol.ts';
import type { Tool } from '../../src/report/json.ts';
import type { Tty } from '../../src/tui/screen/terminal.ts';
import { readTool } from '../../src/version.ts';

export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

class Collector extends Writable {
  text = '';
  onText = (_text: string) => {};

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString('utf8');
    this.onText(this.text);
    done();
  }
}

export function runInside(...args: readonly string[]): Promise<Run> {
  return run(args, () => () => {});
}

/** In a folder, where a configuration may be found. Paths are still relative to the project's root. */
export function runIn(workingDirectory: string, ...args: readonly string[]): Promise<Run> {
  return run(args, () => () => {}, { workingDirectory });
}

/** Where the environment says these things. */
export function runUnder(environment: Host['environment'], ...args: readonly string[]): Promise<Run> {
  return run(args, () => () => {}, { environment });
}

/** Named as the built program is, so that a process can be expected to write the same. */
export function runAsBuilt(...args: readonly string[]): Promise<Run> {
  return run(args, () => () => {}, {}, protocols, readTool());
}

/** Of a program that has these protocols built in. */
export function runWith(builtIn: readonly AnyProtocol[], ...args: readonly string[]): Promise<Run> {
  return run(args, () => () => {}, {}, builtIn);
}

/** The user interrupts as soon as anybody listens. */
export function runInterrupted(...args: readonly string[]): Promise<Run> {
  return run(args, listener => {
    listener();
    return () => {};
  });
}

/** In threads of the built program, with progress on standard error. The user interrupts when that says this. */
export async function runUntil(said: RegExp, ...args: readonly string[]): Promise<Run> {
  let now = 0;
  const begun = new Begun(args, { isTTY: true, now: () => (now += 1_000) });
  begun.onStderr = text => {
    if (said.test(text)) begun.interrupt();
  };
  return begun.ended;
}

/** Named as the built program is, and with its threads, while it runs. */
export class Begun {
  readonly ended: Promise<Run>;
  onStderr = (_text: string) => {};
  readonly #stdout = new Collector();
  readonly #stderr = new Collector();
  #interrupt = () => {};

  constructor(args: readonly string[], { isTTY = false, now = () => performance.now() } = {}) {
    this.#stderr.onText = text => this.onStderr(text);
    const onInterrupt = (listener: () => void) => {
      this.#interrupt = listener;
      return () => {
        this.#interrupt = () => {};
      };
    };
    const own = { stdout: this.#stdout, stderr: Object.assign(this.#stderr, { isTTY }), now, threads: THREADS };
    this.ended = run(args, onInterrupt, own, protocols, readTool());
  }

  get stdout(): string {
    return this.#stdout.text;
  }

  get stderr(): string {
    return this.#stderr.text;
  }

  /** As the user does, once. */
  interrupt(): void {
    const listener = this.#interrupt;
    this.#interrupt = () => {};
    listener();
  }
}

const THREADS = { cores: 2, module: new URL('../../dist/src/cli/judging-thread.js', import.meta.url) };

/** On a terminal that draws and reads keys. */
export function runOnTerminal(terminal: Tty, ...args: readonly string[]): Promise<Run> {
  return run(args, () => () => {}, { openTerminal: () => terminal });
}

/** The same in an environment and a folder. */
export function runOnTerminalWith(
  terminal: Tty,
  around: Pick<Host, 'environment' | 'workingDirectory' | 'stdinIsTerminal'>,
  ...args: readonly string[]
): Promise<Run> {
  return run(args, () => () => {}, { ...around, openTerminal: () => terminal });
}

interface Outputs {
  readonly stdout: Collector;
  readonly stderr: Collector;
}

async function run(
  args: readonly string[],
  onInterrupt: Host['onInterrupt'],
  more: Partial<Omit<Host, 'args' | 'stdout' | 'stderr' | 'onInterrupt'>> & Partial<Outputs> = {},
  builtIn: readonly AnyProtocol[] = protocols,
  tool: Tool = { name: 'wirelint', version: '1.2.3' },
): Promise<Run> {
  const { stdout = new Collector(), stderr = new Collector(), ...others } = more;
  const host: Host = { args, environment: {}, stdout, stderr, now: () => 0, onInterrupt, ...others };
  const code = await runProgram(host, builtIn, tool);
  return { code, stdout: stdout.text, stderr: stderr.text };
}
