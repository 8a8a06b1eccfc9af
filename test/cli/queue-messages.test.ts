/** What goes through a queue, as anyone may have written it who reaches the Redis. */
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import { parseQueueAddress } from '../../src/cli/queue-address.ts';
import { placeOf, queueName, readJob, readResult, readSetup, writeResult } from '../../src/cli/queue-messages.ts';

const JOB = { run: 'r', place: '/shared/a.pcap', task: { index: 0, path: 'a.pcap' } };

describe('a job', () => {
  test('is read as it was written', () => {
    const own = { rule: ['mnet/*=off'], capture: 'lossy' };
    expect(readJob({ ...JOB, task: { ...JOB.task, own } })).toEqual({ ...JOB, task: { ...JOB.task, own } });
  });

  test.each([
    [{ ...JOB, place: '-' }, 'place: neither'],
    [{ ...JOB, place: '../a.pcap' }, 'place: neither'],
    [{ ...JOB, place: 'file:///etc/passwd' }, 'place: neither'],
    [{ ...JOB, place: `/${'a'.repeat(5_000)}` }, 'place: neither'],
    [{ ...JOB, task: { index: -1, path: 'a' } }, 'task.index: no whole number'],
    [{ ...JOB, task: { ...JOB.task, own: { rule: 'x' } } }, 'task.own.rule: no list'],
    [null, 'no object'],
  ])('%j is none', (value, problem) => {
    expect(() => readJob(value)).toThrow(problem);
  });

  test('names a file by its whole path, and a URL as it is', () => {
    expect(placeOf('a.pcap')).toBe(`${process.cwd()}/a.pcap`);
    expect(placeOf('https://host/a.pcap')).toBe('https://host/a.pcap');
  });
});

test.each(['', '{}', '[]', '{"settings":{},"common":{},"listing":{"maxFindings":"1"}}'])('%j is no setup', line => {
  expect(() => readSetup(line)).toThrow(/no JSON|missing|no object|no whole number/);
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
      expect(await readResult(await writeResult(judged))).toEqual(judged);
  });

  test.each([
    ['x', 'no JSON'],
    ['{"kind":"stopped"}', 'kind: none of'],
    ['{"kind":"captured"}', 'says nothing'],
  ])('%j is none', async (words, problem) => {
    await expect(readResult(gzipSync(words))).rejects.toThrow(problem);
    await expect(readResult(Buffer.from(words))).rejects.toThrow('not compressed');
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
