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
  let interrupt = () => {};
  const stderr = Object.assign(new Collector(), { isTTY: true });
  stderr.onText = text => {
    if (said.test(text)) interrupt();
  };
  const onInterrupt = (listener: () => void) => {
    interrupt = listener;
    return () => {
      interrupt = () => {};
    };
  };
  const module = new URL('../../dist/src/cli/judging-thread.js', import.meta.url);
  let now = 0;
  return run(args, onInterrupt, { stderr, threads: { cores: 2, module }, now: () => (now += 1_000) });
}

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

async function run(
  args: readonly string[],
  onInterrupt: Host['onInterrupt'],
  more: Partial<Omit<Host, 'args' | 'stdout' | 'stderr' | 'onInterrupt'>> & { readonly stderr?: Collector } = {},
  builtIn: readonly AnyProtocol[] = protocols,
  tool: Tool = { name: 'wirelint', version: '1.2.3' },
): Promise<Run> {
  const stdout = new Collector();
  const { stderr = new Collector(), ...others } = more;
  const host: Host = { args, environment: {}, stdout, stderr, now: () => 0, onInterrupt, ...others };
  const code = await runProgram(host, builtIn, tool);
  return { code, stdout: stdout.text, stderr: stderr.text };
}
