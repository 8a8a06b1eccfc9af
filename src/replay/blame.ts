/**
 * Who is to blame in the report of a replay: the live peer. What the replayed side is at fault for was recorded so, and
 * replaying it may be the very point; it is taken for accepted, and a note says how much of it there is.
 */
import { withBaseline } from '../baseline.ts';
import type { Finding } from '../lint/finding.ts';
import { cappedAt } from '../narrowing.ts';
import type { Departure } from '../report/departure.ts';
import { counted } from '../report/numbers.ts';
import type { RunReport } from '../report/run-report.ts';

/** @param own ends of the replayed side, printed */
export function isOwnFault({ atFault }: Finding, own: ReadonlySet<string>): boolean {
  return atFault !== null && own.has(atFault);
}

export interface Listing {
  /** Findings listed for one rule in one connection. */
  readonly maxFindings: number;
  readonly allConnections: boolean;
}

/** @param report with all findings listed */
export function blamingThePeer(
  report: RunReport,
  own: ReadonlySet<string>,
  { maxFindings, allConnections }: Listing,
): RunReport {
  const accepts = (finding: Finding) => isOwnFault(finding, own);
  const blamed = withBaseline(report, { accepts, unused: () => [] }, { name: '', allConnections });
  const { accepted } = blamed.summary;
  const note = `${counted(accepted, 'finding')} about what was replayed, accepted as it was recorded so`;
  return cappedAt(accepted === 0 ? blamed : { ...blamed, notes: [...blamed.notes, note] }, maxFindings);
}

/** @param omitted departures beyond the bound */
export function withDepartures(report: RunReport, departures: readonly Departure[], omitted: number): RunReport {
  const more = omitted > 0 ? [`${counted(omitted, 'departure')} more than are listed`] : [];
  return { ...report, departures, notes: [...report.notes, ...more] };
}
