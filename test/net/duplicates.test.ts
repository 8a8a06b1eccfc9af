import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openBytes } from '../../src/capture/open.ts';
import type { Frame } from '../../src/capture/source.ts';
import { DEFAULT_DECODER_LIMITS, Decoder } from '../../src/net/decode.ts';
import { BLINK_SECONDS, COPY_SECONDS, REMEMBERED_PACKETS } from '../../src/net/duplicates.ts';
import { pcap } from '../../src/testkit/capture.ts';
import { ethernet, frameOf, ipv4, ipv6, splitEndpoint, tcp, udp, udpFrame } from '../../src/testkit/packet.ts';

const FIELD = join(import.meta.dirname, '../../fixtures/field');
const CLIENT = '10.0.0.1:5000';
const SERVER = '10.0.0.2:7654';

interface Sent {
  readonly from?: string;
  readonly to?: string;
  readonly text: string;
  readonly id?: number;
  /** Seconds since the packet before. */
  readonly after?: number;
  readonly hops?: number;
  readonly vlan?: number;
  readonly mac?: number;
}

function bytesOf({ from = CLIENT, to = SERVER, text, id = 0, hops = 64, vlan, mac = 0 }: Sent): Uint8Array {
  const [source, destination] = [splitEndpoint(from).address, splitEndpoint(to).address];
  const datagram = udp({ source: from, destination: to }, new TextEncoder().encode(text));
  const packet = source.includes(':')
    ? ipv6({ source, destination, nextHeader: 17 }, datagram)
    : ipv4({ source, destination, protocol: 17, identification: id }, datagram);
  packet[source.includes(':') ? 7 : 8] = hops;
  const frame = ethernet(vlan === undefined ? {} : { vlan: [vlan] }, packet);
  frame[0] ^= mac;
  return frame;
}

/** Numbers of the packets that are no copies, from 1. */
async function kept(sent: readonly Sent[], way: 'in a capture' | 'frame by frame' = 'in a capture'): Promise<number[]> {
  let time = 1000;
  const frames = sent.map(packet => {
    time += packet.after ?? 0.001;
    return { bytes: bytesOf(packet), seconds: Math.floor(time), fraction: Math.round((time % 1) * 1e6) };
  });
  const decoder = new Decoder(DEFAULT_DECODER_LIMITS, 1);
  const numbers: number[] = [];
  const take = (frame: Frame) => {
    if (decoder.decode(frame)) numbers.push(frame.number);
  };
  if (way === 'in a capture') await (await openBytes(pcap(frames), 'x', 70)).read(take);
  else {
    for (const [index, { bytes, seconds, fraction }] of frames.entries()) {
      const frame = frameOf(bytes, { seconds });
      frame.number = index + 1;
      frame.nanoseconds = fraction * 1000;
      take(frame);
    }
  }
  expect(decoder.summary().copies).toBe(sent.length - numbers.length);
  return numbers;
}

const WAYS = ['in a capture', 'frame by frame'] as const;

test.each(WAYS)('a packet with its number again is a copy, of whatever TTL, device and VLAN; %s', async way => {
  const packets: Sent[] = [
    { text: 'hello', id: 7 },
    { text: 'hello', id: 7, after: 0.000_003 },
    { text: 'hello', id: 7, after: 0.000_003, hops: 63 },
    { text: 'hello', id: 7, after: 0.000_003, vlan: 42 },
    { text: 'hello', id: 7, after: 0.000_003, mac: 9 },
    { text: 'hello', id: 8, after: 0.000_003 },
  ];
  expect(await kept(packets, way)).toEqual([1, 6]);
});

test.each(WAYS)('without a number it is one if it was captured elsewhere; %s', async way => {
  expect(await kept([{ text: 'hello' }, { text: 'hello', hops: 63, after: 0.01 }], way)).toEqual([1]);
  expect(await kept([{ text: 'hello' }, { text: 'hello', vlan: 42 }], way)).toEqual([1]);
  expect(await kept([{ text: 'hello' }, { text: 'hello', mac: 1 }], way)).toEqual([1]);
  const six = { from: '[2001:db8::1]:5000', to: '[2001:db8::2]:7654', text: 'hello' };
  expect(await kept([six, { ...six, hops: 63 }], way)).toEqual([1]);
});

test('where the source has seen each packet once, a sender without numbers has said twice what came twice', () => {
  const six = { from: '[2001:db8::1]:5000', to: '[2001:db8::2]:7654' };
  const back = { from: six.to, to: six.from };
  const texts = ['a', 'b', 'c', 'd', 'e'];
  const sent = texts.flatMap((text, index) => Array<Sent>(2).fill({ ...(index % 2 ? back : six), text }));
  const taken = (eachOnce: boolean) => {
    const decoder = new Decoder(DEFAULT_DECODER_LIMITS, 1, undefined, { eachOnce });
    return sent.filter(packet => decoder.decode(frameOf(bytesOf(packet), { seconds: 1000 }))).length;
  };
  expect(taken(true)).toBe(sent.length);
  expect(taken(false)).toBeLessThan(sent.length);
});

test('a peer that says the same twice through a router seen on both sides has said it twice', async () => {
  const packets: Sent[] = [
    { text: 'hello' },
    { text: 'hello', hops: 63, after: 0.000_01 },
    { text: 'hello', after: 0.000_2 },
    { text: 'hello', hops: 63, after: 0.000_01 },
  ];
  expect(await kept(packets)).toEqual([1, 3]);
});

test.each(WAYS)(
  'a repetition at the same point is a packet of its own, with a number of its own or without; %s',
  async way => {
    expect(await kept([{ text: 'a' }, { text: 'a' }, { text: 'a', after: 0.000_001 }], way)).toEqual([1, 2, 3]);
    expect(
      await kept(
        [
          { text: 'a', id: 1 },
          { text: 'a', id: 2 },
        ],
        way,
      ),
    ).toEqual([1, 2]);
    const answered: Sent[] = [
      { text: 'ask' },
      { text: 'answer', from: SERVER, to: CLIENT },
      { text: 'answer', from: SERVER, to: CLIENT, after: 0.000_001 },
    ];
    expect(await kept(answered, way)).toEqual([1, 2, 3]);
  },
);

test('a host that gives all packets one number numbers none', async () => {
  const packets: Sent[] = [
    { text: 'ask', id: 1 },
    { text: 'answer', id: 1, from: SERVER, to: CLIENT },
    { text: 'answer', id: 1, from: SERVER, to: CLIENT },
  ];
  expect(await kept(packets)).toEqual([1, 2, 3]);
});

test.each([
  ['IPv4', CLIENT, SERVER],
  ['IPv6', '[2001:db8::1]:5000', '[2001:db8::2]:7654'],
  ['one host', '127.0.0.1:5000', '127.0.0.1:7654'],
])(
  'where all packets of two hosts come twice, those without numbers are copies: %s',
  async (_family, client, server) => {
    const twice = (from: string, to: string, text: string): Sent[] => [
      { from, to, text },
      { from, to, text, after: 0.000_003 },
    ];
    const packets = [
      ...twice(client, server, 'hello'),
      ...twice(server, client, 'welcome'),
      ...twice(client, server, 'ask'),
      ...twice(client, server, 'ask'),
      ...twice(server, client, 'answer'),
    ];
    // Of the first alone nobody could know.
    expect(await kept(packets)).toEqual([1, 2, 3, 5, 7, 9]);
  },
);

test('where one of them has come once, a repetition is what it looks like', async () => {
  const packets: Sent[] = [
    { text: 'hello' },
    { text: 'hello', after: 0.000_003 },
    { text: 'welcome', from: SERVER, to: CLIENT },
    { text: 'ask' },
    { text: 'ask', after: 0.000_003 },
  ];
  expect(await kept(packets)).toEqual([1, 2, 3, 4, 5]);
});

test('time and the number of packets between bound what is a copy', async () => {
  expect(
    await kept([
      { text: 'a', id: 5 },
      { text: 'a', id: 5, after: COPY_SECONDS * 1.01 },
    ]),
  ).toEqual([1, 2]);
  expect(BLINK_SECONDS).toBeLessThan(0.001);
  const others = Array.from({ length: REMEMBERED_PACKETS }, (_, index) => ({
    text: `${index}`,
    id: 9,
    after: 0.000_001,
  }));
  const packets = [{ text: 'a', id: 5 }, ...others, { text: 'a', id: 5 }];
  expect((await kept(packets)).at(-1)).toBe(packets.length);
});

test('two packets that differ in one byte only are two', async () => {
  const text = 'x'.repeat(100);
  expect(
    await kept([
      { text: `${text}a${text}`, id: 5 },
      { text: `${text}b${text}`, id: 5 },
    ]),
  ).toEqual([1, 2]);
});

test('a checksum that a card has filled in meanwhile is no difference', () => {
  const decoder = new Decoder(DEFAULT_DECODER_LIMITS, 1);
  const whole = udpFrame(CLIENT, SERVER, new Uint8Array(20));
  whole[18] = 0x12;
  const empty = Uint8Array.from(whole);
  empty.fill(0, 40, 42);
  expect(decoder.decode(frameOf(empty))).toBeDefined();
  expect(decoder.decode(frameOf(whole))).toBeUndefined();
  const segment = tcp({ source: CLIENT, destination: SERVER, sequence: 1 }, new Uint8Array(9));
  const frame = ethernet(
    {},
    ipv4({ source: '10.0.0.1', destination: '10.0.0.2', protocol: 6, identification: 9 }, segment),
  );
  expect(decoder.decode(frameOf(frame))).toBeDefined();
  expect(decoder.decode(frameOf(frame))).toBeUndefined();
});

test.each([
  ['3a-mirrored-ministreaming.pcap', 6],
  ['3b-mirrored-vlan-ministreaming.pcap', 6],
  ['3c-routed-twice-ministreaming.pcap', 6],
  ['3d-any-device-ministreaming.pcap', 6],
  ['ministreaming-twice.pcapng', 6],
  ['7a-fragments-mirrored-id-reused-mnet.pcap', 20],
  ['ok-ministreaming.pcap', 0],
  ['ok-mnet.pcap', 0],
])('%s: %i copies', async (name, copies) => {
  const decoder = new Decoder(DEFAULT_DECODER_LIMITS, 1);
  await (await openBytes(readFileSync(join(FIELD, name)))).read(frame => {
    decoder.decode(frame);
  });
  expect(decoder.summary().copies).toBe(copies);
});
