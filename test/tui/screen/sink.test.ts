import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drawnBy } from '../../../src/tui/screen/screen.ts';
import { Sink } from '../../../src/tui/screen/sink.ts';
import { Theme } from '../../../src/tui/screen/theme.ts';
import { type Line, line, span } from '../../../src/tui/text/line.ts';

const TERMINAL = { unicode: true, acscr: {}, utoa: {} };
const sink = new Sink(new Theme(256, 'dark'), character => drawnBy(TERMINAL, character));
const ROOM = { width: 40, height: 10 };

const ESCAPE = '\x1b';
const OWN_SGR = new RegExp(`${ESCAPE}\\[[0-9;]*m`, 'g');
/** Controls, format characters, lone surrogates, separators: all that a terminal might act upon, or not show. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

const content = (...lines: readonly Line[]) => sink.content(lines, ROOM);
/** What is left when our own sequences and line ends are taken away. */
const printed = (text: string) => text.replace(OWN_SGR, '').replace(/\n/g, '');

describe('hostile text', () => {
  test.each([
    ['an escape sequence', '\x1b[2J\x1b[31m', '\\x1b[2J\\x1b[31m'],
    ['OSC 52', '\x1b]52;c;ZXZpbA==\x07', '\\x1b]52;c;ZXZpbA==\\x07'],
    ['OSC 0', '\x1b]0;title\x1b\\', '\\x1b]0;title\\x1b\\'],
    ['the CSI of C1', '\u009b31m', '\\x9b31m'],
    ['bidi controls', 'a\u202eb\u2066c', 'a\\u{202e}b\\u{2066}c'],
    ['NUL and DEL', 'a\0b\x7fc', 'a\\x00b\\x7fc'],
    ['a lone surrogate', 'a\ud800b', 'a\\u{d800}b'],
    ['ends of lines', 'a\nb\r\nc\u2028d', 'a\\x0ab\\x0d\\x0ac\\u{2028}d'],
    ['a tab', 'a\tb', 'a\\x09b'],
    ['an SGR sequence like our own', '\x1b[m', '\\x1b[m'],
  ])('%s is spelt out', (_, hostile, spelt) => {
    expect(printed(content(line(span(hostile))))).toBe(spelt);
  });

  test('tags of blessed stay the text that they are', () => {
    expect(printed(content(line(span('{red-fg}x{/} {escape}'))))).toBe('{red-fg}x{/} {escape}');
  });

  test('whatever is in the spans, nothing but our own sequences and printable text comes out', () => {
    const unit = fc.oneof(
      fc.integer({ min: 0, max: 0xffff }),
      fc.constantFrom(0x1b, 0x5b, 0x9b, 0x9d, 0x07, 0x202e, 0xd83d),
    );
    const text = fc.array(unit, { maxLength: 60 }).map(units => String.fromCharCode(...units));
    fc.assert(
      fc.property(fc.array(text, { maxLength: 4 }), spans => {
        const out = content({ spans: spans.map(part => span(part, 'error')), selected: 'focus' });
        expect(UNSAFE.test(printed(out))).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('what the widgets would misplace', () => {
  test('wide characters and marks that they know stay', () => {
    expect(printed(content(line(span('日本 é'))))).toBe('日本 é');
  });

  test('a character and its mark become one where Unicode has it', () => {
    expect(printed(content(line(span('e\u0301'))))).toBe('\u00e9');
  });

  test('a pair of surrogates becomes as many question marks as it takes cells', () => {
    expect(printed(content(line(span('a😀b𝐀c'))))).toBe('a??b?c');
  });

  test('without UTF-8 there are ASCII, the lines that the terminal has, and question marks', () => {
    const plain = { unicode: false, acscr: { '─': 'q' }, utoa: { '►': '>' } };
    const old = new Sink(new Theme(16, 'dark'), character => drawnBy(plain, character));
    expect(old.safe('a─► é日')).toBe('a─> ???');
  });

  test('every character that goes through has the cells that blessed gives it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), text => {
        for (const character of sink.safe(text)) expect(character).toHaveLength(1);
      }),
    );
  });
});

describe('lines', () => {
  test('are cut to the box, and only as many as it has room for', () => {
    const out = sink.content([line(span('abc'), span('defgh', 'key')), line(span('x')), line(span('y'))], {
      width: 5,
      height: 2,
    });
    expect(out.split('\n').map(printed)).toEqual(['abcd…', 'x']);
  });

  test('each begins and ends with a look of its own, so that none runs on', () => {
    const [first, second] = content(line(span('a', 'error')), line(span('b'))).split('\n');
    expect(first).toBe('\x1b[0;1;38;5;203ma\x1b[m');
    expect(second).toBe('\x1b[0mb\x1b[m');
  });

  test('an empty one has a blank, or blessed would leave it out behind a full one', () => {
    expect(content(line()).replace(OWN_SGR, '')).toBe(' ');
  });

  test('a selected one is filled to the end of the box', () => {
    expect(printed(content({ spans: [span('a')], selected: 'focus' }))).toBe(`a${' '.repeat(39)}`);
  });
});
