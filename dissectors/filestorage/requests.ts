/**
 * Requests of a connection that have not been answered, oldest first.
 *
 * Not all of them are waited for. One that was answered only by a guess stays in the list as `presumed`: its own answer
 * may still come, and nobody is at fault then. So does one that the server may answer and need not (`due` is false),
 * because it broke the order of the conversation, or because there is no id in it that an answer could name.
 *
 * Requests come from a pool, as most of them live for one message; the row of their connection says where its list
 * begins. Their number is bounded, for a connection and over all of them; the oldest is forgotten, and from then on
 * nothing certain can be said about answers that fit none.
 */
import { type Message, withRoomFor } from '../../src/sdk.ts';
import { BITS_WORDS, type Bits } from './bits.ts';
import { type FileEntry, type Files, NO_FILE } from './files.ts';
import type { Bounds } from './identifiers.ts';
import { type ConnectionRow, MARK } from './row.ts';

/** Marks of a request. */
const ID_KNOWN = 1 << 0;
const DUE = 1 << 1;
const IN_ORDER = 1 << 2;
const OVERDUE = 1 << 3;
const PRESUMED = 1 << 4;
const CHUNK_KNOWN = 1 << 5;

export class Request {
  /** Its place in the pool, from 1, and that of the next one of its connection; 0 for none, and for one that is in no list. */
  readonly place: number;
  next = 0;
  messageName = '';
  ordinal = 0;
  frame = 0;
  seconds = 0;
  nanoseconds = 0;
  /** State of the client's side before it. */
  state = '';
  /** Of a TRANSFER: the bytes that it brought, as long as they count, and against what. */
  bytes = 0;
  file: FileEntry = NO_FILE;
  /** Of a TRANSFER: the number of its chunk (2020-01), -1 if unknown. */
  chunkNumber = -1;
  /** What is true or not, in one number: a field of its own takes eight bytes. */
  #marks = 0;

  constructor(place: number) {
    this.place = place;
  }

  get idKnown(): boolean {
    return (this.#marks & ID_KNOWN) !== 0;
  }
  set idKnown(value: boolean) {
    this.#mark(ID_KNOWN, value);
  }

  /** An answer must come. */
  get due(): boolean {
    return (this.#marks & DUE) !== 0;
  }
  set due(value: boolean) {
    this.#mark(DUE, value);
  }

  /** It came when it was allowed to come. */
  get inOrder(): boolean {
    return (this.#marks & IN_ORDER) !== 0;
  }
  set inOrder(value: boolean) {
    this.#mark(IN_ORDER, value);
  }

  /** That no answer came was reported. */
  get overdue(): boolean {
    return (this.#marks & OVERDUE) !== 0;
  }
  set overdue(value: boolean) {
    this.#mark(OVERDUE, value);
  }

  /** An answer was taken for its own without certainty. */
  get presumed(): boolean {
    return (this.#marks & PRESUMED) !== 0;
  }
  set presumed(value: boolean) {
    this.#mark(PRESUMED, value);
  }

  /** Of a TRANSFER: the id of its chunk is known (2019-12). */
  get chunkKnown(): boolean {
    return (this.#marks & CHUNK_KNOWN) !== 0;
  }
  set chunkKnown(value: boolean) {
    this.#mark(CHUNK_KNOWN, value);
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

  /** Notes which message it is. @param state of the client's side before it */
  begin(messageName: string, { ordinal, frame, seconds, nanoseconds }: Message, state: string): void {
    this.messageName = messageName;
    this.ordinal = ordinal;
    this.frame = frame;
    this.seconds = seconds;
    this.nanoseconds = nanoseconds;
    this.state = state;
  }

  /** It came when it was allowed to come, and has an id that its answer will name. */
  expectsAnswer(): void {
    this.#marks |= ID_KNOWN | DUE | IN_ORDER;
  }

  reset(): void {
    this.next = 0;
    this.#marks = 0;
    this.bytes = 0;
    this.file = NO_FILE;
    this.chunkNumber = -1;
  }

  #mark(mark: number, value: boolean): void {
    this.#marks = value ? this.#marks | mark : this.#marks & ~mark;
  }
}

/** Words of a request's ids: its own, then that of its chunk. */
const ID = 0;
const CHUNK_ID = BITS_WORDS;
const ID_WORDS = 2 * BITS_WORDS;

/** The requests of all connections. */
export class Requests {
  readonly bounds: Bounds;
  readonly files: Files;
  /** By place; those that are not in use are a list, from the one freed last. */
  readonly #requests: Request[] = [];
  /** By place; that of place 0 belongs to the request which nobody remembers. */
  #ids = new Uint32Array(64 * ID_WORDS);
  #free = 0;
  #used = 0;

  constructor(bounds: Bounds, files: Files) {
    this.bounds = bounds;
    this.files = files;
  }

  /** The request at a place, if there is one. */
  at(place: number): Request | undefined {
    return place === 0 ? undefined : this.#requests[place - 1];
  }

  get hasRoom(): boolean {
    return this.#used < this.bounds.limits.requests;
  }

  take(): Request | undefined {
    if (!this.hasRoom) return undefined;
    this.#used++;
    const free = this.at(this.#free);
    if (!free) return this.#make();
    this.#free = free.next;
    free.next = 0;
    return free;
  }

  give(request: Request): void {
    this.#used--;
    request.reset();
    request.next = this.#free;
    this.#free = request.place;
  }

  setId(request: Request, id: Bits): void {
    this.#set(request, ID, id);
  }

  hasId(request: Request, id: Bits): boolean {
    return request.idKnown && this.#holds(request, ID, id);
  }

  setChunk(request: Request, id: Bits): void {
    request.chunkKnown = true;
    this.#set(request, CHUNK_ID, id);
  }

  copyChunk({ place }: Request, into: Bits): void {
    const from = place * ID_WORDS + CHUNK_ID;
    for (let word = 0; word < BITS_WORDS; word++) into[word] = this.#ids[from + word];
  }

  hasChunk(request: Request, id: Bits): boolean {
    return request.chunkKnown && this.#holds(request, CHUNK_ID, id);
  }

  /** Its bytes do not count any longer: the chunk was not stored, or is sent again, or is forgotten. */
  releaseBytes(request: Request): void {
    if (request.bytes > 0) this.files.hold(request.file, -request.bytes);
    request.bytes = 0;
  }

  /** A loop: for a few words the built-in set costs more. */
  #set({ place }: Request, use: number, id: Bits): void {
    const ids = this.#ids;
    const at = place * ID_WORDS + use;
    for (let word = 0; word < BITS_WORDS; word++) ids[at + word] = id[word];
  }

  #holds({ place }: Request, use: number, id: Bits): boolean {
    const ids = this.#ids;
    const at = place * ID_WORDS + use;
    for (let word = 0; word < BITS_WORDS; word++) if (ids[at + word] !== id[word]) return false;
    return true;
  }

  #make(): Request {
    const request = new Request(this.#requests.length + 1);
    this.#requests.push(request);
    this.#ids = withRoomFor(this.#ids, (request.place + 1) * ID_WORDS - 1);
    return request;
  }
}

const isWaiting = ({ isWaiting: waits }: Request) => waits;
const isUnread = ({ idKnown }: Request) => !idKnown;
const isUnreadAndOpen = ({ idKnown, presumed }: Request) => !idKnown && !presumed;
const isOpen = ({ presumed }: Request) => !presumed;
const isDueAndOpen = ({ due, presumed }: Request) => due && !presumed;
const isUnansweredTransfer = ({ isTransfer, inOrder, presumed, overdue }: Request) =>
  isTransfer && inOrder && !presumed && !overdue;

/** Those of the connection in hand. */
export class Outstanding {
  readonly #connection: ConnectionRow;
  readonly #requests: Requests;

  constructor(connection: ConnectionRow, requests: Requests) {
    this.#connection = connection;
    this.#requests = requests;
  }

  /** The oldest of all. */
  get first(): Request | undefined {
    return this.#requests.at(this.#connection.firstRequest);
  }

  /** The next younger one. */
  after(request: Request): Request | undefined {
    return this.#requests.at(request.next);
  }

  get size(): number {
    return this.#connection.requests;
  }

  /** A request was forgotten that an answer may yet come to. */
  get forgotSome(): boolean {
    return this.#connection.has(MARK.FORGOT_REQUESTS);
  }

  /** Capture time of the oldest request that is waited for. */
  get waitingSince(): number {
    return this.#requests.at(this.#connection.longestWaiting)?.time ?? Number.POSITIVE_INFINITY;
  }

  /** One more request can be remembered, and none need be forgotten for it. */
  get hasRoom(): boolean {
    return this.size < this.#requests.bounds.limits['connection-requests'] && this.#requests.hasRoom;
  }

  /** A new request at the end of the list, for the caller to fill before `added`; undefined when there is no room at all. */
  add(): Request | undefined {
    const { bounds } = this.#requests;
    if (this.size >= bounds.limits['connection-requests']) {
      bounds.limitHit('connection-requests');
      this.#forgetOldest();
    }
    let request = this.#requests.take();
    if (!request) {
      bounds.limitHit('requests');
      this.#forgetOldest();
      request = this.#requests.take();
    }
    if (request) this.#append(request);
    else this.#connection.mark(MARK.FORGOT_REQUESTS);
    return request;
  }

  /** The caller has filled the request that it added. */
  added(request: Request): void {
    if (request.isWaiting && request.time < this.waitingSince) this.#connection.longestWaiting = request.place;
  }

  /** The request with this id. */
  withId(id: Bits): Request | undefined {
    let request = this.first;
    while (request && !this.#requests.hasId(request, id)) request = this.after(request);
    return request;
  }

  /** The oldest whose id could not be read; one that is taken as answered only where there is no other. */
  get oldestUnread(): Request | undefined {
    return this.#find(isUnreadAndOpen) ?? this.#find(isUnread);
  }

  /** The oldest that is not taken as answered: first of those that must be. */
  get oldest(): Request | undefined {
    return this.#find(isDueAndOpen) ?? this.#find(isOpen);
  }

  /** Whether it is the only one that an answer could belong to. */
  isOnly(request: Request): boolean {
    return this.size === 1 && this.#connection.firstRequest === request.place;
  }

  /** The oldest TRANSFER that the client ought to have waited for. */
  get unansweredTransfer(): Request | undefined {
    return this.#find(isUnansweredTransfer);
  }

  /** It was answered beyond doubt; it goes back to the pool, and its fields are gone. */
  remove(request: Request): void {
    this.#unlink(request);
    this.#noteWaitOver(request);
    this.#requests.give(request);
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
    const connection = this.#connection;
    for (let request = this.first; request; ) {
      const next = this.after(request);
      this.#requests.give(request);
      request = next;
    }
    connection.requests = 0;
    connection.firstRequest = 0;
    connection.lastRequest = 0;
    connection.longestWaiting = 0;
  }

  #find(suits: (request: Request) => boolean): Request | undefined {
    let request = this.first;
    while (request && !suits(request)) request = this.after(request);
    return request;
  }

  #before({ place }: Request): Request | undefined {
    if (this.#connection.firstRequest === place) return undefined;
    let request = this.first;
    while (request && request.next !== place) request = this.after(request);
    return request;
  }

  #append(request: Request): void {
    const connection = this.#connection;
    const last = this.#requests.at(connection.lastRequest);
    if (last) last.next = request.place;
    else connection.firstRequest = request.place;
    connection.lastRequest = request.place;
    connection.requests++;
  }

  #unlink(request: Request): void {
    const connection = this.#connection;
    const before = this.#before(request);
    if (before) before.next = request.next;
    else connection.firstRequest = request.next;
    if (request.next === 0) connection.lastRequest = before?.place ?? 0;
    connection.requests--;
  }

  #forgetOldest(): void {
    const oldest = this.first;
    if (!oldest) return;
    if (!oldest.presumed) this.#connection.mark(MARK.FORGOT_REQUESTS);
    this.#requests.releaseBytes(oldest);
    this.remove(oldest);
  }

  /** A request is waited for no longer: who is it now that waits longest? */
  #noteWaitOver(request: Request): void {
    if (request.place !== this.#connection.longestWaiting) return;
    this.#connection.longestWaiting = this.#find(isWaiting)?.place ?? 0;
  }
}
