/**
 * Where in a message the fields lie that an assignment names: in the message itself, in the items of a list, in the JSON of a
 * field. A message and each item that is named are a level, with a view of its own; offsets count from the message's start.
 */
import type { Step } from '../filter/syntax.ts';
import { isJsonFault, type JsonValue, parseJson } from '../wire/json.ts';
import type { Field, Scope } from '../wire/layout.ts';
import { Message } from '../wire/message.ts';
import { FieldPlace } from '../wire/walk.ts';
import type { Assignment } from './assignments.ts';

/** What fields stand in: the message, or an item of a list. */
export interface Level {
  /** Of bytes that begin with those of the message. */
  readonly view: Message;
  readonly scope: Scope;
  /** Of an item: its list, and what that stands in. */
  readonly list: Field | undefined;
  readonly outer: Level | undefined;
}

/** A field in a message, and where its content lies; of JSON the value that is named. */
export interface Spot {
  readonly level: Level;
  readonly field: Field;
  readonly from: number;
  readonly to: number;
  readonly inJson: boolean;
}

/** The message that these bytes are, from the first to the last. */
export function levelOf(bytes: Uint8Array, scope: Scope, littleEndian: boolean): Level {
  const view = new Message();
  view.assign(bytes, 0, bytes.length, bytes.length);
  view.littleEndian = littleEndian;
  return { view, scope, list: undefined, outer: undefined };
}

/** All fields that an assignment names, in wire order; none where the message has none. */
export function spotsOf(level: Level, { field, path }: Pick<Assignment, 'field' | 'path'>): readonly Spot[] {
  const spots: Spot[] = [];
  collect(level, field, path, spots);
  return spots;
}

function collect(level: Level, name: string, path: readonly Step[], spots: Spot[]): void {
  const { view, scope } = level;
  const field = Object.hasOwn(scope.fields, name) ? scope.fields[name] : undefined;
  if (field === undefined) return;
  if (field.kind === 'list' && path.length > 0) {
    collectInItems(level, field, path, spots);
    return;
  }
  const { standing, from, to } = new FieldPlace().find(view, field);
  if (standing !== 'there') return;
  const [first, last] = [view.start + from, view.start + to];
  const spot = { level, field, from: first, to: last, inJson: false };
  if (path.length === 0) spots.push(spot);
  else if (field.kind === 'json') {
    for (const { offset, length } of valuesAt(parsed(view.bytes, first, last), path)) {
      spots.push({ ...spot, from: first + offset, to: first + offset + length, inJson: true });
    }
  }
}

function collectInItems(level: Level, list: Field, [which, next, ...rest]: readonly Step[], spots: Spot[]): void {
  if (which.kind === 'name' || next?.kind !== 'name') return;
  level.view.eachItem(list, (item, scope, index) => {
    if (which.kind === 'index' && index !== which.index) return false;
    collect({ view: copyOf(item), scope, list, outer: level }, next.name, rest, spots);
    return which.kind === 'index';
  });
}

/** What some bytes lie in, and nothing smaller does: a field, or a level as a whole. */
export interface Container {
  readonly level: Level;
  readonly field: Field | undefined;
}

/** The innermost container of all bytes [from, to); of a place between two fields, the first that has a length of its own. */
export function containerOf(level: Level, from: number, to: number): Container {
  return within(level, level.scope.rows, from, to) ?? { level, field: undefined };
}

function within(level: Level, rows: readonly Field[], from: number, to: number): Container | undefined {
  const { view } = level;
  let found: Container | undefined;
  for (const field of rows) {
    const place = new FieldPlace().find(view, field);
    if (place.standing !== 'there' || view.start + place.from > from || view.start + place.to < to) continue;
    const { of } = field.extent;
    const inside = field.kind === 'list' ? inItems(level, field, from, to) : within(level, field.members, from, to);
    if (from < to || inside || of === 'prefix' || of === 'length') return inside ?? { level, field };
    found ??= { level, field };
  }
  return found;
}

function inItems(level: Level, list: Field, from: number, to: number): Container | undefined {
  let found: Container | undefined;
  level.view.eachItem(list, (item, scope) => {
    if (item.start + item.length < to || item.start > from || (item.start === from && from === to)) return false;
    found = containerOf({ view: copyOf(item), scope, list, outer: level }, from, to);
    return true;
  });
  return found;
}

/** The view of an item is reused. */
function copyOf(item: Message): Message {
  const view = new Message();
  view.assign(item.bytes, item.start, item.length, item.captured);
  view.origin = item.origin;
  view.littleEndian = item.littleEndian;
  return view;
}

function parsed(bytes: Uint8Array, from: number, to: number): JsonValue | undefined {
  const json = parseJson(bytes, from, to);
  return isJsonFault(json) ? undefined : json;
}

/** Members of one name are all meant, as in filters. */
function valuesAt(json: JsonValue | undefined, path: readonly Step[]): readonly JsonValue[] {
  if (json === undefined) return [];
  if (path.length === 0) return [json];
  const [step, ...rest] = path;
  const next =
    step.kind === 'name'
      ? json.members.filter(({ name }) => name === step.name).map(({ value }) => value)
      : step.kind === 'index'
        ? json.items.slice(step.index, step.index + 1)
        : json.items;
  return next.flatMap(value => valuesAt(value, rest));
}

/** The group that a field stands in, if it stands in one. */
export function groupOf({ rows }: Scope, field: Field): Field | undefined {
  const own = field.whole ?? field;
  const search = (members: readonly Field[], group: Field | undefined): Field | undefined => {
    if (members.includes(own)) return group;
    for (const row of members) {
      const found = row.kind === 'group' ? search(row.members, row) : undefined;
      if (found) return found;
    }
    return undefined;
  };
  return search(rows, undefined);
}
