import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openBytes } from '../../src/capture/open.ts';
import type { Decoder } from '../../src/net/decode.ts';
import type { IncompleteDatagram } from '../../src/net/fragments.ts';
import { concat, countingBytes, hex } from '../../src/testkit/bytes.ts';
import { ethernet, frameOf, ipv4, ipv6, ipv6Extension, ipv6Fragment, udp, udpFrame } from '../../src/testkit/packet.ts';
import { type Decoded, decoded, newDecoder } from '../kit/decoded.ts';

const SOURCE = '10.0.0.1:1024';
const DESTINATION = '10.0.0.2:26999';
const SOURCE6 = '[2001:db8::1]:1024';
const DESTINATION6 = '[2001:db8::2]:26999';
const PAYLOAD = countingBytes(52);
/** 60 bytes: fragments at 0, 16, 32 and 48, the last of 12 bytes. */
const DATAGRAM = udp({ source: SOURCE, destination: DESTINATION }, PAYLOAD);
const DATAGRAM6 = udp({ source: SOURCE6, destination: DESTINATION6 }, PAYLOAD);

const WHOLE: Decoded = { transport: 17, source: SOURCE, destination: DESTINATION, payload: PAYLOAD, length: 52 };
const WHOLE6: Decoded = { ...WHOLE, source: SOURCE6, destination: DESTINATION6 };

interface Piece {
  readonly start: number;
  readonly end: number;
  readonly identification?: number;
  /** By default: all but the one that ends where the datagram ends. */
  readonly more?: boolean;
  readonly content?: Uint8Array;
  readonly seconds?: number;
  /** Bytes that the snap length cut off. */
  readonly cut?: number;
}

function fragment4(piece: Piece): ReturnType<typeof frameOf> {
  const packet = ipv4(
    {
      source: '10.0.0.1',
      destination: '10.0.0.2',
      protocol: 17,
      identification: piece.identification ?? 1,
      fragmentOffset: piece.start,
      moreFragments: piece.more ?? piece.end !== DATAGRAM.length,
    },
    piece.content ?? DATAGRAM.subarray(piece.start, piece.end),
  );
  return cutFrame(packet, piece);
}

function fragment6(piece: Piece): ReturnType<typeof frameOf> {
  const header = {
    nextHeader: 17,
    identification: piece.identification ?? 1,
    offset: piece.start,
    moreFragments: piece.more ?? piece.end !== DATAGRAM6.length,
  };
  const payload = ipv6Fragment(header, piece.content ?? DATAGRAM6.subarray(piece.start, piece.end));
  return cutFrame(ipv6({ source: '2001:db8::1', destination: '2001:db8::2', nextHeader: 44 }, payload), piece);
}

function cutFrame(packet: Uint8Array, piece: Piece): ReturnType<typeof frameOf> {
  const bytes = ethernet({}, packet);
  return frameOf(bytes.subarray(0, bytes.length - (piece.cut ?? 0)), {
    seconds: piece.seconds ?? 1_000,
    wireLength: bytes.length,
  });
}

const A: Piece = { start: 0, end: 16 };
const B: Piece = { start: 16, end: 32 };
const C: Piece = { start: 32, end: 48 };
const D: Piece = { start: 48, end: 60 };

/** What came out for each piece that completed a datagram. */
function feed4(decoder: Decoder, pieces: readonly Piece[]): Decoded[] {
  return pieces.map(piece => decoded(decoder, fragment4(piece))).filter(packet => packet !== undefined);
}

function feed6(decoder: Decoder, pieces: readonly Piece[]): Decoded[] {
  return pieces.map(piece => decoded(decoder, fragment6(piece))).filter(packet => packet !== undefined);
}

/** `piece` with its first byte changed. */
function altered(piece: Piece): Piece {
  return { ...piece, content: concat([0xff], DATAGRAM.subarray(piece.start + 1, piece.end)) };
}

describe('IPv4 fragments', () => {
  test.each([
    ['in order', [A, B, C, D]],
    ['reversed', [D, C, B, A]],
    ['mixed', [C, A, D, B]],
    ['with one that lies across others, of the same content', [A, C, { start: 8, end: 40 }, D]],
    ['with one that lies within another, of the same content', [A, { start: 16, end: 48 }, { start: 24, end: 32 }, D]],
  ])('%s give the datagram once', (_name, pieces) => {
    const decoder = newDecoder();
    expect(feed4(decoder, pieces)).toEqual([WHOLE]);
    expect(decoder.summary()).toMatchObject({
      udp: 1,
      fragments: { seen: pieces.length, reassembled: 1, incompleteAtEnd: 0 },
    });
  });

  test('the datagram comes with the fragment that completes it, and not before', () => {
    const decoder = newDecoder();
    expect([B, D, A, C].map(piece => decoded(decoder, fragment4(piece)))).toEqual([
      undefined,
      undefined,
      undefined,
      WHOLE,
    ]);
  });

  test('with each one twice give the datagram once, and the copies are set aside', () => {
    const decoder = newDecoder();
    expect(feed4(decoder, [A, A, C, C, B, B, D, D])).toEqual([WHOLE]);
    expect(decoder.summary()).toMatchObject({
      copies: 4,
      fragments: { seen: 4, reassembled: 1, incompleteAtEnd: 0 },
    });
  });

  test('repeated content is counted', () => {
    const decoder = newDecoder();
    feed4(decoder, [A, B, { start: 8, end: 24 }]);
    expect(decoder.summary().fragments).toMatchObject({ overlapsResolved: 1, overlapsRefused: 0 });
  });

  test('two that differ on one byte refuse the datagram, and what still comes of it', () => {
    const decoder = newDecoder();
    expect(feed4(decoder, [A, B, altered(B), C, D])).toEqual([]);
    expect(decoder.summary().fragments).toMatchObject({ overlapsRefused: 1, ofRefused: 2, incompleteAtEnd: 0 });
  });

  test('a refused identification serves again when its time is over', () => {
    const decoder = newDecoder();
    feed4(decoder, [A, altered(A)]);
    const later = [A, B, C, D].map(piece => ({ ...piece, seconds: 1_031 }));
    expect(feed4(decoder, later)).toEqual([WHOLE]);
    expect(decoder.summary().fragments.timedOut).toBe(0);
  });

  test('datagrams that differ in identification do not mix', () => {
    const decoder = newDecoder();
    const other = (piece: Piece): Piece => ({ ...piece, identification: 2 });
    expect(feed4(decoder, [A, other(A), B, other(B), other(C), other(D), C, D])).toEqual([WHOLE, WHOLE]);
  });

  test('a missing one leaves the datagram incomplete', () => {
    const decoder = newDecoder();
    expect(feed4(decoder, [A, B, D])).toEqual([]);
    expect(decoder.summary().fragments).toMatchObject({ reassembled: 0, incompleteAtEnd: 1 });
  });

  test('one that was cut by the snap length does not complete the datagram; whole, it does', () => {
    const decoder = newDecoder();
    expect(feed4(decoder, [A, B, { ...C, cut: 1 }, D])).toEqual([]);
    expect(decoder.summary().fragments).toMatchObject({ cut: 1, incompleteAtEnd: 1 });
    expect(feed4(decoder, [C])).toEqual([WHOLE]);
  });

  test.each([
    ['of no length', { ...B, end: 16 }],
    ['of a length that is no multiple of eight, in the middle', { ...B, end: 31 }],
  ])('one %s is malformed', (_name, piece) => {
    const decoder = newDecoder();
    expect(feed4(decoder, [A, piece, B, C, D])).toEqual([WHOLE]);
    expect(decoder.summary().malformed.fragment).toBe(1);
  });

  test.each([
    ['two ends', [A, D, { ...C, more: false }]],
    ['one behind the end', [{ ...B, more: false }, C]],
    ['an end before one that is there', [A, C, { ...B, more: false }]],
    ['more than 65,535 bytes', [{ start: 65_528, end: 65_536, content: new Uint8Array(8), more: false }]],
  ])('%s refuse the datagram', (_name, pieces) => {
    const decoder = newDecoder();
    expect(feed4(decoder, pieces)).toEqual([]);
    expect(decoder.summary().fragments).toMatchObject({ lengthRefused: 1, incompleteAtEnd: 0 });
  });

  test('the largest datagram there can be', () => {
    const large = udp({ source: SOURCE, destination: DESTINATION }, new Uint8Array(65_507).fill(3));
    const starts = Array.from({ length: Math.ceil(large.length / 1_480) }, (_, index) => index * 1_480);
    const pieces = starts.map(start => {
      const content = large.subarray(start, start + 1_480);
      return { start, end: start + content.length, content, more: start + 1_480 < large.length };
    });
    const [packet] = feed4(newDecoder(), pieces.reverse());
    expect(packet).toMatchObject({ source: SOURCE, length: 65_507 });
    expect(packet?.payload).toEqual(new Uint8Array(65_507).fill(3));
  });

  test('a protocol that is not followed is counted and not kept', () => {
    const decoder = newDecoder();
    const icmp = { source: '10.0.0.1', destination: '10.0.0.2', protocol: 1, moreFragments: true };
    decoder.decode(frameOf(ethernet({}, ipv4(icmp, new Uint8Array(8)))));
    expect(decoder.summary()).toMatchObject({
      unknownIpProtocol: { 1: 1 },
      fragments: { seen: 1, incompleteAtEnd: 0 },
    });
  });

  test('a whole datagram between two fragments passes', () => {
    const decoder = newDecoder();
    feed4(decoder, [A, B, C]);
    expect(decoded(decoder, frameOf(udpFrame(SOURCE, DESTINATION, hex('07'))))?.payload).toEqual(hex('07'));
    expect(feed4(decoder, [D])).toEqual([WHOLE]);
  });
});

describe('IPv6 fragments', () => {
  test.each([
    ['in order', [A, B, C, D]],
    ['reversed', [D, C, B, A]],
    ['with exact duplicates (RFC 8200 4.5)', [A, A, B, C, C, D]],
  ])('%s give the datagram once', (_name, pieces) => {
    expect(feed6(newDecoder(), pieces)).toEqual([WHOLE6]);
  });

  test('any other overlap refuses the datagram, whatever its content (RFC 5722)', () => {
    const decoder = newDecoder();
    expect(feed6(decoder, [A, B, { start: 8, end: 24 }, C, D])).toEqual([]);
    expect(decoder.summary().fragments).toMatchObject({ overlapsRefused: 1, ofRefused: 2 });
  });

  test('headers behind the fragment header are walked in the datagram put together', () => {
    const decoder = newDecoder();
    const whole = ipv6Extension(17, hex('0104 00000000'), DATAGRAM6);
    const part = (start: number, end: number, moreFragments: boolean) => {
      const payload = ipv6Fragment(
        { nextHeader: 60, identification: 7, offset: start, moreFragments },
        whole.subarray(start, end),
      );
      return frameOf(ipv6({ source: '2001:db8::1', destination: '2001:db8::2', nextHeader: 44 }, payload), {
        linkType: 229,
      });
    };
    expect(decoded(decoder, part(8, whole.length, false))).toBeUndefined();
    expect(decoded(decoder, part(0, 8, true))).toEqual(WHOLE6);
  });

  test('an atomic fragment passes beside a datagram of the same identification (RFC 6946)', () => {
    const decoder = newDecoder();
    feed6(decoder, [A, B]);
    expect(feed6(decoder, [{ start: 0, end: 60 }, C, D])).toEqual([WHOLE6, WHOLE6]);
  });

  test('a fragmented datagram within a fragmented datagram is refused', () => {
    const decoder = newDecoder();
    const inner = ipv6Fragment(
      { nextHeader: 17, identification: 2, offset: 0, moreFragments: true },
      new Uint8Array(16),
    );
    const part = (start: number, end: number, moreFragments: boolean) => {
      const payload = ipv6Fragment(
        { nextHeader: 60, identification: 1, offset: start, moreFragments },
        whole.subarray(start, end),
      );
      return frameOf(ipv6({ source: '2001:db8::1', destination: '2001:db8::2', nextHeader: 44 }, payload), {
        linkType: 229,
      });
    };
    const whole = ipv6Extension(44, hex('0104 00000000'), inner);
    decoder.decode(part(0, 16, true));
    decoder.decode(part(16, whole.length, false));
    expect(decoder.summary()).toMatchObject({
      malformed: { fragment: 1 },
      fragments: { reassembled: 1, incompleteAtEnd: 0 },
    });
  });
});

describe('bounds', () => {
  test('a datagram that stays incomplete for too long is given up when the next fragment comes', () => {
    const decoder = newDecoder({ fragmentSeconds: 30 });
    feed4(decoder, [A, { ...A, identification: 2, seconds: 1_030 }]);
    expect(decoder.summary().fragments).toMatchObject({ timedOut: 0, incompleteAtEnd: 2 });
    feed4(decoder, [{ ...A, identification: 3, seconds: 1_031 }]);
    expect(decoder.summary().fragments).toMatchObject({ timedOut: 1, incompleteAtEnd: 2 });
  });

  test('a clock that was set back gives up what lies in the future', () => {
    const decoder = newDecoder({ fragmentSeconds: 30 });
    feed4(decoder, [
      { ...A, seconds: 5_000 },
      { ...A, identification: 2, seconds: 1_000 },
    ]);
    expect(decoder.summary().fragments).toMatchObject({ timedOut: 1, incompleteAtEnd: 1 });
  });

  test('one datagram too many evicts the oldest', () => {
    const decoder = newDecoder({ fragmentDatagrams: 2 });
    const rest = [B, C, D];
    feed4(decoder, [A, { ...A, identification: 2 }, { ...A, identification: 3 }]);
    expect(decoder.summary().fragments).toMatchObject({ evicted: 1, incompleteAtEnd: 2 });
    expect(
      feed4(
        decoder,
        rest.map(piece => ({ ...piece, identification: 2 })),
      ),
    ).toEqual([WHOLE]);
    expect(feed4(decoder, rest)).toEqual([]);
  });

  test('bytes held stay below the limit, the oldest datagrams go', () => {
    const decoder = newDecoder({ fragmentBytes: 200_000 });
    for (let identification = 0; identification < 50; identification++) {
      feed4(decoder, [{ start: 65_000, end: 65_008, content: new Uint8Array(8), more: true, identification }]);
    }
    expect(decoder.summary().fragments).toMatchObject({ evicted: 47, incompleteAtEnd: 3 });
  });

  test('thousands of the smallest fragments in the worst order are put together', () => {
    const large = udp({ source: SOURCE, destination: DESTINATION }, countingBytes(65_496));
    const pieces = Array.from({ length: large.length / 8 }, (_, index) => {
      const start = large.length - 8 * (index + 1);
      return { start, end: start + 8, content: large.subarray(start, start + 8), more: index !== 0 };
    });
    expect(feed4(newDecoder(), pieces)[0]?.payload).toEqual(countingBytes(65_496));
  });
});

describe('properties', () => {
  const piece = fc.record({
    start: fc.integer({ min: 0, max: 12 }).map(units => units * 8),
    length: fc.integer({ min: 0, max: 40 }),
    more: fc.boolean(),
    identification: fc.integer({ min: 0, max: 2 }),
    content: fc.uint8Array({ minLength: 40, maxLength: 40 }),
    genuine: fc.boolean(),
    seconds: fc.integer({ min: 0, max: 100 }),
    cut: fc.integer({ min: 0, max: 3 }),
  });

  test('any cut into fragments, in any order, with any repeated, gives the datagram', () => {
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { maxLength: 7 });
    fc.assert(
      fc.property(cuts, fc.infiniteStream(fc.nat()), (units, random) => {
        const edges = [0, ...units.map(unit => unit * 8).sort((a, b) => a - b), DATAGRAM.length];
        const pieces: Piece[] = edges.slice(1).map((end, index) => ({ start: edges[index], end }));
        const keyed = pieces.map(each => ({ each, key: random.next().value as number }));
        const shuffled = keyed.sort((a, b) => a.key - b.key).map(({ each }) => each);
        const last = shuffled[shuffled.length - 1];
        const doubled = shuffled.flatMap(each => (each === last ? [each] : [each, each]));
        fc.pre(pieces.length > 1);
        expect(feed4(newDecoder(), doubled)).toEqual([WHOLE]);
        expect(feed6(newDecoder(), doubled)).toEqual([WHOLE6]);
      }),
    );
  });

  test('no sequence of fragments throws, and the counts add up', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), fc.boolean(), (pieces, six) => {
        const decoder = newDecoder({ fragmentDatagrams: 2, fragmentBytes: 4_200, fragmentSeconds: 30 });
        for (const { genuine, length, content, ...rest } of pieces) {
          const data = genuine ? DATAGRAM.subarray(rest.start, rest.start + length) : content.subarray(0, length);
          const frame = (six ? fragment6 : fragment4)({ ...rest, end: rest.start + length, content: data });
          const packet = decoder.decode(frame);
          if (packet !== undefined) expect(packet.payloadEnd).toBeLessThanOrEqual(packet.bytes.length);
          const { incompleteAtEnd } = decoder.summary().fragments;
          expect(incompleteAtEnd).toBeGreaterThanOrEqual(0);
          expect(incompleteAtEnd).toBeLessThanOrEqual(2);
        }
      }),
    );
  });
});

describe('an identification that is used again', () => {
  const other = udp({ source: SOURCE, destination: DESTINATION }, new Uint8Array(52).fill(9));
  const of = (datagram: Uint8Array, { start, end }: Piece): Piece => ({
    start,
    end,
    content: datagram.subarray(start, end),
  });
  const OTHER: Decoded = { ...WHOLE, payload: new Uint8Array(52).fill(9) };

  test('fragments of a datagram just put together that come once more open no other', () => {
    const decoder = newDecoder();
    expect(feed6(decoder, [A, A, B, B, C, C, D, D, A])).toEqual([WHOLE6]);
    expect(decoder.summary().fragments).toMatchObject({ ofCompleted: 2, incompleteAtEnd: 0 });
  });

  test('gives the next datagram, if its content is another, and at a later time', () => {
    const pieces = [A, B, C, D];
    expect(feed4(newDecoder(), [...pieces, ...pieces.map(piece => of(other, piece))])).toEqual([WHOLE, OTHER]);
    const later = pieces.map(piece => ({ ...piece, seconds: 1_002 }));
    expect(feed4(newDecoder(), [...pieces, ...later])).toEqual([WHOLE, WHOLE]);
  });

  test('a tail left over from a lost datagram is recognised by the checksum, and the true one still comes', () => {
    const decoder = newDecoder();
    const lost: IncompleteDatagram[] = [];
    decoder.onIncomplete = datagram => lost.push(datagram);
    expect(feed4(decoder, [of(other, D), A, B, C, D])).toEqual([WHOLE]);
    expect(decoder.summary().fragments).toMatchObject({ wrongChecksums: 1, reassembled: 1, incompleteAtEnd: 0 });
    expect(lost).toEqual([{ source: [0x0a000001, 0, 0, 0], destination: [0x0a000002, 0, 0, 0], frame: 1 }]);
  });

  test('so is a beginning, and one in IPv6', () => {
    expect(feed4(newDecoder(), [of(other, A), B, C, D, A])).toEqual([WHOLE]);
    const decoder = newDecoder();
    expect(feed6(decoder, [altered6(B), A, C, D, B])).toEqual([WHOLE6]);
  });

  test('parts that never fit are given up', () => {
    const decoder = newDecoder();
    expect(feed4(decoder, [of(other, D), of(other, C), A, B, D])).toEqual([]);
    expect(decoder.summary().fragments).toMatchObject({ wrongChecksums: 2, reassembled: 0, incompleteAtEnd: 0 });
  });

  test('without a checksum it is not recognised', () => {
    const bare = Uint8Array.from(DATAGRAM);
    bare.fill(0, 6, 8);
    expect(feed4(newDecoder(), [of(other, D), ...[A, B, C].map(piece => of(bare, piece))])).toHaveLength(1);
  });

  function altered6(piece: Piece): Piece {
    return { ...piece, content: concat([0xff], DATAGRAM6.subarray(piece.start + 1, piece.end)) };
  }
});

describe('a datagram that never becomes whole is reported, with its hosts and the frame of its first fragment', () => {
  const HOSTS = { source: [0x0a000001, 0, 0, 0], destination: [0x0a000002, 0, 0, 0] };

  function reported(decoder: Decoder, act: () => void): readonly IncompleteDatagram[] {
    const lost: IncompleteDatagram[] = [];
    decoder.onIncomplete = datagram => lost.push(datagram);
    act();
    return lost;
  }

  test('at the end, once', () => {
    const decoder = newDecoder();
    expect(reported(decoder, () => feed4(decoder, [A, B]))).toEqual([]);
    expect(reported(decoder, () => decoder.finish())).toEqual([{ ...HOSTS, frame: 1 }]);
  });

  test('when its time is over, when there is no room, when its parts contradict each other', () => {
    const late = newDecoder({ fragmentSeconds: 30 });
    const again = { ...A, identification: 2, seconds: 1_031 };
    expect(reported(late, () => feed4(late, [A, again]))).toEqual([{ ...HOSTS, frame: 1 }]);
    const full = newDecoder({ fragmentDatagrams: 1 });
    expect(reported(full, () => feed4(full, [A, { ...A, identification: 2 }]))).toEqual([{ ...HOSTS, frame: 1 }]);
    const torn = newDecoder();
    expect(reported(torn, () => feed4(torn, [A, altered(A)]))).toEqual([{ ...HOSTS, frame: 1 }]);
    expect(reported(torn, () => torn.finish())).toEqual([]);
  });

  test.each([
    ['7b-tail-of-lost-datagram-mnet.pcap', [10], 11],
    ['ministreaming-f4-lost-fragment.pcap', [3], 7],
  ])('%s', async (name, frames, packets) => {
    const decoder = newDecoder();
    const lost: number[] = [];
    decoder.onIncomplete = ({ frame }) => lost.push(frame);
    const bytes = readFileSync(join(import.meta.dirname, '../../fixtures/field', name));
    let count = 0;
    await (await openBytes(bytes)).read(frame => {
      if (decoder.decode(frame)) count++;
    });
    decoder.finish();
    expect(lost).toEqual(frames);
    expect(count).toBe(packets);
  });
});
