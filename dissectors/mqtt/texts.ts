/** Parts of a packet as text. */
import { createHash } from 'node:crypto';
import type { Message } from '../../src/sdk.ts';

const decoder = new TextDecoder();

/** Characters in UTF-8. */
export function textOf(message: Message, at: number, length: number): string {
  const from = message.start + at;
  return decoder.decode(message.bytes.subarray(from, from + length));
}

/** One character a byte, for comparing; empty where there is nothing. */
export function bytesText(message: Message, at: number, length: number): string {
  if (at < 0 || length <= 0) return '';
  const { bytes, start } = message;
  return Buffer.from(bytes.buffer, bytes.byteOffset + start + at, length).toString('latin1');
}

/** Characters up to which a text is its own key. */
const LONGEST_KEY = 256;

/**
 * What stands for a text as the key of a map: V8 tells texts of more than 16,383 characters apart by their length alone, so
 * that a map of many of one length takes quadratic time. It is small, too.
 */
export function keyOf(text: string): string {
  return text.length <= LONGEST_KEY ? text : `sha256 ${createHash('sha256').update(text).digest('base64')}`;
}
