/**
 * The field tree of one message: what the layout's table says, filled with what the bytes say. It is built only when
 * somebody looks at a message, never on the way through the engine. Nothing is lost: what the capture cut off is there
 * as a field without a value, and what lies beyond the layout is there as `trailing`.
 */

import { isUtf8 } from 'node:buffer';
import { visible } from './escape.ts';
import type { Field, Layout } from './layout.ts';
import type { Message } from './message.ts';

export interface FieldNode {
  readonly name: string;
  readonly title: string;
  /** Bytes from the start of the message. */
  readonly offset: number;
  /** Bytes that the field has on the wire, captured or not. */
  readonly length: number;
  /** Number of a `uint` or `unixTime`, hex of `id` and `bytes`, characters of `text`; null when the field is cut. */
  readonly value: number | string | null;
  /** For people, on one line, safe to print: `INIT (1)`, `2026-11-22T12:00:00Z`, `0x0a0b0c`. */
  readonly display: string;
  readonly meaning: string;
  readonly clause: string;
  /** Not all of it is there: the message ends too early, or the capture does. */
  readonly cut: boolean;
}

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

function readField(message: Message, field: Field): number | string {
  switch (field.kind) {
    case 'uint':
    case 'unixTime':
      return message.uint(field);
    case 'id':
    case 'bytes':
      return hex(bytesOf(message, field));
    case 'text':
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
  return `${there.length === 0 ? '' : `${hex(there)} `}(${there.length} of ${length} bytes: ${why})`;
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
