/**
 * Puts the outcomes of the captures of a run together into one report. Counts add up; "settled" values become a list
 * where captures differ.
 */

import { dialectOf } from '../protocol/dialect.ts';
import { MachineRun } from '../protocol/machine.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import type { EngineOptions } from '../run/options.ts';
import type { CaptureOutcome, LaneOutcome } from '../run/outcome.ts';
import { notesOf } from './notes.ts';
import type { CaptureTally, ProtocolReport, RuleTally, RunReport, RunSummary, Verdict } from './run-report.ts';

export class ReportBuilder {
  readonly #options: EngineOptions;
  readonly #outcomes: CaptureOutcome[] = [];

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  add(outcome: CaptureOutcome): void {
    this.#outcomes.push(outcome);
  }

  /** @param unfinished a capture that has not ended yet */
  build(unfinished?: CaptureOutcome): RunReport {
    const outcomes = unfinished ? [...this.#outcomes, unfinished] : this.#outcomes;
    const protocols = this.#options.protocols.map((protocol, lane) =>
      this.#protocol(
        protocol,
        outcomes.map(({ lanes }) => lanes[lane]),
      ),
    );
    const lanes = outcomes.flatMap(outcome => outcome.lanes);
    return {
      captures: outcomes.map(({ facts }) => facts),
      summary: summaryOf(outcomes, protocols),
      protocols: protocols.filter(({ messages }) => messages > 0),
      tallies: outcomes.flatMap(({ lanes: ofCapture }, capture) => ofCapture.flatMap(lane => tallyOf(lane, capture))),
      connections: lanes.flatMap(({ connections }) => connections.listed).sort((a, b) => a.id - b.id),
      findings: outcomes.flatMap(({ findings }) => findings),
      omitted: {
        findings: sum(outcomes, outcome => outcome.omittedFindings),
        connections: sum(lanes, ({ connections }) => connections.omitted),
      },
      notes: notesOf(outcomes, this.#options.limits),
    };
  }

  #protocol(protocol: AnyProtocol, lanes: readonly LaneOutcome[]): ProtocolReport {
    const machine = new MachineRun(protocol.machine);
    for (const lane of lanes) machine.add(lane.machineRun);
    const messages: Record<string, number> = {};
    for (const { messageCounts } of lanes) {
      for (const [name, count] of messageCounts) messages[name] = (messages[name] ?? 0) + count;
    }
    return {
      id: protocol.id,
      connections: sum(lanes, ({ connections }) => connections.total),
      messages: sum(Object.values(messages), count => count),
      dialect: this.#dialect(protocol, lanes),
      rules: addTallies(lanes.map(({ tallies }) => tallies)),
      coverage: { messages, ...machine.coverage() },
    };
  }

  #dialect(protocol: AnyProtocol, lanes: readonly LaneOutcome[]): Record<string, string | readonly string[]> {
    const common = dialectOf(protocol, this.#options.dialects).entries();
    const spoken = lanes.filter(({ messageCounts }) => [...messageCounts.values()].some(count => count > 0));
    return Object.fromEntries(
      common.map(([name, usual]) => {
        const set = new Set(spoken.map(({ dialect }) => dialect.get(name) ?? usual));
        // Beside what was settled, a value that is the same for all captures says nothing; where they differ, each does.
        const left = set.size > 1 ? spoken.filter(({ settled }) => !settled.has(name)) : [];
        const values = [
          ...lanes.flatMap(({ settled }) => settled.get(name) ?? []),
          ...left.map(({ dialect }) => dialect.get(name) ?? usual),
        ];
        const found = [...new Set(values)].sort();
        const [value = usual] = set;
        const isKey = protocol.dialect.some(option => option.name === name && option.kind === 'key');
        if (isKey) return [name, [value, ...set].every(key => key === '') ? 'none' : 'given'];
        return [name, found.length === 0 ? value : found.length === 1 ? found[0] : found];
      }),
    );
  }
}

/** Nothing where the capture has nothing of the protocol. A stream that was cut inside its first message has findings alone. */
function tallyOf({ protocol, connections, messageCounts, tallies }: LaneOutcome, capture: number): CaptureTally[] {
  const messages = sum([...messageCounts.values()], count => count);
  if (messages === 0 && !tallies.some(({ broken }) => broken > 0)) return [];
  const rules = tallies.map(tally => ({ ...tally, unasked: 0, accepted: 0 }));
  return [{ capture, protocol: protocol.id, connections: connections.total, messages, rules }];
}

function summaryOf(outcomes: readonly CaptureOutcome[], protocols: readonly ProtocolReport[]): RunSummary {
  const lanes = outcomes.flatMap(outcome => outcome.lanes);
  const rules = protocols.flatMap(protocol => protocol.rules);
  const broken = (severity: string) => sum(rules, rule => (rule.severity === severity ? rule.broken - rule.milder : 0));
  const inconclusive = sum(lanes, ({ connections }) => connections.inconclusive);
  const violations = sum(lanes, ({ connections }) => connections.violations);
  const connections = sum(protocols, protocol => protocol.connections);
  // Nothing seen is nothing passed, and what follows damage was not seen.
  const incomplete = connections === 0 || outcomes.some(({ facts }) => !facts.complete);
  const verdict: Verdict =
    violations > 0 ? 'violations' : inconclusive > 0 || incomplete ? 'inconclusive' : 'conformant';
  return {
    packets: sum(outcomes, ({ facts }) => facts.packets),
    messages: sum(protocols, protocol => protocol.messages),
    connections,
    errors: broken('error'),
    warnings: broken('warning') + sum(rules, ({ milder }) => milder),
    infos: broken('info'),
    accepted: 0,
    inconclusive,
    verdict,
  };
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

/**
 * Rule by rule over the captures. One that is of another severity in some of them has a row for each, so that every count
 * is of one severity.
 */
function addTallies(lists: readonly (readonly RuleTally[])[]): RuleTally[] {
  const rows = new Map<string, RuleTally>();
  for (const tally of lists.flat()) {
    const key = `${tally.id} ${tally.severity}`;
    const row = rows.get(key);
    rows.set(key, row ? added(row, tally) : tally);
  }
  const ids = [...new Set([...rows.values()].map(({ id }) => id))];
  return ids.flatMap(id => [...rows.values()].filter(row => row.id === id));
}

function added(row: RuleTally, { checked, broken, milder, inconclusive }: RuleTally): RuleTally {
  return {
    ...row,
    checked: row.checked + checked,
    broken: row.broken + broken,
    milder: row.milder + milder,
    inconclusive: row.inconclusive + inconclusive,
  };
}
