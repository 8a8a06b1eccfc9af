/** Each frame says where in the capture its bytes stand, however the capture was read. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { type OpenOptions, openBytes } from '../../src/capture/open.ts';
import type { CaptureParser } from '../../src/capture/parser.ts';
import { PcapParser } from '../../src/capture/pcap.ts';
import { readPcapHeader } from '../../src/capture/pcap-header.ts';
import { PcapngParser } from '../../src/capture/pcapng.ts';
import { concat, hex } from '../../src/testkit/bytes.ts';
import {
  comment,
  enhancedPacketBlock,
  interfaceBlock,
  obsoletePacketBlock,
  pcap,
  sectionBlock,
  simplePacketBlock,
} from '../../src/testkit/capture.ts';
import { facts } from '../../src/testkit/engine.ts';

const FOLDER = join(import.meta.dirname, '../../fixtures/captures');
const NAMES = readdirSync(FOLDER).filter(name => /\.pcap(ng)?$/.test(name));

/** Reads a capture and holds the bytes of each frame against those at its position. @returns the positions */
async function positions(capture: Uint8Array, chunk?: number, options?: OpenOptions): Promise<number[]> {
  const unpacked = capture[0] === 0x1f ? gunzipSync(capture) : Buffer.from(capture);
  const source = await openBytes(capture, 'test', chunk, options);
  const found: number[] = [];
  await source.read(({ bytes, start, end, position }) => {
    const there = unpacked.subarray(position, position + end - start).toString('hex');
    expect(there).toBe(Buffer.from(bytes.subarray(start, end)).toString('hex'));
    found.push(position);
  });
  return found;
}

test.each(NAMES)('%s: in one chunk, in many, and gzipped', async name => {
  const capture = readFileSync(join(FOLDER, name));
  const whole = await positions(capture);
  expect(await positions(capture, 100)).toEqual(whole);
  if (capture[0] !== 0x1f) expect(await positions(gzipSync(capture), 64)).toEqual(whole);
});

test('pcap, with either reader', async () => {
  const capture = pcap([{ bytes: hex('0102') }, {}, { bytes: hex('03040506') }]);
  expect(await positions(capture, 7)).toEqual([40, 58, 74]);
  expect(await positions(capture, 7, { reader: 'pcap-parser' })).toEqual([40, 58, 74]);
});

test('pcap with bytes of its variant between lengths and packet (Kuznetzov)', async () => {
  const extra = new Uint8Array(8);
  const frames = [hex('0102'), hex('03040506')].map(bytes => ({ bytes, extra }));
  expect(await positions(pcap(frames, { magic: 0xa1b2cd34 }))).toEqual([48, 74]);
});

test('pcapng, whatever stands around the packets', async () => {
  const packets = concat(
    enhancedPacketBlock(hex('010203'), { options: [comment('a note')] }),
    simplePacketBlock(hex('04050607')),
    obsoletePacketBlock(hex('0809')),
  );
  const section = concat(sectionBlock(), interfaceBlock());
  const head = section.length;
  const first = [head + 28, head + 52 + 12, head + 52 + 20 + 28];
  const again = first.map(position => position + head + packets.length);
  expect(await positions(concat(section, packets, section, packets), 10)).toEqual([...first, ...again]);
});

test('of bytes that do not begin their buffer', () => {
  const capture = pcap([{ bytes: hex('0102') }, { bytes: hex('0304') }]);
  const blocks = concat(sectionBlock(), interfaceBlock(), simplePacketBlock(hex('0102')), simplePacketBlock(hex('03')));
  const parsers: [Uint8Array, CaptureParser][] = [
    [capture, new PcapParser(readPcapHeader(capture), facts())],
    [blocks, new PcapngParser(facts())],
  ];
  for (const [bytes, parser] of parsers) {
    const found: number[] = [];
    const buffer = concat(new Uint8Array(9), bytes);
    const half = 9 + bytes.length - 10;
    const taken = parser.push(buffer, 9, half, ({ position }) => found.push(position));
    parser.push(buffer, 9 + taken, buffer.length, ({ position }) => found.push(position));
    expect(found).toEqual(bytes === capture ? [40, 58] : [60, 80]);
  }
});
