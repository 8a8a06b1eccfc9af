/**
 * Classic pcap (draft-ietf-opsawg-pcap) as a push parser: a file header, then records of a fixed header and a packet.
 *
 * The records carry no mark to find one's way back by: after a record header that cannot be true there is nothing
 * more to read, and the parser stops there with the offset. All packets before it have been handed out by then.
 */

import type { CaptureParser, ResumePoint } from './parser.ts';
import { markIncomplete, maxPacketLength, newFacts, Tally } from './parser.ts';
import { describePcap, type PcapHeader } from './pcap-header.ts';
import { RECORDS_PER_MARK, type Scout } from './scout.ts';
import { type CaptureFacts, Frame, MOST_UPCOMING } from './source.ts';

const NANOSECONDS = 1_000_000_000;

export class PcapParser implements CaptureParser {
  stopped = false;
  offset = 0;
  readonly #header: PcapHeader;
  readonly #facts: CaptureFacts;
  readonly #maxLength: number;
  readonly #frame = new Frame();
  readonly #tally = new Tally();
  /** Captured length of the record that cannot be true; -1 while all are sound. */
  #damagedLength = -1;

  constructor(header: PcapHeader, facts: CaptureFacts) {
    this.#header = header;
    this.#facts = facts;
    this.#maxLength = maxPacketLength(header.linkType);
    this.#tally.digits = header.nanoseconds ? 9 : 6;
    this.#frame.linkType = header.linkType;
    this.#frame.starts = new Int32Array(MOST_UPCOMING);
    facts.format = 'pcap';
    facts.description = describePcap(header);
    facts.linkTypes = [header.linkType];
  }

  push(bytes: Uint8Array, start: number, end: number, onFrame: (frame: Frame) => void): number {
    if (this.stopped) return 0;
    let at = start;
    if (this.offset === 0) {
      if (end - start < this.#header.length) return 0;
      at += this.#header.length;
    }
    at = this.#records(bytes, at, end, this.offset - start, onFrame);
    this.#tally.store(this.#facts);
    this.offset += at - start;
    if (this.#damagedLength >= 0) this.#stop(this.#damagedLength);
    return at - start;
  }

  resumePoint(): ResumePoint {
    return pcapResumePoint(this.#header, this.offset, this.#tally.packets);
  }

  /** Goes on between two records, behind so many packets. */
  goOn(offset: number, packets: number): this {
    this.offset = offset;
    this.#tally.packets = packets;
    return this;
  }

  /** Offset in the capture of the first record. */
  get firstRecord(): number {
    return this.#header.length;
  }

  /**
   * Moves the scout over the whole records that lie ahead of it, in `bytes[0, end)` with `origin` as the offset in the
   * capture of the first byte, up to one that is earlier than the one before it.
   */
  lookAhead(bytes: Uint8Array, end: number, origin: number, scout: Scout): void {
    const { bigEndian, recordHeaderLength, nanoseconds } = this.#header;
    const maxLength = this.#header.lengthOrder === 'captured first' ? this.#maxLength : -1;
    const unitsPerSecond = nanoseconds ? NANOSECONDS : 1_000_000;
    const nanosecondsPerUnit = NANOSECONDS / unitsPerSecond;
    const view = new DataView(bytes.buffer, bytes.byteOffset, end);
    const last = end - recordHeaderLength;
    let { seconds, records } = scout;
    let fraction = scout.nanoseconds / nanosecondsPerUnit;
    let at = scout.position - origin;
    while (at <= last) {
      const itsSeconds = view.getUint32(at, !bigEndian);
      const itsFraction = view.getUint32(at + 4, !bigEndian);
      const captured = view.getUint32(at + 8, !bigEndian);
      if (captured > maxLength || itsFraction >= unitsPerSecond) {
        scout.state = 'unclear';
        break;
      }
      const next = at + recordHeaderLength + captured;
      if (next > end) break;
      if (itsSeconds < seconds || (itsSeconds === seconds && itsFraction < fraction)) {
        scout.state = 'late';
        break;
      }
      seconds = itsSeconds;
      fraction = itsFraction;
      at = next;
      records++;
      if (records === 2) scout.noteSecond(seconds, fraction * nanosecondsPerUnit);
      if ((records & (RECORDS_PER_MARK - 1)) === 0) {
        scout.mark(origin + at, records, seconds, fraction * nanosecondsPerUnit);
      }
    }
    scout.position = origin + at;
    scout.records = records;
    scout.seconds = seconds;
    scout.nanoseconds = fraction * nanosecondsPerUnit;
  }

  finish(bytes: Uint8Array, start: number, end: number): void {
    if (this.stopped || end === start) return;
    const { recordHeaderLength } = this.#header;
    const packet = this.#tally.packets + 1;
    const left = end - start;
    const [what, there, whole] =
      left < recordHeaderLength
        ? [`the header of packet ${packet}`, left, recordHeaderLength]
        : [
            `packet ${packet}`,
            left - recordHeaderLength,
            this.#capturedLength(new DataView(bytes.buffer, bytes.byteOffset), start),
          ];
    markIncomplete(this.#facts, this.offset, `${what} is cut: ${there} of ${whole} bytes are in the file`);
  }

  /**
   * Hands out the whole records from `at` on; returns where the first one stands that is not whole.
   * @param origin offset in the capture of the byte at index 0
   */
  #records(bytes: Uint8Array, at: number, end: number, origin: number, onFrame: (frame: Frame) => void): number {
    const frame = this.#frame;
    const tally = this.#tally;
    const maxLength = this.#maxLength;
    const { bigEndian, recordHeaderLength, padding } = this.#header;
    const unitsPerSecond = this.#header.nanoseconds ? NANOSECONDS : 1_000_000;
    const nanosecondsPerUnit = NANOSECONDS / unitsPerSecond;
    const view = new DataView(bytes.buffer, bytes.byteOffset, end);
    frame.bytes = bytes;
    let knownTo = at;
    while (end - at >= recordHeaderLength) {
      const captured = this.#capturedLength(view, at);
      if (captured > maxLength || captured < padding) {
        this.#damagedLength = captured;
        break;
      }
      const packetStart = at + recordHeaderLength;
      if (captured > end - packetStart) break;
      if (frame.wantsUpcoming) {
        if (at >= knownTo) knownTo = this.#findUpcoming(view, at, end);
        else frame.upcoming = 0;
      }
      let seconds = view.getUint32(at, !bigEndian);
      let fraction = view.getUint32(at + 4, !bigEndian);
      if (fraction >= unitsPerSecond) {
        seconds += Math.floor(fraction / unitsPerSecond);
        fraction %= unitsPerSecond;
      }
      frame.seconds = seconds;
      frame.nanoseconds = fraction * nanosecondsPerUnit;
      frame.wireLength = Math.max(0, this.#originalLength(view, at) - padding);
      frame.start = packetStart + padding;
      frame.position = origin + frame.start;
      at = packetStart + captured;
      frame.end = at;
      tally.count(seconds, frame.nanoseconds, frame.wireLength);
      frame.number = tally.packets;
      onFrame(frame);
    }
    return at;
  }

  /** Fills in where the frames of the next batch of records begin; returns where the record after them does. */
  #findUpcoming(view: DataView, from: number, end: number): number {
    const { recordHeaderLength, padding } = this.#header;
    const { starts } = this.#frame;
    const last = end - recordHeaderLength;
    let at = from;
    let count = 0;
    while (count < MOST_UPCOMING && at <= last) {
      const next = at + recordHeaderLength + this.#capturedLength(view, at);
      if (next > end) break;
      starts[count++] = at + recordHeaderLength + padding;
      at = next;
    }
    this.#frame.upcoming = count;
    return at;
  }

  #capturedLength(view: DataView, record: number): number {
    const { bigEndian, lengthOrder } = this.#header;
    const first = view.getUint32(record + 8, !bigEndian);
    if (lengthOrder === 'captured first') return first;
    const second = view.getUint32(record + 12, !bigEndian);
    return lengthOrder === 'original first' ? second : Math.min(first, second);
  }

  #originalLength(view: DataView, record: number): number {
    const { bigEndian, lengthOrder } = this.#header;
    const second = view.getUint32(record + 12, !bigEndian);
    if (lengthOrder === 'captured first') return second;
    const first = view.getUint32(record + 8, !bigEndian);
    return lengthOrder === 'original first' ? first : Math.max(first, second);
  }

  #stop(captured: number): void {
    const packet = this.#tally.packets + 1;
    const clause =
      captured > this.#maxLength
        ? `packet ${packet} states a length of ${captured} bytes, more than the ${this.#maxLength} a packet may have`
        : `packet ${packet} states a length of ${captured} bytes, less than its padding`;
    this.stopped = true;
    markIncomplete(this.#facts, this.offset, clause);
  }
}

/** A place between two records of a pcap, for any parser to go on from. */
export function pcapResumePoint(header: PcapHeader, offset: number, packets: number): ResumePoint {
  return { offset, packets, resume: () => new PcapParser(header, newFacts('')).goOn(offset, packets) };
}
