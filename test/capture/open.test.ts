import { spawn } from 'node:child_process';
import { chmodSync, createWriteStream, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { openBytes, openCapture } from '../../src/capture/open.ts';
import { CaptureError, type Frame } from '../../src/capture/source.ts';
import { concat, hex } from '../../src/testkit/bytes.ts';
import {
  enhancedPacketBlock,
  interfaceBlock,
  obsoletePacketBlock,
  pcap,
  pcapRecord,
  sectionBlock,
  simplePacketBlock,
  statisticsBlock,
} from '../../src/testkit/capture.ts';
import { requireTool, runTool } from '../kit/tools.ts';
import { collect, collectBytes } from './collect.ts';
import { temporaryFile } from './temporary.ts';

const small = pcap([
  { seconds: 1, bytes: hex('0a0b0c') },
  { seconds: 2, bytes: hex(''), wireLength: 9 },
  { seconds: 3, bytes: new Uint8Array(40) },
]);
const smallNg = concat(
  sectionBlock(),
  interfaceBlock({ resolution: 9 }),
  enhancedPacketBlock(hex('0a0b0c'), { time: 5_000_000_007n }),
  statisticsBlock(0, { byInterface: 3n }),
  sectionBlock({ order: 'big' }),
  interfaceBlock({ order: 'big', linkType: 101 }),
  obsoletePacketBlock(hex('ff'), { order: 'big', time: 9n }),
  simplePacketBlock(hex('0102030405'), 5, 'big'),
);

test('a file is read, with its path and its size', async () => {
  const { path } = temporaryFile('small.pcap', small);
  const source = await openCapture(path);
  const progress: unknown[] = [];
  await source.read(
    () => {},
    now => {
      progress.push(now);
      return undefined;
    },
  );
  expect(source.facts).toMatchObject({ path, packets: 3, complete: true });
  const whole = { read: small.length, total: small.length };
  // Once more when the frames were handed out that had waited for others that might belong before them.
  expect(progress).toEqual([whole, whole]);
});

test.each<[string, Uint8Array, string]>([
  ['nothing', hex(''), 'x: is empty'],
  ['a program', hex('7f454c46 02010100'), 'x: not a capture: starts with 7f 45 4c 46 (expected pcap, pcapng or gzip)'],
  ['one byte', hex('41'), 'x: not a capture: starts with 41 (expected pcap, pcapng or gzip)'],
  ['half a magic number', hex('d4c3'), 'x: not a capture: starts with d4 c3 (expected pcap, pcapng or gzip)'],
  ['a header that is cut', small.subarray(0, 23), 'x: is cut in its file header: 23 of 24 bytes are in the file'],
  [
    'a section header that is cut',
    smallNg.subarray(0, 27),
    'x: is cut in its file header: 27 of 28 bytes are in the file',
  ],
  ['zstd', hex('28b52ffd 00'), 'x: is packed with zstd: unpack it first (zstd -d)'],
  ['lz4', hex('04224d18 00'), 'x: is packed with lz4: unpack it first (lz4 -d)'],
  ['xz', hex('fd377a585a00 00'), 'x: is packed with xz: unpack it first (xz -d)'],
  ['bzip2', hex('425a6839 314159265359'), 'x: is packed with bzip2: unpack it first (bzip2 -d)'],
  ['lzip', hex('4c5a4950 01'), 'x: is packed with lzip: unpack it first (lzip -d)'],
  ['a 7z archive', hex('377abcaf271c 0004'), 'x: is a 7z archive: unpack it first (7z x)'],
  ['NetXRay', hex('58435000 00000000'), 'x: is a NetXRay capture: convert it with: editcap -F pcap'],
  ['iptrace', Buffer.from('iptrace 2.0'), 'x: is an iptrace capture: convert it with: editcap -F pcap'],
  ['OmniPeek', hex('7f766572 00000008'), 'x: is an EtherPeek or OmniPeek capture: convert it with: editcap -F pcap'],
  ['snoop', hex('736e6f6f70000000 00000002'), 'x: is a snoop capture: convert it with: editcap -F pcap'],
])('%s is no capture, in one line', async (_situation, bytes, message) => {
  for (const chunkSize of [1, 4096]) {
    const opening = openBytes(bytes, 'x', chunkSize);
    await expect(opening).rejects.toThrow(CaptureError);
    await expect(opening).rejects.toThrow(message);
  }
});

test('a path that leads nowhere, a directory, a file that may not be read', async () => {
  const { path } = temporaryFile('small.pcap', small);
  await expect(openCapture(`${path}.not`)).rejects.toThrow(`${path}.not: no such file`);
  mkdirSync(`${path}.d`);
  await expect(openCapture(`${path}.d`)).rejects.toThrow(`${path}.d: is a directory`);
  if (process.getuid?.() === 0) return; // Root may read everything.
  chmodSync(path, 0);
  await expect(openCapture(path)).rejects.toThrow(`${path}: permission denied`);
});

test('reading stops after the chunk for which onChunk returns false, and that is no damage', async () => {
  const bytes = pcap(Array.from({ length: 20_000 }, () => ({ bytes: hex('00') })));
  const source = await openBytes(bytes, 'x', 10_000);
  let frames = 0;
  await source.read(
    () => frames++,
    () => Promise.resolve(frames >= 10 ? false : undefined),
  );
  expect(frames).toBeGreaterThanOrEqual(10);
  expect(frames).toBeLessThan(20_000);
  expect(source.facts).toMatchObject({ packets: frames, complete: true });
});

test('one frame object serves for all', async () => {
  const source = await openBytes(small);
  const frames = new Set<Frame>();
  await source.read(frame => frames.add(frame));
  expect(frames.size).toBe(1);
});

test('what onFrame throws comes out of read, and the file is closed', async () => {
  const { path } = temporaryFile('small.pcap', small);
  const before = openDescriptors();
  const source = await openCapture(path);
  const reading = source.read(() => {
    throw new Error('from the caller');
  });
  await expect(reading).rejects.toThrow('from the caller');
  expect(openDescriptors()).toBe(before);
});

test('files that are refused are closed', async () => {
  const before = openDescriptors();
  for (const bytes of [hex(''), hex('41'), hex('1f8b00'), small.subarray(0, 20)]) {
    await expect(openCapture(temporaryFile('x', bytes).path)).rejects.toThrow(CaptureError);
  }
  expect(openDescriptors()).toBe(before);
});

const captures = fc.constantFrom(small, smallNg, pcap([{ bytes: hex('01') }], { nanoseconds: true, order: 'big' }));

test('however a capture is cut into chunks, the frames and facts are the same', async () => {
  const property = fc.asyncProperty(captures, fc.integer({ min: 1, max: 300 }), async (bytes, chunkSize) => {
    expect(await collectBytes(bytes, chunkSize)).toEqual(await collectBytes(bytes));
  });
  await fc.assert(property, { numRuns: 300 });
});

test('any frames at all come back as they were written, in any chunks', async () => {
  const frame = fc.record({
    bytes: fc.uint8Array({ maxLength: 90 }),
    seconds: fc.integer({ min: 0, max: 0xffffffff }),
    fraction: fc.integer({ min: 0, max: 999_999 }),
    wireLength: fc.integer({ min: 0, max: 0xffffffff }),
  });
  const order = fc.constantFrom('little' as const, 'big' as const);
  const property = fc.asyncProperty(
    fc.array(frame),
    order,
    fc.integer({ min: 1, max: 200 }),
    async (given, side, size) => {
      const { frames, facts } = await collectBytes(pcap(given, { order: side }), size, { order: 'capture' });
      expect(frames.map(({ bytes, time, wireLength }) => [bytes, time, wireLength])).toEqual(
        given.map(({ bytes, seconds, fraction, wireLength }) => [
          Buffer.from(bytes).toString('hex'),
          `${seconds}.${String(fraction).padStart(6, '0')}000`,
          wireLength,
        ]),
      );
      expect(facts).toMatchObject({ complete: true, packets: given.length });
    },
  );
  await fc.assert(property, { numRuns: 200 });
});

test('any bytes behind a sound file header end in order: complete, or with a problem', async () => {
  const header = fc.constantFrom(pcap([]), pcap([], { nanoseconds: true }), concat(sectionBlock(), interfaceBlock()));
  const property = fc.asyncProperty(header, fc.uint8Array({ maxLength: 400 }), async (start, rest) => {
    const { facts } = await collectBytes(concat(start, rest), 64);
    expect(facts.complete).toBe(facts.problem === undefined);
  });
  await fc.assert(property, { numRuns: 500 });
});

test('a byte changed anywhere in a capture ends in order too', async () => {
  const property = fc.asyncProperty(captures, fc.nat(), fc.integer({ min: 1, max: 255 }), async (bytes, at, change) => {
    const damaged = Uint8Array.from(bytes);
    damaged[at % bytes.length] ^= change;
    await collectBytes(damaged, 50).then(
      ({ facts }) => expect(facts.complete).toBe(facts.problem === undefined),
      error => expect(error).toBeInstanceOf(CaptureError),
    );
  });
  await fc.assert(property, { numRuns: 500 });
});

test('every prefix of a pcap gives exactly the whole packets before the cut', async () => {
  const ends = [24, 24 + 19, 24 + 19 + 16, small.length];
  for (let length = 0; length < 24; length++) {
    await expect(openBytes(small.subarray(0, length))).rejects.toThrow(CaptureError);
  }
  for (let length = 24; length <= small.length; length++) {
    const { facts } = await collectBytes(small.subarray(0, length));
    expect(facts.packets).toBe(ends.filter(end => end <= length).length - 1);
    expect(facts.complete).toBe(ends.includes(length));
  }
});

test('every prefix of a real capture gives exactly the whole packets before the cut', async () => {
  const bytes = readFileSync(join(import.meta.dirname, '../../fixtures/captures/mnet-echo-small.pcap'));
  const { frames } = await collectBytes(bytes);
  let end = 24;
  const ends = frames.map(frame => {
    end += 16 + frame.bytes.length / 2;
    return end;
  });
  for (let length = 24; length <= bytes.length; length++) {
    const { facts } = await collectBytes(bytes.subarray(0, length));
    expect(facts.packets).toBe(ends.filter(packetEnd => packetEnd <= length).length);
    expect(facts.complete).toBe(length === 24 || ends.includes(length));
  }
});

test('every prefix of a pcapng gives exactly the whole packets before the cut', async () => {
  const sizes = [28, 32, 36, 40, 28, 20, 36, 24];
  const ends = sizes.map((_, index) => sizes.slice(0, index + 1).reduce((sum, size) => sum + size));
  expect(ends.at(-1)).toBe(smallNg.length);
  for (let length = 0; length < 28; length++) {
    await expect(openBytes(smallNg.subarray(0, length))).rejects.toThrow(CaptureError);
  }
  for (let length = 28; length <= smallNg.length; length++) {
    const { facts } = await collectBytes(smallNg.subarray(0, length));
    expect(facts.packets).toBe([ends[2], ends[6], ends[7]].filter(end => end <= length).length);
    expect(facts.complete).toBe(ends.includes(length));
  }
});

test('frames of a FIFO are handed out while its writer is still writing', { timeout: 20_000 }, async () => {
  if (!requireTool('mkfifo')) return;
  const { path } = temporaryFile('live.pcap');
  runTool('mkfifo', [path]);
  const opening = openCapture(path);
  const writer = createWriteStream(path);
  writer.write(pcap([]));
  const source = await opening;
  expect(source.facts.linkTypes).toEqual([1]);
  let seen = 0;
  let next: () => void = () => {};
  const reading = source.read(() => {
    seen++;
    next();
  });
  for (let sent = 1; sent <= 5; sent++) {
    const arrived = new Promise<void>(resolve => {
      next = resolve;
    });
    const record = pcapRecord({ seconds: sent, bytes: hex('0102') });
    writer.write(record.subarray(0, 5));
    await new Promise<void>(resolve => writer.write(record.subarray(5), () => resolve()));
    await arrived;
    expect(seen).toBe(sent);
  }
  writer.end(hex('00'));
  await reading;
  const message = 'the header of packet 6 is cut: 1 of 16 bytes are in the file';
  expect(source.facts).toMatchObject({ packets: 5, complete: false, problem: { message } });
});

test('a FIFO whose reader stops early lets go of it', { timeout: 20_000 }, async () => {
  if (!requireTool('mkfifo')) return;
  const { path } = temporaryFile('live.pcap');
  runTool('mkfifo', [path]);
  const writer = spawn('sh', ['-c', 'yes >> "$0"', path], { stdio: 'ignore' });
  const ended = new Promise(resolve => writer.once('exit', resolve));
  await expect(openCapture(path)).rejects.toThrow('not a capture: starts with 79 0a 79 0a');
  await ended;
});

test('a record that fills more than a chunk is read in one piece', async () => {
  const packet = new Uint8Array(5_000_000).fill(7);
  const bytes = pcap([{ bytes: hex('01') }, { bytes: packet }, { bytes: hex('02') }], { linkType: 249 });
  const { frames } = await collect(await openBytes(bytes, 'x', 60_000));
  expect(frames.map(frame => frame.bytes.length / 2)).toEqual([1, 5_000_000, 1]);
  expect(frames[1].bytes === '07'.repeat(packet.length)).toBe(true);
});

function openDescriptors(): number {
  return readdirSync(join('/proc', String(process.pid), 'fd')).length;
}
