/**
 * One capture on its way through the parts: from frames to messages, each in its flow, to the trackers of the protocols.
 * Owns the flow table and says when a flow is over; everything a protocol remembers hangs on that.
 */
import type { CaptureFacts, Frame } from './capture/source.ts';
import type { RunState } from './engine.ts';
import type { Finding } from './lint/finding.ts';
import { FindingList } from './lint/finding-list.ts';
import { Judge } from './lint/judge.ts';
import { formatEndpoint } from './net/address.ts';
import { DEFAULT_DECODER_LIMITS, Decoder, type DecodeSummary } from './net/decode.ts';
import { FlowTable } from './net/flow-table.ts';
import { IP_PROTOCOL_UDP, type Packet } from './net/packet.ts';
import { ConnectionLog, type ConnectionOutcome } from './protocol/connections.ts';
import { Dialect } from './protocol/dialect.ts';
import { Candidates, type PortMap, recognise, UNCLAIMED, UNDECIDED } from './protocol/identify.ts';
import { MachineRun } from './protocol/machine.ts';
import { type AnyProtocol, type SeenMessage, type Tracker, UNKNOWN_MESSAGE } from './protocol/protocol.ts';
import { withRoomFor } from './protocol/records.ts';
import type { RuleTally } from './report/run-report.ts';
import { Message } from './wire/message.ts';

/** Frames between two looks at flows that may be idle, and flows looked at each time. */
const SWEEP_INTERVAL = 64;
const SWEEP_STEPS = 64;

/** One protocol in one capture. */
interface Lane {
  readonly protocol: AnyProtocol;
  readonly tracker: Tracker;
  readonly judge: Judge<unknown>;
  readonly machineRun: MachineRun;
  readonly connections: ConnectionLog;
}

export interface LaneOutcome {
  readonly protocol: AnyProtocol;
  readonly connections: ConnectionOutcome;
  readonly messageCounts: ReadonlyMap<string, number>;
  readonly tallies: readonly RuleTally[];
  readonly machineRun: MachineRun;
  readonly settled: ReadonlyMap<string, readonly string[]>;
}

export interface CaptureOutcome {
  readonly facts: CaptureFacts;
  readonly messages: number;
  readonly lanes: readonly LaneOutcome[];
  readonly findings: readonly Finding[];
  readonly omittedFindings: number;
  readonly decoded: DecodeSummary;
  /** UDP datagrams that no protocol claimed. */
  readonly unclaimed: number;
  readonly evictedFlows: number;
  readonly overflowedCandidates: number;
}

export class CaptureRun {
  readonly #state: RunState;
  readonly #capture: number;
  readonly #facts: CaptureFacts;
  readonly #decoder: Decoder;
  readonly #flows: FlowTable;
  readonly #ports: PortMap;
  readonly #candidates: Candidates;
  readonly #findings: FindingList;
  readonly #lanes: readonly Lane[];
  readonly #protocols: readonly AnyProtocol[];
  readonly #message = new Message();
  /** The message alone, as recognition wants a list. */
  readonly #first: readonly Message[] = [this.#message];
  /** Lane of each flow + 1; 0 while it is a candidate. */
  #laneOf = new Uint8Array(64);
  readonly #seen: Seen | undefined;
  readonly #onMessage: ((seen: SeenMessage) => void) | undefined;
  /** Closes a flow that may go on: from then on, what opens in mid-conversation may be the rest of it. */
  readonly #giveUp = (flow: number) => {
    this.#forgot = true;
    this.#close(flow);
  };
  #forgot = false;
  #now = 0;
  #untilSweep = SWEEP_INTERVAL;
  #messages = 0;
  #unclaimed = 0;

  constructor(
    state: RunState,
    capture: number,
    facts: CaptureFacts,
    onMessage: ((seen: SeenMessage) => void) | undefined,
  ) {
    const { options } = state;
    const { limits, seed, protocols } = options;
    this.#state = state;
    this.#capture = capture;
    this.#facts = facts;
    this.#onMessage = onMessage;
    this.#decoder = new Decoder(
      {
        ...DEFAULT_DECODER_LIMITS,
        fragmentDatagrams: limits.fragments,
        fragmentBytes: limits['fragment-bytes'],
        fragmentSeconds: limits['fragment-idle'],
      },
      seed,
    );
    this.#flows = new FlowTable({
      limit: limits.flows,
      idleSeconds: limits['flow-idle'],
      seed,
      onEvict: this.#giveUp,
    });
    this.#ports = state.ports;
    this.#candidates = new Candidates(limits);
    this.#findings = new FindingList(options.maxFindings, limits.findings);
    this.#protocols = protocols;
    this.#seen = onMessage && new Seen(this.#message, capture);
    this.#lanes = protocols.map(protocol => this.#openLane(protocol));
  }

  frame(frame: Frame): void {
    this.#now = frame.seconds + frame.nanoseconds * 1e-9;
    if (--this.#untilSweep === 0) {
      this.#untilSweep = SWEEP_INTERVAL;
      this.#flows.sweep(this.#now, SWEEP_STEPS, this.#giveUp);
    }
    const packet = this.#decoder.decode(frame);
    if (packet !== undefined && packet.transport === IP_PROTOCOL_UDP) this.#datagram(packet, frame);
  }

  end(): CaptureOutcome {
    this.#flows.forEach(flow => {
      this.#close(flow);
    });
    const dropped = this.#facts.dropped > 0;
    const { allConnections } = this.#state.options;
    return {
      facts: this.#facts,
      messages: this.#messages,
      lanes: this.#lanes.map(({ protocol, connections, tracker, judge, machineRun }) => ({
        protocol,
        connections: connections.outcome(this.#facts, allConnections),
        messageCounts: tracker.messageCounts(),
        tallies: judge.tallies(machineRun, dropped),
        machineRun,
        settled: tracker.settled(),
      })),
      findings: this.#findings.take(dropped),
      omittedFindings: this.#findings.omitted(dropped),
      decoded: this.#decoder.summary(),
      unclaimed: this.#unclaimed,
      evictedFlows: this.#flows.evicted,
      overflowedCandidates: this.#candidates.overflowed,
    };
  }

  #datagram(packet: Packet, frame: Frame): void {
    const message = this.#message;
    message.assign(packet.bytes, packet.payloadStart, packet.payloadLength, packet.payloadEnd - packet.payloadStart);
    message.frame = frame.number;
    message.seconds = frame.seconds;
    message.nanoseconds = frame.nanoseconds;
    message.comment = frame.comment;
    const flow = this.#flows.find(packet);
    if (flow < 0) {
      this.#newFlow(packet);
      return;
    }
    this.#flows.touch(flow, this.#now);
    const lane = this.#laneOf[flow];
    if (lane > 0) this.#deliver(lane - 1, flow, this.#flows.side, message);
    else this.#decide(flow, this.#flows.side);
  }

  #newFlow(packet: Packet): void {
    const mapped = this.#ports.protocolOf(packet);
    const claim = mapped === UNCLAIMED ? recognise(this.#protocols, this.#first) : mapped;
    if (claim === UNCLAIMED) {
      this.#unclaimed++;
      return;
    }
    const flow = this.#flows.insert(packet, this.#now);
    const { side } = this.#flows;
    this.#laneOf = withRoomFor(this.#laneOf, flow);
    this.#laneOf[flow] = 0;
    if (claim === UNDECIDED) {
      this.#keep(flow, side);
      return;
    }
    this.#laneOf[flow] = claim + 1;
    this.#deliver(claim, flow, side, this.#message);
  }

  /** Another datagram of a flow whose protocol was not told by the ones before it. */
  #decide(flow: number, side: number): void {
    const kept = this.#candidates.messages(flow);
    const claim = recognise(this.#protocols, [...kept.map(({ message }) => message), this.#message]);
    if (claim === UNDECIDED) {
      this.#keep(flow, side);
      return;
    }
    this.#candidates.forget(flow);
    if (claim === UNCLAIMED) {
      this.#unclaimed += kept.length + 1;
      this.#flows.remove(flow);
      return;
    }
    this.#laneOf[flow] = claim + 1;
    for (const { message, side: sender } of kept) this.#deliver(claim, flow, sender, message);
    this.#deliver(claim, flow, side, this.#message);
  }

  #keep(flow: number, side: number): void {
    if (this.#candidates.keep(flow, side, this.#message)) return;
    this.#unclaimed++;
    this.#giveUp(flow);
    this.#flows.remove(flow);
  }

  #deliver(index: number, flow: number, side: number, message: Message): void {
    const lane = this.#lanes[index];
    this.#messages++;
    // What flows that ended since have brought to light came up with no message.
    if (this.#seen) this.#seen.findings.length = 0;
    const slot = lane.tracker.message(flow, side, message);
    if (this.#onMessage && this.#seen) {
      this.#seen.show(lane, slot, side, message);
      this.#onMessage(this.#seen);
    }
  }

  #close(flow: number): void {
    const lane = this.#laneOf[flow];
    if (lane > 0) this.#lanes[lane - 1].tracker.close(flow, this.#now);
    else {
      this.#unclaimed += this.#candidates.messages(flow).length;
      this.#candidates.forget(flow);
    }
  }

  #openLane(protocol: AnyProtocol): Lane {
    const { options, nextConnection, once } = this.#state;
    const flows = this.#flows;
    const midstream = () => (this.#forgot ? 'auto' : options.midstream);
    const connections = new ConnectionLog(
      this.#capture,
      { protocol: protocol.id, endpoint: (flow, side) => formatEndpoint(flows.endpoint(flow, side === 0 ? 0 : 1)) },
      nextConnection,
      options.limits.connections,
      protocol.rowWords,
    );
    const machineRun = new MachineRun(protocol.machine);
    const judge = new Judge<unknown>({
      protocol: protocol.id,
      specification: protocol.specification,
      rules: protocol.rules,
      messages: [...protocol.layouts.map(layout => layout.name), UNKNOWN_MESSAGE],
      severities: options.severities,
      capture: this.#capture,
      connections,
      findings: this.#findings,
    });
    const { findings } = this.#seen ?? {};
    if (findings) judge.onFinding = finding => findings.push(finding);
    const tracker = protocol.createTracker(
      {
        judge,
        machineRun,
        connections,
        flows: {
          copyEndpoint: (flow, side, into) => {
            flows.copyAddress(flow, side === 0 ? 0 : 1, into, 0);
            return flows.port(flow, side === 0 ? 0 : 1);
          },
        },
        dialect: dialectOf(protocol, options.dialects),
        get midstream() {
          return midstream();
        },
        limits: options.limits,
        seed: options.seed,
        once,
      },
      this.#message,
    );
    return { protocol, tracker, judge, machineRun, connections };
  }
}

/** The part of the settings that is a protocol's own: `mnet.tags` is `tags` of mnet. */
export function dialectOf(protocol: AnyProtocol, settings: ReadonlyMap<string, string>): Dialect {
  const prefix = `${protocol.id}.`;
  const own = [...settings].filter(([key]) => key.startsWith(prefix));
  return new Dialect(protocol.dialect, new Map(own.map(([key, value]) => [key.slice(prefix.length), value])));
}

/** The message just handed to a tracker, for whoever listens. Reused; its strings are made when asked for. */
class Seen implements SeenMessage {
  message: Message;
  readonly capture: number;
  readonly findings: Finding[] = [];
  #lane: Lane | undefined = undefined;
  #slot = 0;
  #side = 0;

  constructor(message: Message, capture: number) {
    this.message = message;
    this.capture = capture;
  }

  show(lane: Lane, slot: number, side: number, message: Message): void {
    this.#lane = lane;
    this.#slot = slot;
    this.#side = side;
    this.message = message;
  }

  get layout() {
    return this.#lane?.tracker.layout;
  }

  get name(): string {
    return this.#lane?.tracker.messageName ?? '';
  }

  get protocol(): string {
    return this.#lane?.protocol.id ?? '';
  }

  get connection(): number {
    return this.#lane?.connections.number(this.#slot) ?? 0;
  }

  get from(): string {
    return this.#lane?.connections.endpoint(this.#slot, this.#side) ?? '';
  }

  get to(): string {
    return this.#lane?.connections.endpoint(this.#slot, 1 - this.#side) ?? '';
  }

  get clientToServer(): boolean {
    return this.#lane?.connections.clientSide(this.#slot) === this.#side;
  }

  get state(): string {
    return this.#lane?.tracker.state(this.#slot) ?? '';
  }
}
