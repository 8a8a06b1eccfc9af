/**
 * Writes text that comes in pieces, gathered into chunks. All of it goes through the same memory: of a long report, buffers of
 * their own would be there until the garbage is collected.
 */
import type { Output } from './output.ts';

/** Bytes that are written at once. */
export const CHUNK = 64 * 1024;

/** Ends early where nobody reads any more. Rejects with an `OutputError`. */
export async function writePieces(output: Pick<Output, 'write' | 'closed'>, pieces: Iterable<string>): Promise<void> {
  const room = new Uint8Array(CHUNK);
  const encoder = new TextEncoder();
  let used = 0;
  for (const piece of pieces) {
    let from = 0;
    for (;;) {
      const { read, written } = encoder.encodeInto(piece.slice(from), room.subarray(used));
      from += read;
      used += written;
      if (from === piece.length) break;
      await output.write(room.subarray(0, used));
      if (output.closed) return;
      used = 0;
    }
  }
  await output.write(room.subarray(0, used));
}
