/**
 * One protocol in one capture: its tracker, its judge, what was counted, and for streams what cuts them. Everything
 * that lasts as long as the capture and belongs to one protocol hangs here.
 */

import { type Dialect, dialectOf } from '../dialect.ts';
import type { Framing } from '../framing/framing.ts';
import type { History } from '../history/history.ts';
import type { Finding } from '../lint/finding.ts';
import type { FindingList } from '../lint/finding-list.ts';
import { type FindingEvent, Judge } from '../lint/judge.ts';
import type { OneEnd } from '../lint/judge-options.ts';
import { MOST_REMARKS } from '../lint/remark.ts';
import { formatEndpoint } from '../net/address.ts';
import type { FlowTable } from '../net/flow-table.ts';
import { carrierOf, carrierRules, framingsOf } from '../protocol/carrier.ts';
import { type ConnectionEvent, ConnectionLog } from '../protocol/connections.ts';
import { graveUnder, holds } from '../protocol/in-force.ts';
import type { BoundName } from '../protocol/limits.ts';
import { MachineRun } from '../protocol/machine.ts';
import { type AnyProtocol, type Flows, type Tracker, UNKNOWN_MESSAGE } from '../protocol/protocol.ts';
import { editionsOf } from '../protocol/statements.ts';
import type { Message } from '../wire/message.ts';
import type { Completeness } from './completeness.ts';
import type { RunState } from './options.ts';
import type { ShareLog } from './share-log.ts';

/** How the protocol is carried by streams in this run. */
export interface StreamCarrier {
  readonly framing: Framing;
  /** Longest message on the wire in bytes. */
  readonly longest: number;
  /** The same without what the framing hides, where the carrier sets a bound. */
  readonly longestShown: number;
  /** Bytes of a message that the protocol is shown. */
  readonly keep: number;
  /** The protocol is another one than the framing's own. */
  readonly carriesApplication: boolean;
  /** How a direction may go on. */
  readonly later: readonly StreamCarrier[];
}

export interface Lane {
  readonly protocol: AnyProtocol;
  readonly dialect: Dialect;
  readonly tracker: Tracker;
  readonly judge: Judge<unknown>;
  readonly machineRun: MachineRun;
  readonly connections: ConnectionLog;
  /** How often the tracker hit a bound, by its name. */
  readonly limitHits: ReadonlyMap<BoundName, number>;
  /** Undefined for a protocol that no stream carries with this dialect. */
  readonly stream: StreamCarrier | undefined;
}

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

export function openLane(protocol: AnyProtocol, lane: LaneOptions): Lane {
  const { state, capture, table, findings, oneEnd, midstream, share } = lane;
  const { options } = state;
  const nextConnection = () => {
    if (!protocol.isDivisible) share?.needsWhole(`${protocol.id} does not say what goes across its flows`);
    return state.nextConnection();
  };
  const dialect = dialectOf(protocol, options.dialects);
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
  const editions = editionsOf(protocol);
  const machineRun = new MachineRun(protocol.machine, editions.length);
  const limitHits = new Map<BoundName, number>();
  const limitHit = (bound: BoundName) => limitHits.set(bound, (limitHits.get(bound) ?? 0) + 1);
  const judge = new Judge<unknown>({
    protocol: protocol.id,
    specification: protocol.specification,
    rules: graveUnder([...protocol.rules, ...carrierRules(protocol, options.protocols, dialect)], dialect),
    isInForce: rule => holds(rule.onlyIf, dialect),
    messages: [...protocol.layouts.map(layout => layout.name), UNKNOWN_MESSAGE],
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
  const tracker = protocol.createTracker(
    {
      judge,
      machineRun,
      connections,
      flows: lane.flows,
      dialect,
      get midstream() {
        return midstream();
      },
      limits: options.limits,
      limitHit,
      seed: options.seed,
      across: share?.acrossOf(protocol.id),
    },
    lane.message,
  );
  const stream = streamOf(protocol, dialect, options);
  return { protocol, dialect, tracker, judge, machineRun, connections, limitHits, stream };
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

function streamOf(protocol: AnyProtocol, dialect: Dialect, options: RunState['options']): StreamCarrier | undefined {
  const carrier = carrierOf(protocol, 'tcp', dialect);
  if (!carrier) return undefined;
  const { longest: longestShown = Number.POSITIVE_INFINITY, keep = Number.POSITIVE_INFINITY } = carrier;
  const [first, ...later] = framingsOf(carrier, options.protocols).map(framing => ({
    framing,
    longest: Math.min(longestShown + framing.hidden + (framing.hiddenAtEnd ?? 0), framing.longest),
    longestShown,
    keep,
    carriesApplication: framing !== protocol.framing,
    later: [],
  }));
  return { ...first, later };
}
