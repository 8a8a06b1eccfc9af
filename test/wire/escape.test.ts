import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { visible, visibleAtLineStart, visibleBehind, visibleBytes, visibleJson } from '../../src/wire/escape.ts';

const HARMFUL = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
const LOG_COMMAND = /##(vso|teamcity)?\[/i;
/** Text with a command to a CI system in it every few times. */
const logText = fc
  .array(fc.constantFrom('#', '##', '[', 'vso', 'VSO[', 'team', 'city[', 'x', '\\', '"', '\u3164'))
  .map(parts => parts.join(''));
const everyByte = Array.from({ length: 256 }, (_, byte) => byte);
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map(units => String.fromCharCode(...units)),
);

describe('visible', () => {
  test('a terminal escape is spelt out', () => {
    expect(visible('\x1b]52;c;aGk=\x07')).toBe('\\x1b]52;c;aGk=\\x07');
  });

  test('the C1 form of CSI, DEL and a line feed are spelt out', () => {
    expect(visible('\x9b31m\x7f\n')).toBe('\\x9b31m\\x7f\\x0a');
  });

  test.each([0x200e, 0x200f, 0x202a, 0x202e, 0x2066, 0x2069, 0x061c, 0x2028, 0x2029, 0xfeff, 0xe0041])(
    'U+%i, which turns or hides text, is spelt out',
    code => {
      expect(visible(`a${String.fromCodePoint(code)}b`)).toBe(`a\\u{${code.toString(16)}}b`);
    },
  );

  test.each([0x3164, 0x115f, 0x1160, 0xffa0, 0x034f, 0x17b4, 0x180b, 0xfe0f, 0xfe00, 0xe0100, 0x2065, 0xfff0, 0x1d173])(
    'U+%i, which Unicode says is not seen, is spelt out',
    code => {
      expect(visible(`a${String.fromCodePoint(code)}b`)).toBe(`a\\u{${code.toString(16)}}b`);
    },
  );

  test.each([0x2800, 0x1680, 0x2000, 0x2003, 0x200a, 0x202f, 0x205f, 0x3000, 0x16fe4, 0x1d159, 0x13441])(
    'U+%i, which is blank and not the blank that is typed, is spelt out',
    code => {
      expect(visible(`a${String.fromCodePoint(code)}b`)).toBe(`a\\u{${code.toString(16)}}b`);
    },
  );

  test('a blank stays, one that does not break is spelt out', () => {
    expect(visible('a b\u00a0c')).toBe('a b\\xa0c');
  });

  test('a lone surrogate is spelt out, a pair is a character', () => {
    expect(visible('\ud800 \u{1f600}')).toBe('\\u{d800} \u{1f600}');
  });

  test('letters of any script stay', () => {
    expect(visible('C:\\temp größe 日本語')).toBe('C:\\temp größe 日本語');
  });

  test.each(['##[error]x', '##vso[task.setvariable]x', '##teamcity[x]'])('the log command %s is broken up', text => {
    expect(visible(`a ${text}`)).toBe(`a \\x23#${text.slice(2)}`);
  });

  test.each(everyByte)('byte %i as Latin-1 leaves nothing harmful', byte => {
    expect(visible(String.fromCharCode(byte))).not.toMatch(HARMFUL);
  });

  test('property: no text leaves anything harmful, and escaping twice changes nothing', () => {
    fc.assert(
      fc.property(anyText, text => {
        const once = visible(text);
        expect(once).not.toMatch(HARMFUL);
        expect(visible(once)).toBe(once);
      }),
    );
  });
});

describe('visibleAtLineStart', () => {
  test.each(['::error::x', '  ::set-output name=x::y'])('the workflow command %j is broken up', text => {
    expect(visibleAtLineStart(text).trimStart()).toMatch(/^\\x3a:/);
  });

  test('an IPv6 address in brackets stays', () => {
    expect(visibleAtLineStart('[::1]:7654')).toBe('[::1]:7654');
  });
});

describe('visibleBehind', () => {
  test.each([
    ['##', '[error]x', '\\x5berror]x'],
    ['a ##v', 'so[x]', '\\x73o[x]'],
    ['#', '#[x]', '\\x23[x]'],
    ['##', 'teamcity [', 'teamcity ['],
    ['', '##[x]', '\\x23#[x]'],
  ])('%j and %j are no command together', (before, text, expected) => {
    expect(visibleBehind(before, text)).toBe(expected);
  });

  test('property: however a text is cut, no command comes of it', () => {
    fc.assert(
      fc.property(fc.array(logText), pieces => {
        let line = '';
        for (const piece of pieces) line += visibleBehind(line.slice(-16), piece);
        expect(line).not.toMatch(LOG_COMMAND);
      }),
    );
  });
});

describe('visibleJson', () => {
  test.each(['##[error]x', '##vso[task.setvariable]x', '##teamcity[x]', '###[x', '\\##[x', '##VSO[x'])(
    'the log command %s is broken up, and reads back as it was',
    text => {
      const json = visibleJson(JSON.stringify([text]));
      expect(json).not.toMatch(LOG_COMMAND);
      expect(JSON.parse(json)).toEqual([text]);
    },
  );

  test('property: commands in any surroundings read back as they were', () => {
    fc.assert(
      fc.property(fc.dictionary(logText, logText), value => {
        const json = visibleJson(JSON.stringify(value));
        expect(json).not.toMatch(LOG_COMMAND);
        expect(JSON.parse(json)).toEqual(value);
      }),
    );
  });

  test('property: it reads back as it was, and holds nothing harmful', () => {
    fc.assert(
      fc.property(fc.dictionary(anyText, anyText), value => {
        const json = visibleJson(JSON.stringify(value));
        expect(json).not.toMatch(HARMFUL);
        expect(JSON.parse(json)).toEqual(value);
      }),
    );
  });
});

test('the text column of a hex dump has a character for each byte, and no command', () => {
  expect(visibleBytes(Buffer.from('x##[error] ##vso[ ##'))).toBe('x.#[error] .#vso[ ##');
});

test('the text column of a hex dump shows printable ASCII only', () => {
  expect(visibleBytes(Uint8Array.from(everyByte))).toBe(
    everyByte.map(byte => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join(''),
  );
});
