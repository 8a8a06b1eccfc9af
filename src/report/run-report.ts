/**
 * The outcome of one run as plain data: what every report is made from, and the only thing a report may look at.
 * Counts are exact; the listings of findings and connections are capped, and `omitted` says by how much.
 */
import type { CaptureFacts } from '../capture/source.ts';
import type { Reason } from '../lint/doubt.ts';
import type { Finding, Timestamp } from '../lint/finding.ts';
import type { Severity } from '../lint/rule.ts';

export type Verdict = 'conformant' | 'violations' | 'inconclusive';

export interface RuleTally {
  readonly id: string;
  /** Severity in force in this run; `off` rules are not in the list. */
  readonly severity: Severity;
  /** Times the rule had something to judge and could; `broken` of them were broken. */
  readonly checked: number;
  readonly broken: number;
  /** Of the broken ones: warnings, where the rule is an error. */
  readonly milder: number;
  /** Times it had something to judge and could not. */
  readonly inconclusive: number;
}

/** A rule's tally in one capture. */
export interface CaptureRuleTally extends RuleTally {
  /** Times it was broken that the report was asked to leave out (`-Y`); not in `broken`, and not passed either. */
  readonly unasked: number;
  /** Times it was broken that a baseline accepts; not in `broken`, and no failure. */
  readonly accepted: number;
}

/** What became of the rules of one protocol in one capture that holds traffic of it. */
export interface CaptureTally {
  /** Index into the run's captures. */
  readonly capture: number;
  readonly protocol: string;
  readonly connections: number;
  readonly messages: number;
  readonly rules: readonly CaptureRuleTally[];
}

/** A legal step of a side that sends something. */
export interface Step {
  readonly role: string;
  readonly state: string;
  readonly event: string;
  /** Where what is legal depends on what was sent before: in words. */
  readonly condition: string | null;
  readonly next: string;
  /** How often it was taken. */
  readonly taken: number;
}

/** A way of a side from one state to another. */
export interface Move {
  readonly role: string;
  readonly from: string;
  readonly to: string;
  readonly taken: number;
}

export interface MachineCoverage {
  /** States that some side was in. */
  readonly states: readonly string[];
  /** By state: how many messages were sent in it, legal or not. */
  readonly sentIn: Readonly<Record<string, number>>;
  /** By role, what led from one state to another, by sending or by receiving, and how often: those that were taken. */
  readonly moves: readonly Move[];
  /** Legal steps of senders that were taken at least once, of how many there are. */
  readonly transitions: { readonly exercised: number; readonly total: number };
  /** All of them. */
  readonly steps: readonly Step[];
}

export interface Coverage extends MachineCoverage {
  /** Messages seen, by name; a message that was never seen is there with 0. */
  readonly messages: Readonly<Record<string, number>>;
}

export interface ProtocolReport {
  readonly id: string;
  readonly connections: number;
  readonly messages: number;
  /** Option -> value in force; what `auto` settled on, or a list where connections differed. */
  readonly dialect: Readonly<Record<string, string | readonly string[]>>;
  readonly rules: readonly RuleTally[];
  readonly coverage: Coverage;
}

export interface ConnectionReport {
  readonly id: number;
  readonly protocol: string;
  readonly capture: number;
  readonly client: string;
  readonly server: string;
  readonly start: Timestamp;
  readonly end: Timestamp;
  readonly state: string;
  readonly messages: number;
  readonly verdict: Verdict;
  /** Why it is inconclusive; empty for another verdict. */
  readonly reasons: readonly Reason[];
}

export interface RunSummary {
  readonly packets: number;
  readonly messages: number;
  readonly connections: number;
  readonly errors: number;
  readonly warnings: number;
  readonly infos: number;
  /** Findings that a baseline accepts; nowhere else in the report. */
  readonly accepted: number;
  /** Connections whose verdict is inconclusive. */
  readonly inconclusive: number;
  readonly verdict: Verdict;
}

/** Something that happened in a connection, for those who tell what was said in it. */
export type Exchange =
  | {
      readonly kind: 'message';
      readonly frame: number;
      readonly time: Timestamp;
      readonly name: string;
      readonly fromClient: boolean;
    }
  /** Messages that are left out. */
  | { readonly kind: 'gap'; readonly messages: number };

/** What became of one capture. */
export interface CaptureResult {
  readonly messages: number;
  readonly connections: number;
  readonly errors: number;
  readonly warnings: number;
  readonly infos: number;
  readonly inconclusive: number;
  readonly verdict: Verdict;
}

export interface RunReport {
  readonly captures: readonly CaptureFacts[];
  /** By capture. */
  readonly results: readonly CaptureResult[];
  readonly summary: RunSummary;
  readonly protocols: readonly ProtocolReport[];
  /** By capture, then as the protocols. They add up to the rules of `protocols`. */
  readonly tallies: readonly CaptureTally[];
  /** Those with a finding or an inconclusive verdict, or all, as the caller asked; by id. */
  readonly connections: readonly ConnectionReport[];
  /** By capture, frame, then order of discovery. */
  readonly findings: readonly Finding[];
  /** Not listed because a bound was hit. */
  readonly omitted: { readonly findings: number; readonly connections: number };
  /** One line for each thing a reader of the numbers must know: bounds that were hit, traffic that was not understood. */
  readonly notes: readonly string[];
}
