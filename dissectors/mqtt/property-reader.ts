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
export function readProperties(cursor: Cursor, properties: Properties, type: number, fromClient: boolean): void {
  const { overrun } = cursor;
  const from = cursor.at;
  cursor.overrun = FAULT.PROPERTY_LENGTH;
  const length = cursor.varint(FAULT.PROPERTY_LENGTH);
  if (length >= 0) {
    if (cursor.at + length > cursor.length) cursor.stop(FAULT.PROPERTY_LENGTH, from, cursor.at - from);
    else {
      properties.range.put(cursor.at, length);
      if (length > 0) readAll(cursor, properties, type, fromClient);
    }
  }
  cursor.overrun = overrun;
}

function readAll(cursor: Cursor, properties: Properties, type: number, fromClient: boolean): void {
  const { at, length } = properties.range;
  const end = at + length;
  cursor.end = end;
  while (cursor.at < end && !cursor.isStopped) {
    if (!readOne(cursor, properties, type, fromClient)) break;
  }
  cursor.end = cursor.length;
  // Behind an unknown one nothing of the properties can be read; what follows them can.
  if (!cursor.isStopped) cursor.at = end;
}

/** @returns whether the next can be read */
function readOne(cursor: Cursor, properties: Properties, type: number, fromClient: boolean): boolean {
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
  const size = cursor.at - from;
  if (!isAllowed(id, type)) cursor.note(FAULT.PROPERTY_NOT_ALLOWED, from, size);
  else if (properties.has(id) && !mayRepeat(id, type, fromClient)) cursor.note(FAULT.PROPERTY_REPEATED, from, size);
  else if (!isRight(row, value)) cursor.note(FAULT.PROPERTY_VALUE, from, size);
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

function isRight({ values }: PropertyRow, value: number): boolean {
  return values === 'flag' ? value <= 1 : values === 'any' || value > 0;
}

function mayRepeat(id: number, type: number, fromClient: boolean): boolean {
  if (id === PROPERTY.USER_PROPERTY) return true;
  return id === PROPERTY.SUBSCRIPTION_IDENTIFIER && type === TYPE.PUBLISH && !fromClient;
}
