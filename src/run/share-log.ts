/**
 * What one share of a capture's flows notes while it is judged, so that the shares can be put together as if one had seen all
 * flows: when things came up, and what hangs on flows that it has not seen. Time is a number that is the same in all shares: how
 * many frames were read; and at the end of the capture, when flows are closed in the order of their beginnings, how many were
 * then. (Their own numbers do not ascend where a source puts them in order of time.)
 */
import { type AcrossFlows, hashOfKey } from '../protocol/across.ts';
import type { ClosedConnections } from '../protocol/connections.ts';
import type { LedgerNotes } from '../storage/stream-ledger.ts';
import type { StreamMemory } from '../storage/stream-memory.ts';
import { KeyMoments } from './key-moments.ts';
import type { FlowShare } from './share.ts';

/** Behind all frames: what comes up while flows are closed; behind that, what comes up when all are. */
const CLOSING = 2 ** 48;
const CLOSED = 2 ** 50;
/** Frames between two marks in the ledgers of stream memories. */
const MARK_INTERVAL = 256;
/** Keys that a share notes of each kind. */
const MOST_KEYS = 2 ** 20;

/** What a share has noted of one protocol. */
export interface LaneNotes {
  readonly closed: ClosedConnections;
  /** See `Tracker.noted`. */
  readonly noted: unknown;
}

/** Plain data. */
export interface ShareNotes {
  readonly index: number;
  /** Why the shares do not give what the whole does, as far as one can tell. */
  readonly whole: string | undefined;
  /** Capture time in seconds from the earliest frame to the latest. */
  readonly span: number;
  /** More flows were followed than a share may without looking for idle ones. */
  readonly isCrowded: boolean;
  /** When a connection was first found to lack bytes that were acknowledged; infinity for never. */
  readonly unseenSince: number;
  /** The last time that something hung on there being none such, in any share; negative for never. */
  readonly presumed: number;
  /** By number of the connection, less one: when it was opened. */
  readonly opened: readonly number[];
  /** When the remark of a key came up, and a port that is mapped to a protocol was first used (as `outcome.mapped`). */
  readonly said: ReadonlyMap<string, number>;
  readonly mapped: readonly number[];
  readonly lanes: readonly LaneNotes[];
  /** Findings that the listing holds, or held. */
  readonly listed: number;
  /** Pairs of hosts that have lost a fragment. */
  readonly lostPairs: number;
  /** Hash of each key, and behind it when it was there first, or when it was last asked for. */
  readonly held: Float64Array;
  readonly asked: Float64Array;
  readonly ledgers: readonly LedgerNotes[];
}

export class ShareLog {
  /** Where the capture stands. */
  moment = 0;
  whole: string | undefined = undefined;
  isCrowded = false;
  unseenSince = Number.POSITIVE_INFINITY;
  presumed = -1;
  readonly opened: number[] = [];
  readonly said = new Map<string, number>();
  readonly share: FlowShare;
  readonly #held: KeyMoments;
  readonly #asked: KeyMoments;
  readonly #ledgers: ReturnType<StreamMemory['keepLedger']>[] = [];
  #earliest = Number.POSITIVE_INFINITY;
  #latest = Number.NEGATIVE_INFINITY;
  #untilMark = MARK_INTERVAL;

  /** @param seed any 32-bit number that the peers cannot know */
  constructor(share: FlowShare, seed: number) {
    this.share = share;
    this.#held = new KeyMoments(seed);
    this.#asked = new KeyMoments(seed);
  }

  /** The next frame is at hand. @param now its time in seconds */
  frame(now: number): void {
    this.moment++;
    if (now < this.#earliest) this.#earliest = now;
    if (now > this.#latest) this.#latest = now;
    if (--this.#untilMark > 0) return;
    this.#untilMark = MARK_INTERVAL;
    for (const ledger of this.#ledgers) ledger.mark();
  }

  /** A flow is closed, as the capture is at its end. @param began how many frames there were when it began */
  closing(began: number): void {
    this.moment = CLOSING + began;
  }

  /** All are. */
  closed(): void {
    this.moment = CLOSED;
  }

  /** A connection is opened. @returns its number, as given */
  opens(number: number): number {
    this.opened.push(this.moment);
    return number;
  }

  needsWhole(reason: string): void {
    this.whole ??= reason;
  }

  /** There are, or were, more flows than a share may follow without looking for idle ones. @param idle seconds after which one is */
  crowded(idle: number): void {
    this.isCrowded = true;
    if (this.#span > idle) this.needsWhole('there are too many flows');
  }

  remembers(memory: StreamMemory): void {
    this.#ledgers.push(memory.keepLedger());
  }

  /** For the tracker of a protocol. */
  acrossOf(protocol: string): AcrossFlows {
    const log = this;
    const checked = ({ size }: KeyMoments) => {
      if (size > MOST_KEYS) log.needsWhole(`${protocol} has more than ${MOST_KEYS} keys`);
    };
    return {
      holds: (kind, key) => {
        log.#held.setFirst(hashOfKey(protocol, kind, key), log.moment);
        checked(log.#held);
      },
      asks: (kind, key) => {
        log.#asked.set(hashOfKey(protocol, kind, key), log.moment);
        checked(log.#asked);
      },
      remembers: memory => log.remembers(memory),
      needsWhole: reason => log.needsWhole(reason),
      get moment() {
        return log.moment;
      },
    };
  }

  get #span(): number {
    return Math.max(0, this.#latest - this.#earliest);
  }

  notes(given: Pick<ShareNotes, 'mapped' | 'lanes' | 'listed' | 'lostPairs'>): ShareNotes {
    const { whole, isCrowded, unseenSince, presumed, opened, said } = this;
    return {
      ...given,
      index: this.share.index,
      span: this.#span,
      ...{ whole, isCrowded, unseenSince, presumed, opened, said },
      held: this.#held.pairs(),
      asked: this.#asked.pairs(),
      ledgers: this.#ledgers.map(ledger => ledger.notes()),
    };
  }
}
