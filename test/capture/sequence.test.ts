import { spawn } from 'node:child_process';
import { createWriteStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { openBytes, openCapture } from '../../src/capture/open.ts';
import { newFacts } from '../../src/capture/parser.ts';
import { LATE_BYTES, LATE_FRAMES, Sequence } from '../../src/capture/sequence.ts';
import { type CaptureFacts, Frame } from '../../src/capture/source.ts';
import { WALL_CLOCK } from '../../src/cli/wall-clock.ts';
import { concat } from '../../src/testkit/bytes.ts';
import { block, comment, enhancedPacketBlock, interfaceBlock, pcap, sectionBlock } from '../../src/testkit/capture.ts';
import { requireTool } from '../kit/tools.ts';
import { collectBytes } from './collect.ts';
import { temporaryFile } from './temporary.ts';

const FIELD = join(import.meta.dirname, '../../fixtures/field');

/** A pcap of frames at these microseconds, each with its own number as its bytes. */
function captureAt(times: readonly number[], length = 4): Uint8Array {
  return pcap(
    times.map((time, index) => ({
      seconds: Math.floor(time / 1e6),
      fraction: time % 1e6,
      bytes: new Uint8Array(length).fill(index + 1),
    })),
  );
}

async function order(bytes: Uint8Array, pieces?: number): Promise<{ numbers: number[]; facts: CaptureFacts }> {
  const { frames, facts } = await collectBytes(bytes, pieces);
  for (const { number, bytes: content } of frames) {
    expect(content.slice(0, 2)).toBe(Buffer.of(number & 0xff).toString('hex'));
  }
  return { numbers: frames.map(({ number }) => number), facts };
}

test('neighbours out of order change places, and keep their numbers', async () => {
  const { numbers, facts } = await order(captureAt([10, 20, 40, 30, 50]));
  expect(numbers).toEqual([1, 2, 4, 3, 5]);
  expect(facts).toMatchObject({ packets: 5, complete: true });
  expect(facts.disorder).toBeUndefined();
});

test('frames of one time stay in the order of the capture', async () => {
  expect((await order(captureAt([10, 10, 20, 10, 20]))).numbers).toEqual([1, 2, 4, 3, 5]);
});

test('a frame that is a second late is put in its place, one that is later stays and is reported', async () => {
  const inTime = await order(captureAt([0, 500_000, 1_400_000, 1_500_000, 500_000, 1_600_000]));
  expect(inTime.numbers).toEqual([1, 2, 5, 3, 4, 6]);
  expect(inTime.facts.disorder).toBeUndefined();
  const late = await order(captureAt([0, 500_000, 1_400_000, 1_500_001, 500_000, 1_600_000]));
  expect(late.numbers).toEqual([1, 2, 3, 4, 5, 6]);
  expect(late.facts.disorder).toEqual({ frame: 5, seconds: expect.closeTo(1.000001, 9) });
});

test('behind a jump back, frames are put in order again', async () => {
  const { numbers, facts } = await order(captureAt([50e6, 51e6, 1e6, 3e6, 2.5e6, 4e6]));
  expect(numbers).toEqual([1, 2, 3, 5, 4, 6]);
  expect(facts.disorder).toEqual({ frame: 3, seconds: 50 });
});

test('time that runs back to where the capture began is reported, however short the capture is', async () => {
  const { numbers, facts } = await order(captureAt([1000, 3000, 5000, 2000, 4000, 6000]));
  expect(numbers).toEqual([1, 4, 2, 5, 3, 6]);
  expect(facts.disorder).toEqual({ frame: 4, seconds: expect.closeTo(0.003, 9) });
});

test.each([
  ['5a-neighbours-swapped-mnet.pcap', [1, 2, 4, 3, 5, 6, 7, 8, 9, 10, 11], undefined],
  ['5b-two-taps-appended-mnet.pcap', [1, 7, 2, 8, 3, 9, 10, 4, 5, 11, 6], 7],
  ['5c-two-taps-appended-ministreaming.pcap', [1, 4, 2, 5, 3, 6], 4],
])('%s', async (name, numbers, disorder) => {
  const { frames, facts } = await collectBytes(readFileSync(join(FIELD, name)));
  expect(frames.map(({ number }) => number)).toEqual(numbers);
  expect(facts.disorder?.frame).toBe(disorder);
});

test('no more frames are passed than the bound has, and no more bytes', async () => {
  // All within a second: one frame at its end is far behind its place.
  const many = Array.from({ length: LATE_FRAMES + 10 }, (_, index) => index * 100);
  const { numbers, facts } = await order(captureAt([...many, 450]));
  expect(numbers.indexOf(many.length + 1)).toBe(many.length - LATE_FRAMES);
  expect(facts.disorder?.frame).toBe(many.length + 1);
  const length = LATE_BYTES / 8;
  const large = Array.from({ length: 20 }, (_, index) => index * 100);
  const far = await order(captureAt([...large, 450], length));
  expect(far.numbers.indexOf(21)).toBeGreaterThan(10);
  expect(far.facts.disorder?.frame).toBe(21);
});

test('the order is the order of time, whatever the pieces in which the capture comes', async () => {
  const times = fc.array(fc.integer({ min: 0, max: 900_000 }), { minLength: 1, maxLength: 60 });
  const property = fc.asyncProperty(times, fc.integer({ min: 1, max: 400 }), async (given, pieces) => {
    const sorted = given.map((time, index) => ({ time, number: index + 1 }));
    sorted.sort((one, other) => one.time - other.time);
    expect((await order(captureAt(given), pieces)).numbers).toEqual(sorted.map(({ number }) => number));
  });
  await fc.assert(property, { numRuns: 200 });
});

test('longer captures with jumps of all lengths come in one order, whole or in pieces', async () => {
  const steps = fc.array(fc.integer({ min: -1_500_000, max: 2_000_000 }), { minLength: 1, maxLength: 80 });
  const property = fc.asyncProperty(steps, fc.integer({ min: 1, max: 300 }), async (given, pieces) => {
    let time = 100e6;
    const bytes = captureAt(given.map(step => (time += step)));
    expect(await order(bytes, pieces)).toEqual(await order(bytes));
  });
  await fc.assert(property, { numRuns: 200 });
});

test('pcapng: interfaces, comments and times far in the future go along', async () => {
  const future = 20_000_000_000n * 1_000_000n;
  const bytes = concat(
    sectionBlock(),
    interfaceBlock({}),
    interfaceBlock({ linkType: 101 }),
    enhancedPacketBlock(Uint8Array.of(1), { time: future + 5n, interfaceId: 0, options: [comment('first')] }),
    enhancedPacketBlock(Uint8Array.of(2), { time: future + 9n, interfaceId: 0 }),
    enhancedPacketBlock(Uint8Array.of(3), { time: future + 7n, interfaceId: 1, options: [comment('late')] }),
  );
  for (const pieces of [1, 50, 5000]) {
    expect((await collectBytes(bytes, pieces)).frames).toMatchObject([
      { number: 1, linkType: 1, interfaceId: 0, comment: 'first', time: '20000000000.000005000' },
      { number: 3, linkType: 101, interfaceId: 1, comment: 'late' },
      { number: 2, linkType: 1, interfaceId: 0, comment: '' },
    ]);
  }
});

test('positions are those of the bytes, and what stands before a frame in its buffer does in the capture', async () => {
  const bytes = captureAt([10, 30, 20, 40, 60, 50], 100);
  for (const pieces of [7, 130, 5000]) {
    const source = await openBytes(bytes, 'x', pieces);
    await source.read((frame: Frame) => {
      const origin = frame.position - frame.start;
      expect(Buffer.from(frame.bytes.subarray(0, frame.end))).toEqual(
        Buffer.from(bytes.subarray(origin, origin + frame.end)),
      );
    });
  }
});

test('the second reader gives the same order', async () => {
  const bytes = captureAt([10, 20, 40, 30, 50], 60);
  const own = await collectBytes(bytes, 100);
  const other = await collectBytes(bytes, 100, { reader: 'pcap-parser' });
  expect(other.frames).toEqual(own.frames);
});

test('a pipe that keeps silent has its frames at once', async () => {
  if (!requireTool('mkfifo')) return;
  const { path } = temporaryFile('unused', new Uint8Array(0));
  const fifo = `${path}.fifo`;
  await new Promise(resolve => spawn('mkfifo', [fifo]).on('exit', resolve));
  const opening = openCapture(fifo, { clock: WALL_CLOCK });
  const writer = createWriteStream(fifo);
  const bytes = captureAt([10, 40, 30]);
  writer.write(bytes);
  const source = await opening;
  const numbers: number[] = [];
  let allArrived = () => {};
  const silent = new Promise<void>(resolve => {
    allArrived = resolve;
  });
  const reading = source.read(
    frame => numbers.push(frame.number),
    () => {
      if (numbers.length === 3) allArrived();
      return undefined;
    },
  );
  await silent;
  expect(numbers).toEqual([1, 3, 2]);
  writer.end(pcap([{ fraction: 50, bytes: Uint8Array.of(4) }]).subarray(24));
  await reading;
  expect(numbers).toEqual([1, 3, 2, 4]);
});

/** A sequence in which frames of 10 bytes wait, one behind the other in one buffer, at these seconds. */
function waitingAt(seconds: readonly number[]): Sequence {
  const bytes = new Uint8Array(seconds.length * 10);
  const sequence = new Sequence(newFacts(''));
  sequence.place(bytes, 0);
  const frame = Object.assign(new Frame(), { bytes });
  seconds.forEach((at, index) => {
    const place = { start: index * 10, end: index * 10 + 10, position: index * 10, number: index + 1, seconds: at };
    sequence.add(Object.assign(frame, place));
  });
  return sequence;
}

test('where the next frames begin is known a batch at a time, in their order of time, once that is asked for', () => {
  const seconds = Array.from({ length: 40 }, (_, index) => index);
  [seconds[5], seconds[6]] = [6, 5];
  const out: { start: number; upcoming: number; starts: number[] }[] = [];
  waitingAt(seconds).deliver(frame => {
    const { start, upcoming } = frame;
    out.push({ start, upcoming, starts: Array.from(frame.starts.subarray(0, upcoming)) });
    frame.wantsUpcoming = true;
  }, true);
  const starts = out.map(({ start }) => start);
  expect(starts.slice(4, 8)).toEqual([40, 60, 50, 70]);
  expect(out.map(({ upcoming }) => upcoming)).toEqual([0, 32, ...Array(31).fill(0), 7, ...Array(6).fill(0)]);
  expect(out[1].starts).toEqual(starts.slice(1, 33));
  expect(out[33].starts).toEqual(starts.slice(33));
});

test('where the next frames begin is not said while some of them stand in a buffer of their own', () => {
  const sequence = waitingAt([1, 2]);
  sequence.add(Object.assign(new Frame(), { bytes: new Uint8Array(10), end: 10, position: 20, number: 3, seconds: 3 }));
  const out: number[] = [];
  sequence.deliver(frame => {
    frame.wantsUpcoming = true;
    out.push(frame.upcoming);
  }, true);
  expect(out).toEqual([0, 0, 0]);
});

test('a frame waits for no other behind blocks that hold none, however they come', async () => {
  const [first, second] = [10, 5].map(time => enhancedPacketBlock(Uint8Array.of(time), { time: BigInt(time) }));
  const unknown = block(0x0bad, new Uint8Array(32 * 1024));
  const blocks = [sectionBlock(), interfaceBlock(), first, ...Array(LATE_BYTES / 1024).fill(unknown), second];
  for (const pieces of [1_000, 100_000, 10_000_000]) {
    const source = await openBytes(concat(...blocks), 'test.pcapng', pieces);
    const seen: number[] = [];
    const waited: number[] = [];
    await source.read(
      ({ number }) => void seen.push(number),
      ({ read }) => void (seen.length === 0 && waited.push(read)),
    );
    expect(seen).toEqual([1, 2]);
    expect(Math.max(0, ...waited)).toBeLessThan(2 * LATE_BYTES);
    expect(source.facts.disorder).toEqual({ frame: 2, seconds: expect.closeTo(5e-6, 9) });
  }
});
