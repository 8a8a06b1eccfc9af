/** The part of the markdown report on what the proxy has done on purpose: how often, and what came of it. */
import { captureNames } from './cases.ts';
import { markdownCell, markdownCode, markdownText } from './encode.ts';
import type { Interference } from './interference.ts';
import {
  doneWord,
  INDUCED_MEANING,
  INDUCED_TITLE,
  INTERFERENCE_TITLE,
  inducedLeft,
  MOST_SHOWN,
  REACTIONS_TITLE,
  reactionsLeft,
} from './interference-words.ts';
import { bytesPage, findingItem, type Part } from './markdown-finding.ts';
import { grouped } from './numbers.ts';
import type { RunReport } from './run-report.ts';

/** Nothing where the proxy has passed on all as it came. */
export function* interferenceParts(report: RunReport): Generator<Part> {
  const { interference, induced = [], omitted } = report;
  if (interference && interference.faults.length > 0) yield () => deedTable(interference);
  if (interference && interference.reactions.length > 0) yield () => reactionTable(interference);
  const left = inducedLeft(omitted.induced);
  if (induced.length === 0 && left === '') return;
  yield () => `\n### ${INDUCED_TITLE}\n\n${markdownText(INDUCED_MEANING)}\n\n`;
  const page = bytesPage();
  const [name = ''] = captureNames(report);
  for (const finding of induced) yield () => findingItem(finding, name, page, 'induced');
  if (left !== '') yield () => `- ${markdownText(left)}\n`;
}

function deedTable({ seed, faults }: Interference): string {
  const rows = faults.map(({ cause, by, deed, count }) =>
    row([doneWord(deed), grouped(count), by, markdownCell(cause)]),
  );
  const chance = seed === undefined ? '' : `Random choices came from seed ${markdownCode(`${seed}`)}.\n\n`;
  return `\n### ${INTERFERENCE_TITLE}\n\n${chance}| what | times | by | cause |\n|---|---|---|---|\n${rows.join('')}`;
}

function reactionTable(interference: Interference): string {
  const shown = interference.reactions.slice(0, MOST_SHOWN);
  const rows = shown.map(({ rule, cause, frame, connection, reaction, by, messages }) =>
    row([
      markdownCell(rule),
      markdownCell(cause),
      `frame ${frame}, connection ${connection}`,
      markdownCell(by),
      reaction,
      messages.map(markdownCell).join(', '),
    ]),
  );
  const head = '| rule | cause | where | peer | reaction | sent next |\n|---|---|---|---|---|---|\n';
  const left = reactionsLeft(interference, shown.length);
  return `\n### ${REACTIONS_TITLE}\n\n${head}${rows.join('')}${left === '' ? '' : `\n${left}\n`}`;
}

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
