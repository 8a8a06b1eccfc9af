/** A run's report as text and as JSON: what the commands print, as functions. */

import { jsonReport } from '../report/json.ts';
import type { RunReport } from '../report/run-report.ts';
import { textReport } from '../report/text.ts';
import { UsageError } from '../settings/words.ts';
import { readTool } from '../version.ts';
import { type Kinds, requireKinds } from './options.ts';

export interface TextReportOptions {
  /** With escape sequences of the terminal; false by default, whatever the process's output is. */
  readonly color?: boolean | undefined;
  /** Columns to wrap at, 80 by default and at least 40. */
  readonly width?: number | undefined;
  /** Errors and the summary only. */
  readonly quiet?: boolean | undefined;
}

const KINDS: Kinds<TextReportOptions> = { color: 'flag', width: 'number', quiet: 'flag' };
const USUAL_WIDTH = 80;

/**
 * What `wirelint check` prints: lines, each with its line feed. No byte of a message is in it but as a visible mark.
 * @throws UsageError for an unknown option
 */
export function reportText(report: RunReport, options: TextReportOptions = {}): string {
  requireKinds(options, KINDS);
  const { color = false, width = USUAL_WIDTH, quiet = false } = options;
  if (Number.isNaN(width)) throw new UsageError('width: expected a number');
  return textReport(report, { color, width, quiet });
}

/** What `wirelint check --format json` prints, as `schema/report.schema.json` describes it. */
export function reportJson(report: RunReport): string {
  return jsonReport(report, readTool());
}
