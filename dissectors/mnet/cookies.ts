/**
 * The cookies that listeners have issued. The listener keeps no state before the echo, so the observer does: an echo is
 * held against the cookies of its own pair first, then against all others.
 */
import { createHmac } from 'node:crypto';
import { KeyTable, type Message, MOST_ENTRIES, type TrackerHost } from '../../src/sdk.ts';
import { COOKIE, COOKIE_CONTENT } from './layouts.ts';
import type { ConnectionDetail } from './state.ts';

const CONTENT_WORDS = 8;
/**
 * Words behind a content: the flow it was issued on last, on how many it is remembered, and the first of these: flow + 1, 0 once
 * that one is forgotten; the link to the cookie its connection was issued before; whether it was echoed. Nearly all contents are
 * issued on one flow, so that all that is known of a cookie lies in one cache line.
 */
const LAST_FLOW = CONTENT_WORDS;
const HOLDERS = LAST_FLOW + 1;
const FLOW = HOLDERS + 1;
const NEXT = FLOW + 1;
const ECHOED = NEXT + 1;
const OWN_WORDS = 8;
/** The same of each other flow, behind the id of the content and flow + 1. */
const OTHER_CONTENT = 0;
const OTHER_WORDS = 2;
const OTHER_NEXT = OTHER_WORDS;
const OTHER_ECHOED = OTHER_NEXT + 1;
/** A link to a cookie, never 0: the id of its content, or of its entry in the table of other flows, and this bit for the latter. */
const OTHER = 1;
const linkTo = (id: number, bit: number): number => ((id + 1) << 1) | bit;
const idIn = (link: number): number => (link >>> 1) - 1;

/** What the log needs of the tracker's host. */
type Bounds = Pick<TrackerHost<unknown>, 'seed' | 'limits' | 'limitHit' | 'across'>;

export class CookieLog {
  readonly #host: Bounds;
  readonly #limit: number;
  readonly #contents: KeyTable;
  /** Flows beside the first that a content was issued on. */
  readonly #others: KeyTable;
  /** Cookies remembered. */
  #size = 0;
  /** The message whose content was looked for last, and what was found; 0 where that may no longer hold. */
  #ordinal = 0;
  #found = -1;

  constructor(host: Bounds) {
    this.#host = host;
    this.#limit = Math.min(host.limits.flows * 2, MOST_ENTRIES);
    this.#contents = new KeyTable(CONTENT_WORDS, host.seed, this.#limit, OWN_WORDS);
    this.#others = new KeyTable(OTHER_WORDS, host.seed, this.#limit, 2);
  }

  /** Remembers a whole COOKIE of a connection; false when a bound does not allow it. */
  issue(connection: ConnectionDetail, flow: number, message: Message): boolean {
    if (this.issuedTo(flow, message)) return true;
    if (connection.cookieCount >= this.#host.limits['connection-cookies']) {
      this.#host.limitHit('connection-cookies');
      return false;
    }
    this.#host.across?.holds('cookie', this.#contents.key);
    if (this.#size >= this.#limit) {
      this.#host.limitHit('flows');
      return false;
    }
    this.#size++;
    connection.cookies = this.#enter(flow, connection.cookies);
    connection.cookieCount++;
    return true;
  }

  /** Was this content issued on this flow? */
  issuedTo(flow: number, message: Message): boolean {
    return this.#linkOf(flow, message) !== 0;
  }

  /** Was a cookie with this content, issued on this flow, echoed? */
  wasEchoed(flow: number, message: Message): boolean {
    const link = this.#linkOf(flow, message);
    if (link === 0) return false;
    return (link & OTHER ? this.#others.read(idIn(link), OTHER_ECHOED) : this.#contents.read(idIn(link), ECHOED)) !== 0;
  }

  /** Was this content issued in this connection of the flow? */
  isOf(connection: ConnectionDetail, flow: number, message: Message): boolean {
    const own = this.#linkOf(flow, message);
    let link = own === 0 ? 0 : connection.cookies;
    while (link !== 0 && link !== own) link = this.#next(link);
    return link !== 0;
  }

  noteEcho(flow: number, message: Message): void {
    const link = this.#linkOf(flow, message);
    if (link === 0) return;
    if (link & OTHER) this.#others.write(idIn(link), OTHER_ECHOED, 1);
    else this.#contents.write(idIn(link), ECHOED, 1);
  }

  /** Has a cookie of this connection the tags, version and Expiration of this content, whatever its HMAC is? */
  isLikeOneOf(connection: ConnectionDetail, message: Message): boolean {
    this.#contentOf(message);
    const { key } = this.#contents;
    for (let link = connection.cookies; link !== 0; link = this.#next(link)) {
      const word = (at: number) => this.#word(link, at);
      const isAlike =
        (word(0) ^ key[0]) >>> 8 === 0 && (word(1) ^ key[1]) << 24 === 0 && (word(2) ^ key[2]) >>> 8 === 0;
      if (isAlike) return true;
    }
    return false;
  }

  /** Has a cookie of this connection this tag of its listener's? */
  hasTag(connection: ConnectionDetail, tag: number): boolean {
    for (let link = connection.cookies; link !== 0; link = this.#next(link)) {
      if (this.#word(link, 0) >>> 8 === tag) return true;
    }
    return false;
  }

  /** Does a cookie of this connection that answers another INIT name this tag, as its listener's or as that INIT's? */
  isOfAnotherInit(connection: ConnectionDetail, initTag: number, tag: number): boolean {
    for (let link = connection.cookies; link !== 0; link = this.#next(link)) {
      const first = this.#word(link, 0);
      const peerTag = ((first & 0xff) << 16) | (this.#word(link, 1) >>> 16);
      if (peerTag !== initTag && (peerTag === tag || first >>> 8 === tag)) return true;
    }
    return false;
  }

  /** Flow that this content was issued to, whichever it is; -1 if none. */
  flowOf(message: Message): number {
    const id = this.#contentOf(message);
    this.#host.across?.asks('cookie', this.#contents.key);
    return id < 0 ? -1 : this.#contents.read(id, LAST_FLOW);
  }

  /** Forgets a connection's cookies. */
  release(connection: ConnectionDetail): void {
    for (let link = connection.cookies; link !== 0; ) {
      const next = this.#next(link);
      this.#forget(link);
      link = next;
    }
    connection.cookies = 0;
  }

  #forget(link: number): void {
    this.#ordinal = 0;
    this.#size--;
    const content = this.#contentBehind(link);
    if (link & OTHER) this.#others.remove(idIn(link));
    else this.#contents.write(content, FLOW, 0);
    const holders = this.#contents.read(content, HOLDERS) - 1;
    if (holders === 0) this.#contents.remove(content);
    else this.#contents.write(content, HOLDERS, holders);
  }

  /** Enters that the content which was looked for last was issued on a flow. @returns the link to it */
  #enter(flow: number, next: number): number {
    const contents = this.#contents;
    const id = this.#found >= 0 ? this.#found : contents.add();
    this.#found = id;
    contents.write(id, LAST_FLOW, flow);
    contents.write(id, HOLDERS, contents.read(id, HOLDERS) + 1);
    if (contents.read(id, FLOW) !== 0) return this.#enterOther(id, flow, next);
    contents.write(id, FLOW, flow + 1);
    contents.write(id, NEXT, next);
    contents.write(id, ECHOED, 0);
    return linkTo(id, 0);
  }

  #enterOther(content: number, flow: number, next: number): number {
    this.#others.key[0] = content;
    this.#others.key[1] = flow + 1;
    const id = this.#others.add();
    this.#others.write(id, OTHER_NEXT, next);
    return linkTo(id, OTHER);
  }

  /** Link to the cookie with this content that was issued on this flow; 0 if there is none. */
  #linkOf(flow: number, message: Message): number {
    const content = this.#contentOf(message);
    if (content < 0) return 0;
    if (this.#contents.read(content, FLOW) === flow + 1) return linkTo(content, 0);
    const id = this.#others.size === 0 ? -1 : this.#others.findTwo(content, flow + 1);
    return id < 0 ? 0 : linkTo(id, OTHER);
  }

  /** Id of the message's content, or -1; afterwards it is the key. One message is asked for several times. */
  #contentOf(message: Message): number {
    if (message.ordinal === 0 || message.ordinal !== this.#ordinal) {
      writeContent(this.#contents.key, message);
      this.#found = this.#contents.find();
      this.#ordinal = message.ordinal;
    }
    return this.#found;
  }

  #next(link: number): number {
    return link & OTHER ? this.#others.read(idIn(link), OTHER_NEXT) : this.#contents.read(idIn(link), NEXT);
  }

  #contentBehind(link: number): number {
    return link & OTHER ? this.#others.read(idIn(link), OTHER_CONTENT) : idIn(link);
  }

  /** A word of the content of a cookie. */
  #word(link: number, at: number): number {
    return this.#contents.read(this.#contentBehind(link), at);
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
