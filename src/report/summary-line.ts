/** A run in one line: what was found in how much, and the verdict. */
import { counted, grouped } from './numbers.ts';
import type { RunReport } from './run-report.ts';

export function summaryLine({ summary, findings }: RunReport): string {
  const { errors, warnings, infos, accepted, inconclusive, connections, messages, packets, verdict } = summary;
  const counts = [
    ...(errors > 0 ? [counted(errors, 'error')] : []),
    ...(warnings > 0 ? [counted(warnings, 'warning')] : []),
    ...(infos > 0 ? [counted(infos, 'info')] : []),
  ];
  const touched = new Set(findings.map(({ connection }) => connection)).size;
  const found = counts.length === 0 ? 'no findings in' : `${counts.join(', ')} in ${grouped(touched)} of`;
  const doubt = inconclusive > 0 ? ` (${grouped(inconclusive)} inconclusive)` : '';
  const known = accepted > 0 ? `, ${grouped(accepted)} accepted` : '';
  const seen = `${counted(connections, 'connection')}${known}${doubt}; ${counted(messages, 'message')}, ${counted(packets, 'packet')}`;
  return `${found} ${seen}: ${verdict}`;
}
