/**
 * Puts what is said once a run in its place: into the findings, tallies and verdicts of the first capture that has it. The
 * same for a capture that was just read and for one that was judged elsewhere, so that both give one report.
 */
import type { Finding } from '../lint/finding.ts';
import { type Remark, RemarkRoom } from '../lint/remark.ts';
import type { RuleTally } from '../lint/tally.ts';
import { withRemarked } from '../protocol/connections.ts';
import type { EngineOptions } from './options.ts';
import type { ApartOutcome, CaptureOutcome } from './outcome.ts';

/** Bounds of what is listed. */
type Bounds = Pick<EngineOptions, 'maxFindings' | 'limits'>;

/** @param isSaid whether what has this key is said in this capture: none before it has said it */
export function withRemarks(
  { outcome, remarks, remarked }: ApartOutcome,
  isSaid: (key: string) => boolean,
  bounds: Bounds,
): CaptureOutcome {
  if (remarks.length === 0) return outcome;
  const said = remarks.filter(({ key }) => isSaid(key));
  const { findings, omitted } = withFindings(outcome.findings, said, bounds);
  return {
    ...outcome,
    findings,
    omittedFindings: outcome.omittedFindings + omitted,
    lanes: outcome.lanes.map((lane, index) => {
      const own = said.filter(({ finding }) => finding.protocol === lane.protocol.id);
      // Most protocols have nothing in most captures.
      if (own.length === 0 && remarked[index].connections.length === 0) return lane;
      const connections = withRemarked(lane.connections, remarked[index], isSaid);
      return { ...lane, tallies: withBroken(lane.tallies, own), connections };
    }),
  };
}

/** @param remarks in the order of findings */
function withFindings(
  findings: readonly Finding[],
  remarks: ApartOutcome['remarks'],
  { maxFindings, limits }: Bounds,
): { readonly findings: readonly Finding[]; readonly omitted: number } {
  const all: Finding[] = [];
  const room = new RemarkRoom(maxFindings);
  let taken = 0;
  let listed = 0;
  let omitted = 0;
  for (const { finding, before } of remarks) {
    while (taken < before) all.push(findings[taken++]);
    if (room.admits(finding) && findings.length + listed < limits.findings) {
      all.push(finding);
      listed++;
    } else omitted++;
  }
  for (const finding of findings.slice(taken)) all.push(finding);
  return { findings: all, omitted };
}

function withBroken(tallies: readonly RuleTally[], remarks: readonly Remark[]): readonly RuleTally[] {
  if (remarks.length === 0) return tallies;
  return tallies.map(tally => {
    const own = remarks.filter(({ finding }) => finding.ruleId === tally.id);
    if (own.length === 0) return tally;
    const { byEdition } = tally;
    return {
      ...tally,
      checked: tally.checked + own.length,
      broken: tally.broken + own.length,
      milder: tally.milder + own.filter(({ isMilder }) => isMilder).length,
      ...(byEdition && {
        byEdition: byEdition.map((counts, place) => {
          const here = own.filter(({ edition }) => edition === place + 1).length;
          return { ...counts, checked: counts.checked + here, broken: counts.broken + here };
        }),
      }),
    };
  });
}
