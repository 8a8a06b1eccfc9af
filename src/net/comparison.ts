/** How bytes that were sent again stand to those that were sent first. */

import { DIFFERS, SAME, UNKNOWN, UNSEEN } from '../storage/stream-memory.ts';

export type Comparison = typeof SAME | typeof DIFFERS | typeof UNSEEN | typeof UNKNOWN;

export const OUTCOMES = { [SAME]: 'same', [DIFFERS]: 'differs', [UNKNOWN]: 'unknown' } as const;

/** The outcome of all bytes when a part of them has one outcome and the rest another. */
export function worse(one: Comparison, other: Comparison): Comparison {
  if (one === DIFFERS || other === DIFFERS) return DIFFERS;
  if (one === UNKNOWN || other === UNKNOWN) return UNKNOWN;
  return one === SAME || other === SAME ? SAME : UNSEEN;
}
