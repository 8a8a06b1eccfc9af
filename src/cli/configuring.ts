/**
 * The configuration file on its way to the commands: which one it is (`--config`, or the one that is found), and its settings
 * as if they had been given on the command line, ahead of what was given there. So a command knows nothing of the file: an
 * option that it has, and that the table of keys names, is an option that the file can set.
 */
import { relative } from 'node:path';
import process from 'node:process';
import type { Options } from 'yargs';
import { findConfiguration, requireProject } from '../configuration/find.ts';
import { formOf } from '../configuration/forms.ts';
import { KEYS, type Key } from '../configuration/keys.ts';
import type { SourceFile } from '../configuration/located.ts';
import { type Configuration, checkedConfiguration, settingComplaint, wordsOf } from '../configuration/settings.ts';
import { withPlugins } from '../plugins.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import { UsageError } from '../settings/words.ts';
import type { Host } from './host.ts';
import { CAPTURE_LAYERS } from './options.ts';
import { beforeExit } from './plugins.ts';

/** Milliseconds that code may take, network and all, to say what its settings are. */
const PATIENCE = 10_000;

/** What `--config` says in place of a file to do without one. */
const NONE = 'none';

const IDLE_COMMANDS = ['completion', 'help'];

/** Words for which nothing runs that a file could set. */
const IDLE_WORDS = ['--help', '-h', '--version', '-v'];

/** Reads the file that the command line names, or the one that is found; undefined where there is none. */
export async function readConfigurationFor(host: Host): Promise<Configuration | undefined> {
  const words = wordsOfProgram(host.args);
  if (IDLE_COMMANDS.includes(words[0] ?? '') || words.some(word => IDLE_WORDS.includes(word))) return undefined;
  const named = configArgument(words);
  if (named === NONE) return undefined;
  const from = workingDirectory(host);
  const found = named === undefined ? search(from) : undefined;
  if (named === undefined && found === undefined) return undefined;
  const { fileNamed, readConfiguration } = await import('../configuration/file.ts');
  const file = found ?? fileNamed(named!, from);
  const hasRun = formOf(file.path) === 'code' ? host.onForeignCode?.(file.name) : undefined;
  const configuration = await readConfiguration(file, whenPointless).finally(hasRun);
  if (found) requireProject(configuration);
  return configuration;
}

export function workingDirectory({ workingDirectory = process.cwd() }: Host): string {
  return workingDirectory;
}

function search(from: string): SourceFile | undefined {
  const nameOf = (path: string) => relative(from, path);
  return findConfiguration({ from, userId: process.getuid?.(), nameOf });
}

/** What stands before `--`; behind it is a command of somebody else's. */
function wordsOfProgram(args: readonly string[]): readonly string[] {
  const dashes = args.indexOf('--');
  return dashes < 0 ? args : args.slice(0, dashes);
}

/** The file that is named, or `none`. Looks at this option only; the rest is for the parser to judge. */
function configArgument(words: readonly string[]): string | undefined {
  const given = words.flatMap((word, index) => {
    if (word === '--no-config') return [NONE];
    if (word.startsWith('--config=')) return [word.slice('--config='.length)];
    return words[index - 1] === '--config' && !word.startsWith('-') ? [word] : [];
  });
  if (given.length > 1) throw new UsageError('--config was given more than once');
  return given[0] === '' ? undefined : given[0];
}

function whenPointless(listener: () => void): () => void {
  const dispose = beforeExit(listener);
  const timer = setTimeout(listener, PATIENCE);
  // Nothing is left that could happen: the process ends, and says so.
  timer.unref();
  return () => {
    clearTimeout(timer);
    dispose();
  };
}

/** The protocols with those that the configuration names behind them. */
export async function withConfiguredPlugins(
  builtIn: readonly AnyProtocol[],
  configuration: Configuration | undefined,
): Promise<readonly AnyProtocol[]> {
  let protocols = builtIn;
  for (const setting of configuration?.settings ?? []) {
    if (setting.key.kind !== 'plugins') continue;
    const plugin = (setting.protocol as AnyProtocol | undefined) ?? String(setting.word);
    try {
      protocols = await withPlugins(protocols, [plugin], beforeExit);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      const complaints = [error, ...error.others].map(each =>
        settingComplaint(configuration!.file, setting, each.advice),
      );
      throw new UsageError(complaints[0].message, complaints[0].advice, complaints.slice(1));
    }
  }
  return protocols;
}

/** Folders whose code the configuration has run. */
export function configuredFolders(configuration: Configuration | undefined): string[] {
  return wordsOf(configuration?.settings ?? [], 'plugin');
}

/**
 * The configuration, once it fits the protocols and the options of the commands.
 * @throws UsageError
 */
export function fittingConfiguration(
  configuration: Configuration | undefined,
  protocols: readonly AnyProtocol[],
  tables: readonly Readonly<Record<string, Options>>[],
): Configuration | undefined {
  if (!configuration) return undefined;
  for (const setting of configuration.settings) {
    const { option } = setting.key;
    if (!tables.some(table => Object.hasOwn(table, option) || option === 'plugin'))
      throw settingComplaint(configuration.file, setting, `no command has --${option}`);
  }
  return checkedConfiguration(configuration, protocols);
}

/** The keys that say something to a command with these options. */
export function keysOf(command: string, table: Readonly<Record<string, Options>>): Key[] {
  return KEYS.filter(({ option, commands }) => Object.hasOwn(table, option) && (commands?.includes(command) ?? true));
}

/** Arguments as yargs has parsed them, and what it knows about where they come from. */
interface Parsed {
  readonly parsed?: { readonly defaulted?: Readonly<Record<string, unknown>> } | false;
}

/** Names of the options that stand on the command line. */
export function givenOptions(args: Readonly<Record<string, unknown>>, cli: object): ReadonlySet<string> {
  const { parsed } = cli as Parsed;
  const { defaulted = {} } = parsed || {};
  return new Set(Object.keys(args).filter(name => args[name] !== undefined && !Object.hasOwn(defaulted, name)));
}

/** Puts the settings of the file among the arguments of a command. */
export async function configure(
  args: Record<string | symbol, unknown>,
  given: ReadonlySet<string>,
  keys: readonly Key[],
  { configuration, host }: { readonly configuration: Configuration | undefined; readonly host: Host },
): Promise<void> {
  if (!configuration) return;
  for (const key of keys) {
    const settings = configuration.settings.filter(setting => setting.key === key);
    if (settings.length === 0 || key.kind === 'plugins') continue;
    if (isList(key))
      args[key.option] = [
        ...wordsOf(settings, key.option),
        ...(given.has(key.option) ? [args[key.option]].flat() : []),
      ];
    else if (!given.has(key.option)) args[key.option] = settings.at(-1)!.word;
  }
  // A proxy has no captures.
  if (configuration.overrides.length === 0 || !keys.some(({ name }) => name === 'capture')) return;
  const { captureLayers } = await import('../configuration/layers.ts');
  args[CAPTURE_LAYERS] = await captureLayers(configuration, workingDirectory(host), given);
}

const LISTS: readonly Key['kind'][] = [
  'ports',
  'dialects',
  'rules',
  'limits',
  'shares',
  'plugins',
  'faults',
  'reports',
  'keys',
];

/** The command line's words are put behind those of the file, and hold where both are about the same. */
export function isList({ kind }: Key): boolean {
  return LISTS.includes(kind);
}
