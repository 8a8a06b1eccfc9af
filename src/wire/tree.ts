/**
 * The field tree of one message: what the layout's table says, filled with what the bytes say. It is built only when
 * somebody looks at a message, never on the way through the engine. Nothing is lost: what the capture cut off is there
 * as a field without a value, and what lies beyond the layout is there as `trailing`.
 */

import { isUtf8 } from 'node:buffer';
import { visible } from './escape.ts';
import { isJsonFault, type JsonKind, type JsonValue, parseJson } from './json.ts';
import type { Field, Layout } from './layout.ts';
import type { Message } from './message.ts';

export interface FieldNode {
  readonly name: string;
  readonly title: string;
  /** Bytes from the start of the message. */
  readonly offset: number;
  /** Bytes that the field has on the wire, captured or not. */
  readonly length: number;
  /**
   * Number of a `uint` (decimal text beyond 2^53) or `unixTime`, hex of `id` and `bytes`, characters of `text`; null when the field is cut. Of JSON:
   * the scalar, where a number that would not come out as it was written is a string; null for an object and an array.
   */
  readonly value: number | string | boolean | null;
  /** For people, on one line, safe to print: `INIT (1)`, `2026-11-22T12:00:00Z`, `0x0a0b0c`. */
  readonly display: string;
  readonly meaning: string;
  readonly clause: string;
  /** Not all of it is there: the message ends too early, or the capture does, or no more of it is kept. */
  readonly cut: boolean;
  /** What kind of JSON value it is; absent for all else, and for a `json` field whose bytes are no JSON. */
  readonly json?: JsonKind;
  /** Members of a JSON object, named, and items of an array, named by their index; in wire order, names may repeat. */
  readonly children?: readonly FieldNode[];
}

/** JSON values shown of one message; behind them stands how many more there are. */
const MOST_SHOWN = 10_000;

/** All fields in wire order, then `trailing` when the message is longer than its layout. */
export function fieldTree(message: Message, layout: Layout): FieldNode[] {
  const nodes = layout.rows.map(field => fieldNode(message, field));
  if (!layout.open && message.length > layout.fixedLength) nodes.push(trailingNode(message, layout.fixedLength));
  return nodes;
}

function fieldNode(message: Message, field: Field): FieldNode {
  const { name, title, offset, meaning, clause } = field;
  const length = field.rest ? Math.max(0, message.length - offset) : field.size;
  const cut = !message.has(field);
  if (field.kind === 'json' && !cut) return jsonNode(message, field, length);
  const value = cut ? null : readField(message, field);
  const display = value === null ? displayOfCut(message, offset, length) : displayOf(field, value);
  return { name, title, offset, length, value, display, meaning, clause, cut };
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
function jsonNode(message: Message, field: Field, length: number): FieldNode {
  const { name, title, offset, meaning, clause } = field;
  const start = message.start + offset;
  const parsed = parseJson(message.bytes, start, start + length);
  if (!isJsonFault(parsed)) {
    return new JsonTree(offset).node(parsed, { name, title, offset, length, meaning, clause });
  }
  const value = characters(bytesOf(message, field));
  const why = `${parsed.judged ? 'not JSON' : 'not read as JSON'}: ${parsed.reason}, at byte ${offset + parsed.offset}`;
  return { name, title, offset, length, value, display: `(${why}) ${visible(value)}`, meaning, clause, cut: false };
}

type Place = Pick<FieldNode, 'name' | 'title' | 'offset' | 'length' | 'meaning' | 'clause'>;

/** Makes nodes of JSON values. It goes as deep as `parseJson` allowed. */
class JsonTree {
  /** Offset of the JSON text in the message. */
  readonly #base: number;
  #left = MOST_SHOWN;

  constructor(base: number) {
    this.#base = base;
  }

  node(json: JsonValue, place: Place): FieldNode {
    const { kind } = json;
    const node = { ...place, value: scalarOf(json), display: displayOfJson(json), cut: false, json: kind };
    return kind === 'object' || kind === 'array' ? { ...node, children: this.#children(json) } : node;
  }

  #children({ kind, members, items }: JsonValue): FieldNode[] {
    const count = kind === 'object' ? members.length : items.length;
    const shown = Math.min(count, this.#left);
    this.#left -= shown;
    const nodes: FieldNode[] = [];
    for (let i = 0; i < shown; i++) {
      if (kind === 'array') nodes.push(this.node(items[i], this.#place(String(i), items[i].offset, items[i])));
      else nodes.push(this.node(members[i].value, this.#place(members[i].name, members[i].offset, members[i].value)));
    }
    if (shown < count) nodes.push(this.#unshown(count - shown, kind === 'array' ? items : members, shown));
    return nodes;
  }

  #place(name: string, from: number, { offset, length }: { readonly offset: number; readonly length: number }): Place {
    const title = visible(name);
    return { name, title, offset: this.#base + from, length: offset + length - from, meaning: '', clause: '' };
  }

  /** Stands for all that are not shown. */
  #unshown(count: number, all: readonly { readonly offset: number }[], first: number): FieldNode {
    const place = this.#place('...', all[first].offset, { offset: all[first].offset, length: 0 });
    return { ...place, value: null, display: `(${count} more)`, cut: false };
  }
}

function scalarOf({ kind, text }: JsonValue): FieldNode['value'] {
  switch (kind) {
    case 'string':
      return text;
    case 'number':
      return String(Number(text)) === text ? Number(text) : text;
    case 'boolean':
      return text === 'true';
    default:
      return null;
  }
}

function displayOfJson({ kind, text, members, items }: JsonValue): string {
  switch (kind) {
    case 'string':
      return `"${visible(text)}"`;
    case 'object':
      return members.length === 1 ? '{1 member}' : `{${members.length} members}`;
    case 'array':
      return items.length === 1 ? '[1 item]' : `[${items.length} items]`;
    default:
      return text;
  }
}

function readField(message: Message, field: Field): number | string {
  switch (field.kind) {
    case 'uint':
    case 'unixTime':
      return message.wide(field);
    case 'id':
    case 'bytes':
      return hex(bytesOf(message, field));
    case 'text':
    case 'json':
      return characters(bytesOf(message, field));
  }
}

function displayOf(field: Field, value: number | string): string {
  if (typeof value === 'string') return field.kind === 'id' ? `0x${value}` : visible(value);
  if (field.kind === 'unixTime') return new Date(value * 1000).toISOString().replace('.000', '');
  const label = field.labels !== undefined && Object.hasOwn(field.labels, value) ? field.labels[value] : undefined;
  return label === undefined ? String(value) : `${label} (${value})`;
}

/** Says how much is there and whose fault it is that there is no more. */
function displayOfCut(message: Message, offset: number, length: number): string {
  const there = message.copy(offset, offset + length);
  const why = offset + length > message.length ? 'the message ends here' : 'the capture holds no more';
  const shown = there.length === 0 ? '' : `${hex(there)} `;
  if (message.skipped && offset + length <= message.length) return `${shown}(${length - there.length} bytes not kept)`;
  return `${shown}(${there.length} of ${length} bytes: ${why})`;
}

function bytesOf(message: Message, field: Field): Uint8Array {
  return message.copy(field.offset, field.rest ? message.length : field.offset + field.size);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}

/** UTF-8 where it is that; otherwise ASCII, with every other byte spelt out. */
function characters(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (isUtf8(buffer)) return buffer.toString('utf8');
  return Array.from(bytes, byte => (byte < 0x80 ? String.fromCharCode(byte) : `\\x${byte.toString(16)}`)).join('');
}
