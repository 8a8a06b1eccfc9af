import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { complete } from '../../src/filter/complete.ts';
import { compareDecimals, decimal } from '../../src/filter/decimal.ts';
import { FilterError } from '../../src/filter/error.ts';
import { parse } from '../../src/filter/parser.ts';
import { type FieldName, type Literal, type Node, print, type Step } from '../../src/filter/syntax.ts';
import { globMatches } from '../../src/settings/glob.ts';
import { catalogue, letter, matches } from './post.ts';

const column = fc.constant(0);
const text = fc.string({ unit: 'grapheme', maxLength: 8 });
const word = fc
  .stringMatching(/^[a-z][a-z0-9_-]{0,6}$/)
  .filter(name => !/^(and|or|not|in|matches|contains|eq|ne|lt|le|gt|ge)$/.test(name));

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('name' as const), name: fc.oneof(word, text) }),
  fc.record({ kind: fc.constant('index' as const), index: fc.nat({ max: 999_999_999 }) }),
  fc.record({ kind: fc.constant('every' as const) }),
);
const field: fc.Arbitrary<FieldName> = fc
  .tuple(word, fc.array(step, { maxLength: 4 }))
  .map(([name, rest]) => ({ steps: [{ kind: 'name' as const, name }, ...rest], column: 0 }));
const literal: fc.Arbitrary<Literal> = fc.oneof(
  fc.record({ text, quoted: fc.constant(true), column }),
  fc.record({
    text: fc.oneof(
      word,
      fc.constantFrom('10.0.0.1', '10.0.0.0/8', '[::1]:80', '::', '0x0a', '1.5s', '-3', '0d:0a', 'a*?', 'and'),
    ),
    quoted: fc.constant(false),
    column,
  }),
);
const operator = fc.constantFrom('==', '!=', '<', '<=', '>', '>=', 'contains', '~');
const range = fc.record({ from: literal, to: fc.option(literal, { nil: undefined }) });

const { node } = fc.letrec<{ node: Node; chain: Node; test: Node; not: Node }>(tie => ({
  node: fc.oneof({ maxDepth: 5, depthSize: 'medium' }, tie('test'), tie('not'), tie('chain')),
  not: fc.record({ kind: fc.constant('not' as const), term: tie('node') }),
  chain: fc.record({
    kind: fc.constantFrom('and', 'or'),
    terms: fc.array(tie('node'), { minLength: 2, maxLength: 3 }),
  }),
  test: fc.oneof(
    fc.record({ kind: fc.constant('present' as const), field }),
    fc.record({ kind: fc.constant('compare' as const), field, operator, column, value: literal }),
    fc.record({
      kind: fc.constant('in' as const),
      field,
      column,
      ranges: fc.array(range, { minLength: 1, maxLength: 3 }),
    }),
  ) as fc.Arbitrary<Node>,
}));

/** Columns are no part of what a filter means. */
const withoutColumns = (tree: Node) =>
  JSON.parse(JSON.stringify(tree, (key, value) => (key === 'column' ? undefined : value)));

/** Text as somebody writes it who half knows the language. */
const sketch = fc
  .array(
    fc.constantFrom(
      ...[
        'post',
        'post.weight',
        'type',
        'rule',
        'addr',
        'post.content',
        '.a',
        '[0]',
        '[*]',
        '[',
        ']',
        '"',
        '"x"',
        '\\',
      ],
      ...[
        ' ',
        ' ',
        '==',
        '!=',
        '<',
        '>=',
        '~',
        '!',
        '&&',
        '||',
        '(',
        ')',
        '{',
        '}',
        ',',
        '..',
        'in',
        'and',
        'not',
        'contains',
      ],
      ...['1', '-1', '1e9', '0x', '10.0.0.1', '::1', 'LETTER', 'error', 'é', '\ud800'],
    ),
    { maxLength: 20 },
  )
  .map(parts => parts.join(''));

function complains(act: () => unknown): boolean {
  try {
    act();
    return false;
  } catch (error) {
    if (error instanceof FilterError) return true;
    throw error;
  }
}

describe('the language', () => {
  test('a tree that is printed and read again is the same tree', () => {
    fc.assert(
      fc.property(node, tree => {
        expect(withoutColumns(parse(print(tree)))).toEqual(withoutColumns(tree));
      }),
    );
  });

  test('what can be read is read again from its print', () => {
    let sound = 0;
    fc.assert(
      fc.property(sketch, written => {
        if (complains(() => parse(written))) return;
        sound++;
        const tree = parse(written);
        expect(withoutColumns(parse(print(tree)))).toEqual(withoutColumns(tree));
      }),
      { numRuns: 3_000 },
    );
    expect(sound).toBeGreaterThan(0);
  });

  test.each([
    ['anything', fc.string({ unit: 'binary', maxLength: 60 })],
    ['sketches', sketch],
    ['whole trees', node.map(print)],
  ])('nothing but a complaint with a column within the text comes of %s', (_what, texts) => {
    const message = letter('{"a":[1,"x",{"a":null}]}');
    fc.assert(
      fc.property(texts, written => {
        try {
          matches(written, message);
        } catch (error) {
          if (!(error instanceof FilterError)) throw error;
          expect(error.column).toBeGreaterThanOrEqual(1);
          expect(error.column).toBeLessThanOrEqual(written.length + 1);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('completion of anything offers what begins as the text does, and throws nothing', () => {
    fc.assert(
      fc.property(fc.oneof(sketch, fc.string()), fc.nat({ max: 40 }), (written, at) => {
        const cursor = Math.min(at, written.length);
        const { from, candidates } = complete(written, cursor, catalogue);
        const begun = written.slice(from, cursor);
        expect(candidates.filter(word => !word.startsWith(begun) && !word.startsWith(`"${begun}`))).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('numbers', () => {
  const compare = (a: string, b: string) => Math.sign(compareDecimals(decimal(a)!, decimal(b)!));

  test('are ordered as integers of any size', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt(), (a, b) => {
        expect(compare(String(a), String(b))).toBe(a < b ? -1 : a > b ? 1 : 0);
      }),
    );
  });

  test('with a point or an exponent are what they would be without', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }), fc.nat({ max: 30 }), (number, zeros) => {
        expect(compare(`${number}${'0'.repeat(zeros)}e-${zeros}`, `${number}.000`)).toBe(0);
        expect(compare(`${number}e${zeros}`, String(number * 10n ** BigInt(zeros)))).toBe(0);
      }),
    );
  });

  test.each([
    ['0.1', '0.10', 0],
    ['0.1', '0.09', 1],
    ['-0.1', '-0.09', -1],
    ['-0', '0.000e9', 0],
    ['1e999999999999999999', '2e999999999999999999', -1],
    ['1e-999999999', '0', 1],
    ['9007199254740993', '9007199254740992', 1],
    ['007', '7', 0],
  ])('%s against %s', (a, b, sign) => {
    expect(compare(a, b)).toBe(sign);
  });

  test.each(['', '-', '.5', '5.', '1e', '0x1', '1_000', ' 1', 'NaN', '+1'])('%j is none', word => {
    expect(decimal(word)).toBeUndefined();
  });
});

describe('patterns', () => {
  test('describe what the same regular expression does', () => {
    const characters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '.'), maxLength: 8 });
    fc.assert(
      fc.property(characters, characters, (pattern, written) => {
        const expression = new RegExp(`^${pattern.replace(/\./g, '\\.').replace(/\*/g, '.*').replace(/\?/g, '.')}$`);
        expect(globMatches(pattern, written)).toBe(expression.test(written));
      }),
      { numRuns: 1_000 },
    );
  });

  test('that would take a regular expression forever are answered soon', () => {
    expect(globMatches('*a'.repeat(200), `${'a'.repeat(5_000)}b`)).toBe(false);
  });
});
