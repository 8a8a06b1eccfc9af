/**
 * What came of the rules about one message: which applied, which it breaks and how, which could not be judged. A bit a
 * rule, because nearly all messages break none, and then nothing is built but a list that was built before. The checks
 * stand with their rules, in rules/.
 */
import type { Evidence, JsonValue, RuleDocument } from '../../src/sdk.ts';
import { quoted, spanOf } from './evidence.ts';
import type { Fault } from './terms.ts';

/** A rule about a message alone. */
export interface ContentRule extends RuleDocument {
  readonly bit: number;
}

const RULES: ContentRule[] = [];

/** Gives the rule its bit. There may be 32. */
export function contentRule(document: RuleDocument): ContentRule {
  const rule = { ...document, bit: 1 << RULES.length };
  RULES.push(rule);
  return rule;
}

/** Faults listed of one message; what a message with more of them breaks beyond that is not judged. */
export const MOST_FAULTS = 1_000;

/** Sets of rules that are remembered as lists. */
const MOST_LISTS = 4_096;

const lists = new Map<number, readonly RuleDocument[]>();

/** A set of rules as a list; always the same frozen array for the same set. */
export function listOf(bits: number): readonly RuleDocument[] {
  let list = lists.get(bits);
  if (list) return list;
  list = Object.freeze(RULES.filter(({ bit }) => bits & bit));
  if (lists.size < MOST_LISTS) lists.set(bits, list);
  return list;
}

const NO_FAULTS: readonly Fault[] = Object.freeze([]);

/** The form of RFC 4122, in either case; any version. */
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export class Outcomes {
  #applied = 0;
  #broken = 0;
  #withheld = 0;
  #faults: Fault[] | undefined;

  applies(bits: number): void {
    this.#applied |= bits;
  }

  withholds(bits: number): void {
    this.#withheld |= bits;
  }

  breaks(rule: ContentRule, evidence: Evidence): void {
    this.#broken |= rule.bit;
    this.#faults ??= [];
    if (this.#faults.length < MOST_FAULTS) this.#faults.push({ rule, evidence });
    else this.#withheld |= rule.bit;
  }

  /** The same, where the value is to blame. */
  breaksBy(rule: ContentRule, value: JsonValue, message: string, expected: string, actual = quoted(value.text)): void {
    this.breaks(rule, { message, expected, actual, bytes: spanOf(value) });
  }

  /** Judges by a rule that asks for a UUID. */
  judgeUuid(rule: ContentRule, value: JsonValue, path: string): void {
    this.applies(rule.bit);
    if (!UUID.test(value.text)) this.breaksBy(rule, value, `${quoted(path)} is no UUID`, 'a UUID');
  }

  /** In the order of the bytes, an object before what is in it. */
  get faults(): readonly Fault[] {
    return this.#faults?.sort((a, b) => offsetOf(a) - offsetOf(b)) ?? NO_FAULTS;
  }

  get passed(): readonly RuleDocument[] {
    return listOf(this.#applied & ~this.#broken & ~this.#withheld);
  }

  get inconclusive(): readonly RuleDocument[] {
    return listOf(this.#withheld);
  }
}

function offsetOf({ evidence }: Fault): number {
  return evidence.bytes?.offset ?? 0;
}
