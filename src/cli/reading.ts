/**
 * Reads captures through the engine, for every command that does: one after another, with progress, and stopping in
 * order when the user interrupts or nobody reads the result any more.
 */
import { openCapture } from '../capture/open.ts';
import { sorted } from '../capture/sorted.ts';
import { CaptureError, type CaptureSource, type Frame, type ReadProgress } from '../capture/source.ts';
import { storeCapture } from '../capture/stored.ts';
import type { Engine } from '../engine.ts';
import { type Interruption, readThrough } from '../reading.ts';
import type { ReadingOutcome } from './exit-code.ts';
import { complain, type Host } from './host.ts';
import { Progress } from './progress.ts';
import { LONG_AFTER, WALL_CLOCK } from './wall-clock.ts';

export interface ReadingOptions {
  readonly reader: 'wirelint' | 'pcap-parser';
  readonly progress: boolean;
  /** Read in the order of time, up to so many frames a capture. */
  readonly sortFrames?: number;
  /** Called after each chunk and waited for; false ends the reading, which is then no interruption. */
  readonly afterChunk?: () => Promise<boolean>;
  /** Called with each frame, before the engine sees it. */
  readonly onFrame?: (frame: Frame) => void;
}

/** Reads all captures. One that cannot be opened is left out and named in the outcome; the others are read. */
export async function readCaptures(
  paths: readonly string[],
  engine: Engine,
  host: Host,
  options: ReadingOptions,
): Promise<ReadingOutcome> {
  const unreadable: string[] = [];
  const progress = new Progress(host, options.progress);
  const interruption = new UserInterruption(host);
  let incomplete = false;
  let wanted = true;
  try {
    for (const path of paths) {
      if (!wanted || interruption.happened) break;
      const opened = await Promise.race([openOrReason(path, options), interruption.promise]);
      if (opened === undefined) break;
      if (typeof opened === 'string') {
        unreadable.push(opened);
        continue;
      }
      const { source, close } = opened;
      wanted = await readOne(source, engine, interruption, progress, options);
      await close();
      incomplete ||= !source.facts.complete;
    }
  } finally {
    progress.stop();
    interruption.dispose();
  }
  if (interruption.happened) complain(host, 'interrupted: not everything was read');
  return { unreadable, incomplete, interrupted: interruption.happened };
}

/** @returns false when the result is wanted no more */
async function readOne(
  source: CaptureSource,
  engine: Engine,
  interruption: Interruption,
  progress: Progress,
  { afterChunk, onFrame }: ReadingOptions,
): Promise<boolean> {
  const { facts } = source;
  let wanted = true;
  const onChunk = async (state: ReadProgress): Promise<boolean> => {
    progress.show(facts.path, state, facts.packets);
    if (afterChunk) wanted = await afterChunk();
    return wanted;
  };
  await readThrough(source, engine, { onFrame, onChunk, interruption });
  progress.stop();
  return wanted;
}

interface Opened {
  readonly source: CaptureSource;
  readonly close: () => Promise<void>;
}

async function openOrReason(path: string, { reader, sortFrames }: ReadingOptions): Promise<Opened | string> {
  try {
    if (sortFrames === undefined)
      return { source: await openCapture(path, { reader, clock: WALL_CLOCK }), close: async () => {} };
    const stored = sorted(await storeCapture(path, { reader, clock: LONG_AFTER }), sortFrames);
    const close = () => stored.close();
    try {
      return { source: await stored.open(), close };
    } catch (error) {
      await close();
      throw error;
    }
  } catch (error) {
    if (error instanceof CaptureError) return error.message;
    throw error;
  }
}

/** The user's wish to stop, while it is listened for. A second one, unheard here, ends the process as usual. */
class UserInterruption implements Interruption {
  happened = false;
  /** Resolves when it happens, even while a pipe keeps silent. */
  readonly promise: Promise<undefined>;
  readonly dispose: () => void;

  constructor(host: Host) {
    let resolve: (value: undefined) => void;
    this.promise = new Promise(settle => {
      resolve = settle;
    });
    this.dispose = host.onInterrupt(() => {
      this.happened = true;
      resolve(undefined);
    });
  }
}
