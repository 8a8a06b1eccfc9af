/**
 * The two ways in which a TRANSFER writes bytes: base64 (RFC 4648, with padding; line breaks may stand in it, as many
 * encoders put them) and, in 2019-12, an array of integers. Only the number of the bytes is wanted, so none is decoded.
 */
import { hash } from 'node:crypto';
import type { JsonValue } from '../../src/sdk.ts';
import { integerOf } from './integers.ts';

const NOT_BASE64 = /[^A-Za-z0-9+/=\r\n]/u;

/** What the HTML standard allows in base64 besides line breaks. */
const OTHER_BLANKS = [' ', '\t', '\f'];

/**
 * Bytes that base64 stands for; -1 when the text is no base64. Node's decoder knows the alphabet, and takes a fifth of the
 * time of an expression, but is more forgiving: it passes over other blanks, and does without padding.
 */
export function base64Length(text: string): number {
  const length = forgivingLength(text);
  if (OTHER_BLANKS.some(blank => text.includes(blank))) return -1;
  const isPadded = length % 3 === 0 || text.includes('=');
  return isPadded ? length : -1;
}

/** Bytes of base64 as the HTML standard takes it; -1 when it does not. */
function forgivingLength(text: string): number {
  try {
    return atob(text).length;
  } catch {
    return -1;
  }
}

/** What is wrong with text that is no base64, for people. */
export function base64Problem(text: string): string {
  const at = text.search(NOT_BASE64);
  if (at >= 0) return `${JSON.stringify(String.fromCodePoint(text.codePointAt(at)!))} at character ${at}`;
  return 'characters of the alphabet, without the padding or with too much of it';
}

const SMALL_INTEGER = /^\d{1,3}$/;

/** The first item of an array that is no byte. */
export function firstNoByte(items: readonly JsonValue[]): number {
  return items.findIndex(({ kind, text }) => kind !== 'number' || !isByte(text));
}

function isByte(text: string): boolean {
  if (SMALL_INTEGER.test(text)) return Number(text) <= 255;
  const value = integerOf(text);
  return value !== undefined && value >= 0n && value <= 255n;
}

/**
 * SHA-256, in hex, of the base64 text as its sender made it: with its line breaks, before JSON wrote them as escapes.
 */
export function textDigest(text: string): string {
  return hash('sha256', text, 'hex');
}
