import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { concat, countingBytes, hex } from '../../src/testkit/bytes.ts';
import { enhancedPacketBlock, interfaceBlock, sectionBlock } from '../../src/testkit/capture.ts';
import {
  ethernet,
  frameOf,
  ipv4,
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
import { decoded, newDecoder } from '../kit/decoded.ts';
import { requireTool, runTool } from '../kit/tools.ts';

const SOURCE = '10.0.0.1:1024';
const DESTINATION = '10.0.0.2:26999';
const SOURCE6 = '[2001:db8::1]:1024';
const DESTINATION6 = '[2001:db8::2]:26999';
const PAYLOAD = countingBytes(53);
const V4 = { source: '10.0.0.1', destination: '10.0.0.2', protocol: 17 };
const V6 = { source: '2001:db8::1', destination: '2001:db8::2' };
const DATAGRAM = udp({ source: SOURCE, destination: DESTINATION }, PAYLOAD);
const DATAGRAM6 = udp({ source: SOURCE6, destination: DESTINATION6 }, PAYLOAD);
const PACKET = udpPacket(SOURCE, DESTINATION, PAYLOAD);
const PACKET6 = udpPacket(SOURCE6, DESTINATION6, PAYLOAD);
const TCP = { source: SOURCE, destination: DESTINATION, sequence: 0xfedc_ba98, options: hex('020405b4') };
const OPTIONS = hex('0104 00000000');
const SNAP = concat(hex('aaaa03 000000 0800'), PACKET);

function part4(fragmentOffset: number, end: number): Uint8Array {
  const moreFragments = end !== DATAGRAM.length;
  const part = DATAGRAM.subarray(fragmentOffset, end);
  return ethernet({}, ipv4({ ...V4, identification: 7, fragmentOffset, moreFragments }, part));
}

function part6(offset: number, end: number): Uint8Array {
  const header = { nextHeader: 17, identification: 7, offset, moreFragments: end !== DATAGRAM6.length };
  return ethernet({}, ipv6({ ...V6, nextHeader: 44 }, ipv6Fragment(header, DATAGRAM6.subarray(offset, end))));
}

const CAPTURES: readonly (readonly [string, number, readonly Uint8Array[]])[] = [
  [
    'Ethernet',
    1,
    [
      udpFrame(SOURCE, DESTINATION, PAYLOAD),
      udpFrame(SOURCE6, DESTINATION6, PAYLOAD, { vlan: [5, 6] }),
      udpFrame(SOURCE, DESTINATION, hex(''), { vlan: [5], tagType: 0x88a8 }),
      tcpFrame(TCP, PAYLOAD),
      tcpFrame({ ...TCP, source: SOURCE6, destination: DESTINATION6 }, hex('')),
      ethernet({ type: SNAP.length }, SNAP),
      ethernet({}, ipv4({ ...V4, options: hex('01010101') }, DATAGRAM)),
      ethernet({}, ipv6({ ...V6, nextHeader: 0 }, ipv6Extension(60, OPTIONS, ipv6Extension(17, OPTIONS, DATAGRAM6)))),
    ],
  ],
  ['fragments of IPv4', 1, [part4(40, DATAGRAM.length), part4(0, 16), part4(16, 40)]],
  ['fragments of IPv6', 1, [part6(0, 16), part6(0, 16), part6(16, 40), part6(40, DATAGRAM6.length)]],
  ['Linux cooked', 113, [sll(PACKET), sll(PACKET6)]],
  ['Linux cooked version 2', 276, [sll2(PACKET), sll2(PACKET6)]],
  ['BSD loopback', 0, [loopback(PACKET), loopback(PACKET6), loopback(PACKET, { order: 'network' })]],
  ['OpenBSD loopback', 108, [loopback(PACKET, { order: 'network' }), loopback(PACKET6, { order: 'network' })]],
  ['raw IP', 101, [PACKET, PACKET6]],
  ['raw IP as most systems number it', 12, [PACKET]],
  ['raw IP as OpenBSD numbers it', 14, [PACKET]],
  ['IPv4', 228, [PACKET]],
  ['IPv6', 229, [PACKET6]],
];

const FIELDS = ['ip.src', 'ip.dst', 'ipv6.src', 'ipv6.dst', 'udp.srcport', 'udp.dstport', 'udp.payload'];
const TCP_FIELDS = ['tcp.srcport', 'tcp.dstport', 'tcp.payload'];
const CHECKSUMS = ['ip.checksum.status', 'udp.checksum.status', 'tcp.checksum.status'];
const GOOD_OR_ABSENT = /^1?$/;

let asked: string[][] | undefined;

/** One row of columns for each frame of that capture. */
function rowsOf(name: string): string[][] {
  asked ??= askTshark();
  const before = CAPTURES.slice(
    0,
    CAPTURES.findIndex(capture => capture[0] === name),
  );
  return asked.slice(before.reduce((sum, [, , frames]) => sum + frames.length, 0));
}

/** One row of columns for each frame of all captures, which are on an interface each of one file: to start tshark takes long. */
function askTshark(): string[][] {
  const folder = mkdtempSync(join(tmpdir(), 'wirelint-'));
  try {
    const path = join(folder, 'frames.pcapng');
    const interfaces = CAPTURES.map(([, linkType]) => interfaceBlock({ linkType }));
    const packets = CAPTURES.flatMap(([, , frames], interfaceId) =>
      frames.map((bytes, index) => {
        return enhancedPacketBlock(bytes, {
          interfaceId,
          time: BigInt(1_000 * (interfaceId + 1) + index) * 1_000_000n,
        });
      }),
    );
    writeFileSync(path, concat(sectionBlock(), ...interfaces, ...packets));
    const fields = [...FIELDS, ...TCP_FIELDS, ...CHECKSUMS].flatMap(field => ['-e', field]);
    const checking = ['ip', 'udp', 'tcp'].flatMap(layer => ['-o', `${layer}.check_checksum:TRUE`]);
    const printed = runTool('tshark', ['-n', '-r', path, ...checking, '-T', 'fields', '-E', 'separator=|', ...fields]);
    const lines = printed.trimEnd().split('\n');
    expect(lines).toHaveLength(packets.length);
    return lines.map(line => line.split('|'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test.each(CAPTURES)(
  'tshark finds the same packets, and the checksums of our builders right: %s',
  (name, linkType, frames) => {
    if (!requireTool('tshark')) return;
    const rows = rowsOf(name);
    const decoder = newDecoder();
    for (const [index, bytes] of frames.entries()) {
      const packet = decoded(decoder, frameOf(bytes, { linkType, seconds: 1_000 + index }));
      const [
        source4,
        destination4,
        source6,
        destination6,
        udpFrom,
        udpTo,
        udpPayload,
        tcpFrom,
        tcpTo,
        tcpPayload,
        ...checksums
      ] = rows[index];
      const from = udpFrom || tcpFrom;
      const theirs = from && {
        source: source6 ? `[${source6}]:${from}` : `${source4}:${from}`,
        destination: destination6 ? `[${destination6}]:${udpTo || tcpTo}` : `${destination4}:${udpTo || tcpTo}`,
        payload: udpPayload || tcpPayload,
      };
      const ours = packet && {
        source: packet.source,
        destination: packet.destination,
        payload: Buffer.from(packet.payload).toString('hex'),
      };
      expect(ours ?? '').toEqual(theirs);
      for (const status of checksums) expect(status).toMatch(GOOD_OR_ABSENT);
    }
  },
);
