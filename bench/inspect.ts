/**
 * What `wirelint inspect` is like to use on a large capture: how soon something is on the screen, when all is indexed, what
 * it takes of memory, and how long a key waits for its answer meanwhile. termshark opens the same file beside it.
 */
import { spawnSync } from 'node:child_process';
import type { MadeCapture } from './capture.ts';
import { CHECK, checkContestant, contest, progress } from './contest.ts';
import { pinning } from './measure.ts';
import { peakMemoryOfTree, Terminal } from './terminal.ts';

export interface InspectFigures {
  /** Seconds from the start of the process. */
  readonly firstScreen: number;
  readonly firstMessages: number;
  readonly indexed: number;
  /** Bytes. */
  readonly peakMemory: number;
  /** Milliseconds from a key to its screen, while the capture was being read; ascending. */
  readonly latencies: readonly number[];
}

export interface TermsharkFigures {
  readonly firstScreen: number;
  /** Absent when it did not get there in time. */
  readonly lastPacket: number | undefined;
  /** Of termshark and the tsharks that it runs, in bytes. */
  readonly peakMemory: number;
}

export interface InspectContest {
  readonly check: { readonly seconds: number; readonly peakMemory: number | undefined };
  readonly inspect: InspectFigures;
  readonly termshark: TermsharkFigures | undefined;
}

/** Between one answer and the next key, in milliseconds: nobody types faster. */
const TYPING = 60;
/** Seconds that termshark is waited for. */
const PATIENCE = 600;

export async function inspectContest(
  capture: MadeCapture,
  runs: number,
  withTermshark: boolean,
): Promise<InspectContest> {
  const [{ wallSeconds, peakMemory }] = await contest([checkContestant(runs)], capture, runs);
  const measured: InspectFigures[] = [];
  for (let turn = 0; turn < runs; turn++) {
    const figures = { ...(await inspectOnce(capture)), latencies: await latenciesOf(capture) };
    progress(`${capture.name}: wirelint inspect: all indexed after ${figures.indexed.toFixed(2)} s`);
    measured.push(figures);
  }
  const middle = (of: (figures: InspectFigures) => number) => {
    const sorted = measured.map(of).sort((a, b) => a - b);
    return sorted[(sorted.length - 1) >> 1] ?? 0;
  };
  return {
    check: { seconds: wallSeconds, peakMemory },
    inspect: {
      firstScreen: middle(({ firstScreen }) => firstScreen),
      firstMessages: middle(({ firstMessages }) => firstMessages),
      indexed: middle(({ indexed }) => indexed),
      peakMemory: middle(figures => figures.peakMemory),
      latencies: measured.flatMap(({ latencies }) => latencies).sort((a, b) => a - b),
    },
    termshark: withTermshark && isThere('termshark') ? await termsharkOnce(capture) : undefined,
  };
}

/** The value below which the given part of an ascending list lies. */
export function percentile(ascending: readonly number[], part: number): number {
  return ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * part))] ?? 0;
}

/** Left alone: when something is seen, when all of it, and what that took. */
async function inspectOnce({ path }: MadeCapture): Promise<Omit<InspectFigures, 'latencies'>> {
  const terminal = new Terminal([process.execPath, CHECK, 'inspect', path], pinning());
  const since = (at: number) => (at - terminal.started) / 1000;
  try {
    const firstScreen = since(await terminal.until('the first screen', screen => shows(screen, 'Statistics')));
    const firstMessages = since(await terminal.until('a connection', screen => shows(screen, '10.0.0.1:26999')));
    const indexed = since(await terminal.until('the whole capture', screen => !isReading(screen)));
    const peakMemory = peakMemoryOfTree(terminal.pid);
    await quit(terminal);
    return { firstScreen, firstMessages, indexed, peakMemory };
  } finally {
    terminal.kill();
  }
}

/** With somebody at the keys for as long as the capture is being read. */
async function latenciesOf({ path }: MadeCapture): Promise<number[]> {
  const terminal = new Terminal([process.execPath, CHECK, 'inspect', path], pinning());
  const latencies: number[] = [];
  try {
    await terminal.until('a connection', screen => shows(screen, '10.0.0.1:26999'));
    while (isReading(terminal.screen())) {
      latencies.push(await answerTo(terminal, '?', screen => shows(screen, 'zoom the focused pane')));
      latencies.push(await answerTo(terminal, '1', screen => shows(screen, 'verdict')));
      latencies.push(await answerTo(terminal, '4', screen => shows(screen, 'Findings:')));
      latencies.push(await answerTo(terminal, '1', screen => shows(screen, 'verdict')));
    }
    await quit(terminal);
    return latencies;
  } finally {
    terminal.kill();
  }
}

function isReading(screen: readonly string[]): boolean {
  return screen.some(line => /reading \d+ %/.test(line)) || !shows(screen, ' messages');
}

async function quit(terminal: Terminal): Promise<void> {
  terminal.press('Q');
  await terminal.ended();
}

/** Milliseconds from the key to the screen that answers it. */
async function answerTo(
  terminal: Terminal,
  key: string,
  satisfied: (screen: readonly string[]) => boolean,
): Promise<number> {
  const pressed = performance.now();
  terminal.press(key);
  const answered = await terminal.until(`the answer to ${key}`, satisfied);
  await new Promise(resolve => setTimeout(resolve, TYPING));
  return answered - pressed;
}

/** `G` goes to the last packet that it has; at the end that is the last of the file. */
async function termsharkOnce({ path, name, packets }: MadeCapture): Promise<TermsharkFigures> {
  const terminal = new Terminal(['termshark', '-r', path], []);
  const since = (at: number) => (at - terminal.started) / 1000;
  try {
    const firstScreen = since(await terminal.until('the first packet', screen => shows(screen, 'Frame 1:'), PATIENCE));
    progress(`${name}: termshark: first packet after ${firstScreen.toFixed(2)} s`);
    const pressing = setInterval(() => terminal.press('G'), 2000);
    const last = new RegExp(`^\\W*${packets} `);
    const lastPacket = await terminal
      .until('the last packet', screen => screen.some(line => last.test(line)), PATIENCE)
      .then(since, () => undefined)
      .finally(() => clearInterval(pressing));
    return { firstScreen, lastPacket, peakMemory: peakMemoryOfTree(terminal.pid) };
  } finally {
    terminal.kill();
  }
}

function shows(screen: readonly string[], text: string): boolean {
  return screen.some(line => line.includes(text));
}

function isThere(program: string): boolean {
  if (!spawnSync(program, ['--version']).error) return true;
  progress(`skipped: ${program} is not installed (apt-get install ${program})`);
  return false;
}
