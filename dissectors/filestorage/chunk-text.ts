/**
 * The text of a chunk as its sender made it: base64, mostly in lines, as `pattern-scan.ts` puts it down. The digest of a chunk is
 * that of this text.
 */
import { hash } from 'node:crypto';
import type { PatternScan } from './pattern-scan.ts';

export class ChunkText {
  /** Mostly all chunks have texts of one length. */
  #text: Uint8Array = new Uint8Array(0);

  /**
   * Takes what was read for a place.
   * @returns the bytes that it stands for, -1 when it is no base64
   */
  take(scan: PatternScan, place: number): number {
    const length = scan.textLength(place);
    if (this.#text.length !== length) this.#text = scan.text(length);
    return scan.dataLength(place);
  }

  /** Do the eight words say the SHA-256 of the text? */
  hasDigest(words: Uint32Array): boolean {
    // A character a byte: shorter than its digits, and quicker made than a buffer.
    const digest = hash('sha256', this.#text, 'binary');
    for (let word = 0; word < words.length; word++) {
      const at = word * 4;
      const high = (digest.charCodeAt(at) << 8) | digest.charCodeAt(at + 1);
      const low = (digest.charCodeAt(at + 2) << 8) | digest.charCodeAt(at + 3);
      if ((words[word] | 0) !== ((high << 16) | low)) return false;
    }
    return true;
  }
}
