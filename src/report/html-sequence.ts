/**
 * The messages of a connection that findings are about, as arrows between its two ends, in the order of frames; the frames
 * that findings look back to stand between them.
 */
import type { Finding } from '../lint/finding.ts';
import { SEVERITIES } from '../lint/rule.ts';
import { shortened } from './brief.ts';
import { type Html, tag } from './html-text.ts';
import type { ConnectionReport } from './run-report.ts';
import { type NotedMessage, notedMessages } from './transcript.ts';

/** Messages that one picture shows. */
const MOST_MESSAGES = 40;
const WIDTH = 720;
const LEFT = 150;
const RIGHT = 570;
const TOP = 40;
const ROW = 34;
const TIP = 9;
const MOST_LETTERS = 44;

export function sequenceDiagram(connection: ConnectionReport, findings: readonly Finding[]): Html {
  const messages = notedMessages(findings);
  const shown = messages.slice(0, MOST_MESSAGES);
  const height = TOP + ROW * shown.length + ROW;
  const { client, server, id } = connection;
  const lines = [LEFT, RIGHT].map(x => tag('line', { x1: x, x2: x, y1: TOP - 8, y2: height - 12 }));
  const names = [
    tag('text', { x: LEFT, y: 20, 'text-anchor': 'middle' }, shortened(client, MOST_LETTERS)),
    tag('text', { x: RIGHT, y: 20, 'text-anchor': 'middle' }, shortened(server, MOST_LETTERS)),
  ];
  const rows = shown.map((message, index) => messageRow(message, TOP + ROW * (index + 1) - 8, connection));
  const label = `connection ${id}: messages with findings`;
  const svg = tag(
    'svg',
    { viewBox: `0 0 ${WIDTH} ${height}`, width: WIDTH, height, role: 'img', 'aria-label': label },
    [...lines, ...names, ...rows],
  );
  const left = messages.length - shown.length;
  const more = left > 0 ? [tag('p', { class: 'dim' }, `${left} messages more are not drawn.`)] : [];
  return tag('div', { class: 'scroll' }, [svg, ...more]);
}

function messageRow({ frame, findings, seenWith }: NotedMessage, y: number, { server }: ConnectionReport): Html {
  const number = tag('text', { class: 'dim', x: 8, y: y + 4 }, `frame ${frame}`);
  const [first] = findings;
  if (!first) {
    const text = `frame ${seenWith?.frame ?? ''} looks back to it`;
    return tag('g', {}, [
      number,
      tag('text', { class: 'dim', x: (LEFT + RIGHT) / 2, y: y + 4, 'text-anchor': 'middle' }, text),
    ]);
  }
  const worst = SEVERITIES.find(severity => findings.some(finding => finding.severity === severity)) ?? 'info';
  const toLeft = first.from === server;
  const [start, end] = toLeft ? [RIGHT, LEFT] : [LEFT, RIGHT];
  const rules = [...new Set(findings.map(({ ruleId }) => ruleId))];
  const text = shortened(`${first.messageName}: ${rules.join(', ')}`, MOST_LETTERS + MOST_LETTERS / 2);
  return tag('g', {}, [
    number,
    tag('line', { class: worst, x1: start, x2: end, y1: y, y2: y }),
    tag('path', { class: 'tip', d: `M${end} ${y}l${toLeft ? TIP : -TIP} -4v8z` }),
    tag('text', { class: worst, x: (LEFT + RIGHT) / 2, y: y - 5, 'text-anchor': 'middle' }, text),
  ]);
}
