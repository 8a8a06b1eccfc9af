/**
 * Reads captures through the engine, for every command that does: one after another, with progress, and stopping in
 * order when the user interrupts or nobody reads the result any more.
 */
import { fstatSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Network } from '../capture/http-request.ts';
import { isUrl } from '../capture/location.ts';
import { openCapture } from '../capture/open.ts';
import { sorted } from '../capture/sorted.ts';
import {
  CaptureError,
  type CaptureFacts,
  type CaptureSource,
  type Frame,
  type ReadProgress,
} from '../capture/source.ts';
import { LONG_AFTER } from '../capture/store.ts';
import { storeCapture } from '../capture/stored.ts';
import type { Engine } from '../engine.ts';
import { type Interruption, readThrough } from '../reading.ts';
import type { ReadingOutcome } from './exit-code.ts';
import { complain, type Host } from './host.ts';
import { networkOf } from './network.ts';
import { STANDARD_INPUT } from './output.ts';
import { Progress } from './progress.ts';
import { WALL_CLOCK } from './wall-clock.ts';

export interface ReadingOptions {
  readonly reader: 'wirelint' | 'pcap-parser';
  readonly progress: boolean;
  /** Read in the order of time, up to so many frames a capture. */
  readonly sortFrames?: number;
  /** Called after each chunk and waited for; false ends the reading, which is then no interruption. */
  readonly afterChunk?: () => Promise<boolean>;
  /** Called with each frame, before the engine sees it. */
  readonly onFrame?: (frame: Frame) => void;
  /** Called before a capture is read, with its facts, which grow, whether it is still being written, and its place in the list. */
  readonly onCapture?: (facts: CaptureFacts, isLive: boolean, index: number) => void;
  /** Called with the place of a capture that cannot be opened, and why: a line for the user. */
  readonly onUnreadable?: (index: number, reason: string) => void;
  /** Called when a capture has ended, and waited for. */
  readonly afterCapture?: () => Promise<void>;
}

/**
 * Milliseconds after an interruption in which the program that writes a pipe, interrupted too, may finish its output.
 */
const LAST_WORDS = 500;

/** Reads all captures. One that cannot be opened is left out and named in the outcome; the others are read. */
export async function readCaptures(
  paths: readonly string[],
  engine: Engine,
  host: Host,
  options: ReadingOptions,
): Promise<ReadingOutcome> {
  const unreadable: string[] = [];
  const network = networkOf(host.environment);
  const progress = new Progress(host, options.progress);
  const interruption = new UserInterruption(host);
  let incomplete = false;
  let read = 0;
  let wanted = true;
  try {
    for (const [index, path] of paths.entries()) {
      if (!wanted || interruption.happened) break;
      const opened = await interruption.orStop(openOrReason(path, { ...options, network }));
      if (opened === undefined) break;
      if (typeof opened === 'string') {
        unreadable.push(opened);
        options.onUnreadable?.(index, opened);
        await options.afterCapture?.();
        continue;
      }
      const { source, close } = opened;
      options.onCapture?.(source.facts, opened.isLive, index);
      wanted = await readOne(opened, engine, interruption, progress, options);
      await close();
      await options.afterCapture?.();
      incomplete ||= !source.facts.complete;
      read++;
    }
  } finally {
    progress.stop();
    interruption.dispose();
  }
  // To stop is the usual end of what is being captured: nothing is missing before it.
  const interrupted = interruption.happened && (incomplete || read + unreadable.length < paths.length);
  if (interrupted) complain(host, 'interrupted: not everything was read');
  return { unreadable, incomplete, interrupted };
}

/** @returns false when the result is wanted no more */
async function readOne(
  { source, isLive }: Opened,
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
  await readThrough(source, engine, {
    onFrame,
    onChunk,
    interruption,
    ...(isLive && { lastWords: () => delay(LAST_WORDS) }),
  });
  progress.stop();
  return wanted;
}

export interface Opened {
  readonly source: CaptureSource;
  /** It comes through a pipe, or without an end that is known, as fast as somebody writes it. */
  readonly isLive: boolean;
  readonly close: () => Promise<void>;
}

export async function openOrReason(
  path: string,
  { reader, sortFrames, network }: Pick<ReadingOptions, 'reader' | 'sortFrames'> & { readonly network: Network },
): Promise<Opened | string> {
  try {
    if (sortFrames === undefined) {
      const isPiped = await isPipe(path);
      const source = await openCapture(path, { reader, clock: WALL_CLOCK, network });
      return { source, isLive: isPiped || source.live === true, close: async () => {} };
    }
    const stored = sorted(await storeCapture(path, { reader, clock: LONG_AFTER, network }), sortFrames);
    const close = () => stored.close();
    try {
      return { source: await stored.open(), isLive: false, close };
    } catch (error) {
      await close();
      throw error;
    }
  } catch (error) {
    if (error instanceof CaptureError) return error.message;
    throw error;
  }
}

/** Whether it comes as somebody writes it, once and no more. */
export async function isPipe(path: string): Promise<boolean> {
  if (isUrl(path)) return false;
  try {
    const status = path === '-' ? fstatSync(STANDARD_INPUT) : await stat(path);
    return !status.isFile();
  } catch {
    // Who opens it says what is wrong.
    return false;
  }
}

/** The user's wish to stop, while it is listened for. A second one, unheard here, ends the process as usual. */
class UserInterruption implements Interruption {
  happened = false;
  readonly dispose: () => void;
  /** Those who wait for something else meanwhile. (A promise that lives on would keep all that it ever raced with.) */
  readonly #waiting = new Set<() => void>();

  constructor(host: Host) {
    this.dispose = host.onInterrupt(() => {
      this.happened = true;
      for (const stop of this.#waiting) stop();
    });
  }

  orStop<T>(promise: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const stop = () => resolve(undefined);
      if (this.happened) stop();
      this.#waiting.add(stop);
      promise.then(resolve, reject).finally(() => this.#waiting.delete(stop));
    });
  }
}
