/** `check --jobs`: captures that are judged in threads give the report that one thread gives. The program as it is built. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { captureFile } from '../field/captured.ts';
import { judgedTwice, large, writeWide } from '../kit/divisible.ts';
import { folderWith } from '../kit/folder.ts';
import { formats, written } from './every-format.ts';
import { runAsBuilt, runInside, runUntil } from './host.ts';
import { wirelint } from './run.ts';

const CAPTURES = ['fixtures/mnet', 'fixtures/ministreaming'];

test('two threads write what one does, in every format, with what is missing and what is cut', async () => {
  const folder = folderWith({});
  const cut = folderWith({ 'cut.pcap': readFileSync('fixtures/mnet/echo-small.pcap').subarray(0, -7) });
  const captures = [...CAPTURES, join(cut, 'none.pcap'), join(cut, 'cut.pcap')];
  const one = await runAsBuilt('check', ...captures, '--format', 'ndjson', ...formats(folder));
  const expected = written(folder);
  const two = await wirelint(['check', ...captures, '--jobs', '2', '--format', 'ndjson', ...formats(folder)]);
  expect(one.code).toBe(3);
  expect(two).toEqual(one);
  expect(written(folder)).toEqual(expected);
});

test('settings of single captures hold in threads, and the blob is that of one thread', async () => {
  const folder = folderWith({});
  const config = join(
    folderWith({
      'wirelint.config.json': JSON.stringify({
        rules: { 'mnet/*': 'warning' },
        overrides: [{ captures: ['**/lossy.pcap'], rules: { 'mnet/*': 'off' } }],
      }),
    }),
    'wirelint.config.json',
  );
  const captures = ['fixtures/mnet/faults.pcap', 'fixtures/mnet/lossy.pcap'];
  const runs = [];
  for (const jobs of ['1', '2']) {
    const blob = join(folder, `${jobs}.blob`);
    runs.push(await wirelint(['check', ...captures, '--jobs', jobs, '--config', config, '--report', `blob=${blob}`]));
  }
  expect(runs[0].code).toBe(0);
  expect(runs[1]).toEqual(runs[0]);
  const [one, two] = [
    await runAsBuilt('merge', join(folder, '1.blob')),
    await runAsBuilt('merge', join(folder, '2.blob')),
  ];
  expect(two).toEqual(one);
  expect(one.stdout).toBe(runs[0].stdout);
});

test('seconds since the first frame are the same in two threads, in one, and in the report behind it', async () => {
  const captures = [...CAPTURES, 'fixtures/field'];
  const args = ['check', ...captures, '-Y', 'frame.time_relative >= 0.1', '--format', 'ndjson'];
  const json = join(folderWith({}), 'report.json');
  const one = await runAsBuilt(...args, '--report', `json=${json}`);
  expect(await wirelint([...args, '--jobs', '2'])).toEqual(one);
  const places = (findings: readonly { ruleId: string; capture: string; frame: number }[]) =>
    findings.map(({ ruleId, capture, frame }) => `${capture} ${frame} ${ruleId}`).sort();
  const lines = one.stdout.trim().split('\n');
  const live = lines.map(line => JSON.parse(line)).filter(({ type }) => type === 'finding');
  expect(live.length).toBeGreaterThan(0);
  expect(places(live.map(({ finding }) => finding))).toEqual(places(JSON.parse(readFileSync(json, 'utf8')).findings));
});

test('2 and 3 threads write of one capture what one does, in every format', async () => {
  const folder = folderWith({});
  const path = join(folderWith({ 'large.pcap': captureFile(await large()) }), 'large.pcap');
  const reports = [...formats(folder), '--report', `blob=${join(folder, 'run.blob')}`];
  const args = ['check', path, '--format', 'ndjson', ...reports];
  const one = await runAsBuilt(...args);
  const expected = written(folder);
  expect(one.code).toBe(1);
  for (const jobs of ['2', '3']) {
    expect(await wirelint([...args, '--jobs', jobs])).toEqual(one);
    expect(written(folder)).toEqual(expected);
  }
});

test('two threads write what one does where one of them finds bytes missing', async () => {
  const path = join(folderWith({ 'lossy.pcap': captureFile(await judgedTwice()) }), 'lossy.pcap');
  const args = ['check', path, '--format', 'json'];
  const one = await runAsBuilt(...args);
  expect(await wirelint([...args, '--jobs', '2'])).toEqual(one);
  expect(one.stdout).toContain('"kind": "unseenBytes"');
});

test('what two threads had read of one capture when the user interrupted them is the report, and no more', async () => {
  const packets = await large();
  const path = join(folderWith({}), 'wide.pcapng');
  writeWide(path, packets, 2 ** 22);
  const { code, stdout, stderr } = await runUntil(
    / [1-9]\d* packets/,
    'check',
    path,
    '--jobs',
    '2',
    '--format',
    'json',
  );
  expect([code, stderr]).toEqual([3, expect.stringContaining('interrupted: not everything was read')]);
  const report = JSON.parse(stdout);
  const [{ packets: count, problem }] = report.captures;
  expect([count < packets.length, problem.message]).toEqual([true, 'reading was interrupted']);
  const beginning = join(folderWith({ 'wide.pcapng': captureFile(packets.slice(0, count)) }), 'wide.pcapng');
  const expected = JSON.parse((await runInside('check', beginning, '--format', 'json')).stdout);
  const named = (text: unknown) => JSON.parse(JSON.stringify(text).replaceAll(beginning, path));
  for (const part of ['findings', 'connections', 'protocols', 'summary'])
    expect(report[part]).toEqual(named(expected[part]));
});

test('more threads than there can be are as many as there is work for', async () => {
  const args = ['check', CAPTURES[0]!];
  expect(await wirelint([...args, '--jobs', '99999999'])).toEqual(await runAsBuilt(...args));
});

test.each(['0', 'x'])('--jobs %s is refused', async jobs => {
  const { code, stderr } = await runInside('check', ...CAPTURES, '--jobs', jobs);
  expect([code, stderr]).toEqual([2, expect.stringContaining('--jobs')]);
});
