/**
 * The round through all findings (`n`, `N`), or through the errors among them (`]`, `[`): which one comes next from where one
 * is, wherever that is.
 */
import type { Finding } from '../../lint/finding.ts';
import { placeOf } from './places.ts';
import type { ModelState } from './state.ts';

export interface Tour {
  /** Place in the list of the findings shown; -1 when there are none. */
  readonly row: number;
  readonly wrapped: boolean;
}

/**
 * @param step 1 for the next, -1 for the one before
 * @param isMeant the others are passed over
 */
export function nextFinding(model: ModelState, step: 1 | -1, isMeant = (_: Finding) => true): Tour {
  const { lists, history } = model;
  const { length } = lists.findings;
  const start = step > 0 ? rowAfter(model) : rowBefore(model);
  for (let away = 0; away < length; away++) {
    const place = start + away * step;
    const row = (place + length) % length;
    if (isMeant(history.findings.list[lists.findings[row]])) return { row, wrapped: row !== place };
  }
  return { row: -1, wrapped: false };
}

function rowAfter(model: ModelState): number {
  const current = currentRow(model);
  if (current >= 0) return current + 1;
  const rows = findingsOf(model);
  const row = rows.findIndex(finding => compare(finding, model) >= 0);
  return row < 0 ? rows.length : row;
}

function rowBefore(model: ModelState): number {
  const current = currentRow(model);
  if (current >= 0) return current - 1;
  return findingsOf(model).findLastIndex(finding => compare(finding, model) < 0);
}

/** Row of the chosen finding, as long as one has not gone elsewhere. */
function currentRow(model: ModelState): number {
  const { findingIndex: index, history, message, view } = model;
  if (index < 0) return -1;
  const own = history.findings.messageOf(index);
  const isThere = view === 'findings' || (own >= 0 ? own === message : model.finding?.connection === model.connection);
  return isThere ? model.lists.findings.indexOf(index) : -1;
}

function findingsOf({ lists, history }: ModelState): readonly Finding[] {
  return Array.from(lists.findings, index => history.findings.list[index]);
}

/** Whether a finding lies before (negative) or behind where one is; on the very message, behind. */
function compare(finding: Finding, model: ModelState): number {
  const { history, message, connection } = model;
  const at = message >= 0 ? message : connection > 0 ? history.connections.first(connection) : -1;
  if (at < 0) return 0;
  const place = placeOf(history, at);
  return finding.capture - place.capture || finding.frame - place.frame;
}
