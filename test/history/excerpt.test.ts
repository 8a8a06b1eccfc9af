import { describe, expect, test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import { openCapture } from '../../src/capture/open.ts';
import { Engine } from '../../src/engine.ts';
import { excerptOf, exchangeOf } from '../../src/history/excerpt.ts';
import { History } from '../../src/history/history.ts';
import type { TranscriptEntry } from '../../src/lint/transcript-entry.ts';
import { readThrough } from '../../src/reading.ts';
import { DEFAULT_ENGINE_OPTIONS } from '../../src/run/options.ts';

const FIXTURES = new URL('../../fixtures/', import.meta.url).pathname;

async function historyOf(capture: string): Promise<History> {
  const engine = new Engine({ ...DEFAULT_ENGINE_OPTIONS, protocols });
  const history = new History(engine.protocols);
  engine.history = history;
  await readThrough(await openCapture(FIXTURES + capture), engine);
  return history;
}

const brief = (exchanges: readonly TranscriptEntry[]) =>
  exchanges.map(each =>
    each.kind === 'gap' ? `... ${each.messages}` : `${each.fromClient ? '>' : '<'} ${each.frame} ${each.name}`,
  );

describe('a connection in short', () => {
  test('is its beginning, its end, and what stands around the frames that matter', async () => {
    const history = await historyOf('mnet/echo-large.pcap');
    const exchanges = excerptOf(exchangeOf(history, 1, new Set([50])), new Set([50]), 100);
    const frames = exchanges.flatMap(each => (each.kind === 'message' ? [each.frame] : []));
    expect(frames.filter(frame => frame > 45 && frame < 55)).toEqual([46, 47, 48, 49, 50, 51, 52, 53]);
    const gaps = exchanges.reduce((sum, each) => sum + (each.kind === 'gap' ? each.messages : 0), 0);
    expect(frames.length + gaps).toBe(history.messages.count);
    expect(exchanges.filter(({ kind }) => kind === 'gap')).toHaveLength(2);
  });

  test('is the whole of a short one, in the order of its messages', async () => {
    const history = await historyOf('mnet/faults.pcap');
    expect(brief(excerptOf(exchangeOf(history, 1, new Set([7])), new Set([7]), 100))).toEqual([
      ...[
        '> 1 INIT',
        '< 2 COOKIE',
        '> 3 COOKIE-ECHO',
        '< 4 COOKIE-ACK',
        '> 5 DATA',
        '< 6 DATA',
        '> 7 DATA',
        '< 8 DATA',
      ],
      ...['> 9 SHUTDOWN', '< 10 SHUTDOWN-ACK', '> 11 SHUTDOWN-COMPLETE'],
    ]);
  });

  test('counts what is beyond the most that are wanted', async () => {
    const history = await historyOf('mnet/faults.pcap');
    expect(brief(excerptOf(exchangeOf(history, 1, new Set([7])), new Set([7]), 2))).toEqual([
      '> 1 INIT',
      '< 2 COOKIE',
      '... 9',
    ]);
  });

  test('is nothing of one that there is not', async () => {
    expect(excerptOf(exchangeOf(await historyOf('mnet/faults.pcap'), 99, new Set()), new Set(), 10)).toEqual([]);
  });
});
