/** Who has ever subscribed a filter that matches a topic: so that a message need not be held against every subscription. */
import { hasWildcard, topicMatches } from '../topics.ts';
import type { Subscriber } from './subscriber.ts';

export class FilterIndex {
  readonly #exact = new Map<string, Set<Subscriber>>();
  readonly #wild = new Map<string, Set<Subscriber>>();

  /** @param filter behind `$share/NAME/` */
  add(filter: string, subscriber: Subscriber): void {
    const index = this.#of(filter);
    const known = index.get(filter);
    if (known) known.add(subscriber);
    else index.set(filter, new Set([subscriber]));
  }

  remove(filter: string, subscriber: Subscriber): void {
    const index = this.#of(filter);
    const known = index.get(filter);
    known?.delete(subscriber);
    if (known?.size === 0) index.delete(filter);
  }

  /** Each once. */
  matching(topic: string): Iterable<Subscriber> {
    const found = new Set(this.#exact.get(topic));
    for (const [filter, subscribers] of this.#wild)
      if (topicMatches(filter, topic)) for (const subscriber of subscribers) found.add(subscriber);
    return found;
  }

  #of(filter: string): Map<string, Set<Subscriber>> {
    return hasWildcard(filter) ? this.#wild : this.#exact;
  }
}
