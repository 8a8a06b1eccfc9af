/** A run over stored captures: what it says of itself while it reads, and that its outcome is `check`'s. */
import { appendFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import { storeCapture } from '../../src/capture/stored.ts';
import { DEFAULT_ENGINE_OPTIONS } from '../../src/run/options.ts';
import { Run, type RunState } from '../../src/tui/run.ts';
import { QuickClock } from '../capture/clocks.ts';
import { temporaryFile } from '../capture/temporary.ts';
import { fixtureBytes, historyOf } from '../kit/history.ts';

const OPTIONS = { ...DEFAULT_ENGINE_OPTIONS, protocols };
const FAULTS = fixtureBytes('mnet/faults.pcap');
const UPLOAD = fixtureBytes('filestorage/2020-01-04-upload.pcap');

/** Runs over files of these contents. The clock of files passes as soon as somebody waits for it. */
async function running<T>(
  contents: readonly Uint8Array[],
  { follow = false, clock = new QuickClock() }: { readonly follow?: boolean; readonly clock?: QuickClock },
  body: (run: Run, paths: readonly string[]) => Promise<T>,
): Promise<T> {
  const paths = contents.map((bytes, index) => temporaryFile(`${index}.pcap`, bytes).path);
  const captures = await Promise.all(paths.map(path => storeCapture(path, { clock, follow })));
  let time = 0;
  const run = new Run(OPTIONS, captures, { pause: () => turn(), now: () => time++ });
  try {
    return await body(run, paths);
  } finally {
    run.stop();
    await Promise.all(captures.map(capture => capture.close()));
  }
}

test('captures one after the other, plain and gzipped, with the findings and bytes that they have', async () => {
  const { report } = await historyOf([FAULTS, UPLOAD], { capture: 'auto' });
  await running([FAULTS, gzipSync(UPLOAD)], {}, async run => {
    await run.start();
    const { history, bytes } = run;
    expect([run.state, run.live, run.unreadable]).toEqual(['ended', false, []]);
    expect(history.findings.list.map(({ ruleId, capture, frame }) => [ruleId, capture, frame])).toEqual(
      report.findings.map(({ ruleId, capture, frame }) => [ruleId, capture, frame]),
    );
    expect(run.report().summary).toEqual(report.summary);
    const last = history.messages.count - 1;
    expect(history.recall(last, bytes).capture).toBe(1);
    expect(history.recall(last, bytes).message.captured).toBe(history.messages.captured(last));
  });
});

test('what is no capture is left out and named, and the others are read', async () => {
  await running([Buffer.from('no capture at all'), FAULTS], {}, async (run, [path]) => {
    await run.start();
    expect(run.unreadable).toHaveLength(1);
    expect(run.unreadable[0]).toContain(path);
    expect(run.history.captures.map(({ packets }) => packets)).toEqual([25]);
    expect(run.captures).toHaveLength(1);
  });
});

test('a file that grows is waited for, and its messages are there when they have come', async () => {
  const cut = FAULTS.length - 300;
  const clock = new QuickClock();
  const seen: [RunState, boolean, number][] = [];
  await running([FAULTS.subarray(0, cut)], { follow: true, clock }, async (run, [path]) => {
    let waits = 0;
    clock.meanwhile = () => {
      seen.push([run.state, run.live, run.history.messages.count]);
      if (++waits === 1) appendFileSync(path, FAULTS.subarray(cut));
      if (waits === 2) run.stop();
    };
    await run.start();
    expect(seen[0]?.slice(0, 2)).toEqual(['waiting', true]);
    expect(seen[0]?.[2]).toBeLessThan(25);
    expect(seen[1]).toEqual(['waiting', true, 25]);
    expect(run.state).toBe('ended');
  });
});

test('stopped in the middle it ends, keeps what it has read, and blames no capture', async () => {
  const many = Buffer.concat([UPLOAD, ...Array.from({ length: 200 }, () => UPLOAD.subarray(24))]);
  await running([many], {}, async run => {
    run.onChange = () => {
      if (run.state === 'reading') run.stop();
    };
    await run.start();
    expect(run.state).toBe('ended');
    expect(run.packets).toBeGreaterThan(0);
    expect(run.read).toBeLessThan(many.length);
    expect(run.history.captures[0]?.complete).toBe(true);
  });
});

test('how far it is counts the captures that are still to come', async () => {
  await running([FAULTS, FAULTS], {}, async run => {
    const totals: (number | undefined)[] = [];
    run.onChange = () => totals.push(run.total);
    await run.start();
    expect(new Set(totals)).toEqual(new Set([2 * FAULTS.length]));
    expect(run.read).toBe(2 * FAULTS.length);
  });
});
