/**
 * Finding: what is looked for is asked of the rows of the list that one is in, from the chosen one on, and what has it is chosen,
 * with the field and the bytes. Rows stay as they are. Where fields or bytes are in focus the places within the message come
 * first. A search over many messages runs on in the slices that the model gets (model.ts), and ends with `finishSearch`.
 */

import { findHeld, findLine } from './find-here.ts';
import { findRow } from './find-rows.ts';
import { soughtWords, wrapWords } from './find-words.ts';
import { shownPlace, showPlace } from './found.ts';
import { search } from './lists.ts';
import { narrowingOf } from './narrowing.ts';
import { type Hit, type SearchedRows, Searching, type SearchStart } from './searching.ts';
import { problemIn, readSought, type Sought } from './sought.ts';
import type { ModelState } from './state.ts';

/** Lines that are remembered. */
const MOST_REMEMBERED = 100;
/** Rows that are asked before a key is done: what is near is there for the key after it. */
const ASKED_AT_ONCE = 64;

/** Begins the search that a line asks for; an empty one goes on with the last. Says what is wrong, if anything. */
export function acceptFind(model: ModelState, line: string): string | undefined {
  if (line.trim() === '') return model.sought ? begin(model, model.sought, 1, false) : 'nothing searched for yet';
  const problem = problemIn(line, model.catalogue);
  if (problem) return `column ${problem.column}: ${problem.reason}`;
  const sought = readSought(line, model.catalogue);
  if (typeof sought === 'string' || !sought) return sought ?? 'type text, bytes or a filter to find';
  const { searches } = model.memory.remembered;
  const others = searches.filter(known => known !== line);
  model.memory.remember({ searches: [...others, line].slice(-MOST_REMEMBERED) });
  model.lineHistory('find').add(line);
  model.sought = sought;
  return begin(model, sought, 1, true);
}

/** @param step 1 for the next match, -1 for the one before */
export function findAgain(model: ModelState, step: 1 | -1): void {
  const { sought } = model;
  const complaint = sought
    ? begin(model, sought, step, false)
    : `nothing searched for yet; ${model.keys.print('find')} finds`;
  if (complaint !== undefined) model.say(complaint, 'dim');
}

/** True when a search was under way. */
export function stopSearch(model: ModelState): boolean {
  if (!model.searching) return false;
  model.searching = undefined;
  model.say('search stopped', 'dim');
  return true;
}

/** @param withIt what one is on may be it */
function begin(model: ModelState, sought: Sought, step: 1 | -1, withIt: boolean): string | undefined {
  model.searching = undefined;
  switch (model.view) {
    case 'held':
      return findHeld(model, sought, step, withIt);
    case 'log':
    case 'help':
      return findLine(model, sought, step, withIt);
    case 'stream':
    case 'compare':
      return findRow(model, sought, step, withIt);
    case 'statistics':
    case 'counts':
      return 'nothing can be found here: 7 lists all messages, 1 the connections';
    case 'connections':
    case 'findings': {
      startSearch(model, sought, step, withIt);
      return undefined;
    }
    default: {
      const isWithin = isWithinMessage(model);
      const place = isWithin ? shownPlace(model, sought, step, withIt) : undefined;
      if (!place) startSearch(model, sought, step, withIt && !isWithin);
      else say(model, `found in ${placeWords(model)}`);
      return undefined;
    }
  }
}

function startSearch(model: ModelState, sought: Sought, step: 1 | -1, withIt: boolean): void {
  const searched = searchedRows(model);
  const { history, run } = model;
  const searching = new Searching(sought, searched, startIn(model, searched, step, withIt), history, run.bytes);
  let asked = 0;
  if (searching.run(ASKED_AT_ONCE, () => ++asked)) model.searching = searching;
  else finishSearch(model, searching);
}

/** Fields or bytes are in focus. */
function isWithinMessage({ focus }: ModelState): boolean {
  return focus === 'fields' || focus === 'hex';
}

function searchedRows(model: ModelState): SearchedRows {
  const { view, lists, filter, history } = model;
  const narrowing = narrowingOf(model.only, model.marks, history);
  const isListed = (message: number) =>
    (!filter || filter.isMatch(message)) && (!narrowing || narrowing.message(message));
  if (view === 'connections') return { of: view, rows: lists.connections, isListed };
  if (view === 'findings') return { of: view, rows: lists.findings, isListed };
  return { of: 'messages', rows: lists.messages, isListed };
}

/** From the chosen row, or from where it would be. */
function startIn(model: ModelState, { of, rows }: SearchedRows, step: 1 | -1, withIt: boolean): SearchStart {
  const { lists, connection, findingIndex, message } = model;
  const row =
    of === 'messages'
      ? search(rows, message)
      : of === 'findings'
        ? search(rows, findingIndex)
        : lists.connections.indexOf(connection);
  if (row >= 0) return { row, step, withIt };
  const behind = of === 'connections' ? 0 : -row - 1;
  return { row: step > 0 ? behind : behind - 1, step, withIt: true };
}

/** A search has come to its end: chooses what was found, or says that nothing was. */
export function finishSearch(model: ModelState, { sought, of, hit, step }: Searching): void {
  model.searching = undefined;
  if (!hit) {
    model.say(nowhere(model, sought, of), 'warning');
    return;
  }
  model.following = false;
  model.marks.remember(model.history, model.message);
  choose(model, of, hit);
  model.foundMessage = hit.message;
  if (hit.message >= 0 || sought.kind === 'bytes') showPlace(model, sought, isWithinMessage(model) ? step : 1);
  const around = hit.isSame ? '; there is no other' : hit.wrapped ? `, ${wrapWords(step)}` : '';
  say(
    model,
    `found in ${hitWords(model, of, hit)}${around}${of === 'connections' && hit.message >= 0 ? '; Enter opens it' : ''}`,
  );
}

function hitWords(model: ModelState, of: SearchedRows['of'], { number, message }: Hit): string {
  const { finding } = model;
  if (of === 'findings' && finding) return `${finding.severity} ${finding.ruleId}, frame ${finding.frame}`;
  if (of !== 'connections') return placeWords(model);
  return message < 0 ? `connection ${number}` : `connection ${number}, ${placeWords(model)}`;
}

function choose(model: ModelState, of: SearchedRows['of'], { number, message }: Hit): void {
  if (of === 'findings') {
    model.isOnTour = true;
    model.selectFinding(number);
    return;
  }
  if (of === 'connections') model.selectConnection(number);
  if (message >= 0) model.selectMessage(message);
}

function say(model: ModelState, text: string): void {
  model.say(text, 'strong');
}

/** `frame 12, Topic Name`. */
function placeWords({ history, message, opened }: ModelState): string {
  const frame = `frame ${history.messages.frame(message)}`;
  const found = opened?.found;
  if (!found) return frame;
  const field = opened.rows.find(({ path }) => path === found.path);
  return `${frame}, ${field ? field.node.title : `byte ${found.offset}`}`;
}

function nowhere(model: ModelState, sought: Sought, of: SearchedRows['of']): string {
  const { run, filter, only, listed } = model;
  const list = {
    connections: 'no connection',
    findings: 'no finding',
    messages: `no message${listed > 0 ? ` of connection ${listed}` : ''}`,
  };
  const shown = filter || only.findings || only.marked ? ' that is shown' : '';
  const sofar = run.state === 'reading' || filter?.isDone === false ? ' so far' : '';
  const elsewhere = of === 'messages' && listed > 0 ? '; 7 lists all messages' : '';
  return `${soughtWords(sought)} is in ${list[of]}${shown}${sofar}${elsewhere}`;
}
