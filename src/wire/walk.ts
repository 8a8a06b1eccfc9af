/**
 * Where the fields of a message lie whose places differ from message to message: behind a length, on a condition. One walk
 * over the layout finds them all, once a message and only when somebody asks; the places stand in one array, which the view
 * keeps for the next message.
 *
 * Every length is checked against the end of what it stands in before it is used, and nothing is read that was not captured:
 * the walk stops at the first field that it cannot find the end of, and says why (`fault`). What lies within a list is not
 * looked at before it is asked for (`walkItems`), save where only its items tell where it ends.
 */
import {
  bytesOf,
  type Field,
  type Items,
  LITTLE,
  type MessageBytes,
  OF_MESSAGE,
  type Scope,
  UNPLACED,
} from './layout.ts';
import {
  LONGEST_VARINT,
  readUint,
  readVarint,
  readWide,
  readWideVarint,
  VARINT_CUT,
  VARINT_TOO_LONG,
  type VarintForm,
  varintLength,
} from './read.ts';

/**
 * - `cut`: the capture ends before it is clear
 * - `short`: the message ends within a field, or before its length
 * - `length`: a length says more than there is
 * - `varint`: a variable integer has too many bytes
 * - `mark`: the characters that end a field are not there
 * - `left`: bytes are left over
 * - `unknown`: nothing tells what an item of this type holds
 * - `many`: a list has more items than it may have
 * - `empty`: an item without a byte, which would go on forever
 */
export type WalkFault = 'cut' | 'short' | 'length' | 'varint' | 'mark' | 'left' | 'unknown' | 'many' | 'empty';

/** Of a field: where it begins, where its content does, where that ends, where the field ends. From the message's start. */
const WORDS = 4;
const UNREACHED = -1;
const ABSENT = -2;
/** In the place of its end: it would end beyond what it stands in. */
const OVERRUN = -1;
/** Lengths are cut to this; no message is as long. */
const LONGEST = 0x3fff_ffff;

const NO_PLACES = new Int32Array(0);
const NO_ROWS: readonly Field[] = [];

export class Walk {
  /** What was walked over last, in the order of bytes that held then. */
  rows: readonly Field[] = NO_ROWS;
  littleEndian = false;
  places: Int32Array = NO_PLACES;
  /** Where the last field ends. */
  end = 0;
  fault: WalkFault | undefined = undefined;
  /** Where the fault is, and what it is in. */
  faultAt = 0;
  faultIn: Field | undefined = undefined;

  begin({ rows, slots }: Scope, littleEndian: boolean): void {
    if (this.places.length < slots * WORDS) this.places = new Int32Array(slots * WORDS);
    // Not `fill`, which takes longer than this for the few that there are.
    for (let slot = 0; slot < slots; slot++) this.places[slot * WORDS] = UNREACHED;
    this.rows = rows;
    this.littleEndian = littleEndian;
    this.fault = undefined;
    this.faultIn = undefined;
    this.faultAt = 0;
    this.end = 0;
  }

  /** Keeps the first. @returns -1, for the walk's end */
  stop(fault: WalkFault, field: Field, at: number): number {
    if (this.fault === undefined) {
      this.fault = fault;
      this.faultIn = field;
      this.faultAt = at;
    }
    return -1;
  }

  put(field: Field, start: number, from: number, to: number, end: number): void {
    const { places } = this;
    const at = field.slot * WORDS;
    places[at] = start;
    places[at + 1] = from;
    places[at + 2] = to;
    places[at + 3] = end;
  }
}

/** A view of a message that its walk is kept with (message.ts). */
export interface WalkedView extends MessageBytes {
  length: number;
  captured: number;
  littleEndian: boolean;
  skipped: boolean;
  origin: number;
  isWalked: boolean;
  readonly walk: Walk;
  wide(field: Field): number | string;
  assign(bytes: Uint8Array, start: number, length: number, captured: number): void;
  /** A new view, of nothing yet. */
  another(): WalkedView;
}

/** The places of the fields of a scope in a message. */
export function walkOf(message: WalkedView, scope: Scope): Walk {
  const { walk } = message;
  if (!message.isWalked || walk.rows !== scope.rows || walk.littleEndian !== message.littleEndian) {
    message.isWalked = true;
    walk.begin(scope, message.littleEndian);
    walk.end = walkRows(message, walk, scope.rows, 0, message.length);
  }
  return walk;
}

/** @returns where the last one ends, or -1 when that is not to be found */
function walkRows(message: WalkedView, walk: Walk, rows: readonly Field[], from: number, limit: number): number {
  let at = from;
  for (const field of rows) {
    const presence = field.presence === undefined ? 1 : presenceOf(message, walk, field, at, limit);
    if (presence < 0) return walk.stop('cut', field, at);
    if (presence === 0) walk.put(field, ABSENT, ABSENT, ABSENT, ABSENT);
    else at = walkField(message, walk, field, at, limit);
    if (at < 0) return -1;
  }
  return at;
}

/** @returns 1 where the field is there, 0 where it is not, -1 where what tells it was not captured */
function presenceOf(
  message: WalkedView,
  walk: Walk,
  { presence, presentBy }: Field,
  at: number,
  limit: number,
): number {
  if (presence!.of === 'bytesLeft') return at < limit ? 1 : 0;
  const value = valueIn(message, walk, presentBy!);
  if (value < 0) return value === CUT ? -1 : 0;
  return presence!.test(value) ? 1 : 0;
}

function walkField(message: WalkedView, walk: Walk, field: Field, at: number, limit: number): number {
  const { extent } = field;
  switch (extent.of) {
    case 'fixed':
      return place(walk, field, at, at, at + extent.size, at + extent.size, limit);
    case 'rest':
      return hold(message, walk, field, at, at, limit, limit);
    case 'prefix': {
      const prefix = prefixAt(message, walk, field, extent.prefix, at, limit);
      if (prefix < 0) return -1;
      const content = at + prefix;
      const length =
        typeof extent.prefix === 'number'
          ? readUint(message.bytes, message.start + at, prefix, littleEndian(message, field))
          : readVarint(message.bytes, message.start + at, prefix);
      return hold(message, walk, field, at, content, content + Math.min(length, LONGEST), limit);
    }
    case 'length': {
      const length = valueIn(message, walk, field.measuredBy!);
      if (length === CUT) return walk.stop('cut', field, at);
      // What tells the length is absent, or says less than it counts itself.
      if (length < extent.minus) return walk.stop('length', field, at);
      return hold(message, walk, field, at, at, at + Math.min(length - extent.minus, LONGEST), limit);
    }
    case 'varint': {
      const length = prefixAt(message, walk, field, extent.form, at, limit);
      return length < 0 ? -1 : place(walk, field, at, at, at + length, at + length, limit);
    }
    case 'mark':
      return walkToMark(message, walk, field, extent.mark, at, limit);
    case 'members': {
      walk.put(field, at, at, at, at);
      const end = walkRows(message, walk, field.members, at, limit);
      if (end < 0) walk.put(field, at, at, limit, OVERRUN);
      else walk.put(field, at, at, end, end);
      return end;
    }
    case 'count': {
      const count = valueIn(message, walk, field.measuredBy!);
      if (count === CUT) return walk.stop('cut', field, at);
      walk.put(field, at, at, limit, OVERRUN);
      const end = walkItems(message, field, { at, limit, count: Math.max(0, count) }, undefined, walk);
      return end < 0 ? -1 : place(walk, field, at, at, end, end, limit);
    }
    case 'reader': {
      const end = Math.min(limit, message.captured);
      const { bytes, start } = message;
      const length = extent.reader.measure(bytes, start + at, start + end, originOf(message));
      if (Number.isInteger(length) && length >= 0 && at + length <= end) {
        return place(walk, field, at, at, at + length, at + length, limit);
      }
      walk.put(field, at, at, limit, OVERRUN);
      return walk.stop(end < limit ? 'cut' : 'short', field, at);
    }
  }
}

/** A field whose end is known, with what a group of that length holds. */
function hold(
  message: WalkedView,
  walk: Walk,
  field: Field,
  at: number,
  from: number,
  to: number,
  limit: number,
): number {
  const end = place(walk, field, at, from, to, to, limit);
  if (end < 0 || field.kind !== 'group') return end;
  // What is wrong within leaves the bytes behind it where they are.
  const last = walkRows(message, walk, field.members, from, end);
  if (last >= 0 && last < end) walk.stop('left', field, last);
  return end;
}

/** @returns where the field ends, or -1 where that lies beyond what it stands in */
function place(walk: Walk, field: Field, start: number, from: number, to: number, end: number, limit: number): number {
  if (end <= limit) {
    walk.put(field, start, from, to, end);
    return end;
  }
  walk.put(field, start, from, to, OVERRUN);
  return walk.stop(field.extent.of === 'fixed' || field.extent.of === 'varint' ? 'short' : 'length', field, start);
}

/** Bytes of a length, or -1. */
function prefixAt(
  message: WalkedView,
  walk: Walk,
  field: Field,
  prefix: number | VarintForm,
  at: number,
  limit: number,
): number {
  const end = Math.min(limit, message.captured);
  const length =
    typeof prefix !== 'number'
      ? varintLength(message.bytes, message.start + at, message.start + end, prefix)
      : at + prefix <= end
        ? prefix
        : VARINT_CUT;
  if (length >= 0) return length;
  const isTooLong = length === VARINT_TOO_LONG && typeof prefix !== 'number';
  const needed = typeof prefix === 'number' ? at + prefix : isTooLong ? at + LONGEST_VARINT[prefix] : end + 1;
  walk.put(field, at, at, needed, OVERRUN);
  return walk.stop(isTooLong ? 'varint' : needed > limit ? 'short' : 'cut', field, at);
}

function walkToMark(message: WalkedView, walk: Walk, field: Field, mark: string, at: number, limit: number): number {
  const { bytes, start } = message;
  const end = Math.min(limit, message.captured);
  const first = mark.charCodeAt(0);
  for (let i = at; i + mark.length <= end; i++) {
    if (bytes[start + i] === first && isMark(bytes, start + i, mark)) {
      return place(walk, field, at, at, i, i + mark.length, limit);
    }
  }
  walk.put(field, at, at, limit, OVERRUN);
  return walk.stop(end < limit ? 'cut' : 'mark', field, at);
}

function isMark(bytes: Uint8Array, at: number, mark: string): boolean {
  for (let i = 1; i < mark.length; i++) if (bytes[at + i] !== mark.charCodeAt(i)) return false;
  return true;
}

/** Instead of a value: not captured; not in the message. */
const CUT = -1;
const NOT_THERE = -2;

/** Value of an integer that the walk has passed; `CUT` or `NOT_THERE`. */
function valueIn(message: WalkedView, walk: Walk, field: Field): number {
  const { whole, slot, shift, mask } = field;
  const at = slot * WORDS;
  const start = walk.places[at];
  const end = walk.places[at + 3];
  if (start < 0 || end < 0) return NOT_THERE;
  if (end > message.captured) return CUT;
  const value = numberAt(message, whole ?? field, walk.places[at + 1], end);
  return whole === undefined ? value : ((value >>> shift) & mask) >>> 0;
}

function numberAt(message: WalkedView, field: Field, from: number, end: number): number {
  const { bytes, start } = message;
  if (field.extent.of === 'varint') return readVarint(bytes, start + from, end - from);
  return readUint(bytes, start + from, bytesOf(field), littleEndian(message, field));
}

function littleEndian(message: WalkedView, { order }: Field): boolean {
  return order === OF_MESSAGE ? message.littleEndian : order === LITTLE;
}

/** Where a list lies, and how many items it has, if that is known. */
export interface ListPlace {
  readonly at: number;
  readonly limit: number;
  readonly count: number;
}

/** Called for each item; true ends the walk. The view is reused, and is as long as the item, or goes on to the list's end where the item has a fault. */
export type ItemVisitor<View> = (item: View, scope: Scope, index: number) => boolean | undefined;

/** Views of items that nobody looks at now. */
const idle: WalkedView[] = [];

/**
 * Goes over the items of a list, each through a view of its own bytes.
 * @returns where the last one ends, or -1 after a fault, which `troubles` is given
 */
export function walkItems<View extends WalkedView>(
  message: View,
  list: Field,
  place: ListPlace,
  visit: ItemVisitor<View> | undefined,
  troubles: Pick<Walk, 'stop'>,
): number {
  // All views are of one class.
  const view = (idle.pop() ?? message.another()) as View;
  try {
    return walkItemsIn(view, message, list, place, visit, troubles);
  } finally {
    idle.push(view);
  }
}

function walkItemsIn<View extends WalkedView>(
  view: View,
  message: View,
  list: Field,
  { at: first, limit, count }: ListPlace,
  visit: ItemVisitor<View> | undefined,
  troubles: Pick<Walk, 'stop'>,
): number {
  const { items } = list;
  let at = first;
  for (let index = 0; count < 0 ? at < limit : index < count; index++) {
    if (items === undefined || index >= items.most) return troubles.stop('many', list, at);
    if (at >= message.captured && message.captured < limit) return troubles.stop('cut', list, at);
    view.assign(message.bytes, message.start + at, limit - at, Math.max(0, message.captured - at));
    view.origin = originOf(message);
    view.littleEndian = message.littleEndian;
    view.skipped = message.skipped;
    const scope = scopeIn(view, items);
    const walk = walkOf(view, scope ?? items.head);
    const { end, fault, faultIn, faultAt } = walk;
    if (fault !== undefined) troubles.stop(fault, faultIn ?? list, at + faultAt);
    else if (scope === undefined) troubles.stop('unknown', list, at);
    else if (end === 0) troubles.stop('empty', list, at);
    const isWhole = end > 0 && scope !== undefined;
    if (isWhole) {
      view.length = end;
      view.captured = Math.min(view.captured, end);
    }
    if (visit?.(view, scope ?? items.head, index)) return at;
    if (!isWhole) return -1;
    at += end;
  }
  return at;
}

/** What an item holds; undefined if nothing tells. */
function scopeIn(view: WalkedView, { head, by, table, other }: Items): Scope | undefined {
  if (by === undefined) return head;
  walkOf(view, head);
  return view.has(by) ? (table.get(view.uint(by)) ?? other) : head;
}

/** Is the field in the message, and was all of it captured? For fields that a walk finds. */
export function hasWalked(message: WalkedView, field: Field): boolean {
  if (field.whole !== undefined) return message.has(field.whole);
  const { places } = walkOf(message, field.scope);
  const at = field.slot * WORDS;
  return places[at] >= 0 && places[at + 3] >= 0 && places[at + 3] <= message.captured;
}

/** Value of an integer that a walk finds, which must be there. */
export function uintWalked(message: WalkedView, field: Field): number {
  const { whole, shift, mask } = field;
  if (whole !== undefined) return ((message.uint(whole) >>> shift) & mask) >>> 0;
  const { places } = walkOf(message, field.scope);
  const at = field.slot * WORDS;
  return numberAt(message, field, places[at + 1], places[at + 3]);
}

/** The same of any size: beyond 2^53 as decimal text. */
export function wideWalked(message: WalkedView, field: Field): number | string {
  if (field.whole !== undefined) return uintWalked(message, field);
  const { places } = walkOf(message, field.scope);
  const from = places[field.slot * WORDS + 1];
  const { bytes, start } = message;
  if (field.extent.of === 'varint') {
    return readWideVarint(bytes, start + from, places[field.slot * WORDS + 3] - from);
  }
  const order = littleEndian(message, field);
  const size = bytesOf(field);
  return size > 4 ? readWide(bytes, start + from, size, order) : readUint(bytes, start + from, size, order);
}

/**
 * - `there`: all of it lies within the message, captured or not
 * - `over`: it begins and would end beyond what it stands in
 * - `absent`: the message need not have it, and has not
 * - `unreached`: where it would be is not known, for what is wrong before it
 */
export type Standing = 'there' | 'over' | 'absent' | 'unreached';

/** Where a field lies, in bytes from the start of what it stands in. Reused: right until the next is asked for. */
export class FieldPlace {
  standing: Standing = 'absent';
  start = 0;
  /** Its content: without what tells its length, and without what marks its end. */
  from = 0;
  to = 0;
  end = 0;

  /** Looks up a field, wherever it lies. */
  find(message: WalkedView, field: Field): this {
    const { offset, size, rest, scope } = field.whole ?? field;
    if (offset !== UNPLACED) {
      this.start = this.from = offset;
      this.to = this.end = rest ? Math.max(offset, message.length) : offset + size;
      this.standing = this.end <= message.length ? 'there' : 'over';
      return this;
    }
    const { places } = walkOf(message, scope);
    const at = field.slot * WORDS;
    this.start = places[at];
    this.from = places[at + 1];
    this.to = places[at + 2];
    this.end = places[at + 3];
    if (this.start === ABSENT) this.standing = 'absent';
    else if (this.start === UNREACHED) this.standing = 'unreached';
    else if (this.end < 0) {
      this.standing = 'over';
      this.end = Math.max(this.to, this.start);
    } else this.standing = 'there';
    return this;
  }
}

/** Where what a layout describes ends in a message, as far as it can be read. */
export function endOf(message: WalkedView, scope: Scope): number {
  if (!scope.walked) return scope.rows.some(({ rest }) => rest) ? message.length : scope.fixedLength;
  const { end, faultIn, faultAt } = walkOf(message, scope);
  if (end >= 0) return end;
  // A field that would end beyond the message has all that there is.
  const place = faultIn && new FieldPlace().find(message, faultIn);
  return place?.standing === 'over' ? Math.min(place.end, message.length) : faultAt;
}

/** Offset in its bytes of the whole message, which an item stands in. */
export function originOf({ start, origin }: WalkedView): number {
  return origin < 0 ? start : origin;
}

/** What has to be added to offsets in an item for those in its message. */
export function baseOf(message: WalkedView): number {
  return message.start - originOf(message);
}
