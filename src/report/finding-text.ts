/** A finding as people read it in text: its place, its sentence, what was expected, who is at fault, the clause, the bytes. */
import { citationText } from '../lint/clause.ts';
import type { Finding } from '../lint/finding.ts';
import { hexdump } from './hexdump.ts';
import { grouped } from './numbers.ts';
import { type Page, type Span, span } from './page.ts';
import { isoTime } from './time.ts';

/** Frames that are named of findings that are folded. */
const MOST_FRAMES = 10;
const LABEL_WIDTH = 8;
const NOBODY = 'nobody';

/**
 * A finding with its place, its sentence and its evidence. An info is a remark: its place and its sentence say all.
 * @param number by which `extract` takes it
 */
export function printFinding(page: Page, finding: Finding, number: number, digits: number): void {
  const { severity } = finding;
  print(page, finding, digits, span(severity.padEnd(7), severity), span(`  #${number}`, 'dim'));
}

/** One that the proxy has caused: it has no number, and nobody is at fault. */
export function printInduced(page: Page, finding: Finding, digits: number): void {
  print(page, finding, digits, span('induced'), span(`  connection ${finding.connection}, not counted`, 'dim'), NOBODY);
}

function print(page: Page, finding: Finding, digits: number, mark: Span, end: Span, atFault = finding.atFault): void {
  const { severity } = finding;
  const place = [span(`  frame ${finding.frame}`), span(`  ${isoTime(finding.time, digits)}`, 'dim')];
  if (severity !== 'info') page.blank();
  page.line(2, mark, span(`  ${finding.ruleId}`, 'strong'), ...place, end);
  page.wrap(4, 4, span(finding.message, severity === 'info' ? 'plain' : 'strong'));
  if (severity === 'info') return;
  printEvidence(page, finding, atFault);
  page.blank();
}

/** @param findings that say the same as the one above them */
export function printFolded(page: Page, [first, ...others]: readonly Finding[]): void {
  if (!first) return;
  const { severity } = first;
  const frames = [first, ...others].map(({ frame }) => frame);
  const named = frames.slice(0, MOST_FRAMES).join(', ');
  const more = frames.length > MOST_FRAMES ? ` and ${grouped(frames.length - MOST_FRAMES)} more` : '';
  const place = `, in frames ${named}${more}`;
  page.wrap(2, 4, span(`${grouped(frames.length)} more like it`, severity), span(place, 'dim'));
  if (severity !== 'info') page.blank();
}

function printEvidence(page: Page, finding: Finding, atFault: string | null): void {
  const entry = (label: string, text: string) => {
    if (text !== '') page.entry(4, LABEL_WIDTH, label, span(text));
  };
  entry('expected', finding.expected);
  entry('actual', finding.actual);
  entry('at fault', atFault ?? NOBODY);
  const state = finding.state === '' ? '' : `, sent in ${finding.state}`;
  entry('message', `${finding.messageName}, ${finding.from} -> ${finding.to}${state}`);
  entry('clause', citationText(finding.spec));
  entry('says', finding.spec.says ?? '');
  const related = finding.relatedFrames;
  if (related.length > 0) entry('see also', `${related.length === 1 ? 'frame' : 'frames'} ${related.join(', ')}`);
  printExcerpt(page, finding);
}

function printExcerpt(page: Page, { excerpt, bytes }: Finding): void {
  if (!excerpt || excerpt.bytes.length === 0) return;
  hexdump(page, 4, excerpt.bytes, { base: excerpt.offset, mark: bytes, context: 1 });
  const end = excerpt.offset + excerpt.bytes.length;
  const cut = bytes !== null && bytes.offset + bytes.length > end;
  if (cut) page.line(4, span(`(the offending bytes go on to ${bytes.offset + bytes.length})`, 'dim'));
}
