/** Messages as they stand on the wire, for tests: after their length, before the end of their line. */
import { wrapped } from '../framing/wrapped.ts';
import { type Bytes, bytesOf } from './traffic.ts';

/**
 * `framed('length16', '05')` is `0001 05`; `framed('lines-crlf', '05')` is `05 0d0a`; `datagram` adds nothing.
 * @param framing name of a ready framing, as a carrier has it
 * @throws RangeError for another name, and for a message that is longer than the length can say
 */
export function framed(framing: string, message: Bytes): Uint8Array {
  return wrapped(framing, bytesOf(message));
}
