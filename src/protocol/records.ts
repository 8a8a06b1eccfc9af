/**
 * Per-connection state in typed arrays: one row of 32-bit words a connection, read and written through reused views.
 *
 * An object a connection costs 300 bytes and more and a cache miss a property; a row costs four bytes a field and lies
 * in one or two cache lines. A view is a cursor: set `base`, then its named fields are the row's words. Every field is
 * an unsigned 32-bit number, 0 when the row is new. Signed or larger values take two fields.
 */

/** What a view needs of its table: kept in each view, because a look through the table would cost a load a read. */
interface Cursor {
  words: Uint32Array;
}

export class Records {
  /** All rows, one behind the other; replaced when the table grows, so only views, which follow, may keep it. */
  words: Uint32Array;
  readonly width: number;
  readonly #cursors: Cursor[] = [];

  /** @param width words a row */
  constructor(width: number, rows = 64) {
    this.width = width;
    this.words = new Uint32Array(width * rows);
  }

  /** Makes row `index` exist and sets it to zeros; returns the offset of its first word. */
  reset(index: number): number {
    const base = index * this.width;
    if (base + this.width > this.words.length) {
      const grown = new Uint32Array(Math.max(this.words.length * 2, base + this.width));
      grown.set(this.words);
      this.words = grown;
      for (const cursor of this.#cursors) cursor.words = grown;
    } else {
      this.words.fill(0, base, base + this.width);
    }
    return base;
  }

  /** Has a view follow the table when it grows. */
  attach(cursor: Cursor): void {
    this.#cursors.push(cursor);
  }
}

/** A cursor over `Records` whose named fields are words of one row, counted from `base`. */
export type RecordView<Name extends string> = { base: number } & Record<Name, number>;

/**
 * Makes the class of a view. Field k is the word at `base + k`; the accessors are made once a class, so that all views
 * of it share a hidden class and V8 inlines them.
 */
export function recordView<const Names extends readonly string[]>(
  names: Names,
): { readonly width: number; new (records: Records): RecordView<Names[number]> } {
  class View {
    static readonly width = names.length;
    base = 0;
    words: Uint32Array;
    constructor(records: Records) {
      this.words = records.words;
      records.attach(this);
    }
  }
  names.forEach((name, index) => {
    Object.defineProperty(View.prototype, name, {
      get(this: View): number {
        return this.words[this.base + index];
      },
      set(this: View, value: number) {
        this.words[this.base + index] = value;
      },
    });
  });
  return View as unknown as { readonly width: number; new (records: Records): RecordView<Names[number]> };
}
