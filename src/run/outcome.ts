/** How one capture turned out, as plain data: what the report is built from. */
import type { CaptureFacts } from '../capture/source.ts';
import type { Finding } from '../lint/finding.ts';
import type { Remark } from '../lint/remark.ts';
import type { RuleTally } from '../lint/tally.ts';
import type { ViewOfSide } from '../lint/verdict.ts';
import type { DecodeSummary } from '../net/decode.ts';
import type { ConnectionOutcome, RemarkedConnections } from '../protocol/connections.ts';
import type { BoundName } from '../protocol/limits.ts';
import type { MachineRun } from '../protocol/machine.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import type { MappedFlows } from './mapped.ts';

export interface LaneOutcome {
  readonly protocol: AnyProtocol;
  readonly connections: ConnectionOutcome;
  readonly messageCounts: ReadonlyMap<string, number>;
  readonly tallies: readonly RuleTally[];
  readonly machineRun: MachineRun;
  /** Its options as they were set, and of those that the traffic settles what it settled on. */
  readonly dialect: ReadonlyMap<string, string>;
  readonly settled: ReadonlyMap<string, readonly string[]>;
  /** How often the protocol's tracker hit a bound, by its name. */
  readonly limitHits: ReadonlyMap<BoundName, number>;
}

/** What is said once a run, if no capture before has said it. */
export interface PlacedRemark extends Remark {
  /** How many findings of the capture stand before it. */
  readonly before: number;
}

/** A capture judged by itself, before it is known what other captures say that is said once a run. */
export interface ApartOutcome {
  readonly outcome: CaptureOutcome;
  /** In the order of findings. */
  readonly remarks: readonly PlacedRemark[];
  /** By lane; they are counted in `outcome` as connections, and have no verdict there. */
  readonly remarked: readonly RemarkedConnections[];
}

export interface CaptureOutcome {
  readonly facts: CaptureFacts;
  readonly messages: number;
  readonly lanes: readonly LaneOutcome[];
  readonly findings: readonly Finding[];
  readonly omittedFindings: number;
  /** Where one side's faults count alone. */
  readonly view?: ViewOfSide;
  readonly decoded: DecodeSummary;
  /** UDP datagrams and TCP segments that no protocol claimed. */
  readonly unclaimedDatagrams: number;
  readonly unclaimedSegments: number;
  /** UDP datagrams captured before the sender's network card cut them into several. */
  readonly uncutDatagrams: number;
  readonly evictedFlows: number;
  /** Datagrams, and beginnings of connections, that were dropped before their protocol was known. */
  readonly overflowedCandidates: number;
  /** Holes of TCP streams that were given up, and messages of which not all was kept, because a bound was hit. */
  readonly givenUpHoles: number;
  readonly refusedMessages: number;
  /** Directions of TCP connections taken up in their middle that could not be followed. */
  readonly unfollowed: number;
  /** What came by ports that the user has mapped. */
  readonly mapped: readonly MappedFlows[];
}
