/**
 * How the segments of TCP lay in their streams that did not come as the next ones in order, by their frames: what was sent
 * again, what came before its turn, what filled a gap. Bounded: when there are too many, the later ones are not noted.
 */

const SEGMENT_ORDERS = [
  'next',
  'retransmission',
  'retransmission in part',
  'keep-alive',
  'early, after a gap',
  'out of order, or sent again, after a gap',
  'fills a gap',
] as const;

/** `next`: the bytes that were expected. */
export type SegmentOrder = (typeof SEGMENT_ORDERS)[number];

/** Frames that are noted over all captures. */
const MOST_FRAMES = 262_144;
const FRAMES_OF_A_CAPTURE = 2 ** 32;

export class SegmentOrders {
  readonly #orders = new Map<number, number>();

  add(capture: number, frame: number, order: SegmentOrder): void {
    if (this.#orders.size >= MOST_FRAMES) return;
    this.#orders.set(capture * FRAMES_OF_A_CAPTURE + frame, SEGMENT_ORDERS.indexOf(order));
  }

  /** `next` for what was not noted. */
  of(capture: number, frame: number): SegmentOrder {
    return SEGMENT_ORDERS[this.#orders.get(capture * FRAMES_OF_A_CAPTURE + frame) ?? 0];
  }
}
