/**
 * Puts fragmented datagrams together (RFC 791 3.2, RFC 8200 4.5). Memory, number and age of the unfinished ones are
 * bounded; at a bound the oldest goes, and is counted.
 *
 * Overlaps are what attacks are made of, since receivers differ in what they make of them. IPv6 forbids them: any
 * overlap but an exact duplicate refuses the datagram (RFC 5722, RFC 8200 4.5). IPv4 allows them: here overlapping bytes
 * that agree are fine, and bytes that differ refuse the datagram, because no choice between them would be the receiver's
 * for certain. What is left of a refused datagram is dropped as it comes, until its time is over.
 */

import type { DecodeCounters } from './counters.ts';
import { type Cursor, DONE } from './cursor.ts';
import { type Extents, positionOf, UNPLACED } from './extents.ts';
import { KeyTable } from './key-table.ts';
import { IP_PROTOCOL_TCP, IP_PROTOCOL_UDP, type Packet } from './packet.ts';

export interface FragmentLimits {
  /** Unfinished datagrams. */
  readonly fragmentDatagrams: number;
  /** Bytes held for unfinished datagrams. */
  readonly fragmentBytes: number;
  /** Seconds of capture time from a datagram's first fragment seen. */
  readonly fragmentSeconds: number;
}

const LARGEST_DATAGRAM = 0xffff;
const SMALLEST_BUFFER = 2048;
/** What a piece costs in the lists of starts and ends. */
const BYTES_PER_PIECE = 16;
/** Fragments come in units of eight bytes, all but the last. */
const UNIT_MASK = 7;
const UNKNOWN = -1;

/** Words of a key. */
const SOURCE_0 = 0;
const DESTINATION_0 = 1;
const IDENTIFICATION = 2;
const KIND = 3;
const SOURCE_REST = 4;
const DESTINATION_REST = 7;
const KEY_WORDS = 10;

/** IPv6 headers that a fragment may begin with and that lead to a transport. */
const IPV6_EXTENSIONS: readonly number[] = [0, 43, 51, 60];

type Placement = 'new' | 'repeated' | 'conflict';

/** One unfinished datagram: the pieces of it that came, sorted, none overlapping. */
class Datagram {
  readonly id: number;
  readonly firstSeen: number;
  /** Undefined once the datagram is refused. */
  bytes: Uint8Array | undefined = new Uint8Array(SMALLEST_BUFFER);
  /**
   * Start, end and position of each fragment that brought bytes, as they came; undefined if nobody wants to know. Not
   * counted among what is held, so that the same is held either way; all but the last have brought eight bytes or more.
   */
  readonly sources: number[] | undefined;
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  /** Bytes that came. */
  filled = 0;
  /** Length of the whole; the last fragment tells it. */
  total = UNKNOWN;
  /** What the payload begins with; RFC 8200 4.5 takes it from the fragment at offset 0. */
  protocol = UNKNOWN;
  older: Datagram | undefined;
  newer: Datagram | undefined;

  constructor(id: number, firstSeen: number, sources: number[] | undefined) {
    this.id = id;
    this.firstSeen = firstSeen;
    this.sources = sources;
  }

  get held(): number {
    return this.bytes === undefined ? 0 : this.bytes.length + this.starts.length * BYTES_PER_PIECE;
  }

  get end(): number {
    return this.ends.length === 0 ? 0 : this.ends[this.ends.length - 1];
  }

  isComplete(): boolean {
    return this.filled === this.total;
  }
}

export class Fragments {
  readonly #limits: FragmentLimits;
  readonly #counters: DecodeCounters;
  readonly #extents: Extents | undefined;
  readonly #table: KeyTable;
  readonly #datagrams: (Datagram | undefined)[] = [];
  #oldest: Datagram | undefined;
  #newest: Datagram | undefined;
  #held = 0;
  #refused = 0;

  /** @param extents where completed datagrams are entered, if their bytes are to be found again */
  constructor(limits: FragmentLimits, seed: number, counters: DecodeCounters, extents?: Extents) {
    this.#limits = limits;
    this.#counters = counters;
    this.#extents = extents;
    this.#table = new KeyTable(KEY_WORDS, seed, limits.fragmentDatagrams);
  }

  /** Datagrams that still lack a part. */
  get unfinished(): number {
    return this.#table.size - this.#refused;
  }

  /** Bytes held for them. */
  get heldBytes(): number {
    return this.#held;
  }

  /**
   * Takes the fragment at the cursor, of the datagram that the packet's addresses and `identification` name; `offset` is
   * in bytes. When it completes the datagram, the cursor moves to the whole payload and the protocol it begins with is
   * returned, otherwise `DONE`. The bytes stay valid for as long as anyone holds them.
   */
  add(
    cursor: Cursor,
    packet: Packet,
    identification: number,
    protocol: number,
    offset: number,
    moreFollow: boolean,
  ): number {
    const counters = this.#counters;
    counters.fragments.seen++;
    if (!leadsToTransport(packet.family, protocol)) {
      counters.unknownIpProtocol.add(protocol);
      return DONE;
    }
    const length = cursor.wireEnd - cursor.at;
    if (length === 0 || (moreFollow && (length & UNIT_MASK) !== 0)) return counters.refuse('fragment');
    if (cursor.end < cursor.wireEnd) {
      counters.fragments.cut++;
      return DONE;
    }
    this.#dropTimedOut(cursor.seconds);
    const datagram = this.#datagramOf(packet, identification, protocol, cursor.seconds);
    if (datagram.bytes === undefined) {
      counters.fragments.ofRefused++;
      return DONE;
    }
    return this.#place(datagram, cursor, packet.family, protocol, offset, moreFollow);
  }

  #place(
    datagram: Datagram,
    cursor: Cursor,
    family: 4 | 6,
    protocol: number,
    offset: number,
    moreFollow: boolean,
  ): number {
    const counters = this.#counters.fragments;
    const end = offset + cursor.wireEnd - cursor.at;
    if (!agreesOnLength(datagram, end, moreFollow)) {
      counters.lengthRefused++;
      this.#refuse(datagram);
      return DONE;
    }
    if (!moreFollow) datagram.total = end;
    if (offset === 0) datagram.protocol = protocol;

    this.#held -= datagram.held;
    const placement = placePiece(datagram, cursor, offset, end, family === 6);
    this.#held += datagram.held;

    if (placement === 'conflict') {
      counters.overlapsRefused++;
      this.#refuse(datagram);
      return DONE;
    }
    if (placement === 'repeated') counters.overlapsResolved++;
    if (datagram.isComplete()) return this.#handOver(datagram, cursor);
    this.#makeRoom(datagram);
    return DONE;
  }

  #handOver(datagram: Datagram, cursor: Cursor): number {
    cursor.bytes = datagram.bytes!;
    cursor.base = this.#baseOf(datagram);
    cursor.at = 0;
    cursor.end = datagram.total;
    cursor.wireEnd = datagram.total;
    this.#counters.fragments.reassembled++;
    this.#drop(datagram);
    return datagram.protocol;
  }

  #baseOf({ sources }: Datagram): number {
    return sources === undefined || this.#extents === undefined ? UNPLACED : this.#extents.enter(piecesOf(sources));
  }

  #datagramOf(packet: Packet, identification: number, protocol: number, seconds: number): Datagram {
    this.#writeKey(packet, identification, protocol);
    const present = this.#table.find();
    if (present >= 0) return this.#datagrams[present]!;
    if (this.#table.size >= this.#limits.fragmentDatagrams) this.#evict(this.#oldest!);
    const datagram = new Datagram(this.#table.insert(), seconds, this.#extents && []);
    this.#datagrams[datagram.id] = datagram;
    datagram.older = this.#newest;
    if (this.#newest === undefined) this.#oldest = datagram;
    else this.#newest.newer = datagram;
    this.#newest = datagram;
    this.#held += datagram.held;
    return datagram;
  }

  /** IPv4 tells datagrams apart by protocol too (RFC 791 2.3); IPv6 does not (RFC 8200 4.5). */
  #writeKey(packet: Packet, identification: number, protocol: number): void {
    const key = this.#table.key;
    key[SOURCE_0] = packet.source0;
    key[DESTINATION_0] = packet.destination0;
    key[IDENTIFICATION] = identification;
    key[KIND] = packet.family === 4 ? (protocol << 8) | 4 : 6;
    key[SOURCE_REST] = packet.source1;
    key[SOURCE_REST + 1] = packet.source2;
    key[SOURCE_REST + 2] = packet.source3;
    key[DESTINATION_REST] = packet.destination1;
    key[DESTINATION_REST + 1] = packet.destination2;
    key[DESTINATION_REST + 2] = packet.destination3;
  }

  /** A clock that was set back leaves datagrams in the future: those are over as well. */
  #dropTimedOut(now: number): void {
    while (this.#oldest !== undefined && Math.abs(now - this.#oldest.firstSeen) > this.#limits.fragmentSeconds) {
      if (this.#oldest.bytes !== undefined) this.#counters.fragments.timedOut++;
      this.#drop(this.#oldest);
    }
  }

  #makeRoom(keep: Datagram): void {
    let candidate = this.#oldest;
    while (this.#held > this.#limits.fragmentBytes && candidate !== undefined) {
      const newer = candidate.newer;
      if (candidate !== keep && candidate.bytes !== undefined) this.#evict(candidate);
      candidate = newer;
    }
  }

  #evict(datagram: Datagram): void {
    if (datagram.bytes !== undefined) this.#counters.fragments.evicted++;
    this.#drop(datagram);
  }

  #refuse(datagram: Datagram): void {
    this.#held -= datagram.held;
    datagram.bytes = undefined;
    datagram.starts.length = 0;
    datagram.ends.length = 0;
    if (datagram.sources !== undefined) datagram.sources.length = 0;
    this.#refused++;
  }

  #drop(datagram: Datagram): void {
    this.#held -= datagram.held;
    if (datagram.bytes === undefined) this.#refused--;
    this.#table.remove(datagram.id);
    this.#datagrams[datagram.id] = undefined;
    if (datagram.older === undefined) this.#oldest = datagram.newer;
    else datagram.older.newer = datagram.newer;
    if (datagram.newer === undefined) this.#newest = datagram.older;
    else datagram.newer.older = datagram.older;
  }
}

function leadsToTransport(family: 4 | 6, protocol: number): boolean {
  return (
    protocol === IP_PROTOCOL_UDP || protocol === IP_PROTOCOL_TCP || (family === 6 && IPV6_EXTENSIONS.includes(protocol))
  );
}

/** The last fragment ends the datagram: no two may end it differently, and nothing may lie behind. */
function agreesOnLength(datagram: Datagram, end: number, moreFollow: boolean): boolean {
  if (end > LARGEST_DATAGRAM) return false;
  if (datagram.total !== UNKNOWN) return moreFollow ? end <= datagram.total : end === datagram.total;
  return moreFollow || end >= datagram.end;
}

/** Copies the cursor's bytes to [start, end) of the datagram, if they fit to what came before. */
function placePiece(datagram: Datagram, cursor: Cursor, start: number, end: number, strict: boolean): Placement {
  const { starts, ends } = datagram;
  const first = firstPieceEndingAfter(ends, start);
  let next = first;
  while (next < starts.length && starts[next] < end) {
    if (strict && (starts[next] !== start || ends[next] !== end)) return 'conflict';
    if (!overlapAgrees(datagram, next, cursor, start, end)) return 'conflict';
    next++;
  }
  if (next > first && starts[first] <= start && ends[first] >= end) return 'repeated';

  ensureRoom(datagram, end);
  datagram.sources?.push(start, end, positionOf(cursor.base, cursor.at));
  datagram.bytes!.set(cursor.bytes.subarray(cursor.at, cursor.wireEnd), start);
  const joinedStart = next > first ? Math.min(start, starts[first]) : start;
  const joinedEnd = next > first ? Math.max(end, ends[next - 1]) : end;
  datagram.filled += joinedEnd - joinedStart;
  for (let piece = first; piece < next; piece++) datagram.filled -= ends[piece] - starts[piece];
  starts.splice(first, next - first, joinedStart);
  ends.splice(first, next - first, joinedEnd);
  return next > first ? 'repeated' : 'new';
}

/** Position and length of the pieces that make up a complete datagram, each byte of it once. */
function piecesOf(sources: readonly number[]): number[] {
  const order = Array.from({ length: sources.length / 3 }, (_, index) => index * 3);
  order.sort((one, other) => sources[one] - sources[other]);
  const pieces: number[] = [];
  let at = 0;
  for (const source of order) {
    const start = sources[source];
    const end = sources[source + 1];
    const position = sources[source + 2];
    if (end <= at) continue;
    pieces.push(position < 0 ? position : position + at - start, end - at);
    at = end;
  }
  return pieces;
}

/** Index of the first piece that ends after `offset`; binary search, because a datagram may have 8,192 pieces. */
function firstPieceEndingAfter(ends: readonly number[], offset: number): number {
  let low = 0;
  let high = ends.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ends[middle] > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}

function overlapAgrees(datagram: Datagram, piece: number, cursor: Cursor, start: number, end: number): boolean {
  const bytes = datagram.bytes!;
  const from = Math.max(start, datagram.starts[piece]);
  const to = Math.min(end, datagram.ends[piece]);
  for (let at = from; at < to; at++) {
    if (bytes[at] !== cursor.bytes[cursor.at + at - start]) return false;
  }
  return true;
}

function ensureRoom(datagram: Datagram, end: number): void {
  const bytes = datagram.bytes!;
  if (end <= bytes.length) return;
  const grown = new Uint8Array(2 ** Math.ceil(Math.log2(end)));
  grown.set(bytes);
  datagram.bytes = grown;
}
