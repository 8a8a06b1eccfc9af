/** A finding that the judge holds, with all that its end needs. */
import type { ActiveRule } from './active-rule.ts';
import type { Listed } from './finding-list.ts';
import type { Basis, Held, Severity } from './rule.ts';

export interface Waiting<Context> extends Held {
  readonly active: ActiveRule<Context>;
  readonly severity: Severity;
  readonly basis: Basis;
  /** Where the counts of its rule begin, see `Judge.#outcomes`. */
  readonly counts: number;
  /** It is at fault of the end that does not count, see `OneEnd`. */
  readonly isApart: boolean;
  /** Undefined where the listing had no room for it. */
  readonly listed: Listed | undefined;
  /** It has come up with the message in hand, which says nothing about it. */
  isNew: boolean;
  /** A message has spoken for it, see `DENIED`. */
  isDenied: boolean;
}
