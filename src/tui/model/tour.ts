/**
 * The rounds through the findings. `n` and `N` go through all of them, errors first and infos last, each severity in the order
 * of the list: from the finding that one came to last, wherever one has gone since; at first, to the worst. `e` and `E` go
 * through the errors alone, from where one is.
 */
import { severityNumber } from '../../history/findings.ts';
import type { Finding } from '../../lint/finding.ts';
import { placeOf } from './places.ts';
import type { ModelState } from './state.ts';

export interface Tour {
  /** Place in the list of the findings shown; -1 when there are none. */
  readonly row: number;
  /** Which one of how many the round leads through, from 1. */
  readonly place: number;
  readonly count: number;
  readonly wrapped: boolean;
}

/** @param step 1 for the next, -1 for the one before */
export function nextFinding(model: ModelState, step: 1 | -1): Tour {
  const rows = worstFirst(model);
  const current = model.isOnTour ? rows.indexOf(model.lists.findings.indexOf(model.findingIndex)) : -1;
  const start = current < 0 && step < 0 ? rows.length : current;
  return stopAt(rows, start + step);
}

/** @param step 1 for the next, -1 for the one before */
export function nextError(model: ModelState, step: 1 | -1): Tour {
  const { list } = model.history.findings;
  const rows = rowsOf(model).filter(row => list[model.lists.findings[row]].severity === 'error');
  const current = currentRow(model);
  const isBehind = (row: number) => (current >= 0 ? row > current : compare(findingAt(model, row), model) >= 0);
  const isBefore = (row: number) => (current >= 0 ? row < current : compare(findingAt(model, row), model) < 0);
  const next = step > 0 ? rows.findIndex(isBehind) : rows.findLastIndex(isBefore);
  return stopAt(rows, next < 0 && step > 0 ? rows.length : next);
}

/** @param place in the rows of a round; beyond its ends it goes on at the other one */
function stopAt(rows: readonly number[], place: number): Tour {
  const count = rows.length;
  if (count === 0) return { row: -1, place: 0, count, wrapped: false };
  const at = (place + count) % count;
  return { row: rows[at], place: at + 1, count, wrapped: at !== place };
}

function rowsOf({ lists }: ModelState): readonly number[] {
  return Array.from(lists.findings, (_, row) => row);
}

function findingAt({ lists, history }: ModelState, row: number): Finding {
  return history.findings.list[lists.findings[row]];
}

function worstFirst(model: ModelState): readonly number[] {
  const severity = (row: number) => severityNumber(findingAt(model, row).severity);
  return rowsOf(model).toSorted((one, other) => severity(other) - severity(one) || one - other);
}

/** Row of the chosen finding, as long as one has not gone elsewhere. */
function currentRow(model: ModelState): number {
  const { findingIndex: index, history, message, view } = model;
  if (index < 0) return -1;
  const own = history.findings.messageOf(index);
  const isThere = view === 'findings' || (own >= 0 ? own === message : model.finding?.connection === model.connection);
  return isThere ? model.lists.findings.indexOf(index) : -1;
}

/** Whether a finding lies before (negative) or behind where one is; on the very message, behind. */
function compare(finding: Finding, model: ModelState): number {
  const { history, message, connection } = model;
  const at = message >= 0 ? message : connection > 0 ? history.connections.first(connection) : -1;
  if (at < 0) return 0;
  const place = placeOf(history, at);
  return finding.capture - place.capture || finding.frame - place.frame;
}
