/**
 * What a blob says of its run before the first capture: who wrote it, which captures the run has and which part of them this
 * is, and how they were judged. Blobs that are put together must agree on it; what is missing or different is one line.
 */
import { createHash } from 'node:crypto';
import { DEFAULT_LIMITS, type Limits } from '../protocol/limits.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import type { Tool } from '../report/json.ts';
import type { EngineOptions } from '../run/options.ts';
import { count, flag, list, mapOf, number, oneOf, pair, record, type Shaped, ShapeError, text } from './shape.ts';

/** Raised with every change of what a blob holds. */
export const BLOB_VERSION = 1;

const header = record(
  {
    wirelint: oneOf('blob'),
    version: count,
    tool: text,
    /** Of all captures of the run, as the command line named them. */
    captures: list(text),
    /** Folders that could not be read, and what was left out of others: a line each, the same in all shards. */
    unreadable: list(text),
    notes: list(text),
    protocols: list(record({ id: text, fingerprint: text })),
    /** What the captures were judged by, beside the protocols, to compare. */
    settings: list(pair(text, text)),
    dialects: mapOf(text),
    limits: list(pair(text, number)),
    maxFindings: count,
    /** All findings of a rule in a connection are kept, because a filter or a baseline is asked about them. */
    keepsAll: flag,
    allConnections: flag,
    /** Connections are kept as they came and went (`--format ndjson`). */
    hasConnections: flag,
  },
  { shard: record({ index: count, of: count }) },
);

export type BlobRun = Shaped<typeof header>;

const end = record({ end: flag, interrupted: flag });

/** What stands behind the last capture. */
export type BlobEnd = Shaped<typeof end>;

/** What the writer of a blob has to say of its run. */
export interface RunFacts extends Pick<BlobRun, 'keepsAll' | 'hasConnections' | 'maxFindings'> {
  readonly captures: readonly string[];
  readonly unreadable: readonly string[];
  readonly notes: readonly string[];
  readonly shard?: { readonly index: number; readonly of: number } | undefined;
}

export function runOf(options: EngineOptions, facts: RunFacts, tool: Tool): BlobRun {
  const { protocols, decodeAs, severities, midstream, limits, allConnections } = options;
  const dialects = new Map(
    [...options.dialects].map(([name, value]) => [name, isSecret(name, protocols) ? 'given' : value]),
  );
  const { shard, captures, unreadable, notes, ...others } = facts;
  return {
    wirelint: 'blob',
    version: BLOB_VERSION,
    tool: tool.version,
    ...others,
    captures: [...captures],
    unreadable: [...unreadable],
    notes: [...notes],
    protocols: judgedBy(protocols),
    settings: [
      ['--decode-as', JSON.stringify(decodeAs)],
      ['--dialect', JSON.stringify([...dialects])],
      ['--rule', JSON.stringify([...severities])],
      ['--midstream', midstream],
      ['--capture', options.capture],
      ['--limit', JSON.stringify(limits)],
      ['--max-findings', String(facts.maxFindings)],
      ['-Y or a baseline', String(facts.keepsAll)],
      ['--all-connections', String(allConnections)],
    ],
    dialects,
    limits: Object.entries(limits),
    allConnections,
    ...(shard && { shard }),
  };
}

export function runLine(run: BlobRun): string {
  return JSON.stringify({ ...run, dialects: [...run.dialects] });
}

export function endLine(isInterrupted: boolean): string {
  return JSON.stringify({ end: true, interrupted: isInterrupted } satisfies BlobEnd);
}

/** @throws ShapeError for what no wirelint wrote, or one that writes other blobs */
export function readRunLine(value: unknown, protocols: readonly AnyProtocol[], tool: Tool): BlobRun {
  const {
    wirelint,
    version,
    tool: writer,
  } = (Object(value) as { wirelint?: unknown; version?: unknown; tool?: unknown }) ?? {};
  if (wirelint !== 'blob') throw new ShapeError('no blob of wirelint (check --report blob=FILE writes one)');
  if (version !== BLOB_VERSION || writer !== tool.version)
    throw new ShapeError(
      `written by wirelint ${String(writer)} (blob version ${String(version)}); this is ${tool.version} (${BLOB_VERSION}): use the same to write and to merge`,
    );
  const run = header(value);
  const own = new Map(protocols.map(protocol => [protocol.id, fingerprintOf(protocol)]));
  for (const { id, fingerprint } of run.protocols) {
    if (!own.has(id)) throw new ShapeError(`judged by ${id}, which is not here: name its folder with --plugin`);
    if (own.get(id) !== fingerprint) throw new ShapeError(`judged by another version of ${id}`);
  }
  if (run.shard && (run.shard.index < 1 || run.shard.index > run.shard.of)) throw new ShapeError('no such shard');
  return run;
}

/** Undefined for a line that is no end. @throws ShapeError */
export function readEndLine(value: unknown): BlobEnd | undefined {
  return typeof value === 'object' && value !== null && 'end' in value ? end(value) : undefined;
}

/** What an engine that takes in the captures of such a run has for options. @param protocols all there are */
export function optionsOfRun(
  { dialects, limits, protocols: names, allConnections }: BlobRun,
  protocols: readonly AnyProtocol[],
): Pick<EngineOptions, 'dialects' | 'limits' | 'protocols' | 'allConnections'> {
  const known = new Map(limits);
  const bounds = Object.keys(DEFAULT_LIMITS).map(name => [name, known.get(name) ?? 0]);
  return {
    dialects,
    limits: Object.fromEntries(bounds) as unknown as Limits,
    protocols: names.flatMap(({ id }) => protocols.filter(protocol => protocol.id === id)),
    allConnections,
  };
}

/** What two runs were judged by that is not the same: the option. */
export function differenceOf(one: BlobRun, other: BlobRun): string | undefined {
  const theirs = new Map(other.settings);
  const option = one.settings.find(([name, value]) => theirs.get(name) !== value)?.[0];
  const ids = ({ protocols }: BlobRun) => protocols.map(({ id }) => id).join();
  return option ?? (ids(one) === ids(other) ? undefined : '--plugin');
}

/** The same for the shards of one run, whatever part they are. */
export function identityOf({ captures, shard, settings }: BlobRun): string {
  return hash(JSON.stringify([captures, shard?.of, settings]));
}

/** What those must have in common who judge for each other. */
export function judgedBy(protocols: readonly AnyProtocol[]): BlobRun['protocols'] {
  return protocols.map(protocol => ({ id: protocol.id, fingerprint: fingerprintOf(protocol) }));
}

/** Names of the options, as `mnet.cookieKey`, whose values are secrets and go into nothing that is written. */
export function secretsAmong(names: Iterable<string>, protocols: readonly AnyProtocol[]): string[] {
  return [...names].filter(name => isSecret(name, protocols));
}

/** Changes with whatever a report needs of a protocol. */
function fingerprintOf({ id, rules, layouts, machine, dialect, statements }: AnyProtocol): string {
  const said = { rules: rules.map(rule => [rule.id, rule.severity]), layouts: layouts.map(({ name }) => name) };
  return hash(JSON.stringify({ id, ...said, machine: machine.table, dialect, statements }));
}

function isSecret(name: string, protocols: readonly AnyProtocol[]): boolean {
  return protocols.some(({ id, dialect }) => dialect.some(one => `${id}.${one.name}` === name && one.kind === 'key'));
}

function hash(words: string): string {
  return createHash('sha256').update(words).digest('hex').slice(0, 16);
}
