/** What the proxy did on purpose, and what came of it, in each format: people read it, and nothing fails by it. */
import { describe, expect, test } from 'vitest';
import type { RunReport } from '../../src/report/run-report.ts';
import { textReport } from '../../src/report/text.ts';
import { render } from './run.ts';
import { finding, interfered, report } from './sample.ts';

/** A run in which nobody broke anything, and the proxy much. */
const CONFORMANT = report({
  findings: [],
  connections: [],
  summary: { ...report().summary, errors: 0, warnings: 0, infos: 0, inconclusive: 0, verdict: 'conformant' },
  tallies: [],
});
const CAUSED: RunReport = { ...CONFORMANT, ...interfered() };

test('the text says how often, to what, how the peers took it, and what it has induced', () => {
  const text = textReport(CAUSED, { color: false, width: 100 });
  expect(text.slice(0, text.indexOf('mnet: 14 connections'))).toBe(`\
What the proxy did (seed 42):
  dropped     1,234 times, by fault drop=5%
  changed     1 time, by attack wrong-tag

  frame 1013 2023-11-14T22:13:21.250000Z connection 3 dropped DATA, 127.0.0.1:50185 ->
    127.0.0.1:26999, by drop=5%
  frame 1013 2023-11-14T22:13:21.250000Z connection 3 changed DATA, 127.0.0.1:50185 ->
    127.0.0.1:26999: mnet.tag = 112233 (was 445566), by wrong-tag
  1,233 more deeds not shown here

How the peers took it:
  mnet/tag-mismatch frame 1013 connection 3 wrong-tag: 127.0.0.1:26999 aborted, and sent ABORT

Induced by it, not counted:
  Each peer is judged by what it was given. These rules look broken to the other peer; the proxy
  caused that.

  induced  mnet/tag-mismatch  frame 1013  2023-11-14T22:13:21.500000Z  connection 3, not counted
    the tag of DATA is 112233
    expected  tag 445566
    actual    tag 112233
    at fault  nobody
    message   DATA, 127.0.0.1:50185 -> 127.0.0.1:26999, sent in ESTABLISHED
    clause    MNET: DATA, Connection Tag
    see also  frames 3, 7
    0000  00 11 22 33 00 00 00 28 00 00 00 00 00 04 41 42  .."3...(......AB
             ^^ ^^ ^^
    0010  1b 5b                                            .[

`);
  expect(text).toMatch(/\nno findings in 14 connections; .*: conformant\n$/);
});

test('quiet text is silent about it', () => {
  expect(textReport(CAUSED, { color: false, width: 100, quiet: true })).not.toMatch(/induced|proxy/i);
});

test('what is induced again and again is folded, in each connection for itself', () => {
  const many = Array.from({ length: 12 }, (_, place) => finding({ frame: place + 1, connection: 1 + (place % 2) }));
  const text = textReport({ ...CONFORMANT, induced: many }, { color: false, width: 100 });
  expect(text.match(/^ {2}induced /gm)).toHaveLength(6);
  expect(text.match(/3 more like it, in frames .*/g)).toEqual([
    '3 more like it, in frames 7, 9, 11',
    '3 more like it, in frames 8, 10, 12',
  ]);
});

describe.each(['text', 'markdown', 'html'] as const)('%s', format => {
  test('tells of each part of it', async () => {
    const omitted = { findings: 0, connections: 0, induced: 7 };
    const written = await render(format, { report: { ...CAUSED, omitted } });
    for (const part of ['What the proxy did', 'drop=5%', '1,234', 'dropped', '42', 'How the peers took it', 'aborted'])
      expect(written).toContain(part);
    for (const part of ['Induced by it', 'mnet/tag-mismatch', 'nobody', 'At most 7 more'])
      expect(written).toContain(part);
  });

  test('says nothing of it where nothing was done', async () => {
    expect(await render(format, { report: CONFORMANT })).not.toMatch(/induced by|the proxy/i);
  });
});

describe('fails nothing', () => {
  test.each(['compact', 'github', 'gitlab', 'sarif'] as const)('%s is that of a run without it', async format => {
    expect(await render(format, { report: CAUSED })).toBe(await render(format, { report: CONFORMANT }));
  });

  test('TAP has no failure', async () => {
    expect(await render('tap', { report: CAUSED })).toBe(await render('tap', { report: CONFORMANT }));
  });

  test('JUnit has it as the output of the run, and no failure', async () => {
    const xml = await render('junit', { report: CAUSED });
    expect(xml).not.toMatch(/<failure|<error/);
    expect(xml).toContain('failures="0"');
    expect(/<system-out>([^<]*)<\/system-out>/.exec(xml)?.[1]).toMatch(
      /^What the proxy did[\s\S]*\n {2}induced {2}mnet\/tag-mismatch/,
    );
    expect(await render('junit', { report: CONFORMANT })).not.toContain('system-out');
  });

  test('JUnit cuts a long one at the end of a line', async () => {
    const many = Array.from({ length: 500 }, (_, place) => finding({ frame: place + 1, ruleId: `mnet/rule-${place}` }));
    const xml = await render('junit', { report: { ...CONFORMANT, induced: many } });
    const output = /<system-out>([^<]*)<\/system-out>/.exec(xml)?.[1] ?? '';
    expect(output.length).toBeGreaterThan(45_000);
    expect(output.length).toBeLessThan(60_000);
    expect(output).toMatch(/\n$/);
  });
});

test('JSON has each property that was promised, in the promised order', async () => {
  const parsed = JSON.parse(await render('json', { report: CAUSED }));
  expect(Object.keys(parsed).slice(-5)).toEqual(['findings', 'induced', 'interference', 'omitted', 'notes']);
  expect(parsed.induced).toMatchObject([{ ruleId: 'mnet/tag-mismatch', frame: 1013, connection: 3 }]);
  const { deeds, ...rest } = parsed.interference;
  expect(JSON.stringify(deeds[1])).toBe(
    JSON.stringify({
      frame: 1013,
      time: '2023-11-14T22:13:21.250000Z',
      connection: 3,
      from: '127.0.0.1:50185',
      to: '127.0.0.1:26999',
      messageName: 'DATA',
      deed: 'replace',
      cause: 'wrong-tag',
      note: 'mnet.tag = 112233 (was 445566)',
    }),
  );
  expect(rest).toEqual({
    seed: 42,
    faults: interfered().interference?.faults,
    reactions: interfered().interference?.reactions,
    omitted: { deeds: 1_233, reactions: 0 },
  });
});

test('JSON of a run without has none of it', async () => {
  const parsed = JSON.parse(await render('json', { report: CONFORMANT }));
  expect(['induced' in parsed, 'interference' in parsed, 'induced' in parsed.omitted]).toEqual([false, false, false]);
});
