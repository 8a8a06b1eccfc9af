/**
 * One GET of a capture, or of a part of it: follows redirects, and says in one clause why there is no answer to read.
 *
 * It is built on node:http rather than fetch, which unpacks a body unasked: files that end in `.gz` often come with
 * `Content-Encoding: gzip`, and then neither their length nor any range of theirs fits what fetch hands out.
 *
 * Credentials (userinfo of the URL, or what the environment has) go to the origin that the user named, and to no other
 * that a redirect leads to. The environment's proxies are not asked.
 */

import * as http from 'node:http';
import * as https from 'node:https';
import { codeOf, reasonOf } from '../system-errors.ts';
import { urlName } from './location.ts';
import type { WallClock } from './store.ts';

/** What captures by URL need of the world outside. */
export interface Network {
  /** By which silence and pauses are measured; it really waits. */
  readonly clock: WallClock;
  /** Value of the Authorization header for one origin, where the URL itself has no userinfo. */
  readonly authorization?: { readonly origin: string; readonly value: string };
  /** Why nothing can be fetched: a clause. */
  readonly complaint?: string;
}

/** Bytes [from, to), or from there to the end. */
export interface Range {
  readonly from: number;
  readonly to?: number;
  /** Validator of the version that the range is meant of; of another one the server sends all. */
  readonly ifRange?: string | undefined;
}

/** Why a server did not give what was asked for, in one clause and without any secret. */
export class HttpError extends Error {
  /** To ask again is of no use. */
  readonly isFinal: boolean;
  /** The server has no such file. */
  readonly isMissing: boolean;

  constructor(message: string, { isFinal = false, isMissing = false } = {}) {
    super(message);
    this.isFinal = isFinal;
    this.isMissing = isMissing;
  }
}

/** Milliseconds in which a server must say something that is asked or has begun to answer. */
export const SILENCE_LIMIT = 30_000;

const MOST_REDIRECTS = 10;
const REDIRECTS: readonly (number | undefined)[] = [301, 302, 303, 307, 308];

const UNTRUSTED = 'name a file with the certificate of its issuer in NODE_EXTRA_CA_CERTS';
const TLS_REASONS: ReadonlyMap<string, string> = new Map([
  ['DEPTH_ZERO_SELF_SIGNED_CERT', `the server's certificate is self-signed: ${UNTRUSTED}`],
  ['SELF_SIGNED_CERT_IN_CHAIN', `the server's certificate is from an issuer that is not trusted: ${UNTRUSTED}`],
  ['UNABLE_TO_GET_ISSUER_CERT', `the issuer of the server's certificate is not known: ${UNTRUSTED}`],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', `the issuer of the server's certificate is not known: ${UNTRUSTED}`],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', `the issuer of the server's certificate is not known: ${UNTRUSTED}`],
  ['CERT_HAS_EXPIRED', "the server's certificate has expired"],
  ['CERT_NOT_YET_VALID', "the server's certificate is not valid yet: is the clock of this machine right?"],
  ['ERR_TLS_CERT_ALTNAME_INVALID', "the server's certificate is for another host name"],
]);

const STATUS_ADVICE: ReadonlyMap<number, string> = new Map([
  [401, 'give a user as https://USER:PASSWORD@HOST/..., or set WIRELINT_HTTP_AUTHORIZATION'],
  [403, 'a signed URL may have expired, or its user may not read this'],
  [404, 'the server has no such file: look at the path'],
  [410, 'the server has this file no more'],
  [416, 'the file is shorter than it was'],
  [429, 'the server is asked too often: try again later'],
]);
/** Those after which the next try may go well. */
const PASSING: readonly number[] = [408, 429, 500, 502, 503, 504];
const MISSING: readonly number[] = [404, 410];

/**
 * Asks for a file, or a range of it. Resolves to the answer with its body still to be read, whatever its status is, but
 * for redirects.
 * @param signal ends the asking
 * @throws HttpError
 */
export async function get(
  named: URL,
  range: Range | undefined,
  network: Network,
  signal?: AbortSignal,
): Promise<http.IncomingMessage> {
  if (network.complaint !== undefined) throw new HttpError(network.complaint, { isFinal: true });
  let url = named;
  for (let step = 0; step <= MOST_REDIRECTS; step++) {
    const headers = { ...headersOf(range), ...(url.origin === named.origin && credentialsOf(named, network)) };
    const answer = await ask(url, headers, network.clock, signal);
    if (!REDIRECTS.includes(answer.statusCode)) return answer;
    answer.destroy();
    url = redirected(url, answer.headers.location);
  }
  throw new HttpError(`is redirected more than ${MOST_REDIRECTS} times`, { isFinal: true });
}

/** The error for an answer that is not what was asked for. */
export function statusError({ statusCode: status = 0 }: http.IncomingMessage): HttpError {
  // The server's own words for it are nobody's to print.
  const name = http.STATUS_CODES[status];
  const advice = STATUS_ADVICE.get(status) ?? (status >= 500 ? 'the server is at fault: try again later' : undefined);
  const answer = `the server answers ${status}${name === undefined ? '' : ` ${name}`}`;
  return new HttpError(advice === undefined ? answer : `${answer} (${advice})`, {
    isFinal: !PASSING.includes(status),
    isMissing: MISSING.includes(status),
  });
}

/** Waits for a promise for so long; then `destroy` is to end what it waits for, with the error that it is given. */
export async function withinSilence<T>(
  promise: Promise<T>,
  milliseconds: number,
  clock: WallClock,
  destroy: (error: HttpError) => void,
): Promise<T> {
  const spoken = new AbortController();
  void clock.sleep(milliseconds, spoken.signal).then(() => {
    if (!spoken.signal.aborted) destroy(new HttpError(`no byte came for ${milliseconds / 1000} seconds`));
  });
  try {
    return await promise;
  } finally {
    spoken.abort();
  }
}

/** Why an exchange failed, as an error of ours. What is no failure of the system or a server, a bug, is thrown. */
export function failure(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  if (codeOf(error) === '') throw error;
  const tls = TLS_REASONS.get(codeOf(error));
  if (tls !== undefined) return new HttpError(tls, { isFinal: true });
  const [, reason] = /SSL routines:[^:]*:([^:\n]+)/.exec(error instanceof Error ? error.message : '') ?? [];
  if (reason !== undefined) return tlsError(reason);
  if (codeOf(error).startsWith('HPE_')) return new HttpError('the answer is no HTTP');
  return new HttpError(reasonOf(error, { failure: 'the connection failed' }));
}

/** @param reason in OpenSSL's words */
function tlsError(reason: string): HttpError {
  const isOther = /wrong version number|packet length too long/i.test(reason);
  return new HttpError(isOther ? 'no TLS is spoken there: try http://' : `TLS cannot be agreed on: ${reason}`, {
    isFinal: true,
  });
}

function headersOf(range: Range | undefined): http.OutgoingHttpHeaders {
  // A length and ranges are of the file then, and of nothing that was made of it.
  const always = { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'wirelint' };
  if (!range) return always;
  const { from, to, ifRange } = range;
  const last = to === undefined ? '' : to - 1;
  return { ...always, range: `bytes=${from}-${last}`, ...(ifRange !== undefined && { 'if-range': ifRange }) };
}

function credentialsOf({ username, password, origin }: URL, network: Network): http.OutgoingHttpHeaders {
  const { authorization } = network;
  if (username === '' && password === '')
    return authorization?.origin === origin ? { authorization: authorization.value } : {};
  const pair = `${unescaped(username)}:${unescaped(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** @throws HttpError for a place that is not gone to */
function redirected(from: URL, location: string | undefined): URL {
  if (location === undefined || !URL.canParse(location, from.href)) {
    throw new HttpError('the server redirects to what is no URL', { isFinal: true });
  }
  const to = new URL(location, from);
  if (to.protocol !== 'https:' && to.protocol !== 'http:') {
    throw new HttpError(`the server redirects to ${to.protocol} (expected http: or https:)`, { isFinal: true });
  }
  if (from.protocol === 'https:' && to.protocol === 'http:') {
    throw new HttpError(`the server redirects from https: to http: (${urlName(to)}); name that one if you trust it`, {
      isFinal: true,
    });
  }
  return to;
}

async function ask(
  url: URL,
  headers: http.OutgoingHttpHeaders,
  clock: WallClock,
  signal: AbortSignal | undefined,
): Promise<http.IncomingMessage> {
  // Userinfo would become a header of its own.
  const target = new URL(url);
  target.username = '';
  target.password = '';
  const options = { headers, ...(signal && { signal }) };
  const request = (url.protocol === 'https:' ? https : http).get(target, options);
  const answered = new Promise<http.IncomingMessage>((resolve, reject) => {
    request.on('response', resolve);
    // It also hears of what happens after the answer has begun, which is for who reads the answer.
    request.on('error', reject);
  });
  try {
    const answer = await withinSilence(answered, SILENCE_LIMIT, clock, error => request.destroy(error));
    answer.on('error', () => {});
    return answer;
  } catch (error) {
    // A connection that was kept from the last answer may have been closed by the server meanwhile.
    if (request.reusedSocket && codeOf(error) === 'ECONNRESET') return ask(url, headers, clock, signal);
    throw failure(error);
  }
}
