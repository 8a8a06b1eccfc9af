/** A finding in the markdown report, as an item of a list. */
import { citationText } from '../lint/clause.ts';
import type { Finding } from '../lint/finding.ts';
import { markdownBlock, markdownCode, markdownText } from './encode.ts';
import { hexdump } from './hexdump.ts';
import { Page } from './page.ts';

/** A part of the report that is shown whole or not at all, put into words when there is room for it. */
export type Part = () => string;

const WIDTH = 100;
/** Lines of bytes before and after those that offend. */
const HEX_CONTEXT = 1;

export function bytesPage(): Page {
  return new Page({ color: false, width: WIDTH });
}

/**
 * @param page that bytes are laid out on, see `bytesPage`
 * @param mark in place of the severity, of one that counts nowhere: nobody is at fault then
 */
export function findingItem(finding: Finding, capture: string, page: Page, mark?: string): string {
  const { severity, ruleId, frame, connection, message } = finding;
  const place = `${markdownCode(capture)}, frame ${frame}, connection ${connection}`;
  const head = `- **${mark ?? severity}** ${markdownCode(ruleId)} ${place}: ${markdownText(message)}\n`;
  if (severity === 'info') return head;
  const { expected, actual, atFault, messageName, from, to, state, spec } = finding;
  const facts = [
    ...(expected === '' ? [] : [`expected: ${markdownText(expected)}`]),
    ...(actual === '' ? [] : [`actual: ${markdownText(actual)}`]),
    `at fault: ${atFault === null || mark !== undefined ? 'nobody' : markdownCode(atFault)}`,
    `message: ${markdownCode(messageName)}, ${markdownCode(`${from} -> ${to}`)}${state === '' ? '' : `, sent in ${markdownCode(state)}`}`,
    `clause: ${markdownText(citationText(spec))}`,
    ...(spec.says === undefined ? [] : [`says: ${markdownText(spec.says)}`]),
  ];
  const bytes = excerptLines(finding, page);
  const dump = bytes.length === 0 ? '' : `\n${indented(markdownBlock(bytes))}\n\n`;
  return head + facts.map(fact => `  - ${fact}\n`).join('') + dump;
}

function excerptLines({ excerpt, bytes }: Finding, page: Page): string[] {
  if (!excerpt || excerpt.bytes.length === 0) return [];
  hexdump(page, 0, excerpt.bytes, { base: excerpt.offset, mark: bytes, context: HEX_CONTEXT });
  return page.take().trimEnd().split('\n');
}

function indented(block: string): string {
  return block
    .split('\n')
    .map(line => `  ${line}`)
    .join('\n');
}
