/** `dissect --count-by`: the table of a field's values, in text and in JSON. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, describe, expect, test } from 'vitest';
import { conversation, Folder, INIT, violating } from './captures.ts';
import { runInside } from './host.ts';

const PIPELINED = 'fixtures/filestorage/2020-01-02-pipelined.pcap';
const schema = JSON.parse(readFileSync(new URL('../../schema/count.schema.json', import.meta.url), 'utf8'));
const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);

const folder = new Folder();
afterAll(() => folder.remove());

const counted = (...args: readonly string[]) => runInside('dissect', '--count-by', ...args);

describe('text', () => {
  test('is a line a value, the most frequent first, with the value at its end', async () => {
    const { code, stdout, stderr } = await counted('type', PIPELINED);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toBe(`\
messages  bytes  findings     first      last  type
       4    272         0  0.020171  0.031825  RESPONSE
       4  4,466         3  0.011276  0.019288  TRANSFER
       1    461         0  0.002752  0.002752  AUTHENTICATION
       1    226         0  0.009033  0.009033  RESPONSES
`);
  });

  test('counts what the filter lets through, and tells of messages without the field', async () => {
    const { stdout } = await counted('filestorage.payload.response', '-Y', 'frame > 8', PIPELINED);
    expect(stdout.split('\n').slice(1)).toEqual([
      '       4    272         0  0.020171  0.031825  Ok',
      '',
      '3 messages of 4,179 bytes, 3 findings, without filestorage.payload.response',
      '',
    ]);
  });

  test('is bounded, and says so', async () => {
    const { stdout } = await counted('frame', '--limit', 'counted-values=2', PIPELINED);
    expect(stdout.split('\n').slice(3)).toEqual([
      '',
      '8 messages of 4,738 bytes, 3 findings, with other values: 2 values are counted',
      '  separately (--limit counted-values=2)',
      '',
    ]);
  });

  test('lets no byte of a value act on the terminal', async () => {
    const path = folder.file('hostile.pcap', conversation(INIT, '01 1b5d3032 01 aabbcc', '01 3a3a6162 01 aabbcc'));
    const { stdout } = await counted('mnet.magic', '-d', 'udp.port==26999,mnet', path);
    expect(stdout).toContain('MNET\n');
    expect(stdout).toContain('  \\x1b]02\n');
    expect(stdout).not.toContain('\x1b');
  });
});

describe('findings', () => {
  test('are those that stand on the messages', async () => {
    const { stdout, stderr } = await counted('type', folder.file('error.pcap', violating()));
    expect(stdout).toMatch(/^ +1 +\d+ +1 .* COOKIE$/m);
    expect(stderr).toBe('');
  });

  test('that were held count where they turn out to stand, and not where they do not', async () => {
    const { stdout } = await counted('mnet.type', 'fixtures/mnet/faults.pcap');
    expect(stdout).toMatch(/^ +8 +368 +4 .* DATA \(0\)$/m);
    expect(stdout).toMatch(/^ +5 +45 +0 .* INIT \(1\)$/m);
  });

  test('that come up when their message has passed are in no row, which is said', async () => {
    const path = folder.file('waiting.pcap', conversation(INIT, ...Array.from({ length: 9 }, () => '~00')));
    const { stdout, stderr } = await counted('type', '--capture', 'complete', path);
    expect(stdout).toMatch(/^ +1 +9 +0 .* INIT$/m);
    expect(stderr).toBe('wirelint: 1 finding came up too late to be shown here; see wirelint check\n');
  });
});

describe('json and ndjson', () => {
  test('have the same rows, which fit the schema, with what is no row of text at their end', async () => {
    const args = ['filestorage.payload.mid', '--limit', 'counted-values=1', PIPELINED, '--format'];
    const array = JSON.parse((await counted(...args, 'json')).stdout);
    const lines = (await counted(...args, 'ndjson')).stdout.trimEnd().split('\n');
    expect(lines.map(line => JSON.parse(line))).toEqual(array);
    for (const row of array) {
      validate(row);
      expect(validate.errors).toBeNull();
    }
    expect(array.map(({ of, messages }: { of: string; messages: number }) => [of, messages])).toEqual([
      ['value', 2],
      ['other values', 8],
    ]);
    expect(array[0]).toMatchObject({ field: 'filestorage.payload.mid', firstTime: '2026-11-21T12:36:09.459610Z' });
  });

  test('are an empty array, and nothing, where nothing matches', async () => {
    const none = await counted('type', '-Y', 'frame > 99', PIPELINED, '--format', 'json');
    expect([none.code, none.stdout]).toEqual([4, '[]\n']);
    expect((await counted('type', '-Y', 'frame > 99', PIPELINED, '--format', 'ndjson')).stdout).toBe('');
  });
});

test.each([
  [['filestorage.mystery', PIPELINED], 'unknown field filestorage.mystery'],
  [['finding', PIPELINED], 'finding is there or not'],
  [['type == DATA', PIPELINED], 'expected a field alone'],
  [['type', '-V', PIPELINED], '--count-by prints no messages'],
  [['type', '--hex', PIPELINED], '--count-by prints no messages'],
])('%j is wrong usage', async (args, says) => {
  const { code, stdout, stderr } = await counted(...args);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(says);
});
