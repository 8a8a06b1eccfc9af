/**
 * `--attack RULE`: breaks a rule once on purpose, by changing what one side of a running conversation says as the protocol
 * declares it (`Protocol.provocations`). What the other side makes of it is followed by who runs the proxy (reactions.ts).
 */
import type { FieldCatalogue } from '../filter/catalogue.ts';
import type { Decision } from '../lint/deed.ts';
import type { Timestamp } from '../lint/finding.ts';
import type { AnyProtocol, Provocation, SeenMessage } from '../protocol/protocol.ts';
import { rulesMeant, UsageError } from '../settings/words.ts';
import { describe } from './description.ts';
import type { MessageReaders } from './fault.ts';
import { parseFaults } from './parse.ts';
import type { Overseer, Passage } from './passage.ts';
import type { FaultPlan, FaultProblem } from './plan.ts';

export class Attack implements Overseer {
  readonly provocation: Provocation;
  readonly #plan: FaultPlan;
  /** For the log: `--attack mqtt/ack-unknown-id`. */
  readonly cause: string;

  constructor(provocation: Provocation, plan: FaultPlan) {
    this.provocation = provocation;
    this.#plan = plan;
    this.cause = `--attack ${provocation.rule}`;
  }

  /** Called when it cannot be done to a message that it is for. */
  set onProblem(listener: (problem: FaultProblem) => void) {
    this.#plan.onProblem = ({ reason }) => listener({ cause: this.cause, reason });
  }

  /** In plain words, what is done. */
  get descriptions(): readonly string[] {
    return this.#plan.faults.map(describe);
  }

  message(seen: SeenMessage, passage: Passage, origin: Timestamp): readonly Decision[] {
    return this.#ours(this.#plan.message(seen, passage, origin));
  }

  unit(passage: Passage): readonly Decision[] {
    return this.#ours(this.#plan.unit(passage));
  }

  #ours(decisions: readonly Decision[]): readonly Decision[] {
    return decisions.map(({ deed }) => ({ deed, cause: this.cause, by: 'attack' }));
  }
}

/**
 * @param rules ids of rules to break; where one can be broken in several ways, the first one is taken
 * @throws UsageError for a rule that there is not, or that cannot be broken on purpose
 */
export function attacksOn(
  rules: readonly string[],
  protocols: readonly AnyProtocol[],
  catalogue: FieldCatalogue,
  options: MessageReaders & { readonly seed?: number },
): readonly Attack[] {
  const ways = protocols.flatMap(({ provocations = [] }) => provocations);
  return rules.map(rule => {
    const provocation = ways.find(way => way.rule === rule);
    if (!provocation) throw new UsageError(`--attack ${rule}: ${problemOf(rule, ways, protocols)}`);
    return new Attack(provocation, parseFaults(provocation.faults, catalogue, { ...options, option: '--attack' }));
  });
}

function problemOf(rule: string, ways: readonly Provocation[], protocols: readonly AnyProtocol[]): string {
  const isRule = protocols.some(({ rules }) => rules.some(({ id }) => id === rule));
  const names = [...new Set(ways.map(way => way.rule))];
  const meant = rulesMeant(rule, names);
  const hint = meant.length === 0 ? '' : `; did you mean ${meant.join(' or ')}?`;
  const [protocol] = rule.split('/');
  const list = `wirelint rules ${protocol} says which can be`;
  return isRule ? `this rule cannot be broken on purpose; ${list}` : `there is no such rule${hint}`;
}
