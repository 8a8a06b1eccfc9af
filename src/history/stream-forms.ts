/**
 * Bytes of a conversation as text: a row of a hex dump and of a C array as Wireshark writes them, and the characters of a
 * text, each safe to print. Offsets are in bytes.
 */
import { visible, visibleBytes } from '../wire/escape.ts';

/** Bytes in a row of a C array. */
export const ARRAY_BYTES = 8;

export const STREAM_FORMS = ['text', 'hex', 'array'] as const;
export type StreamForm = (typeof STREAM_FORMS)[number];

const HALF = 8;
const MOST_OF_CHARACTER = 4;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** `00000010`; longer from 4 GiB on. */
export function hexOffset(offset: number): string {
  return offset.toString(16).padStart(8, '0');
}

/** `02 00 00 00 7e 01 7b 22  6d 69 64 22  ....~.{"mid"`, the characters always in the same column. @param perRow 16, 8 or 4 */
export function hexRow(bytes: Uint8Array, perRow: number): string {
  let text = '';
  for (let index = 0; index < perRow; index++) {
    if (index > 0) text += index === HALF ? '  ' : ' ';
    text += index < bytes.length ? bytes[index].toString(16).padStart(2, '0') : '  ';
  }
  return `${text}  ${visibleBytes(bytes)}`;
}

/** The beginning of an array, named as Wireshark names it: `char peer0_2[] = {`. @param side 0 for the client */
export function arrayHead(side: 0 | 1, ordinal: number, frame: number): string {
  return `char peer${side}_${ordinal}[] = { /* Packet ${frame} */`;
}

/** `0x02, 0x00, 0x7e };` @param isLast the array ends behind it */
export function arrayRow(bytes: Uint8Array, isLast: boolean): string {
  const text = Array.from(bytes, byte => `0x${byte.toString(16).padStart(2, '0')}`).join(', ');
  return isLast ? `${text} };` : `${text},`;
}

export function missingText(bytes: number): string {
  return `[${bytes} ${bytes === 1 ? 'byte' : 'bytes'} missing]`;
}

const SPELT: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  if (byte === 0x09) return '\\t';
  if (byte === 0x0d) return '\\r';
  return byte >= 0x20 && byte <= 0x7e ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
});

/** One byte as text: itself, or spelt out. */
export function spelt(byte: number): string {
  return SPELT[byte];
}

/** How many bytes the character that begins with this byte has in UTF-8; 1 for what begins none. */
export function characterLength(first: number): number {
  if (first < 0xc2 || first > 0xf4) return 1;
  return first < 0xe0 ? 2 : first < 0xf0 ? 3 : MOST_OF_CHARACTER;
}

/** The character of these bytes, safe to print; undefined where they are none. */
export function character(bytes: Uint8Array): string | undefined {
  try {
    return visible(utf8.decode(bytes));
  } catch {
    return undefined;
  }
}
