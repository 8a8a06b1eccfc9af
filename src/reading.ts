/** Reads one opened capture through the engine. */
import type { CaptureSource, Frame, ReadProgress } from './capture/source.ts';
import type { Engine } from './engine.ts';

/** The wish of a user to stop, before all is read. */
export interface Interruption {
  readonly happened: boolean;
  /** What a promise gives, or undefined as soon as the user wants to stop, even while a pipe keeps silent. */
  orStop<T>(promise: Promise<T>): Promise<T | undefined>;
}

export interface ReadingSteps {
  /** Called with each frame, before the engine sees it. */
  readonly onFrame?: ((frame: Frame) => void) | undefined;
  /** Called after each chunk and waited for; false ends the reading, which is then no interruption. */
  readonly onChunk?: (progress: ReadProgress) => Promise<boolean>;
  readonly interruption?: Interruption;
  /** Waited for when all is read that will be, before what was open is closed. */
  readonly beforeClosing?: (() => Promise<void>) | undefined;
  /**
   * Waited for when a capture that is still being written is interrupted: its writer, interrupted too, may finish it.
   * Such a capture usually ends with an interruption, and nothing is missing before it.
   */
  readonly lastWords?: () => Promise<unknown>;
}

/**
 * Reads a capture to its end, as one more of the engine's run. An interruption counts as the end of the capture, and says
 * so in its facts, so that every report shows it.
 */
export async function readThrough(
  source: CaptureSource,
  engine: Engine,
  { onFrame, onChunk, interruption, beforeClosing, lastWords }: ReadingSteps = {},
): Promise<void> {
  const { facts } = source;
  let position = 0;
  const afterChunk = async (progress: ReadProgress): Promise<undefined | false> => {
    position = progress.read;
    await engine.settle();
    const isWanted = onChunk === undefined || (await onChunk(progress));
    return isWanted && (lastWords || !interruption?.happened) ? undefined : false;
  };
  const feed = onFrame
    ? (frame: Frame) => {
        onFrame(frame);
        engine.frame(frame);
      }
    : (frame: Frame) => engine.frame(frame);
  engine.beginCapture(facts);
  const reading = source.read(feed, afterChunk);
  await (interruption ? interruption.orStop(reading) : reading);
  if (interruption?.happened && lastWords) {
    await Promise.race([reading, lastWords()]);
  } else if (interruption?.happened) {
    facts.complete = false;
    facts.problem ??= { offset: position, message: 'reading was interrupted' };
  }
  await beforeClosing?.();
  engine.closeCapture();
  await engine.settle();
  engine.endCapture();
}
