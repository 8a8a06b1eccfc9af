/**
 * The cookies that listeners have issued. The listener keeps no state before the echo, so the observer does: an echo is
 * held against the cookies of its own pair first, then against all others.
 */
import { createHmac } from 'node:crypto';
import { KeyTable, type Message, MOST_ENTRIES, type TrackerHost, withRoomFor } from '../../src/sdk.ts';
import { COOKIE, COOKIE_CONTENT } from './layouts.ts';
import type { ConnectionDetail } from './state.ts';

const CONTENT_WORDS = 8;

/** What the log needs of the tracker's host. */
type Bounds = Pick<TrackerHost<unknown>, 'seed' | 'limits' | 'limitHit' | 'across'>;

export class CookieLog {
  /** Cookies by content and flow. The rows of `#next` and `#content` are indexed by its ids. */
  readonly #issued: KeyTable;
  readonly #host: Bounds;
  /** Contents; the flow each was last issued to, and how many entries of `#issued` hold it. */
  readonly #contents: KeyTable;
  #next = new Uint32Array(64);
  #content = new Uint32Array(64);
  #holders = new Uint32Array(64);
  #flows = new Uint32Array(64);
  /** By id of `#issued`: its connector has echoed it. */
  #echoed = new Uint32Array(64);

  constructor(host: Bounds) {
    this.#host = host;
    const limit = Math.min(host.limits.flows * 2, MOST_ENTRIES);
    this.#issued = new KeyTable(CONTENT_WORDS + 1, host.seed, limit);
    this.#contents = new KeyTable(CONTENT_WORDS, host.seed, limit);
  }

  /** Remembers a whole COOKIE of a connection; false when a bound does not allow it. */
  issue(connection: ConnectionDetail, flow: number, message: Message): boolean {
    if (this.issuedTo(flow, message)) return true;
    if (connection.cookieCount >= this.#host.limits['connection-cookies']) {
      this.#host.limitHit('connection-cookies');
      return false;
    }
    const content = this.#contentId(message);
    const id = content < 0 ? -1 : this.#issued.add();
    if (id < 0) {
      if (content >= 0 && this.#holders[content] === 0) this.#contents.remove(content);
      this.#host.limitHit('flows');
      return false;
    }
    this.#next = withRoomFor(this.#next, id);
    this.#content = withRoomFor(this.#content, id);
    this.#holders[content]++;
    this.#flows[content] = flow;
    this.#content[id] = content;
    this.#echoed = withRoomFor(this.#echoed, id);
    this.#echoed[id] = 0;
    this.#next[id] = connection.cookies;
    connection.cookies = id + 1;
    connection.cookieCount++;
    return true;
  }

  /** Was this content issued on this flow? */
  issuedTo(flow: number, message: Message): boolean {
    return this.#idOf(flow, message) >= 0;
  }

  /** Was a cookie with this content, issued on this flow, echoed? */
  wasEchoed(flow: number, message: Message): boolean {
    const id = this.#idOf(flow, message);
    return id >= 0 && this.#echoed[id] !== 0;
  }

  noteEcho(flow: number, message: Message): void {
    const id = this.#idOf(flow, message);
    if (id >= 0) this.#echoed[id] = 1;
  }

  /** Has a cookie of this connection the tags, version and Expiration of this content, whatever its HMAC is? */
  isLikeOneOf(connection: ConnectionDetail, message: Message): boolean {
    const key = this.#issued.key;
    writeContent(key, message);
    for (let entry = connection.cookies; entry !== 0; entry = this.#next[entry - 1]) {
      const word = (at: number) => this.#issued.read(entry - 1, at);
      const isAlike =
        (word(0) ^ key[0]) >>> 8 === 0 && (word(1) ^ key[1]) << 24 === 0 && (word(2) ^ key[2]) >>> 8 === 0;
      if (isAlike) return true;
    }
    return false;
  }

  /** Has a cookie of this connection this tag of its listener's? */
  hasTag(connection: ConnectionDetail, tag: number): boolean {
    for (let entry = connection.cookies; entry !== 0; entry = this.#next[entry - 1]) {
      if (this.#issued.read(entry - 1, 0) >>> 8 === tag) return true;
    }
    return false;
  }

  /** Does a cookie of this connection that answers another INIT name this tag, as its listener's or as that INIT's? */
  isOfAnotherInit(connection: ConnectionDetail, initTag: number, tag: number): boolean {
    for (let entry = connection.cookies; entry !== 0; entry = this.#next[entry - 1]) {
      const first = this.#issued.read(entry - 1, 0);
      const peerTag = ((first & 0xff) << 16) | (this.#issued.read(entry - 1, 1) >>> 16);
      if (peerTag !== initTag && (peerTag === tag || first >>> 8 === tag)) return true;
    }
    return false;
  }

  #idOf(flow: number, message: Message): number {
    writeContent(this.#issued.key, message);
    this.#issued.key[CONTENT_WORDS] = flow;
    return this.#issued.find();
  }

  /** Flow that this content was issued to, whichever it is; -1 if none. */
  flowOf(message: Message): number {
    writeContent(this.#contents.key, message);
    this.#host.across?.asks('cookie', this.#contents.key);
    const id = this.#contents.find();
    return id < 0 ? -1 : this.#flows[id];
  }

  /** Forgets a connection's cookies. */
  release(connection: ConnectionDetail): void {
    for (let entry = connection.cookies; entry !== 0; ) {
      const id = entry - 1;
      const content = this.#content[id];
      this.#holders[content]--;
      if (this.#holders[content] === 0) this.#contents.remove(content);
      this.#issued.remove(id);
      entry = this.#next[id];
    }
    connection.cookies = 0;
  }

  #contentId(message: Message): number {
    writeContent(this.#contents.key, message);
    this.#host.across?.holds('cookie', this.#contents.key);
    const present = this.#contents.find();
    if (present >= 0) return present;
    const id = this.#contents.add();
    if (id < 0) return -1;
    this.#holders = withRoomFor(this.#holders, id);
    this.#flows = withRoomFor(this.#flows, id);
    this.#holders[id] = 0;
    return id;
  }
}

function writeContent(key: Uint32Array, message: Message): void {
  const { bytes } = message;
  const from = message.start + COOKIE_CONTENT.offset;
  for (let word = 0; word < CONTENT_WORDS - 1; word++) {
    const at = from + word * 4;
    key[word] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  }
  const tail = from + (CONTENT_WORDS - 1) * 4;
  key[CONTENT_WORDS - 1] = (bytes[tail] << 16) | (bytes[tail + 1] << 8) | bytes[tail + 2];
}

/** What an HMAC is computed over, besides the cookie: both ends as the listener sees them. */
export interface CookieAddresses {
  /** The connector's address, 4 or 16 bytes. */
  readonly peerAddress: Uint8Array;
  readonly localPort: number;
  /** The listener's address and port as its own program prints them: `10.0.0.1:26999`. */
  readonly localEndpoint: string;
}

/**
 * Does the HMAC of a whole COOKIE verify? `spec` is the order that the specification names; `gomnet` what the public
 * Go implementation computes: the cookie's bytes 1..11, then the little-endian Adler-32 of its printed local address.
 */
export function verifyCookie(kind: string, key: Uint8Array, message: Message, addresses: CookieAddresses): boolean {
  const hmac = createHmac('sha1', key);
  if (kind === 'gomnet') {
    const adler = adler32(addresses.localEndpoint);
    hmac.update(message.copy(1, 12)).update(Uint8Array.of(adler, adler >>> 8, adler >>> 16, adler >>> 24));
  } else {
    hmac
      .update(message.copy(8, 12))
      .update(addresses.peerAddress)
      .update(Uint8Array.of(addresses.localPort >>> 8, addresses.localPort))
      .update(message.copy(1, 4))
      .update(message.copy(4, 7));
  }
  const { offset, size } = COOKIE.fields.hmac;
  return hmac.digest().equals(message.copy(offset, offset + size));
}

/** RFC 1950, section 8.2. */
function adler32(text: string): number {
  let a = 1;
  let b = 0;
  for (const byte of Buffer.from(text, 'latin1')) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return ((b << 16) | a) >>> 0;
}
