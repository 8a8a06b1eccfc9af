/**
 * A finding: one broken rule in one place. Plain data that outlives the frame it came from: everything in it was
 * copied, and what came from the wire is escaped only when it is printed.
 */
import type { Citation } from './clause.ts';
import type { Basis, Severity } from './rule.ts';

/** At most this many bytes of the offending message are kept with a finding. */
export const EXCERPT_BYTES = 128;

export interface Timestamp {
  readonly seconds: number;
  /** 0..999,999,999 */
  readonly nanoseconds: number;
}

/** Bytes of a message around the offending ones. */
export interface Excerpt {
  /** From the start of the message. */
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly messageLength: number;
  /** Where the message lies, see `Message.position`. */
  readonly position: number;
}

export interface Finding {
  readonly ruleId: string;
  readonly severity: Severity;
  readonly message: string;
  /** Index into the run's captures. */
  readonly capture: number;
  readonly frame: number;
  readonly time: Timestamp;
  readonly protocol: string;
  /** Number of the connection in this run, from 1. */
  readonly connection: number;
  /** Printed endpoints: sender and receiver of the message, and who broke the rule (null for no one). */
  readonly from: string;
  readonly to: string;
  readonly atFault: string | null;
  /** The message's name, or `unknown type 0x09`. */
  readonly messageName: string;
  /** State of the sender's side when the message was sent. */
  readonly state: string;
  readonly bytes: { readonly offset: number; readonly length: number } | null;
  readonly expected: string;
  readonly actual: string;
  /** See `Evidence.mentions`. */
  readonly mentions?: number;
  readonly restsOn: Basis;
  readonly spec: Citation;
  readonly relatedFrames: readonly number[];
  readonly excerpt: Excerpt | null;
}

/** A copy that has all members itself, whatever keeps the finding. */
export function plainFinding(finding: Finding): Finding {
  const { mentions } = finding;
  return {
    ruleId: finding.ruleId,
    severity: finding.severity,
    message: finding.message,
    capture: finding.capture,
    frame: finding.frame,
    time: finding.time,
    protocol: finding.protocol,
    connection: finding.connection,
    from: finding.from,
    to: finding.to,
    atFault: finding.atFault,
    messageName: finding.messageName,
    state: finding.state,
    bytes: finding.bytes,
    expected: finding.expected,
    actual: finding.actual,
    ...(mentions !== undefined && { mentions }),
    restsOn: finding.restsOn,
    spec: finding.spec,
    relatedFrames: finding.relatedFrames,
    excerpt: finding.excerpt,
  };
}
