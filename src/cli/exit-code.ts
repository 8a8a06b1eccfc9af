/**
 * Exit codes, the same for every command. What went wrong on the way outweighs what was found: a report on half a
 * capture is no verdict. A bug of ours is never mistaken for a finding.
 */
import type { RunReport } from '../report/run-report.ts';
import { isReached, type Threshold } from '../report/threshold.ts';

/** Nothing at or above the threshold. */
export const OK = 0;
/** Findings at or above the threshold. */
export const FINDINGS = 1;
/**
 * The command line cannot be followed: an unknown option, a wrong value, an output that cannot be written, no working
 * directory to be in, too few files that may be open.
 */
export const USAGE = 2;
/** A capture is unreadable or incomplete, or reading was interrupted; what could be read was reported. */
export const CAPTURE = 3;
/** Nothing to check: not one message of a known protocol. */
export const EMPTY = 4;
/** Nothing else is wrong, but the command that was run through the proxy failed. */
export const COMMAND_FAILED = 5;
/** Our own fault (EX_SOFTWARE of sysexits.h). */
export const INTERNAL = 70;

/** What came of reading the captures. */
export interface ReadingOutcome {
  /** Captures that could not be opened at all, each with its reason. */
  readonly unreadable: readonly string[];
  /** One ended before its end, or says so. */
  readonly incomplete: boolean;
  readonly interrupted: boolean;
}

export interface Allowances {
  readonly allowIncomplete: boolean;
  readonly allowEmpty: boolean;
}

/** The code for what reading met, or `OK`: an incomplete capture can be allowed, a missing or unfinished one cannot. */
export function readingCode(outcome: ReadingOutcome, allow: Allowances): number {
  if (outcome.unreadable.length > 0 || outcome.interrupted) return CAPTURE;
  return outcome.incomplete && !allow.allowIncomplete ? CAPTURE : OK;
}

export function checkCode(summary: RunReport['summary'], threshold: Threshold, allow: Allowances): number {
  // A stream that was cut inside its first message has findings, and no message.
  if (summary.messages === 0 && !allow.allowEmpty) return EMPTY;
  return isReached(threshold, summary) ? FINDINGS : OK;
}
