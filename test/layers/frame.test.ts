import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { openBytes } from '../../src/capture/open.ts';
import { CaptureError, type Frame } from '../../src/capture/source.ts';
import { describeFrame } from '../../src/layers/frame.ts';
import type { LayerNode } from '../../src/layers/header.ts';
import { formatAddress } from '../../src/net/address.ts';
import { DEFAULT_DECODER_LIMITS, Decoder } from '../../src/net/decode.ts';
import { concat, countingBytes, hex } from '../../src/testkit/bytes.ts';
import {
  ACK,
  ethernet,
  FIN,
  frameOf,
  ipv4,
  ipv6,
  ipv6Fragment,
  PSH,
  SYN,
  sll2,
  tcpFrame,
  udp,
  udpFrame,
  udpPacket,
} from '../../src/testkit/packet.ts';
import { requireTool, runTool } from '../kit/tools.ts';

const FIXTURES = fileURLToPath(new URL('../../fixtures/', import.meta.url));
const TIMES = { utc: '2026-11-22T12:00:00Z', elapsed: '1.5' };
const ENDS = { source: '10.0.0.1:1024', destination: '10.0.0.2:26999' };

function described(frame: Frame, more = {}) {
  const { bytes, start, end } = frame;
  const found = { ...frame, interfaceName: '', bytes: bytes.slice(start, end) };
  return describeFrame(found, { ...TIMES, ...more });
}

const layersOf = (bytes: Uint8Array, linkType = 1, more = {}) => described(frameOf(bytes, { linkType }), more).layers;
const summaries = (layers: readonly LayerNode[]) => layers.slice(1).map(({ title, display }) => `${title}: ${display}`);
const field = (layers: readonly LayerNode[], layer: string, name: string) =>
  layers.find(node => node.name === layer)?.children?.find(node => node.name === name);

describe('each layer on one line', () => {
  test.each([
    [
      'Ethernet and UDP',
      udpFrame(ENDS.source, ENDS.destination, countingBytes(5)),
      1,
      [
        /^Ethernet: \S+ -> \S+, IPv4$/,
        /^IPv4: 10\.0\.0\.1 -> 10\.0\.0\.2, UDP, TTL \d+$/,
        /^UDP: 1024 -> 26999, 5 bytes of payload$/,
      ],
    ],
    [
      'two VLAN tags',
      udpFrame(ENDS.source, ENDS.destination, countingBytes(5), { vlan: [5, 6] }),
      1,
      [/VLAN$/, /^VLAN: 5, priority 0, VLAN$/, /^VLAN: 6, priority 0, IPv4$/, /^IPv4/, /^UDP/],
    ],
    [
      'a cooked capture',
      sll2(udpPacket(ENDS.source, ENDS.destination, countingBytes(5))),
      276,
      [/^Linux cooked 2: interface \d+, .+, IPv4$/, /^IPv4/, /^UDP/],
    ],
    [
      'raw IP',
      udpPacket('[2001:db8::1]:1', '[2001:db8::2]:2', countingBytes(5)),
      101,
      [/^IPv6: 2001:db8::1 -> 2001:db8::2, UDP, hop limit \d+$/, /^UDP: 1 -> 2/],
    ],
    [
      'a segment with its flags',
      tcpFrame({ ...ENDS, sequence: 7, flags: PSH | ACK }, countingBytes(3)),
      1,
      [/^Ethernet/, /^IPv4/, /^TCP: 1024 -> 26999 \[PSH, ACK\] seq 7 ack 0 win \d+ len 3$/],
    ],
    ['a link type that is not read', hex('0011'), 147, []],
  ])('%s', (_, bytes, linkType, lines) => {
    const found = summaries(layersOf(bytes, linkType));
    expect(found.length).toBe(lines.length);
    for (const [index, line] of lines.entries()) expect(found[index]).toMatch(line);
  });
});

test('the numbers of a segment are counted from what the connection began with, and stand beside the raw ones', () => {
  const segment = { sequenceBase: 0xffff_fffe, acknowledgementBase: 10, order: 'retransmission' };
  const bytes = tcpFrame({ ...ENDS, sequence: 3, acknowledgement: 30, flags: ACK }, countingBytes(4));
  const layers = layersOf(bytes, 1, { segment });
  expect(field(layers, 'tcp', 'sequence')?.display).toBe('5 (raw 3)');
  expect(field(layers, 'tcp', 'acknowledgement')?.display).toBe('20 (raw 30)');
  expect(field(layers, 'tcp', 'order')?.display).toBe('retransmission');
  expect(layers.at(-1)?.display).toMatch(/seq 5 ack 20 win \d+ len 4 retransmission$/);
});

test('what the flags of a segment are for is said', () => {
  const meaning = (flags: number) =>
    field(layersOf(tcpFrame({ ...ENDS, sequence: 1, flags }, hex(''))), 'tcp', 'flags')?.meaning;
  expect(meaning(SYN)).toContain('handshake');
  expect(meaning(SYN | ACK)).toContain('accepts');
  expect(meaning(FIN | ACK)).toContain('no more to say');
  expect(meaning(ACK)).toBe('');
});

test('options of a segment are named, and one that does not end goes to the end of the header', () => {
  const options = hex('020405b4 0101 0402 1efd 0000');
  const layers = layersOf(tcpFrame({ ...ENDS, sequence: 1, flags: SYN, options }, hex('')));
  const named = layers.at(-1)?.children?.filter(({ name }) => name.startsWith('option'));
  expect(named?.map(({ title, display, length }) => `${title} ${display} ${length}`)).toEqual([
    'Maximum segment size 1460 bytes 4',
    'SACK permitted yes 2',
    'Multipath TCP 00:00 4',
  ]);
});

test('checksums are verified where all bytes are there', () => {
  const status = (bytes: Uint8Array, layer: string, linkType = 1) =>
    field(layersOf(bytes, linkType), layer, 'checksum')?.display.replace(/^0x[0-9a-f]{4}, /, '');
  const sound = udpFrame(ENDS.source, ENDS.destination, countingBytes(5));
  expect([status(sound, 'ip'), status(sound, 'udp')]).toEqual(['correct', 'correct']);
  const broken = sound.with(-1, sound[sound.length - 1] ^ 1);
  expect([status(broken, 'ip'), status(broken, 'udp')]).toEqual(['correct', 'wrong']);
  expect(status(sound.with(22, 1), 'ip')).toBe('wrong');
  expect(status(sound.subarray(0, -1), 'udp')).toBe('not verified');
  const datagram = udp({ source: ENDS.source, destination: ENDS.destination }, countingBytes(64));
  const header = { source: '10.0.0.1', destination: '10.0.0.2', protocol: 17, identification: 7 };
  const first = ethernet({}, ipv4({ ...header, moreFragments: true }, datagram.subarray(0, 32)));
  expect(status(first, 'udp')).toBe('not verified');
});

test('a later fragment has no transport, and says from where it goes on', () => {
  const header = { source: '10.0.0.1', destination: '10.0.0.2', protocol: 17, identification: 7, fragmentOffset: 32 };
  expect(summaries(layersOf(ethernet({}, ipv4(header, countingBytes(16))))).at(-1)).toMatch(
    /last fragment, from byte 32$/,
  );
  const six = ipv6Fragment({ nextHeader: 17, identification: 7, offset: 32, moreFragments: true }, countingBytes(16));
  const layers = layersOf(
    ethernet({}, ipv6({ source: '2001:db8::1', destination: '2001:db8::2', nextHeader: 44 }, six)),
  );
  expect(layers.map(({ name }) => name)).toEqual(['frame', 'ethernet', 'ipv6', 'extension']);
  expect(field(layers, 'extension', 'fragmentOffset')?.value).toBe(32);
});

test('text of the capture is escaped', () => {
  const found = {
    ...frameOf(udpFrame(ENDS.source, ENDS.destination, hex('00'))),
    interfaceName: 'e\u001b[31m',
    comment: '\u009b1m',
  };
  const [frame] = describeFrame(found, TIMES).layers;
  expect(JSON.stringify(frame)).not.toMatch(/\\u001b|\u009b/);
});

test('any bytes are described, and no field lies outside the frame unless it is marked as cut', () => {
  const whole = concat(udpFrame('[2001:db8::1]:1', '[2001:db8::2]:2', countingBytes(9), { vlan: [5] }));
  const tcp = tcpFrame({ ...ENDS, sequence: 1, flags: SYN, options: hex('020405b4') }, countingBytes(9));
  for (const bytes of [whole, tcp])
    for (let length = 0; length <= bytes.length; length++)
      for (const linkType of [0, 1, 101, 113, 276]) {
        const nodes = layersOf(bytes.subarray(0, length), linkType).flatMap(node => [node, ...(node.children ?? [])]);
        for (const node of nodes) if (!node.cut) expect(node.offset + node.length).toBeLessThanOrEqual(length);
      }
});

/** All captures of the fixtures that can be read, with each frame. */
async function eachFixture(visit: (frame: Frame, path: string) => void): Promise<number> {
  let frames = 0;
  for (const folder of ['mnet', 'ministreaming', 'mqtt', 'filestorage', 'field', 'tcp', 'captures']) {
    for (const name of readdirSync(FIXTURES + folder).filter(file => /\.pcap(ng)?$/.test(file))) {
      try {
        const source = await openBytes(new Uint8Array(readFileSync(`${FIXTURES}${folder}/${name}`)), name);
        await source.read(frame => {
          frames++;
          visit(frame, `${folder}/${name}`);
        });
      } catch (error) {
        if (!(error instanceof CaptureError)) throw error;
      }
    }
  }
  return frames;
}

test('the layers that are described are those that are decoded: same ends, same payload, same numbers', async () => {
  const decoder = new Decoder(DEFAULT_DECODER_LIMITS, 1, undefined, { eachOnce: true });
  let compared = 0;
  await eachFixture((frame, path) => {
    const packet = decoder.decode(frame);
    const { layers, payload } = described(frame);
    // What was put together from fragments lies in no frame.
    if (!packet || packet.bytes !== frame.bytes) return;
    compared++;
    const words = [packet.source0, packet.source1, packet.source2, packet.source3];
    const network = packet.family === 4 ? 'ip' : 'ipv6';
    const transport = packet.transport === 6 ? 'tcp' : 'udp';
    const where = `${path} frame ${frame.number}`;
    expect(field(layers, network, 'source')?.value, where).toBe(formatAddress(packet.family, words));
    expect(field(layers, transport, 'sourcePort')?.value, where).toBe(packet.sourcePort);
    expect(field(layers, transport, 'destinationPort')?.value, where).toBe(packet.destinationPort);
    const from = packet.payloadStart - frame.start;
    expect(payload, where).toEqual({ from, to: from + packet.payloadLength });
    if (transport === 'udp') return;
    expect(field(layers, 'tcp', 'sequence')?.value, where).toBe(packet.tcpSequence);
    expect(field(layers, 'tcp', 'acknowledgement')?.value, where).toBe(packet.tcpAcknowledgement);
    expect(field(layers, 'tcp', 'flags')?.value, where).toBe(packet.tcpFlags);
    expect(field(layers, 'tcp', 'window')?.value, where).toBe(packet.tcpWindow);
  });
  expect(compared).toBeGreaterThan(1000);
});

const COLUMNS: readonly (readonly [string, string, string])[] = [
  ['eth.src', 'ethernet', 'source'],
  ['ip.src', 'ip', 'source'],
  ['ip.dst', 'ip', 'destination'],
  ['ip.ttl', 'ip', 'ttl'],
  ['ip.dsfield.dscp', 'ip', 'dscp'],
  ['udp.srcport', 'udp', 'sourcePort'],
  ['udp.length', 'udp', 'length'],
  ['tcp.dstport', 'tcp', 'destinationPort'],
  ['tcp.seq_raw', 'tcp', 'sequence'],
  ['tcp.ack_raw', 'tcp', 'acknowledgement'],
  ['tcp.window_size_value', 'tcp', 'window'],
];

test.each(['mnet/lossy.pcap', 'mqtt/mosquitto-paho-5-session.pcap', 'filestorage/2020-01-04-upload.pcap'])(
  'tshark reads the same addresses, numbers and flags in %s',
  async path => {
    if (!requireTool('tshark')) return;
    const fields = COLUMNS.flatMap(([name]) => ['-e', name]);
    const lines = runTool('tshark', ['-nr', FIXTURES + path, '-T', 'fields', '-E', 'occurrence=f', ...fields]).split(
      '\n',
    );
    const source = await openBytes(new Uint8Array(readFileSync(FIXTURES + path)), path);
    await source.read(frame => {
      const { layers } = described(frame);
      const ours = COLUMNS.map(([, layer, name]) => String(field(layers, layer, name)?.value ?? ''));
      expect(ours.join('\t'), `frame ${frame.number}`).toBe(lines[frame.number - 1]);
    });
  },
);
