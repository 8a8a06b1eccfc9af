/**
 * What of a protocol goes from one flow to another, where the flows of a capture are divided and judged apart, those of a
 * pair of hosts together. A tracker that keeps something beyond a pair says here what it has and what it has asked for: an answer
 * that another part could have changed shows when the parts are put together, and the capture is then judged as a whole.
 */
import type { StreamMemory } from '../storage/stream-memory.ts';
import type { BoundName } from './limits.ts';

/** Keys are told apart by a hash of 53 bits: two that share one cost a second look at the capture, and nothing else. */
export type AcrossKey = string | Uint32Array;

export interface AcrossFlows {
  /** From now on what is kept under this key may be found. @param kind distinguishes the tables of one protocol */
  holds(kind: string, key: AcrossKey): void;
  /** What was looked for under this key is not here, or other parts may have had it before. */
  asks(kind: string, key: AcrossKey): void;
  /** What is asked of this memory depends on how much other flows have put in. */
  remembers(memory: StreamMemory): void;
  /** Nothing but the whole capture will do. @param reason for who looks for it: `mqtt sees the broker` */
  needsWhole(reason: string): void;
  /** Place in the capture of what is at hand: the same in all parts, and ascending. */
  readonly moment: number;
}

/** What parts add up to, where their sum is not what the whole gives. */
export interface Joint {
  /** By rule: times that it held, to be added to the sum of the parts. */
  readonly passed: ReadonlyMap<string, number>;
  /** By bound: how often the whole hits it. */
  readonly limitHits: ReadonlyMap<BoundName, number>;
}

/** 53 bits of a key. */
export function hashOfKey(protocol: string, kind: string, key: AcrossKey): number {
  let low = 0x811c9dc5;
  let high = 0x2c1b3c6d;
  const add = (word: number) => {
    low = Math.imul(low ^ word, 0x01000193);
    low ^= low >>> 15;
    high = Math.imul(high ^ word, 0x45ebca6b) + 0x1e3779b1;
    high ^= high >>> 13;
  };
  for (const text of [protocol, kind]) for (let i = 0; i < text.length; i++) add(text.charCodeAt(i));
  if (typeof key === 'string') for (let i = 0; i < key.length; i++) add(key.charCodeAt(i));
  else for (let i = 0; i < key.length; i++) add(key[i]);
  return (high >>> 0) * 2 ** 21 + (low >>> 11);
}
