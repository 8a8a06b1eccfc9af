/** Who may get messages: a session, with its subscriptions and their history. */
import type { Session } from '../session.ts';
import { topicMatches } from '../topics.ts';
import type { Awaited } from './owed.ts';
import type { Presence } from './presence.ts';
import { NOT_YET, type Publication } from './publication.ts';
import type { Span } from './span.ts';

/** Publishers with topics whose last message is remembered, of one subscriber, for the order of the next. */
const MOST_ORDERS = 1_024;

export class Subscriber {
  readonly session: Session;
  readonly server: string;
  readonly clientKey: string;
  /** Not all of what it subscribed is known: nothing is claimed. */
  isVague: boolean;
  /** Its last connection. */
  presence: Presence | undefined = undefined;
  /** What it should get. */
  readonly awaited = new Map<Publication, Awaited>();
  readonly #spans = new Map<string, Span[]>();
  /** By publisher, topic and QoS: the message that is furthest in the publisher's order of those that it got. */
  readonly #furthest = new Map<string, Publication>();

  constructor(session: Session, server: string, clientKey: string, isVague: boolean) {
    this.session = session;
    this.server = server;
    this.clientKey = clientKey;
    this.isVague = isVague;
  }

  /** All subscriptions that there ever were for a topic. */
  matching(topic: string): Span[] {
    const found: Span[] = [];
    for (const spans of this.#spans.values()) if (topicMatches(spans[0].filter, topic)) found.push(...spans);
    return found;
  }

  ask(span: Span): void {
    const spans = this.#spans.get(span.text) ?? [];
    this.#spans.set(span.text, spans);
    for (const earlier of spans) {
      if (earlier.removed >= span.asked) span.mayReplace = true;
      if (earlier.granted < span.asked && earlier.endAsked === NOT_YET) span.isReplacing = true;
      earlier.endAsked = Math.min(earlier.endAsked, span.asked);
    }
    spans.push(span);
  }

  /** It was accepted: those before it are over. */
  grant(span: Span, qos: number, place: number, at: { readonly frame: number; readonly seconds: number }): void {
    span.qos = qos;
    span.granted = place;
    span.grantedFrame = at.frame;
    span.grantedSeconds = at.seconds;
    for (const earlier of this.#spans.get(span.text) ?? []) {
      if (earlier.asked < span.asked) earlier.removed = Math.min(earlier.removed, place);
    }
  }

  /** It was refused: it never was. */
  refuse(span: Span): number {
    const spans = this.#spans.get(span.text) ?? [];
    const place = spans.indexOf(span);
    if (place < 0) return 0;
    spans.splice(place, 1);
    if (spans.length === 0) this.#spans.delete(span.text);
    return 1;
  }

  /** An UNSUBSCRIBE asks to end what there is of a filter. */
  askEnd(text: string, place: number): void {
    for (const span of this.#spans.get(text) ?? []) span.endAsked = Math.min(span.endAsked, place);
  }

  /** It was accepted. */
  end(text: string, asked: number, place: number): void {
    for (const span of this.#spans.get(text) ?? []) {
      if (span.asked < asked) span.removed = Math.min(span.removed, place);
    }
  }

  /** Forgets all subscriptions. @returns what they were */
  forget(): Span[] {
    const spans = [...this.#spans.values()].flat();
    this.#spans.clear();
    this.#furthest.clear();
    this.awaited.clear();
    return spans;
  }

  /** Is the message its own client's? Of a client without a Client Identifier only on its connection. */
  isOwn({ presence }: Publication): boolean {
    return presence === this.presence || (presence.clientKey !== '' && presence.clientKey === this.clientKey);
  }

  furthest(order: string): Publication | undefined {
    return this.#furthest.get(order);
  }

  /** @returns false where others had to be forgotten for it */
  setFurthest(order: string, publication: Publication): boolean {
    const isFull = this.#furthest.size >= MOST_ORDERS && !this.#furthest.has(order);
    if (isFull) this.#furthest.clear();
    this.#furthest.set(order, publication);
    return !isFull;
  }
}

/** Of `limitHit`. */
export const ORDERS_BOUND = `orders=${MOST_ORDERS}` as const;
