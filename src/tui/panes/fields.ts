/**
 * The field tree of one message as rows that can be closed and opened, and the pane that shows them: title, value, and at
 * the bottom what the specification says of the selected one, and what somebody noted on the frame. A field stands for its
 * bytes in the hex pane beside it, so rows and bytes are translated into each other here.
 *
 * Rows are made once for a message and a set of closed paths; only those in the window are drawn.
 */

import type { FoundFrame } from '../../capture/frame-finder.ts';
import { counted } from '../../report/numbers.ts';
import type { FieldNode } from '../../wire/tree.ts';
import { clip, pad, shown, widthOf, wrap } from '../text/cells.ts';
import { type Line, line, type Role, type Size, type Span, span } from '../text/line.ts';

/** A node of the tree; one of a lower layer has the frame whose bytes it stands for. */
export interface RowNode extends FieldNode {
  readonly frame?: FoundFrame;
  readonly children?: readonly RowNode[];
}

/** Bytes of a message, or of a frame, from its start. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** Bytes that a finding names, in its severity's colour. A length of 0 names what should begin there. */
export interface Fault extends ByteRange {
  readonly severity: 'error' | 'warning' | 'info';
}

export interface FieldRow {
  readonly node: FieldNode;
  /** Of a lower layer: the frame that its bytes are of. Absent for what is the message's. */
  readonly frame?: FoundFrame | undefined;
  /**
   * The names that lead to it, as a JSON pointer (RFC 6901) spells them, so that a row is found again in the next message
   * of the kind. The second member of one name has `~2` behind it, which no pointer has.
   */
  readonly path: string;
  readonly depth: number;
  /** Whether its children are rows, too; undefined for one that has none. */
  readonly open: boolean | undefined;
  /** Indent, mark and title, safe to print. */
  readonly label: string;
  readonly labelWidth: number;
}

/** Begins the paths of lower layers: no pointer begins so. */
const LAYERS = '~layers';

/**
 * The rows of a tree, without those below a closed one: first the lower layers, which are closed until somebody opens them.
 * As deep as the tree, which JSON's reader bounds.
 * @param toggled paths of those that are not as they begin
 */
export function fieldRows(
  tree: readonly FieldNode[],
  toggled: ReadonlySet<string>,
  layers: readonly RowNode[] = [],
): FieldRow[] {
  const rows: FieldRow[] = [];
  addRows(rows, layers, toggled, LAYERS, 0);
  addRows(rows, tree, toggled, '', 0);
  return rows;
}

function addRows(
  rows: FieldRow[],
  nodes: readonly RowNode[],
  toggled: ReadonlySet<string>,
  parent: string,
  depth: number,
  within?: FoundFrame,
): void {
  const seen = new Map<string, number>();
  for (const node of nodes) {
    const times = (seen.get(node.name) ?? 0) + 1;
    seen.set(node.name, times);
    const path = `${parent}/${pointerOf(node.name)}${times === 1 ? '' : `~${times}`}`;
    const children = node.children ?? [];
    const frame = node.frame ?? within;
    const open = children.length === 0 ? undefined : toggled.has(path) === (frame !== undefined);
    const mark = open === undefined ? '  ' : open ? '- ' : '+ ';
    const label = `${'  '.repeat(depth)}${mark}${shown(node.title)}`;
    rows.push({ node, frame, path, depth, open, label, labelWidth: widthOf(label) });
    if (open) addRows(rows, children, toggled, path, depth + 1, frame);
  }
}

function pointerOf(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

/**
 * The innermost row that holds a byte of the message, or of a frame; -1 where none does. Of a byte's bits it is the integer
 * that they are of.
 */
export function fieldAt(rows: readonly FieldRow[], offset: number, of?: FoundFrame): number {
  // Children stand behind their parent, and within it.
  return rows.findLastIndex(
    ({ node, frame }) =>
      frame === of && offset >= node.offset && offset < node.offset + node.length && !node.field?.whole,
  );
}

export function rangeOf({ node: { offset, length } }: FieldRow): ByteRange {
  return { offset, length };
}

/** The row that holds this one, to which one goes back from it; -1 at the top. */
export function parentOf(rows: readonly FieldRow[], index: number): number {
  const depth = rows[index]?.depth ?? 0;
  return rows.slice(0, index).findLastIndex(row => row.depth < depth);
}

export interface FieldsInput {
  readonly rows: readonly FieldRow[];
  readonly top: number;
  readonly selected: number;
  readonly focused: boolean;
  readonly faults: readonly Fault[];
  /** What somebody noted on the frame in the capture; empty for nothing. */
  readonly comment: string;
}

/** Heights from which on there is room for a word, and for all, on the selected field. */
const SHORT_NOTE = { from: 8, lines: 3 };
const LONG_NOTE = { from: 14, lines: 6 };
const LEAST_LABEL = 8;
const GAP = 2;
const WIDEST_CHARACTER = 2;

/** Of a pane, what a comment takes at most. */
const COMMENT_SHARE = 1 / 3;

/** Rows of fields that a pane of this size shows; the rest of it is about the selected one, and of the frame. */
export function fieldsHeight({ width, height }: Size, comment: string): number {
  return height - noteHeight(height) - commentLines(comment, width, commentHeight(height)).length;
}

function commentHeight(height: number): number {
  return height >= SHORT_NOTE.from ? Math.floor(height * COMMENT_SHARE) : 0;
}

/** The comment, wrapped, as far as so many lines hold it; the last one says how to read the rest. */
export function commentLines(comment: string, width: number, most: number): Line[] {
  if (comment === '' || most === 0) return [];
  const room = Math.max(WIDEST_CHARACTER, width);
  // No more of it is escaped than can be seen.
  const isLong = most < Number.POSITIVE_INFINITY && comment.length > room * most;
  const begun = isLong ? comment.slice(0, room * most) : comment;
  const texts = `comment: ${begun}`.split('\n').flatMap(text => wrap(shown(text), room));
  const isCut = isLong || texts.length > most;
  const whole = isCut ? [...texts.slice(0, most - 1), '... :note shows all of it'] : texts;
  return whole.map((text, index) => line(span(clip(text, width), isCut && index === most - 1 ? 'dim' : 'strong')));
}

function noteHeight(height: number): number {
  if (height >= LONG_NOTE.from) return LONG_NOTE.lines;
  return height >= SHORT_NOTE.from ? SHORT_NOTE.lines : 0;
}

export function fieldsPane({ rows, top, selected, focused, faults, comment }: FieldsInput, size: Size): Line[] {
  const { width, height } = size;
  const room = fieldsHeight(size, comment);
  const noted = commentLines(comment, width, commentHeight(height));
  const labels = labelWidth(rows, rows.slice(top, top + room), width);
  const lines = rows.slice(top, top + room).map((row, index): Line => {
    const drawn = line(...spansOf(row, labels, width, faults));
    return top + index === selected ? { ...drawn, selected: focused ? 'focus' : 'other' } : drawn;
  });
  const note = noteHeight(height);
  const row = rows[selected];
  if (note === 0 || !row) return [...lines, ...noted];
  while (lines.length < room) lines.push(line());
  const below = noteOn(row, labels, width).slice(0, note);
  while (noted.length > 0 && below.length < note) below.push(line());
  return [...lines, ...below, ...noted];
}

/** As wide as the widest label, but no wider than half the pane where the values in sight need the rest. */
function labelWidth(rows: readonly FieldRow[], seen: readonly FieldRow[], width: number): number {
  const widest = rows.reduce((most, row) => Math.max(most, row.labelWidth), LEAST_LABEL);
  const half = Math.floor(width / 2);
  if (widest <= half) return widest;
  const values = seen.reduce((most, { node }) => Math.max(most, widthOf(displayOf(node, width))), 0);
  return Math.min(widest, Math.max(half, width - GAP - values));
}

function spansOf(row: FieldRow, widest: number, width: number, faults: readonly Fault[]): Span[] {
  const { node, label } = row;
  // The line that sums a layer up needs its room more than its column.
  const isCut = row.frame && node.children && widthOf(displayOf(node, width)) > width - widest - GAP;
  const labels = isCut ? Math.min(widest, row.labelWidth) : widest;
  const fault = row.frame ? undefined : faultOn(row, faults);
  const title: Role = fault ?? (node.cut ? 'dim' : 'key');
  const value: Role = fault ?? (node.cut ? 'dim' : 'plain');
  const text = clip(displayOf(node, width), Math.max(0, width - labels - GAP));
  return [span(clip(`${pad(clip(label, labels), labels)}${' '.repeat(GAP)}`, width), title), span(text, value)];
}

/** No more of a value than fits is escaped: it may be as long as a message. */
function displayOf({ display }: FieldNode, cells: number): string {
  return shown(display.slice(0, cells + 1));
}

/**
 * The severity of the worst fault on a row. A row whose children are shown is at fault only as a whole: otherwise they
 * tell better where it lies.
 */
function faultOn({ node, open }: FieldRow, faults: readonly Fault[]): Fault['severity'] | undefined {
  const end = node.offset + node.length;
  const on = faults.filter(({ offset, length }) => {
    if (length === 0) return !open && offset >= node.offset && offset < end;
    if (open) return offset <= node.offset && offset + length >= end;
    return offset < end && offset + length > node.offset;
  });
  return WORST_FIRST.find(severity => on.some(fault => fault.severity === severity));
}

const WORST_FIRST = ['error', 'warning', 'info'] as const;

/** A ruler with the field's place, what it means and where that is written, and its value if it was cut above. */
function noteOn({ node, frame }: FieldRow, labels: number, width: number): Line[] {
  const { offset, length, meaning, clause, display } = node;
  const whose = frame ? ` of frame ${frame.number}` : '';
  const place = length === 0 ? `at byte ${offset}${whose}` : `byte ${offset}${whose}, ${counted(length, 'byte')}`;
  const head = `${shown(node.title)}: ${place}${clause === '' ? '' : `; ${shown(clause)}`}`;
  const isCut = widthOf(displayOf(node, width)) > width - labels - GAP;
  const room = Math.max(WIDEST_CHARACTER, width);
  const value = isCut ? wrap(shown(display.slice(0, width * LONG_NOTE.lines)), room) : [];
  return [
    line(span('-'.repeat(width), 'dim')),
    line(span(clip(head, width), 'heading')),
    ...(meaning === '' ? [] : wrap(shown(meaning), room)).map(text => line(span(clip(text, width)))),
    ...value.map(text => line(span(clip(text, width), 'dim'))),
  ];
}
