import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type FoundFrame, FrameFinder } from '../../src/capture/frame-finder.ts';
import type { OpenOptions } from '../../src/capture/open.ts';
import { openBytes } from '../../src/capture/open.ts';
import { sorted } from '../../src/capture/sorted.ts';
import { CaptureError, type Frame } from '../../src/capture/source.ts';
import { LONG_AFTER } from '../../src/capture/store.ts';
import { storeCapture } from '../../src/capture/stored.ts';

const FIXTURES = new URL('../../fixtures/', import.meta.url);

function fixturesIn(folder: string): string[] {
  return readdirSync(new URL(folder, FIXTURES))
    .filter(name => /\.pcap(ng)?$/.test(name))
    .map(name => `${folder}/${name}`);
}

type Known = Omit<FoundFrame, 'interfaceName' | 'bytes'> & { readonly hex: string };

function known(
  { number, seconds, nanoseconds, linkType, interfaceId, position, wireLength, comment }: Frame | FoundFrame,
  bytes: Uint8Array,
): Known {
  const hex = Buffer.from(bytes).toString('hex');
  return { number, seconds, nanoseconds, linkType, interfaceId, position, wireLength, comment, hex };
}

/** What was handed out while it was read, and what is found again of each afterwards. */
async function bothWays(bytes: Uint8Array, options: OpenOptions = {}, chunk?: number, finder = new FrameFinder(1)) {
  const read: Known[] = [];
  const source = await openBytes(bytes, 'memory', chunk, { ...options, finder });
  await source.read(frame => {
    read.push(known(frame, frame.bytes.subarray(frame.start, frame.end)));
  });
  const again = (position: number, length: number) => bytes.slice(position, position + length);
  const found = (frame: FoundFrame | undefined) => frame && known(frame, frame.bytes);
  return {
    read,
    numbered: read.map(({ number }) => found(finder.numbered(number, again))),
    at: read.map(({ position, hex }) => found(finder.at(position + Math.max(0, hex.length / 2 - 1), again))),
    finder,
    again,
  };
}

const positionOf = ({ number, position }: Known) => ({ number, position });

describe('every frame is found again as it was handed out', () => {
  const captures = ['mnet', 'field', 'tcp', 'captures', 'mqtt'].flatMap(fixturesIn);

  test('by its number and by its last byte, in all captures that can be read', async () => {
    let frames = 0;
    for (const path of captures) {
      const bytes = new Uint8Array(readFileSync(new URL(path, FIXTURES)));
      try {
        // Small chunks make many places to go on from.
        const { read, numbered, at } = await bothWays(bytes, {}, 4096);
        expect(numbered, path).toEqual(read);
        const held = read.map((frame, index) => (frame.hex === '' ? undefined : at[index] && frame));
        expect(
          at.map((frame, index) => (read[index].hex === '' ? undefined : frame)),
          path,
        ).toEqual(held);
        frames += read.length;
      } catch (error) {
        if (!(error instanceof CaptureError)) throw error;
      }
    }
    expect(frames).toBeGreaterThan(2000);
  });

  test('where the package pcap-parser has read it', async () => {
    const bytes = new Uint8Array(readFileSync(new URL('mnet/lossy.pcap', FIXTURES)));
    const { read, numbered } = await bothWays(bytes, { reader: 'pcap-parser' }, 1000);
    expect(numbered).toEqual(read);
  });

  test('in a capture so long that not every place can be kept', async () => {
    const bytes = new Uint8Array(readFileSync(new URL('mnet/echo-large.pcap', FIXTURES)));
    const header = bytes.subarray(0, 24);
    const records = bytes.subarray(24);
    const times = Math.ceil((64 * 1024 * 3) / records.length);
    const long = new Uint8Array(24 + times * records.length);
    long.set(header);
    for (let copy = 0; copy < times; copy++) long.set(records, 24 + copy * records.length);
    const { read, finder, again } = await bothWays(long, { order: 'capture' }, 8192, new FrameFinder(2000, 4));
    for (const { number } of read.filter((_, index) => index % 97 === 0))
      expect(finder.numbered(number, again)).toMatchObject(positionOf(read[number - 1]));
    expect(finder.numbered(read.length, again)?.position).toBe(read.at(-1)?.position);
    expect(finder.numbered(read.length + 1, again)).toBeUndefined();
    expect(finder.at(-1, again)).toBeUndefined();
    expect(finder.at(long.length, again)).toBeUndefined();
    // The header of a record belongs to no frame.
    expect(finder.at(30, again)).toBeUndefined();
  });
});

test.each(['field/3b-mirrored-vlan-ministreaming.pcap', 'field/2-gzip-trailing-bytes.pcap.gz', 'field/escapes.pcapng'])(
  'a stored capture gives a frame of %s by number and by position, also in the order of time',
  async path => {
    const stored = await storeCapture(new URL(path, FIXTURES).pathname, { clock: LONG_AFTER });
    for (const capture of [stored, sorted(stored, 100_000)]) {
      const source = await capture.open();
      const frames: { number: number; position: number }[] = [];
      await source.read(({ number, position }) => {
        frames.push({ number, position });
      });
      const last = frames.at(-1)!;
      expect(capture.frame(last.number)?.position).toBe(last.position);
      expect(capture.frameAt(frames[0].position)?.number).toBe(frames[0].number);
    }
    await stored.close();
    expect(stored.frame(1)).toBeUndefined();
  },
);

test('an interface is known by the name that the capture gives it', async () => {
  const bytes = new Uint8Array(readFileSync(new URL('captures/dumpcap-loopback.pcapng', FIXTURES)));
  const { finder, again } = await bothWays(bytes);
  expect(finder.numbered(1, again)?.interfaceName).toBe('lo');
});
