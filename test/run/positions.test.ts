/**
 * Where a message lies is reported so that its bytes can be read again: whichever way they came, what is read at the
 * places of each message is what its tracker was given.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import { type OpenOptions, openBytes } from '../../src/capture/open.ts';
import type { CaptureFacts, Frame } from '../../src/capture/source.ts';
import { Engine } from '../../src/engine.ts';
import { LENGTH_16 } from '../../src/framing/ready.ts';
import { History } from '../../src/history/history.ts';
import type { CaptureTrust } from '../../src/lint/capture-evidence.ts';
import { type Extents, VIRTUAL } from '../../src/net/extents.ts';
import { DEFAULT_ENGINE_OPTIONS, type EngineOptions } from '../../src/run/options.ts';
import { concat, countingBytes, hex, uint16 } from '../../src/testkit/bytes.ts';
import {
  comment,
  enhancedPacketBlock,
  interfaceBlock,
  type PcapFrame,
  pcap,
  sectionBlock,
  simplePacketBlock,
  statisticsBlock,
} from '../../src/testkit/capture.ts';
import { ethernet, internetChecksum, ipv4, ipv6, ipv6Fragment, udp, udpFrame } from '../../src/testkit/packet.ts';
import { framesOf } from '../kit/filestorage.ts';
import { beginsWith, type RecorderOptions, recorder } from '../kit/recorder.ts';
import { takeApart } from '../kit/recording.ts';
import { manners, play } from '../kit/replay.ts';
import { TcpTalk } from '../kit/tcp.ts';

const FIXTURES = new URL('../../fixtures/', import.meta.url).pathname;
const CAPTURES = ['mnet', 'ministreaming', 'filestorage'].flatMap(folder =>
  readdirSync(FIXTURES + folder)
    .filter(name => name.endsWith('.pcap'))
    .map(name => `${folder}/${name}`),
);
const CARRIED_BY_TCP = CAPTURES.filter(name => name.startsWith('filestorage/'));

/** A message as its tracker got it. */
interface Reported {
  readonly position: number;
  readonly length: number;
  readonly bytes: Uint8Array;
}

interface Run {
  readonly messages: readonly Reported[];
  /** Undefined where nobody asked for them. */
  readonly extents: Extents | undefined;
}

interface Settings extends Partial<EngineOptions> {
  /** Bytes of the capture in one chunk. */
  readonly chunk?: number;
  readonly reader?: OpenOptions['reader'];
  /** Whether anybody wants to read messages again; yes by default. */
  readonly kept?: boolean;
}

/** A history that records where it looks. */
class Overheard extends History {
  extents: Extents | undefined = undefined;

  override beginCapture(facts: CaptureFacts, extents: Extents, trust: CaptureTrust): void {
    this.extents = extents;
    super.beginCapture(facts, extents, trust);
  }
}

async function run(capture: Uint8Array, settings: Settings = {}): Promise<Run> {
  const { chunk, reader = 'wirelint', kept = true, ...options } = settings;
  const limits = { ...DEFAULT_ENGINE_OPTIONS.limits, 'stream-memory': 2 ** 20 };
  const engine = new Engine({ ...DEFAULT_ENGINE_OPTIONS, protocols, limits, ...options });
  const history = new Overheard(options.protocols ?? protocols);
  if (kept) engine.history = history;
  const messages: Reported[] = [];
  engine.onMessage = ({ message }) => {
    const { position, length } = message;
    messages.push({ position, length, bytes: message.copy() });
  };
  const source = await openBytes(capture, 'test', chunk, { reader });
  engine.beginCapture(source.facts);
  await source.read(frame => engine.frame(frame));
  await engine.settle();
  engine.closeCapture();
  await engine.settle();
  engine.endCapture();
  return { messages, extents: history.extents };
}

const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** What stands in the capture where each message lies. */
function readAgain({ messages, extents }: Run, capture: Uint8Array): string[] {
  return messages.map(({ position, bytes }) => {
    const places = extents?.resolve(position, bytes.length) ?? [];
    return toHex(concat(...places.map(place => capture.subarray(place.position, place.position + place.length))));
  });
}

/** Plays a capture, compares what is read again with what was reported, and returns the latter. */
async function places(capture: Uint8Array, settings: Settings = {}, unpacked = capture): Promise<Run> {
  const reported = await run(capture, settings);
  expect(readAgain(reported, unpacked)).toEqual(reported.messages.map(({ bytes }) => toHex(bytes)));
  expect(reported.messages.length).toBeGreaterThan(0);
  return reported;
}

/** Each message as a text: to compare the bytes one by one takes long. */
const described = ({ messages }: Run) =>
  messages.map(({ position, length, bytes }) => `${position} ${length} ${toHex(bytes)}`);

const spread = ({ messages }: Run) => messages.filter(({ position }) => position >= VIRTUAL).length;

const fixture = (name: string): Uint8Array => readFileSync(FIXTURES + name);
const framesIn = async (capture: Uint8Array): Promise<Frame[]> => framesOf(await openBytes(capture));

function written(frames: readonly Frame[]): PcapFrame[] {
  return frames.map(({ bytes, start, end, seconds, nanoseconds, wireLength }) => ({
    bytes: bytes.subarray(start, end),
    seconds,
    fraction: Math.floor(nanoseconds / 1000),
    wireLength,
  }));
}

/** Two sections with blocks of all kinds between the packets. */
function pcapng(frames: readonly Frame[]): Uint8Array {
  const blocks = written(frames).map(({ bytes = new Uint8Array(0), seconds = 0, fraction = 0, ...rest }, index) => {
    if (index % 5 === 4 && rest.wireLength === bytes.length) return simplePacketBlock(bytes);
    const time = BigInt(seconds) * 1_000_000n + BigInt(fraction);
    const options = index % 3 === 0 ? [comment('n'.repeat(index % 11))] : [];
    return concat(
      index % 7 === 6 ? statisticsBlock(0, { byInterface: 0n }) : [],
      enhancedPacketBlock(bytes, { time, options, ...rest }),
    );
  });
  const half = Math.ceil(blocks.length / 2);
  const head = concat(sectionBlock(), interfaceBlock());
  return concat(head, ...blocks.slice(0, half), head, ...blocks.slice(half));
}

describe.each(CAPTURES)('%s', name => {
  let known: Promise<readonly string[]> | undefined;
  const captured = () => {
    known ??= places(fixture(name)).then(described);
    return known;
  };

  test('as it was captured, in small chunks and large ones', async () => {
    expect(described(await places(fixture(name), { chunk: 777 }))).toEqual(await captured());
  });

  test('read by pcap-parser', async () => {
    expect(described(await places(fixture(name), { reader: 'pcap-parser' }))).toEqual(await captured());
  });

  test('as pcapng', async () => {
    await places(pcapng(await framesIn(fixture(name))), { chunk: 5_000 });
  });

  test('gzipped: the places are those of the bytes within', async () => {
    const capture = fixture(name);
    await places(gzipSync(capture), { chunk: 3_000 }, capture);
    const blocks = pcapng(await framesIn(capture));
    await places(gzipSync(blocks), {}, blocks);
  });

  test('in IP fragments, some of them out of order, overlapping and twice', async () => {
    const frames = written(await framesIn(fixture(name)));
    const capture = pcap(frames.flatMap((frame, index) => fragments(frame, index)));
    expect(spread(await places(capture))).toBeGreaterThan(0);
  });
});

test.each(CARRIED_BY_TCP)('%s, cut into other segments, in other orders, in part twice', async name => {
  const frames = await framesIn(fixture(name));
  const recording = takeApart(frames);
  const longest = Math.ceil(frames.length / 200);
  await fc.assert(
    fc.asyncProperty(manners(longest * 8), fc.boolean(), async (manner, fragmented) => {
      const played = written(play(recording, manner).frames);
      await places(pcap(fragmented ? played.flatMap((frame, index) => fragments(frame, index)) : played));
    }),
    { numRuns: 12, seed: 4 },
  );
});

// Frames in IP fragments

const ETHERNET = 14;

/**
 * An Ethernet frame with a whole IPv4 packet in fragments of 24 bytes and more, by its number with some of them out of
 * order, begun earlier than need be, or twice.
 */
function fragments(frame: PcapFrame, number: number): PcapFrame[] {
  const { bytes = new Uint8Array(0), wireLength = bytes.length } = frame;
  const header = bytes.subarray(ETHERNET, ETHERNET + (bytes[ETHERNET] & 0x0f) * 4);
  const payload = bytes.subarray(ETHERNET + header.length, ETHERNET + ((bytes[16] << 8) | bytes[17]));
  const unit = 24 + Math.ceil(payload.length / 400) * 8;
  if (bytes[12] !== 8 || bytes.length < wireLength || payload.length <= unit) return [frame];
  const pieces: PcapFrame[] = [];
  for (let from = 0; from < payload.length; from += unit) {
    const start = number % 3 === 1 ? Math.max(0, from - 16) : from;
    const end = Math.min(payload.length, from + unit);
    const own = Uint8Array.from(header);
    own.set(uint16(header.length + end - start), 2);
    own.set(uint16(number), 4);
    own.set(uint16((end < payload.length ? 0x2000 : 0) | (start / 8)), 6);
    own.set([0, 0], 10);
    own.set(uint16(internetChecksum(own)), 10);
    const packet = concat(bytes.subarray(0, ETHERNET), own, payload.subarray(start, end));
    pieces.push({ ...frame, bytes: packet, wireLength: packet.length });
  }
  if (number % 4 === 2) pieces.reverse();
  if (number % 5 === 3) pieces.splice(1, 0, pieces[0]);
  return pieces;
}

describe('a datagram', () => {
  const mapped: Settings = {
    protocols: [recorder([], { carriers: [{ transport: 'udp', framing: 'datagram' }] })],
    decodeAs: [{ transport: 'udp', from: 7000, to: 7000, protocol: 'recorder' }],
  };
  const ENDS = { source: '10.0.0.1:1024', destination: '10.0.0.2:7000' };
  /** File header, record header, Ethernet. */
  const FIRST = 24 + 16 + ETHERNET;

  test('lies behind its headers', async () => {
    const capture = pcap([{ bytes: udpFrame(ENDS.source, ENDS.destination, hex('c0ffee')) }]);
    const { messages } = await places(capture, mapped);
    expect(messages).toEqual([{ position: FIRST + 28, length: 3, bytes: hex('c0ffee') }]);
  });

  test('that the snap length cut lies there as far as it was captured', async () => {
    const bytes = udpFrame(ENDS.source, ENDS.destination, hex('c0ffee'));
    const capture = pcap([{ bytes: bytes.subarray(0, -1), wireLength: bytes.length }]);
    const { messages } = await places(capture, mapped);
    expect(messages).toEqual([{ position: FIRST + 28, length: 3, bytes: hex('c0ff') }]);
  });

  describe('of IPv4 fragments', () => {
    const datagram = udp(ENDS, countingBytes(40));
    const fragment = (start: number, end: number): PcapFrame => {
      const more = { identification: 9, fragmentOffset: start, moreFragments: end < datagram.length };
      const header = { source: '10.0.0.1', destination: '10.0.0.2', protocol: 17, ...more };
      return { bytes: ethernet({}, ipv4(header, datagram.subarray(start, end))) };
    };
    /** From a fragment's first byte to that of the next one, besides its own. */
    const BETWEEN = 16 + ETHERNET + 20;

    test('lies in these', async () => {
      const capture = pcap([fragment(16, 48), fragment(0, 16)]);
      const { messages, extents } = await places(capture, mapped);
      const second = FIRST + 20;
      expect(extents?.resolve(messages[0].position, 40)).toEqual([
        { position: second + 32 + BETWEEN + 8, length: 8 },
        { position: second, length: 32 },
      ]);
    });

    test('that overlap lies in as few as hold it', async () => {
      const capture = pcap([fragment(16, 24), fragment(8, 32), fragment(24, 48), fragment(0, 8)]);
      const { messages, extents } = await places(capture, mapped);
      const second = FIRST + 20 + 8 + BETWEEN;
      expect(extents?.resolve(messages[0].position, 40)).toEqual([
        { position: second, length: 24 },
        { position: second + 24 + BETWEEN + 8, length: 16 },
      ]);
    });
  });

  test('of IPv6 fragments lies in them', async () => {
    const ends = { source: '[2001:db8::1]:1024', destination: '[2001:db8::2]:7000' };
    const datagram = udp(ends, countingBytes(40));
    const capture = pcap(
      [0, 16, 32].map(offset => {
        const header = { nextHeader: 17, identification: 9, offset, moreFragments: offset < 32 };
        const part = ipv6Fragment(header, datagram.subarray(offset, offset + 16));
        return {
          bytes: ethernet({}, ipv6({ source: '2001:db8::1', destination: '2001:db8::2', nextHeader: 44 }, part)),
        };
      }),
    );
    expect(spread(await places(capture, mapped))).toBe(1);
  });

  test('kept until its protocol was known lies where it came', async () => {
    const patient = recorder([], {
      carriers: [{ transport: 'udp', framing: 'datagram' }],
      recognise: datagrams => (datagrams.length < 3 ? 'more' : 'yes'),
    });
    const payloads = ['aa', 'bbbb', 'cccccc', 'dd'];
    const capture = pcap(payloads.map(text => ({ bytes: udpFrame(ENDS.source, ENDS.destination, hex(text)) })));
    const { messages } = await places(capture, { protocols: [patient] });
    expect(messages.map(({ bytes }) => toHex(bytes))).toEqual(payloads);
  });
});

describe('a message in a stream', () => {
  const reported = async (
    talk: TcpTalk,
    options: RecorderOptions = {},
    limits: Settings['limits'] = DEFAULT_ENGINE_OPTIONS.limits,
  ): Promise<[string[], Run]> => {
    const mapped = [{ transport: 'tcp', from: 7000, to: 7000, protocol: 'recorder' }] as const;
    const decodeAs = options.recognition === undefined ? mapped : [];
    const placed = await places(talk.pcap(), { protocols: [recorder([], options)], decodeAs, limits });
    return [placed.messages.map(({ bytes, length }) => `${toHex(bytes)}/${length}`), placed];
  };

  test('lies in its segment', async () => {
    const [messages, placed] = await reported(
      new TcpTalk().open().client(hex('0002aabb 0001cc')).server(hex('0001dd')),
    );
    expect([messages, spread(placed)]).toEqual([['aabb/2', 'cc/1', 'dd/1'], 0]);
  });

  test('lies in its segments, a byte each, and takes a piece for each', async () => {
    const [messages, placed] = await reported(new TcpTalk({ mss: 1 }).open().client(hex('0004aabbccdd 0000 0001ee')));
    expect([messages, spread(placed), placed.extents?.pieces]).toEqual([['aabbccdd/4', '/0', 'ee/1'], 3, 6 + 2 + 3]);
  });

  test('lies where it was sent first, in whatever order that came and however often', async () => {
    const talk = new TcpTalk().open();
    talk.client(hex('ccdd 0001'), { at: 4 }).client(hex('ee 0002ffff'), { at: 8 });
    talk.client(hex('bbccdd00'), { at: 3 }).client(hex('0004aabb'), { at: 0 }).server(hex('0001ab'));
    const [messages] = await reported(talk.again(3).again(5));
    expect(messages).toEqual(['aabbccdd/4', 'ee/1', 'ffff/2', 'ab/1']);
  });

  test('with a hole lies where its first bytes do', async () => {
    const talk = new TcpTalk().open().client(hex('0008aabb')).client(hex('ccdd'));
    talk.client(hex('eeff'), { at: 8 }).server('', { ack: 10 }).client(hex('0001ee'));
    const [messages, placed] = await reported(talk);
    expect([messages, spread(placed)]).toEqual([['aabbccdd/8', 'ee/1'], 1]);
  });

  test('of which the snap length cut a segment lies where its first bytes do', async () => {
    const talk = new TcpTalk().open().client(hex('0006')).client(hex('aabbccdd'), { cut: 2 });
    const [messages] = await reported(talk.client(hex('eeff 0001ee')).server(''));
    expect(messages).toEqual(['aabb/6', 'ee/1']);
  });

  test('that waited to the end of the connection lies in the segments that had brought it', async () => {
    const talk = new TcpTalk().open().client(hex('0001aa')).client(hex('0002bb'), { at: 4 });
    const resync = (buffer: Uint8Array, at: number) => buffer[at + 2] === 0xbb;
    const [messages] = await reported(talk.client(hex('cc')), { resync });
    expect(messages).toEqual(['aa/1', 'bbcc/2']);
  });

  test('kept until its protocol was known lies where it came', async () => {
    const talk = new TcpTalk({ mss: 3 }).open().client(hex('0004aabb')).server(hex('0001dd')).client(hex('ccdd 0000'));
    const recognises = { recognition: 'of the first bytes', recogniseStream: beginsWith('0004aabbccdd') };
    const [messages] = await reported(talk, recognises);
    expect(messages).toEqual(['dd/1', 'aabbccdd/4', '/0']);
  });

  test('lies in its segment, which acknowledges what the capture lost of the other side', async () => {
    const talk = new TcpTalk().open().client(hex('0006aaaa')).client(hex('bbbb'), { at: 6 });
    const [messages, placed] = await reported(talk.server(hex('0002cdef'), { ack: 8 }));
    expect([messages, spread(placed)]).toEqual([['aaaa/6', 'cdef/2'], 0]);
  });

  test('that made its beginning too long to be kept lies in its segment', async () => {
    const options: RecorderOptions = {
      carriers: [{ transport: 'tcp', framing: 'recorder' }],
      framing: { ...LENGTH_16, id: 'recorder', preface: () => 'more' },
      resync: () => true,
    };
    const limits = { ...DEFAULT_ENGINE_OPTIONS.limits, 'candidate-stream-bytes': 4 };
    const [messages] = await reported(
      new TcpTalk().open().client(hex('0001aa')).client(hex('0002bbcc')),
      options,
      limits,
    );
    expect(messages).toEqual(['aa/1', 'bbcc/2']);
  });

  test('too long to be taken lies there as far as it was captured', async () => {
    const limited: RecorderOptions = { carriers: [{ transport: 'tcp', framing: 'length16', longest: 4 }] };
    const [messages] = await reported(new TcpTalk({ mss: 1 }).open().client(hex('0001aa 0009bbcc')), limited);
    expect(messages).toEqual(['aa/1', '/9']);
  });
});

describe('where nobody wants to read messages again', () => {
  test('those in one packet are reported with their place, others with none', async () => {
    const talk = new TcpTalk().open().client(hex('0001aa 0002bb')).client(hex('bb 0001cc'));
    const settings: Settings = {
      protocols: [recorder([])],
      decodeAs: [{ transport: 'tcp', from: 7000, to: 7000, protocol: 'recorder' }],
    };
    const { messages: kept } = await run(talk.pcap(), settings);
    const { messages, extents } = await run(talk.pcap(), { ...settings, kept: false });
    expect(messages.map(({ position }) => position)).toEqual([kept[0].position, -1, kept[2].position]);
    expect(extents).toBeUndefined();
  });

  test('in IP fragments, those of a datagram have none', async () => {
    const frames = written(await framesIn(fixture('mnet/echo-small.pcap')));
    const capture = pcap(frames.flatMap((frame, index) => fragments(frame, index)));
    const { messages } = await run(capture, { kept: false });
    expect(messages.some(({ position }) => position < 0)).toBe(true);
    expect(messages.some(({ position }) => position >= VIRTUAL)).toBe(false);
  });
});
