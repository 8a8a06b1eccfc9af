/** What `Tab` offers, for any shell: commands, options and their values, rule ids, dialects, ports, limits, filters. */

import type { Options } from 'yargs';
import { THEME_NAMES } from '../configuration/keys.ts';
import { ENFORCING } from '../faults/enforcement.ts';
import { catalogueOf } from '../filter/catalogue.ts';
import { complete as completeFilter } from '../filter/complete.ts';
import { DEFAULT_LIMITS } from '../protocol/limits.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import { FORMAT_NAMES } from '../report/formats.ts';
import { RULE_SETTINGS, ruleIds } from '../settings/words.ts';
import { SHELLS } from './completion-scripts.ts';
import { begunLine, type Quote, typed } from './shell-words.ts';

/** What there is to complete. */
export interface Completable {
  readonly protocols: readonly AnyProtocol[];
  /** The options of each command, by its name; what `completion` and `help` take is no option. */
  readonly commands: Readonly<Record<string, Readonly<Record<string, Options>>>>;
  /** What `wirelint help` can be asked about beside the commands. */
  readonly topics: readonly string[];
}

/**
 * The answer to a completion script: what to do with it, then the candidates.
 * @param args behind the request: the shell, then its line and its break characters (bash), or its words (zsh, fish)
 */
export function answer([shell, ...rest]: readonly string[], completable: Completable): string {
  const { words, quote, broken } = shell === 'bash' ? begunLine(rest[0] ?? '', rest[1]) : begunWords(rest);
  const begun = words.at(-1) ?? '';
  const found = candidates(withoutProgram(words), completable).filter(word => word.startsWith(begun));
  if (found.length === 0) return 'files\n';
  const kind = found.every(goesOn) ? 'nospace' : 'values';
  return `${[kind, ...found.map(word => asTyped(word, shell, quote, broken))].join('\n')}\n`;
}

/** zsh and fish cut the line themselves, and hand over the quotes of the last word alone. */
function begunWords(words: readonly string[]): { words: readonly string[]; quote: Quote; broken: number } {
  const unquoted = words.map(word => begunLine(word).words.join(' '));
  return { words: unquoted, quote: '', broken: 0 };
}

/** Behind the program's name; `npx wirelint` is two words. */
function withoutProgram(words: readonly string[]): readonly string[] {
  return words.slice(/(^|\/)npx$/.test(words[0] ?? '') ? 2 : 1);
}

/** More must be typed behind it. */
function goesOn(word: string): boolean {
  return /[=,.[]$/.test(word);
}

/** bash replaces what is behind its last break character and does not quote; the others do both themselves. */
function asTyped(word: string, shell: string | undefined, quote: Quote, broken: number): string {
  return shell === 'bash' ? typed(word.slice(broken), quote) : word;
}

/** The words that may stand at the end of `words`, whole; none where only the name of a file can. */
function candidates(words: readonly string[], { protocols, commands, topics }: Completable): readonly string[] {
  const begun = words.at(-1) ?? '';
  const names = Object.keys(commands);
  const place = words.slice(0, -1).findIndex(word => names.includes(word));
  // Ahead of the command stands what holds for each of them.
  const command = words[place] ?? 'completion';
  const options = commands[command];
  const [, option, value] = /^--([\w-]+)=(.*)$/su.exec(begun) ?? [];
  if (option !== undefined)
    return valuesOf(option, value, command, options, protocols).map(word => `--${option}=${word}`);
  const before = /^--?([\w-]+)$/.exec(words.at(-2) ?? '')?.[1];
  const awaited = before === undefined ? undefined : takingValue(before, options);
  if (awaited !== undefined) return valuesOf(awaited, begun, command, options, protocols);
  if (begun.startsWith('-')) return optionNames(options);
  if (place < 0) return names;
  return place === words.length - 2 ? argumentsOf(command, names, protocols, topics) : [];
}

/** The first argument of a command, where that is no file. */
function argumentsOf(
  command: string,
  names: readonly string[],
  protocols: readonly AnyProtocol[],
  topics: readonly string[],
): readonly string[] {
  switch (command) {
    case 'rules':
      return [...protocols.map(({ id }) => id), ...ruleIds(protocols)];
    case 'protocols':
      return protocols.map(({ id }) => id);
    case 'help':
      return [...names, ...topics];
    case 'completion':
      return SHELLS;
    default:
      return [];
  }
}

function optionNames(options: Readonly<Record<string, Options>>): readonly string[] {
  return [...Object.keys(options).filter(name => !options[name].hidden), 'help', 'version'].map(name => `--${name}`);
}

/** The option's own name, where a value must follow the one that was written. */
function takingValue(written: string, options: Readonly<Record<string, Options>>): string | undefined {
  const [name, { type = 'string' } = {}] =
    Object.entries(options).find(([own, { alias }]) => own === written || [alias].flat().includes(written)) ?? [];
  return type === 'boolean' ? undefined : name;
}

function valuesOf(
  option: string,
  begun: string,
  command: string,
  options: Readonly<Record<string, Options>>,
  protocols: readonly AnyProtocol[],
): readonly string[] {
  switch (option) {
    case 'rule':
      return rulePatterns(protocols).flatMap(id => RULE_SETTINGS.map(setting => `${id}=${setting}`));
    case 'dialect':
      return dialectSettings(protocols);
    case 'limit':
      return Object.keys(DEFAULT_LIMITS).map(name => `${name}=`);
    case 'theme':
      return THEME_NAMES;
    case 'report':
      return FORMAT_NAMES.map(name => `${name}=`);
    case 'enforce':
      return ENFORCING;
    case 'attack':
      return [...new Set(protocols.flatMap(({ provocations = [] }) => provocations.map(({ rule }) => rule)))];
    case 'break-on':
    case 'filter':
      return filters(begun, protocols);
    case 'decode-as':
      return portMappings(begun, protocols);
    case 'format':
      // Other commands have forms of their own.
      if (['check', 'proxy', 'replay'].includes(command)) return FORMAT_NAMES;
  }
  return (options[option]?.choices ?? []).map(String);
}

/** Every rule, and all of each catalogue. */
function rulePatterns(protocols: readonly AnyProtocol[]): string[] {
  const ids = ruleIds(protocols);
  return [...new Set(ids.map(id => `${id.split('/', 1)[0]}/*`)), ...ids];
}

/** The filter begun, with each word that may stand at its end. */
function filters(begun: string, protocols: readonly AnyProtocol[]): readonly string[] {
  const { from, candidates: ends } = completeFilter(begun, begun.length, catalogueOf(protocols));
  return ends.map(end => begun.slice(0, from) + end);
}

/** A transport; then, behind the ports and a comma, the protocols that it carries. */
function portMappings(begun: string, protocols: readonly AnyProtocol[]): readonly string[] {
  const carried = (transport: string) =>
    protocols.filter(({ carriers }) => carriers.some(carrier => carrier.transport === transport));
  const [ports, transport] = /^(tcp|udp)\.port==[^,]*,/.exec(begun) ?? [];
  if (transport !== undefined) return carried(transport).map(({ id }) => `${ports}${id}`);
  return ['tcp', 'udp'].filter(known => carried(known).length > 0).map(known => `${known}.port==`);
}

function dialectSettings(protocols: readonly AnyProtocol[]): string[] {
  return protocols.flatMap(({ id, dialect }) =>
    dialect.flatMap(({ name, values }) => (values ?? ['']).map(value => `${id}.${name}=${value}`)),
  );
}
