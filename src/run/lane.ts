/**
 * One protocol in one capture: its tracker, its judge, what was counted. Everything that lasts as long as the capture and
 * belongs to one protocol hangs here. It is made when the first flow of the protocol is there: most captures hold one
 * protocol or two, and what the others need would cost a small capture more than all that is in it.
 */

import type { Dialect } from '../dialect.ts';
import type { History } from '../history/history.ts';
import type { Finding } from '../lint/finding.ts';
import type { FindingList } from '../lint/finding-list.ts';
import { type FindingEvent, Judge } from '../lint/judge.ts';
import type { OneEnd } from '../lint/judge-options.ts';
import { MOST_REMARKS, type Remark } from '../lint/remark.ts';
import { formatEndpoint } from '../net/address.ts';
import type { FlowTable } from '../net/flow-table.ts';
import { type ConnectionEvent, ConnectionLog, type RemarkedConnections } from '../protocol/connections.ts';
import { holds } from '../protocol/in-force.ts';
import type { BoundName } from '../protocol/limits.ts';
import { MachineRun } from '../protocol/machine.ts';
import type { AnyProtocol, Flows, Tracker, TrackerHost } from '../protocol/protocol.ts';
import type { Message } from '../wire/message.ts';
import type { Completeness } from './completeness.ts';
import type { LanePlan, StreamCarrier } from './lane-plan.ts';
import type { LaneOutcome } from './outcome.ts';
import type { RunState } from './run-state.ts';
import type { ShareLog } from './share-log.ts';

export interface LaneOptions {
  readonly state: RunState;
  readonly capture: number;
  readonly table: FlowTable;
  readonly flows: Flows;
  readonly findings: FindingList;
  readonly oneEnd: OneEnd | undefined;
  readonly onFinding: ((finding: Finding, event: FindingEvent) => void) | undefined;
  readonly onConnection: ((event: ConnectionEvent) => void) | undefined;
  readonly history: History | undefined;
  /** Whether nothing before in this run has said what is said once. */
  readonly isFirst: (key: string) => boolean;
  readonly midstream: () => 'auto' | 'never';
  /** Of a flow of TCP, see `StreamFacts`. */
  readonly sequenceBase: (flow: number, side: 0 | 1) => number | undefined;
  /** The view that messages will be handed in. */
  readonly message: Message;
  readonly completeness: Completeness;
  /** Set where only some flows of the capture are judged here. */
  readonly share: ShareLog | undefined;
}

/** What follows the protocol's messages. */
interface Following {
  readonly tracker: Tracker;
  readonly judge: Judge<unknown>;
  readonly machineRun: MachineRun;
  readonly connections: ConnectionLog;
  readonly limitHits: ReadonlyMap<BoundName, number>;
}

/** What was counted of a lane beside it, on streams. */
export interface StreamCounts {
  readonly messageCounts: ReadonlyMap<string, number> | undefined;
  readonly settled: ReadonlyMap<string, readonly string[]>;
}

export class Lane {
  readonly protocol: AnyProtocol;
  readonly dialect: Dialect;
  /** Undefined for a protocol that no stream carries with this dialect. */
  readonly stream: StreamCarrier | undefined;
  /** See `ConnectionLog`; given before the first connection. */
  onOpened: ConnectionLog['onOpened'] = undefined;
  readonly #plan: LanePlan;
  readonly #options: LaneOptions;
  #following: Following | undefined = undefined;

  constructor(plan: LanePlan, options: LaneOptions) {
    this.protocol = plan.protocol;
    this.dialect = plan.dialect;
    this.stream = plan.stream;
    this.#plan = plan;
    this.#options = options;
  }

  get tracker(): Tracker {
    return (this.#following ?? this.#follow()).tracker;
  }

  get judge(): Judge<unknown> {
    return (this.#following ?? this.#follow()).judge;
  }

  get connections(): ConnectionLog {
    return (this.#following ?? this.#follow()).connections;
  }

  /** What the tracker could not finish while a message was in hand. */
  settle(): Promise<void> | undefined {
    return this.#following?.tracker.settle?.();
  }

  /** What is to be said once a run. */
  get remarks(): readonly Remark[] {
    return this.#following?.judge.remarks ?? [];
  }

  /** Connections whose verdict depends on what other captures have said. */
  remarked(): RemarkedConnections {
    const { completeness: trust, state } = this.#options;
    const all = state.options.allConnections;
    const { isKnown, isDropping } = trust;
    return (
      this.#following?.connections.remarked(trust, all) ?? { connections: [], trust: { isKnown, isDropping }, all }
    );
  }

  outcome(counts: () => StreamCounts): LaneOutcome {
    if (this.#following) return this.#outcomeOf(this.#following, counts());
    return this.#plan.idle(() =>
      this.#outcomeOf(following(this.#plan, this.#options), { messageCounts: undefined, settled: new Map() }),
    );
  }

  #outcomeOf(
    { tracker, judge, machineRun, connections, limitHits }: Following,
    { messageCounts, settled }: StreamCounts,
  ): LaneOutcome {
    const { completeness, state } = this.#options;
    return {
      protocol: this.protocol,
      connections: connections.outcome(completeness, state.options.allConnections),
      messageCounts: messageCounts ?? tracker.messageCounts(),
      tallies: judge.tallies(machineRun),
      machineRun,
      dialect: new Map(this.dialect.entries()),
      settled: new Map([...settled, ...tracker.settled()]),
      limitHits,
    };
  }

  /** Makes what follows its messages before there are any. */
  prepare(): void {
    if (!this.#following) this.#follow();
  }

  #follow(): Following {
    this.#following = following(this.#plan, this.#options);
    this.#following.connections.onOpened = this.onOpened;
    return this.#following;
  }
}

function following({ protocol, dialect, rules, messages, editions }: LanePlan, lane: LaneOptions): Following {
  const { state, capture, table, findings, oneEnd, midstream, share } = lane;
  const { options } = state;
  const nextConnection = () => {
    if (!protocol.isDivisible) share?.needsWhole(`${protocol.id} does not say what goes across its flows`);
    return state.nextConnection();
  };
  const connections = new ConnectionLog(
    capture,
    { protocol: protocol.id, endpoint: (flow, side) => formatEndpoint(table.endpoint(flow, side === 0 ? 0 : 1)) },
    nextConnection,
    options.limits.connections,
    protocol.rowWords,
  );
  if (share) connections.moment = () => share.moment;
  connections.observer = lane.history?.observe(connections, protocol, {
    endpoint: (flow, side) => table.endpoint(flow, side),
    transport: flow => lane.flows.transport(flow),
    sequenceBase: lane.sequenceBase,
  });
  if (lane.onConnection) tell(connections, lane.completeness, lane.onConnection);
  const machineRun = new MachineRun(protocol.machine, editions.length);
  const limitHits = new Map<BoundName, number>();
  const limitHit = (bound: BoundName) => limitHits.set(bound, (limitHits.get(bound) ?? 0) + 1);
  const judge = new Judge<unknown>({
    protocol: protocol.id,
    specification: protocol.specification,
    rules,
    isInForce: rule => holds(rule.onlyIf, dialect),
    messages,
    editions,
    severities: options.severities,
    capture,
    connections,
    findings,
    oneEnd,
    capturing: lane.completeness,
    mostHeld: options.limits['held-findings'],
    onHeldBound: () => limitHit('held-findings'),
    isFirst: lane.isFirst,
    onRemarkBound: () => limitHit(`remarks=${MOST_REMARKS}`),
  });
  judge.onFinding = lane.onFinding;
  connections.onClosing = slot => judge.closing(slot);
  const host = new Host(
    {
      judge,
      machineRun,
      connections,
      flows: lane.flows,
      dialect,
      limits: options.limits,
      limitHit,
      seed: options.seed,
      across: share?.acrossOf(protocol.id),
    },
    midstream,
  );
  const tracker = protocol.createTracker(host, lane.message);
  return { tracker, judge, machineRun, connections, limitHits };
}

/**
 * What a tracker is given. No object literal: of one with a getter V8 makes a dictionary, in which the tracker would look up
 * each name for every message.
 */
class Host implements TrackerHost<unknown> {
  readonly judge: Judge<unknown>;
  readonly machineRun: MachineRun;
  readonly connections: ConnectionLog;
  readonly flows: Flows;
  readonly dialect: Dialect;
  readonly limits: TrackerHost<unknown>['limits'];
  readonly limitHit: TrackerHost<unknown>['limitHit'];
  readonly seed: number;
  readonly across: TrackerHost<unknown>['across'];
  readonly #midstream: () => 'auto' | 'never';

  constructor(parts: Omit<TrackerHost<unknown>, 'midstream'>, midstream: () => 'auto' | 'never') {
    this.judge = parts.judge;
    this.machineRun = parts.machineRun;
    this.connections = parts.connections;
    this.flows = parts.flows;
    this.dialect = parts.dialect;
    this.limits = parts.limits;
    this.limitHit = parts.limitHit;
    this.seed = parts.seed;
    this.across = parts.across;
    this.#midstream = midstream;
  }

  get midstream(): 'auto' | 'never' {
    return this.#midstream();
  }
}

/** Reports each connection as it comes and goes; an observer that is already there stays. */
function tell(log: ConnectionLog, trust: Completeness, onConnection: (event: ConnectionEvent) => void): void {
  const { observer } = log;
  log.observer = {
    opened: (slot, flow, start) => {
      observer?.opened(slot, flow, start);
      onConnection({ kind: 'opened', connection: log.describe(slot, '', trust) });
    },
    closing: (slot, state, about) => {
      observer?.closing(slot, state, about);
      const weighed = log.weighed(slot, trust);
      onConnection({ kind: 'closed', connection: log.describe(slot, state, trust), ...(weighed && { weighed }) });
    },
  };
}
