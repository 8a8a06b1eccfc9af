/** Bytes for tests and those who write captures: from hexadecimal text, from numbers in either byte order, put together. */

export type ByteOrder = 'little' | 'big';

/**
 * Bytes from hexadecimal text, `01 0002 6869`; blanks and line breaks are for the reader.
 * @throws Error for anything that is no pair of hexadecimal digits, which a slip of the pen would hide otherwise
 */
export function hex(text: string): Uint8Array {
  const digits = text.replace(/\s+/g, '');
  if (!/^([0-9a-f]{2})*$/i.test(digits)) throw new Error(`not bytes in hexadecimal: ${text}`);
  return Uint8Array.from(Buffer.from(digits, 'hex'));
}

/** One after the other. */
export function concat(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** `length` bytes counting up from `first`, so that a misplaced one shows. */
export function countingBytes(length: number, first = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => first + index);
}

export function u16(value: number, order: ByteOrder): Uint8Array {
  const bytes = new Uint8Array(2);
  new DataView(bytes.buffer).setUint16(0, value, order === 'little');
  return bytes;
}

export function u32(value: number, order: ByteOrder): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, order === 'little');
  return bytes;
}

export function u64(value: bigint, order: ByteOrder): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, value, order === 'little');
  return bytes;
}

/** Two bytes in network order, as numbers. */
export function uint16(value: number): number[] {
  return [(value >>> 8) & 0xff, value & 0xff];
}

/** Four bytes in network order, as numbers. */
export function uint32(value: number): number[] {
  return [...uint16(value >>> 16), ...uint16(value)];
}
