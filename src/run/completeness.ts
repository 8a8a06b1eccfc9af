/**
 * What speaks for and against a capture having seen everything. A source that is known to be complete is believed; any
 * other is presumed complete until something speaks against it: dropped packets, time stamps that run backwards, a
 * fragment whose datagram never became whole, a TCP acknowledgement of bytes that no segment carried, a flow with one
 * direction only. What belongs to a flow casts doubt on it alone; the rest does on the whole capture, from then on.
 */
import type { CaptureFacts } from '../capture/source.ts';
import type { CaptureEvidence } from '../lint/capture-evidence.ts';
import type { Doubt } from '../lint/doubt.ts';
import { withRoomFor } from '../storage/records.ts';
import type { ShareLog } from './share-log.ts';

/** What the user says of the captures: all is there, signs decide, or packets are missing. */
export type CaptureMode = 'complete' | 'auto' | 'lossy';

/** Pairs of hosts that lost a fragment. Beyond it every flow is doubted. */
export const MOST_PAIRS = 4_096;

export interface FlowEnds {
  /** Is the flow a TCP connection? */
  isStream(flow: number): boolean;
  /** Which ends of a flow have sent anything: bit 0 for its end 0, bit 1 for its end 1. */
  spoke(flow: number): number;
  /** The four address words of an end (0 or 1) of a flow, into `into`. */
  copyAddress(flow: number, side: number, into: Uint32Array): void;
}

const BOTH = 3;
/** Marks of a flow: it lacks bytes that were acknowledged; its peers go on from a message that was not captured. */
const GAP = 1;
const MISSED = 2;

export class Completeness implements CaptureEvidence {
  /** A TCP connection lacks bytes that were acknowledged: the frame that showed it; 0 for none. */
  unseenBytesFrame = 0;
  readonly #mode: CaptureMode;
  readonly #facts: CaptureFacts;
  readonly #flows: FlowEnds;
  #marks: Uint8Array<ArrayBuffer> = new Uint8Array(64);
  readonly #pairs = new Set<string>();
  readonly #first = new Uint32Array(4);
  readonly #second = new Uint32Array(4);
  /** Where only some flows are judged here, and since when another share is known to lack acknowledged bytes. */
  #share: ShareLog | undefined = undefined;
  #unseenSince = Number.POSITIVE_INFINITY;

  constructor(mode: CaptureMode, facts: CaptureFacts, flows: FlowEnds) {
    this.#mode = mode;
    this.#facts = facts;
    this.#flows = flows;
  }

  /** Only some flows are judged here. @param unseenSince when one of any share was found to lack bytes, if that is known */
  divide(share: ShareLog, unseenSince = Number.POSITIVE_INFINITY): void {
    this.#share = share;
    this.#unseenSince = unseenSince;
  }

  /** Another share lacks bytes since then, which is in the past. */
  knowsUnseenSince(moment: number): void {
    this.#unseenSince = Math.min(this.#unseenSince, moment);
  }

  /** Nothing can be missing. A capture may say so of itself only at its end. */
  get isKnown(): boolean {
    return this.#mode === 'complete' || (this.#mode === 'auto' && this.#facts.knownComplete);
  }

  /** The capturing host says that it dropped packets, and nobody says otherwise. */
  get isDropping(): boolean {
    return this.#facts.dropped > 0 && this.#mode !== 'complete';
  }

  /** The order of what was seen proves nothing any more. */
  get isDisordered(): boolean {
    return this.#facts.disorder !== undefined && !this.isKnown;
  }

  /** What a finding in a flow is worth that has just come up and rests on something unseen. */
  standing(flow: number): 'stands' | 'held' | Doubt {
    if (this.isKnown) return 'stands';
    return this.doubtOf(flow, false) ?? (this.#hasUnseenBytes() ? 'unseenBytes' : 'held');
  }

  /** The same for a finding that was held until its flow's end: nothing has contradicted it. */
  standingAtEnd(flow: number): 'stands' | Doubt {
    if (this.isKnown) return 'stands';
    return this.doubtOf(flow, true) ?? (this.#hasUnseenBytes() ? 'unseenBytes' : 'stands');
  }

  /** What casts doubt on a flow. @param ended both directions have had their chance to speak */
  doubtOf(flow: number, ended: boolean): Doubt | undefined {
    if (this.isKnown) return undefined;
    if (this.#mode === 'lossy') return 'lossy';
    if (this.isDropping) return 'dropped';
    if (this.#facts.disorder) return 'disorder';
    const marks = flow < this.#marks.length ? this.#marks[flow] : 0;
    if (marks & GAP) return 'gap';
    if (marks & MISSED) return 'excused';
    if (this.#pairs.size > 0 && this.#lostFragment(flow)) return 'fragment';
    return ended && this.#flows.spoke(flow) !== BOTH ? 'oneSided' : undefined;
  }

  /** A flow begins in this place. */
  begin(flow: number): void {
    this.#marks = withRoomFor(this.#marks, flow);
    this.#marks[flow] = 0;
  }

  /** A TCP acknowledgement covers bytes of the flow that no segment carried. */
  unseenAcknowledged(flow: number, frame: number): void {
    this.#marks = withRoomFor(this.#marks, flow);
    this.#marks[flow] |= GAP;
    if (this.unseenBytesFrame > 0) return;
    this.unseenBytesFrame = frame;
    if (this.#share) this.#share.unseenSince = this.#share.moment;
  }

  showsLosses(flow: number): boolean {
    return this.#flows.isStream(flow);
  }

  /** The peers of the flow have shown that a message of it was not captured. */
  missed(flow: number): void {
    this.#marks = withRoomFor(this.#marks, flow);
    this.#marks[flow] |= MISSED;
  }

  /** A fragment's datagram never became whole. Of both hosts the four words of the address. */
  fragmentLost(source: ArrayLike<number>, destination: ArrayLike<number>): void {
    if (this.#pairs.size < MOST_PAIRS) this.#pairs.add(pairOf(source, destination));
  }

  /** How many have, up to `MOST_PAIRS`. */
  get lostPairs(): number {
    return this.#pairs.size;
  }

  #hasUnseenBytes(): boolean {
    if (this.unseenBytesFrame > 0) return true;
    const share = this.#share;
    if (!share) return false;
    if (share.moment > this.#unseenSince) return true;
    share.presumed = share.moment;
    return false;
  }

  #lostFragment(flow: number): boolean {
    if (this.#pairs.size >= MOST_PAIRS) return true;
    this.#flows.copyAddress(flow, 0, this.#first);
    this.#flows.copyAddress(flow, 1, this.#second);
    return this.#pairs.has(pairOf(this.#first, this.#second));
  }
}

/** Two hosts, whichever comes first. */
function pairOf(one: ArrayLike<number>, other: ArrayLike<number>): string {
  const names = [Array.from(one).join(' '), Array.from(other).join(' ')];
  return names.sort().join(' ');
}
