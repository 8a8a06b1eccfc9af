/**
 * What the two capture formats share: the shape of a push parser and the running count of what went through it.
 *
 * A parser does no reading of its own. It is given bytes, takes the whole records among them, and is given the rest
 * again with more behind it. So the same code serves files, pipes, gzip and memory, and is tested without any of them.
 */

import type { CaptureFacts, Frame } from './source.ts';

/**
 * Longest packet taken from a capture, in bytes: the bound of Wireshark and libpcap (MAXIMUM_SNAPLEN), four times
 * what IP can carry. A length above it is a damaged record.
 */
export const MAX_PACKET_LENGTH = 262_144;

/**
 * The same for link types whose packets are no network frames and may be longer. Wireshark takes up to 128 MiB of them;
 * we stay below what a run may take of memory.
 */
export const MAX_LONG_PACKET_LENGTH = 16 * 1024 * 1024;

const LONG_LINK_TYPES: readonly number[] = [
  231, // LINKTYPE_DBUS
  249, // LINKTYPE_USBPCAP
  279, // LINKTYPE_EBHSCR
];

export function maxPacketLength(linkType: number): number {
  return LONG_LINK_TYPES.includes(linkType) ? MAX_LONG_PACKET_LENGTH : MAX_PACKET_LENGTH;
}

export interface CaptureParser {
  /** Set once the records cannot be followed any further; `facts.problem` says why. Later calls consume nothing. */
  readonly stopped: boolean;
  /** Offset in the capture of the first byte not consumed. */
  readonly offset: number;
  /** Takes the whole records in `bytes[start, end)`, one call of `onFrame` a packet. Returns the bytes consumed. */
  push(bytes: Uint8Array, start: number, end: number, onFrame: (frame: Frame) => void): number;
  /** The capture has ended; `bytes[start, end)` is what `push` left of it. Says in `facts.problem` what is cut. */
  finish(bytes: Uint8Array, start: number, end: number): void;
  /** Where it stands, so that another can go on from there later. */
  resumePoint(): ResumePoint;
  /** Of an interface that was described; absent in formats that describe none. Untrusted text. */
  interfaceName?(id: number): string;
}

/** A place between two records. */
export interface ResumePoint {
  /** Offset in the capture of the next record. */
  readonly offset: number;
  /** Frames before it. */
  readonly packets: number;
  /** A parser that stands there, as if it had parsed all before. It counts for nobody. */
  resume(): CaptureParser;
}

/** Of a capture of which nothing was read yet. */
export function newFacts(path: string): CaptureFacts {
  return {
    path,
    format: 'pcap',
    description: '',
    linkTypes: [],
    packets: 0,
    bytes: 0,
    dropped: 0,
    dropsCounted: false,
    knownComplete: false,
    complete: true,
  };
}

export function markIncomplete(facts: CaptureFacts, offset: number, message: string): void {
  facts.complete = false;
  facts.problem = { offset, message };
}

/** Packets, bytes and the span of time so far. Numbers only: nothing is allocated for a packet. */
export class Tally {
  packets = 0;
  bytes = 0;
  /** Most digits of a second's fraction that any clock of this capture gives. */
  digits = 0;
  #firstSeconds = Number.POSITIVE_INFINITY;
  #firstNanoseconds = 0;
  #lastSeconds = -1;
  #lastNanoseconds = 0;

  count(seconds: number, nanoseconds: number, wireLength: number): void {
    this.packets++;
    this.bytes += wireLength;
    if (seconds < this.#firstSeconds || (seconds === this.#firstSeconds && nanoseconds < this.#firstNanoseconds)) {
      this.#firstSeconds = seconds;
      this.#firstNanoseconds = nanoseconds;
    }
    if (seconds > this.#lastSeconds || (seconds === this.#lastSeconds && nanoseconds > this.#lastNanoseconds)) {
      this.#lastSeconds = seconds;
      this.#lastNanoseconds = nanoseconds;
    }
  }

  /** For a packet without a time stamp. */
  countUntimed(wireLength: number): void {
    this.packets++;
    this.bytes += wireLength;
  }

  /** Brings the facts up to date; called once a chunk. */
  store(facts: CaptureFacts): void {
    if (this.packets === facts.packets) return;
    const { digits } = this;
    facts.packets = this.packets;
    facts.bytes = this.bytes;
    if (this.#lastSeconds < 0) return;
    facts.firstTime = { seconds: this.#firstSeconds, nanoseconds: this.#firstNanoseconds, digits };
    facts.lastTime = { seconds: this.#lastSeconds, nanoseconds: this.#lastNanoseconds, digits };
  }
}
