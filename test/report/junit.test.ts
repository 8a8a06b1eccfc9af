import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { isReached, type Threshold } from '../../src/report/threshold.ts';
import { render } from './run.ts';
import { capture, finding, RULES, report } from './sample.ts';

const SCHEMA = readFileSync(new URL('../../fixtures/schemas/junit-10.xsd', import.meta.url), 'utf8');

/** What the schema of Jenkins' xUnit plug-in has against it; empty for nothing. */
async function problems(xml: string): Promise<readonly string[]> {
  const result = await validateXML({ xml: { fileName: 'junit.xml', contents: xml }, schema: SCHEMA });
  return result.errors.map(({ message }) => message);
}

/** The case of a name, with all that is in it. */
function caseOf(xml: string, name: string): string {
  const cases = xml.match(/<testcase [^>]*?(?:\/>|>[\s\S]*?<\/testcase>)/g) ?? [];
  return cases.find(text => text.includes(` name="${name}`)) ?? '';
}

const NEVER: Threshold = { failOn: 'never', maxWarnings: undefined };
const WARNING: Threshold = { failOn: 'warning', maxWarnings: undefined };
const NO_WARNINGS: Threshold = { failOn: 'error', maxWarnings: 0 };

describe('a rule in a capture', () => {
  test('that was broken fails, with rule, clause, frame, endpoints and bytes in the content', async () => {
    const xml = caseOf(await render('junit'), 'mnet/tag-mismatch');
    expect(xml).toMatch(
      /^<testcase classname="mnet.lossy_pcap" name="mnet\/tag-mismatch">\s*<failure message="[^"]*" type="error">/,
    );
    const content = xml.replace(/^[\s\S]*?<failure[^>]*>/, '');
    for (const part of [
      'frame 1014',
      'MNET: DATA, Connection Tag',
      '127.0.0.1:50185 -&gt; 127.0.0.1:26999',
      '00 11 22 33',
    ]) {
      expect(content).toContain(part);
    }
  });

  test('that nothing came for is skipped, not passed', async () => {
    expect(caseOf(await render('junit'), 'mnet/bad-magic')).toMatch(/<skipped message="not exercised[^"]*"/);
  });

  test('that could not be judged is skipped, with the reason of the connection', async () => {
    const xml = caseOf(await render('junit'), 'mnet/sequence-gap');
    expect(xml).toMatch(/<skipped message="[^"]*connection 9: frame 12 acknowledges bytes/);
  });

  test('that was kept passes and says nothing', async () => {
    expect(caseOf(await render('junit'), 'mnet/length')).toBe(
      '<testcase classname="mnet.lossy_pcap" name="mnet/length"/>',
    );
  });

  test('that was broken below the threshold passes, and its findings are in the output', async () => {
    const xml = caseOf(await render('junit'), 'mnet/shutdown-incomplete');
    expect(xml).not.toMatch(/<failure|<skipped/);
    expect(xml).toMatch(/<system-out>[\s\S]*frame 1020/);
  });

  test('that is broken by findings that a filter leaves out is skipped', async () => {
    const rules = RULES.map(rule => (rule.id === 'mnet/tag-mismatch' ? { ...rule, broken: 0, unasked: 1 } : rule));
    const tallies = [{ capture: 0, protocol: 'mnet', connections: 14, messages: 1, rules }];
    const xml = await render('junit', { report: report({ tallies, findings: [] }) });
    expect(caseOf(xml, 'mnet/tag-mismatch')).toMatch(/<skipped message="[^"]*filter/);
  });
});

describe('the verdict is that of the exit code', () => {
  const clean = { ...report().summary, errors: 0, warnings: 1 };
  const milder = RULES.map(rule => (rule.severity === 'error' ? { ...rule, broken: 0 } : rule));
  const warned = report({
    summary: clean,
    tallies: [{ capture: 0, protocol: 'mnet', connections: 14, messages: 9, rules: milder }],
    findings: report().findings.filter(({ severity }) => severity !== 'error'),
  });

  test.each([
    ['an error', report(), undefined],
    ['an error that nothing fails on', report(), NEVER],
    ['a warning', warned, undefined],
    ['a warning that the run fails on', warned, WARNING],
    ['one warning too many', warned, NO_WARNINGS],
  ])('%s', async (_situation, run, threshold = { failOn: 'error', maxWarnings: undefined } satisfies Threshold) => {
    for (const granularity of ['rule', 'connection'] as const) {
      const xml = await render('junit', { report: run, threshold, granularity });
      expect(xml.includes('<failure')).toBe(isReached(threshold, run.summary));
    }
  });

  test('errors of which no finding is listed', async () => {
    for (const granularity of ['rule', 'connection'] as const) {
      expect(await render('junit', { report: report({ findings: [] }), granularity })).toContain('<failure');
    }
  });

  test('a capture that was not read is an error of the run', async () => {
    const xml = await render('junit', { troubles: ['trace.pcap: packet 9 is cut'], threshold: NEVER });
    expect(xml).toMatch(/<testcase classname="wirelint.run" [^>]*>\s*<error message="trace.pcap: packet 9 is cut"/);
    expect(xml).toMatch(/^<testsuites [^>]*failures="0" errors="1"/m);
  });
});

test('a connection each: failed, inconclusive with its reason, and how many are not listed', async () => {
  const xml = await render('junit', { granularity: 'connection' });
  expect(caseOf(xml, 'connection 3 ')).toMatch(/<failure [^>]*type="error">[\s\S]*mnet\/tag-mismatch/);
  expect(caseOf(xml, 'connection 9 ')).toMatch(/<skipped message="inconclusive: frame 12/);
  expect(caseOf(xml, 'connections that are not listed')).toContain('12 connections');
});

test('captures of one name have cases of different names', async () => {
  const captures = [capture(), capture(), capture({ path: 'lossy_pcap' })];
  const tallies = captures.map((_, index) => ({
    capture: index,
    protocol: 'mnet',
    connections: 1,
    messages: 1,
    rules: RULES,
  }));
  const xml = await render('junit', { report: report({ captures, tallies }) });
  const names = [...xml.matchAll(/<testcase classname="([^"]*)" name="([^"]*)"/g)].map(
    ([, suite, name]) => `${suite} ${name}`,
  );
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBe(3 * RULES.length + 1);
});

describe('fits the schema', () => {
  test('which refuses what does not', async () => {
    expect(await problems('<testsuites><testcase/></testsuites>')).not.toEqual([]);
  });

  test.each([
    ['a run with findings', {}],
    ['a case for each connection', { granularity: 'connection' as const }],
    ['troubles', { troubles: ['a.pcap: cut'] }],
    ['nothing at all', { report: report({ captures: [], tallies: [], connections: [], findings: [] }) }],
    [
      'all that XML forbids',
      { report: report({ findings: [finding({ message: '\0\x0b\ufffe\uffff\ud800]]><&"' })] }) },
    ],
  ])('%s', async (_situation, changes) => {
    expect(await problems(await render('junit', changes))).toEqual([]);
  });
});

describe('what CI systems take', () => {
  test('a failure with more findings than it can hold says how many are not shown', async () => {
    const findings = Array.from({ length: 1000 }, (_, frame) => finding({ frame }));
    const rules = RULES.map(rule => (rule.id === 'mnet/tag-mismatch' ? { ...rule, broken: 1100 } : rule));
    const tallies = [{ capture: 0, protocol: 'mnet', connections: 14, messages: 1, rules }];
    const content = caseOf(await render('junit', { report: report({ findings, tallies }) }), 'mnet/tag-mismatch');
    expect(content.length).toBeLessThan(70_000);
    expect(content).toMatch(/\d+ more findings: a case holds[\s\S]*100 more findings not listed/);
  });

  test('more cases than GitLab takes: failures are kept, what is left out is counted', async () => {
    const captures = Array.from({ length: 10_500 }, (_, index) => capture({ path: `${index}.pcap` }));
    const kept = RULES.filter(({ broken }) => broken === 0).flatMap(rule =>
      ['a', 'b', 'c'].map(suffix => ({ ...rule, id: rule.id + suffix })),
    );
    const tallies = captures.map((_, index) => ({
      capture: index,
      protocol: 'mnet',
      connections: 1,
      messages: 1,
      rules: index === captures.length - 1 ? RULES : kept,
    }));
    const findings = report().findings.map(found => ({ ...found, capture: captures.length - 1 }));
    const xml = await render('junit', { report: report({ captures, tallies, findings }) });
    const cases = xml.match(/<testcase /g)?.length ?? 0;
    expect(cases * 3).toBeLessThanOrEqual(250_000);
    expect(Buffer.byteLength(xml)).toBeLessThanOrEqual(30_000_000);
    expect(caseOf(xml, 'mnet/tag-mismatch')).not.toBe('');
    expect(xml).toContain('<failure');
    expect(xml).toMatch(/name="left out of this file"[\s\S]*did not fit/);
  });
});
