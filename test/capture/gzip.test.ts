import { join } from 'node:path';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openBytes, openCapture } from '../../src/capture/open.ts';
import { CaptureError } from '../../src/capture/source.ts';
import { concat, hex } from '../../src/testkit/bytes.ts';
import { enhancedPacketBlock, interfaceBlock, pcap, sectionBlock } from '../../src/testkit/capture.ts';
import { collect, collectBytes } from './collect.ts';
import { temporaryFile } from './temporary.ts';

const plain = pcap(Array.from({ length: 3000 }, (_, index) => ({ seconds: index, bytes: noise(index) })));

test('a gzipped pcap gives the frames of the plain one', async () => {
  const packed = await collectBytes(gzipSync(plain));
  const unpacked = await collectBytes(plain);
  expect(packed.frames).toEqual(unpacked.frames);
  const description = 'pcap, little-endian, microseconds, gzip';
  expect(packed.facts).toEqual({ ...unpacked.facts, description });
});

test('a gzipped pcapng from a file, and the progress in bytes of that file', async () => {
  const bytes = concat(sectionBlock(), interfaceBlock(), enhancedPacketBlock(hex('01')));
  const packed = gzipSync(bytes);
  const source = await openCapture(temporaryFile('small.pcapng.gz', packed).path);
  const progress: unknown[] = [];
  await source.read(
    () => {},
    now => {
      progress.push(now);
      return undefined;
    },
  );
  expect(source.facts).toMatchObject({ description: 'pcapng, gzip', packets: 1, complete: true });
  // Once when all is read, once more when the frames are handed out that might have come in another order.
  const whole = { read: packed.length, total: packed.length };
  expect(progress).toEqual([whole, whole]);
});

test('members one after the other are one capture, wherever they are divided', async () => {
  for (const at of [1, 24, 1000, plain.length - 1]) {
    const packed = concat(gzipSync(plain.subarray(0, at)), gzipSync(plain.subarray(at)));
    expect((await collectBytes(packed, 777)).facts).toMatchObject({ packets: 3000, complete: true });
  }
});

test('the chunks of the packed bytes make no difference', async () => {
  const packed = gzipSync(plain);
  const whole = await collectBytes(packed);
  const property = fc.asyncProperty(fc.integer({ min: 20, max: packed.length }), async chunkSize => {
    expect(await collectBytes(packed, chunkSize)).toEqual(whole);
  });
  await fc.assert(property, { numRuns: 20 });
});

test('cut gzip data give every packet that is whole in what is left', async () => {
  // Stored, not deflated, so that it is known what is left.
  const stored = gzipSync(plain.subarray(0, 24 + 20 * 100), { level: 0 });
  const whole = (await collectBytes(stored)).facts.packets;
  for (const missing of [1, 8, 9, 500]) {
    const { facts } = await collectBytes(stored.subarray(0, stored.length - missing));
    const cut = await collectBytes(plain.subarray(0, 24 + 20 * 100 - Math.max(0, missing - 8)));
    expect(facts).toMatchObject({ packets: cut.facts.packets, complete: false });
    expect(facts.problem?.message).toBe('the gzip data are cut');
    expect(facts.packets).toBeLessThanOrEqual(whole);
  }
});

test('a wrong check sum is found after every packet has been handed out', async () => {
  const packed = Uint8Array.from(gzipSync(plain));
  packed[packed.length - 6] ^= 1;
  const { facts } = await collectBytes(packed);
  const problem = { offset: plain.length, message: 'the gzip data are damaged: incorrect data check' };
  expect(facts).toMatchObject({ packets: 3000, complete: false, problem });
});

test('a fault in the middle leaves what comes well before it', async () => {
  const large = pcap(Array.from({ length: 30_000 }, (_, index) => ({ seconds: index, bytes: noise(index) })));
  const packed = Uint8Array.from(gzipSync(large));
  packed.fill(0xff, packed.length / 2, packed.length / 2 + 64);
  const { facts } = await collectBytes(packed);
  expect(facts.complete).toBe(false);
  expect(facts.packets).toBeGreaterThan(10_000);
});

test.each<[string, Uint8Array, string]>([
  ['a gzip header alone', hex('1f8b08'), 'x: the gzip data are cut'],
  ['no gzip behind its magic number', hex('1f8bffff ffffffff ffffffff ffffffff'), 'x: the gzip data are damaged: '],
  ['gzipped nothing', gzipSync(''), 'x: is empty when unpacked'],
  ['a gzipped text', gzipSync('hello, world'), 'x: not a capture: starts with 68 65 6c 6c'],
  ['a gzipped header that is cut', gzipSync(plain.subarray(0, 20)), 'x: is cut in its file header: 20 of 24 bytes'],
])('%s is no capture', async (_situation, bytes, message) => {
  const opening = openBytes(bytes, 'x');
  await expect(opening).rejects.toThrow(CaptureError);
  await expect(opening).rejects.toThrow(message);
});

test('a bomb is read in pieces: a packet of zeros after another', async () => {
  const record = new Uint8Array(16 + 200_000);
  record.set(pcap([{ bytes: new Uint8Array(200_000) }]).subarray(24, 40));
  const packed = gzipSync(concat(pcap([]), ...Array.from({ length: 300 }, () => record)));
  expect(packed.length).toBeLessThan(100_000);
  const source = await openBytes(packed);
  await source.read(() => {});
  expect(source.facts).toMatchObject({ packets: 300, complete: true });
});

describe('behind a member', () => {
  const packed = gzipSync(plain);
  const zeros = new Uint8Array(1000);

  test('field file 1-gzip-zero-padding: zeros are silent', async () => {
    const { facts } = await collect(await openCapture(field('1-gzip-zero-padding.pcap.gz')));
    expect(facts).toMatchObject({ packets: 11, complete: true });
    expect(facts).not.toHaveProperty('note');
  });

  test('field file 2-gzip-trailing-bytes: other bytes are noted, and nothing is lost', async () => {
    const { facts } = await collect(await openCapture(field('2-gzip-trailing-bytes.pcap.gz')));
    const note = 'bytes after the gzip data were skipped (39)';
    expect(facts).toMatchObject({ packets: 11, complete: true, note });
    expect(facts).not.toHaveProperty('problem');
  });

  test('field file never-resolves.gz: a member of nothing and zeros is no capture, at once', async () => {
    await expect(openCapture(field('never-resolves.gz'))).rejects.toThrow(/never-resolves.gz: is empty when unpacked$/);
  });

  test.each<[string, Uint8Array, number | undefined]>([
    ['nothing', concat(), undefined],
    ['one zero', hex('00'), undefined],
    ['zeros, and a member of nothing', concat(zeros, gzipSync('')), undefined],
    ['zeros, and other bytes', concat(zeros, hex('ff 00 ff')), 3],
    ['what begins like a member', hex('1f8b09 000000'), 6],
    ['a text that is long', concat(Buffer.from('x'.repeat(600_000))), 600_000],
  ])('%s, wherever the pieces end', async (_situation, behind, passedOver) => {
    for (const chunkSize of [1_000_000, 997]) {
      const { facts } = await collectBytes(concat(packed, behind), chunkSize);
      const note = passedOver && `bytes after the gzip data were skipped (${passedOver})`;
      expect(facts).toMatchObject({ packets: 3000, complete: true });
      expect(facts.note).toBe(note);
    }
  });

  test('a member behind zeros goes on with the capture', async () => {
    const both = concat(gzipSync(plain.subarray(0, 1000)), zeros, gzipSync(plain.subarray(1000)), zeros);
    expect((await collectBytes(both)).facts).toMatchObject({ packets: 3000, complete: true });
  });

  test.each(['1f', '1f8b', '1f8b08', '1f8b0800 00000000 00'])(
    'a member of which only %s is there is cut',
    async begun => {
      const problem = { message: 'the gzip data are cut' };
      const { facts } = await collectBytes(concat(packed, hex(begun)));
      expect(facts).toMatchObject({ packets: 3000, complete: false, problem });
    },
  );

  test('many members are one capture, as bgzip writes them', async () => {
    const members = Array.from({ length: 500 }, (_, index) =>
      gzipSync(plain.subarray((index * plain.length) / 500, ((index + 1) * plain.length) / 500)),
    );
    expect((await collectBytes(concat(...members), 997)).facts).toMatchObject({ packets: 3000, complete: true });
  });
});

describe('the header of a member', () => {
  const small = pcap([{ bytes: noise(1) }, { bytes: noise(2) }]);
  const deflated = deflateRawSync(small);
  const trailer = new Uint8Array(8);
  new DataView(trailer.buffer).setUint32(0, crc32(small), true);
  new DataView(trailer.buffer).setUint32(4, small.length, true);
  const member = (...header: readonly Uint8Array[]) => concat(...header, deflated, trailer);
  const fixed = (flags: string) => hex(`1f8b08 ${flags} 00000000 00 03`);
  const extra = concat(hex('0500'), hex('0000000000'));
  const name = hex('61 00');
  const checked = (header: Uint8Array) => concat(header, Uint8Array.of(crc32(header), crc32(header) >>> 8));

  test.each<[string, Uint8Array]>([
    ['nothing more', member(fixed('00'))],
    ['an extra field', member(fixed('04'), extra)],
    ['a name', member(fixed('08'), name)],
    ['a comment', member(fixed('10'), name)],
    ['a check sum', member(checked(fixed('02')))],
    ['everything', member(checked(concat(fixed('1f'), extra, name, name)))],
  ])('may have %s', async (_situation, bytes) => {
    for (const chunkSize of [1_000_000, 1]) {
      expect((await collectBytes(bytes, chunkSize)).facts).toMatchObject({ packets: 2, complete: true });
    }
  });

  test.each<[string, Uint8Array, string]>([
    ['an unknown method', hex('1f8b09 00 00000000 0003'), 'unknown compression method'],
    ['an unknown flag', member(fixed('20')), 'unknown header flags set'],
    ['a wrong check sum', member(fixed('02'), hex('0000')), 'header crc mismatch'],
    ['a name without an end', concat(fixed('08'), new Uint8Array(300_000).fill(0x61)), 'endless header'],
  ])('with %s is damaged', async (_situation, bytes, message) => {
    await expect(openBytes(bytes, 'x')).rejects.toThrow(`x: the gzip data are damaged: ${message}`);
  });

  test('a wrong length is found after every packet has been handed out', async () => {
    const bytes = member(fixed('00'));
    bytes[bytes.length - 1] ^= 1;
    const problem = { message: 'the gzip data are damaged: incorrect length check' };
    expect((await collectBytes(bytes)).facts).toMatchObject({ packets: 2, complete: false, problem });
  });
});

test('pcap-parser reads gzip as well', async () => {
  const theirs = await collect(await openBytes(gzipSync(plain), 'test.pcap', 999, { reader: 'pcap-parser' }));
  expect(theirs.frames).toEqual((await collectBytes(plain)).frames);
});

function field(name: string): string {
  return join(import.meta.dirname, '../../fixtures/field', name);
}

/** Bytes that do not pack well, the same in every run. */
function noise(seed: number): Uint8Array {
  let state = seed + 1;
  return Uint8Array.from({ length: 4 + (seed % 30) }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state >>> 16;
  });
}
