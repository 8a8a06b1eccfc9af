/**
 * Moving the splits between panes: by keys that of the pane in focus, by the mouse whichever border it takes hold of. The
 * share is remembered under the split's name, so it holds on screens of other sizes, too.
 */
import { notAmong } from '../../filter/words.ts';
import type { Border } from './layout.ts';
import type { ModelState } from './state.ts';

/** Cells that a key moves it by. */
const STEPS = { columns: 4, rows: 2 };
const DEFAULT = 'default';

/** @param direction to the left or up, or to the right or down */
export function moveSplit(model: ModelState, direction: -1 | 1): void {
  const border = borderOf(model);
  if (!border) {
    model.say(model.zoomed ? 'the pane is zoomed; \\ brings the others back' : 'no split here', 'dim');
    return;
  }
  const before = border.at;
  moveTo(model, border, before + direction * STEPS[border.across]);
  if (borderOf(model)?.at === before) model.say('no further: the panes keep a minimum size', 'dim');
}

/** The split that the pane in focus stands at; of several the innermost. */
function borderOf({ placing, focus }: ModelState): Border | undefined {
  return placing.borders.findLast(({ panes }) => panes.includes(focus));
}

/** @param at a cell, where the second side is to begin */
function moveTo({ memory }: ModelState, { name, across, room, least, most }: Border, at: number): void {
  if (least > most) return;
  const [from, whole] = across === 'columns' ? [room.x, room.width] : [room.y, room.height];
  const bounded = Math.max(least, Math.min(at, most));
  memory.remember({ splits: { ...memory.remembered.splits, [name]: (bounded - from) / whole } });
}

/** The border in whose lines a cell of the screen lies. */
export function borderAt({ placing }: ModelState, x: number, y: number): Border | undefined {
  return placing.borders.find(({ across, at, room }) => {
    const isWithin = x >= room.x && x < room.x + room.width && y >= room.y && y < room.y + room.height;
    const place = across === 'columns' ? x : y;
    return isWithin && (place === at || place === at - 1);
  });
}

/** @param name of the split that the mouse took hold of */
export function dragTo(model: ModelState, name: string, x: number, y: number): void {
  const border = model.placing.borders.find(known => known.name === name);
  if (border) moveTo(model, border, border.across === 'columns' ? x : y);
}

/** `:split default`: all where they were at first. A number: the share of the split in focus, in percent. */
export function splitAt(model: ModelState, argument: string): string | undefined {
  const { memory } = model;
  if (argument === DEFAULT) {
    memory.remember({ splits: {} });
    model.say('all splits are as at the start');
    return undefined;
  }
  if (!/^\d{1,3}%?$/.test(argument)) return notAmong('split', argument, [DEFAULT, 'a share such as 60']);
  const border = borderOf(model);
  if (!border) return 'no split here';
  const { across, room } = border;
  const [from, whole] = across === 'columns' ? [room.x, room.width] : [room.y, room.height];
  moveTo(model, border, from + Math.round((whole * Number.parseInt(argument, 10)) / 100));
  return undefined;
}
