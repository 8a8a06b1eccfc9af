import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { sorted } from '../../src/capture/sorted.ts';
import { CaptureError } from '../../src/capture/source.ts';
import { LONG_AFTER } from '../../src/capture/store.ts';
import { storeCapture } from '../../src/capture/stored.ts';
import { concat } from '../../src/testkit/bytes.ts';
import { comment, enhancedPacketBlock, interfaceBlock, pcap, sectionBlock } from '../../src/testkit/capture.ts';
import { type Collected, collect, collectBytes } from './collect.ts';
import { temporaryFile } from './temporary.ts';

const FIELD = join(import.meta.dirname, '../../fixtures/field');
const MOST = 1_000_000;

async function collectSorted(bytes: Uint8Array, mostFrames = MOST): Promise<Collected> {
  const { path } = temporaryFile('unsorted.pcap', bytes);
  const stored = sorted(await storeCapture(path, { clock: LONG_AFTER }), mostFrames);
  try {
    return await collect(await stored.open());
  } finally {
    await stored.close();
  }
}

test.each([
  ['5b-two-taps-appended-mnet.pcap', [1, 7, 2, 8, 3, 9, 10, 4, 5, 11, 6]],
  ['5c-two-taps-appended-ministreaming.pcap', [1, 4, 2, 5, 3, 6]],
  ['ok-mnet.pcap', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]],
])('%s, by itself and packed', async (name, numbers) => {
  const bytes = readFileSync(join(FIELD, name));
  for (const form of [bytes, gzipSync(bytes)]) {
    const { frames, facts } = await collectSorted(form);
    expect(frames.map(({ number }) => number)).toEqual(numbers);
    expect(facts.disorder).toBeUndefined();
    expect(facts).toMatchObject({ packets: numbers.length, complete: true });
  }
});

test('whatever the times, frames come in their order, each as it stands in the capture', async () => {
  const frame = fc.record({
    bytes: fc.uint8Array({ maxLength: 40 }),
    seconds: fc.integer({ min: 0, max: 5_000_000 }),
    fraction: fc.integer({ min: 0, max: 999_999 }),
  });
  const property = fc.asyncProperty(fc.array(frame, { maxLength: 60 }), async given => {
    const bytes = pcap(given);
    const { frames } = await collectBytes(bytes, undefined, { order: 'capture' });
    const inOrder = [...frames].sort(
      (one, other) => Number(one.time) - Number(other.time) || one.number - other.number,
    );
    expect((await collectSorted(bytes)).frames).toEqual(inOrder);
  });
  await fc.assert(property, { numRuns: 40 });
});

test('frames of many windows, read at two places in turn', async () => {
  const half = (start: number) =>
    Array.from({ length: 40 }, (_, index) => ({
      seconds: start + 2 * index,
      bytes: new Uint8Array(50_000).fill(index),
    }));
  const { frames } = await collectSorted(pcap([...half(1000), ...half(1001)]));
  expect(frames.map(({ number }) => number)).toEqual(Array.from({ length: 40 }, (_, at) => [at + 1, at + 41]).flat());
  for (const { number, bytes } of frames) {
    expect(bytes).toBe(Buffer.alloc(50_000, (number - 1) % 40).toString('hex'));
  }
});

test('interfaces, link types and comments go along', async () => {
  const bytes = concat(
    sectionBlock(),
    interfaceBlock({}),
    interfaceBlock({ linkType: 101 }),
    enhancedPacketBlock(Uint8Array.of(1), { time: 9_000_000n, interfaceId: 1, options: [comment('late')] }),
    enhancedPacketBlock(Uint8Array.of(2), { time: 5_000_000n, interfaceId: 0, wireLength: 7 }),
  );
  expect((await collectSorted(bytes)).frames).toMatchObject([
    { number: 2, linkType: 1, interfaceId: 0, comment: '', wireLength: 7, bytes: '02' },
    { number: 1, linkType: 101, interfaceId: 1, comment: 'late', bytes: '01' },
  ]);
});

test('more frames than may be held are refused in one line that names the bound', async () => {
  const bytes = pcap([1, 2, 3].map(seconds => ({ seconds, bytes: Uint8Array.of(1) })));
  expect((await collectSorted(bytes, 3)).frames).toHaveLength(3);
  const refused = collectSorted(bytes, 2);
  await expect(refused).rejects.toThrow(CaptureError);
  await expect(refused).rejects.toThrow('has more than the 2 frames that --sort takes (--limit sort-frames=N)');
});

test('what is damaged is read up to the damage', async () => {
  const bytes = pcap([3, 2, 1].map(seconds => ({ seconds, bytes: new Uint8Array(20) })));
  const { frames, facts } = await collectSorted(bytes.subarray(0, -5));
  expect(frames.map(({ number }) => number)).toEqual([2, 1]);
  expect(facts).toMatchObject({ complete: false, packets: 2 });
});
