/**
 * The text of a fault as words with their columns. What stands in double quotes is part of a word, blanks included, as the
 * filter language has it; so no word of a fault is ever found in a text that a filter looks for.
 */
import { FilterError } from '../filter/error.ts';
import { parseDuration, parseSize, UsageError } from '../settings/words.ts';

export interface Word {
  readonly text: string;
  /** Offset of its first character, from 0. */
  readonly at: number;
  /** Offset behind its last character. */
  readonly end: number;
}

const WORD = /(?:[^\s"]|"(?:[^"\\]|\\.)*"?)+/gsu;

/** @param start offset of the text in the one that places count in */
export function wordsIn(text: string, start = 0): Word[] {
  return [...text.matchAll(WORD)].map(({ 0: word, index }) => {
    const at = start + index;
    return { text: word, at, end: at + word.length };
  });
}

/** @throws FilterError that names the place of the word */
export function refuse(at: number, reason: string): never {
  throw new FilterError(at + 1, reason);
}

const PERCENT = /^(\d{1,3}(?:\.\d{1,9})?)%$/;

/** `5%` or `0.1%` as a probability from 0 to 1. */
export function probabilityOf({ text, at }: Word): number {
  const match = PERCENT.exec(text);
  if (!match || Number(match[1]) > 100) refuse(at, `${quoted(text)}: write a percentage from 0% to 100%, such as 0.5%`);
  return Number(match[1]) / 100;
}

const COUNT = /^\d{1,9}$/;

/** A whole number from 1 to 999999999. */
export function countOf({ text, at }: Word): number {
  if (!COUNT.test(text) || Number(text) < 1) refuse(at, `${quoted(text)}: a whole number of at least 1 is needed`);
  return Number(text);
}

/** `20ms` in milliseconds. */
export function durationOf(word: Word): number {
  return advised(word, () => parseDuration('', word.text));
}

const OCTETS = /^[\dA-Fa-f]{2}(?::?[\dA-Fa-f]{2})*$/;
/** Bytes that a fault may spell out. */
const MOST_OCTETS = 65_536;

/** `c0:00` or `c000`. */
export function octetsOf({ text, at }: Word): Uint8Array {
  if (!OCTETS.test(text)) refuse(at, `${quoted(text)}: write bytes in hex, two digits each: c0:00`);
  const bytes = new Uint8Array(Buffer.from(text.replaceAll(':', ''), 'hex'));
  if (bytes.length > MOST_OCTETS) refuse(at, `at most ${MOST_OCTETS} bytes can be sent, and these are ${bytes.length}`);
  return bytes;
}

const BITS = /^(\d{1,9}(?:\.\d{1,9})?)(k|M|G)?bit\/s$/;
const TIMES: Readonly<Record<string, number>> = { '': 1, k: 1e3, M: 1e6, G: 1e9 };

/** `1MB/s`, `64KiB/s` or `10Mbit/s` in bytes a second. */
export function rateOf(word: Word): number {
  const [, number, prefix = ''] = BITS.exec(word.text) ?? [];
  const rate = number === undefined ? bytesOf(word) : (Number(number) * TIMES[prefix]) / 8;
  if (rate < 1) refuse(word.at, `${quoted(word.text)}: less than a byte a second; stall passes on nothing at all`);
  return rate;
}

function bytesOf(word: Word): number {
  const advice = `${quoted(word.text)}: write a rate: 1MB/s, 64KiB/s or 10Mbit/s`;
  if (!word.text.endsWith('/s')) refuse(word.at, advice);
  return advised(word, () => parseSize('', word.text.slice(0, -2)), advice);
}

/** What options make of a word, with the place of the word where they refuse it. */
function advised(word: Word, parse: () => number, advice?: string): number {
  try {
    return parse();
  } catch (error) {
    if (error instanceof UsageError) refuse(word.at, advice ?? `${quoted(word.text)}: ${error.advice}`);
    throw error;
  }
}

export interface Delay {
  /** On average. */
  readonly milliseconds: number;
  /** At most so many more or fewer. */
  readonly jitter: number;
}

const JITTER = /±|\+-|\+\/-/;

/** `20ms`, `20ms±10`, `20ms+-10` or `1s±200ms`. */
export function delayOf(word: Word): Delay {
  const { text, at, end } = word;
  const sign = JITTER.exec(text);
  if (!sign) return { milliseconds: durationOf(word), jitter: 0 };
  const head = text.slice(0, sign.index);
  const start = at + sign.index + sign[0].length;
  const tail = text.slice(sign.index + sign[0].length);
  const milliseconds = durationOf({ text: head, at, end: at + sign.index });
  const unit = /[a-z]+$/.exec(head)?.[0] ?? '';
  const jitter = durationOf({ text: /^[\d.]+$/.test(tail) ? tail + unit : tail, at: start, end });
  if (jitter > milliseconds) refuse(start, `${quoted(tail)}: a delay cannot vary by more than itself, ${head}`);
  return { milliseconds, jitter };
}

/** A word for a complaint: whole, unless it is as long as no word is. */
export function quoted(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}
