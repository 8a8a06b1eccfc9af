/**
 * Integer reads from a byte array at an offset. The caller has checked that the bytes are there: outside the array the
 * result is meaningless, never an exception. Shifts, because `Buffer.readUInt16BE` measured ten times slower.
 */

/** Unsigned integer of 1 to 4 bytes. */
export function readUint(bytes: Uint8Array, offset: number, size: number, littleEndian: boolean): number {
  if (size === 4) return littleEndian ? readUint32le(bytes, offset) : readUint32be(bytes, offset);
  if (size === 1) return bytes[offset];
  const last = offset + size - 1;
  let value = 0;
  for (let i = 0; i < size; i++) value = (value << 8) | bytes[littleEndian ? last - i : offset + i];
  return value;
}

export function readUint32be(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] << 24) | (bytes[offset + 1] << 16) | (bytes[offset + 2] << 8) | bytes[offset + 3]) >>> 0;
}

export function readUint32le(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset + 3] << 24) | (bytes[offset + 2] << 16) | (bytes[offset + 1] << 8) | bytes[offset]) >>> 0;
}
