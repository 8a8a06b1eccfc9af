/** Parts of a packet as text. */
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
