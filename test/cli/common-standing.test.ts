/** Shares of a capture that let each other know, while they are judged, what they lack and that they cannot be put together. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import { type Captured, captureLine, readCaptureLine } from '../../src/blob/captured.ts';
import { joinedCapture } from '../../src/blob/joined.ts';
import { openCapture } from '../../src/capture/open.ts';
import { CommonStanding, standings } from '../../src/cli/common-standing.ts';
import { type JudgingOrder, USELESS } from '../../src/cli/judging.ts';
import { JudgingHere } from '../../src/cli/judging-here.ts';
import { sharedCounters } from '../../src/cli/judging-threads.ts';
import { DEFAULT_LIMITS } from '../../src/protocol/limits.ts';
import { DEFAULT_ENGINE_OPTIONS } from '../../src/run/options.ts';
import { sharesOf } from '../../src/run/share.ts';
import { unseenSinceByNow } from '../../src/run/whole-only.ts';
import { captureFile } from '../field/captured.ts';
import { judgedTwice } from '../kit/divisible.ts';
import { folderWith } from '../kit/folder.ts';
import { judgedWhole } from '../kit/shares.ts';

const NEVER = { unseenSince: Number.POSITIVE_INFINITY, presumed: -1, listed: 0 };

function twoShares(limits = DEFAULT_LIMITS) {
  const counters = new BigInt64Array(sharedCounters());
  const [one, other] = [0, 1].map(index => new CommonStanding(counters, { index, of: 2 }, limits));
  return { one, other, counters, isUseless: () => Atomics.load(counters, USELESS) !== 0n };
}

test('shares that find nothing amiss go on', () => {
  const { one, other, counters, isUseless } = twoShares();
  one.chunk({ ...NEVER, moment: 700 });
  other.chunk({ ...NEVER, moment: 900, presumed: 850 });
  expect(isUseless()).toBe(false);
  expect(standings(counters, 2)).toEqual([
    { ...NEVER, moment: 700 },
    { ...NEVER, moment: 900, presumed: 850 },
  ]);
});

test('a share that presumed nothing to be missing behind what the other one lacks ends both', () => {
  const { one, other, counters, isUseless } = twoShares();
  one.chunk({ ...NEVER, moment: 700, unseenSince: 600 });
  other.chunk({ ...NEVER, moment: 650, presumed: 590 });
  expect(isUseless()).toBe(false);
  other.chunk({ ...NEVER, moment: 900, presumed: 610 });
  expect(isUseless()).toBe(true);
  expect(unseenSinceByNow(standings(counters, 2))).toBe(600);
});

test('a share that has not come so far may yet lack bytes before', () => {
  const { one, other, counters, isUseless } = twoShares();
  one.chunk({ ...NEVER, moment: 700, presumed: 650 });
  other.chunk({ ...NEVER, moment: 620, unseenSince: 600 });
  expect([isUseless(), unseenSinceByNow(standings(counters, 2))]).toEqual([true, 600]);
  const third = twoShares();
  third.one.chunk({ ...NEVER, moment: 700, presumed: 650, unseenSince: 640 });
  third.other.chunk({ ...NEVER, moment: 620 });
  expect(third.isUseless()).toBe(false);
  third.other.chunk({ ...NEVER, moment: 660, unseenSince: 630 });
  expect(unseenSinceByNow(standings(third.counters, 2))).toBe(630);
});

test('more findings together than a listing holds end both', () => {
  const { one, other, isUseless } = twoShares({ ...DEFAULT_LIMITS, findings: 10 });
  one.chunk({ ...NEVER, moment: 700, listed: 6 });
  other.chunk({ ...NEVER, moment: 700, listed: 4 });
  expect(isUseless()).toBe(false);
  other.chunk({ ...NEVER, moment: 800, listed: 5 });
  expect(isUseless()).toBe(true);
});

const SETUP: JudgingOrder['setup'] = {
  settings: {},
  common: {},
  listing: { maxFindings: 100, allConnections: false, statements: false },
  reader: 'wirelint',
  sort: false,
  showsConversations: false,
  hasConnections: false,
};

/** @param isTogether they share memory, as threads do, and not the workers of a queue */
async function judgedInShares(path: string, isTogether: boolean) {
  const shared = sharedCounters();
  const judged = await Promise.all(
    sharesOf(2).map(share => {
      const own = isTogether ? shared : sharedCounters();
      const task = { index: 0, path, part: { share } };
      return new JudgingHere(protocols).judge({ setup: SETUP, plugins: [], task, shared: own, isTogether });
    }),
  );
  return judged.map(each => {
    if (each.kind !== 'captured' || !each.recorded) throw new Error(`it is ${each.kind}`);
    const captured = readCaptureLine(JSON.parse(each.line), protocols) as Captured;
    return { captured, recorded: each.recorded };
  });
}

test('what one share lacks the other one knows when it judges what it has waited for, and is not judged again', async () => {
  const path = join(folderWith({ 'a.pcap': captureFile(await judgedTwice()) }), 'a.pcap');
  const apart = joinedCapture(await judgedInShares(path, false), DEFAULT_LIMITS);
  expect(apart.kind).toBe('again');
  const together = joinedCapture(await judgedInShares(path, true), DEFAULT_LIMITS);
  if (together.kind !== 'joined') throw new Error(`it is ${together.kind}`);
  const whole = await judgedWhole(() => openCapture(path), { ...DEFAULT_ENGINE_OPTIONS, ...SETUP.listing, protocols });
  expect(JSON.parse(captureLine(together.captured)).outcome).toEqual(JSON.parse(whole).outcome);
});
