/**
 * What the judge needs of the connections that it judges: whose they are, and a place for what came of it. They are kept
 * elsewhere, by what follows them; a connection is a slot, small and reused.
 */
import type { Doubt } from './doubt.ts';
import type { Basis, Severity } from './rule.ts';

export interface JudgedConnections {
  /** The run's number of the connection, from 1. */
  number(slot: number): number;
  flow(slot: number): number;
  /** The printed end 0 or 1 of its flow. */
  endpoint(slot: number, side: number): string;
  /** Could something about it not be judged? */
  isInconclusive(slot: number): boolean;
  /** Something about it cannot be judged, and why. */
  markInconclusive(slot: number, doubt: Doubt): void;
  /** Something casts doubt on its flow. */
  markDoubted(slot: number, doubt: Doubt): void;
  markFinding(slot: number, severity: Severity, basis: Basis): void;
  /** The same of what is said once a run. @param isFirst nothing before it in this run has said it */
  markRemark(slot: number, severity: Severity, basis: Basis, key: string, isFirst: boolean): void;
  /** A fault came up that the capture may have made by missing something. @param words in those of the case */
  markExcused(slot: number, severity: Severity, doubt: Doubt, words?: string): void;
}
