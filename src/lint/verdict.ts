/**
 * What a run says of one connection, as plain data: whose it is, how far it went, and its verdict. Made where connections
 * are kept, read by everyone who reports.
 */
import type { Reason } from './doubt.ts';
import type { Finding, Timestamp } from './finding.ts';

export type Verdict = 'conformant' | 'violations' | 'inconclusive';
/** The same of a connection that may not be over: `open` is not conformant yet. */
export type Standing = Verdict | 'open';

export interface ConnectionReport {
  readonly id: number;
  readonly protocol: string;
  readonly capture: number;
  readonly client: string;
  readonly server: string;
  readonly start: Timestamp;
  readonly end: Timestamp;
  readonly state: string;
  /** What its protocol has to say of it, for people, in a few words; absent where that is nothing. Untrusted text. */
  readonly about?: string;
  readonly messages: number;
  readonly verdict: Verdict;
  /** Why it is inconclusive; empty for another verdict. */
  readonly reasons: readonly Reason[];
}

/** What a report says beyond its own findings where one side's faults count alone. */
export interface ViewOfSide {
  /** All that was found, no matter who is at fault, in the order of findings. */
  readonly found: readonly Finding[];
  /** At fault of the other side, and not among them because a bound was hit. */
  readonly omitted: number;
}
