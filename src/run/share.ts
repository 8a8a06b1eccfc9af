/**
 * The flows of one capture, divided: those of a pair of hosts are one share's, whichever transport they use. All shares read
 * all frames, and each decodes all of them up to the transport: copies, fragments and what cannot be decoded are the same in
 * all, as they are in the capture as a whole. What a share does not own ends there.
 */
import type { Packet } from '../net/packet.ts';
import type { Limits } from '../protocol/limits.ts';

/** A plain value, to be handed to whoever judges it. */
export interface FlowShare {
  /** From 0. */
  readonly index: number;
  /** Shares that there are. */
  readonly of: number;
}

/** Pairs of hosts fall into so many classes, which are dealt out to the shares; `Strangers` keeps the classes apart. */
export const CLASS_BITS = 4;
export const MOST_SHARES = 1 << CLASS_BITS;

/** Class of the two hosts of a packet, whichever way it goes. */
export function classOf(packet: Packet): number {
  // The sum, too: of a host that speaks with itself nothing else is left.
  let hash = packet.source0 ^ packet.destination0 ^ Math.imul(packet.source0 + packet.destination0, 0x7feb352d);
  if (packet.family === 6) {
    hash ^= Math.imul(packet.source1 ^ packet.destination1, 0x1e3779b1);
    hash ^= Math.imul(packet.source2 ^ packet.destination2, 0x45ebca6b);
    hash ^= Math.imul(packet.source3 ^ packet.destination3, 0x2545f491);
  }
  hash = Math.imul(hash ^ (hash >>> 15), 0x6c8e9cf5);
  hash = Math.imul(hash ^ (hash >>> 13), 0x2c1b3c6d);
  return (hash ^ (hash >>> 16)) & (MOST_SHARES - 1);
}

/** Bounds over all flows of a capture. The others hold for a connection, a flow or a host, or for what all shares see alike. */
const OVER_ALL = [
  'flows',
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

/** Bounds of one connection or session, which shares hit as often as the whole does. */
export const OF_ONE_CONNECTION: readonly string[] = [
  'session-connections',
  'connection-cookies',
  'connection-requests',
] satisfies readonly (keyof Limits)[];
