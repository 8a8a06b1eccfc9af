/**
 * The bytes of a message by its layout, from the last field to the first: what stands behind a field says whether one that
 * may be left out is there. Fields without a value are what they usually are, else 0 or empty; those that tell of others
 * (lengths, counts) say what is true, unless the user has set them. A length may stand before what it measures and change
 * what is there, so that the fields are written again until nothing changes.
 */
import type { Literal, Step } from '../filter/syntax.ts';
import { notAmong } from '../filter/words.ts';
import { bytesOf, type Field, type Items, type Scope } from '../wire/layout.ts';
import { joined } from '../wire/write.ts';
import { EditError } from './error.ts';
import { jsonText } from './json-writer.ts';
import { contentFor, integerBytes, integerFor, prefixBytes, withPart } from './values.ts';

/** A value, and the way to it from the field that it is listed under. */
export interface Wanted {
  /** As the user wrote it. */
  readonly name: string;
  readonly path: readonly Step[];
  readonly value: Literal;
}

/** Values by the name of the field that they are of, or in. */
export type WantedIn = ReadonlyMap<string, readonly Wanted[]>;

/** Rounds after which lengths that measure each other are left as they are. */
const MOST_ROUNDS = 8;
/** Items of a list that is made. */
const MOST_ITEMS = 65_536;

export interface WriterOptions {
  readonly littleEndian: boolean;
  /** What an integer is that nobody has set. */
  readonly usual: (field: Field) => bigint;
  /** What any other field is that nobody has set; empty if undefined. */
  readonly usualContent?: (field: Field) => Literal | undefined;
}

/** @throws EditError for values that do not fit the layout */
export function written(scope: Scope, wanted: WantedIn, options: WriterOptions): Uint8Array {
  return new ScopeWriter(scope, wanted, options).bytes();
}

/** One field of a scope, with what tells its length and what is in it. */
export function writtenField(scope: Scope, field: Field, wanted: WantedIn, options: WriterOptions): Uint8Array {
  return new ScopeWriter(scope, wanted, options).alone(field);
}

class ScopeWriter {
  readonly #scope: Scope;
  readonly #wanted: WantedIn;
  readonly #options: WriterOptions;
  /** What fields say of others, as far as it is known. */
  #stated = new Map<Field, bigint>();
  #stating = new Map<Field, bigint>();

  constructor(scope: Scope, wanted: WantedIn, options: WriterOptions) {
    this.#scope = scope;
    this.#wanted = wanted;
    this.#options = options;
  }

  bytes(): Uint8Array {
    for (const [name, [{ name: whole }]] of this.#wanted) {
      if (Object.hasOwn(this.#scope.fields, name)) continue;
      throw new EditError(`${whole}: ${notAmong('field', name, Object.keys(this.#scope.fields))}`, true);
    }
    for (let round = 1; ; round++) {
      this.#stating = new Map();
      const bytes = this.#rows(this.#scope.rows, 0);
      const isSettled = [...this.#stating].every(([field, value]) => this.#stated.get(field) === value);
      if (isSettled || round === MOST_ROUNDS) return bytes;
      this.#stated = this.#stating;
    }
  }

  alone(field: Field): Uint8Array {
    return this.#field(field, 0);
  }

  /** @param behind bytes that follow them */
  #rows(rows: readonly Field[], behind: number): Uint8Array {
    const parts: Uint8Array[] = [];
    let length = behind;
    for (const field of rows.toReversed()) {
      if (!this.#isThere(field, length)) continue;
      const bytes = this.#field(field, length);
      parts.unshift(bytes);
      length += bytes.length;
    }
    return joined(parts);
  }

  #isThere(field: Field, behind: number): boolean {
    const { presence, presentBy } = field;
    if (presence === undefined) return true;
    const wanted = this.#firstWanted(field);
    if (presence.of === 'bytesLeft') return behind > 0 || wanted !== undefined;
    const isThere =
      this.#isThere(presentBy!.whole ?? presentBy!, 1) && presence.test(Number(this.#integer(presentBy!)));
    if (isThere || wanted === undefined) return isThere;
    throw new EditError(`${wanted.name}: it is there only ${presence.words}`);
  }

  /** A value of the field, or of one within. */
  #firstWanted({ name, parts, members }: Field): Wanted | undefined {
    const [own] = this.#wanted.get(name) ?? [];
    for (const inner of own ? [] : [...parts, ...members]) {
      const found = this.#firstWanted(inner);
      if (found) return found;
    }
    return own;
  }

  #field(field: Field, behind: number): Uint8Array {
    const { extent, measuredBy } = field;
    const content = this.#content(field, behind);
    switch (extent.of) {
      case 'prefix':
        return this.#naming(field, () =>
          joined([prefixBytes(field, extent.prefix, content.length, this.#options.littleEndian), content]),
        );
      case 'length':
        this.#stating.set(measuredBy!, BigInt(content.length + extent.minus));
        return content;
      case 'mark':
        return joined([content, Buffer.from(extent.mark, 'latin1')]);
      default:
        return content;
    }
  }

  #content(field: Field, behind: number): Uint8Array {
    const { littleEndian } = this.#options;
    const wanted = this.#wanted.get(field.name) ?? [];
    const own = wanted.find(({ path }) => path.length === 0);
    switch (field.kind) {
      case 'group':
        return this.#rows(field.members, field.extent.of === 'members' ? behind : 0);
      case 'list':
        return this.#items(field, wanted);
      case 'uint': {
        const value = this.#integer(field);
        return this.#naming(field, () => integerBytes(field, value, littleEndian));
      }
      case 'json':
        return Buffer.from(jsonText(wanted), 'utf8');
      default: {
        const value = own?.value ?? this.#options.usualContent?.(field);
        return value ? this.#naming(field, () => contentFor(field, value, littleEndian, true)) : empty(field);
      }
    }
  }

  /** What an integer says, of bits those that were set among those that were not. */
  #integer(field: Field): bigint {
    if (field.whole) return (this.#integer(field.whole) >> BigInt(field.shift)) & BigInt(field.mask);
    const own = this.#set(field);
    const start = own ?? this.#stated.get(field) ?? this.#options.usual(field);
    return field.parts.reduce((value, part) => {
      const number =
        this.#set(part) ?? (own === undefined ? (this.#stated.get(part) ?? this.#options.usual(part)) : undefined);
      return number === undefined ? value : this.#naming(part, () => withPart(part, value, number));
    }, start);
  }

  #set(field: Field): bigint | undefined {
    const own = this.#wanted.get(field.name)?.find(({ path }) => path.length === 0);
    return own && this.#naming(field, () => integerFor(field, own.value));
  }

  #items(list: Field, wanted: readonly Wanted[]): Uint8Array {
    const items = new Map<number, Map<string, Wanted[]>>();
    for (const { path, ...rest } of wanted) {
      const [which, next, ...further] = path;
      if (which?.kind !== 'index' || next?.kind !== 'name') {
        throw new EditError(`${rest.name}: an item of a message that is made is named by its number, such as [0]`);
      }
      const item = items.get(which.index) ?? new Map<string, Wanted[]>();
      items.set(which.index, item);
      item.set(next.name, [...(item.get(next.name) ?? []), { ...rest, path: further }]);
    }
    const count = Math.max(-1, ...items.keys()) + 1;
    const most = Math.min(MOST_ITEMS, list.items!.most);
    if (count > most) throw new EditError(`${wanted[0].name}: ${list.name} has at most ${most} items`);
    const parts = Array.from({ length: count }, (_, index) => this.#item(list.items!, items.get(index) ?? new Map()));
    if (list.extent.of === 'count') this.#stating.set(list.measuredBy!, BigInt(count));
    return joined(parts);
  }

  /** What its type is follows, where nobody says it, from the fields that it has. */
  #item({ head, by, table, other }: Items, wanted: WantedIn): Uint8Array {
    if (by === undefined) return written(head, wanted, this.#options);
    const [own] = wanted.get(by.name) ?? [];
    const type = own
      ? Number(this.#inItem(own, () => integerFor(by, own.value)))
      : ([...table].find(([, scope]) => [...wanted.keys()].every(name => Object.hasOwn(scope.fields, name)))?.[0] ?? 0);
    const usual = (field: Field) => (field.name === by.name ? BigInt(type) : this.#options.usual(field));
    return written(table.get(type) ?? other ?? head, wanted, { ...this.#options, usual });
  }

  #inItem<Value>({ name }: Wanted, make: () => Value): Value {
    return named(name, make);
  }

  /** Complaints name the value that they are about, as the user wrote it. */
  #naming<Value>(field: Field, make: () => Value): Value {
    return named(this.#firstWanted(field)?.name ?? field.name, make);
  }
}

function named<Value>(name: string, make: () => Value): Value {
  try {
    return make();
  } catch (error) {
    throw error instanceof EditError ? new EditError(`${name}: ${error.message}`) : error;
  }
}

const NOTHING = new Uint8Array(0);

/** A field that nobody has set. */
function empty(field: Field): Uint8Array {
  if (field.extent.of === 'reader') return field.extent.reader.write?.('', NOTHING) ?? NOTHING;
  return new Uint8Array(bytesOf(field));
}
