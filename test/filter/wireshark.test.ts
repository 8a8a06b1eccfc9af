/** Wireshark's names in filters: the same frames as tshark gives, or an answer that names ours. */
import { describe, expect, test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import { WIRESHARK_NAMES } from '../../src/filter/aliases.ts';
import { catalogueOf, fieldsOf } from '../../src/filter/catalogue.ts';
import { makeFilter } from '../../src/filter/filter.ts';
import { contractProblems } from '../../src/protocol/contract.ts';
import { runInside } from '../cli/host.ts';
import { requireTool, runTool } from '../kit/tools.ts';
import { toy } from '../kit/toy.ts';

const catalogue = catalogueOf(protocols);

const MQTT = 'fixtures/mqtt/mosquitto-paho-5-session.pcap';

test.each([
  [MQTT, 'mqtt.msgtype == 3'],
  [MQTT, 'mqtt.clientid'],
  [MQTT, 'mqtt.qos == 1 && mqtt.msgtype == 3'],
  [MQTT, 'mqtt.msgid == 1'],
  [MQTT, 'mqtt.conflag.cleansess == 1'],
  [MQTT, 'mqtt.kalive > 0 and tcp.port == 1883'],
  ['fixtures/mqtt/mosquitto-paho-5-shared.pcap', 'mqtt.suback.reason_code == 1'],
  ['fixtures/mnet/echo-small.pcap', 'ip.src == 10.0.0.1 || udp.dstport == 26999'],
  ['fixtures/mnet/echo-small.pcap', 'frame.number > 3 && frame.number < 9 && ip.addr == 127.0.0.1'],
  ['fixtures/mnet/echo-small.pcap', 'frame.time_relative > 0.01 && udp'],
])('%s: %s', async (capture, filter) => {
  if (!requireTool('tshark')) return;
  const ours = filter.replace(' && udp', '');
  const theirs = runTool('tshark', [
    '-r',
    capture,
    '-Y',
    `(${filter}) && (mqtt || udp)`,
    '-T',
    'fields',
    '-e',
    'frame.number',
  ]);
  const { stdout } = await runInside('dissect', '--format', 'ndjson', '-Y', ours, capture);
  const frames = stdout
    .trim()
    .split('\n')
    .filter(Boolean)
    .map(line => (JSON.parse(line) as { frame: number }).frame);
  expect([...new Set(frames)]).toEqual(theirs.trim().split('\n').filter(Boolean).map(Number));
});

describe('a name of theirs', () => {
  test('is no second field', () => {
    const names = fieldsOf(catalogue).map(({ name }) => name);
    expect(names).not.toContain('ip.addr');
    expect(names.length).toBe(new Set(names).size);
  });

  test('stands for one of ours, each', () => {
    for (const [theirs, ours] of WIRESHARK_NAMES) expect(catalogue.get(theirs)?.name).toBe(ours);
  });

  test.each([
    ['tcp.stream == 0', 'connection'],
    ['frame.len > 100', 'length'],
    ['frame.time_delta > 1', 'delay'],
    ['tcp.flags.syn == 1', 'addr'],
    ['_ws.expert', 'severity'],
  ])('without an equal is answered with what comes closest: %s', (text, closest) => {
    expect(() => makeFilter(text, catalogue, 'messages')).toThrow(closest);
  });

  test('gives way to a field of that name', () => {
    const own = catalogueOf([{ ...toy, id: 'udp', wiresharkNames: { port: 'count' } }]);
    expect(own.get('udp.port')?.name).toBe('port');
    expect(catalogueOf([{ ...toy, id: 'ip' }]).get('ip')?.name).toBe('ip');
  });

  test('must stand for a field that there is', () => {
    expect(contractProblems({ ...toy, wiresharkNames: { nr: 'nowhere' } })).toEqual([
      expect.stringMatching(/wiresharkNames.*nr.*nowhere/),
    ]);
  });
});
