/** A small hand-made run: one connection with a finding of each severity, one inconclusive, and a cut capture. */

import type { CaptureFacts } from '../../src/capture/source.ts';
import { doubtBit, reasonsOf } from '../../src/lint/doubt.ts';
import type { Finding } from '../../src/lint/finding.ts';
import type { CaptureRuleTally } from '../../src/lint/tally.ts';
import type { RunReport } from '../../src/report/run-report.ts';

export function capture(changes: Partial<CaptureFacts> = {}): CaptureFacts {
  return {
    path: 'lossy.pcap',
    format: 'pcap',
    description: 'pcap, little-endian, microseconds',
    linkTypes: [1],
    packets: 13000,
    bytes: 1_234_567,
    firstTime: { seconds: 1_700_000_000, nanoseconds: 123_456_000, digits: 6 },
    lastTime: { seconds: 1_700_000_060, nanoseconds: 0, digits: 6 },
    dropped: 0,
    dropsCounted: false,
    knownComplete: false,
    complete: true,
    ...changes,
  };
}

export function finding(changes: Partial<Finding> = {}): Finding {
  return {
    ruleId: 'mnet/tag-mismatch',
    severity: 'error',
    message: 'the tag of DATA is 112233, though its sender chose 445566 in the INIT of this connection',
    capture: 0,
    frame: 1014,
    time: { seconds: 1_700_000_001, nanoseconds: 500_000_000 },
    protocol: 'mnet',
    connection: 3,
    from: '127.0.0.1:50185',
    to: '127.0.0.1:26999',
    atFault: '127.0.0.1:50185',
    messageName: 'DATA',
    state: 'ESTABLISHED',
    bytes: { offset: 1, length: 3 },
    expected: 'tag 445566',
    actual: 'tag 112233',
    restsOn: 'bytes',
    spec: { document: 'MNET', clause: 'DATA, Connection Tag' },
    relatedFrames: [3, 7],
    excerpt: {
      offset: 0,
      bytes: Uint8Array.from(Buffer.from('001122330000002800000000000441421b5b', 'hex')),
      messageLength: 18,
      position: 0,
    },
    ...changes,
  };
}

/** What the proxy did in a run with faults and an attack, and what came of it. */
export function interfered(): Pick<RunReport, 'induced' | 'interference'> {
  const time = { seconds: 1_700_000_001, nanoseconds: 250_000_000 };
  const ends = { from: '127.0.0.1:50185', to: '127.0.0.1:26999' };
  const deed = { frame: 1013, time, connection: 3, ...ends, messageName: 'DATA', note: '' };
  const changed = 'mnet.tag = 112233 (was 445566)';
  return {
    induced: [finding({ frame: 1013, message: 'the tag of DATA is 112233', connection: 3 })],
    interference: {
      seed: 42,
      faults: [
        { cause: 'drop=5%', by: 'fault', deed: 'drop', count: 1_234 },
        { cause: 'wrong-tag', by: 'attack', deed: 'replace', count: 1 },
      ],
      deeds: [
        { ...deed, deed: 'drop', cause: 'drop=5%' },
        { ...deed, deed: 'replace', cause: 'wrong-tag', note: changed },
      ],
      reactions: [
        {
          rule: 'mnet/tag-mismatch',
          cause: 'wrong-tag',
          frame: 1013,
          connection: 3,
          reaction: 'aborted',
          by: '127.0.0.1:26999',
          messages: ['ABORT'],
        },
      ],
      omitted: { deeds: 1_233, reactions: 0 },
    },
  };
}

/** The rules of the sample's protocol in its capture. */
export const RULES: readonly CaptureRuleTally[] = [
  {
    id: 'mnet/tag-mismatch',
    severity: 'error',
    checked: 1200,
    broken: 1,
    milder: 0,
    inconclusive: 0,
    unasked: 0,
    accepted: 0,
  },
  {
    id: 'mnet/length',
    severity: 'error',
    checked: 1200,
    broken: 0,
    milder: 0,
    inconclusive: 0,
    unasked: 0,
    accepted: 0,
  },
  {
    id: 'mnet/sequence-gap',
    severity: 'warning',
    checked: 3,
    broken: 0,
    milder: 0,
    inconclusive: 2,
    unasked: 0,
    accepted: 0,
  },
  {
    id: 'mnet/shutdown-incomplete',
    severity: 'warning',
    checked: 4,
    broken: 1,
    milder: 0,
    inconclusive: 0,
    unasked: 0,
    accepted: 0,
  },
  {
    id: 'mnet/ambiguous-reading',
    severity: 'info',
    checked: 1,
    broken: 1,
    milder: 0,
    inconclusive: 0,
    unasked: 0,
    accepted: 0,
  },
  {
    id: 'mnet/bad-magic',
    severity: 'error',
    checked: 0,
    broken: 0,
    milder: 0,
    inconclusive: 0,
    unasked: 0,
    accepted: 0,
  },
];

const RESULT = {
  ...{ messages: 12345, connections: 14, errors: 1, warnings: 1, infos: 1, inconclusive: 1 },
  verdict: 'violations',
} as const;

export function report(changes: Partial<RunReport> = {}): RunReport {
  return {
    captures: [capture()],
    summary: {
      packets: 13000,
      messages: 12345,
      connections: 14,
      errors: 1,
      warnings: 1,
      infos: 1,
      accepted: 0,
      inconclusive: 1,
      verdict: 'violations',
    },
    protocols: [
      {
        id: 'mnet',
        connections: 14,
        messages: 12345,
        dialect: { byteOrder: 'little', tags: ['sender', 'receiver'] },
        rules: [
          { id: 'mnet/tag-mismatch', severity: 'error', checked: 1200, broken: 1, milder: 0, inconclusive: 0 },
          { id: 'mnet/length', severity: 'error', checked: 1200, broken: 0, milder: 0, inconclusive: 0 },
          { id: 'mnet/sequence-gap', severity: 'warning', checked: 3, broken: 0, milder: 0, inconclusive: 2 },
          { id: 'mnet/ambiguous-reading', severity: 'info', checked: 1, broken: 1, milder: 0, inconclusive: 0 },
          { id: 'mnet/bad-magic', severity: 'error', checked: 0, broken: 0, milder: 0, inconclusive: 0 },
        ],
        coverage: {
          messages: { DATA: 12341, INIT: 4, ABORT: 0 },
          states: ['CLOSED', 'ESTABLISHED'],
          moves: [{ role: 'connector', from: 'NEW', to: 'COOKIE-WAIT', taken: 3 }],
          sentIn: { CLOSED: 3, ESTABLISHED: 12342 },
          transitions: { exercised: 12, total: 30 },
          steps: [
            { role: 'connector', state: 'CLOSED', event: 'INIT', condition: null, next: 'COOKIE-WAIT', taken: 3 },
            { role: 'listener', state: 'CLOSED', event: 'ABORT', condition: null, next: 'ABORTED', taken: 0 },
          ],
        },
      },
    ],
    tallies: [{ capture: 0, protocol: 'mnet', connections: 14, messages: 12345, rules: RULES }],
    connections: [
      {
        id: 3,
        protocol: 'mnet',
        capture: 0,
        client: '127.0.0.1:50185',
        server: '127.0.0.1:26999',
        start: { seconds: 1_700_000_000, nanoseconds: 0 },
        end: { seconds: 1_700_000_002, nanoseconds: 0 },
        state: 'ESTABLISHED',
        messages: 42,
        verdict: 'violations',
        reasons: [],
      },
      {
        id: 9,
        protocol: 'mnet',
        capture: 0,
        client: '[2001:db8::1]:50186',
        server: '[2001:db8::2]:26999',
        start: { seconds: 1_700_000_000, nanoseconds: 0 },
        end: { seconds: 1_700_000_002, nanoseconds: 0 },
        state: 'COOKIE-WAIT',
        messages: 1,
        verdict: 'inconclusive',
        reasons: reasonsOf(doubtBit('excused'), 'frame 12 acknowledges bytes that were not captured'),
      },
    ],
    findings: [
      finding({
        ruleId: 'mnet/ambiguous-reading',
        severity: 'info',
        frame: 4,
        message: "tags are read as the sender's: COOKIE-ACK carries the tag of COOKIE",
        atFault: null,
        bytes: null,
      }),
      finding(),
      finding({
        ruleId: 'mnet/shutdown-incomplete',
        severity: 'warning',
        frame: 1020,
        message: 'SHUTDOWN had no answer for 5 s',
        messageName: 'SHUTDOWN',
        atFault: '127.0.0.1:26999',
        bytes: null,
        relatedFrames: [],
        excerpt: null,
      }),
    ],
    omitted: { findings: 0, connections: 0 },
    notes: [],
    results: (changes.captures ?? [capture()]).map(() => RESULT),
    ...changes,
  };
}
