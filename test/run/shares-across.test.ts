/** What goes from one pair of hosts to another, where the two are in different shares: it is found out, or put together. */
import { expect, test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import { openBytes } from '../../src/capture/open.ts';
import { DEFAULT_LIMITS } from '../../src/protocol/limits.ts';
import { DEFAULT_ENGINE_OPTIONS, type EngineOptions } from '../../src/run/options.ts';
import { sharesOf } from '../../src/run/share.ts';
import { at, type Captured, captureFile } from '../field/captured.ts';
import { timed } from '../field/conversation.ts';
import { judgedTwice, random, times } from '../kit/divisible.ts';
import { frameBytes, handshake, parties, START } from '../kit/mnet.ts';
import { moved } from '../kit/moved.ts';
import { divided } from '../kit/shares.ts';

const OPTIONS = { ...DEFAULT_ENGINE_OPTIONS, protocols };

const inShares = (packets: readonly Captured[], options: Partial<EngineOptions> = {}) =>
  divided(() => openBytes(captureFile(packets)), { ...OPTIONS, ...options }, 2);

test('clients that choose one tag at one listener make the whole capture judged', async () => {
  const { reason, connections } = await inShares(await times('mnet/echo-small', 6, 0.01));
  expect(connections.every(count => count > 0)).toBe(true);
  expect(reason).toBe('flows of several pairs of hosts have something in common');
});

/** As many connectors of one listener, each with tags of its own. */
function mnet(tags: readonly (readonly [connector: number, listener: number])[]): Captured[] {
  const all = tags.flatMap(([initTag, listenerTag], number) => {
    const frames = handshake(parties({ initTag, listenerTag })).map(frameBytes);
    return moved(timed(frames, START), [10, 7, number, 1], [10, 0, 0, 1]).map(packet =>
      at(packet.time + number * 2e6, packet),
    );
  });
  return all.sort((one, other) => one.time - other.time);
}

const TAG_RULE = 'mnet/tag-not-random';
const checked = (line: string): number => {
  const { rules, counts } = JSON.parse(line).outcome.lanes.find(
    (lane: { protocol: string }) => lane.protocol === 'mnet',
  ).tallies;
  return counts.find(([place]: number[]) => place === rules.indexOf(TAG_RULE))?.[1] ?? 0;
};

test('what one listener makes up is random or not over all shares together', async () => {
  const { reason, shares, whole, connections } = await inShares(mnet(random(30)));
  expect(connections.every(count => count > 0)).toBe(true);
  expect(reason).toBeUndefined();
  // From the eighth on each tag is one more that is random.
  expect(checked(whole)).toBe(23);
  expect(shares).toBe(whole);
});

test('a listener that counts is found out by nobody who sees only a share of its tags', async () => {
  const counted = Array.from({ length: 30 }, (_, n) => [(n * 0x9e3779) & 0xffffff, 1000 + n] as const);
  const { reason, whole } = await inShares(mnet(counted));
  expect(whole).toContain('constant step');
  expect(reason).toBe('mnet cannot be put together');
});

test('a bound that has not a part for each share makes the whole capture judged', async () => {
  const limits = { ...DEFAULT_LIMITS, fragments: 1 };
  const { reason, connections } = await inShares(mnet(random(8)), { limits });
  expect(connections.every(count => count > 0)).toBe(true);
  expect(reason).toBe('there is a bound too small to be divided');
});

test('each class of hosts is of one share, and the heavy ones are not all of one', () => {
  const weights = Array.from({ length: 16 }, (_, each) => (each % 2 === 0 ? 1_000 : 10));
  for (const of of [2, 3, 4, 16]) {
    const shares = sharesOf(of, weights);
    const heavy = shares.map(
      ({ classes }) => [0, 2, 4, 6, 8, 10, 12, 14].filter(each => (classes >>> each) & 1).length,
    );
    expect(shares.reduce((all, { classes }) => all ^ classes, 0)).toBe(0xffff);
    expect(Math.max(...heavy)).toBe(Math.ceil(8 / of));
  }
});

test('bytes that one share finds missing are missing for all: the shares are judged once more', async () => {
  const { reason, shares, whole, again } = await inShares(await judgedTwice());
  expect([reason, again]).toEqual([undefined, true]);
  expect(shares).toBe(whole);
});
