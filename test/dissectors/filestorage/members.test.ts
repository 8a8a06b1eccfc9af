import { describe, expect, test } from 'vitest';
import type { Kind } from '../../../dissectors/filestorage/terms.ts';
import {
  AUTHENTICATION,
  AUTHENTICATION_2020,
  broken,
  examined,
  FILE_2020,
  ID,
  idsOf,
  OTHER_ID,
  passed,
  pointed,
  RESPONSE,
  TRANSFER,
  TRANSFER_2020,
  without,
} from './examining.ts';

const IN_2020 = { edition: '2020-01' } as const;
const UPLOAD = AUTHENTICATION_2020.uploads[0];

describe('a sound message breaks nothing', () => {
  test.each<[kind: Kind, payload: unknown]>([
    ['AUTHENTICATION', AUTHENTICATION],
    ['AUTHENTICATION', { ...AUTHENTICATION, files: [], fid: OTHER_ID, tags: ['a', 'b'] }],
    ['RESPONSE', RESPONSE],
    ['RESPONSE', { ...RESPONSE, response: 'Error', reason: 'disk full' }],
    ['TRANSFER', TRANSFER],
    ['TRANSFER', { ...TRANSFER, data: [0, 255] }],
  ])('2019-12 %s %j', (kind, payload) => {
    expect(broken(payload, kind)).toEqual([]);
    expect(passed(payload, kind)).toEqual(expect.arrayContaining(['missing-field', 'field-type', 'unknown-field']));
  });

  test.each<[kind: Kind, payload: unknown]>([
    ['ERROR', { mid: ID, reason: 'no' }],
    ['AUTHENTICATION', AUTHENTICATION_2020],
    ['AUTHENTICATION', { mid: ID, token: { uid: 1, login: '' }, requests: [UPLOAD] }],
    ['AUTHENTICATION', { ...AUTHENTICATION_2020, uploads: [{ mid: ID, file: { ...FILE_2020, tags: ['a'] } }] }],
    ['UPLOAD-REQUEST', UPLOAD],
    ['DOWNLOAD-REQUEST', { mid: ID, name: 'hello.txt' }],
    ['RESPONSE', { mid: ID, response: 'Upload OK' }],
    ['RESPONSE', { mid: ID, response: 'Not Ok', reason: 'no' }],
    ['RESPONSES', { mid: ID, responses: [{ mid: OTHER_ID, response: 'Not OK' }], response: 'Ok' }],
    ['TRANSFER', TRANSFER_2020],
  ])('2020-01 %s %j', (kind, payload) => {
    expect(broken(payload, kind, IN_2020)).toEqual([]);
  });
});

describe('a member that must be there is absent', () => {
  test.each<[kind: Kind, payload: object, names: readonly string[]]>([
    ['AUTHENTICATION', AUTHENTICATION, ['message-id', 'token', 'files']],
    ['RESPONSE', RESPONSE, ['message-id', 'response']],
    ['TRANSFER', TRANSFER, ['message-id', 'chunk', 'data']],
  ])('2019-12 %s', (kind, payload, names) => {
    for (const name of names) expect(broken(without(payload, name as never), kind)).toEqual(['missing-field']);
    expect(broken({}, kind)).toEqual(names.map(() => 'missing-field'));
  });

  test.each<[kind: Kind, payload: object, names: readonly string[]]>([
    ['ERROR', { mid: ID, reason: 'no' }, ['mid', 'reason']],
    ['AUTHENTICATION', AUTHENTICATION_2020, ['mid', 'token', 'uploads']],
    ['UPLOAD-REQUEST', UPLOAD, ['mid', 'file']],
    ['DOWNLOAD-REQUEST', { mid: ID, name: 'x' }, ['mid', 'name']],
    ['RESPONSE', { mid: ID, response: 'Ok' }, ['mid', 'response']],
    ['RESPONSES', { mid: ID, responses: [], response: 'Ok' }, ['mid', 'responses', 'response']],
    ['TRANSFER', TRANSFER_2020, ['mid', 'filedigest', 'chunk', 'data']],
  ])('2020-01 %s', (kind, payload, names) => {
    for (const name of names) expect(broken(without(payload, name as never), kind, IN_2020)).toEqual(['missing-field']);
    expect(broken({}, kind, IN_2020)).toEqual(names.map(() => 'missing-field'));
  });

  test('in a nested object it points at that object', () => {
    expect(pointed({ ...AUTHENTICATION, files: [{ name: 'a', size: 1 }, { name: 'b' }] }, 'AUTHENTICATION')).toEqual([
      ['missing-field', '{"name":"b"}'],
    ]);
    const chunk = without(TRANSFER_2020.chunk, 'on');
    expect(pointed({ ...TRANSFER_2020, chunk }, 'TRANSFER', IN_2020)).toEqual([
      ['missing-field', JSON.stringify(chunk)],
    ]);
    for (const name of ['name', 'size', 'nb_chunks', 'digest'] as const) {
      const file = without(FILE_2020, name);
      expect(pointed({ mid: ID, file }, 'UPLOAD-REQUEST', IN_2020)).toEqual([['missing-field', JSON.stringify(file)]]);
    }
    expect(broken({ ...AUTHENTICATION_2020, token: {} }, 'AUTHENTICATION', IN_2020)).toEqual([
      'missing-field',
      'missing-field',
    ]);
    expect(broken({ mid: ID, responses: [{}], response: 'Ok' }, 'RESPONSES', IN_2020)).toEqual([
      'missing-field',
      'missing-field',
    ]);
  });
});

describe('a member of the wrong type', () => {
  test.each<[member: string, value: unknown]>([
    ['message-id', 42],
    ['message-id', null],
    ['token', { uid: 1002, login: 'jo' }],
    ['files', {}],
    ['fid', 7],
    ['tags', 'holidays'],
  ])('"%s" of an AUTHENTICATION is %j: nothing else is said of it', (member, value) => {
    expect(pointed({ ...AUTHENTICATION, [member]: value }, 'AUTHENTICATION')).toEqual([
      ['field-type', JSON.stringify(value)],
    ]);
  });

  test.each<[payload: object, kind: Kind]>([
    [{ ...RESPONSE, response: true }, 'RESPONSE'],
    [{ ...RESPONSE, response: 'Error', reason: null }, 'RESPONSE'],
    [{ ...RESPONSE, reason: 1 }, 'RESPONSE'],
    [{ ...TRANSFER, chunk: 1 }, 'TRANSFER'],
    [{ ...TRANSFER, data: { 0: 1 } }, 'TRANSFER'],
    [{ ...TRANSFER, data: null }, 'TRANSFER'],
    [{ ...AUTHENTICATION, files: ['hello.txt'] }, 'AUTHENTICATION'],
    [{ ...AUTHENTICATION, files: [{ name: 1, size: 1 }] }, 'AUTHENTICATION'],
    [{ ...AUTHENTICATION, files: [{ name: 'a', size: '33' }] }, 'AUTHENTICATION'],
    [{ ...AUTHENTICATION, tags: [1] }, 'AUTHENTICATION'],
  ])('2019-12 %j', (payload, kind) => {
    expect(broken(payload, kind)).toEqual(['field-type']);
  });

  test.each<[payload: object, kind: Kind]>([
    [{ ...AUTHENTICATION_2020, token: 'a.b.c' }, 'AUTHENTICATION'],
    [{ ...AUTHENTICATION_2020, token: { uid: '1002', login: 'jo' } }, 'AUTHENTICATION'],
    [{ ...AUTHENTICATION_2020, token: { uid: 1.5, login: 'jo' } }, 'AUTHENTICATION'],
    [{ ...AUTHENTICATION_2020, downloads: null }, 'AUTHENTICATION'],
    [{ ...AUTHENTICATION_2020, uploads: [1] }, 'AUTHENTICATION'],
    [{ mid: ID, file: { ...FILE_2020, nb_chunks: '1' } }, 'UPLOAD-REQUEST'],
    [{ mid: ID, file: { ...FILE_2020, digest: 1 } }, 'UPLOAD-REQUEST'],
    [{ mid: ID, file: 'hello.txt' }, 'UPLOAD-REQUEST'],
    [{ mid: ID, responses: [{ mid: 1, response: 'Ok' }], response: 'Ok' }, 'RESPONSES'],
    [{ ...TRANSFER_2020, chunk: { ...TRANSFER_2020.chunk, n: 0.5 } }, 'TRANSFER'],
    [{ ...TRANSFER_2020, chunk: { ...TRANSFER_2020.chunk, digest: null } }, 'TRANSFER'],
    [{ ...TRANSFER_2020, data: [72, 101] }, 'TRANSFER'],
  ])('2020-01 %j', (payload, kind) => {
    expect(broken(payload, kind, IN_2020)).toEqual(['field-type']);
  });

  test('each of several is reported, in the order of the bytes', () => {
    expect(pointed({ ...AUTHENTICATION, fid: 1, tags: [2, 'a', 3] }, 'AUTHENTICATION')).toEqual([
      ['field-type', '1'],
      ['field-type', '2'],
      ['field-type', '3'],
    ]);
  });
});

describe('a member that appears twice', () => {
  const twice = (members: string) => `{"message-id":"${ID}","chunk":"${OTHER_ID}",${members}}`;

  test('is reported once, and the last is judged', () => {
    expect(pointed(twice('"data":1,"data":"SGVsbG8="'), 'TRANSFER')).toEqual([
      ['duplicate-field', '"data":"SGVsbG8="'],
    ]);
    expect(examined(twice('"data":"","data":"SGVsbG8="'), 'TRANSFER').dataLength).toBe(5);
    expect(broken(twice('"data":"SGVsbG8=","data":1'), 'TRANSFER').sort()).toEqual(['duplicate-field', 'field-type']);
  });

  test('three times is reported once', () => {
    expect(broken(twice('"data":"","data":"","data":"SGVsbG8="'), 'TRANSFER')).toEqual(['duplicate-field']);
  });

  test('under another spelling is the same member', () => {
    expect(broken(twice('"data":"SGVsbG8=","d\\u0061ta":"SGVsbG8="'), 'TRANSFER')).toEqual(['duplicate-field']);
  });

  test('in a nested object', () => {
    const text = JSON.stringify(TRANSFER_2020).replace('"on":1', '"on":1,"on":1');
    expect(pointed(text, 'TRANSFER', IN_2020)).toEqual([['duplicate-field', '"on":1']]);
  });

  test('in an object that the specification says nothing about', () => {
    const token = '{"uid":1,"uid":2,"more":[{"a":1,"b":2,"a":3}]}';
    const text = `{"message-id":"${ID}","token":${token},"files":[]}`;
    expect(broken(text, 'AUTHENTICATION', { token: 'any' })).toEqual(['duplicate-field', 'duplicate-field']);
  });

  test('of an unknown name', () => {
    expect(broken(twice('"data":"SGVsbG8=","x":1,"x":2'), 'TRANSFER').sort()).toEqual([
      'duplicate-field',
      'unknown-field',
    ]);
  });

  test('two objects of one array may have the same members', () => {
    const files = [
      { name: 'a', size: 1 },
      { name: 'a', size: 1 },
    ];
    expect(broken({ ...AUTHENTICATION, files }, 'AUTHENTICATION')).toEqual([]);
  });
});

describe('a member that the table does not have', () => {
  test.each(['x', '', 'Token', '__proto__', 'constructor', 'uploads'])('"%s"', name => {
    const text = JSON.stringify(AUTHENTICATION).replace('{', `{${JSON.stringify(name)}:[1],`);
    expect(pointed(text, 'AUTHENTICATION')).toEqual([['unknown-field', `${JSON.stringify(name)}:[1]`]]);
  });

  test('in nested objects', () => {
    expect(pointed({ ...AUTHENTICATION, files: [{ name: 'a', size: 1, mode: 2 }] }, 'AUTHENTICATION')).toEqual([
      ['unknown-field', '"mode":2'],
    ]);
    const chunk = { ...TRANSFER_2020.chunk, of: 1 };
    expect(broken({ ...TRANSFER_2020, chunk }, 'TRANSFER', IN_2020)).toEqual(['unknown-field']);
  });

  test('members of the other edition', () => {
    expect(broken({ ...AUTHENTICATION_2020, fid: ID }, 'AUTHENTICATION', IN_2020)).toEqual(['unknown-field']);
    expect(broken({ ...TRANSFER, filedigest: '' }, 'TRANSFER')).toEqual(['unknown-field']);
  });

  test('a thousand of them are listed, of the others it is said that there are more', () => {
    const many = Object.fromEntries(Array.from({ length: 1_001 }, (_, i) => [`m${i}`, i]));
    const content = examined({ ...RESPONSE, ...many }, 'RESPONSE');
    expect(content.faults).toHaveLength(1_000);
    expect(idsOf(content.inconclusive)).toEqual(['filestorage/unknown-field']);
    expect(idsOf(content.passed)).not.toContain('filestorage/unknown-field');
  });
});

describe('the message id', () => {
  test.each(['42', '', `{${ID}}`, ID.replaceAll('-', ''), `${ID}0`, `${ID}\n`, ID.replace('9', 'g')])(
    '%j is no UUID',
    id => {
      const payload = { ...AUTHENTICATION, 'message-id': id };
      expect(pointed(payload, 'AUTHENTICATION')).toEqual([['message-id-format', JSON.stringify(id)]]);
      expect(examined(payload, 'AUTHENTICATION').messageId).toBe(id);
    },
  );

  test('a UUID in capitals, or of no known version, is one', () => {
    for (const id of [ID.toUpperCase(), '00000000-0000-0000-0000-000000000000']) {
      expect(broken({ ...TRANSFER, 'message-id': id }, 'TRANSFER')).toEqual([]);
    }
  });

  test('of every request, and of those in an AUTHENTICATION', () => {
    expect(broken({ ...TRANSFER, 'message-id': 'x' }, 'TRANSFER')).toEqual(['message-id-format']);
    expect(broken({ mid: 'x', name: 'a' }, 'DOWNLOAD-REQUEST', IN_2020)).toEqual(['message-id-format']);
    expect(broken({ ...UPLOAD, mid: 'x' }, 'UPLOAD-REQUEST', IN_2020)).toEqual(['message-id-format']);
    expect(broken({ ...AUTHENTICATION_2020, uploads: [{ ...UPLOAD, mid: 'x' }] }, 'AUTHENTICATION', IN_2020)).toEqual([
      'message-id-format',
    ]);
  });

  test('of an answer is whatever the request had', () => {
    expect(broken({ ...RESPONSE, 'message-id': 'x' }, 'RESPONSE')).toEqual([]);
    expect(examined({ ...RESPONSE, 'message-id': 'x' }, 'RESPONSE').messageId).toBe('x');
  });
});

describe('what the id is called', () => {
  const mid = { mid: ID, chunk: OTHER_ID, data: 'SGVsbG8=' };
  const both = { ...TRANSFER, mid: OTHER_ID };

  test('message-id: "mid" in its place is one fault; beside it, an unknown member', () => {
    expect(broken(mid, 'TRANSFER')).toEqual(['missing-field']);
    expect(broken(both, 'TRANSFER')).toEqual(['unknown-field']);
    expect(examined(mid, 'TRANSFER').messageId).toBeUndefined();
  });

  test('mid: the other way round', () => {
    expect(broken(mid, 'TRANSFER', { idField: 'mid' })).toEqual([]);
    expect(broken(TRANSFER, 'TRANSFER', { idField: 'mid' })).toEqual(['missing-field']);
  });

  test('either: whichever is there', () => {
    expect(examined(mid, 'TRANSFER', { idField: 'either' })).toMatchObject({ faults: [], messageId: ID });
    expect(examined(TRANSFER, 'TRANSFER', { idField: 'either' })).toMatchObject({ faults: [], messageId: ID });
    expect(examined(both, 'TRANSFER', { idField: 'either' })).toMatchObject({ faults: [], messageId: ID });
    expect(broken(without(mid, 'mid'), 'TRANSFER', { idField: 'either' })).toEqual(['missing-field']);
  });

  test('2020-01 calls it mid whatever was set', () => {
    expect(broken(TRANSFER_2020, 'TRANSFER', { ...IN_2020, idField: 'message-id' })).toEqual([]);
  });
});
