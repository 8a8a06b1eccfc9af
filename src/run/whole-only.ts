/**
 * Whether what was judged in shares is what the capture gives as a whole. Most of what a run knows belongs to one flow or to a
 * pair of hosts, which is in one share, or to the capture, whose facts all shares read. What is left is asked for here, one thing after
 * the other; where a share may have judged without knowing what another one saw, its judgement is not taken.
 */
import { MOST_REMARKS } from '../lint/remark.ts';
import { isCountedApart } from '../net/decode.ts';
import type { Limits } from '../protocol/limits.ts';
import { UNKNOWN_MESSAGE } from '../protocol/protocol.ts';
import { answersAsOne } from '../storage/stream-ledger.ts';
import { MOST_PAIRS } from './completeness.ts';
import type { ApartOutcome } from './outcome.ts';
import { isDivisible, OF_ONE_CONNECTION } from './share.ts';
import type { ShareNotes } from './share-log.ts';

/** How far a share is while it is judged, and what it has found out by then that concerns the others. */
export interface ShareStanding extends Pick<ShareNotes, 'unseenSince' | 'presumed' | 'listed'> {
  /** Where it is in the capture, see `ShareLog`. */
  readonly moment: number;
}

/** A share that was judged. */
export interface SharePart {
  readonly apart: ApartOutcome;
  readonly notes: ShareNotes;
}

/**
 * @param limits of the whole
 * @param settled bounds of which a protocol tells itself how often the whole hits them, by lane
 * @returns why the whole must be judged; undefined where the shares will do
 */
export function reasonForWhole(
  parts: readonly SharePart[],
  limits: Limits,
  settled: readonly ReadonlySet<string>[],
): string | undefined {
  const all = parts.map(({ notes }) => notes);
  const told = all.find(({ whole }) => whole !== undefined)?.whole;
  if (told !== undefined) return told;
  const read = parts.map(({ apart }) => JSON.stringify([apart.outcome.facts, apart.outcome.decoded.frames]));
  if (new Set(read).size > 1) return 'the shares have not read the same';
  if (!isDivisible({ of: parts.length }, limits)) return 'there is a bound too small to be divided';
  if (all.reduce((sum, { lostPairs }) => sum + lostPairs, 0) >= MOST_PAIRS) return 'too many hosts have lost fragments';
  if (!isCountedApart(parts.map(({ apart }) => apart.outcome.decoded))) return 'there are too many unknown protocols';
  // With no frame later than that, no flow was idle for so long.
  if (all.some(({ isCrowded, span }) => isCrowded && span > limits['flow-idle'])) return 'there are too many flows';
  if (hasTooManyFindings(all, limits)) return 'there are too many findings';
  for (const { apart } of parts) {
    for (const [lane, { limitHits, protocol }] of apart.outcome.lanes.entries()) {
      const hit = [...limitHits.keys()].find(name => !OF_ONE_CONNECTION.includes(name) && !settled[lane].has(name));
      if (hit !== undefined) return `${protocol.id} has hit the limit ${hit}`;
    }
  }
  if (isListedAsItCame(parts)) return 'names are listed as they came';
  const keys = new Set(all.flatMap(({ said }) => [...said.keys()]));
  if (keys.size > MOST_REMARKS) return 'there are too many remarks';
  if (isAskedElsewhere(all)) return 'flows of several pairs of hosts have something in common';
  const memories = all[0].ledgers.map((_, place) => all.map(({ ledgers }) => ledgers[place]));
  return memories.every(answersAsOne) ? undefined : 'old bytes were sent again';
}

/**
 * Messages that a framing has of its own, and protocols that a port looks like, are listed in the order in which they came up,
 * which no share knows of another. That takes two of them.
 */
function isListedAsItCame(parts: readonly SharePart[]): boolean {
  const { lanes } = parts[0].apart.outcome;
  const hasSeveral = lanes.some(({ protocol }, lane) => {
    const known = new Set([...protocol.layouts.map(({ name }) => name), UNKNOWN_MESSAGE]);
    const names = parts.flatMap(({ apart }) => [...apart.outcome.lanes[lane].messageCounts.keys()]);
    return new Set(names.filter(name => !known.has(name))).size > 1;
  });
  const recognised = new Map<string, Set<string>>();
  for (const { apart } of parts) {
    for (const { transport, port, protocol, recognised: names } of apart.outcome.mapped) {
      const key = `${transport} ${port} ${protocol}`;
      recognised.set(key, new Set([...(recognised.get(key) ?? []), ...names.keys()]));
    }
  }
  return hasSeveral || [...recognised.values()].some(({ size }) => size > 1);
}

/** Has a share asked for what another one had by then? */
function isAskedElsewhere(all: readonly ShareNotes[]): boolean {
  return all.some(({ held }, other) => {
    const since = new Map<number, number>();
    for (let at = 0; at < held.length; at += 2) since.set(held[at], held[at + 1]);
    return all.some(({ asked }, own) => own !== other && isAskedAfter(asked, since));
  });
}

function isAskedAfter(asked: Float64Array, since: ReadonlyMap<number, number>): boolean {
  for (let at = 0; at < asked.length; at += 2) {
    const first = since.get(asked[at]);
    if (first !== undefined && first < asked[at + 1]) return true;
  }
  return false;
}

export function hasTooManyFindings(all: readonly Pick<ShareNotes, 'listed'>[], { findings }: Limits): boolean {
  return all.reduce((sum, { listed }) => sum + listed, 0) > findings;
}

/** When bytes were first found missing in any share, if another one has judged on as if there were none such. */
export function unseenSince(all: readonly Pick<ShareNotes, 'unseenSince' | 'presumed'>[]): number | undefined {
  const since = Math.min(...all.map(share => share.unseenSince));
  return all.some(({ presumed }) => presumed > since) ? since : undefined;
}

/** The same before all is read: undefined, too, as long as a share may yet find bytes missing before. */
export function unseenSinceByNow(all: readonly ShareStanding[]): number | undefined {
  const since = unseenSince(all);
  return since !== undefined && all.every(({ moment }) => moment >= since) ? since : undefined;
}
