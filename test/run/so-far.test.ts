/** A report can be had at any moment, and asking for it changes nothing. */
import { expect, test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import { openBytes } from '../../src/capture/open.ts';
import { Engine } from '../../src/engine.ts';
import { DEFAULT_ENGINE_OPTIONS } from '../../src/run/options.ts';
import { fixtureBytes } from '../kit/history.ts';

test.each(['mnet/faults.pcap', 'filestorage/2020-01-02-pipelined.pcap', 'ministreaming/faults.pcap'])(
  '%s: reports asked for at every frame grow, and leave the last one as it is without them',
  async path => {
    const asked = new Engine({ ...DEFAULT_ENGINE_OPTIONS, protocols });
    const left = new Engine({ ...DEFAULT_ENGINE_OPTIONS, protocols });
    const counts: number[] = [];
    for (const engine of [asked, left]) {
      const source = await openBytes(fixtureBytes(path));
      engine.beginCapture(source.facts);
      await source.read(frame => {
        engine.frame(frame);
        if (engine === asked) counts.push(engine.reportSoFar().summary.messages);
      });
      engine.closeCapture();
      await engine.settle();
      engine.endCapture();
    }
    expect(asked.report()).toEqual(left.report());
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(asked.reportSoFar()).toEqual(asked.report());
    expect(counts.at(-1)).toBe(left.report().summary.messages);
  },
);
