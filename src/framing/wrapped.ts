/**
 * What the ready framings take away when they cut a stream, put back: a message as it stands on the wire. The engine only
 * reads; this is for those who write traffic down.
 */
import { DATAGRAM } from './framing.ts';
import { READY_NAMES } from './ready.ts';

const LINE_ENDS: Readonly<Record<string, readonly number[]>> = {
  lines: [0x0a],
  'lines-lf': [0x0a],
  'lines-crlf': [0x0d, 0x0a],
};
const MOST_BYTES: Readonly<Record<string, number>> = { varint: 4, leb128: 5 };

/**
 * @param framing name of a ready framing, or `datagram`, which adds nothing
 * @throws RangeError for another name, and for a message that is longer than the length can say
 */
export function wrapped(framing: string, message: Uint8Array): Uint8Array {
  if (framing === DATAGRAM) return message;
  if (!READY_NAMES.includes(framing)) throw new RangeError(`no ready framing is called ${framing}`);
  const lineEnd = LINE_ENDS[framing];
  if (lineEnd) return Uint8Array.from([...message, ...lineEnd]);
  return Uint8Array.from([...lengthOf(framing, message.length), ...message]);
}

function lengthOf(framing: string, length: number): readonly number[] {
  const [, bits, isLittle] = /^length(\d+)(-le)?$/.exec(framing) ?? [];
  const size = bits === undefined ? MOST_BYTES[framing] : Number(bits) / 8;
  const base = bits === undefined ? 128 : 256;
  if (length >= base ** size) throw new RangeError(`${length} bytes are more than ${framing} can say`);
  const digits = Array.from({ length: size }, (_, place) => Math.floor(length / base ** place) % base);
  if (bits !== undefined) return isLittle ? digits : digits.reverse();
  const needed = Math.max(1, digits.findLastIndex(digit => digit > 0) + 1);
  return digits.slice(0, needed).map((digit, place) => (place < needed - 1 ? digit | 0x80 : digit));
}
