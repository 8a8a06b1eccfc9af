/** A finding in the HTML report: its sentence, its facts, its bytes with the offending ones marked. */
import { citationText } from '../lint/clause.ts';
import type { Finding } from '../lint/finding.ts';
import { visibleBytes } from '../wire/escape.ts';
import { type Html, htmlOf, tag } from './html-text.ts';
import { counted } from './numbers.ts';
import { isoTime } from './time.ts';

/** Frames that are named of findings that say the same. */
const MOST_FRAMES = 100;
const ROW = 16;

/** @param capture its name @param mark in place of the severity, of one that counts nowhere: nobody is at fault then */
export function article(finding: Finding, capture: string, digits: number, mark?: string): Html {
  const { severity, ruleId, frame, connection, message, time, messageName, from, to, state, spec } = finding;
  const facts: [string, Html | string][] = [
    ['where', `${capture}, frame ${frame}, connection ${connection}, ${isoTime(time, digits)}`],
    ['expected', finding.expected],
    ['actual', finding.actual],
    ['at fault', code((mark === undefined && finding.atFault) || 'nobody')],
    ['message', `${messageName}, ${from} → ${to}${state === '' ? '' : `, sent in ${state}`}`],
    ['clause', citationText(spec)],
    ['says', spec.says ?? ''],
    ['see also', finding.relatedFrames.map(related => `frame ${related}`).join(', ')],
  ];
  const entries = facts.flatMap(([name, value]) => (value === '' ? [] : [tag('dt', {}, name), tag('dd', {}, value)]));
  return tag('article', { class: mark ?? severity }, [
    tag('p', {}, [
      tag('b', { class: mark ?? severity }, mark ?? severity),
      ' ',
      code(ruleId),
      ' ',
      tag('strong', {}, message),
    ]),
    tag('dl', {}, entries),
    ...bytes(finding),
  ]);
}

/** The excerpt with the offending bytes marked. */
function bytes({ excerpt, bytes: offending }: Finding): Html[] {
  if (!excerpt || excerpt.bytes.length === 0) return [];
  const { offset: base, bytes: kept } = excerpt;
  const isMarked = (at: number) =>
    offending !== null && at >= offending.offset && at < offending.offset + Math.max(1, offending.length);
  const seen = visibleBytes(kept);
  const lines: Html[] = [];
  for (let start = 0; start < kept.length; start += ROW) {
    const row = [...kept.subarray(start, start + ROW)];
    const hex = row.map((byte, index) => {
      const text = byte.toString(16).padStart(2, '0');
      return [isMarked(base + start + index) ? tag('mark', {}, text) : text, ' '];
    });
    const gap = '   '.repeat(ROW - row.length);
    const head = `${(base + start).toString(16).padStart(4, '0')}  `;
    lines.push({ html: `${htmlOf([head, ...hex.flat(), `${gap} ${seen.slice(start, start + ROW)}`])}\n` });
  }
  return [tag('pre', {}, lines)];
}

/** Of findings that say the same as the one above them. */
export function alikeText(findings: readonly Finding[]): string {
  const frames = findings.slice(0, MOST_FRAMES).map(({ frame }) => frame);
  const left = findings.length - frames.length;
  return `${counted(findings.length, 'more finding')} of the same in this connection: frames ${frames.join(', ')}${left > 0 ? ` and ${left} more` : ''}.`;
}

export const code = (text: string) => tag('code', {}, text);
