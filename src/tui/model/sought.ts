/**
 * What somebody looks for, read from one line: a text, bytes, or a filter over fields. Which of them it is shows in how it is
 * written; `text:`, `bytes:` or `fields:` before it says so where that would be read otherwise. The line as it was written is
 * all that is remembered of a search.
 */
import type { FieldCatalogue } from '../../filter/catalogue.ts';
import { complete, type SeenMembers } from '../../filter/complete.ts';
import type { Candidates } from './command-line.ts';
import { type FilterProblem, filterProblem } from './filtering.ts';

export type Sought = SoughtText | SoughtBytes | SoughtFields;

export interface SoughtText {
  readonly kind: 'text';
  readonly text: string;
  /** A capital in it: case matters. Otherwise `text` is in lower case. */
  readonly isExact: boolean;
  /** As it would stand in a message. */
  readonly bytes: Uint8Array;
}

export interface SoughtBytes {
  readonly kind: 'bytes';
  /** At least one. */
  readonly bytes: Uint8Array;
}

export interface SoughtFields {
  readonly kind: 'fields';
  /** A filter that may have a problem. */
  readonly text: string;
  /** Where it begins in the line. */
  readonly start: number;
}

const SOUGHT_KINDS = ['text:', 'bytes:', 'fields:'] as const;

const PREFIX = /^\s*(text|bytes|fields):\s?/;
/** `aa:bb`, `0xaabb`: nobody means these as text, mostly. */
const LOOKS_LIKE_BYTES = /^\s*(?:[0-9a-f]{2}(?::[0-9a-f]{2})+|0x(?:[0-9a-f]{2})+)\s*$/i;
const BYTES = /^\s*(?:0x)?[0-9a-f]{2}(?:[\s:]*[0-9a-f]{2})*\s*$/i;
/** A field and an operator, whether or not there is such a field. */
const LOOKS_LIKE_FIELDS = /^[\s!(]*[a-z][\w.[\]*-]*\s*(?:==|!=|<=|>=|<|>|~|contains\s|in\s)/i;

/** Nothing for an empty line; one line that says what is wrong with bytes. A filter's problem is that of `problemIn`. */
export function readSought(line: string, catalogue: FieldCatalogue): Sought | string | undefined {
  const [whole = '', word] = PREFIX.exec(line) ?? [];
  const rest = line.slice(whole.length);
  if (rest.trim() === '') return undefined;
  switch (word ?? inferred(rest, catalogue)) {
    case 'bytes':
      return bytesIn(rest);
    case 'fields':
      return { kind: 'fields', text: rest, start: whole.length };
    default:
      return textIn(rest);
  }
}

function inferred(text: string, catalogue: FieldCatalogue): Sought['kind'] {
  if (LOOKS_LIKE_BYTES.test(text)) return 'bytes';
  if (LOOKS_LIKE_FIELDS.test(text)) return 'fields';
  // One word is a text, also where it is the name of a field.
  return /\s/.test(text.trim()) && !filterProblem(text, catalogue) ? 'fields' : 'text';
}

function textIn(text: string): SoughtText {
  return { kind: 'text', text, isExact: text !== text.toLowerCase(), bytes: new TextEncoder().encode(text) };
}

function bytesIn(text: string): SoughtBytes | string {
  if (!BYTES.test(text)) return 'bytes are pairs of hex digits: aa:bb or aabb';
  const digits = text.replace(/^\s*0x|[\s:]/gi, '');
  return { kind: 'bytes', bytes: Uint8Array.from(Buffer.from(digits, 'hex')) };
}

/** What is wrong with the line, by its columns. */
export function problemIn(line: string, catalogue: FieldCatalogue): FilterProblem | undefined {
  const sought = readSought(line, catalogue);
  if (typeof sought !== 'object' || sought.kind !== 'fields') return undefined;
  const problem = filterProblem(sought.text, catalogue);
  return problem && { column: problem.column + sought.start, reason: problem.reason };
}

/** How the line is understood. */
export function soughtHint(line: string, catalogue: FieldCatalogue): string {
  const sought = readSought(line, catalogue);
  if (typeof sought === 'string') return sought;
  if (!sought) return 'text, bytes (aa:bb) or a filter (frame > 100); empty: again; Up: earlier ones';
  if (sought.kind === 'bytes')
    return `finds ${sought.bytes.length === 1 ? 'this byte' : 'these bytes'}; text: before it finds it as text`;
  if (sought.kind === 'fields') return 'finds what this filter matches; text: before it finds it as text';
  return `finds this text${sought.isExact ? '' : ' in any case'}, in what is shown and in bytes`;
}

/** @param seen members of JSON that messages have */
export function completeSought(line: string, cursor: number, catalogue: FieldCatalogue, seen: SeenMembers): Candidates {
  const [whole = '', word] = PREFIX.exec(line) ?? [];
  if (word === 'text' || word === 'bytes') return { from: cursor, candidates: [] };
  const before = line.slice(0, cursor);
  const kinds = word ? [] : SOUGHT_KINDS.filter(kind => kind.startsWith(before.trimStart()));
  if (before.trim() === '') return { from: cursor, candidates: kinds };
  const { from, candidates } = complete(line.slice(whole.length), cursor - whole.length, catalogue, seen);
  const fields = { from: from + whole.length, candidates };
  return kinds.length === 0 ? fields : { from: fields.from, candidates: [...kinds, ...candidates] };
}

/** Does a text that is shown hold it? */
export function holdsText({ text, isExact }: SoughtText, shown: string): boolean {
  return isExact ? shown.includes(text) : shown.toLowerCase().includes(text);
}

/** Where the bytes stand in others, from an offset on; -1 for nowhere. Of a text in any case, only ASCII letters have two. */
export function bytesAt(sought: SoughtText | SoughtBytes, within: Uint8Array, from = 0): number {
  const view = Buffer.from(within.buffer, within.byteOffset, within.byteLength);
  if (sought.kind === 'bytes' || sought.isExact) return view.indexOf(sought.bytes, from);
  const { bytes } = sought;
  const last = within.length - bytes.length;
  const lower = fold(bytes[0]);
  const upper = raised(lower);
  let low = view.indexOf(lower, from);
  let high = upper === lower ? -1 : view.indexOf(upper, from);
  while (low >= 0 || high >= 0) {
    const at = low < 0 || (high >= 0 && high < low) ? high : low;
    if (at > last) return -1;
    if (bytes.every((byte, index) => fold(within[at + index]) === fold(byte))) return at;
    if (at === low) low = view.indexOf(lower, at + 1);
    else high = view.indexOf(upper, at + 1);
  }
  return -1;
}

function fold(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}

function raised(byte: number): number {
  return byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte;
}
