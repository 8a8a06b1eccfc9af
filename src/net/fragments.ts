/**
 * Puts fragmented datagrams together (RFC 791 3.2, RFC 8200 4.5). Memory, number and age of the unfinished ones are
 * bounded; at a bound the oldest goes, and is counted.
 *
 * Overlaps are what attacks are made of, since receivers differ in what they make of them. IPv6 forbids them: any
 * overlap but an exact duplicate refuses the datagram (RFC 5722, RFC 8200 4.5). IPv4 allows them: here overlapping bytes
 * that agree are fine, and bytes that differ refuse the datagram, because no choice between them would be the receiver's
 * for certain. What is left of a refused datagram is dropped as it comes, until its time is over.
 *
 * Hosts use identifications again, a few packets later if they have one for all. So what is left of a datagram that was
 * lost may meet the beginning of another: the checksum shows that, if there is one, and the oldest part is dropped. And
 * the fragments of a datagram just put together may come once more (duplicates.ts knows most of them): they open no
 * other.
 */

import { KeyTable } from '../storage/key-table.ts';
import { mayBeWhole } from './checksum.ts';
import type { DecodeCounters } from './counters.ts';
import { type Cursor, DONE } from './cursor.ts';
import { COPY_SECONDS } from './duplicates.ts';
import { type Extents, positionOf, UNPLACED } from './extents.ts';
import { IP_PROTOCOL_TCP, IP_PROTOCOL_UDP, type Packet } from './packet.ts';

export interface FragmentLimits {
  /** Unfinished datagrams. */
  readonly fragmentDatagrams: number;
  /** Bytes held for unfinished datagrams. */
  readonly fragmentBytes: number;
  /** Seconds of capture time from a datagram's first fragment seen. */
  readonly fragmentSeconds: number;
}

/** A datagram of which something was seen, and that never became whole. Addresses as `Packet` has them. */
export interface IncompleteDatagram {
  readonly source: readonly number[];
  readonly destination: readonly number[];
  /** The first frame that brought a part of it. */
  readonly frame: number;
}

/** Takes a fragment: see `Fragments.add`. */
export type FragmentTaker = Pick<Fragments, 'add'>;

/** Datagrams put together of which copies are known, and seconds for which they are. */
const COMPLETED_DATAGRAMS = 64;
const COMPLETED_SECONDS = 1;
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
  /** The frame of the first fragment, and where that lies; it lies nowhere once it was dropped. */
  readonly frame: number;
  firstStart = UNKNOWN;
  firstEnd = UNKNOWN;
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

  constructor(id: number, { seconds, frame }: Cursor, sources: number[] | undefined) {
    this.id = id;
    this.firstSeen = seconds;
    this.frame = frame;
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

/** A datagram that was put together a moment ago. */
interface Completed {
  readonly key: Uint32Array;
  readonly bytes: Uint8Array;
  readonly total: number;
  readonly seconds: number;
  /** Datagrams put together up to this one, and fragments passed by. */
  readonly number: number;
  readonly passed: number;
}

export class Fragments {
  /** Called with each datagram that will never become whole. */
  onIncomplete: (lost: IncompleteDatagram) => void = () => {};
  readonly #limits: FragmentLimits;
  readonly #counters: DecodeCounters;
  readonly #extents: Extents | undefined;
  readonly #table: KeyTable;
  readonly #datagrams: (Datagram | undefined)[] = [];
  /** The oldest is replaced by the next. */
  readonly #completed: Completed[] = [];
  #completions = 0;
  #oldest: Datagram | undefined;
  #newest: Datagram | undefined;
  #held = 0;
  #refused = 0;
  readonly #needsAll: (reason: string) => void;
  /** Fragments passed by, the time of the last fragment of all, and whether one was ever earlier than one before it. */
  #passed = 0;
  #seconds = 0;
  #ranBack = false;

  /**
   * @param extents where completed datagrams are entered, if their bytes must be found again
   * @param needsAll called where fragments are passed by, if these may decide what becomes of those that are not
   */
  constructor(
    limits: FragmentLimits,
    seed: number,
    counters: DecodeCounters,
    extents?: Extents,
    needsAll: (reason: string) => void = () => {},
  ) {
    this.#limits = limits;
    this.#counters = counters;
    this.#extents = extents;
    this.#needsAll = needsAll;
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
    if (!isSound(counters, cursor, packet.family, protocol, moreFollow)) return DONE;
    this.#timeIs(cursor.seconds);
    this.#dropTimedOut(cursor.seconds);
    this.#writeKey(packet, identification, protocol);
    if (this.#table.find() < 0 && this.#isOfCompleted(cursor, offset, moreFollow)) {
      counters.fragments.ofCompleted++;
      return DONE;
    }
    const datagram = this.#datagramOf(cursor);
    if (datagram.bytes === undefined) {
      counters.fragments.ofRefused++;
      return DONE;
    }
    return this.#place(datagram, cursor, packet, protocol, offset, moreFollow);
  }

  /**
   * Takes the fragments that others put together. They do nothing here but pass the time, and that only if they are no
   * copies: a copy comes up to a tenth of a second after its original, and who passes it by cannot know it. The original has
   * passed the time as well, but for a second that has begun since.
   */
  passed(counters: DecodeCounters): FragmentTaker {
    return {
      add: (cursor, { family }, _, protocol, __, moreFollow) => {
        if (!isSound(counters, cursor, family, protocol, moreFollow)) return DONE;
        this.#passed++;
        this.#timeIs(cursor.seconds);
        const age = this.#oldest ? cursor.seconds - this.#oldest.firstSeen : 0;
        const isFirst = age > this.#limits.fragmentSeconds && age - 1 <= this.#limits.fragmentSeconds;
        if (isFirst && cursor.nanoseconds <= COPY_SECONDS * 1e9)
          this.#needsAll('a fragment decides when one of other hosts is given up');
        this.#dropTimedOut(cursor.seconds);
        return DONE;
      },
    };
  }

  #timeIs(seconds: number): void {
    if (seconds < this.#seconds) this.#ranBack = true;
    this.#seconds = seconds;
  }

  #place(
    datagram: Datagram,
    cursor: Cursor,
    packet: Packet,
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
    const placement = placePiece(datagram, cursor, offset, end, packet.family === 6);
    this.#held += datagram.held;

    if (placement === 'conflict') {
      counters.overlapsRefused++;
      this.#refuse(datagram);
      return DONE;
    }
    if (placement === 'repeated') counters.overlapsResolved++;
    if (datagram.isComplete()) {
      if (datagram.protocol !== IP_PROTOCOL_UDP || mayBeWhole(packet, datagram.bytes!, datagram.total))
        return this.#handOver(datagram, cursor);
      counters.wrongChecksums++;
      this.#letGoFirst(datagram);
      if (datagram.bytes === undefined) return DONE;
    }
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
    this.#remember(datagram, cursor.seconds);
    this.#drop(datagram);
    return datagram.protocol;
  }

  #baseOf({ sources }: Datagram): number {
    return sources === undefined || this.#extents === undefined ? UNPLACED : this.#extents.enter(piecesOf(sources));
  }

  /** No more frames will come: reports each datagram that is still waiting for fragments. */
  finish(): void {
    for (let datagram = this.#oldest; datagram !== undefined; datagram = datagram.newer) {
      if (datagram.bytes !== undefined) this.#tell(datagram);
    }
  }

  /** The datagram of the key that was written. */
  #datagramOf(cursor: Cursor): Datagram {
    const present = this.#table.find();
    if (present >= 0) return this.#datagrams[present]!;
    if (this.#table.size >= this.#limits.fragmentDatagrams) this.#evict(this.#oldest!);
    const datagram = new Datagram(this.#table.insert(), cursor, this.#extents && []);
    this.#datagrams[datagram.id] = datagram;
    datagram.older = this.#newest;
    if (this.#newest === undefined) this.#oldest = datagram;
    else this.#newest.newer = datagram;
    this.#newest = datagram;
    this.#held += datagram.held;
    return datagram;
  }

  /** IPv4 keeps datagrams apart by protocol too (RFC 791 2.3); IPv6 does not (RFC 8200 4.5). */
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
      // An older one of other hosts, later by its clock, keeps this one.
      if (this.#ranBack) this.#needsAll('fragments are given up by a clock that ran back');
      if (this.#oldest.bytes !== undefined) {
        this.#counters.fragments.timedOut++;
        this.#tell(this.#oldest);
      }
      this.#drop(this.#oldest);
    }
  }

  #makeRoom(keep: Datagram): void {
    if (this.#held > this.#limits.fragmentBytes) this.#needsAll('there are too many bytes in fragments');
    let candidate = this.#oldest;
    while (this.#held > this.#limits.fragmentBytes && candidate !== undefined) {
      const newer = candidate.newer;
      if (candidate !== keep && candidate.bytes !== undefined) this.#evict(candidate);
      candidate = newer;
    }
  }

  #evict(datagram: Datagram): void {
    this.#needsAll('there are too many fragments');
    if (datagram.bytes !== undefined) {
      this.#counters.fragments.evicted++;
      this.#tell(datagram);
    }
    this.#drop(datagram);
  }

  #tell({ id, frame }: Datagram): void {
    const word = (index: number) => this.#table.read(id, index);
    this.onIncomplete({
      source: [word(SOURCE_0), word(SOURCE_REST), word(SOURCE_REST + 1), word(SOURCE_REST + 2)],
      destination: [
        word(DESTINATION_0),
        word(DESTINATION_REST),
        word(DESTINATION_REST + 1),
        word(DESTINATION_REST + 2),
      ],
      frame,
    });
  }

  /**
   * The parts do not belong together: the one that came first is left over from another datagram. Where that was tried
   * already, all of them are refused.
   */
  #letGoFirst(datagram: Datagram): void {
    const { firstStart: start, firstEnd: end, total, starts, ends, sources } = datagram;
    if (start === UNKNOWN) {
      this.#refuse(datagram);
      return;
    }
    this.#tell(datagram);
    this.#held -= datagram.held;
    starts.length = 0;
    ends.length = 0;
    for (const [from, to] of [
      [0, start],
      [end, total],
    ]) {
      if (from === to) continue;
      starts.push(from);
      ends.push(to);
    }
    this.#held += datagram.held;
    sources?.splice(0, 3);
    datagram.filled = total - (end - start);
    if (start === 0) datagram.protocol = UNKNOWN;
    if (end === total) datagram.total = UNKNOWN;
    datagram.firstStart = UNKNOWN;
  }

  #remember({ id, bytes, total }: Datagram, seconds: number): void {
    const { stride, records } = this.#table;
    const key = records.slice(id * stride, id * stride + KEY_WORDS);
    const number = this.#completions++;
    this.#completed[number % COMPLETED_DATAGRAMS] = {
      key,
      bytes: bytes!,
      total,
      seconds,
      number,
      passed: this.#passed,
    };
  }

  /** Is the fragment at the cursor, of the key that was written, a part of a datagram that is complete already? */
  #isOfCompleted(cursor: Cursor, offset: number, moreFollow: boolean): boolean {
    const end = offset + cursor.wireEnd - cursor.at;
    const found = this.#completed.filter(
      ({ key, bytes, total, seconds }) =>
        Math.abs(cursor.seconds - seconds) <= COMPLETED_SECONDS &&
        (moreFollow ? end < total : end === total) &&
        key.every((word, index) => word === this.#table.key[index]) &&
        isSame(bytes, offset, cursor, end - offset),
    );
    // Each fragment that was passed by may have completed a datagram, which then took the place of one of these.
    const since = ({ number, passed }: Completed) => this.#completions - number + this.#passed - passed;
    if (found.length > 0 && found.every(each => since(each) > COMPLETED_DATAGRAMS))
      this.#needsAll('a fragment comes once more after many others');
    return found.length > 0;
  }

  #refuse(datagram: Datagram): void {
    this.#tell(datagram);
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

/** Can the fragment at the cursor be part of a datagram? Counted if not. */
function isSound(
  counters: DecodeCounters,
  cursor: Cursor,
  family: 4 | 6,
  protocol: number,
  moreFollow: boolean,
): boolean {
  counters.fragments.seen++;
  if (!leadsToTransport(family, protocol)) {
    counters.unknownIpProtocol.add(protocol);
    return false;
  }
  const length = cursor.wireEnd - cursor.at;
  if (length === 0 || (moreFollow && (length & UNIT_MASK) !== 0)) {
    counters.refuse('fragment');
    return false;
  }
  if (cursor.end < cursor.wireEnd) counters.fragments.cut++;
  return cursor.end >= cursor.wireEnd;
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

  if (starts.length === 0) {
    datagram.firstStart = start;
    datagram.firstEnd = end;
  }
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

function isSame(bytes: Uint8Array, start: number, cursor: Cursor, length: number): boolean {
  for (let at = 0; at < length; at++) if (bytes[start + at] !== cursor.bytes[cursor.at + at]) return false;
  return true;
}

function ensureRoom(datagram: Datagram, end: number): void {
  const bytes = datagram.bytes!;
  if (end <= bytes.length) return;
  const grown = new Uint8Array(2 ** Math.ceil(Math.log2(end)));
  grown.set(bytes);
  datagram.bytes = grown;
}
