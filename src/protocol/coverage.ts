/**
 * How much of a state machine a run has seen, as plain data: states, moves and legal steps, each with how often. The
 * machine counts it, reports print and draw it.
 */

/** A legal step of a side that sends something. */
export interface Step {
  readonly role: string;
  readonly state: string;
  readonly event: string;
  /** Where what is legal depends on what was sent before: in words. */
  readonly condition: string | null;
  readonly next: string;
  /** How often it was taken. */
  readonly taken: number;
}

/** A way of a side from one state to another. */
export interface Move {
  readonly role: string;
  readonly from: string;
  readonly to: string;
  readonly taken: number;
}

export interface MachineCoverage {
  /** States that some side was in. */
  readonly states: readonly string[];
  /** By state: how many messages were sent in it, legal or not. */
  readonly sentIn: Readonly<Record<string, number>>;
  /** By role, what led from one state to another, by sending or by receiving, and how often: those that were taken. */
  readonly moves: readonly Move[];
  /** Legal steps of senders that were taken at least once, of how many there are. */
  readonly transitions: { readonly exercised: number; readonly total: number };
  /** All of them. */
  readonly steps: readonly Step[];
}
