import { describe, expect, test } from 'vitest';
import { countOf, integerOf } from '../../../dissectors/filestorage/integers.ts';
import { AUTHENTICATION, broken, examined, FILE_2020, ID, passed, pointed } from './examining.ts';

/** An AUTHENTICATION whose only file has this size, as written. */
function announcing(size: string): string {
  return JSON.stringify(AUTHENTICATION).replace('"size":33', `"size":${size}`);
}

describe('the size of a file', () => {
  test.each<[size: string, value: bigint]>([
    ['0', 0n],
    ['-0', 0n],
    ['33', 33n],
    ['9007199254740993', 9007199254740993n],
    ['18446744073709551615', 18446744073709551615n],
    ['1e3', 1000n],
    ['1.50e1', 15n],
    ['10.0', 10n],
    ['0e999999999', 0n],
    ['184467440737095516150e-1', 18446744073709551615n],
  ])('%s is an integer in the range', (size, value) => {
    const content = examined(announcing(size), 'AUTHENTICATION');
    expect(content.faults).toEqual([]);
    expect(content.files).toEqual([{ name: 'hello.txt', size: value, chunks: undefined, digest: undefined }]);
  });

  test.each([
    '18446744073709551616',
    '-1',
    '0.5',
    '33.1',
    '1e20',
    '1e999999999',
    '-1e999999999',
    '1e-1',
    '1e-999999999',
  ])('%s is not', size => {
    expect(pointed(announcing(size), 'AUTHENTICATION')).toEqual([['file-size-range', size]]);
    expect(examined(announcing(size), 'AUTHENTICATION').files[0].size).toBeUndefined();
  });

  test('no number of digits takes long', () => {
    const zeros = '0'.repeat(200_000);
    expect(integerOf(`1${zeros}1`)).toBe(10n ** 40n);
    expect(integerOf(`1${zeros}1.5`)).toBeUndefined();
    expect(integerOf(`0.${zeros}1`)).toBeUndefined();
    expect(integerOf(`1${zeros}e-200000`)).toBe(1n);
  });

  test('of each file of both editions', () => {
    const files = [
      { name: 'a', size: -1 },
      { name: 'b', size: 1 },
      { name: 'c', size: 0.5 },
    ];
    expect(broken({ ...AUTHENTICATION, files }, 'AUTHENTICATION')).toEqual(['file-size-range', 'file-size-range']);
    const file = { ...FILE_2020, size: -1 };
    expect(broken({ mid: ID, file }, 'UPLOAD-REQUEST', { edition: '2020-01' })).toEqual(['file-size-range']);
  });

  test('of no file is not judged', () => {
    expect(passed({ ...AUTHENTICATION, files: [] }, 'AUTHENTICATION')).not.toContain('file-size-range');
  });
});

describe('a count', () => {
  test.each<[text: string, count: number | undefined]>([
    ['0', 0],
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', undefined],
    ['1e2', 100],
    ['-1', undefined],
    ['0.5', undefined],
  ])('%s', (text, count) => {
    expect(countOf(text)).toBe(count);
  });
});

describe('the name of a file', () => {
  const named = (name: string) => ({ ...AUTHENTICATION, files: [{ name, size: 1 }] });

  test.each([
    '',
    '/etc/passwd',
    '\\server',
    'C:\\boot.ini',
    'c:/boot.ini',
    '..',
    '../x',
    'a/../b',
    'a/..',
    '..\\x',
    'a\0b',
    'a\nb',
    'a\x1b[2Jb',
    'a\x7f',
    'a\u0085',
  ])('%j is unsafe', name => {
    expect(pointed(named(name), 'AUTHENTICATION')).toEqual([['file-name-unsafe', JSON.stringify(name)]]);
    expect(examined(named(name), 'AUTHENTICATION').files[0].name).toBe(name);
  });

  test.each(['a', 'a/b.txt', '.', './a', '...', '..a', 'a..', 'a/..b', 'C:', 'poème été.txt', '\u202ea', ' '])(
    '%j is safe',
    name => {
      expect(broken(named(name), 'AUTHENTICATION')).toEqual([]);
    },
  );

  test('that is asked for, or announced later', () => {
    const edition = '2020-01';
    expect(broken({ mid: ID, name: '../x' }, 'DOWNLOAD-REQUEST', { edition })).toEqual(['file-name-unsafe']);
    const file = { ...FILE_2020, name: '' };
    expect(broken({ mid: ID, file }, 'UPLOAD-REQUEST', { edition })).toEqual(['file-name-unsafe']);
  });
});

describe('fid', () => {
  test('is a UUID', () => {
    expect(broken({ ...AUTHENTICATION, fid: ID }, 'AUTHENTICATION')).toEqual([]);
    expect(passed({ ...AUTHENTICATION, fid: ID }, 'AUTHENTICATION')).toContain('fid-format');
  });

  test.each(['', '7', `${ID}-`])('%j is none', fid => {
    expect(pointed({ ...AUTHENTICATION, fid }, 'AUTHENTICATION')).toEqual([['fid-format', JSON.stringify(fid)]]);
  });

  test('may be absent', () => {
    expect(passed(AUTHENTICATION, 'AUTHENTICATION')).not.toContain('fid-format');
  });
});

test('the files of an AUTHENTICATION of 2020-01, under either name', () => {
  const requests = [
    { mid: ID, file: FILE_2020 },
    { mid: ID, file: { ...FILE_2020, name: 'b', nb_chunks: -1 } },
  ];
  const first = { name: 'hello.txt', size: 33n, chunks: 1, digest: FILE_2020.digest };
  for (const list of ['uploads', 'requests']) {
    const payload = { mid: ID, token: { uid: 1, login: 'jo' }, [list]: requests };
    const { files } = examined(payload, 'AUTHENTICATION', { edition: '2020-01' });
    expect(files).toEqual([first, { ...first, name: 'b', chunks: undefined }]);
  }
});
