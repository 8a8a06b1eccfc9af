/**
 * The command that a proxy runs: `--run 'CMD'` through the shell, or the words behind `--` as they are. It finds the ports
 * in its environment. What it prints goes to our standard error with a mark at each line, so that standard output holds our
 * findings alone.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { formatAddress, isPath, type Pair } from '../proxy/address.ts';
import { UsageError } from '../settings/words.ts';
import { reasonOf } from '../system-errors.ts';
import { visible } from '../wire/escape.ts';
import { complain, type Host } from './host.ts';

export interface CommandLine {
  readonly file: string;
  readonly args: readonly string[];
  readonly shell: boolean;
}

/** Milliseconds that a command has to end after SIGTERM. */
const GRACE = 2_000;

/** Throws a `UsageError` when there are two. */
export function commandOf(run: string | undefined, words: readonly string[]): CommandLine | undefined {
  if (run !== undefined && words.length > 0) throw new UsageError('--run and -- COMMAND: give one of them');
  if (run !== undefined) return { file: run, args: [], shell: true };
  return words.length === 0 ? undefined : { file: words[0], args: words.slice(1), shell: false };
}

export interface Child {
  readonly hasEnded: boolean;
  /**
   * Resolves once the command is over, after SIGTERM if it still runs; true when it failed on its own. Rejects with a
   * `UsageError` if it could not be started.
   */
  end(): Promise<boolean>;
}

/** @param ending its `end` is called when the command is over */
export function startChild(
  { file, args, shell }: CommandLine,
  pairs: readonly Pair[],
  host: Host,
  ending: { end(reason: string): void },
): Child {
  const environment = { ...process.env, ...environmentOf(pairs) };
  const child = spawn(file, args, { shell, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  const printed = [marked(child.stdout, 'out', host), marked(child.stderr, 'err', host)];
  let over = false;
  const outcome = outcomeOf(child).finally(() => {
    over = true;
    ending.end('the command has ended');
  });
  // Keeps an early rejection from ending the process: `end` rejects with it.
  outcome.catch(() => {});
  return {
    get hasEnded() {
      return over;
    },
    async end() {
      const wasStopped = !over;
      if (wasStopped) stop(child);
      const { code, signal, problem } = await outcome;
      await Promise.all(printed);
      if (problem !== undefined) throw new UsageError(`cannot run ${file}: ${reasonOf(problem, NO_COMMAND)}`);
      if (wasStopped || code === 0) return false;
      complain(host, signal ? `the command was ended by ${signal}` : `the command ended with exit code ${code}`);
      return true;
    },
  };
}

const NO_COMMAND = { missing: 'no such command' };

interface ChildOutcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly problem?: Error;
}

function outcomeOf(child: ChildProcess): Promise<ChildOutcome> {
  return new Promise(resolve => {
    child.once('error', problem => resolve({ code: null, signal: null, problem }));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

function stop(child: ChildProcess): void {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), GRACE);
  child.once('exit', () => clearTimeout(timer));
}

/** `out| ` or `err| ` in front of each line. Resolves at the stream's end. */
async function marked(stream: Readable, mark: string, { stderr }: Host): Promise<void> {
  for await (const line of createInterface({ input: stream })) stderr.write(`${mark}| ${visible(line)}\n`);
}

/** WIRELINT_LISTEN_1=udp:127.0.0.1:40123, and its parts as WIRELINT_HOST_1 and WIRELINT_PORT_1, or WIRELINT_PATH_1. */
function environmentOf(pairs: readonly Pair[]): Record<string, string> {
  const variables: Record<string, string> = {};
  pairs.forEach(({ listen, upstream }, index) => {
    const number = index + 1;
    variables[`WIRELINT_LISTEN_${number}`] = formatAddress(listen);
    variables[`WIRELINT_UPSTREAM_${number}`] = formatAddress(upstream);
    if (isPath(listen)) {
      variables[`WIRELINT_PATH_${number}`] = listen.path;
    } else {
      variables[`WIRELINT_HOST_${number}`] = listen.host;
      variables[`WIRELINT_PORT_${number}`] = String(listen.port);
    }
  });
  return variables;
}
