/**
 * Why a subscriber may have got a copy of a message: by a subscription that was in force when the message came, or as
 * what a new subscription's topic had retained. A subscription explains what it may explain: where an order is not certain,
 * both are possible.
 */
import type { Publication } from './publication.ts';
import type { RetainedMessages } from './retained.ts';
import type { Span } from './span.ts';
import type { Subscriber } from './subscriber.ts';

export interface Explanation {
  readonly span: Span;
  /** As what was retained, and not as the message came. */
  readonly isOfRetained: boolean;
  /** The copy has RETAIN 1 then. */
  readonly retain: boolean;
}

export interface Explanations {
  /** Subscriptions that match, and had not ended for certain when the message came. */
  readonly possible: readonly Span[];
  /** Those that had. */
  readonly over: readonly Span[];
  readonly explanations: readonly Explanation[];
}

/** Retain Handling. */
const ONLY_IF_NEW = 1;
const NEVER = 2;

export function explain(
  publication: Publication,
  subscriber: Subscriber,
  level: number,
  retained: RetainedMessages,
): Explanations {
  const spans = subscriber.matching(publication.topic);
  const possible = spans.filter(span => !span.isOverFor(publication));
  const over = spans.filter(span => span.isOverFor(publication));
  const isOwn = subscriber.isOwn(publication);
  const explanations = possible.flatMap(span => {
    const found: Explanation[] = [];
    // It may have been in force when the message was worked on.
    if (span.asked < publication.latest && !(isOwn && span.isNoLocal && !span.isShared)) {
      const retain = level === 5 && span.keepsRetain && publication.retain;
      found.push({ span, isOfRetained: false, retain });
    }
    if (mayBringRetained(span, publication, retained)) found.push({ span, isOfRetained: true, retain: true });
    return found;
  });
  return { possible, over, explanations };
}

function mayBringRetained(span: Span, publication: Publication, retained: RetainedMessages): boolean {
  if (!publication.retain || publication.isEmpty || span.isShared || span.retainHandling === NEVER) return false;
  if (span.granted < publication.earliest) return false;
  if (span.retainHandling === ONLY_IF_NEW && span.isReplacing) return false;
  return retained.wasReplaced(publication, span.asked) === undefined;
}

/** May the subscription give a copy this QoS? */
export function allowsQos({ qos: granted, asks }: Span, published: number, qos: number): boolean {
  // Without a SUBACK it may have been granted whatever.
  return granted < 0 ? qos <= Math.min(published, asks) : qos === Math.min(published, granted);
}
