import { expect, test } from 'vitest';
import { newFacts } from '../../src/capture/parser.ts';
import { PcapParser } from '../../src/capture/pcap.ts';
import { readPcapHeader } from '../../src/capture/pcap-header.ts';
import { CaptureError } from '../../src/capture/source.ts';
import { concat, hex, u32 } from '../../src/testkit/bytes.ts';
import { pcap, pcapRecord } from '../../src/testkit/capture.ts';
import { requireTool, runTool } from '../kit/tools.ts';
import { collectBytes } from './collect.ts';
import { temporaryFile } from './temporary.ts';

const MAX = 262_144;

test('a little-endian capture in microseconds, byte by byte', async () => {
  const bytes = hex(`
    d4c3b2a1 0200 0400 00000000 00000000 ffff0000 01000000
    00f15365 40e20100 04000000 3c000000 0a0b0c0d
    01f15365 01000000 00000000 00000000`);
  const { frames, facts } = await collectBytes(bytes);
  expect(frames).toEqual([
    {
      number: 1,
      time: '1700000000.123456000',
      linkType: 1,
      interfaceId: 0,
      bytes: '0a0b0c0d',
      wireLength: 60,
      comment: '',
    },
    { number: 2, time: '1700000001.000001000', linkType: 1, interfaceId: 0, bytes: '', wireLength: 0, comment: '' },
  ]);
  expect(facts).toEqual({
    path: 'test.pcap',
    format: 'pcap',
    description: 'pcap, little-endian, microseconds',
    linkTypes: [1],
    packets: 2,
    bytes: 60,
    firstTime: { seconds: 1_700_000_000, nanoseconds: 123_456_000, digits: 6 },
    lastTime: { seconds: 1_700_000_001, nanoseconds: 1000, digits: 6 },
    dropped: 0,
    dropsCounted: false,
    knownComplete: false,
    complete: true,
  });
});

test('a big-endian capture in nanoseconds, byte by byte', async () => {
  const bytes = hex(`
    a1b23c4d 0002 0004 00000000 00000000 0000ffff 00000071
    6553f100 3b9ac9ff 00000002 00000002 beef`);
  const { frames, facts } = await collectBytes(bytes);
  expect(frames).toMatchObject([{ time: '1700000000.999999999', linkType: 113, bytes: 'beef', wireLength: 2 }]);
  expect(facts).toMatchObject({ description: 'pcap, big-endian, nanoseconds', complete: true });
  expect(facts.lastTime?.digits).toBe(9);
});

test('a capture without packets is complete and has no times', async () => {
  const { frames, facts } = await collectBytes(pcap([]));
  expect(frames).toEqual([]);
  expect(facts).toMatchObject({ packets: 0, complete: true });
  expect(facts).not.toHaveProperty('firstTime');
});

test('first and last time are the earliest and the latest, in whatever order the packets come', async () => {
  const { facts } = await collectBytes(pcap([{ seconds: 20 }, { seconds: 10, fraction: 7 }, { seconds: 30 }, {}]));
  expect(facts.firstTime).toEqual({ seconds: 0, nanoseconds: 0, digits: 6 });
  expect(facts.lastTime).toEqual({ seconds: 30, nanoseconds: 0, digits: 6 });
});

test('seconds are unsigned: 2038 and 2106 are ordinary times', async () => {
  const { frames } = await collectBytes(pcap([{ seconds: 0x80000000 }, { seconds: 0xffffffff, fraction: 999_999 }]));
  expect(frames.map(({ time }) => time)).toEqual(['2147483648.000000000', '4294967295.999999000']);
});

test('a fraction of a second or more carries into the seconds', async () => {
  const micro = await collectBytes(
    pcap([
      { seconds: 5, fraction: 1_000_000 },
      { seconds: 5, fraction: 0xffffffff },
    ]),
  );
  expect(micro.frames.map(({ time }) => time)).toEqual(['6.000000000', '4299.967295000']);
  const nano = await collectBytes(pcap([{ seconds: 5, fraction: 4_294_967_295 }], { nanoseconds: true }));
  expect(nano.frames[0].time).toBe('9.294967295');
});

test('the upper 16 bits of the link type word, FCS length and reserved bits, are no part of the type', async () => {
  const { frames, facts } = await collectBytes(pcap([{ bytes: hex('00') }], { linkType: 0x3400_0071 }));
  expect(frames[0].linkType).toBe(113);
  expect(facts.linkTypes).toEqual([113]);
});

test('a wire length below the captured one is handed on as it stands', async () => {
  const { frames } = await collectBytes(pcap([{ bytes: hex('010203'), wireLength: 1 }]));
  expect(frames[0]).toMatchObject({ bytes: '010203', wireLength: 1 });
});

test('a capture cut inside a packet gives the packets before it and says how much is there', async () => {
  const whole = pcap([{ bytes: hex('0102') }, { bytes: new Uint8Array(98) }]);
  const { frames, facts } = await collectBytes(whole.subarray(0, 24 + 18 + 16 + 54));
  expect(frames).toHaveLength(1);
  expect(facts.complete).toBe(false);
  expect(facts.problem).toEqual({ offset: 42, message: 'packet 2 is cut: 54 of 98 bytes are in the file' });
});

test('a capture cut inside a record header says so', async () => {
  const { facts } = await collectBytes(concat(pcap([{ bytes: hex('0102') }]), hex('00f153 65 40')));
  const message = 'the header of packet 2 is cut: 5 of 16 bytes are in the file';
  expect(facts).toMatchObject({ packets: 1, complete: false, problem: { offset: 42, message } });
});

test.each([
  [262_145, 'packet 2 states a length of 262145 bytes, more than the 262144 a packet may have'],
  [0x7fffffff, 'packet 2 states a length of 2147483647 bytes, more than the 262144 a packet may have'],
  [0xffffffff, 'packet 2 states a length of 4294967295 bytes, more than the 262144 a packet may have'],
])('a captured length of %i ends the reading there', async (capturedLength, message) => {
  const bytes = pcap([{ bytes: hex('01') }, { capturedLength, bytes: new Uint8Array(100) }, { bytes: hex('02') }]);
  const { frames, facts } = await collectBytes(bytes);
  expect(frames.map(frame => frame.bytes)).toEqual(['01']);
  expect(facts).toMatchObject({ complete: false, problem: { offset: 41, message } });
});

test('the longest packet of a network link type is read, over the border of a chunk too', async () => {
  const bytes = pcap([{ bytes: new Uint8Array(MAX) }, { bytes: hex('99') }]);
  for (const chunkSize of [65_536, 1024 * 1024]) {
    const { frames, facts } = await collectBytes(bytes, chunkSize);
    expect(frames.map(frame => frame.bytes.length / 2)).toEqual([MAX, 1]);
    expect(facts.complete).toBe(true);
  }
});

test('a D-Bus message may be longer than any packet of a network', async () => {
  const bytes = pcap([{ bytes: new Uint8Array(3_000_000) }], { linkType: 231 });
  const { frames } = await collectBytes(bytes);
  expect(frames[0].bytes).toHaveLength(6_000_000);
});

test('before version 2.3 the original length stands first', async () => {
  const record = concat(u32(1, 'little'), u32(0, 'little'), u32(60, 'little'), u32(2, 'little'), hex('aabb'));
  const { frames } = await collectBytes(concat(pcap([], { version: [2, 2] }), record));
  expect(frames).toMatchObject([{ bytes: 'aabb', wireLength: 60 }]);
});

test('in version 2.3 the larger length is the original one, wherever it stands', async () => {
  const swapped = concat(u32(1, 'little'), u32(0, 'little'), u32(60, 'little'), u32(2, 'little'), hex('aabb'));
  const straight = pcapRecord({ seconds: 1, bytes: hex('ccdd'), wireLength: 70 });
  const { frames } = await collectBytes(concat(pcap([], { version: [2, 3] }), swapped, straight));
  expect(frames).toMatchObject([
    { bytes: 'aabb', wireLength: 60 },
    { bytes: 'ccdd', wireLength: 70 },
  ]);
});

test.each<[number, number]>([
  [1, 0],
  [2, 5],
  [3, 0],
])('version %i.%i is refused', async (major, minor) => {
  const reading = collectBytes(pcap([], { version: [major, minor] }));
  await expect(reading).rejects.toThrow(`test.pcap: is pcap version ${major}.${minor}: only 2.0 to 2.4 can be read`);
});

test('DG/UX: version 543.0, with the lengths in the old order', async () => {
  const record = { bytes: hex('aabb'), capturedLength: 60, wireLength: 2 };
  const { frames } = await collectBytes(pcap([record], { version: [543, 0] }));
  expect(frames).toMatchObject([{ bytes: 'aabb', wireLength: 60 }]);
});

test('AIX: nanoseconds, interface types for link types, and three bytes before an FDDI frame', async () => {
  // Version 2.2 has the original length first.
  const record = concat(u32(1, 'big'), u32(999_999_999, 'big'), u32(103, 'big'), u32(5, 'big'), hex('ffffff aabb'));
  const { frames, facts } = await collectBytes(
    concat(pcap([], { version: [2, 2], linkType: 15, order: 'big' }), record),
  );
  expect(facts).toMatchObject({ description: 'AIX pcap, big-endian, nanoseconds', linkTypes: [10], complete: true });
  expect(frames).toMatchObject([{ time: '1.999999999', linkType: 10, bytes: 'aabb', wireLength: 100 }]);
});

test('AIX: a record shorter than its padding ends the reading', async () => {
  const record = concat(u32(1, 'big'), u32(0, 'big'), u32(2, 'big'), u32(2, 'big'), hex('ffff'));
  const { facts } = await collectBytes(concat(pcap([], { version: [2, 2], linkType: 15, order: 'big' }), record));
  expect(facts.problem?.message).toBe('packet 1 states a length of 2 bytes, less than its padding');
});

test.each([
  [0x1c0001ac, 'Ixia lcap (hardware), little-endian, nanoseconds', '1.000000007'],
  [0x1c0001ab, 'Ixia lcap (software), little-endian, microseconds', '1.000007000'],
])('Ixia lcap: magic number %i, four more bytes of file header', async (magic, description, time) => {
  const frame = { seconds: 1, fraction: 7, bytes: hex('aa') };
  const { frames, facts } = await collectBytes(pcap([frame], { magic, extraHeader: u32(17, 'little') }));
  expect(facts).toMatchObject({ description, complete: true });
  expect(frames).toMatchObject([{ time, bytes: 'aa' }]);
});

test.each([
  [0xa12b3c4d, 'Navtel pcap'],
  [0xa1b234cd, 'Mesquita pcap'],
])('magic number %i is named, and refused as nobody has described the format', async (magic, name) => {
  const reading = collectBytes(pcap([], { magic }));
  await expect(reading).rejects.toThrow(CaptureError);
  await expect(reading).rejects.toThrow(`test.pcap: is ${name}, an undocumented variant`);
});

const interfaceIndexAndProtocol = hex('02000000 0008 00 00');

test.each([
  ['modified pcap (Kuznetzov)', 0xa1b2cd34, interfaceIndexAndProtocol],
  ['modified pcap (Kuznetzov, SuSE 6.3)', 0xa1b2cd34, concat(interfaceIndexAndProtocol, hex('00000000'))],
  ['modified pcap (Kuznetzov, Red Hat 6.1)', 0xa1b2c3d4, interfaceIndexAndProtocol],
  ['Nokia pcap', 0xa1b2c3d4, hex('01b9bf9f')],
])('%s is recognised by its records', async (name, magic, extra) => {
  const bytes = hex('0010a4b2c3d4 00508b112233 0800 4500001c');
  const given = [1, 2, 3, 4].map(seconds => ({ seconds: 944_000_000 + seconds, fraction: 500_000, bytes, extra }));
  const { frames, facts } = await collectBytes(pcap(given, { magic, snapLength: 96 }));
  expect(facts).toMatchObject({ description: `${name}, little-endian, microseconds`, packets: 4, complete: true });
  expect(frames[3]).toMatchObject({ time: '944000004.500000000', bytes: '0010a4b2c3d400508b11223308004500001c' });
});

test('a cut capture of packets that begin with zeros is not taken for a variant', async () => {
  // As on loopback; the zeros could be the words that the variants add to a record header.
  const whole = pcap([1, 2].map(seconds => ({ seconds, fraction: 500_000, bytes: new Uint8Array(60) })));
  for (let length = 24; length <= whole.length; length++) {
    const { facts } = await collectBytes(whole.subarray(0, length));
    const packets = length === whole.length ? 2 : length >= 24 + 76 ? 1 : 0;
    expect(facts).toMatchObject({ description: 'pcap, little-endian, microseconds', packets });
  }
});

test('a capture whose second record is damaged is not taken for a variant', async () => {
  const frames = [1, 2, 3].map(seconds => ({ seconds, bytes: new Uint8Array(60) }));
  const bytes = pcap([frames[0], { ...frames[1], capturedLength: 0x7fffffff }, frames[2]]);
  const { facts } = await collectBytes(bytes);
  expect(facts).toMatchObject({ description: 'pcap, little-endian, microseconds', packets: 1, complete: false });
});

test.each(['pcap', 'nsecpcap', 'modpcap', 'rh6_1pcap', 'suse6_3pcap', 'nokiapcap', 'pcapng'])(
  'what editcap writes as %s is what it was given',
  async type => {
    if (!requireTool('editcap')) return;
    const plain = pcap([1, 2, 3].map(seconds => ({ seconds, fraction: 250_000, bytes: hex('00112233445566778899') })));
    const [from, to] = [temporaryFile('plain.pcap', plain), temporaryFile(`${type}.pcap`)];
    runTool('editcap', ['-F', type, from.path, to.path]);
    expect((await collectBytes(to.read())).frames).toEqual((await collectBytes(plain)).frames);
  },
);

test('where the next frames begin is known a batch at a time, once that is asked for', () => {
  const records = Array.from({ length: 40 }, (_, at) => ({ bytes: new Uint8Array(at) }));
  const bytes = concat(pcap(records), hex('00000000 00000000 ffffffff'));
  const header = readPcapHeader(bytes);
  const frames: { start: number; upcoming: number; starts: number[] }[] = [];
  new PcapParser(header, newFacts('')).push(bytes, 0, bytes.length, frame => {
    const { start, upcoming } = frame;
    frames.push({ start, upcoming, starts: Array.from(frame.starts.subarray(0, upcoming)) });
    if (frame.number === 3) frame.wantsUpcoming = true;
  });
  const starts = frames.map(({ start }) => start);
  expect(frames.map(({ upcoming }) => upcoming)).toEqual([0, 0, 0, 32, ...Array(31).fill(0), 5, 0, 0, 0, 0]);
  expect(frames[3].starts).toEqual(starts.slice(3, 35));
  expect(frames[35].starts).toEqual(starts.slice(35));
});
