/**
 * Requests of a connection that have not been answered, oldest first.
 *
 * Not all of them are waited for. One that was answered only by a guess stays in the list as `presumed`: its own answer
 * may still come, and is then nobody's fault. So does one that the server may answer and need not (`due` is false),
 * because it broke the order of the conversation, or because there is no id in it that an answer could name.
 *
 * Requests come from a pool, as most of them live for one message. Their number is bounded, for a connection and over all
 * of them; the oldest is forgotten, and from then on nothing certain can be said about answers that fit none.
 */

import type { ExpectedFile } from './files.ts';
import { IDENTIFIER_WORDS, type Identifier, sameIdentifier } from './identifiers.ts';

/** Requests remembered for one connection, and over all. */
export const MOST_OUTSTANDING = 1_024;
export const MOST_OUTSTANDING_IN_ALL = 65_536;

export class Request {
  messageName = '';
  frame = 0;
  seconds = 0;
  nanoseconds = 0;
  /** State of the client's side before it. */
  state = '';
  idKnown = false;
  readonly id: Identifier = new Uint32Array(IDENTIFIER_WORDS);
  /** An answer must come. */
  due = false;
  /** It came when it was allowed to come. */
  inOrder = false;
  /** That no answer came was reported. */
  overdue = false;
  /** An answer was taken for its own without certainty. */
  presumed = false;
  /** Of a TRANSFER: the bytes that it brought, as long as they count, and to which file (2020-01). */
  bytes = 0;
  file: ExpectedFile | undefined = undefined;
  /** Of a TRANSFER: its chunk, by id (2019-12) or by number (2020-01, -1 if unknown). */
  chunkKnown = false;
  readonly chunk: Identifier = new Uint32Array(IDENTIFIER_WORDS);
  chunkNumber = -1;

  /** Its bytes do not count any longer: the chunk was not stored, or is sent again, or is forgotten. */
  releaseBytes(): void {
    if (this.file) this.file.held -= this.bytes;
    this.bytes = 0;
  }

  get isWaiting(): boolean {
    return this.due && !this.overdue && !this.presumed;
  }

  get isTransfer(): boolean {
    return this.messageName === 'TRANSFER';
  }

  get isAuthentication(): boolean {
    return this.messageName === 'AUTHENTICATION';
  }

  /** Seconds of capture time. */
  get time(): number {
    return this.seconds + this.nanoseconds * 1e-9;
  }

  reset(): void {
    this.idKnown = false;
    this.due = false;
    this.inOrder = false;
    this.overdue = false;
    this.presumed = false;
    this.bytes = 0;
    this.file = undefined;
    this.chunkKnown = false;
    this.chunkNumber = -1;
  }
}

/** Requests that are not in use, and how many are. */
export class RequestPool {
  readonly #free: Request[] = [];
  #used = 0;

  take(): Request | undefined {
    if (this.#used >= MOST_OUTSTANDING_IN_ALL) return undefined;
    this.#used++;
    return this.#free.pop() ?? new Request();
  }

  give(request: Request): void {
    this.#used--;
    request.reset();
    this.#free.push(request);
  }
}

export class Outstanding {
  readonly #pool: RequestPool;
  readonly #requests: Request[] = [];
  /** A request was forgotten that an answer may yet come to. */
  forgotSome = false;
  /** Capture time of the oldest request that is waited for. */
  waitingSince = Number.POSITIVE_INFINITY;

  constructor(pool: RequestPool) {
    this.#pool = pool;
  }

  /** All of them, oldest first; not to be kept. */
  get all(): readonly Request[] {
    return this.#requests;
  }

  /** A new request at the end of the list, for the caller to fill before `added`; undefined when there is no room at all. */
  add(): Request | undefined {
    if (this.#requests.length >= MOST_OUTSTANDING) this.#forgetOldest();
    let request = this.#pool.take();
    if (!request) {
      this.#forgetOldest();
      request = this.#pool.take();
    }
    if (request) this.#requests.push(request);
    else this.forgotSome = true;
    return request;
  }

  /** The caller has filled the request that it added. */
  added(request: Request): void {
    if (request.isWaiting) this.waitingSince = Math.min(this.waitingSince, request.time);
  }

  /** The request with this id. */
  withId(id: Identifier): Request | undefined {
    for (const request of this.#requests) {
      if (request.idKnown && sameIdentifier(request.id, id)) return request;
    }
    return undefined;
  }

  /** The oldest whose id could not be read; one that is taken as answered only where there is no other. */
  get oldestUnread(): Request | undefined {
    const requests = this.#requests;
    return requests.find(({ idKnown, presumed }) => !idKnown && !presumed) ?? requests.find(({ idKnown }) => !idKnown);
  }

  /** The oldest that is not taken as answered: first of those that must be. */
  get oldest(): Request | undefined {
    const requests = this.#requests;
    return requests.find(({ due, presumed }) => due && !presumed) ?? requests.find(({ presumed }) => !presumed);
  }

  /** Whether it is the only one that an answer could belong to. */
  isOnly(request: Request): boolean {
    return this.#requests.every(other => other === request);
  }

  /** The oldest TRANSFER that the client ought to have waited for. */
  get unansweredTransfer(): Request | undefined {
    return this.#requests.find(
      ({ isTransfer, inOrder, presumed, overdue }) => isTransfer && inOrder && !presumed && !overdue,
    );
  }

  /** It was answered beyond doubt; it goes back to the pool, and its fields are gone. */
  remove(request: Request): void {
    const index = this.#requests.indexOf(request);
    if (index === 0) this.#requests.shift();
    else if (index > 0) this.#requests.splice(index, 1);
    if (index < 0) return;
    this.#noteWaitOver(request);
    this.#pool.give(request);
  }

  /** It is taken as answered. */
  presume(request: Request): void {
    request.presumed = true;
    this.#noteWaitOver(request);
  }

  /** That it was not answered was reported. */
  reported(request: Request): void {
    request.overdue = true;
    this.#noteWaitOver(request);
  }

  /** Forgets all of them. */
  clear(): void {
    for (const request of this.#requests) this.#pool.give(request);
    this.#requests.length = 0;
    this.waitingSince = Number.POSITIVE_INFINITY;
  }

  #forgetOldest(): void {
    const oldest = this.#requests.shift();
    if (!oldest) return;
    if (!oldest.presumed) this.forgotSome = true;
    oldest.releaseBytes();
    this.#noteWaitOver(oldest);
    this.#pool.give(oldest);
  }

  /** A request is waited for no longer: who is it now that waits longest? */
  #noteWaitOver(request: Request): void {
    if (request.time > this.waitingSince) return;
    const next = this.#requests.find(({ isWaiting }) => isWaiting);
    this.waitingSince = next ? next.time : Number.POSITIVE_INFINITY;
  }
}
