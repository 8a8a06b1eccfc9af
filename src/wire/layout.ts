/**
 * A message as a table: its fields in wire order, each with name, offset, size, kind, meaning and clause. From the one
 * table come the reads (message.ts), the field tree (tree.ts), `dissect`'s output and the protocol's documentation.
 * `layoutOf` takes fields one after the other (fields.ts), `defineLayout` fields with their offsets, as the figures of
 * some specifications give them; both compile to the same.
 *
 * All fields of all protocols share one shape, so that one `read` serves them all and stays monomorphic: measured, a
 * descriptor and one shared function read five times faster than a class with getters a layout.
 */

import { rememberPlace } from '../source-place.ts';
import {
  type BitSpec,
  type Choice,
  type Extent,
  type FieldKind,
  type FieldSpec,
  type Labels,
  type Presence,
  specOf,
  type ValuesOf,
} from './fields.ts';

/** `rest` takes all bytes to the end of the message; only the last field may have it. */
export type FieldSize = number | 'rest';

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

/** The byte order of a field, and of the length before it: that of its message, network order, or little-endian. */
export const OF_MESSAGE = 0;
export const NETWORK = 1;
export const LITTLE = 2;

/**
 * The offset of a field that a walk over the message finds (walk.ts): behind one of no fixed length, on a condition, or some
 * bits of another. Larger than any message, so that what compares it with a message's end finds it beyond.
 */
export const UNPLACED = 0x3fff_ffff;

/** A row with every property present: one hidden class for all. */
export interface Field {
  readonly name: string;
  readonly title: string;
  /** Bytes from the start of what it stands in; `UNPLACED` where that differs from message to message. */
  readonly offset: number;
  /** Bytes; 0 for what has no fixed length, and where the offset is `UNPLACED`. */
  readonly size: number;
  readonly rest: boolean;
  readonly kind: FieldKind;
  /** `OF_MESSAGE`, `NETWORK` or `LITTLE`. */
  readonly order: number;
  readonly labels: Labels | undefined;
  readonly meaning: string;
  readonly clause: string;
  readonly brief: boolean;
  readonly extent: Extent;
  /** The earlier field that tells its bytes, or its items. */
  readonly measuredBy: Field | undefined;
  readonly presence: Presence | undefined;
  /** The earlier field that its presence depends on. */
  readonly presentBy: Field | undefined;
  /** What it stands in, and its place in there. */
  readonly scope: Scope;
  readonly slot: number;
  /** Of a group. */
  readonly members: readonly Field[];
  /** Of an integer whose bits have names, in the author's order. */
  readonly parts: readonly Field[];
  /** The integer that it is some bits of: `(whole >>> shift) & mask`. */
  readonly whole: Field | undefined;
  readonly shift: number;
  readonly mask: number;
  /** Of a list. */
  readonly items: Items | undefined;
  /** Of JSON: members that are known, as filters name them behind the field. */
  readonly holds: readonly string[];
}

/** Fields that know each other by name: those of a message, or of an item. */
export interface Scope {
  readonly rows: readonly Field[];
  /** With those in groups and integers of bits. */
  readonly fields: Readonly<Record<string, Field>>;
  /** Bytes before the first field of no fixed length: no well-formed message is shorter. */
  readonly fixedLength: number;
  /** True when it may be longer than `fixedLength`. */
  readonly open: boolean;
  /** Some field is `UNPLACED`. */
  readonly walked: boolean;
  /** Fields that a walk finds, and those beside them. */
  readonly slots: number;
}

/** What the items of a list are. */
export interface Items {
  /** What all have. */
  readonly head: Scope;
  /** The field of `head` that chooses among the scopes of the table. */
  readonly by: Field | undefined;
  readonly table: ReadonlyMap<number, Scope>;
  /** Where the table has none; undefined if nothing can be read then. */
  readonly other: Scope | undefined;
  readonly most: number;
}

/** The end that sends a message. */
export type Sender = 'client' | 'server';

export interface Layout<Names extends string = string> extends Scope {
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
  readonly fields: Readonly<Record<Names, Field>>;
  /** What no table can say, from the protocol itself: nodes after those of the fields. */
  readonly describe: Describe | undefined;
  /** Names of such nodes that filters ask for, with all that is in them. No field is called so. */
  readonly described: readonly string[];
}

/** Nodes of what the fields leave, for the tree; it must not look beyond `message.captured`. */
export type Describe = (message: MessageBytes) => readonly PlainNode[];

/** What a message is to those who know its bytes and its fields alone. */
export interface MessageBytes {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly length: number;
  readonly captured: number;
  has(field: Field): boolean;
  uint(field: Field): number;
  byte(offset: number): number;
}

/** A node of the tree, from any code. */
export interface PlainNode {
  readonly name: string;
  readonly title: string;
  /** Bytes from the start of the message. */
  readonly offset: number;
  /** Bytes that the field has on the wire, captured or not. */
  readonly length: number;
  /**
   * Number of a `uint` (decimal text beyond 2^53) or `unixTime`, hex of `id` and `bytes`, characters of `text`; null when the
   * field is cut, and of what holds others. Of JSON: the scalar, where a number that would not come out as it was written is
   * a string; null for an object and an array.
   */
  readonly value: number | string | boolean | null;
  /** For people, on one line, safe to print: `INIT (1)`, `2026-11-22T12:00:00Z`, `0x0a0b0c`. */
  readonly display: string;
  readonly meaning: string;
  readonly clause: string;
  /** Not all of it is there: the message ends too early, or the capture does, or no more of it is kept. */
  readonly cut: boolean;
  readonly children?: readonly PlainNode[];
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
  readonly describe?: Describe;
  readonly described?: readonly string[];
}

export interface LayoutTable<Names extends string> extends LayoutHead {
  readonly name: string;
  readonly fields: readonly (FieldRow & { readonly name: Names })[];
}

/**
 * Lays the fields out one after the other. Throws when they do not fit together (nothing may stand behind a field that
 * takes the rest, a name may stand once, a length must stand before what it measures): a wrong table is a bug of its author
 * and must show at load, not in a report.
 */
export function layoutOf<const Specs extends readonly FieldSpec[]>(
  name: string,
  head: LayoutHead,
  fields: Specs,
): LayoutOf<ValuesOf<Specs>> {
  const { code, edition, from, meaning, clause, describe, described = [] } = head;
  const scope = scopeOf(fields, { where: `layout ${name}`, clause, depth: 0 });
  const open = scope.open || describe !== undefined;
  const twice = described.find(node => Object.hasOwn(scope.fields, node));
  if (twice !== undefined) throw new Error(`layout ${name}: ${twice} is described and a field`);
  const { rows, fields: placed, fixedLength, walked, slots } = scope;
  // Written out: of objects that are spread each would have a shape of its own, and trackers read those of all messages.
  const layout = {
    rows,
    fields: placed,
    fixedLength,
    open,
    walked,
    slots,
    name,
    code,
    edition,
    from,
    meaning,
    clause,
    describe,
    described,
  } as LayoutOf<ValuesOf<Specs>>;
  rememberPlace(layout, layoutOf);
  return layout;
}

/** The same of fields with their offsets, which must leave no hole and must not overlap. */
export function defineLayout<Names extends string>(table: LayoutTable<Names>): Layout<Names> {
  const { name, fields } = table;
  const layout = layoutOf(name, table, fields.map(specOfRow)) as Layout<Names>;
  rememberPlace(layout, defineLayout);
  for (const [index, { offset }] of layout.rows.entries()) {
    if (fields[index].offset === offset) continue;
    throw new Error(`layout ${name}: field ${fields[index].name} is at ${fields[index].offset}, not at ${offset}`);
  }
  return layout;
}

function specOfRow(row: FieldRow): FieldSpec {
  const extent = row.size === 'rest' ? ({ of: 'rest' } as const) : ({ of: 'fixed', size: row.size } as const);
  return specOf(row.name, row.kind, extent, row);
}

/** Lists within lists, and groups within groups, at most. */
const DEEPEST = 8;

interface Place {
  /** `layout SET: field topics`, for complaints. */
  readonly where: string;
  readonly clause: string;
  readonly depth: number;
}

function scopeOf(specs: readonly FieldSpec[], place: Place): Scope {
  return new Compiler(place).scope(specs);
}

/** Layouts and items that came out of the compiler: no other code makes them. */
const compiled = new WeakMap<readonly Field[], Scope>();

/** Whether the rows, the fields and the lengths belong together as the compiler left them. */
export function isCompiled({ rows, fields, fixedLength, open }: Layout): boolean {
  const scope = compiled.get(rows);
  return scope !== undefined && scope.fields === fields && scope.fixedLength === fixedLength && (open || !scope.open);
}

/** What a field has besides what its table says of it. */
type Found = Omit<
  Field,
  | 'name'
  | 'title'
  | 'labels'
  | 'meaning'
  | 'clause'
  | 'brief'
  | 'scope'
  | 'members'
  | 'parts'
  | 'whole'
  | 'shift'
  | 'mask'
  | 'holds'
> &
  Partial<Field>;

/** Compiles the fields of one scope. */
class Compiler {
  readonly #place: Place;
  readonly #fields: Record<string, Field> = {};
  /** Filled at the end; fields refer to it before. */
  readonly #scope: { -readonly [Key in keyof Scope]: Scope[Key] };
  /** Where the next field begins; `UNPLACED` behind one of no fixed length. */
  #end = 0;
  #fixed = 0;
  #slots = 0;
  /** Some field is `UNPLACED`, and some that is more than bits of another. */
  #walked = false;
  #varies = false;

  constructor(place: Place) {
    this.#place = place;
    this.#scope = { rows: [], fields: this.#fields, fixedLength: 0, open: false, walked: false, slots: 0 };
  }

  scope(specs: readonly FieldSpec[]): Scope {
    const { depth, where } = this.#place;
    if (depth > DEEPEST) throw new Error(`${where}: fields stand more than ${DEEPEST} deep in each other`);
    const rows = this.#rows(specs, 0);
    const scope = this.#scope;
    scope.rows = rows;
    scope.fixedLength = this.#fixed;
    scope.walked = this.#walked || this.#varies;
    scope.open = this.#varies || rows.some(({ rest }) => rest);
    scope.slots = this.#slots;
    compiled.set(rows, scope);
    return scope;
  }

  #rows(specs: readonly FieldSpec[], depth: number): Field[] {
    let full = false;
    return specs.map(spec => {
      if (full) this.#refuse(spec.name, 'comes after one that takes the rest');
      const problem = problemOf(spec) ?? (depth > DEEPEST ? 'stands too deep in groups' : undefined);
      if (problem !== undefined) this.#refuse(spec.name, problem);
      full = takesRest(spec);
      return this.#field(spec, depth);
    });
  }

  #field(spec: FieldSpec, depth: number): Field {
    const { extent, presence, kind } = spec;
    const isPlaced =
      this.#end !== UNPLACED &&
      presence === undefined &&
      (extent.of === 'fixed' || (extent.of === 'rest' && !holds(kind)));
    const size = isPlaced && extent.of === 'fixed' ? extent.size : 0;
    const field = this.#add(spec, {
      offset: isPlaced ? this.#end : UNPLACED,
      size,
      rest: extent.of === 'rest',
      kind,
      order: orderOf(spec),
      extent: alike(extent),
      measuredBy: extent.of === 'length' || extent.of === 'count' ? this.#earlier(spec, extent.field) : undefined,
      presence,
      presentBy: presence?.of === 'when' ? this.#earlier(spec, presence.field) : undefined,
      slot: this.#slots++,
      items: kind === 'list' ? this.#items(spec) : undefined,
      holds: spec.holds,
    });
    if (isPlaced) this.#end += size;
    else this.#end = UNPLACED;
    if (isPlaced) this.#fixed += size;
    else this.#varies = true;
    (field.parts as Field[]).push(...spec.parts.map(part => this.#part(part, field)));
    if (kind === 'group') (field.members as Field[]).push(...this.#rows(spec.members, depth + 1));
    return field;
  }

  #part(part: BitSpec, whole: Field): Field {
    const { from, width } = part;
    const most = bytesOf(whole) * 8;
    const isBits = Number.isInteger(from) && Number.isInteger(width) && from >= 0 && width >= 1 && from + width <= most;
    if (!isBits)
      this.#refuse(part.name, `is bits ${from} to ${from + width - 1} of ${whole.name}, which has 0 to ${most - 1}`);
    this.#walked = true;
    return this.#add(part, {
      offset: UNPLACED,
      size: 0,
      rest: false,
      kind: 'uint',
      order: whole.order,
      extent: whole.extent,
      measuredBy: undefined,
      presence: undefined,
      presentBy: undefined,
      slot: whole.slot,
      items: undefined,
      whole,
      shift: from,
      mask: width === 32 ? 0xffff_ffff : 2 ** width - 1,
    });
  }

  /** Of two objects, as one with what is spread into it takes several times as long to make. */
  #add(spec: FieldSpec | BitSpec, row: Found): Field {
    const { name } = spec;
    if (Object.hasOwn(this.#fields, name)) this.#refuse(name, 'stands there twice');
    const field: Field = {
      name,
      title: spec.title,
      offset: row.offset,
      size: row.size,
      rest: row.rest,
      kind: row.kind,
      order: row.order,
      labels: spec.labels,
      meaning: spec.meaning,
      clause: spec.clause ?? this.#place.clause,
      brief: spec.brief,
      extent: row.extent,
      measuredBy: row.measuredBy,
      presence: row.presence,
      presentBy: row.presentBy,
      scope: this.#scope,
      slot: row.slot,
      members: [],
      parts: [],
      whole: row.whole,
      shift: row.shift ?? 0,
      mask: row.mask ?? 0,
      items: row.items,
      holds: row.holds ?? [],
    };
    this.#fields[name] = field;
    return field;
  }

  /** The integer that another field depends on. */
  #earlier({ name }: FieldSpec, wanted: string): Field {
    const found = Object.hasOwn(this.#fields, wanted) ? this.#fields[wanted] : undefined;
    if (found === undefined) this.#refuse(name, `depends on ${wanted}, and no field before it is called so`);
    if (found.kind !== 'uint') this.#refuse(name, `depends on ${wanted}, which is no integer`);
    return found;
  }

  #items({ name, members, choice, most }: FieldSpec): Items {
    const { where, clause, depth } = this.#place;
    const place = { where: `${where}: list ${name}`, clause, depth: depth + 1 };
    const head = scopeOf(members, place);
    if (members.length === 0) this.#refuse(name, 'has items without fields');
    if (!Number.isInteger(most) || most < 1) this.#refuse(name, `may have ${most} items`);
    const all = [...members, ...(choice?.lengthIn === undefined ? Object.values(choice?.table ?? {}).flat() : [])];
    const endless = all.find(takesRest);
    if (endless) this.#refuse(name, `has items whose field ${endless.name} takes the rest, so that none can follow`);
    if (choice === undefined) return { head, by: undefined, table: new Map(), other: undefined, most };
    const by = Object.hasOwn(head.fields, choice.by) ? head.fields[choice.by] : undefined;
    if (by?.kind !== 'uint') this.#refuse(name, `chooses by ${choice.by}, which is no integer of its items`);
    const items = new ChosenItems(head, by, most, () => choicesOf(members, choice, place));
    const { members: before, depth: deepest = -1 } = proven.get(choice) ?? {};
    if (before !== members || deepest < depth) {
      items.compile();
      proven.set(choice, { members, depth });
    }
    return items;
  }

  #refuse(name: string, problem: string): never {
    throw new Error(`${this.#place.where}: field ${name} ${problem}`);
  }
}

type Choices = Pick<Items, 'table' | 'other'>;

function choicesOf(members: readonly FieldSpec[], { lengthIn, minus, table }: Choice, place: Place): Choices {
  const extent = lengthIn === undefined ? undefined : ({ of: 'length', field: lengthIn, minus } as const);
  const scopes = Object.entries(table).map(([value, row]) => {
    const specs: readonly FieldSpec[] = Array.isArray(row) ? row : [row as FieldSpec];
    const own = extent ? [{ ...specOf('value', 'group', extent, ''), members: specs }] : specs;
    return [Number(value), scopeOf([...members, ...own], { ...place, where: `${place.where}: ${value}` })] as const;
  });
  const other = extent && scopeOf([...members, specOf('value', 'bytes', extent, '')], place);
  return { table: new Map(scopes), other };
}

/** Choices whose scopes have been compiled, with what comes before them in each and how deep: there they fit, wherever they stand. */
const proven = new WeakMap<Choice, { readonly members: readonly FieldSpec[]; readonly depth: number }>();

/**
 * Items whose scopes are compiled when they are asked for, as far as it is known that they can be: a table may stand in a dozen
 * messages, and few who load them look into it.
 */
class ChosenItems implements Items {
  readonly head: Scope;
  readonly by: Field;
  readonly most: number;
  readonly #make: () => Choices;
  #choices: Choices | undefined = undefined;

  constructor(head: Scope, by: Field, most: number, make: () => Choices) {
    this.head = head;
    this.by = by;
    this.most = most;
    this.#make = make;
  }

  get table(): ReadonlyMap<number, Scope> {
    return this.compile().table;
  }

  get other(): Scope | undefined {
    return this.compile().other;
  }

  compile(): Choices {
    this.#choices ??= this.#make();
    return this.#choices;
  }
}

/** With all properties that any extent has: one hidden class for all, as of fields. */
function alike(extent: Extent): Extent {
  const all = { of: '', size: 0, prefix: 0, field: '', minus: 0, mark: '', form: '', reader: undefined };
  return { ...all, ...extent } as Extent;
}

/** Bytes of an integer of fixed size, wherever it lies. */
export function bytesOf({ extent }: Pick<Field, 'extent'>): number {
  return extent.of === 'fixed' ? extent.size : 0;
}

/** Does it hold fields? */
function holds(kind: FieldKind): boolean {
  return kind === 'group' || kind === 'list';
}

/** Nothing can stand behind it. A group without a length of its own takes what the last of its fields does. */
function takesRest({ extent, members, kind }: FieldSpec): boolean {
  if (extent.of === 'members' && kind === 'group') return members.some(takesRest);
  return extent.of === 'rest';
}

function orderOf({ kind, littleEndian }: FieldSpec): number {
  if (kind === 'id') return NETWORK;
  return littleEndian === undefined ? OF_MESSAGE : littleEndian ? LITTLE : NETWORK;
}

const PREFIXES: readonly unknown[] = [1, 2, 4, 'varint', 'leb128'];

function problemOf({ kind, extent, parts }: FieldSpec): string | undefined {
  if (extent.of === 'fixed')
    return (
      sizeProblem(kind, extent.size) ??
      (parts.length > 0 && extent.size > 4 ? `has bits in ${extent.size} bytes, 4 are the most` : undefined)
    );
  if (kind === 'unixTime' || kind === 'id' || (kind === 'uint' && extent.of !== 'varint')) {
    return `is an integer of ${extent.of} bytes, 1 to 8 can be read`;
  }
  if (extent.of === 'prefix' && !PREFIXES.includes(extent.prefix)) {
    return `has its length in a prefix of ${extent.prefix}; it is one of ${PREFIXES.join(', ')}`;
  }
  if (extent.of === 'mark' && !/^[\0-\x7f]{1,8}$/.test(extent.mark)) {
    return 'ends with what is not 1 to 8 characters of ASCII';
  }
  return undefined;
}

function sizeProblem(kind: FieldKind, size: number): string | undefined {
  const isInteger = kind === 'uint' || kind === 'id' || kind === 'unixTime';
  if (isInteger && (!Number.isInteger(size) || size < 1 || size > 8)) {
    return `is an integer of ${size} bytes, 1 to 8 can be read`;
  }
  if (kind === 'unixTime' && size !== 4) return `is a time of ${size} bytes, 4 can be read`;
  if (kind === 'json') return `is JSON of ${size} bytes, which has no fixed size`;
  if (!Number.isInteger(size) || size < 1) return `cannot have ${size} bytes`;
  return undefined;
}
