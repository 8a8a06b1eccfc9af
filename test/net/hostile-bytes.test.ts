import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Frame } from '../../src/capture/source.ts';
import type { Decoder, DecodeSummary } from '../../src/net/decode.ts';
import { concat, countingBytes, hex } from '../../src/testkit/bytes.ts';
import {
  ethernet,
  frameOf,
  ipv6,
  ipv6Extension,
  ipv6Fragment,
  loopback,
  sll,
  sll2,
  tcpFrame,
  udp,
  udpFrame,
  udpPacket,
} from '../../src/testkit/packet.ts';
import { newDecoder } from '../kit/decoded.ts';

const SOURCE = '10.0.0.1:1024';
const DESTINATION = '10.0.0.2:26999';
const SOURCE6 = '[2001:db8::1]:1024';
const DESTINATION6 = '[2001:db8::2]:26999';
const PAYLOAD = countingBytes(20);
const PACKET = udpPacket(SOURCE, DESTINATION, PAYLOAD);
const PACKET6 = udpPacket(SOURCE6, DESTINATION6, PAYLOAD);
const EXTENDED6 = ipv6(
  { source: '2001:db8::1', destination: '2001:db8::2', nextHeader: 0 },
  ipv6Extension(
    60,
    hex('c204 00000040'),
    ipv6Extension(
      44,
      hex('0104 00000000'),
      ipv6Fragment(
        { nextHeader: 17, identification: 1, offset: 0, moreFragments: false },
        udp({ source: SOURCE6, destination: DESTINATION6 }, PAYLOAD),
      ),
    ),
  ),
);
const SNAP = concat(hex('aaaa03 000000 0800'), PACKET);

const LINK_TYPES = [0, 1, 12, 14, 101, 108, 113, 228, 229, 276, 65_535];

const FRAMES: readonly (readonly [string, number, Uint8Array])[] = [
  ['Ethernet, IPv4, UDP', 1, udpFrame(SOURCE, DESTINATION, PAYLOAD)],
  ['Ethernet, tags, IPv6, UDP', 1, udpFrame(SOURCE6, DESTINATION6, PAYLOAD, { vlan: [1, 2] })],
  ['Ethernet, IPv4, TCP', 1, tcpFrame({ source: SOURCE, destination: DESTINATION, options: hex('020405b4') }, PAYLOAD)],
  ['Ethernet, SNAP', 1, ethernet({ type: SNAP.length }, SNAP)],
  ['Ethernet, IPv6 with extension headers', 1, ethernet({}, EXTENDED6)],
  ['Linux cooked', 113, sll(PACKET)],
  ['Linux cooked version 2', 276, sll2(PACKET6)],
  ['loopback, host order', 0, loopback(PACKET)],
  ['loopback, network order', 108, loopback(PACKET6, { order: 'network' })],
  ['raw IPv4', 101, PACKET],
  ['raw IPv6', 101, EXTENDED6],
];

/** Decodes a frame and holds what comes out to its contract: offsets within bounds, one outcome counted. */
function decodeAndCheck(decoder: Decoder, frame: Frame): void {
  const before = decoder.summary();
  const packet = decoder.decode(frame);
  const after = decoder.summary();
  if (after.fragments.seen === before.fragments.seen) expect(outcomes(after)).toBe(outcomes(before) + 1);
  if (packet === undefined) return;
  const inFrame = packet.bytes === frame.bytes;
  expect(packet.payloadStart).toBeGreaterThanOrEqual(inFrame ? frame.start : 0);
  expect(packet.payloadStart).toBeLessThanOrEqual(packet.payloadEnd);
  expect(packet.payloadEnd).toBeLessThanOrEqual(inFrame ? frame.end : packet.bytes.length);
  expect(packet.payloadLength).toBeGreaterThanOrEqual(packet.payloadEnd - packet.payloadStart);
}

/** Frames that were handed out or counted under a reason why not. */
function outcomes(summary: DecodeSummary): number {
  const reasons = [
    summary.unknownLinkType,
    summary.unknownEtherType,
    summary.unknownLlc,
    summary.unknownHardwareType,
    summary.unknownAddressFamily,
    summary.unknownIpProtocol,
    { ...summary.malformed },
  ];
  const counts = reasons.flatMap(reason => Object.values(reason));
  return counts.reduce((total, count) => total + count, summary.udp + summary.tcp + summary.cut + summary.copies);
}

describe('any prefix of a frame', () => {
  test.each(FRAMES)('%s', (_name, linkType, whole) => {
    const decoder = newDecoder();
    for (let length = 0; length <= whole.length; length++) {
      decodeAndCheck(decoder, frameOf(whole.subarray(0, length), { linkType, wireLength: whole.length }));
      decodeAndCheck(decoder, frameOf(whole.subarray(0, length), { linkType }));
    }
  });
});

describe('hostile bytes', () => {
  test.each(LINK_TYPES)('random bytes on link type %i', linkType => {
    const bytes = fc.uint8Array({ maxLength: 120 });
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 20 }), fc.nat(200), (frames, unseen) => {
        const decoder = newDecoder();
        for (const each of frames) {
          decodeAndCheck(decoder, frameOf(each, { linkType, wireLength: each.length + unseen }));
        }
      }),
    );
  });

  test.each(FRAMES)('any few bytes changed: %s', (_name, linkType, whole) => {
    const change = fc.record({ at: fc.nat(whole.length - 1), value: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 6 }), fc.nat(whole.length), (changes, kept) => {
        const bytes = Uint8Array.from(whole);
        for (const { at, value } of changes) bytes[at] = value;
        const decoder = newDecoder();
        decodeAndCheck(decoder, frameOf(bytes, { linkType }));
        decodeAndCheck(decoder, frameOf(bytes.subarray(0, kept), { linkType, wireLength: whole.length }));
      }),
    );
  });

  test('a frame whose length on the wire is stated as less than was captured', () => {
    decodeAndCheck(newDecoder(), frameOf(udpFrame(SOURCE, DESTINATION, PAYLOAD), { wireLength: 3 }));
  });

  test('headers that state the largest lengths there are', () => {
    const bytes = Uint8Array.from(EXTENDED6).fill(0xff, 44, 48);
    bytes.set([0, 0], 4);
    decodeAndCheck(newDecoder(), frameOf(bytes, { linkType: 101 }));
  });
});
