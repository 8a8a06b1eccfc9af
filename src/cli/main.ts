#!/usr/bin/env node
/**
 * The program: gives `process` to the command line and takes its exit code. The code is only set, never exited with,
 * while anything may still be unwritten; what nobody foresaw ends in 70, never in a code that means a finding.
 */
import process from 'node:process';
import { INTERNAL } from './exit-code.ts';
import type { Host } from './host.ts';

/** Loaded here and not by name above, so that parts that cannot be loaded end in a line and in 70, too. */
const [{ protocols }, { explain, runProgram }, { openTerminal }, { readTool }] = await Promise.all([
  import('../../dissectors/index.ts'),
  import('./program.ts'),
  import('./terminal.ts'),
  import('./version.ts'),
]).catch((error: Error) => {
  const reason = error.message.split('\n', 1)[0];
  process.stderr.write(`wirelint: cannot start: ${reason}; install it anew (npm ci), with Node 20.19 or newer\n`);
  process.exit(INTERNAL);
});

/** Something may be waited for that nobody wants any more: the next byte of a pipe. */
let abandoned = false;

const host: Host = {
  args: process.argv.slice(2),
  environment: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  now: () => performance.now(),
  onInterrupt: listener => {
    const once = () => {
      abandoned = true;
      listener();
    };
    process.once('SIGINT', once);
    return () => process.off('SIGINT', once);
  },
  openTerminal: stdinIsTaken => {
    abandoned ||= stdinIsTaken;
    return openTerminal(stdinIsTaken);
  },
};

/** Nothing can be relied on after this; the line was written before, standard error being synchronous. */
function crash(error: unknown): never {
  explain(error, host);
  process.exit(INTERNAL);
}

process.on('uncaughtException', crash);
process.on('unhandledRejection', crash);
// Whoever closed standard error does not want to hear.
process.stderr.on('error', () => {});

process.exitCode = await runProgram(host, protocols, readTool());
// All is written. A pipe whose next byte is still being waited for would keep the process alive.
if (abandoned) process.exit();
