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
}

/** Classes are dealt out to the shares. */
export const MOST_SHARES = CLASSES;

/** Bit by bit: the classes of a share. */
export function maskOf({ index, of }: FlowShare): number {
  let mask = 0;
  for (let each = index; each < CLASSES; each += of) mask |= 1 << each;
  return mask;
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
export function limitsOf({ of }: FlowShare, limits: Limits): Limits {
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
