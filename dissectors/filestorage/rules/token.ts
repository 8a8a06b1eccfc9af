/** Rules about the token of an AUTHENTICATION, which the specification says is a JWT (RFC 7519). */
import { decodeProtectedHeader } from 'jose/decode/protected_header';
import { decodeJwt } from 'jose/jwt/decode';
import type { Evidence, JsonValue, RuleDocument } from '../../../src/sdk.ts';
import { quoted, shortened } from '../evidence.ts';
import { contentRule, type Outcomes } from '../outcomes.ts';

export const tokenFormat = contentRule({
  id: 'filestorage/token-format',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'AUTHENTICATION, token',
  summary:
    'the token is a string but no JWT: three parts in base64url, the first two JSON objects, the first with "alg"',
  why: 'The server learns from the token who the user is; without it there is nobody to store files for.',
  example: '{"message-id":"...","token":"secret","files":[]}',
});

/** A string that must be a JWT. @param now capture time, in seconds @returns whether it is one that says it is signed */
export function judgeToken(value: JsonValue, path: string, now: number, outcomes: Outcomes): boolean {
  outcomes.applies(tokenFormat.bit);
  const token = readToken(value.text);
  if (token) return judgeJwt(token, value, now, outcomes);
  const expected = 'three parts in base64url, two JSON objects';
  outcomes.breaksBy(tokenFormat, value, `${quoted(path)} is no JWT`, expected);
  return false;
}

/** A string that may be one. */
export function judgeAnyToken(value: JsonValue, now: number, outcomes: Outcomes): boolean {
  const token = readToken(value.text);
  return token !== undefined && judgeJwt(token, value, now, outcomes);
}

interface ReadToken {
  readonly algorithm: string;
  /** Seconds since the epoch; undefined when the token does not say. */
  readonly expires: number | undefined;
}

/** Three parts of base64url (none of which has a length of 4n+1). The third is empty in a token that is not signed. */
const JWT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$/;

/** What a JWT says; nothing when the text is none. */
function readToken(text: string): ReadToken | undefined {
  if (!JWT.test(text) || text.split('.').some(part => part.length % 4 === 1)) return undefined;
  try {
    const { alg } = decodeProtectedHeader(text);
    const { exp } = decodeJwt(text);
    if (typeof alg !== 'string') return undefined;
    return { algorithm: alg, expires: typeof exp === 'number' ? exp : undefined };
  } catch {
    return undefined;
  }
}

export const tokenAlgNone = contentRule({
  id: 'filestorage/token-alg-none',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'AUTHENTICATION, token',
  summary: 'the algorithm of the JWT is "none": nobody signed it',
  why: 'Anybody can write such a token in the name of any user. A server that takes it has no authentication.',
  example: '{"alg":"none"} as the first part of the token',
});

function judgeJwt({ algorithm, expires }: ReadToken, value: JsonValue, now: number, outcomes: Outcomes): boolean {
  outcomes.applies(tokenAlgNone.bit);
  const isSigned = algorithm !== 'none';
  if (!isSigned) {
    const problem = 'the token is not signed: its algorithm is "none"';
    outcomes.breaksBy(tokenAlgNone, value, problem, 'a signature', 'alg "none"');
  }
  if (expires !== undefined) judgeExpiry(value, expires, now, outcomes);
  return isSigned;
}

export const tokenExpired = contentRule({
  id: 'filestorage/token-expired',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'AUTHENTICATION, token',
  summary: 'the JWT had expired when the message was captured',
  why: 'A server must refuse it (RFC 7519, 4.1.4). If it does not, stolen tokens are good for ever. (Also the clock of the capture may be wrong.)',
  example: '{"exp":1576616934} in a token captured in 2020',
});

function judgeExpiry(value: JsonValue, expires: number, now: number, outcomes: Outcomes): void {
  outcomes.applies(tokenExpired.bit);
  if (expires >= now) return;
  const late = `${shortened(String(now - expires))} s`;
  const expected = `sent by ${timeOf(expires)}`;
  outcomes.breaksBy(tokenExpired, value, `the token expired ${late} ago`, expected, `captured ${late} later`);
}

/** A time for people, if the calendar has it. */
function timeOf(seconds: number): string {
  const time = new Date(seconds * 1000);
  return Number.isNaN(time.getTime()) ? `second ${seconds}` : time.toISOString().replace('.000', '');
}

export const tokenSignature: RuleDocument = {
  id: 'filestorage/token-signature',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'AUTHENTICATION, token',
  summary: 'the signature of the JWT does not verify (checked only with the dialect option tokenKey)',
  why: 'The token was changed, or signed by somebody else.',
  example: '--dialect filestorage.tokenKey=00112233, and a token signed with another secret',
};

/** @param bytes where the token stands in its message */
export function wordsOfSignature(bytes: Evidence['bytes']): Evidence {
  return {
    message: 'the signature of the token does not verify with the key that was given',
    expected: 'a signature made with tokenKey',
    actual: 'another one',
    ...(bytes && { bytes }),
  };
}
