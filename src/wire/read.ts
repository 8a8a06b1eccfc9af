/**
 * Integer reads from a byte array at an offset. The caller has checked that the bytes are there: outside the array the
 * result is meaningless, never an exception. Shifts, because `Buffer.readUInt16BE` measured ten times slower.
 */

/** Unsigned integer of 1 to 8 bytes; exact up to 2^53, see `readWide` for what lies beyond. */
export function readUint(bytes: Uint8Array, offset: number, size: number, littleEndian: boolean): number {
  if (size === 4) return littleEndian ? readUint32le(bytes, offset) : readUint32be(bytes, offset);
  if (size === 1) return bytes[offset];
  if (size === 2) return readUint16(bytes, offset, littleEndian);
  return size === 3 ? readUint24(bytes, offset, littleEndian) : readRounded(bytes, offset, size, littleEndian);
}

export function readUint16(bytes: Uint8Array, offset: number, littleEndian: boolean): number {
  return littleEndian ? (bytes[offset + 1] << 8) | bytes[offset] : (bytes[offset] << 8) | bytes[offset + 1];
}

export function readUint24(bytes: Uint8Array, offset: number, littleEndian: boolean): number {
  return littleEndian
    ? (bytes[offset + 2] << 16) | (bytes[offset + 1] << 8) | bytes[offset]
    : (bytes[offset] << 16) | (bytes[offset + 1] << 8) | bytes[offset + 2];
}

const TWO_TO_32 = 0x1_0000_0000;

function readRounded(bytes: Uint8Array, offset: number, size: number, littleEndian: boolean): number {
  return highOf(bytes, offset, size, littleEndian) * TWO_TO_32 + lowOf(bytes, offset, size, littleEndian);
}

/** Unsigned integer of 5 to 8 bytes: as a number where that is exact, else as decimal text. */
export function readWide(bytes: Uint8Array, offset: number, size: number, littleEndian: boolean): number | string {
  const value = readUint(bytes, offset, size, littleEndian);
  if (Number.isSafeInteger(value)) return value;
  const high = BigInt(highOf(bytes, offset, size, littleEndian));
  return String((high << 32n) | BigInt(lowOf(bytes, offset, size, littleEndian)));
}

/** All but the four low bytes. */
function highOf(bytes: Uint8Array, offset: number, size: number, littleEndian: boolean): number {
  return readUint(bytes, littleEndian ? offset + 4 : offset, size - 4, littleEndian);
}

function lowOf(bytes: Uint8Array, offset: number, size: number, littleEndian: boolean): number {
  return littleEndian ? readUint32le(bytes, offset) : readUint32be(bytes, offset + size - 4);
}

export function readUint32be(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] << 24) | (bytes[offset + 1] << 16) | (bytes[offset + 2] << 8) | bytes[offset + 3]) >>> 0;
}

export function readUint32le(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset + 3] << 24) | (bytes[offset + 2] << 16) | (bytes[offset + 1] << 8) | bytes[offset]) >>> 0;
}

/**
 * - `varint`: at most 4 bytes, as MQTT's Variable Byte Integer
 * - `leb128`: at most 10 bytes
 */
export type VarintForm = 'varint' | 'leb128';

/** Bytes at most. */
export const LONGEST_VARINT: Readonly<Record<VarintForm, number>> = { varint: 4, leb128: 10 };

/** It goes on beyond the bytes at hand, or beyond those that it may have. */
export const VARINT_CUT = -1;
export const VARINT_TOO_LONG = -2;

/** Bytes of the variable integer at an offset, from what lies before `end`; or `VARINT_CUT`, `VARINT_TOO_LONG`. */
export function varintLength(bytes: Uint8Array, offset: number, end: number, form: VarintForm): number {
  const longest = LONGEST_VARINT[form];
  for (let length = 1; length <= longest; length++) {
    if (offset + length > end) return VARINT_CUT;
    if (bytes[offset + length - 1] < 0x80) return length;
  }
  return VARINT_TOO_LONG;
}

/** Value of the variable integer of this many bytes, 7 bits a byte, the low ones first; rounded beyond 2^53. */
export function readVarint(bytes: Uint8Array, offset: number, length: number): number {
  let value = 0;
  for (let i = length - 1; i >= 0; i--) value = value * 0x80 + (bytes[offset + i] & 0x7f);
  return value;
}

/** The same, as decimal text where a number would not be exact. */
export function readWideVarint(bytes: Uint8Array, offset: number, length: number): number | string {
  const value = readVarint(bytes, offset, length);
  if (Number.isSafeInteger(value)) return value;
  let exact = 0n;
  for (let i = length - 1; i >= 0; i--) exact = (exact << 7n) | BigInt(bytes[offset + i] & 0x7f);
  return String(exact);
}
