/**
 * Counts over the time of a run, in slots of the same length. Captures that lie far apart for how long they last would be a
 * point each at the ends of an empty chart: they stand one after another there, with a gap where time is left out.
 */
import type { CaptureFacts } from '../../capture/source.ts';
import type { History } from '../../history/history.ts';
import type { TimeSeries } from '../../history/time-series.ts';
import type { Timestamp } from '../../lint/finding.ts';
import { counted, grouped } from '../../report/numbers.ts';
import { clip, pad, padStart, wrap } from '../text/cells.ts';
import { type Line, line, type Role, span } from '../text/line.ts';
import { fittedLine } from '../text/spans.ts';

export interface Series {
  readonly secondsPerSlot: number;
  readonly messages: readonly number[];
  /** Of messages. */
  readonly bytes: readonly number[];
  readonly findings: readonly number[];
}

/** The kind of thing that a series counts. */
export type Counted = 'messages' | 'bytes' | 'findings';

export interface OverTime {
  /** The whole run, or a part for each capture that has messages, in the order of their times. */
  readonly parts: readonly Series[];
  /** Why there are several parts, or that there should be; empty where there is nothing to say. */
  readonly words: string;
}

/** Captures lie far apart where together they last less than this part of the time between the first and the last frame. */
const FAR = 1 / 10;
/** Shorter captures are taken for this long, in seconds: two frames next to each other are not far apart. */
const LEAST_LASTING = 0.1;

export function overTime({ series, captureSeries, captures }: History): OverTime {
  const whole = { parts: [seriesOf(series)], words: '' };
  const spans = captures.map((facts, capture) => ({ ...spanOf(facts), capture })).filter(({ to }) => to > 0);
  if (spans.length < 2) return whole;
  const first = Math.min(...spans.map(({ from }) => from));
  const last = Math.max(...spans.map(({ to }) => to));
  const lasting = spans.reduce((sum, { from, to }) => sum + Math.max(LEAST_LASTING, to - from), 0);
  if (lasting >= (last - first) * FAR) return whole;
  const where = `${counted(spans.length, 'capture')} within ${longTime(last - first)}`;
  if (captures.length > captureSeries.length) {
    return { ...whole, words: `${where}: most of the time shown is in no capture` };
  }
  const parts = spans
    .toSorted((one, other) => one.from - other.from)
    .map(({ capture }) => seriesOf(captureSeries[capture]))
    .filter(({ messages }) => messages.length > 0);
  return parts.length < 2 ? whole : { parts, words: `${where}: drawn side by side, without the time between` };
}

function seriesOf({ slots, secondsPerSlot, messages, bytes, findings }: TimeSeries): Series {
  const used = (counts: Float64Array) => Array.from(counts.subarray(0, slots));
  return { secondsPerSlot, messages: used(messages), bytes: used(bytes), findings: used(findings) };
}

/** Seconds since 1970; `to` is 0 where there is no frame. */
function spanOf({ firstTime, lastTime }: CaptureFacts): { readonly from: number; readonly to: number } {
  return { from: firstTime ? secondsOf(firstTime) : 0, to: lastTime ? secondsOf(lastTime) : 0 };
}

function secondsOf({ seconds, nanoseconds }: Timestamp): number {
  return seconds + nanoseconds * 1e-9;
}

export interface Points {
  readonly points: readonly number[];
  /** Seconds that a point of each part stands for: each has the same room, however long it lasts. */
  readonly seconds: readonly number[];
  /** Which of the points stand for time that is left out. */
  readonly gaps: readonly number[];
}

/** Counts of all parts, joined into at most as many points, as long as each part may have one. */
export function pointsOf({ parts }: OverTime, what: Counted, most: number): Points {
  const room = Math.max(1, Math.floor((most - (parts.length - 1)) / parts.length));
  const points: number[] = [];
  const seconds: number[] = [];
  const gaps: number[] = [];
  parts.forEach((part, index) => {
    if (index > 0) gaps.push(points.push(0) - 1);
    const own = resampled(part[what], part.secondsPerSlot, room);
    points.push(...own.points);
    seconds.push(own.seconds);
  });
  return { points, seconds, gaps };
}

/** How long a point is: of several parts each. */
export function pointWords({ seconds }: Points): string {
  return seconds.map(duration).join(' | ');
}

/** Counts joined into at most as many points, with the seconds that each stands for. */
export function resampled(
  counts: readonly number[],
  secondsPerSlot: number,
  points: number,
): { readonly points: readonly number[]; readonly seconds: number } {
  const perPoint = Math.max(1, Math.ceil(counts.length / Math.max(1, points)));
  const joined = Array.from({ length: Math.ceil(counts.length / perPoint) }, (_, point) =>
    counts.slice(point * perPoint, (point + 1) * perPoint).reduce((sum, count) => sum + count, 0),
  );
  return { points: joined, seconds: secondsPerSlot * perPoint };
}

/** `16 ms`, `2.048 s`, `3 min`, `2 h`: a length of time in as few characters as tell it. */
export function duration(seconds: number): string {
  if (seconds < 1) return `${rounded(seconds * 1000)} ms`;
  if (seconds < 120) return `${rounded(seconds)} s`;
  return seconds < 7200 ? `${rounded(seconds / 60)} min` : `${rounded(seconds / 3600)} h`;
}

const DAY = 86_400;
const YEAR = 365.25 * DAY;

function longTime(seconds: number): string {
  if (seconds >= 2 * YEAR) return `${Math.round(seconds / YEAR)} years`;
  return seconds >= 2 * DAY ? `${Math.round(seconds / DAY)} days` : duration(Math.round(seconds));
}

function rounded(value: number): string {
  return String(Number(value.toPrecision(4)));
}

const LEVELS = '▁▂▃▄▅▆▇█';
const LABEL = 10;
/** In the place of time that is left out. */
const GAP = '|';

/** Three rows of columns, each as high as its slots are full, and the most that a column stands for. */
export function seriesLines(data: OverTime, width: number): Line[] {
  if (data.parts.every(({ messages }) => messages.length === 0)) return [];
  const room = Math.max(1, width - LABEL * 2 - 2);
  const row = (what: Counted, role: Role) => {
    const { points, gaps } = pointsOf(data, what, room);
    const most = points.reduce((a, b) => Math.max(a, b), 0);
    const levels = points.map((count, index) => (gaps.includes(index) ? GAP : levelOf(count, most))).join('');
    const label = [span(pad(what, LABEL), 'dim'), span(padStart(grouped(most), LABEL)), span('  ')];
    return fittedLine([...label, span(levels, role)], width);
  };
  const columns = pointWords(pointsOf(data, 'messages', room));
  return [
    row('messages', 'client'),
    row('bytes', 'server'),
    row('findings', 'error'),
    line(span(clip(`a column is ${columns}; the number in front is the highest column`, width), 'dim')),
  ];
}

function levelOf(count: number, most: number): string {
  if (count === 0) return ' ';
  return LEVELS[Math.min(LEVELS.length - 1, Math.floor((count / most) * LEVELS.length))];
}

/** What there is to say of the time that is shown, wrapped. */
export function timeWords({ words }: OverTime, width: number): Line[] {
  return words === '' ? [] : wrap(words, Math.max(1, width)).map(text => line(span(clip(text, width), 'dim')));
}
