/**
 * The traffic of a proxy from the first client to the last: the command that is run through it, the signs by which it
 * ends, and the moments after that in which something may still be on its way.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { wallTime } from '../clock.ts';
import { formatAddress, type Pair } from '../proxy/address.ts';
import type { ProxyServer } from '../proxy/io/server.ts';
import { type CommandLine, startChild } from './child.ts';
import { complain, type Host } from './host.ts';
import type { ProxyEnding } from './proxy-ending.ts';
import { writeReady } from './ready-file.ts';

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
    if (readyFile !== undefined) await writeReady(readyFile, { pairs: server.pairs.map(listened) });
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

function listened({ listen, upstream }: Pair): { readonly listen: string; readonly upstream: string } {
  return { listen: formatAddress(listen), upstream: formatAddress(upstream) };
}
