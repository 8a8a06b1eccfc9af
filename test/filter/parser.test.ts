import { describe, expect, test } from 'vitest';
import { DEEPEST, parse } from '../../src/filter/parser.ts';
import { print } from '../../src/filter/syntax.ts';
import { complaint } from './post.ts';

const read = (text: string) => print(parse(text));

describe('a production', () => {
  test.each([
    ['a field alone', 'finding', 'finding'],
    ['a field of a protocol', 'post.weight', 'post.weight'],
    ['members and items of JSON', 'a.b.c-d[0].e[*][1]', 'a.b.c-d[0].e[*][1]'],
    ['a member whose name is no word', 'a.b["odd name"]["q\\""].c', 'a.b["odd name"]["q\\""].c'],
    ['a member named by digits', 'a.b.0', 'a.b.0'],
    ['letters of any script', 'a.b.größe', 'a.b.größe'],
    ['==', 'type == DATA', 'type == DATA'],
    ['eq', 'type eq DATA', 'type == DATA'],
    ['!= and ne', 'a != 1 && a ne 1', '(a != 1) && (a != 1)'],
    ['< and lt', 'a < 1 && a lt 1', '(a < 1) && (a < 1)'],
    ['<= and le', 'a <= 1 && a le 1', '(a <= 1) && (a <= 1)'],
    ['> and gt', 'a > 1 && a gt 1', '(a > 1) && (a > 1)'],
    ['>= and ge', 'a >= 1 && a ge 1', '(a >= 1) && (a >= 1)'],
    ['contains', 'text contains "abc"', 'text contains "abc"'],
    ['~ with and without quotes', 'rule ~ "mnet/*" || rule ~ mnet/t?g*', '(rule ~ "mnet/*") || (rule ~ mnet/t?g*)'],
    ['no blanks at all', 'a==1&&!b||c>=2', '((a == 1) && !b) || (c >= 2)'],
    ['in a list', 'type in {DATA, "x y"}', 'type in {DATA, "x y"}'],
    ['in ranges', 'a in {1..5,7, 9 .. 0x0a}', 'a in {1 .. 5, 7, 9 .. 0x0a}'],
    ['a range of decimals', 'time in {1.5..2.5}', 'time in {1.5 .. 2.5}'],
    ['and before or', 'a || b && c', 'a || (b && c)'],
    ['words for the signs', 'not a and b or c', '(!a && b) || c'],
    ['parentheses', '(a || b) && c', '(a || b) && c'],
    ['parentheses that change nothing', '((a))', 'a'],
    ['not before a test', '!a == 1', '!(a == 1)'],
    ['not of not', '!!not a', '!!!a'],
    ['not of a chain', '!(a && b)', '!(a && b)'],
    ['a chain in a chain', 'a && (b && c)', 'a && (b && c)'],
    ['blanks of any kind around it', '\t a\n', 'a'],
  ])('%s', (_what, text, printed) => {
    expect(read(text)).toBe(printed);
    expect(read(printed)).toBe(printed);
  });

  test.each(['10.0.0.1', '10.0.0.0/8', '10.0.0.1:7654', '2001:db8::1', '::1', '[2001:db8::1]:7654', 'fe80::/10'])(
    'the address %s is one word',
    address => expect(read(`addr == ${address}`)).toBe(`addr == ${address}`),
  );

  test.each(['0x0a', '-5', '1.5s', '1e-9', '18446744073709551615', '0d:0a', 'COOKIE-ECHO', 'unix:/run/ipc/x'])(
    'the value %s is one word',
    value => expect(read(`a == ${value}`)).toBe(`a == ${value}`),
  );
});

describe('a string', () => {
  test.each([
    ['\\"', '"'],
    ['\\\\', '\\'],
    ['\\n\\r\\t', '\n\r\t'],
    ['\\x41', 'A'],
    ['\\u00e9\\u{1f600}', 'é😀'],
    ['&& ) or', '&& ) or'],
  ])('%s is %j', (written, text) => {
    expect(parse(`a == "${written}"`)).toMatchObject({ value: { text, quoted: true } });
  });
});

test('columns count from 1 and are those of what was written', () => {
  expect(parse('  (type in {1..2})')).toMatchObject({
    field: { column: 4 },
    column: 9,
    ranges: [{ from: { column: 13 }, to: { column: 16 } }],
  });
});

describe('what is no filter is refused at its column:', () => {
  test.each([
    ['', 1, 'expected a field, and the filter ends here'],
    ['type == ', 9, 'expected a value, and the filter ends here'],
    ['type == &&', 9, 'expected a value, found &&'],
    ['type in', 8, 'expected { and a list of values, and the filter ends here'],
    ['frame in {}', 11, 'expected a value, found }'],
    ['frame in {1', 12, 'expected a comma, .. or }, and the filter ends here'],
    ['frame in {1..}', 14, 'expected the last value of the range, found }'],
    ['frame in {1 2}', 13, 'expected a comma, .. or }, found 2'],
    ['finding &&', 11, 'expected a field, and the filter ends here'],
    ['finding && && frame', 12, 'expected a field, found &&'],
    ['and finding', 1, 'expected a field, found and'],
    ['finding and contains', 13, 'expected a field, found contains'],
    ['frame 5', 7, 'expected an operator, && or ||, found 5'],
    ['frame "x"', 7, 'expected an operator, && or ||, found a string'],
    ['frame == 1 2', 12, 'expected && or ||, found 2'],
    ['(frame) 2', 9, 'expected && or ||, found 2'],
    ['(frame == 1', 12, 'expected && or ||, or ) for the ( at column 1, and the filter ends here'],
    ['frame)', 6, 'a ) that closes nothing'],
    ['"a" == frame', 1, 'expected a field; a string goes after an operator, as in text contains "abc"'],
    ['type matches "a"', 6, 'there is no matches; ~ compares with a pattern of * and ?: rule ~ "mnet/*"'],
    ['type = DATA', 6, '= is no operator; write == to compare'],
    ['frame === 1', 9, '= is no operator; write == to compare'],
    ['finding & frame', 9, '& is no operator; write && or and'],
    ['finding | frame', 9, '| is no operator; write || or or'],
    ['type == "DATA', 9, 'a string that does not end; close it with "'],
    ["type == 'DATA'", 9, 'strings stand in double quotes'],
    ['a[ == 1', 2, '[ begins the index of a list, or an address such as [2001:db8::1]:7654, and must be closed'],
    ['frame # 1', 7, 'the character # means nothing here; put text to search for in quotes'],
    ['frame 😀', 7, 'the character 😀 means nothing here; put text to search for in quotes'],
    ['text == "a\\q"', 11, 'unknown escape \\q; known: \\" \\\\ \\n \\r \\t \\x00 \\u{0}'],
    ['text == "\\xff"', 10, 'unknown escape \\xff; bytes beyond 7f stand without quotes, as in ff:00'],
    ['text == "\\ud800"', 10, 'unknown escape \\ud800; known: \\" \\\\ \\n \\r \\t \\x00 \\u{0}'],
    ['text == "\\u{110000}"', 10, 'unknown escape \\u{110000}; known: \\" \\\\ \\n \\r \\t \\x00 \\u{0}'],
    ['post.content["\\q"]', 15, 'unknown escape \\q; known: \\" \\\\ \\n \\r \\t \\x00 \\u{0}'],
    ['10.0.0.1:80', 9, "expected a field's name, found :80"],
    ['.type', 1, 'expected a field, found .type'],
    ['post.content[1234567890]', 14, 'an index has at most 9 digits'],
  ])('%s', (text, column, reason) => {
    expect(complaint(text)).toBe(`column ${column}: ${reason}`);
  });

  test('parentheses and nots beyond the bound', () => {
    const deep = (depth: number) => `${'('.repeat(depth)}frame${')'.repeat(depth)}`;
    expect(complaint(deep(DEEPEST - 1))).toBe('fine');
    expect(complaint(deep(DEEPEST))).toBe(`column 101: more than ${DEEPEST} parentheses and nots in each other`);
    expect(complaint(`${'!'.repeat(9_000)}frame`)).toMatch(/^column 101: /);
  });

  test('more characters than anybody writes', () => {
    expect(complaint('a'.repeat(10_001))).toBe('column 10001: a filter has at most 10000 characters');
  });

  test('but a chain may be long', () => {
    expect(complaint(Array.from({ length: 1_000 }, () => 'frame').join('||'))).toBe('fine');
  });
});
