/**
 * Opens a capture of any kind: looks at its first bytes, picks the parser, and is the source that drives it.
 *
 * One buffer is reused from the first chunk to the last and one await is paid for a chunk, never for a packet. What a
 * chunk leaves of its last record moves to the front before the next is read behind it.
 */

import { foreignFormat } from './foreign.ts';
import type { FrameFinder } from './frame-finder.ts';
import { GzipInput, isGzip } from './gzip.ts';
import type { Network } from './http-request.ts';
import { type ByteInput, captureError, MemoryInput } from './input.ts';
import { captureName } from './location.ts';
import { openNamed } from './named-input.ts';
import { type CaptureParser, markIncomplete, newFacts } from './parser.ts';
import { PcapParser } from './pcap.ts';
import { isPcapMagic, type PcapHeader, pcapHeaderLength, readPcapHeader } from './pcap-header.ts';
import { PcapParserAdapter, requirePcapParserCanRead } from './pcap-parser.ts';
import { settleVariant, VARIANT_SAMPLE_LENGTH } from './pcap-variant.ts';
import { isSection, PcapngParser, SECTION_HEADER_LENGTH } from './pcapng.ts';
import { ReadBuffer } from './read-buffer.ts';
import { Scout } from './scout.ts';
import { LATE_BYTES, Sequence } from './sequence.ts';
import { CaptureError, type CaptureFacts, type CaptureSource, type Frame, type ReadProgress } from './source.ts';
import type { WallClock } from './store.ts';

/** Measured: nothing is gained above, and it stays in the cache. */
const CHUNK_LENGTH = 1024 * 1024;
/** For callers that must answer between two chunks: a quarter of the time at the same pace. */
const SHORT_CHUNK_LENGTH = 256 * 1024;
/**
 * Bytes before the ones in hand that stay in the buffer for looking back (see `Frame.bytes`), and room besides for
 * frames that wait for their turn, so that little is moved.
 */
export const LOOK_BACK = 128 * 1024;
const ROOM_BESIDE_CHUNK = 4 * (LOOK_BACK + LATE_BYTES);
const SCOUT_STEP = 32 * 1024;
/** Milliseconds after which a live capture that is silent has said all for now, and nothing waits for its turn. */
const SILENCE_MILLISECONDS = 50;
/** What tells the formats apart: a pcapng section by its type and by the magic behind its length. */
const MAGIC_LENGTH = 12;

export interface OpenOptions {
  /** `wirelint` unless said otherwise. */
  readonly reader?: 'wirelint' | 'pcap-parser';
  /** `time` unless said otherwise; `capture` leaves all frames where they are. */
  readonly order?: 'time' | 'capture';
  /** Notes where the parser can go on, to find frames again. */
  readonly finder?: FrameFinder;
  /** Tells when a pipe keeps silent, so that no frame waits for others; without it none of a pipe's waits. */
  readonly clock?: WallClock;
  /** For captures by URL, which are refused without it. */
  readonly network?: Network;
}

/** Opens `path`, a URL, or standard input for `-`. Throws `CaptureError` for what is no capture that can be read. */
export async function openCapture(path: string, options: OpenOptions = {}): Promise<CaptureSource> {
  return open(await openNamed(path, options.network), path, options, true);
}

/**
 * Opens what any input gives, under the name of `path`. The input is taken over, and closed in the end. It is read as
 * it is, without unpacking: a reader that reads the capture's bytes by position must see what the parser saw.
 */
export async function openFrom(input: ByteInput, path: string, options: OpenOptions = {}): Promise<CaptureSource> {
  return open(input, path, { ...options, chunkLength: SHORT_CHUNK_LENGTH }, false);
}

/** The same over bytes in memory, which arrive in pieces of `chunkSize`. */
export async function openBytes(
  bytes: Uint8Array,
  path = 'memory',
  chunkSize = CHUNK_LENGTH,
  options: OpenOptions = {},
): Promise<CaptureSource> {
  return open(new MemoryInput(bytes, chunkSize), path, options, true);
}

async function open(
  input: ByteInput,
  path: string,
  {
    reader = 'wirelint',
    order = 'time',
    clock,
    finder,
    chunkLength = CHUNK_LENGTH,
  }: OpenOptions & { readonly chunkLength?: number },
  unpack: boolean,
): Promise<CaptureSource> {
  let buffer = new ReadBuffer(input, chunkLength, chunkLength + ROOM_BESIDE_CHUNK);
  const facts: CaptureFacts = newFacts(captureName(path));
  try {
    await buffer.ensure(MAGIC_LENGTH);
    if (unpack && isGzip(buffer.bytes)) {
      buffer = unpacked(buffer);
      await buffer.ensure(MAGIC_LENGTH);
    }
    if (buffer.input.stopped) throw new CaptureError('reading was stopped before its header had come');
    if (buffer.length === 0) throw new CaptureError(emptiness(buffer.input));
    const parser = await parserFor(buffer, facts, reader);
    if (buffer.input.unpacked) facts.description += ', gzip';
    const sequence = order === 'time' ? new Sequence(facts) : undefined;
    return new ParsedSource(buffer, facts, parser, sequence, clock, finder);
  } catch (error) {
    await buffer.input.close();
    throw error instanceof CaptureError ? captureError(path, error.message) : error;
  }
}

function emptiness({ damage, unpacked }: ByteInput): string {
  return damage ?? (unpacked ? 'is empty when unpacked' : 'is empty');
}

/** Goes on with what is packed in the bytes of `buffer`. */
function unpacked(buffer: ReadBuffer): ReadBuffer {
  const input = new GzipInput(buffer.input, buffer.bytes.subarray(0, buffer.end));
  return new ReadBuffer(input, CHUNK_LENGTH, CHUNK_LENGTH + ROOM_BESIDE_CHUNK);
}

async function parserFor(
  buffer: ReadBuffer,
  facts: CaptureFacts,
  reader: 'wirelint' | 'pcap-parser',
): Promise<CaptureParser> {
  if (isPcapMagic(buffer.bytes)) {
    await requireHeader(buffer, pcapHeaderLength(buffer.bytes));
    const header = await settledHeader(buffer);
    if (reader === 'wirelint') return new PcapParser(header, facts);
    requirePcapParserCanRead(header);
    return new PcapParserAdapter(header, facts);
  }
  if (isSection(buffer.bytes)) {
    await requireHeader(buffer, SECTION_HEADER_LENGTH);
    if (reader === 'pcap-parser') requirePcapParserCanRead(undefined);
    return new PcapngParser(facts);
  }
  throw new CaptureError(foreignFormat(buffer.bytes.subarray(0, Math.min(buffer.length, MAGIC_LENGTH))));
}

async function requireHeader(buffer: ReadBuffer, length: number): Promise<void> {
  await buffer.ensure(length);
  if (buffer.length >= length) return;
  throw new CaptureError(`is cut in its file header: ${buffer.length} of ${length} bytes are in the file`);
}

/**
 * The file header, as the first records settle its variant. Of a live capture only those records are asked that are
 * there, and of one through a pipe none: how much of it has come is chance, and the reading must not hang on that.
 */
async function settledHeader(buffer: ReadBuffer): Promise<PcapHeader> {
  const header = readPcapHeader(buffer.bytes);
  const { live, total } = buffer.input;
  if (live && total === undefined) return header;
  const length = live ? Math.min(total ?? 0, VARIANT_SAMPLE_LENGTH) : VARIANT_SAMPLE_LENGTH;
  const whole = !(await buffer.ensure(length));
  return settleVariant(header, buffer.bytes, header.length, Math.min(buffer.end, VARIANT_SAMPLE_LENGTH), whole);
}

class ParsedSource implements CaptureSource {
  readonly facts: CaptureFacts;
  readonly live: boolean;
  readonly #buffer: ReadBuffer;
  readonly #parser: CaptureParser;
  /** Absent where frames are handed out as they stand. */
  readonly #sequence: Sequence | undefined;
  /** Goes ahead as long as a pcap is in order; until then no frame is in the sequence. */
  #scout: Scout | undefined;

  readonly #clock: WallClock | undefined;
  readonly #finder: FrameFinder | undefined;

  constructor(
    buffer: ReadBuffer,
    facts: CaptureFacts,
    parser: CaptureParser,
    sequence: Sequence | undefined,
    clock: WallClock | undefined,
    finder: FrameFinder | undefined,
  ) {
    this.#clock = clock;
    this.#finder = finder;
    finder?.note(parser);
    this.#buffer = buffer;
    this.live = buffer.input.live;
    this.facts = facts;
    this.#parser = parser;
    this.#sequence = sequence;
    if (sequence && parser instanceof PcapParser) this.#scout = new Scout(parser);
  }

  async read(
    onFrame: (frame: Frame) => void,
    onChunk?: (progress: ReadProgress) => undefined | false | Promise<undefined | false>,
  ): Promise<void> {
    const buffer = this.#buffer;
    const parser = this.#parser;
    const { input } = buffer;
    let wanted = true;
    const tell = async () => onChunk === undefined || (await onChunk(progressOf(input))) !== false;
    const letGo = async () => {
      this.#deliver(onFrame, true);
      wanted = await tell();
      return wanted;
    };
    try {
      do {
        this.#parse(onFrame);
        this.#deliver(onFrame, input.waiting === true);
        wanted = await tell();
      } while (wanted && !parser.stopped && (await this.#more(letGo)));
      // What the facts have counted is handed out, even when nobody wants more.
      const isHolding = this.#isHolding;
      this.#deliver(onFrame, true);
      if (wanted && isHolding) wanted = await tell();
      if (wanted && !parser.stopped && !input.stopped) this.#finish();
    } finally {
      await input.close();
    }
  }

  #parse(onFrame: (frame: Frame) => void): void {
    const sequence = this.#sequence;
    this.#place();
    if (this.#scout && sequence) {
      this.#follow(this.#scout, onFrame);
      if (this.#scout.state === 'ordered') return;
      sequence.takeOver(this.#scout);
      this.#scout = undefined;
    }
    this.#push(this.#buffer.end, sequence?.add ?? onFrame);
  }

  /** In short steps, so that what the scout has brought into the processor's cache is still there. */
  #follow(scout: Scout, onFrame: (frame: Frame) => void): void {
    const { bytes, end } = this.#buffer;
    let to = 0;
    do {
      to = Math.min(end, Math.max(to, scout.position - this.#origin) + SCOUT_STEP);
      const sure = scout.look(bytes, to, this.#origin);
      if (sure > 0) this.#push(sure - this.#origin, onFrame);
    } while (to < end && scout.state === 'ordered');
  }

  #push(end: number, onFrame: (frame: Frame) => void): void {
    const buffer = this.#buffer;
    buffer.start += this.#parser.push(buffer.bytes, buffer.start, end, onFrame);
    this.#sequence?.reach(this.#parser.offset);
    this.#finder?.note(this.#parser);
  }

  /** Hands out what nothing can come before any more; with `all`, whatever has come. */
  #deliver(onFrame: (frame: Frame) => void, all: boolean): void {
    if (this.#scout && all) {
      this.#scout.letAllGo();
      this.#push(this.#buffer.end, onFrame);
    } else this.#sequence?.deliver(onFrame, all);
  }

  get #isHolding(): boolean {
    if (this.#scout) return this.#scout.position > this.#parser.offset;
    return this.#sequence !== undefined && this.#sequence.length > 0;
  }

  /** Offset in the capture of the first byte in the buffer. */
  get #origin(): number {
    return this.#parser.offset - this.#buffer.start;
  }

  /**
   * Reads more, with what frames that wait need left where it is. When a live input keeps silent meanwhile, `letGo` is
   * called. Returns false at the end, or when `letGo` says that nobody wants more.
   */
  async #more(letGo: () => Promise<boolean>): Promise<boolean> {
    const buffer = this.#buffer;
    const lookBack = Math.max(0, buffer.start - LOOK_BACK);
    buffer.makeRoom(this.#sequence?.firstWanted(lookBack) ?? lookBack);
    this.#place();
    const reading = buffer.fill();
    if (this.#isHolding && buffer.input.live && buffer.input.waiting === undefined) {
      const speaks = this.#clock !== undefined && (await settlesWithin(reading, SILENCE_MILLISECONDS, this.#clock));
      if (!speaks && !(await letGo())) return false;
    }
    return reading;
  }

  #place(): void {
    this.#sequence?.place(this.#buffer.bytes, this.#origin);
  }

  /** Damage of the input is the cause, a cut record only its consequence. */
  #finish(): void {
    const buffer = this.#buffer;
    const parser = this.#parser;
    if (buffer.input.note !== undefined) this.facts.note = buffer.input.note;
    if (buffer.input.damage === undefined) parser.finish(buffer.bytes, buffer.start, buffer.end);
    else markIncomplete(this.facts, parser.offset + buffer.length, buffer.input.damage);
  }
}

/** Whether a promise that never rejects is settled after so many milliseconds. */
async function settlesWithin(promise: Promise<unknown>, milliseconds: number, clock: WallClock): Promise<boolean> {
  const settled = new AbortController();
  const silence = clock.sleep(milliseconds, settled.signal).then(() => false);
  const answer = await Promise.race([promise.then(() => true), silence]);
  settled.abort();
  return answer;
}

function progressOf(input: ByteInput): ReadProgress {
  const { taken: read, total, waiting } = input;
  return { read, ...(total !== undefined && { total }), ...(waiting && { waiting }) };
}
