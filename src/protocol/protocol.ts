/**
 * What a protocol is to the engine: the contract that `defineProtocol` fulfils for whatever it is given, and that the
 * loader checks of each folder's default export. Authors say what they have in a `ProtocolSpec` (define/spec.ts).
 *
 * The engine knows protocols only through this. It finds the flow, cuts messages out of the carrier and hands each one
 * to the protocol's tracker; the tracker dissects it through the layouts, moves the state machine, and lets the judge
 * run the rules. Nothing here knows where packets come from.
 */

import type { Dialect, DialectOption } from '../dialect.ts';
import type { Begun } from '../framing/begun.ts';
import type { Framing, Opening } from '../framing/framing.ts';
import type { Finding } from '../lint/finding.ts';
import type { Judge } from '../lint/judge.ts';
import type { Rule } from '../lint/rule.ts';
import type { Layout } from '../wire/layout.ts';
import type { Message } from '../wire/message.ts';
import type { AcrossFlows, Joint } from './across.ts';
import type { ConnectionLog } from './connections.ts';
import type { BoundName, Limits } from './limits.ts';
import type { Machine, MachineRun } from './machine.ts';
import type { Replaying } from './replay.ts';
import type { Statement } from './statements.ts';

export type Transport = 'udp' | 'tcp';

export interface Carrier {
  readonly transport: Transport;
  /**
   * What cuts the carrier's bytes into messages: `datagram` on udp; on tcp the name of a ready framing (`length16`,
   * `lines`; framing/ready.ts), the id of a protocol that lends its own, which may be this one, or a framing itself. The
   * rules of that one are ready ones or the protocol's own.
   */
  readonly framing: string | Framing;
  /**
   * On tcp: framings with which a direction may go on between two messages (HTTP that becomes WebSocket); which of them is in
   * force the tracker says (`Tracker.framingOf`). Such a protocol is followed from the beginning of a connection, and up to
   * the first loss: nobody knows afterwards by which framing its sides go on.
   */
  readonly later?: readonly (string | Framing)[];
  /**
   * Longest message in bytes, without what the framing hides; the framing's own bound if absent, and never above it.
   */
  readonly longest?: number;
  /**
   * Bytes of a message that the protocol is shown, without what the framing hides; all if absent. A longer one comes with
   * so many bytes captured, its true length and `skipped`, and the rest is not kept: its head is judged and its body let
   * go. At least the fixed part of every layout. Where only its end tells how long a message is, it is held up to there.
   */
  readonly keep?: number;
  /** The protocol is carried so only where this dialect option has this value. */
  readonly onlyIf?: { readonly option: string; readonly value: string };
}

/** Name under which rules ask for messages whose type the layouts do not have. */
export const UNKNOWN_MESSAGE = 'unknown type';

/** `more`: not clear yet; the engine keeps what has come (bounded) and asks again with more. */
export type Recognition = 'yes' | 'no' | 'more';

/** A datagram, and the end of its flow that sent it: 0 for the one that sent the first. */
export interface Datagram {
  readonly side: number;
  readonly message: Message;
}

/** What the engine knows of a flow. */
export interface Flows {
  /** Writes the four address words of an end (0 or 1) into `into`, and returns its port. */
  copyEndpoint(flow: number, side: number, into: Uint32Array): number;
  transport(flow: number): Transport;
  /** The end that opened the flow: the client of a TCP connection; elsewhere, and midstream, the one that spoke first. */
  clientSide(flow: number): number;
  /**
   * Whether the beginning of the flow was seen: the handshake of a TCP connection. On UDP nothing marks a beginning but
   * the protocol's own messages, and the answer is always false.
   */
  fromStart(flow: number): boolean;
  /**
   * Whether the two ends may have exchanged datagrams before the first one that was handed on, which no protocol
   * claimed: the first one then need not be the first of a session. On TCP see `fromStart`.
   */
  spokeBefore(flow: number): boolean;

  // What TCP itself shows of a stream. Offsets count the bytes of a direction from its first one, those that were not
  // captured and those of a preface among them; SYN and FIN do not count.

  /**
   * Where the message in hand begins; right while `Tracker.message` or `carried` runs, and reused. Elsewhere than on streams
   * of a protocol that says `watchesTcp`: when the message came, and -1 for what is not known.
   */
  begun(flow: number): Begun;
  /** Bytes of this side that the other one has acknowledged so far; -1 where that is not known, as on UDP. */
  acknowledged(flow: number, side: number): number;
  /** Bytes that this side is known to have sent so far, also those that wait for earlier ones; -1 on UDP. */
  sent(flow: number, side: number): number;
  /**
   * Seconds up to `now`, capture time, in which this side could not be expected to speak: bytes of either side waited for
   * their acknowledgement, or the other side's window was closed. Never goes back: what counts is how much it has grown.
   * Elsewhere than on streams of a protocol that says `watchesTcp` it stands at 0.
   */
  stalled(flow: number, side: number, now: number): number;
  /**
   * The acknowledgements of this side are a proxy's: what they cover was passed on to it, and may be on its way still. Not
   * where it is on the proxy's own host, as there is no way between.
   */
  isPassedOn(flow: number, side: number): boolean;
  /** This side has sent a FIN and the other one was seen to acknowledge it; what comes when both have ended is not looked at. */
  finAcknowledged(flow: number, side: number): boolean;
  /** The capture shows bytes after the frame that acknowledges them: the order between the two sides is not certain. */
  isRecordedApart(flow: number): boolean;
}

/**
 * How a flow came to its end: both streams did (FIN), it was reset, another connection began in its place, it was given up
 * (idle, or a bound was hit) and may go on, or the capture ended first.
 */
export type Closing = 'ended' | 'reset' | 'restarted' | 'given up' | 'end of capture';

/** Services the engine gives to a tracker. */
export interface TrackerHost<Context> {
  readonly judge: Judge<Context>;
  /** Run of the protocol's machine in this capture; coverage and the tallies of its rules are read from it. */
  readonly machineRun: MachineRun;
  readonly connections: ConnectionLog;
  readonly flows: Flows;
  readonly dialect: Dialect;
  /**
   * Whether a connection may be met in mid-conversation. `never`, where the user asked for it, becomes `auto` once a
   * flow was given up: what it says later has a beginning that was seen, and forgotten.
   */
  readonly midstream: 'auto' | 'never';
  readonly limits: Limits;
  /**
   * A bound was hit, and something was forgotten or not taken in: counted, and reported once a run. Names a limit, or,
   * where none means what is bounded, the tracker's own constant with its value: `limitHit('history=1000')`.
   */
  limitHit(bound: BoundName): void;
  /** Seed for the tables whose keys peers choose. */
  readonly seed: number;
  /** Set where only some flows of the capture are judged here: what is kept beyond a pair of hosts is told to it. */
  readonly across?: AcrossFlows | undefined;
}

/** A message that came before, as what answers it refers to it. The number of a frame would not do: it may hold several. */
export interface EarlierMessage {
  /** `Message.ordinal` of it. */
  readonly ordinal: number;
  /** Frame in which it was complete, and its time. */
  readonly frame: number;
  readonly seconds: number;
  readonly nanoseconds: number;
  /** Its own side goes on with it, or sends it again in a later connection; absent where the other side answers it. */
  readonly isContinued?: boolean;
}

/**
 * Follows all connections of one protocol in one capture. Called synchronously, in the order of the capture; the
 * message view is reused and must not be kept.
 */
export interface Tracker {
  /**
   * One message on a flow, from its end 0 or 1. Sets `message.littleEndian` once it knows.
   * @returns the slot of the connection that the message belongs to
   */
  message(flow: number, side: number, message: Message): number;
  /** The flow is over: idle, evicted, reset, both streams at their end, or the capture is. `now`: capture time in seconds. */
  close(flow: number, now: number, how: Closing): void;
  /**
   * On streams: the connection that something about the carrier belongs to (a message of the framing's own, bytes that
   * contradict each other, a message too long); opened if there is none. The view is set to the message, or to what
   * there is of it.
   */
  carried?(flow: number, side: number, message: Message): number;
  /**
   * On streams: what the framing finds wrong with this side's bytes breaks nothing, as they carry something else, or nobody
   * has to read them any more.
   */
  excusesCarrier?(flow: number, side: number): boolean;
  /**
   * On streams: bytes of this side were lost to the capture, and with them messages. The next message, if there is one
   * (see `Protocol.resync`), is whole again. What was cut in the middle comes as a message whose `captured` is short.
   */
  lost?(flow: number, side: number, now: number): void;
  /**
   * On streams of a carrier with `later`: what cuts the next bytes of this side, 0 for the carrier's `framing`, from 1 on for
   * those in `later`, `HELD` where that is not known yet: they wait, up to 64 KiB. Asked of both sides after each message.
   */
  framingOf?(flow: number, side: number): number;
  /** On streams: this side has ended in order (FIN); nothing follows from it. */
  ended?(flow: number, side: number, now: number): void;
  /** On streams: this side has reset the connection (RST); `close` follows. */
  reset?(flow: number, side: number, now: number): void;
  /**
   * On streams of a protocol that says `watchesTcp`: the other end has acknowledged the first `bytes` bytes of this side,
   * more than before, or its FIN behind them. Called between messages, before those that the acknowledging segment brings.
   */
  acknowledged?(flow: number, side: number, bytes: number, now: number): void;
  /** On streams: from here on `Flows.isRecordedApart` holds. Called once a flow. */
  apart?(flow: number, now: number): void;
  /** Finishes what could not be done while a message was in hand (signatures); called between messages, awaited. */
  settle?(): Promise<void>;
  /** State of a connection, for people. */
  state(slot: number): string;
  /**
   * Where an end of the flow stands, as an index into the machine's states. Absent: where the connection does, for
   * trackers whose machine has one state for both.
   */
  stateOf?(slot: number, side: number): number;
  /** Was the message last handed in sent before: a retransmission, or a doubled or late datagram? */
  readonly repeated?: boolean;
  /**
   * The earlier message that the one last handed in answers (a request) or continues, of whichever connection; undefined
   * where there is none, or which one is not known. For display; may be reused.
   */
  readonly answers?: EarlierMessage | undefined;
  /** The layout and name of the message last handed in, for display. */
  readonly layout: Layout | undefined;
  readonly messageName: string;
  /** What `auto` options settled on in this capture: option -> values found. */
  settled(): ReadonlyMap<string, readonly string[]>;
  /** Messages handed in, by name. */
  messageCounts(): ReadonlyMap<string, number>;
  /** At the end of a capture of which only some flows were judged: what `Protocol.join` needs, as plain data. */
  noted?(): unknown;
}

/** A way to break a rule on purpose, by changing what one side of a running conversation says. */
export interface Provocation {
  /** Its id. */
  readonly rule: string;
  /** What is done, as `--fault` spells it; all of it. */
  readonly faults: readonly string[];
  /** What the conversation must have for it, where that is more than its messages: `a subscription`. */
  readonly needs?: string;
}

/** Messages by which a side of the protocol says that it will not go on. */
export interface Refusals {
  /** Is this one? */
  isOne(seen: SeenMessage): boolean;
  /** What the receiver of this message would send to refuse it, as it stands on the wire; undefined where there is no way. */
  of?(seen: SeenMessage): Uint8Array | undefined;
}

export interface Protocol<Context = unknown> {
  /** Folder name and prefix of the rule ids. */
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  /** Name of the specification, as findings cite it. */
  readonly specification: string;
  readonly carriers: readonly Carrier[];
  /** One line: how the protocol is recognised without a port mapping. */
  readonly recognition: string;
  readonly dialect: readonly DialectOption[];
  readonly layouts: readonly Layout[];
  readonly machine: Machine;
  readonly rules: readonly Rule<Context>[];
  /** The numbered statements of the specification, in its order, edition by edition; absent where it numbers none. */
  readonly statements?: readonly Statement[];
  /** Words of state that the tracker keeps in each connection's row (`ConnectionLog.rows`); none if absent. */
  readonly rowWords?: number;
  /**
   * Its tracker looks at what TCP shows of its streams: `Flows.begun` and `stalled`, `Tracker.acknowledged`. Costs
   * something for each of their segments, and nothing for those of other protocols.
   */
  readonly watchesTcp?: boolean;
  /**
   * Flows between different pairs of hosts may be judged apart: its tracker keeps nothing beyond a pair, or tells
   * `TrackerHost.across`. Absent: a capture in which it is spoken is judged as a whole.
   */
  readonly isDivisible?: boolean;
  /**
   * The field by which its messages are distinguished best, as filters name it after the protocol: `topic`, `file.name`. What
   * the terminal UI counts by first; by message if absent.
   */
  readonly countBy?: string;
  /**
   * Of what its trackers have noted of each part of a capture (`Tracker.noted`): what the parts do not simply add up to.
   * @returns undefined where the capture must be judged as a whole
   */
  join?(noted: readonly unknown[]): Joint | undefined;
  /** What is another in every conversation, for `wirelint replay`; all is taken as recorded if absent. */
  readonly replay?: Replaying;
  /** The framing that this protocol, being a carrier itself, lends to others under its id. */
  readonly framing?: Framing;
  /**
   * Do these first datagrams of a flow open a conversation of this protocol? Looks, keeps nothing. Absent: not
   * recognised by content.
   */
  recognise?(datagrams: readonly Datagram[]): Recognition;
  /**
   * Datagrams: the sender's network card may cut a datagram into messages after it was captured (UDP segmentation
   * offload). Where several whole messages follow each other at equal distances, the last perhaps shorter, and that
   * cannot be one message with a fault: their distance; else 0. Asked for every datagram. Absent: each is one message.
   */
  segmentLength?(message: Message): number;
  /**
   * Do the first bytes of a TCP connection, after the framing's preface, open one? Absent: not recognised by content.
   */
  recogniseStream?(opening: Opening): Recognition;
  /**
   * Asked at the start of each segment after bytes were lost: does a message begin at `at`, beyond doubt? Absent: what
   * follows a loss that swallowed a boundary is given up.
   */
  resync?(bytes: Uint8Array, at: number, end: number): boolean;
  /** The state of a connection whose ends are in these states of the machine; the further one if absent. */
  stateOfBoth?(client: number, server: number): number;
  /**
   * What fields must say of the rest of their message, by name: lengths that neither a table nor the framing knows, checksums.
   * For those who change messages or make them; the engine never asks. A field that said what it must is given its new value
   * when the message was changed; one that the message has not is left out. Absent: there are none.
   */
  mended?(message: Message, layout: Layout): Readonly<Record<string, number | string>>;
  /**
   * What fields of a message of this layout always say, or nearly always, by name: a magic, a version, reserved bits. For those
   * who make messages, where they do not set them; the engine never asks. Absent: nothing is known, and they are 0 or empty.
   */
  usual?(layout: Layout): Readonly<Record<string, number | string>>;
  /** Says why settings that each fit do not fit together, or nothing. */
  dialectProblem?(dialect: Dialect): string | undefined;
  /**
   * What Wireshark's dissector of this protocol calls fields, with our name for each, both without the protocol:
   * `{ clientid: 'clientIdentifier' }`. Filters take either.
   */
  readonly wiresharkNames?: Readonly<Record<string, string>>;
  /** How its rules can be broken on purpose, to see what a peer does. */
  readonly provocations?: readonly Provocation[];
  /** How a side says that it will not go on, where the protocol has a way. */
  readonly refusals?: Refusals;
  /** @param message the view that messages will be handed in */
  createTracker(host: TrackerHost<Context>, message: Message): Tracker;
}

/** A protocol of any context, as lists hold it. */
// biome-ignore lint/suspicious/noExplicitAny: the context type is the protocol's own affair past this seam
export type AnyProtocol = Protocol<any>;

/** How a message was cut out of its stream. */
export interface Cut {
  /** Where it stood in its direction, what the framing hides of it included; reused. */
  readonly begun: Begun;
  readonly framing: Framing;
}

/** What one message turned out to be; reused, strings are built when asked for. */
export interface SeenMessage {
  readonly message: Message;
  readonly layout: Layout | undefined;
  readonly name: string;
  readonly protocol: string;
  /** Number of its connection in this run, from 1. */
  readonly connection: number;
  readonly capture: number;
  /** Of a stream, in a run that locates its messages. */
  readonly cut?: Cut | undefined;
  readonly from: string;
  readonly to: string;
  readonly clientToServer: boolean;
  /** State of the connection after the message. */
  readonly state: string;
  /** The earlier message that it answers or continues. */
  readonly answers?: EarlierMessage | undefined;
  /** It was sent before: a retransmission, or a doubled or late datagram. Known only while it passes. */
  readonly repeated?: boolean;
  /** Later messages that answer or continue it: known only to who looks back. */
  readonly answeredBy?: readonly EarlierMessage[];
  /** Findings that came up with this message; they may stand on earlier frames. */
  readonly findings: readonly Finding[];
  /** Those of them that are held: what follows tells whether they stand. */
  readonly held?: ReadonlySet<Finding>;
}
