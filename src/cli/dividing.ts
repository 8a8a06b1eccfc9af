/**
 * Judges one large capture in several threads at once: its flows are divided, each thread reads all of it and judges its share,
 * and what they have found is put together as if one had judged all. Where that cannot be, one thread judges the capture again.
 */
import { captureLine, readCaptureLine } from '../blob/captured.ts';
import { type CapturedShare, joinedCapture } from '../blob/joined.ts';
import type { Limits } from '../protocol/limits.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import { type FlowShare, isDivisible } from '../run/share.ts';
import { BYTES, type Judged, type JudgingTask, PACKETS, USELESS } from './judging.ts';

/** Rounds in shares: the second knows what the first has found out. */
const MOST_ROUNDS = 2;

export interface Dividing {
  /** Has a thread judge. */
  run(task: JudgingTask): Promise<Judged>;
  readonly shares: readonly FlowShare[];
  /** Shared with the threads. */
  readonly counters: BigInt64Array;
  readonly protocols: readonly AnyProtocol[];
  /** Of a capture as a whole. */
  readonly limits: Limits;
}

export async function judgeDivided(task: JudgingTask, dividing: Dividing): Promise<Judged> {
  let unseenSince: number | undefined;
  const rounds = isDivisible({ of: dividing.shares.length }, dividing.limits) ? MOST_ROUNDS : 0;
  for (let round = 0; round < rounds; round++) {
    begin(dividing);
    const judged = await Promise.all(
      dividing.shares.map(share => dividing.run({ ...task, part: { share, unseenSince } })),
    );
    const other = judged.find(({ kind }) => kind !== 'captured' && kind !== 'whole');
    if (other) return other;
    const shares = judged.flatMap(each => sharesIn(each, dividing.protocols));
    const joined = shares.length === judged.length ? joinedCapture(shares, dividing.limits) : undefined;
    if (joined?.kind === 'joined') return { kind: 'captured', line: captureLine(joined.captured) };
    if (joined?.kind !== 'again') break;
    unseenSince = joined.unseenSince;
  }
  begin(dividing);
  return dividing.run(task);
}

/** Nothing is read yet. */
function begin({ counters }: Dividing): void {
  for (const place of [PACKETS, BYTES, USELESS]) Atomics.store(counters, place, 0n);
}

function sharesIn(judged: Judged, protocols: readonly AnyProtocol[]): CapturedShare[] {
  if (judged.kind !== 'captured' || !judged.recorded) return [];
  const captured = readCaptureLine(JSON.parse(judged.line), protocols);
  return 'unreadable' in captured ? [] : [{ captured, recorded: judged.recorded }];
}
