/** A baseline accepts what was found, wherever it comes up again, and nothing else. */
import { describe, expect, test } from 'vitest';
import { check } from '../src/api/check.ts';
import { Baseline, withBaseline } from '../src/baseline.ts';
import type { RunReport } from '../src/report/run-report.ts';
import { UsageError } from '../src/settings/words.ts';
import { hex } from '../src/testkit/bytes.ts';
import { pcap } from '../src/testkit/capture.ts';
import { udpFrame } from '../src/testkit/packet.ts';
import { finding, report } from './report/sample.ts';

const USE = { name: 'accepted.json', allConnections: false };

/** A listener answers with the tag of somebody else, and tags, ports and times are these. */
function conversation(
  port: number,
  seconds: number,
  tag: string,
  wrongTag: string,
  ...more: readonly string[]
): Uint8Array {
  const [client, server] = [`10.0.0.1:${port}`, '10.0.0.2:26999'];
  const cookie = `02 ${port === 40_000 ? '112233' : '44556a'} ${wrongTag} 01 ${'00'.repeat(4)} ${'00'.repeat(20)}`;
  const frames = [`01 4d4e4554 01 ${tag}`, `<${cookie}`, ...more].map((text, index) => {
    const [from, to] = text.startsWith('<') ? [server, client] : [client, server];
    return { bytes: udpFrame(from, to, hex(text.replace('<', ''))), seconds: seconds + index };
  });
  return pcap(frames);
}

const first = () => check(conversation(40_000, 1_000, 'aabbcc', 'aabbcd'));

test('the same traffic is clean with its baseline, and says how much is accepted', async () => {
  const before = await first();
  expect(before.findings.map(({ ruleId }) => ruleId)).toEqual(['mnet/cookie-peer-tag']);
  const after = withBaseline(before, new Baseline([]).with(before.findings), USE);
  expect(after.summary).toMatchObject({ errors: 0, accepted: 1, verdict: 'conformant' });
  expect(after.findings).toEqual([]);
  expect(after.connections).toEqual([]);
  const rule = (list: RunReport['protocols'][0]['rules']) => list.find(({ id }) => id === 'mnet/cookie-peer-tag');
  expect(rule(after.protocols[0].rules)).toMatchObject({ broken: 0 });
  expect(rule(after.tallies[0].rules)).toMatchObject({ broken: 0, accepted: 1 });
});

test('the same fault under other ports, times and tags is accepted; a new one is not', async () => {
  const baseline = new Baseline([]).with((await first()).findings);
  const again = await check(conversation(51_234, 2_000_000, '0f1e2d', '0f1e2e'));
  expect(again.findings).toHaveLength(1);
  expect(withBaseline(again, baseline, USE).summary).toMatchObject({ errors: 0, accepted: 1, verdict: 'conformant' });
  const worse = await check(conversation(51_234, 2_000_000, '0f1e2d', '0f1e2e', '<05 00'));
  const left = withBaseline(worse, baseline, USE);
  expect(left.summary.accepted).toBe(1);
  expect(left.summary.errors).toBeGreaterThan(0);
  expect(left.summary.verdict).toBe('violations');
  expect(left.findings.map(({ ruleId }) => ruleId)).not.toContain('mnet/cookie-peer-tag');
});

test('a connection that is doubtful besides stays so', () => {
  const whole = report();
  const errors = whole.findings.filter(({ severity }) => severity !== 'info');
  const after = withBaseline(whole, new Baseline([]).with(errors), USE);
  expect(after.summary).toMatchObject({ errors: 0, warnings: 0, accepted: errors.length, verdict: 'inconclusive' });
  expect(after.connections.map(({ id }) => id)).toContain(9);
});

test('an entry that matches nothing is named', async () => {
  const stale = finding({ ruleId: 'mnet/sequence-gap' });
  const { notes } = withBaseline(await first(), new Baseline([]).with([stale]), USE);
  expect(notes).toEqual([expect.stringMatching(/accepted\.json: 1 entry .* mnet\/sequence-gap [0-9a-f]{16}$/)]);
});

describe('the file', () => {
  const two = [finding({ ruleId: 'mnet/length' }), finding({ ruleId: 'mnet/ack-unsent' })];

  test('is sorted, whatever came first, and holds each situation once', () => {
    const text = new Baseline([]).with([...two, ...two]).toString();
    expect(text).toBe(new Baseline([]).with(two.toReversed()).toString());
    expect(JSON.parse(text).accepted.map(({ rule }: { rule: string }) => rule)).toEqual([
      'mnet/ack-unsent',
      'mnet/length',
    ]);
  });

  test('keeps reasons and entries when it is written again', () => {
    const entries = JSON.parse(new Baseline([]).with(two).toString());
    entries.accepted[0].reason = 'WIRE-12: the old firmware does that';
    const again = Baseline.parse(JSON.stringify(entries), 'b.json').with([finding({ ruleId: 'mnet/bad-magic' })]);
    expect(again.entries.map(({ rule, reason }) => [rule, reason])).toEqual([
      ['mnet/ack-unsent', 'WIRE-12: the old firmware does that'],
      ['mnet/length', ''],
      ['mnet/bad-magic', ''],
    ]);
  });

  test.each([
    ['[', /b\.json: not JSON/],
    ['[]', /b\.json: not a baseline/],
    ['{"accepted": []}', /b\.json: schemaVersion undefined/],
    ['{"schemaVersion": 2, "accepted": []}', /b\.json: schemaVersion 2/],
    ['{"schemaVersion": 1, "accepted": [3]}', /b\.json: accepted\[0\]: expected an object/],
    ['{"schemaVersion": 1, "accepted": [{"rule": 1}]}', /b\.json: accepted\[0\]\.rule: expected a string/],
    ['{"schemaVersion": 1, "accepted": [{"rule": "x"}]}', /b\.json: accepted\[0\]\.protocol: expected a string/],
  ])('is refused when it holds %s', (text, reason) => {
    expect(() => Baseline.parse(text, 'b.json')).toThrow(UsageError);
    expect(() => Baseline.parse(text, 'b.json')).toThrow(reason);
  });

  test('makes nothing of names that objects have', () => {
    const hostile = '{"schemaVersion": 1, "accepted": [], "__proto__": {"accepted": [{}]}}';
    expect(Baseline.parse(hostile, 'b.json').entries).toEqual([]);
  });
});
