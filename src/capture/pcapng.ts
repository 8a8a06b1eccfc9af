/**
 * pcapng (draft-ietf-opsawg-pcapng) as a push parser: blocks that each state their type and, twice, their length.
 *
 * Sections may differ in byte order and number their interfaces from 0; frames number them over the whole file. Of all
 * blocks only those that bear packets, interfaces or drop counters are read, the others skipped. A block whose length
 * cannot be true ends the reading, as nothing tells where the next one begins.
 *
 * Drops are counted twice over: each packet block may say how many were lost since the one before on its interface, and
 * statistics blocks how many since the capture began. Both count the same packets, so that of an interface the larger of
 * the two is taken: the sum of the former, or the most that the latter say.
 */

import { Clock, isResolution } from './clock.ts';
import { COMPLETE_OPTION, isCompleteMark } from './complete-mark.ts';
import type { CaptureParser, ResumePoint } from './parser.ts';
import { MAX_LONG_PACKET_LENGTH, markIncomplete, maxPacketLength, newFacts, Tally } from './parser.ts';
import { type CaptureFacts, Frame } from './source.ts';
import { read16, read32 } from './words.ts';

/** Room for the longest packet and for its options, twice 64 KiB of comment as in Wireshark's bound. */
export const MAX_BLOCK_LENGTH = MAX_LONG_PACKET_LENGTH + 128 * 1024;
/** In one section; an interface of a packet takes 32 bits, but no host has more of them. */
export const MAX_INTERFACES = 65_536;

/** Type, total length, and the total length again at the end. */
const BLOCK_OVERHEAD = 12;
const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const OBSOLETE_PACKET = 2;
const SIMPLE_PACKET = 3;
const INTERFACE_STATISTICS = 5;
const ENHANCED_PACKET = 6;

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const MAJOR_VERSION = 1;
/** Smallest section header: byte-order magic, version and section length. */
export const SECTION_HEADER_LENGTH = BLOCK_OVERHEAD + 16;
const INTERFACE_LENGTH = BLOCK_OVERHEAD + 8;
const STATISTICS_LENGTH = BLOCK_OVERHEAD + 12;
const SIMPLE_PACKET_LENGTH = BLOCK_OVERHEAD + 4;
const PACKET_LENGTH = BLOCK_OVERHEAD + 20;

const OPTION_END = 0;
const OPTION_COMMENT = 1;
const OPTION_IF_NAME = 2;
const OPTION_TSRESOL = 9;
const OPTION_FILTER = 11;
const OPTION_TSOFFSET = 14;
const OPTION_DROPCOUNT = 4;
const OPTION_IFRECV = 4;
const OPTION_IFDROP = 5;
const OPTION_OSDROP = 7;
/** Bytes of an interface's name that are kept. */
const MOST_NAME = 256;
/** Length of a counter of 64 bits, and what stands in one that the writer does not know. */
const COUNTER_LENGTH = 8;
const COUNT_UNKNOWN = 2 ** 64;
/** if_tsresol when absent: microseconds. */
const DEFAULT_RESOLUTION = 6;
/** drops_count of the obsolete packet block when the writer does not know. */
const DROPS_UNKNOWN = 0xffff;

const utf8 = new TextDecoder();

interface Interface {
  /** Counted over the whole file. */
  readonly id: number;
  /** As its description names it; empty where it does not. */
  readonly name: string;
  readonly linkType: number;
  /** 0 for none. */
  readonly snapLength: number;
  readonly maxLength: number;
  readonly clock: Clock;
  packets: number;
  /** As its packet blocks add up. */
  droppedBetween: number;
  /** The most that its statistics blocks say. */
  droppedInAll: number;
  /** It has packets that no statistics block with a drop count stands behind. */
  uncounted: boolean;
}

/** Whether these bytes, 12 or more, begin a section; its type alone is not rare enough to tell. */
export function isSection(bytes: Uint8Array): boolean {
  return (
    read32(bytes, 0, true) === SECTION_HEADER &&
    (read32(bytes, 8, true) === BYTE_ORDER_MAGIC || read32(bytes, 8, false) === BYTE_ORDER_MAGIC)
  );
}

export class PcapngParser implements CaptureParser {
  stopped = false;
  offset = 0;
  readonly #facts: CaptureFacts;
  readonly #frame = new Frame();
  readonly #tally = new Tally();
  /** Offset in the capture of the byte at index 0 of the bytes in hand. */
  #origin = 0;
  #bigEndian = false;
  /** Those of the current section. */
  #interfaces: Interface[] = [];
  #interfacesBefore = 0;
  /** Over the whole file, as `#linkTypes` is. */
  #dropped = 0;
  readonly #linkTypes = new Set<number>();
  /** Whether the current section says that its source is complete. */
  #saidComplete = false;
  /** Interfaces with uncounted packets, in the current section and in those before. */
  #uncounted = 0;
  #uncountedBefore = 0;
  /** An interface of the current section was captured through a filter, which leaves out what it leaves out. */
  #filtered = false;
  /** A section before neither said that it is complete nor showed it by its counts. */
  #unknownBefore = false;
  /** What is wrong with the block in hand; empty while all are sound. */
  #damage = '';

  constructor(facts: CaptureFacts) {
    this.#facts = facts;
    facts.format = 'pcapng';
    facts.description = 'pcapng';
  }

  push(bytes: Uint8Array, start: number, end: number, onFrame: (frame: Frame) => void): number {
    if (this.stopped) return 0;
    this.#frame.bytes = bytes;
    this.#origin = this.offset - start;
    let at = start;
    while (end - at >= BLOCK_OVERHEAD) {
      const length = this.#blockLength(bytes, at);
      if (length === 0 || length > end - at) break;
      this.#block(bytes, at, at + length, onFrame);
      if (this.#damage !== '') break;
      at += length;
    }
    this.offset += at - start;
    this.#storeFacts();
    return at - start;
  }

  finish(bytes: Uint8Array, start: number, end: number): void {
    const left = end - start;
    if (this.stopped || left === 0) return;
    const block = `the block after packet ${this.#tally.packets}`;
    const [what, whole] =
      left < BLOCK_OVERHEAD ? [`the header of ${block}`, BLOCK_OVERHEAD] : [block, this.#blockLength(bytes, start)];
    markIncomplete(this.#facts, this.offset, `${what} is cut: ${left} of ${whole} bytes are in the file`);
  }

  resumePoint(): ResumePoint {
    const { offset } = this;
    const { packets } = this.#tally;
    const { seconds, nanoseconds } = this.#frame;
    // A section's list only grows.
    const interfaces = this.#interfaces;
    const known = interfaces.length;
    const before = this.#interfacesBefore;
    const bigEndian = this.#bigEndian;
    const resume = () => {
      const parser = new PcapngParser(newFacts(''));
      parser.offset = offset;
      parser.#tally.packets = packets;
      parser.#interfaces = interfaces.slice(0, known).map(own => ({ ...own }));
      parser.#interfacesBefore = before;
      parser.#bigEndian = bigEndian;
      // A packet without a time has that of the one before.
      parser.#frame.seconds = seconds;
      parser.#frame.nanoseconds = nanoseconds;
      return parser;
    };
    return { offset, packets, resume };
  }

  interfaceName(id: number): string {
    return this.#interfaces[id - this.#interfacesBefore]?.name ?? '';
  }

  #storeFacts(): void {
    const facts = this.#facts;
    this.#tally.store(facts);
    this.#storeDrops();
    if (this.#damage === '') return;
    this.stopped = true;
    markIncomplete(facts, this.offset, this.#damage);
  }

  /** What is known of the packets that are not there. Called when it changes, too: the next packet is judged by it. */
  #storeDrops(): void {
    const facts = this.#facts;
    const counted = this.#tally.packets > 0 && this.#uncounted === 0;
    facts.dropped = Math.min(this.#dropped, Number.MAX_SAFE_INTEGER);
    facts.dropsCounted = counted && this.#uncountedBefore === 0;
    const known = this.#saidComplete || (counted && !this.#filtered);
    facts.knownComplete = facts.dropped === 0 && !this.#unknownBefore && known;
  }

  /**
   * Bytes that the block at `at` takes, of which 12 are there; 0, and `damage` set, when its length cannot be true. Some
   * writers pad their blocks to 32 bits as they must, and state a length without the padding; Wireshark reads them, too.
   */
  #blockLength(bytes: Uint8Array, at: number): number {
    // The type of a section header reads the same in both byte orders, so that the magic behind it can tell them apart.
    if (read32(bytes, at, true) === SECTION_HEADER) {
      this.#bigEndian = read32(bytes, at + 8, true) === BYTE_ORDER_MAGIC;
      if (!this.#bigEndian && read32(bytes, at + 8, false) !== BYTE_ORDER_MAGIC) {
        return this.#damaged('a section header has no byte-order magic');
      }
    }
    const length = read32(bytes, at + 4, this.#bigEndian);
    if (length < BLOCK_OVERHEAD) {
      return this.#damaged(
        `the block after packet ${this.#tally.packets} states an impossible length of ${length} bytes`,
      );
    }
    if (length > MAX_BLOCK_LENGTH) {
      const bound = `more than the ${MAX_BLOCK_LENGTH} a block may have`;
      return this.#damaged(
        `the block after packet ${this.#tally.packets} states a length of ${length} bytes, ${bound}`,
      );
    }
    return padded(length);
  }

  #damaged(clause: string): 0 {
    this.#damage = clause;
    return 0;
  }

  #block(bytes: Uint8Array, at: number, end: number, onFrame: (frame: Frame) => void): void {
    if (read32(bytes, end - 4, this.#bigEndian) !== read32(bytes, at + 4, this.#bigEndian)) {
      this.#damaged(`the two lengths of the block after packet ${this.#tally.packets} differ`);
      return;
    }
    switch (read32(bytes, at, this.#bigEndian)) {
      case ENHANCED_PACKET:
        this.#packet(bytes, at, end, read32(bytes, at + 8, this.#bigEndian), onFrame);
        break;
      case OBSOLETE_PACKET:
        this.#packet(bytes, at, end, read16(bytes, at + 8, this.#bigEndian), onFrame);
        this.#countDrops(bytes, at);
        break;
      case SIMPLE_PACKET:
        this.#simplePacket(bytes, at, end, onFrame);
        break;
      case INTERFACE_DESCRIPTION:
        this.#interfaceDescription(bytes, at, end);
        break;
      case INTERFACE_STATISTICS:
        this.#interfaceStatistics(bytes, at, end);
        break;
      case SECTION_HEADER:
        this.#section(bytes, at, end);
        break;
    }
  }

  #section(bytes: Uint8Array, at: number, end: number): void {
    if (end - at < SECTION_HEADER_LENGTH) {
      this.#damaged('a section header is too short');
      return;
    }
    const major = read16(bytes, at + 12, this.#bigEndian);
    if (major !== MAJOR_VERSION) {
      this.#damaged(`a section is of pcapng version ${major}, only version 1 can be read`);
      return;
    }
    this.#interfacesBefore += this.#interfaces.length;
    this.#interfaces = [];
    this.#unknownBefore ||= (this.#uncounted > 0 || this.#filtered) && !this.#saidComplete;
    this.#filtered = false;
    this.#uncountedBefore += this.#uncounted;
    this.#uncounted = 0;
    this.#saidComplete = this.#saysComplete(bytes, at + SECTION_HEADER_LENGTH - 4, end - 4);
    // Never true again: frames of a section that does not say so may still wait to be put in order.
    this.#facts.eachOnce = this.#saidComplete && this.#facts.eachOnce !== false;
    this.#storeDrops();
  }

  #saysComplete(bytes: Uint8Array, at: number, end: number): boolean {
    for (let option = at; end - option >= 4; option = this.#nextOption(bytes, option)) {
      const code = read16(bytes, option, this.#bigEndian);
      const value = option + 4;
      const valueEnd = value + read16(bytes, option + 2, this.#bigEndian);
      if (code === OPTION_END || valueEnd > end) return false;
      if (code === COMPLETE_OPTION && isCompleteMark(bytes, value, valueEnd, this.#bigEndian)) return true;
    }
    return false;
  }

  #interfaceDescription(bytes: Uint8Array, at: number, end: number): void {
    const number = this.#interfaces.length;
    if (end - at < INTERFACE_LENGTH || number === MAX_INTERFACES) {
      this.#damaged(
        number === MAX_INTERFACES ? 'a section has too many interfaces' : 'an interface block is too short',
      );
      return;
    }
    const options = at + INTERFACE_LENGTH - 4;
    const resolutionAt = this.#findOption(bytes, options, end - 4, OPTION_TSRESOL, 1);
    const offsetAt = this.#findOption(bytes, options, end - 4, OPTION_TSOFFSET, 8);
    const resolution = resolutionAt < 0 ? DEFAULT_RESOLUTION : bytes[resolutionAt];
    if (!isResolution(resolution)) {
      const power = `${resolution & 0x80 ? 2 : 10}^-${resolution & 0x7f}`;
      this.#damaged(`interface ${number} states a time stamp resolution of ${power} seconds, finer than 64 bits hold`);
      return;
    }
    // No filter drops a packet, and yet one may leave out a direction, or all fragments but the first.
    this.#filtered ||= this.#findOption(bytes, options, end - 4, OPTION_FILTER) >= 0;
    const linkType = read16(bytes, at + 8, this.#bigEndian);
    const clock = new Clock(resolution, offsetAt < 0 ? 0 : this.#signed64(bytes, offsetAt));
    const snapLength = read32(bytes, at + 12, this.#bigEndian);
    const id = this.#interfacesBefore + number;
    this.#interfaces.push({
      id,
      name: this.#interfaceName(bytes, options, end - 4),
      linkType,
      snapLength,
      maxLength: maxPacketLength(linkType),
      clock,
      packets: 0,
      droppedBetween: 0,
      droppedInAll: 0,
      uncounted: false,
    });
    this.#tally.digits = Math.max(this.#tally.digits, clock.digits);
    if (this.#linkTypes.has(linkType)) return;
    this.#linkTypes.add(linkType);
    this.#facts.linkTypes.push(linkType);
  }

  #interfaceStatistics(bytes: Uint8Array, at: number, end: number): void {
    if (end - at < STATISTICS_LENGTH) return;
    const found = this.#interfaces[read32(bytes, at + 8, this.#bigEndian)];
    if (found === undefined) return;
    const options = at + STATISTICS_LENGTH - 4;
    const received = this.#counter(bytes, options, end - 4, OPTION_IFRECV) ?? 0;
    const byInterface = this.#counter(bytes, options, end - 4, OPTION_IFDROP);
    const bySystem = this.#counter(bytes, options, end - 4, OPTION_OSDROP);
    const dropped = (byInterface ?? 0) + (bySystem ?? 0);
    if (dropped > found.droppedInAll) this.#setDropped(found, found.droppedBetween, dropped);
    // Dumpcap writes what libpcap knows as isb_ifdrop, and isb_ifrecv with it. Where more was received than is there,
    // the capture was ended with packets on their way, or made smaller afterwards: no count says what is missing.
    if (byInterface === undefined || received > found.packets || !found.uncounted) return;
    found.uncounted = false;
    this.#uncounted--;
  }

  /** Obsolete packet block: packets lost between this packet and the one before it on the same interface. */
  #countDrops(bytes: Uint8Array, at: number): void {
    const drops = read16(bytes, at + 10, this.#bigEndian);
    if (this.#damage === '' && drops !== DROPS_UNKNOWN) {
      this.#addDropped(this.#interfaces[read16(bytes, at + 8, this.#bigEndian)], drops);
    }
  }

  #addDropped(from: Interface, drops: number): void {
    if (drops > 0 && drops < COUNT_UNKNOWN) this.#setDropped(from, from.droppedBetween + drops, from.droppedInAll);
  }

  #setDropped(from: Interface, between: number, inAll: number): void {
    this.#dropped += Math.max(between, inAll) - Math.max(from.droppedBetween, from.droppedInAll);
    from.droppedBetween = between;
    from.droppedInAll = inAll;
    this.#storeDrops();
  }

  /** Enhanced and obsolete packet blocks differ only in how they name the interface. */
  #packet(bytes: Uint8Array, at: number, end: number, number: number, onFrame: (frame: Frame) => void): void {
    const frame = this.#frame;
    const tally = this.#tally;
    const bigEndian = this.#bigEndian;
    if (end - at < PACKET_LENGTH) {
      this.#damaged(`the block of packet ${tally.packets + 1} is too short`);
      return;
    }
    if (number >= this.#interfaces.length) {
      this.#damaged(`packet ${tally.packets + 1} names interface ${number}, which its section does not describe`);
      return;
    }
    const found = this.#interfaces[number];
    const start = at + PACKET_LENGTH - 4;
    const captured = read32(bytes, at + 20, bigEndian);
    if (!this.#fits(captured, end - 4 - start, found)) return;
    found.clock.read(read32(bytes, at + 12, bigEndian), read32(bytes, at + 16, bigEndian));
    frame.seconds = found.clock.seconds;
    frame.nanoseconds = found.clock.nanoseconds;
    frame.wireLength = read32(bytes, at + 24, bigEndian);
    const options = start + padded(captured);
    frame.comment = options < end - 4 ? this.#packetOptions(bytes, options, end - 4, found) : '';
    tally.count(frame.seconds, frame.nanoseconds, frame.wireLength);
    this.#deliver(start, captured, found, onFrame);
  }

  /** A simple packet has no time stamp: its frame keeps the time of the one before, and counts for no time span. */
  #simplePacket(bytes: Uint8Array, at: number, end: number, onFrame: (frame: Frame) => void): void {
    const frame = this.#frame;
    const tally = this.#tally;
    const packet = tally.packets + 1;
    if (end - at < SIMPLE_PACKET_LENGTH || this.#interfaces.length === 0) {
      this.#damaged(
        `packet ${packet} ${this.#interfaces.length === 0 ? 'has no interface in its section' : 'is too short'}`,
      );
      return;
    }
    const found = this.#interfaces[0];
    const start = at + SIMPLE_PACKET_LENGTH - 4;
    frame.wireLength = read32(bytes, at + 8, this.#bigEndian);
    const captured = found.snapLength === 0 ? frame.wireLength : Math.min(frame.wireLength, found.snapLength);
    if (!this.#fits(captured, end - 4 - start, found)) return;
    frame.comment = '';
    tally.countUntimed(frame.wireLength);
    this.#deliver(start, captured, found, onFrame);
  }

  #fits(captured: number, room: number, { maxLength }: Interface): boolean {
    if (captured <= room && captured <= maxLength) return true;
    const bound = captured > room ? `its block has room for ${room}` : `more than the ${maxLength} a packet may have`;
    this.#damaged(`packet ${this.#tally.packets + 1} states a length of ${captured} bytes, ${bound}`);
    return false;
  }

  #deliver(start: number, captured: number, from: Interface, onFrame: (frame: Frame) => void): void {
    const frame = this.#frame;
    from.packets++;
    if (!from.uncounted) {
      from.uncounted = true;
      this.#uncounted++;
    }
    frame.number = this.#tally.packets;
    frame.linkType = from.linkType;
    frame.interfaceId = from.id;
    frame.start = start;
    frame.end = start + captured;
    frame.position = this.#origin + start;
    onFrame(frame);
  }

  #interfaceName(bytes: Uint8Array, at: number, end: number): string {
    const found = this.#findOption(bytes, at, end, OPTION_IF_NAME);
    if (found < 0) return '';
    return utf8.decode(bytes.subarray(found, found + Math.min(MOST_NAME, read16(bytes, found - 2, this.#bigEndian))));
  }

  /** Where the value of the first option `code`, of `length` bytes or any, stands; -1 when there is none. */
  #findOption(bytes: Uint8Array, at: number, end: number, code: number, length?: number): number {
    for (let option = at; end - option >= 4; option = this.#nextOption(bytes, option)) {
      const found = read16(bytes, option, this.#bigEndian);
      if (found === OPTION_END) return -1;
      const stated = read16(bytes, option + 2, this.#bigEndian);
      const fits = stated === (length ?? stated) && stated <= end - option - 4;
      if (found === code && fits) return option + 4;
    }
    return -1;
  }

  /** The comments of a packet; the drops that it tells are counted. */
  #packetOptions(bytes: Uint8Array, at: number, end: number, from: Interface): string {
    let text = '';
    for (let option = at; end - option >= 4; option = this.#nextOption(bytes, option)) {
      const code = read16(bytes, option, this.#bigEndian);
      const length = read16(bytes, option + 2, this.#bigEndian);
      if (code === OPTION_END || length > end - option - 4) return text;
      if (code === OPTION_DROPCOUNT && length === COUNTER_LENGTH)
        this.#addDropped(from, this.#unsigned64(bytes, option + 4));
      if (code !== OPTION_COMMENT) continue;
      const comment = utf8.decode(bytes.subarray(option + 4, option + 4 + length));
      text = text === '' ? comment : `${text}\n${comment}`;
    }
    return text;
  }

  #nextOption(bytes: Uint8Array, at: number): number {
    return at + 4 + padded(read16(bytes, at + 2, this.#bigEndian));
  }

  /** A counter of 64 bits; absent where the writer left it out, or says that it does not know. */
  #counter(bytes: Uint8Array, at: number, end: number, code: number): number | undefined {
    const found = this.#findOption(bytes, at, end, code, COUNTER_LENGTH);
    const count = found < 0 ? COUNT_UNKNOWN : this.#unsigned64(bytes, found);
    return count === COUNT_UNKNOWN ? undefined : count;
  }

  #unsigned64(bytes: Uint8Array, at: number): number {
    const first = read32(bytes, at, this.#bigEndian);
    const second = read32(bytes, at + 4, this.#bigEndian);
    return this.#bigEndian ? first * 2 ** 32 + second : second * 2 ** 32 + first;
  }

  #signed64(bytes: Uint8Array, at: number): number {
    const high = read32(bytes, this.#bigEndian ? at : at + 4, this.#bigEndian) | 0;
    return high * 2 ** 32 + read32(bytes, this.#bigEndian ? at + 4 : at, this.#bigEndian);
  }
}

function padded(length: number): number {
  return (length + 3) & ~3;
}
