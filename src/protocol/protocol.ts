/**
 * What a protocol is: the contract that every folder in dissectors/ fulfils with its default export.
 *
 * The engine knows protocols only through this. It finds the flow, cuts messages out of the carrier and hands each one
 * to the protocol's tracker; the tracker dissects it through the layouts, moves the state machine, and lets the judge
 * run the rules. Nothing here knows where packets come from.
 */
import type { Finding } from '../lint/finding.ts';
import type { Judge } from '../lint/judge.ts';
import type { Rule } from '../lint/rule.ts';
import type { Layout } from '../wire/layout.ts';
import type { Message } from '../wire/message.ts';
import type { ConnectionLog } from './connections.ts';
import type { Dialect, DialectOption } from './dialect.ts';
import type { Limits } from './limits.ts';
import type { Machine, MachineRun } from './machine.ts';

export interface Carrier {
  readonly transport: 'udp';
  /** What cuts the carrier's bytes into messages. */
  readonly framing: 'datagram';
}

/** Name under which rules ask for messages whose type the layouts do not have. */
export const UNKNOWN_MESSAGE = 'unknown type';

/** `more`: cannot be told yet; the engine keeps the datagram (bounded) and asks again with the next. */
export type Recognition = 'yes' | 'no' | 'more';

/** Where the flow's two ends are; the engine's, read by trackers that compare addresses. */
export interface FlowAddresses {
  /** Writes the four address words of an end (0 or 1) into `into`, and returns its port. */
  copyEndpoint(flow: number, side: number, into: Uint32Array): number;
}

/** Services the engine gives to a tracker. */
export interface TrackerHost<Context> {
  readonly judge: Judge<Context>;
  /** Run of the protocol's machine in this capture; coverage and the tallies of its rules are read from it. */
  readonly machineRun: MachineRun;
  readonly connections: ConnectionLog;
  readonly flows: FlowAddresses;
  readonly dialect: Dialect;
  /**
   * Whether a connection may be met in mid-conversation. `never`, where the user asked for it, becomes `auto` once a
   * flow was given up: what it says later has a beginning that was seen, and forgotten.
   */
  readonly midstream: 'auto' | 'never';
  readonly limits: Limits;
  /** Seed for the tables whose keys peers choose. */
  readonly seed: number;
  /** True the first time in this run that it is asked for this key. */
  once(key: string): boolean;
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
  /** The flow is given up: idle, evicted, or the capture's end. `now` is capture time in seconds. */
  close(flow: number, now: number): void;
  /** State of a connection, for people. */
  state(slot: number): string;
  /** The layout and name of the message last handed in, for whoever wants to show it. */
  readonly layout: Layout | undefined;
  readonly messageName: string;
  /** What `auto` options settled on in this capture: option -> values found. */
  settled(): ReadonlyMap<string, readonly string[]>;
  /** Messages handed in, by name. */
  messageCounts(): ReadonlyMap<string, number>;
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
  /** Words of state that the tracker keeps in each connection's row (`ConnectionLog.rows`); none if absent. */
  readonly rowWords?: number;
  /** Do these first datagrams of a flow open a conversation of this protocol? Looks, keeps nothing. */
  recognise(datagrams: readonly Message[]): Recognition;
  /** Says why settings that each fit do not fit together, or nothing. */
  dialectProblem?(dialect: Dialect): string | undefined;
  /** @param message the view that messages will be handed in */
  createTracker(host: TrackerHost<Context>, message: Message): Tracker;
}

/** A protocol of any context, as lists hold it. */
// biome-ignore lint/suspicious/noExplicitAny: the context type is the protocol's own affair past this seam
export type AnyProtocol = Protocol<any>;

/** What one message turned out to be; reused, strings are built when asked for. */
export interface SeenMessage {
  readonly message: Message;
  readonly layout: Layout | undefined;
  readonly name: string;
  readonly protocol: string;
  /** Number of its connection in this run, from 1. */
  readonly connection: number;
  readonly capture: number;
  readonly from: string;
  readonly to: string;
  readonly clientToServer: boolean;
  /** State of the connection after the message. */
  readonly state: string;
  /** Findings that came up with this message; they may stand on earlier frames. */
  readonly findings: readonly Finding[];
}
