/**
 * The outcome of one run as plain data: what every report is made from, and the only thing a report may look at. Its parts,
 * findings, verdicts and tallies, are made and described in `lint/`. Counts are exact; the listings of findings and connections are capped, and `omitted` says by how much.
 */
import type { CaptureFacts } from '../capture/source.ts';
import type { Finding } from '../lint/finding.ts';
import type { CaptureTally, RuleTally } from '../lint/tally.ts';
import type { ConnectionReport, Verdict, ViewOfSide } from '../lint/verdict.ts';
import type { MachineCoverage } from '../protocol/coverage.ts';
import type { StatementOutcome } from '../protocol/statements.ts';
import type { Departure } from './departure.ts';
import type { Interference } from './interference.ts';

export interface Coverage extends MachineCoverage {
  /** Messages seen, by name; a message that was never seen is there with 0. */
  readonly messages: Readonly<Record<string, number>>;
}

export interface DormantRule {
  readonly id: string;
  /** What it would take, as the command line spells it: `mqtt.sees=broker`. */
  readonly onlyWith: string;
}

export interface ProtocolReport {
  readonly id: string;
  readonly connections: number;
  readonly messages: number;
  /** Option -> value in force; what `auto` settled on, or a list where connections differed. */
  readonly dialect: Readonly<Record<string, string | readonly string[]>>;
  readonly rules: readonly RuleTally[];
  /** Rules that are in force under another dialect only, if there are such; they are not among `rules`. */
  readonly dormant?: readonly DormantRule[];
  readonly coverage: Coverage;
  /** Of a protocol whose specification numbers them, where they were asked for; of all that was found, whatever a filter or a baseline leaves. */
  readonly statements?: readonly StatementOutcome[];
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
  /**
   * Where the proxy has interfered: what a peer seems to have broken as the other one saw it, and has not as it was given
   * what it answered. Nobody's fault but ours, counted nowhere; by frame.
   */
  readonly induced?: readonly Finding[];
  /** What the proxy has done on purpose to what passed, if it has. */
  readonly interference?: Interference;
  /** Where one side's faults count alone: what was found of both. */
  readonly view?: ViewOfSide;
  /** Not listed because a bound was hit. `induced`: at most that many more of these. */
  readonly omitted: { readonly findings: number; readonly connections: number; readonly induced?: number };
  /** Of a replay: where the live conversation went another way than the recorded one; absent for every other run. */
  readonly departures?: readonly Departure[];
  /** One line for each thing a reader of the numbers must know: bounds that were hit, traffic that was not understood. */
  readonly notes: readonly string[];
}
