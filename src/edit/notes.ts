/** What has become of a message, on one line that is safe to print and that reads as what the user wrote. */
import { quote } from '../filter/syntax.ts';
import { visible } from '../wire/escape.ts';
import type { Field } from '../wire/layout.ts';
import type { Message } from '../wire/message.ts';
import { characters } from '../wire/value.ts';
import type { Assignment } from './assignments.ts';
import type { Spot } from './places.ts';
import { jsonFor } from './values.ts';

/** Characters of a value that are shown. */
const MOST_SHOWN = 64;

/** `mnet.acknowledged = 9999 (was 17)` @param was `was 17`, `was not there` */
export function noteOf({ name, value, path }: Assignment, field: Field, was: string): string {
  const isText = value.quoted || field.kind === 'text';
  const inJson = field.kind === 'json' && path.length > 0;
  const now = inJson ? jsonFor(value) : isText ? quote(value.text) : value.text;
  return `${visible(name)} = ${short(now)} (${was})`;
}

/** What a field says before it is changed. */
export function shownAt({ level: { view }, field, from, to, inJson }: Spot): string {
  const content = view.bytes.subarray(from, to);
  if (inJson) return short(characters(content));
  switch (field.kind) {
    case 'uint':
    case 'unixTime':
      return String(view.wide(field));
    case 'id':
      return `0x${view.value(field)}`;
    case 'bytes':
      return short(bytesShown(content));
    default:
      return short(quote(textAt(view, field, content)));
  }
}

function textAt(view: Message, field: Field, content: Uint8Array): string {
  return field.extent.of === 'reader' ? String(view.value(field) ?? '') : characters(content);
}

/** As they are written: `0d:0a`. */
export function bytesShown(bytes: Uint8Array): string {
  if (bytes.length === 0) return '""';
  return Array.from(bytes.subarray(0, MOST_SHOWN), byte => byte.toString(16).padStart(2, '0')).join(':');
}

function short(text: string): string {
  const safe = visible(text);
  return safe.length <= MOST_SHOWN ? safe : `${safe.slice(0, MOST_SHOWN - 3)}...`;
}
