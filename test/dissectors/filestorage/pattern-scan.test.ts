/** Messages that are written as those before them are read sixteen bytes at a time, and must say what their bytes say. */
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  DIGEST,
  INTEGER,
  NOTHING,
  patternScan,
  type Step,
  UUID,
} from '../../../dissectors/filestorage/pattern-scan.ts';

const octets = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
const PLACE = 3;
const scan = patternScan()!;

function steps(before: string, kind: number, after: string): readonly Step[] {
  return [
    { before: octets(before), kind, place: PLACE },
    { before: octets(after), kind: NOTHING, place: 0 },
  ];
}

/** Patterns stay in the memory, so that there is one of each. */
const patternOf = (before: string, kind: number, after: string) => scan.pattern(steps(before, kind, after))!;

/** Is the message read to its end, wherever it lies? */
function follows(text: string, pattern: number): boolean {
  const ways = [0, 3, 20_000].map(start => {
    const bytes = start > 100 ? new Uint8Array(40_000).fill(0x31) : octets(`${'-'.repeat(start)}${text}11"}`);
    bytes.set(octets(text), start);
    expect(scan.load(bytes, start, start + text.length)).toBe(true);
    expect(scan.run(pattern) === text.length).toBe(scan.follows(pattern));
    return scan.follows(pattern);
  });
  expect(new Set(ways).size).toBe(1);
  return ways[0];
}

const uuid = patternOf('{"mid":"', UUID, '"}');
const digest = patternOf('{"digest":"', DIGEST, '"}');
const integer = patternOf('{"n":', INTEGER, '}');
const ID = '01234567-89ab-cdef-8edc-ba9876543210';
const SHA = '00112233445566778899aabbccddeeff0f1e2d3c4b5a69788796a5b4c3d2e1f0';
const words = (digits: string) => digits.match(/.{8}/g)!.map(word => Number.parseInt(word, 16));

describe('what stands around a value', () => {
  test.each([0, 1, 2, 14, 15, 16, 17, 31, 32, 33, 50])('of %d bytes may have no other byte', length => {
    const before = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'.slice(0, length);
    const pattern = patternOf(before, INTEGER, '}');
    expect(follows(`${before}7}`, pattern)).toBe(true);
    for (let at = 0; at < length; at++) {
      expect(follows(`${before.slice(0, at)}#${before.slice(at + 1)}7}`, pattern)).toBe(false);
    }
    for (let end = 0; end < length + 2; end++) expect(follows(`${before}7}`.slice(0, end), pattern)).toBe(false);
    expect(follows(`${before}7}}`, pattern)).toBe(false);
  });
});

describe('a UUID', () => {
  test.each([ID, ID.toUpperCase()])('%s', id => {
    expect(follows(`{"mid":"${id}"}`, uuid)).toBe(true);
    expect([...scan.wordsOf(PLACE, 4)]).toEqual(words(ID.replaceAll('-', '')));
    const from = scan.beginning(PLACE);
    expect(Buffer.from(scan.bytes.subarray(from, from + 36)).toString()).toBe(id);
  });

  test('with any byte at any place is one only where that byte may stand', () => {
    for (let place = 0; place < ID.length; place++) {
      for (let byte = 0; byte < 256; byte++) {
        const id = `${ID.slice(0, place)}${String.fromCharCode(byte)}${ID.slice(place + 1)}`;
        const isOne = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id);
        expect(follows(`{"mid":"${id}"}`, uuid)).toBe(isOne);
        if (isOne) expect([...scan.wordsOf(PLACE, 4)]).toEqual(words(id.replaceAll('-', '')));
      }
    }
  });
});

describe('a digest', () => {
  test('with any byte at any place is one only where that byte may stand', () => {
    for (let place = 0; place < SHA.length; place++) {
      for (let byte = 0; byte < 256; byte++) {
        const text = `${SHA.slice(0, place)}${String.fromCharCode(byte)}${SHA.slice(place + 1)}`;
        const isOne = /^[\da-f]{64}$/i.test(text);
        expect(follows(`{"digest":"${text}"}`, digest)).toBe(isOne);
        if (isOne) expect([...scan.wordsOf(PLACE, 8)]).toEqual(words(text));
      }
    }
  });

  test('is as long as one', () => {
    expect([SHA.slice(1), `${SHA}0`, ''].map(text => follows(`{"digest":"${text}"}`, digest))).toEqual([
      false,
      false,
      false,
    ]);
  });
});

describe('an integer', () => {
  test.each([
    ['0', true],
    ['7', true],
    ['4294967296', true],
    ['999999999999999', true],
    ['1000000000000000', false],
    ['00', false],
    ['01', false],
    ['-1', false],
    ['1.0', false],
    ['1e3', false],
    ['', false],
    [':', false],
    ['/', false],
  ])('%s', (text, isOne) => {
    expect(follows(`{"n":${text}}`, integer)).toBe(isOne);
    if (isOne) expect(scan.integer(PLACE)).toBe(Number(text));
  });

  test('of any value', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 15 - 1 }), value => {
        expect(follows(`{"n":${value}}`, integer)).toBe(true);
        expect(scan.integer(PLACE)).toBe(value);
      }),
    );
  });
});

test('patterns are made as long as there is room for them', () => {
  const own = patternScan()!;
  const before = '.'.repeat(4_000);
  const made = Array.from({ length: 50 }, () => own.pattern(steps(before, INTEGER, '}')));
  const first = made.indexOf(undefined);
  expect(first).toBeGreaterThan(30);
  expect(made.slice(first)).toEqual(made.slice(first).map(() => undefined));
  own.load(octets(`${before}42}`), 0, 4_003);
  for (const pattern of made.slice(0, first)) expect(own.follows(pattern!)).toBe(true);
});

afterEach(() => {
  vi.unstubAllGlobals();
});

test('without WebAssembly nothing is read so', () => {
  vi.stubGlobal('WebAssembly', undefined);
  expect(patternScan()).toBeUndefined();
});

test('nor where WebAssembly has no memory for it, or cannot look at sixteen bytes at once', () => {
  vi.stubGlobal('WebAssembly', {
    Module: class {
      constructor() {
        throw new RangeError('no memory');
      }
    },
  });
  expect(patternScan()).toBeUndefined();
});
