/** Recordings of MQTT clients against a mosquitto of now. */
import { expect, test } from 'vitest';
import { replay } from '../../src/api.ts';
import { mosquitto } from '../kit/mosquitto.ts';
import { requireTool } from '../kit/tools.ts';

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
