/**
 * The bytes of one message as people compare them with a specification: offset, bytes, text. All of it is ASCII,
 * whatever the bytes are. Colour marks the bytes of the selected field and faulty ones, brackets around its byte mark
 * the cursor, so that both stay visible; bytes that were on the wire and are not in the capture are `..`.
 */
import { counted, grouped } from '../../report/numbers.ts';
import { visibleBytes } from '../../wire/escape.ts';
import { type Line, line, type Role, type Size, type Span, span } from '../text/line.ts';
import type { ByteRange, Fault } from './fields.ts';

export interface HexInput {
  /** The captured bytes. */
  readonly bytes: Uint8Array;
  /** Of the message on the wire, in bytes. */
  readonly length: number;
  /** First row in the window. */
  readonly top: number;
  /** Offset of the byte that the cursor is on. */
  readonly cursor: number;
  /** Bytes of the field that is selected beside this pane. */
  readonly mark: ByteRange | undefined;
  readonly faults: readonly Fault[];
  readonly focused: boolean;
}

/** Where things stand in a row, in cells. */
interface Shape {
  readonly perRow: number;
  readonly digits: number;
  /** Of the first byte's first digit. */
  readonly hexAt: number;
  readonly textAt: number;
}

const WIDTHS = [16, 8, 4] as const;
const LEAST_DIGITS = 4;
/** Between the bytes and the text. */
const GAP = 2;

/** Bytes in a row of this many cells: 16, 8 or 4. @param length of the message, which makes offsets longer */
export function bytesPerRow(width: number, length: number): number {
  return shapeOf(width, length).perRow;
}

/** Rows of a whole message. */
export function hexRows(width: number, length: number): number {
  return Math.ceil(length / bytesPerRow(width, length));
}

/** Rows of bytes in a pane of this height: where bytes are missing, its last line says so. */
export function hexHeight(height: number, { bytes, length }: Pick<HexInput, 'bytes' | 'length'>): number {
  return bytes.length < length && height > 1 ? height - 1 : height;
}

/** The byte at a cell of the pane, in the hex or the text column; undefined where there is none. */
export function byteAt(
  x: number,
  y: number,
  { top, length }: Pick<HexInput, 'top' | 'length'>,
  width: number,
): number | undefined {
  const { perRow, hexAt, textAt } = shapeOf(width, length);
  const inText = x >= textAt;
  const place = inText ? x - textAt : Math.floor((x - hexAt) / 3);
  const offset = (top + y) * perRow + place;
  return place >= 0 && place < perRow && offset < length ? offset : undefined;
}

function shapeOf(width: number, length: number): Shape {
  const digits = Math.max(LEAST_DIGITS, Math.max(0, length - 1).toString(16).length);
  const shapes = WIDTHS.map(perRow => {
    const hexAt = digits + 1;
    return { perRow, digits, hexAt, textAt: hexAt + perRow * 3 - 1 + GAP };
  });
  return shapes.find(({ perRow, textAt }) => textAt + perRow <= width) ?? shapes[shapes.length - 1];
}

export function hexPane(input: HexInput, { width, height }: Size): Line[] {
  const { bytes, length, top } = input;
  const shape = shapeOf(width, length);
  const lines: Line[] = [];
  const end = Math.min(top + hexHeight(height, input), Math.ceil(length / shape.perRow));
  for (let row = top; row < end; row++) lines.push(clipped(rowOf(input, row * shape.perRow, shape), width));
  if (bytes.length < length && height > 1) {
    const note = `the capture holds ${grouped(bytes.length)} of ${counted(length, 'byte')}`;
    lines.push(line(span(note.slice(0, width), 'warning')));
  }
  return lines;
}

function rowOf(input: HexInput, first: number, { perRow, digits }: Shape): Span[] {
  const { bytes, length, cursor, focused } = input;
  const end = Math.min(first + perRow, length);
  const hex: Span[] = [];
  const text: Span[] = [];
  const seen = visibleBytes(bytes.subarray(first, end));
  for (let offset = first; offset < end; offset++) {
    const role = roleOf(input, offset);
    const byte = offset < bytes.length ? bytes[offset] : undefined;
    hex.push(gapBefore(input, offset, first), span(byte === undefined ? '..' : hexOf(byte, 2), role));
    text.push(span(seen[offset - first] ?? ' ', offset === cursor && focused ? 'key' : role));
  }
  const isLast = cursor === end - 1;
  const missing = ' '.repeat((perRow - (end - first)) * 3 + GAP - 1);
  return [span(hexOf(first, digits), 'dim'), ...hex, span(isLast ? ']' : ' ', 'key'), span(missing), ...text];
}

/** The cell before a byte: one end of the cursor's brackets, or part of a mark that goes over both its neighbours. */
function gapBefore({ cursor, mark }: HexInput, offset: number, first: number): Span {
  if (offset === cursor) return span('[', 'key');
  if (offset === cursor + 1 && offset !== first) return span(']', 'key');
  const isWithin = offset !== first && isIn(mark, offset) && isIn(mark, offset - 1);
  return span(' ', isWithin ? 'match' : 'plain');
}

function roleOf({ mark, faults, bytes }: HexInput, offset: number): Role {
  const fault = faults.find(range => isIn(range, offset));
  if (isIn(mark, offset)) return fault ? `match-${fault.severity}` : 'match';
  if (fault) return fault.severity;
  return offset < bytes.length ? 'plain' : 'dim';
}

function isIn(range: ByteRange | undefined, offset: number): boolean {
  return range !== undefined && offset >= range.offset && offset < range.offset + range.length;
}

function hexOf(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

/** In a pane too narrow even for four bytes a row. */
function clipped(spans: readonly Span[], width: number): Line {
  let left = width;
  const fitting: Span[] = [];
  for (const { text, role } of spans) {
    if (left <= 0) break;
    fitting.push(span(text.slice(0, left), role));
    left -= text.length;
  }
  return line(...fitting);
}
