/** Rules about COOKIE-ECHO. */
import { BROKEN, frames, INCONCLUSIVE, PASS, type Rule, SKIP } from '../../../src/sdk.ts';

import { type EchoOrigin, type Exchange, REMARK } from '../exchange.ts';
import { COOKIE, COOKIE_CONTENT } from '../layouts.ts';
import { FLAG } from '../state.ts';
import { describeExpiry } from './cookie.ts';
import { laterOfEcho, silenceAboutAnother } from './later.ts';

/** Asks for one origin. */
function isNot(origin: EchoOrigin) {
  return ({ echoOrigin, isCopy }: Exchange) => {
    if (echoOrigin === 'untold') return INCONCLUSIVE;
    if (isCopy && echoOrigin !== 'own') return SKIP;
    return echoOrigin === origin ? BROKEN : PASS;
  };
}

const content = { bytes: COOKIE_CONTENT } as const;

export const echoAddress: Rule<Exchange> = {
  id: 'mnet/echo-address',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: 'COOKIE-ECHO',
  says: 'COOKIE-ECHO confirms that its sender owns the address and port from which the INIT came.',
  summary: 'the content of a COOKIE-ECHO was issued to another address or port',
  why: 'The echo confirms ownership of the address and port that the INIT came from. A cookie of another pair confirms nothing; it was overheard or moved.',
  example: 'the cookie issued to 10.0.0.1:5000 comes back from 10.0.0.2:5000',
  on: ['COOKIE-ECHO'],
  when: REMARK.CONTROL,
  otherwise: PASS,
  check: isNot('another'),
  describe: () => ({
    ...content,
    message: 'this cookie was issued to another address or port',
    expected: 'a cookie issued to this address and port',
    actual: 'a cookie issued to another',
  }),
};

export const echoUnsolicited: Rule<Exchange> = {
  id: 'mnet/echo-unsolicited',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: 'COOKIE-ECHO',
  says: 'COOKIE-ECHO carries a copy of the COOKIE that was received from the listener.',
  summary: 'a COOKIE-ECHO comes and no COOKIE was issued to this pair, nor is its content a cookie issued to another',
  why: 'There is nothing it could echo: it is forged, or its sender has lost count of its handshakes.',
  example: 'INIT, then COOKIE-ECHO without a COOKIE between',
  on: ['COOKIE-ECHO'],
  when: REMARK.CONTROL,
  otherwise: PASS,
  check: isNot('unsolicited'),
  later: laterOfEcho,
  atEnd: silenceAboutAnother,
  excuse: 'echoes a COOKIE that was not captured',
  describe: ({ detail, initTag, connection }) => ({
    ...content,
    message: 'COOKIE-ECHO though no COOKIE was issued to this pair',
    expected: 'COOKIE-ECHO in answer to COOKIE only',
    actual: 'no COOKIE before it',
    relatedFrames: frames(detail.initFrame),
    facts: [0, Number(initTag !== connection.initTag)],
  }),
};

export const echoMismatch: Rule<Exchange> = {
  id: 'mnet/echo-mismatch',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: 'COOKIE-ECHO, CookiePacketPayload',
  says: 'CookiePacketPayload is a copy, byte by byte, of the COOKIE that was received from the listener.',
  summary: 'a COOKIE-ECHO differs from the COOKIE issued to this pair',
  why: 'The payload must be a copy byte by byte; the HMAC cannot verify over anything else.',
  example: 'COOKIE b6 0a fb ..., COOKIE-ECHO b6 0a fc ...',
  on: ['COOKIE-ECHO'],
  when: REMARK.CONTROL,
  otherwise: PASS,
  check: isNot('altered'),
  restsOnHere: ({ cookies, detail, message }) => (cookies.isLikeOneOf(detail, message) ? 'seen' : 'unseen'),
  later: laterOfEcho,
  atEnd: silenceAboutAnother,
  excuse: 'echoes a COOKIE that was not captured',
  describe: ({ detail, initTag, connection, cookies, message }) => ({
    ...content,
    message: 'COOKIE-ECHO is no copy of a COOKIE issued to this pair',
    expected: 'bytes 1 to 31 of the COOKIE, unchanged',
    actual: 'other bytes',
    relatedFrames: frames(detail.cookieFrame),
    facts: [Number(cookies.isLikeOneOf(detail, message)), Number(initTag !== connection.initTag)],
  }),
};

export const echoExpired: Rule<Exchange> = {
  id: 'mnet/echo-expired',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'seen',
  clause: 'COOKIE, Expiration',
  summary: "a COOKIE-ECHO is sent after the cookie's Expiration plus clockSkew",
  why: 'The listener will not take the cookie back: the handshake has to begin again. (Or the clocks differ: see the dialect option clockSkew.)',
  example: 'COOKIE with Expiration 12:00:06, COOKIE-ECHO captured at 12:00:10',
  on: ['COOKIE-ECHO'],
  when: REMARK.CONTROL,
  otherwise: PASS,
  check: ({ older, orderKnown, flags, message, now, clockSkew }) => {
    if (older) return SKIP;
    if (!orderKnown) return INCONCLUSIVE;
    // By the clock of a listener whose cookies are expired as they are issued nobody can tell how old this one is.
    if (flags & FLAG.CLOCKS_DIFFER) return INCONCLUSIVE;
    return message.uint(COOKIE.fields.expiration) < now - clockSkew ? BROKEN : PASS;
  },
  describe: ({ message, now, detail }) =>
    describeExpiry(
      message.uint(COOKIE.fields.expiration),
      now,
      'COOKIE-ECHO was sent after its cookie had expired',
      frames(detail.cookieFrame),
    ),
};
