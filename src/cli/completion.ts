/** Shell completion beyond commands and options, which yargs completes: rule ids, dialect options, decode-as, limits, filters. */

import { ENFORCING } from '../faults/enforcement.ts';
import { catalogueOf } from '../filter/catalogue.ts';
import { complete as completeFilter } from '../filter/complete.ts';
import { DEFAULT_LIMITS } from '../protocol/limits.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import { FORMAT_NAMES } from '../report/formats.ts';
import { RULE_SETTINGS, ruleIds } from '../settings/words.ts';
import type { Program } from './command.ts';

export type Done = (completions: string[]) => void;
/** yargs' own completion, handed to a callback. */
export type Completer = (callback?: (error: Error | null, found: string[] | undefined) => void) => void;

/**
 * @param optionsOf names of a command's options, without dashes
 * @param topics what `wirelint help` can be asked about
 * @param done gets the candidates; the shell keeps those that fit the word begun
 */
export function complete(
  program: Program,
  optionsOf: (command: string) => readonly string[],
  topics: readonly string[],
  usual: Completer,
  done: Done,
): void {
  const words = program.host.args.slice(program.host.args.indexOf('--get-yargs-completions') + 2);
  const options = words.at(-1)?.startsWith('--') ? optionsOf(words[0] ?? '').map(name => `--${name}`) : [];
  const own = options.length > 0 ? options : candidates(words, program.protocols, topics);
  if (own) done(own);
  else usual((_error, found) => done(found ?? []));
}

/** The words that may stand at the end of `words`, where that is ours to say. */
function candidates(
  words: readonly string[],
  protocols: readonly AnyProtocol[],
  topics: readonly string[],
): string[] | undefined {
  const [command] = words;
  switch (words.at(-2)) {
    case '--rule':
      return rulePatterns(protocols).flatMap(id => RULE_SETTINGS.map(setting => `${id}=${setting}`));
    case '--dialect':
      return dialectSettings(protocols);
    case '--limit':
      return Object.keys(DEFAULT_LIMITS).map(name => `${name}=`);
    case '--report':
      return FORMAT_NAMES.map(name => `${name}=`);
    case '--enforce':
      return [...ENFORCING];
    case '--attack':
      return [...new Set(protocols.flatMap(({ provocations = [] }) => provocations.map(({ rule }) => rule)))];
    case '--break-on':
      return filters(words.at(-1) ?? '', protocols);
    case '-f':
    case '--format':
      // Other commands have forms of their own, which yargs knows.
      return ['check', 'proxy', 'replay'].includes(command ?? '') ? [...FORMAT_NAMES] : undefined;
    case '-Y':
    case '--filter':
      return filters(words.at(-1) ?? '', protocols);
    case '-d':
    case '--decode-as':
      return decodeAsForms(protocols);
    case 'help':
      return command === 'help' && words.length === 2 ? [...topics] : undefined;
    case 'rules':
      return command === 'rules' && !words.at(-1)?.startsWith('-') ? ruleIds(protocols) : undefined;
    default:
      return undefined;
  }
}

/** Every rule, and all of each catalogue. */
function rulePatterns(protocols: readonly AnyProtocol[]): string[] {
  const ids = ruleIds(protocols);
  return [...new Set(ids.map(id => `${id.split('/', 1)[0]}/*`)), ...ids];
}

/** The filter begun, with each word that may stand at its end. The shell hands it over with the quote that opens it. */
function filters(word: string, protocols: readonly AnyProtocol[]): string[] {
  const begun = word.replace(/^['"]/, '');
  const { from, candidates: ends } = completeFilter(begun, begun.length, catalogueOf(protocols));
  return ends.map(end => begun.slice(0, from) + end);
}

function decodeAsForms(protocols: readonly AnyProtocol[]): string[] {
  return protocols.flatMap(({ id, carriers }) =>
    [...new Set(carriers.map(({ transport }) => transport))].map(transport => `${transport}.port==PORT,${id}`),
  );
}

function dialectSettings(protocols: readonly AnyProtocol[]): string[] {
  return protocols.flatMap(({ id, dialect }) =>
    dialect.flatMap(({ name, values }) => (values ?? ['']).map(value => `${id}.${name}=${value}`)),
  );
}
