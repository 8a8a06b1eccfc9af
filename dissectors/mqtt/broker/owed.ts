/** Something that a broker owes a subscriber. */
import type { Publication } from './publication.ts';
import type { Span } from './span.ts';

export type AwaitedKind = 'message' | 'retained' | 'will';

export interface Awaited {
  readonly publication: Publication;
  readonly kind: AwaitedKind;
  /** The subscription that it matches. */
  readonly span: Span;
  /** Time before which nothing is due, in seconds. */
  readonly due: number;
  /** Since when it is, on the server's clock; infinity while the subscriber is not there. */
  since: number;
}
