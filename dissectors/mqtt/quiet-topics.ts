/**
 * Topics on which servers have published in quiet connections, and what the subscriptions there allow of them (`quiet.ts`).
 * `Subscriptions` know it too; to ask them is to go from object to object, each in a cache line of its own. Here it is one line.
 *
 * An entry is in force as long as the subscriptions have the stamp that it was made under. Another topic may take its place.
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
const ENTRY_BITS = 14;
/** 2^32 by the golden ratio, made odd. */
const GOLDEN = 0x9e3779b1;
const NO_WORDS = new Uint32Array(0);

export class QuietTopics {
  #words = NO_WORDS;
  #octets = new Uint8Array(NO_WORDS.buffer);
  #stamps = 0;

  /** The stamp of subscriptions, which is theirs alone and gone when they change; given now if they have none. */
  stampOf(subscriptions: Subscriptions): number {
    if (subscriptions.stamp === 0) subscriptions.stamp = ++this.#stamps;
    return subscriptions.stamp;
  }

  /** What was kept of a topic: 0 to 3; -1 for nothing. @param digest of its bytes, the same for the same topic */
  find(stamp: number, digest: number, bytes: Uint8Array, from: number, length: number): number {
    const words = this.#words;
    const entry = entryOf(stamp, digest);
    if (entry >= words.length || words[entry + STAMP] !== stamp || words[entry + DIGEST] !== digest) return -1;
    const known = words[entry + LENGTH];
    if (known >>> ALLOWED_BITS !== length) return -1;
    const octets = this.#octets;
    const topic = (entry + TOPIC) * 4;
    for (let at = 0; at < length; at++) if (octets[topic + at] !== bytes[from + at]) return -1;
    return known & ((1 << ALLOWED_BITS) - 1);
  }

  /** Keeps what is allowed of a topic, 0 to 3, unless the topic is a long one. */
  keep(stamp: number, digest: number, bytes: Uint8Array, from: number, length: number, allowed: number): void {
    if (length > LONGEST) return;
    if (this.#words.length === 0) this.#begin();
    const words = this.#words;
    const entry = entryOf(stamp, digest);
    words[entry + STAMP] = stamp;
    words[entry + DIGEST] = digest;
    words[entry + LENGTH] = (length << ALLOWED_BITS) | allowed;
    const topic = (entry + TOPIC) * 4;
    for (let at = 0; at < length; at++) this.#octets[topic + at] = bytes[from + at];
  }

  #begin(): void {
    this.#words = new Uint32Array(WIDTH << ENTRY_BITS);
    this.#octets = new Uint8Array(this.#words.buffer);
  }
}

/** First word of the entry that a topic would have. */
function entryOf(stamp: number, digest: number): number {
  return (Math.imul(digest ^ Math.imul(stamp, GOLDEN), GOLDEN) >>> (32 - ENTRY_BITS)) * WIDTH;
}
