/**
 * Puts the outcomes of the captures of a run together into one report. What only their sum is wanted of is added up when a
 * capture ends, and let go: a run may have tens of thousands of captures. "Settled" values become a list where they differ.
 */

import { dialectOf } from '../dialect.ts';
import type { Finding } from '../lint/finding.ts';
import type { Condition } from '../lint/rule.ts';
import { addTallies, type CaptureTally, isNever, type RuleTally } from '../lint/tally.ts';
import type { ConnectionReport } from '../lint/verdict.ts';
import { conditionWords } from '../protocol/in-force.ts';
import { MachineRun } from '../protocol/machine.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import { statementOutcomes } from '../protocol/statement-outcomes.ts';
import type { EngineOptions } from '../run/options.ts';
import type { CaptureOutcome, LaneOutcome } from '../run/outcome.ts';
import { countsOf } from './counts.ts';
import { Gathered } from './gathered.ts';
import type { DormantRule, ProtocolReport, RunReport, RunSummary } from './run-report.ts';

export class ReportBuilder {
  readonly #options: EngineOptions;
  readonly #gathered = new Gathered();
  /** By lane. */
  readonly #totals: readonly ProtocolTotals[];

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#totals = options.protocols.map(protocol => new ProtocolTotals(protocol));
  }

  add(outcome: CaptureOutcome): void {
    this.#gathered.add(outcome);
    for (const [lane, totals] of this.#totals.entries()) totals.add(outcome.lanes[lane]);
  }

  /** @param unfinished a capture that has not ended yet */
  build(unfinished?: CaptureOutcome): RunReport {
    const all = unfinished ? this.#gathered.and(unfinished) : this.#gathered;
    const findings = [...all.findings];
    const listed = all.connections.toSorted((a, b) => a.id - b.id);
    const protocols = this.#totals.map((totals, lane) => {
      const report = (unfinished ? totals.and(unfinished.lanes[lane]) : totals).report(this.#options);
      return withStatements(report, this.#options, this.#options.protocols[lane], findings, listed);
    });
    let tallies: readonly CaptureTally[] | undefined;
    return {
      captures: [...all.facts],
      results: [...all.results],
      summary: summaryOf(all, protocols),
      protocols: protocols.filter(({ messages }) => messages > 0),
      // Few reports ask for them, and of many captures they are long.
      get tallies() {
        tallies ??= all.tallies.rows();
        return tallies;
      },
      connections: listed,
      findings,
      ...(this.#options.blames && { view: all.view }),
      omitted: { findings: all.omittedFindings, connections: all.omittedConnections },
      notes: all.notes.lines(this.#options.limits),
    };
  }
}

/** What the captures so far add up to for one protocol. */
class ProtocolTotals {
  readonly #protocol: AnyProtocol;
  readonly #machine: MachineRun;
  readonly #messages = new Map<string, number>();
  readonly #settled = new Map<string, Set<string>>();
  /** Values that options were set to where messages were seen, and those of them that nothing was settled on. */
  readonly #set = new Map<string, Set<string>>();
  readonly #unsettled = new Map<string, Set<string>>();
  #rules: readonly RuleTally[] = [];
  #connections = 0;
  /** What a capture that holds nothing of the protocol has added: the same once more adds nothing. */
  #idle: LaneOutcome | undefined = undefined;

  constructor(protocol: AnyProtocol) {
    this.#protocol = protocol;
    this.#machine = new MachineRun(protocol.machine);
  }

  add(lane: LaneOutcome): void {
    if (lane === this.#idle) return;
    const { machineRun, messageCounts, dialect, settled, tallies, connections } = lane;
    if (connections.total === 0 && tallies.every(isNever)) this.#idle = lane;
    this.#machine.add(machineRun);
    for (const [name, count] of messageCounts) this.#messages.set(name, (this.#messages.get(name) ?? 0) + count);
    for (const [name, values] of settled) this.#settled.set(name, union(this.#settled.get(name), values));
    if ([...messageCounts.values()].some(count => count > 0)) {
      for (const [name, value] of dialect) {
        this.#set.set(name, union(this.#set.get(name), [value]));
        if (!settled.has(name)) this.#unsettled.set(name, union(this.#unsettled.get(name), [value]));
      }
    }
    this.#rules = this.#rules.length === 0 ? tallies : addTallies(this.#rules, tallies);
    this.#connections += connections.total;
  }

  /** These and one more, apart. */
  and(lane: LaneOutcome): ProtocolTotals {
    const both = new ProtocolTotals(this.#protocol);
    both.#machine.add(this.#machine);
    for (const [name, count] of this.#messages) both.#messages.set(name, count);
    for (const [name, values] of this.#settled) both.#settled.set(name, values);
    for (const [name, values] of this.#set) both.#set.set(name, values);
    for (const [name, values] of this.#unsettled) both.#unsettled.set(name, values);
    both.#rules = this.#rules;
    both.#connections = this.#connections;
    both.add(lane);
    return both;
  }

  report({ dialects }: EngineOptions): ProtocolReport {
    const messages = Object.fromEntries(this.#messages);
    const dormant = this.#dormant();
    return {
      id: this.#protocol.id,
      connections: this.#connections,
      messages: sum(Object.values(messages), count => count),
      dialect: this.#dialect(dialects),
      rules: this.#rules,
      ...(dormant.length > 0 && { dormant }),
      coverage: { messages, ...this.#machine.coverage() },
    };
  }

  /** Rules that hang on an option, which had another value in all captures. */
  #dormant(): readonly DormantRule[] {
    const { id: protocol, rules } = this.#protocol;
    const held = ({ option, value }: Condition) => [value].flat().some(one => this.#set.get(option)?.has(one));
    return rules.flatMap(({ id, onlyIf }) =>
      onlyIf && !held(onlyIf) ? [{ id, onlyWith: conditionWords(protocol, onlyIf) }] : [],
    );
  }

  #dialect(dialects: EngineOptions['dialects']): Record<string, string | readonly string[]> {
    const settings = dialectOf(this.#protocol, dialects).entries();
    return Object.fromEntries(
      settings.map(([name, usual]) => {
        const set = [...(this.#set.get(name) ?? [usual])];
        const [value] = set;
        // Beside what was settled, a value that is the same for all captures says nothing; where they differ, each does.
        const left = set.length > 1 ? [...(this.#unsettled.get(name) ?? [])] : [];
        const found = [...union(this.#settled.get(name), left)].sort();
        const isKey = this.#protocol.dialect.some(option => option.name === name && option.kind === 'key');
        if (isKey) return [name, set.every(key => key === '') ? 'none' : 'given'];
        return [name, found.length === 0 ? value : found.length === 1 ? found[0] : found];
      }),
    );
  }
}

function union(known: ReadonlySet<string> | undefined, values: readonly string[]): Set<string> {
  return new Set([...(known ?? []), ...values]);
}

function summaryOf(all: Gathered, protocols: readonly ProtocolReport[]): RunSummary {
  const connections = sum(protocols, protocol => protocol.connections);
  return {
    packets: sum(all.facts, ({ packets }) => packets),
    messages: sum(protocols, protocol => protocol.messages),
    connections,
    ...countsOf(protocols.flatMap(({ rules }) => rules)),
    accepted: 0,
    inconclusive: all.inconclusive,
    verdict: all.verdict(connections),
  };
}

/** The same with what became of the protocol's numbered statements, if it has some and they are asked for. */
export function withStatements(
  report: ProtocolReport,
  options: Pick<EngineOptions, 'statements'>,
  protocol: AnyProtocol | undefined,
  findings: readonly Finding[],
  listed: readonly ConnectionReport[],
): ProtocolReport {
  if (!options.statements || !protocol?.statements) return report;
  const { rules: tallies, dialect } = report;
  const own = findings.filter(finding => finding.protocol === protocol.id);
  const connections = new Map(listed.map(connection => [connection.id, connection]));
  const roleAtFault = ({ connection, atFault }: Finding) => {
    const ends = connections.get(connection);
    return atFault === null || !ends ? undefined : atFault === ends.client ? 'client' : 'server';
  };
  return { ...report, statements: statementOutcomes(protocol, { tallies, dialect, findings: own, roleAtFault }) };
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
