/**
 * What later messages of a session say of a fault that rests on something unseen, where the capture may have missed it.
 *
 * A client speaks under the server's id and a server under the client's, so nothing that both say ties the two ids of a
 * connection together but its SYN and its ACK. Where one of these was missed, the connection shows in that each end names
 * one that was not seen, or that a SYN without an answer and an id without an ACK stand side by side.
 */
import { type Evidence, EXCUSED, type Held, type Later, STANDS, UNDECIDED } from '../../../src/sdk.ts';
import { type Exchange, FOUND } from '../exchange.ts';
import { isClients, TYPE } from '../layouts.ts';
import { strange } from '../sessions.ts';

/** What is remembered of a message whose id names no connection. */
export const factsOfStranger = ({ id, type, serverId, isRefused }: Exchange): number[] => [
  id,
  isClients(type) ? 1 : 0,
  type === TYPE.ACK ? serverId : 0,
  isClients(type) && isRefused ? 1 : 0,
];

/** Words for a finding that is to be remembered like that. */
export const remembering =
  (describe: (exchange: Exchange) => Evidence) =>
  (exchange: Exchange): Evidence => ({ ...describe(exchange), facts: factsOfStranger(exchange) });

/** Of a message whose id names no connection. */
export function laterOfStranger(exchange: Exchange, { side, facts }: Held): Later {
  const [id, asClient, serverId] = facts;
  // The other end speaks of a connection that was not seen, either: they speak of the same.
  if (exchange.session.flags & strange(1 - side, asClient === 0)) return EXCUSED;
  const isAnswer = exchange.side !== side;
  // Its server goes on without an ACK having been seen.
  if (asClient) {
    if (isAnswer && exchange.explained === id) return EXCUSED;
    // So does the client, while its SYN has no answer.
    return !isAnswer && speaksUnder(exchange, id) && exchange.found === FOUND.NONE ? EXCUSED : UNDECIDED;
  }
  return isAnswer && speaksUnder(exchange, serverId) ? EXCUSED : UNDECIDED;
}

/** The same when the session is over: the two ends of a connection need not have spoken in this order. */
export function endOfStranger({ side, frame, facts }: Held, exchange?: Exchange): Later {
  if (!exchange) return UNDECIDED;
  const { session, unansweredSince } = exchange;
  const [, asClient, , isRefused] = facts;
  if (session.flags & strange(1 - side, asClient === 0)) return EXCUSED;
  // Its client has asked and got no answer that was captured, or a CLOSE that may have come after one.
  return asClient && (unansweredSince[side] < frame || isRefused) ? EXCUSED : UNDECIDED;
}

/** Of a message whose id is known, but as that of the other role: only an ACK can turn out to have had its SYN. */
export function laterOfReversed(exchange: Exchange, { side, facts: [, , serverId] }: Held): Later {
  return exchange.side !== side && speaksUnder(exchange, serverId) ? EXCUSED : UNDECIDED;
}

/** Of DATA before the ACK. */
export function laterOfEarlyData({ slot, type, found }: Exchange, { connection }: Held): Later {
  if (slot !== connection || found !== FOUND.BY_ID) return UNDECIDED;
  if (type === TYPE.ACK) return STANDS;
  // Its client has learnt the server id from somewhere.
  return type === TYPE.DATA_CLIENT || type === TYPE.CLOSE_CLIENT ? EXCUSED : UNDECIDED;
}

/** Of a SYN without an answer. */
export function laterOfUnanswered({ session, slot, found, detail }: Exchange, { connection, side }: Held): Later {
  // Its client has used an id that no ACK was seen to tell.
  if (session.flags & strange(side, true)) return EXCUSED;
  if (slot !== connection || found !== FOUND.BY_ID) return UNDECIDED;
  return detail.answerFrame !== 0 ? STANDS : EXCUSED;
}

/** The same when the session is over. */
export function endOfUnanswered({ side }: Held, exchange?: Exchange): Later {
  return exchange && exchange.session.flags & strange(side, true) ? EXCUSED : UNDECIDED;
}

/** Who uses the server id that an ACK has told has sent the SYN. */
const speaksUnder = ({ type, id }: Exchange, serverId: number): boolean =>
  serverId !== 0 && (type === TYPE.DATA_CLIENT || type === TYPE.CLOSE_CLIENT) && id === serverId;

/**
 * Of a contradiction that a missed SYN, ACK or CLOSE would explain: nothing later tells the two apart. So it stands, unless
 * the session turns out to lack a message.
 */
export const unlessMissed = (): Later => UNDECIDED;

/** Of what comes after a CLOSE, when the session is over: a client that goes on after its CLOSE may have had the answer to a later SYN. */
export function endOfReuse({ side, frame, facts: [, asClient] }: Held, exchange?: Exchange): Later {
  return exchange && asClient && exchange.unansweredSince[side] < frame ? EXCUSED : UNDECIDED;
}
