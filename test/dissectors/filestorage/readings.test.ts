/** How the specification is read where it leaves something open: each settled reading of the catalogue, by an example. */
import { describe, expect, test } from 'vitest';
import { closing, first, judge } from '../../kit/filestorage.ts';
import { AUTHENTICATION, AUTHENTICATION_2020, broken, OTHER_ID, pointed, RESPONSE, TRANSFER } from './examining.ts';

const written = (payload: object, member: string, value: string) =>
  JSON.stringify({ ...payload, [member]: '?' }).replace('"?"', value);

describe('numbers', () => {
  test.each(['5.0', '1e3', '0.5e1', '10e-1'])('%s is an integer', size => {
    const file = `[{ "name": "a", "size": ${size} }]`;
    expect(broken(written(AUTHENTICATION, 'files', file), 'AUTHENTICATION')).toEqual([]);
  });

  test.each(['5.5', '1e-1'])('%s is none', size => {
    const file = `[{ "name": "a", "size": ${size} }]`;
    expect(pointed(written(AUTHENTICATION, 'files', file), 'AUTHENTICATION')).toEqual([['file-size-range', size]]);
  });

  test('5.0 and 1e2 are bytes', () => {
    expect(broken(written(TRANSFER, 'data', '[5.0, 1e2]'), 'TRANSFER')).toEqual([]);
  });
});

describe('null in an optional member has the wrong type', () => {
  test.each(['fid', 'tags'])('%s', member => {
    expect(pointed({ ...AUTHENTICATION, [member]: null }, 'AUTHENTICATION')).toEqual([['field-type', 'null']]);
  });

  test('reason of an Ok', () => {
    expect(broken({ ...RESPONSE, reason: null }, 'RESPONSE')).toEqual(expect.arrayContaining(['field-type']));
  });

  test('downloads', () => {
    const found = pointed({ ...AUTHENTICATION_2020, downloads: null }, 'AUTHENTICATION', { edition: '2020-01' });
    expect(found).toEqual([['field-type', 'null']]);
  });
});

describe('base64', () => {
  test.each(['SGVsbG8', 'SGVsbG8hIQ', 'SGVsbG8hI-==', '_-==', 'AA=A', 'AAAAA==='])('%s is none', value => {
    expect(pointed({ ...TRANSFER, data: value }, 'TRANSFER')).toEqual([['data-encoding', `"${value}"`]]);
  });

  test.each(['SGVsbG8=', 'SGVs\nbG8=\n', '+/8='])('%j is some', value => {
    expect(broken({ ...TRANSFER, data: value }, 'TRANSFER')).toEqual([]);
  });
});

describe('a UUID needs its dashes', () => {
  const bare = OTHER_ID.replaceAll('-', '');

  test.each([bare, `{${OTHER_ID}}`, `urn:uuid:${OTHER_ID}`, OTHER_ID.replace('-', '')])('%s is none', value => {
    expect(broken({ ...TRANSFER, chunk: value }, 'TRANSFER')).toEqual(['chunk-id-format']);
    expect(broken({ ...TRANSFER, 'message-id': value }, 'TRANSFER')).toEqual(['message-id-format']);
    expect(broken({ ...AUTHENTICATION, fid: value }, 'AUTHENTICATION')).toEqual(['fid-format']);
  });

  test('whose letters may be large', () => {
    expect(broken({ ...TRANSFER, chunk: OTHER_ID.toUpperCase() }, 'TRANSFER')).toEqual([]);
  });
});

describe('one finding a bad element', () => {
  test('of the tags', () => {
    const tags = ['a', 1, 'b', null, { c: 1 }];
    expect(pointed({ ...AUTHENTICATION, tags }, 'AUTHENTICATION')).toEqual([
      ['field-type', '1'],
      ['field-type', 'null'],
      ['field-type', '{"c":1}'],
    ]);
  });

  test('of the files', () => {
    const files = [7, { name: 'a', size: 1 }, 'x', { name: 'b', size: -1 }];
    expect(pointed({ ...AUTHENTICATION, files }, 'AUTHENTICATION')).toEqual([
      ['field-type', '7'],
      ['field-type', '"x"'],
      ['file-size-range', '-1'],
    ]);
  });
});

describe('between messages', () => {
  const { authentication, ok, error, transfer } = first;

  test('a TRANSFER answered Error does not count against what was announced', async () => {
    const again = [transfer(2), error(2), transfer(3), error(3), transfer(4), ok(4)];
    expect((await judge([authentication(1), ok(1), ...again, ...closing])).broken).toEqual([]);
    const stored = [transfer(2), ok(2), transfer(3), ok(3)];
    const found = await judge([authentication(1), ok(1), ...stored, ...closing]);
    expect(found.broken).toEqual(['bytes-exceed-announced 8']);
  });

  test('a second TRANSFER before Ok is one too many again', async () => {
    const found = await judge([authentication(1, [66]), transfer(2), transfer(3), ok(1), ok(2), ok(3), ...closing]);
    expect(found.broken).toEqual(['transfer-before-ok 5', 'transfer-before-ok 6']);
  });
});
