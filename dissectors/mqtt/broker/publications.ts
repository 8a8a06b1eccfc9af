/**
 * The messages of a capture by topic and payload: which of them a copy is of. A copy tells only where one message alone
 * has that topic and payload (Certainty 8). Bounded: of what was forgotten it is known that it was there, and what has its
 * topic and payload cannot be distinguished from it.
 */
import type { BoundName } from '../../../src/sdk.ts';
import type { Copies, Publication, Recipient } from './publication.ts';

/** Messages, and what subscribers got of them, that are remembered. */
const MOST_PUBLICATIONS = 65_536;
const MOST_COPIES = 262_144;
/** Topics with payloads that are known to have been there. */
const MOST_KEYS = 262_144;
/** Topics of which a message could not be read. */
const MOST_UNREAD_TOPICS = 4_096;

export class Publications {
  /** Undefined: the messages with that topic and payload are several, or forgotten, or come from somewhere else. */
  readonly #byKey = new Map<string, Publication | undefined>();
  /** The oldest first. */
  readonly #kept = new Map<Publication, string>();
  readonly #unreadTopics = new Set<string>();
  readonly #limitHit: (bound: BoundName) => void;
  #copies = 0;

  constructor(limitHit: (bound: BoundName) => void) {
    this.#limitHit = limitHit;
  }

  /** A message was given to a broker. */
  add(key: string, publication: Publication): void {
    if (this.#unreadTopics.has(publication.topic)) publication.isUnique = false;
    if (!publication.isUnique || this.#byKey.has(key)) {
      publication.isUnique = false;
      this.spoil(key);
      return;
    }
    if (!this.#hasRoomFor(key)) {
      publication.isUnique = false;
      return;
    }
    this.#byKey.set(key, publication);
    this.#kept.set(publication, key);
    if (this.#kept.size <= MOST_PUBLICATIONS) return;
    this.#limitHit(`publications=${MOST_PUBLICATIONS}`);
    this.#forgetOldest();
  }

  find(key: string): Publication | undefined {
    return this.#byKey.get(key);
  }

  /** Several messages have this topic and payload, or may have. */
  spoil(key: string): void {
    const known = this.#byKey.get(key);
    if (known) this.#forget(known);
    else if (this.#hasRoomFor(key)) this.#byKey.set(key, undefined);
  }

  /** A message with this topic could not be read. @returns false where that cannot be remembered */
  spoilTopic(topic: string): boolean {
    if (this.#unreadTopics.size >= MOST_UNREAD_TOPICS) return false;
    this.#unreadTopics.add(topic);
    for (const publication of [...this.#kept.keys()]) if (publication.topic === topic) this.#forget(publication);
    return true;
  }

  /** What a subscriber got of a message. */
  copiesOf(publication: Publication, subscriber: Recipient): Copies {
    const known = publication.copies.get(subscriber);
    if (known) return known;
    const copies = { plain: 0, retained: 0, last: -1 };
    publication.copies.set(subscriber, copies);
    this.#copies++;
    if (this.#copies > MOST_COPIES) {
      this.#limitHit(`copies=${MOST_COPIES}`);
      this.#forgetOldest();
    }
    return copies;
  }

  #hasRoomFor(key: string): boolean {
    if (this.#byKey.size < MOST_KEYS || this.#byKey.has(key)) return true;
    this.#limitHit(`topics-with-payloads=${MOST_KEYS}`);
    return false;
  }

  #forgetOldest(): void {
    for (const publication of this.#kept.keys()) {
      this.#forget(publication);
      return;
    }
  }

  #forget(publication: Publication): void {
    const key = this.#kept.get(publication);
    if (key === undefined) return;
    this.#kept.delete(publication);
    this.#byKey.set(key, undefined);
    publication.isUnique = false;
    this.#copies -= publication.copies.size;
    publication.copies.clear();
  }
}
