/**
 * The field tree of one message: what the layout's table says, filled with what the bytes say. It is built only when
 * somebody looks at a message, never on the way through the engine. Nothing is lost: what the capture cut off is there
 * as a field without a value, and what lies beyond the layout is there as `trailing`.
 */

import { visible } from './escape.ts';
import { isJsonFault, type JsonKind, parseJson } from './json.ts';
import { JsonTree, type Place } from './json-tree.ts';
import { bytesOf, type Field, type Layout, type PlainNode, type Scope } from './layout.ts';
import type { Message } from './message.ts';
import { hex, readValue, textOf } from './value.ts';
import { baseOf, endOf, FieldPlace, walkOf } from './walk.ts';

export interface FieldNode extends PlainNode {
  /** What kind of JSON value it is; absent for all else, and for a `json` field whose bytes are no JSON. */
  readonly json?: JsonKind;
  /** The layout's field; absent for JSON values, for items of lists, and for what lies beyond the layout. */
  readonly field?: Field;
  /**
   * Members of a JSON object, named, and items of an array or a list, named by their index; in wire order, names may repeat.
   * Fields of a group and of an item; parts of an integer whose bits have names.
   */
  readonly children?: readonly FieldNode[];
}

/** Items of lists shown of one message; behind those of a list stands how many more there are. */
const MOST_ITEMS = 10_000;
/** Characters of an item's fields on its own line. */
const ITEM_LINE = 80;

/** All fields in wire order, then `trailing` when the message is longer than its layout. */
export function fieldTree(message: Message, layout: Layout): FieldNode[] {
  const nodes = new Tree().nodes(message, layout.rows);
  if (layout.describe) return [...nodes, ...layout.describe(message)];
  const end = endOf(message, layout);
  if (message.length > end) nodes.push(trailingNode(message, end));
  return nodes;
}

class Tree {
  #left = MOST_ITEMS;

  nodes(message: Message, rows: readonly Field[]): FieldNode[] {
    return rows.flatMap(field => this.#node(message, field) ?? []);
  }

  #node(message: Message, field: Field): FieldNode | undefined {
    const { name, title, meaning, clause } = field;
    const place = new FieldPlace().find(message, field);
    const { standing } = place;
    if (standing === 'absent' || (standing === 'unreached' && field.presence !== undefined)) return undefined;
    const isReached = standing !== 'unreached';
    const start = isReached ? place.start : walkOf(message, field.scope).faultAt;
    const length = isReached ? place.end - start : 0;
    const offset = baseOf(message) + start;
    const cut = !message.has(field);
    const node = { name, title, offset, length, meaning, clause, cut, field };
    if (!isReached) return { ...node, value: null, display: '(not reached)' };
    if (field.kind === 'group' || field.kind === 'list') {
      const children = field.kind === 'group' ? this.nodes(message, field.members) : this.#items(message, field);
      const count = counted(children, field.kind);
      const display = cut ? `${count} ${howMuch(message, start, length)}` : count;
      return { ...node, value: null, display, children };
    }
    if (cut) return { ...node, value: null, display: displayOfCut(message, start, length) };
    if (field.kind === 'json') return jsonNode(message, field, node);
    const value = readValue(message, field) ?? null;
    const display = value === null ? '' : displayOf(field, value);
    const whole = { ...node, value, display };
    return field.parts.length === 0 ? whole : { ...whole, children: this.nodes(message, field.parts) };
  }

  #items(message: Message, list: Field): FieldNode[] {
    const nodes: FieldNode[] = [];
    let unshown = 0;
    let from = 0;
    message.eachItem(list, (item, scope, index) => {
      if (this.#left === 0) {
        if (unshown++ === 0) from = baseOf(item);
      } else {
        this.#left--;
        nodes.push(this.#item(item, scope, list, index));
      }
      return false;
    });
    return unshown === 0 ? nodes : [...nodes, moreNode(from, unshown)];
  }

  #item(item: Message, scope: Scope, { items }: Field, index: number): FieldNode {
    const children = this.nodes(item, scope.rows);
    const by = items?.by;
    const type = by && item.has(by) ? by.labels?.[item.uint(by)] : undefined;
    const line = lineOf(children, type === undefined ? undefined : by);
    return {
      name: String(index),
      title: type === undefined ? String(index) : visible(type),
      offset: baseOf(item),
      length: item.length,
      value: null,
      display: line.length <= ITEM_LINE ? line : `${line.slice(0, ITEM_LINE - 3)}...`,
      meaning: '',
      clause: '',
      cut: item.captured < item.length || children.some(({ cut }) => cut),
      children,
    };
  }
}

/** What is in an item, on one line. @param by the field that its title names already */
function lineOf(children: readonly FieldNode[], by: Field | undefined): string {
  const leaves = children.flatMap(node => (node.field?.parts.length ? (node.children ?? []) : node));
  const brief = leaves.filter(({ field }) => field?.brief !== false && field?.name !== by?.name);
  // After a title that says what it is, a value needs no name.
  const isAlone = by !== undefined && brief.length === 1 && !brief[0].children;
  return brief.map(({ name, display }) => (isAlone ? display : `${name}=${display}`)).join('  ');
}

function counted(children: readonly FieldNode[], kind: 'group' | 'list'): string {
  const more = children.at(-1)?.name === '...' ? Number.parseInt(children.at(-1)!.display.slice(1), 10) - 1 : 0;
  const count = children.length + more;
  if (kind === 'group') return `{${count} ${count === 1 ? 'field' : 'fields'}}`;
  return `[${count} ${count === 1 ? 'item' : 'items'}]`;
}

/** Stands for the items that are not shown. */
function moreNode(offset: number, count: number): FieldNode {
  const display = `(${count} more)`;
  return { name: '...', title: '...', offset, length: 0, value: null, display, meaning: '', clause: '', cut: false };
}

function trailingNode(message: Message, offset: number): FieldNode {
  const length = message.length - offset;
  const cut = message.captured < message.length;
  const value = cut ? null : hex(message.copy(offset));
  return {
    name: 'trailing',
    title: 'Trailing bytes',
    offset,
    length,
    value,
    display: value ?? displayOfCut(message, offset, length),
    meaning: 'bytes beyond the message that the specification describes',
    clause: '',
    cut,
  };
}

/** A field that holds JSON, with all that is in it; as text where it does not hold JSON. */
function jsonNode(message: Message, field: Field, node: Omit<FieldNode, 'value' | 'display'>): FieldNode {
  const { from, to } = new FieldPlace().find(message, field);
  const base = baseOf(message) + from;
  const place: Place = node;
  const parsed = parseJson(message.bytes, message.start + from, message.start + to);
  if (!isJsonFault(parsed)) return { ...new JsonTree(base).node(parsed, place), field };
  const value = textOf(message, field);
  const at = base + parsed.offset;
  const why = `${parsed.judged ? 'not JSON' : 'not read as JSON'}: ${parsed.reason}, at byte ${at}`;
  return { ...node, value, display: `(${why}) ${visible(value)}` };
}

function displayOf(field: Field, value: number | string): string {
  return visible(valueText(field, value));
}

/** The value of a field as people read it, by its kind and its labels. What a peer has sent stands in it as it is. */
export function valueText(field: Field, value: number | string): string {
  if (field.kind === 'id') return `0x${value}`;
  if (typeof value === 'string') return value;
  if (field.kind === 'unixTime') return new Date(value * 1000).toISOString().replace('.000', '');
  if (field.parts.length > 0) return `0x${value.toString(16).padStart(2 * bytesOf(field), '0')}`;
  const label = field.labels !== undefined && Object.hasOwn(field.labels, value) ? field.labels[value] : undefined;
  return label === undefined ? String(value) : `${label} (${value})`;
}

/** Says how much is there and whose fault it is that there is no more. */
function displayOfCut(message: Message, offset: number, length: number): string {
  const there = message.copy(offset, offset + length);
  return `${there.length === 0 ? '' : `${hex(there)} `}${howMuch(message, offset, length)}`;
}

function howMuch(message: Message, offset: number, length: number): string {
  const there = Math.max(0, Math.min(length, message.captured - offset));
  if (there === length && offset + length <= message.length) return `(${length} bytes without an end)`;
  const whole = message.origin < 0 ? 'message' : 'list';
  if (message.skipped && offset + length <= message.length) return `(${length - there} bytes not kept)`;
  const why = offset + length > message.length ? `the ${whole} ends here` : 'the capture holds no more';
  return `(${there} of ${length} bytes: ${why})`;
}
