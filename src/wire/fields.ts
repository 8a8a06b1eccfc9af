/**
 * The fields of a message as an author writes them, one after the other: `uint('id', 2)`, `text('key', 'rest')`. A
 * specification of a field says what it is and how many bytes it takes, not where it is: that is the business of the
 * layout that it stands in (layout.ts), which also checks that the fields fit together.
 *
 * The types carry the name and what is read, so that code that reads `key` of a message without one does not compile.
 */
import type { VarintForm } from './read.ts';

/**
 * - `uint`: unsigned integer of 1 to 8 bytes
 * - `id`: opaque identifier of 1 to 8 bytes, compared and shown as it stands on the wire
 * - `unixTime`: unsigned seconds since the Unix epoch, 4 bytes
 * - `text`: characters, shown with everything unprintable escaped
 * - `bytes`: shown as hex
 * - `json`: one JSON value; shown with its members
 * - `group`: fields under one roof, which are fields of the message like others
 * - `list`: items, each with fields of its own
 */
export type FieldKind = 'uint' | 'id' | 'unixTime' | 'text' | 'bytes' | 'json' | 'group' | 'list';

/** Names of code points, by number; a value without a name is shown as a number, never refused. */
export type Labels = Readonly<Record<number, string>>;

/** What there is to say of a field beyond its name and its bytes. */
export interface FieldOptions {
  /** The specification's own name; the field's name in words if absent: `reasonCode` is `Reason code`. */
  readonly title?: string;
  /** One line for people. */
  readonly meaning?: string;
  /** Where in the specification; the message's clause if absent. */
  readonly clause?: string;
  readonly labels?: Labels;
  /** False leaves the field out of one-line summaries; it is always in the tree. */
  readonly brief?: boolean;
  /** Byte order of a number; that of the message if absent, which is network order until the tracker says otherwise. */
  readonly littleEndian?: boolean;
  /** Of JSON: the members that may be in it, as a filter names them behind the field: `uploads[*].file.size`. */
  readonly holds?: readonly string[];
}

/** The meaning alone, or more. */
export type About = string | FieldOptions;

/** What holds the length of a field before its content: an integer of this many bytes, or a variable one. */
export type Prefix = 1 | 2 | 4 | VarintForm;

/**
 * A field of a kind of its own, such as a name that points back into the message. Both are given the bytes, where the field
 * begins in them, where what it stands in ends and where the whole message begins; they must not look outside
 * [origin, end).
 */
export interface Reader {
  /** Bytes that the field takes; -1 where the bytes to the end do not suffice to tell. */
  measure(bytes: Uint8Array, at: number, end: number, origin: number): number;
  /** Its value for people and filters; `end` is where the field ends. */
  text(bytes: Uint8Array, at: number, end: number, origin: number): string;
  /**
   * The bytes of such a field that says this, for those who change messages or make them. Absent: it cannot be set.
   * @param before its bytes until now; none where the message is made
   * @throws RangeError for what it cannot say
   */
  write?(text: string, before: Uint8Array): Uint8Array;
  /** Its size in words, for the documentation: `n, at most 255`. */
  readonly words: string;
}

/** How many bytes a field takes. */
export type Extent =
  | { readonly of: 'fixed'; readonly size: number }
  /** All that is left of what it stands in. */
  | { readonly of: 'rest' }
  | { readonly of: 'prefix'; readonly prefix: Prefix }
  /** As many bytes as an earlier field says, less a constant. */
  | { readonly of: 'length'; readonly field: string; readonly minus: number }
  /** Up to these characters, and with them. */
  | { readonly of: 'mark'; readonly mark: string }
  | { readonly of: 'varint'; readonly form: VarintForm }
  /** As many as the fields within take. */
  | { readonly of: 'members' }
  /** As many items as an earlier field says. */
  | { readonly of: 'count'; readonly field: string }
  | { readonly of: 'reader'; readonly reader: Reader };

/** Where a field is there: on a condition, or if bytes are left for it. */
export type Presence =
  | { readonly of: 'when'; readonly field: string; readonly test: (value: number) => boolean; readonly words: string }
  | { readonly of: 'bytesLeft' };

/** What stands in the items of a list beyond what all have, by the value of a field that all have. */
export interface Choice {
  readonly by: string;
  /** The field that says how many bytes that takes; without it, as many as its fields do. */
  readonly lengthIn: string | undefined;
  readonly minus: number;
  readonly table: Table;
}

export type Table = Readonly<Record<number, FieldSpec | readonly FieldSpec[]>>;

/** Bytes, all that is left, or what tells where the field ends. */
export type Size =
  | number
  | 'rest'
  | { readonly prefix: Prefix }
  | { readonly lengthIn: string; readonly minus?: number }
  | { readonly until: string };

/** The same of what holds other fields. */
export type Bounds = Exclude<Size, number | { readonly until: string }>;

declare const VALUES: unique symbol;

/**
 * @template Name the literal name
 * @template Value what is read: a number, or a string; undefined too where the field may be absent
 * @template Values the same of all fields that it brings into the message: its own, and those in it
 */
export interface FieldSpec<Name extends string = string, Value = unknown, Values = unknown> {
  readonly name: Name;
  readonly title: string;
  readonly kind: FieldKind;
  readonly extent: Extent;
  readonly presence: Presence | undefined;
  readonly labels: Labels | undefined;
  readonly meaning: string;
  readonly clause: string | undefined;
  readonly brief: boolean;
  readonly littleEndian: boolean | undefined;
  /** Of an integer whose bits have meanings. */
  readonly parts: readonly BitSpec[];
  /** Of a group, and what each item of a list begins with. */
  readonly members: readonly FieldSpec[];
  readonly choice: Choice | undefined;
  /** Items that a list may have. */
  readonly most: number;
  /** Of JSON: members that are known. */
  readonly holds: readonly string[];
  /** For the compiler alone. */
  readonly [VALUES]?: { readonly value: Value; readonly values: Values };
}

/** A field that brings nothing but itself. */
type Own<Name extends string, Value> = FieldSpec<Name, Value, { readonly [name in Name]: Value }>;

/** One or more bits of an integer, from the least significant on. */
export interface BitSpec<Name extends string = string> {
  readonly name: Name;
  readonly title: string;
  readonly from: number;
  readonly width: number;
  readonly labels: Labels | undefined;
  readonly meaning: string;
  readonly clause: string | undefined;
  readonly brief: boolean;
}

type Joined<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer All) => void
  ? { readonly [Name in keyof All]: All[Name] }
  : never;

type Brought<Spec> = Spec extends FieldSpec<string, infer _, infer Values> ? Values : never;

/** What is read of each field, by name; those within groups and integers of bits are among them. */
export type ValuesOf<Specs extends readonly FieldSpec[]> = Joined<Brought<Specs[number]>>;

type Perhaps<Values> = { readonly [Name in keyof Values]: Values[Name] | undefined };

/** An unsigned integer of 1 to 8 bytes. Beyond 2^53 it is read as decimal text, which is exact. */
export function uint<const Name extends string, const Bytes extends number>(
  name: Name,
  size: Bytes,
  about: About = '',
): Own<Name, Bytes extends 7 | 8 ? number | string : number> {
  return specOf(name, 'uint', { of: 'fixed', size }, about);
}

/** An unsigned integer of as many bytes as it needs: 7 bits a byte, the low ones first, the high bit set while more follow. */
export function varint<const Name extends string>(
  name: Name,
  about: (About & { readonly form?: VarintForm }) | string = '',
): Own<Name, number> {
  const form = typeof about === 'string' ? undefined : about.form;
  return specOf(name, 'uint', { of: 'varint', form: form ?? 'varint' }, about);
}

/** An identifier of 1 to 8 bytes, which is no number: compared, and read in hex, as it stands on the wire. */
export function id<const Name extends string>(name: Name, size: number, about: About = ''): Own<Name, string> {
  return specOf(name, 'id', { of: 'fixed', size }, about);
}

/** Unsigned seconds since the Unix epoch, 4 bytes. */
export function unixTime<const Name extends string>(name: Name, about: About = ''): Own<Name, number> {
  return specOf(name, 'unixTime', { of: 'fixed', size: 4 }, about);
}

/** Characters in UTF-8. */
export function text<const Name extends string>(name: Name, size: Size, about: About = ''): Own<Name, string> {
  return specOf(name, 'text', extentOf(size), about);
}

/** Bytes, read in hex. */
export function bytes<const Name extends string>(name: Name, size: Size, about: About = ''): Own<Name, string> {
  return specOf(name, 'bytes', extentOf(size), about);
}

/** One JSON value, read as its text; it takes all that is left if no size is given. */
export function json<const Name extends string>(
  name: Name,
  about: (About & { readonly size?: Bounds }) | string = '',
): Own<Name, string> {
  const size = typeof about === 'string' ? undefined : about.size;
  return specOf(name, 'json', extentOf(size ?? 'rest'), about);
}

/** A field that no other kind can describe, read by code of its author. */
export function custom<const Name extends string>(name: Name, reader: Reader, about: About = ''): Own<Name, string> {
  return specOf(name, 'text', { of: 'reader', reader }, about);
}

/**
 * An integer of 1 to 4 bytes whose bits have names of their own: `bits('flags', 1, [flag('retain', 0), bitField('qos', 1, 2)])`.
 * The parts are fields of the message like others, so their names must differ from those.
 */
export function bits<const Name extends string, const Parts extends readonly BitSpec[]>(
  name: Name,
  size: number,
  parts: Parts,
  about: About = '',
): FieldSpec<Name, number, { readonly [name in Name | Parts[number]['name']]: number }> {
  return { ...specOf(name, 'uint', { of: 'fixed', size }, about), parts };
}

/** One bit of an integer: 0 or 1. @param bit from 0, the least significant */
export function flag<const Name extends string>(name: Name, bit: number, about: About = ''): BitSpec<Name> {
  return bitOf(name, bit, 1, about);
}

/** Several bits of an integer. @param from the lowest of them, 0 being the least significant @param width how many */
export function bitField<const Name extends string>(
  name: Name,
  from: number,
  width: number,
  about: About | Labels = '',
): BitSpec<Name> {
  const isLabels = typeof about === 'object' && Object.keys(about).some(key => /^\d+$/.test(key));
  return bitOf(name, from, width, isLabels ? { labels: about as Labels } : (about as About));
}

/**
 * The field is there only where an earlier one of the same message has a certain value: a number, one of several, or what a
 * function holds to be right.
 * @param words the condition for the documentation; made of the numbers if absent
 */
export function when<const Name extends string, Value, Values>(
  field: string,
  test: number | readonly number[] | ((value: number) => boolean),
  spec: FieldSpec<Name, Value, Values>,
  words?: string,
): FieldSpec<Name, Value | undefined, Perhaps<Values>> {
  // `flags.qos` is `qos`: the parts of an integer are fields of the message.
  const name = field.slice(field.lastIndexOf('.') + 1);
  const values = typeof test === 'number' ? [test] : test;
  const fits = typeof values === 'function' ? values : (value: number) => values.includes(value);
  const said = typeof values === 'function' ? `as ${name} says` : `if ${name} is ${values.join(' or ')}`;
  return { ...spec, presence: { of: 'when', field: name, test: fits, words: words ?? said } } as never;
}

/** The field is there only if the message does not end before it. */
export function optional<const Name extends string, Value, Values>(
  spec: FieldSpec<Name, Value, Values>,
): FieldSpec<Name, Value | undefined, Perhaps<Values>> {
  return { ...spec, presence: { of: 'bytesLeft' } } as never;
}

/**
 * Fields under one roof, for what is there or absent together, or has a length of its own. They are fields of the message
 * like others, so their names must differ from those.
 */
export function group<const Name extends string, const Specs extends readonly FieldSpec[]>(
  name: Name,
  members: Specs,
  about: (FieldOptions & { readonly size?: Bounds }) | string = '',
): FieldSpec<Name, undefined, ValuesOf<Specs> & { readonly [name in Name]: undefined }> {
  const size = typeof about === 'string' ? undefined : about.size;
  const extent = size === undefined ? ({ of: 'members' } as const) : extentOf(size);
  return { ...specOf(name, 'group', extent, about), members };
}

export interface RepeatedOptions extends FieldOptions {
  /** The field that counts the items; without it they go on to the end of what tells the bytes. */
  readonly countIn?: string;
  /** What tells their bytes; all that is left if absent. */
  readonly size?: Bounds;
  /** Items at most; 65,536 if absent. More are a fault of the message. */
  readonly most?: number;
  /** The field of an item that tells what else is in it, by a table. */
  readonly by?: string;
  /** The field of an item that tells the bytes of that; without it a value that the table does not have ends the reading. */
  readonly lengthIn?: string;
  readonly table?: Table;
}

/** A group of fields, over and over. Each item is a small message: its fields have names of their own. */
export function repeated<const Name extends string, const Specs extends readonly FieldSpec[]>(
  name: Name,
  members: Specs,
  options: RepeatedOptions = {},
): Own<Name, readonly ValuesOf<Specs>[]> {
  const { countIn, size, most = MOST_ITEMS, by, lengthIn, table = {} } = options;
  const extent = countIn === undefined ? extentOf(size ?? 'rest') : ({ of: 'count', field: countIn } as const);
  const choice = by === undefined ? undefined : { by, lengthIn, minus: 0, table };
  return { ...specOf(name, 'list', extent, options), members, choice, most };
}

/**
 * Entries of a type, a length and a value of that many bytes; a table has the fields of each type. What the table
 * does not have is shown as bytes.
 */
export function tlvs<const Name extends string>(
  name: Name,
  options: FieldOptions & {
    /** Bytes of an entry's type and of its length. */
    readonly type: number;
    readonly length: number;
    readonly table: Table;
    readonly size?: Bounds;
    /** Bytes that the length counts beyond the value: 2 where it counts a type and a length of one byte each. */
    readonly minus?: number;
    readonly most?: number;
  },
): Own<Name, readonly { readonly type: number; readonly length: number }[]> {
  const { type, length, table, size = 'rest', minus = 0, most = MOST_ITEMS } = options;
  const members = [uint('type', type, { labels: labelsOf(table) }), uint('length', length, { brief: false })];
  const choice = { by: 'type', lengthIn: 'length', minus, table };
  return { ...specOf(name, 'list', extentOf(size), options), members, choice, most };
}

/** Entries as MQTT has them: after their length in bytes, each an identifier that says what follows it. */
export function properties<const Name extends string>(
  name: Name,
  table: Table,
  about: (FieldOptions & { readonly size?: Bounds; readonly most?: number }) | string = '',
): Own<Name, readonly { readonly id: number }[]> {
  const { size = { prefix: 'varint' }, most = MOST_ITEMS } = typeof about === 'string' ? {} : about;
  return { ...specOf(name, 'list', extentOf(size as Size), about), ...entriesOf(table), most };
}

interface Entries {
  readonly members: readonly FieldSpec[];
  readonly choice: Choice;
}

const entries = new WeakMap<Table, Entries>();

/** The same for all lists of one table, which is how layout.ts recognises them. */
function entriesOf(table: Table): Entries {
  const known = entries.get(table);
  if (known) return known;
  const members = [varint('id', { labels: labelsOf(table) })];
  const made = { members, choice: { by: 'id', lengthIn: undefined, minus: 0, table } };
  entries.set(table, made);
  return made;
}

const MOST_ITEMS = 65_536;

/** What the entries are called. */
function labelsOf(table: Table): Labels {
  const titled = Object.entries(table).flatMap(([value, row]) => {
    const title = Array.isArray(row) ? row[0]?.title : (row as FieldSpec).title;
    return title === undefined ? [] : [[value, title] as const];
  });
  return Object.fromEntries(titled);
}

function extentOf(size: Size): Extent {
  if (size === 'rest') return { of: 'rest' };
  if (typeof size === 'number') return { of: 'fixed', size };
  if ('prefix' in size) return { of: 'prefix', prefix: size.prefix };
  if ('until' in size) return { of: 'mark', mark: size.until };
  return { of: 'length', field: size.lengthIn, minus: size.minus ?? 0 };
}

/** A field as most are. */
export function specOf<Name extends string>(
  name: Name,
  kind: FieldKind,
  extent: Extent,
  about: About,
): FieldSpec<Name, never, never> {
  const { title, meaning, clause, labels, brief, littleEndian, holds }: FieldOptions =
    typeof about === 'string' ? { meaning: about } : about;
  return {
    name,
    title: title ?? inWords(name),
    kind,
    extent,
    presence: undefined,
    labels,
    meaning: meaning ?? '',
    clause,
    brief: brief ?? true,
    littleEndian,
    parts: [],
    members: [],
    choice: undefined,
    most: 0,
    holds: holds ?? [],
  };
}

function bitOf<Name extends string>(name: Name, from: number, width: number, about: About): BitSpec<Name> {
  const { title, labels, meaning, clause, brief } = specOf(name, 'uint', { of: 'rest' }, about);
  return { name, title, from, width, labels, meaning, clause, brief };
}

/** `reasonCode` is `Reason code`, `clientID` is `Client ID`. */
function inWords(name: string): string {
  const words = name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/(?<= )[A-Z](?![A-Z])/g, letter => letter.toLowerCase());
  return words.charAt(0).toUpperCase() + words.slice(1);
}
