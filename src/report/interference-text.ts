/** The part of the text report on what the proxy has done on purpose: how often, to what, and what came of it. */
import type { Finding } from '../lint/finding.ts';
import { printFolded, printInduced } from './finding-text.ts';
import { fold } from './folding.ts';
import { groupBy } from './group-by.ts';
import type { Interference } from './interference.ts';
import {
  countWordsOf,
  deedsLeft,
  deedWords,
  doneWord,
  INDUCED_MEANING,
  INDUCED_TITLE,
  INTERFERENCE_TITLE,
  inducedLeft,
  MOST_SHOWN,
  REACTIONS_TITLE,
  reactionsLeft,
  reactionWords,
} from './interference-words.ts';
import { type Page, span } from './page.ts';
import type { RunReport } from './run-report.ts';
import { captureDigits, isoTime } from './time.ts';

const LABEL_WIDTH = 10;

/** Nothing where the proxy has passed on all as it came. */
export function printInterference(page: Page, report: RunReport): void {
  const digits = captureDigits(report.captures[0]);
  if (report.interference) printDeeds(page, report.interference, digits);
  if (report.interference) printReactions(page, report.interference);
  printAllInduced(page, report, digits);
}

function printDeeds(page: Page, interference: Interference, digits: number): void {
  const { seed, faults, deeds } = interference;
  if (faults.length === 0) return;
  page.blank();
  page.wrap(0, 2, span(INTERFERENCE_TITLE, 'strong'), span(seed === undefined ? '' : ` (seed ${seed})`), span(':'));
  for (const count of faults) page.entry(2, LABEL_WIDTH, doneWord(count.deed), span(countWordsOf(count)));
  const shown = deeds.slice(0, MOST_SHOWN);
  if (shown.length > 0) page.blank();
  for (const deed of shown) {
    const place = deed.connection === undefined ? '' : `  connection ${deed.connection}`;
    const time = `  ${isoTime(deed.time, digits)}`;
    page.wrap(2, 4, span(`frame ${deed.frame}`), span(`${time}${place}  `, 'dim'), span(deedWords(deed)));
  }
  printLeft(page, deedsLeft(interference, shown.length));
}

function printReactions(page: Page, interference: Interference): void {
  const { reactions } = interference;
  if (reactions.length === 0) return;
  page.blank();
  page.line(0, span(`${REACTIONS_TITLE}:`, 'strong'));
  const shown = reactions.slice(0, MOST_SHOWN);
  for (const reaction of shown) {
    const { rule, frame, connection } = reaction;
    const place = span(`  frame ${frame}  connection ${connection}  `, 'dim');
    page.wrap(2, 4, span(rule, 'strong'), place, span(reactionWords(reaction)));
  }
  printLeft(page, reactionsLeft(interference, shown.length));
}

function printAllInduced(page: Page, { induced = [], omitted }: RunReport, digits: number): void {
  const left = inducedLeft(omitted.induced);
  if (induced.length === 0 && left === '') return;
  page.blank();
  page.line(0, span(`${INDUCED_TITLE}:`, 'strong'));
  page.wrap(2, 2, span(INDUCED_MEANING, 'dim'));
  const connections = groupBy(induced, ({ connection }: Finding) => connection);
  for (const findings of connections.values()) {
    const { shown, folded } = fold(findings);
    for (const finding of shown) {
      printInduced(page, finding, digits);
      printFolded(page, folded.get(finding) ?? []);
    }
  }
  printLeft(page, left);
}

function printLeft(page: Page, left: string): void {
  if (left !== '') page.wrap(2, 4, span(left, 'dim'));
}
