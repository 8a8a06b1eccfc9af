/**
 * One bit of a unit turned over, where it does no more than that: on a stream neither in what the framing keeps for itself,
 * nor so that the framing would cut the message elsewhere, which would be another fault, and a coarse one. What a framing
 * makes of the bytes is asked of the framing: a Remaining Length or an end of a line stands where only it knows.
 */

import { type Framing, MORE } from '../framing/framing.ts';
import type { Draws } from './draws.ts';
import type { Replacement } from './fault.ts';
import type { Passage } from './passage.ts';

/** Bits that are tried until one does not change how the message is cut. */
const MOST_TRIES = 64;
/** Place of the first draw: those before it are for whether it happens. */
const FIRST_DRAW = 4;

/**
 * @param wire the unit, with all that was changed about it before
 * @param anywhere also where the framing would cut otherwise then
 * @returns undefined where no bit can be turned over
 */
export function corrupted(
  wire: Uint8Array,
  { carrier, framing: own }: Pick<Passage, 'carrier' | 'framing'>,
  anywhere: boolean,
  draws: Draws,
): Replacement | undefined {
  const framing = anywhere || carrier !== 'stream' ? undefined : own;
  const [from, to] = framing ? rangeOf(framing, wire) : [0, wire.length];
  if (to <= from) return undefined;
  const length = framing && cutLength(framing, wire);
  const bytes = Uint8Array.from(wire);
  for (let attempt = 0; attempt < MOST_TRIES; attempt++) {
    const bit = draws.below(FIRST_DRAW + attempt, (to - from) * 8);
    const at = from + (bit >>> 3);
    const was = bytes[at];
    bytes[at] = was ^ (1 << (bit & 7));
    if (!framing || (cutLength(framing, bytes) === length && isRange(rangeOf(framing, bytes), from, to)))
      return { bytes, note: `byte ${at} = ${shown(bytes[at])} (was ${shown(was)})` };
    bytes[at] = was;
  }
  return undefined;
}

/** What the framing hides is the same: the last byte of a line may have become part of its end. */
function isRange([first, end]: readonly [number, number], from: number, to: number): boolean {
  return first === from && end === to;
}

/** The bytes of a message that are not the framing's alone. */
function rangeOf(framing: Framing, wire: Uint8Array): readonly [from: number, to: number] {
  const { length } = wire;
  const head = framing.hiddenOf?.(wire, 0, length) ?? framing.hidden;
  const tail = framing.hiddenAtEndOf?.(wire, 0, length) ?? framing.hiddenAtEnd ?? 0;
  return [Math.min(head, length), length - tail];
}

function cutLength(framing: Framing, wire: Uint8Array): number {
  if (wire.length < framing.headLength) return MORE;
  return framing.lengthOf(wire, 0, wire.length, 0, new Float64Array(framing.notes ?? 0));
}

function shown(byte: number): string {
  return `0x${byte.toString(16).padStart(2, '0')}`;
}
