/** How many packets of each type a recording holds, as tshark reads it. */
import { TYPE } from '../../dissectors/mqtt/terms.ts';
import { runTool } from '../kit/tools.ts';

export type Counts = Readonly<Record<string, number>>;

/** @returns counts by name, without those of 0 */
export function countedByTshark(recording: string, port: number): Counts {
  const fields = ['-T', 'fields', '-E', 'separator=,', '-e', 'mqtt.msgtype'];
  const printed = runTool('tshark', ['-r', recording, '-d', `tcp.port==${port},mqtt`, '-Y', 'mqtt', ...fields]);
  const names = new Map(Object.entries(TYPE).map(([name, type]) => [String(type), name]));
  const counts: Record<string, number> = {};
  for (const type of printed.split(/[\s,]+/).filter(text => text !== '')) {
    const name = names.get(type) ?? `type ${type}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** One line for each type of which the two have another number. */
export function differences(ours: Counts, theirs: Counts): string[] {
  const names = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
  return [...names]
    .filter(name => (ours[name] ?? 0) !== (theirs[name] ?? 0))
    .map(name => `${name}: ${ours[name] ?? 0} here, ${theirs[name] ?? 0} in tshark`);
}
