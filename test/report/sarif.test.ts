import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import type { Log, Result } from 'sarif';
import { describe, expect, test } from 'vitest';
import { render, renderCompanion } from './run.ts';
import { capture, finding, report } from './sample.ts';

/** Of draft 4, which ajv reads but for the name of its dialect. */
const {
  $schema: _dialect,
  id: _id,
  ...SCHEMA
} = JSON.parse(readFileSync(new URL('../../fixtures/schemas/sarif-schema-2.1.0.json', import.meta.url), 'utf8'));
const formats = {
  uri: /^[a-z][a-z0-9+.-]*:\S*$/,
  'uri-reference': /^[\w!$&'()*+,;=:@%/?#.~-]*$/,
  'date-time': /^\d{4}-/,
};
const validate = new Ajv({ strict: false, allErrors: true, formats }).compile(SCHEMA);

async function sarif(changes: Parameters<typeof render>[1] = {}): Promise<Log> {
  const log = JSON.parse(await render('sarif', changes));
  validate(log);
  expect(validate.errors).toBeNull();
  return log;
}

const resultsOf = ({ runs }: Log): readonly Result[] => runs[0]?.results ?? [];

test('a finding says where it is: a line of the transcript, its frame, its connection, its bytes', async () => {
  const result = resultsOf(await sarif())[1]!;
  expect(result).toMatchObject({
    ruleId: 'mnet/tag-mismatch',
    kind: 'fail',
    level: 'error',
    properties: { frame: 1014, connection: 3, byteOffset: 1, byteLength: 3 },
    partialFingerprints: { primaryLocationLineHash: expect.stringMatching(/^[0-9a-f]{16}:1$/) },
  });
  const [place] = result.locations ?? [];
  expect(place?.logicalLocations?.[0]?.fullyQualifiedName).toBe('lossy.pcap/connection 3/frame 1014');
  expect(place?.physicalLocation?.artifactLocation?.uri).toBe('out/results.x.txt');
  const lines = (await renderCompanion('sarif')).split('\n');
  expect(lines[(place?.physicalLocation?.region?.startLine ?? 0) - 1]).toMatch(/^ *frame 1014 .*mnet\/tag-mismatch/);
});

test('a code flow goes by the frames it looks back to, to the finding', async () => {
  const [flow] = resultsOf(await sarif())[1]?.codeFlows ?? [];
  const names = flow?.threadFlows[0]?.locations.map(({ location }) => location?.logicalLocations?.[0]?.name);
  expect(names).toEqual(['frame 3', 'frame 7', 'frame 1014']);
});

test('every line that is pointed to is there', async () => {
  const lines = (await renderCompanion('sarif')).trimEnd().split('\n');
  const log = await sarif({ sarifResults: 'all' });
  for (const { locations } of resultsOf(log)) {
    const line = locations?.[0]?.physicalLocation?.region?.startLine ?? 0;
    expect(line).toBeGreaterThanOrEqual(1);
    expect(line).toBeLessThanOrEqual(lines.length);
  }
});

test('rules in force are described, and the results know their index', async () => {
  const log = await sarif();
  const rules = log.runs[0]?.tool.driver.rules ?? [];
  expect(rules.map(({ id }) => id)).toContain('mnet/bad-magic');
  for (const { ruleId, ruleIndex } of resultsOf(log)) expect(rules[ruleIndex ?? -1]?.id).toBe(ruleId);
  for (const rule of rules) {
    expect(rule).toMatchObject({
      shortDescription: { text: expect.any(String) },
      fullDescription: { text: expect.any(String) },
      help: { text: expect.any(String), markdown: expect.any(String) },
      defaultConfiguration: { level: expect.stringMatching(/^(error|warning|note)$/) },
    });
  }
});

describe('results', () => {
  const kinds = (log: Log) => resultsOf(log).map(({ ruleId, kind, level }) => [ruleId, kind, level]);

  test('are broken rules alone, as code hosts make an alert of each', async () => {
    expect(kinds(await sarif())).toEqual([
      ['mnet/ambiguous-reading', 'fail', 'note'],
      ['mnet/tag-mismatch', 'fail', 'error'],
      ['mnet/shutdown-incomplete', 'fail', 'warning'],
    ]);
  });

  test('are all where all are asked for: passed, open, not applicable', async () => {
    expect(kinds(await sarif({ sarifResults: 'all' })).slice(3)).toEqual([
      ['mnet/length', 'pass', 'none'],
      ['mnet/sequence-gap', 'open', 'none'],
      ['mnet/bad-magic', 'notApplicable', 'none'],
    ]);
  });

  test('of one situation differ by a number', async () => {
    const findings = [finding({ frame: 1 }), finding({ frame: 2 })];
    const hashes = resultsOf(await sarif({ report: report({ findings }) })).map(
      ({ partialFingerprints }) => partialFingerprints?.primaryLocationLineHash,
    );
    expect(hashes[0]?.replace(/:1$/, ':2')).toBe(hashes[1]);
  });

  test('beyond what GitHub takes are left out, errors last, and counted', async () => {
    const findings = Array.from({ length: 25_010 }, (_, frame) => {
      return finding({ frame: frame + 1, severity: frame < 20 ? 'info' : 'error', relatedFrames: [] });
    });
    const { runs } = JSON.parse(await render('sarif', { report: report({ findings }) })) as Log;
    expect(runs[0]?.results).toHaveLength(25_000);
    expect(runs[0]?.results?.filter(({ level }) => level === 'error')).toHaveLength(24_990);
    expect(runs[0]?.invocations?.[0]?.toolExecutionNotifications?.[0]?.message.text).toMatch(/^10 results left out/);
  });
});

test('on standard output there is no transcript: a result points at its capture', async () => {
  const log = await sarif({ file: undefined });
  expect(resultsOf(log)[1]?.locations?.[0]?.physicalLocation).toEqual({
    artifactLocation: { uri: 'lossy.pcap' },
    region: { startLine: 1014 },
  });
});

test.each([
  ['a path with blanks, percent and colon', 'a b/100%:c.pcap', 'a%20b/100%25%3Ac.pcap'],
  ['an absolute path', '/tmp/a.pcap', 'file:///tmp/a.pcap'],
  ['a lone surrogate', '\ud800.pcap', '%EF%BF%BD.pcap'],
  ['standard input', '-', 'stdin'],
])('%s is a reference', async (_situation, path, uri) => {
  const log = await sarif({ report: report({ captures: [capture({ path })] }) });
  expect(log.runs[0]?.artifacts?.at(-1)?.location?.uri).toBe(uri);
});

test('a run that is no verdict was not successful', async () => {
  const log = await sarif({
    troubles: ['trace.pcap: cut'],
    report: report({ captures: [], tallies: [], findings: [] }),
  });
  expect(log.runs[0]?.invocations?.[0]).toMatchObject({
    executionSuccessful: false,
    toolExecutionNotifications: [{ level: 'error', message: { text: 'trace.pcap: cut' } }],
  });
});

test('text that looks like a link or a placeholder is neither', async () => {
  const message = 'see [here](http://x) and {0}';
  const [result] = resultsOf(await sarif({ report: report({ findings: [finding({ message })] }) }));
  expect(result?.message.text).toMatch(/^see \\\[here\\\]\(http:\/\/x\) and \{\{0\}\}/);
});
