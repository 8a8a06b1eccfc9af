/**
 * Scenarios: files of faults that come and go as a conversation goes (`proxy --scenario FILE`). The tables here are what
 * checks one, what its JSON schema is made from, and what the documentation prints.
 */
import type { Fault } from '../faults/fault.ts';
import type { FaultReader } from '../faults/parse.ts';
import type { Scenario, Step } from '../faults/step.ts';
import { parseDuration, UsageError, unknown } from '../settings/words.ts';
import { readData } from './file.ts';
import { complaint, keyBelow, type Located, type Member, quoted, type SourceFile, shown } from './located.ts';

export interface ScenarioKey {
  readonly name: string;
  readonly kind: 'text' | 'seed' | 'duration' | 'condition' | 'choice' | 'faults' | 'steps';
  readonly words?: readonly string[];
  readonly required?: true;
  /** One line for people. */
  readonly meaning: string;
}

export const SCENARIO_KEYS: readonly ScenarioKey[] = [
  { name: 'name', kind: 'text', meaning: 'What the log calls it' },
  {
    name: 'seed',
    kind: 'seed',
    meaning: 'Seed of what is left to chance, where a fault has none of its own; 0 if absent',
  },
  { name: 'faults', kind: 'faults', meaning: 'Faults that are on all the time' },
  { name: 'steps', kind: 'steps', meaning: 'Faults that are on for a while, each step by itself' },
];

export const STEP_KEYS: readonly ScenarioKey[] = [
  { name: 'name', kind: 'text', meaning: 'What the log calls it' },
  {
    name: 'at',
    kind: 'duration',
    meaning: 'Not before this time has passed since the first message (of the run, or of the connection): 5s',
  },
  {
    name: 'after',
    kind: 'condition',
    meaning: 'Starts after each message that this filter matches; absent: from the beginning, or from at',
  },
  { name: 'for', kind: 'duration', meaning: 'Ends when this time has passed: 10s' },
  { name: 'until', kind: 'condition', meaning: 'Ends after a message that this filter matches' },
  {
    name: 'per',
    kind: 'choice',
    words: ['run', 'connection'],
    meaning: 'Whether it is on for all connections at once, or for each by itself; run if absent',
  },
  { name: 'faults', kind: 'faults', required: true, meaning: 'Faults that are on meanwhile' },
];

/** What is allowed beside the keys: an editor finds the schema by it. */
const SCHEMA = '$schema';
const SENDERS = ['client', 'server'];

/**
 * Reads a scenario. @param reader reads its faults and conditions
 * @throws UsageError of one line: file, line and column, key, what is wrong, and what would be right
 */
export async function readScenario(file: SourceFile, reader: FaultReader): Promise<Scenario> {
  return scenarioOf(await readData(file, 'a scenario'), file, reader);
}

export function scenarioOf(root: Located, file: SourceFile, reader: FaultReader): Scenario {
  return new ScenarioReader(file, reader).scenario(root);
}

/** The values of an object, by key. */
type Values = ReadonlyMap<string, Located>;

class ScenarioReader {
  readonly #file: SourceFile;
  readonly #reader: FaultReader;

  constructor(file: SourceFile, reader: FaultReader) {
    this.#file = file;
    this.#reader = reader;
  }

  scenario(root: Located): Scenario {
    const values = this.#object(root, '', SCENARIO_KEYS);
    const steps = values.get('steps');
    const faults = values.get('faults');
    if (!steps && !faults) this.#fail(root, '', 'no steps and no faults: nothing would happen');
    return {
      name: this.#text(values, '', 'name') ?? '',
      seed: this.#seed(values.get('seed'), 'seed'),
      faults: faults ? this.#faults(faults, 'faults') : [],
      steps: steps ? this.#items(steps, 'steps').map((item, index) => this.#step(item, keyBelow('steps', index))) : [],
    };
  }

  #step(item: Located, path: string): Step {
    const values = this.#object(item, path, STEP_KEYS);
    const faults = values.get('faults');
    if (!faults) this.#fail(item, path, 'no faults: name what happens, as faults: [drop=5%]');
    return {
      name: this.#text(values, path, 'name') ?? '',
      at: this.#duration(values, path, 'at') ?? 0,
      after: this.#condition(values, path, 'after'),
      for: this.#duration(values, path, 'for'),
      until: this.#condition(values, path, 'until'),
      perConnection: this.#choice(values, path, 'per') === 'connection',
      faults: this.#faults(faults, keyBelow(path, 'faults')),
    };
  }

  #object(value: Located, path: string, keys: readonly ScenarioKey[]): Values {
    if (value.kind !== 'object') {
      return this.#fail(
        value,
        path,
        `expected ${path === '' ? 'a scenario, with steps' : 'an object'}, not ${quoted(value)}`,
      );
    }
    const names = keys.map(({ name }) => name);
    for (const { key, at } of value.members) {
      if (names.includes(key) || (path === '' && key === SCHEMA)) continue;
      throw complaint(this.#file, at, `${keyBelow(path, key)}: ${unknown('key', shown(key), names)}`);
    }
    return new Map(value.members.map(member => [member.key, member.value]));
  }

  #faults(value: Located, path: string): readonly Fault[] {
    const items = this.#items(value, path);
    if (items.length === 0) this.#fail(value, path, 'expected at least one fault, such as drop=5%');
    return items.flatMap((item, index) => {
      const below = keyBelow(path, index);
      const text = this.#faultText(item, below);
      return this.#checked(item, below, () => this.#reader.faults(text));
    });
  }

  /** `client: drop=5%` is an object to YAML, and the same to us. */
  #faultText(item: Located, path: string): string {
    if (item.kind !== 'object') return this.#textOf(item, path, 'expected a fault, such as drop=5%');
    const [member, more] = item.members;
    const from: Member | undefined = more ? undefined : member;
    if (!from || !SENDERS.includes(from.key))
      return this.#fail(
        item,
        path,
        'expected a fault, such as drop=5% or client: drop=5%; quote one with a colon in it',
      );
    return `${from.key}: ${this.#textOf(from.value, keyBelow(path, from.key), 'expected a fault, such as drop=5%')}`;
  }

  #condition(values: Values, path: string, name: string) {
    const value = values.get(name);
    if (!value) return undefined;
    const below = keyBelow(path, name);
    const text = this.#textOf(value, below, 'expected a filter, such as type == CONNECT');
    return this.#checked(value, below, () => this.#reader.condition(text));
  }

  #duration(values: Values, path: string, name: string): number | undefined {
    const value = values.get(name);
    if (!value) return undefined;
    const below = keyBelow(path, name);
    const text = this.#textOf(value, below, 'expected a time: 500ms, 5s, 2m or 1h');
    return this.#checked(value, below, () => parseDuration('', text), quoted(value));
  }

  #choice(values: Values, path: string, name: string): string | undefined {
    const value = values.get(name);
    const { words = [] } = STEP_KEYS.find(key => key.name === name) ?? {};
    if (!value || words.some(word => value.kind === 'value' && value.value === word))
      return value && this.#text(values, path, name);
    return this.#fail(value, keyBelow(path, name), `${quoted(value)}: expected one of ${words.join(', ')}`);
  }

  #seed(value: Located | undefined, path: string): number | undefined {
    const seed = value?.kind === 'value' ? value.value : undefined;
    if (!value || (typeof seed === 'number' && Number.isSafeInteger(seed) && seed >= 0))
      return seed as number | undefined;
    return this.#fail(value, path, `${quoted(value)}: a seed is a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`);
  }

  #text(values: Values, path: string, name: string): string | undefined {
    const value = values.get(name);
    return value && this.#textOf(value, keyBelow(path, name), 'expected a string');
  }

  #textOf(value: Located, path: string, expected: string): string {
    if (value.kind === 'value' && typeof value.value === 'string') return value.value;
    return this.#fail(value, path, `${quoted(value)}: ${expected}`);
  }

  #items(value: Located, path: string): readonly Located[] {
    return value.kind === 'list' ? value.items : this.#fail(value, path, `${quoted(value)}: expected a list`);
  }

  /** @param quote of the value, where the advice does not point into it */
  #checked<T>(value: Located, path: string, check: () => T, quote?: string): T {
    try {
      return check();
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return this.#fail(value, path, quote === undefined ? error.advice : `${quote}: ${error.advice}`);
    }
  }

  #fail({ at }: Located, path: string, reason: string): never {
    throw complaint(this.#file, at, path === '' ? reason : `${path}: ${reason}`);
  }
}
