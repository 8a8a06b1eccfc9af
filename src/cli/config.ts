/** `wirelint config`: every setting that is in force, and where it comes from: the file, the command line, or nobody. */
import type { Argv, InferredOptionTypes, Options } from 'yargs';
import { KEYS, type Key } from '../configuration/keys.ts';
import type { SourcePlace } from '../configuration/located.ts';
import type { Setting } from '../configuration/settings.ts';
import { Page, span } from '../report/page.ts';
import { isKeySetting } from '../settings/words.ts';
import { visibleJson } from '../wire/escape.ts';
import { CHECK_OPTIONS } from './check.ts';
import type { Program } from './command.ts';
import { configure, givenOptions, isList } from './configured.ts';
import { exampleHelp } from './examples.ts';
import { OK } from './exit-code.ts';
import { INSPECT_OPTIONS } from './inspect.ts';
import { inGroups } from './option-groups.ts';
import {
  type AnalysisArguments,
  analysisOf,
  FORMAT_OPTION,
  OUTPUT_OPTIONS,
  PLUGIN_OPTION,
  pageOptions,
} from './options.ts';
import { openOutput } from './output.ts';
import { PROXY_OPTIONS } from './proxy-options.ts';

const OWN_OPTIONS = {
  ...FORMAT_OPTION,
  ...OUTPUT_OPTIONS,
} as const satisfies Record<string, Options>;

/** What the keys stand for, with what holds when nobody says anything. */
const SET_OPTIONS: Readonly<Record<string, Options>> = {
  ...INSPECT_OPTIONS,
  ...PROXY_OPTIONS,
  ...CHECK_OPTIONS,
  ...PLUGIN_OPTION,
};

/** Those that can be given to it, to be seen among the others. */
export const CONFIG_OPTIONS: Readonly<Record<string, Options>> = {
  ...Object.fromEntries(Object.entries(SET_OPTIONS).filter(([name]) => KEYS.some(({ option }) => option === name))),
  ...OWN_OPTIONS,
};

type Arguments = InferredOptionTypes<typeof OWN_OPTIONS> & Record<string, unknown>;

/** One setting that is in force. */
interface Row {
  readonly key: string;
  /** As the option takes it; null where nothing is set. */
  readonly value: string | boolean | null;
  readonly from: 'file' | 'command line' | 'default';
  /** In the file. */
  readonly path?: string;
  readonly at?: SourcePlace | undefined;
}

export function addConfig(cli: Argv, program: Program): Argv {
  return cli.command(
    'config',
    'Print the settings that are in force, and where each comes from',
    command =>
      command
        .usage('$0 config\n\nThe settings that are in force here, and where each comes from.')
        .strictCommands(true)
        .options(inGroups(CONFIG_OPTIONS))
        .epilogue(
          exampleHelp([
            ['$0 config', 'with the configuration that is found from here'],
            ['$0 config --config ci.yaml --rule mnet/reordered=off', 'as these options would have it'],
            ['$0 config --format json', 'for programs'],
          ]),
        ),
    async args => program.finish(await printConfig(args as unknown as Arguments, givenOptions(args, cli), program)),
  );
}

async function printConfig(args: Arguments, given: ReadonlySet<string>, program: Program): Promise<number> {
  const { host, protocols, configuration } = program;
  const merged = { ...args };
  await configure(
    merged,
    given,
    KEYS.filter(({ option }) => !Object.hasOwn(OWN_OPTIONS, option)),
    program,
  );
  analysisOf(merged as unknown as AnalysisArguments, protocols);
  const hide = (row: Row): Row => (isKeySetting(String(row.value), protocols) ? withoutValue(row) : row);
  const known = KEYS.filter(({ option }) => Object.hasOwn(SET_OPTIONS, option));
  const rows = known.flatMap(key => rowsOf(key, args, given, program)).map(hide);
  const overrides = (configuration?.overrides ?? []).map(({ patterns, path, settings }) => ({
    captures: patterns,
    path,
    settings: settings.map(fromFile).map(hide),
  }));
  const file = configuration?.file.name;
  const output = await openOutput(args.output, host.stdout, []);
  if (args.format === 'json') {
    const document = { file: file ?? null, settings: rows, overrides };
    await output.write(`${visibleJson(JSON.stringify(document, null, 2))}\n`);
  } else {
    const page = new Page(pageOptions(args, host));
    page.line(0, span(file === undefined ? 'no configuration file' : visibleName(file), 'strong'));
    page.blank();
    printRows(page, rows, file);
    for (const { captures, settings } of overrides) {
      page.blank();
      page.wrap(0, 2, span('for captures ', 'dim'), span(captures.join(', '), 'strong'));
      printRows(page, settings, file);
    }
    await output.write(page.take());
  }
  await output.end();
  return OK;
}

function visibleName(file: string): string {
  return `configuration ${file}`;
}

/** A key is nobody's to see. */
function withoutValue(row: Row): Row {
  return { ...row, value: `${String(row.value).split('=', 1)[0]}=(a key)` };
}

function rowsOf(key: Key, args: Arguments, given: ReadonlySet<string>, { configuration }: Program): Row[] {
  const isGiven = given.has(key.option) && !Object.hasOwn(OWN_OPTIONS, key.option);
  const own = (configuration?.settings ?? []).filter(setting => setting.key === key).map(fromFile);
  const words = isGiven ? ([args[key.option]].flat() as (string | boolean)[]) : [];
  const said = words.map((value): Row => ({ key: key.name, value, from: 'command line' }));
  const usual = SET_OPTIONS[key.option]?.default as Row['value'] | undefined;
  const unsaid: Row = { key: key.name, value: usual ?? null, from: 'default' };
  if (!isList(key)) return [said.at(-1) ?? own.at(-1) ?? unsaid];
  const all = [...own, ...said];
  return all.length === 0 ? [unsaid] : all.filter((row, index) => !isReplaced(row, all.slice(index + 1)));
}

/** Named settings hold until the name is set again. */
function isReplaced({ key, value }: Row, later: readonly Row[]): boolean {
  if (!['dialects', 'rules', 'limits', 'minCoverage'].includes(key)) return false;
  const nameOf = (word: Row['value']) => String(word).split('=', 1)[0];
  return later.some(row => nameOf(row.value) === nameOf(value));
}

function fromFile({ key, word, path, at }: Setting): Row {
  return { key: key.name, value: word, from: 'file', path, ...(at && { at }) };
}

function printRows(page: Page, rows: readonly Row[], file: string | undefined): void {
  const keyWidth = Math.max(...rows.map(({ key }) => key.length));
  const valueWidth = Math.min(40, Math.max(...rows.map(({ value }) => String(value ?? '-').length)));
  let last = '';
  for (const row of rows) {
    const value = String(row.value ?? '-').padEnd(valueWidth);
    const place = row.at
      ? `${file}:${row.at.line}:${row.at.column}`
      : row.from === 'file'
        ? `${file} ${row.path}`
        : row.from;
    const label = row.key === last ? '' : row.key;
    last = row.key;
    page.line(2, span(label.padEnd(keyWidth), 'plain'), span(`  ${value}  `), span(place, 'dim'));
  }
}
