/** The built program as a proxy in a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';
import { scratch, until } from './proxy.ts';

const MAIN = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));

export interface RunningProxy {
  readonly ports: readonly number[];
  /** What was printed so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly result: Promise<{ readonly code: number | string; readonly stdout: string; readonly stderr: string }>;
}

export interface Surrounding {
  /** Files that it may have open. */
  readonly descriptors?: number;
}

/** Starts `wirelint proxy` with these arguments and waits until it listens; it is gone when the test is over. */
export async function running(...given: readonly (string | Surrounding)[]): Promise<RunningProxy> {
  const args = given.filter(argument => typeof argument === 'string');
  const { descriptors } = given.find(argument => typeof argument === 'object') ?? {};
  const ready = join(scratch(), 'ready.json');
  const at = args.findIndex(argument => argument.startsWith('-'));
  const words = at < 0 ? [...args, '--ready-file', ready] : args.toSpliced(at, 0, '--ready-file', ready);
  const limit = descriptors === undefined ? '' : `ulimit -n ${descriptors}; `;
  const child = spawn('bash', ['-c', `${limit}exec "$0" "$@"`, process.execPath, MAIN, 'proxy', ...words], {
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', text => {
    stdout += text;
  });
  child.stderr.on('data', text => {
    stderr += text;
  });
  const result = once(child, 'close').then(([code, signal]) => ({ code: code ?? signal, stdout, stderr }));
  await until('the ready file', () => existsSync(ready) || child.exitCode !== null, 20_000);
  if (!existsSync(ready)) throw new Error(`it has ended: ${stderr}`);
  const contents = JSON.parse(readFileSync(ready, 'utf8'));
  expect(contents.pid).toBe(child.pid);
  const ports = contents.pairs.map(({ listen }: { listen: string }) =>
    Number(listen.slice(listen.lastIndexOf(':') + 1)),
  );
  return {
    ports,
    stdout: () => stdout,
    stderr: () => stderr,
    kill: signal => {
      child.kill(signal);
    },
    result,
  };
}
