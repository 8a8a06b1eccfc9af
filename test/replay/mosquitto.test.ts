/** Recordings of MQTT clients against a mosquitto of now. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { replay } from '../../src/api.ts';
import { scratch } from '../kit/proxy.ts';
import { requireTool } from '../kit/tools.ts';

function freePort(): Promise<number> {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** @returns its port */
async function mosquitto(...settings: readonly string[]): Promise<number> {
  const port = await freePort();
  const file = join(scratch(), 'conf');
  const own = ['user root', 'allow_anonymous true', 'persistence false', `listener ${port} 127.0.0.1`];
  writeFileSync(file, `${[...own, ...settings].join('\n')}\n`);
  const broker = spawn('mosquitto', ['-c', file], { stdio: 'ignore' });
  onTestFinished(() => {
    broker.kill('SIGKILL');
  });
  for (let attempt = 0; attempt < 500; attempt++) {
    const socket = connect(port, '127.0.0.1');
    const isThere = await new Promise(resolve => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (isThere) return port;
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  throw new Error('mosquitto does not listen');
}

/** The broker of most recordings was told to take no more than this. */
const AS_RECORDED = ['max_inflight_messages 5'];

test.each([
  ['mosquitto-paho-311-qos', []],
  ['mosquitto-paho-311-large', []],
  ['mosquitto-311-pipelined', []],
  ['mosquitto-paho-5-request-response', AS_RECORDED],
  ['mosquitto-paho-5-shared', AS_RECORDED],
  ['mosquitto-mqttjs-5-alias', AS_RECORDED],
] as const)('%s goes as it was recorded, all its connections at once', async (name, settings) => {
  if (!requireTool('mosquitto')) return;
  const to = `tcp:127.0.0.1:${await mosquitto(...settings)}`;
  const { departures, report, counts } = await replay(`fixtures/mqtt/${name}.pcap`, { to, speed: 'max' });
  expect(departures).toEqual([]);
  expect(report.summary).toMatchObject({ errors: 0, warnings: 0 });
  expect(counts.heard).toBe(counts.expected);
});

test('a broker that is configured in another way departs from the recording, and breaks nothing', async () => {
  if (!requireTool('mosquitto')) return;
  const to = `tcp:127.0.0.1:${await mosquitto('max_inflight_messages 7')}`;
  const { departures, report } = await replay('fixtures/mqtt/mosquitto-paho-5-shared.pcap', { to, speed: 'max' });
  expect(departures.map(({ kind, messageName }) => `${kind} ${messageName}`)).toEqual(Array(4).fill('differs CONNACK'));
  expect(departures[0].text).toBe('CONNACK: properties[Receive Maximum].receiveMaximum is 7, not 5');
  expect(report.summary.errors).toBe(0);
});

test('unless nobody asks for what is different', async () => {
  if (!requireTool('mosquitto')) return;
  const to = `tcp:127.0.0.1:${await mosquitto('max_inflight_messages 7')}`;
  const ignore = ['CONNACK.properties'];
  const capture = 'fixtures/mqtt/mosquitto-paho-5-shared.pcap';
  expect((await replay(capture, { to, speed: 'max', ignore })).departures).toEqual([]);
});
