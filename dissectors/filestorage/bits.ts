/**
 * The 128 bits by which ids and digests of files are known: a UUID's own, the first ones of a SHA-256 in hexadecimal digits,
 * of any other text those of a hash of it. They are read where a message has them, without a string.
 */
import { createHash } from 'node:crypto';

export const BITS_WORDS = 4;
/** In 32-bit words. */
export type Bits = Uint32Array<ArrayBuffer>;

export const UUID_LENGTH = 36;
/** Hexadecimal digits of a SHA-256. */
export const DIGEST_LENGTH = 64;
const WORD_DIGITS = 8;
const HYPHEN = 0x2d;

/** Where the digits of a UUID stand, four at a time; between them, its hyphens. */
const UUID_FOURS = [0, 4, 9, 14, 19, 24, 28, 32] as const;

/** By byte: the value of a hexadecimal digit, in either case; -1 for what is none. */
const DIGIT = new Int8Array(256).fill(-1);
for (let value = 0; value < 16; value++) {
  const digit = value.toString(16);
  for (const letter of [digit, digit.toUpperCase()]) DIGIT[letter.charCodeAt(0)] = value;
}

/** Writes the bits of the UUID whose bytes begin at `at`. False where they are none: what is written then is of no use. */
export function writeUuid(bytes: Uint8Array, at: number, into: Bits): boolean {
  for (let word = 0; word < BITS_WORDS; word++) {
    const high = fourDigits(bytes, at + UUID_FOURS[2 * word]);
    const low = fourDigits(bytes, at + UUID_FOURS[2 * word + 1]);
    if ((high | low) < 0) return false;
    into[word] = (high << 16) | low;
  }
  return (
    bytes[at + 8] === HYPHEN && bytes[at + 13] === HYPHEN && bytes[at + 18] === HYPHEN && bytes[at + 23] === HYPHEN
  );
}

/** The same of a SHA-256 in hexadecimal digits. */
export function writeDigest(bytes: Uint8Array, at: number, into: Bits): boolean {
  for (let word = 0; word < DIGEST_LENGTH / WORD_DIGITS; word++) {
    const high = fourDigits(bytes, at + word * WORD_DIGITS);
    const low = fourDigits(bytes, at + word * WORD_DIGITS + 4);
    if ((high | low) < 0) return false;
    if (word < BITS_WORDS) into[word] = (high << 16) | low;
  }
  return true;
}

/** The byte that the two hexadecimal digits at `at` stand for; below 0 where one of them is none. */
export function byteOfDigits(bytes: Uint8Array, at: number): number {
  return (DIGIT[bytes[at]] << 4) | DIGIT[bytes[at + 1]];
}

/** An id. UUIDs are the same in upper and lower case (RFC 9562, 4). */
export function bitsOfId(text: string): Bits {
  const bits = new Uint32Array(BITS_WORDS);
  return isAscii(text, UUID_LENGTH) && writeUuid(letters, 0, bits) ? bits : hashOf(text, bits);
}

/** The digest of a file, the same in upper and lower case. */
export function bitsOfDigest(text: string): Bits {
  const bits = new Uint32Array(BITS_WORDS);
  return isAscii(text, DIGEST_LENGTH) && writeDigest(letters, 0, bits) ? bits : hashOf(text.toLowerCase(), bits);
}

/** Of the text that was looked at last. */
const letters = new Uint8Array(DIGEST_LENGTH);
const encoder = new TextEncoder();

/** Is it so many characters of ASCII? Then `letters` begins with them. */
function isAscii(text: string, length: number): boolean {
  if (text.length !== length) return false;
  const { read, written } = encoder.encodeInto(text, letters);
  return read === length && written === length;
}

function hashOf(text: string, into: Bits): Bits {
  const hash = createHash('sha256').update(text).digest();
  for (let word = 0; word < BITS_WORDS; word++) into[word] = hash.readUInt32BE(word * 4);
  return into;
}

/** Value of the four hexadecimal digits at `at`; below 0 where one of them is none. */
function fourDigits(bytes: Uint8Array, at: number): number {
  return (DIGIT[bytes[at]] << 12) | (DIGIT[bytes[at + 1]] << 8) | (DIGIT[bytes[at + 2]] << 4) | DIGIT[bytes[at + 3]];
}
