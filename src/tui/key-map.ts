/**
 * The keys in force: those of the table, with what the user has put in their place (`inspect.keys` of a configuration). An
 * action that was given keys has these and no others.
 */
import { unknown } from '../settings/words.ts';
import { type Action, holdsIn, KEYS, type KeyRow, type KeyTable, PRINTED, printKey } from './keys.ts';
import type { View } from './views.ts';

export class KeyMap {
  readonly table: KeyTable;
  readonly #byKey: ReadonlyMap<string, readonly KeyRow[]>;

  constructor(table: KeyTable = KEYS) {
    this.table = table;
    const keys = new Set(table.flatMap(row => row.keys));
    this.#byKey = new Map([...keys].map(key => [key, table.filter(row => row.keys.includes(key))]));
  }

  /** The row of a key, by its name in the table: the one that holds in the view, else one that does elsewhere. */
  rowOf(key: string, view: View): KeyRow | undefined {
    const rows = this.#byKey.get(key) ?? [];
    return rows.find(row => holdsIn(row, view)) ?? rows[0];
  }

  /** Keys that only begin the name of another one: `Z` of `ZZ`. */
  begins(key: string): boolean {
    return !this.#byKey.has(key) && [...this.#byKey.keys()].some(known => isPair(known) && known.startsWith(key));
  }

  /** The first key of an action, for people. */
  print(action: Action): string {
    return this.#first(action) ?? 'no key';
  }

  /** `? help`; empty where the action has no key. */
  hint(action: Action, words: string): string {
    const key = this.#first(action);
    return key === undefined ? '' : `${key} ${words}`;
  }

  #first(action: Action): string | undefined {
    const [key] = this.table.find(row => row.action === action)?.keys ?? [];
    return key === undefined ? undefined : printKey(key);
  }
}

/** `ACTION=KEY KEY`, as it was given, and what is wrong with it. */
export interface KeyFault {
  readonly word: string;
  /** One line: what, and how to mend it. */
  readonly advice: string;
}

const ACTIONS: readonly string[] = KEYS.map(({ action }) => action);
/** Without them nobody would find out again. */
const NEEDED: readonly Action[] = ['back', 'quit'];
const PRINTABLE = /^[!-~\u00a1-\uffff]$/u;
const CONTROL = /^C-([a-gklnopq-z]|[\\\]^_]|space)$/;
/** Names of keys as terminals send them, with what may stand before them. */
const NAMED = /^(C-)?(M-)?(S-)?(up|down|left|right|home|end|pageup|pagedown|insert|delete|f([1-9]|1[0-2]))$/;
const OTHERS = ['space', 'enter', 'escape', 'tab', 'S-tab', 'backspace'];
const NAMES = [...OTHERS, 'up', 'down', 'left', 'right', 'home', 'end', 'pageup', 'pagedown', 'insert', 'delete', 'f1'];

/** @param words `next-finding=C-n n`; of one action the last holds */
export function keyMapOf(words: readonly string[]): KeyMap | KeyFault {
  const changes = new Map<string, { readonly keys: readonly string[]; readonly word: string }>();
  for (const word of words) {
    const equals = word.indexOf('=');
    const action = word.slice(0, equals);
    if (equals < 1) return { word, advice: 'write ACTION=KEY, or ACTION=KEY KEY for several' };
    if (!ACTIONS.includes(action)) return { word, advice: unknown('action', action, ACTIONS) };
    const names = word
      .slice(equals + 1)
      .split(' ')
      .filter(name => name !== '');
    const keys = names.map(keyNamed);
    const wrong = names[keys.indexOf(undefined)];
    if (wrong !== undefined)
      return { word, advice: unknown('key', wrong, [...NAMES, ...Object.values(PRINTED)], KEY_WORDS) };
    if (keys.length === 0 && NEEDED.includes(action as Action)) return { word, advice: `${action} needs a key` };
    changes.set(action, { keys: keys.filter(key => key !== undefined), word });
  }
  const table = KEYS.map(row => ({ ...row, keys: changes.get(row.action)?.keys ?? row.keys }));
  for (const [action, { keys, word }] of changes) {
    for (const key of keys) {
      const advice = conflict(table, action, key);
      if (advice !== undefined) return { word, advice };
    }
  }
  return new KeyMap(table);
}

const KEY_WORDS = 'a key is a character, C-f for Ctrl-F, or a name such as enter, pagedown, f5';

/** Its name in the table; undefined for none. Names that people are shown are understood, too. */
function keyNamed(name: string): string | undefined {
  const printed = Object.entries(PRINTED).find(([, text]) => text.toLowerCase() === name.toLowerCase())?.[0];
  if (printed !== undefined) return printed;
  const spelt = /^ctrl-./i.test(name) ? `C-${name.slice('ctrl-'.length).toLowerCase()}` : name;
  const isKey = PRINTABLE.test(spelt) || CONTROL.test(spelt) || NAMED.test(spelt) || OTHERS.includes(spelt);
  return isKey || (isPair(spelt) && [...spelt].every(character => PRINTABLE.test(character))) ? spelt : undefined;
}

/** Why a key cannot be that of the action: in one of its views it is another one's, or only the beginning of one. */
function conflict(table: KeyTable, action: string, key: string): string | undefined {
  const own = table.find(row => row.action === action)!;
  for (const row of table) {
    if (row === own || !meet(row, own)) continue;
    const clash = row.keys.find(other => other === key || begins(key, other) || begins(other, key));
    if (clash === undefined) continue;
    const which =
      clash === key ? `${printKey(key)} is the key of` : `${printKey(key)} does not go with ${printKey(clash)} of`;
    return `${which} ${row.action}, too; give one of them another key`;
  }
  return undefined;
}

function meet(one: KeyRow, other: KeyRow): boolean {
  return one.views === 'all' || other.views === 'all' || one.views.some(view => holdsIn(other, view));
}

function begins(one: string, pair: string): boolean {
  return isPair(pair) && one !== pair && pair.startsWith(one);
}

/** Two keys, one after the other. */
function isPair(key: string): boolean {
  return [...key].length === 2 && !NAMED.test(key);
}
