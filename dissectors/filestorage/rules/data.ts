/** Rules about the chunk that a TRANSFER carries. What needs the announcement or earlier chunks is elsewhere. */
import { hash } from 'node:crypto';
import type { JsonValue } from '../../../src/sdk.ts';
import { described, quoted, shortened } from '../evidence.ts';
import { integerOf } from '../integers.ts';
import { MOST_CHUNK_BYTES } from '../members.ts';
import { contentRule, type Outcomes } from '../outcomes.ts';
import type { Edition } from '../terms.ts';

export const chunkIdFormat = contentRule({
  id: 'filestorage/chunk-id-format',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'TRANSFER, chunk',
  summary: '"chunk" is a string but no UUID',
  why: 'Chunks that are missing are asked for by this id; it must be unlike all others.',
  example: '{"message-id":"...","chunk":"1","data":"SGVsbG8="}',
});

export function judgeChunkId(value: JsonValue, path: string, outcomes: Outcomes): void {
  outcomes.judgeUuid(chunkIdFormat, value, path);
}

export const dataEncoding = contentRule({
  id: 'filestorage/data-encoding',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'TRANSFER, data',
  summary: '"data" is an array with something other than integers from 0 to 255, or a string that is not base64',
  why: 'The bytes of the file cannot be had from it, or differ from one program to the next.',
  example: '{"message-id":"...","chunk":"...","data":[72,101,256]}',
});

/**
 * Bytes are written as base64 (RFC 4648, with padding; line breaks may stand in it, as many encoders put them) or, in 2019-12,
 * as an array of integers. Only their number is wanted, so none is decoded.
 * @returns the number of the bytes; undefined where the data is wrong
 */
function judgeEncoding(value: JsonValue, path: string, outcomes: Outcomes): number | undefined {
  outcomes.applies(dataEncoding.bit);
  if (value.kind === 'array') return judgeArray(value, path, outcomes);
  const length = base64Length(value.text);
  if (length >= 0) return length;
  outcomes.breaksBy(dataEncoding, value, `${quoted(path)} is not base64`, 'base64', base64Problem(value.text));
  return undefined;
}

function judgeArray({ items }: JsonValue, path: string, outcomes: Outcomes): number | undefined {
  const wrong = firstNoByte(items);
  if (wrong < 0) return items.length;
  const item = items[wrong];
  const at = quoted(`${path}[${wrong}]`);
  const actual = item.kind === 'number' ? shortened(item.text) : described(item);
  outcomes.breaksBy(dataEncoding, item, `${at} is ${actual}`, 'an integer from 0 to 255', actual);
  return undefined;
}

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
function base64Problem(text: string): string {
  const at = text.search(NOT_BASE64);
  if (at >= 0) return `${JSON.stringify(String.fromCodePoint(text.codePointAt(at)!))} at character ${at}`;
  return 'characters of the alphabet, without the padding or with too much of it';
}

const SMALL_INTEGER = /^\d{1,3}$/;

/** The first item of an array that is no byte. */
function firstNoByte(items: readonly JsonValue[]): number {
  return items.findIndex(({ kind, text }) => kind !== 'number' || !isByte(text));
}

function isByte(text: string): boolean {
  if (SMALL_INTEGER.test(text)) return Number(text) <= 255;
  const value = integerOf(text);
  return value !== undefined && value >= 0n && value <= 255n;
}

export const chunkSize = contentRule({
  id: 'filestorage/chunk-size',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'TRANSFER, data',
  summary: 'a chunk holds more than 1024 bytes (edition 2019-12) or 1000 (2020-01)',
  why: 'The chunk is the unit that is counted, checked and sent again; the other side has no room for a longer one.',
  example: 'a TRANSFER whose "data" stands for 1025 bytes',
});

export const chunkEmpty = contentRule({
  id: 'filestorage/chunk-empty',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'TRANSFER, data',
  summary: 'a chunk holds no bytes',
  why: 'It brings the transfer no further. Mostly its sender read beyond the end of the file; an empty file needs no TRANSFER.',
  example: '{"message-id":"...","chunk":"...","data":""}',
});

/** @returns the number of the bytes; undefined where the data is wrong */
export function judgeData(value: JsonValue, path: string, edition: Edition, outcomes: Outcomes): number | undefined {
  const length = judgeEncoding(value, path, outcomes);
  if (length === undefined) return undefined;
  const most = MOST_CHUNK_BYTES[edition];
  outcomes.applies(chunkSize.bit | chunkEmpty.bit);
  if (length > most) {
    const actual = `${length} bytes`;
    outcomes.breaksBy(chunkSize, value, `the chunk holds ${actual}`, `at most ${most} bytes`, actual);
  } else if (length === 0) {
    outcomes.breaksBy(chunkEmpty, value, 'the chunk holds no bytes', 'at least one byte', 'none');
  }
  return length;
}

export const chunkDigest = contentRule({
  id: 'filestorage/chunk-digest',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: '2020-01, TRANSFER, chunk.digest',
  summary: '"chunk.digest" is not the SHA-256 of the text of "data"',
  why: 'The chunk was damaged on its way, or the digest is of something else: the server throws it away.',
  example: 'a TRANSFER whose digest is that of the bytes, not of their base64 text with its line breaks',
});

/**
 * Only of text that is base64: a fault in the text has been reported, and a wrong digest would be the same fault again.
 * @param text as its sender made it: with its line breaks, before JSON wrote them as escapes
 */
export function judgeDigest(digest: JsonValue, text: string, outcomes: Outcomes): void {
  outcomes.applies(chunkDigest.bit);
  const actual = hash('sha256', text, 'hex');
  if (digest.text === actual || digest.text.toLowerCase() === actual) return;
  const expected = `the SHA-256 of the text, ${actual}`;
  outcomes.breaksBy(chunkDigest, digest, 'the digest is not that of the data', expected);
}
