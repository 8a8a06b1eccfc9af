/**
 * Every bound of the program that a capture can run into, by name. `--limit NAME=VALUE` sets one; hitting one is
 * reported, and never turns into a finding against a peer.
 */

export interface Limits {
  /** Flows followed at once; beyond it the least recently seen one is given up. */
  readonly flows: number;
  /** Seconds of capture time after which a silent flow is given up. */
  readonly 'flow-idle': number;
  /** Datagrams under reassembly at once, bytes held for them, and seconds until one is given up. */
  readonly fragments: number;
  readonly 'fragment-bytes': number;
  readonly 'fragment-idle': number;
  /** Bytes of stream content remembered to compare retransmissions with, over all connections. */
  readonly 'stream-memory': number;
  /** Flows whose protocol is not told yet, datagrams kept for each, and bytes kept for all of them. */
  readonly 'candidate-flows': number;
  readonly 'candidate-datagrams': number;
  readonly 'candidate-bytes': number;
  /** Hosts whose tags are watched, and tags remembered for each. */
  readonly hosts: number;
  readonly 'host-tags': number;
  /** Findings listed in all, and connections listed of each kind. */
  readonly findings: number;
  readonly connections: number;
}

export const DEFAULT_LIMITS: Limits = {
  flows: 262_144,
  'flow-idle': 600,
  fragments: 8_192,
  'fragment-bytes': 32 * 1024 * 1024,
  'fragment-idle': 30,
  'stream-memory': 16 * 1024 * 1024,
  'candidate-flows': 4_096,
  'candidate-datagrams': 8,
  'candidate-bytes': 8 * 1024 * 1024,
  hosts: 65_536,
  'host-tags': 4_096,
  findings: 25_000,
  connections: 10_000,
};
