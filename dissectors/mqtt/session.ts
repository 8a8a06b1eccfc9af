/** What client and server keep of a session: their flows and the subscriptions. It may outlive its connection. */
import { FlowBook } from './flows.ts';
import type { Subscriptions } from './subscriptions.ts';

export class Session {
  /** By sender: 0 the client, 1 the server. */
  readonly books: readonly [FlowBook, FlowBook];
  subscriptions: Subscriptions;
  /** Its beginning was seen. */
  isKnown: boolean;
  /** Serial number of the connection that began it. */
  readonly began: number;
  /** Identifiers that were in flight in the client's former session. */
  former: ReadonlySet<number> = NONE;

  /** @param onFull called when there are too many flows under one identifier */
  constructor(began: number, isKnown: boolean, subscriptions: Subscriptions, onFull: () => void = nobody) {
    this.books = [new FlowBook(onFull), new FlowBook(onFull)];
    this.began = began;
    this.isKnown = isKnown;
    this.subscriptions = subscriptions;
  }

  /** Identifiers of the client's that are in flight. */
  inFlight(): ReadonlySet<number> {
    const ids = new Set<number>();
    for (const { id, isPublish } of this.books[0].open.values()) if (isPublish && this.books[0].find(id)) ids.add(id);
    return ids.size === 0 ? NONE : ids;
  }

  /** A connection is over. */
  leave(): void {
    for (const book of this.books) book.leave();
  }
}

const nobody = () => {};

/** No identifiers. */
export const NONE: ReadonlySet<number> = new Set();
