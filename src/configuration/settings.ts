/**
 * From what a file says to settings: names and kinds are held against the table of keys, and each setting is put as the
 * option of the command line that it stands for would take it, with the place in the file that it comes from.
 */
import { isAbsolute, resolve } from 'node:path';
import { faultReaderOf } from '../faults/reader.ts';
import { findingFilter } from '../narrowing.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import {
  isKeyFile,
  parseCoverage,
  parseDecodeAs,
  parseDialect,
  parseDuration,
  parseLimit,
  parseRuleSettings,
  UsageError,
  unknown,
} from '../settings/words.ts';
import { KEYS, type Key, namesIn, THEME_NAMES } from './keys.ts';
import {
  complaint,
  keyBelow,
  type Located,
  quoted,
  type SourceFile,
  type SourcePlace,
  settingComplaint,
  shown,
} from './located.ts';

/** One setting of a file: a value, or one item of a list or an object. */
export interface Setting {
  readonly key: Key;
  /** Where it stands in the file, by keys: `rules["mnet/*"]`. */
  readonly path: string;
  readonly at: SourcePlace | undefined;
  /** What the option takes: `mnet/*=off`. Of a protocol as it is, its id. */
  readonly word: string | boolean;
  /** As the file has it, for complaints. */
  readonly quote: string;
  /** A protocol as it is. */
  readonly protocol?: unknown;
}

/** Settings for some captures only. */
export interface CaptureOverride {
  /** Of paths, from the folder of the configuration. */
  readonly patterns: readonly string[];
  readonly path: string;
  readonly settings: readonly Setting[];
}

export interface Configuration {
  readonly file: SourceFile;
  /** In the order of the file. */
  readonly settings: readonly Setting[];
  readonly overrides: readonly CaptureOverride[];
}

/** What is allowed beside the keys: an editor finds the schema by it. */
const SCHEMA = '$schema';
const OVERRIDES = 'overrides';
const CAPTURES = 'captures';

/** @throws UsageError for the first key that there is not, or that holds what it cannot */
export function configurationOf(root: Located, file: SourceFile): Configuration {
  const reader = new SettingsReader(file);
  if (root.kind !== 'object') throw complaint(file, root.at, `expected an object of settings, not ${quoted(root)}`);
  const settings: Setting[] = [];
  const overrides: CaptureOverride[] = [];
  for (const { key, at, value } of root.members) {
    if (key === SCHEMA) continue;
    if (key === OVERRIDES) overrides.push(...reader.overrides(value));
    else settings.push(...reader.member('', key, at, value));
  }
  return { file, settings, overrides };
}

class SettingsReader {
  readonly #file: SourceFile;

  constructor(file: SourceFile) {
    this.#file = file;
  }

  /** @param group name of the object that the key stands in, empty for the file itself */
  member(group: string, name: string, at: SourcePlace | undefined, value: Located): Setting[] {
    const full = keyBelow(group, name);
    const key = KEYS.find(candidate => candidate.name === full);
    if (key) return this.#settings(key, full, value);
    if (group !== '' || !KEYS.some(candidate => candidate.name.startsWith(`${name}.`)))
      this.#unknown(group, name, at, [...namesIn(group), ...(group === '' ? [OVERRIDES] : [])]);
    return this.#members(value, full).flatMap(member => this.member(name, member.key, member.at, member.value));
  }

  overrides(value: Located): CaptureOverride[] {
    const names = KEYS.filter(({ perCapture }) => perCapture).map(({ name }) => name);
    return this.#items(value, OVERRIDES).map((item, index) => {
      const path = keyBelow(OVERRIDES, index);
      const members = this.#members(item, path);
      const captures = members.find(({ key }) => key === CAPTURES);
      if (!captures) this.#fail(item.at, path, `no ${CAPTURES}: name those that it is for, as traces/old-*.pcap`);
      const patterns = captures.value.kind === 'list' ? captures.value.items : [captures.value];
      return {
        path,
        patterns: patterns.map(pattern => this.#text(pattern, keyBelow(path, CAPTURES))),
        settings: members.flatMap(member => {
          if (member.key === CAPTURES) return [];
          const key = KEYS.find(candidate => candidate.perCapture && candidate.name === member.key);
          if (key) return this.#settings(key, keyBelow(path, key.name), member.value);
          if (namesIn('').includes(member.key))
            this.#fail(member.at, keyBelow(path, member.key), `is for all captures; for some: ${names.join(', ')}`);
          return this.#unknown(path, member.key, member.at, [CAPTURES, ...names]);
        }),
      };
    });
  }

  #settings(key: Key, path: string, value: Located): Setting[] {
    const { at } = value;
    const one = (word: string | boolean): Setting[] => [{ key, path, at, word, quote: quoted(value) }];
    switch (key.kind) {
      case 'flag':
        if (value.kind === 'value' && typeof value.value === 'boolean') return one(value.value);
        return this.#wrong(value, path, 'expected true or false');
      case 'choice':
        if (key.words?.some(word => value.kind === 'value' && word === value.value))
          return one(this.#text(value, path));
        return this.#wrong(value, path, this.#choiceAdvice(key, value));
      case 'count':
        return one(String(this.#count(value, path, key.least ?? 0)));
      case 'path':
        return one(this.#resolved(this.#text(value, path)));
      case 'theme':
        return one(this.#theme(this.#text(value, path)));
      case 'keys':
        return this.#named(key, path, value, (item, below) => this.#keys(item, below));
      case 'duration':
      case 'filter':
        return one(this.#text(value, path));
      case 'ports':
      case 'faults':
        return this.#each(key, path, value, (item, below) => this.#text(item, below));
      case 'plugins':
        return this.#each(key, path, value, (item, below) => this.#resolved(this.#text(item, below)));
      case 'reports':
        return this.#each(key, path, value, (item, below) => this.#report(item, below));
      case 'dialects':
        return this.#named(key, path, value, (item, below) => this.#textOrNumber(item, below));
      case 'rules':
        return this.#named(key, path, value, (item, below) => this.#text(item, below));
      case 'shares':
        return this.#named(key, path, value, (item, below) => String(this.#count(item, below, 0)));
      case 'limits':
        return this.#named(key, path, value, (item, below) => String(this.#count(item, below, 1)));
    }
  }

  #each(key: Key, path: string, value: Located, wordOf: (item: Located, path: string) => string): Setting[] {
    return this.#items(value, path).map((item, index) => {
      const below = keyBelow(path, index);
      const common = { key, path: below, at: item.at, quote: quoted(item) };
      if (key.kind === 'plugins' && item.kind === 'other' && typeof item.value === 'object' && item.value !== null) {
        return { ...common, word: String((item.value as { id?: unknown }).id), protocol: item.value };
      }
      return { ...common, word: wordOf(item, below) };
    });
  }

  #named(key: Key, path: string, value: Located, wordOf: (item: Located, path: string) => string): Setting[] {
    return this.#members(value, path).map(member => {
      const below = keyBelow(path, member.key);
      // What stands before the first = is the name.
      if (member.key === '' || member.key.includes('=')) this.#fail(member.at, below, 'this is not a name');
      const word = `${member.key}=${wordOf(member.value, below)}`;
      return { key, path: below, at: member.at, word, quote: quoted(member.value) };
    });
  }

  #report(item: Located, path: string): string {
    if (item.kind !== 'object') {
      const text = this.#text(item, path);
      const equals = text.indexOf('=');
      return equals < 0 ? text : `${text.slice(0, equals)}=${this.#resolved(text.slice(equals + 1))}`;
    }
    const wanted = ['format', 'file'];
    for (const { key, at } of item.members) if (!wanted.includes(key)) this.#unknown(path, key, at, wanted);
    const [format, file] = wanted.map(name => {
      const member = item.members.find(({ key }) => key === name);
      return member ? this.#text(member.value, keyBelow(path, name)) : this.#fail(item.at, path, `no ${name}`);
    });
    return `${format}=${this.#resolved(file!)}`;
  }

  #text(value: Located, path: string): string {
    if (value.kind === 'value' && typeof value.value === 'string') return value.value;
    return this.#wrong(value, path, 'expected a string');
  }

  #theme(word: string): string {
    return THEME_NAMES.includes(word) ? word : this.#resolved(word);
  }

  /** A list of keys, or one alone; a number is that digit's. */
  #keys(value: Located, path: string): string {
    const items = value.kind === 'list' ? value.items : [value];
    const names = items.map((item, index) => {
      const name = this.#textOrNumber(item, keyBelow(path, index));
      return /\s/.test(name) ? this.#wrong(item, path, 'expected the name of a key, as space for the blank') : name;
    });
    return names.join(' ');
  }

  /** `5` is so many seconds. */
  #textOrNumber(value: Located, path: string): string {
    const isNumber = value.kind === 'value' && typeof value.value === 'number' && Number.isFinite(value.value);
    return isNumber ? String(value.value) : this.#text(value, path);
  }

  #count(value: Located, path: string, least: number): number {
    const number = value.kind === 'value' ? value.value : undefined;
    if (typeof number === 'number' && Number.isSafeInteger(number) && number >= least) return number;
    return this.#wrong(value, path, `expected a whole number of at least ${least}`);
  }

  #items(value: Located, path: string): readonly Located[] {
    return value.kind === 'list' ? value.items : this.#wrong(value, path, 'expected a list');
  }

  #members(value: Located, path: string) {
    return value.kind === 'object' ? value.members : this.#wrong(value, path, 'expected an object');
  }

  #choiceAdvice({ words = [] }: Key, value: Located): string {
    const near = value.kind === 'value' && typeof value.value === 'string' ? unknown('word', value.value, words) : '';
    const meant = /did you mean .*$/.exec(near)?.[0];
    return `expected one of ${words.join(', ')}${meant ? `; ${meant}` : ''}`;
  }

  #resolved(path: string): string {
    return path === '-' || isAbsolute(path) ? path : resolve(this.#file.folder, path);
  }

  #unknown(path: string, key: string, at: SourcePlace | undefined, names: readonly string[]): never {
    const [group, member] = key.split('.');
    const isDotted = path === '' && KEYS.some(({ name }) => name === key);
    const advice = isDotted ? `write ${member} in an object ${group}` : unknown('key', shown(key), names);
    return this.#fail(at, keyBelow(path, key), advice);
  }

  #wrong(value: Located, path: string, expected: string): never {
    return this.#fail(value.at, path, `${quoted(value)}: ${expected}`);
  }

  #fail(at: SourcePlace | undefined, path: string, reason: string): never {
    throw complaint(this.#file, at, `${path}: ${reason}`);
  }
}

/** Throws a UsageError for a word that cannot be followed. */
type SettingCheck = (word: string) => void;

/**
 * The settings once they were held against the protocols that there are; files of keys are looked for from the folder of
 * the configuration.
 * @throws UsageError for the first setting that cannot be followed
 */
export function checkedConfiguration(configuration: Configuration, protocols: readonly AnyProtocol[]): Configuration {
  const { file } = configuration;
  const checks: Partial<Record<Key['kind'], SettingCheck>> = {
    ports: word => parseDecodeAs(word, protocols),
    dialects: word => parseDialect(word, protocols),
    rules: word => parseRuleSettings(word, protocols),
    limits: word => parseLimit(word),
    shares: word => parseCoverage(word, protocols),
    duration: word => parseDuration('', word),
    filter: word => findingFilter(word, protocols),
    faults: word => faultReaderOf(protocols, '--fault').faults(word),
  };
  const checked = (setting: Setting): Setting => {
    const found = { ...setting, word: withKeyFile(setting, file, protocols) };
    try {
      checks[setting.key.kind]?.(String(found.word));
    } catch (error) {
      if (error instanceof UsageError) throw settingComplaint(file, setting, error.advice);
      throw error;
    }
    return found;
  };
  return {
    file,
    settings: configuration.settings.map(checked),
    overrides: configuration.overrides.map(override => ({ ...override, settings: override.settings.map(checked) })),
  };
}

function withKeyFile({ key, word }: Setting, { folder }: SourceFile, protocols: readonly AnyProtocol[]) {
  if (key.kind !== 'dialects' || typeof word !== 'string' || !isKeyFile(word, protocols)) return word;
  const equals = word.indexOf('=');
  return `${word.slice(0, equals)}=${resolve(folder, word.slice(equals + 1))}`;
}

/** What an option takes of these settings, in their order. */
export function wordsOf(settings: readonly Setting[], option: string): string[] {
  return settings.flatMap(({ key, word, protocol }) =>
    key.option === option && protocol === undefined ? String(word) : [],
  );
}

/** Folders of protocols and protocols as they are, in their order. */
export function pluginsOf({ settings }: Configuration): (string | AnyProtocol)[] {
  return settings.flatMap(({ key, word, protocol }) =>
    key.kind === 'plugins' ? ((protocol as AnyProtocol | undefined) ?? String(word)) : [],
  );
}
