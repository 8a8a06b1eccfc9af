/**
 * What is said once a run, however many captures show it: how an option that was left open turned out, what one host does in
 * all its connections. Each capture is judged by itself, so it keeps such a finding apart, with all that hangs on it; which of
 * several captures says it is settled in their order, when they are put together (src/run/said-once.ts).
 */
import type { Finding } from './finding.ts';

export interface Remark {
  /** What is said once; two with the same key say the same. */
  readonly key: string;
  readonly finding: Finding;
  /** Place of the edition in which the rule was broken, see `Subject.edition`; 0 where there is none. */
  readonly edition: number;
  /** The finding is milder than its rule. */
  readonly isMilder: boolean;
  /** See `Listed.order`. */
  readonly order: number;
}

/** Of one protocol in one capture: peers choose how many hosts there are. */
export const MOST_REMARKS = 1_024;

/** Lists no more remarks of a rule in a connection than findings are listed. */
export class RemarkRoom {
  readonly #most: number;
  readonly #counts = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  admits({ connection, ruleId }: Finding): boolean {
    const key = `${connection} ${ruleId}`;
    const count = this.#counts.get(key) ?? 0;
    this.#counts.set(key, count + 1);
    return count < this.#most;
  }
}
