/** Puts the shares of a capture together with what came up in them and what was said around it, as if one had seen all flows. */
import { type Exchange, narrowed } from '../history/excerpt.ts';
import { standingWith } from '../protocol/connections.ts';
import type { Limits } from '../protocol/limits.ts';
import { type Joined, type JoinedShare, joined } from '../run/joined.ts';
import type { Captured, Occurrence } from './captured.ts';
import { framesThatMatter, type RecordedShare } from './recorder.ts';

/** A share, as it was judged and recorded. */
export interface CapturedShare {
  readonly captured: Captured;
  readonly recorded: RecordedShare;
}

export type JoinedCapture =
  | { readonly kind: 'joined'; readonly captured: Captured }
  | Exclude<Joined, { kind: 'joined' }>;

/** @param limits of the whole */
export function joinedCapture(shares: readonly CapturedShare[], limits: Limits): JoinedCapture {
  const parts = shares.map(({ captured, recorded }) => ({ apart: captured.apart, notes: recorded.notes }));
  const outcome = joined(parts, limits);
  if (outcome.kind !== 'joined') return outcome;
  const { apart } = outcome;
  const occurred = merged(
    shares.map(({ captured, recorded }, share) =>
      captured.occurred.flatMap((occurrence, place) => {
        const here = occurrenceHere(occurrence, captured, outcome.shares[share]);
        return here ? [{ here, moment: recorded.moments[place] }] : [];
      }),
    ),
  );
  const all = new Map<number, Exchange>();
  for (const [share, { captured }] of shares.entries())
    for (const [connection, exchange] of captured.exchanges)
      all.set(outcome.shares[share].rebase.number(connection), exchange);
  const exchanges = new Map(
    [...framesThatMatter(apart)].flatMap(([connection, frames]) => {
      const exchange = all.get(connection);
      return exchange ? [[connection, narrowed(exchange, frames)] as const] : [];
    }),
  );
  const [
    {
      captured: { index },
    },
  ] = shares;
  return { kind: 'joined', captured: { index, apart, occurred, exchanges } };
}

/** What came up in a share, as it came up in the whole; undefined where it did not. */
function occurrenceHere(
  occurrence: Occurrence,
  { apart }: Captured,
  { rebase, isFirst, findings, remarks }: JoinedShare,
): Occurrence | undefined {
  if (occurrence.kind === 'remark')
    return isFirst(apart.remarks[occurrence.index].key)
      ? { kind: 'remark', index: remarks[occurrence.index] }
      : undefined;
  if (occurrence.kind === 'finding')
    return { kind: 'finding', finding: findings.get(occurrence.finding) ?? rebase.finding(occurrence.finding) };
  const { kind, weighed } = occurrence.event;
  const connection = rebase.connection(occurrence.event.connection);
  if (!weighed) return { kind: 'connection', event: { kind, connection } };
  const own = { ...weighed, remarks: weighed.remarks.filter(({ key }) => isFirst(key)) };
  const { verdict, reasons } = standingWith(own, () => true);
  const here = { kind, connection: { ...connection, verdict, reasons } };
  return { kind: 'connection', event: own.remarks.length > 0 ? { ...here, weighed: own } : here };
}

interface Occurred {
  readonly here: Occurrence;
  readonly moment: number;
}

/** In the order in which things came up, those of one share staying in theirs. */
function merged(lists: readonly (readonly Occurred[])[]): Occurrence[] {
  const next = lists.map(() => 0);
  return lists.flat().map(() => {
    let first = -1;
    for (const [share, list] of lists.entries()) {
      const each = list[next[share]];
      if (each && (first < 0 || isBefore(each, lists[first][next[first]]))) first = share;
    }
    return lists[first][next[first]++].here;
  });
}

/** What is found out later than its message, in all shares at one moment, comes in the order of the messages. */
function isBefore(one: Occurred, other: Occurred): boolean {
  return one.moment < other.moment || (one.moment === other.moment && frameOf(one.here) < frameOf(other.here));
}

const frameOf = (occurrence: Occurrence) => (occurrence.kind === 'finding' ? occurrence.finding.frame : 0);
