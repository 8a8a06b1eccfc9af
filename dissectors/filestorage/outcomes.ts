/**
 * What came of the rules about one message: which applied, which it breaks and how, which could not be judged. A bit a
 * rule, because nearly all messages break none, and then nothing is built but a list that was built before.
 */
import type { Evidence, RuleDocument } from '../../src/sdk.ts';
import { chunkDigest, chunkEmpty, chunkIdFormat, chunkSize, dataEncoding } from './rules/data.ts';
import { fidFormat, fileNameUnsafe, fileSizeRange } from './rules/file.ts';
import { notJson, notObject } from './rules/form.ts';
import { duplicateField, fieldType, messageIdFormat, missingField, unknownField } from './rules/members.ts';
import { errorWithoutReason, reasonWithOk, responseValue } from './rules/response.ts';
import { tokenAlgNone, tokenExpired, tokenFormat } from './rules/token.ts';
import type { Fault } from './terms.ts';

const RULES = {
  notJson,
  notObject,
  missingField,
  fieldType,
  duplicateField,
  unknownField,
  messageIdFormat,
  tokenFormat,
  tokenAlgNone,
  tokenExpired,
  fileSizeRange,
  fileNameUnsafe,
  fidFormat,
  chunkIdFormat,
  dataEncoding,
  chunkSize,
  chunkEmpty,
  chunkDigest,
  responseValue,
  errorWithoutReason,
  reasonWithOk,
} satisfies Readonly<Record<string, RuleDocument>>;

export type RuleName = keyof typeof RULES;

const BY_BIT: readonly RuleDocument[] = Object.values(RULES);

export const BIT = Object.fromEntries(Object.keys(RULES).map((name, index) => [name, 1 << index])) as Readonly<
  Record<RuleName, number>
>;

/** Faults listed of one message; what a message with more of them breaks beyond that is not judged. */
export const MOST_FAULTS = 1_000;

/** Sets of rules that are remembered as lists. */
const MOST_LISTS = 4_096;

const lists = new Map<number, readonly RuleDocument[]>();

/** A set of rules as a list; always the same frozen array for the same set. */
function listOf(bits: number): readonly RuleDocument[] {
  let list = lists.get(bits);
  if (list) return list;
  list = Object.freeze(BY_BIT.filter((_, index) => bits & (1 << index)));
  if (lists.size < MOST_LISTS) lists.set(bits, list);
  return list;
}

const NO_FAULTS: readonly Fault[] = Object.freeze([]);

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

  breaks(rule: RuleName, evidence: Evidence): void {
    this.#broken |= BIT[rule];
    this.#faults ??= [];
    if (this.#faults.length < MOST_FAULTS) this.#faults.push({ rule: RULES[rule], evidence });
    else this.#withheld |= BIT[rule];
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
