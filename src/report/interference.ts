/**
 * What the proxy has done on purpose to what passed, and how the peers took it, as plain data in the report of a run. Who
 * does it enters it; reports read it, and none of it counts in a verdict. Counts are exact, the listings bounded.
 */
import type { Decision, DeedKind } from '../lint/deed.ts';
import type { Timestamp } from '../lint/finding.ts';

/** Deeds and reactions that are listed; what is beyond is counted. */
export const MOST_DEEDS = 1_000;
export const MOST_REACTIONS = 1_000;
/** Messages that are named of one reaction. */
export const MOST_NAMED = 8;

/** How often one cause has led to one kind of deed. */
export interface DeedCount {
  /** What the user asked for: `drop=5%`, `drop if type == COOKIE-ACK nth=1`. Untrusted text, as all of these. */
  readonly cause: string;
  readonly by: Decision['by'];
  readonly deed: DeedKind;
  readonly count: number;
}

/** Something that was done. */
export interface DoneDeed {
  /** Number in the recording of the first packet of what was passed on or, where nothing was, of the
   * next one, whose comment tells of it. */
  readonly frame: number;
  readonly time: Timestamp;
  /** Number of the connection in this run, where one is known. */
  readonly connection?: number;
  /** Printed endpoints: its sender and its receiver. */
  readonly from: string;
  readonly to: string;
  /** Name of the message, or of the first of several; empty for what is no known message. */
  readonly messageName: string;
  readonly deed: DeedKind;
  readonly cause: string;
  /** What was different: `mnet.acknowledged = 9999 (was 17)`; empty for most. */
  readonly note: string;
}

/** How a peer answered something that breaks a rule. */
export type ReactionKind = 'ignored' | 'aborted' | 'closed' | 'refused' | 'went on';

/** What a peer did when it was given something that breaks a rule. */
export interface Reaction {
  /** Id of the rule. */
  readonly rule: string;
  readonly cause: string;
  /** Number in the recording of what it was given. */
  readonly frame: number;
  /** Number of the connection in this run. */
  readonly connection: number;
  readonly reaction: ReactionKind;
  /** Printed endpoint of the peer. */
  readonly by: string;
  /** Names of the messages that it sent next, the first of them. */
  readonly messages: readonly string[];
}

export interface Interference {
  /** By which all that was left to chance can be done again; absent where nothing was. */
  readonly seed?: number;
  /** By cause and kind of deed, in the order in which they first came up. */
  readonly faults: readonly DeedCount[];
  /** The first of all deeds. */
  readonly deeds: readonly DoneDeed[];
  readonly reactions: readonly Reaction[];
  /** Not listed because a bound was hit. */
  readonly omitted: { readonly deeds: number; readonly reactions: number };
}
