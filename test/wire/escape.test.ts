import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { visible, visibleAtLineStart, visibleByte, visibleJson } from '../../src/wire/escape.ts';

const HARMFUL = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
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

describe('visibleJson', () => {
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

test('the text column of a hex dump shows printable ASCII only', () => {
  expect(everyByte.map(visibleByte).join('')).toBe(
    everyByte.map(byte => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join(''),
  );
});
