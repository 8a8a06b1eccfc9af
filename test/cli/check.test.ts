import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, expect, test } from 'vitest';
import { CLEAN, conversation, Folder, INIT, LARGE, readFixture, violating } from './captures.ts';
import { runInside } from './host.ts';

const folder = new Folder();
const schema = JSON.parse(readFileSync(new URL('../../schema/report.schema.json', import.meta.url), 'utf8'));
const validate = new Ajv2020({ allowUnionTypes: true }).compile(schema);

afterAll(() => folder.remove());

test.each([
  ['one capture', [CLEAN]],
  ['all captures', [CLEAN, LARGE, 'fixtures/mnet/lossy.pcap']],
  ['every connection', [LARGE, '--all-connections']],
])('the JSON report of %s fits its schema', async (_situation, args) => {
  const { stdout } = await runInside('check', '--format', 'json', ...args);
  validate(JSON.parse(stdout));
  expect(validate.errors).toBeNull();
});

test('the JSON report of a violation fits its schema and says what is wrong', async () => {
  const path = folder.file('error.pcap', violating());
  const { code, stdout } = await runInside('check', '--format', 'json', path);
  const report = JSON.parse(stdout);
  validate(report);
  expect(validate.errors).toBeNull();
  expect(code).toBe(1);
  expect(report.summary).toMatchObject({ packets: 2, messages: 2, connections: 1, errors: 1, verdict: 'violations' });
  expect(report.findings.find((finding: { severity: string }) => finding.severity === 'error')).toMatchObject({
    ruleId: 'mnet/cookie-peer-tag',
    frame: 2,
    time: '1970-01-01T00:16:41.000000Z',
    from: '10.0.0.2:26999',
    to: '10.0.0.1:40000',
    atFault: '10.0.0.2:26999',
    messageName: 'COOKIE',
  });
});

test('the same capture gives the same bytes, whatever the seed of the tables', async () => {
  const first = await runInside('check', '--format', 'json', LARGE);
  expect(await runInside('check', '--format', 'json', LARGE)).toEqual(first);
});

test('both readers give the same report', async () => {
  const own = await runInside('check', LARGE);
  expect(await runInside('check', LARGE, '--reader', 'pcap-parser')).toEqual(own);
});

test('--quiet leaves a clean capture one line', async () => {
  const { stdout } = await runInside('check', CLEAN, '--quiet');
  expect(stdout).toBe('2 infos in 1 of 1 connection; 28 messages, 28 packets: conformant\n');
});

test('--all-connections lists the conformant ones', async () => {
  const args = ['check', CLEAN, '--rule', 'mnet/ambiguous-reading=off', '--format', 'json'];
  const listed = async (...more: string[]) => JSON.parse((await runInside(...args, ...more)).stdout).connections.length;
  expect(await listed()).toBe(0);
  expect(await listed('--all-connections')).toBe(1);
});

test('--max-findings caps the list and keeps the counts', async () => {
  const path = folder.file('many.pcap', conversation(INIT, ...Array.from({ length: 5 }, () => '<00')));
  const { stdout } = await runInside('check', path, '--max-findings', '2', '--format', 'json');
  const report = JSON.parse(stdout);
  expect(report.summary.errors).toBe(5);
  expect(
    report.findings.filter((finding: { ruleId: string }) => finding.ruleId === 'mnet/truncated-header'),
  ).toHaveLength(2);
  expect(report.omitted.findings).toBe(3);
});

test('--decode-as finds a conversation whose beginning is not there', async () => {
  const path = folder.file('late.pcap', conversation('04 aabbcc'));
  expect((await runInside('check', path)).code).toBe(4);
  expect((await runInside('check', path, '-d', 'udp.port==26990-26999,mnet')).code).toBe(0);
  expect((await runInside('check', path, '-d', 'udp.port==40000,mnet', '--midstream', 'never')).code).toBe(1);
});

test('--dialect is in the report', async () => {
  const { stdout } = await runInside('check', CLEAN, '--dialect', 'mnet.tags=sender', '--format', 'json');
  expect(JSON.parse(stdout).protocols[0].dialect.tags).toBe('sender');
});

/** Ends of the file header and of each record of a classic little-endian pcap. */
function recordEnds(capture: Uint8Array): number[] {
  const view = new DataView(capture.buffer, capture.byteOffset, capture.length);
  const ends = [24];
  for (let end = 24; end < capture.length; ends.push(end)) end += 16 + view.getUint32(end + 8, true);
  return ends;
}

/** Of the capture's first `length` bytes: the code by itself, and where cut captures are allowed. */
async function codesOf(capture: Uint8Array, length: number): Promise<[number, number]> {
  const path = folder.file('prefix.pcap', capture.subarray(0, length));
  const strict = await runInside('check', path);
  const lenient = await runInside('check', path, '--allow-incomplete');
  expect(strict.stderr.split('\n').length).toBeLessThanOrEqual(2);
  return [strict.code, lenient.code];
}

test('every prefix of a capture ends in the code that it must', async () => {
  const capture = violating();
  const [header, first, second] = recordEnds(capture);
  const codes: [number, number][] = [];
  const expected: [number, number][] = [];
  for (let length = 0; length <= capture.length; length++) {
    codes.push(await codesOf(capture, length));
    const readable = length < header! ? 3 : length < first! ? 4 : length < second! ? 0 : 1;
    expected.push([length === header || length === first || length === second ? readable : 3, readable]);
  }
  expect(codes).toEqual(expected);
});

test('a real conversation cut at or beside the end of each packet is never a violation', async () => {
  const capture = readFixture(CLEAN);
  for (const end of recordEnds(capture).slice(1)) {
    expect(await codesOf(capture, end)).toEqual([0, 0]);
    expect((await codesOf(capture, end - 1))[0]).toBe(3);
    if (end < capture.length) expect((await codesOf(capture, end + 1))[0]).toBe(3);
  }
});
