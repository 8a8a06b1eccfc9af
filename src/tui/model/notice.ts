/** A text that lies over the views until it is put away: how high it is, and what keys do to it. */
import type { Action } from '../keys.ts';
import { LEAST_SCREEN } from './layout.ts';
import type { ModelState } from './state.ts';

/** Lines of the screen that it leaves free, its own border among them. */
const MARGIN = 6;

/** Lines of it that are seen at once. */
export function noticeRows(screenHeight: number): number {
  return Math.max(1, screenHeight - MARGIN);
}

/** Cells of it that a line has; its border and a margin on both sides are none of them. */
export function noticeColumns(screenWidth: number): number {
  return Math.min(screenWidth, Math.max(LEAST_SCREEN.width, screenWidth - 8)) - 2;
}

/**
 * Keys that move scroll where there is more than is seen; all others put it away.
 * @returns whether that was all; what else the key does is then still to be done
 */
export function pressInNotice(model: ModelState, action: Action | undefined): boolean {
  const window = model.window('notice');
  const rows = action && rowsOf(action, window.height, window.count);
  if (rows !== undefined && window.count > window.height) {
    window.scroll(rows);
    return true;
  }
  model.closeMode();
  return action === 'back' || action === 'enter';
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
