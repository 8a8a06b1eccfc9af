/**
 * Copies of a few bytes each, side by side in larger pieces: an array with memory of its own takes four times what a finding
 * keeps of its message, and there may be a hundred thousand of these.
 */

const PIECE = 8_192;

let piece = new Uint8Array(0);
let used = 0;

/** A copy of bytes that nobody changes. Its memory is shared with other copies: only what it shows is its own. */
export function keptBytes(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  if (length > PIECE / 8) return new Uint8Array(bytes);
  if (used + length > piece.length) {
    piece = new Uint8Array(PIECE);
    used = 0;
  }
  const kept = piece.subarray(used, used + length);
  kept.set(bytes);
  used += length;
  return kept;
}
