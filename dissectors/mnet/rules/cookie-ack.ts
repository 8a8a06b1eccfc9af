/** Rules about COOKIE-ACK, and about what a listener takes for one. */
import { BROKEN, frames, PASS, type Rule, SKIP } from '../../../src/sdk.ts';
import { type Exchange, REMARK } from '../exchange.ts';
import { TYPE } from '../layouts.ts';
import { FLAG, saidAtAll, saidBit } from '../state.ts';
import {
  laterOfAcceptance,
  laterOfCookieAck,
  rememberingSides,
  silenceAfterAcceptance,
  silenceAfterCookieAck,
} from './later.ts';

export const cookieAckUnsolicited: Rule<Exchange> = {
  id: 'mnet/cookie-ack-unsolicited',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: 'COOKIE-ACK',
  summary: 'a COOKIE-ACK comes and no COOKIE-ECHO was seen',
  why: 'COOKIE-ACK confirms that a cookie came back. Without one the listener has not verified whom it talks to.',
  example: 'INIT, COOKIE, COOKIE-ACK',
  later: laterOfCookieAck,
  atEnd: silenceAfterCookieAck,
  excuse: 'acknowledges a COOKIE-ECHO that was not captured',
  describe: rememberingSides(({ detail, now, receiver, isTagStrange }) => ({
    message: 'COOKIE-ACK though no COOKIE-ECHO was sent',
    expected: 'COOKIE-ACK in answer to COOKIE-ECHO only',
    actual: 'no COOKIE-ECHO before it',
    bytes: { offset: 0, length: 1 },
    relatedFrames: frames(detail.initFrame, detail.cookieFrame),
    facts: [now, Number(isTagStrange) | (saidAtAll(receiver.sent) & saidBit(TYPE.DATA))],
  })),
};

export const badCookieAccepted: Rule<Exchange> = {
  id: 'mnet/bad-cookie-accepted',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: 'COOKIE-ECHO',
  summary: 'COOKIE-ACK or DATA answers an echo that was expired, altered, unsolicited, or issued to another',
  why: 'A listener that takes any cookie does not verify addresses: connections can be opened in the name of others.',
  example: 'COOKIE-ECHO with one bit changed, answered by COOKIE-ACK',
  on: ['COOKIE-ACK', 'DATA'],
  when: REMARK.BAD_ECHO,
  otherwise: remarks => (remarks & REMARK.ACCEPTS ? PASS : SKIP),
  check: exchange => {
    const echoes = exchange.flags & (FLAG.BAD_ECHO | FLAG.GOOD_ECHO);
    if (exchange.fromConnector || !echoes) return SKIP;
    if (exchange.type === TYPE.DATA && !(echoes & FLAG.BAD_ECHO)) return SKIP;
    // A good echo before or after the bad one may be what is answered.
    return echoes === FLAG.BAD_ECHO ? BROKEN : PASS;
  },
  restsOnHere: ({ flags }) => (flags & FLAG.ECHO_OF_UNSEEN ? 'unseen' : 'seen'),
  // Whether a cookie is too old depends on comparing two clocks.
  severityHere: ({ flags }) => (flags & FLAG.ECHO_EXPIRED_ONLY ? 'warning' : 'error'),
  later: laterOfAcceptance,
  atEnd: silenceAfterAcceptance,
  excuse: 'accepts the echo of a COOKIE that was not captured',
  describe: ({ detail, messageName, flags }) => ({
    message: `${messageName} accepts a COOKIE-ECHO that must not be accepted`,
    expected: 'ABORT, or no answer',
    actual: messageName,
    bytes: { offset: 0, length: 1 },
    relatedFrames: frames(detail.echoFrame),
    facts: [Number(!(flags & FLAG.ECHO_OF_UNSEEN)), flags & FLAG.ECHO_OF_ANOTHER],
  }),
};
