import {
  appendFileSync,
  createWriteStream,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { openCapture } from '../../src/capture/open.ts';
import { CaptureError, type ReadProgress } from '../../src/capture/source.ts';
import { type StoredCapture, type StoreOptions, storeCapture } from '../../src/capture/stored.ts';
import { hex } from '../../src/testkit/bytes.ts';
import { pcap, pcapRecord } from '../../src/testkit/capture.ts';
import { requireTool, runTool } from '../kit/tools.ts';
import { NO_SLEEP } from './clocks.ts';
import { collect, collectBytes } from './collect.ts';
import { temporaryFile } from './temporary.ts';

const small = pcap([1, 2, 3].map(seconds => ({ seconds, bytes: hex('0a0b0c') })));
/** Several windows of the synchronous reader long, and of no regular content. */
const large = pcap(Array.from({ length: 2000 }, (_, index) => ({ seconds: index, bytes: noise(450, index) })));

function noise(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (Math.imul(index + 1, 2654435761) ^ Math.imul(seed, 40503)) >>> 11);
}

function field(name: string): string {
  return join(import.meta.dirname, '../../fixtures/field', name);
}

/** Of a file that nobody has written to for a minute, so that nobody waits for more. */
function oldFile(name: string, content: Uint8Array): string {
  const { path } = temporaryFile(name, content);
  utimesSync(path, Date.now() / 1000 - 60, Date.now() / 1000 - 60);
  return path;
}

async function stored(path: string, options: Partial<StoreOptions> = {}): Promise<StoredCapture> {
  const capture = await storeCapture(path, { clock: NO_SLEEP, ...options });
  onTestFinished(() => capture.close());
  return capture;
}

/** A FIFO with somebody to write into it; undefined where there is no mkfifo. */
async function fifo(): Promise<{ path: string; write(bytes: Uint8Array): Promise<void>; end(): void } | undefined> {
  if (!requireTool('mkfifo')) return undefined;
  const { path } = temporaryFile('live.pcap');
  runTool('mkfifo', [path]);
  const writer = createWriteStream(path);
  writer.on('error', () => {}); // Comes out of `write`, too.
  const write = (bytes: Uint8Array) =>
    new Promise<void>((resolve, reject) => writer.write(bytes, error => (error ? reject(error) : resolve())));
  return { path, write, end: () => writer.end() };
}

/** A folder that is the system's one for temporary files, for this test. */
function privateTemporaryFolder(): string {
  const { path } = temporaryFile('private');
  mkdirSync(path);
  const usual = process.env.TMPDIR;
  process.env.TMPDIR = path;
  onTestFinished(() => {
    if (usual === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = usual;
  });
  return path;
}

/** Our open descriptors of files that are, or were, in a folder. */
function descriptorsIn(folder: string): string[] {
  const descriptors = join('/proc', String(process.pid), 'fd');
  return readdirSync(descriptors)
    .map(name => join(descriptors, name))
    .filter(descriptor => {
      try {
        return readlinkSync(descriptor).startsWith(folder);
      } catch {
        return false; // That of readdir itself.
      }
    });
}

test('a file is opened as often as one likes, and gives the same each time', async () => {
  const path = oldFile('small.pcap', small);
  const capture = await stored(path);
  const expected = await collect(await openCapture(path));
  expect(capture).toMatchObject({ path, size: small.length, live: false });
  for (let time = 0; time < 3; time++) expect(await collect(await capture.open())).toEqual(expected);
});

test('two sources of one capture, read in turns, do not disturb each other', async () => {
  const capture = await stored(oldFile('large.pcap', large));
  const [one, other] = await Promise.all([capture.open(), capture.open()]);
  const [first, second] = await Promise.all([collect(one), collect(other)]);
  expect(first.frames).toHaveLength(2000);
  expect(first).toEqual(second);
});

test('field file 2-gzip-trailing-bytes: what stands behind the gzip data is noted', async () => {
  const capture = await stored(field('2-gzip-trailing-bytes.pcap.gz'));
  const { facts } = await collect(await capture.open());
  const note = 'bytes after the gzip data were skipped (39)';
  expect(facts).toMatchObject({ packets: 11, complete: true, note });
});

test('gzip gives the frames of the capture in it, and progress in bytes of the file', async () => {
  const packed = gzipSync(large);
  const capture = await stored(oldFile('large.pcap.gz', packed));
  const expected = await collectBytes(large);
  for (let time = 0; time < 2; time++) {
    const source = await capture.open();
    let last: ReadProgress = { read: 0 };
    let frames = 0;
    await source.read(
      () => frames++,
      progress => {
        expect(progress.read).toBeGreaterThanOrEqual(last.read);
        last = progress;
        return undefined;
      },
    );
    expect(last).toEqual({ read: packed.length, total: packed.length });
    const description = `${expected.facts.description}, gzip`;
    expect(source.facts).toEqual({ ...expected.facts, path: capture.path, description });
    expect(frames).toBe(2000);
  }
  expect(capture).toMatchObject({ live: false, size: large.length });
});

test('a packed file is not waited for, however new', async () => {
  const capture = await stored(temporaryFile('new.pcap.gz', gzipSync(small)).path);
  expect((await collect(await capture.open())).frames).toHaveLength(3);
  expect(capture.live).toBe(false);
});

test.each([
  ['a file', large],
  ['gzip', gzipSync(large)],
])('any bytes of %s can be read, in any order', async (_situation, content) => {
  const capture = await stored(oldFile('x', content));
  await collect(await capture.open());
  const position = fc.integer({ min: 0, max: large.length + 10 });
  const length = fc.oneof(fc.integer({ min: 0, max: 2000 }), fc.integer({ min: 100_000, max: 600_000 }));
  const property = fc.property(position, length, (at, count) => {
    expect(Buffer.compare(capture.read(at, count), large.subarray(at, at + count))).toBe(0);
  });
  fc.assert(property, { numRuns: 500 });
  expect(capture.read(-1, 5)).toHaveLength(0);
  expect(capture.read(5, -1)).toHaveLength(0);
});

test('every length at every position of a small file', async () => {
  const capture = await stored(oldFile('small.pcap', small));
  for (let position = 0; position <= small.length; position++) {
    for (let length = 0; length <= small.length - position + 1; length++) {
      expect([...capture.read(position, length)]).toEqual([...small.subarray(position, position + length)]);
    }
  }
});

test('what was read is safe to keep', async () => {
  const capture = await stored(oldFile('large.pcap', large));
  const first = capture.read(0, 100);
  capture.read(700_000, 100);
  first.fill(0);
  expect([...capture.read(0, 100)]).toEqual([...large.subarray(0, 100)]);
});

test('bytes that were not there yet are there when the file has grown', async () => {
  const path = oldFile('small.pcap', small);
  const capture = await stored(path);
  expect(capture.read(small.length - 2, 10)).toHaveLength(2);
  appendFileSync(path, hex('010203'));
  expect([...capture.read(small.length - 1, 10)]).toEqual([0x0c, 1, 2, 3]);
  expect(capture.size).toBe(small.length + 3);
});

test('a file that takes the place of another under its name changes nothing', async () => {
  const path = oldFile('small.pcap', small);
  const capture = await stored(path);
  const { path: other } = temporaryFile('other.pcap', pcap([]));
  runTool('mv', [other, path]);
  expect((await collect(await capture.open())).frames).toHaveLength(3);
});

test.each<[string, Uint8Array, string]>([
  ['nothing', hex(''), 'is empty'],
  ['nothing, packed', gzipSync(hex('')), 'is empty when unpacked'],
  ['text', Buffer.from('hello'), 'not a capture: starts with 68 65 6c 6c (expected pcap, pcapng or gzip)'],
  ['text, packed', gzipSync(Buffer.from('hello')), 'not a capture: starts with 68 65 6c 6c'],
  ['half a header', small.subarray(0, 20), 'is cut in its file header: 20 of 24 bytes are in the file'],
  ['field file never-resolves.gz', readFileSync(field('never-resolves.gz')), 'is empty when unpacked'],
  ['a beginning of gzip', hex('1f8b08'), 'the gzip data are cut'],
])('%s is refused by open, in one line with the name', async (_situation, bytes, message) => {
  const path = oldFile('x', bytes);
  const capture = await stored(path);
  await expect(capture.open()).rejects.toThrow(CaptureError);
  await expect(capture.open()).rejects.toThrow(`${path}: ${message}`);
});

test('what cannot be read from is refused at once', async () => {
  const { path } = temporaryFile('x', small);
  mkdirSync(`${path}.d`);
  await expect(stored(`${path}.not`)).rejects.toThrow(`${path}.not: no such file`);
  await expect(stored(`${path}.d`)).rejects.toThrow(`${path}.d: is a directory`);
  await expect(stored(`${path}.d`)).rejects.toThrow(CaptureError);
});

test('a FIFO written in pieces, opened twice while it is written, gives the same both times', async () => {
  const pipe = await fifo();
  if (pipe === undefined) return;
  const capture = await stored(pipe.path);
  const opening = capture.open();
  for (let at = 0; at < small.length - 1; at += 7)
    await pipe.write(small.subarray(at, Math.min(at + 7, small.length - 1)));
  const first = collect(await opening);
  const second = collect(await capture.open());
  expect(capture.live).toBe(true);
  await pipe.write(small.subarray(small.length - 1));
  pipe.end();
  const expected = await collectBytes(small);
  for (const { frames, facts } of [await first, await second, await collect(await capture.open())]) {
    expect(frames).toEqual(expected.frames);
    expect(facts).toEqual({ ...expected.facts, path: pipe.path });
  }
  expect(capture).toMatchObject({ live: false, size: small.length });
  expect([...capture.read(0, 1000)]).toEqual([...small]);
});

test('a pipe runs on while nobody reads the capture', async () => {
  const pipe = await fifo();
  if (pipe === undefined) return;
  const capture = await stored(pipe.path);
  const source = await Promise.all([capture.open(), pipe.write(large)]).then(([opened]) => opened);
  // More than a pipe holds: it is all written only because it is taken.
  pipe.end();
  expect((await collect(source)).frames).toHaveLength(2000);
});

test('gzip through a FIFO is unpacked', async () => {
  const pipe = await fifo();
  if (pipe === undefined) return;
  const capture = await stored(pipe.path);
  await pipe.write(gzipSync(small));
  pipe.end();
  const { facts } = await collect(await capture.open());
  expect(facts).toMatchObject({ packets: 3, description: 'pcap, little-endian, microseconds, gzip', complete: true });
});

test('a source that waits for its pipe says so', async () => {
  const pipe = await fifo();
  if (pipe === undefined) return;
  const capture = await stored(pipe.path);
  await pipe.write(small);
  const source = await capture.open();
  let frames = 0;
  await new Promise<void>(resolve => {
    const finished = source.read(
      () => frames++,
      ({ waiting }) => {
        if (waiting && frames === 3) pipe.write(pcapRecord({ bytes: hex('ff') })).then(() => pipe.end());
        return undefined;
      },
    );
    finished.then(resolve);
  });
  expect(source.facts).toMatchObject({ packets: 4, complete: true });
});

test('the temporary file is ours alone, has no name while it is used, and is gone afterwards', async () => {
  const pipe = await fifo();
  if (pipe === undefined) return;
  const folder = privateTemporaryFolder();
  const capture = await stored(pipe.path);
  await pipe.write(small);
  const source = await capture.open();
  expect(readdirSync(folder)).toEqual([]);
  expect(descriptorsIn(folder).map(descriptor => statSync(descriptor).mode & 0o777)).toEqual([0o600]);
  const reading = collect(source);
  await capture.close();
  await reading;
  expect(descriptorsIn(folder)).toEqual([]);
  expect(readdirSync(folder)).toEqual([]);
});

test('closing ends what waits, in order: sources, and those still to be opened', async () => {
  const pipe = await fifo();
  if (pipe === undefined) return;
  const capture = await stored(pipe.path);
  const unopened = expect(capture.open()).rejects.toThrow('reading was stopped before its header had come');
  await capture.close();
  await unopened;
  await expect(capture.open()).rejects.toThrow(CaptureError);

  const again = await fifo();
  const other = await stored(again!.path);
  await again!.write(small.subarray(0, small.length - 1));
  const source = await other.open();
  const waiting = new Promise<void>(resolve => {
    source
      .read(
        () => {},
        progress => {
          if (progress.waiting) other.close();
          return undefined;
        },
      )
      .then(resolve);
  });
  await waiting;
  // The third packet is cut, and that is not the capture's fault.
  expect(source.facts).toMatchObject({ complete: true });
  expect(other).toMatchObject({ size: 0, live: false });
  expect(other.read(0, 10)).toHaveLength(0);
});

test('a signal ends one source and leaves the others', async () => {
  const pipe = await fifo();
  if (pipe === undefined) return;
  const capture = await stored(pipe.path);
  await pipe.write(small);
  const ending = new AbortController();
  const [stopped, other] = [await capture.open(ending.signal), await capture.open()];
  const reading = collect(other);
  const endsEarly = collect(stopped);
  ending.abort();
  expect((await endsEarly).facts).toMatchObject({ complete: true });
  await expect(capture.open(ending.signal)).rejects.toThrow('reading was stopped');
  await pipe.write(pcapRecord({ bytes: hex('ff') }));
  pipe.end();
  expect((await reading).frames).toHaveLength(4);
});

test('closing a FIFO lets its writer go', async () => {
  const pipe = await fifo();
  if (pipe === undefined) return;
  const capture = await stored(pipe.path);
  await pipe.write(small);
  await capture.close();
  await expect(pipe.write(large)).rejects.toMatchObject({ code: 'EPIPE' });
});

test('captures are independent, and all descriptors are closed in the end', async () => {
  const folder = privateTemporaryFolder();
  const one = await stored(oldFile('small.pcap.gz', gzipSync(small)));
  const other = await stored(oldFile('large.pcap', large));
  const third = await stored(oldFile('large.pcap.gz', gzipSync(large)));
  await third.close(); // While its pump runs.
  const source = await other.open();
  expect(descriptorsIn(folder).length).toBeGreaterThanOrEqual(2);
  await one.close();
  expect((await collect(source)).frames).toHaveLength(2000);
  await other.close();
  await other.close();
  expect(descriptorsIn(folder)).toEqual([]);
});
