/**
 * The program: gives `process` to the command line and takes its exit code. The code is only set, never exited with,
 * while anything may still be unwritten; what nobody foresaw ends in 70, never in a code that means a finding.
 */
import { availableParallelism } from 'node:os';
import process from 'node:process';
import { readTool } from '../version.ts';
import { useCodeCache } from './code-cache.ts';
import { INTERNAL, OK, USAGE } from './exit-code.ts';
import { complain, type Host } from './host.ts';
import { openFilesProblem } from './open-files.ts';
import { keepYoungGenerationSmall } from './young-generation.ts';

useCodeCache();
keepYoungGenerationSmall();

const INTERRUPTIONS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM'];

/** Set when the exit code is certain. If the process ends before that, nobody decided to end it. */
let concluded = false;

/** Something may be waited for that nobody wants any more: the next byte of a pipe. */
let abandoned = false;

/** A file of the user's, while it is run. */
let running: string | undefined;

// The reader of standard error has closed it: there is nobody left to report to.
process.stderr.on('error', () => {});

if (!isWorkingDirectoryThere()) {
  complain(process, 'the working directory is gone; change to one that is there (cd)');
  conclude(USAGE);
}

void main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<void> {
  if (args.length === 1 && ['--version', '-v'].includes(args[0]) && (await isVersionWritten())) conclude(OK);
  const threads = { cores: availableParallelism(), module: new URL('./judging-thread.js', import.meta.url) };
  const early = args.some(word => /^(--jobs|-j)/.test(word))
    ? await import('./thread-pool.ts').then(({ earlyThreads }) => earlyThreads(args, threads))
    : undefined;
  const { protocols, explain, runProgram, openTerminal } = await loadProgram();

  const host: Host = {
    args,
    environment: process.env,
    stdout: process.stdout,
    stderr: process.stderr,
    now: () => performance.now(),
    threads: { ...threads, early },
    stdinIsTerminal: process.stdin.isTTY === true,
    onInterrupt,
    onForeignCode: name => {
      abandoned = true;
      running = name;
      return () => {
        running = undefined;
      };
    },
    openTerminal: stdinIsTaken => {
      abandoned ||= stdinIsTaken;
      return openTerminal(stdinIsTaken);
    },
  };

  /** Nothing can be relied on after this; the line was written before, standard error being synchronous. */
  const crash = (error: unknown): never => {
    let code = INTERNAL;
    try {
      code = explain(error, host);
    } finally {
      conclude(code);
    }
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
  process.on('exit', sayWhatIsUnfinished);

  process.exitCode = await runProgram(host, protocols, readTool());
  concluded = true;
  // All is written. A pipe whose next byte is still being waited for would keep the process alive, as may code of others.
  if (abandoned) process.exit();
}

function conclude(code: number): never {
  concluded = true;
  process.exit(code);
}

/** Scripts ask for it, and it needs nothing of the program. What cannot be written is reported there. */
async function isVersionWritten(): Promise<boolean> {
  process.stdout.on('error', () => {});
  const failed = await new Promise(resolve => {
    process.stdout.write(`${readTool().version}\n`, resolve);
  });
  return !failed;
}

/** Loaded here and not by name above, so that parts that cannot be loaded end in a line and in 70, too. */
async function loadProgram() {
  try {
    const [{ protocols }, { explain, runProgram }, { openTerminal }] = await Promise.all([
      import('../../dissectors/index.ts'),
      import('./program.ts'),
      import('./terminal.ts'),
    ]);
    return { protocols, explain, runProgram, openTerminal };
  } catch (error) {
    const shortage = openFilesProblem(error);
    const [reason] = (error as Error).message.split('\n', 1);
    complain(process, `cannot start: ${shortage ?? `${reason}; reinstall it (npm ci), with Node 20.19 or newer`}`);
    return conclude(shortage === undefined ? INTERNAL : USAGE);
  }
}

function onInterrupt(listener: () => void): () => void {
  const dispose = () => {
    for (const signal of INTERRUPTIONS) process.off(signal, once);
  };
  // A second one finds nobody who listens, and ends the process as usual.
  const once = () => {
    abandoned = true;
    dispose();
    listener();
  };
  for (const signal of INTERRUPTIONS) process.on(signal, once);
  return dispose;
}

function isWorkingDirectoryThere(): boolean {
  try {
    return process.cwd() !== '';
  } catch {
    return false;
  }
}

function sayWhatIsUnfinished(): void {
  if (concluded) return;
  if (running !== undefined) {
    complain(process, `${running}: it ended the program`);
    process.exitCode = USAGE;
    return;
  }
  // Nothing is left that could happen, and something is still waited for.
  complain(process, 'internal error: the program ended before its work was done; please report this bug');
  process.exitCode = INTERNAL;
}
