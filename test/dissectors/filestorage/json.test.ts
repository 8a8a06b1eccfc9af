import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editionOf } from '../../../dissectors/filestorage/content.ts';
import type { Edition, Kind } from '../../../dissectors/filestorage/terms.ts';
import { AUTHENTICATION, broken, examined, idsOf, messageOf, OTHER_ID, pointed } from './examining.ts';

describe('a payload that is not JSON', () => {
  test.each<[situation: string, payload: string | Buffer, text: string]>([
    ['nothing', '', ''],
    ['cut short', '{"message-id":', ''],
    ['a value is missing', '{"message-id":,"token":"x"}', ','],
    ['two values', '{}{}', '{'],
    ['a trailing comma', '{"files":[],}', '}'],
    ['a comment', '{} // done', '/'],
    ['single quotes', "{'token':1}", "'"],
    ['not UTF-8', Buffer.from('7b22ff223a317d', 'hex'), '\ufffd'],
    ['a byte order mark', '\ufeff{}', '\ufffd'],
  ])('%s', (_situation, payload, text) => {
    expect(pointed(payload, 'AUTHENTICATION')).toEqual([['not-json', text]]);
  });

  test('tells nothing', () => {
    expect(examined('{"message-id":', 'AUTHENTICATION')).toMatchObject({ isObject: false, messageId: undefined });
  });

  test('of another edition is reported in the same way', () => {
    expect(broken('{', 'RESPONSES', { edition: '2020-01' })).toEqual(['not-json']);
  });
});

test.each(['[]', '"Ok"', '42', 'true', 'null', ' [{"message-id":1}] '])('%s is JSON but no object', payload => {
  expect(pointed(payload, 'AUTHENTICATION')).toEqual([['not-object', payload.trim()]]);
  expect(examined(payload, 'AUTHENTICATION')).toMatchObject({ isObject: false, inconclusive: [] });
  expect(idsOf(examined(payload, 'AUTHENTICATION').passed)).toEqual(['filestorage/not-json']);
});

describe('what cannot be judged is no fault', () => {
  test('the capture holds only part of the message', () => {
    const content = examined(AUTHENTICATION, 'AUTHENTICATION', { captured: 40 });
    expect(content).toMatchObject({ isObject: false, faults: [], passed: [] });
    expect(idsOf(content.inconclusive)).toContain('filestorage/not-json');
    expect(idsOf(content.inconclusive)).toContain('filestorage/missing-field');
  });

  test('it is nested too deep', () => {
    const content = examined(`{"files":${'['.repeat(70)}${']'.repeat(70)}}`, 'AUTHENTICATION');
    expect(content).toMatchObject({ isObject: false, faults: [], passed: [] });
    expect(idsOf(content.inconclusive)).toContain('filestorage/not-json');
  });

  test('a message shorter than the header has an empty payload', () => {
    const message = messageOf('');
    message.assign(message.bytes, message.start, 3, 3);
    expect(editionOf(message)).toBe('2019-12');
  });
});

describe('the edition that the first message shows', () => {
  test.each<[payload: unknown, edition: string]>([
    [AUTHENTICATION, '2019-12'],
    [{ mid: 'x', token: { uid: 1, login: 'jo' }, files: [] }, '2019-12'],
    [{ uploads: [] }, '2020-01'],
    [{ downloads: [] }, '2020-01'],
    [{ requests: [] }, '2020-01'],
    [{ uploads: 'of the wrong type' }, '2020-01'],
    [{ token: { uploads: [] } }, '2019-12'],
    [['uploads'], '2019-12'],
    ['{"uploads":', '2019-12'],
    ['{"up\\u006coads":1}', '2020-01'],
  ])('%j: %s', (payload, edition) => {
    expect(editionOf(messageOf(payload))).toBe(edition);
  });
});

describe('whatever comes', () => {
  const names = ['message-id', 'mid', 'token', 'files', 'name', 'size', 'fid', 'tags', 'chunk', 'data', 'response'];
  const later = ['reason', 'uploads', 'downloads', 'file', 'nb_chunks', 'digest', 'filedigest', 'n', 'on', 'responses'];
  const name = fc.constantFrom(...names, ...later, 'x', '');
  const scalar = fc.oneof(
    fc.constantFrom('Ok', 'Error', 'Not Ok', '', 'AAAA', 'a.b.c', '../x', OTHER_ID, null, true),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
  );
  const { value } = fc.letrec(tie => ({
    value: fc.oneof({ depthSize: 'small' }, scalar, fc.array(tie('value'), { maxLength: 3 }), tie('object')),
    object: fc.dictionary(name, tie('value'), { maxKeys: 6 }),
  }));
  const object = fc.dictionary(name, value, { maxKeys: 10 });
  const edition = fc.constantFrom<Edition>('2019-12', '2020-01');
  const kind = fc.constantFrom<Kind>('AUTHENTICATION', 'UPLOAD-REQUEST', 'RESPONSE', 'RESPONSES', 'TRANSFER', 'ERROR');
  const idField = fc.constantFrom('message-id', 'mid', 'either');
  const options = fc.record({ edition, idField, token: fc.constantFrom('jwt', 'any') });

  test('no rule is both kept and broken, and findings point into the message', () => {
    fc.assert(
      fc.property(object, kind, options, (payload, kind, options) => {
        const { length } = messageOf(payload);
        const { faults, passed, inconclusive } = examined(payload, kind, options);
        const broken = faults.map(({ rule }) => rule);
        expect(passed.filter(rule => broken.includes(rule))).toEqual([]);
        expect(inconclusive).toEqual([]);
        const outside = faults.filter(({ evidence: { bytes } }) => !bytes || bytes.offset + bytes.length > length);
        expect(outside).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  test('the same message has the same list of rules that it keeps', () => {
    expect(examined(AUTHENTICATION, 'AUTHENTICATION').passed).toBe(examined(AUTHENTICATION, 'AUTHENTICATION').passed);
  });
});
