/**
 * Keeps the findings of one capture within their bounds: a number for each rule and connection, and one for all.
 * Counts are kept elsewhere and stay exact; what is not listed is counted here as omitted. A finding that is held keeps
 * its place, so that the list is in one order whenever it was decided.
 */
import type { Finding } from './finding.ts';
import type { FindingRows } from './finding-rows.ts';
import type { Basis } from './rule.ts';

/** More than all protocols of a run have, so that a rule and a connection are one number. */
const MOST_RULES = 65_536;

/** A finding in the list. */
export interface Listed {
  readonly finding: Finding;
  readonly basis: Basis;
  /** Its place among all that was found, over the lists that share their order. */
  readonly order: number;
  standing: 'stands' | 'held' | 'excused';
}

export class FindingList {
  #listed: Listed[] = [];
  readonly #omitted: Record<Basis, number> = { bytes: 0, seen: 0, unseen: 0 };
  #omittedExcused = 0;
  #excused = 0;
  readonly #perRuleAndConnection = new Map<number, number>();
  /** Rules by number. */
  readonly #rules = new Map<string, number>();
  /** Findings listed for one rule in one connection. */
  readonly perConnection: number;
  readonly #total: number;
  readonly #found: { count: number };
  readonly #rows: FindingRows | undefined;

  /**
   * @param perConnection findings listed for one rule in one connection
   * @param total findings listed in all
   * @param rows which keep what is listed; absent, it is kept as it comes
   * @param beside a list with bounds of its own, in one order with this one
   */
  constructor(perConnection: number, total: number, rows?: FindingRows, beside?: FindingList) {
    this.perConnection = perConnection;
    this.#total = total;
    this.#rows = rows;
    this.#found = beside ? beside.#found : { count: 0 };
  }

  /** Findings that are listed, those that may yet be excused or are among them. */
  get size(): number {
    return this.#listed.length;
  }

  /** Is there room for one more? Asked before a finding is put into words; a refusal counts as omitted. */
  admits(ruleId: string, connection: number, basis: Basis): boolean {
    if (this.#listed.length >= this.#total) this.#dropExcused();
    if (this.#listed.length >= this.#total) return this.#omit(basis);
    const key = this.#keyOf(ruleId, connection);
    const count = this.#perRuleAndConnection.get(key) ?? 0;
    if (count >= this.perConnection) return this.#omit(basis);
    this.#perRuleAndConnection.set(key, count + 1);
    return true;
  }

  add(given: Finding, basis: Basis, standing: Listed['standing'] = 'stands'): Listed {
    const finding = this.#rows?.keep(given) ?? given;
    const listed: Listed = { finding, basis, order: this.#found.count++, standing };
    this.#listed.push(listed);
    if (standing === 'excused') this.#giveBack(finding);
    return listed;
  }

  /** A finding that was held is excused: its room is another's. @param listed undefined for one that was omitted */
  excuse(listed: Listed | undefined, basis: Basis): void {
    if (!listed) {
      this.#omitted[basis]--;
      this.#omittedExcused++;
      return;
    }
    listed.standing = 'excused';
    this.#giveBack(listed.finding);
  }

  /**
   * In the order of frames, those that stand.
   * @param withdrawn without those that rest on what was not seen
   * @param known nothing can have been missed: what was excused stands too
   */
  take(withdrawn: boolean, known = false): Finding[] {
    return this.#standing(withdrawn, known)
      .map(({ finding }) => finding)
      .sort((a, b) => a.frame - b.frame);
  }

  /** The same of this list and one beside it. */
  takeWith(other: FindingList, withdrawn: boolean, known = false): Finding[] {
    return [...this.#standing(withdrawn, known), ...other.#standing(withdrawn, known)]
      .sort((a, b) => a.finding.frame - b.finding.frame || a.order - b.order)
      .map(({ finding }) => finding);
  }

  #standing(withdrawn: boolean, known: boolean): Listed[] {
    return this.#listed.filter(({ basis, standing }) => {
      if (withdrawn && basis === 'unseen') return false;
      return standing === 'stands' || (known && standing === 'excused');
    });
  }

  /** The next place in the order of discovery, for a finding that is kept elsewhere. */
  takePlace(): number {
    return this.#found.count++;
  }

  /** How many of `take` stand before a finding that is kept elsewhere. */
  before(frame: number, order: number, withdrawn: boolean, known = false): number {
    const isBefore = (listed: Listed) =>
      listed.finding.frame < frame || (listed.finding.frame === frame && listed.order < order);
    return this.#standing(withdrawn, known).filter(isBefore).length;
  }

  /** How many are missing from `take` because a bound was hit. */
  omitted(withdrawn: boolean, known = false): number {
    const { bytes, seen, unseen } = this.#omitted;
    return bytes + seen + (withdrawn ? 0 : unseen + (known ? this.#omittedExcused : 0));
  }

  #omit(basis: Basis): false {
    this.#omitted[basis]++;
    return false;
  }

  #giveBack({ ruleId, connection }: Finding): void {
    this.#excused++;
    const key = this.#keyOf(ruleId, connection);
    this.#perRuleAndConnection.set(key, (this.#perRuleAndConnection.get(key) ?? 1) - 1);
  }

  #keyOf(ruleId: string, connection: number): number {
    let rule = this.#rules.get(ruleId);
    if (rule === undefined) {
      rule = this.#rules.size;
      this.#rules.set(ruleId, rule);
    }
    return connection * MOST_RULES + rule;
  }

  /** Makes room for findings that stand. */
  #dropExcused(): void {
    if (this.#excused === 0) return;
    this.#omittedExcused += this.#excused;
    this.#excused = 0;
    this.#listed = this.#listed.filter(({ standing }) => standing !== 'excused');
  }
}
