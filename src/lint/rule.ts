/**
 * A rule is a document: one requirement of a specification under a stable id, with its clause, why it matters and an
 * example. `wirelint rules ID` prints it and reports link it. Most rules also carry their check; the others are named
 * by an illegal cell of the state machine, or reported by the tracker when something never came.
 *
 * A check looks at one message in its connection and answers with an outcome; it changes nothing and builds nothing.
 * Only when the answer is `BROKEN` and the finding will be listed is `describe` asked for words and bytes.
 */

import type { Cited, Clause } from './clause.ts';

export type Severity = 'error' | 'warning' | 'info';
export type SeveritySetting = Severity | 'off';
export const SEVERITIES: readonly Severity[] = ['error', 'warning', 'info'];

/** The rule does not apply to this message: nothing is counted. */
export const SKIP = 0;
export const PASS = 1;
export const BROKEN = 2;
/** It applies, but what it needs was not seen (capture began too late, lost bytes, a bound was hit). */
export const INCONCLUSIVE = 3;
export type Outcome = 0 | 1 | 2 | 3;

/**
 * What a later message says of a finding that is held: nothing yet, that it stands, or that the capture missed something; or that
 * it stands unless a message yet to come shows what was missed, whatever the silence after it may say.
 */
export const UNDECIDED = 0;
export const STANDS = 1;
export const EXCUSED = 2;
export const DENIED = 3;
export type Later = 0 | 1 | 2 | 3;

/** A finding that waits for what the conversation says of it. */
export interface Held {
  /** Slot of its connection, frame of its message, and end of the flow (0 or 1) that sent it. */
  readonly connection: number;
  readonly frame: number;
  readonly side: number;
  /** What `describe` wanted to be remembered. */
  readonly facts: readonly number[];
}

/** All there may be to remark: every check is asked. */
export const ALL_REMARKS = -1;

/**
 * Who broke it. `sender` and `receiver` are those of the message the finding stands on; a rule about something that
 * never came blames the receiver of the message that was left waiting.
 */
export type AtFault = 'sender' | 'receiver' | 'none';

/**
 * What a finding rests on, and so what a capture that missed something may excuse. `bytes`: this message alone; nothing
 * excuses it. `seen`: a contradiction between messages that were both seen; their order may excuse it, a loss does not.
 * `unseen`: something that should have come before, or at all, was not seen; whatever the capture may have missed
 * excuses it.
 */
export type Basis = 'bytes' | 'seen' | 'unseen';
export const BASES: readonly Basis[] = ['bytes', 'seen', 'unseen'];

/** What a finding says beyond its rule. */
export interface Evidence {
  /** One sentence in the words of this case, starting in lower case. */
  readonly message: string;
  readonly expected: string;
  readonly actual: string;
  /** The offending bytes, from the start of the message; absent when no bytes are to blame. */
  readonly bytes?: { readonly offset: number; readonly length: number };
  readonly relatedFrames?: readonly number[];
  /** Number of another connection that these words name, as `connection 12`: it grows where captures are put together. */
  readonly mentions?: number;
  /** What `Rule.later` has to know of it, if the finding is held. */
  readonly facts?: readonly number[];
}

/** A dialect option of the protocol has this value, or one of these. */
export interface Condition {
  readonly option: string;
  readonly value: string | readonly string[];
}

/** What may come of a rule that is not asked. */
export type Unasked = typeof SKIP | typeof PASS;

export interface RuleDocument extends Cited {
  /** `protocol/kebab-case`; never renamed once released. */
  readonly id: string;
  readonly severity: Severity;
  /** In force only under such a dialect, whatever severity the user gives it. */
  readonly onlyIf?: Condition;
  /** Its severity under such a dialect. One that the user gives goes before it. */
  readonly severityIf?: Condition & { readonly severity: Severity };
  /** In force only where the user gives it a severity. */
  readonly offByDefault?: boolean;
  readonly atFault: AtFault;
  readonly restsOn: Basis;
  /**
   * Judged too in a connection whose beginning was not seen. Of a rule that rests on what was seen: its two messages are
   * all it needs. Of one that blames no one: it says how the traffic was read.
   */
  readonly midstream?: boolean;
  /** Name of the specification, where it is not the protocol's: a carrier's. */
  readonly specification?: string;
  /** Where in the specification: `COOKIE, Expiration`; of a specification with several editions, where in each. */
  readonly clause: string | readonly Clause[];
  /** What the specification requires there, as `Clause.says`; in a list each clause has its own. */
  readonly says?: string;
  /** One line, no full stop: what is reported. */
  readonly summary: string;
  /** Why it matters to people who run the protocol. */
  readonly why: string;
  /** A short conversation or message that breaks it. */
  readonly example: string;
}

export interface Rule<Context> extends RuleDocument {
  /** Names of the messages that `check` looks at; absent for rules of the machine and the tracker. */
  readonly on?: readonly string[];
  /**
   * `form`: about the message alone; a message that breaks one is malformed and moves nothing. `content`: all else.
   */
  readonly phase?: 'form' | 'content';
  readonly check?: (context: Context) => Outcome;
  /**
   * What must be remarkable about a message for the check to be asked, as a mask of the protocol's own bits; a message
   * without any of them has the outcome `otherwise`. Most messages are ordinary, and then no check is called at all.
   * It must not change what comes out, only how fast: absent, the check is asked each time. Where the outcome depends on
   * other remarks, `otherwise` is a function of them.
   */
  readonly when?: number;
  readonly otherwise?: Unasked | ((remarks: number) => Unasked);
  /** Said once a run, however often it is broken: how the traffic is read, not what is wrong with it. */
  readonly isSaidOnce?: boolean;
  /** Words for a broken check, or for a step that the state machine names illegal. */
  readonly describe?: (context: Context) => Evidence;
  /** What the fault at hand rests on, where that is not the same for all faults of the rule. */
  readonly restsOnHere?: (context: Context) => Basis;
  /** Its severity, where that is not the same for all faults of the rule. A severity that the user gives goes before it. */
  readonly severityHere?: (context: Context) => Severity;
  /**
   * The edition whose clause holds for the fault at hand, where the rule cites several. Where this is undefined, or there
   * is no context, as of what a tracker reports by itself, it is that of the subject; a finding cites all clauses where
   * it is unknown, or none of them is of it.
   */
  readonly editionHere?: (context: Context) => string | undefined;
  /**
   * Of a rule that rests on what was not seen, or on a contradiction that a missed message would explain: asked, after each later message of the flow was taken in, about a finding
   * that is held. It stands when the missing message comes after all or the peer refuses; it is excused when both ends
   * go on as if that message had been there. What stays undecided stands when the flow ends.
   */
  readonly later?: (context: Context, held: Held) => Later;
  /**
   * The same when its connection ends and nothing has decided it: what the silence since and the conversation as a whole
   * show. The context is that of the last message. It stands where this is absent.
   */
  readonly atEnd?: (held: Held, context: Context | undefined) => Later;
  /** What the frame does that was excused: `acknowledges bytes that were not captured`. */
  readonly excuse?: string;
}
