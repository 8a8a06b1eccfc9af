/** What is remembered has bounds, and what was forgotten accuses nobody. */
import { describe, expect, test } from 'vitest';
import { bitsOfDigest } from '../../../dissectors/filestorage/bits.ts';
import type { Connection } from '../../../dissectors/filestorage/connection.ts';
import type { Request } from '../../../dissectors/filestorage/requests.ts';
import { MARK } from '../../../dissectors/filestorage/row.ts';
import { DEFAULT_LIMITS, type Limits } from '../../../src/protocol/limits.ts';
import { closing, first, judge, judgeFrames, second, talkOf, tally } from '../../kit/filestorage.ts';
import { remembering } from './remembering.ts';

const file = (digest: string, size = 10n) => ({ name: digest, size, chunks: 1, digest });

describe('announced files', () => {
  test('beyond the room for them are known to be forgotten', () => {
    const { open, files, hits } = remembering({ 'announced-files': 2 });
    const { announcements } = open();
    announcements.begin(true, 4);
    for (const digest of ['a', 'b', 'A', 'c']) announcements.add(file(digest), true, 4);
    const [a, b, c] = ['a', 'b', 'c'].map(digest => announcements.withDigest(bitsOfDigest(digest)));
    expect([files.announced(a), files.announced(b), c]).toEqual([20, 10, 0]);
    expect(announcements).toMatchObject({ forgotSome: true, understood: true, expected: 30 });
    expect(hits).toEqual(['announced-files']);
  });

  test('make room when their connection is over', () => {
    const { open, hits } = remembering({ 'announced-files': 1 });
    const connection = open();
    connection.announcements.begin(true, 4);
    connection.announcements.add(file('a'), true, 4);
    connection.announcements.forget();
    const next = open();
    next.announcements.begin(true, 9);
    next.announcements.add(file('b'), true, 9);
    expect(next.announcements.forgotSome).toBe(false);
    expect(hits).toEqual([]);
  });

  test('are those of their connection alone', () => {
    const { open, files } = remembering();
    const [one, other] = [open(), open()];
    one.announcements.begin(true, 4);
    one.announcements.add(file('a'), true, 4);
    expect(other.announcements.withDigest(bitsOfDigest('a'))).toBe(0);
    expect(files.frame(one.announcements.withDigest(bitsOfDigest('a')))).toBe(4);
  });

  test('are found by their digests whichever was named before, and not once their connection is over', () => {
    const { open } = remembering();
    const { announcements } = open();
    announcements.begin(true, 4);
    for (const digest of ['a', 'b']) announcements.add(file(digest), true, 4);
    const found = (digest: string) => announcements.withDigest(bitsOfDigest(digest));
    const [a, b] = ['a', 'b'].map(found);
    expect([a, b].map(entry => entry > 0)).toEqual([true, true]);
    expect(['b', 'a', 'a', 'b', 'c', 'b'].map(found)).toEqual([b, a, a, b, 0, b]);
    announcements.forget();
    expect(['b', 'a'].map(found)).toEqual([0, 0]);
  });

  test('of one file announced twice are expected once and may be sent twice', () => {
    const { open, files } = remembering();
    const { announcements } = open();
    announcements.begin(true, 4);
    announcements.add(file('a'), true, 4);
    announcements.add(file('a'), true, 4);
    expect(announcements.expected).toBe(10);
    expect(files.announced(announcements.withDigest(bitsOfDigest('a')))).toBe(20);
  });

  test.each([
    { size: 2n ** 64n - 1n, announced: Number.MAX_SAFE_INTEGER },
    { size: 2n ** 53n - 1n, announced: 2 ** 53 - 1 },
    { size: 2n ** 32n + 5n, announced: 2 ** 32 + 5 },
    { size: 0n, announced: 0 },
  ])('of $size bytes', ({ size, announced }) => {
    const { open, files } = remembering();
    const { announcements } = open();
    announcements.begin(false, 4);
    announcements.add(file('a', size), false, 4);
    expect(files.announced(announcements.total)).toBe(announced);
  });

  test.each([
    { byDigest: false, given: { ...file('a'), size: undefined }, understood: false },
    { byDigest: true, given: { ...file('a'), digest: undefined }, understood: false },
    { byDigest: false, given: { ...file('a'), digest: undefined }, understood: true },
  ])('without what counts are not understood: $understood', ({ byDigest, given, understood }) => {
    const { announcements } = remembering().open();
    announcements.begin(byDigest, 4);
    announcements.add(given, byDigest, 4);
    expect(announcements.understood).toBe(understood);
  });
});

describe('requests', () => {
  const MOST = 5;
  const limits = { 'connection-requests': MOST, requests: 2 * MOST };

  function fill({ outstanding }: Connection, count: number): void {
    for (let at = 0; at < count; at++) {
      const request = outstanding.add();
      if (!request) continue;
      Object.assign(request, { seconds: at, due: true });
      outstanding.added(request);
    }
  }

  function all({ outstanding }: Connection): Request[] {
    const requests: Request[] = [];
    for (let request = outstanding.first; request; request = outstanding.after(request)) requests.push(request);
    return requests;
  }

  test('of one connection: the oldest goes, and the next one waits longest', () => {
    const { open, hits } = remembering(limits);
    const connection = open();
    fill(connection, MOST);
    expect(connection.outstanding).toMatchObject({ forgotSome: false, waitingSince: 0, size: MOST });
    expect(hits).toEqual([]);
    fill(connection, 1);
    expect(connection.outstanding).toMatchObject({ forgotSome: true, size: MOST });
    expect(all(connection).map(({ seconds }) => seconds)).toEqual([1, 2, 3, 4, 0]);
    expect(hits).toEqual(['connection-requests']);
  });

  test('of all connections: one that has none to forget remembers none', () => {
    const { open, hits } = remembering(limits);
    fill(open(), MOST);
    fill(open(), MOST);
    const late = open();
    expect(late.outstanding.add()).toBeUndefined();
    expect(late.outstanding).toMatchObject({ forgotSome: true, waitingSince: Number.POSITIVE_INFINITY });
    expect(hits).toEqual(['requests']);
  });

  test('of a connection that is over make room for others', () => {
    const { open, hits } = remembering(limits);
    const over = open();
    fill(over, MOST);
    fill(open(), MOST);
    over.outstanding.clear();
    expect(over.outstanding).toMatchObject({ size: 0, first: undefined, waitingSince: Number.POSITIVE_INFINITY });
    const next = open();
    fill(next, MOST);
    expect(all(next)).toHaveLength(MOST);
    expect(hits).toEqual([]);
  });

  test('that were forgotten give up the bytes that they held', () => {
    const { open, files } = remembering(limits);
    const connection = open();
    connection.announcements.begin(false, 4);
    const { total } = connection.announcements;
    files.hold(total, 10);
    Object.assign(connection.outstanding.add()!, { file: total, bytes: 10 });
    fill(connection, MOST);
    expect(files.held(total)).toBe(0);
  });

  test('that are answered in any order leave the oldest waiting', () => {
    const connection = remembering().open();
    const { outstanding } = connection;
    fill(connection, 3);
    const [one, two, three] = all(connection);
    outstanding.remove(two);
    expect(outstanding.waitingSince).toBe(0);
    outstanding.presume(one);
    expect(outstanding.waitingSince).toBe(2);
    outstanding.reported(three);
    expect(outstanding.waitingSince).toBe(Number.POSITIVE_INFINITY);
    outstanding.clear();
    expect(all(connection)).toEqual([]);
  });

  test('that are removed from either end of the list leave the others in order', () => {
    const connection = remembering().open();
    const { outstanding } = connection;
    fill(connection, 4);
    const [one, , , four] = all(connection);
    outstanding.remove(four);
    outstanding.remove(one);
    fill(connection, 1);
    expect(all(connection).map(({ seconds }) => seconds)).toEqual([1, 2, 0]);
  });
});

describe('a bound that a capture hits', () => {
  const withLimits = (limits: Partial<Limits>) => ({ engine: { limits: { ...DEFAULT_LIMITS, ...limits } } });
  const upload = { name: 'a', size: 2_000 };
  const hit = (bound: string, times: string) =>
    `filestorage: --limit ${bound} was hit ${times}; what needed more could not be judged`;

  test('on ids: what was used before is not known', async () => {
    const chunk = [first.transfer(2), first.ok(2)];
    const lines = [first.authentication(1, [66]), first.ok(1), ...chunk, ...chunk, ...closing];
    const found = await judge(lines, withLimits({ 'message-ids': 1 }));
    expect(found.report.notes).toEqual([hit('message-ids=1', '4 times')]);
    expect(found.broken).toEqual([]);
    expect(tally(found, 'filestorage/message-id-reused')).toMatchObject({ checked: 1, broken: 0, inconclusive: 2 });
    expect(tally(found, 'filestorage/chunk-reused')).toMatchObject({ checked: 0, broken: 0, inconclusive: 2 });
  });

  test('on files: a chunk of one that is not in the table accuses nobody', async () => {
    const other = { name: 'b', size: 10 };
    const lines = [
      second.authentication(1, [other, upload]),
      second.responses(1, ['Upload OK', 'Upload OK']),
      second.transfer(2, upload),
      second.ok(2),
    ];
    const found = await judge(lines, withLimits({ 'announced-files': 1 }));
    expect(found.report.notes).toEqual([hit('announced-files=1', 'once')]);
    expect(found.broken).toEqual([]);
    for (const rule of ['file-unknown', 'bytes-exceed-announced']) {
      expect(tally(found, `filestorage/${rule}`)).toMatchObject({ checked: 0, inconclusive: 1 });
    }
  });

  test('on files of 2019-12: more bytes than were announced accuse nobody', async () => {
    const talk = (port: number) => {
      const lines = [first.authentication(1, [5]), first.ok(1), first.transfer(2, 33), first.ok(2)];
      return talkOf(lines, 65_000, `10.0.0.1:${port}`).frames();
    };
    const found = await judgeFrames([...talk(40_000), ...talk(40_001)], withLimits({ 'announced-files': 1 }));
    expect(found.report.notes).toEqual([hit('announced-files=1', 'once')]);
    expect(found.broken).toEqual(['bytes-exceed-announced 6']);
    expect(tally(found, 'filestorage/bytes-exceed-announced')).toMatchObject({ broken: 1, inconclusive: 1 });
  });

  test('on requests: an answer to one that was forgotten accuses nobody', async () => {
    const lines = [first.authentication(1), first.transfer(2), first.ok(1), first.ok(2)];
    const found = await judge(lines, withLimits({ 'connection-requests': 1 }));
    expect(found.report.notes).toEqual([hit('connection-requests=1', 'once')]);
    expect(found.broken).toEqual(['transfer-before-ok 5']);
  });

  test('is marked in the connection', () => {
    const { open, identifiers } = remembering({ 'message-ids': 1 });
    const connection = open();
    for (const word of [1, 2]) identifiers.add(connection, 0, new Uint32Array([word, 0, 0, 0]), 4);
    expect(connection.has(MARK.FORGOT_IDENTIFIERS)).toBe(true);
  });
});
