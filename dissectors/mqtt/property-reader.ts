/** Reads properties behind their Property Length. */
import type { Cursor } from './cursor.ts';
import { FAULT, Part, type Properties } from './parts.ts';
import { isAllowed, type PropertyRow, propertyOf } from './properties.ts';
import { PROPERTY, TYPE } from './terms.ts';

const content = new Part();
const second = new Part();

/**
 * Reads them as far as they can be read, and leaves the cursor behind them, unless it was stopped.
 * @param type of the packet, or `WILL`
 */
export function readProperties(cursor: Cursor, properties: Properties, type: number): void {
  const { overrun } = cursor;
  const from = cursor.at;
  cursor.overrun = FAULT.PROPERTY_LENGTH;
  const length = cursor.varint(FAULT.PROPERTY_LENGTH);
  if (length >= 0) {
    if (cursor.at + length > cursor.length) cursor.stop(FAULT.PROPERTY_LENGTH, from, cursor.at - from);
    else {
      properties.range.put(cursor.at, length);
      if (length > 0) readAll(cursor, properties, type);
    }
  }
  cursor.overrun = overrun;
}

function readAll(cursor: Cursor, properties: Properties, type: number): void {
  const { at, length } = properties.range;
  const end = at + length;
  cursor.end = end;
  while (cursor.at < end && !cursor.isStopped) {
    if (!readOne(cursor, properties, type)) break;
  }
  cursor.end = cursor.length;
  // Behind an unknown one nothing of the properties can be read; what follows them can.
  if (!cursor.isStopped) cursor.at = end;
}

/** @returns whether the next can be read */
function readOne(cursor: Cursor, properties: Properties, type: number): boolean {
  const from = cursor.at;
  const id = cursor.varint(FAULT.PROPERTY_UNKNOWN);
  if (id < 0) return false;
  const row = propertyOf(id);
  if (row === undefined) {
    cursor.note(FAULT.PROPERTY_UNKNOWN, from, cursor.at - from);
    return false;
  }
  const at = cursor.at;
  const value = readValue(cursor, row);
  if (value < 0) {
    // The property, not only the part of it that the end falls in.
    if (cursor.fault === FAULT.PROPERTY_LENGTH) cursor.faulty.put(from, cursor.end - from);
    return false;
  }
  check(cursor, properties, row, type, from, value);
  const isText = row.type === 'str' || row.type === 'bin' || row.type === 'pair';
  properties.enter(id, value, isText ? content.at : at);
  if (id === PROPERTY.SUBSCRIPTION_IDENTIFIER) properties.enterSubscriptionId(value);
  if (id === PROPERTY.USER_PROPERTY || id === PROPERTY.REASON_STRING) properties.optionalBytes += cursor.at - from;
  return true;
}

function readValue(cursor: Cursor, { type }: PropertyRow): number {
  switch (type) {
    case 'u8':
      return cursor.u8();
    case 'u16':
      return cursor.u16();
    case 'u32':
      return cursor.u32();
    case 'var':
      return cursor.varint(FAULT.PROPERTY_VALUE);
    case 'str':
      return cursor.string(content) ? content.length : -1;
    case 'bin':
      return cursor.binary(content) ? content.length : -1;
    case 'pair':
      return cursor.string(content) && cursor.string(second) ? content.length : -1;
  }
}

function check(
  cursor: Cursor,
  properties: Properties,
  { id, values }: PropertyRow,
  type: number,
  from: number,
  value: number,
): void {
  if (!isAllowed(id, type)) cursor.note(FAULT.PROPERTY_NOT_ALLOWED, from, cursor.at - from);
  else if (properties.has(id) && !mayRepeat(id, type)) cursor.note(FAULT.PROPERTY_REPEATED, from, cursor.at - from);
  else if ((values === 'flag' && value > 1) || (values === 'positive' && value === 0)) {
    cursor.note(FAULT.PROPERTY_VALUE, from, cursor.at - from);
  }
}

/** A client's PUBLISH may have no Subscription Identifier at all: that is a rule of its own. */
function mayRepeat(id: number, type: number): boolean {
  return id === PROPERTY.USER_PROPERTY || (id === PROPERTY.SUBSCRIPTION_IDENTIFIER && type === TYPE.PUBLISH);
}
