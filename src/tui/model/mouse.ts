/** What a click and the wheel mean where they happen: a tab, a pane, a row in it. The mouse does nothing that keys do not. */

import { byteAt } from '../panes/hex.ts';
import { tabAt } from '../plan/bars.ts';
import type { PaneKind } from '../views.ts';
import { perform } from './actions.ts';
import { chooseRow } from './choosing.ts';
import { type Area, innerSize } from './layout.ts';
import { move } from './moving.ts';
import { HEADER_OF } from './pane-rows.ts';
import { clickInPicker, PICKER_TOP } from './picker.ts';
import { borderAt, dragTo } from './splits.ts';
import type { ModelState } from './state.ts';

/** Panes whose rows can be chosen. */
const ROWS: readonly PaneKind[] = [
  'connections',
  'messages',
  'findings',
  'fields',
  'flows',
  'counts',
  'held',
  'stream',
  'compared',
];

export function clickOn(model: ModelState, x: number, y: number, isDouble: boolean): void {
  if (model.mode.kind === 'picker') {
    clickInPicker(model, model.mode, y - PICKER_TOP, isDouble);
    return;
  }
  model.dragged = undefined;
  if (model.mode.kind !== 'browse') return;
  if (y === 0) {
    const view = tabAt(model, x);
    if (view) model.goTo(view);
    return;
  }
  if (y === 1) {
    perform(model, 'filter');
    return;
  }
  model.dragged = borderAt(model, x, y)?.name;
  const area = areaAt(model, x, y);
  if (area?.kind === 'preview') perform(model, 'enter');
  else if (area) clickInPane(model, area, x - area.x - 1, y - area.y - 1, isDouble);
}

/** What the first button took hold of goes to where the mouse is. */
export function drag(model: ModelState, x: number, y: number): void {
  if (model.mode.kind === 'browse' && model.dragged !== undefined) dragTo(model, model.dragged, x, y);
}

/** @param x and y within the border */
function clickInPane(model: ModelState, area: Area, x: number, y: number, isDouble: boolean): void {
  const { kind } = area;
  const wasFocused = model.focus === kind;
  model.focusOn(kind);
  const size = innerSize(area);
  if (x < 0 || y < 0 || x >= size.width || y >= size.height) return;
  const window = model.window(kind);
  if (kind === 'hex' && model.opened) {
    const byte = byteAt(x, y, { top: window.top, length: model.opened.hex.length }, size.width);
    if (byte !== undefined) model.opened.selectByte(byte);
    return;
  }
  const line = y - (HEADER_OF[kind] ?? 0);
  const row = window.top + line;
  if (!ROWS.includes(kind) || line < 0 || line >= window.height || row >= window.count) return;
  const wasSelected = wasFocused && window.selected === row;
  model.following = false;
  window.select(row);
  chooseRow(model, kind);
  if (kind === 'findings') model.isOnTour = true;
  if (isDouble || wasSelected) perform(model, 'enter');
}

export function wheelOn(model: ModelState, x: number, y: number, rows: number): void {
  if (model.mode.kind === 'notice' || model.mode.kind === 'picker') {
    model.window('notice').scroll(rows);
    return;
  }
  if (model.mode.kind !== 'browse') return;
  const area = areaAt(model, x, y);
  if (!area) return;
  model.focusOn(area.kind);
  move(model, rows);
}

function areaAt(model: ModelState, x: number, y: number): Area | undefined {
  return model.areas.find(area => {
    return x >= area.x && x < area.x + area.width && y >= area.y && y < area.y + area.height;
  });
}
