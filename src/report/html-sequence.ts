/**
 * What was said in a connection, as arrows between its two ends: when, which message, and what was found on it. Where a run
 * has not kept its messages, those are drawn that findings are about.
 */

import type { Finding, Timestamp } from '../lint/finding.ts';
import { SEVERITIES } from '../lint/rule.ts';
import type { TranscriptEntry } from '../lint/transcript-entry.ts';
import type { ConnectionReport } from '../lint/verdict.ts';
import { shortened } from './brief.ts';
import { groupBy } from './group-by.ts';
import { type Html, scrolling, tag } from './html-text.ts';
import { counted } from './numbers.ts';

/** Messages that one picture shows. */
export const MOST_MESSAGES = 80;
const WIDTH = 760;
const LEFT = 210;
const RIGHT = 640;
const TOP = 40;
const ROW = 30;
const TIP = 9;
const MOST_LETTERS = 32;
const MIDDLE = (LEFT + RIGHT) / 2;
/** Letters that an arrow has room for. */
const ON_ARROW = 62;
const PER_SECOND = 1_000_000_000;
/** Where the bytes of a message lie is not known. */
const UNKNOWN = -1;

type Said = Extract<TranscriptEntry, { kind: 'message' }>;

export function sequenceDiagram(
  connection: ConnectionReport,
  findings: readonly Finding[],
  exchanged: readonly TranscriptEntry[],
): Html {
  const byFrame = groupBy(findings, ({ frame }) => frame);
  const rows = exchanged.length > 0 ? exchanged : foundMessages(connection, byFrame);
  const height = TOP + ROW * rows.length + ROW;
  const { client, server, id, start } = connection;
  const lines = [LEFT, RIGHT].map(x => tag('line', { x1: x, x2: x, y1: TOP - 8, y2: height - 12 }));
  const names = [
    tag('text', { x: LEFT, y: 20, 'text-anchor': 'middle' }, shortened(client, MOST_LETTERS)),
    tag('text', { x: RIGHT, y: 20, 'text-anchor': 'middle' }, shortened(server, MOST_LETTERS)),
  ];
  const drawn = rows.map((row, index) => {
    const y = TOP + ROW * (index + 1) - 8;
    if (row.kind === 'gap') return gapRow(row.messages, y);
    const found = byFrame.get(row.frame) ?? [];
    return messageRow(
      row,
      found.filter(finding => standsOn(finding, row, client)),
      start,
      y,
    );
  });
  const label = `connection ${id}: ${counted(rows.length, 'message')} between ${client} and ${server}`;
  const size = { viewBox: `0 0 ${WIDTH} ${height}`, width: WIDTH, height };
  const svg = tag('svg', { ...size, role: 'img', 'aria-label': label }, [...lines, ...names, ...drawn]);
  return scrolling([svg]);
}

/** A frame may hold several messages: which one it is shows in where its bytes lie, else in its sender and name. */
function standsOn(
  { excerpt, from, messageName }: Finding,
  { position, name, fromClient }: Said,
  client: string,
): boolean {
  if (position === UNKNOWN) return true;
  if (excerpt && excerpt.position >= 0) return excerpt.position === position;
  return messageName === name && fromClient === (from === client);
}

function foundMessages(
  { client }: ConnectionReport,
  byFrame: ReadonlyMap<number, readonly Finding[]>,
): TranscriptEntry[] {
  const all = [...byFrame.values()].sort(([one], [other]) => one!.frame - other!.frame);
  const shown = all.slice(0, MOST_MESSAGES).map(([finding]): TranscriptEntry => {
    const { frame, time, messageName: name, from } = finding!;
    return { kind: 'message', frame, position: UNKNOWN, time, name, fromClient: from === client };
  });
  return all.length > shown.length ? [...shown, { kind: 'gap', messages: all.length - shown.length }] : shown;
}

function gapRow(messages: number, y: number): Html {
  return tag('text', { class: 'dim', x: MIDDLE, y, 'text-anchor': 'middle' }, `${counted(messages, 'message')} more`);
}

function messageRow(
  { frame, time, name, fromClient }: Said,
  findings: readonly Finding[],
  start: Timestamp,
  y: number,
): Html {
  const worst = SEVERITIES.find(severity => findings.some(finding => finding.severity === severity));
  const [from, to] = fromClient ? [LEFT, RIGHT] : [RIGHT, LEFT];
  const rules = [...new Set(findings.map(({ ruleId }) => ruleId))];
  const text = shortened(rules.length === 0 ? name : `${name}: ${rules.join(', ')}`, ON_ARROW);
  return tag('g', {}, [
    tag('text', { class: 'dim', x: 8, y: y + 4 }, `frame ${frame}  ${sinceStart(time, start)}`),
    tag('line', { class: worst, x1: from, x2: to, y1: y, y2: y }),
    tag('path', { class: 'tip', d: `M${to} ${y}l${fromClient ? -TIP : TIP} -4v8z` }),
    tag('text', { class: worst, x: MIDDLE, y: y - 4, 'text-anchor': 'middle' }, text),
  ]);
}

/** `+0.001234 s` since the connection began. */
function sinceStart(time: Timestamp, start: Timestamp): string {
  const seconds = time.seconds - start.seconds + (time.nanoseconds - start.nanoseconds) / PER_SECOND;
  return `${seconds < 0 ? '' : '+'}${seconds.toFixed(6)} s`;
}
