/** What a judge is made of: the rules of a protocol as the run has them, and where its findings, connections and bounds are. */
import type { CaptureEvidence } from './capture-evidence.ts';
import type { FindingList } from './finding-list.ts';
import type { JudgedConnections } from './judged.ts';
import type { Rule, RuleDocument, SeveritySetting } from './rule.ts';

/** Only what one end of each flow breaks counts. */
export interface OneEnd {
  /** 0 for the end that has opened the flow, or 1. */
  readonly end: number;
  /** What the other end breaks: kept here, not counted, and on its connection no fault. What a capture may lack stays doubtful. */
  readonly apart: FindingList;
}

export interface JudgeOptions<Context> {
  readonly protocol: string;
  readonly specification: string;
  readonly rules: readonly Rule<Context>[];
  /** Message names in the order of the type numbers that `judge` is called with. */
  readonly messages: readonly string[];
  /** Editions that the counts are kept apart by, see `Subject.edition`; none if absent. */
  readonly editions?: readonly string[];
  readonly severities: ReadonlyMap<string, SeveritySetting>;
  /** False for a rule that this run has no use for, whatever its severity; absent, all are in force. */
  readonly isInForce?: (rule: RuleDocument) => boolean;
  readonly capture: number;
  readonly connections: JudgedConnections;
  readonly findings: FindingList;
  /** Absent where what both ends break counts. */
  readonly oneEnd?: OneEnd | undefined;
  readonly capturing?: CaptureEvidence;
  /** Findings held at once. */
  readonly mostHeld?: number;
  /** Called when that bound is hit. */
  readonly onHeldBound?: () => void;
}
