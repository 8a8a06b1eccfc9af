/** Recording options, from the words of the command line to the settings of the recording. */
import { parseCount, parseDuration, parseSize, UsageError } from '../../settings/words.ts';
import type { Rotation } from './recording.ts';

export interface RecordingWords {
  /** Path; undefined for no recording. */
  readonly record: string | undefined;
  /** Begin another file after so many bytes (`100MB`) or after so long (`1h`). */
  readonly size: string | undefined;
  readonly time: string | undefined;
  /** Files to keep. */
  readonly keep: string | undefined;
}

export interface RecordingSettings {
  readonly path: string;
  readonly rotation: Rotation;
}

/** @throws UsageError */
export function recordingSettings({ record, size, time, keep }: RecordingWords): RecordingSettings | undefined {
  const rotation: Rotation = {
    size: size === undefined ? undefined : parseSize('--record-size', size),
    time: time === undefined ? undefined : parseDuration('--record-time', time),
    keep: keep === undefined ? undefined : parseCount('--record-keep', keep, 1),
  };
  if (record === undefined && Object.values(rotation).some(value => value !== undefined))
    throw new UsageError('--record-size, --record-time and --record-keep are for --record FILE');
  if (rotation.keep !== undefined && rotation.size === undefined && rotation.time === undefined)
    throw new UsageError('--record-keep: say when another file begins, with --record-size or --record-time');
  return record === undefined ? undefined : { path: record, rotation };
}
