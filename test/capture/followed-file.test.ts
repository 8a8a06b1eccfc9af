import { appendFileSync, rmSync, truncateSync, utimesSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { openCapture } from '../../src/capture/open.ts';
import type { CaptureSource } from '../../src/capture/source.ts';
import { type StoredCapture, storeCapture } from '../../src/capture/stored.ts';
import { concat, hex } from '../../src/testkit/bytes.ts';
import { pcap, pcapRecord } from '../../src/testkit/capture.ts';
import { NO_SLEEP, QuickClock } from './clocks.ts';
import { collect } from './collect.ts';
import { temporaryFile } from './temporary.ts';

const record = pcapRecord({ seconds: 9, bytes: hex('0102') });
const two = concat(pcap([]), record, record);

/** A file that was written to `age` milliseconds before the time of `clock`. */
function fileOfAge(age: number, clock: QuickClock, content = two): string {
  const { path } = temporaryFile('x.pcap', content);
  utimesSync(path, (clock.now() - age) / 1000, (clock.now() - age) / 1000);
  return path;
}

async function stored(path: string, clock: QuickClock, follow: boolean): Promise<StoredCapture> {
  const capture = await storeCapture(path, { clock, follow });
  onTestFinished(() => capture.close());
  return capture;
}

/** Reads on until `packets` are there and the source waits for more, then closes the capture. */
async function readUntilDry(source: CaptureSource, packets: number, capture: StoredCapture): Promise<void> {
  await source.read(
    () => {},
    async ({ waiting }) => {
      if (waiting && source.facts.packets === packets) await capture.close();
      return undefined;
    },
  );
}

test('a file that nobody has written to for long ends at once', async () => {
  const clock = new QuickClock();
  const capture = await stored(fileOfAge(2000, clock), clock, false);
  expect(capture.live).toBe(false);
  expect((await collect(await capture.open())).facts).toMatchObject({ packets: 2, complete: true });
  expect(clock.slept).toBe(0);
});

test('one written to a moment ago is waited on until it has not grown for two seconds', async () => {
  const clock = new QuickClock();
  const capture = await stored(fileOfAge(500, clock), clock, false);
  expect(capture.live).toBe(true);
  const { facts } = await collect(await capture.open());
  expect(facts).toMatchObject({ packets: 2, complete: true });
  expect(clock.slept).toBe(1600);
  expect(capture.live).toBe(false);
});

test('and read on while it grows, in whatever pieces', async () => {
  const clock = new QuickClock();
  const path = fileOfAge(0, clock);
  const pieces = [record.subarray(0, 3), record.subarray(3), record, record.subarray(0, 17), record.subarray(17)];
  clock.meanwhile = () => {
    // Longer than two seconds in all, and never as long between two pieces.
    const piece = clock.slept % 1000 === 0 ? pieces.shift() : undefined;
    if (piece === undefined) return;
    appendFileSync(path, piece);
    utimesSync(path, clock.now() / 1000, clock.now() / 1000);
  };
  const capture = await stored(path, clock, false);
  const { facts } = await collect(await capture.open());
  expect(facts).toMatchObject({ packets: 5, complete: true });
  expect(clock.slept).toBe(7000);
});

test('a time stamp ahead of our clock does not keep a capture from ending', async () => {
  const clock = new QuickClock();
  const capture = await stored(fileOfAge(-3_600_000, clock), clock, false);
  expect((await collect(await capture.open())).facts).toMatchObject({ packets: 2, complete: true });
});

test('what is missing at the end is missing, after the wait', async () => {
  const clock = new QuickClock();
  const capture = await stored(fileOfAge(0, clock, two.subarray(0, two.length - 1)), clock, false);
  const { facts } = await collect(await capture.open());
  expect(facts.problem?.message).toBe('packet 2 is cut: 1 of 2 bytes are in the file');
});

test('a followed file is waited on for ever, and says when it waits', async () => {
  const clock = new QuickClock();
  const path = fileOfAge(3_600_000, clock);
  clock.meanwhile = () => {
    if (clock.slept === 60_000 || clock.slept === 120_000) appendFileSync(path, record);
  };
  const capture = await stored(path, clock, true);
  expect(capture.live).toBe(true);
  const source = await capture.open();
  await readUntilDry(source, 4, capture);
  expect(source.facts).toMatchObject({ packets: 4, complete: true });
  expect(capture.live).toBe(false);
});

test('a followed file that is empty at first is opened when its header is written', async () => {
  const clock = new QuickClock();
  const path = fileOfAge(0, clock, hex(''));
  clock.meanwhile = () => {
    if (clock.slept === 10_000) appendFileSync(path, two.subarray(0, 11));
    if (clock.slept === 20_000) appendFileSync(path, two.subarray(11));
  };
  const capture = await stored(path, clock, true);
  const source = await capture.open();
  await readUntilDry(source, 2, capture);
  expect(source.facts).toMatchObject({ packets: 2, complete: true });
});

test('a packed file can be followed, too', async () => {
  const clock = new QuickClock();
  const packed = gzipSync(two);
  const path = fileOfAge(3_600_000, clock, packed.subarray(0, 20));
  clock.meanwhile = () => {
    if (clock.slept === 10_000) appendFileSync(path, packed.subarray(20));
    // zlib holds the last bytes back until it knows what comes behind them.
    if (clock.slept === 20_000) appendFileSync(path, gzipSync(record));
  };
  const capture = await stored(path, clock, true);
  const source = await capture.open();
  await readUntilDry(source, 3, capture);
  expect(source.facts).toMatchObject({ packets: 3, complete: true });
});

test.each([
  ['followed', true],
  ['just written', false],
])('a %s file that is cut ends there, with a problem', async (_situation, follow) => {
  const clock = new QuickClock();
  const path = fileOfAge(0, clock);
  clock.meanwhile = () => truncateSync(path, 30);
  const capture = await stored(path, clock, follow);
  const { facts } = await collect(await capture.open());
  expect(facts).toMatchObject({ packets: 2, complete: false });
  expect(facts.problem).toEqual({ offset: two.length, message: 'the file was cut to 30 bytes while it was read' });
});

test('a followed file that loses its name ends, with a problem', async () => {
  const clock = new QuickClock();
  const path = fileOfAge(0, clock);
  clock.meanwhile = () => rmSync(path, { force: true });
  const capture = await stored(path, clock, true);
  const { facts } = await collect(await capture.open());
  const message = 'the file was removed or replaced while it was followed';
  expect(facts).toMatchObject({ packets: 2, complete: false, problem: { offset: two.length, message } });
});

test('a file that is not followed may lose its name: what is open is read', async () => {
  const clock = new QuickClock();
  const path = fileOfAge(60_000, clock);
  const capture = await stored(path, clock, false);
  rmSync(path);
  expect((await collect(await capture.open())).facts).toMatchObject({ packets: 2, complete: true });
});

test('closing a followed capture ends its sources', async () => {
  const clock = new QuickClock();
  const capture = await stored(fileOfAge(0, clock), clock, true);
  const [one, other] = await Promise.all([capture.open(), capture.open()]);
  const readings = Promise.all([collect(one), collect(other)]);
  clock.meanwhile = () => {
    if (clock.slept > 5000) capture.close();
  };
  for (const { facts } of await readings) expect(facts).toMatchObject({ packets: 2, complete: true });
});

test('a variant that only its records tell is the same one whether the file is new, followed or old', async () => {
  const frame = { seconds: 1, bytes: hex('010203'), extra: hex('02000000 0008 00 00') };
  const bytes = pcap([frame, frame, frame]);
  const clock = new QuickClock();
  const { facts } = await collect(await openCapture(fileOfAge(60_000, clock, bytes)));
  expect(facts).toMatchObject({ packets: 3, complete: true });
  for (const [age, follow] of [
    [0, false],
    [0, true],
    [60_000, false],
  ] as const) {
    const capture = await stored(fileOfAge(age, clock, bytes), clock, follow);
    const source = await capture.open();
    expect(source.facts.description).toBe(facts.description);
    await readUntilDry(source, 3, capture);
    expect(source.facts).toMatchObject({ packets: 3, complete: true });
  }
});

test('nobody sleeps where a whole file of some age is read', async () => {
  const path = fileOfAge(60_000, new QuickClock());
  const capture = await storeCapture(path, { clock: NO_SLEEP });
  onTestFinished(() => capture.close());
  expect((await collect(await capture.open())).frames).toHaveLength(2);
});
