/** What a field of a message says, as a number or a text: for trees, and for trackers that do not count nanoseconds. */
import { isUtf8 } from 'node:buffer';
import type { Field } from './layout.ts';
import { FieldPlace, originOf, type WalkedView } from './walk.ts';

const place = new FieldPlace();

/** Undefined where the field is not there or was not captured, and for groups and lists, which have no value. */
export function readValue(message: WalkedView, field: Field): number | string | undefined {
  if (!message.has(field)) return undefined;
  switch (field.kind) {
    case 'uint':
    case 'unixTime':
      return message.wide(field);
    case 'id':
    case 'bytes':
      return hex(contentOf(message, field));
    case 'text':
    case 'json':
      return textOf(message, field);
    case 'group':
    case 'list':
      return undefined;
  }
}

/** A view of the bytes of a field that was captured, without what tells its length. */
export function contentOf(message: WalkedView, field: Field): Uint8Array {
  const { from, to } = place.find(message, field);
  return message.bytes.subarray(message.start + from, message.start + to);
}

/** The characters of a field, or what its own reader makes of its bytes. */
export function textOf(message: WalkedView, field: Field): string {
  const { extent } = field;
  if (extent.of !== 'reader') return characters(contentOf(message, field));
  const { from, to } = place.find(message, field);
  return extent.reader.text(message.bytes, message.start + from, message.start + to, originOf(message));
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}

/** UTF-8 where it is that; otherwise ASCII, with every other byte spelt out. */
export function characters(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (isUtf8(buffer)) return buffer.toString('utf8');
  return Array.from(bytes, byte => (byte < 0x80 ? String.fromCharCode(byte) : `\\x${byte.toString(16)}`)).join('');
}
