/** What is remembered has bounds, and what was forgotten accuses nobody. */
import { describe, expect, test } from 'vitest';
import { Connection } from '../../../dissectors/filestorage/connection.ts';
import { Announcements, FileRoom } from '../../../dissectors/filestorage/files.ts';
import {
  MOST_OUTSTANDING,
  MOST_OUTSTANDING_IN_ALL,
  Outstanding,
  RequestPool,
} from '../../../dissectors/filestorage/requests.ts';

const file = (digest: string, size = 10n) => ({ name: digest, size, chunks: 1, digest });

describe('announced files', () => {
  test('beyond the room for them are known to be forgotten', () => {
    const announcements = new Announcements(4, new FileRoom(2));
    for (const digest of ['a', 'b', 'A', 'c']) announcements.add(file(digest), true, 4);
    expect(['a', 'b', 'c'].map(digest => announcements.withDigest(digest)?.announced)).toEqual([20, 10, undefined]);
    expect(announcements).toMatchObject({ forgotSome: true, understood: true, expected: 30 });
  });

  test('make room when their connection is over', () => {
    const room = new FileRoom(1);
    const connection = new Connection(0, 0, 0, new RequestPool());
    connection.announce(4, room).add(file('a'), true, 4);
    connection.announcements?.forget();
    const next = new Announcements(9, room);
    next.add(file('b'), true, 9);
    expect(next.forgotSome).toBe(false);
  });

  test('of one file announced twice are expected once and may be sent twice', () => {
    const announcements = new Announcements(4, new FileRoom());
    announcements.add(file('a'), true, 4);
    announcements.add(file('a'), true, 4);
    expect(announcements.expected).toBe(10);
    expect(announcements.withDigest('a')?.announced).toBe(20);
  });

  test.each([
    { size: 2n ** 64n - 1n, announced: Number.MAX_SAFE_INTEGER },
    { size: 2n ** 53n - 1n, announced: 2 ** 53 - 1 },
    { size: 0n, announced: 0 },
  ])('of $size bytes', ({ size, announced }) => {
    const announcements = new Announcements(4, new FileRoom());
    announcements.add(file('a', size), false, 4);
    expect(announcements.total.announced).toBe(announced);
  });

  test.each([
    { byDigest: false, given: { ...file('a'), size: undefined }, understood: false },
    { byDigest: true, given: { ...file('a'), digest: undefined }, understood: false },
    { byDigest: false, given: { ...file('a'), digest: undefined }, understood: true },
  ])('without what counts are not understood: $understood', ({ byDigest, given, understood }) => {
    const announcements = new Announcements(4, new FileRoom());
    announcements.add(given, byDigest, 4);
    expect(announcements.understood).toBe(understood);
  });
});

describe('requests', () => {
  const fill = (outstanding: Outstanding, count: number) => {
    for (let at = 0; at < count; at++) {
      const request = outstanding.add();
      if (!request) continue;
      Object.assign(request, { seconds: at, due: true });
      outstanding.added(request);
    }
  };

  test('of one connection: the oldest goes, and the next one waits longest', () => {
    const outstanding = new Outstanding(new RequestPool());
    fill(outstanding, MOST_OUTSTANDING);
    expect(outstanding).toMatchObject({ forgotSome: false, waitingSince: 0 });
    fill(outstanding, 1);
    expect(outstanding.all).toHaveLength(MOST_OUTSTANDING);
    expect(outstanding.forgotSome).toBe(true);
  });

  test('of all connections: one that has none to forget remembers none', () => {
    const pool = new RequestPool();
    for (let at = 0; at < MOST_OUTSTANDING_IN_ALL / MOST_OUTSTANDING; at++)
      fill(new Outstanding(pool), MOST_OUTSTANDING);
    const late = new Outstanding(pool);
    expect(late.add()).toBeUndefined();
    expect(late).toMatchObject({ forgotSome: true, waitingSince: Number.POSITIVE_INFINITY });
  });

  test('that were forgotten give up the bytes that they held', () => {
    const outstanding = new Outstanding(new RequestPool());
    const announcements = new Announcements(4, new FileRoom());
    const { total } = announcements;
    total.held = 10;
    Object.assign(outstanding.add()!, { file: total, bytes: 10 });
    fill(outstanding, MOST_OUTSTANDING);
    expect(total.held).toBe(0);
  });

  test('that are answered in any order leave the oldest waiting', () => {
    const outstanding = new Outstanding(new RequestPool());
    fill(outstanding, 3);
    const [first, second, third] = outstanding.all;
    outstanding.remove(second);
    expect(outstanding.waitingSince).toBe(0);
    outstanding.presume(first);
    expect(outstanding.waitingSince).toBe(2);
    outstanding.reported(third);
    expect(outstanding.waitingSince).toBe(Number.POSITIVE_INFINITY);
    outstanding.clear();
    expect(outstanding.all).toEqual([]);
  });
});
