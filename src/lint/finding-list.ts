/**
 * Keeps the findings of one capture within their bounds: a number for each rule and connection, and one for all.
 * Counts are kept elsewhere and stay exact; what is not listed is counted here as omitted.
 */
import type { Finding } from './finding.ts';
import type { Basis } from './rule.ts';

interface Listed {
  readonly finding: Finding;
  readonly basis: Basis;
}

export class FindingList {
  readonly #listed: Listed[] = [];
  readonly #omitted: Record<Basis, number> = { bytes: 0, seen: 0, unseen: 0 };
  readonly #perRuleAndConnection = new Map<string, number>();
  readonly #perConnection: number;
  readonly #total: number;

  /** @param perConnection findings listed for one rule in one connection; @param total findings listed in all */
  constructor(perConnection: number, total: number) {
    this.#perConnection = perConnection;
    this.#total = total;
  }

  /** Is there room for one more? Asked before a finding is put into words; a refusal counts as omitted. */
  admits(ruleId: string, connection: number, basis: Basis): boolean {
    if (this.#listed.length >= this.#total) return this.#omit(basis);
    const key = `${connection} ${ruleId}`;
    const count = this.#perRuleAndConnection.get(key) ?? 0;
    if (count >= this.#perConnection) return this.#omit(basis);
    this.#perRuleAndConnection.set(key, count + 1);
    return true;
  }

  add(finding: Finding, basis: Basis): void {
    this.#listed.push({ finding, basis });
  }

  /** In the order of frames; without those that rest on what was not seen when `withdrawn`. */
  take(withdrawn: boolean): Finding[] {
    return this.#listed
      .filter(({ basis }) => !(withdrawn && basis === 'unseen'))
      .map(({ finding }) => finding)
      .sort((a, b) => a.frame - b.frame);
  }

  /** How many are missing from `take` because a bound was hit. */
  omitted(withdrawn: boolean): number {
    return this.#omitted.bytes + this.#omitted.seen + (withdrawn ? 0 : this.#omitted.unseen);
  }

  #omit(basis: Basis): false {
    this.#omitted[basis]++;
    return false;
  }
}
