/** A run in one line: what was found in how much, and the verdict. */
import { countWords } from './counts.ts';
import { counted, grouped } from './numbers.ts';
import type { RunReport } from './run-report.ts';

export function summaryLine({ summary, findings }: RunReport): string {
  const { accepted, inconclusive, connections, messages, packets, verdict } = summary;
  const counts = countWords(summary);
  const touched = new Set(findings.map(({ connection }) => connection)).size;
  const found = counts.length === 0 ? 'no findings in' : `${counts.join(', ')} in ${grouped(touched)} of`;
  const doubt = inconclusive > 0 ? ` (${grouped(inconclusive)} inconclusive)` : '';
  const known = accepted > 0 ? `, ${grouped(accepted)} accepted` : '';
  const seen = `${counted(connections, 'connection')}${known}${doubt}; ${counted(messages, 'message')}, ${counted(packets, 'packet')}`;
  return `${found} ${seen}: ${verdict}`;
}
