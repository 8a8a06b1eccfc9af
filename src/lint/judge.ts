/**
 * Runs the rules of one protocol over one capture and counts what came of them.
 *
 * Rules are grouped by message once, so that a message meets only the rules that ask for it. The first rule that a
 * message breaks ends its judgement: what would follow stands on a premise that the fault removed. (Rules of severity
 * `info` name no fault and end nothing; rules that are off are not run and so hide nothing.) A rule that needs the
 * history is inconclusive in a connection whose history was not seen whole, whatever its check answers.
 *
 * What a fault that rests on something unseen is worth depends on the capture (capture-evidence.ts): it stands
 * where nothing can be missing, is inconclusive where something is, and is held where nobody knows, until the
 * conversation confirms or excuses it (held.ts) or the connection ends. Counts and list take each as what it is by then.
 */

import { type ActiveRule, activated, type Group, groupOf, type Phase, severityOf } from './active-rule.ts';
import { type CaptureEvidence, COMPLETE } from './capture-evidence.ts';
import { type Doubt, EXCUSES_WHAT_WAS_SEEN } from './doubt.ts';
import type { Finding } from './finding.ts';
import type { FindingList, Listed } from './finding-list.ts';
import { findingOf } from './finding-made.ts';
import { HeldFindings } from './held.ts';
import type { JudgeOptions } from './judge-options.ts';
import { countsIn, EXCUSES, OUTCOMES } from './outcome-counts.ts';
import { PassedLists } from './passed-lists.ts';
import { MOST_REMARKS, type Remark, RemarkRoom } from './remark.ts';
import {
  ALL_REMARKS,
  type Basis,
  BROKEN,
  DENIED,
  type Evidence,
  EXCUSED,
  INCONCLUSIVE,
  type Outcome,
  PASS,
  type Rule,
  type RuleDocument,
  type Severity,
  SKIP,
  STANDS,
  UNDECIDED,
} from './rule.ts';
import { unasked } from './rule-group.ts';
import type { Subject } from './subject.ts';
import { idleTally, type RuleTally, type StepTallies, sumOfCounts } from './tally.ts';
import { Unasked } from './unasked.ts';
import type { Waiting } from './waiting.ts';

/** A rule of the protocol: itself, or its id where only that is at hand. */
export type RuleName = string | { readonly id: string };

/** What happened to a finding: it came up and stands, it came up and is held for now, or it was held and stands or is excused now. */
export type FindingEvent = 'found' | 'held' | 'stands' | 'excused';

/** Words for a broken rule. */
type Words<Context> = (context: Context) => Evidence;

export class Judge<Context> {
  /** Called with each finding that is listed, as it comes up and, if it was held, when that is decided. */
  onFinding: ((finding: Finding, event: FindingEvent) => void) | undefined = undefined;
  readonly #options: JudgeOptions<Context>;
  readonly #ids: ReadonlySet<string>;
  readonly #active = new Map<string, ActiveRule<Context>>();
  readonly #passed: PassedLists<ActiveRule<Context>>;
  readonly #form: readonly Group<Context>[];
  readonly #content: readonly Group<Context>[];
  readonly #unasked: Unasked;
  /** Outcomes by `edition * #ofEdition + index * OUTCOMES + outcome`; from `#apart` on the same of what does not count. */
  readonly #outcomes: Float64Array;
  readonly #ofEdition: number;
  readonly #apart: number;
  /** Faults by rule that were milder than the rule is. */
  readonly #milder: Float64Array;
  /** Of the connection that something was last found in. */
  #ends: { readonly number: number; readonly texts: readonly string[] } = { number: -1, texts: [] };
  readonly #capturing: CaptureEvidence;
  readonly #held: HeldFindings<Waiting<Context>>;
  readonly #remarks = new Map<string, Remark>();
  readonly #remarkRoom: RemarkRoom;
  /** Keys of what was said where one end counts alone. */
  readonly #saidOfOneEnd = new Set<string>();
  /** What the outcome that is being entered says once a run. */
  #key: string | undefined = undefined;
  /** Of the message in hand. */
  #context: Context | undefined = undefined;
  /** Of the last message that was weighed while something was held. */
  #lastContext: Context | undefined = undefined;
  /** The flow that is about to end; -1 for none. */
  #ending = -1;

  constructor(options: JudgeOptions<Context>) {
    this.#options = options;
    this.#ids = new Set(options.rules.map(({ id }) => id));
    this.#remarkRoom = new RemarkRoom(options.findings.perConnection);
    this.#capturing = options.capturing ?? COMPLETE;
    this.#held = new HeldFindings(options.mostHeld ?? Number.MAX_SAFE_INTEGER);
    const count = options.rules.length;
    const { editions = [] } = options;
    this.#ofEdition = count * OUTCOMES;
    this.#apart = this.#ofEdition * (editions.length + 1);
    this.#outcomes = new Float64Array(this.#apart * (options.oneEnd ? 2 : 1));
    this.#milder = new Float64Array(count);
    this.#passed = new PassedLists(rule => this.#activeOf(rule), editions.length);
    options.rules.forEach((rule, index) => {
      if (options.isInForce?.(rule) === false) return;
      const severity = options.severities.get(rule.id) ?? (rule.offByDefault ? 'off' : rule.severity);
      if (severity === 'off' && rule.phase !== 'form') return;
      this.#active.set(rule.id, activated(rule, index, severity, options));
    });
    const active = [...this.#active.values()];
    const group = (phase: Phase) => options.messages.map(name => groupOf(active, name, phase, editions.length));
    this.#form = group('form');
    this.#content = group('content');
    this.#unasked = new Unasked(this.#form, this.#content);
  }

  /**
   * Judges the form of a message of the given type. True when it is malformed.
   * @param remarks what is remarkable about it, see `Rule.when`
   */
  judgeForm(type: number, context: Context, subject: Subject, remarks = ALL_REMARKS): boolean {
    return this.#run(this.#form[type], context, subject, remarks);
  }

  /** Judges the content of a message of the given type. True when a rule was broken. */
  judgeContent(type: number, context: Context, subject: Subject, remarks = ALL_REMARKS): boolean {
    return this.#run(this.#content[type], context, subject, remarks);
  }

  /** Are findings held that the messages to come may confirm or excuse? */
  get isHolding(): boolean {
    return !this.#held.isEmpty;
  }

  /** Counts a message as judged, if with these remarks no rule need be asked; it is one of a connection that was seen whole. */
  passesUnasked(type: number, context: Context, edition: number, remarks: number): boolean {
    const passed = this.#unasked.of(type, remarks);
    if (passed === undefined) return false;
    this.#context = context;
    passed.form[edition]++;
    passed.content[edition]++;
    return true;
  }

  /**
   * Enters the outcome of a rule that the tracker itself watches.
   * @param evidence asked only when the rule is broken and the finding will be listed
   * @param context for what the rule says of the fault at hand: its severity, its edition, its basis
   */
  enter(rule: RuleName, outcome: Outcome, subject: Subject, evidence: () => Evidence, context?: Context): void {
    const active = this.#activeOf(rule);
    if (active) this.#settle(active, outcome, subject, evidence, context);
  }

  /**
   * Enters a broken rule that is to be reported once a run: not again in this capture, nor in one that comes after another
   * that has reported it. What is in doubt, or rests on what was not seen, is settled for each capture.
   * @param key what is said, among all that the protocol says once
   */
  enterOnce(key: string, rule: RuleName, subject: Subject, evidence: () => Evidence): void {
    this.#key = key;
    this.enter(rule, BROKEN, subject, evidence);
    this.#key = undefined;
  }

  /** What is to be said once a run, in the order in which it came up. */
  get remarks(): readonly Remark[] {
    return [...this.#remarks.values()];
  }

  /** Counts times that a rule, watched by somebody else, held. @param edition as `Subject.edition` */
  passed(rule: RuleName, times: number, edition = 0): void {
    const active = this.#activeOf(rule);
    if (active) this.#outcomes[this.#countsOf(active, edition) + PASS] += times;
  }

  /**
   * Enters that all of these rules hold, as `enter` does one by one.
   * @param rules one list for the same rules whenever they are entered: what they are here is worked out once a list
   */
  allPassed(rules: readonly RuleDocument[], subject: Subject): void {
    const { rules: all, times } = this.#passed.of(rules);
    if (times && !subject.partial) times[subject.edition]++;
    else for (const active of all) this.#settle(active, PASS, subject, undefined, undefined);
  }

  /** Where the counts of a rule begin. */
  #countsOf({ index }: ActiveRule<Context>, edition: number): number {
    return edition * this.#ofEdition + index * OUTCOMES;
  }

  /** Lists what the state machine found illegal; the machine's own counts hold the tally. */
  enterStep(rule: RuleName, context: Context, subject: Subject): void {
    const active = this.#activeOf(rule);
    this.#context = context;
    if (!active) return;
    if (subject.partial && active.needsBeginning) this.#withhold(active, subject);
    else this.#break(active, subject, active.rule.describe, context, true);
  }

  /** The message in hand was taken in: asks what it says of the findings that are held in its flow. */
  weigh(connection: number): void {
    // Most captures hold nothing: they are not to pay for what the closure below keeps.
    if (!this.#held.isEmpty) this.#weighHeld(connection);
  }

  #weighHeld(connection: number): void {
    const context = this.#context;
    this.#context = undefined;
    this.#lastContext = context ?? this.#lastContext;
    const flow = this.#options.connections.flow(connection);
    this.#held.ask(flow, waiting => {
      if (waiting.isNew || context === undefined) {
        waiting.isNew = false;
        return false;
      }
      const later = waiting.active.rule.later?.(context, waiting) ?? UNDECIDED;
      if (later === DENIED) waiting.isDenied = true;
      if (later === STANDS) this.#stand(waiting);
      if (later !== EXCUSED) return later === STANDS;
      if (this.#capturing.showsLosses(flow)) return false;
      this.#excuse(waiting, 'excused');
      return true;
    });
  }

  /** A flow is about to end: what its connections leave behind is weighed together when the first of them is closed. */
  ending(flow: number): void {
    this.#ending = flow;
  }

  /** A connection is about to be closed: what is held of it is settled, and what casts doubt on its flow marks it. */
  closing(connection: number): void {
    const { connections } = this.#options;
    const flow = connections.flow(connection);
    if (flow === this.#ending) {
      this.#ending = -1;
      this.#held.askAll(flow, waiting => this.#isExcusedAtEnd(waiting));
    }
    this.#held.release(flow, connection, waiting => {
      const standing = this.#standingAtEnd(waiting, flow);
      if (standing !== 'stands') this.#excuse(waiting, standing);
      else if (!this.#isExcusedAtEnd(waiting)) this.#stand(waiting);
    });
    const doubt = this.#capturing.doubtOf(flow, true);
    if (doubt) connections.markDoubted(connection, doubt);
  }

  #standingAtEnd({ basis }: Waiting<Context>, flow: number): 'stands' | Doubt {
    const standing = this.#capturing.standingAtEnd(flow);
    return basis === 'unseen' || EXCUSES_WHAT_WAS_SEEN.includes(standing) ? standing : 'stands';
  }

  /** Excuses a finding that the conversation as a whole explains. */
  #isExcusedAtEnd(waiting: Waiting<Context>): boolean {
    if (this.#capturing.isKnown) return false;
    if (this.#capturing.showsLosses(this.#options.connections.flow(waiting.connection))) return false;
    if (waiting.isDenied || waiting.active.rule.atEnd?.(waiting, this.#lastContext) !== EXCUSED) return false;
    this.#excuse(waiting, 'excused');
    return true;
  }

  /**
   * The tallies of all rules in force, in the catalogue's order. Where the capture dropped packets, what rests on the
   * unseen counts as inconclusive; where it turns out to be known complete, what was excused counts as broken.
   */
  tallies(machine: StepTallies): RuleTally[] {
    const { editions = [] } = this.#options;
    this.#passed.take((active, edition, times) => {
      this.#outcomes[this.#countsOf(active, edition) + PASS] += times;
    });
    const groups = [...this.#form, ...this.#content].filter(group => group.hasPlans);
    const judged = {
      outcomes: this.#outcomes,
      ofEdition: this.#ofEdition,
      apart: this.#options.oneEnd ? this.#apart : undefined,
      capturing: this.#capturing,
    };
    const isIdle = groups.length === 0 && machine.isEmpty && this.#outcomes.every(count => count === 0);
    return [...this.#active.values()].flatMap(active => {
      const { rule, severity, index } = active;
      if (severity === 'off') return [];
      if (isIdle) return [idleTally(rule.id, severity, editions)];
      const counts = [0, ...editions.map((_, place) => place + 1)].map(edition =>
        countsIn(edition, active, machine, groups, judged),
      );
      const milder = this.#capturing.isDropping && active.basis === 'unseen' ? 0 : this.#milder[index];
      // Written out: of objects that are spread each would have a shape of its own.
      const byEdition = editions.map((edition, place) => {
        const { checked, broken, inconclusive } = counts[place + 1];
        return { edition, checked, broken, inconclusive };
      });
      const { checked, broken, inconclusive } = sumOfCounts(counts);
      const tally = { id: rule.id, severity, checked, broken, inconclusive, milder };
      return editions.length > 0 ? [{ ...tally, byEdition }] : [tally];
    });
  }

  #countMilder({ index, severity: own }: ActiveRule<Context>, severity: Severity): void {
    if (severity !== own) this.#milder[index]++;
  }

  /** Undefined for a rule that is off. Throws for one that the protocol does not have: it would pass for good. */
  #activeOf(rule: RuleName): ActiveRule<Context> | undefined {
    const id = typeof rule === 'string' ? rule : rule.id;
    const active = this.#active.get(id);
    if (!active && !this.#ids.has(id)) throw new Error(`${this.#options.protocol} has no rule ${id}`);
    return active;
  }

  #run(group: Group<Context>, context: Context, subject: Subject, remarks: number): boolean {
    // Most trackers have one context for all messages, and to store it again costs more than to look.
    if (this.#context !== context) this.#context = context;
    const plan = subject.partial ? undefined : group.planOf(remarks);
    if (plan === undefined) return this.#askEach(group.rules, context, subject, remarks);
    if (plan.asked.length > 0 && this.#ask(plan.asked, group.rules, context, subject, remarks)) return true;
    plan.judged[subject.edition]++;
    return false;
  }

  /** Asks those that must be asked. Those before one that is broken are counted with it. */
  #ask(
    asked: readonly ActiveRule<Context>[],
    rules: readonly ActiveRule<Context>[],
    context: Context,
    subject: Subject,
    remarks: number,
  ): boolean {
    const outcomes = this.#outcomes;
    const ofEdition = subject.edition * this.#ofEdition;
    for (let i = 0; i < asked.length; i++) {
      const active = asked[i];
      const outcome = active.check(context);
      if (outcome <= PASS) outcomes[ofEdition + active.index * OUTCOMES + outcome]++;
      else if (this.#settle(active, outcome, subject, active.rule.describe, context) && active.endsJudgement) {
        for (let k = 0; rules[k] !== active; k++)
          if (unasked(rules[k], remarks) === PASS) outcomes[ofEdition + rules[k].index * OUTCOMES + PASS]++;
        return true;
      }
    }
    return false;
  }

  /** The same where each outcome is settled by itself: of a connection whose history was not seen whole. */
  #askEach(rules: readonly ActiveRule<Context>[], context: Context, subject: Subject, remarks: number): boolean {
    for (const active of rules) {
      const outcome = unasked(active, remarks) ?? active.check(context);
      const isBroken = this.#settle(active, outcome, subject, active.rule.describe, context);
      if (isBroken && active.endsJudgement) return true;
    }
    return false;
  }

  /**
   * Counts an outcome; true when the rule is broken, or may turn out to be.
   * @param describe asked with `about` for words and bytes
   */
  #settle(
    active: ActiveRule<Context>,
    outcome: Outcome,
    subject: Subject,
    describe: Words<Context> | undefined,
    context: Context | undefined,
  ): boolean {
    const counts = this.#countsOf(active, subject.edition);
    if (outcome !== SKIP && subject.partial && active.needsBeginning) {
      this.#outcomes[counts + INCONCLUSIVE]++;
      this.#withhold(active, subject);
      return false;
    }
    if (outcome === BROKEN) {
      this.#break(active, subject, describe, context, false);
      return true;
    }
    this.#outcomes[counts + outcome]++;
    if (outcome === INCONCLUSIVE) this.#withhold(active, subject);
    return false;
  }

  /** The rule could not be judged. */
  #withhold({ severity }: ActiveRule<Context>, { connection, doubt, partial }: Subject): void {
    const { connections } = this.#options;
    // Why the history was not seen whole was said when that was found out.
    if (severity === 'off' || (partial && connections.isInconclusive(connection))) return;
    connections.markInconclusive(connection, doubt);
  }

  /**
   * A rule is broken by all that was seen: lists it, holds it, or counts it as excused.
   * @param isStep the state machine has counted it
   */
  #break(
    active: ActiveRule<Context>,
    subject: Subject,
    describe: Words<Context> | undefined,
    context: Context | undefined,
    isStep: boolean,
  ): void {
    const { rule } = active;
    const severity = severityOf(active, context);
    const { connections } = this.#options;
    const own = this.#countsOf(active, subject.edition);
    const isApart = this.#isApart(rule, subject);
    const counts = isApart ? own + this.#apart : own;
    const isCounted = isStep && !isApart;
    // The machine counts for both ends.
    if (isStep && isApart) this.#outcomes[own + BROKEN]--;
    if (severity === 'off' || rule.atFault === 'none') {
      if (severity !== 'off' && this.#isRemark(active, severity, active.basis, subject, describe, context)) return;
      if (!isCounted) this.#outcomes[counts + BROKEN]++;
      if (severity === 'off') return;
      if (!isApart) connections.markFinding(subject.connection, severity, active.basis);
      this.#list(active, active.basis, subject, describe, context, 'stands', isApart);
      return;
    }
    const basis = (context !== undefined && rule.restsOnHere?.(context)) || active.basis;
    const standing = this.#standing(rule, basis, subject.connection);
    if (standing === 'stands') {
      if (this.#isRemark(active, severity, basis, subject, describe, context)) return;
      if (!isCounted) this.#outcomes[counts + BROKEN]++;
      if (!isApart) {
        this.#countMilder(active, severity);
        connections.markFinding(subject.connection, severity, basis);
      }
      this.#list(active, basis, subject, describe, context, 'stands', isApart);
      return;
    }
    // The machine has counted it as broken; what it is worth is counted when that is known.
    if (isCounted) this.#outcomes[counts + BROKEN]--;
    if (standing === 'held' && this.#hold(active, severity, basis, subject, describe, context, isApart)) return;
    this.#outcomes[counts + EXCUSES]++;
    const doubt = standing === 'held' ? 'bound' : standing;
    connections.markExcused(subject.connection, isApart ? 'info' : severity, doubt);
    this.#list(active, basis, subject, describe, context, 'excused', isApart);
  }

  /** Whether it is said once a run; then it is kept apart. */
  #isRemark(
    active: ActiveRule<Context>,
    severity: Severity,
    basis: Basis,
    subject: Subject,
    describe: Words<Context> | undefined,
    context: Context | undefined,
  ): boolean {
    const { rule } = active;
    const own = this.#key ?? (rule.isSaidOnce ? rule.id : undefined);
    const { protocol, connections, findings, oneEnd, isFirst, onRemarkBound } = this.#options;
    if (own === undefined || basis === 'unseen') return false;
    const key = `${protocol} ${own}`;
    if (this.#remarks.has(key) || this.#saidOfOneEnd.has(key)) return true;
    // There is one capture then, and nobody to leave it to.
    if (oneEnd) return !this.#saidOfOneEnd.add(key);
    if (this.#remarks.size >= MOST_REMARKS) {
      onRemarkBound?.();
      return true;
    }
    const finding = this.#findingOf(active, severity, basis, subject, describe?.(context as Context), context);
    const isMilder = rule.atFault !== 'none' && severity !== active.severity;
    this.#remarks.set(key, { key, finding, edition: subject.edition, isMilder, order: findings.takePlace() });
    const isNew = isFirst?.(key) ?? true;
    connections.markRemark(subject.connection, severity, basis, key, isNew);
    if (isNew && this.#remarkRoom.admits(finding)) this.onFinding?.(finding, 'found');
    return true;
  }

  /** Whether it is the other end's fault, where one end's count alone. What nobody is to blame for is its sender's. */
  #isApart({ atFault }: Rule<Context>, { side }: Subject): boolean {
    const { oneEnd } = this.#options;
    if (!oneEnd) return false;
    return (atFault === 'receiver' ? 1 - side : side) !== oneEnd.end;
  }

  #standing(rule: Rule<Context>, basis: Basis, connection: number): 'stands' | 'held' | Doubt {
    if (basis === 'bytes') return 'stands';
    if (basis === 'seen' && this.#capturing.isDisordered) return 'disorder';
    const flow = this.#options.connections.flow(connection);
    const standing = this.#capturing.standing(flow);
    if (basis === 'unseen') return standing;
    // Of what was seen, a loss excuses only what the rule says that a later message may explain.
    const mayBeExplained = rule.restsOn === 'seen' && rule.later !== undefined && !this.#capturing.showsLosses(flow);
    const isDoubted = standing === 'held' || standing === 'excused' || standing === 'fragment';
    return mayBeExplained && isDoubted ? standing : 'stands';
  }

  /** False when a bound leaves no room. */
  #hold(
    active: ActiveRule<Context>,
    severity: Severity,
    basis: Basis,
    subject: Subject,
    describe: Words<Context> | undefined,
    context: Context | undefined,
    isApart: boolean,
  ): boolean {
    if (!this.#held.hasRoom) {
      this.#options.onHeldBound?.();
      return false;
    }
    const evidence = active.rule.later && describe?.(context as Context);
    const words = evidence ? () => evidence : describe;
    const { connection, frame, side, edition } = subject;
    const listed = this.#list(active, basis, subject, words, context, 'held', isApart);
    const flow = this.#options.connections.flow(connection);
    const facts = evidence?.facts ?? [];
    const counts = this.#countsOf(active, edition) + (isApart ? this.#apart : 0);
    const held = { active, severity, basis, connection, frame, side, facts, counts, isApart, listed };
    this.#held.add(flow, { ...held, isNew: true, isDenied: false });
    return true;
  }

  #stand({ active, severity, basis, connection, counts, isApart, listed }: Waiting<Context>): void {
    this.#outcomes[counts + BROKEN]++;
    if (listed) listed.standing = 'stands';
    if (isApart) return;
    this.#countMilder(active, severity);
    this.#options.connections.markFinding(connection, severity, basis);
    if (listed) this.onFinding?.(listed.finding, 'stands');
  }

  #excuse(waiting: Waiting<Context>, doubt: Doubt): void {
    const { active, severity, basis, connection, frame, counts, isApart, listed } = waiting;
    this.#outcomes[counts + EXCUSES]++;
    // A message that the capture missed is not the only one, for all that is known.
    if (doubt === 'excused') this.#capturing.missed(this.#options.connections.flow(connection));
    const words = `frame ${frame} ${active.rule.excuse ?? 'follows on a message that was not captured'}`;
    const reason = doubt === 'excused' ? words : undefined;
    this.#options.connections.markExcused(connection, isApart ? 'info' : severity, doubt, reason);
    this.#listFor(isApart).excuse(listed, basis);
    if (listed && !isApart) this.onFinding?.(listed.finding, 'excused');
  }

  #listFor(isApart: boolean): FindingList {
    const { findings, oneEnd } = this.#options;
    return isApart && oneEnd ? oneEnd.apart : findings;
  }

  /** The ends of a connection as they are printed: the same texts for all that is found in a row in it. */
  #endsOf(slot: number, number: number): readonly string[] {
    if (this.#ends.number !== number) {
      const { connections } = this.#options;
      this.#ends = { number, texts: [connections.endpoint(slot, 0), connections.endpoint(slot, 1)] };
    }
    return this.#ends.texts;
  }

  /**
   * @param describe asked with the context for words and bytes, if there is room for the finding
   * @returns undefined when there is none
   */
  #list(
    active: ActiveRule<Context>,
    basis: Basis,
    subject: Subject,
    describe: Words<Context> | undefined,
    context: Context | undefined,
    standing: Listed['standing'],
    isApart: boolean,
  ): Listed | undefined {
    const { rule } = active;
    const severity = severityOf(active, context);
    const { connections } = this.#options;
    const findings = this.#listFor(isApart);
    if (severity === 'off') return undefined;
    const connection = connections.number(subject.connection);
    if (!findings.admits(rule.id, connection, basis)) return undefined;
    const finding = this.#findingOf(active, severity, basis, subject, describe?.(context as Context), context);
    const listed = findings.add(finding, basis, standing);
    if (standing !== 'excused' && !isApart) this.onFinding?.(listed.finding, standing === 'held' ? 'held' : 'found');
    return listed;
  }

  #findingOf(
    active: ActiveRule<Context>,
    severity: Severity,
    basis: Basis,
    subject: Subject,
    evidence: Evidence | undefined,
    context: Context | undefined,
  ): Finding {
    const connection = this.#options.connections.number(subject.connection);
    const place = { connection, ends: this.#endsOf(subject.connection, connection) };
    return findingOf({ active, severity, basis, subject, evidence, context }, place, this.#options);
  }
}
