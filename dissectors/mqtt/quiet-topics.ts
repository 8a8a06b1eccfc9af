/**
 * Topics on which servers have published in quiet connections, and what the subscriptions there allow of them (`quiet.ts`).
 * `Subscriptions` know it too; to ask them is to go from object to object, each in a cache line of its own. Here it is one line.
 *
 * An entry is in force as long as the subscriptions have the stamp that it was made under. Where there is no more room another
 * topic takes its place.
 */
import type { Subscriptions } from './subscriptions.ts';

/** Words of an entry, a cache line: stamp, digest, length of the topic with what is allowed of it, the topic. */
const WIDTH = 16;
const STAMP = 0;
const DIGEST = 1;
const LENGTH = 2;
const TOPIC = 3;
const LONGEST = (WIDTH - TOPIC) * 4;
const ALLOWED_BITS = 2;
/** Entries at first, and at most: 4 MiB. */
const FIRST_BITS = 6;
const MOST_BITS = 16;
/** Entries in a row, one of which a topic may have. */
const REACH = 4;
/** 2^32 by the golden ratio, made odd. */
const GOLDEN = 0x9e3779b1;

export class QuietTopics {
  #bits = FIRST_BITS;
  #words = new Uint32Array(roomFor(FIRST_BITS));
  #octets = new Uint8Array(this.#words.buffer);
  #stamps = 0;

  /** The stamp of subscriptions, which is theirs alone and gone when they change; given now if they have none. */
  stampOf(subscriptions: Subscriptions): number {
    if (subscriptions.stamp === 0) subscriptions.stamp = ++this.#stamps;
    return subscriptions.stamp;
  }

  /** What was kept of a topic: 0 to 3; -1 for nothing. @param digest of its bytes, the same for the same topic */
  find(stamp: number, digest: number, bytes: Uint8Array, from: number, length: number): number {
    const words = this.#words;
    const first = this.#firstOf(stamp, digest);
    for (let entry = first; entry < first + REACH * WIDTH; entry += WIDTH) {
      if (words[entry + STAMP] !== stamp || words[entry + DIGEST] !== digest) continue;
      const known = words[entry + LENGTH];
      if (known >>> ALLOWED_BITS !== length) return -1;
      const octets = this.#octets;
      const topic = (entry + TOPIC) * 4;
      for (let at = 0; at < length; at++) if (octets[topic + at] !== bytes[from + at]) return -1;
      return known & ((1 << ALLOWED_BITS) - 1);
    }
    return -1;
  }

  /** Keeps what is allowed of a topic, 0 to 3, unless the topic is a long one. */
  keep(stamp: number, digest: number, bytes: Uint8Array, from: number, length: number, allowed: number): void {
    if (length > LONGEST) return;
    let entry = this.#placeFor(stamp, digest);
    while (entry < 0 && this.#bits < MOST_BITS) {
      this.#grow();
      entry = this.#placeFor(stamp, digest);
    }
    if (entry < 0) entry = this.#firstOf(stamp, digest);
    const words = this.#words;
    words[entry + STAMP] = stamp;
    words[entry + DIGEST] = digest;
    words[entry + LENGTH] = (length << ALLOWED_BITS) | allowed;
    const topic = (entry + TOPIC) * 4;
    for (let at = 0; at < length; at++) this.#octets[topic + at] = bytes[from + at];
  }

  /** The first entry, in words, that a topic may have. */
  #firstOf(stamp: number, digest: number): number {
    return (Math.imul(digest ^ Math.imul(stamp, GOLDEN), GOLDEN) >>> (32 - this.#bits)) * WIDTH;
  }

  /** An entry that is free, or that of a topic with the same digest; -1 where there is none. */
  #placeFor(stamp: number, digest: number): number {
    const words = this.#words;
    const first = this.#firstOf(stamp, digest);
    for (let entry = first; entry < first + REACH * WIDTH; entry += WIDTH) {
      const own = words[entry + STAMP];
      if (own === 0 || (own === stamp && words[entry + DIGEST] === digest)) return entry;
    }
    return -1;
  }

  /** Twice as many entries. One that finds no place is dropped. */
  #grow(): void {
    const before = this.#words;
    this.#bits++;
    this.#words = new Uint32Array(roomFor(this.#bits));
    this.#octets = new Uint8Array(this.#words.buffer);
    for (let entry = 0; entry < before.length; entry += WIDTH) {
      if (before[entry + STAMP] === 0) continue;
      const place = this.#placeFor(before[entry + STAMP], before[entry + DIGEST]);
      if (place >= 0) this.#words.set(before.subarray(entry, entry + WIDTH), place);
    }
  }
}

/** Words for so many entries, and for those in a row that begin with the last one. */
function roomFor(bits: number): number {
  return ((1 << bits) + REACH - 1) * WIDTH;
}
