/** What goes through a queue, as anyone may have written it who reaches the Redis. */
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import type { Judged } from '../../src/cli/judging.ts';
import { parseQueueAddress } from '../../src/cli/queue-address.ts';
import {
  jobId,
  placeOf,
  queueName,
  readJob,
  readResult,
  readSetup,
  writeResult,
} from '../../src/cli/queue-messages.ts';
import { recordedShare } from '../kit/share-notes.ts';

const JOB = { run: 'r', place: '/shared/a.pcap', task: { index: 0, path: 'a.pcap' } };
const PART = { share: { index: 1, of: 2, classes: 6 }, unseenSince: 7 };
const withPart = (part: unknown) => ({ ...JOB, task: { ...JOB.task, part } });

describe('a job', () => {
  test('is read as it was written', () => {
    const own = { rule: ['mnet/*=off'], capture: 'lossy' };
    for (const task of [
      { ...JOB.task, own },
      withPart(PART).task,
      withPart({ share: { index: 15, of: 16, classes: 0xffff } }).task,
    ])
      expect(readJob({ ...JOB, task })).toEqual({ ...JOB, task });
  });

  test.each([
    [{ ...JOB, place: '-' }, 'place: neither'],
    [{ ...JOB, place: '../a.pcap' }, 'place: neither'],
    [{ ...JOB, place: 'file:///etc/passwd' }, 'place: neither'],
    [{ ...JOB, place: `/${'a'.repeat(5_000)}` }, 'place: neither'],
    [{ ...JOB, task: { index: -1, path: 'a' } }, 'task.index: no whole number'],
    [{ ...JOB, task: { ...JOB.task, own: { rule: 'x' } } }, 'task.own.rule: no list'],
    [withPart(1), 'task.part: no object'],
    [withPart({}), 'task.part.share: missing'],
    [withPart({ share: { index: 0, of: 1, classes: 1 } }), 'task.part.share.of: not from 2 to 16'],
    [withPart({ share: { index: 0, of: 17, classes: 1 } }), 'task.part.share.of: not from 2 to 16'],
    [withPart({ share: { index: 2, of: 2, classes: 1 } }), 'task.part.share.index: no share of 2'],
    [withPart({ share: { index: -1, of: 2, classes: 1 } }), 'task.part.share.index: no whole number'],
    [withPart({ share: { index: 0.5, of: 2, classes: 1 } }), 'task.part.share.index: no whole number'],
    [withPart({ share: { index: 0, of: 2, classes: 0 } }), 'task.part.share.classes: no classes of hosts'],
    [withPart({ share: { index: 0, of: 2, classes: 0x10000 } }), 'task.part.share.classes: no classes of hosts'],
    [withPart({ ...PART, unseenSince: '7' }), 'task.part.unseenSince: no number'],
    [withPart({ ...PART, unseenSince: null }), 'task.part.unseenSince: no number'],
    [withPart({ ...PART, unseenSince: Number.POSITIVE_INFINITY }), 'task.part.unseenSince: no finite number'],
    [null, 'no object'],
  ])('%j is none', (value, problem) => {
    expect(() => readJob(value)).toThrow(problem);
  });

  test('names a file by its whole path, and a URL as it is', () => {
    expect(placeOf('a.pcap')).toBe(`${process.cwd()}/a.pcap`);
    expect(placeOf('https://host/a.pcap')).toBe('https://host/a.pcap');
  });

  test('is another one for each share, each time that it is judged, and for the whole', () => {
    const shares = [2, 12].flatMap(of => [0, 1].map(index => ({ share: { index, of, classes: 1 } })));
    const parts = [undefined, ...shares, ...shares.map(part => ({ ...part, unseenSince: 0 }))];
    const ids = [0, 1, 11].flatMap(index => parts.map(part => jobId('r', { index, part })));
    expect(new Set(ids).size).toBe(27);
  });
});

test.each(['', '{}', '[]', '{"settings":{},"common":{},"listing":{"maxFindings":"1"}}'])('%j is no setup', line => {
  expect(() => readSetup(line)).toThrow(/no JSON|missing|no object|no whole number/);
});

const WHOLE: Judged = { kind: 'whole', reason: 'a flow was given up' };

/** What came of a share in which a protocol has noted this. */
const shareOf = (noted: unknown, unseenSince?: number): Judged => ({
  kind: 'captured',
  line: '{}',
  recorded: recordedShare(noted, unseenSince),
});

describe('a result', () => {
  test('is read as it was written', async () => {
    const cause = { name: 'Error', message: 'b', stack: 's', code: 'EIO', cause: undefined };
    const fault = { name: 'Error', message: 'a', stack: 's', code: undefined, cause };
    for (const judged of [
      { kind: 'captured', line: '{}' },
      { kind: 'unreadable', reason: 'none' },
      { kind: 'fault', fault },
    ] as const)
      expect((await readResult(await writeResult(judged), {})).judged).toEqual(judged);
  });

  test.each([7, Number.POSITIVE_INFINITY])('of a share has its notes, bytes missing since %d', async unseenSince => {
    for (const judged of [shareOf({ hosts: ['a'], full: [false], made: [1, 0.5] }, unseenSince), WHOLE])
      expect((await readResult(await writeResult(judged), { part: PART })).judged).toEqual(judged);
  });

  test.each([new Map([[1, 2]]), { made: new Uint32Array(3) }, { made: [Number.NaN] }, [undefined]])(
    'of a share makes the whole judged where a protocol has noted %o',
    async noted => {
      const { judged } = await readResult(await writeResult(shareOf(noted)), { part: PART });
      expect(judged.kind).toBe('whole');
    },
  );

  test('is that of a share where one was asked for, and there only', async () => {
    const none = 'says nothing of the capture';
    for (const judged of [WHOLE, shareOf(undefined)])
      await expect(readResult(await writeResult(judged), {})).rejects.toThrow(none);
    const captured = await writeResult({ kind: 'captured', line: '{}' });
    await expect(readResult(captured, { part: PART })).rejects.toThrow(none);
  });

  test.each([
    ['x', 'no JSON'],
    ['{"kind":"stopped"}', 'kind: none of'],
    ['{"kind":"captured"}', 'says nothing'],
    ['{"kind":"captured","line":"{}","recorded":{"moments":[0]}}', 'recorded.notes: missing'],
  ])('%j is none', async (words, problem) => {
    await expect(readResult(gzipSync(words), {})).rejects.toThrow(problem);
    await expect(readResult(Buffer.from(words), {})).rejects.toThrow('not compressed');
  });
});

test('those share a queue who have the same version and the same protocols in the same order', () => {
  const tool = { name: 'wirelint', version: '1' };
  const name = queueName(protocols, tool);
  expect(queueName([...protocols], tool)).toBe(name);
  expect(queueName(protocols.slice(1), tool)).not.toBe(name);
  expect(queueName(protocols.toReversed(), tool)).not.toBe(name);
  expect(queueName(protocols, { ...tool, version: '2' })).not.toBe(name);
});

describe('an address', () => {
  test.each([
    ['redis://host', { host: 'host', port: 6379, db: 0, isSecure: false, name: 'redis://host:6379' }],
    ['rediss://host:1/3', { host: 'host', port: 1, db: 3, isSecure: true, name: 'rediss://host:1/3' }],
    ['redis://[::1]:7', { host: '::1', port: 7, name: 'redis://[::1]:7' }],
    ['redis://me:a%40b@host', { username: 'me', password: 'a@b', name: 'redis://host:6379' }],
    ['redis://:hush@host', { username: undefined, password: 'hush' }],
  ])('%s', (text, expected) => {
    expect(parseQueueAddress(text, {})).toMatchObject(expected);
  });

  test('takes its password from the variable of redis-cli where it has none', () => {
    const environment = { REDISCLI_AUTH: 'hush' };
    expect(parseQueueAddress('redis://host', environment).password).toBe('hush');
    expect(parseQueueAddress('redis://:own@host', environment).password).toBe('own');
  });

  test.each([
    '',
    'host',
    'redis:',
    'redis://',
    'http://u:hush@h',
    'redis://u:hush@h/x',
    'redis://u:hush@h?a=1',
    'redis://u:%zzhush@h',
  ])('%s is refused, and nothing of its password is said', text => {
    expect(() => parseQueueAddress(text, {})).toThrow(/^--queue/);
    expect(() => parseQueueAddress(text, {})).not.toThrow(/hush/);
  });
});
