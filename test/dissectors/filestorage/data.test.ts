import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { base64Length } from '../../../dissectors/filestorage/rules/data.ts';
import { broken, examined, passed, pointed, TRANSFER, TRANSFER_2020 } from './examining.ts';

const carrying = (data: unknown) => ({ ...TRANSFER, data });
const IN_2020 = { edition: '2020-01' } as const;

/** A TRANSFER of 2020-01 whose digest fits its data. */
function digested(data: string) {
  const digest = createHash('sha256').update(data).digest('hex');
  return { ...TRANSFER_2020, chunk: { n: 1, on: 1, digest }, data };
}

describe('base64', () => {
  test.each<[data: string, bytes: number]>([
    ['AA==', 1],
    ['AAA=', 2],
    ['AAAA', 3],
    ['AB==', 1],
    ['SGVsbG8sIGZpbGVzdG9yYWdlIQpTZWNvbmQgbGluZS4K\n', 33],
    ['SGVs\r\nbG8=\r\n', 5],
    ['\nS\nG\nV\ns\nbG8\n=\n', 5],
    ['AA=\n=', 1],
    ['+/+/', 3],
  ])('%j holds %i bytes', (data, bytes) => {
    expect(examined(carrying(data), 'TRANSFER')).toMatchObject({ faults: [], dataLength: bytes });
  });

  test.each([
    'A',
    'AA',
    'AAA',
    'AAAAA',
    '=',
    'A===',
    'AA=',
    'AAA==',
    'AAAA=',
    'AA==AA==',
    'AA AA',
    'AA\tAA',
    'AAA ',
    'AA\f\f',
    'AA= ',
    'AAAA ',
    'AA-_',
    'é===',
  ])('%j is none', data => {
    expect(pointed(carrying(data), 'TRANSFER')).toEqual([['data-encoding', JSON.stringify(data)]]);
    expect(examined(carrying(data), 'TRANSFER').dataLength).toBeUndefined();
  });

  test('of any bytes, with line breaks anywhere, has their length', () => {
    const chunks = fc.uint8Array({ maxLength: 200 });
    fc.assert(
      fc.property(chunks, fc.integer({ min: 1, max: 76 }), (bytes, width) => {
        const text = Buffer.from(bytes).toString('base64');
        expect(base64Length(text)).toBe(bytes.length);
        expect(base64Length(text.replace(new RegExp(`.{${width}}`, 'g'), '$&\r\n'))).toBe(bytes.length);
      }),
    );
  });

  test('of any text has the length that a decoder finds, or is none', () => {
    const text = fc.string({ unit: fc.constantFrom(...'AQgw+/=\n \t\f'), maxLength: 12 });
    fc.assert(
      fc.property(text, data => {
        const bare = data.replaceAll('\n', '');
        const decoded = Buffer.from(bare, 'base64');
        const pads = '='.repeat((3 - (decoded.length % 3)) % 3);
        const isBase64 = bare.length === Math.ceil(decoded.length / 3) * 4 && /^[A-Za-z0-9+/]*=*$/.test(bare);
        const sound = isBase64 && bare.endsWith(pads) && !bare.endsWith(`=${pads}`);
        expect(base64Length(data)).toBe(sound ? decoded.length : -1);
      }),
      { numRuns: 2_000 },
    );
  });

  test('megabytes of it, sound or not', () => {
    expect(base64Length('AAAA'.repeat(500_000))).toBe(1_500_000);
    expect(base64Length(`${'AAAA'.repeat(500_000)}!`)).toBe(-1);
    expect(base64Length(`AA=${'\n'.repeat(500_000)}!`)).toBe(-1);
  });
});

describe('an array of integers', () => {
  test.each<[data: readonly number[], bytes: number]>([
    [[0], 1],
    [[255, 0, 128], 3],
  ])('%j holds %i bytes', (data, bytes) => {
    expect(examined(carrying(data), 'TRANSFER')).toMatchObject({ faults: [], dataLength: bytes });
  });

  test('counts by value, however it is written', () => {
    const text = JSON.stringify(carrying([1])).replace('[1]', '[1.0, 2e2, -0]');
    expect(examined(text, 'TRANSFER')).toMatchObject({ faults: [], dataLength: 3 });
  });

  test.each<[items: string, wrong: string]>([
    ['1,256,257', '256'],
    ['-1', '-1'],
    ['0.5', '0.5'],
    ['1e3', '1e3'],
    ['1,"2",300', '"2"'],
    ['null', 'null'],
    ['[1]', '[1]'],
    ['{"a":1,"a":2}', '{"a":1,"a":2}'],
  ])('[%s] is none, and the first wrong item is reported', (items, wrong) => {
    const text = JSON.stringify(carrying([])).replace('[]', `[${items}]`);
    expect(pointed(text, 'TRANSFER')).toEqual([['data-encoding', wrong]]);
  });
});

describe('the size of a chunk', () => {
  const bytes = (count: number) => Buffer.alloc(count, 1).toString('base64');

  test.each<[situation: string, data: unknown]>([
    ['base64', bytes(1_024)],
    ['an array', Array(1_024).fill(7)],
  ])('2019-12: 1024 bytes in %s are enough', (_situation, data) => {
    expect(broken(carrying(data), 'TRANSFER')).toEqual([]);
    expect(passed(carrying(data), 'TRANSFER')).toEqual(expect.arrayContaining(['chunk-size', 'chunk-empty']));
  });

  test.each<[situation: string, data: unknown]>([
    ['base64', bytes(1_025)],
    ['an array', Array(1_025).fill(7)],
  ])('2019-12: 1025 in %s are too many', (_situation, data) => {
    expect(broken(carrying(data), 'TRANSFER')).toEqual(['chunk-size']);
  });

  test('2020-01: 1000 are enough, 1001 too many', () => {
    expect(broken(digested(bytes(1_000)), 'TRANSFER', IN_2020)).toEqual([]);
    expect(broken(digested(bytes(1_001)), 'TRANSFER', IN_2020)).toEqual(['chunk-size']);
  });

  test.each<[situation: string, data: unknown]>([
    ['a string', ''],
    ['line breaks', '\r\n'],
    ['an array', []],
  ])('none at all in %s', (_situation, data) => {
    expect(broken(carrying(data), 'TRANSFER')).toEqual(['chunk-empty']);
    expect(examined(carrying(data), 'TRANSFER').dataLength).toBe(0);
  });
});

describe('the digest of a chunk', () => {
  test('is that of the text with its line breaks, not as JSON spells them, nor of the bytes', () => {
    expect(broken(TRANSFER_2020, 'TRANSFER', IN_2020)).toEqual([]);
    expect(passed(TRANSFER_2020, 'TRANSFER', IN_2020)).toContain('chunk-digest');
    const bytes = createHash('sha256').update(Buffer.from(TRANSFER_2020.data, 'base64')).digest('hex');
    const chunk = { ...TRANSFER_2020.chunk, digest: bytes };
    expect(pointed({ ...TRANSFER_2020, chunk }, 'TRANSFER', IN_2020)).toEqual([['chunk-digest', `"${bytes}"`]]);
  });

  test('however JSON spells the text', () => {
    const payload = digested('ab/+');
    const text = JSON.stringify(payload).replace('ab/+', '\\u0061b\\/+');
    expect(broken(text, 'TRANSFER', IN_2020)).toEqual([]);
  });

  test('in capitals is the same', () => {
    const digest = TRANSFER_2020.chunk.digest.toUpperCase();
    expect(broken({ ...TRANSFER_2020, chunk: { n: 1, on: 1, digest } }, 'TRANSFER', IN_2020)).toEqual([]);
  });

  test.each(['', 'abc', '0'.repeat(64)])('%j is another', digest => {
    const payload = { ...TRANSFER_2020, chunk: { n: 1, on: 1, digest } };
    expect(broken(payload, 'TRANSFER', IN_2020)).toEqual(['chunk-digest']);
  });

  test('of a changed text is another', () => {
    const payload = { ...TRANSFER_2020, data: TRANSFER_2020.data.trimEnd() };
    expect(broken(payload, 'TRANSFER', IN_2020)).toEqual(['chunk-digest']);
  });

  test('of what is no base64 is not asked', () => {
    expect(broken({ ...TRANSFER_2020, data: '!' }, 'TRANSFER', IN_2020)).toEqual(['data-encoding']);
  });

  test('2019-12 has none', () => {
    expect(passed(TRANSFER, 'TRANSFER')).not.toContain('chunk-digest');
  });
});

describe('what the tracker learns of a chunk', () => {
  test('2019-12', () => {
    expect(examined(TRANSFER, 'TRANSFER')).toMatchObject({ chunkId: TRANSFER.chunk, dataLength: 5 });
  });

  test('2020-01', () => {
    expect(examined(TRANSFER_2020, 'TRANSFER', IN_2020)).toMatchObject({
      fileDigest: TRANSFER_2020.filedigest,
      chunkNumber: 1,
      chunkOf: 1,
      dataLength: 33,
    });
  });

  test('numbers are exact or absent', () => {
    const text = JSON.stringify(TRANSFER_2020).replace('"n":1,"on":1', '"n":9007199254740993,"on":1e1');
    expect(examined(text, 'TRANSFER', IN_2020)).toMatchObject({ faults: [], chunkNumber: undefined, chunkOf: 10 });
  });
});

test.each(['', '1', 'x'.repeat(36)])('the chunk id %j is no UUID', chunk => {
  expect(pointed({ ...TRANSFER, chunk }, 'TRANSFER')).toEqual([['chunk-id-format', JSON.stringify(chunk)]]);
});
