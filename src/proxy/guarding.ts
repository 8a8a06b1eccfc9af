/** What guarded flows need of the rest of the proxy, and what they show it. The guard fulfils it (guard.ts). */
import type { Frame } from '../capture/source.ts';
import type { Overseer } from '../faults/passage.ts';
import type { DeedRecord } from '../lint/deed.ts';
import type { Timestamp } from '../lint/finding.ts';
import type { SeenMessage } from '../protocol/protocol.ts';
import type { Side } from './ends.ts';
import type { HeldUnits } from './held-units.ts';
import type { HoldingFlow } from './holds.ts';
import type { LiveCapture } from './live-capture.ts';

/** The two views of the traffic, by the side that had it so. Messages are shown while their frame is handed in. */
export interface Views {
  begin(side: Side, capture: LiveCapture): void;
  frame(side: Side, frame: Frame): void;
  /** Bytes of a message that is not whole yet, in the direction of the last frame; 0 where nobody can cut them. */
  unfinished(side: Side): number;
  onMessage: ((side: Side, seen: SeenMessage) => void) | undefined;
}

export interface Timers {
  /** @returns calls it off */
  after(milliseconds: number, call: () => void): () => void;
  /** Calls all off. */
  clear(): void;
}

/** Called with what the programs of a flow do themselves, before anything is passed on. */
export interface FlowWatch {
  said(flow: number, side: Side, seen: SeenMessage): void;
  ended(flow: number, side: Side): void;
  broken(flow: number, side: Side): void;
  over(flow: number): void;
}

export interface GuardOptions {
  readonly views: Views;
  readonly overseers: readonly Overseer[];
  /** Whether to keep what messages say, for who looks at those that are held. Asked about each unit. */
  readonly keepsMessages: () => boolean;
  /** Bytes that may wait in one direction of a flow, before its sender is made to wait or what it sends is dropped. */
  readonly mostWaiting: number;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  readonly timers: Timers;
  readonly onDeed: (deed: DeedRecord) => void;
  /** So much waited that something was not passed on. */
  readonly onShortage: (message: string) => void;
}

/** A flow whose bytes are being judged. */
export interface JudgedFlow extends HoldingFlow {
  /** A message of what it is saying. */
  seen(seen: SeenMessage): void;
}

/** What a guarded flow asks of the guard. */
export interface Guarding {
  readonly options: GuardOptions;
  readonly overseers: readonly Overseer[];
  readonly holds: HeldUnits;
  readonly watch: FlowWatch | undefined;
  /** Of what was passed on. */
  readonly passedOn: LiveCapture | undefined;
  /** When the first packet was seen. */
  readonly origin: Timestamp;
  /**
   * Takes in one event: all that it leads to at once has one time in both views, so that what is passed on as it came looks the
   * same in both.
   */
  event<T>(work: () => T): T;
  /** A packet of a view. @param isAhead what it shows is not passed on yet */
  show(side: Side, frame: Frame, pair: number, isAhead: boolean): void;
  /** Has what a side says judged: its messages come to `seen` of the flow while `feed` runs. */
  judging(flow: JudgedFlow, side: Side, feed: () => void): void;
  done(record: DeedRecord): void;
  /** The flow is over. */
  forget(flow: JudgedFlow): void;
}
