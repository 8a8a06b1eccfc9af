/**
 * The states of a machine as a column, and the steps that both sides have taken between them as arrows beside it: the
 * client's on the left, the server's on the right, each with the frame that took it.
 *
 *     connector                                     listener
 *              1 sent INIT  ┌─   NEW             ● ─┐
 *                           └> ● COOKIE-WAIT        │
 *
 * Steps between the same two states are one arrow, and arrows share a lane where they do not overlap, so that a drawing
 * has as many rows as the table has states and seldom more than three lanes a side. What has no room is left out here: the list
 * of steps below has them all.
 */
import { clip, filled, pad, padStart, shown, widthOf } from '../text/cells.ts';
import { type Line, line, type Role, type Span, span } from '../text/line.ts';

/** A step of one side, as it is drawn. */
export interface Arrow {
  /** Rows of the states; `from` is -1 where nobody knows it. */
  readonly from: number;
  readonly to: number;
  /** `17 sent INIT` */
  readonly label: string;
  readonly role: Role;
  /** What is drawn over what, higher ones on top. */
  readonly weight: number;
}

export interface StateDrawing {
  readonly states: readonly string[];
  readonly sides: readonly [DrawnSide, DrawnSide];
}

export interface DrawnSide {
  readonly title: string;
  readonly role: Role;
  /** Row of the state in which the side stands; -1 where nobody knows it. */
  readonly stands: number;
  /** In the order in which the steps were taken. */
  readonly arrows: readonly Arrow[];
}

const MOST_LANES = 6;
/** Least room for a label that is worth having. */
const LEAST_LABEL = 8;
const HERE = '●';
const BEEN = '·';

/** Directions in which lines leave a cell; `IN` is towards the names. */
const IN = 1;
const OUT = 2;
const UP = 4;
const DOWN = 8;
/** Box-drawing characters by the directions that meet, for the right side. */
const LINES: Readonly<Record<number, string>> = {
  [IN | OUT]: '─',
  [UP | DOWN]: '│',
  [IN | DOWN]: '┐',
  [IN | UP]: '┘',
  [IN | UP | DOWN]: '┤',
  [IN | OUT | UP]: '┴',
  [IN | OUT | DOWN]: '┬',
  [IN | OUT | UP | DOWN]: '┼',
};
const MIRRORED: Readonly<Record<string, string>> = { '┐': '┌', '┘': '└', '┤': '├', '<': '>' };

/** One line for the titles, and one for each state. */
export function drawStates({ states, sides }: StateDrawing, width: number): Line[] {
  const names = states.map(shown);
  const longest = names.reduce((most, name) => Math.max(most, widthOf(name)), 0);
  const center = Math.min(longest + 4, width);
  const room = [Math.floor((width - center) / 2), Math.ceil((width - center) / 2)];
  const drawn = sides.map((side, index) => new Side(side, states.length, room[index], index === 0));
  const visited = (row: number) => sides.some(side => side.stands === row || isVisited(side, row));
  const stands = (row: number) => sides.some(side => side.stands === row);
  const rows = names.map((name, row) =>
    line(
      ...drawn[0].row(row),
      markOf(sides[0], row, 'left'),
      span(pad(name, center - 4), stands(row) ? 'match' : visited(row) ? 'strong' : 'dim'),
      markOf(sides[1], row, 'right'),
      ...drawn[1].row(row),
    ),
  );
  return [titles(sides, room, center), ...rows];
}

function titles(sides: StateDrawing['sides'], room: readonly number[], center: number): Line {
  const [left, right] = sides;
  const shift = ' '.repeat(center);
  return line(
    span(padStart(shown(left.title), room[0]), left.role),
    span(shift),
    span(clip(shown(right.title), room[1]), right.role),
  );
}

function markOf(side: DrawnSide, row: number, where: 'left' | 'right'): Span {
  const mark = side.stands === row ? HERE : isVisited(side, row) ? BEEN : ' ';
  return span(where === 'left' ? `${mark} ` : ` ${mark}`, side.role);
}

function isVisited({ arrows }: DrawnSide, row: number): boolean {
  return arrows.some(({ from, to }) => from === row || to === row);
}

/** The lanes and labels of one side, in cells counted from the names outwards. */
class Side {
  readonly #isLeft: boolean;
  readonly #room: number;
  readonly #lanes: number;
  readonly #rows: number;
  readonly #bits: Uint8Array;
  readonly #roles: Role[];
  readonly #weights: Int32Array;
  readonly #heads: Set<number> = new Set();
  readonly #labels = new Map<number, Arrow>();
  /** Steps that end in a state, the labelled one included. */
  readonly #counts = new Map<number, number>();

  constructor(side: DrawnSide, rows: number, room: number, isLeft: boolean) {
    this.#isLeft = isLeft;
    this.#room = room;
    this.#rows = rows;
    const arrows = heaviest(side.arrows);
    const lanes = lanesOf(arrows);
    const used = Math.max(0, ...lanes.values()) + 1;
    this.#lanes = Math.max(0, Math.min(lanes.size === 0 ? 0 : used, MOST_LANES, room - 2));
    this.#bits = new Uint8Array(rows * (this.#lanes + 1));
    this.#weights = new Int32Array(this.#bits.length).fill(-1);
    this.#roles = Array.from(this.#bits, () => side.role);
    for (const [arrow, lane] of lanes) if (lane < this.#lanes) this.#draw(arrow, lane + 1);
    // The last step to a state names it, unless a weightier one stands there.
    for (const arrow of side.arrows) {
      const there = this.#labels.get(arrow.to);
      if (!there || there.weight <= arrow.weight) this.#labels.set(arrow.to, arrow);
      this.#counts.set(arrow.to, (this.#counts.get(arrow.to) ?? 0) + 1);
    }
  }

  row(row: number): Span[] {
    const cells: Span[] = [];
    for (let place = 0; place <= this.#lanes && place < this.#room; place++) cells.push(this.#cell(row, place));
    const label = this.#labelAt(row, this.#room - cells.length - 1);
    return this.#isLeft ? [label, ...cells.reverse()] : [...cells, label];
  }

  #labelAt(row: number, room: number): Span {
    const arrow = this.#labels.get(row);
    if (room < LEAST_LABEL || !arrow) return span(' '.repeat(Math.max(0, room + 1)));
    const others = (this.#counts.get(row) ?? 1) - 1;
    const text = clip(`${shown(arrow.label)}${others > 0 ? ` (+${others})` : ''}`, room);
    return this.#isLeft ? span(`${padStart(text, room)} `, arrow.role) : span(filled(` ${text}`, room + 1), arrow.role);
  }

  #cell(row: number, place: number): Span {
    const at = place * this.#rows + row;
    const bits = this.#bits[at];
    const mark = place === 0 && this.#heads.has(row) ? '<' : (LINES[bits] ?? ' ');
    return span(this.#isLeft ? (MIRRORED[mark] ?? mark) : mark, this.#roles[at]);
  }

  #draw(arrow: Arrow, lane: number): void {
    const { from, to } = arrow;
    for (const row of [from, to]) for (let place = 0; place < lane; place++) this.#add(arrow, row, place, IN | OUT);
    const down = to > from;
    this.#add(arrow, from, lane, IN | (down ? DOWN : UP));
    this.#add(arrow, to, lane, IN | (down ? UP : DOWN));
    for (let row = Math.min(from, to) + 1; row < Math.max(from, to); row++) this.#add(arrow, row, lane, UP | DOWN);
    this.#heads.add(to);
  }

  #add({ role, weight }: Arrow, row: number, place: number, bits: number): void {
    const at = place * this.#rows + row;
    this.#bits[at] |= bits;
    if (weight < this.#weights[at]) return;
    this.#weights[at] = weight;
    this.#roles[at] = role;
  }
}

/** One arrow for each pair of states: the heaviest, or the last of them. */
function heaviest(arrows: readonly Arrow[]): readonly Arrow[] {
  const pairs = new Map<string, Arrow>();
  for (const arrow of arrows) {
    if (arrow.from < 0 || arrow.from === arrow.to) continue;
    const key = `${arrow.from} ${arrow.to}`;
    const there = pairs.get(key);
    if (!there || there.weight <= arrow.weight) pairs.set(key, arrow);
  }
  return [...pairs.values()];
}

/** The lane of each arrow, from 0: short ones inside, and none over another. They may touch: one ends where one begins. */
function lanesOf(arrows: readonly Arrow[]): ReadonlyMap<Arrow, number> {
  const lanes: Arrow[][] = [];
  const found = new Map<Arrow, number>();
  for (const arrow of arrows.toSorted((a, b) => spanOf(a) - spanOf(b))) {
    const free = lanes.findIndex(lane => lane.every(other => !overlap(arrow, other)));
    const lane = free < 0 ? lanes.push([]) - 1 : free;
    lanes[lane].push(arrow);
    found.set(arrow, lane);
  }
  return found;
}

function spanOf({ from, to }: Arrow): number {
  return Math.abs(to - from);
}

function overlap(a: Arrow, b: Arrow): boolean {
  return Math.min(a.from, a.to) < Math.max(b.from, b.to) && Math.min(b.from, b.to) < Math.max(a.from, a.to);
}
