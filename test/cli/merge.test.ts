/** `check --shard` and `merge`: what several machines have judged is one run's report, byte by byte. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { FORMAT_NAMES } from '../../src/report/formats.ts';
import { folderWith } from '../kit/folder.ts';
import { runInside } from './host.ts';

const FIELD = 'fixtures/field';
const MNET = 'fixtures/mnet';

/** Every format, into one folder that is emptied each time: some name their own file. */
function allFormats(folder: string): string[] {
  return FORMAT_NAMES.filter(name => name !== 'ndjson').flatMap(name => ['--report', `${name}=${join(folder, name)}`]);
}

const written = (folder: string) =>
  Object.fromEntries(readdirSync(folder).map(name => [name, readFileSync(join(folder, name), 'utf8')]));

/** Blobs of the shards of a run. */
async function shardsOf(
  count: number,
  captures: readonly string[],
  options: readonly string[] = [],
): Promise<string[]> {
  const folder = folderWith({});
  const blobs: string[] = [];
  for (let index = 1; index <= count; index++) {
    const blob = join(folder, `${index}.blob`);
    await runInside('check', ...captures, ...options, '--shard', `${index}/${count}`, '--report', `blob=${blob}`);
    blobs.push(blob);
  }
  return blobs;
}

test.each([
  [[]],
  [['-Y', 'severity >= warning', '--quiet']],
  [['--format', 'ndjson', '-Y', 'frame.time_relative >= 0.1']],
  [['--all-connections', '--junit-granularity', 'connection', '--statements', '--coverage', '--require-each']],
])('three shards and one run write the same in every format: %j', async options => {
  const captures = [FIELD, MNET];
  const folder = folderWith({});
  const one = await runInside('check', ...captures, ...options, ...allFormats(folder));
  const expected = written(folder);
  const blobs = await shardsOf(3, captures, options);
  const merged = await runInside('merge', ...blobs.toReversed(), ...options, ...allFormats(folder));
  expect(Object.keys(expected)).toContain('sarif.txt');
  expect(written(folder)).toEqual(expected);
  expect(merged).toEqual(one);
});

test('three shards and one run write the same lines of ndjson', async () => {
  const options = ['--format', 'ndjson'];
  const one = await runInside('check', FIELD, MNET, ...options);
  const blobs = await shardsOf(3, [FIELD, MNET], options);
  expect(await runInside('merge', ...blobs.toReversed(), ...options)).toEqual(one);
});

test('a baseline accepts in shards what it accepts in one run', async () => {
  const accepted = join(folderWith({}), 'accepted.json');
  await runInside('check', MNET, '--write-baseline', accepted);
  const options = ['--baseline', accepted];
  const one = await runInside('check', MNET, FIELD, ...options);
  expect(one.stdout).toContain('accepted');
  expect(await runInside('merge', ...(await shardsOf(2, [MNET, FIELD], options)), ...options)).toEqual(one);
});

test('unreadable captures are named by one shard, as one run names them', async () => {
  const folder = folderWith({ 'a.pcap': readFileSync('fixtures/mnet/echo-small.pcap'), 'b.pcap': 'no capture' });
  const captures = [join(folder, 'a.pcap'), join(folder, 'b.pcap'), join(folder, 'c.pcap')];
  const one = await runInside('check', ...captures);
  expect(one.code).toBe(3);
  expect(await runInside('merge', ...(await shardsOf(2, captures)))).toEqual(one);
});

test('blobs of several runs follow each other as they are named', async () => {
  const folder = folderWith({});
  const [first, second] = ['1', '2'].map(name => join(folder, `${name}.blob`));
  await runInside('check', `${MNET}/lossy.pcap`, '--report', `blob=${second}`);
  await runInside('check', `${MNET}/faults.pcap`, '--report', `blob=${first}`);
  const one = await runInside('check', `${MNET}/faults.pcap`, `${MNET}/lossy.pcap`);
  expect(await runInside('merge', first, second)).toEqual(one);
});

test('a capture falls to a shard by its content, whatever its name and its neighbours are', async () => {
  const files = Object.fromEntries(
    readdirSync(FIELD).map((name, place) => [`${99 - place}-${name}`, readFileSync(join(FIELD, name))]),
  );
  const capturesOf = async (captures: string) => {
    const report = await runInside('check', captures, '--shard', '1/3', '--format', 'json');
    return JSON.parse(report.stdout)
      .captures.map(({ path }: { path: string }) => readFileSync(path, 'base64'))
      .sort();
  };
  const here = await capturesOf(FIELD);
  expect(here.length).toBeGreaterThan(5);
  expect(await capturesOf(folderWith(files))).toEqual(here);
});

// What is refused

const refused = async (...args: readonly string[]) => {
  const { code, stderr } = await runInside('merge', ...args);
  expect(code).toBe(2);
  expect(stderr.split('\n')).toHaveLength(2);
  return stderr;
};

test('a run is refused that lacks a shard, has one twice, or was judged by other options', async () => {
  const [first, second, third] = await shardsOf(3, [MNET]);
  expect(await refused(first, third)).toContain('shard 2/3');
  expect(await refused(first, second, third, second)).toContain('shard 2/3, as');
  const [strict] = await shardsOf(1, [MNET], ['--rule', 'mnet/*=error']);
  expect(await refused(first, second, third, strict)).toContain('another --rule');
});

test('a filter is refused of which not all findings were kept', async () => {
  const [blob] = await shardsOf(1, [MNET], ['--max-findings', '1']);
  expect((await runInside('merge', blob)).code).toBe(1);
  expect(await refused(blob, '-Y', 'severity == error')).toContain('--max-findings 1');
  expect(await refused(blob, '--all-connections')).toContain('--all-connections');
  expect(await refused(blob, '--format', 'ndjson')).toContain('ndjson');
});

test('what is no blob, a newer one, a cut one and a damaged one end in a line', async () => {
  const [blob] = await shardsOf(1, [MNET]);
  const bytes = readFileSync(blob);
  const lines = gunzipSync(bytes).toString('utf8').split('\n');
  const folder = folderWith({});
  const file = (name: string, content: string | Uint8Array) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const altered = (from: string, to: string) => gzipSync(lines.join('\n').replace(from, to));
  expect(await refused(`${MNET}/lossy.pcap`)).toContain('no blob');
  expect(await refused(join(folder, 'none'))).toContain('no such file');
  expect(await refused(file('other', gzipSync('{}\n')))).toContain('no blob');
  expect(await refused(file('empty', ''))).toMatch(/cut|no blob/);
  expect(await refused(file('newer', altered('"version":1', '"version":2')))).toContain('blob version 2');
  expect(await refused(file('cut', bytes.subarray(0, bytes.length - 5)))).toContain('cut');
  expect(await refused(file('unfinished', gzipSync(`${lines.slice(0, -2).join('\n')}\n`)))).toContain('cut');
  expect(await refused(file('damaged', altered('"packets":', '"packets":-')))).toContain('packets: no whole number');
});

test.each(['0/3', '4/3', '1', '1/x', '1/0'])('--shard %s is refused', async shard => {
  const { code, stderr } = await runInside('check', MNET, '--shard', shard);
  expect([code, stderr]).toEqual([2, expect.stringContaining('expected PART/PARTS')]);
});

test('the key of a token stays out of the blob', async () => {
  const key = '00112233445566778899aabbccddeeff';
  const [blob] = await shardsOf(1, ['fixtures/filestorage'], ['--dialect', `filestorage.tokenKey=${key}`]);
  const text = gunzipSync(readFileSync(blob)).toString('utf8');
  expect(text).toContain('tokenKey');
  expect(text).not.toContain(key);
});
