import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clip, clipMiddle, clipStart, pad, padStart, shown, widthOf, wrap } from '../../../src/tui/text/cells.ts';
import { hostile } from '../panes/lines.ts';

const shownText = hostile.map(shown);
const cells = fc.integer({ min: -1, max: 60 });
const MARKS = /^[\p{Mn}\p{Me}]/u;

describe('the width of text', () => {
  test.each([
    ['plain', 5],
    ['字', 2],
    ['한국', 4],
    ['e\u0301', 1],
    ['😀', 2],
    ['├──►│◄…', 7],
    ['', 0],
  ])('%j takes %i cells', (text, width) => {
    expect(widthOf(text)).toBe(width);
  });
});

describe('text that is shown', () => {
  test.each([
    ['\x1b[2J', '\\x1b[2J'],
    ['a\tb\nc', 'a\\x09b\\x0ac'],
    ['\u202e', '\\u{202e}'],
    ['❤\ufe0f', '❤\\u{fe0f}'],
    ['\u{1f1e9}', '\\u{1f1e9}'],
    ['\ue000', '\\u{e000}'],
    ['##[error]', '\\x23#[error]'],
  ])('%j is %j', (text, spelt) => {
    expect(shown(text)).toBe(spelt);
  });

  test('keeps the marks of a language, not a flood of them, and none that stands on nothing', () => {
    expect(shown('e\u0301')).toBe('e\u0301');
    expect(shown('\u0301')).toBe('\\u{301}');
    expect(shown('a \u0301')).toBe('a \\u{301}');
    expect(shown(`a${'\u0301'.repeat(5)}`)).toBe(`a${'\u0301'.repeat(3)}\\u{301}\\u{301}`);
  });

  test('is shown as it is, and measures the same, when it is shown again', () => {
    fc.assert(
      fc.property(hostile, text => {
        expect(shown(shown(text))).toBe(shown(text));
      }),
    );
  });
});

describe('cutting', () => {
  test.each([
    ['abcdef', 6, 'abcdef'],
    ['abcdef', 5, 'abcd…'],
    ['abcdef', 1, '…'],
    ['abcdef', 0, ''],
    ['字字字', 5, '字字…'],
    ['字字字', 4, '字…'],
    ['e\u0301e\u0301e\u0301', 2, 'e\u0301…'],
  ])('%j in %i cells is %j', (text, width, cut) => {
    expect(clip(text, width)).toBe(cut);
  });

  test('keeps the end, or both ends, where they tell more', () => {
    expect(clipStart('22:13:20.001', 8)).toBe('…:20.001');
    expect(clipMiddle('[2001:db8::1]:7654', 12)).toBe('[2001…]:7654');
  });

  test('never exceeds the cells, and never takes a mark from its character', () => {
    fc.assert(
      fc.property(shownText, cells, fc.constantFrom(clip, clipStart, clipMiddle), (text, width, cut) => {
        const result = cut(text, width);
        expect(widthOf(result)).toBeLessThanOrEqual(Math.max(0, width));
        expect(result).not.toMatch(/\p{Cs}/u);
        expect(result.split('…').some(part => MARKS.test(part))).toBe(MARKS.test(text));
      }),
    );
  });

  test('padded text has exactly the cells', () => {
    fc.assert(
      fc.property(shownText, fc.nat(60), fc.constantFrom(pad, padStart), (text, width, padded) => {
        expect(widthOf(padded(text, width))).toBe(width);
      }),
    );
    expect(pad('ab', 4)).toBe('ab  ');
    expect(padStart('ab', 4)).toBe('  ab');
  });
});

describe('wrapping', () => {
  test('goes by words, and cuts those that are wider than a line', () => {
    expect(wrap('one  two three', 8)).toEqual(['one two', 'three']);
    expect(wrap('a abcdefgh b', 4)).toEqual(['a', 'abcd', 'efgh', 'b']);
    expect(wrap('字字字 a', 5)).toEqual(['字字', '字 a']);
  });

  test('gives one line for nothing, and none for no width', () => {
    expect(wrap('', 5)).toEqual(['']);
    expect(wrap('a', 0)).toEqual([]);
  });

  test('gives an ellipsis for a character that no line can hold', () => {
    expect(wrap('字', 1)).toEqual(['…']);
  });

  test('loses nothing, and no line exceeds the width', () => {
    fc.assert(
      fc.property(shownText, fc.integer({ min: 2, max: 60 }), (text, width) => {
        const lines = wrap(text, width);
        for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
      }),
    );
  });
});
