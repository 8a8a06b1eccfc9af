/** Words and bytes of findings about a single message: where a JSON value stands, and how it is called in a sentence. */
import type { JsonKind, JsonMember, JsonValue } from '../../src/sdk.ts';
import { HEAD_LENGTH } from './layouts.ts';

/** For outcomes that find nothing. */
export const NO_EVIDENCE = () => ({ message: '', expected: '', actual: '' });

interface Span {
  readonly offset: number;
  readonly length: number;
}

/** Bytes of a value, from the start of the message. */
export function spanOf({ offset, length }: Span): Span {
  return { offset: HEAD_LENGTH + offset, length };
}

/** Bytes of a member: its name to the end of its value. */
export function memberSpan({ offset, value }: JsonMember): Span {
  return { offset: HEAD_LENGTH + offset, length: value.offset + value.length - offset };
}

export const KINDS: Readonly<Record<JsonKind, string>> = {
  object: 'an object',
  array: 'an array',
  string: 'a string',
  number: 'a number',
  boolean: 'a boolean',
  null: 'null',
};

const MOST_CHARACTERS = 64;

/** Text of the message, in quotes; only its beginning where it is long. */
export function quoted(text: string): string {
  return JSON.stringify(shortened(text));
}

/** A number or text of the message as it stands, only its beginning where it is long. */
export function shortened(text: string): string {
  if (text.length <= MOST_CHARACTERS) return text;
  // A slice, or what is joined from one, would hold the whole text in memory for as long as there is the finding.
  const beginning = Buffer.from(text.slice(0, MOST_CHARACTERS), 'utf16le').toString('utf16le');
  return `${beginning}...`;
}

/** The kind of a value, and of a number which. */
export function described({ kind, text }: JsonValue): string {
  return kind === 'number' ? `the number ${shortened(text)}` : KINDS[kind];
}
