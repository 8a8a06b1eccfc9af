/**
 * One series as a line over its two axes, drawn with the dots of Braille characters, two across and four down in a cell. What
 * is drawn are numbers and labels of our own; like any pane it makes lines, which the sink colours.
 */
import { type Line, line, type Role, type Size, type Span, span } from '../text/line.ts';

export interface LineChart {
  /** At least two, none below zero. */
  readonly values: readonly number[];
  /** What stands below each value, where there is room; empty where nothing does. */
  readonly labels: readonly string[];
  /** At the upper edge, above zero. */
  readonly top: number;
  readonly role: Role;
}

const ACROSS = 2;
const DOWN = 4;
/** First of the Braille characters, the one without dots; each dot of a cell is a bit of its number. */
const BLANK = 0x2800;
const DOTS = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
];
/** In dots: where the axes stand, from the left and from the bottom. Left of the one are labels of four characters, as 8.3k. */
const AXIS = { left: 12, bottom: 11 };
/** In dots, from the axes to the line: cells of their own, so that each keeps its colour. */
const APART = 2;
/** Rows for each label of the upright axis. */
const ROWS_PER_LABEL = 3;
/** Blanks between labels that stand beside each other. */
const BETWEEN_LABELS = 2;

/** As many lines as the size is high, none wider than it. */
export function lineChart({ values, labels, top, role }: LineChart, { width, height }: Size): readonly Line[] {
  const canvas = new Canvas(width, height);
  const right = width * ACROSS;
  const floor = height * DOWN - AXIS.bottom;
  const across = (index: number) => Math.floor(((right - AXIS.left) / values.length) * index) + AXIS.left + APART;
  const down = (value: number) => Math.floor(floor - (floor / top) * value) - APART;

  const step = Math.max(1, Math.floor(top / Math.max(2, Math.floor((height + 2) / ROWS_PER_LABEL))));
  for (let value = 0; value < top; value += step) canvas.write(abbreviated(value), 1, Math.floor(down(value) / DOWN));
  for (let index = 1; index < values.length; index++)
    canvas.draw(across(index - 1), down(values[index - 1]), across(index), down(values[index]), role);
  canvas.draw(AXIS.left, 0, AXIS.left, floor, 'plain');
  canvas.draw(AXIS.left, floor, right, floor, 'plain');

  const longest = labels.reduce((most, { length }) => Math.max(most, length), 0);
  const most = (right - AXIS.left) / ACROSS / (longest + BETWEEN_LABELS);
  const every = Math.max(1, Math.ceil(values.length / most));
  for (let index = 0; index < labels.length; index += every) {
    const from = Math.floor(across(index) / ACROSS);
    if (from + labels[index].length <= width) canvas.write(labels[index], from, height - 2);
  }
  return canvas.lines();
}

/** In at most four characters: 950, 8.3k, 12k, 120k, 1.5M. */
function abbreviated(value: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, value)) / 3));
  if (power === 0) return String(Math.round(value));
  const short = value / 1000 ** power;
  return `${short < 10 ? short.toFixed(1).replace('.0', '') : Math.floor(short)}${UNITS[power]}`;
}

const UNITS = ['', 'k', 'M', 'G', 'T'];

class Canvas {
  readonly #width: number;
  readonly #dots: Uint8Array;
  readonly #text: string[];
  readonly #roles: Role[];

  constructor(width: number, height: number) {
    this.#width = width;
    this.#dots = new Uint8Array(width * height);
    this.#text = Array.from({ length: width * height }, () => ' ');
    this.#roles = Array.from({ length: width * height }, () => 'plain');
  }

  /** From a cell on, as far as its row goes. */
  write(text: string, column: number, row: number): void {
    for (const [index, character] of [...text].slice(0, this.#width - column).entries()) {
      const cell = row * this.#width + column + index;
      if (row < 0 || cell >= this.#text.length) return;
      this.#text[cell] = character;
      this.#dots[cell] = 0;
    }
  }

  /** From dot to dot, both of them included; what lies outside is left out. */
  draw(x0: number, y0: number, x1: number, y1: number, role: Role): void {
    const steps = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0), 1);
    for (let step = 0; step <= steps; step++)
      this.#set(x0 + Math.round(((x1 - x0) * step) / steps), y0 + Math.round(((y1 - y0) * step) / steps), role);
  }

  lines(): readonly Line[] {
    const rows: Line[] = [];
    for (let from = 0; from < this.#dots.length; from += this.#width) rows.push(line(...this.#row(from)));
    return rows;
  }

  #set(x: number, y: number, role: Role): void {
    const column = Math.floor(x / ACROSS);
    const cell = Math.floor(y / DOWN) * this.#width + column;
    if (column < 0 || column >= this.#width || y < 0 || cell >= this.#dots.length) return;
    this.#dots[cell] |= DOTS[y % DOWN][x % ACROSS];
    this.#roles[cell] = role;
    this.#text[cell] = String.fromCharCode(BLANK + this.#dots[cell]);
  }

  /** Cells of one role beside each other are one span. */
  #row(from: number): Span[] {
    const spans: Span[] = [];
    for (let cell = from; cell < from + this.#width; cell++) {
      const role = this.#dots[cell] === 0 ? 'plain' : this.#roles[cell];
      const last = spans.at(-1);
      if (last?.role === role) spans[spans.length - 1] = span(last.text + this.#text[cell], role);
      else spans.push(span(this.#text[cell], role));
    }
    return spans;
  }
}
