/**
 * The npm package pcap-parser as the second reader, `--reader pcap-parser`: an independent judge of our own.
 *
 * It sees the capture through the same `CaptureParser` as ours, so that files, pipes and gzip are not its business. It
 * reads classic pcap in microseconds alone; it never complains of a cut tail and would store whatever length a record
 * states. So what it cannot read is refused beforehand, its record headers are checked as they are announced, and the
 * packets are weighed against the bytes it was given.
 */

import { type Packet, type PacketHeader, parse } from 'pcap-parser';
import type { CaptureParser, ResumePoint } from './parser.ts';
import { markIncomplete, maxPacketLength, Tally } from './parser.ts';
import { pcapResumePoint } from './pcap.ts';
import { describePcap, PCAP_HEADER_LENGTH, PCAP_RECORD_HEADER_LENGTH, type PcapHeader } from './pcap-header.ts';
import { CaptureError, type CaptureFacts, Frame } from './source.ts';

const MICROSECONDS = 1_000_000;
const NANOSECONDS_PER_MICROSECOND = 1000;

/** Throws `CaptureError`, to be prefixed with the name of the capture, for what the package cannot read. */
export function requirePcapParserCanRead(header: PcapHeader | undefined): void {
  const readable =
    header !== undefined &&
    !header.nanoseconds &&
    header.length === PCAP_HEADER_LENGTH &&
    header.recordHeaderLength === PCAP_RECORD_HEADER_LENGTH &&
    header.lengthOrder === 'captured first';
  if (readable) return;
  const kind = header === undefined ? 'pcapng' : describePcap(header);
  throw new CaptureError(`is ${kind}: the reader pcap-parser reads only pcap in microseconds, leave out --reader`);
}

export class PcapParserAdapter implements CaptureParser {
  stopped = false;
  /** Bytes given to the package. */
  offset = 0;
  readonly #header: PcapHeader;
  readonly #facts: CaptureFacts;
  readonly #frame = new Frame();
  readonly #tally = new Tally();
  readonly #maxLength: number;
  readonly #feed: (bytes: Buffer) => void;
  #onFrame: (frame: Frame) => void = () => {};
  /** Offset behind the last whole packet. */
  #packetsEnd = PCAP_HEADER_LENGTH;
  /** Captured length of the packet whose header was announced last. */
  #announced = 0;

  /** `header` is our own reading of the file header, used for the description and the bound. */
  constructor(header: PcapHeader, facts: CaptureFacts) {
    this.#header = header;
    this.#facts = facts;
    this.#maxLength = maxPacketLength(header.linkType);
    this.#tally.digits = 6;
    facts.format = 'pcap';
    facts.description = `${describePcap(header)}, read by pcap-parser`;
    facts.linkTypes = [header.linkType];
    this.#feed = this.#start();
  }

  push(bytes: Uint8Array, start: number, end: number, onFrame: (frame: Frame) => void): number {
    if (this.stopped) return 0;
    this.#onFrame = onFrame;
    // A copy, because the package keeps what it is given and our chunk is reused.
    this.#feed(Buffer.from(bytes.subarray(start, end)));
    this.offset += end - start;
    this.#tally.store(this.#facts);
    return end - start;
  }

  finish(): void {
    const left = this.offset - this.#packetsEnd;
    if (this.stopped || left === 0) return;
    const packet = this.#tally.packets + 1;
    const [what, there, whole] =
      left < PCAP_RECORD_HEADER_LENGTH
        ? [`the header of packet ${packet}`, left, PCAP_RECORD_HEADER_LENGTH]
        : [`packet ${packet}`, left - PCAP_RECORD_HEADER_LENGTH, this.#announced];
    markIncomplete(this.#facts, this.#packetsEnd, `${what} is cut: ${there} of ${whole} bytes are in the file`);
  }

  /** Our own parser goes on: the package cannot begin in the middle. */
  resumePoint(): ResumePoint {
    return pcapResumePoint(this.#header, this.#packetsEnd, this.#tally.packets);
  }

  /** Hangs the package on a stream that is nothing but the function returned here. */
  #start(): (bytes: Buffer) => void {
    let feed: (bytes: Buffer) => void = () => {};
    const stream = {
      on: (event: string, listener: (data: Buffer) => void): void => {
        if (event === 'data') feed = listener;
      },
      pause: (): void => {},
      resume: (): void => {},
    };
    parse(stream)
      .on('globalHeader', ({ linkLayerType }) => {
        this.#frame.linkType = linkLayerType & 0xffff;
      })
      .on('packetHeader', header => this.#check(header))
      .on('packet', packet => this.#deliver(packet))
      .on('error', error => this.#stop(error.message));
    return feed;
  }

  #check({ capturedLength }: PacketHeader): void {
    this.#announced = capturedLength;
    if (capturedLength <= this.#maxLength) return;
    const bound = `more than the ${this.#maxLength} a packet may have`;
    this.#stop(`packet ${this.#tally.packets + 1} states a length of ${capturedLength} bytes, ${bound}`);
  }

  #stop(message: string): void {
    if (this.stopped) return;
    this.stopped = true;
    markIncomplete(this.#facts, this.#packetsEnd, message);
  }

  #deliver({ header, data }: Packet): void {
    if (this.stopped) return;
    const frame = this.#frame;
    const tally = this.#tally;
    const carry = Math.floor(header.timestampMicroseconds / MICROSECONDS);
    frame.seconds = header.timestampSeconds + carry;
    frame.nanoseconds = (header.timestampMicroseconds - carry * MICROSECONDS) * NANOSECONDS_PER_MICROSECOND;
    frame.wireLength = header.originalLength;
    frame.bytes = data;
    frame.end = data.length;
    // Records lie one behind the other, so that their lengths tell where this one is.
    frame.position = this.#packetsEnd + PCAP_RECORD_HEADER_LENGTH;
    this.#packetsEnd += PCAP_RECORD_HEADER_LENGTH + data.length;
    tally.count(frame.seconds, frame.nanoseconds, frame.wireLength);
    frame.number = tally.packets;
    this.#onFrame(frame);
  }
}
