/** Whether a host makes its connection tags at random, by those that it has made. */

const TAG_MODULUS = 1 << 24;
/** Connections from which on a host's tags are judged. */
export const ENOUGH_TAGS = 8;

/** The tags of a host, read in one byte order: the last one, and the step between them; -1 once that was not constant. */
class TagSequence {
  #last = 0;
  #step = -1;

  /** @param count tags there were before */
  add(tag: number, count: number): void {
    const step = (tag - this.#last + TAG_MODULUS) % TAG_MODULUS;
    if (count === 1) this.#step = step;
    else if (this.#step !== step) this.#step = -1;
    this.#last = tag;
  }

  get last(): number {
    return this.#last;
  }

  get step(): number {
    return this.#step;
  }
}

/** The tags of one host, and what is odd about them. */
export class HostTags {
  count = 0;
  readonly bigEndian = new TagSequence();
  readonly littleEndian = new TagSequence();
  /** The tags themselves, once there are two. */
  distinct: Set<number> | undefined = undefined;
  /** Nothing further is judged: it was reported, or a bound was hit. */
  done = false;

  /** @param tag as three bytes in network order @param most tags that are remembered */
  add(tag: number, most: number): TagPattern | 'few' | 'random' | 'full' {
    if (this.count === 1) this.distinct = new Set([this.bigEndian.last]);
    this.distinct?.add(tag);
    this.bigEndian.add(tag, this.count);
    this.littleEndian.add(((tag & 0xff) << 16) | (tag & 0xff00) | (tag >>> 16), this.count);
    this.count++;
    return this.#judge(most);
  }

  #judge(most: number): TagPattern | 'few' | 'random' | 'full' {
    if (this.count < ENOUGH_TAGS || !this.distinct) return 'few';
    const step = Math.max(this.bigEndian.step, this.littleEndian.step);
    const { size } = this.distinct;
    if (step < 0 && size * 2 >= this.count) {
      if (this.count < most) return 'random';
      this.#finish();
      return 'full';
    }
    this.#finish();
    return step < 0 ? { kind: 'repeats', distinct: size } : { kind: 'step', step };
  }

  #finish(): void {
    this.done = true;
    this.distinct = undefined;
  }
}

/** What is odd about a host's tags, if anything. */
export type TagPattern =
  | { readonly kind: 'step'; readonly step: number }
  | { readonly kind: 'repeats'; readonly distinct: number };
