/**
 * The pane of a comparison. A sign stands before each row: `≠` where both have something else there, `-` for what only the
 * first has, `+` for what only the second has. In a narrow pane `-` and `+` stand before the first's and the second's row of
 * what differs.
 */
import { clip, filled, shown, widthOf } from '../text/cells.ts';
import { type Line, line, type Size, type Span, span } from '../text/line.ts';
import { fittedLine, padded } from '../text/spans.ts';

/** Cells before and between the two sides: the sign, and the ruler. */
export const SIGN_CELLS = 2;
export const RULER_CELLS = 3;
/** A piece of a cell's text, which may hold anything. */
export interface Part {
  readonly text: string;
  readonly differs: boolean;
}

export type ComparedSide = 'left' | 'right';

/** A side that has nothing there has no cell. */
export interface Pair {
  readonly kind: 'pair';
  readonly label: string;
  readonly left: readonly Part[] | undefined;
  readonly right: readonly Part[] | undefined;
  readonly differs: boolean;
  /** The messages that it is about; -1 for none. */
  readonly messages: readonly [left: number, right: number];
}

/** A row as it is seen: of both sides, or of one. */
export type ComparedRow =
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'both'; readonly pair: Pair }
  | { readonly kind: ComparedSide; readonly pair: Pair };

/** Lines above the first row: what is compared. */
export const HEADER_LINES = 1;

export interface ComparedInput {
  readonly titles: readonly [left: string, right: string];
  /** Those in sight. */
  readonly rows: readonly ComparedRow[];
  /** Place of the chosen one among them. */
  readonly selected: number;
  readonly focused: boolean;
  readonly isSideBySide: boolean;
  /** Whose message `Enter` goes to. */
  readonly side: ComparedSide;
}

const WIDEST_LABEL = 28;
const LEAST_LABEL = 12;

export function comparedPane(input: ComparedInput, { width, height }: Size): Line[] {
  const { rows, selected, focused } = input;
  const labels = labelCells(rows, width);
  const lines = [header(input, width)];
  rows.forEach((row, index) => {
    const drawn = fittedLine(rowSpans(row, labels, input.isSideBySide, width), width);
    lines.push(index === selected ? { ...drawn, selected: focused ? 'focus' : 'other' } : drawn);
  });
  return lines.slice(0, height);
}

function header({ titles: [left, right], isSideBySide, side }: ComparedInput, width: number): Line {
  const role = (own: ComparedSide) => (own === side ? 'key' : 'heading');
  const mark = (own: ComparedSide) => (own === side ? '» ' : '  ');
  const one = span(`${mark('left')}${shown(left)}`, role('left'));
  const other = span(`${mark('right')}${shown(right)}`, role('right'));
  if (!isSideBySide) return fittedLine([span('- ', 'dim'), one, span('   + ', 'dim'), other], width);
  const half = halfOf(width);
  return line(span(' '.repeat(SIGN_CELLS)), ...padded([one], half), span(RULER, 'dim'), ...padded([other], half));
}

const RULER = ' │ ';

function halfOf(width: number): number {
  return Math.max(1, Math.floor((width - SIGN_CELLS - RULER_CELLS) / 2));
}

/** As wide as the widest label in sight, within reason. */
function labelCells(rows: readonly ComparedRow[], width: number): number {
  const widest = rows.reduce(
    (most, row) => (row.kind === 'heading' ? most : Math.max(most, widthOf(shown(row.pair.label)))),
    0,
  );
  return widest === 0 ? 0 : Math.min(Math.max(LEAST_LABEL, widest), WIDEST_LABEL, Math.floor(width / 3));
}

function rowSpans(row: ComparedRow, labels: number, isSideBySide: boolean, width: number): Span[] {
  if (row.kind === 'heading') {
    const text = `${shown(row.text)} `;
    return [span(text, 'heading'), span('─'.repeat(Math.max(0, width - widthOf(text))), 'dim')];
  }
  const { pair } = row;
  const sign = signOf(row);
  const label = labelSpans(pair, labels);
  const head = [span(filled(sign, SIGN_CELLS), sign === ' ' ? 'dim' : 'warning')];
  if (row.kind !== 'both' || !isSideBySide) {
    const cell = row.kind === 'right' ? pair.right : (pair.left ?? pair.right);
    return [...head, ...label, ...partSpans(cell)];
  }
  const half = halfOf(width);
  return [
    ...head,
    ...padded([...label, ...partSpans(pair.left)], half),
    span(RULER, 'dim'),
    ...padded(partSpans(pair.right), half),
  ];
}

function labelSpans({ label }: Pair, labels: number): Span[] {
  if (label === '') return [];
  return [span(`${filled(clip(shown(label), labels), labels)}  `, 'key')];
}

function signOf({ kind, pair }: Exclude<ComparedRow, { kind: 'heading' }>): string {
  if (kind === 'left' || !pair.right) return '-';
  if (kind === 'right' || !pair.left) return '+';
  return pair.differs ? '≠' : ' ';
}

function partSpans(parts: readonly Part[] | undefined): Span[] {
  if (!parts) return [span('·', 'dim')];
  return parts.map(({ text, differs }) => span(shown(text), differs ? 'match' : 'plain'));
}
