/**
 * What a user may set, from the words of the command line to the checked options of the engine. Every mistake is
 * reported here, before a capture is opened: one line that quotes what was given and names what would have been right.
 */
import { readFileSync } from 'node:fs';
import { type DialectOption, dialectOf, dialectProblem } from '../dialect.ts';
import { SEVERITIES, type SeveritySetting } from '../lint/rule.ts';
import { carrierOf, catalogues } from '../protocol/carrier.ts';
import type { DecodeAs } from '../protocol/identify.ts';
import { DEFAULT_LIMITS, type Limits } from '../protocol/limits.ts';
import type { AnyProtocol, Transport } from '../protocol/protocol.ts';
import { type Demand, MEASURES } from '../report/coverage.ts';
import { MOST_ENTRIES } from '../storage/key-table.ts';
import { globMatches } from './glob.ts';
import { nearest } from './nearest.ts';

/** The user asked for what cannot be; the message is one line for them. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  /** The message without the option and the text that it names, for who says in other words where they stand. */
  readonly advice: string;
  /** What else is wrong with the same thing, each a line of its own. */
  readonly others: readonly UsageError[];

  constructor(message: string, advice = message, others: readonly UsageError[] = []) {
    super(message);
    this.advice = advice;
    this.others = others;
  }
}

const DECODE_AS = /^(udp|tcp)\.port==(\d{1,5})(?:([-:])(\d{1,5}))?,(.+)$/;
const MAX_PORT = 65_535;
/** Bytes of a key file: far more than any key, far less than a file named by mistake. */
const LONGEST_KEY = 65_536;
/** The most bytes that a limit can allow. */
const MOST_BYTES = 2 ** 31;

/**
 * `udp.port==26999,mnet`, a range `udp.port==7000-7009,mnet`, or a first port and a number `udp.port==7000:10,mnet`. The
 * name is not looked at: it need not be a protocol's.
 */
export function parsePorts(text: string): DecodeAs {
  const match = DECODE_AS.exec(text);
  if (!match) fail('--decode-as', text, 'write udp.port==PORT,PROTOCOL or udp.port==FIRST-LAST,PROTOCOL');
  const transport: Transport = match[1] === 'tcp' ? 'tcp' : 'udp';
  const from = Number(match[2]);
  const second = Number(match[4] ?? from);
  const to = match[3] === ':' ? from + second - 1 : second;
  if (from > MAX_PORT || to > MAX_PORT) fail('--decode-as', text, `ports go from 0 to ${MAX_PORT}`);
  if (to < from) fail('--decode-as', text, 'the last port lies before the first');
  return { transport, from, to, protocol: match[5] ?? '' };
}

/** The same, for a protocol that there is and that the transport carries. */
export function parseDecodeAs(text: string, protocols: readonly AnyProtocol[]): DecodeAs {
  const mapping = parsePorts(text);
  const { transport } = mapping;
  const protocol = findProtocol('--decode-as', text, mapping.protocol, protocols);
  const transports = [...new Set(protocol.carriers.map(carrier => carrier.transport))];
  if (!transports.includes(transport)) {
    fail('--decode-as', text, `${protocol.id} is not carried by ${transport} but by ${transports.join(', ')}`);
  }
  return mapping;
}

/** Refuses a mapping to a transport by which a dialect that was not settled keeps the protocol from being carried. */
export function requireCarriers(
  mappings: readonly DecodeAs[],
  dialects: ReadonlyMap<string, string>,
  protocols: readonly AnyProtocol[],
): void {
  for (const { transport, from, to, protocol: id } of mappings) {
    const protocol = protocols.find(candidate => candidate.id === id);
    if (!protocol || carrierOf(protocol, transport, dialectOf(protocol, dialects))) continue;
    const text = `${transport}.port==${from === to ? from : `${from}-${to}`},${id}`;
    const ways = protocol.carriers.flatMap(({ transport: own, onlyIf }) =>
      own === transport && onlyIf ? `--dialect ${id}.${onlyIf.option}=${onlyIf.value}` : [],
    );
    fail('--decode-as', text, `${id} is carried by ${transport} only with ${ways.join(' or ')}`);
  }
}

/** `mnet.tags=sender` becomes `['mnet.tags', 'sender']`. */
export function parseDialect(text: string, protocols: readonly AnyProtocol[]): [name: string, value: string] {
  const [name, value] = splitSetting('--dialect', text, 'PROTOCOL.OPTION=VALUE');
  const dot = name.indexOf('.');
  if (dot < 0) fail('--dialect', text, `write PROTOCOL.OPTION=VALUE; ${known(dialectNames(protocols))}`);
  const protocol = findProtocol('--dialect', text, name.slice(0, dot), protocols);
  const option = protocol.dialect.find(candidate => candidate.name === name.slice(dot + 1));
  if (!option) fail('--dialect', text, unknown('dialect option', name, dialectNames([protocol])));
  const settled = option.kind === 'key' ? keyInHex(option, value) : value;
  if (settled === undefined) fail('--dialect', text, 'expected a key in hex, or the path of a file that holds it');
  const problem = dialectProblem(option, settled);
  if (problem) fail('--dialect', text, problem);
  return [name, settled];
}

/** Whether a setting, `mnet.cookieKey=secret.key`, names the file of a key. */
export function isKeyFile(text: string, protocols: readonly AnyProtocol[]): boolean {
  const option = keyOption(text, protocols);
  return option !== undefined && dialectProblem(option, text.slice(text.indexOf('=') + 1)) !== undefined;
}

/** Whether a setting holds a key, which nobody is to be shown. */
export function isKeySetting(text: string, protocols: readonly AnyProtocol[]): boolean {
  return keyOption(text, protocols) !== undefined;
}

function keyOption(text: string, protocols: readonly AnyProtocol[]): DialectOption | undefined {
  const [name] = text.split('=', 1);
  return protocols
    .flatMap(({ id, dialect }) => dialect.filter(option => `${id}.${option.name}` === name))
    .find(({ kind }) => kind === 'key');
}

/** A key as it was given when that is hex, else the bytes of the file of that name; undefined when it is neither. */
function keyInHex(option: DialectOption, value: string): string | undefined {
  if (dialectProblem(option, value) === undefined) return value;
  try {
    const bytes = readFileSync(value);
    return bytes.length > 0 && bytes.length <= LONGEST_KEY ? bytes.toString('hex') : undefined;
  } catch {
    return undefined;
  }
}

/** All dialect settings of a run; the last setting of an option holds. Refuses those that do not fit together. */
export function parseDialects(texts: readonly string[], protocols: readonly AnyProtocol[]): Map<string, string> {
  const settings = new Map(texts.map(text => parseDialect(text, protocols)));
  for (const protocol of protocols) {
    const problem = protocol.dialectProblem?.(dialectOf(protocol, settings));
    if (problem) throw new UsageError(`--dialect: ${protocol.id}: ${problem}`);
  }
  return settings;
}

/** What a rule can be set to. */
export const RULE_SETTINGS: readonly SeveritySetting[] = ['off', ...SEVERITIES];

/** `mnet/tag-mismatch=off` becomes `[['mnet/tag-mismatch', 'off']]`; of a pattern such as `mnet/*` all rules that it describes. */
export function parseRuleSettings(
  text: string,
  protocols: readonly AnyProtocol[],
): [id: string, setting: SeveritySetting][] {
  const [pattern, value] = splitSetting('--rule', text, 'RULE=off|info|warning|error');
  const ids = ruleIds(protocols);
  const meant = ids.filter(id => globMatches(pattern, id));
  if (meant.length === 0) {
    const isPattern = /[*?]/.test(pattern);
    fail('--rule', text, isPattern ? noSuchPattern(pattern, ids) : unknownRule(pattern, ids));
  }
  const setting = RULE_SETTINGS.find(candidate => candidate === value);
  if (!setting) fail('--rule', text, `a rule can be set to ${RULE_SETTINGS.join(', ')}`);
  return meant.map(id => [id, setting]);
}

/** The rules that a word probably means: all of that name where it leaves out the protocol, else the nearest one. */
export function rulesMeant(word: string, candidates: readonly string[]): string[] {
  const nameOf = (id: string) => id.slice(id.indexOf('/') + 1);
  const name = word.includes('/') ? undefined : nearest(word, candidates.map(nameOf));
  if (name !== undefined) return candidates.filter(id => nameOf(id) === name);
  const near = nearest(word, candidates);
  return near === undefined ? [] : [near];
}

/** `unknown rule reordered; did you mean mnet/reordered?` */
export function unknownRule(word: string, candidates: readonly string[]): string {
  const meant = rulesMeant(word, candidates);
  const hint = meant.length > 0 ? `did you mean ${meant.join(' or ')}?` : 'wirelint rules lists them';
  return `unknown rule ${word}; ${hint}`;
}

function noSuchPattern(pattern: string, ids: readonly string[]): string {
  const wider = `*/${pattern}`;
  const hint = ids.some(id => globMatches(wider, id)) ? `; did you mean ${wider}?` : '';
  return `no rule matches ${pattern}${hint}`;
}

/** `flows=1000` becomes `['flows', 1000]`. */
export function parseLimit(text: string): [name: keyof Limits, value: number] {
  const [name, value] = splitSetting('--limit', text, 'NAME=NUMBER');
  const names = Object.keys(DEFAULT_LIMITS) as (keyof Limits)[];
  const limit = names.find(candidate => candidate === name);
  if (!limit) fail('--limit', text, unknown('limit', name, names));
  const most = /-(bytes|memory)$/.test(limit) ? MOST_BYTES : MOST_ENTRIES;
  if (!/^\d{1,10}$/.test(value) || Number(value) < 1 || Number(value) > most) {
    fail('--limit', text, `${limit} is a whole number from 1 to ${most}`);
  }
  return [limit, Number(value)];
}

export function parseLimits(texts: readonly string[]): Limits {
  return { ...DEFAULT_LIMITS, ...Object.fromEntries(texts.map(parseLimit)) };
}

/** A whole number of at least `least`, for options such as `--max-warnings`. */
export function parseCount(option: string, text: string, least: number): number {
  if (!/^\d{1,15}$/.test(text) || Number(text) < least)
    fail(option, text, `a whole number of at least ${least} is needed`);
  return Number(text);
}

/** `mnet=80`, `mnet.transitions=50`: the least that must have been exercised, in percent. */
export function parseCoverage(text: string, protocols: readonly AnyProtocol[]): Demand {
  const [name, value] = splitSetting('--min-coverage', text, 'PROTOCOL=PERCENT or PROTOCOL.MEASURE=PERCENT');
  const [id = '', word = 'rules'] = name.split('.');
  const protocol = findProtocol('--min-coverage', text, id, protocols);
  const measure = MEASURES.find(candidate => candidate === word);
  if (!measure) fail('--min-coverage', text, unknown('measure', word, MEASURES));
  if (!/^\d{1,3}$/.test(value) || Number(value) > 100)
    fail('--min-coverage', text, 'a whole number of percent, 0 to 100, is needed');
  return { protocol: protocol.id, measure, percent: Number(value) };
}

/** Ids of all rules there are, those of what carries the protocols too. */
export function ruleIds(protocols: readonly AnyProtocol[]): string[] {
  return catalogues(protocols).flatMap(({ rules }) => rules.map(({ id }) => id));
}

export function dialectNames(protocols: readonly AnyProtocol[]): string[] {
  return protocols.flatMap(protocol => protocol.dialect.map(option => `${protocol.id}.${option.name}`));
}

/** `unknown rule mnet/tag-mismach; did you mean mnet/tag-mismatch?`, or what there is when nothing is near. */
export function unknown(noun: string, word: string, candidates: readonly string[], otherwise?: string): string {
  const near = nearest(word, candidates);
  return `unknown ${noun} ${word}; ${near ? `did you mean ${near}?` : (otherwise ?? known(candidates))}`;
}

function findProtocol(option: string, text: string, id: string, protocols: readonly AnyProtocol[]): AnyProtocol {
  const protocol = protocols.find(candidate => candidate.id === id);
  const ids = protocols.map(candidate => candidate.id);
  return protocol ?? fail(option, text, unknown('protocol', id, ids));
}

function splitSetting(option: string, text: string, form: string): [name: string, value: string] {
  const equals = text.indexOf('=');
  if (equals < 1) fail(option, text, `write ${form}`);
  return [text.slice(0, equals), text.slice(equals + 1)];
}

function known(candidates: readonly string[]): string {
  return `known: ${candidates.join(', ')}`;
}

function fail(option: string, text: string, advice: string): never {
  throw new UsageError(`${option} ${text}: ${advice}`, advice);
}

const DURATION = /^(\d{1,9}(?:\.\d{1,9})?)(ms|s|m|h)$/;
const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
/** What a timer can wait: 2^31 - 1 milliseconds. */
const LONGEST_DURATION = 2_147_483_647;

/** `500ms`, `5s`, `2m` or `1.5h` in milliseconds, at least one. */
export function parseDuration(option: string, text: string): number {
  const match = DURATION.exec(text);
  const duration = match ? Math.round(Number(match[1]) * MILLISECONDS[match[2]]) : 0;
  if (duration < 1 || duration > LONGEST_DURATION)
    fail(option, text, 'write a time of at most 24 days: 500ms, 5s, 2m or 1h');
  return duration;
}

const SIZE = /^(\d{1,15})(k|M|G|Ki|Mi|Gi)?B?$/;
const BYTES: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
};

/** `100MB`, `64MiB` or `1000` in bytes, at least one. */
export function parseSize(option: string, text: string): number {
  const match = SIZE.exec(text);
  const size = match ? Number(match[1]) * BYTES[match[2] ?? ''] : 0;
  if (size < 1) fail(option, text, 'write a size: 1000, 100MB or 64MiB');
  return size;
}
