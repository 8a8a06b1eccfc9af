/** Spans measured, cut and padded by cells, and lines put beside lines. Their text is `shown` already. */
import { clip, filled, widthOf } from './cells.ts';
import { type Line, line, type Span, span } from './line.ts';

/** The spans as far as they fit; an ellipsis stands where they are cut. */
export function fitted(spans: readonly Span[], width: number): Span[] {
  const kept: Span[] = [];
  let room = width;
  for (const [index, { text, role }] of spans.entries()) {
    const cells = widthOf(text);
    const more = spans.slice(index + 1).some(next => next.text.trim() !== '');
    if (cells > room || (cells === room && more)) {
      if (room > 0) kept.push(span(clip(more ? `${text} ` : text, room), role));
      return kept;
    }
    kept.push(span(text, role));
    room -= cells;
  }
  return kept;
}

/** The spans in exactly as many cells. */
export function padded(spans: readonly Span[], width: number): Span[] {
  const kept = fitted(spans, width);
  return [...kept, span(filled('', width - spansWidth(kept)))];
}

export function spansWidth(spans: readonly Span[]): number {
  return spans.reduce((width, { text }) => width + widthOf(text), 0);
}

/** One line of them. */
export function fittedLine(spans: readonly Span[], width: number): Line {
  return line(...fitted(spans, width));
}

/** @param at the cell at which the right lines begin; no left line may be wider */
export function beside(left: readonly Line[], at: number, right: readonly Line[]): Line[] {
  return Array.from({ length: Math.max(left.length, right.length) }, (_, row) => {
    const own = left[row]?.spans ?? [];
    const other = right[row]?.spans ?? [];
    if (other.length === 0) return line(...own);
    return line(...own, span(' '.repeat(Math.max(0, at - spansWidth(own)))), ...other);
  });
}
