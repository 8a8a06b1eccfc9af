/**
 * The mark by which a recording says that its source is complete: its writer saw every packet between the first and the
 * last, as a proxy does, because all of them pass through it (see "What a capture proves" in the README).
 *
 * It is a custom option of the section header, of the code that tools must not copy when they change a capture
 * (draft-ietf-opsawg-pcapng section 3.5.1): editcap and tshark leave it out of what they cut and filter, while a comment,
 * or the custom option that may be copied, would stay and go on to vouch for packets that are gone. The enterprise number
 * in front is the one for examples (RFC 5612), as we have none; so the text says whose it is.
 */

import { read32 } from './words.ts';

/** A custom option of UTF-8 text that is not to be copied. */
export const COMPLETE_OPTION = 19_372;
const EXAMPLE_ENTERPRISE = 32_473;
const ENTERPRISE_LENGTH = 4;
const TEXT = new TextEncoder().encode('wirelint: complete');

/** The option's value in a little-endian section. */
export function completeMark(): Uint8Array {
  const value = new Uint8Array(ENTERPRISE_LENGTH + TEXT.length);
  new DataView(value.buffer).setUint32(0, EXAMPLE_ENTERPRISE, true);
  value.set(TEXT, ENTERPRISE_LENGTH);
  return value;
}

/** Whether the value `bytes[at, end)` of such an option is the mark; others may use the code and the number, too. */
export function isCompleteMark(bytes: Uint8Array, at: number, end: number, bigEndian: boolean): boolean {
  return (
    end - at === ENTERPRISE_LENGTH + TEXT.length &&
    read32(bytes, at, bigEndian) === EXAMPLE_ENTERPRISE &&
    TEXT.every((byte, index) => byte === bytes[at + ENTERPRISE_LENGTH + index])
  );
}
