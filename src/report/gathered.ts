/**
 * What is kept of the captures of a run until its report is made: of each its facts and its result, what is listed, and the
 * counts of its rules; all else is added up when a capture ends, and let go. A run may have tens of thousands of captures.
 */
import type { CaptureFacts } from '../capture/source.ts';
import type { Finding } from '../lint/finding.ts';
import type { ConnectionReport, Verdict, ViewOfSide } from '../lint/verdict.ts';
import type { CaptureOutcome, LaneOutcome } from '../run/outcome.ts';
import { CaptureTallies, type CountedLane } from './capture-tallies.ts';
import { countsOf } from './counts.ts';
import { RunNotes } from './notes.ts';
import type { CaptureResult } from './run-report.ts';

export class Gathered {
  readonly facts: CaptureFacts[];
  /** By capture. */
  readonly results: CaptureResult[];
  readonly tallies: CaptureTallies;
  /** By capture, then in the order of findings. */
  readonly findings: Finding[];
  readonly connections: ConnectionReport[];
  readonly notes: RunNotes;
  omittedFindings: number;
  omittedConnections: number;
  /** Connections of these verdicts. */
  violations: number;
  inconclusive: number;
  readonly #found: Finding[];
  #omittedOfView: number;

  /** @param before what these go on from */
  constructor(before?: Gathered) {
    this.facts = [...(before?.facts ?? [])];
    this.results = [...(before?.results ?? [])];
    this.tallies = new CaptureTallies(before?.tallies);
    this.findings = [...(before?.findings ?? [])];
    this.connections = [...(before?.connections ?? [])];
    this.notes = new RunNotes(before?.notes);
    this.omittedFindings = before?.omittedFindings ?? 0;
    this.omittedConnections = before?.omittedConnections ?? 0;
    this.violations = before?.violations ?? 0;
    this.inconclusive = before?.inconclusive ?? 0;
    this.#found = [...(before ? before.#found : [])];
    this.#omittedOfView = before ? before.#omittedOfView : 0;
  }

  add(outcome: CaptureOutcome): void {
    const { facts, lanes, findings, omittedFindings, view } = outcome;
    const counted = lanes.flatMap(lane => countedLane(lane) ?? []);
    for (const lane of counted) this.tallies.add(this.facts.length, lane);
    const connections = sum(counted, lane => lane.connections);
    const inconclusive = sum(lanes, lane => lane.connections.inconclusive);
    const violations = sum(lanes, lane => lane.connections.violations);
    this.facts.push(facts);
    this.results.push({
      messages: sum(counted, lane => lane.messages),
      connections,
      ...countsOf(counted.flatMap(({ tallies }) => tallies)),
      inconclusive,
      verdict: verdictOf(violations, inconclusive, connections > 0 && facts.complete),
    });
    for (const finding of findings) this.findings.push(finding);
    for (const lane of lanes) for (const report of lane.connections.listed) this.connections.push(report);
    this.notes.add(outcome);
    this.omittedFindings += omittedFindings;
    this.omittedConnections += sum(lanes, lane => lane.connections.omitted);
    this.violations += violations;
    this.inconclusive += inconclusive;
    for (const finding of view?.found ?? []) this.#found.push(finding);
    this.#omittedOfView += view?.omitted ?? 0;
  }

  /** These and one more, apart. */
  and(outcome: CaptureOutcome): Gathered {
    const both = new Gathered(this);
    both.add(outcome);
    return both;
  }

  /** Where one side's faults count alone. */
  get view(): ViewOfSide {
    return { found: this.#found, omitted: this.#omittedOfView };
  }

  /** Of the whole run. @param connections of all captures */
  verdict(connections: number): Verdict {
    const isWhole = connections > 0 && this.facts.every(({ complete }) => complete);
    return verdictOf(this.violations, this.inconclusive, isWhole);
  }
}

/** Nothing where the capture has nothing of the protocol. A stream that was cut inside its first message has findings alone. */
function countedLane({ protocol, connections, messageCounts, tallies }: LaneOutcome): CountedLane | undefined {
  let messages = 0;
  for (const count of messageCounts.values()) messages += count;
  if (messages === 0 && !tallies.some(({ broken }) => broken > 0)) return undefined;
  return { protocol: protocol.id, connections: connections.total, messages, tallies };
}

/** @param isWhole something was seen, and all there was: nothing seen is nothing passed, and what follows damage was not seen */
function verdictOf(violations: number, inconclusive: number, isWhole: boolean): Verdict {
  if (violations > 0) return 'violations';
  return inconclusive > 0 || !isWhole ? 'inconclusive' : 'conformant';
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
