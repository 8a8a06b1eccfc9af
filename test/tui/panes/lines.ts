/** What tests of panes ask of lines: their text, and whether they keep within the pane. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { shown, widthOf } from '../../../src/tui/text/cells.ts';
import type { Line, Role, Size } from '../../../src/tui/text/line.ts';

export const NARROW: Size = { width: 78, height: 20 };
export const WIDE: Size = { width: 158, height: 46 };

export function textOf({ spans }: Line): string {
  return spans.map(({ text }) => text).join('');
}

export function textsOf(lines: readonly Line[]): string[] {
  return lines.map(line => textOf(line).trimEnd());
}

/** The role of the span that holds a text; undefined where none does. */
export function roleOf({ spans }: Line, text: string): Role | undefined {
  return spans.find(span => span.text.includes(text))?.role;
}

/** No more lines than asked for, none wider, and nothing in them that would be wider once it is escaped. */
export function expectToFit(lines: readonly Line[], { width, height }: Size): void {
  expect(lines.length).toBeLessThanOrEqual(height);
  for (const line of lines) {
    expect(widthOf(textOf(line))).toBeLessThanOrEqual(width);
    for (const { text } of line.spans) expect(shown(text)).toBe(text);
  }
}

/** Text as a peer may send it. */
export const hostile: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.string({ unit: 'grapheme', maxLength: 12 }),
      fc.constantFrom(
        '字',
        '한국어',
        'e\u0301',
        '\u0301'.repeat(40),
        '\x1b]52;c;QQ==\x07',
        '\u202e',
        '{red-fg}',
        '\n\t',
      ),
      fc.constantFrom(
        '👩\u200d👩\u200d👧',
        '\u{1f1e9}\u{1f1ea}',
        '❤\ufe0f',
        '\ud800',
        '##[error]',
        ' ',
        'word '.repeat(9),
      ),
    ),
    { maxLength: 6 },
  )
  .map(parts => parts.join(''));

export const anySize: fc.Arbitrary<Size> = fc.record({ width: fc.integer({ min: 1, max: 170 }), height: fc.nat(12) });
