/** Values and places of the fields of a message in hand. */
import type { Field, Layout } from '../wire/layout.ts';
import type { Message } from '../wire/message.ts';

export function fieldValue(message: Message, _layout: Layout, field: Field): number | string | undefined {
  if (!message.has(field)) return undefined;
  if (field.kind === 'uint' || field.kind === 'unixTime') return message.uint(field);
  const bytes = message.copy(field.offset, field.rest ? message.length : field.offset + field.size);
  return Buffer.from(bytes).toString(field.kind === 'text' || field.kind === 'json' ? 'utf8' : 'hex');
}

export function fieldRange(message: Message, _layout: Layout, field: Field): { offset: number; length: number } {
  return { offset: field.offset, length: field.rest ? Math.max(0, message.length - field.offset) : field.size };
}
