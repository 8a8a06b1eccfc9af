/**
 * The two ways in which a TRANSFER writes bytes: base64 (RFC 4648, with padding; line breaks may stand in it, as many
 * encoders put them) and, in 2019-12, an array of integers. Only the number of the bytes is wanted, so none is decoded.
 */
import { hash } from 'node:crypto';
import type { JsonValue } from '../../src/sdk.ts';
import { integerOf } from './integers.ts';

const BASE64 = /^[A-Za-z0-9+/\r\n]*(?:=[\r\n]*){0,2}$/;
const NOT_BASE64 = /[^A-Za-z0-9+/=\r\n]/u;

/** Bytes that base64 stands for; -1 when the text is no base64. */
export function base64Length(text: string): number {
  if (!BASE64.test(text)) return -1;
  const characters = text.length - count(text, '\n') - count(text, '\r');
  return characters % 4 === 0 ? (characters / 4) * 3 - count(text, '=') : -1;
}

function count(text: string, character: string): number {
  let found = 0;
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) found++;
  return found;
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
