/**
 * A choice from a list that is narrowed by typing: which rows there are, and what keys do. What is chosen from is a
 * `PickerSource`: captures (capture-picker.ts) or saved filters (saved-filters.ts). Letters are always typed, so that a
 * name can begin with any of them; all else is done with the other keys.
 */
import type { PickableRow, PickerMode, PickerSource } from './mode.ts';
import type { ModelState } from './state.ts';
import type { ScrollWindow } from './window.ts';

const LONGEST = 1024;
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;
const LAST_WORD = /[^\s/]*[\s/]*$/u;
const LAST_CHARACTER = /.$/su;

export function openPicker(model: ModelState, source: PickerSource): void {
  model.mode = { kind: 'picker', source, typed: '', complaint: undefined };
  model.window('notice').select(0);
}

/** @param key by its name in the key table, or a character */
export function pressInPicker(model: ModelState, mode: PickerMode, key: string): void {
  const window = fitPicker(model, mode);
  mode.complaint = undefined;
  if (moveIn(window, key)) return;
  switch (key) {
    case 'enter':
    case 'right':
      picked(model, mode)?.choose();
      break;
    case 'escape':
    case 'C-g':
      if (mode.typed === '') mode.source.leave();
      else type(model, mode, '');
      break;
    case 'C-c':
      mode.source.leave();
      break;
    case 'left':
      mode.source.goUp?.();
      break;
    case 'backspace':
    case 'C-h':
      if (mode.typed === '') mode.source.goUp?.();
      else type(model, mode, mode.typed.replace(LAST_CHARACTER, ''));
      break;
    case 'C-w':
      type(model, mode, mode.typed.replace(LAST_WORD, ''));
      break;
    case 'C-u':
      type(model, mode, '');
      break;
    case 'delete':
      picked(model, mode)?.forget?.();
      break;
    case 'space':
      type(model, mode, `${mode.typed} `);
      break;
    default:
      if ([...key].length === 1) pasteInPicker(model, mode, key);
  }
}

export function pasteInPicker(model: ModelState, mode: PickerMode, text: string): void {
  mode.complaint = undefined;
  type(model, mode, mode.typed + text.replace(CONTROLS, ''));
}

/** @param row of those in sight; the second click on one chooses it */
export function clickInPicker(model: ModelState, mode: PickerMode, row: number, isDouble: boolean): void {
  const window = fitPicker(model, mode);
  const place = window.top + row;
  if (row < 0 || row >= window.height || place >= window.count) return;
  const wasSelected = window.selected === place;
  mode.complaint = undefined;
  window.select(place);
  if (isDouble || wasSelected) picked(model, mode)?.choose();
}

/** Brings the window to the rows that there are now. */
export function fitPicker(model: ModelState, { source, typed }: PickerMode): ScrollWindow {
  const window = model.window('notice');
  window.fit(source.rows(typed).length, pickerRows(model));
  return window;
}

/** Line of the screen on which the first row stands: under the tabs, the filter, the border and what is typed. */
export const PICKER_TOP = 4;

/** Rows that are seen at once: without those lines, the lower border and the status. */
function pickerRows({ height }: { readonly height: number }): number {
  return Math.max(1, height - PICKER_TOP - 2);
}

function picked(model: ModelState, { source, typed }: PickerMode): PickableRow | undefined {
  return source.rows(typed)[model.window('notice').selected];
}

function type(model: ModelState, mode: PickerMode, text: string): void {
  mode.typed = text.slice(0, LONGEST);
  model.window('notice').select(0);
}

function moveIn(window: ScrollWindow, key: string): boolean {
  switch (key) {
    case 'down':
    case 'C-n':
    case 'tab':
      window.move(1);
      return true;
    case 'up':
    case 'C-p':
    case 'S-tab':
      window.move(-1);
      return true;
    case 'pagedown':
      window.move(window.height);
      return true;
    case 'pageup':
      window.move(-window.height);
      return true;
    case 'home':
      window.select(0);
      return true;
    case 'end':
      window.select(window.count - 1);
      return true;
    default:
      return false;
  }
}
