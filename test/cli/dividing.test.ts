/** Shares of a capture that are judged at once, where one of them comes to nothing. */
import { expect, test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import { judgeDivided } from '../../src/cli/dividing.ts';
import type { Judged, JudgingTask } from '../../src/cli/judging.ts';
import { DEFAULT_LIMITS } from '../../src/protocol/limits.ts';

const PATH = 'fixtures/mnet/echo-small.pcap';

/** The first of two shares waits for the second. @param second what comes of that one */
function divided(second: () => Promise<Judged>) {
  let drop = () => {};
  const dropped = new Promise<void>(resolve => {
    drop = resolve;
  });
  const run = async ({ part }: JudgingTask): Promise<Judged> => {
    if (part?.share.index === 1) return second();
    if (part) await dropped;
    return { kind: 'whole', reason: part ? 'the other has found out why' : 'judged as a whole' };
  };
  return judgeDivided({ index: 0, path: PATH }, { run, shares: 2, drop, protocols, limits: DEFAULT_LIMITS });
}

test('a share that dies keeps no other waiting', async () => {
  await expect(divided(() => Promise.reject(new Error('out of memory')))).rejects.toThrow('out of memory');
});

test('a share that needs the whole keeps no other waiting', async () => {
  const whole = await divided(async () => ({ kind: 'whole', reason: 'a bound was hit' }));
  expect(whole).toEqual({ kind: 'whole', reason: 'judged as a whole' });
});
