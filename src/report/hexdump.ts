/**
 * Bytes as people compare them with a specification: 16 a row under their offsets in the message, text beside them, and
 * the offending ones marked twice, by colour and by carets below, so that a log without colour says as much.
 */
import { visibleBytes } from '../wire/escape.ts';
import { type Page, type Span, type Style, span } from './page.ts';

export interface HexdumpOptions {
  /** Offset of the first byte in the message; rows begin at multiples of 16 in the message. */
  readonly base: number;
  /** Bytes to mark, by offset in the message; a length of 0 marks the gap before the offset. */
  readonly mark?: { readonly offset: number; readonly length: number } | null;
  /** Print only rows with a marked byte, and this many on either side of them. */
  readonly context?: number;
}

const ROW = 16;

export function hexdump(page: Page, indent: number, bytes: Uint8Array, options: HexdumpOptions): void {
  const { base, mark, context } = options;
  const end = base + bytes.length;
  const first = base - (base % ROW);
  const from = mark && context !== undefined ? rowOf(mark.offset) - context * ROW : first;
  const to = mark && context !== undefined ? rowOf(lastMarked(mark)) + (context + 1) * ROW : end;
  const digits = Math.max(4, end.toString(16).length);
  for (let row = Math.max(first, from); row < Math.min(end, to); row += ROW) {
    const start = Math.max(row, base);
    printRow(page, indent, digits, row, start, bytes.subarray(start - base, row + ROW - base), mark);
  }
}

type Mark = NonNullable<HexdumpOptions['mark']>;

/** @param start offset of the first of the bytes, which may begin within the row */
function printRow(
  page: Page,
  indent: number,
  digits: number,
  row: number,
  start: number,
  bytes: Uint8Array,
  mark: Mark | null | undefined,
): void {
  const hex = new Runs();
  const text = new Runs();
  const seen = visibleBytes(bytes);
  let carets = '';
  for (let offset = row; offset < row + ROW; offset++) {
    const byte = bytes[offset - start];
    const marked = mark !== undefined && mark !== null && isMarked(offset, mark);
    const style = marked && mark.length > 0 ? 'error' : 'plain';
    hex.add(byte === undefined ? '   ' : `${byte.toString(16).padStart(2, '0')} `, style);
    text.add(seen[offset - start] ?? ' ', style);
    carets += marked ? (mark.length === 0 ? '^  ' : '^^ ') : '   ';
  }
  const head = `${row.toString(16).padStart(digits, '0')}  `;
  page.line(indent, span(head, 'dim'), ...hex.spans(), span(' '), ...text.spans());
  if (carets.trim() !== '') page.line(indent, span(' '.repeat(head.length)), span(carets.trimEnd(), 'error'));
}

/** Cells of a row, those of one style together. */
class Runs {
  readonly #spans: Span[] = [];
  #text = '';
  #style: Style = 'plain';

  add(cell: string, style: Style): void {
    if (style !== this.#style) {
      this.#spans.push(span(this.#text, this.#style));
      this.#text = '';
      this.#style = style;
    }
    this.#text += cell;
  }

  spans(): readonly Span[] {
    return [...this.#spans, span(this.#text, this.#style)];
  }
}

function isMarked(offset: number, mark: Mark): boolean {
  return mark.length === 0 ? offset === mark.offset : offset >= mark.offset && offset < mark.offset + mark.length;
}

function lastMarked(mark: Mark): number {
  return mark.offset + Math.max(mark.length, 1) - 1;
}

function rowOf(offset: number): number {
  return offset - (offset % ROW);
}
