/**
 * The limits in words, for `wirelint help limits`: what each one counts, and what happens at it. The names and the defaults
 * are those of src/protocol/limits.ts; a limit without words does not compile.
 */
import type { Limits } from '../protocol/limits.ts';

export interface LimitWords {
  /** What the number counts. */
  readonly unit: string;
  readonly meaning: string;
}

export const LIMIT_WORDS: Readonly<Record<keyof Limits, LimitWords>> = {
  flows: { unit: 'flows', meaning: 'Followed at once. Beyond it, the flow that was silent longest is given up.' },
  'flow-idle': {
    unit: 'seconds',
    meaning:
      'Capture time after which a silent flow is given up, once there are a quarter as many flows as the limit allows.',
  },
  fragments: { unit: 'datagrams', meaning: 'IP datagrams being reassembled at once.' },
  'fragment-bytes': { unit: 'bytes', meaning: 'Fragments held for all those datagrams.' },
  'fragment-idle': { unit: 'seconds', meaning: 'Time after which an unfinished datagram is given up.' },
  'reassembly-bytes': {
    unit: 'bytes',
    meaning: 'TCP segments that wait for an earlier one, over all connections.',
  },
  'reassembly-stream-bytes': { unit: 'bytes', meaning: 'The same in one direction of one connection.' },
  'message-bytes': { unit: 'bytes', meaning: 'Messages that are not complete yet, over all connections.' },
  'stream-memory': {
    unit: 'bytes',
    meaning: 'Stream content kept to compare retransmissions with, over all connections.',
  },
  'candidate-flows': { unit: 'flows', meaning: 'Flows whose protocol is not known yet.' },
  'candidate-datagrams': { unit: 'datagrams', meaning: 'Kept for each of those flows.' },
  'candidate-stream-bytes': { unit: 'bytes', meaning: 'Kept for each of those flows, of a stream.' },
  'candidate-bytes': { unit: 'bytes', meaning: 'Kept for all of those flows.' },
  hosts: { unit: 'hosts', meaning: 'Hosts whose tags are watched.' },
  'host-tags': { unit: 'tags', meaning: 'Tags remembered for each host.' },
  'session-connections': {
    unit: 'connections',
    meaning: 'Remembered of one session that carries many, those that are over included.',
  },
  'connection-cookies': { unit: 'cookies', meaning: 'Remembered of those issued to one connection.' },
  'message-ids': { unit: 'ids', meaning: 'Ids of messages and chunks remembered, over all connections.' },
  'connection-requests': { unit: 'requests', meaning: 'Unanswered requests remembered of one connection.' },
  requests: { unit: 'requests', meaning: 'The same over all connections.' },
  sessions: { unit: 'sessions', meaning: 'Sessions of one protocol, and other state that outlives a flow.' },
  'announced-files': { unit: 'files', meaning: 'Announced files remembered, over all connections.' },
  'pending-signatures': { unit: 'signatures', meaning: 'Signatures being verified at once.' },
  'held-findings': {
    unit: 'findings',
    meaning: 'Findings of one protocol that wait until the conversation shows whether they stand.',
  },
  'sort-frames': { unit: 'frames', meaning: 'Frames of a capture that --sort puts in order, at 32 bytes each.' },
  'proxy-flows': {
    unit: 'flows',
    meaning:
      'Flows that proxy keeps open at once. Beyond it, the UDP flow that was silent longest is closed, and new streams are refused.',
  },
  'proxy-bytes': { unit: 'bytes', meaning: 'Bytes that may wait in proxy for one side of a flow.' },
  'recording-bytes': { unit: 'bytes', meaning: 'Bytes of a recording that may wait for the disk.' },
  'counted-values': {
    unit: 'values',
    meaning: 'Values that dissect --count-by counts apart. The others are counted together.',
  },
  'unknown-flows': {
    unit: 'flows',
    meaning: 'Flows of no known protocol that inspect lists, over all captures. Packets of further ones are counted.',
  },
  findings: { unit: 'findings', meaning: 'Findings listed in all.' },
  connections: { unit: 'connections', meaning: 'Connections listed of each kind.' },
};
