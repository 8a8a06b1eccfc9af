/**
 * The flows of one capture, divided: those of a pair of hosts are one share's, whichever transport they use. All shares read
 * all frames as far as their hosts: what a share does not own ends there. Copies, fragments and what cannot be decoded are the
 * business of the share that owns the hosts, and of the first one where there are none.
 */
import { CLASSES } from '../net/hosts.ts';
import type { Limits } from '../protocol/limits.ts';

/** A plain value, to be handed to whoever judges it. */
export interface FlowShare {
  /** From 0. */
  readonly index: number;
  /** Shares that there are. */
  readonly of: number;
  /** Classes of pairs of hosts that are its own, bit by bit. */
  readonly classes: number;
}

/** Classes are dealt out to the shares. */
export const MOST_SHARES = CLASSES;

/**
 * As many shares, each with a part of the work: the heaviest class goes to the lightest share, and so on.
 * @param weights by class, in any unit
 */
export function sharesOf(of: number, weights: readonly number[] = []): FlowShare[] {
  const shares = Array.from({ length: of }, (_, index) => ({ index, of, classes: 0, weight: 0 }));
  // What was not seen before is not seen to be nothing.
  const work = Array.from({ length: CLASSES }, (_, each) => ({ each, weight: (weights[each] ?? 0) + 1 }));
  for (const { each, weight } of work.sort((one, other) => other.weight - one.weight)) {
    const lightest = shares.reduce((one, other) => (other.weight < one.weight ? other : one));
    lightest.classes |= 1 << each;
    lightest.weight += weight;
  }
  return shares.map(({ weight: _, ...share }) => share);
}

/** Bounds over all flows of a capture. The others hold for a connection, a flow or a host, or for what all shares see alike. */
const OVER_ALL = [
  'flows',
  'fragments',
  'fragment-bytes',
  'reassembly-bytes',
  'message-bytes',
  'candidate-flows',
  'candidate-bytes',
  'hosts',
  'message-ids',
  'requests',
  'sessions',
  'announced-files',
  'pending-signatures',
  'held-findings',
] as const satisfies readonly (keyof Limits)[];

/**
 * Each share gets its part of what goes over all flows: where none has hit its own, all of them together have not hit the whole
 * one. Where one has, the capture is judged as a whole.
 */
export function limitsOf({ of }: Pick<FlowShare, 'of'>, limits: Limits): Limits {
  return { ...limits, ...Object.fromEntries(OVER_ALL.map(name => [name, Math.max(1, Math.floor(limits[name] / of))])) };
}

/** Is there of each bound a part for each share? */
export function isDivisible({ of }: Pick<FlowShare, 'of'>, limits: Limits): boolean {
  return OVER_ALL.every(name => limits[name] >= of);
}

/** Bounds of one connection or session, which shares hit as often as the whole does. */
export const OF_ONE_CONNECTION: readonly string[] = [
  'session-connections',
  'connection-cookies',
  'connection-requests',
] satisfies readonly (keyof Limits)[];
