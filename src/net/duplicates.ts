/**
 * Finds the packets that a capture has twice because it was taken at two points: by a mirror port, on the `any` device,
 * on two interfaces, on both sides of a router. Such a copy is no message of anybody: it breaks no rule and proves
 * nothing, so it is set aside before fragments are put together and flows are looked up.
 *
 * A copy has the addresses, the identification and the bytes of a packet that came a moment before. What the network
 * may change on the way is not compared: link headers, TTL, checksums. But a peer may also say the same thing twice,
 * which must be judged. The two are distinguished like this:
 *
 * 1. Something shows another point of capture: link header, interface or TTL differ from those of the packet before. It is
 *    a copy. A peer's repetition passes the same points as its original, the first of them first.
 * 2. The sender numbers its packets: an identification that is not 0, and that no other recent packet between the two
 *    hosts had. A repetition would have a number of its own. (A network that doubles a packet keeps its number; such a
 *    copy proves nothing either.)
 * 3. The sender does not: it writes 0, as Linux does on packets that may not be fragmented, or always the same, or it
 *    is IPv6. Then the packet proves nothing by itself, and the packets around it decide: it is a copy if it came
 *    within a blink and the packets before it between the two hosts, or in the whole capture where there are none, all
 *    came twice like that, in both directions. A peer that repeats what it says is not always answered by one that
 *    does.
 *
 * What a packet costs is one place in a ring of the last packets and a few multiplications for its hash, which do not wait
 * for each other. What is read of others is 14 KB of hashes and chains, as most packets have no copy: that stays in the
 * fastest cache. Bytes are compared only with those of a packet with the same hash, in the buffer of the capture where
 * both still stand; where frames come in buffers of their own, as much as a ring holds is copied.
 *
 * Where the packets of some hosts are passed by, those of the others are what they are where none is: chains are of one class
 * of hosts each, and how far back a packet is looked for counts those passed by as far as that can be known: each of them
 * may be a copy, which does not count. Where that makes a difference, all packets must be looked at.
 */

import type { Frame } from '../capture/source.ts';
import type { Cursor } from './cursor.ts';
import { CLASS_BITS, classOfHosts } from './hosts.ts';
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

const NO_BYTES = new Uint8Array(0);
const RING_MASK = REMEMBERED_PACKETS - 1;
/** Packets there is room for at first; doubled until there is room for all: a run may have many small captures. */
const FIRST_PACKETS = 32;
/** What is left of a hash, below the class of the hosts, is the chain of packets that it is looked for in. */
const CHAIN_SHIFT = 20;
const CHAIN_BITS = 32 - CHAIN_SHIFT;
const CHAINS = 1 << (CLASS_BITS + CHAIN_BITS);
const OWN_BYTES = 512 * 1024;
const FIRST_OWN = 16 * 1024;
const LONGEST_OWN = 64 * 1024;

/** Words of a packet in the ring. Of its seconds, and of the place of its payload in the capture or in `#own`, the low bits. */
const SECONDS = 0;
const NANOSECONDS = 1;
const PLACE = 2;
/** Hash of both hosts, whichever way it goes, but for a bit that says which. */
const PAIR = 3;
/** Where it was captured, as far as that costs nothing to know: interface, TTL, length of the headers up to its payload. */
const POINT = 4;
/** IPv4's identification above the word with its fragment's offset; 0 for IPv6. */
const IDENTIFICATION = 5;
/** Bytes behind the IP header that were captured, and the protocol. */
const LENGTH = 6;
/** Copies of it, above bits that say where its bytes stand: in `#own`, or nowhere. */
const COPIES = 7;
const WIDTH_BITS = 3;

const IS_OWN = 1;
const IS_GONE = 2;
const ONE_COPY = 4;
const DIRECTION = 1;
const PROTOCOL_SHIFT = 24;
const FRAGMENT_OFFSET = 0x1fff;
/** The first half of the shortest TCP header, and of UDP's with what follows. */
const HASHED_LENGTH = 12;
const NOWHERE = -2;
/** Packets beside one in the ring among which its copy is looked for. */
const NEIGHBOURS = 4;

/** Of a packet in the ring: did it come twice? Where packets are passed by, that may be unknown. */
type Twice = 'yes' | 'no' | 'unknown';

export class Duplicates {
  /** Packets set aside. */
  copies = 0;
  #ring = new Int32Array(FIRST_PACKETS << WIDTH_BITS);
  /** By place in the ring: the packet's hash, never 0; and the place of the one before it in its chain. */
  #hashes = new Int32Array(FIRST_PACKETS);
  #before = new Uint16Array(FIRST_PACKETS);
  /** Place of the last packet of each chain. What has been overwritten since is known by its hash. */
  readonly #chains = new Uint16Array(CHAINS);
  /** Packets so far, but for copies. */
  #count = 0;
  #bytes: Uint8Array = NO_BYTES;
  #view: DataView = new DataView(NO_BYTES.buffer);
  #own: Uint8Array = NO_BYTES;
  #ownEnd = 0;
  /** The buffer of the frame in hand is not that of the packet before, whose bytes cannot be seen in it. */
  #isApart = false;
  /** Packets passed by; by place in the ring, how many there were before; and bytes of them that would have been copied. */
  #passed = 0;
  #passedBefore = new Float64Array(0);
  #passedBytes = 0;
  readonly #needsAll: (reason: string) => void;

  /** @param needsAll called where packets are passed by, if these may decide what becomes of those that are not */
  constructor(needsAll: (reason: string) => void = () => {}) {
    this.#needsAll = needsAll;
  }

  /** An IP packet whose copies are somebody else's to look for. */
  pass(frame: Frame): void {
    if (frame.bytes !== this.#bytes || frame.position < 0 || this.#isApart) this.#turnTo(frame);
    // What does not fit behind the last one is left free, less than its own length.
    if (this.#isApart) this.#passedBytes += 2 * (frame.end - frame.start);
    if (this.#passed++ === 0) this.#passedBefore = new Float64Array(REMEMBERED_PACKETS);
  }

  /**
   * Is the IP packet a copy? The cursor is behind its header, which begins at `header`; the packet has its addresses.
   * @param identification as the ring has it, a signed integer
   * @param hops time to live, or hop limit
   */
  isCopy(
    frame: Frame,
    cursor: Cursor,
    packet: Packet,
    header: number,
    identification: number,
    protocol: number,
    hops: number,
  ): boolean {
    const { at, end } = cursor;
    if (frame.bytes !== this.#bytes || frame.position < 0 || this.#isApart) this.#turnTo(frame);
    let source = packet.source0 | 0;
    let destination = packet.destination0 | 0;
    if (packet.family === 6) {
      source ^= Math.imul(packet.source2 ^ packet.source3, 0x2545f491);
      destination ^= Math.imul(packet.destination2 ^ packet.destination3, 0x2545f491);
    }
    const length = (end - at) ^ (protocol << PROTOCOL_SHIFT);
    let hash = Math.imul(source, 0x1e3779b1) ^ Math.imul(destination, 0x45ebca6b) ^ Math.imul(length, 0x2c1b3c6d);
    hash ^= Math.imul(identification, 0x4c9e2d51);
    let ports = 0;
    if (end - at >= HASHED_LENGTH) {
      const view = this.#view;
      ports = view.getInt32(at);
      hash ^= Math.imul(ports, 0x1b873593);
      hash ^= Math.imul(view.getInt32(protocol === IP_PROTOCOL_TCP ? at + 4 : at + 8), 0x42b2ae35);
      // No byte further on: the processor has not fetched it yet.
      if (end - at >= HASHED_LENGTH + 4) hash ^= Math.imul(view.getInt32(at + 12), 0x27d4eb2f);
    }
    hash = Math.imul(hash ^ (hash >>> 15), 0x6c8e9cf5) | 1;
    const point = (frame.interfaceId << 8) ^ frame.linkType ^ (hops << 16) ^ ((at - frame.start) << 24);
    const hashes = this.#hashes;
    const chain = (classOfHosts(packet.hosts) << CHAIN_BITS) | (hash >>> CHAIN_SHIFT);
    const first = this.#chains[chain];
    const second = this.#before[first];
    // A branch that is nearly never taken; one that asked how long the chain is would often be mistaken.
    if (hashes[first] === hash || hashes[second] === hash || hashes[this.#before[second]] === hash) {
      const original = this.#originalOf(first, frame, cursor, hash, identification, length);
      if (original >= 0 && this.#provesCopy(original, frame, cursor, header, point)) {
        if (this.#passed > 0 && this.#mostSince(original) > RING_MASK)
          this.#needsAll('a copy is far from its original');
        this.#ring[(original << WIDTH_BITS) + COPIES] += ONE_COPY;
        this.copies++;
        return true;
      }
    }
    const slot = ++this.#count & RING_MASK;
    if (slot >= hashes.length) this.#grow();
    const base = slot << WIDTH_BITS;
    const ring = this.#ring;
    ring[base + SECONDS] = frame.seconds;
    ring[base + NANOSECONDS] = frame.nanoseconds;
    ring[base + PLACE] = cursor.base + at;
    // A host that speaks with itself has two ports.
    const isBack = source === destination ? ports >>> 16 > (ports & 0xffff) : source > destination;
    ring[base + PAIR] = (packet.hosts & ~DIRECTION) | (isBack ? DIRECTION : 0);
    ring[base + POINT] = point;
    ring[base + IDENTIFICATION] = identification;
    ring[base + LENGTH] = length;
    ring[base + COPIES] = 0;
    if (this.#isApart) this.#keep(base, frame, cursor);
    if (this.#passed > 0) this.#passedBefore[slot] = this.#passed;
    this.#hashes[slot] = hash;
    this.#before[slot] = first;
    this.#chains[chain] = slot;
    return false;
  }

  #grow(): void {
    const ring = new Int32Array(this.#ring.length * 2);
    const hashes = new Int32Array(this.#hashes.length * 2);
    const before = new Uint16Array(this.#before.length * 2);
    ring.set(this.#ring);
    hashes.set(this.#hashes);
    before.set(this.#before);
    this.#ring = ring;
    this.#hashes = hashes;
    this.#before = before;
  }

  /** The frame's bytes may be in another buffer than those of the one before. */
  #turnTo(frame: Frame): void {
    const { bytes } = frame;
    this.#isApart = frame.position < 0 || bytes !== this.#bytes;
    if (bytes === this.#bytes) return;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Place in the ring of the last packet that is the same, if it came a moment before; -1 if none is. */
  #originalOf(
    first: number,
    frame: Frame,
    cursor: Cursor,
    hash: number,
    identification: number,
    length: number,
  ): number {
    const ring = this.#ring;
    let slot = first;
    for (let compared = 0; compared < MOST_COMPARED; compared++) {
      const base = slot << WIDTH_BITS;
      if (
        this.#hashes[slot] === hash &&
        ring[base + IDENTIFICATION] === identification &&
        ring[base + LENGTH] === length &&
        this.#secondsBetween(base, frame.seconds, frame.nanoseconds) <= COPY_SECONDS &&
        this.#hasBytes(slot, cursor, identification, length >>> PROTOCOL_SHIFT)
      ) {
        return slot;
      }
      slot = this.#before[slot];
    }
    return -1;
  }

  /** From the packet in the ring to a time, whichever is earlier. */
  #secondsBetween(base: number, seconds: number, nanoseconds: number): number {
    const whole = (seconds - this.#ring[base + SECONDS]) | 0;
    return Math.abs(whole + (nanoseconds - this.#ring[base + NANOSECONDS]) * 1e-9);
  }

  #provesCopy(slot: number, frame: Frame, cursor: Cursor, header: number, point: number): boolean {
    const base = slot << WIDTH_BITS;
    const ring = this.#ring;
    if (ring[base + POINT] !== point || !this.#hasLink(slot, frame, cursor, header)) return true;
    if (ring[base + IDENTIFICATION] >>> 16 !== 0 && this.#isNumbered(slot)) return true;
    if (this.#secondsBetween(base, frame.seconds, frame.nanoseconds) > BLINK_SECONDS) return false;
    return this.#isAmongCopies(slot);
  }

  /** Has no other packet between the two hosts the identification of this one? */
  #isNumbered(slot: number): boolean {
    const ring = this.#ring;
    const hashes = this.#hashes;
    const base = slot << WIDTH_BITS;
    const last = Math.max(1, this.#count - COMPANY_REACH);
    for (let number = this.#count; number >= last; number--) {
      const other = number & RING_MASK;
      const its = other << WIDTH_BITS;
      if (!this.#isOfPair(its, base) || hashes[other] === hashes[slot]) continue;
      if (ring[its + IDENTIFICATION] !== ring[base + IDENTIFICATION]) continue;
      if (this.#passed > 0 && this.#mostSince(other) > COMPANY_REACH)
        this.#needsAll('a number was used again some packets ago');
      return false;
    }
    return true;
  }

  /** Packets that came since the one in the ring, at most. */
  #mostSince(slot: number): number {
    return ((this.#count - slot) & RING_MASK) + this.#passed - this.#passedBefore[slot];
  }

  /** Did the packets before this one all come twice? */
  #isAmongCopies(slot: number): boolean {
    const ring = this.#ring;
    const base = slot << WIDTH_BITS;
    if (ring[base + COPIES] >= ONE_COPY) return false;
    const number = this.#count - ((this.#count - slot) & RING_MASK);
    const last = Math.max(1, number - COMPANY_REACH);
    // Those before it may be gone.
    if (this.#passed > 0 && this.#mostSince(slot) + COMPANY_REACH + NEIGHBOURS > RING_MASK) return this.#isUnsure();
    let company = 0;
    let crowd = 0;
    let answers = 0;
    for (let other = number - 1; other >= last && company < COMPANY; other--) {
      const its = (other & RING_MASK) << WIDTH_BITS;
      const isOfPair = this.#isOfPair(its, base);
      const twice = this.#isBeyondReach(number, other) ? 'unknown' : this.#cameTwice(other);
      if (!isOfPair) {
        if (twice === 'no') crowd = -1;
        else if (crowd >= 0) crowd++;
        continue;
      }
      if (twice !== 'yes') return twice === 'unknown' && this.#isUnsure();
      company++;
      if (ring[its + PAIR] !== ring[base + PAIR]) answers++;
    }
    if (company > 0) return answers > 0;
    // Those passed by are of the crowd.
    if (crowd >= 0 && this.#passed > 0) return this.#isUnsure();
    return crowd >= LEAST_CROWD;
  }

  /** May one packet be too far before another, both in the ring, for its company, with those that were passed by? */
  #isBeyondReach(number: number, other: number): boolean {
    if (this.#passed === 0) return false;
    return number - other + this.#passedBetween(other, number) > COMPANY_REACH;
  }

  #passedBetween(one: number, other: number): number {
    return Math.abs(this.#passedBefore[other & RING_MASK] - this.#passedBefore[one & RING_MASK]);
  }

  /** It is a copy or not, which those passed by decide. */
  #isUnsure(): boolean {
    this.#needsAll('packets of other hosts decide whether one is a copy');
    return false;
  }

  /** Do two packets in the ring go between the same hosts, whichever way? */
  #isOfPair(its: number, base: number): boolean {
    return ((this.#ring[its + PAIR] ^ this.#ring[base + PAIR]) & ~DIRECTION) === 0;
  }

  /** Was a packet set aside as its copy, or is one of its neighbours in the ring the same, and no more than a blink away? */
  #cameTwice(number: number): Twice {
    const ring = this.#ring;
    const hashes = this.#hashes;
    const hash = hashes[number & RING_MASK];
    const base = (number & RING_MASK) << WIDTH_BITS;
    if (ring[base + COPIES] >= ONE_COPY) return 'yes';
    let twice: Twice = 'no';
    const to = Math.min(this.#count, number + NEIGHBOURS);
    for (let other = Math.max(1, number - NEIGHBOURS); other <= to; other++) {
      if (other === number || hashes[other & RING_MASK] !== hash) continue;
      const its = (other & RING_MASK) << WIDTH_BITS;
      if (this.#secondsBetween(base, ring[its + SECONDS], ring[its + NANOSECONDS]) > BLINK_SECONDS) continue;
      if (this.#passed === 0) return 'yes';
      if (Math.abs(other - number) + this.#passedBetween(other, number) <= NEIGHBOURS) return 'yes';
      twice = 'unknown';
    }
    return twice;
  }

  /** Are its headers up to IP's those of the frame in hand, `header` being where IP's begins there? */
  #hasLink(slot: number, frame: Frame, cursor: Cursor, header: number): boolean {
    const from = this.#bytesOf(slot, cursor);
    const index = this.#indexOf(slot, cursor);
    if (from === undefined || index < 0) return true;
    for (let at = frame.start; at < header; at++) {
      if (from[index - cursor.at + at] !== cursor.bytes[at]) return false;
    }
    return true;
  }

  #hasBytes(slot: number, cursor: Cursor, identification: number, protocol: number): boolean {
    const { bytes, at, end } = cursor;
    const from = this.#bytesOf(slot, cursor);
    const index = this.#indexOf(slot, cursor);
    if (from === undefined || index < 0) return false;
    // Where a card of the sender's fills it in, it differs before and behind that.
    const checksum = (identification & FRAGMENT_OFFSET) === 0 ? checksumOffset(protocol) : NOWHERE;
    for (let offset = 0; offset < end - at; offset++) {
      if (from[index + offset] !== bytes[at + offset] && (offset & ~1) !== checksum) return false;
    }
    return true;
  }

  /** The buffer that holds a packet, if one does. */
  #bytesOf(slot: number, cursor: Cursor): Uint8Array | undefined {
    const copies = this.#ring[(slot << WIDTH_BITS) + COPIES];
    if (copies & IS_GONE) return undefined;
    if (copies & IS_OWN) return this.#own;
    return this.#isApart ? undefined : cursor.bytes;
  }

  /** Where the packet's payload stands in that buffer; negative when it has left it. */
  #indexOf(slot: number, cursor: Cursor): number {
    const base = slot << WIDTH_BITS;
    const place = this.#ring[base + PLACE];
    if (this.#ring[base + COPIES] & IS_OWN) {
      const back = (this.#ownEnd - place) | 0;
      if (this.#passedBytes > 0 && back + this.#passedBytes + LONGEST_OWN > OWN_BYTES)
        this.#needsAll('the bytes of a copy may be kept no more');
      return back > OWN_BYTES ? -1 : place & (OWN_BYTES - 1);
    }
    const back = (cursor.base + cursor.at - place) | 0;
    return Math.abs(back) > REMEMBERED_BYTES ? -1 : cursor.at - back;
  }

  /** Copies the frame of the packet that was just entered to where it stays for a while. */
  #keep(base: number, frame: Frame, { bytes, at, end }: Cursor): void {
    const { start } = frame;
    const length = end - start;
    this.#ring[base + COPIES] = length > LONGEST_OWN ? IS_GONE : IS_OWN;
    if (length > LONGEST_OWN) return;
    const room = OWN_BYTES - (this.#ownEnd % OWN_BYTES);
    if (length > room) this.#ownEnd += room;
    this.#ownFor(this.#ownEnd + length).set(bytes.subarray(start, end), this.#ownEnd % OWN_BYTES);
    this.#ring[base + PLACE] = this.#ownEnd + at - start;
    this.#ownEnd += length;
  }

  /** The buffer for what stays for a while, with room up to `end`; it grows, because most captures are short. */
  #ownFor(end: number): Uint8Array {
    const wanted = Math.min(end, OWN_BYTES);
    if (wanted <= this.#own.length) return this.#own;
    const grown = new Uint8Array(Math.min(OWN_BYTES, Math.max(wanted, this.#own.length * 2, FIRST_OWN)));
    grown.set(this.#own);
    this.#own = grown;
    return grown;
  }
}

/** Behind the IP header; even. */
function checksumOffset(protocol: number): number {
  if (protocol === IP_PROTOCOL_UDP) return 6;
  return protocol === IP_PROTOCOL_TCP ? 16 : NOWHERE;
}
