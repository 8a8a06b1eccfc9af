/**
 * What is kept of a TCP connection: one row of 32-bit words, seen through a view of the connection and one of each
 * direction. A new row is all zeros, and that is a connection of which nothing is known.
 *
 * Sequence numbers count modulo 2^32 and are compared by `ahead` (RFC 9293 3.4), so two of them may lie at most 2^31
 * apart. That is why `first` follows a long stream at a distance.
 */

import { type Records, recordView } from '../storage/records.ts';

/** Of a connection: side 1 is the client. */
export const CLIENT_IS_1 = 0x01;
/** The client is known from a SYN, and not only presumed from who spoke first. */
export const CLIENT_KNOWN = 0x02;
/** Both directions ended. */
export const CLOSED = 0x04;
export const RESET = 0x08;
/** Nobody wants the bytes. */
export const IGNORED = 0x10;
export const OVER = CLOSED | RESET | IGNORED;
/** Bytes were acknowledged that have not come yet. */
export const SUSPECTED = 0x20;
/** They did not come, and that was reported; or a reset has ended the search for them. */
export const MISSED = 0x40;
/** End 0 has sent a segment; shifted by one, end 1. */
export const SEEN = 0x80;
/** Somebody wants to know of each byte how it came, and what is acknowledged. */
export const WATCHED = 0x200;
/** Bytes came behind their acknowledgement: the directions were recorded apart. */
export const APART = 0x400;

/** Of a direction: it is known where it stands. */
export const BEGUN = 0x01;
export const SYN_SEEN = 0x02;
/** What is delivered begins with the first byte that was sent. */
export const FROM_START = 0x04;
/** Segments wait for an earlier one. */
export const WAITS = 0x08;
export const FIN_SEEN = 0x10;
/** All is delivered or given up, and the sink knows of the FIN. */
export const ENDED = 0x20;
/** The other side has acknowledged something. */
export const ACKNOWLEDGED = 0x40;
/** Another SYN came, which may open another connection. */
export const CANDIDATE = 0x80;
/** That SYN was an answer to one that was not seen. */
export const CANDIDATE_ANSWERS = 0x100;
/** A bound was hit. */
export const GAVE_UP = 0x200;
/** Bytes sent again were others. */
export const DIFFERED = 0x400;
/** The last step was made by bytes that were seen, and not by an acknowledgement of others. */
export const SPOKE = 0x800;
/** All that was seen was acknowledged, and no more: nothing that was sent before the capture is on its way. */
export const SETTLED = 0x1000;
/** Of a connection that is watched: the side cannot be expected to speak now. */
export const STALLED = 0x2000;

/** Largest window there is (RFC 7323 2.3): what lies further ahead is of no use to any receiver. */
export const WINDOW = 2 ** 30;
/** Distance from `first` at which it follows: what lies a window ahead must still compare as higher than `first`. */
const FOLLOWS = WINDOW;
/** How far it then moves; it stays behind by more than any sender has unacknowledged. */
const FOLLOWED = WINDOW / 2;

/** How far sequence number `a` lies ahead of `b`; negative when it lies behind. */
export function ahead(a: number, b: number): number {
  return (a - b) | 0;
}

const CONNECTION_FIELDS = [
  'flags',
  /** Segments so far. */
  'segments',
  /** Distinguishes it from all other connections, those on the same ports among them; 0 when nothing of it was seen. */
  'owner',
] as const;

const DIRECTION_FIELDS = [
  'flags',
  /** Sequence number of the next byte to deliver; one behind the FIN when the direction has ended. */
  'next',
  /** Initial sequence number; when it was not seen, that of the byte before the first one that is delivered. */
  'isn',
  /** Lowest sequence number that can be of this connection, or that is looked at. */
  'first',
  /** How often that one has followed. */
  'follows',
  /** Sequence number of the FIN. */
  'fin',
  /** Newest record of the stream's memory. */
  'memory',
  /** Highest acknowledgement by the other side. */
  'acknowledged',
  /** Window that this side announced last, not scaled. */
  'window',
  /** Initial sequence number of the SYN that may open another connection. */
  'candidate',
] as const;

const ConnectionRow = recordView(CONNECTION_FIELDS);
const DirectionRow = recordView(DIRECTION_FIELDS);

export const CONNECTION_WORDS = ConnectionRow.width + 2 * DirectionRow.width;

/** Places of the words, for who has no need of views: of a connection from its row on, of a direction from `directionAt` on. */
export const CONNECTION_AT = placesOf(CONNECTION_FIELDS);
export const DIRECTION_AT = placesOf(DIRECTION_FIELDS);

function placesOf<Name extends string>(names: readonly Name[]): Readonly<Record<Name, number>> {
  return Object.fromEntries(names.map((name, place) => [name, place])) as Record<Name, number>;
}

/** Where a direction begins in the rows. */
export function directionAt(flow: number, side: number): number {
  return flow * CONNECTION_WORDS + ConnectionRow.width + side * DirectionRow.width;
}

/** Has the direction at a place go on to `next + length`. */
export function advanceAt(words: Uint32Array, at: number, length: number): void {
  const next = (words[at + DIRECTION_AT.next] + length) >>> 0;
  words[at + DIRECTION_AT.next] = next;
  while ((next - words[at + DIRECTION_AT.first]) >>> 0 >= FOLLOWS) {
    words[at + DIRECTION_AT.first] += FOLLOWED;
    words[at + DIRECTION_AT.follows]++;
  }
}

/** Bytes of the direction at a place before a sequence number that lies not behind its FIN; see `Direction.bytesBefore`. */
export function bytesAt(words: Uint32Array, at: number, sequence: number): number {
  return Math.max(0, words[at + DIRECTION_AT.follows] * FOLLOWED + ahead(sequence, words[at + DIRECTION_AT.first]));
}

export class TcpConnection extends ConnectionRow {
  isOver(): boolean {
    return (this.flags & OVER) !== 0;
  }

  /** Notes who is the client, by a SYN (`certain`) or by who spoke first; the first SYN settles it. */
  setClient(side: number, certain: boolean): void {
    const { flags } = this;
    if (flags & CLIENT_KNOWN) return;
    this.flags = (flags & ~CLIENT_IS_1) | (side === 1 ? CLIENT_IS_1 : 0) | (certain ? CLIENT_KNOWN : 0);
  }
}

export class Direction extends DirectionRow {
  flow = 0;
  side = 0;

  constructor(records: Records) {
    super(records);
    this.look(0, 0);
  }

  look(flow: number, side: number): void {
    this.flow = flow;
    this.side = side;
    this.base = directionAt(flow, side);
  }

  /** Key of what waits. */
  get key(): number {
    return this.flow * 2 + this.side;
  }

  /** Where nobody wants the bytes: sequence numbers of what came early, from the first to behind the last. */
  get islandStart(): number {
    return this.memory;
  }
  set islandStart(value: number) {
    this.memory = value;
  }
  get islandEnd(): number {
    return this.candidate;
  }
  set islandEnd(value: number) {
    this.candidate = value;
  }

  has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }

  /** @param start sequence number of the first byte that will be delivered */
  begin(start: number, flags: number): void {
    this.flags |= BEGUN | flags;
    this.next = start;
    this.isn = start - 1;
    this.first = start;
  }

  /** More of it than an acknowledgement says has been acknowledged before. */
  knowsMore(acknowledgement: number): boolean {
    return this.has(ACKNOWLEDGED) && ahead(acknowledgement, this.acknowledged) < 0;
  }

  /** Goes on to `next + length`. */
  advance(length: number): void {
    advanceAt(this.words, this.base, length);
  }

  /** Bytes of the direction before a sequence number at most a window from the next one, lost ones counted, SYN and FIN not. */
  bytesBefore(sequence: number): number {
    const { fin } = this;
    const last = this.has(FIN_SEEN) && ahead(sequence, fin) > 0 ? fin : sequence;
    return bytesAt(this.words, this.base, last);
  }
}
