/**
 * The settings of a configuration file on their way to the commands: as if they had been given on the command line, ahead of
 * what was given there. So a command knows nothing of the file: an option that it has, and that the table of keys names, is an
 * option that the file can set.
 */
import type { Options } from 'yargs';
import { KEYS, type Key } from '../configuration/keys.ts';
import { settingComplaint } from '../configuration/located.ts';
import { type Configuration, wordsOf } from '../configuration/settings.ts';
import { withPlugins } from '../plugins.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import { UsageError } from '../settings/words.ts';
import { workingDirectory } from './configuring.ts';
import type { Host } from './host.ts';
import { CAPTURE_LAYERS } from './options.ts';
import { beforeExit } from './waiting.ts';

/** The protocols with those that the configuration names behind them. */
export async function withConfiguredPlugins(
  builtIn: readonly AnyProtocol[],
  configuration: Configuration,
): Promise<readonly AnyProtocol[]> {
  let protocols = builtIn;
  for (const setting of configuration.settings) {
    if (setting.key.kind !== 'plugins') continue;
    const plugin = (setting.protocol as AnyProtocol | undefined) ?? String(setting.word);
    try {
      protocols = await withPlugins(protocols, [plugin], beforeExit);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      const complaints = [error, ...error.others].map(each =>
        settingComplaint(configuration.file, setting, each.advice),
      );
      throw new UsageError(complaints[0].message, complaints[0].advice, complaints.slice(1));
    }
  }
  return protocols;
}

/** Whether a configuration in code has a protocol itself, and not its folder. */
export function hasPluginInCode({ settings }: Configuration): boolean {
  return settings.some(({ key, protocol }) => key.kind === 'plugins' && protocol !== undefined);
}

/** Folders whose code the configuration has run. */
export function configuredFolders(configuration: Configuration): string[] {
  return wordsOf(configuration.settings, 'plugin');
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
