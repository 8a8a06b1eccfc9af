/**
 * The content that packets carry, in pieces that can be replaced one by one: of each message the fields that hold bytes,
 * text or JSON values, and whatever belongs to no message. Numbers, ids and times of a layout are the protocol's own and
 * stay, as names of JSON members do.
 */
import type { Frame } from '../capture/source.ts';
import type { History } from '../history/history.ts';
import type { RecalledMessage } from '../history/recall.ts';
import type { ExtentPlace } from '../net/extents.ts';
import { isJsonFault, type JsonValue, parseJson } from '../wire/json.ts';
import type { Field } from '../wire/layout.ts';
import type { Message } from '../wire/message.ts';
import { baseOf, endOf, FieldPlace } from '../wire/walk.ts';
import type { ContentKind } from './filler.ts';

/** Content in one or more places of the buffer that all frames stand in. */
export interface Piece {
  readonly kind: ContentKind;
  readonly places: readonly ExtentPlace[];
}

/** The payload of a packet, from `start` to `end` in the buffer. */
export interface Payload {
  readonly start: number;
  readonly end: number;
}

export interface Content {
  readonly pieces: readonly Piece[];
  /** Payloads that no message was read from, and the one with the same bytes, by index, that some was. */
  readonly copies: ReadonlyMap<number, number>;
}

/** @param history of the frames @param frames in one buffer, in which positions are those of the history */
export function contentOf(history: History, frames: readonly Frame[], payloads: readonly Payload[]): Content {
  const buffer = frames[0]?.bytes ?? new Uint8Array(0);
  const reader = {
    read: (_: number, position: number, length: number) => buffer.subarray(position, position + length),
  };
  /** 1 where a byte is known for what it is. */
  const known = new Uint8Array(buffer.length);
  const pieces: Piece[] = [];
  const add = (kind: ContentKind, places: readonly ExtentPlace[]) => {
    if (places.every(({ length }) => length === 0)) return;
    pieces.push({ kind, places });
  };
  for (let number = 0; number < history.messages.count; number++) {
    const whole = history.places(number);
    for (const { position, length } of whole) known.fill(1, position, position + length);
    for (const { kind, offset, length } of contentIn(history.recall(number, reader))) {
      add(kind, partOf(whole, offset, length));
    }
  }
  const copies = copiesOf(payloads, buffer, known);
  for (const [index, { start, end }] of payloads.entries()) {
    if (!copies.has(index)) for (const place of unknownIn(known, start, end)) add('bytes', [place]);
  }
  return { pieces, copies };
}

export interface Span {
  readonly kind: ContentKind;
  /** Bytes from the start of the message. */
  readonly offset: number;
  readonly length: number;
}

/** What can be replaced in a message. */
export function contentIn({ message, layout }: Pick<RecalledMessage, 'message' | 'layout'>): Span[] {
  if (!layout) return [{ kind: 'bytes', offset: 0, length: message.captured }];
  const spans = spansIn(message, layout.rows);
  const end = endOf(message, layout);
  spans.push({ kind: 'bytes', offset: end, length: message.length - end });
  return spans
    .map(span => ({ ...span, length: Math.min(span.length, message.captured - span.offset) }))
    .filter(({ length }) => length > 0);
}

function spansIn(message: Message, rows: readonly Field[]): Span[] {
  return rows.flatMap(field => spansOf(field, message));
}

function spansOf(field: Field, message: Message): Span[] {
  const { kind } = field;
  if (kind === 'group') return spansIn(message, field.members);
  if (kind === 'list') {
    const spans: Span[] = [];
    message.eachItem(field, (item, { rows }) => {
      spans.push(...spansIn(item, rows));
      return false;
    });
    return spans;
  }
  if (kind !== 'bytes' && kind !== 'text' && kind !== 'json') return [];
  const { standing, from, to } = new FieldPlace().find(message, field);
  if (standing !== 'there' && standing !== 'over') return [];
  const offset = baseOf(message) + from;
  const length = to - from;
  if (kind !== 'json') return [{ kind: 'bytes', offset, length }];
  const start = message.start + from;
  const parsed = parseJson(message.bytes, start, Math.min(start + length, message.start + message.captured));
  if (isJsonFault(parsed)) return [{ kind: 'bytes', offset, length }];
  return valuesIn(parsed).map(value => {
    // The quotes stay.
    const quotes = value.kind === 'string' ? 1 : 0;
    const kind = value.kind === 'string' ? 'string' : 'number';
    return { kind, offset: offset + value.offset + quotes, length: value.length - 2 * quotes };
  });
}

/** Strings and numbers, however deep. */
function valuesIn(root: JsonValue): JsonValue[] {
  const found: JsonValue[] = [];
  const waiting = [root];
  for (let value = waiting.pop(); value; value = waiting.pop()) {
    if (value.kind === 'string' || value.kind === 'number') found.push(value);
    waiting.push(...value.items.toReversed(), ...value.members.map(member => member.value).toReversed());
  }
  return found;
}

/** The bytes [offset, offset + length) of what lies in these places. */
function partOf(places: readonly ExtentPlace[], offset: number, length: number): ExtentPlace[] {
  const parts: ExtentPlace[] = [];
  let at = 0;
  for (const { position, length: own } of places) {
    const from = Math.max(offset, at);
    const to = Math.min(offset + length, at + own);
    if (from < to) parts.push({ position: position + from - at, length: to - from });
    at += own;
  }
  return parts;
}

function copiesOf(payloads: readonly Payload[], buffer: Uint8Array, known: Uint8Array): Map<number, number> {
  const originals = new Map<string, number>();
  const textOf = ({ start, end }: Payload) => Buffer.from(buffer.subarray(start, end)).toString('latin1');
  for (const [index, payload] of payloads.entries()) {
    if (unknownIn(known, payload.start, payload.end).length === 0 && payload.end > payload.start)
      originals.set(textOf(payload), index);
  }
  const copies = new Map<number, number>();
  for (const [index, payload] of payloads.entries()) {
    if (known.subarray(payload.start, payload.end).includes(1)) continue;
    const original = originals.get(textOf(payload));
    if (original !== undefined) copies.set(index, original);
  }
  return copies;
}

/** Stretches of bytes that belong to nothing. */
function unknownIn(known: Uint8Array, start: number, end: number): ExtentPlace[] {
  const places: ExtentPlace[] = [];
  for (let at = start; at < end; at++) {
    if (known[at] !== 0) continue;
    const from = at;
    while (at < end && known[at] === 0) at++;
    places.push({ position: from, length: at - from });
  }
  return places;
}
