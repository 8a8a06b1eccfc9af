/**
 * Every bound of the program that a capture can run into, by name. `--limit NAME=VALUE` sets one; hitting one is
 * reported, and never turns into a finding against a peer.
 *
 * The list is closed, so that `--limit` can refuse an unknown name. A protocol of somebody else's takes those
 * that mean what it needs; what else it must bound is a constant of its own, and is reported with its value (`OwnBound`).
 */

export interface Limits {
  /** Flows followed at once; beyond it the least recently seen one is given up. */
  readonly flows: number;
  /** Seconds of capture time after which a silent flow is given up, where a quarter of `flows` or more are followed. */
  readonly 'flow-idle': number;
  /** Datagrams under reassembly at once, bytes held for them, and seconds until one is given up. */
  readonly fragments: number;
  readonly 'fragment-bytes': number;
  readonly 'fragment-idle': number;
  /** Bytes of TCP segments that wait for an earlier one: over all connections, and in one direction of one. */
  readonly 'reassembly-bytes': number;
  readonly 'reassembly-stream-bytes': number;
  /** Bytes of messages that are not complete yet, over all connections. */
  readonly 'message-bytes': number;
  /** Bytes of stream content remembered to compare retransmissions with, over all connections. */
  readonly 'stream-memory': number;
  /** Flows whose protocol is not known yet, datagrams or stream bytes kept for each, and bytes kept for all of them. */
  readonly 'candidate-flows': number;
  readonly 'candidate-datagrams': number;
  readonly 'candidate-stream-bytes': number;
  readonly 'candidate-bytes': number;
  /** Hosts whose tags are watched, and tags remembered for each. */
  readonly hosts: number;
  readonly 'host-tags': number;
  /** Connections remembered of one session that carries many at once, those that are over included. */
  readonly 'session-connections': number;
  /** Cookies remembered that were issued to one connection. */
  readonly 'connection-cookies': number;
  /** Ids of messages and of chunks remembered, over all connections. */
  readonly 'message-ids': number;
  /** Requests remembered until they are answered: of one connection, and over all. */
  readonly 'connection-requests': number;
  readonly requests: number;
  /** Sessions, or other state beyond a flow, remembered by a key, of one protocol. */
  readonly sessions: number;
  /** Files remembered that were announced, over all connections. */
  readonly 'announced-files': number;
  /** Signatures that are being verified at once. */
  readonly 'pending-signatures': number;
  /** Findings held at once until the conversation tells whether they stand, of each protocol. */
  readonly 'held-findings': number;
  /** Frames of a capture that `--sort` puts in order, at 32 bytes each. */
  readonly 'sort-frames': number;
  /** Flows that the proxy keeps open at once; of UDP the one silent longest goes, further streams are refused. */
  readonly 'proxy-flows': number;
  /** Bytes that may wait in the proxy for one side of a flow, and for the disk that a recording goes to. */
  readonly 'proxy-bytes': number;
  readonly 'recording-bytes': number;
  /** Values of a field that messages are counted by; those beyond are counted together. */
  readonly 'counted-values': number;
  /** Flows of no known protocol that `inspect` lists. */
  readonly 'unknown-flows': number;
  /** Findings listed in all, and connections listed of each kind. */
  readonly findings: number;
  readonly connections: number;
}

/** A bound that `--limit` does not set, with its value: `history=1000`. */
export type OwnBound = `${string}=${number}`;

/** A bound, as the code that hits it names it. */
export type BoundName = keyof Limits | OwnBound;

export const DEFAULT_LIMITS: Limits = {
  flows: 262_144,
  'flow-idle': 600,
  fragments: 8_192,
  'fragment-bytes': 32 * 1024 * 1024,
  'fragment-idle': 30,
  'reassembly-bytes': 64 * 1024 * 1024,
  'reassembly-stream-bytes': 1024 * 1024,
  'message-bytes': 64 * 1024 * 1024,
  'stream-memory': 16 * 1024 * 1024,
  'candidate-flows': 4_096,
  'candidate-datagrams': 8,
  'candidate-stream-bytes': 64 * 1024,
  'candidate-bytes': 8 * 1024 * 1024,
  hosts: 65_536,
  'host-tags': 4_096,
  'session-connections': 4_096,
  'connection-cookies': 8,
  'message-ids': 1_048_576,
  'connection-requests': 1_024,
  requests: 65_536,
  sessions: 65_536,
  'announced-files': 262_144,
  'pending-signatures': 4_096,
  'held-findings': 65_536,
  'sort-frames': 16_777_216,
  'proxy-flows': 16_384,
  'proxy-bytes': 256 * 1024,
  'recording-bytes': 64 * 1024 * 1024,
  'counted-values': 10_000,
  'unknown-flows': 4_096,
  findings: 25_000,
  connections: 10_000,
};
