/** The part of the HTML report on what the proxy has done on purpose: how often, to what, and what came of it. */
import { captureNames } from './cases.ts';
import { fold } from './folding.ts';
import { groupBy } from './group-by.ts';
import { alikeText, article, code } from './html-finding.ts';
import { type Html, table, tag } from './html-text.ts';
import type { Interference } from './interference.ts';
import {
  deedsLeft,
  deedWords,
  doneWord,
  INDUCED_MEANING,
  INDUCED_TITLE,
  INTERFERENCE_TITLE,
  inducedLeft,
  REACTIONS_TITLE,
  reactionsLeft,
} from './interference-words.ts';
import { grouped } from './numbers.ts';
import type { RunReport } from './run-report.ts';
import { captureDigits, isoTime } from './time.ts';

/** Induced findings that one page shows. */
const MOST_INDUCED = 500;

/** Nothing where the proxy has passed on all as it came. */
export function* interferenceParts(report: RunReport): Generator<Html> {
  const digits = captureDigits(report.captures[0]);
  if (report.interference) {
    yield* deedParts(report.interference, digits);
    yield* reactionParts(report.interference);
  }
  yield* inducedParts(report, digits);
}

function* deedParts(interference: Interference, digits: number): Generator<Html> {
  const { seed, faults, deeds } = interference;
  if (faults.length === 0) return;
  yield tag('h2', {}, INTERFERENCE_TITLE);
  if (seed !== undefined) yield tag('p', {}, ['Random choices used seed ', code(`${seed}`), '.']);
  const rows = faults.map(({ cause, by, deed, count }) => [doneWord(deed), grouped(count), by, code(cause)]);
  yield table(['what', 'times', 'by', 'cause'], rows);
  if (deeds.length === 0) return;
  const items = deeds.map(deed => {
    const place = deed.connection === undefined ? '' : `, connection ${deed.connection}`;
    return tag('li', {}, `frame ${deed.frame}${place}, ${isoTime(deed.time, digits)}: ${deedWords(deed)}`);
  });
  yield tag('details', {}, [tag('summary', {}, 'One by one'), tag('ul', {}, items)]);
  yield* note(deedsLeft(interference, deeds.length));
}

function* reactionParts(interference: Interference): Generator<Html> {
  const { reactions } = interference;
  if (reactions.length === 0) return;
  yield tag('h2', {}, REACTIONS_TITLE);
  const rows = reactions.map(({ rule, cause, frame, connection, reaction, by, messages }) => [
    code(rule),
    code(cause),
    `frame ${frame}, connection ${connection}`,
    code(by),
    reaction,
    messages.join(', '),
  ]);
  yield table(['rule', 'cause', 'where', 'peer', 'reaction', 'sent next'], rows);
  yield* note(reactionsLeft(interference, reactions.length));
}

function* inducedParts(report: RunReport, digits: number): Generator<Html> {
  const { induced = [], omitted } = report;
  const left = inducedLeft(omitted.induced);
  if (induced.length === 0 && left === '') return;
  yield tag('h2', {}, INDUCED_TITLE);
  yield tag('p', { class: 'dim' }, INDUCED_MEANING);
  const [name = ''] = captureNames(report);
  for (const findings of groupBy(induced.slice(0, MOST_INDUCED), ({ connection }) => connection).values()) {
    const { shown, folded } = fold(findings);
    for (const finding of shown) {
      yield article(finding, name, digits, 'induced');
      const alike = folded.get(finding);
      if (alike) yield tag('p', {}, alikeText(alike));
    }
  }
  if (induced.length > MOST_INDUCED) yield* note(`${grouped(induced.length - MOST_INDUCED)} more not shown here`);
  yield* note(left);
}

function* note(text: string): Generator<Html> {
  if (text !== '') yield tag('p', {}, `${text}.`);
}
