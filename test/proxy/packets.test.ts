import { describe, expect, test } from 'vitest';
import { endsOf } from '../../src/proxy/ends.ts';
import { ACK, LINKTYPE_RAW, Packets, PSH, SEGMENT, SYN } from '../../src/proxy/packets.ts';
import { ip, tcp, udpPacket } from '../../src/testkit/packet.ts';

const IPV4 = endsOf({ address: '10.0.0.1', port: 40_000 }, { address: '10.0.0.2', port: 7_000 });
const IPV6 = endsOf({ address: '2001:db8::1', port: 40_000 }, { address: '2001:db8::2', port: 7_000 });
const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 37 + 11) & 0xff);

/** The bytes of a packet, without what the other builder leaves out: IPv4's identification, its flags and its checksum. */
function comparable(packet: Uint8Array): string {
  const copy = Uint8Array.from(packet);
  if (copy[0] >>> 4 === 4) copy.fill(0, 4, 8).fill(0, 10, 12);
  return Buffer.from(copy).toString('hex');
}

function built({ bytes: buffer, start, end }: { bytes: Uint8Array; start: number; end: number }): Uint8Array {
  return buffer.slice(start, end);
}

describe('packets are those that the slow builder of the test kit makes, byte for byte', () => {
  const packets = new Packets(true);

  test.each([0, 1, 2, 3, 4, 5, 15, 16, 17, 1_400, 65_507])('a datagram with %d bytes, from either end', length => {
    // Longer ones before leave nothing behind.
    packets.udp(IPV4, 0, bytes(2_000));
    const payload = bytes(length);
    const there = built(packets.udp(IPV4, 0, payload));
    expect(comparable(there)).toBe(comparable(udpPacket('10.0.0.1:40000', '10.0.0.2:7000', payload)));
    const back = built(packets.udp(IPV6, 1, payload));
    expect(comparable(back)).toBe(comparable(udpPacket('[2001:db8::2]:7000', '[2001:db8::1]:40000', payload)));
  });

  test.each([0, 1, 7, 1_460, SEGMENT])('a segment with %d bytes out of the middle of more', length => {
    const payload = bytes(length + 6);
    const segment = { sequence: 0xffff_fff0, acknowledgement: 5, flags: PSH | ACK };
    const own = built(packets.tcp(IPV4, 1, segment, payload, 3, 3 + length));
    const ends = { source: '10.0.0.2:7000', destination: '10.0.0.1:40000' };
    const slow = ip('10.0.0.2', '10.0.0.1', 6, tcp({ ...ends, ...segment }, payload.subarray(3, 3 + length)));
    expect(comparable(own)).toBe(comparable(slow));
  });
});

test('a sum of zero in UDP is sent as its other form', () => {
  const packets = new Packets(true);
  const empty = built(packets.udp(IPV4, 0, bytes(2)));
  const missing = ((empty[26] << 8) | empty[27]) + ((bytes(2)[0] << 8) | bytes(2)[1]);
  const payload = Uint8Array.of((missing % 0xffff) >>> 8, (missing % 0xffff) & 0xff);
  expect([...built(packets.udp(IPV4, 0, payload)).subarray(26, 28)]).toEqual([0xff, 0xff]);
});

test('every IPv4 packet has an identification of its own, never 0', () => {
  const packets = new Packets(false);
  const seen = new Set<number>();
  for (let i = 0; i < 0xffff; i++) {
    const { bytes: buffer, start } = packets.udp(IPV4, 0, bytes(1));
    seen.add((buffer[start + 4] << 8) | buffer[start + 5]);
  }
  expect(seen.size).toBe(0xffff);
  expect(seen).not.toContain(0);
});

test('a SYN announces its segment size and a window that nobody runs into', () => {
  const frame = new Packets(true).tcp(IPV4, 0, { sequence: 1, acknowledgement: 0, flags: SYN }, bytes(0), 0, 0);
  expect(Buffer.from(built(frame)).subarray(40).toString('hex')).toBe('020480000103030e');
  expect(frame).toMatchObject({ linkType: LINKTYPE_RAW, wireLength: 48 });
});

test('an IPv4 end and an IPv6 end are one IPv6 conversation; an IPv4 client of a socket for both is IPv4', () => {
  const mixed = endsOf({ address: '10.0.0.1', port: 1 }, { address: '2001:db8::2', port: 2 });
  expect(mixed.family).toBe(6);
  expect([...mixed.addresses[0].subarray(10)]).toEqual([0xff, 0xff, 10, 0, 0, 1]);
  expect(endsOf({ address: '::ffff:10.0.0.1', port: 1 }, { address: '10.0.0.2', port: 2 })).toMatchObject({
    family: 4,
  });
});
