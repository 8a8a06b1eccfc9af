/** Captures of known programs (fixtures/mqtt/README.md). What is expected here was worked out by hand. */
import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openCapture } from '../../../src/capture/open.ts';
import { judgeCapture } from '../../kit/mqtt-judge.ts';

const FIXTURES = new URL('../../../fixtures/mqtt/', import.meta.url).pathname;
const judged = async (name: string, mapped: boolean) =>
  judgeCapture(await openCapture(`${FIXTURES}${name}.pcap`), { mapped });

interface Capture {
  readonly name: string;
  readonly connections: number;
  readonly messages: number;
  /** Recognised by itself, and on a mapped port. */
  readonly found?: readonly string[];
  readonly foundMapped?: readonly string[];
}

const CAPTURES: readonly Capture[] = [
  { name: 'aedes-mqttjs-311-basic', connections: 3, messages: 68 },
  { name: 'mosquitto-311-pipelined', connections: 2, messages: 26 },
  { name: 'mosquitto-311-will', connections: 4, messages: 15 },
  {
    name: 'mosquitto-bad-credentials',
    connections: 7,
    messages: 20,
    found: ['client-id-empty 83'],
    foundMapped: ['unknown-version 70', 'client-id-empty 83'],
  },
  { name: 'mosquitto-mqttjs-5-alias', connections: 3, messages: 61 },
  {
    name: 'mosquitto-mqttjs-5-receive-maximum',
    connections: 2,
    messages: 124,
    found: ['receive-maximum 17', 'receive-maximum 74'],
  },
  { name: 'mosquitto-paho-311-large', connections: 2, messages: 16 },
  { name: 'mosquitto-paho-311-persistent', connections: 5, messages: 57 },
  { name: 'mosquitto-paho-311-qos', connections: 2, messages: 52 },
  { name: 'mosquitto-paho-5-request-response', connections: 2, messages: 41 },
  { name: 'mosquitto-paho-5-session', connections: 4, messages: 43 },
  { name: 'mosquitto-paho-5-shared', connections: 4, messages: 62 },
  { name: 'scripted-mqttjs-5-auth', connections: 3, messages: 19 },
];

test('each capture is there, and looked at', () => {
  const files = readdirSync(FIXTURES).filter(file => file.endsWith('.pcap'));
  expect(files.sort()).toEqual(CAPTURES.map(({ name }) => `${name}.pcap`));
});

test.each(CAPTURES)('$name, as all that its broker saw', async ({ name, found = [] }) => {
  const source = await openCapture(`${FIXTURES}${name}.pcap`);
  expect((await judgeCapture(source, { dialect: { sees: 'broker' } })).broken).toEqual(found);
});

describe.each(CAPTURES)('$name', ({ name, connections, messages, found = [], foundMapped = found }) => {
  test('recognised by itself', async () => {
    const { broken, report, verdicts } = await judged(name, false);
    expect(broken).toEqual(found);
    expect(report.summary).toMatchObject({ connections, messages });
    const conformant = verdicts.filter(verdict => verdict === 'conformant');
    expect(conformant).toHaveLength(connections - new Set(report.findings.map(({ connection }) => connection)).size);
  });

  test('on a mapped port', async () => {
    expect((await judged(name, true)).broken).toEqual(foundMapped);
  });
});
