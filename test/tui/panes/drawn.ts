/** What tests of fields, bytes, machines and statistics ask of many lines at once. */
import { shown, widthOf } from '../../../src/tui/text/cells.ts';
import type { Line, Role, Size } from '../../../src/tui/text/line.ts';
import { NARROW, textOf, WIDE } from './lines.ts';

/** The sizes inside the frame of a zoomed pane on 80x24 and 160x50. */
export const SIZES: readonly Size[] = [NARROW, WIDE];

/** All text that has a role. */
export const withRole = (lines: readonly Line[], role: Role): string[] =>
  lines.flatMap(({ spans }) => spans.filter(span => span.role === role).map(({ text }) => text.trim()));

/** Lines that do not fit, or hold what would be wider once it is escaped; a list, because of thousands of lines one asks once. */
export function misfits(lines: readonly Line[], { width, height }: Size): string[] {
  const isWrong = (line: Line) => widthOf(textOf(line)) > width || line.spans.some(({ text }) => shown(text) !== text);
  return [...lines.slice(height), ...lines.filter(isWrong)].map(textOf);
}
