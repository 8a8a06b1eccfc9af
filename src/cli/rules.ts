/** `wirelint rules [ID]`: the catalogue of rules, or one rule explained. */

import type { Argv, InferredOptionTypes, Options } from 'yargs';
import { citation, citationText, clausesOf } from '../lint/clause.ts';
import type { RuleDocument } from '../lint/rule.ts';
import { type Catalogue, catalogues } from '../protocol/carrier.ts';
import { conditionWords } from '../protocol/in-force.ts';
import type { AnyProtocol, Provocation } from '../protocol/protocol.ts';
import { counted } from '../report/numbers.ts';
import { Page, type Style, span } from '../report/page.ts';
import { BASIS_WORDS, FAULT_WORDS } from '../report/rule-words.ts';
import { ruleIds, UsageError, unknownRule } from '../settings/words.ts';
import { visibleJson } from '../wire/escape.ts';
import type { Program } from './command.ts';
import { exampleHelp } from './examples.ts';
import { OK } from './exit-code.ts';
import { inGroups } from './option-groups.ts';
import { FORMAT_OPTION, OUTPUT_OPTIONS, pageOptions } from './options.ts';
import { openOutput } from './output.ts';

export const RULES_OPTIONS = {
  ...FORMAT_OPTION,
  ...OUTPUT_OPTIONS,
} as const satisfies Record<string, Options>;

type Arguments = InferredOptionTypes<typeof RULES_OPTIONS>;

/** A rule in its catalogue: a protocol's, or that of what carries protocols. */
interface Entry {
  readonly catalogue: Catalogue;
  readonly rule: RuleDocument;
  /** How it can be broken on purpose. */
  readonly provocation: Provocation | undefined;
}

const SUMMARY_INDENT = 11;

export function addRules(cli: Argv, program: Program): Argv {
  return cli.command(
    'rules',
    'List the rules, or explain one',
    command =>
      command
        .usage('$0 rules [ID]\n\nThe catalogue of rules, those of one protocol, or one rule explained.')
        .strictCommands(false)
        .options(inGroups(RULES_OPTIONS))
        .epilogue(
          exampleHelp([
            ['$0 rules', 'all rules'],
            ['$0 rules mnet', 'those of one protocol'],
            ['$0 rules mnet/tag-mismatch', 'what it requires, why, and an example'],
            ['$0 rules --format json', 'the catalogue for programs'],
          ]),
        ),
    async args => program.finish(await rules(args._.slice(1).map(String), args, program)),
  );
}

async function rules(ids: readonly string[], args: Arguments, program: Program): Promise<number> {
  if (ids.length > 1) throw new UsageError(`rules: one id at a time; ${counted(ids.length, 'was', 'were')} given`);
  const [id] = ids;
  const entries = find(id, program.protocols);
  const { host } = program;
  const output = await openOutput(args.output, host.stdout, []);
  const page = new Page(pageOptions(args, host));
  if (args.format === 'json') await output.write(toJson(id, entries));
  else await output.write(id?.includes('/') ? printDocument(page, entries[0]!) : printCatalogue(page, entries));
  await output.end();
  return OK;
}

function find(id: string | undefined, protocols: readonly AnyProtocol[]): Entry[] {
  const groups = catalogues(protocols);
  const ways = protocols.flatMap(({ provocations = [] }) => provocations);
  const wayOf = (id: string) => ways.find(way => way.rule === id);
  const all = groups.flatMap(catalogue =>
    catalogue.rules.map((rule): Entry => ({ catalogue, rule, provocation: wayOf(rule.id) })),
  );
  if (id === undefined) return all;
  const found = all.filter(({ catalogue, rule }) => rule.id === id || catalogue.id === id);
  if (found.length > 0) return found;
  const known = [...ruleIds(protocols), ...groups.map(group => group.id)];
  throw new UsageError(`rules: ${unknownRule(id, known)}`);
}

function specificationOf({ catalogue, rule }: Pick<Entry, 'catalogue' | 'rule'>): string {
  return rule.specification ?? catalogue.specification;
}

function toJson(id: string | undefined, entries: readonly Entry[]): string {
  const documents = entries.map(({ catalogue, rule, provocation }) => ({
    id: rule.id,
    protocol: catalogue.id,
    severity: rule.severity,
    ...(rule.offByDefault && { offByDefault: true }),
    ...(rule.onlyIf && { onlyIf: rule.onlyIf }),
    ...(rule.severityIf && { severityIf: rule.severityIf }),
    atFault: rule.atFault,
    restsOn: rule.restsOn,
    spec: citation(specificationOf({ catalogue, rule }), clausesOf(rule)),
    ...(typeof rule.clause !== 'string' && { clauses: rule.clause }),
    summary: rule.summary,
    why: rule.why,
    example: rule.example,
    ...(provocation && { provocation: { faults: provocation.faults, needs: provocation.needs } }),
  }));
  return `${visibleJson(JSON.stringify(id?.includes('/') ? documents[0] : documents, null, 2))}\n`;
}

function printCatalogue(page: Page, entries: readonly Entry[]): string {
  let last: Catalogue | undefined;
  for (const { catalogue, rule } of entries) {
    if (catalogue !== last) {
      page.blank();
      page.wrap(
        0,
        2,
        span(catalogue.id, 'strong'),
        span(`  ${catalogue.title}, ${counted(catalogue.rules.length, 'rule')}`),
      );
      page.blank();
    }
    last = catalogue;
    page.line(2, span(rule.severity.padEnd(7), rule.severity), span('  '), span(rule.id, 'strong'));
    const { offByDefault, onlyIf } = rule;
    const remarks = [
      ...(offByDefault ? ['off by default'] : []),
      ...(onlyIf ? [`only with ${conditionWords(catalogue.id, onlyIf)}`] : []),
    ];
    const remark = remarks.length > 0 ? ` (${remarks.join(', ')})` : '';
    page.wrap(SUMMARY_INDENT, SUMMARY_INDENT, span(rule.summary + remark));
  }
  page.blank();
  page.wrap(0, 0, span(`wirelint rules ID explains one.${provocable(entries)}`, 'dim'));
  return page.take();
}

/** Which rules of one catalogue can be broken on purpose; nothing to say of several, or where none can. */
function provocable(entries: readonly Entry[]): string {
  const isOne = entries.every(({ catalogue }) => catalogue === entries[0]?.catalogue);
  if (!isOne || !entries.some(({ provocation }) => provocation)) return '';
  const others = entries.flatMap(({ rule, provocation }) => (provocation ? [] : [rule.id]));
  if (others.length === 0) return ' All can be broken on purpose: wirelint proxy --attack ID.';
  return ` All but these can be broken on purpose, with wirelint proxy --attack ID: ${others.join(', ')}.`;
}

function printDocument(page: Page, found: Entry): string {
  const { rule, catalogue, provocation } = found;
  const { onlyIf, severityIf } = rule;
  const entry = (label: string, text: string, style: Style = 'plain') => page.entry(2, 9, label, span(text, style));
  page.wrap(0, 2, span(rule.id, 'strong'));
  page.wrap(2, 2, span(rule.summary));
  page.blank();
  entry('severity', rule.offByDefault ? `${rule.severity}, off by default` : rule.severity, rule.severity);
  if (severityIf)
    entry('', `${severityIf.severity} with ${conditionWords(catalogue.id, severityIf)}`, severityIf.severity);
  if (onlyIf) entry('in force', `only with ${conditionWords(catalogue.id, onlyIf)}`);
  entry('at fault', FAULT_WORDS[rule.atFault]);
  entry('rests on', BASIS_WORDS[rule.restsOn]);
  for (const clause of clausesOf(rule)) {
    const cited = citation(specificationOf(found), [clause]);
    entry('clause', citationText(cited));
    if (cited.says !== undefined) entry('says', cited.says);
  }
  page.blank();
  page.line(0, span('Why it matters', 'strong'));
  for (const paragraph of rule.why.split('\n')) page.wrap(2, 2, span(paragraph));
  page.blank();
  page.line(0, span('Example', 'strong'));
  for (const line of rule.example.split('\n')) page.wrap(2, 4, span(line));
  page.blank();
  if (provocation) {
    page.line(0, span('To break it on purpose', 'strong'));
    page.wrap(2, 4, span(`wirelint proxy LISTEN UPSTREAM --attack ${rule.id}`));
    if (provocation.needs !== undefined) page.wrap(2, 4, span(`needs ${provocation.needs}`));
    page.blank();
  }
  page.line(0, span('To change its severity', 'strong'));
  page.line(2, span(`--rule ${rule.id}=off|info|warning|error`));
  return page.take();
}
