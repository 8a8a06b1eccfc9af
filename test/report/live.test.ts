import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { LiveJson } from '../../src/report/live-json.ts';
import { LiveText } from '../../src/report/live-text.ts';
import { finding, interfered, report } from './sample.ts';

const tool = { name: 'wirelint', version: '1.2.3' };
const read = (name: string) => JSON.parse(readFileSync(new URL(`../../schema/${name}`, import.meta.url), 'utf8'));
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
ajv.addSchema(read('report.schema.json'));
const validate = ajv.compile(read('event.schema.json'));

const json = new LiveJson();
const [connection] = report().connections;
const DEED = interfered().interference?.deeds[1];
const counts = { packets: 1, messages: 1, connections: 1, errors: 0, warnings: 0, infos: 0 };

test.each([
  ['start', json.start(tool, { pairs: [{ listen: 'udp:127.0.0.1:1', upstream: 'udp:127.0.0.1:2' }] })],
  ['start', json.start(tool, { captures: ['-'] })],
  ['connection-opened', json.connection('opened', connection)],
  ['connection-closed', json.connection('closed', connection)],
  ['finding', json.finding(finding())],
  ['statistics', json.statistics({ seconds: 1, nanoseconds: 5 }, counts)],
  ['event', json.event('refused', 'tcp:127.0.0.1:1: connection refused')],
  ['event', json.event('tls', 'tls:127.0.0.1:1: the certificate is not trusted')],
  ['event', json.fault(DEED!)],
  ['report', [...json.report(report(), tool)].join('')],
  ['report', [...json.report(report(interfered()), tool)].join('')],
])('%s is one line that fits the schema', (type, line) => {
  expect(line).toMatch(/^[^\n]+\n$/);
  expect(JSON.parse(line).type).toBe(type);
  validate(JSON.parse(line));
  expect(validate.errors).toBeNull();
});

test('the schema admits no other kind of line, and no other property', () => {
  expect(validate({ type: 'surprise' })).toBe(false);
  expect(validate({ ...JSON.parse(json.event('limit', 'x')), more: 1 })).toBe(false);
});

test('a finding is one line for people, whatever its words hold', () => {
  const text = new LiveText({ color: false, width: 80, quiet: false });
  const line = text.finding(finding({ message: 'a\nb\u001b[31m ##vso[x]' }));
  expect(line).toMatch(/^[^\n]+\n$/);
  expect(line).toMatch(/^22:13:21\.500000 error mnet\/tag-mismatch frame 1014 connection 3, 127\.0\.0\.1:50185 -> /);
  for (const harm of ['\u001b', '##vso']) expect(line).not.toContain(harm);
});

test('what was done is a line for programs, with words for people', () => {
  const line = JSON.parse(json.fault(DEED!));
  expect(line).toMatchObject({ kind: 'fault', deed: { frame: 1013, deed: 'replace', cause: 'wrong-tag' } });
  for (const word of ['wrong-tag', 'changed DATA', 'mnet.tag = 112233']) expect(line.message).toContain(word);
});

test('quiet text shows errors only', () => {
  const text = new LiveText({ color: false, width: 80, quiet: true });
  expect(text.finding(finding({ severity: 'warning' }))).toBe('');
  expect(text.finding(finding({ severity: 'error' }))).not.toBe('');
});
