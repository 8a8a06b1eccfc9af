import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCapture } from '../../src/capture/open.ts';
import { newFacts } from '../../src/capture/parser.ts';
import { PcapngParser } from '../../src/capture/pcapng.ts';
import type { CaptureFacts } from '../../src/capture/source.ts';
import { type ByteOrder, concat, hex, u32, u64 } from '../../src/testkit/bytes.ts';
import {
  block,
  comment,
  enhancedPacketBlock,
  interfaceBlock,
  type Option,
  obsoletePacketBlock,
  sectionBlock,
  simplePacketBlock,
  statisticsBlock,
} from '../../src/testkit/capture.ts';
import { requireTool, runTool } from '../kit/tools.ts';
import { collect, collectBytes } from './collect.ts';
import { temporaryFile } from './temporary.ts';

const TIME = 1_700_000_000_123_456n;

test('a section, an interface and a packet, byte by byte', async () => {
  const bytes = hex(`
    0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000
    01000000 14000000 0100 0000 ffff0000 14000000
    06000000 28000000 00000000 240a0600 00401e18 06000000 3c000000 0a0b0c0d0e0f0000 28000000`);
  const { frames, facts } = await collectBytes(bytes);
  expect(frames).toEqual([
    {
      number: 1,
      time: '1700000000.000000000',
      linkType: 1,
      interfaceId: 0,
      bytes: '0a0b0c0d0e0f',
      wireLength: 60,
      comment: '',
    },
  ]);
  expect(facts).toEqual({
    path: 'test.pcap',
    format: 'pcapng',
    description: 'pcapng',
    linkTypes: [1],
    packets: 1,
    bytes: 60,
    firstTime: { seconds: 1_700_000_000, nanoseconds: 0, digits: 6 },
    lastTime: { seconds: 1_700_000_000, nanoseconds: 0, digits: 6 },
    dropped: 0,
    dropsCounted: false,
    knownComplete: false,
    eachOnce: false,
    complete: true,
  });
});

test('each section has its own byte order, and numbers its interfaces from 0', async () => {
  const { frames, facts } = await collectBytes(
    concat(
      sectionBlock({ order: 'little' }),
      interfaceBlock({ linkType: 1 }),
      interfaceBlock({ linkType: 113 }),
      enhancedPacketBlock(hex('a0'), { interfaceId: 1, time: TIME }),
      sectionBlock({ order: 'big' }),
      interfaceBlock({ linkType: 101, order: 'big' }),
      enhancedPacketBlock(hex('b0'), { interfaceId: 0, time: TIME, order: 'big' }),
    ),
  );
  expect(frames).toMatchObject([
    { number: 1, interfaceId: 1, linkType: 113, bytes: 'a0', time: '1700000000.123456000' },
    { number: 2, interfaceId: 2, linkType: 101, bytes: 'b0', time: '1700000000.123456000' },
  ]);
  expect(facts).toMatchObject({ linkTypes: [1, 113, 101], complete: true });
});

test.each([
  [0, 1_700_000_000n, '1700000000.000000000', 0],
  [3, 1_700_000_000_999n, '1700000000.999000000', 3],
  [6, 1_700_000_000_999_999n, '1700000000.999999000', 6],
  [9, 1_700_000_000_999_999_999n, '1700000000.999999999', 9],
  [9, 0xffffffff_ffffffffn, '18446744073.709551615', 9],
  [10, 17_000_000_009_999_999_999n, '1700000000.999999999', 9],
  [11, 0xffffffff_ffffffffn, '184467440.737095516', 9],
  [12, 0xffffffff_ffffffffn, '18446744.073709551', 9],
  [19, 0xffffffff_ffffffffn, '1.844674407', 9],
  [0x80 | 0, 1_700_000_000n, '1700000000.000000000', 0],
  [0x80 | 10, (1_700_000_000n << 10n) | 1023n, '1700000000.999023437', 4],
  [0x80 | 20, (1_700_000_000n << 20n) | 0xfffffn, '1700000000.999999046', 7],
  [0x80 | 32, (1_700_000_000n << 32n) | 0xffffffffn, '1700000000.999999999', 9],
  [0x80 | 33, 0xffffffff_ffffffffn, '2147483647.999999999', 9],
  [0x80 | 37, 0xffffffff_fffffffen, '134217727.999999999', 9],
  [0x80 | 63, 0xffffffff_ffffffffn, '1.999999999', 9],
])('if_tsresol %i: %i units are %s', async (resolution, time, expected, digits) => {
  for (const order of ['little', 'big'] as const) {
    const packet = enhancedPacketBlock(hex('00'), { time, order });
    const bytes = concat(sectionBlock({ order }), interfaceBlock({ resolution, order }), packet);
    const { frames, facts } = await collectBytes(bytes);
    expect(frames[0].time).toBe(expected);
    expect(facts.firstTime?.digits).toBe(digits);
  }
});

test.each([
  [20, '10^-20'],
  [0x80 | 64, '2^-64'],
])('if_tsresol %i is finer than 64 bits hold', async (resolution, power) => {
  const bytes = concat(sectionBlock(), interfaceBlock({ resolution }), enhancedPacketBlock(hex('00')));
  const { facts } = await collectBytes(bytes);
  const message = `interface 0 states a time stamp resolution of ${power} seconds, finer than 64 bits hold`;
  expect(facts).toMatchObject({ packets: 0, complete: false, problem: { offset: 28, message } });
});

test.each([
  [3600n, '4600.000000000'],
  [-900n, '100.000000000'],
  // Neither is a date; both are kept where a date can be written.
  [-2000n, '0.000000000'],
  [2n ** 62n, '253402300799.000000000'],
])('if_tsoffset %i is added to the seconds', async (offset, expected) => {
  for (const order of ['little', 'big'] as const) {
    const packet = enhancedPacketBlock(hex('00'), { time: 1_000_000_000n, order });
    const { frames } = await collectBytes(concat(sectionBlock({ order }), interfaceBlock({ offset, order }), packet));
    expect(frames[0].time).toBe(expected);
  }
});

test('interfaces of one section differ in resolution', async () => {
  const { frames, facts } = await collectBytes(
    concat(
      sectionBlock(),
      interfaceBlock(),
      interfaceBlock({ resolution: 9 }),
      enhancedPacketBlock(hex('01'), { interfaceId: 1, time: 5_000_000_001n }),
      enhancedPacketBlock(hex('02'), { interfaceId: 0, time: 5_000_001n }),
    ),
  );
  expect(frames.map(({ time }) => time)).toEqual(['5.000000001', '5.000001000']);
  expect(facts.firstTime).toEqual({ seconds: 5, nanoseconds: 1, digits: 9 });
});

test('packet comments are kept, several joined by newlines, other options passed over', async () => {
  const flags = [2, u32(1, 'little')] as const;
  const { frames } = await collectBytes(
    concat(
      sectionBlock({ options: [comment('of the section')] }),
      interfaceBlock({ options: [comment('of the interface')] }),
      enhancedPacketBlock(hex('01'), { options: [comment('naïve'), flags, comment('two')] }),
      enhancedPacketBlock(hex('02'), { options: [flags] }),
      enhancedPacketBlock(hex('03')),
      obsoletePacketBlock(hex('04'), { options: [comment('old')] }),
    ),
  );
  expect(frames.map(frame => frame.comment)).toEqual(['naïve\ntwo', '', '', 'old']);
});

test('an option that reaches out of its block is no comment and does no harm', async () => {
  const option = hex('0100 ff00 41424344');
  const body = concat(u32(0, 'little'), u32(0, 'little'), u32(0, 'little'), u32(0, 'little'), u32(0, 'little'), option);
  const { frames, facts } = await collectBytes(concat(sectionBlock(), interfaceBlock(), block(6, body)));
  expect(frames).toMatchObject([{ comment: '', bytes: '' }]);
  expect(facts.complete).toBe(true);
});

test('a simple packet is cut at the snap length and takes the time of the packet before it', async () => {
  const { frames, facts } = await collectBytes(
    concat(
      sectionBlock(),
      interfaceBlock({ snapLength: 3 }),
      enhancedPacketBlock(hex('00'), { time: TIME, options: [comment('timed')] }),
      simplePacketBlock(hex('010203'), 60),
      simplePacketBlock(hex('0102'), 2),
    ),
  );
  expect(frames.slice(1)).toMatchObject([
    { bytes: '010203', wireLength: 60, time: '1700000000.123456000', comment: '' },
    { bytes: '0102', wireLength: 2 },
  ]);
  expect(facts.firstTime).toEqual(facts.lastTime);
});

test('simple packets alone have no times', async () => {
  const { facts } = await collectBytes(concat(sectionBlock(), interfaceBlock(), simplePacketBlock(hex('01'))));
  expect(facts).toMatchObject({ packets: 1, complete: true });
  expect(facts).not.toHaveProperty('firstTime');
});

test('a snap length of 0 means none', async () => {
  const bytes = concat(sectionBlock(), interfaceBlock({ snapLength: 0 }), simplePacketBlock(hex('010203')));
  expect((await collectBytes(bytes)).frames).toMatchObject([{ bytes: '010203' }]);
});

test('drops: the last statistics of each interface, summed over interfaces and sections', async () => {
  const { facts } = await collectBytes(
    concat(
      sectionBlock(),
      interfaceBlock(),
      interfaceBlock(),
      statisticsBlock(0, { byInterface: 1n, bySystem: 2n }),
      statisticsBlock(0, { byInterface: 10n, bySystem: 20n }),
      statisticsBlock(1, { bySystem: 400n }),
      statisticsBlock(1, {}),
      statisticsBlock(7, { bySystem: 9n }),
      sectionBlock({ order: 'big' }),
      interfaceBlock({ order: 'big' }),
      statisticsBlock(0, { byInterface: 5000n }, 'big'),
    ),
  );
  expect(facts).toMatchObject({ dropped: 5430, complete: true });
});

test('field file 9-length-not-rounded: blocks that state a length without their padding are read', async () => {
  const { frames, facts } = await collect(await openCapture(field('9-length-not-rounded.pcapng')));
  expect(facts).toMatchObject({ packets: 11, complete: true });
  expect(frames.map(({ bytes }) => bytes.length / 2)).toEqual([51, 74, 74, 46, 66, 56, 64, 56, 50, 46, 46]);
});

test('such a block that is cut says how many bytes it takes', async () => {
  const bytes = readFileSync(field('9-length-not-rounded.pcapng')).subarray(0, 0x30 + 83);
  const message = 'the block after packet 0 is cut: 83 of 84 bytes are in the file';
  expect((await collectBytes(bytes)).facts).toMatchObject({ packets: 0, complete: false, problem: { message } });
});

test('65,536 interfaces of as many link types, in each of two sections, are read at once', async () => {
  const interfaces = Array.from({ length: 65_536 }, (_, linkType) => interfaceBlock({ linkType }));
  const section = concat(sectionBlock(), ...interfaces, enhancedPacketBlock(hex('00'), { interfaceId: 65_535 }));
  const began = performance.now();
  const { facts } = await collectBytes(concat(section, section), 64 * 1024);
  expect(facts).toMatchObject({ packets: 2, complete: true });
  expect(facts.linkTypes).toHaveLength(65_536);
  // It takes 10 seconds to search what is there for each of them.
  expect(performance.now() - began).toBeLessThan(4000);
});

describe('drops that packets count', () => {
  const dropcount = (count: bigint): Option => [4, u64(count, 'little')];
  const packet = (drops: bigint, interfaceId = 0) =>
    enhancedPacketBlock(hex('00'), { interfaceId, options: [dropcount(drops), comment('kept')] });
  const capture = concat(sectionBlock(), interfaceBlock(), interfaceBlock());

  test('field file ministreaming-f5-epb-dropcount: one packet block counts three', async () => {
    const { facts } = await collect(await openCapture(field('ministreaming-f5-epb-dropcount.pcapng')));
    expect(facts).toMatchObject({ packets: 7, dropped: 3, knownComplete: false, complete: true });
  });

  test('add up over packets and interfaces, and leave the comment beside them', async () => {
    const { facts, frames } = await collectBytes(concat(capture, packet(2n), packet(0n), packet(3n), packet(400n, 1)));
    expect(facts.dropped).toBe(405);
    expect(frames.map(frame => frame.comment)).toEqual(['kept', 'kept', 'kept', 'kept']);
  });

  test('are known when the packet behind them is handed out', () => {
    const seen = factsAtPackets(concat(capture, packet(0n), packet(2n), packet(0n)));
    expect(seen.map(({ dropped }) => dropped)).toEqual([0, 2, 2, 2]);
  });

  test.each<[number, string, Uint8Array[]]>([
    [7, 'the statistics, which count them too', [packet(3n), packet(2n), statisticsBlock(0, { byInterface: 7n })]],
    [5, 'the packets, where the statistics count less', [packet(3n), packet(2n), statisticsBlock(0, { bySystem: 1n })]],
    [5, 'the packets behind statistics', [packet(3n), statisticsBlock(0, { byInterface: 3n }), packet(2n)]],
    [
      12,
      'the larger of each interface',
      [packet(3n), statisticsBlock(0, { byInterface: 1n }), statisticsBlock(1, { byInterface: 9n }), packet(2n, 1)],
    ],
    [
      9,
      'the most that statistics say',
      [statisticsBlock(0, { byInterface: 9n }), statisticsBlock(0, { byInterface: 1n })],
    ],
    [
      0,
      'none, where neither is known',
      [packet(0xffffffff_ffffffffn), statisticsBlock(0, { byInterface: 0xffffffff_ffffffffn })],
    ],
  ])('are never counted twice: %i is %s', async (dropped, _situation, blocks) => {
    expect((await collectBytes(concat(capture, ...blocks))).facts.dropped).toBe(dropped);
  });

  test('that no number holds are the largest one', async () => {
    const { facts } = await collectBytes(concat(capture, packet(2n ** 63n), packet(2n ** 63n)));
    expect(facts.dropped).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe('known complete', () => {
  const packet = (interfaceId = 0, order: ByteOrder = 'little') =>
    enhancedPacketBlock(hex('00'), { interfaceId, order });
  const counted = (interfaceId: number, received?: bigint) =>
    statisticsBlock(interfaceId, { byInterface: 0n, received });
  const begin = concat(sectionBlock(), interfaceBlock(), interfaceBlock());
  const filtered = concat(sectionBlock(), interfaceBlock({ options: [[11, Buffer.from('\0udp src port 9')]] }));
  const mark = (text: string, enterprise = 32_473, order: ByteOrder = 'little'): Option => [
    19_372,
    concat(u32(enterprise, order), Buffer.from(text)),
  ];
  const said = concat(
    sectionBlock({ options: [comment('x'), mark('another'), mark('wirelint: complete')] }),
    interfaceBlock(),
  );
  const saidBigEndian = concat(
    sectionBlock({ order: 'big', options: [mark('wirelint: complete', 32_473, 'big')] }),
    interfaceBlock({ order: 'big' }),
    packet(0, 'big'),
  );

  test.each<[string, boolean, boolean, Uint8Array[]]>([
    ['no statistics', false, false, [begin, packet()]],
    ['no packets', false, false, [begin, counted(0)]],
    ['statistics of each interface that has packets', true, true, [begin, packet(), packet(), counted(0)]],
    ['as many received as are there', true, true, [begin, packet(), packet(), counted(0, 2n)]],
    ['more received than are there', false, false, [begin, packet(), packet(), counted(0, 3n)]],
    ['statistics of one of two interfaces', false, false, [begin, packet(0), packet(1), counted(0)]],
    ['statistics of both', true, true, [begin, packet(0), packet(1), counted(0), counted(1)]],
    ['packets behind the statistics', false, false, [begin, packet(), counted(0), packet()]],
    [
      'statistics without drops of the interface',
      false,
      false,
      [begin, packet(), statisticsBlock(0, { bySystem: 0n })],
    ],
    [
      'statistics that do not know',
      false,
      false,
      [begin, packet(), statisticsBlock(0, { byInterface: 2n ** 64n - 1n })],
    ],
    ['a capture filter', true, false, [filtered, packet(), counted(0)]],
    [
      'a section with a capture filter before one without',
      true,
      false,
      [filtered, packet(), counted(0), begin, packet(), counted(0)],
    ],
    ['a drop', true, false, [begin, packet(), statisticsBlock(0, { byInterface: 1n })]],
    ['a drop of the system', true, false, [begin, packet(), statisticsBlock(0, { byInterface: 0n, bySystem: 1n })]],
    ['two sections, one counted', false, false, [begin, packet(), begin, packet(), counted(0)]],
    ['two sections, both counted', true, true, [begin, packet(), counted(0), begin, packet(), counted(0)]],
    ['a section that says so', false, true, [said, packet()]],
    ['a big-endian one', false, true, [saidBigEndian]],
    ['one that says so and has no packet', false, true, [said]],
    ['one that says so and counts a drop', true, false, [said, packet(), statisticsBlock(0, { byInterface: 1n })]],
    ['one that says so behind one that does not', false, false, [begin, packet(), said, packet()]],
    ['one that says so before one that does not', false, false, [said, packet(), begin, packet()]],
    ['one that says so and one that is counted', false, true, [said, packet(), begin, packet(), counted(0)]],
    [
      'the mark of others',
      false,
      false,
      [sectionBlock({ options: [mark('wirelint: complete', 1)] }), interfaceBlock(), packet()],
    ],
    [
      'a longer text',
      false,
      false,
      [sectionBlock({ options: [mark('wirelint: completed')] }), interfaceBlock(), packet()],
    ],
    [
      'a comment of the words',
      false,
      false,
      [sectionBlock({ options: [comment('wirelint: complete')] }), interfaceBlock(), packet()],
    ],
  ])('%s', async (_situation, dropsCounted, knownComplete, blocks) => {
    for (const chunkSize of [1, 4096]) {
      expect((await collectBytes(concat(...blocks), chunkSize)).facts).toMatchObject({ dropsCounted, knownComplete });
    }
  });

  test('is known from the first packet on where the section says so, from the last on where statistics do', () => {
    const known = (...blocks: Uint8Array[]) => factsAtPackets(concat(...blocks)).map(facts => facts.knownComplete);
    expect(known(said, packet(), packet())).toEqual([true, true, true]);
    expect(known(begin, packet(), packet(), counted(0))).toEqual([false, false, true]);
  });

  test('each packet is seen once where the section says so, and not because drops were counted', () => {
    const once = (...blocks: Uint8Array[]) => factsAtPackets(concat(...blocks)).map(facts => facts.eachOnce);
    expect(once(said, packet(), packet())).toEqual([true, true, true]);
    expect(once(begin, packet(), packet(), counted(0))).toEqual([false, false, false]);
    expect(once(said, packet(), begin, packet(), said, packet())).toEqual([true, false, false, false]);
  });

  test('what dumpcap writes is counted, and what editcap makes of it is not', async () => {
    if (!requireTool('editcap')) return;
    const captured = field('../captures/dumpcap-loopback.pcapng');
    const whole = await collect(await openCapture(captured));
    expect(whole.facts).toMatchObject({ packets: 6, dropped: 0, dropsCounted: true, knownComplete: true });
    const { path } = temporaryFile('less.pcapng');
    runTool('editcap', [captured, path, '3']);
    const less = await collect(await openCapture(path));
    expect(less.facts).toMatchObject({ packets: 5, dropsCounted: false, knownComplete: false });
  });
});

test('drops: those of obsolete packet blocks add up, unless unknown', async () => {
  const packets = [2, 0xffff, 3].map(drops => obsoletePacketBlock(hex('00'), { drops }));
  const { facts } = await collectBytes(concat(sectionBlock(), interfaceBlock(), ...packets));
  expect(facts).toMatchObject({ dropped: 5, packets: 3 });
});

test('blocks of names, secrets, journals and unknown types are passed over', async () => {
  const others = [4, 10, 9, 0xbad, 0x80000001].map(type => block(type, new Uint8Array(40)));
  const bytes = concat(sectionBlock(), interfaceBlock(), ...others, enhancedPacketBlock(hex('01')), ...others);
  expect((await collectBytes(bytes)).facts).toMatchObject({ packets: 1, complete: true });
});

const begin = concat(sectionBlock(), interfaceBlock(), enhancedPacketBlock(hex('01020304')));

test.each<[string, Uint8Array, string]>([
  [
    'a length of less than a block',
    concat(u32(6, 'little'), u32(8, 'little'), u32(8, 'little')),
    'the block after packet 1 states an impossible length of 8 bytes',
  ],
  [
    'a length that is no multiple of four, and a second one that is',
    concat(u32(6, 'little'), u32(33, 'little'), new Uint8Array(24), u32(36, 'little')),
    'the two lengths of the block after packet 1 differ',
  ],
  [
    'a length beyond all bounds',
    concat(u32(6, 'little'), u32(0xfffffff0, 'little'), new Uint8Array(40)),
    'the block after packet 1 states a length of 4294967280 bytes, more than the 16908288 a block may have',
  ],
  [
    'a second length that differs from the first',
    concat(u32(6, 'little'), u32(16, 'little'), u32(0, 'little'), u32(20, 'little')),
    'the two lengths of the block after packet 1 differ',
  ],
  [
    'a captured length beyond the block',
    enhancedPacketBlock(hex('01020304'), { capturedLength: 5 }),
    'packet 2 states a length of 5 bytes, its block has room for 4',
  ],
  [
    'a captured length of 32 set bits',
    enhancedPacketBlock(hex('01020304'), { capturedLength: 0xffffffff }),
    'packet 2 states a length of 4294967295 bytes, its block has room for 4',
  ],
  [
    'a packet longer than any',
    enhancedPacketBlock(new Uint8Array(262_145)),
    'packet 2 states a length of 262145 bytes, more than the 262144 a packet may have',
  ],
  [
    'a packet of an interface that is not there',
    enhancedPacketBlock(hex('01'), { interfaceId: 1 }),
    'packet 2 names interface 1, which its section does not describe',
  ],
  ['a packet block too short for a packet', block(6, new Uint8Array(8)), 'the block of packet 2 is too short'],
  [
    'a simple packet in a section without interfaces',
    concat(sectionBlock(), simplePacketBlock(hex('01'))),
    'packet 2 has no interface in its section',
  ],
  ['an interface block without its fields', block(1, new Uint8Array(4)), 'an interface block is too short'],
  [
    'a section of another byte-order magic',
    block(0x0a0d0d0a, new Uint8Array(16)),
    'a section header has no byte-order magic',
  ],
  [
    'a section of version 2',
    block(0x0a0d0d0a, hex('4d3c2b1a 0200 0000 ffffffffffffffff')),
    'a section is of pcapng version 2, only version 1 can be read',
  ],
])('%s ends the reading, all packets before it are handed out', async (_situation, bad, message) => {
  const { frames, facts } = await collectBytes(concat(begin, bad, enhancedPacketBlock(hex('ff'))));
  expect(frames.map(frame => frame.bytes)).toEqual(['01020304']);
  expect(facts).toMatchObject({ packets: 1, complete: false, problem: { message } });
});

test('a damaged length is reported at the offset of its block', async () => {
  const { facts } = await collectBytes(concat(begin, new Uint8Array(12)));
  expect(facts.problem?.offset).toBe(begin.length);
});

test.each([
  [90, 'the block after packet 1 is cut: 90 of 132 bytes are in the file'],
  [11, 'the header of the block after packet 1 is cut: 11 of 12 bytes are in the file'],
])('a capture cut inside a block, %i bytes of it left, says so', async (left, message) => {
  const cut = concat(begin, enhancedPacketBlock(new Uint8Array(100)).subarray(0, left));
  const { facts } = await collectBytes(cut);
  expect(facts).toMatchObject({ packets: 1, complete: false, problem: { offset: begin.length, message } });
});

test('microseconds, nanoseconds and comments as editcap and mergecap write them', async () => {
  const path = join(import.meta.dirname, '../../fixtures/captures/two-interfaces-nanoseconds.pcapng');
  const { frames, facts } = await collect(await openCapture(path));
  expect(facts).toMatchObject({
    format: 'pcapng',
    linkTypes: [1],
    packets: 56,
    bytes: 3906,
    firstTime: { seconds: 1_795_264_299, nanoseconds: 33_264_000, digits: 9 },
    lastTime: { seconds: 1_795_264_299, nanoseconds: 434_781_123, digits: 9 },
    dropped: 0,
    dropsCounted: false,
    knownComplete: false,
    complete: true,
  });
  expect(frames.map(({ interfaceId }) => interfaceId)).toEqual(Array.from({ length: 56 }, (_, index) => index % 2));
  expect(frames.filter(frame => frame.comment !== '').map(frame => [frame.number, frame.comment])).toEqual([
    [1, 'first comment'],
    [5, 'naïve\nsecond line'],
  ]);
});

test.each([
  [6, 1_700_000_000_999_999n],
  [9, 1_700_000_000_999_999_999n],
  [0x80 | 20, (1_700_000_000n << 20n) | 0xfffffn],
  [3, 1_700_000_000_999n],
])('if_tsresol %i: tshark reads the same time', async (resolution, time) => {
  if (!requireTool('tshark')) return;
  const bytes = concat(sectionBlock(), interfaceBlock({ resolution }), enhancedPacketBlock(hex('00'), { time }));
  const { path } = temporaryFile('resolution.pcapng', bytes);
  const printed = runTool('tshark', ['-r', path, '-T', 'fields', '-e', 'frame.time_epoch']).trim();
  expect((await collectBytes(bytes)).frames[0].time).toBe(printed);
});

function field(name: string): string {
  return join(import.meta.dirname, '../../fixtures/field', name);
}

/** What is known of the capture when the parser hands out each packet, before anybody puts them in order, and at the end. */
function factsAtPackets(bytes: Uint8Array): CaptureFacts[] {
  const facts = newFacts('test.pcapng');
  const seen: CaptureFacts[] = [];
  new PcapngParser(facts).push(bytes, 0, bytes.length, () => seen.push({ ...facts }));
  return [...seen, { ...facts }];
}
