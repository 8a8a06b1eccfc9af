import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCapture } from '../../src/capture/open.ts';
import { Frame } from '../../src/capture/source.ts';
import { Recording, type RecordingOptions } from '../../src/proxy/io/recording.ts';
import { LINKTYPE_RAW } from '../../src/proxy/packets.ts';
import { scratch, until } from '../kit/proxy.ts';

const INTERFACES = [{ linkType: LINKTYPE_RAW, name: 'tcp:127.0.0.1:9', description: 'a test' }];
/** Of the section and the interface. */
const HEAD = 132;

function frame(number: number, length = 100): Frame {
  const own = new Frame();
  own.number = number;
  own.seconds = 1_700_000_000 + number;
  own.linkType = LINKTYPE_RAW;
  own.bytes = new Uint8Array(length).fill(number & 0xff);
  own.end = length;
  own.wireLength = length;
  return own;
}

async function recorded(options: Partial<RecordingOptions>): Promise<Recording> {
  const recording = new Recording({
    path: join(scratch(), 'out.pcapng'),
    interfaces: INTERFACES,
    rotation: {},
    mostWaiting: 1_000_000,
    now: () => 0,
    onProblem: () => {},
    onCaughtUp: () => {},
    ...options,
  });
  await recording.open();
  return recording;
}

/** Seconds of the packets in a file, counted from the first possible one. */
async function secondsIn(path: string): Promise<number[]> {
  const source = await openCapture(path);
  const seconds: number[] = [];
  await source.read(({ seconds: own }) => {
    seconds.push(own - 1_700_000_000);
  });
  expect(source.facts).toMatchObject({ complete: true, knownComplete: true });
  return seconds;
}

test('what is recorded can be read while it grows, and says that it is complete', async () => {
  const recording = await recorded({});
  const [path] = recording.paths;
  recording.frame(frame(1));
  recording.frame(frame(2));
  await until('both packets on the disk', () => statSync(path).size > HEAD + 200);
  expect(await secondsIn(path)).toEqual([1, 2]);
  recording.frame(frame(3));
  await recording.close();
  expect(await secondsIn(path)).toEqual([1, 2, 3]);
});

describe('a row of files', () => {
  test('by size: none is longer, each can be read alone, nothing is lost between them', async () => {
    const recording = await recorded({ rotation: { size: 1_000 } });
    for (let i = 1; i <= 40; i++) recording.frame(frame(i));
    await recording.close();
    expect(recording.paths.length).toBeGreaterThan(4);
    for (const path of recording.paths) expect(statSync(path).size).toBeLessThanOrEqual(1_000 + 40);
    const parts = await Promise.all(recording.paths.map(secondsIn));
    expect(parts.flat()).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    expect(recording.paths[0]).toMatch(/out_00001\.pcapng$/);
  });

  test('a packet that is longer than a file may be has one for itself', async () => {
    const recording = await recorded({ rotation: { size: 500 } });
    for (let i = 1; i <= 3; i++) recording.frame(frame(i, 2_000));
    await recording.close();
    expect(await Promise.all(recording.paths.map(secondsIn))).toEqual([[1], [2], [3]]);
  });

  test('by time', async () => {
    let now = 0;
    const recording = await recorded({ rotation: { time: 60_000 }, now: () => now });
    for (let i = 1; i <= 4; i++) {
      recording.frame(frame(i));
      now += 30_000;
    }
    await recording.close();
    expect(await Promise.all(recording.paths.map(secondsIn))).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  test('of which the newest are kept', async () => {
    const path = join(scratch(), 'out.pcapng');
    const recording = await recorded({ path, rotation: { size: 500, keep: 2 } });
    for (let i = 1; i <= 30; i++) recording.frame(frame(i));
    await recording.close();
    expect(
      readdirSync(join(path, '..'))
        .map(name => join(path, '..', name))
        .sort(),
    ).toEqual(recording.paths);
    expect(recording.paths).toHaveLength(2);
    expect((await secondsIn(recording.paths[1])).at(-1)).toBe(30);
  });
});

describe('a disk', () => {
  test('that is full ends the recording, said once, and what was written stays readable', async () => {
    const problems: string[] = [];
    const recording = await recorded({ path: '/dev/full', onProblem: reason => problems.push(reason) });
    await until('the problem', () => problems.length > 0);
    for (let i = 1; i <= 5_000; i++) recording.frame(frame(i, 1_000));
    await recording.close();
    expect(problems).toEqual(['no space left on the disk']);
    expect(recording.problem).toBe('no space left on the disk');
  });

  test('that cannot be written to is refused at the start', async () => {
    const folder = scratch();
    await expect(recorded({ path: folder })).rejects.toThrow(`cannot record to ${folder}: is a directory`);
    await expect(recorded({ path: join(folder, 'no', 'x.pcapng') })).rejects.toThrow('no such directory');
  });

  test('that is slow is waited for by those who can, and given up where too much waits', async () => {
    let caughtUp = 0;
    const problems: string[] = [];
    const recording = await recorded({
      mostWaiting: 4_000_000,
      onCaughtUp: () => caughtUp++,
      onProblem: reason => problems.push(reason),
    });
    for (let i = 0; !recording.isBehind; i++) recording.frame(frame(i, 30_000));
    await until('the disk to catch up', () => caughtUp === 1);
    expect(recording.isBehind).toBe(false);
    for (let i = 0; i < 200; i++) recording.frame(frame(i, 30_000));
    expect(problems).toEqual(['the disk is too slow (--limit recording-bytes)']);
    await recording.close();
    // What had been written when the disk had caught up: a batch at least.
    expect(readFileSync(recording.paths[0]).length).toBeGreaterThan(250_000);
  });
});
