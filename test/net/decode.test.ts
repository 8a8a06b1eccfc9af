import { describe, expect, test } from 'vitest';
import { concat, countingBytes, hex, uint16, uint32 } from '../../src/testkit/bytes.ts';
import {
  ACK,
  ethernet,
  frameOf,
  ipv4,
  ipv6,
  ipv6Extension,
  ipv6Fragment,
  loopback,
  SYN,
  sll,
  sll2,
  tcp,
  tcpFrame,
  udp,
  udpFrame,
  udpPacket,
} from '../../src/testkit/packet.ts';
import { type Decoded, decoded, newDecoder } from '../kit/decoded.ts';

const SOURCE = '10.0.0.1:1024';
const DESTINATION = '10.0.0.2:26999';
const SOURCE6 = '[2001:db8::1]:1024';
const DESTINATION6 = '[2001:db8::2]:26999';
const V4 = { source: '10.0.0.1', destination: '10.0.0.2' };
const V6 = { source: '2001:db8::1', destination: '2001:db8::2' };
const PAYLOAD = countingBytes(5, 1);

const PACKET = udpPacket(SOURCE, DESTINATION, PAYLOAD);
const PACKET6 = udpPacket(SOURCE6, DESTINATION6, PAYLOAD);
const DATAGRAM = udp({ source: SOURCE, destination: DESTINATION }, PAYLOAD);
const DATAGRAM6 = udp({ source: SOURCE6, destination: DESTINATION6 }, PAYLOAD);

const EXPECTED: Decoded = {
  transport: 17,
  source: SOURCE,
  destination: DESTINATION,
  payload: PAYLOAD,
  length: 5,
};
const EXPECTED6: Decoded = { ...EXPECTED, source: SOURCE6, destination: DESTINATION6 };

/** Decodes one frame with a decoder of its own. */
function decodeOne(bytes: Uint8Array, linkType = 1, wireLength = bytes.length) {
  const decoder = newDecoder();
  const packet = decoded(decoder, frameOf(bytes, { linkType, wireLength }));
  return { packet, summary: decoder.summary() };
}

describe('link types', () => {
  test.each([
    ['1, Ethernet', 1, ethernet({}, PACKET), EXPECTED],
    ['1, Ethernet with IPv6', 1, ethernet({}, PACKET6), EXPECTED6],
    ['113, Linux cooked', 113, sll(PACKET), EXPECTED],
    ['113, Linux cooked with IPv6 from a GRE device', 113, sll(PACKET6, { hardwareType: 778 }), EXPECTED6],
    ['276, Linux cooked version 2', 276, sll2(PACKET6), EXPECTED6],
    ['101, raw IP', 101, PACKET, EXPECTED],
    ['101, raw IP with IPv6', 101, PACKET6, EXPECTED6],
    ['12, raw IP as most systems number it', 12, PACKET, EXPECTED],
    ['14, raw IP as OpenBSD numbers it', 14, PACKET, EXPECTED],
    ['228, IPv4', 228, PACKET, EXPECTED],
    ['229, IPv6', 229, PACKET6, EXPECTED6],
    ['0, loopback of a little-endian host', 0, loopback(PACKET), EXPECTED],
    ['0, loopback of a big-endian host', 0, loopback(PACKET, { order: 'network' }), EXPECTED],
    ['0, loopback with IPv6 of NetBSD', 0, loopback(PACKET6, { family: 24 }), EXPECTED6],
    ['0, loopback with IPv6 of FreeBSD', 0, loopback(PACKET6, { family: 28 }), EXPECTED6],
    ['0, loopback with IPv6 of Darwin', 0, loopback(PACKET6, { family: 30 }), EXPECTED6],
    ['108, loopback in network order', 108, loopback(PACKET, { order: 'network' }), EXPECTED],
  ])('%s', (_name, linkType, bytes, expected) => {
    expect(decodeOne(bytes, linkType).packet).toEqual(expected);
  });

  test('a whole frame in hexadecimal, by hand', () => {
    const frame = hex(`
      020000000002 020000000001 0800
      45 00 0021 0000 0000 40 11 66ca 0a000001 0a000002
      0400 6977 000d 7554 0102030405`);
    expect(frame).toEqual(udpFrame(SOURCE, DESTINATION, PAYLOAD));
    expect(decodeOne(frame).packet).toEqual(EXPECTED);
  });

  test('an unknown link type is counted by its number', () => {
    expect(decodeOne(PACKET, 195)).toMatchObject({ packet: undefined, summary: { unknownLinkType: { 195: 1 } } });
  });

  test('of many unknown numbers only so many are kept apart', () => {
    const decoder = newDecoder({ talliedNumbers: 2 });
    for (const linkType of [500, 300, 400, 300, 401]) decoder.decode(frameOf(PACKET, { linkType }));
    expect(decoder.summary().unknownLinkType).toEqual({ 300: 2, 500: 1, other: 2 });
  });

  test.each([
    ['an EtherType that is not IP', 1, ethernet({ type: 0x0806 }, PAYLOAD), { unknownEtherType: { 2054: 1 } }],
    ['MPLS', 1, ethernet({ type: 0x8847 }, PACKET), { unknownEtherType: { 34887: 1 } }],
    [
      'a length that is neither length nor type',
      1,
      ethernet({ type: 1501 }, PACKET),
      { unknownEtherType: { 1501: 1 } },
    ],
    ['netlink in a cooked capture', 113, sll(PACKET, { hardwareType: 824 }), { unknownHardwareType: { 824: 1 } }],
    ['Novell 802.3 in a cooked capture', 113, sll(PACKET, { protocol: 1 }), { unknownEtherType: { 1: 1 } }],
    ['an unknown address family', 0, loopback(PACKET, { family: 7 }), { unknownAddressFamily: { 7: 1 } }],
    ['a family in the order that LOOP does not have', 108, loopback(PACKET), { unknownAddressFamily: { 33554432: 1 } }],
    ['raw IP of version 5', 101, hex('50'), { malformed: { rawIp: 1 } }],
    ['raw IP of no bytes', 101, hex(''), { malformed: { rawIp: 1 } }],
    ['IPv6 on a link that carries IPv4 only', 228, PACKET6, { malformed: { ipv4: 1 } }],
    ['IPv4 on a link that carries IPv6 only', 229, concat(PACKET, new Uint8Array(40)), { malformed: { ipv6: 1 } }],
    ['a runt of Ethernet', 1, hex('020000000002 020000000001 08'), { malformed: { ethernet: 1 } }],
  ])('%s is counted', (_name, linkType, bytes, summary) => {
    expect(decodeOne(bytes, linkType)).toMatchObject({ packet: undefined, summary });
  });
});

describe('VLAN tags and LLC', () => {
  test.each([0x8100, 0x88a8, 0x9100, 0x9200, 0x9300])('one tag of type %i', tagType => {
    expect(decodeOne(ethernet({ vlan: [7], tagType }, PACKET)).packet).toEqual(EXPECTED);
  });

  test('tags up to the limit, and one more', () => {
    const decoder = newDecoder({ vlanTags: 3 });
    expect(decoded(decoder, frameOf(ethernet({ vlan: [1, 2, 3] }, PACKET6)))).toEqual(EXPECTED6);
    expect(decoded(decoder, frameOf(ethernet({ vlan: [1, 2, 3, 4] }, PACKET6)))).toBeUndefined();
    expect(decoder.summary().unknownEtherType).toEqual({ 33024: 1 });
  });

  test('a tag behind the header of a cooked capture', () => {
    expect(decodeOne(sll(concat(uint16(5), uint16(0x0800), PACKET), { protocol: 0x8100 })).packet).toBeUndefined();
    expect(decodeOne(sll(concat(uint16(5), uint16(0x0800), PACKET), { protocol: 0x8100 }), 113).packet).toEqual(
      EXPECTED,
    );
  });

  test('IP in SNAP behind a length', () => {
    const snap = concat(hex('aaaa03 000000 0800'), PACKET);
    expect(decodeOne(ethernet({ type: snap.length }, snap)).packet).toEqual(EXPECTED);
    expect(decodeOne(sll(snap, { protocol: 4 }), 113).packet).toEqual(EXPECTED);
  });

  test('IP in plain LLC', () => {
    const llc = concat(hex('060603'), PACKET);
    expect(decodeOne(ethernet({ type: llc.length }, llc)).packet).toEqual(EXPECTED);
  });

  test.each([
    ['spanning tree', hex('424203 0000'), 0x42],
    ['SNAP of another organisation', hex('aaaa03 00000c 2000 0000'), 0xaa],
    ['SNAP with a length in place of a type', hex('aaaa03 000000 0004 aaaa0300'), 0xaa],
  ])('%s is counted', (_name, llc, service) => {
    expect(decodeOne(ethernet({ type: llc.length }, llc)).summary.unknownLlc).toEqual({ [service]: 1 });
  });
});

describe('IPv4', () => {
  test('options are skipped', () => {
    const packet = ipv4({ ...V4, protocol: 17, options: hex('01010101 83040400') }, DATAGRAM);
    expect(decodeOne(packet, 101).packet).toEqual(EXPECTED);
  });

  test('padding behind the total length is no payload', () => {
    expect(decodeOne(concat(ethernet({}, PACKET), new Uint8Array(13))).packet).toEqual(EXPECTED);
  });

  test('total length 0 of a sender that lets its network card split: the frame counts', () => {
    expect(decodeOne(ipv4({ ...V4, protocol: 17, totalLength: 0 }, DATAGRAM), 101).packet).toEqual(EXPECTED);
  });

  test.each([
    ['a version that is not 4', ethernet({ type: 0x0800 }, concat([0x55], PACKET.subarray(1)))],
    ['a header length below 20', ethernet({ type: 0x0800 }, concat([0x44], PACKET.subarray(1)))],
    ['a total length below the header length', ethernet({}, ipv4({ ...V4, protocol: 17, totalLength: 19 }, DATAGRAM))],
    ['a header length above the total length', ethernet({}, concat([0x4f], PACKET.subarray(1)))],
    ['a frame that ends within the header', ethernet({}, PACKET.subarray(0, 19))],
  ])('%s is malformed', (_name, bytes) => {
    expect(decodeOne(bytes)).toMatchObject({ packet: undefined, summary: { malformed: { ipv4: 1 }, cut: 0 } });
  });

  test('a total length beyond the frame: the payload is handed out as far as it is there', () => {
    const { packet, summary } = decodeOne(
      ipv4(
        { ...V4, protocol: 17, totalLength: 133 },
        udp({ source: SOURCE, destination: DESTINATION, length: 113 }, PAYLOAD),
      ),
      101,
    );
    expect(packet).toEqual({ ...EXPECTED, length: 105 });
    expect(summary.cutPayload).toBe(1);
  });

  test.each([1, 4, 41, 47, 50, 51])('IP protocol %i is counted', protocol => {
    const { summary } = decodeOne(ipv4({ ...V4, protocol }, PACKET), 101);
    expect(summary.unknownIpProtocol).toEqual({ [protocol]: 1 });
  });
});

describe('IPv6', () => {
  const EMPTY_OPTIONS = hex('0104 00000000');

  test.each([
    ['hop-by-hop options', 0, ipv6Extension(17, EMPTY_OPTIONS, DATAGRAM6)],
    ['a routing header', 43, ipv6Extension(17, concat(hex('0201 00000000'), new Uint8Array(16)), DATAGRAM6)],
    ['destination options', 60, ipv6Extension(17, EMPTY_OPTIONS, DATAGRAM6)],
    ['authentication', 51, concat(hex('11 04 0000 00000001 00000001'), new Uint8Array(12), DATAGRAM6)],
    [
      'an atomic fragment (RFC 6946)',
      44,
      ipv6Fragment({ nextHeader: 17, identification: 9, offset: 0, moreFragments: false }, DATAGRAM6),
    ],
    [
      'three headers',
      0,
      ipv6Extension(43, EMPTY_OPTIONS, ipv6Extension(60, EMPTY_OPTIONS, ipv6Extension(17, EMPTY_OPTIONS, DATAGRAM6))),
    ],
  ])('%s before the transport', (_name, nextHeader, payload) => {
    expect(decodeOne(ipv6({ ...V6, nextHeader }, payload), 101).packet).toEqual(EXPECTED6);
  });

  test('extension headers up to the limit, and one more', () => {
    const decoder = newDecoder({ extensionHeaders: 2 });
    const chain = (length: number) => {
      let payload = DATAGRAM6;
      for (let index = 0; index < length; index++)
        payload = ipv6Extension(index === 0 ? 17 : 60, EMPTY_OPTIONS, payload);
      return frameOf(ipv6({ ...V6, nextHeader: 60 }, payload), { linkType: 101 });
    };
    expect(decoded(decoder, chain(2))).toEqual(EXPECTED6);
    expect(decoded(decoder, chain(3))).toBeUndefined();
    expect(decoder.summary().malformed.ipv6).toBe(1);
  });

  test.each([50, 58, 59, 135])('next header %i is counted', nextHeader => {
    expect(decodeOne(ipv6({ ...V6, nextHeader }, DATAGRAM6), 101).summary.unknownIpProtocol).toEqual({
      [nextHeader]: 1,
    });
  });

  test('padding behind the payload length is no payload', () => {
    expect(decodeOne(concat(ethernet({}, PACKET6), new Uint8Array(9))).packet).toEqual(EXPECTED6);
  });

  test('payload length 0 of a sender that lets its network card split: the frame counts', () => {
    expect(decodeOne(ipv6({ ...V6, nextHeader: 17, payloadLength: 0 }, DATAGRAM6), 101).packet).toEqual(EXPECTED6);
  });

  test('a jumbogram (RFC 2675): length in a hop-by-hop option, UDP length 0', () => {
    const payload = new Uint8Array(70_000).fill(7);
    const jumbo = ipv6Extension(
      17,
      concat(hex('c2 04'), uint32(8 + 8 + payload.length)),
      udp({ source: SOURCE6, destination: DESTINATION6, length: 0 }, payload),
    );
    const bytes = concat(ipv6({ ...V6, nextHeader: 0, payloadLength: 0 }, jumbo), new Uint8Array(10));
    const { packet } = decodeOne(bytes, 101);
    expect(packet?.length).toBe(70_000);
    expect(packet?.payload.length).toBe(70_000);
  });

  test('a jumbo length behind padding options, and one in an option that is cut', () => {
    const options = (text: string) =>
      ipv6(
        { ...V6, nextHeader: 0, payloadLength: 0 },
        ipv6Extension(17, hex(text), concat(DATAGRAM6, new Uint8Array(20))),
      );
    expect(decodeOne(options('00 01 02 0000 c204 0000001d 00 00 00'), 101).packet).toEqual(EXPECTED6);
    expect(decodeOne(options('00 00 00 00 c204'), 101).packet).toEqual(EXPECTED6);
  });

  test.each([
    ['a version that is not 6', ethernet({ type: 0x86dd }, concat([0x40], PACKET6.subarray(1)))],
    ['a frame that ends within the header', ethernet({}, PACKET6.subarray(0, 39))],
    [
      'an extension header longer than the packet',
      ethernet({}, ipv6({ ...V6, nextHeader: 0 }, concat([17, 9], DATAGRAM6))),
    ],
    ['a packet that ends before its extension header', ethernet({}, ipv6({ ...V6, nextHeader: 60 }, hex('11000000')))],
  ])('%s is malformed', (_name, bytes) => {
    expect(decodeOne(bytes)).toMatchObject({ packet: undefined, summary: { malformed: { ipv6: 1 }, cut: 0 } });
  });
});

describe('UDP', () => {
  test('an empty datagram', () => {
    expect(decodeOne(udpFrame(SOURCE, DESTINATION, hex(''))).packet).toEqual({
      ...EXPECTED,
      payload: hex(''),
      length: 0,
    });
  });

  test('bytes between the UDP length and the end of the IP payload are no payload', () => {
    const datagram = udp({ source: SOURCE, destination: DESTINATION, length: 10 }, PAYLOAD);
    expect(decodeOne(ipv4({ ...V4, protocol: 17 }, datagram), 101).packet).toEqual({
      ...EXPECTED,
      payload: hex('0102'),
      length: 2,
    });
  });

  test.each([
    ['a length below 8', udp({ source: SOURCE, destination: DESTINATION, length: 7 }, PAYLOAD)],
    [
      'a length of 0 in a packet that needs none',
      udp({ source: SOURCE, destination: DESTINATION, length: 0 }, PAYLOAD),
    ],
    ['a length beyond the IP payload', udp({ source: SOURCE, destination: DESTINATION, length: 14 }, PAYLOAD)],
    ['an IP payload shorter than a header', hex('04006977000d00')],
  ])('%s is malformed', (_name, datagram) => {
    expect(decodeOne(ipv4({ ...V4, protocol: 17 }, datagram), 101)).toMatchObject({
      packet: undefined,
      summary: { malformed: { udp: 1 }, udp: 0 },
    });
  });
});

describe('TCP', () => {
  const ENDS = { source: SOURCE, destination: DESTINATION };

  test('numbers, flags and payload behind the options', () => {
    const decoder = newDecoder();
    const segment = {
      ...ENDS,
      sequence: 0xffff_fff0,
      acknowledgement: 0x8000_0001,
      flags: SYN | ACK,
      window: 4_096,
      options: hex('020405b4 01010402'),
    };
    const packet = decoder.decode(frameOf(concat(tcpFrame(segment, PAYLOAD), new Uint8Array(6))));
    expect(packet).toMatchObject({
      family: 4,
      transport: 6,
      sourcePort: 1_024,
      destinationPort: 26_999,
      tcpSequence: 0xffff_fff0,
      tcpAcknowledgement: 0x8000_0001,
      tcpFlags: SYN | ACK,
      tcpWindow: 4_096,
      payloadLength: 5,
    });
    expect(packet?.bytes.slice(packet.payloadStart, packet.payloadEnd)).toEqual(PAYLOAD);
    expect(decoder.summary()).toMatchObject({ tcp: 1, udp: 0, cutPayload: 0 });
  });

  test.each([
    ['a data offset below 5', concat(tcp(ENDS, PAYLOAD).subarray(0, 12), [0x40, ACK], tcp(ENDS, PAYLOAD).subarray(14))],
    [
      'a data offset beyond the segment',
      concat(tcp(ENDS, PAYLOAD).subarray(0, 12), [0x70, ACK], tcp(ENDS, PAYLOAD).subarray(14)),
    ],
    ['a segment shorter than a header', tcp(ENDS, hex('')).subarray(0, 19)],
  ])('%s is malformed', (_name, segment) => {
    expect(decodeOne(ipv4({ ...V4, protocol: 6 }, segment), 101)).toMatchObject({
      packet: undefined,
      summary: { malformed: { tcp: 1 }, tcp: 0, cut: 0 },
    });
  });
});

describe('frames cut by the snap length', () => {
  test.each([
    ['UDP over IPv4', udpFrame(SOURCE, DESTINATION, PAYLOAD), 14 + 20 + 8],
    ['UDP over IPv6', udpFrame(SOURCE6, DESTINATION6, PAYLOAD), 14 + 40 + 8],
    ['UDP behind two tags', udpFrame(SOURCE, DESTINATION, PAYLOAD, { vlan: [1, 2] }), 22 + 20 + 8],
    [
      'TCP with options',
      tcpFrame({ source: SOURCE, destination: DESTINATION, options: hex('01010101') }, PAYLOAD),
      14 + 20 + 24,
    ],
  ])('%s: headers cut are counted, a payload cut is handed out with its true length', (_name, whole, headers) => {
    for (let length = 0; length <= whole.length; length++) {
      const { packet, summary } = decodeOne(whole.subarray(0, length), 1, whole.length);
      if (length < headers) {
        expect([length, packet, summary.cut]).toEqual([length, undefined, 1]);
      } else {
        expect(packet?.payload).toEqual(PAYLOAD.subarray(0, length - headers));
        expect(packet?.length).toBe(5);
        expect([summary.cut, summary.cutPayload]).toEqual([0, length < whole.length ? 1 : 0]);
      }
    }
  });
});
