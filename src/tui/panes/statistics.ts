/**
 * The numbers of a run: what the captures are, messages, bytes and findings over time, messages by type, and what came of
 * each rule. `statisticsData` gathers them as plain data, from which the charts are drawn where there is room and colour
 * (statistics-charts.ts), and the text of this pane everywhere else.
 */
import type { CaptureFacts } from '../../capture/source.ts';
import type { History } from '../../history/history.ts';
import type { RuleTally } from '../../lint/tally.ts';
import type { Standing } from '../../lint/verdict.ts';
import { counted, grouped } from '../../report/numbers.ts';
import type { RunReport, RunSummary } from '../../report/run-report.ts';
import { captureDigits, isoTime } from '../../report/time.ts';
import { clip, clipMiddle, pad, padStart, shown, widthOf, wrap } from '../text/cells.ts';
import { type Line, line, type Role, type Size, type Span, span } from '../text/line.ts';
import { beside, fittedLine } from '../text/spans.ts';
import { formatElapsed } from '../text/time-format.ts';
import { type OverTime, overTime, seriesLines, timeWords } from './over-time.ts';

export interface MessageType {
  readonly protocol: string;
  readonly name: string;
  readonly count: number;
}

export interface StatisticsData {
  readonly summary: RunSummary;
  readonly captures: readonly CaptureFacts[];
  readonly time: OverTime;
  /** Those that were seen, the most frequent first. */
  readonly types: readonly MessageType[];
  /** Broken ones first, then those that could not always be judged, then those that held, then those never exercised. */
  readonly rules: readonly RuleTally[];
  readonly notes: readonly string[];
  /** Connections that may still go on. */
  readonly open: number;
  /** Findings that are held. */
  readonly held: number;
}

/** @param report of the same run, so far */
export function statisticsData(history: History, report: RunReport): StatisticsData {
  const types = report.protocols.flatMap(({ id, coverage }) =>
    Object.entries(coverage.messages).map(([name, count]) => ({ protocol: id, name, count })),
  );
  return {
    summary: report.summary,
    // While one is read the report does not have it yet.
    captures: history.captures.map(facts => ({ ...facts })),
    time: overTime(history),
    types: types.filter(({ count }) => count > 0).toSorted((a, b) => b.count - a.count),
    rules: report.protocols.flatMap(({ rules }) => rules).toSorted(byInterest),
    notes: report.notes,
    open: openOnes(history),
    held: history.held.count,
  };
}

function openOnes({ connections }: History): number {
  let open = 0;
  for (let connection = 1; connection <= connections.count; connection++) {
    if (connections.has(connection) && connections.isOpen(connection)) open++;
  }
  return open;
}

function byInterest(a: RuleTally, b: RuleTally): number {
  return standingOf(a) - standingOf(b) || b.broken - a.broken || b.inconclusive - a.inconclusive;
}

const BROKEN = 0;
const INCONCLUSIVE = 1;
const HELD = 2;
const NOT_EXERCISED = 3;

function standingOf({ broken, inconclusive, checked }: RuleTally): number {
  if (broken > 0) return BROKEN;
  if (inconclusive > 0) return INCONCLUSIVE;
  return checked > 0 ? HELD : NOT_EXERCISED;
}

export interface StatisticsInput {
  readonly data: StatisticsData;
  /** First line in the window. */
  readonly top: number;
}

/** From this width on, types of messages stand beside the rules. */
const TWO_COLUMNS = 120;
const GAP = 3;

export function statisticsPane({ data, top }: StatisticsInput, { width, height }: Size): Line[] {
  return statisticsLines(data, width, true).slice(top, top + height);
}

export function statisticsHeight(data: StatisticsData, width: number): number {
  return statisticsLines(data, width, true).length;
}

/** Least size of an area in which charts say more than text. */
const LEAST_CHARTED = { width: 60, height: 18 };
const LEAST_CHARTS = 9;
/** Blanks on either side of the text below charts. */
export const CHARTS_MARGIN = 1;

/** Whether charts have room; where they have none, the pane says the same in text. */
export function chartsFit({ width, height }: Size): boolean {
  return width >= LEAST_CHARTED.width && height >= LEAST_CHARTED.height;
}

/** Lines that charts take of an area of this height. */
export function chartsHeight(height: number): number {
  return Math.max(LEAST_CHARTS, Math.floor(height / 3));
}

/**
 * Lines of text, and how many of them are seen at once, for scrolling: below charts, where those fit. Where they are not
 * wanted all the same, this lets one scroll some lines too far, and never too few.
 */
export function statisticsRows(data: StatisticsData, size: Size): { readonly count: number; readonly height: number } {
  const { width, height } = size;
  if (!chartsFit(size)) return { count: statisticsHeight(data, width), height };
  const count = statisticsLines(data, width - 2 * CHARTS_MARGIN, false).length;
  return { count, height: height - chartsHeight(height) };
}

/** @param withSeries what charts show, in characters */
export function statisticsLines(data: StatisticsData, width: number, withSeries: boolean): Line[] {
  const head = [
    summaryLine(data, width),
    ...data.captures.flatMap(facts => captureLines(facts, width)),
    ...timeWords(data.time, width),
  ];
  const left = width < TWO_COLUMNS ? width : Math.floor((width - GAP) * 0.45);
  const right = width < TWO_COLUMNS ? width : width - GAP - left;
  const rules = ruleLines(data, right);
  const types = section('Messages by type', typeLines(data, left), left);
  return [
    ...head,
    ...(withSeries ? section('Over time', seriesLines(data.time, width), width) : []),
    ...(width < TWO_COLUMNS ? [...rules, ...types] : beside(types, left + GAP, rules)),
    ...section(
      'Notes',
      data.notes.flatMap(note => noteLines(note, width)),
      width,
    ),
  ];
}

function section(title: string, lines: readonly Line[], width: number): Line[] {
  return lines.length === 0 ? [] : [line(), line(span(clip(title, width), 'heading')), ...lines];
}

const VERDICT_ROLES: Readonly<Record<Standing, Role>> = {
  conformant: 'good',
  open: 'plain',
  inconclusive: 'warning',
  violations: 'error',
};

/** What may still go on is not conformant yet. */
function summaryLine({ summary, open, held }: StatisticsData, width: number): Line {
  const { packets, messages, connections, errors, warnings, infos } = summary;
  const verdict: Standing = summary.verdict === 'conformant' && open > 0 ? 'open' : summary.verdict;
  const role = VERDICT_ROLES[verdict];
  const counts = [counted(errors, 'error'), counted(warnings, 'warning'), counted(infos, 'info')];
  const found = [...counts, ...(held > 0 ? [`${grouped(held)} held`] : [])].join(', ');
  const stillOpen = open > 0 ? ` (${grouped(open)} open)` : '';
  const seen = [
    `${counted(connections, 'connection')}${stillOpen}`,
    counted(messages, 'message'),
    counted(packets, 'packet'),
  ];
  return fittedLine([span(verdict, role), span(`: ${found} in ${seen.join(', ')}`, 'strong')], width);
}

function captureLines(facts: CaptureFacts, width: number): Line[] {
  const { path, description, packets, bytes, dropped, complete, problem } = facts;
  const about = `  ${shown(description)}, ${counted(packets, 'packet')}, ${counted(bytes, 'byte')}${spanOfTime(facts)}`;
  const lost = dropped > 0 ? [`  ${counted(dropped, 'packet')} dropped by the capturing host`] : [];
  const end = problem ? `  incomplete: ${shown(problem.message)} (byte ${grouped(problem.offset)})` : '  not complete';
  return [
    line(span(clipMiddle(shown(path), width), 'key')),
    ...paragraph(about, width, 'plain'),
    ...lost.flatMap(text => paragraph(text, width, 'warning')),
    ...(complete && !problem ? [] : paragraph(end, width, 'warning')),
  ];
}

function spanOfTime(facts: CaptureFacts): string {
  const { firstTime, lastTime } = facts;
  if (!firstTime || !lastTime) return '';
  const digits = captureDigits(facts);
  return `, ${formatElapsed(firstTime, lastTime, digits)} s from ${isoTime(firstTime, digits)}`;
}

const WIDEST_CHARACTER = 2;

function paragraph(text: string, width: number, role: Role): Line[] {
  return wrap(text, Math.max(WIDEST_CHARACTER, width - 2)).map(part => line(span(clip(`  ${part}`, width), role)));
}

function noteLines(note: string, width: number): Line[] {
  return paragraph(shown(note), width, 'warning');
}

const COUNT_WIDTH = 12;
const MOST_BAR = 40;

/** A bar is as long as its type is frequent. */
function typeLines({ types }: StatisticsData, width: number): Line[] {
  const names = types.map(({ protocol, name }) => shown(`${protocol} ${name}`));
  const most = types.reduce((a, { count }) => Math.max(a, count), 0);
  const wide = Math.min(Math.max(0, ...names.map(widthOf)), Math.floor(width / 2));
  const room = Math.min(MOST_BAR, Math.max(0, width - wide - COUNT_WIDTH - 2));
  return types.map(({ count }, index) =>
    fittedLine(
      [
        span(pad(names[index], wide)),
        span(`${padStart(grouped(count), COUNT_WIDTH)}  `, 'strong'),
        span('█'.repeat(Math.ceil((count / most) * room)), 'client'),
      ],
      width,
    ),
  );
}

const NUMBERS = ['checked', 'broken', 'inconclusive'];
const NUMBER_WIDTH = 13;
const LEAST_NAME = 8;

function ruleLines({ rules }: StatisticsData, width: number): Line[] {
  if (rules.length === 0) return [];
  const exercised = rules.filter(rule => standingOf(rule) !== NOT_EXERCISED);
  const widest = Math.max(0, ...exercised.map(({ id }) => widthOf(shown(id))));
  const wide = Math.max(LEAST_NAME, Math.min(widest, width - NUMBER_WIDTH * NUMBERS.length));
  const others = rules.filter(rule => standingOf(rule) === NOT_EXERCISED).map(({ id }) => shown(id));
  const silent = others.length === 0 ? [] : wrap(`not exercised: ${others.join(', ')}`, width);
  const title = [pad('Rules', wide), ...NUMBERS.map(name => padStart(name, NUMBER_WIDTH))].join('');
  return [
    line(),
    line(span(clip(title, width), 'heading')),
    ...exercised.map(rule => fittedLine([span(pad(shown(rule.id), wide), roleOf(rule)), ...numbersOf(rule)], width)),
    ...silent.map(text => line(span(text, 'dim'))),
  ];
}

function numbersOf({ checked, broken, inconclusive, severity }: RuleTally): Span[] {
  const number = (count: number) => padStart(grouped(count), NUMBER_WIDTH);
  return [
    span(number(checked)),
    span(number(broken), broken > 0 ? severity : 'dim'),
    span(number(inconclusive), inconclusive > 0 ? 'warning' : 'dim'),
  ];
}

function roleOf(rule: RuleTally): Role {
  const standing = standingOf(rule);
  if (standing === BROKEN) return rule.severity;
  return standing === HELD ? 'good' : 'warning';
}
