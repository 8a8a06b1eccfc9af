/**
 * Per-connection state in typed arrays: one row of 32-bit words a connection, read and written through reused views.
 *
 * An object a connection costs 300 bytes and more and a cache miss a property; a row costs four bytes a field and lies
 * in one or two cache lines. A view is a cursor: set `base`, then its named fields are the row's words. A field is an
 * unsigned number, 0 when the row is new: a word of 32 bits, or a byte where up to four fields share one. Signed or larger
 * values take two fields.
 */

import { grownLength, wordsFromLine } from './growth.ts';

export class Records {
  /** All rows, one behind the other; replaced when the table grows, so only views, which follow, may keep it. */
  words: Uint32Array;
  readonly width: number;
  readonly #rows: RowView[] = [];
  /** Rows that were ever used; those behind are still zeros. */
  #used = 0;

  /** @param width words a row */
  constructor(width: number, rows = 8) {
    this.width = width;
    this.words = new Uint32Array(width * rows);
  }

  /** Makes row `index` exist and sets it to zeros; returns the offset of its first word. */
  reset(index: number): number {
    const base = index * this.width;
    if (base + this.width > this.words.length) {
      const grown = wordsFromLine(grownLength(this.words.length, base + this.width));
      grown.set(this.words);
      this.words = grown;
      for (const row of this.#rows) row.words = grown;
    }
    if (index < this.#used) this.words.fill(0, base, base + this.width);
    else this.#used = index + 1;
    return base;
  }

  /** Has a view follow the table when it grows. */
  attach(row: RowView): void {
    this.#rows.push(row);
  }
}

/** A cursor over the rows of a table: what all views are. */
class RowView {
  /** Offset in `words` from which the fields are counted. */
  base = 0;
  /** The table's words; kept here, because a look through the table would cost a load a read. */
  words: Uint32Array;

  constructor(records: Records) {
    this.words = records.words;
    records.attach(this);
  }
}

export type RecordView<Name extends string> = RowView & Record<Name, number>;

/** The class of a view, with the words a row of it takes. */
export interface RecordViewClass<Name extends string> {
  readonly width: number;
  new (records: Records): RecordView<Name>;
}

const FIELD_NAME = /^[a-z][A-Za-z0-9]*$/;
/** What every view has anyway, beside what its prototype says. */
const TAKEN = ['base', 'words'];

/** A word: the name of its field, or those of up to four that are a byte of it each, 0..255. */
type Word = string | readonly string[];
type NamesOf<Words extends readonly Word[]> = Words[number] extends infer One
  ? One extends string
    ? One
    : One extends readonly (infer Name extends string)[]
      ? Name
      : never
  : never;

const BITS_OF_BYTE = 8;
const MOST_BYTES = 4;

/**
 * Makes the class of a view whose word k is that at `base + k`.
 *
 * The class is compiled from a text of its own, with a pair of accessors a field, as one would write it out by hand, and is
 * as fast as that. V8 keeps what it learned of a function with its place in the source: accessors that are closures over `k`
 * share one place for the fields of all views, so that what is learned there fits none of them, and each read has to look
 * at the class of its view again. The text holds nothing but the names, which stand in our own code and that of protocols,
 * never in what was read, and are checked to be plain identifiers.
 *
 * @throws Error for a name that is no identifier in camel case, that every view has anyway, or that comes twice; for a word
 * of more than four fields
 */
export function recordView<const Words extends readonly Word[]>(words: Words): RecordViewClass<NamesOf<Words>> {
  const names = words.flat();
  const isTaken = (name: string) => TAKEN.includes(name) || name in RowView.prototype;
  const wrong = names.find((name, k) => !FIELD_NAME.test(name) || isTaken(name) || names.indexOf(name) !== k);
  if (wrong !== undefined) throw new Error(`record view: '${wrong}' cannot be the name of a field`);
  const crowded = words.find((word): word is readonly string[] => typeof word !== 'string' && word.length > MOST_BYTES);
  if (crowded) throw new Error(`record view: '${crowded.join(' ')}' are more than the four bytes of a word`);
  const accessors = words.flatMap((word, k) =>
    typeof word === 'string' ? wordAccessors(word, k) : word.map((name, byte) => byteAccessors(name, k, byte)),
  );
  const text = `return class extends RowView { static width = ${words.length}; ${accessors.join(' ')} };`;
  return new Function('RowView', text)(RowView) as RecordViewClass<NamesOf<Words>>;
}

function wordAccessors(name: string, k: number): string {
  const word = `this.words[this.base + ${k}]`;
  return `get ${name}() { return ${word}; } set ${name}(value) { ${word} = value; }`;
}

function byteAccessors(name: string, k: number, byte: number): string {
  const word = `this.words[this.base + ${k}]`;
  const shift = byte * BITS_OF_BYTE;
  const others = ~(0xff << shift);
  return (
    `get ${name}() { return (${word} >>> ${shift}) & 255; } ` +
    `set ${name}(value) { ${word} = (${word} & ${others}) | ((value & 255) << ${shift}); }`
  );
}

/** The array, or a longer copy of it when it has no element `index`; at least twice as long, so that growing is rare. */
export function withRoomFor<T extends Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer>>(array: T, index: number): T {
  if (index < array.length) return array;
  const grown = new (array.constructor as new (length: number) => T)(grownLength(array.length, index + 1));
  grown.set(array);
  return grown;
}
