/**
 * Runs the rules of one protocol over one capture and counts what came of them.
 *
 * Rules are grouped by message once, so that a message meets only the rules that ask for it. The first rule that a
 * message breaks ends its judgement: what would follow stands on a premise that the fault removed. (Rules of severity
 * `info` name no fault and end nothing; rules that are off are not run and so hide nothing.) A rule that needs the
 * history is inconclusive in a connection whose history was not seen whole, whatever its check answers.
 */

import type { ConnectionLog } from '../protocol/connections.ts';
import type { MachineRun } from '../protocol/machine.ts';
import type { RuleTally } from '../report/run-report.ts';
import type { Message } from '../wire/message.ts';
import { EXCERPT_BYTES, type Finding } from './finding.ts';
import type { FindingList } from './finding-list.ts';
import {
  ALL_REMARKS,
  type Basis,
  BROKEN,
  type Evidence,
  INCONCLUSIVE,
  type Outcome,
  PASS,
  type Rule,
  type SeveritySetting,
  SKIP,
} from './rule.ts';

/** What a judgement stands on: a message in its connection. Reused by the tracker; a waiting message is set up anew. */
export class Subject {
  /** Slot in the connection log. */
  connection = 0;
  /** End of the flow (0 or 1) that sent the message. */
  side = 0;
  frame = 0;
  seconds = 0;
  nanoseconds = 0;
  messageName = '';
  /** State of the sender's side before the message. */
  state = '';
  /** The history of the connection was not seen whole. */
  partial = false;
  /** The message itself, while its bytes are in hand; afterwards what `excerptOf` has kept of it. */
  message: Message | undefined = undefined;
  excerpt: Finding['excerpt'] = null;
}

/** A rule of the protocol: itself, or its id where only that is at hand. */
export type RuleName = string | { readonly id: string };

/** Number of different outcomes. */
const OUTCOMES = 4;

interface ActiveRule<Context> {
  readonly rule: Rule<Context>;
  /** `off` only for a rule of form, which still tells a malformed message from a well-formed one. */
  readonly severity: SeveritySetting;
  readonly index: number;
  /** What its findings rest on, as far as a capture may excuse them. */
  readonly basis: Basis;
  /** Inconclusive in a connection whose beginning was not seen. */
  readonly needsBeginning: boolean;
  /** A broken rule that names no fault lets the others run. */
  readonly endsJudgement: boolean;
  readonly check: (context: Context) => Outcome;
  /** Remarks that make it be asked, and its outcome without them. */
  readonly when: number;
  readonly otherwise: Outcome;
}

/** The rules that look at one kind of message in one phase. */
interface Group<Context> {
  readonly rules: readonly ActiveRule<Context>[];
  /** Every rule of the group can do without an ordinary message. */
  readonly canPassOver: boolean;
  /** Ordinary messages, for which no rule was asked. */
  ordinary: number;
}

export interface JudgeOptions<Context> {
  readonly protocol: string;
  readonly specification: string;
  readonly rules: readonly Rule<Context>[];
  /** Message names in the order of the type numbers that `judge` is called with. */
  readonly messages: readonly string[];
  readonly severities: ReadonlyMap<string, SeveritySetting>;
  readonly capture: number;
  readonly connections: ConnectionLog;
  readonly findings: FindingList;
}

export class Judge<Context> {
  /** Called with each finding as it is listed. */
  onFinding: ((finding: Finding) => void) | undefined = undefined;
  readonly #options: JudgeOptions<Context>;
  readonly #ids: ReadonlySet<string>;
  readonly #active = new Map<string, ActiveRule<Context>>();
  readonly #form: readonly Group<Context>[];
  readonly #content: readonly Group<Context>[];
  /** Outcomes by `index * OUTCOMES + outcome`. */
  readonly #outcomes: Float64Array;

  constructor(options: JudgeOptions<Context>) {
    this.#options = options;
    this.#ids = new Set(options.rules.map(({ id }) => id));
    const count = options.rules.length;
    this.#outcomes = new Float64Array(count * OUTCOMES);
    options.rules.forEach((rule, index) => {
      const severity = options.severities.get(rule.id) ?? (rule.offByDefault ? 'off' : rule.severity);
      if (severity === 'off' && rule.phase !== 'form') return;
      this.#active.set(rule.id, {
        rule,
        severity,
        index,
        basis: rule.restsOn === 'unseen' && rule.midstream ? 'seen' : rule.restsOn,
        needsBeginning: rule.restsOn !== 'bytes' && !rule.midstream,
        endsJudgement: rule.severity !== 'info',
        check: rule.check ?? (() => SKIP),
        when: rule.when ?? ALL_REMARKS,
        otherwise: rule.otherwise ?? SKIP,
      });
    });
    const group = (phase: 'form' | 'content') =>
      options.messages.map((name): Group<Context> => {
        const rules = [...this.#active.values()].filter(
          ({ rule }) => rule.check && (rule.phase ?? 'content') === phase && rule.on?.includes(name),
        );
        return { rules, canPassOver: rules.every(({ when }) => when !== ALL_REMARKS), ordinary: 0 };
      });
    this.#form = group('form');
    this.#content = group('content');
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

  /**
   * Enters the outcome of a rule that the tracker itself watches.
   * @param evidence asked only when the rule is broken and the finding will be listed
   */
  enter(rule: RuleName, outcome: Outcome, subject: Subject, evidence: () => Evidence): void {
    const active = this.#activeOf(rule);
    if (active && this.#settle(active, outcome, subject)) this.#list(active, subject, evidence, undefined);
  }

  /** Counts times that a rule, watched by somebody else, held. */
  passed(rule: RuleName, times: number): void {
    const active = this.#activeOf(rule);
    if (active) this.#outcomes[active.index * OUTCOMES + PASS] += times;
  }

  /** Lists what the state machine found illegal; the machine's own counts hold the tally. */
  enterStep(rule: RuleName, context: Context, subject: Subject): void {
    const active = this.#activeOf(rule);
    if (!active) return;
    if (subject.partial && active.needsBeginning) this.#options.connections.markInconclusive(subject.connection);
    else this.#list(active, subject, active.rule.describe, context);
  }

  /**
   * The tallies of all rules in force, in the catalogue's order.
   * @param withdrawn the capture dropped packets: what rests on the history counts as inconclusive
   */
  tallies(machine: MachineRun, withdrawn: boolean): RuleTally[] {
    return [...this.#active.values()].flatMap(({ rule, severity, index, basis, needsBeginning }) => {
      if (severity === 'off') return [];
      const steps = machine.tally(rule.id);
      const counts = this.#outcomes.subarray(index * OUTCOMES, (index + 1) * OUTCOMES);
      const { withheld } = steps;
      const judged = counts[PASS] + counts[BROKEN] + steps.checked + this.#passedOver(rule);
      const checked = judged + (needsBeginning ? 0 : withheld.checked);
      const broken = counts[BROKEN] + steps.broken + (needsBeginning ? 0 : withheld.broken);
      const inconclusive = counts[INCONCLUSIVE] + (needsBeginning ? withheld.checked : 0);
      if (withdrawn && basis === 'unseen') {
        return [{ id: rule.id, severity, checked: 0, broken: 0, inconclusive: inconclusive + checked }];
      }
      return [{ id: rule.id, severity, checked, broken, inconclusive }];
    });
  }

  /** Undefined for a rule that is off. Throws for one that the protocol does not have: it would pass for good. */
  #activeOf(rule: RuleName): ActiveRule<Context> | undefined {
    const id = typeof rule === 'string' ? rule : rule.id;
    if (!this.#ids.has(id)) throw new Error(`${this.#options.protocol} has no rule ${id}`);
    return this.#active.get(id);
  }

  /** Ordinary messages that the rule would have passed. */
  #passedOver(rule: Rule<Context>): number {
    if (rule.otherwise !== PASS) return 0;
    return [...this.#form, ...this.#content].reduce(
      (total, group) => total + (group.rules.some(active => active.rule === rule) ? group.ordinary : 0),
      0,
    );
  }

  #run(group: Group<Context>, context: Context, subject: Subject, remarks: number): boolean {
    const outcomes = this.#outcomes;
    const { partial } = subject;
    const { rules } = group;
    if (remarks === 0 && group.canPassOver && !partial) {
      group.ordinary++;
      return false;
    }
    for (let i = 0; i < rules.length; i++) {
      const active = rules[i];
      const asked = active.when === ALL_REMARKS || (active.when & remarks) !== 0;
      const outcome = asked ? active.check(context) : active.otherwise;
      if (outcome <= PASS && !partial) outcomes[active.index * OUTCOMES + outcome]++;
      else if (this.#settle(active, outcome, subject)) {
        this.#list(active, subject, active.rule.describe, context);
        if (active.endsJudgement) return true;
      }
    }
    return false;
  }

  /** Counts an outcome; true when the rule is broken beyond doubt. */
  #settle(active: ActiveRule<Context>, outcome: Outcome, subject: Subject): boolean {
    const withheld = outcome !== SKIP && subject.partial && active.needsBeginning;
    const settled = withheld ? INCONCLUSIVE : outcome;
    this.#outcomes[active.index * OUTCOMES + settled]++;
    if (settled === INCONCLUSIVE && active.severity !== 'off') {
      this.#options.connections.markInconclusive(subject.connection);
    }
    return settled === BROKEN;
  }

  /** @param describe asked with `about` for words and bytes, if there is room for the finding */
  #list<About>(
    active: ActiveRule<Context>,
    subject: Subject,
    describe: ((about: About) => Evidence) | undefined,
    about: About,
  ): void {
    const { rule, severity, basis } = active;
    const { connections, findings } = this.#options;
    if (severity === 'off') return;
    connections.markFinding(subject.connection, severity, basis);
    const connection = connections.number(subject.connection);
    if (!findings.admits(rule.id, connection, basis)) return;
    const evidence = describe?.(about);
    const from = connections.endpoint(subject.connection, subject.side);
    const to = connections.endpoint(subject.connection, 1 - subject.side);
    const finding: Finding = {
      ruleId: rule.id,
      severity,
      message: evidence?.message ?? rule.summary,
      capture: this.#options.capture,
      frame: subject.frame,
      time: { seconds: subject.seconds, nanoseconds: subject.nanoseconds },
      protocol: this.#options.protocol,
      connection,
      from,
      to,
      atFault: rule.atFault === 'none' ? null : rule.atFault === 'sender' ? from : to,
      messageName: subject.messageName,
      state: subject.state,
      bytes: evidence?.bytes ?? null,
      expected: evidence?.expected ?? '',
      actual: evidence?.actual ?? '',
      spec: { document: rule.specification ?? this.#options.specification, clause: rule.clause },
      relatedFrames: evidence?.relatedFrames ?? [],
      excerpt: subject.message ? excerptOf(subject.message, evidence?.bytes?.offset) : subject.excerpt,
    };
    findings.add(finding, basis);
    this.onFinding?.(finding);
  }
}

/** A copy of the part of a message that shows the bytes at `offending`, starting on a row of 16. */
export function excerptOf(message: Message, offending = 0): NonNullable<Finding['excerpt']> {
  const offset = offending < EXCERPT_BYTES ? 0 : (offending - EXCERPT_BYTES / 2) & ~15;
  const { length, position } = message;
  return { offset, bytes: message.copy(offset, offset + EXCERPT_BYTES), messageLength: length, position };
}
