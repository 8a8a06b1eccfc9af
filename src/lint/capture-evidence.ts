/** What the judge asks about the capture: how much it proves that something was not seen. Answered by src/run/completeness.ts. */
import type { Doubt } from './doubt.ts';

/** What a verdict depends on that may be known only at the capture's end. */
export interface CaptureTrust {
  /** Nothing can be missing. */
  readonly isKnown: boolean;
  /** The capturing host dropped packets. */
  readonly isDropping: boolean;
}

/** How far a capture can be trusted to have seen everything. */
export interface CaptureEvidence extends CaptureTrust {
  /** The order of what was seen proves nothing. */
  readonly isDisordered: boolean;
  /** What a fault in a flow is worth that has just come up and rests on something unseen. */
  standing(flow: number): 'stands' | 'held' | Doubt;
  /** The same of a fault that was held until its connection ended. */
  standingAtEnd(flow: number): 'stands' | Doubt;
  /** The carrier of the flow shows itself what is missing, so that peers need not: TCP numbers its bytes. */
  showsLosses(flow: number): boolean;
  /** The peers of a flow have shown that the capture missed a message of it. */
  missed(flow: number): void;
  /** What casts doubt on a flow. @param ended both directions have had their chance to speak */
  doubtOf(flow: number, ended: boolean): Doubt | undefined;
}

/** Believes in everything, as of a source that is known to be complete. */
export const COMPLETE: CaptureEvidence = {
  isKnown: true,
  isDropping: false,
  isDisordered: false,
  standing: () => 'stands',
  standingAtEnd: () => 'stands',
  showsLosses: () => true,
  missed: () => undefined,
  doubtOf: () => undefined,
};
