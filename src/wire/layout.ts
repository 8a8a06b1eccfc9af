/**
 * A message as a table: its fields in wire order, each with name, offset, size, kind, meaning and clause. From the one
 * table come the reads (message.ts), the field tree (tree.ts), `dissect`'s output and the protocol's documentation.
 *
 * All fields of all protocols share one shape, so that one `read` serves them all and stays monomorphic: measured, a
 * descriptor and one shared function read five times faster than a class with getters a layout.
 */

/** `rest` takes all bytes to the end of the message; only the last field may have it. */
export type FieldSize = number | 'rest';

/**
 * - `uint`: unsigned integer of 1 to 4 bytes in the message's byte order
 * - `id`: opaque identifier of 1 to 4 bytes, compared and shown as it stands on the wire
 * - `unixTime`: unsigned seconds since the Unix epoch, 4 bytes in the message's byte order
 * - `text`: characters, shown with everything unprintable escaped
 * - `bytes`: shown as hex
 * - `json`: one JSON value that takes the rest; shown with its members
 */
export type FieldKind = 'uint' | 'id' | 'unixTime' | 'text' | 'bytes' | 'json';

export interface FieldRow {
  /** Short name for filters and JSON: `sequence`. */
  readonly name: string;
  /** The specification's own name: `OutgoingSequence`. */
  readonly title: string;
  /** Bytes from the start of the message. */
  readonly offset: number;
  readonly size: FieldSize;
  readonly kind: FieldKind;
  /** Names of code points; a value without a name is shown as a number, never refused. */
  readonly labels?: Readonly<Record<number, string>>;
  /** One line for people. */
  readonly meaning: string;
  /** Where in the specification. */
  readonly clause: string;
  /** False leaves the field out of one-line summaries; it is always in the tree. */
  readonly brief?: boolean;
}

/** A row with every property present: one hidden class for all. */
export interface Field {
  readonly name: string;
  readonly title: string;
  readonly offset: number;
  /** Bytes; 0 for `rest`. */
  readonly size: number;
  readonly rest: boolean;
  readonly kind: FieldKind;
  readonly labels: Readonly<Record<number, string>> | undefined;
  readonly meaning: string;
  readonly clause: string;
  readonly brief: boolean;
}

export interface Layout<Names extends string = string> {
  /** The specification's message name: `COOKIE-ECHO`. */
  readonly name: string;
  /** The type's code point on the wire. */
  readonly code: number;
  /** Edition of the specification that the message belongs to, where editions reuse code points or names. */
  readonly edition: string | undefined;
  readonly meaning: string;
  readonly clause: string;
  readonly rows: readonly Field[];
  readonly fields: Readonly<Record<Names, Field>>;
  /** Bytes of all fields of fixed size: the least length of a well-formed message. */
  readonly fixedLength: number;
  /** True when a field takes the rest, so that a message may be longer than `fixedLength`. */
  readonly open: boolean;
}

export interface LayoutTable<Names extends string> {
  readonly name: string;
  readonly code: number;
  readonly edition?: string;
  readonly meaning: string;
  readonly clause: string;
  readonly fields: readonly (FieldRow & { readonly name: Names })[];
}

/**
 * Compiles a table. Throws when rows overlap, leave a hole, repeat a name, have a size that cannot be, or put anything
 * behind a `rest` field: a wrong table is a bug of its author and must show at load, not in a report.
 */
export function defineLayout<Names extends string>(table: LayoutTable<Names>): Layout<Names> {
  const fields: Record<string, Field> = {};
  const rows: Field[] = [];
  let end = 0;
  let open = false;
  for (const row of table.fields) {
    if (open) throw new Error(`layout ${table.name}: field ${row.name} stands behind one that takes the rest`);
    if (row.offset !== end)
      throw new Error(`layout ${table.name}: field ${row.name} is at ${row.offset}, not at ${end}`);
    if (Object.hasOwn(fields, row.name)) throw new Error(`layout ${table.name}: two fields named ${row.name}`);
    const integer = row.kind === 'uint' || row.kind === 'id' || row.kind === 'unixTime';
    if (integer && (row.size === 'rest' || row.size < 1 || row.size > 4)) {
      throw new Error(`layout ${table.name}: field ${row.name} is an integer of ${row.size} bytes, 1 to 4 can be read`);
    }
    if (row.kind === 'unixTime' && row.size !== 4) {
      throw new Error(`layout ${table.name}: field ${row.name} is a time of ${row.size} bytes, 4 can be read`);
    }
    if (row.kind === 'json' && row.size !== 'rest') {
      throw new Error(`layout ${table.name}: field ${row.name} is JSON of ${row.size} bytes, it must take the rest`);
    }
    if (row.size !== 'rest' && (!Number.isInteger(row.size) || row.size < 1)) {
      throw new Error(`layout ${table.name}: field ${row.name} cannot have ${row.size} bytes`);
    }
    open = row.size === 'rest';
    const field: Field = {
      name: row.name,
      title: row.title,
      offset: row.offset,
      size: row.size === 'rest' ? 0 : row.size,
      rest: open,
      kind: row.kind,
      labels: row.labels,
      meaning: row.meaning,
      clause: row.clause,
      brief: row.brief ?? true,
    };
    fields[row.name] = field;
    rows.push(field);
    end += field.size;
  }
  return {
    name: table.name,
    code: table.code,
    edition: table.edition,
    meaning: table.meaning,
    clause: table.clause,
    rows,
    fields: fields as Record<Names, Field>,
    fixedLength: end,
    open,
  };
}
