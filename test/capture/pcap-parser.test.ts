import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { openBytes } from '../../src/capture/open.ts';
import { CaptureError } from '../../src/capture/source.ts';
import { concat, hex } from '../../src/testkit/bytes.ts';
import { interfaceBlock, pcap, sectionBlock } from '../../src/testkit/capture.ts';
import { type Collected, collectBytes } from './collect.ts';

const PCAP_PARSER = { reader: 'pcap-parser' } as const;

/** What both readers must have in common. */
function comparable({ frames, facts }: Collected): unknown {
  return { frames, facts: { ...facts, description: '' } };
}

async function expectSame(bytes: Uint8Array, chunkSize?: number): Promise<Collected> {
  const theirs = await collectBytes(bytes, chunkSize, PCAP_PARSER);
  expect(comparable(theirs)).toEqual(comparable(await collectBytes(bytes)));
  return theirs;
}

test('reads a classic pcap of either byte order', async () => {
  for (const order of ['little', 'big'] as const) {
    const frames = [{ seconds: 3, fraction: 4, bytes: hex('0102'), wireLength: 60 }, { fraction: 2_500_000 }];
    const { facts } = await expectSame(pcap(frames, { order, linkType: 0x3000_0065 }));
    expect(facts.description).toBe(`pcap, ${order}-endian, microseconds, read by pcap-parser`);
    expect(facts).toMatchObject({ packets: 2, linkTypes: [101], complete: true });
  }
});

test('a cut tail is reported, which the package itself passes over', async () => {
  const whole = pcap([{ bytes: hex('0102') }, { bytes: hex('03040506') }]);
  for (let length = 24; length < whole.length; length++) await expectSame(whole.subarray(0, length), 5);
  const { facts } = await expectSame(whole.subarray(0, whole.length - 1));
  expect(facts.problem).toEqual({ offset: 42, message: 'packet 2 is cut: 3 of 4 bytes are in the file' });
});

test('a length beyond the bound stops it, where the package would store all that follows', async () => {
  for (const capturedLength of [262_145, 0xffffffff]) {
    const bytes = pcap([{ bytes: hex('01') }, { capturedLength, bytes: new Uint8Array(300_000) }]);
    const { facts } = await expectSame(bytes, 1000);
    expect(facts).toMatchObject({ packets: 1, complete: false });
  }
});

test.each<[string, Uint8Array, string]>([
  ['nanoseconds', pcap([], { nanoseconds: true }), 'pcap, little-endian, nanoseconds'],
  ['lengths in the old order', pcap([], { version: [2, 2] }), 'pcap, little-endian, microseconds'],
  ['a modified pcap', pcap([], { magic: 0xa1b2cd34 }), 'modified pcap (Kuznetzov), little-endian, microseconds'],
  ['pcapng', concat(sectionBlock(), interfaceBlock()), 'pcapng'],
])('%s is refused in one line', async (_situation, bytes, kind) => {
  const opening = openBytes(bytes, 'x', 4096, PCAP_PARSER);
  await expect(opening).rejects.toThrow(CaptureError);
  await expect(opening).rejects.toThrow(`x: is ${kind}: the reader pcap-parser reads only`);
});

test('any capture in any chunks gives what our own reader gives', async () => {
  const frame = fc.record({
    bytes: fc.uint8Array({ maxLength: 90 }),
    seconds: fc.integer({ min: 1, max: 0xffffffff }),
    fraction: fc.integer({ min: 0, max: 0xffffffff }),
    wireLength: fc.integer({ min: 90, max: 0xffffffff }),
  });
  const property = fc.asyncProperty(
    fc.array(frame),
    fc.integer({ min: 1, max: 200 }),
    fc.nat(30),
    async (given, size, cut) => {
      const whole = pcap(given);
      await expectSame(whole.subarray(0, Math.max(24, whole.length - cut)), size);
    },
  );
  await fc.assert(property, { numRuns: 150 });
});
