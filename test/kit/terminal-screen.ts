/**
 * A terminal's screen as somebody reads it who knows what `inspect` draws: bars above and below, panes in their frames,
 * which of them is in focus, which row is chosen, where the cursor is. Read from cells and their colours alone.
 */

import { Theme } from '../../src/tui/screen/theme.ts';
import { widthOf } from '../../src/tui/text/cells.ts';
import { PLAIN, parseScreen, type Style } from '../screens/sgr.ts';

export interface Cursor {
  readonly x: number;
  readonly y: number;
  readonly visible: boolean;
}

interface Cell {
  /** Empty behind a character of two cells. */
  readonly text: string;
  readonly style: Style;
}

/** Cells of the screen with a frame around them. */
export interface SeenPane {
  readonly title: string;
  /** With the frame. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly focused: boolean;
  /** Within the frame. */
  readonly lines: readonly string[];
  /** Index of the line that is chosen; -1 for none. */
  readonly selected: number;
}

/** The theme that is drawn on a dark terminal of 256 colours, as the tests' one is. */
const THEME = new Theme(256, 'dark');
const FOCUS = THEME.style('plain', 'focus').bg;
const OTHER = THEME.style('plain', 'other').bg;
const FOCUSED_FRAME = THEME.style('heading').fg;

export class TerminalScreen {
  readonly text: string;
  readonly cursor: Cursor;
  /** With the colours. */
  readonly source: string;
  readonly #cells: readonly (readonly Cell[])[];
  #panes: readonly SeenPane[] | undefined;

  /** @param source as `capture-pane -e -p` has it */
  constructor(source: string, cursor: Cursor) {
    this.source = source;
    this.cursor = cursor;
    this.#cells = cellsOf(source);
    this.text = this.#cells.map(cells => textOf(cells).trimEnd()).join('\n');
  }

  /** From the top; blanks at their ends are left out. */
  get rows(): readonly string[] {
    return this.text.split('\n');
  }

  /** The last row: where one is, what was said, or what is asked. */
  get status(): string {
    return this.rows.at(-1)?.trim() ?? '';
  }

  /** From the left and from the top; what lies within another one's frame is part of that. */
  get panes(): readonly SeenPane[] {
    this.#panes ??= this.#findPanes();
    return this.#panes;
  }

  get titles(): readonly string[] {
    return this.panes.map(({ title }) => title);
  }

  get focused(): SeenPane | undefined {
    return this.panes.find(({ focused }) => focused);
  }

  pane(title: string | RegExp): SeenPane | undefined {
    return this.panes.find(pane => (typeof title === 'string' ? pane.title === title : title.test(pane.title)));
  }

  styleAt(x: number, y: number): Style | undefined {
    return this.#cells[y]?.[x]?.style;
  }

  /** Number of the view whose tab stands out. */
  get view(): number | undefined {
    const row = this.#cells[0] ?? [];
    return [1, 2, 3, 4, 5, 6, 7].find(number => {
      const x = row.findIndex((cell, at) => cell.text === String(number) && row[at - 1]?.text === ' ');
      return x >= 0 && row[x]?.style.bold;
    });
  }

  /** Whether it looks the same down to the last cell, in so many rows from the top. */
  looksLike(other: TerminalScreen, rows: number): boolean {
    for (let y = 0; y < rows; y++) {
      const [own = [], others = []] = [this.#cells[y], other.#cells[y]];
      for (let x = 0; x < Math.max(own.length, others.length); x++) if (!isSame(own[x], others[x])) return false;
    }
    return true;
  }

  #findPanes(): SeenPane[] {
    const found: SeenPane[] = [];
    for (const [y, row] of this.#cells.entries()) {
      for (const [x, cell] of row.entries()) {
        if (cell.text !== '┌' || found.some(pane => isIn(pane, x, y))) continue;
        const pane = this.#paneAt(x, y);
        if (pane) found.push(pane);
      }
    }
    return found;
  }

  #at(x: number, y: number): string {
    return this.#cells[y]?.[x]?.text ?? '';
  }

  #paneAt(x: number, y: number): SeenPane | undefined {
    let bottom = y + 1;
    while (this.#at(x, bottom) === '│') bottom++;
    if (this.#at(x, bottom) !== '└') return undefined;
    let right = x + 1;
    while (this.#at(right, bottom) === '─') right++;
    if (this.#at(right, bottom) !== '┘' || this.#at(right, y) !== '┐') return undefined;
    for (let row = y + 1; row < bottom; row++) if (this.#at(right, row) !== '│') return undefined;
    const inside = this.#cells.slice(y + 1, bottom).map(cells => cells.slice(x + 1, right));
    const title = textOf((this.#cells[y] ?? []).slice(x + 1, right)).replace(/─*$/, '');
    return {
      title: title.trim(),
      x,
      y,
      width: right - x + 1,
      height: bottom - y + 1,
      focused: this.styleAt(x, y)?.foreground === FOCUSED_FRAME,
      lines: inside.map(cells => textOf(cells).trimEnd()),
      selected: inside.findIndex(cells => cells.length > 0 && cells.every(isChosen)),
    };
  }
}

/** `match` marks bytes and fields, and stays as it is on a chosen row. */
function isChosen({ style }: Cell): boolean {
  return style.background === FOCUS || style.background === OTHER;
}

const BLANK: Cell = { text: ' ', style: PLAIN };

/** Cells that nobody has written to are blank. */
function isSame(a: Cell = BLANK, b: Cell = BLANK): boolean {
  if (a.text !== b.text) return false;
  const keys = Object.keys(PLAIN) as (keyof Style)[];
  const isAlike = a.style.background === b.style.background && keys.every(key => a.style[key] === b.style[key]);
  // Of a blank the colour of the text is not seen.
  return isAlike && (a.text === ' ' || a.style.foreground === b.style.foreground);
}

function isIn({ x, y, width, height }: SeenPane, atX: number, atY: number): boolean {
  return atX >= x && atX < x + width && atY >= y && atY < y + height;
}

function textOf(cells: readonly Cell[]): string {
  return cells.map(({ text }) => text).join('');
}

function cellsOf(source: string): Cell[][] {
  return parseScreen(source).map(runs => {
    const cells: Cell[] = [];
    for (const { text, style } of runs) {
      for (const character of text) {
        const width = widthOf(character);
        const before = cells.at(-1);
        if (width === 0 && before) cells[cells.length - 1] = { ...before, text: before.text + character };
        else cells.push({ text: character, style });
        if (width === 2) cells.push({ text: '', style });
      }
    }
    return cells;
  });
}
