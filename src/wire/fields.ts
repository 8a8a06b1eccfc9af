/**
 * The fields of a message as an author writes them, one behind the other: `uint('id', 2)`, `text('key', 'rest')`. A
 * specification of a field says what it is and how many bytes it takes, not where it is: that is the business of the
 * layout that it stands in (layout.ts), which also checks that the fields fit together.
 *
 * The types carry the name and what is read, so that code that reads `key` of a message without one does not compile.
 */
import type { FieldKind } from './layout.ts';

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
}

/** The meaning alone, or more. */
export type About = string | FieldOptions;

/** How many bytes a field takes. */
export type Extent =
  | { readonly of: 'fixed'; readonly size: number }
  /** All that is left of what it stands in. */
  | { readonly of: 'rest' };

/** Bytes, or all to the end of the message. */
export type Size = number | 'rest';

declare const VALUES: unique symbol;

/**
 * @template Name the literal name
 * @template Value what is read: a number, or a string
 */
export interface FieldSpec<Name extends string = string, Value = unknown> {
  readonly name: Name;
  readonly title: string;
  readonly kind: FieldKind;
  readonly extent: Extent;
  readonly labels: Labels | undefined;
  readonly meaning: string;
  readonly clause: string | undefined;
  readonly brief: boolean;
  readonly littleEndian: boolean | undefined;
  /** For the compiler alone: the values by name. */
  readonly [VALUES]?: { readonly [name in Name]: Value };
}

/** What is read of each field, by name. */
export type ValuesOf<Specs extends readonly FieldSpec[]> = {
  readonly [Spec in Specs[number] as Spec['name']]: Spec extends FieldSpec<string, infer Value> ? Value : never;
};

/** An unsigned integer of 1 to 8 bytes. Beyond 2^53 it is read as decimal text, which is exact. */
export function uint<const Name extends string, const Bytes extends number>(
  name: Name,
  size: Bytes,
  about: About = '',
): FieldSpec<Name, Bytes extends 7 | 8 ? number | string : number> {
  return specOf(name, 'uint', { of: 'fixed', size }, about);
}

/** An identifier of 1 to 8 bytes that nobody counts with: compared, and read in hex, as it stands on the wire. */
export function id<const Name extends string>(name: Name, size: number, about: About = ''): FieldSpec<Name, string> {
  return specOf(name, 'id', { of: 'fixed', size }, about);
}

/** Unsigned seconds since the Unix epoch, 4 bytes. */
export function unixTime<const Name extends string>(name: Name, about: About = ''): FieldSpec<Name, number> {
  return specOf(name, 'unixTime', { of: 'fixed', size: 4 }, about);
}

/** Characters in UTF-8. */
export function text<const Name extends string>(name: Name, size: Size, about: About = ''): FieldSpec<Name, string> {
  return specOf(name, 'text', extentOf(size), about);
}

/** Bytes, read in hex. */
export function bytes<const Name extends string>(name: Name, size: Size, about: About = ''): FieldSpec<Name, string> {
  return specOf(name, 'bytes', extentOf(size), about);
}

/** One JSON value that takes all that is left, read as its text. */
export function json<const Name extends string>(name: Name, about: About = ''): FieldSpec<Name, string> {
  return specOf(name, 'json', { of: 'rest' }, about);
}

function extentOf(size: Size): Extent {
  return size === 'rest' ? { of: 'rest' } : { of: 'fixed', size };
}

function specOf<Name extends string>(
  name: Name,
  kind: FieldKind,
  extent: Extent,
  about: About,
): FieldSpec<Name, never> {
  const { title, meaning, clause, labels, brief, littleEndian }: FieldOptions =
    typeof about === 'string' ? { meaning: about } : about;
  return {
    name,
    title: title ?? inWords(name),
    kind,
    extent,
    labels,
    meaning: meaning ?? '',
    clause,
    brief: brief ?? true,
    littleEndian,
  };
}

/** `reasonCode` is `Reason code`, `clientID` is `Client ID`. */
function inWords(name: string): string {
  const words = name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/(?<= )[A-Z](?![A-Z])/g, letter => letter.toLowerCase());
  return words.charAt(0).toUpperCase() + words.slice(1);
}
