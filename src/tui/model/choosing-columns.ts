/**
 * The list of a list's columns, which lies over the views: each is switched on and off, and moved to the left and the right.
 * What is changed is seen at once.
 */
import { DEFAULT, KNOWN, listInFocus, rememberColumns, setColumns, shownIn } from './columns.ts';
import type { ColumnsMode } from './mode.ts';
import { openLine } from './prompts.ts';
import type { ModelState } from './state.ts';

/** What keys do here, for the status line. */
export const COLUMN_KEYS = 'Space shows or hides, h and l move it, a adds a field, d default, Esc closes';

export function openColumns(model: ModelState): void {
  const found = listInFocus(model);
  if (typeof found === 'string') {
    model.say(found, 'dim');
    return;
  }
  const { list } = found;
  const shown = shownIn(model, list);
  const others = KNOWN[list].filter(name => !shown.includes(name));
  const rows = [...shown.map(name => ({ name, isShown: true })), ...others.map(name => ({ name, isShown: false }))];
  model.mode = { kind: 'columns', list, rows };
  model.window('notice').fit(rows.length, rows.length);
  model.window('notice').select(0);
}

/** @param key by its name in the key table */
export function pressInColumns(model: ModelState, mode: ColumnsMode, key: string): void {
  const window = model.window('notice');
  const { selected } = window;
  model.said = undefined;
  switch (key) {
    case 'j':
    case 'down':
      window.move(1);
      break;
    case 'k':
    case 'up':
      window.move(-1);
      break;
    case 'space':
    case 'enter':
      change(
        model,
        mode,
        mode.rows.map((row, place) => (place === selected ? { ...row, isShown: !row.isShown } : row)),
      );
      break;
    case 'h':
    case 'left':
      swap(model, mode, selected, selected - 1);
      break;
    case 'l':
    case 'right':
      swap(model, mode, selected, selected + 1);
      break;
    case 'd':
      setColumns(model, DEFAULT);
      openColumns(model);
      break;
    case 'a': {
      const names = mode.rows.filter(({ isShown }) => isShown).map(({ name }) => name);
      openLine(model, 'command', `columns ${names.join(',')},`, ':');
      break;
    }
    case 'W':
    case 'q':
    case 'escape':
      model.closeMode();
      break;
    default:
      model.say('no such key here; Esc closes', 'dim');
  }
}

function swap(model: ModelState, mode: ColumnsMode, from: number, to: number): void {
  if (to < 0 || to >= mode.rows.length) return;
  change(model, mode, mode.rows.with(from, mode.rows[to]).with(to, mode.rows[from]));
  model.window('notice').select(to);
}

function change(model: ModelState, { list }: ColumnsMode, rows: ColumnsMode['rows']): void {
  const names = rows.filter(({ isShown }) => isShown).map(({ name }) => name);
  if (names.length === 0) {
    model.say('a list has at least one column', 'dim');
    return;
  }
  model.mode = { kind: 'columns', list, rows };
  rememberColumns(model, list, names);
}
