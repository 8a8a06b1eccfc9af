/**
 * Tells the packets that a capture has twice because it was taken at two points: by a mirror port, on the `any` device, on
 * two interfaces, on both sides of a router. Such a copy is no message of anybody: it breaks no rule and proves nothing, so
 * it is set aside before fragments are put together and flows are looked up.
 *
 * A copy has the addresses, the identification and the bytes of a packet that came a moment before. What the network may
 * change on the way is not compared: link headers, TTL, checksums. But a peer may also say the same thing twice, which must
 * be judged. The two are told apart so:
 *
 * 1. Something shows another point of capture: link header, interface or TTL differ from those of the packet before. It is
 *    a copy. A peer's repetition passes the same points as its original, the first of them first.
 * 2. The sender numbers its packets: an identification that is not 0, and that no other packet between the two hosts had
 *    of late. A repetition would have a number of its own. (A network that doubles a packet keeps its number; such a copy
 *    proves nothing either.)
 * 3. The sender does not: it writes 0, as Linux does on packets that may not be fragmented, or always the same, or it is
 *    IPv6. Then the packet proves nothing by itself, and the company it is in decides: it is a copy if it came within a
 *    blink and the packets before it between the two hosts, or in the whole capture where there are none, all came twice
 *    like that, in both directions. A peer that repeats what it says is not always answered by one that does.
 *
 * What a packet costs is one place in a ring of the last packets and a few multiplications for its hash. Its bytes are
 * compared only with those of a packet with the same hash, in the buffer of the capture where both still stand; where
 * frames come in buffers of their own, as much as a ring holds is copied.
 */

import type { Frame } from '../capture/source.ts';
import type { Cursor } from './cursor.ts';
import { IP_PROTOCOL_TCP, IP_PROTOCOL_UDP, type Packet } from './packet.ts';

/** Packets among which a copy's original is looked for. */
export const REMEMBERED_PACKETS = 1024;
/** Bytes of the capture behind which an original is not looked for: it may have left the buffer. */
export const REMEMBERED_BYTES = 128 * 1024;
/** Seconds between a packet and a copy of it that something proves to be one. */
export const COPY_SECONDS = 0.1;
/** The same where only the company proves it: what a mirror port takes, and less than any peer's timer. */
export const BLINK_SECONDS = 0.000_5;

/** Packets between two hosts that are asked whether they came twice, and how far back they are looked for. */
const COMPANY = 8;
const COMPANY_REACH = 512;
/** Packets of any hosts that must all have come twice, where the two hosts have said nothing before. */
const LEAST_CROWD = 8;
/** Packets of one hash that are compared: what a peer can cost us. */
const MOST_COMPARED = 16;

const HEADS = REMEMBERED_PACKETS * 4;
const HEAD_MASK = HEADS - 1;
const RING_MASK = REMEMBERED_PACKETS - 1;
const OWN_BYTES = 512 * 1024;
const LONGEST_OWN = 64 * 1024;

/** Words of a packet in the ring. */
const HASH = 0;
/** Number of the packet before it with the same head, counted from 1; 0 for none. */
const BEFORE = 1;
/** Of both addresses, whichever way it goes; and of its source. */
const PAIR = 2;
const SOURCE = 3;
/** Where it was captured, as far as that costs nothing to tell: interface, TTL, length of the headers up to its payload. */
const POINT = 4;
/** IPv4's identification above the word with its fragment's offset; 0 for IPv6. */
const IDENTIFICATION = 5;
/** Bytes behind the IP header that were captured, and the protocol. */
const LENGTH = 6;
/** Copies of it, above a bit that says whether its bytes stand in `#own`. */
const COPIES = 7;
const WIDTH_BITS = 3;

const IS_OWN = 1;
const ONE_COPY = 2;
const PROTOCOL_SHIFT = 24;
const FRAGMENT_OFFSET = 0x1fff;
/** The first half of the shortest TCP header, and of UDP's with what follows. */
const HASHED_LENGTH = 12;
const NOWHERE = -2;
/** Packets beside one in the ring among which its copy is looked for. */
const NEIGHBOURS = 4;

export class Duplicates {
  /** Packets set aside. */
  copies = 0;
  readonly #ring = new Int32Array(REMEMBERED_PACKETS << WIDTH_BITS);
  readonly #times = new Float64Array(REMEMBERED_PACKETS);
  /** Where the payload of each lies in the capture, or in `#own`. */
  readonly #places = new Float64Array(REMEMBERED_PACKETS);
  readonly #heads = new Int32Array(HEADS);
  /** Packets so far, but for copies. */
  #count = 0;
  #bytes: Uint8Array | undefined;
  #own: Uint8Array | undefined;
  #ownEnd = 0;
  /** Of the frame in hand. */
  #time = 0;
  #frameStart = 0;
  #interface = 0;
  /** Its buffer is not that of the frame before, whose packets cannot be seen in it. */
  #isApart = false;

  /** The frame that the next packet is in. */
  begin(frame: Frame): void {
    this.#time = frame.seconds + frame.nanoseconds * 1e-9;
    this.#frameStart = frame.start;
    this.#interface = (frame.interfaceId << 8) ^ frame.linkType;
    this.#isApart = frame.position < 0 || frame.bytes !== this.#bytes;
    this.#bytes = frame.bytes;
  }

  /**
   * Is the IP packet a copy? The cursor is behind its header, which begins at `header`; the packet has its addresses.
   * @param identification as the ring has it, a signed integer
   * @param hops time to live, or hop limit
   */
  isCopy(
    cursor: Cursor,
    packet: Packet,
    header: number,
    identification: number,
    protocol: number,
    hops: number,
  ): boolean {
    const { bytes, at, end } = cursor;
    const source = packet.source0 ^ Math.imul(packet.source2 ^ packet.source3, 0x2545f491);
    const destination = packet.destination0 ^ Math.imul(packet.destination2 ^ packet.destination3, 0x2545f491);
    const length = (end - at) ^ (protocol << PROTOCOL_SHIFT);
    let hash = Math.imul(source, 0x9e3779b1) ^ Math.imul(destination, 0x85ebca6b) ^ length;
    hash = Math.imul(hash ^ identification, 0xcc9e2d51);
    let ports = 0;
    if (end - at >= HASHED_LENGTH) {
      ports = wordAt(bytes, at);
      hash ^= Math.imul(ports, 0x1b873593) ^ (hash >>> 15);
      hash = Math.imul(hash ^ wordAt(bytes, at + (protocol === IP_PROTOCOL_TCP ? 4 : 8)), 0xc2b2ae35);
      // No byte further on: the processor has not fetched it yet.
      if (end - at >= HASHED_LENGTH + 4) hash = Math.imul(hash ^ (hash >>> 13) ^ wordAt(bytes, at + 12), 0x27d4eb2f);
    }
    hash ^= hash >>> 16;
    const head = hash & HEAD_MASK;
    const first = this.#heads[head];
    const point = this.#interface ^ (hops << 16) ^ ((at - this.#frameStart) << 24);
    if (first !== 0 && this.#count - first < REMEMBERED_PACKETS) {
      const original = this.#originalOf(cursor, first, hash, identification, length);
      if (original !== 0 && this.#provesCopy(original, cursor, header, point)) {
        this.#ring[((original & RING_MASK) << WIDTH_BITS) + COPIES] += ONE_COPY;
        this.copies++;
        return true;
      }
    }
    const number = ++this.#count;
    const slot = number & RING_MASK;
    const base = slot << WIDTH_BITS;
    const ring = this.#ring;
    ring[base + HASH] = hash;
    ring[base + BEFORE] = first;
    ring[base + PAIR] = source ^ destination;
    // A host that speaks with itself has two ports.
    ring[base + SOURCE] = source === destination ? ports >>> 16 : source;
    ring[base + POINT] = point;
    ring[base + IDENTIFICATION] = identification;
    ring[base + LENGTH] = length;
    ring[base + COPIES] = this.#isApart ? IS_OWN : 0;
    this.#times[slot] = this.#time;
    this.#places[slot] = this.#isApart ? this.#keep(cursor) : cursor.base + at;
    this.#heads[head] = number;
    return false;
  }

  /** Number of the last packet that is the same, if it came a moment before; 0 if none is. */
  #originalOf(cursor: Cursor, first: number, hash: number, identification: number, length: number): number {
    const ring = this.#ring;
    let number = first;
    for (let compared = 0; compared < MOST_COMPARED; compared++) {
      if (number === 0 || this.#count - number >= REMEMBERED_PACKETS) return 0;
      const base = (number & RING_MASK) << WIDTH_BITS;
      if (
        ring[base + HASH] === hash &&
        ring[base + IDENTIFICATION] === identification &&
        ring[base + LENGTH] === length &&
        Math.abs(this.#time - this.#times[number & RING_MASK]) <= COPY_SECONDS &&
        this.#hasBytes(number, cursor, identification, length >>> PROTOCOL_SHIFT)
      ) {
        return number;
      }
      number = ring[base + BEFORE];
    }
    return 0;
  }

  #provesCopy(original: number, cursor: Cursor, header: number, point: number): boolean {
    const base = (original & RING_MASK) << WIDTH_BITS;
    const ring = this.#ring;
    if (ring[base + POINT] !== point || !this.#hasLink(original, cursor, header)) return true;
    if (ring[base + IDENTIFICATION] >>> 16 !== 0 && this.#isNumbered(original)) return true;
    if (Math.abs(this.#time - this.#times[original & RING_MASK]) > BLINK_SECONDS) return false;
    return this.#isAmongCopies(original);
  }

  /** Has no other packet between the two hosts the identification of this one? */
  #isNumbered(number: number): boolean {
    const ring = this.#ring;
    const base = (number & RING_MASK) << WIDTH_BITS;
    const last = Math.max(1, this.#count - COMPANY_REACH);
    for (let other = this.#count; other >= last; other--) {
      const its = (other & RING_MASK) << WIDTH_BITS;
      if (ring[its + PAIR] !== ring[base + PAIR] || ring[its + HASH] === ring[base + HASH]) continue;
      if (ring[its + IDENTIFICATION] === ring[base + IDENTIFICATION]) return false;
    }
    return true;
  }

  /** Did the packets before this one all come twice? */
  #isAmongCopies(number: number): boolean {
    const ring = this.#ring;
    const base = (number & RING_MASK) << WIDTH_BITS;
    if (ring[base + COPIES] >= ONE_COPY) return false;
    const last = Math.max(1, number - COMPANY_REACH);
    let company = 0;
    let crowd = 0;
    let answers = 0;
    for (let other = number - 1; other >= last && company < COMPANY; other--) {
      const its = (other & RING_MASK) << WIDTH_BITS;
      const isTwice = ring[its + COPIES] >= ONE_COPY || this.#isRepeated(other);
      if (ring[its + PAIR] !== ring[base + PAIR]) {
        if (crowd >= 0) crowd = isTwice ? crowd + 1 : -1;
        continue;
      }
      if (!isTwice) return false;
      company++;
      if (ring[its + SOURCE] !== ring[base + SOURCE]) answers++;
    }
    return company > 0 ? answers > 0 : crowd >= LEAST_CROWD;
  }

  /** Is one of its neighbours in the ring the same, and no more than a blink away? */
  #isRepeated(number: number): boolean {
    const ring = this.#ring;
    const hash = ring[((number & RING_MASK) << WIDTH_BITS) + HASH];
    const to = Math.min(this.#count, number + NEIGHBOURS);
    for (let other = Math.max(1, number - NEIGHBOURS); other <= to; other++) {
      if (other === number || ring[((other & RING_MASK) << WIDTH_BITS) + HASH] !== hash) continue;
      if (Math.abs(this.#times[other & RING_MASK] - this.#times[number & RING_MASK]) <= BLINK_SECONDS) return true;
    }
    return false;
  }

  /** Are its headers up to IP's those of the frame in hand, `header` being where IP's begins there? */
  #hasLink(number: number, cursor: Cursor, header: number): boolean {
    const from = this.#bytesOf(number, cursor);
    const index = this.#indexOf(number, cursor);
    if (from === undefined || index < 0) return true;
    for (let at = this.#frameStart; at < header; at++) {
      if (from[index - cursor.at + at] !== cursor.bytes[at]) return false;
    }
    return true;
  }

  #hasBytes(number: number, cursor: Cursor, identification: number, protocol: number): boolean {
    const { bytes, at, end } = cursor;
    const from = this.#bytesOf(number, cursor);
    const index = this.#indexOf(number, cursor);
    if (from === undefined || index < 0) return false;
    // Where a card of the sender's fills it in, it differs before and behind that.
    const checksum = (identification & FRAGMENT_OFFSET) === 0 ? checksumOffset(protocol) : NOWHERE;
    for (let offset = 0; offset < end - at; offset++) {
      if (from[index + offset] !== bytes[at + offset] && (offset & ~1) !== checksum) return false;
    }
    return true;
  }

  /** The buffer that holds a packet, if one does. */
  #bytesOf(number: number, cursor: Cursor): Uint8Array | undefined {
    if (this.#ring[((number & RING_MASK) << WIDTH_BITS) + COPIES] & IS_OWN) return this.#own;
    return this.#isApart ? undefined : cursor.bytes;
  }

  /** Where the packet's payload stands in that buffer; negative when it has left it. */
  #indexOf(number: number, cursor: Cursor): number {
    const place = this.#places[number & RING_MASK];
    if (this.#ring[((number & RING_MASK) << WIDTH_BITS) + COPIES] & IS_OWN) {
      return place < 0 || this.#ownEnd - place > OWN_BYTES ? -1 : place % OWN_BYTES;
    }
    return Math.abs(cursor.base + cursor.at - place) > REMEMBERED_BYTES ? -1 : place - cursor.base;
  }

  /** Copies the frame to where it stays for a while; returns the place of the packet's payload. */
  #keep({ bytes, at, end }: Cursor): number {
    const start = this.#frameStart;
    const length = end - start;
    if (length > LONGEST_OWN) return -1;
    this.#own ??= new Uint8Array(OWN_BYTES);
    const room = OWN_BYTES - (this.#ownEnd % OWN_BYTES);
    if (length > room) this.#ownEnd += room;
    const place = this.#ownEnd;
    this.#own.set(bytes.subarray(start, end), place % OWN_BYTES);
    this.#ownEnd += length;
    return place + at - start;
  }
}

/** As a signed integer, which is the only kind that the processor need not convert. */
function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
}

/** Behind the IP header; even. */
function checksumOffset(protocol: number): number {
  if (protocol === IP_PROTOCOL_UDP) return 6;
  return protocol === IP_PROTOCOL_TCP ? 16 : NOWHERE;
}
