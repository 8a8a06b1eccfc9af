/**
 * What later messages of a session say of a fault that rests on something unseen, where the capture may have missed it.
 *
 * A client speaks under the server's id and a server under the client's, so nothing that both say ties the two ids of a
 * connection together but its SYN and its ACK. Where one of these was missed, the connection shows in that each end names
 * one that was not seen, or that a SYN without an answer and an id without an ACK stand side by side.
 */
import { EXCUSED, type Held, type Later, STANDS, UNDECIDED } from '../../../src/sdk.ts';
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

/** Of a message whose id names no connection, or not the one that it can be meant for. */
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
  // Who uses the server id of an ACK has sent the SYN.
  return isAnswer && serverId !== 0 && speaksUnder(exchange, serverId) ? EXCUSED : UNDECIDED;
}

/** The same when the session is over: the two ends of a connection need not have spoken in this order. */
export function endOfStranger({ side, facts: [, asClient, , isRefused] }: Held, exchange?: Exchange): Later {
  if (!exchange) return UNDECIDED;
  const { session, isUnanswered } = exchange;
  if (session.flags & strange(1 - side, asClient === 0)) return EXCUSED;
  // Its client has asked and got no answer that was captured, or a CLOSE that may have come after one.
  return asClient && (isUnanswered[side] || isRefused) ? EXCUSED : UNDECIDED;
}

/** Of DATA before the ACK. */
export function laterOfEarlyData({ slot, type, found }: Exchange, { connection }: Held): Later {
  if (slot !== connection || found !== FOUND.BY_ID) return UNDECIDED;
  if (type === TYPE.ACK) return STANDS;
  // Its client has learnt the server id from somewhere.
  return type === TYPE.DATA_CLIENT || type === TYPE.CLOSE_CLIENT ? EXCUSED : UNDECIDED;
}

/** Of a SYN without an answer. */
export function laterOfUnanswered({ slot, found, detail }: Exchange, { connection }: Held): Later {
  if (slot !== connection || found !== FOUND.BY_ID) return UNDECIDED;
  return detail.answerFrame !== 0 ? STANDS : EXCUSED;
}

const speaksUnder = ({ type, id }: Exchange, serverId: number): boolean =>
  (type === TYPE.DATA_CLIENT || type === TYPE.CLOSE_CLIENT) && id === serverId;
