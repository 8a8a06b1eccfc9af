/**
 * How a time is shown: since the capture's first frame, since the row before, of day, or since 1970. Only the form
 * changes, never the precision: digits that the capture has not measured are not made up, and none that it has is lost.
 */
import type { Timestamp } from '../../lint/finding.ts';
import { isoTime } from '../../report/time.ts';

/** In the order in which `t` goes round. */
export const TIME_FORMATS = ['relative', 'delta', 'utc', 'epoch'] as const;
export type TimeFormat = (typeof TIME_FORMATS)[number];

export interface TimeContext {
  readonly format: TimeFormat;
  /** Time of the capture's first frame, from which `relative` counts. */
  readonly origin: Timestamp;
  /** Time of the row before, from which `delta` counts; absent on the first row, which is 0 away from itself. */
  readonly previous?: Timestamp | undefined;
  /** Digits of the second's fraction, 0..9. */
  readonly digits: number;
}

const NANOSECONDS = 1_000_000_000;

/** `1.000250`, `-0.000001`, `2026-11-22T12:00:00.000250Z`, `1795348800.000250`; ASCII, of no fixed width. */
export function formatTime(time: Timestamp, { format, origin, previous, digits }: TimeContext): string {
  switch (format) {
    case 'relative':
      return formatElapsed(origin, time, digits);
    case 'delta':
      return formatElapsed(previous ?? time, time, digits);
    case 'utc':
      return isoTime(time, digits);
    case 'epoch':
      return withFraction(time.seconds, time.nanoseconds, digits);
  }
}

/** Seconds from one time to another; negative where frames are not in the order of their times. */
export function formatElapsed(from: Timestamp, to: Timestamp, digits: number): string {
  const isBefore = to.seconds < from.seconds || (to.seconds === from.seconds && to.nanoseconds < from.nanoseconds);
  const [earlier, later] = isBefore ? [to, from] : [from, to];
  const borrow = later.nanoseconds < earlier.nanoseconds ? 1 : 0;
  const seconds = later.seconds - earlier.seconds - borrow;
  const nanoseconds = later.nanoseconds - earlier.nanoseconds + borrow * NANOSECONDS;
  return `${isBefore ? '-' : ''}${withFraction(seconds, nanoseconds, digits)}`;
}

/** `+44 us`, `+1.2 ms`, `+2.05 s`, `+3.5 min`: how long after another time, in three digits that tell it. */
export function delayBetween(from: Timestamp, to: Timestamp): string {
  const seconds = to.seconds - from.seconds + (to.nanoseconds - from.nanoseconds) / NANOSECONDS;
  const size = Math.abs(seconds);
  const [unit, length] = UNITS.find(([, least]) => size >= least) ?? UNITS[UNITS.length - 1];
  return `${seconds < 0 ? '-' : '+'}${rounded(size / length)} ${unit}`;
}

const UNITS: readonly (readonly [unit: string, seconds: number])[] = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
  ['ms', 1e-3],
  ['us', 1e-6],
  ['ns', 1e-9],
];

function rounded(value: number): string {
  return String(value >= 100 ? Math.round(value) : Number(value.toPrecision(3)));
}

function withFraction(seconds: number, nanoseconds: number, digits: number): string {
  if (digits === 0) return String(seconds);
  return `${seconds}.${String(nanoseconds).padStart(9, '0').slice(0, digits)}`;
}
