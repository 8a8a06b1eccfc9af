/**
 * Moving: the rows of the pane in focus, bytes, folds of fields, and from there to the pane beside. Moving stops
 * following new data, until the user goes to the end.
 */

import { PANES_OF, type PaneKind } from '../views.ts';
import { chooseRow } from './choosing.ts';
import { search } from './lists.ts';
import { bytesInRow } from './pane-rows.ts';
import type { ModelState } from './state.ts';

/** Panes whose rows are not chosen but only looked at. */
const TEXTS: readonly PaneKind[] = ['finding', 'flow', 'machine', 'log', 'help', 'statistics'];

/** @param rows may be infinite: to the first or the last */
export function move(model: ModelState, rows: number): void {
  const { focus } = model;
  const window = model.window(focus);
  if (focus !== 'log') model.following = false;
  if (focus === 'stream') model.stream?.stay();
  if (window.count === 0) {
    model.say('no rows here', 'dim');
    return;
  }
  if (TEXTS.includes(focus)) window.scroll(bounded(rows, window.count));
  else if (focus === 'hex') moveRows(model, rows);
  else {
    window.move(bounded(rows, window.count));
    chooseRow(model, focus);
    if (focus === 'findings') model.isOnTour = true;
  }
}

function bounded(rows: number, count: number): number {
  return Math.max(-count, Math.min(rows, count));
}

/** To a byte under or above this one; to the first or the last of all when the rows are infinite. */
function moveRows(model: ModelState, rows: number): void {
  const { opened } = model;
  if (!opened) return;
  const perRow = bytesInRow(model);
  const column = opened.byte % perRow;
  const { length } = opened.hex;
  const lastRow = Math.floor(Math.max(0, length - 1) / perRow);
  const row = Math.max(0, Math.min(Math.floor(opened.byte / perRow) + rows, lastRow));
  if (Number.isFinite(rows)) opened.selectByte(row * perRow + column);
  else opened.selectByte(rows < 0 ? 0 : length - 1);
}

export function pageOf(model: ModelState): number {
  return Math.max(1, model.window(model.focus).height - 1);
}

export function bottom(model: ModelState): void {
  move(model, Number.POSITIVE_INFINITY);
  if (!model.run.live || !['connections', 'messages', 'findings'].includes(model.focus)) return;
  model.following = true;
  if (model.paused) model.pause(false);
  model.say('following new messages', 'dim');
}

export function left(model: ModelState): void {
  const { focus, opened } = model;
  if (focus === 'compared' && model.comparison) model.comparison.side = 'left';
  else if (focus === 'hex' && opened) opened.selectByte(opened.byte - 1);
  else if (focus === 'fields' && opened?.field?.open === true) fold(model);
  else if (focus === 'fields' && opened && opened.parent >= 0) opened.selectRow(opened.parent);
  else focusBeside(model, -1);
}

export function right(model: ModelState): void {
  const { focus, opened } = model;
  if (focus === 'compared' && model.comparison) model.comparison.side = 'right';
  else if (focus === 'hex' && opened) opened.selectByte(opened.byte + 1);
  else if (focus === 'fields' && opened?.field?.open === false) fold(model);
  else if (focus === 'fields' && opened?.field?.open) opened.selectRow(opened.row + 1);
  else focusBeside(model, 1);
}

/** Closes the chosen field, or opens it. */
export function fold({ opened, toggled }: ModelState): void {
  const path = opened?.field?.path;
  if (path === undefined) return;
  if (!toggled.delete(path)) toggled.add(path);
  opened?.fold(toggled);
}

export function moveMessage(model: ModelState, step: number): void {
  model.following = false;
  const rows = model.lists.messages;
  const at = search(rows, model.message);
  const to = at + step;
  if (at < 0 || to < 0 || to >= rows.length) {
    model.say(step > 0 ? 'no message after this one' : 'no message before this one', 'dim');
    return;
  }
  model.selectMessage(rows[to]);
}

/** To the pane that stands to the left or to the right. */
function focusBeside(model: ModelState, step: 1 | -1): void {
  const { areas, focus } = model;
  const own = areas.find(({ kind }) => kind === focus);
  const beside = areas.find(area => {
    if (!own || area.kind === 'preview' || area.y >= own.y + own.height || area.y + area.height <= own.y) return false;
    return step > 0 ? area.x === own.x + own.width : area.x + area.width === own.x;
  });
  if (beside) model.focus = beside.kind;
  else {
    const other = PANES_OF[model.view].length > 1 ? '; Tab goes to the next pane' : '';
    model.say(`nothing to the ${step > 0 ? 'right' : 'left'}${other}`, 'dim');
  }
}
