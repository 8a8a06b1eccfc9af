/** Rules about COOKIE. */
import { BROKEN, frames, INCONCLUSIVE, PASS, type Rule, SKIP } from '../../../src/sdk.ts';
import { verifyCookie } from '../cookies.ts';
import { type Exchange, REMARK, tagText } from '../exchange.ts';
import { COOKIE } from '../layouts.ts';
import { FLAG } from '../state.ts';
import { initOfAnotherVersionOnly, VERSION } from './init.ts';
import { laterOfCookie, silenceAboutAnother } from './later.ts';

const { peerTag, expiration } = COOKIE.fields;

export const unsupportedVersionAccepted: Rule<Exchange> = {
  id: 'mnet/unsupported-version-accepted',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  clause: 'INIT, Version',
  summary: 'a COOKIE answers an INIT of another version',
  why: 'A listener that takes a version it does not speak promises what it cannot hold. The public implementation answers such an INIT with ABORT.',
  example: 'INIT with version 2, answered by COOKIE',
  on: ['COOKIE'],
  when: REMARK.CONTROL,
  otherwise: PASS,
  check: exchange => {
    if (exchange.isCopy || !exchange.has(FLAG.INIT_VERSION_1 | FLAG.INIT_OTHER_VERSION)) return SKIP;
    return initOfAnotherVersionOnly(exchange) ? BROKEN : PASS;
  },
  describe: ({ detail }) => ({
    message: `COOKIE answers an INIT whose version is not ${VERSION}`,
    expected: 'ABORT, or no answer',
    actual: 'COOKIE',
    bytes: { offset: 0, length: 1 },
    relatedFrames: frames(detail.initFrame),
  }),
};

export const cookieUnsolicited: Rule<Exchange> = {
  id: 'mnet/cookie-unsolicited',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: 'COOKIE',
  says: 'COOKIE confirms that an INIT was received.',
  summary: 'a COOKIE comes on a pair on which no INIT was seen',
  why: 'COOKIE confirms an INIT. Sent unasked it makes a listener an amplifier, or shows that it mixes up its peers.',
  example: 'listener > connector  COOKIE, and nothing before it',
  later: laterOfCookie,
  excuse: 'answers an INIT that was not captured',
  describe: ({ message }) => ({
    message: 'COOKIE without an INIT before it',
    expected: 'COOKIE in answer to INIT only',
    actual: 'no INIT on this pair',
    bytes: { offset: 0, length: 1 },
    facts: [message.uint(peerTag)],
  }),
};

export const cookiePeerTag: Rule<Exchange> = {
  id: 'mnet/cookie-peer-tag',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: 'COOKIE, PeerConnectionTag',
  says: 'PeerConnectionTag is the ConnectionTag that the connecting peer sent in its INIT.',
  summary: "the peer tag of a COOKIE is not the INIT's tag",
  why: 'The connector tells by it which INIT is answered, and has to drop a COOKIE that answers another.',
  example: 'INIT tag cf742a, then COOKIE with PeerConnectionTag 000000',
  on: ['COOKIE'],
  when: REMARK.CONTROL,
  otherwise: PASS,
  check: ({ message, connection, isCopy }) => {
    if (isCopy || !(connection.flags & FLAG.INIT_TAG_KNOWN)) return SKIP;
    return message.uint(peerTag) === connection.initTag ? PASS : BROKEN;
  },
  later: laterOfCookie,
  atEnd: silenceAboutAnother,
  excuse: 'answers an INIT that was not captured',
  describe: ({ message, connection, detail, flags }) => ({
    message: `COOKIE names tag ${tagText(message.uint(peerTag))}, the INIT had ${tagText(connection.initTag)}`,
    expected: tagText(connection.initTag),
    actual: tagText(message.uint(peerTag)),
    bytes: { offset: peerTag.offset, length: peerTag.size },
    relatedFrames: frames(detail.initFrame),
    facts: [message.uint(peerTag), flags & FLAG.GOOD_ECHO],
  }),
};

export const cookieExpired: Rule<Exchange> = {
  id: 'mnet/cookie-expired',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'seen',
  clause: 'COOKIE, Expiration',
  summary: 'the Expiration of a COOKIE lies before its capture time by more than clockSkew',
  why: 'No echo of it can be in time: the connection cannot come about, or the listener does not look at its own cookies. (Or the clocks differ: see the dialect option clockSkew.)',
  example: 'COOKIE captured at 12:00:10 with Expiration 12:00:00',
  on: ['COOKIE'],
  when: REMARK.CONTROL,
  otherwise: PASS,
  check: ({ older, orderKnown, message, now, clockSkew }) => {
    if (older) return SKIP;
    if (!orderKnown) return INCONCLUSIVE;
    return message.uint(expiration) < now - clockSkew ? BROKEN : PASS;
  },
  describe: ({ message, now }) =>
    describeExpiry(message.uint(expiration), now, 'COOKIE was already expired when it was sent'),
};

export function describeExpiry(until: number, now: number, message: string, related: number[] = []) {
  return {
    message,
    expected: `sent by ${isoSeconds(until)}`,
    actual: `captured ${(now - until).toFixed(1)} s later`,
    bytes: { offset: expiration.offset, length: expiration.size },
    relatedFrames: related,
  };
}

const isoSeconds = (seconds: number) => new Date(seconds * 1000).toISOString().replace('.000', '');

export const cookieMac: Rule<Exchange> = {
  id: 'mnet/cookie-mac',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'COOKIE, HMAC',
  says: 'HMAC is the SHA1 HMAC of Expiration, PeerIP, LocalPort, ConnectionTag and PeerConnectionTag.',
  summary: 'the HMAC of a COOKIE does not verify (checked only with the dialect options cookieMac and cookieKey)',
  why: 'The HMAC is all that keeps a stranger from making cookies, since the listener remembers none.',
  example: '--dialect mnet.cookieMac=spec --dialect mnet.cookieKey=00112233',
  on: ['COOKIE'],
  when: REMARK.CONTROL,
  otherwise: SKIP,
  check: exchange => {
    const { host, message, flow, side, slot } = exchange;
    const kind = host.dialect.choice('cookieMac');
    const key = host.dialect.key('cookieKey');
    if (kind === 'off' || !key || exchange.isCopy) return SKIP;
    const words = new Uint32Array(4);
    const localPort = host.flows.copyEndpoint(flow, side, words);
    host.flows.copyEndpoint(flow, 1 - side, words);
    const local = host.connections.endpoint(slot, side);
    // A Go listener that was not bound to one address prints the wildcard instead of its own.
    const wildcards = kind === 'gomnet' ? [`0.0.0.0:${localPort}`, `[::]:${localPort}`] : [];
    const family = local.startsWith('[') ? 6 : 4;
    const peerAddress = addressBytes(words, family);
    return [local, ...wildcards].some(localEndpoint =>
      verifyCookie(kind, key, message, { peerAddress, localPort, localEndpoint }),
    )
      ? PASS
      : BROKEN;
  },
  describe: ({ host }) => ({
    message: `the HMAC does not verify as "${host.dialect.choice('cookieMac')}" with the key given`,
    expected: "HMAC-SHA1 under the listener's key",
    actual: 'another value',
    bytes: { offset: COOKIE.fields.hmac.offset, length: COOKIE.fields.hmac.size },
  }),
};

function addressBytes(words: Uint32Array, family: 4 | 6): Uint8Array {
  const bytes = new Uint8Array(family === 4 ? 4 : 16);
  const view = new DataView(bytes.buffer);
  for (let word = 0; word * 4 < bytes.length; word++) view.setUint32(word * 4, words[word]);
  return bytes;
}
