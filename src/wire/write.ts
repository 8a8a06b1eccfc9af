/**
 * Integers as bytes, the counterpart of read.ts, and bytes behind each other. For those who make messages or change them; the engine only reads.
 */
import { LONGEST_VARINT, type VarintForm } from './read.ts';

/** The least that does not fit into so many bytes. */
export function beyond(size: number): bigint {
  return 1n << BigInt(8 * size);
}

/** Writes an unsigned integer of 1 to 8 bytes, which must fit. */
export function writeUint(
  bytes: Uint8Array,
  offset: number,
  size: number,
  value: number | bigint,
  littleEndian: boolean,
): void {
  let left = BigInt(value);
  for (let place = 0; place < size; place++) {
    bytes[littleEndian ? offset + place : offset + size - 1 - place] = Number(left & 0xffn);
    left >>= 8n;
  }
}

/** The same as bytes of their own. */
export function uintBytes(size: number, value: number | bigint, littleEndian: boolean): Uint8Array {
  const bytes = new Uint8Array(size);
  writeUint(bytes, 0, size, value, littleEndian);
  return bytes;
}

/** The least that a variable integer of this form cannot say. */
export function beyondVarint(form: VarintForm): bigint {
  return 1n << BigInt(7 * LONGEST_VARINT[form]);
}

/** A variable integer in as few bytes as it needs: 7 bits a byte, the low ones first. */
export function varintBytes(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  let left = BigInt(value);
  do {
    bytes.push(Number(left & 0x7fn) | (left > 0x7fn ? 0x80 : 0));
    left >>= 7n;
  } while (left > 0n);
  return Uint8Array.from(bytes);
}

/** The parts behind each other, in memory of their own. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
