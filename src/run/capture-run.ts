/**
 * One capture on its way through the parts: from frames to packets, datagrams and streams, to the trackers of the
 * protocols. Owns the flow table and says when a flow is over; everything a protocol remembers hangs on that.
 */
import type { CaptureFacts, Frame } from '../capture/source.ts';
import { BegunMessage } from '../framing/begun.ts';
import type { History } from '../history/history.ts';
import type { Timestamp } from '../lint/finding.ts';
import { FindingList } from '../lint/finding-list.ts';
import type { Endpoint } from '../net/address.ts';
import { DEFAULT_DECODER_LIMITS, Decoder } from '../net/decode.ts';
import { Extents, positionOf } from '../net/extents.ts';
import { FlowTable } from '../net/flow-table.ts';
import { IP_PROTOCOL_TCP, IP_PROTOCOL_UDP, type Packet } from '../net/packet.ts';
import type { ConnectionEvent } from '../protocol/connections.ts';
import type { Closing, Flows } from '../protocol/protocol.ts';
import { withRoomFor } from '../storage/records.ts';
import { Message } from '../wire/message.ts';
import { Completeness } from './completeness.ts';
import { Datagrams } from './datagrams.ts';
import { Delivery, type DeliveryListeners } from './delivery.ts';
import { Lane } from './lane.ts';
import { MappedPorts } from './mapped.ts';
import type { ApartOutcome, CaptureOutcome } from './outcome.ts';
import { MANY_FLOWS, Prefetcher } from './prefetch.ts';
import type { RunState } from './run-state.ts';
import { withRemarks } from './said-once.ts';
import { ShareLog, type ShareNotes } from './share-log.ts';
import { Streams } from './streams.ts';
import type { ShareStanding } from './whole-only.ts';

/** Part of the flow table above which idle flows are given up: until then there is room for what they may yet say. */
const CROWDED = 0.25;
/** Frames between two looks at flows that may be idle, and flows looked at each time. */
const SWEEP_INTERVAL = 64;
const SWEEP_STEPS = 64;

/** Listeners for what passes. */
export interface Listeners extends DeliveryListeners {
  readonly onConnection: ((event: ConnectionEvent) => void) | undefined;
}

export class CaptureRun {
  readonly #state: RunState;
  readonly #facts: CaptureFacts;
  readonly #decoder: Decoder;
  readonly #table: FlowTable;
  readonly #findings: FindingList;
  /** Where one side's faults count alone: what the other one breaks. */
  readonly #apart: FindingList | undefined;
  readonly #completeness: Completeness;
  readonly #message = new Message();
  readonly #delivery: Delivery;
  readonly #lanes: readonly Lane[];
  readonly #prefetcher: Prefetcher;
  readonly #history: History | undefined;
  readonly #datagrams: Datagrams;
  readonly #mapped: MappedPorts;
  readonly #streams: Streams;
  /** Set where only some flows are judged here. */
  readonly #share: ShareLog | undefined;
  /** Frames so far; and of each flow, with which of them it began. */
  #frames = 0;
  #began = new Uint32Array(64);
  /** Keys of what this capture is the first in its run to say. */
  readonly #said = new Set<string>();
  /** Closes a flow that may go on: from then on, what opens in mid-conversation may be the rest of it. */
  readonly #giveUp = (flow: number) => {
    this.#share?.needsWhole('a flow was given up');
    if (!this.#isStream(flow) || this.#streams.isFollowed(flow)) this.#forgot = true;
    this.#close(flow, 'given up');
  };
  #forgot = false;
  /** Time of the first frame, once it is there. */
  origin: Timestamp | undefined = undefined;
  #closed = false;
  #now = 0;
  #untilSweep = SWEEP_INTERVAL;

  constructor(given: RunState, capture: number, facts: CaptureFacts, listeners: Listeners) {
    const { options, ports } = given;
    const share = options.share && new ShareLog(options.share, options.seed);
    this.#share = share;
    const state = share ? { ...given, nextConnection: () => share.opens(given.nextConnection()) } : given;
    const { history } = listeners;
    const { limits, seed, protocols } = options;
    this.#state = state;
    this.#facts = facts;
    const extents = history && new Extents();
    const own = share && {
      mask: share.share.classes,
      hasHostless: share.share.index === 0,
      needsAll: (reason: string) => share.needsWhole(reason),
    };
    this.#decoder = new Decoder(
      {
        ...DEFAULT_DECODER_LIMITS,
        fragmentDatagrams: limits.fragments,
        fragmentBytes: limits['fragment-bytes'],
        fragmentSeconds: limits['fragment-idle'],
      },
      seed,
      extents,
      facts,
      own,
    );
    this.#table = new FlowTable({
      limit: limits.flows,
      idleSeconds: limits['flow-idle'],
      seed,
      onEvict: this.#giveUp,
    });
    const { rows } = state;
    this.#findings = new FindingList(options.maxFindings, limits.findings, rows);
    const apart = options.blames && new FindingList(options.maxFindings, limits.findings, rows, this.#findings);
    this.#apart = apart;
    this.#completeness = new Completeness(options.capture, facts, {
      spoke: flow => (this.#isStream(flow) ? this.#streams.spoke(flow) : this.#datagrams.spoke(flow)),
      isStream: flow => this.#isStream(flow),
      copyAddress: (flow, side, into) => this.#table.copyAddress(flow, side === 0 ? 0 : 1, into, 0),
    });
    if (share) this.#completeness.divide(share, options.unseenSince);
    this.#decoder.onIncomplete = ({ source, destination }) => this.#completeness.fragmentLost(source, destination);
    const message = this.#message;
    if (extents) history.beginCapture(facts, extents, this.#completeness);
    const delivery = new Delivery(message, capture, listeners);
    const flows = this.#table;
    const midstream = () => (this.#forgot ? 'auto' : options.midstream);
    const laneOptions = {
      state,
      capture,
      table: this.#table,
      flows: this.#knownOfFlows(),
      findings: this.#findings,
      oneEnd: apart && { end: options.blames === 'client' ? 0 : 1, apart },
      onFinding: delivery.onFinding,
      onConnection: listeners.onConnection,
      history,
      isFirst: (key: string) => {
        share?.said.set(key, share.moment);
        return state.once(key) && this.#said.add(key) !== undefined;
      },
      share,
      midstream,
      sequenceBase: (flow: number, side: 0 | 1) =>
        this.#isStream(flow) ? this.#streams.facts.sequenceBase(flow, side) : undefined,
      message,
      completeness: this.#completeness,
    } as const;
    const lanes = state.lanes.map(plan => new Lane(plan, laneOptions));
    const onBegin = (flow: number) => {
      this.#began = withRoomFor(this.#began, flow);
      this.#began[flow] = this.#frames;
      this.#completeness.begin(flow);
    };
    this.#mapped = new MappedPorts(protocols, ports, share && (() => share.moment));
    const unknown = history?.unknown.isKept ? history.unknown : undefined;
    const shared = { flows, ports, mapped: this.#mapped, lanes, delivery, message, limits, onBegin, unknown };
    this.#history = history;
    this.#delivery = delivery;
    this.#lanes = lanes;
    this.#prefetcher = new Prefetcher(flows, lanes, own?.mask);
    this.#datagrams = new Datagrams({ ...shared, protocols, giveUp: this.#giveUp });
    this.#streams = new Streams({
      ...shared,
      midstream,
      extents,
      locates: options.locates === true,
      history,
      share,
      onUnseenAcknowledged: (flow, frame) => this.#completeness.unseenAcknowledged(flow, frame),
    });
    // What one share has noted of a protocol is put beside what others have, from the first frame on.
    if (share) for (const lane of lanes) lane.prepare();
  }

  frame(frame: Frame): void {
    this.#now = frame.seconds + frame.nanoseconds * 1e-9;
    if (this.origin === undefined) {
      const { seconds, nanoseconds } = frame;
      this.origin = { seconds, nanoseconds };
      this.#history?.firstFrame(frame);
    }
    this.#frames++;
    this.#share?.frame(this.#now);
    if (--this.#untilSweep === 0) {
      this.#untilSweep = SWEEP_INTERVAL;
      if (this.#table.size >= MANY_FLOWS) frame.wantsUpcoming = true;
      if (this.#share?.isCrowded || this.#table.size > this.#state.options.limits.flows * CROWDED) this.#sweep();
    }
    if (frame.upcoming > 0) this.#prefetcher.frame(frame);
    const packet = this.#decoder.decode(frame);
    if (packet === undefined) return;
    if (packet.transport === IP_PROTOCOL_UDP) this.#datagram(packet, frame);
    else if (packet.transport === IP_PROTOCOL_TCP) this.#streams.segment(packet, frame);
  }

  /** Ends flows that were idle for long. Which of them are looked at hangs on how many there are: no share knows. */
  #sweep(): void {
    if (this.#share) this.#share.crowded(this.#state.options.limits['flow-idle']);
    else this.#table.sweep(this.#now, SWEEP_STEPS, this.#giveUp);
  }

  /** See `Engine.unfinished`. */
  get unfinished(): number {
    return this.#streams.unfinished;
  }

  /** Finishes what could not be done while a message was in hand. Undefined when there is nothing to wait for. */
  settle(): Promise<void> | undefined {
    const waiting = this.#lanes.flatMap(lane => lane.settle() ?? []);
    if (waiting.length === 0) return undefined;
    return Promise.all(waiting).then(() => this.#history?.placeFindings());
  }

  /** No frame will come any more: ends all flows. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#decoder.finish();
    for (const flow of this.#flowsByAge()) {
      this.#share?.closing(this.#began[flow]);
      this.#close(flow, 'end of capture');
    }
    this.#streams.finish();
    this.#share?.closed();
  }

  /** Those alive, in the order in which they began, whatever place in the table they have. */
  #flowsByAge(): number[] {
    const flows: number[] = [];
    this.#table.forEach(flow => {
      flows.push(flow);
    });
    return flows.sort((one, other) => this.#began[one] - this.#began[other]);
  }

  /** What is needed to put this share together with the others; undefined where all flows are judged here. */
  shareNotes(): ShareNotes | undefined {
    const share = this.#share;
    if (!share) return undefined;
    if (this.#streams.isCrowded(share.share.of)) share.needsWhole('a bound of streams was hit');
    const { allConnections } = this.#state.options;
    return share.notes({
      mapped: this.#mapped.firsts(),
      listed: this.#findings.size,
      lostPairs: this.#completeness.lostPairs,
      lanes: this.#lanes.map(({ connections, tracker }) => {
        const { closed } = connections;
        // Those that conform are listed where all are, or where nobody can say that they do.
        const plain = allConnections || this.#completeness.isDropping ? closed.plain : [];
        return { closed: { ...closed, plain }, noted: tracker.noted?.() };
      }),
    });
  }

  /** Why the flows of the capture cannot be judged apart, as far as one can tell by now. */
  get needsWhole(): string | undefined {
    return this.#share?.whole;
  }

  /** Where the capture stands, see `ShareLog`. */
  get moment(): number {
    return this.#share?.moment ?? 0;
  }

  /** Some share lacks bytes since that moment. */
  knowsUnseenSince(moment: number): void {
    this.#completeness.knowsUnseenSince(moment);
  }

  /** See `ShareStanding`; undefined where all flows are judged here. */
  get standing(): ShareStanding | undefined {
    const share = this.#share;
    if (!share) return undefined;
    const { moment, unseenSince, presumed } = share;
    return { moment, unseenSince, presumed, listed: this.#findings.size };
  }

  end(): CaptureOutcome {
    this.close();
    const outcome = this.outcome();
    this.#history?.endCapture(outcome.findings);
    return outcome;
  }

  /** The outcome so far. What comes up only at the end of a flow or of the capture is not in it yet. */
  outcome(): CaptureOutcome {
    return withRemarks(this.apart(), key => this.#said.has(key), this.#state.options);
  }

  /** The same without what is said once a run, which is apart. */
  apart(): ApartOutcome {
    const { isDropping, isKnown } = this.#completeness;
    const remarks = this.#lanes
      .flatMap(lane => lane.remarks)
      .sort((one, other) => one.finding.frame - other.finding.frame || one.order - other.order)
      .map((remark, order) => {
        const before = this.#findings.before(remark.finding.frame, remark.order, isDropping, isKnown);
        return { ...remark, order, before };
      });
    const remarked = this.#lanes.map(lane => lane.remarked());
    return { outcome: this.#withoutRemarks(), remarks, remarked };
  }

  #withoutRemarks(): CaptureOutcome {
    const { isDropping, isKnown } = this.#completeness;
    const decoded = this.#decoder.summary();
    return {
      facts: this.#facts,
      messages: this.#delivery.messages,
      lanes: this.#lanes.map((lane, index) => lane.outcome(() => this.#streams.counts(index))),
      findings: this.#findings.take(isDropping, isKnown),
      omittedFindings: this.#findings.omitted(isDropping, isKnown),
      ...(this.#apart && {
        view: {
          found: this.#findings.takeWith(this.#apart, isDropping, isKnown),
          omitted: this.#apart.omitted(isDropping, isKnown),
        },
      }),
      decoded,
      unclaimedDatagrams: this.#datagrams.unclaimed,
      // Those of a connection are claimed when it is over.
      unclaimedSegments: this.#closed ? decoded.tcp - this.#streams.claimedSegments : 0,
      uncutDatagrams: this.#datagrams.uncut,
      evictedFlows: this.#table.evicted,
      overflowedCandidates: this.#datagrams.overflowed + this.#streams.overflowed,
      givenUpHoles: this.#streams.givenUpHoles,
      refusedMessages: this.#streams.refusedMessages,
      unfollowed: this.#streams.unfollowed,
      mapped: this.#mapped.flows(),
    };
  }

  #datagram(packet: Packet, frame: Frame): void {
    const message = this.#message;
    message.assign(packet.bytes, packet.payloadStart, packet.payloadLength, packet.payloadEnd - packet.payloadStart);
    message.position = positionOf(packet.base, packet.payloadStart);
    message.frame = frame.number;
    message.seconds = frame.seconds;
    message.nanoseconds = frame.nanoseconds;
    message.comment = frame.comment;
    this.#datagrams.datagram(packet);
  }

  #isStream(flow: number): boolean {
    return this.#table.transport(flow) === IP_PROTOCOL_TCP;
  }

  #close(flow: number, how: Closing): void {
    if (this.#isStream(flow)) this.#streams.close(flow, this.#now, how);
    else this.#datagrams.close(flow, this.#now, how);
  }

  /** What trackers may ask about a flow. */
  #knownOfFlows(): Flows {
    const table = this.#table;
    const isStream = (flow: number) => this.#isStream(flow);
    const begun = new BegunMessage();
    const begunOf = (flow: number) => {
      const watched = isStream(flow) ? this.#streams.begun(flow) : undefined;
      if (watched) return watched;
      begun.setUnknown(this.#message);
      return begun;
    };
    return {
      copyEndpoint: (flow, side, into) => {
        table.copyAddress(flow, side === 0 ? 0 : 1, into, 0);
        return table.port(flow, side === 0 ? 0 : 1);
      },
      transport: flow => (isStream(flow) ? 'tcp' : 'udp'),
      clientSide: flow => (isStream(flow) ? this.#streams.clientSide(flow) : 0),
      fromStart: flow => isStream(flow) && this.#streams.fromStart(flow),
      spokeBefore: flow => !isStream(flow) && this.#datagrams.spokeBefore(flow),
      begun: begunOf,
      acknowledged: (flow, side) => (isStream(flow) ? this.#streams.facts.acknowledged(flow, side) : -1),
      sent: (flow, side) => (isStream(flow) ? this.#streams.facts.sent(flow, side) : -1),
      stalled: (flow, side, now) => (isStream(flow) ? this.#streams.facts.stalled(flow, side, now) : 0),
      isPassedOn: (flow, side) =>
        this.#facts.eachOnce === true && !isLoopback(table.endpoint(flow, side === 0 ? 0 : 1)),
      finAcknowledged: (flow, side) => isStream(flow) && this.#streams.facts.finAcknowledged(flow, side),
      isRecordedApart: flow => isStream(flow) && this.#streams.facts.isRecordedApart(flow),
    };
  }
}

/** Is it an address that never leaves its host (127.0.0.0/8, ::1)? */
function isLoopback({ family, words }: Endpoint): boolean {
  if (family === 4) return words[0] >>> 24 === 127;
  return words[0] === 0 && words[1] === 0 && words[2] === 0 && words[3] === 1;
}
