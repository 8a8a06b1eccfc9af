/**
 * A message as a table: its fields in wire order, each with name, offset, size, kind, meaning and clause. From the one
 * table come the reads (message.ts), the field tree (tree.ts), `dissect`'s output and the protocol's documentation.
 * `layoutOf` takes fields one behind the other (fields.ts), `defineLayout` fields with their offsets, as the figures of
 * some specifications give them; both compile to the same.
 *
 * All fields of all protocols share one shape, so that one `read` serves them all and stays monomorphic: measured, a
 * descriptor and one shared function read five times faster than a class with getters a layout.
 */

import type { FieldSpec, Labels, ValuesOf } from './fields.ts';

/** `rest` takes all bytes to the end of the message; only the last field may have it. */
export type FieldSize = number | 'rest';

/**
 * - `uint`: unsigned integer of 1 to 8 bytes
 * - `id`: opaque identifier of 1 to 8 bytes, compared and shown as it stands on the wire
 * - `unixTime`: unsigned seconds since the Unix epoch, 4 bytes
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
  readonly labels?: Labels;
  /** One line for people; may be empty. */
  readonly meaning: string;
  /** Where in the specification. */
  readonly clause: string;
  /** False leaves the field out of one-line summaries; it is always in the tree. */
  readonly brief?: boolean;
}

/** The byte order of a field: that of its message, network order (of all that is no number), or little-endian. */
export const OF_MESSAGE = 0;
export const NETWORK = 1;
export const LITTLE = 2;

/** A row with every property present: one hidden class for all. */
export interface Field {
  readonly name: string;
  readonly title: string;
  readonly offset: number;
  /** Bytes; 0 for `rest`. */
  readonly size: number;
  readonly rest: boolean;
  readonly kind: FieldKind;
  /** `OF_MESSAGE`, `NETWORK` or `LITTLE`. */
  readonly order: number;
  readonly labels: Labels | undefined;
  readonly meaning: string;
  readonly clause: string;
  readonly brief: boolean;
}

/** The end that sends a message. */
export type Sender = 'client' | 'server';

export interface Layout<Names extends string = string> {
  /** The specification's message name: `COOKIE-ECHO`. */
  readonly name: string;
  /** The type's code point on the wire. */
  readonly code: number;
  /** Edition of the specification that the message belongs to, where editions reuse code points or names. */
  readonly edition: string | undefined;
  /** The end that alone sends it, where each direction has code points of its own. */
  readonly from: Sender | undefined;
  readonly meaning: string;
  readonly clause: string;
  readonly rows: readonly Field[];
  readonly fields: Readonly<Record<Names, Field>>;
  /** Bytes of all fields of fixed size: the least length of a well-formed message. */
  readonly fixedLength: number;
  /** True when a field takes the rest, so that a message may be longer than `fixedLength`. */
  readonly open: boolean;
}

declare const VALUES: unique symbol;

/** A layout that knows at compile time what is read of each field. */
export type LayoutOf<Values> = Layout<keyof Values & string> & { readonly [VALUES]?: Values };

/** What a table says of the message as a whole. */
export interface LayoutHead {
  readonly code: number;
  readonly edition?: string;
  readonly from?: Sender;
  readonly meaning: string;
  readonly clause: string;
}

export interface LayoutTable<Names extends string> extends LayoutHead {
  readonly name: string;
  readonly fields: readonly (FieldRow & { readonly name: Names })[];
}

/**
 * Lays the fields out one behind the other. Throws when they do not fit together (nothing may stand behind a field that
 * takes the rest, a name may stand once): a wrong table is a bug of its author and must show at load, not in a report.
 */
export function layoutOf<const Specs extends readonly FieldSpec[]>(
  name: string,
  head: LayoutHead,
  fields: Specs,
): LayoutOf<ValuesOf<Specs>> {
  return compiled(name, head, fields) as LayoutOf<ValuesOf<Specs>>;
}

/** The same of fields with their offsets, which must leave no hole and must not overlap. */
export function defineLayout<Names extends string>(table: LayoutTable<Names>): Layout<Names> {
  const { name, fields } = table;
  const layout = compiled(name, table, fields.map(specOfRow)) as Layout<Names>;
  for (const [index, { offset }] of layout.rows.entries()) {
    if (fields[index].offset === offset) continue;
    throw new Error(`layout ${name}: field ${fields[index].name} is at ${fields[index].offset}, not at ${offset}`);
  }
  return layout;
}

function specOfRow({ name, title, size, kind, labels, meaning, clause, brief = true }: FieldRow): FieldSpec {
  const extent = size === 'rest' ? ({ of: 'rest' } as const) : ({ of: 'fixed', size } as const);
  return { name, title, kind, extent, labels, meaning, clause, brief, littleEndian: undefined };
}

function compiled(name: string, head: LayoutHead, specs: readonly FieldSpec[]): Layout {
  const { code, edition, from, meaning, clause } = head;
  const fields: Record<string, Field> = {};
  const rows: Field[] = [];
  let end = 0;
  let open = false;
  for (const spec of specs) {
    const problem = problemOf(spec, open, fields);
    if (problem !== undefined) throw new Error(`layout ${name}: field ${spec.name} ${problem}`);
    open = spec.extent.of === 'rest';
    const field = fieldOf(spec, end, clause);
    fields[spec.name] = field;
    rows.push(field);
    end += field.size;
  }
  return { name, code, edition, from, meaning, clause, rows, fields, fixedLength: end, open };
}

function problemOf(spec: FieldSpec, open: boolean, before: object): string | undefined {
  const { name, kind, extent } = spec;
  const size = extent.of === 'fixed' ? extent.size : 'rest';
  if (open) return 'stands behind one that takes the rest';
  if (Object.hasOwn(before, name)) return 'stands there twice';
  const isInteger = kind === 'uint' || kind === 'id' || kind === 'unixTime';
  if (isInteger && (size === 'rest' || !Number.isInteger(size) || size < 1 || size > 8)) {
    return `is an integer of ${size} bytes, 1 to 8 can be read`;
  }
  if (kind === 'unixTime' && size !== 4) return `is a time of ${size} bytes, 4 can be read`;
  if (kind === 'json' && size !== 'rest') return `is JSON of ${size} bytes, it must take the rest`;
  if (size !== 'rest' && (!Number.isInteger(size) || size < 1)) return `cannot have ${size} bytes`;
  return undefined;
}

function fieldOf(spec: FieldSpec, offset: number, clause: string): Field {
  const { name, title, kind, extent, labels, meaning, brief } = spec;
  const size = extent.of === 'fixed' ? extent.size : 0;
  const rest = extent.of === 'rest';
  const isNumber = kind === 'uint' || kind === 'unixTime';
  const order = !isNumber || spec.littleEndian === false ? NETWORK : spec.littleEndian ? LITTLE : OF_MESSAGE;
  return { name, title, offset, size, rest, kind, order, labels, meaning, clause: spec.clause ?? clause, brief };
}
