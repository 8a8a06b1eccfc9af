/**
 * What callers may set, and what it amounts to. JavaScript has no compiler that would refuse a misspelt option, and one
 * that is ignored makes a test that checks less than it says: so names and kinds are checked here, and reported as on
 * the command line.
 */
import { protocols as builtIn } from '../../dissectors/index.ts';
import { type AnalysisOptions, type AnalysisSettings, analysisOptions } from '../analysis.ts';
import { fileNamed, readConfiguration } from '../configuration/file.ts';
import { beneath, captureLayers } from '../configuration/layers.ts';
import { checkedConfiguration, pluginsOf, type Setting } from '../configuration/settings.ts';
import { withPlugins } from '../plugins.ts';
import { withCarrierOptions } from '../protocol/carrier.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import { DEFAULT_ENGINE_OPTIONS, type EngineOptions } from '../run/options.ts';
import { parseCount, UsageError, unknown } from '../settings/words.ts';

/** Spelled as the command line spells them; its `--decode-as` is `decodeAs` here. */
export interface CommonOptions extends AnalysisSettings {
  /**
   * Path of a configuration file. Its settings hold where these options say nothing, and its lists stand before theirs; code is
   * run. None is looked for: without this no file counts. What it says of reports and exit codes is for the command line.
   */
  readonly config?: string | undefined;
  /**
   * Your own protocols, beside those that are built in: as they are, or folders as `--plugin` takes them. The code of a
   * folder is run, and from then on `wirelint/sdk` is this package's in all of the process.
   */
  readonly plugins?: readonly (AnyProtocol | string)[] | undefined;
  /** Findings listed for one rule in one connection, 100 by default; counts stay exact. */
  readonly maxFindings?: number | undefined;
  /** List conformant connections in the report, too. */
  readonly allConnections?: boolean | undefined;
  /** Say of each numbered statement of a specification what became of it: `statements` of each protocol of the report. */
  readonly statements?: boolean | undefined;
}

/** What an option may hold; a list of words is a choice among them. */
type Kind =
  | 'text'
  | 'texts'
  | 'list'
  | 'flag'
  | 'number'
  | 'text or number'
  | 'text or texts'
  | 'bytes'
  | 'settings'
  | 'function'
  | readonly string[];

/** A kind for every option, none left out. */
export type Kinds<Options> = Readonly<Record<keyof Options, Kind>>;

export const COMMON_KINDS: Kinds<CommonOptions> = {
  config: 'text',
  decodeAs: 'texts',
  dialect: 'texts',
  rule: 'texts',
  limit: 'texts',
  midstream: ['auto', 'never'],
  capture: ['auto', 'complete', 'lossy'],
  plugins: 'list',
  maxFindings: 'number',
  allConnections: 'flag',
  statements: 'flag',
};

/** @throws UsageError for the first unknown option, or the first with a value that it cannot have */
export function requireKinds<Options extends object>(options: Options, kinds: Kinds<Options>): void {
  const known = Object.entries<Kind>(kinds);
  for (const [name, value] of Object.entries(options)) {
    const kind = known.find(([own]) => own === name)?.[1];
    if (kind === undefined) throw new UsageError(unknown('option', name, Object.keys(kinds)));
    if (value === undefined || isOf(kind, value)) continue;
    throw new UsageError(
      `${name}: ${typeof kind === 'string' ? EXPECTED[kind] : `expected one of ${kind.join(', ')}`}`,
    );
  }
}

const EXPECTED = {
  text: 'expected a string',
  texts: 'expected a list of strings',
  list: 'expected a list',
  flag: 'expected true or false',
  number: 'expected a number',
  'text or number': 'expected a string or a number',
  'text or texts': 'expected a string or a list of strings',
  bytes: 'expected bytes: a Uint8Array',
  settings: 'expected an object of settings',
  function: 'expected a function',
} as const;

function isOf(kind: Kind, value: unknown): boolean {
  switch (kind) {
    case 'text':
      return typeof value === 'string';
    case 'texts':
      return Array.isArray(value) && value.every(item => typeof item === 'string');
    case 'list':
      return Array.isArray(value);
    case 'flag':
      return typeof value === 'boolean';
    case 'number':
      return typeof value === 'number';
    case 'text or number':
      return typeof value === 'string' || typeof value === 'number';
    case 'text or texts':
      return typeof value === 'string' || isOf('texts', value);
    case 'bytes':
      return value instanceof Uint8Array;
    case 'function':
      return typeof value === 'function';
    case 'settings':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    default:
      return kind.some(word => word === value);
  }
}

/** What the options come to, with those of the configuration that they name beneath them. */
export interface Understanding {
  readonly analysis: AnalysisOptions;
  readonly listing: Listing;
  /** What the configuration says otherwise, by key. */
  readonly others: ReadonlyMap<string, string | boolean>;
  /** All of its settings. */
  readonly configured: readonly Setting[];
}

/** How much is listed. */
type Listing = Pick<EngineOptions, 'maxFindings' | 'allConnections' | 'statements'>;

/** Loads the configuration and the plugins. @throws UsageError (the promise rejects) */
export async function understandingOf(options: CommonOptions): Promise<Understanding> {
  const { config, plugins = [] } = options;
  if (config === undefined) {
    const protocols = withCarrierOptions(await withPlugins(builtIn, plugins));
    return {
      analysis: analysisOptions(options, protocols),
      listing: listingOf(options),
      others: new Map(),
      configured: [],
    };
  }
  const read = await readConfiguration(fileNamed(config, HERE), () => () => {});
  const protocols = withCarrierOptions(await withPlugins(builtIn, [...pluginsOf(read), ...plugins]));
  const configuration = checkedConfiguration(read, protocols);
  const layers = await captureLayers(configuration, HERE, new Set(namesOf(options)));
  const others = new Map(configuration.settings.map(({ key, word }) => [key.name, word]));
  const maxFindings = others.get('maxFindings');
  return {
    analysis: analysisOptions(beneath(configuration.settings, options), protocols, layers),
    listing: listingOf({
      maxFindings: options.maxFindings ?? (maxFindings === undefined ? undefined : Number(maxFindings)),
      allConnections: options.allConnections ?? others.get('allConnections') === true,
      statements: options.statements ?? others.get('statements') === true,
    }),
    others,
    configured: configuration.settings,
  };
}

/** Where paths start from. */
const HERE = '.';

function namesOf(options: CommonOptions): string[] {
  return Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [name]));
}

/** @throws UsageError */
function listingOf({
  maxFindings = DEFAULT_ENGINE_OPTIONS.maxFindings,
  allConnections = false,
  statements = false,
}: CommonOptions): Listing {
  return { maxFindings: parseCount('--max-findings', String(maxFindings), 1), allConnections, statements };
}
