/** What a command and those who judge captures for it, in threads or on other machines, say to each other. */
import type { AnalysisSettings } from '../analysis.ts';
import type { RecordedShare } from '../blob/recorder.ts';
import type { EngineOptions } from '../run/options.ts';
import { type FlowShare, MOST_SHARES } from '../run/share.ts';

/** What all captures of a run have in common. Plain data, so that it can be written down. */
export interface JudgingSetup {
  readonly settings: AnalysisSettings;
  /** See `CaptureLayers`. */
  readonly common: AnalysisSettings;
  readonly listing: Pick<EngineOptions, 'maxFindings' | 'allConnections' | 'statements'>;
  readonly reader: 'wirelint' | 'pcap-parser';
  readonly sort: boolean;
  /** A report shows what was said around findings. */
  readonly showsConversations: boolean;
  /** Connections are shown as they come and go. */
  readonly hasConnections: boolean;
}

/** What a thread gets with each capture. */
export interface JudgingOrder {
  readonly setup: JudgingSetup;
  /** Folders of the protocols that are not built in: the same in each order. */
  readonly plugins: readonly string[];
  readonly task: JudgingTask;
  /** Where the capture is, if not where its path says. */
  readonly place?: string;
  /** `SHARED` numbers of 64 bits. */
  readonly shared: SharedArrayBuffer;
  /** Of a share: all shares of the capture are judged at once, and share that memory. */
  readonly isTogether?: boolean;
}

/**
 * Places in the shared memory: the wish to stop, what all threads have read, that the shares at hand are of no use, of shares that
 * are to stop, how many have said how far they are and how far the furthest one is, how many have read all, and of each share
 * `STANDING` numbers (common-standing.ts).
 */
export const STOP = 0;
export const PACKETS = 1;
export const BYTES = 2;
export const USELESS = 3;
export const ARRIVED = 4;
export const FURTHEST = 5;
export const HAS_READ_ALL = 6;
export const STANDINGS = 7;
export const STANDING = 4;
export const SHARED = STANDINGS + MOST_SHARES * STANDING;

/** A capture to judge. */
export interface JudgingTask {
  readonly index: number;
  readonly path: string;
  /** Its own settings, where it has some. */
  readonly own?: AnalysisSettings | undefined;
  /** Only these of its flows; absent, all. */
  readonly part?: FlowPart | undefined;
}

/** Some flows of a capture, and what is known of the others: see `EngineOptions`. */
export interface FlowPart {
  readonly share: FlowShare;
  readonly unseenSince?: number | undefined;
}

/**
 * What came of it: a line of a blob, or why there is none. `stopped`: the user wanted to stop before it was begun; with a reason,
 * before there was something to report. Where flows are divided: what puts them together, or why they cannot be.
 */
export type Judged =
  | { readonly kind: 'captured'; readonly line: string; readonly recorded?: RecordedShare | undefined }
  | { readonly kind: 'whole'; readonly reason: string }
  | { readonly kind: 'unreadable'; readonly reason: string }
  | { readonly kind: 'fault'; readonly fault: Fault }
  | { readonly kind: 'stopped'; readonly reason?: string };

/** An error on its way to the thread that reports it, where its class would be lost. */
export interface Fault {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  readonly code: string | undefined;
  readonly cause: Fault | undefined;
}

export function faultOf(error: unknown): Fault {
  const { name, message, stack, cause } = error instanceof Error ? error : new Error(`${String(error)} was thrown`);
  const { code } = Object(error) as { code?: unknown };
  return {
    name,
    message,
    stack: String(stack),
    code: typeof code === 'string' ? code : undefined,
    cause: cause === undefined ? undefined : faultOf(cause),
  };
}
