import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, describe, expect, test } from 'vitest';
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

describe('-Y', () => {
  const FAULTS = 'fixtures/mnet/faults.pcap';
  const reported = async (...args: string[]) => {
    const { code, stdout } = await runInside('check', '--capture', 'complete', '--format', 'json', ...args);
    const report = JSON.parse(stdout);
    validate(report);
    expect(validate.errors).toBeNull();
    return { code, report, rules: report.findings.map(({ ruleId }: { ruleId: string }) => ruleId) };
  };

  test('reports what matches, counts it, and says that it did', async () => {
    const all = await reported(FAULTS);
    expect(all.report.summary).toMatchObject({ errors: 3, warnings: 1, infos: 2 });
    const { code, report, rules } = await reported(FAULTS, '-Y', 'rule == mnet/ack-unsent');
    expect([code, rules]).toEqual([1, ['mnet/ack-unsent']]);
    expect(report.summary).toMatchObject({ errors: 1, warnings: 0, infos: 0, connections: 3 });
    expect(report.connections).toHaveLength(1);
    expect(report.notes.at(-1)).toBe(
      'filter (-Y) rule == mnet/ack-unsent: 1 of 6 findings matched; verdicts and rules are of all',
    );
  });

  test.each<[number, string, readonly string[]]>([
    [1, 'severity == error', []],
    [0, 'severity == warning', []],
    [1, 'severity == warning', ['--fail-on', 'warning']],
    [1, 'severity == warning', ['--max-warnings', '0']],
    [0, 'severity == info', ['--fail-on', 'warning']],
    [0, 'addr == 192.0.2.1', []],
    [1, 'fault == 10.0.0.0/8 && state == ESTABLISHED', []],
  ])('ends in %i for %s %j', async (code, filter, more) => {
    expect((await runInside('check', '--capture', 'complete', FAULTS, '-Y', filter, ...more)).code).toBe(code);
  });

  test('what does not match has not passed', async () => {
    const { code, report, rules } = await reported(FAULTS, '-Y', 'type == ABORT');
    expect([code, rules, report.connections]).toEqual([0, [], []]);
    expect(report.summary).toMatchObject({ errors: 0, warnings: 0, verdict: 'violations' });
    expect((await reported(FAULTS, '-Y', 'type == ABORT', '--all-connections')).report.connections).toHaveLength(3);
  });

  test('times count from the first frame of each capture', async () => {
    const early = folder.file('early.pcap', violating());
    const { rules } = await reported(early, CLEAN, '-Y', 'time == 1 && severity == error');
    expect(rules).toEqual(['mnet/cookie-peer-tag']);
  });

  test('findings that a listing has no room for are asked, too', async () => {
    const path = folder.file('many.pcap', conversation(INIT, ...Array.from({ length: 5 }, () => '<00')));
    const { report } = await reported(path, '-Y', 'frame >= 4 && severity == error', '--max-findings', '2');
    expect(report.summary.errors).toBe(3);
    expect(report.findings.map(({ frame }: { frame: number }) => frame)).toEqual([4, 5]);
    expect(report.omitted.findings).toBe(1);
  });

  test('those that were not kept count as matching', async () => {
    const path = folder.file('many.pcap', conversation(INIT, ...Array.from({ length: 5 }, () => '<00')));
    const { code, report } = await reported(path, '-Y', 'frame > 100', '--limit', 'findings=2');
    expect([code, report.findings, report.summary.errors > 0]).toEqual([1, [], true]);
    expect(report.notes.at(-1)).toMatch(/^the filter could not be asked about \d+ findings more, counted as matching/);
  });

  test('asks no message', async () => {
    expect(await runInside('check', FAULTS, '-Y', 'mnet.sequence > 1')).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'wirelint: -Y: column 1: mnet.sequence is a field of messages, which findings do not have; dissect -Y asks messages\n',
    });
  });

  test('is reported beside a report that has no room for notes', async () => {
    const quiet = await runInside('check', FAULTS, '-Y', 'type == ABORT', '--quiet');
    expect(quiet.stderr).toBe('wirelint: only findings that match the filter are reported\n');
    expect((await runInside('check', FAULTS, '-Y', 'type == ABORT')).stderr).toBe('');
  });
});

test('--decode-as finds a conversation whose beginning is not there', async () => {
  const path = folder.file('late.pcap', conversation('04 aabbcc'));
  expect((await runInside('check', path)).code).toBe(4);
  expect((await runInside('check', path, '-d', 'udp.port==26990-26999,mnet')).code).toBe(0);
  expect(
    (await runInside('check', path, '-d', 'udp.port==40000,mnet', '--midstream', 'never', '--capture', 'complete'))
      .code,
  ).toBe(1);
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

/** Exit code of the capture's first `length` bytes. */
async function codeOf(capture: Uint8Array, length: number, ...args: readonly string[]): Promise<number> {
  const path = folder.file('prefix.pcap', capture.subarray(0, length));
  const { code, stderr } = await runInside('check', path, ...args);
  expect(stderr.split('\n').length).toBeLessThanOrEqual(2);
  return code;
}

test('a prefix of a capture ends in the code that it must', async () => {
  const capture = violating();
  const [header, first, second] = recordEnds(capture);
  // Every one near where something begins or ends, and some in between.
  const isNear = (length: number) => [0, header!, first!, second!].some(end => Math.abs(length - end) <= 17);
  for (let length = 0; length <= capture.length; length++) {
    if (!isNear(length) && length % 8 > 0) continue;
    const readable = length < header! ? 3 : length < first! ? 4 : length < second! ? 0 : 1;
    const expected = length === header || length === first || length === second ? readable : 3;
    expect([length, await codeOf(capture, length)]).toEqual([length, expected]);
  }
});

test('where cut captures are allowed, what could be read decides, wherever the cut is', async () => {
  const capture = violating();
  const [header, first, second] = recordEnds(capture);
  const cases: readonly (readonly [from: number, to: number, code: number])[] = [
    [0, header!, 3],
    [header!, first!, 4],
    [first!, second!, 0],
    [second!, capture.length + 1, 1],
  ];
  for (const [from, to, code] of cases) {
    for (const length of new Set([from, from + 1, from + 15, from + 16, from + 17, to - 1])) {
      if (length >= to) continue;
      expect([length, await codeOf(capture, length, '--allow-incomplete')]).toEqual([length, code]);
    }
  }
});

test('a real conversation cut at or beside the end of each packet is never a violation', async () => {
  const capture = readFixture(CLEAN);
  for (const end of recordEnds(capture).slice(1)) {
    expect(await codeOf(capture, end)).toBe(0);
    expect(await codeOf(capture, end - 1)).toBe(3);
    if (end < capture.length) expect(await codeOf(capture, end + 1, '--allow-incomplete')).toBe(0);
  }
});
