/**
 * What stays the same of a finding when the same fault is met again: in another run, under other numbers. A fingerprint
 * names the situation, not the place: rule, protocol, message, state, the role at fault, what was expected and what came,
 * without whatever differs from run to run. So a code host recognises what it has seen, and a baseline what is known.
 *
 * It must not depend on frames, ports, tags, ids and times; two faults that differ in these alone are the same.
 */
import { createHash } from 'node:crypto';
import type { Finding } from './finding.ts';

/** Hexadecimal digits of a fingerprint: 64 bits, as code hosts make theirs. */
const DIGITS = 16;

/** What is in quotes came from the wire, unless it is a name that the specification has. Those stand in quotes too. */
const QUOTED = /"(?:[^"\\]|\\.)*"/g;
const NAME = /^"[A-Za-z][A-Za-z_-]{0,39}"$/;
/** A word with a digit in it: a number, an id, an address, a tag. */
const NUMBERED = /[\p{L}\p{N}_:.[\]-]*\p{N}[\p{L}\p{N}_:.[\]-]*/gu;
/** Digits of a hexadecimal number that happen to be letters. */
const HEX_LETTERS = /\b[a-f]{4,}\b/gi;
/** One number, or several: how many there are differs, too. */
const LIST = /#(?:(?:,| and| or|, and|-)? ?#)+/g;
/** `1 byte`, `2 bytes`. */
const PLURAL = /# (\p{L}+)s\b/gu;

/** The situation of a finding, as 16 hexadecimal digits. */
export function fingerprintOf(finding: Finding): string {
  const { ruleId, protocol, messageName, state, expected, actual } = finding;
  const situation = [ruleId, protocol, messageName, state, roleAtFault(finding), lasting(expected), lasting(actual)];
  return digest(situation);
}

/** Numbers those of one situation: `fingerprint:1`, `fingerprint:2` in the order of the report. */
export class Occurrences {
  readonly #counts = new Map<string, number>();

  next(finding: Finding): { readonly fingerprint: string; readonly occurrence: number } {
    const fingerprint = fingerprintOf(finding);
    const occurrence = (this.#counts.get(fingerprint) ?? 0) + 1;
    this.#counts.set(fingerprint, occurrence);
    return { fingerprint, occurrence };
  }
}

/** A hash of parts that cannot run into each other. */
export function digest(parts: readonly (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, DIGITS);
}

/** The text without what differs from one run to the next. */
export function lasting(text: string): string {
  return text
    .replace(QUOTED, quoted => (NAME.test(quoted) && !isHex(quoted) ? quoted : '#'))
    .replace(NUMBERED, '#')
    .replace(HEX_LETTERS, '#')
    .replace(LIST, '#')
    .replace(PLURAL, '# $1');
}

const isHex = (quoted: string) => /^"[a-f_-]*"$/i.test(quoted);

function roleAtFault({ atFault, from, to }: Finding): string {
  if (atFault === null) return 'nobody';
  if (atFault === from) return 'sender';
  return atFault === to ? 'receiver' : 'another';
}
