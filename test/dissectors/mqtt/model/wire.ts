/**
 * What the capture shows of each connection, put in order: whole packets of both sides with what their sender's TCP had
 * acknowledged when it began them, the ends of the connection, and who had acknowledged what when. Times are seconds.
 */

import { concat } from '../../../../src/testkit/bytes.ts';
import { otherSide, type SegmentSeen, type Side } from '../../../kit/mqtt-net.ts';
import { packetLength } from './read.ts';

const [FIN, SYN, RST] = [1, 2, 4];

/** One packet as the capture shows it. */
export interface Seen {
  readonly wire: Wire;
  readonly side: Side;
  readonly bytes: Uint8Array;
  /** The frame in which it was complete, and its time. */
  readonly frame: number;
  readonly time: number;
  /** Time of its first byte; whether that byte came in a retransmission. */
  readonly began: number;
  readonly beganAgain: boolean;
  /** Offset behind its last byte, among those of its side. */
  readonly end: number;
  /** Bytes of the other side that the segment acknowledged in which it begins. */
  readonly aware: number;
}

/** One TCP connection. */
export interface Wire {
  readonly name: string;
  readonly segments: readonly SegmentSeen[];
  /** The first segment with RST. */
  readonly reset: SegmentSeen | undefined;
  readonly packets: Seen[];
  /** A side that left a packet unfinished, with the frame of its last byte. */
  readonly unfinished: { readonly side: Side; readonly frame: number; readonly size: number; readonly began: number }[];
  /** The frame in which a side's stream can no longer be read. */
  readonly broken: Partial<Record<Side, number>>;
}

export const secondsOf = ({ time }: SegmentSeen) => time / 1_000_000;

/** The connections in the order of their first segment. */
export function wiresOf(segments: readonly SegmentSeen[]): Wire[] {
  const names = [...new Set(segments.map(({ connection }) => connection))];
  return names.map(name => {
    const own = segments.filter(({ connection }) => connection === name);
    const wire: Wire = { name, segments: own, reset: own.find(isReset), packets: [], unfinished: [], broken: {} };
    for (const side of ['client', 'server'] as const) readSide(wire, side);
    wire.packets.sort((a, b) => a.frame - b.frame || a.end - b.end);
    return wire;
  });
}

function readSide(wire: Wire, side: Side): void {
  let stream: Uint8Array = new Uint8Array();
  let from = 0;
  const origins: { readonly at: number; readonly segment: SegmentSeen; readonly again: boolean }[] = [];
  let highest = 0;
  for (const segment of wire.segments) {
    if (segment.side !== side || segment.bytes.length === 0) continue;
    const fresh = segment.bytes.subarray(stream.length - segment.at);
    if (segment.at + segment.bytes.length <= highest) continue;
    origins.push({ at: stream.length, segment, again: segment.at < highest });
    stream = concat(stream, fresh);
    highest = stream.length;
    for (let length = packetLength(stream, from); length !== undefined; length = packetLength(stream, from)) {
      if (length < 0) {
        wire.broken[side] = segment.frame;
        return;
      }
      const origin = origins.findLast(({ at }) => at <= from)!;
      wire.packets.push({
        wire,
        side,
        bytes: stream.subarray(from, from + length),
        frame: segment.frame,
        time: secondsOf(segment),
        began: secondsOf(origin.segment),
        beganAgain: origin.again,
        end: from + length,
        aware: origin.segment.acknowledged,
      });
      from += length;
    }
  }
  if (from < stream.length) {
    const origin = origins.findLast(({ at }) => at <= from)!;
    const frame = origins.at(-1)!.segment.frame;
    wire.unfinished.push({ side, frame, size: stream.length - from, began: secondsOf(origin.segment) });
  }
}

export const isFin = ({ flags }: SegmentSeen) => (flags & FIN) !== 0;
export const isReset = ({ flags }: SegmentSeen) => (flags & RST) !== 0;

export function hasHandshake({ segments }: Wire): boolean {
  return segments.some(({ flags }) => (flags & SYN) !== 0);
}

/** When a side's TCP had acknowledged so many bytes of the other. */
export function acknowledgedAt({ segments }: Wire, by: Side, bytes: number): number | undefined {
  const first = segments.find(
    ({ side, acknowledged, flags }) => side === by && !(flags & SYN) && acknowledged >= bytes,
  );
  return first && secondsOf(first);
}

/** When either side had closed, as far as the capture shows. */
export function closedAt({ segments }: Wire): number | undefined {
  const first = segments.find(segment => isFin(segment) || isReset(segment));
  return first && secondsOf(first);
}

/**
 * When a side had kept silent for so many seconds after a packet of the other: counted from its TCP's acknowledgement of the
 * packet, and not while bytes of either side wait for theirs ("an outage is no refusal") or the other's window is closed.
 */
export function silentAt(seen: Seen, seconds: number, end: number): number | undefined {
  const { wire, side: sender } = seen;
  const silent = otherSide(sender);
  const start = acknowledgedAt(wire, silent, seen.end);
  if (start === undefined) return undefined;
  const sent = { client: 0, server: 0 };
  const acknowledged = { client: 0, server: 0 };
  let window = 1;
  let [clock, last] = [0, start];
  const waits = (side: Side) => sent[side] > acknowledged[side];
  const advance = (until: number): number | undefined => {
    const runs = !waits('client') && !waits('server') && window > 0;
    const passed = Math.max(0, until - last);
    if (runs && clock + passed >= seconds) return last + (seconds - clock);
    if (runs) clock += passed;
    last = Math.max(last, until);
    return undefined;
  };
  for (const segment of wire.segments) {
    const reached = advance(secondsOf(segment));
    if (reached !== undefined) return reached;
    const other = otherSide(segment.side);
    sent[segment.side] = Math.max(sent[segment.side], segment.at + segment.bytes.length);
    acknowledged[other] = Math.max(acknowledged[other], segment.acknowledged);
    if (segment.side === sender) window = segment.window;
  }
  return advance(end);
}
