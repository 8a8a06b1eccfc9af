/** Which message each topic has retained, as far as that is certain: PUBLISHes with RETAIN, and Wills, in their order. */
import { type BoundName, KeyedStore } from '../../../src/sdk.ts';
import { topicMatches } from '../topics.ts';
import { NOT_YET, type Publication } from './publication.ts';

/** Topics whose retained messages are remembered, and messages of one. */
const MOST_TOPICS = 65_536;
const MOST_OF_TOPIC = 16;

export class RetainedMessages {
  readonly #topics: KeyedStore<Publication[]>;

  constructor(limitHit: (bound: BoundName) => void) {
    this.#topics = new KeyedStore({
      most: MOST_TOPICS,
      // What may still take effect is not forgotten: it would be forgotten that nothing is certain.
      mayGo: publications => publications.every(({ latest }) => latest !== NOT_YET),
      onFull: () => limitHit(`retained=${MOST_TOPICS}`),
    });
  }

  /** A message with RETAIN came, or a Will with it. */
  add(publication: Publication): void {
    const { topic } = publication;
    const known = this.#topics.get(topic) ?? [];
    known.push(publication);
    if (known.length > MOST_OF_TOPIC) {
      const settled = known.findIndex(({ latest, isOut }) => latest !== NOT_YET || !isOut);
      known.splice(Math.max(0, settled), 1);
    }
    this.#topics.set(topic, known);
  }

  /** It was refused: it has never been. */
  remove(publication: Publication): void {
    const known = this.#topics.get(publication.topic);
    const place = known?.indexOf(publication) ?? -1;
    if (known && place >= 0) known.splice(place, 1);
  }

  /** A message with RETAIN could not be read: what the topic has is not known until another one comes. */
  spoil(topic: string): void {
    for (const publication of this.#topics.get(topic) ?? []) publication.isUnique = false;
    this.#topics.delete(topic);
  }

  /** The message was certainly replaced, or cleared, when the packet at this place came. */
  wasReplaced(publication: Publication, place: number): Publication | undefined {
    return this.#topics
      .get(publication.topic)
      ?.find(
        later =>
          later.presence.server === publication.presence.server &&
          publication.latest < later.earliest &&
          later.latest < place,
      );
  }

  /** The message is certainly the one that its topic had when the packet at this place came, and has since. */
  isInForce(publication: Publication, place: number): boolean {
    const known = this.#topics.get(publication.topic);
    if (!known?.includes(publication) || publication.isEmpty || publication.latest >= place) return false;
    return known.every(other => other === publication || !other.isOut || other.latest < publication.earliest);
  }

  /** Those that may be in force, of topics that a filter matches. */
  matching(filter: string): Publication[] {
    const found: Publication[] = [];
    for (const publications of this.#topics.values()) {
      if (!topicMatches(filter, publications[0]?.topic ?? '')) continue;
      found.push(...publications.filter(({ isOut }) => isOut));
    }
    return found;
  }
}
