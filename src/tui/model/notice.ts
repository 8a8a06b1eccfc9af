/** A text that lies over the views until it is put away: how high it is, and what keys do to it. */
import type { Action } from '../keys.ts';
import type { Model } from './model.ts';

/** Lines of the screen that it leaves free, its own border among them. */
const MARGIN = 6;

/** Lines of it that are seen at once. */
export function noticeRows(screenHeight: number): number {
  return Math.max(1, screenHeight - MARGIN);
}

/** Keys that move scroll; all others put it away. */
export function pressInNotice(model: Model, action: Action | undefined): void {
  const window = model.window('notice');
  const rows = action && rowsOf(action, window.height, window.count);
  if (rows !== undefined) window.scroll(rows);
  else if (action === 'quit') model.emit({ kind: 'quit' });
  else model.closeMode();
}

function rowsOf(action: Action, page: number, count: number): number | undefined {
  switch (action) {
    case 'down':
      return 1;
    case 'up':
      return -1;
    case 'page-down':
      return page;
    case 'page-up':
      return -page;
    case 'half-down':
      return page >> 1;
    case 'half-up':
      return -(page >> 1);
    case 'top':
      return -count;
    case 'bottom':
      return count;
    default:
      return undefined;
  }
}
