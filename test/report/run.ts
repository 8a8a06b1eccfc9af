/** Renders a hand-made run in a format, as the command line would. */
import { protocols } from '../../dissectors/index.ts';
import { stateGraphs } from '../../src/protocol/diagram.ts';
import type { FormatInput } from '../../src/report/format.ts';
import { type FormatName, loadFormat } from '../../src/report/formats.ts';
import { report } from './sample.ts';

export function input(changes: Partial<FormatInput> = {}): FormatInput {
  const rules = protocols.flatMap(({ rules, specification }) => rules.map(rule => ({ rule, specification })));
  return {
    report: report(),
    tool: { name: 'wirelint', version: '1.2.3' },
    rules: new Map(rules.map(entry => [entry.rule.id, entry])),
    // What a text of others is the name of has a machine, too.
    graphsOf: () => protocols.filter(({ id }) => id === 'mnet').flatMap(({ machine }) => stateGraphs(machine.table)),
    threshold: { failOn: 'error', maxWarnings: undefined },
    troubles: [],
    page: { color: false, width: 80 },
    quiet: false,
    coverage: false,
    file: 'out/results.x',
    granularity: 'rule',
    sarifResults: 'failing',
    ...changes,
  };
}

export async function render(format: FormatName, changes: Partial<FormatInput> = {}): Promise<string> {
  const renderer = await loadFormat(format);
  return [...renderer.render(input(changes))].join('');
}

/** The file that is written beside a report. */
export async function renderCompanion(format: FormatName, changes: Partial<FormatInput> = {}): Promise<string> {
  const { companion } = await loadFormat(format);
  return companion === undefined ? '' : [...companion.render(input(changes))].join('');
}
