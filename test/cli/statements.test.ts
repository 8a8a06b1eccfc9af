/** `--statements`: the conformance statement, from the command line, a configuration and the package's functions. */
import { afterAll, describe, expect, test } from 'vitest';
import { check, reportJson } from '../../src/api.ts';
import { hex } from '../../src/testkit/bytes.ts';
import { pcap } from '../../src/testkit/capture.ts';
import { udpFrame } from '../../src/testkit/packet.ts';
import { numbered } from '../kit/numbered.ts';
import { Folder } from './captures.ts';
import { runInside, runWith } from './host.ts';

const A = '10.0.0.1:1000';
const B = '10.0.0.2:2000';
const SAID = [
  [A, B, '00 0001'],
  [B, A, '00 0002'],
  [A, B, '01 0009 6869'],
] as const;
const folder = new Folder();
afterAll(() => folder.remove());
/** HELLO, HELLO, and a TEXT of the caller whose count is wrong. */
const bytes = pcap(
  SAID.map(([from, to, text], second) => ({ bytes: udpFrame(from, to, hex(text)), seconds: second + 1 })),
);
const capture = folder.file('wrong-count.pcap', bytes);
const DIALECT = ['--dialect', 'toy.order=big', '--dialect', 'toy.edition=1'];

const statusesIn = (json: string) =>
  JSON.parse(json).protocols[0].statements?.map(({ id, status }: { id: string; status: string }) => `${id} ${status}`);
const STATUSES = [
  'TOY-1-1 kept',
  'TOY-2-1 kept',
  'TOY-3-1 broken',
  'TOY-4-1 off',
  'TOY-5-1 off',
  'TOY-6-1 not judged',
  'TOY-7-1 not observable',
];

describe('check', () => {
  const checked = (...args: readonly string[]) => runWith([numbered], 'check', capture, ...DIALECT, ...args);

  test('prints them where it is asked to', async () => {
    expect(statusesIn((await checked('--format', 'json', '--statements')).stdout)).toEqual(STATUSES);
    expect(statusesIn((await checked('--format', 'json')).stdout)).toBeUndefined();
  });

  test('has nothing to say of protocols whose specification numbers none', async () => {
    const args = ['check', 'fixtures/mnet/echo-small.pcap', '--format', 'json'];
    expect((await runInside(...args, '--statements')).stdout).toBe((await runInside(...args)).stdout);
  });

  test('says what was found, whatever a filter or a baseline leaves of it', async () => {
    const filtered = await checked('--format', 'json', '--statements', '-Y', 'severity == error');
    expect(JSON.parse(filtered.stdout).findings).toEqual([]);
    expect(statusesIn(filtered.stdout)).toEqual(STATUSES);
    const baseline = folder.file('accepted.json');
    await checked('--write-baseline', baseline);
    const accepted = await checked('--format', 'json', '--statements', '--baseline', baseline);
    expect(JSON.parse(accepted.stdout).findings).toEqual([]);
    expect(statusesIn(accepted.stdout)).toEqual(STATUSES);
  });

  test('says who broke one, in the case of several captures too', async () => {
    const { stdout } = await runWith([numbered], 'check', capture, capture, ...DIALECT, '--statements');
    expect(stdout).toMatch(/^ {2}broken +TOY-3-1 toy\/count, toy\/length \(broken 2 of 8, by client\)$/m);
  });
});

test('a configuration can ask for them', async () => {
  const config = folder.file('wirelint.config.json', Buffer.from('{ "statements": true }'));
  const { stdout } = await runWith([numbered], 'check', capture, ...DIALECT, '--config', config, '--format', 'json');
  expect(statusesIn(stdout)).toEqual(STATUSES);
  const report = await check(bytes, { plugins: [numbered], dialect: ['toy.order=big', 'toy.edition=1'], config });
  expect(statusesIn(reportJson(report))).toEqual(STATUSES);
});

test('a program can ask for them', async () => {
  const options = { plugins: [numbered], dialect: ['toy.order=big', 'toy.edition=1'] };
  expect(statusesIn(reportJson(await check(bytes, { ...options, statements: true })))).toEqual(STATUSES);
  expect(statusesIn(reportJson(await check(bytes, options)))).toBeUndefined();
});
