/**
 * What later messages of a session say of a fault that rests on something unseen, where the capture may have missed it.
 *
 * A client speaks under the server's id and a server under the client's, so nothing that both say ties the two ids of a
 * connection together but its SYN and its ACK. Where one of these was missed, the connection shows in that each end names
 * one that was not seen, or that a SYN without an answer and an id without an ACK stand side by side.
 *
 * What stands though a message was missed, because a fault would look the same to the end:
 * - an ACK whose SYN was missed, while its client never speaks under the server id: a client ignores a wrong ACK as well;
 *   so with one whose id is known in the other role, while its server says nothing under it; unless the client counts its ids,
 *   and has left this one out;
 * - a refusal whose SYN was missed, of a server that has another connection which it may have meant to close;
 * - DATA whose ACK was missed, where the server says no more and the client nothing: the ACK may be yet to come;
 * - a SYN again whose refusal was missed: a client that repeats its SYN is answered like that, too; so with one whose CLOSE was
 *   missed, unless the server takes its own id of that connection for free as well;
 * - an ACK after a refusal, where the SYN between them was missed: a server that has changed its mind goes on like that;
 * - a server id again where a CLOSE was missed: a live connection may be as silent as one that is over.
 */
import { type Evidence, EXCUSED, type Held, type Later, STANDS, UNDECIDED } from '../../../src/sdk.ts';
import { type Exchange, FOUND } from '../exchange.ts';
import { isClients, isClose, TYPE } from '../layouts.ts';
import { isBefore, type Moment } from '../moment.ts';
import { strange } from '../sessions.ts';
import { FLAG } from '../state.ts';
import { stateNumber } from '../states.ts';

const OPEN = stateNumber('OPEN');
const CLOSED = stateNumber('CLOSED');
/** Seconds after which the id of a connection that one side has closed is free, with half a second for the way. */
const FREE_AFTER = 29.5;

/** What is remembered of a message whose id names no connection. */
export const factsOfStranger = ({ id, type, serverId, isRefused, now }: Exchange): number[] => [
  id,
  isClients(type) ? 1 : 0,
  type === TYPE.ACK ? serverId : 0,
  isClients(type) && isRefused ? 1 : 0,
  now,
];
const NOW = 4;
const IS_REFUSAL = 5;

/** The same of an id that the sender itself chose: is it a CLOSE in the role that it has not? */
export const factsOfOwn = (exchange: Exchange): number[] => [
  ...factsOfStranger(exchange),
  exchange.type === TYPE.CLOSE_SERVER && exchange.fromClient ? 1 : 0,
];

/** When a message came that is remembered like that. */
const momentOf = ({ frame, facts }: Held): Moment => ({ frame, time: facts[NOW] });

/** Words for a finding that is remembered like that. */
export const remembering =
  (describe: (exchange: Exchange) => Evidence, facts: (exchange: Exchange) => number[] = factsOfStranger) =>
  (exchange: Exchange): Evidence => ({ ...describe(exchange), facts: facts(exchange) });

/** Of a message whose id names no connection. */
export function laterOfStranger(exchange: Exchange, { side, facts }: Held): Later {
  const [id, asClient, serverId] = facts;
  // The other end speaks of a connection that was not seen, either: they speak of the same.
  if (exchange.session.flags & strange(1 - side, asClient === 0)) return EXCUSED;
  const isAnswer = exchange.side !== side;
  // A side that sent DATA under a wrong id by mistake would not go on to close that connection: it does not exist.
  if (
    serverId === 0 &&
    !isAnswer &&
    exchange.id === id &&
    endsAs(exchange, asClient) &&
    exchange.found !== FOUND.BY_ID
  ) {
    return EXCUSED;
  }
  // Its server goes on without an ACK having been seen.
  if (asClient) {
    if (isAnswer && exchange.explained === id) return EXCUSED;
    // So does the client, while its SYN has no answer.
    return !isAnswer && speaksUnder(exchange, id) && exchange.found === FOUND.NONE ? EXCUSED : UNDECIDED;
  }
  return isAnswer && speaksUnder(exchange, serverId) ? EXCUSED : UNDECIDED;
}

/** The same when the session is over: the two ends of a connection need not have spoken in this order. */
export function endOfStranger(held: Held, exchange?: Exchange): Later {
  if (!exchange) return UNDECIDED;
  const { side, facts } = held;
  const { session, unansweredSince } = exchange;
  const [id, asClient, , isRefused] = facts;
  // Its connection may have been opened before the capture began.
  if (exchange.isOlder) return EXCUSED;
  if (session.flags & strange(1 - side, asClient === 0)) return EXCUSED;
  // The client that it speaks to has used all ids but this one, though it used the next ones: it goes on as from a SYN with it.
  if (!asClient && session.hasCountedPast(1 - side, id)) return EXCUSED;
  // Its client has asked and got no answer that was captured, or a CLOSE that may have come after one.
  return asClient && (isBefore(unansweredSince[side], momentOf(held)) || isRefused) ? EXCUSED : UNDECIDED;
}

/**
 * Of a message whose id is known, but as that of the other role. Where both ends choose small ids, one that was not seen
 * is easily known as another: the same holds as of a stranger. Besides, an end that says ACK and goes on as the server
 * under the same id has a connection; a message that its sender put in the wrong role would have been followed in the right one.
 */
export function laterOfReversed(exchange: Exchange, held: Held): Later {
  const [id, , serverId] = held.facts;
  if (serverId !== 0 && exchange.side === held.side && exchange.id === id && isOfServer(exchange)) return EXCUSED;
  return laterOfStranger(exchange, held);
}

/** The same of a CLOSE. A server that had nothing else to close, and nobody else to refuse, has refused a SYN that was missed. */
export function endOfStrangeClose(held: Held, exchange?: Exchange): Later {
  const { side, facts } = held;
  const [, asClient] = facts;
  if (exchange && !asClient && isBefore(momentOf(held), exchange.heldSince[side])) return EXCUSED;
  return endOfStranger(held, exchange);
}

/** Of an id that its own sender chose, when the session is over. */
export function endOfOwn(held: Held, exchange?: Exchange): Later {
  // A CLOSE under an id of its other role would be wrong twice over. It is the whole of the answer to a SYN that was missed.
  return held.facts[IS_REFUSAL] ? EXCUSED : endOfStranger(held, exchange);
}

/** Of DATA before the ACK. */
export function laterOfEarlyData({ slot, type, found }: Exchange, { connection }: Held): Later {
  if (slot !== connection || found !== FOUND.BY_ID) return UNDECIDED;
  if (type === TYPE.ACK) return STANDS;
  // Its client has learnt the server id from somewhere, or its server ends in order what it never said to have begun.
  return type === TYPE.DATA_CLIENT || isClose(type) ? EXCUSED : UNDECIDED;
}

/** The same when the session is over: an ACK behind its own DATA comes at once, or is not said by a server that sends on. */
export function endOfEarlyData({ side, connection }: Held, exchange?: Exchange): Later {
  if (!exchange) return UNDECIDED;
  // Its client names an id that no ACK was seen to tell, and that is by chance another one as well.
  if (exchange.session.flags & strange(1 - side, true)) return EXCUSED;
  return exchange.flagsOf(connection) & FLAG.WENT_ON ? EXCUSED : UNDECIDED;
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

/** A client that uses the server id from the ACK has sent the SYN. */
const speaksUnder = (exchange: Exchange, serverId: number): boolean =>
  serverId !== 0 && isOfClient(exchange) && exchange.id === serverId;

const endsAs = ({ type }: Exchange, asClient: number): boolean =>
  type === (asClient ? TYPE.CLOSE_CLIENT : TYPE.CLOSE_SERVER);
const isOfClient = ({ type }: Exchange): boolean => type === TYPE.DATA_CLIENT || type === TYPE.CLOSE_CLIENT;
const isOfServer = ({ type }: Exchange): boolean => type === TYPE.DATA_SERVER || type === TYPE.CLOSE_SERVER;

/**
 * Of a contradiction that a missed SYN, ACK or CLOSE would explain: nothing later tells the two apart. So it stands, unless
 * the session turns out to lack a message.
 */
export const unlessMissed = (): Later => UNDECIDED;

/** Of a SYN whose id is in use: was its connection open, and had its server given an id? */
export const factsOfReuse = ({ connection, detail }: Exchange): number[] => [
  connection.state === OPEN ? 1 : 0,
  detail.serverId,
];

/**
 * Its server takes the id of an open connection for free, or gives again the id of its own that it gave before: both ends know of
 * its CLOSE.
 */
export function laterOfReuse(exchange: Exchange, { connection, facts: [wasOpen, given] }: Held): Later {
  const { slot, type, found, detail } = exchange;
  if (slot !== connection || found !== FOUND.BY_ID || type !== TYPE.ACK) return UNDECIDED;
  const isGivenAgain = given !== 0 && detail.serverId === given && detail.secondServerId === 0;
  return wasOpen || isGivenAgain ? EXCUSED : UNDECIDED;
}

/** Of an ACK after a CLOSE: was its id free for another SYN, otherwise than by a refusal, which this ACK may go back on? */
export const factsOfLateAck = ({ connection, detail, now }: Exchange): number[] => [
  connection.state === CLOSED || (connection.state < CLOSED && now - detail.closeSeconds >= FREE_AFTER) ? 1 : 0,
];

/** Its client speaks on a connection that was closed: it has asked for another one. */
export function laterOfLateAck(exchange: Exchange, { connection, facts: [wasFree] }: Held): Later {
  const speaks = exchange.slot === connection && exchange.found === FOUND.BY_ID && isOfClient(exchange);
  return wasFree && speaks ? EXCUSED : UNDECIDED;
}

/** Of what comes after a CLOSE, when the session is over: a client that goes on after its CLOSE may have had the answer to a later SYN. */
export function endOfReuse(held: Held, exchange?: Exchange): Later {
  const [, asClient] = held.facts;
  return exchange && asClient && isBefore(exchange.unansweredSince[held.side], momentOf(held)) ? EXCUSED : UNDECIDED;
}
