/**
 * What later messages of a flow say about a finding that is held: it rests on something that was not seen, and a capture
 * may have missed that. A finding stands when the missing message comes after all, or when the peer refuses or ignores
 * what was said; it is excused when both ends go on as if the message had been there.
 */
import { DENIED, type Evidence, EXCUSED, type Held, type Later, STANDS, UNDECIDED } from '../../../src/sdk.ts';
import { distance, type Exchange } from '../exchange.ts';
import { TYPE } from '../layouts.ts';
import { FLAG, SIDE_FLAG, type SideDetail, saidAtAll, saidBit } from '../state.ts';

const { DATA, INIT, COOKIE, COOKIE_ECHO, COOKIE_ACK, SHUTDOWN, SHUTDOWN_ACK, SHUTDOWN_COMPLETE, ABORT } = TYPE;
const mask = (...types: number[]) => types.reduce((bits, type) => bits | saidBit(type), 0);
/** What only an end sends that takes the connection for established. */
const ESTABLISHED = mask(DATA, SHUTDOWN, SHUTDOWN_ACK, SHUTDOWN_COMPLETE);
const ENDING = mask(SHUTDOWN, SHUTDOWN_ACK, SHUTDOWN_COMPLETE);

type Says = (exchange: Exchange, held: Held) => Later;
type AtEnd = (held: Held, exchange: Exchange | undefined) => Later;

/** Asks about each message of the finding's own connection: what its sender says of it, and what its peer does. */
const decidedBy =
  (sender: Says, peer: Says): Says =>
  (exchange, held) => {
    if (!exchange.isRead || exchange.slot !== held.connection) return UNDECIDED;
    return exchange.side === held.side ? sender(exchange, held) : peer(exchange, held);
  };

const silent: Says = () => UNDECIDED;
/** The same, but a message that shows that what came before it was not seen is excused, as by its tag. Facts: the first says whether. */
const unlessStrange =
  (says: Says): Says =>
  (exchange, held) =>
    held.facts[0] ? EXCUSED : says(exchange, held);
const unlessStrangeAtEnd =
  (atEnd: AtEnd): AtEnd =>
  (held, exchange) =>
    held.facts[0] ? EXCUSED : atEnd(held, exchange);
const isOneOf = (exchange: Exchange, types: number) => (saidBit(exchange.type) & types) !== 0;

/** Stands at these messages of the peer (and at its ABORT), and is excused at those. */
const peer =
  (excused: number, stands = 0): Says =>
  exchange => {
    if (isRefusal(exchange) || (isOneOf(exchange, stands) && !exchange.older)) return STANDS;
    return isOneOf(exchange, excused) ? EXCUSED : UNDECIDED;
  };

/** An ABORT refuses what was said, unless it answers one. */
const isRefusal = ({ type, receiver }: Exchange) => type === ABORT && !(saidAtAll(receiver.sent) & saidBit(ABORT));

/** What was sent within this of each other, in seconds, may have crossed on the wire. */
const SOON = 0.15;

/**
 * The missing message comes after all. At once, it was only sent in the wrong order; after a while it may have been sent
 * again, since the first of it was lost on its way.
 */
const afterAll = (exchange: Exchange, since: number): Later => (exchange.now - since < SOON ? STANDS : EXCUSED);

/** The same of an echo: a connector that has asked again sooner than that may have echoed its cookie sooner, too, and again here. */
const echoAfterAll = (exchange: Exchange, since: number): Later => {
  const { detail, senderDetail, now } = exchange;
  const sinceCookie = now - detail.cookieSeconds - detail.cookieNanoseconds * 1e-9;
  return now - since < SOON && sinceCookie < paceOf(senderDetail) ? STANDS : EXCUSED;
};

/** In seconds. What the network doubles comes within a millisecond, and says nothing of it. */
const paceOf = ({ pace }: SideDetail): number => (pace >= 1000 ? pace / 1e6 : Number.POSITIVE_INFINITY);

/** The same of COOKIE-ACK: each copy of an echo has its own answer, so that where there are copies this need not be the first. */
const answerAfterAll = (exchange: Exchange, since: number): Later =>
  exchange.has(FLAG.ECHO_REPEATED) ? EXCUSED : afterAll(exchange, since);

/**
 * A cookie that answers no INIT that was seen: its connector echoes it, or another. An INIT with its peer tag may come at any
 * time: it was sent before, since nobody makes up a tag that a connector then draws. Facts: its peer tag.
 */
export const laterOfCookie: Says = (exchange, held) => {
  if (!exchange.isRead) return UNDECIDED;
  if (exchange.side === held.side) {
    // The listener answers the INIT that was seen as well: this may have answered another.
    const answers = exchange.type === COOKIE && exchange.slot === held.connection;
    return answers && exchange.initTag === exchange.connection.initTag ? EXCUSED : UNDECIDED;
  }
  const [peerTag] = held.facts;
  if (exchange.type === ABORT) return STANDS;
  // With either a connection of its own may have begun.
  if (exchange.type === INIT) return exchange.initTag === peerTag ? EXCUSED : UNDECIDED;
  if (exchange.type !== COOKIE_ECHO || exchange.older) return UNDECIDED;
  return exchange.initTag === peerTag ? EXCUSED : STANDS;
};

/**
 * An echo of a cookie that was not seen: the listener takes it, while there is none that it could have taken instead. Facts:
 * whether it was altered, which nothing excuses, and whether it names another INIT.
 */
export const laterOfEcho: Says = (exchange, held) =>
  goesOnBefore(exchange, held) ? EXCUSED : ofItsOwn(exchange, held);
const ofItsOwn = decidedBy(
  (exchange, { facts: [isAltered, namesAnother] }) => {
    if (isAltered) return STANDS;
    return exchange.type === COOKIE_ECHO && exchange.echoOrigin === 'own' && !namesAnother ? STANDS : UNDECIDED;
  },
  (exchange, { facts: [isAltered, namesAnother] }) => {
    if (isAltered) return STANDS;
    if (namesAnother) return UNDECIDED;
    if (exchange.type === ABORT) return STANDS;
    if (!isOneOf(exchange, ESTABLISHED | saidBit(COOKIE_ACK))) return UNDECIDED;
    return exchange.has(FLAG.BAD_ECHO) && exchange.has(FLAG.GOOD_ECHO) ? STANDS : EXCUSED;
  },
);

/**
 * The connector goes on with the handshake that it began before the echo's own: the INIT and the echo of that one were late, and
 * its cookie may have come before the capture began.
 */
const goesOnBefore = ({ type, older, side, slot, host, isRead }: Exchange, held: Held): boolean => {
  if (type !== COOKIE_ECHO || older || !isRead || side !== held.side || held.facts[0]) return false;
  return host.connections.number(slot) < host.connections.number(held.connection);
};

/**
 * The listener has taken such an echo, and its connector goes on. By an ABORT it may end what it has itself asked for, but
 * refuses nothing. Facts: whether all of it was seen; whether the cookie is another's.
 */
export const laterOfAcceptance: Says = (exchange, held) => {
  const [wasSeen, isAnother] = held.facts;
  if (wasSeen) return STANDS;
  if (isAnother || exchange.type === ABORT) return UNDECIDED;
  return decidedBy(silent, peer(ESTABLISHED, saidBit(COOKIE_ECHO)))(exchange, held);
};

/** The connector has echoed the cookie and the listener has taken it: both go on as if it had been issued. */
export const silenceAfterAcceptance: AtEnd = ({ facts: [wasSeen, isAnother] }) =>
  wasSeen || isAnother ? UNDECIDED : EXCUSED;

/**
 * A COOKIE-ACK that acknowledges no echo that was seen. Facts: when, and whether its connector had gone on from an echo
 * already: then both ends take it as sent.
 */
export const laterOfCookieAck: Says = (exchange, held) =>
  sendsInOlder(exchange, held) ? EXCUSED : ofAcknowledgement(exchange, held);
const ofAcknowledgement = decidedBy(silent, (exchange, held) => {
  if (held.facts[1]) return EXCUSED;
  if (exchange.type === COOKIE_ECHO) return echoAfterAll(exchange, held.facts[0]);
  return peer(ESTABLISHED)(exchange, held);
});

/**
 * The connector sends new bytes in a connection whose beginning was not seen, and which was there before that of the held message: the
 * INIT of the latter may have been late, from before either was seen.
 */
const sendsInOlder = (exchange: Exchange, held: Held): boolean => {
  const { type, older, side, slot, host, isRead, newBytes } = exchange;
  if (type !== DATA || older || !isRead || side === held.side || newBytes <= 0) return false;
  return exchange.has(FLAG.PARTIAL) && host.connections.number(slot) < host.connections.number(held.connection);
};

/**
 * The connector's DATA before an echo: the listener acknowledges what was not seen, or answers what it must not know. Facts behind
 * the first: when, and whether no cookie was seen, either.
 */
export const laterOfEarlyData = unlessStrange(
  decidedBy(
    (exchange, held) => {
      const acknowledged = saidAtAll(exchange.receiver.sent) & saidBit(COOKIE_ACK);
      if (exchange.type === COOKIE_ECHO && !acknowledged) {
        // An echo of a cookie that was not seen says itself that the handshake was not seen whole.
        return exchange.echoOrigin === 'own' ? echoAfterAll(exchange, held.facts[1]) : UNDECIDED;
      }
      if (exchange.type === COOKIE_ECHO) return EXCUSED;
      return acknowledged && isOneOf(exchange, ESTABLISHED) ? EXCUSED : UNDECIDED;
    },
    peer(ESTABLISHED | saidBit(COOKIE_ACK)),
  ),
);

/** Nobody says more of it. Where neither cookie nor echo were seen before nor after, the INIT that was seen came late, and the handshake before. */
export const silenceAfterEarlyData: AtEnd = unlessStrangeAtEnd((held, exchange) =>
  held.facts[2] ? EXCUSED : silenceOfPeer(held, exchange),
);

/**
 * The listener's DATA before COOKIE-ACK: its connector takes it. A COOKIE-ACK behind it is a copy where no echo was seen. Facts
 * behind the first: when, whether it acknowledges DATA, and whether no echo was seen, either.
 */
export const laterOfUnacknowledgedData = unlessStrange(
  decidedBy(
    (exchange, held) => {
      if (exchange.type !== COOKIE_ACK) return UNDECIDED;
      return exchange.detail.echoFrame === 0 ? EXCUSED : answerAfterAll(exchange, held.facts[1]);
    },
    (exchange, held) => {
      // Its own DATA is acknowledged: there is a connection that an ABORT may just end.
      if (exchange.type === ABORT && held.facts[2]) return UNDECIDED;
      if (exchange.type !== DATA) return peer(ENDING)(exchange, held);
      // A side that waits for COOKIE-ACK sends DATA as well, but acknowledges none, and soon repeats its COOKIE-ECHO.
      return exchange.acknowledged !== 0 || exchange.now - held.facts[1] >= SOON ? EXCUSED : UNDECIDED;
    },
  ),
);

/**
 * Bytes that nobody was seen to send. Facts: where they begin and end, when, and whether nothing came behind them but a count.
 * Sent next and alone, they were skipped; sent from elsewhere on, after a while, or by one that has sent bytes again before, they
 * may have been lost on the way to the capture. So they may where their receiver lacks them, until it is shown that they were sent.
 */
export const laterOfGap = decidedBy(
  (exchange, { facts: [first, end, since] }) => {
    if (exchange.type !== DATA || exchange.dataLength === 0) return UNDECIDED;
    if (distance(exchange.dataStart, first) > 0 || distance(exchange.sequence, first) <= 0) return UNDECIDED;
    const alone = exchange.newBytes > 0 && exchange.dataStart === first && exchange.sequence === end;
    return alone && !(exchange.senderFlags & SIDE_FLAG.REPEATS) ? afterAll(exchange, since) : EXCUSED;
  },
  (exchange, { facts: [first, , since] }) => {
    if (exchange.type !== DATA && exchange.type !== SHUTDOWN) return isOneOf(exchange, ENDING) ? EXCUSED : UNDECIDED;
    if (distance(exchange.acknowledged, first) > 0) return EXCUSED;
    // A side that has not counted all bytes before them, or none yet, says nothing about them.
    const lacksThem = exchange.acknowledged === first && first !== 0;
    return !lacksThem || exchange.older || exchange.now - since < SOON ? UNDECIDED : DENIED;
  },
);

/**
 * Bytes acknowledged that nobody was seen to send: their sender goes on behind them, or ends; or it counts on from where it
 * was seen to be. DATA among them may cross, or go again, unless it comes late, or has acknowledged the very bytes that the
 * count came with. Facts: the count, when, whether its peer had counted any itself, where those bytes ended (-1: none), and
 * whether any were seen that it could have counted, or more are counted than one DATA carries.
 */
export const laterOfAcknowledgement = decidedBy(silent, (exchange, held) => {
  const [count, since, , end, couldCount] = held.facts;
  // Nobody has made a count that is wrong, where there was nothing to count: then an ABORT need not refuse it.
  if (exchange.type === ABORT && !couldCount) return UNDECIDED;
  if (exchange.type !== DATA) return peer(ENDING)(exchange, held);
  // It begins behind bytes that nobody saw, or behind the count itself.
  if (exchange.newBytes > exchange.dataLength || distance(exchange.dataStart, count) >= 0) return EXCUSED;
  if (distance(exchange.sequence, count) > 0) return STANDS;
  const isBare = exchange.dataLength === 0;
  const hasSeenIt = end >= 0 && distance(exchange.acknowledged, end) >= 0;
  // A bare acknowledgement says how much was sent so far, as new bytes do; only bytes that go again count from lower down.
  if (hasSeenIt && (isBare || exchange.newBytes > 0) && distance(exchange.sequence, count) < 0) return STANDS;
  return exchange.newBytes > 0 && !isBare && exchange.now - since >= SOON ? STANDS : UNDECIDED;
});

/**
 * A peer that was seen to count is contradicted; of one that was not all DATA may be missing. So it may be where the count was
 * right before and nothing came since that would make it grow: a wrong count is made when bytes come.
 */
export const silenceAfterAcknowledgement: AtEnd = (held, exchange) =>
  held.facts[2] && held.facts[4] ? silenceOfPeer(held, exchange) : EXCUSED;

/** SHUTDOWN before the handshake is complete: the peer answers it as if it were. Facts behind the first: when. */
export const laterOfEarlyShutdown = unlessStrange(
  decidedBy(
    (exchange, held) =>
      exchange.type === COOKIE_ACK && !exchange.older ? answerAfterAll(exchange, held.facts[1]) : UNDECIDED,
    (exchange, held) => {
      if (exchange.type === COOKIE_ACK && !exchange.older) return answerAfterAll(exchange, held.facts[1]);
      return peer(mask(SHUTDOWN_ACK, SHUTDOWN_COMPLETE))(exchange, held);
    },
  ),
);

/**
 * DATA that is new after a SHUTDOWN, unless its sender has counted more than was seen of it: then it was sent again. So it was where
 * it begins beyond what was seen. Facts: whether.
 */
export const laterOfDataAfterShutdown = decidedBy((exchange, held) => {
  if (held.facts[0]) return EXCUSED;
  const { senderDetail, sender, senderFlags, sequence } = exchange;
  if (exchange.type !== DATA || exchange.dataLength > 0) return UNDECIDED;
  const isClaimed = senderFlags & SIDE_FLAG.CLAIMS && distance(senderDetail.claimed, sequence) >= 0;
  return isClaimed || distance(sender.highest, sequence) >= 0 ? UNDECIDED : EXCUSED;
}, silent);

/** Nobody counts it. */
export const silenceAfterLateData: AtEnd = ({ facts: [isBeyond] }) => (isBeyond ? EXCUSED : UNDECIDED);

/** SHUTDOWN-ACK of no SHUTDOWN that was seen: the other side shuts down as well, or goes on. */
export const laterOfShutdownAck = unlessStrange(
  decidedBy(silent, (exchange, held) => {
    if (exchange.type === DATA) return exchange.newBytes > 0 && !exchange.older ? STANDS : UNDECIDED;
    // It was not sent in the wrong order, since another end has sent it: with that both ends take the connection for closing.
    return peer(mask(SHUTDOWN, SHUTDOWN_COMPLETE))(exchange, held);
  }),
);

/** SHUTDOWN-COMPLETE of no SHUTDOWN-ACK that was seen: the other side goes on. (ABORT also answers what comes too late.) */
export const laterOfShutdownComplete = unlessStrange(
  decidedBy(silent, exchange => {
    if (exchange.type === DATA) return exchange.newBytes > 0 && !exchange.older ? STANDS : UNDECIDED;
    // Nobody agrees after an ABORT: it did so before, and this is a copy.
    if (exchange.type === SHUTDOWN_ACK && saidAtAll(exchange.sender.sent) & saidBit(ABORT)) return EXCUSED;
    return isOneOf(exchange, mask(SHUTDOWN, SHUTDOWN_ACK)) ? STANDS : UNDECIDED;
  }),
);

/** A SHUTDOWN-COMPLETE of which nobody says anything: so ends every conversation whose SHUTDOWN-ACK was lost. */
export const silenceSaysYes = (): Later => EXCUSED;

/**
 * A step is missing and nobody says otherwise: if the peer went on after it, it took that step as done, since a peer
 * that had not got that far would have said so. Where the conversation ends right there, nothing contradicts the
 * finding, and it stands: such an end looks the same as that of a capture which missed the message before it.
 */
export const silenceOfPeer: AtEnd = (held, exchange) =>
  exchange && wentOn(exchange, held, 1 - held.side) ? EXCUSED : UNDECIDED;

/**
 * Bytes are missing, and nobody asks for them, nor does their sender stop at them. It skips none by counting, without data, how
 * much it has sent.
 */
export const silenceAfterGap: AtEnd = (held, exchange) =>
  held.facts[3] ? EXCUSED : exchange && wentOn(exchange, held, held.side) ? EXCUSED : silenceOfPeer(held, exchange);

/** Frames in which a side has said anything new of the connection that stands: `WORDS` numbers. */
function lastFrames({ table }: Exchange, connection: number, side: number): readonly number[] {
  const row = table.side();
  const detail = table.sideDetail();
  table.seekSide(row, connection, side);
  table.seekSideDetail(detail, connection, side);
  return [row.highestFrame, row.acknowledgedFrame, detail.endFrame];
}
const WORDS = 3;

/**
 * Words for a finding that `wentOn` decides: its last facts are what the two sides had said before. Frames are judged in the order
 * of their times, which need not be that of their numbers.
 */
export const rememberingSides =
  (describe: (exchange: Exchange) => Evidence) =>
  (exchange: Exchange): Evidence => {
    const { facts = [], ...words } = describe(exchange);
    const before = [0, 1].flatMap(side => lastFrames(exchange, exchange.slot, side));
    return { ...words, facts: [...facts, ...before] };
  };

/** Has a side said anything new of its connection behind the held message? */
function wentOn(exchange: Exchange, { connection, frame, facts }: Held, side: number): boolean {
  const before = facts.slice(facts.length - WORDS * (2 - side));
  return lastFrames(exchange, connection, side).some((last, i) => last !== 0 && last !== frame && last !== before[i]);
}

/** The listener's DATA before COOKIE-ACK: it acknowledges DATA, so that both ends speak as if they were connected; or not even an echo was seen. */
export const silenceAfterUnacknowledgedData: AtEnd = unlessStrangeAtEnd((held, exchange) =>
  held.facts[2] || held.facts[3] ? EXCUSED : silenceOfPeer(held, exchange),
);

/** Nobody says anything of a SHUTDOWN too early, or of a SHUTDOWN-ACK of no SHUTDOWN. */
export const silenceAfterEnding: AtEnd = unlessStrangeAtEnd((held, exchange) => silenceOfPeer(held, exchange));

/** A COOKIE-ACK of which nobody says anything. Facts: the second is whether its connector had gone on from an echo. */
export const silenceAfterCookieAck: AtEnd = (held, exchange) =>
  held.facts[1] ? EXCUSED : silenceOfPeer(held, exchange);

/** What names another INIT than its connection's belongs to a connection that was not seen. Facts: the last is whether. */
export const silenceAboutAnother = ({ facts }: Held): Later => (facts[facts.length - 1] ? EXCUSED : UNDECIDED);

/** An answer of which only the consequences came: the silent side goes on, and nobody asked it again. */
export const laterOfEchoWait = decidedBy(silent, (exchange, held) =>
  isOneOf(exchange, ESTABLISHED) && exchange.detail.echoFrame === held.frame ? EXCUSED : UNDECIDED,
);

/** A SHUTDOWN that seems unanswered: its sender completes nevertheless. */
export const laterOfShutdownWait = decidedBy(
  exchange => (exchange.type === SHUTDOWN_COMPLETE ? EXCUSED : UNDECIDED),
  silent,
);

/**
 * A tag of no handshake that was seen, though it was named: by the COOKIE-ACK of its sender, whose cookie and echo were missed, or
 * by a cookie that answers another INIT. Facts: whether by either. Nobody draws the same tag twice by mistake.
 */
export const laterOfTag = (_exchange: Exchange, held: Held): Later => endOfTag(held);
export const endOfTag = ({ facts: [byAcknowledgement, byCookie] }: Held): Later =>
  byAcknowledgement || byCookie ? EXCUSED : UNDECIDED;

/** The answers of a peer that show that a message was sent, and what its own sender says only after it. */
const SHOWN_BY: Readonly<Record<number, readonly [peer: number, self: number]>> = {
  [COOKIE_ECHO]: [saidBit(COOKIE_ACK), 0],
  [SHUTDOWN]: [saidBit(SHUTDOWN_ACK), saidBit(SHUTDOWN_COMPLETE)],
  [SHUTDOWN_ACK]: [saidBit(SHUTDOWN_COMPLETE), 0],
};

/**
 * Of a message that comes too late: is it the first of its kind that was seen of its sender, though both ends went on from one?
 * Then it is the network's late copy of that one. So it may be where what its sender says before it was missed: its step of the
 * handshake, or bytes before those of a DATA.
 */
export function factsOfLateMessage(exchange: Exchange): number[] {
  const { type, sender, receiver, fromConnector, gap } = exchange;
  const said = saidAtAll(sender.sent);
  const step = saidBit(fromConnector ? COOKIE_ECHO : COOKIE_ACK);
  if ((isOneOf(exchange, ESTABLISHED) && !(said & step)) || (type === DATA && gap > 0)) return [1];
  const [byPeer, bySelf] = SHOWN_BY[type] ?? [0, 0];
  const isFirst = !(said & saidBit(type));
  return [Number(isFirst && ((saidAtAll(receiver.sent) & byPeer) | (said & bySelf)) !== 0)];
}

/** A message too late, which may be a late copy of one that was missed: of the one that the facts say, or where any was missed. */
export const laterOfLateMessage = (_exchange: Exchange, { facts: [isShown] }: Held): Later =>
  isShown ? EXCUSED : UNDECIDED;
export const silenceAboutLateMessage = ({ facts: [isShown] }: Held): Later => (isShown ? EXCUSED : UNDECIDED);
