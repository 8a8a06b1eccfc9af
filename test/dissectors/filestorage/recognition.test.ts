/** How filestorage is known by its bytes, whole and in pieces. */
import { describe, expect, test } from 'vitest';
import filestorage from '../../../dissectors/filestorage/index.ts';
import { Dialect } from '../../../src/dialect.ts';
import { CLIENT, data, first, libipc, second } from '../../kit/filestorage.ts';

const NOTHING = new Uint8Array(0);
const recognised = (client: Uint8Array) => filestorage.recogniseStream?.({ client, server: NOTHING });
const authentication = (text: string) => libipc(2, 1, Buffer.from(text));

describe('a connection', () => {
  test.each([
    ['an AUTHENTICATION of 2019-12', first.authentication(1).bytes, 'yes'],
    ['an AUTHENTICATION of 2020-01', second.authentication(1, []).bytes, 'yes'],
    ['one that is not JSON', authentication('{ "token" oh'), 'yes'],
    ['one whose token comes at byte 1024', authentication(`{${' '.repeat(1024 - 8)}"token"`), 'yes'],
    ['one whose token comes later', authentication(`{${' '.repeat(1024 - 7)}"token"`), 'no'],
    ['one without a token', authentication('{"files":[]}'), 'no'],
    ['one without a brace', authentication('["token"]'), 'no'],
    ['one without a payload', authentication(''), 'no'],
    ['another message', first.transfer(2).bytes, 'no'],
    ['another type of libipc', libipc(1, 1, Buffer.from('{"token":1}')), 'no'],
    ['a length that libipc does not allow', libipc(2, 1, Buffer.from('{"token":1}'), 7_999_995), 'no'],
    ['nothing yet', NOTHING, 'more'],
    ['text', Buffer.from('GET / HTTP/1.1'), 'no'],
  ])('that begins with %s', (_, bytes, answer) => {
    expect(recognised(bytes)).toBe(answer);
  });

  test.each([first.authentication(1).bytes, authentication(`{"a":"${'x'.repeat(2_000)}","token":1}`)])(
    'is recognised by any beginning as by the whole, or not yet',
    bytes => {
      const whole = recognised(bytes);
      const answers = Array.from({ length: bytes.length + 1 }, (_, length) => recognised(bytes.subarray(0, length)));
      const decided = answers.findIndex(answer => answer !== 'more');
      expect(answers.slice(0, decided)).toEqual(Array(decided).fill('more'));
      expect(answers.slice(decided)).toEqual(Array(answers.length - decided).fill(whole));
    },
  );
});

describe('behind a loss', () => {
  const begins = (bytes: Uint8Array, at = 0) => filestorage.resync?.(bytes, at, bytes.length);

  test('every message with a member is a beginning', () => {
    const lines = [
      first.authentication(1),
      first.ok(1),
      first.transfer(2),
      second.error(1),
      second.transfer(2, { name: 'a', size: 1 }),
    ];
    expect(lines.map(({ bytes }) => begins(bytes))).toEqual(lines.map(() => true));
  });

  test.each([
    ['an empty object', data(CLIENT, 3, {}).bytes],
    ['a user type that no edition has', data(CLIENT, 7, { a: 1 }).bytes],
    ['another type', libipc(1, 3, Buffer.from('{"a":1}'))],
    ['a length that libipc does not allow', libipc(2, 3, Buffer.from('{"a":1}'), 8_000_000)],
    ['too few bytes to tell', first.transfer(2).bytes.subarray(0, 7)],
    ['the middle of a message', first.transfer(2).bytes.subarray(6)],
    ['nothing', NOTHING],
  ])('%s is none', (_, bytes) => {
    expect(begins(bytes)).toBe(false);
  });
});

describe('the dialect', () => {
  const problem = (settings: Record<string, string>) =>
    filestorage.dialectProblem?.(new Dialect(filestorage.dialect, new Map(Object.entries(settings))));

  test.each([
    [{}, false],
    [{ tokenKey: '00' }, false],
    [{ tokenKey: '00', token: 'any' }, true],
    [{ tokenKey: '00', edition: '2020-01' }, true],
    [{ token: 'any', edition: '2020-01' }, false],
  ])('%o', (settings, wrong) => {
    expect(problem(settings) !== undefined).toBe(wrong);
  });
});
