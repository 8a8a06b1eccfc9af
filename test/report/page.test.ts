import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hexdump } from '../../src/report/hexdump.ts';
import { Page, span } from '../../src/report/page.ts';

function page(width = 40, color = false): Page {
  return new Page({ width, color });
}

describe('wrapping', () => {
  test('words go on in the hanging column', () => {
    const sheet = page();
    sheet.wrap(2, 4, span('the tag of DATA is 112233, though its sender chose 445566'));
    expect(sheet.take()).toBe('  the tag of DATA is 112233, though its\n    sender chose 445566\n');
  });

  test('a word longer than the line is cut into pieces', () => {
    const sheet = page();
    sheet.wrap(0, 0, span('x'.repeat(90)));
    expect(sheet.take()).toBe(`${'x'.repeat(40)}\n${'x'.repeat(40)}\n${'x'.repeat(10)}\n`);
  });

  test('an entry keeps its text in a column of its own', () => {
    const sheet = page();
    sheet.entry(2, 8, 'expected', span('a tag that its receiver chose, 445566'));
    expect(sheet.take()).toBe('  expected  a tag that its receiver\n            chose, 445566\n');
  });

  test('a label with nothing beside it is a line', () => {
    const sheet = page();
    sheet.entry(2, 8, 'expected', span(''));
    expect(sheet.take()).toBe('  expected\n');
  });

  test('what is no log command in parts is none on the line that they make', () => {
    const sheet = page(80);
    sheet.line(0, span('name##'), span('[error]gotcha'), span(' ##v', 'strong'), span('so[x]', 'dim'));
    sheet.wrap(0, 0, span('name#'), span('#teamcity[x]'));
    expect(sheet.take()).toBe('name##\\x5berror]gotcha ##v\\x73o[x]\nname#\\x23teamcity[x]\n');
  });

  test('a workflow command cannot come to the start of a line', () => {
    const sheet = page();
    sheet.wrap(4, 4, span(`${'a'.repeat(34)} ::error::gotcha`));
    expect(sheet.take().split('\n')[1]).toBe('    \\x3a:error::gotcha');
  });

  test('property: no line is wider than the page, with or without colour', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), fc.boolean(), (texts, color) => {
        const sheet = page(50, color);
        sheet.wrap(2, 6, ...texts.map(text => span(text, 'error')));
        for (const line of stripVTControlCharacters(sheet.take()).split('\n'))
          expect(line.length).toBeLessThanOrEqual(53);
      }),
    );
  });

  test('blank lines never stand at the top nor in pairs', () => {
    const sheet = page();
    sheet.blank();
    sheet.line(0, span('a'));
    sheet.blank();
    sheet.blank();
    sheet.line(0, span('b'));
    expect(sheet.take()).toBe('a\n\nb\n');
  });
});

describe('hex dump', () => {
  const bytes = Uint8Array.from({ length: 40 }, (_, i) => i + 0x20);

  test('marks the offending bytes with carets', () => {
    const sheet = page(80);
    hexdump(sheet, 0, bytes.subarray(0, 8), { base: 0, mark: { offset: 1, length: 3 } });
    expect(sheet.take()).toBe(
      '0000  20 21 22 23 24 25 26 27                           !"#$%&\'\n' + //
        '         ^^ ^^ ^^\n',
    );
  });

  test('a log command in the text column is broken up, and every byte keeps its column', () => {
    const sheet = page(120);
    hexdump(sheet, 0, Buffer.from('a##vso[b]##[c##['), { base: 0, mark: { offset: 9, length: 2 } });
    expect(sheet.take()).toBe(
      '0000  61 23 23 76 73 6f 5b 62 5d 23 23 5b 63 23 23 5b  a.#vso[b].#[c.#[\n' +
        '                                 ^^ ^^\n',
    );
  });

  test('a mark that crosses a row shows on both, other rows are left out', () => {
    const sheet = page(80);
    hexdump(sheet, 0, Uint8Array.from({ length: 96 }), { base: 0, mark: { offset: 31, length: 2 }, context: 0 });
    const lines = sheet.take().trimEnd().split('\n');
    expect(lines.map(line => line.slice(0, 4))).toEqual(['0010', '    ', '0020', '    ']);
    expect(lines[1]!.lastIndexOf('^^')).toBe(6 + 15 * 3);
    expect(lines[3]!.indexOf('^^')).toBe(6);
  });

  test('a mark of no length points at the gap where bytes are missing', () => {
    const sheet = page(80);
    hexdump(sheet, 0, bytes.subarray(0, 3), { base: 0, mark: { offset: 3, length: 0 } });
    expect(sheet.take().split('\n')[1]).toBe('               ^');
  });

  test('an excerpt from the middle of a message keeps its offsets', () => {
    const sheet = page(80);
    hexdump(sheet, 0, bytes.subarray(0, 4), { base: 0x12 });
    expect(sheet.take()).toMatch(/^0010 {8}20 21 22 23/);
  });

  test('a mark beyond what was kept prints no more than there is', () => {
    const sheet = page(80);
    hexdump(sheet, 0, bytes, { base: 0, mark: { offset: 4_000_000_000, length: 4 }, context: 1 });
    expect(sheet.take()).toBe('');
  });

  test('control bytes are dots', () => {
    const sheet = page(80);
    hexdump(sheet, 0, Uint8Array.of(0x1b, 0x5b, 0x9b, 0x41), { base: 0 });
    expect(sheet.take()).toMatch(/ \.\[\.A\n$/);
  });
});
