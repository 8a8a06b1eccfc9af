/**
 * The traffic of a proxy from the first client to the last: the command that is run through it, the signs by which it
 * ends, and the moments after that in which something may still be on its way.
 */
import { rename, writeFile } from 'node:fs/promises';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { wallTime } from '../clock.ts';
import { formatAddress, type Pair } from '../proxy/address.ts';
import type { ProxyServer } from '../proxy/io/server.ts';
import { UsageError } from '../settings/words.ts';
import { reasonOf, TO_WRITE } from '../system-errors.ts';
import { type CommandLine, startChild } from './child.ts';
import { complain, type Host } from './host.ts';
import type { ProxyEnding } from './proxy-ending.ts';

/** Milliseconds in which flows may end by themselves once judging has failed, and between two looks at them. */
const DRAIN = 5_000;
const DRAIN_LOOK = 100;
/** Milliseconds between two lines of statistics, and between two looks at whether it is time to end. */
const STATISTICS_INTERVAL = 1_000;
const BEAT = 50;

export interface TrafficOptions {
  readonly server: ProxyServer;
  readonly ending: ProxyEnding;
  readonly command: CommandLine | undefined;
  /** Written once all pairs listen. */
  readonly readyFile: string | undefined;
  /** Hears of the command, and of what goes wrong. */
  readonly host: Host;
  /** Called now and then. */
  readonly onBeat: () => void;
  readonly onSecond: () => void;
}

/** Resolves when all is over and the addresses are free, with whether the command that was run failed. */
export async function attend(options: TrafficOptions): Promise<boolean> {
  const { server, ending, command, readyFile, host } = options;
  const beat = setInterval(() => {
    options.onBeat();
    ending.look(server);
  }, BEAT);
  const statistics = setInterval(() => options.onSecond(), STATISTICS_INTERVAL);
  try {
    if (readyFile !== undefined) await writeReady(readyFile, server.pairs);
    const child = command && startChild(command, server.pairs, host, ending);
    await ending.reached;
    if (ending.hasFailed) await drained(server, host);
    // What the command has left behind may still be on its way.
    else if (child?.hasEnded) await server.quiet();
    return child ? await child.end() : false;
  } finally {
    clearInterval(beat);
    clearInterval(statistics);
    await server.stop();
  }
}

/** Nobody is judged any more; those who are connected may finish. */
async function drained(server: ProxyServer, host: Host): Promise<void> {
  complain(host, 'nothing is judged any more, by a fault; clients that are connected may finish');
  server.drain();
  const until = wallTime() + DRAIN;
  while (server.open > 0 && wallTime() < until) await delay(DRAIN_LOOK);
}

/** Written beside it and then renamed: a program that waits for the file finds all of it. */
async function writeReady(path: string, pairs: readonly Pair[]): Promise<void> {
  const own = pairs.map(({ listen, upstream }) => ({
    listen: formatAddress(listen),
    upstream: formatAddress(upstream),
  }));
  const beside = `${path}.${process.pid}`;
  try {
    await writeFile(beside, `${JSON.stringify({ pid: process.pid, pairs: own })}\n`);
    await rename(beside, path);
  } catch (error) {
    throw new UsageError(`cannot write --ready-file ${path}: ${reasonOf(error, TO_WRITE)}`);
  }
}
