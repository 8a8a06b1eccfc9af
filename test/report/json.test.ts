import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonReport } from '../../src/report/json.ts';
import type { RunReport } from '../../src/report/run-report.ts';
import { capture, finding, interfered, report } from './sample.ts';

const tool = { name: 'wirelint', version: '1.2.3' };
const schema = JSON.parse(readFileSync(new URL('../../schema/report.schema.json', import.meta.url), 'utf8'));
const validate = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true }).compile(schema);

function problems(run: RunReport): unknown {
  validate(JSON.parse(jsonReport(run, tool)));
  return validate.errors;
}

test('the first lines say what it is', () => {
  expect(jsonReport(report(), tool)).toMatch(
    /^\{\n {2}"schemaVersion": 1,\n {2}"tool": \{\n {4}"name": "wirelint",\n {4}"version": "1.2.3"\n/,
  );
});

test('a finding has the properties that were promised, in the promised order', () => {
  const parsed = JSON.parse(jsonReport(report(), tool));
  expect(JSON.stringify(parsed.findings[1])).toBe(
    JSON.stringify({
      ruleId: 'mnet/tag-mismatch',
      severity: 'error',
      message: 'the tag of DATA is 112233, though its sender chose 445566 in the INIT of this connection',
      capture: 0,
      frame: 1014,
      time: '2023-11-14T22:13:21.500000Z',
      protocol: 'mnet',
      connection: 3,
      from: '127.0.0.1:50185',
      to: '127.0.0.1:26999',
      atFault: '127.0.0.1:50185',
      messageName: 'DATA',
      state: 'ESTABLISHED',
      bytes: { offset: 1, length: 3 },
      expected: 'tag 445566',
      actual: 'tag 112233',
      restsOn: 'bytes',
      spec: { document: 'MNET', clause: 'DATA, Connection Tag' },
      relatedFrames: [3, 7],
      excerpt: { offset: 0, hex: '001122330000002800000000000441421b5b', messageLength: 18 },
    }),
  );
});

test('times keep the precision of their own capture', () => {
  const time = { seconds: 1_700_000_000, nanoseconds: 123_456_789 };
  const captures = [
    capture({ firstTime: { ...time, digits: 0 }, lastTime: { ...time, digits: 0 } }),
    capture({ firstTime: { ...time, digits: 9 }, lastTime: { ...time, digits: 9 } }),
  ];
  const findings = [finding({ capture: 0, time }), finding({ capture: 1, time })];
  const parsed = JSON.parse(jsonReport(report({ captures, findings }), tool));
  expect(parsed.findings.map((f: { time: string }) => f.time)).toEqual([
    '2023-11-14T22:13:20Z',
    '2023-11-14T22:13:20.123456789Z',
  ]);
});

const { firstTime: _first, lastTime: _last, ...timeless } = capture();
const far = { seconds: 18_446_744_073_709, nanoseconds: 0, digits: 6 };

test.each<[string, RunReport]>([
  ['findings of every severity', report()],
  ['nothing at all', report({ captures: [], protocols: [], connections: [], findings: [] })],
  ['an empty capture', report({ captures: [{ ...timeless, packets: 0 }] })],
  ['a cut capture', report({ captures: [capture({ complete: false, problem: { offset: 9, message: 'cut' } })] })],
  ['times beyond the calendar', report({ captures: [capture({ firstTime: far, lastTime: far })] })],
  ['what the proxy did', report({ ...interfered(), omitted: { findings: 0, connections: 0, induced: 7 } })],
  ['things left out', report({ omitted: { findings: 5, connections: 6 }, notes: ['a bound was hit'] })],
])('a report of %s fits the schema', (_situation, run) => {
  expect(problems(run)).toBeNull();
});

test('the schema describes every property and admits no other', () => {
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    if ('properties' in node) {
      expect(node).toMatchObject({ additionalProperties: false, description: expect.any(String) });
      for (const property of Object.values(node.properties as object)) {
        expect(property).toHaveProperty('description');
      }
    }
    for (const child of Object.values(node)) walk(child);
  };
  walk(schema);
  const extra = { ...JSON.parse(jsonReport(report(), tool)), surprise: true };
  expect(validate(extra)).toBe(false);
});

test('property: any text in a finding survives, and nothing in the document can act on a terminal', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      const json = jsonReport(report({ findings: [finding({ message: text })] }), tool);
      expect(json.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      expect(JSON.parse(json).findings[0].message).toBe(text);
    }),
  );
});

test('the same run gives the same bytes', () => {
  expect(jsonReport(report(), tool)).toBe(jsonReport(report(), tool));
});
