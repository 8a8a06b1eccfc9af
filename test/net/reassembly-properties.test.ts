/**
 * Streams that are cut, shuffled, doubled and lost by chance: what is delivered is what was sent, and what is not is a gap
 * of the right size in the right place.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UNPLACED } from '../../src/net/extents.ts';
import { TcpStreams } from '../../src/net/reassembly.ts';
import type { StreamSink } from '../../src/net/stream-sink.ts';
import { StreamMemory } from '../../src/storage/stream-memory.ts';
import { FIN } from '../../src/testkit/packet.ts';
import { casesOf } from '../kit/portion.ts';
import { packetOf, type Segment, type Side, TcpTalk } from '../kit/tcp.ts';

const FLOW = 0;

/** What came out of each direction: bytes, and -1 for each byte of a gap. */
class Collected implements StreamSink {
  readonly bytes: number[][] = [[], []];
  readonly ended = [false, false];
  readonly differs: number[] = [];
  readonly unseen: number[] = [];

  restart(): void {
    throw new Error('no other connection begins here');
  }

  data(_flow: number, side: number, bytes: Uint8Array, from: number, to: number): void {
    expect(this.ended[side]).toBe(false);
    for (let at = from; at < to; at++) this.bytes[side].push(bytes[at]);
  }

  gap(_flow: number, side: number, length: number): void {
    expect(this.ended[side]).toBe(false);
    expect(length > 0 && length < 10_000).toBe(true);
    for (let i = 0; i < length; i++) this.bytes[side].push(-1);
  }

  end(_flow: number, side: number): void {
    expect(this.ended[side]).toBe(false);
    this.ended[side] = true;
  }

  reset(): void {
    throw new Error('nobody resets');
  }

  resent(_flow: number, side: number, outcome: string): void {
    if (outcome === 'differs') this.differs.push(side);
  }

  acknowledged(): void {}

  apart(): void {}

  unseenAcknowledged(_flow: number, frame: number): void {
    this.unseen.push(frame);
  }
}

function collect(segments: readonly Segment[], finish = true): Collected {
  const collected = new Collected();
  const limits = { bytes: 2 ** 24, streamBytes: 2 ** 24 };
  const moment = { frame: 0, seconds: 0, nanoseconds: 0, base: UNPLACED };
  const streams = new TcpStreams(collected, moment, new StreamMemory(2 ** 20), limits);
  segments.forEach((segment, index) => {
    moment.frame = index + 1;
    streams.segment(FLOW, segment.side, packetOf(segment), index === 0);
  });
  if (finish) streams.finish(FLOW);
  return collected;
}

const isn = fc.oneof(
  fc.nat(2 ** 32 - 1),
  fc.integer({ min: 2 ** 32 - 300, max: 2 ** 32 - 1 }),
  fc.integer({ min: 2 ** 31 - 300, max: 2 ** 31 }),
);
/** One stretch of a stream as it is sent: how many bytes, by whom, and how many of those before it once more. */
const cut = fc.record({
  side: fc.constantFrom<Side>(0, 1),
  length: fc.integer({ min: 1, max: 40 }),
  back: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(60) }),
  /** Place in the order of arrival, as a shift. */
  delay: fc.nat(8),
  copies: fc.constantFrom(1, 1, 1, 2, 3),
  lost: fc.nat(5),
});

interface Cut {
  readonly side: Side;
  readonly length: number;
  readonly back: number;
  readonly delay: number;
  readonly copies: number;
  readonly lost: number;
}

/** The bytes of a direction are distinguished by their offsets. */
function contentOf(side: Side, from: number, to: number): Uint8Array {
  return Uint8Array.from({ length: to - from }, (_, i) => ((from + i) * 7 + ((from + i) >>> 8) + side * 101) & 0xff);
}

interface Planned {
  readonly handshake: readonly Segment[];
  readonly rest: readonly { readonly segment: Segment; readonly cut: Cut }[];
  readonly sent: readonly [number, number];
}

/** A conversation with all acknowledgements of what has come so far, or with none beyond the handshake's. */
function plan(isns: readonly [number, number], cuts: readonly Cut[], acknowledges: boolean, ends: boolean): Planned {
  const talk = new TcpTalk({ isns }).open();
  const sent: [number, number] = [0, 0];
  const acked = [0, 0];
  for (const { side, length, back } of cuts) {
    const from = Math.max(0, sent[side] - back);
    sent[side] = Math.max(sent[side], from + length);
    const ack = acknowledges ? acked[side] : 0;
    talk.send(side, contentOf(side, from, from + length), { at: from, ack });
    acked[1 - side] = sent[side];
  }
  const handshake = talk.segments.slice(0, 3);
  const rest = talk.segments.slice(3).map((segment, index) => ({ segment, cut: cuts[index] }));
  if (ends) {
    const last = { side: 0, length: 0, back: 0, delay: 0, copies: 1, lost: 1 } as const;
    const fins = talk.with([]).fin(0, { at: sent[0], ack: 0 }).fin(1, { at: sent[1], ack: 0 }).segments;
    for (const segment of fins) rest.push({ segment, cut: last });
  }
  return { handshake, rest, sent };
}

function shuffled({ handshake, rest }: Planned): Segment[] {
  const arrivals = rest.flatMap(({ segment, cut }, index) =>
    Array.from({ length: cut.copies }, (_, copy) => ({ segment, at: index + (copy + 1) * cut.delay })),
  );
  return [...handshake, ...arrivals.sort((one, other) => one.at - other.at).map(({ segment }) => segment)];
}

test('nothing is lost: what is delivered is what was sent, however it was cut, ordered and doubled', () => {
  fc.assert(
    fc.property(fc.tuple(isn, isn), fc.array(cut, { maxLength: 60 }), fc.boolean(), (isns, cuts, ends) => {
      // An acknowledgement that overtakes what it acknowledges would say that the capture has lost it.
      const planned = plan(isns, cuts, false, ends);
      const collected = collect(shuffled(planned), false);
      for (const side of [0, 1] as const) {
        expect(collected.bytes[side]).toEqual([...contentOf(side, 0, planned.sent[side])]);
        expect(collected.ended[side]).toBe(ends);
      }
      expect(collected.differs).toEqual([]);
    }),
    { numRuns: casesOf(300) },
  );
});

test('some is lost by the capture: the rest is in its place, and each missing byte is in a gap', () => {
  fc.assert(
    fc.property(
      fc.tuple(isn, isn),
      fc.array(cut, { minLength: 1, maxLength: 60 }),
      fc.boolean(),
      (isns, cuts, ends) => {
        const planned = plan(isns, cuts, true, ends);
        const seen = planned.rest.filter(({ cut: { lost } }) => lost !== 0).map(({ segment }) => segment);
        const collected = collect([...planned.handshake, ...seen]);
        for (const side of [0, 1] as const) {
          const first = (isns[side] + 1) >>> 0;
          const there = new Set<number>();
          let known = 0;
          let bytesSeen = false;
          for (const segment of seen) {
            const own = segment.side === side;
            const from = (segment.sequence - first) >>> 0;
            if (own) for (let i = 0; i < segment.payload.length; i++) there.add(from + i);
            if (own) bytesSeen ||= segment.payload.length > 0;
            const acknowledged = ((segment.acknowledgement - first) | 0) as number;
            const reach = own ? from + segment.payload.length : acknowledged;
            known = Math.max(known, reach);
          }
          const out = collected.bytes[side];
          // One byte that was acknowledged and behind which nothing was seen may have been a FIN.
          expect([known, known - 1]).toContain(out.length);
          if (bytesSeen && there.has(known - 1)) expect(out).toHaveLength(known);
          const content = contentOf(side, 0, known);
          out.forEach((byte, at) => {
            if (byte === -1) return;
            expect(there.has(at)).toBe(true);
            expect(byte).toBe(content[at]);
          });
          expect(collected.ended[side]).toBe(ends);
        }
        expect(collected.differs).toEqual([]);
      },
    ),
    { numRuns: casesOf(300) },
  );
});

test('the snap length cuts some: what was captured by any segment in time is in its place', () => {
  const snapped = fc.tuple(cut, fc.nat(40));
  fc.assert(
    fc.property(fc.tuple(isn, isn), fc.array(snapped, { maxLength: 40 }), (isns, pairs) => {
      const planned = plan(
        isns,
        pairs.map(([one]) => one),
        false,
        false,
      );
      const rest = planned.rest.map(({ segment, cut }, index) => ({
        cut,
        segment: { ...segment, cut: Math.max(0, segment.payload.length - pairs[index][1]) },
      }));
      const collected = collect(shuffled({ ...planned, rest }));
      for (const side of [0, 1] as const) {
        const content = contentOf(side, 0, planned.sent[side]);
        expect(collected.bytes[side]).toHaveLength(content.length);
        collected.bytes[side].forEach((byte, at) => {
          if (byte !== -1) expect(byte).toBe(content[at]);
        });
      }
      expect(collected.differs).toEqual([]);
    }),
    { numRuns: casesOf(300) },
  );
});

test('whatever comes, nothing throws, each direction ends once, and what waits stays within its bounds', () => {
  const near = fc.oneof(fc.integer({ min: -3, max: 300 }), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }));
  const segment = fc.record({
    flow: fc.nat(1),
    side: fc.constantFrom<Side>(0, 1),
    flags: fc.oneof(fc.nat(0x3f), fc.constantFrom(0x10, 0x18, 0x02, 0x12, 0x04, 0x10 | FIN)),
    sequence: near,
    acknowledgement: near,
    window: fc.nat(65_535),
    length: fc.nat(80),
    cut: fc.nat(120),
    fresh: fc.nat(60),
    finish: fc.nat(60),
    ignore: fc.nat(60),
  });
  const limits = { bytes: 3_000, streamBytes: 2_000 };
  const silent: StreamSink = {
    restart: () => {},
    data: (_flow, _side, bytes, from, to) => expect(from >= 0 && from < to && to <= bytes.length).toBe(true),
    gap: (_flow, _side, length) => expect(length > 0 && length <= 2 ** 30).toBe(true),
    end: () => {},
    reset: () => {},
    resent: () => {},
    acknowledged: () => {},
    apart: () => {},
    unseenAcknowledged: (_flow, frame) => expect(frame > 0).toBe(true),
  };
  fc.assert(
    fc.property(fc.array(segment, { maxLength: 200 }), segments => {
      const moment = { frame: 0, seconds: 0, nanoseconds: 0, base: UNPLACED };
      const streams = new TcpStreams(silent, moment, new StreamMemory(65_536), limits);
      segments.forEach(({ flow, fresh, finish, ignore, length, ...rest }, index) => {
        moment.frame = index + 1;
        const payload = contentOf(rest.side, moment.frame, moment.frame + length);
        const cut = Math.max(0, rest.cut - 80 > length ? length : rest.cut - 80);
        const made = { ...rest, payload, cut, sequence: rest.sequence >>> 0, seconds: 0 };
        streams.segment(flow, rest.side, packetOf(made), fresh === 0 || moment.frame <= 2);
        expect(streams.pendingCost).toBeLessThanOrEqual(limits.bytes);
        if (ignore === 0) streams.ignore(flow);
        if (finish === 0) {
          streams.finish(flow);
          streams.forget(flow);
        }
        expect(moment.frame).toBe(index + 1);
      });
      for (const flow of [0, 1]) streams.finish(flow);
      expect(streams.pendingCost).toBe(0);
    }),
    { numRuns: casesOf(500) },
  );
});
