/** Runs the built program, as a user's shell would. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Result {
  /** Exit code, or the signal's name. */
  readonly code: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Bytes for standard input, which is closed otherwise. */
  readonly input?: Uint8Array;
  readonly environment?: Readonly<Record<string, string>>;
  /** The project's root unless it is another one. */
  readonly folder?: string;
}

/** Paths in `args` are relative to the folder. */
export function wirelint(args: readonly string[], { input, environment, folder }: RunOptions = {}): Promise<Result> {
  return finish(process.execPath, [main(), ...args], input, environment, folder);
}

/** A command line for bash, in which `$WIRELINT` is the program. */
export function shell(line: string): Promise<Result> {
  return finish('bash', ['-c', line], undefined, { WIRELINT: `${process.execPath} ${main()}` });
}

/** The program as a child process that the test talks to. */
export function start(args: readonly string[], folder = ROOT) {
  return spawn(process.execPath, [main(), ...args], { cwd: folder, env: cleanEnvironment(), stdio: 'pipe' });
}

function finish(
  program: string,
  args: readonly string[],
  input: Uint8Array | undefined,
  environment: Readonly<Record<string, string>> = {},
  folder = ROOT,
): Promise<Result> {
  const child = spawn(program, args, {
    cwd: folder,
    env: { ...cleanEnvironment(), ...environment },
    stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', text => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', text => {
    stderr += text;
  });
  child.stdin?.on('error', () => {});
  child.stdin?.end(input);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code: code ?? signal, stdout, stderr }));
  });
}

/** Without what would colour or lay out the output on the developer's own machine. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const { NO_COLOR: _no, FORCE_COLOR: _force, COLUMNS: _columns, ...rest } = process.env;
  return rest;
}

function main(): string {
  if (!existsSync(MAIN)) throw new Error('the program is not built: npm run build');
  return MAIN;
}
