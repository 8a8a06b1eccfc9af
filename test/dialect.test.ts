import { describe, expect, test } from 'vitest';
import { Dialect, type DialectOption, dialectProblem } from '../src/dialect.ts';

const order: DialectOption = {
  name: 'order',
  kind: 'choice',
  values: ['auto', 'big', 'little'],
  default: 'auto',
  meaning: 'm',
};
const patience: DialectOption = { name: 'patience', kind: 'seconds', default: '5', meaning: 'm' };
const secret: DialectOption = { name: 'secret', kind: 'key', default: '', meaning: 'm' };

const dialect = (settings: Record<string, string> = {}) =>
  new Dialect([order, patience, secret], new Map(Object.entries(settings)));

test('without settings every option has its default, in the order of the table', () => {
  expect(dialect().entries()).toEqual([
    ['order', 'auto'],
    ['patience', '5'],
    ['secret', ''],
  ]);
});

test('a setting takes the place of the default', () => {
  expect(dialect({ order: 'big' }).choice('order')).toBe('big');
});

test('a setting of no option is nothing', () => {
  expect(dialect({ colour: 'red' }).entries()).toHaveLength(3);
});

describe('a time', () => {
  test.each([
    ['5', 5],
    ['0', 0],
    ['2.5s', 2.5],
    ['2.5', 2.5],
    ['300ms', 0.3],
    ['0.5ms', 0.0005],
    ['86400s', 86_400],
  ])('%s', (value, seconds) => {
    expect(dialectProblem(patience, value)).toBeUndefined();
    expect(dialect({ patience: value }).seconds('patience')).toBeCloseTo(seconds, 10);
  });

  test.each(['', '5 s', '-1', '5m', '.5', '5.', '1e3', '0x10', 'soon', '5s\n', 'ms'])('is not %j', value => {
    expect(dialectProblem(patience, value)).toBe('expected a time such as 5s or 300ms');
  });

  test('is not a number beyond all bounds', () => {
    expect(dialectProblem(patience, '9'.repeat(400))).toBe('expected a time such as 5s or 300ms');
  });
});

describe('a choice', () => {
  test.each(['', 'Big', 'big ', 'middle'])('is not %j', value => {
    expect(dialectProblem(order, value)).toBe('expected one of auto, big, little');
  });
});

describe('a key', () => {
  test.each<[value: string, bytes: number[] | undefined]>([
    ['', undefined],
    ['00', [0]],
    ['c0FFee', [0xc0, 0xff, 0xee]],
  ])('%j', (value, bytes) => {
    expect(dialectProblem(secret, value)).toBeUndefined();
    expect(dialect({ secret: value }).key('secret')).toEqual(bytes && Uint8Array.from(bytes));
  });

  test.each(['0', 'abc', 'xy', '0x00', '00 11', '00\n'])('is not %j', value => {
    expect(dialectProblem(secret, value)).toBe('expected a key in hex');
  });
});

test('a setting that nobody checked is refused: no run starts with it', () => {
  expect(() => dialect({ order: 'middle' })).toThrow('dialect option order: expected one of auto, big, little');
});
