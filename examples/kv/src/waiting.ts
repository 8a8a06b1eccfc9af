/**
 * What has to be remembered of a connection: the requests that wait for their answers. An id has 16 bits, so no peer can
 * make this grow beyond 65,536 entries.
 */
import type { Exchange } from 'wirelint/sdk';
import { ERROR, GET, VALUE } from './layouts.ts';

/** Frame of each waiting request, by its id. */
export type Waiting = Map<number, number>;
export type KvExchange = Exchange<Waiting>;

/** The id stands at the same place in every message that has one. */
export function idOf({ message }: KvExchange): number {
  return message.uint(GET.fields.id);
}

/** A well-formed message has been judged: its request waits from now on, or no longer. */
export function take(exchange: KvExchange): void {
  const { layout, memory, message } = exchange;
  if (layout === GET) memory.set(idOf(exchange), message.frame);
  else if (layout === VALUE || layout === ERROR) memory.delete(idOf(exchange));
}
