/**
 * Programs of others, each bounded in time: whoever starts one through `Programs` has it gone at `stop`, at a signal and at
 * the end of the process.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';

/** Seconds that a program may take unless its caller says otherwise. */
const USUAL_SECONDS = 30;

export interface Outcome {
  /** Exit code, or the signal that ended it. */
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunChoice {
  readonly seconds?: number;
  readonly cwd?: string;
  readonly input?: string;
}

/** A program that runs. */
export interface Started {
  readonly child: ChildProcess;
  readonly outcome: Promise<Outcome>;
}

export class Programs {
  readonly #children = new Set<ChildProcess>();

  constructor() {
    process.on('exit', () => this.stop());
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  }

  start(program: string, args: readonly string[], { seconds = USUAL_SECONDS, cwd, input }: RunChoice = {}): Started {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], ...(cwd !== undefined && { cwd }) });
    this.#children.add(child);
    const late = setTimeout(() => child.kill('SIGKILL'), seconds * 1_000);
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', text => (stdout += text));
    child.stderr.on('data', text => (stderr += text));
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    const outcome = new Promise<Outcome>(resolve => {
      const over = (code: number | string) => {
        clearTimeout(late);
        this.#children.delete(child);
        resolve({ code, stdout, stderr });
      };
      child.once('error', error => over(error.message));
      child.once('close', (code, signal) => over(code ?? signal ?? 'ended'));
    });
    return { child, outcome };
  }

  /** @throws with what it complained of, where it does not end with 0 */
  async run(program: string, args: readonly string[], choice: RunChoice = {}): Promise<string> {
    const { code, stdout, stderr } = await this.start(program, args, choice).outcome;
    if (code !== 0) throw new Error(`${program} ${args.join(' ')}: ended with ${code}: ${stderr || stdout}`);
    return stdout;
  }

  stop(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    this.#children.clear();
  }
}

/** What a program prints with these arguments, whatever its exit code; undefined where it cannot be started. */
export function printedBy(program: string, args: readonly string[]): string | undefined {
  const { error, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: 10_000 });
  return error ? undefined : stdout + stderr;
}

/** A port of the loopback that nobody uses now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

export const pause = (milliseconds: number) => new Promise(resolve => setTimeout(resolve, milliseconds));

/** Resolves when `holds` does. @throws after so many seconds, with what was waited for */
export async function until(what: string, holds: () => boolean | Promise<boolean>, seconds = 10): Promise<void> {
  const end = performance.now() + seconds * 1_000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
    await pause(10);
  }
}
