/**
 * A rule as it is in force in one run: with the severity that it has there, and with all that is asked of it for each
 * message worked out once. Rules that look at one kind of message stand together, so that a message meets only these.
 */
import { type Citation, citation, clausesOf } from './clause.ts';
import { type Basis, type Outcome, type Rule, type RuleDocument, type SeveritySetting, SKIP } from './rule.ts';
import { RuleGroup } from './rule-group.ts';

/** What of a message a rule is about. */
export type Phase = NonNullable<Rule<unknown>['phase']>;

export interface ActiveRule<Context> {
  readonly rule: Rule<Context>;
  /** `off` only for a rule of form, which still tells a malformed message from a well-formed one. */
  readonly severity: SeveritySetting;
  readonly severityHere: Rule<Context>['severityHere'];
  readonly index: number;
  /** What its findings rest on, as far as a capture may excuse them. */
  readonly basis: Basis;
  /** Inconclusive in a connection whose beginning was not seen. */
  readonly needsBeginning: boolean;
  /** A broken rule that names no fault lets the others run. */
  readonly endsJudgement: boolean;
  readonly check: (context: Context) => Outcome;
  /** One for all findings of the rule: there may be a hundred thousand. */
  readonly spec: Citation;
  /** The same by edition. */
  readonly specs: ReadonlyMap<string, Citation>;
}

/** The rules that look at one kind of message in one phase. */
export type Group<Context> = RuleGroup<ActiveRule<Context>>;

/** What the run says of its rules. */
export interface InForce {
  readonly severities: ReadonlyMap<string, SeveritySetting>;
  readonly specification: string;
}

/** As they were last: mostly the same in all captures of a run. */
const ACTIVATED = new WeakMap<RuleDocument, ActiveRule<never>>();

/** @param index its place in the catalogue @param severity in force */
export function activated<Context>(
  rule: Rule<Context>,
  index: number,
  severity: SeveritySetting,
  { severities, specification }: InForce,
): ActiveRule<Context> {
  const known = ACTIVATED.get(rule) as ActiveRule<Context> | undefined;
  const severityHere = severities.has(rule.id) ? undefined : rule.severityHere;
  const isSame = known?.index === index && known.severity === severity && known.severityHere === severityHere;
  if (isSame && known.spec.document === (rule.specification ?? specification)) return known;
  const { spec, specs } = citationsOf(rule, specification);
  const active: ActiveRule<Context> = {
    rule,
    severity,
    severityHere,
    index,
    basis: rule.restsOn === 'unseen' && rule.midstream ? 'seen' : rule.restsOn,
    needsBeginning: rule.restsOn !== 'bytes' && !rule.midstream,
    endsJudgement: rule.severity !== 'info',
    check: rule.check ?? (() => SKIP),
    spec,
    specs,
  };
  ACTIVATED.set(rule, active as ActiveRule<never>);
  return active;
}

/** Those that look at messages of this name in this phase. @param editions how many are kept apart */
export function groupOf<Context>(
  active: readonly ActiveRule<Context>[],
  message: string,
  phase: Phase,
  editions: number,
): Group<Context> {
  const rules = active.filter(
    ({ rule }) => rule.check && (rule.phase ?? 'content') === phase && rule.on?.includes(message),
  );
  return new RuleGroup(rules, editions);
}

/** Severity of the fault at hand. */
export function severityOf<Context>(active: ActiveRule<Context>, context: Context | undefined): SeveritySetting {
  return (context !== undefined && active.severityHere?.(context)) || active.severity;
}

/** What findings of the rule cite: all its clauses, or that of one edition. */
function citationsOf(rule: RuleDocument, specification: string): Pick<ActiveRule<unknown>, 'spec' | 'specs'> {
  const document = rule.specification ?? specification;
  const clauses = clausesOf(rule);
  const specs = clauses.flatMap((clause): [string, Citation][] =>
    clause.edition === undefined ? [] : [[clause.edition, citation(document, [clause])]],
  );
  return { spec: citation(document, clauses), specs: new Map(specs) };
}

/** Which clauses a finding cites. @param spoken the edition that the connection speaks, if it is known */
export function citationHere<Context>(
  { rule, spec, specs }: ActiveRule<Context>,
  context: Context | undefined,
  spoken: string | undefined,
): Citation {
  const edition = (context !== undefined && rule.editionHere?.(context)) || spoken;
  return (edition !== undefined && specs.get(edition)) || spec;
}
