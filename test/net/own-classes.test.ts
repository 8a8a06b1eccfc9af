/**
 * Several decoders, each of which decodes the packets of its own classes of hosts: together they hand out what one decoder does,
 * count what it counts and lose what it loses, in the same frames, or one of them says that all packets are needed.
 */
import { expect, test } from 'vitest';
import { openBytes } from '../../src/capture/open.ts';
import {
  addDecoded,
  DEFAULT_DECODER_LIMITS,
  Decoder,
  type DecoderLimits,
  type DecodeSummary,
} from '../../src/net/decode.ts';
import type { OwnClasses } from '../../src/net/hosts.ts';
import { sharesOf } from '../../src/run/share.ts';
import { ethernet, ipv4, ipv6, ipv6Fragment, udp } from '../../src/testkit/packet.ts';
import {
  at,
  type Captured,
  captured,
  captureFile,
  cutTo,
  fragmented,
  identified,
  onInterface,
  routed,
  tagged,
} from '../field/captured.ts';
import { Dice } from '../field/dice.ts';

const RUNS = Number(process.env.SHARED_RUNS ?? 6);
const START = 1.7e15;
const SECOND = 1e6;
const PAUSE = 1.3 * SECOND;

/** What one decoder, or several together, made of the frames. */
interface Outcome {
  /** Of each packet: the frame that gave it, its hosts and the bytes of its payload. */
  readonly packets: string[];
  /** Of each datagram that will never be whole: the frame in which that was found, and which it was. */
  readonly lost: string[];
  readonly summary: DecodeSummary;
}

async function decoded(file: Uint8Array, of: number, limits: DecoderLimits) {
  const reasons: string[] = [];
  const own = sharesOf(of).map(
    ({ index, classes }): OwnClasses => ({
      mask: classes,
      hasHostless: index === 0,
      needsAll: reason => reasons.push(reason),
    }),
  );
  const whole = new Decoder(limits, 1);
  const fragmentDatagrams = Math.floor(limits.fragmentDatagrams / of);
  const fragmentBytes = Math.floor(limits.fragmentBytes / of);
  const ownLimits = { ...limits, fragmentDatagrams, fragmentBytes };
  const parts = own.map(each => new Decoder(ownLimits, 1, undefined, {}, each));
  let frameNumber = 0;
  const follow = (decoder: Decoder, outcome: Pick<Outcome, 'packets' | 'lost'>) => {
    decoder.onIncomplete = ({ source, destination, frame }) =>
      outcome.lost.push(`${frameNumber}: ${source} ${destination} ${frame}`);
    return (frame: Parameters<Decoder['decode']>[0]) => {
      const packet = decoder.decode(frame);
      if (!packet) return;
      const { source0, destination0, payloadStart, payloadEnd } = packet;
      const payload = Buffer.from(packet.bytes.subarray(payloadStart, payloadEnd)).toString('base64');
      outcome.packets.push(`${frame.number}: ${source0} ${destination0} ${payload}`);
    };
  };
  const one = { packets: [] as string[], lost: [] as string[] };
  const all = { packets: [] as string[], lost: [] as string[] };
  const takers = [follow(whole, one), ...parts.map(part => follow(part, all))];
  const source = await openBytes(file);
  await source.read(frame => {
    frameNumber = frame.number;
    for (const take of takers) take(frame);
  });
  frameNumber = Number.POSITIVE_INFINITY;
  for (const decoder of [whole, ...parts]) decoder.finish();
  return {
    reasons,
    whole: { ...one, lost: one.lost.sort(), summary: whole.summary() },
    together: { ...all, lost: all.lost.sort(), summary: addDecoded(parts.map(part => part.summary())) },
  };
}

/** Conversations of some pairs of hosts, no two packets of one time. */
function traffic(dice: Dice, count: number, pairs: number): Captured[] {
  const isNumbered = Array.from({ length: pairs }, () => dice.roll(4) > 0);
  const step = dice.pick([40, 700, 90_000]);
  let time = START;
  return Array.from({ length: count }, (_, number) => {
    time += 1 + dice.roll(step);
    const pair = dice.roll(pairs);
    const isBack = dice.roll(2) === 0;
    const name = (host: number) => (pair % 5 === 4 ? `[2001:db8::${pair}:${host}]` : `10.${host}.0.${pair + 1}`);
    const [source, destination] = isBack ? [name(2), name(1)] : [name(1), name(2)];
    // What a peer says is often what it has said before.
    const datagram = udp(
      { source: `${source}:${5000 + pair}`, destination: `${destination}:7654` },
      new Uint8Array(dice.pick([8, 40, 40, 1_200])).fill(dice.roll(6)),
    );
    const hosts = { source: source.replace(/[[\]]/g, ''), destination: destination.replace(/[[\]]/g, '') };
    if (source.startsWith('[')) {
      if (dice.roll(4) > 0)
        return captured(ethernet({}, ipv6({ ...hosts, nextHeader: 17 }, datagram)), time, number + 1);
      const header = { nextHeader: 17, identification: number, offset: 0, moreFragments: true };
      const part = ipv6Fragment(header, datagram.subarray(0, 16));
      return captured(ethernet({}, ipv6({ ...hosts, nextHeader: 44 }, part)), time, number + 1);
    }
    const protocol = dice.roll(50) === 0 ? dice.roll(256) : 17;
    const packet = captured(ethernet({}, ipv4({ ...hosts, protocol }, datagram)), time, number + 1);
    return isNumbered[pair] ? identified(number & 0xffff, true, packet) : packet;
  });
}

const inOrder = (packets: readonly Captured[]) => [...packets].sort((one, other) => one.time - other.time);

type Change = (packets: readonly Captured[], dice: Dice) => Captured[];

/** Each packet, and what else is seen of it so many microseconds later. */
const doubled = (delay: number, other: (packet: Captured) => Captured, part = 1): Change => {
  return (packets, dice) =>
    inOrder(
      packets.flatMap(packet => {
        if (dice.roll(part) > 0) return [packet];
        return [packet, at(packet.time + 1 + dice.roll(delay), other(packet))];
      }),
    );
};

const CHANGES: Readonly<Record<string, Change>> = {
  'as they are': packets => [...packets],
  'seen at a mirror': doubled(3, packet => packet),
  'some seen at a mirror': doubled(3, packet => packet, 40),
  'seen before and after a router': doubled(400, routed),
  'seen long after a router': doubled(60_000, routed),
  'seen on two interfaces': doubled(20, packet => onInterface(1, packet)),
  'seen with a tag': doubled(20, packet => tagged(7, packet)),
  'in fragments': packets => packets.flatMap(packet => fragmented(504, packet)),
  'in fragments, some lost': (packets, dice) =>
    packets.flatMap(packet => fragmented(504, packet)).filter(() => dice.roll(20) > 0),
  'in fragments that come twice': (packets, dice) =>
    doubled(30, routed)(
      packets.flatMap(packet => fragmented(504, packet)),
      dice,
    ),
  'in fragments that come again': (packets, dice) =>
    doubled(
      900_000,
      packet => packet,
      9,
    )(
      packets.flatMap(packet => fragmented(504, packet)),
      dice,
    ),
  'long after each other': packets => packets.map((packet, number) => at(packet.time + number * PAUSE, packet)),
  'in fragments, some lost, long after each other': (packets, dice) =>
    packets
      .flatMap((packet, number) => fragmented(504, packet).map(each => at(each.time + number * PAUSE, each)))
      .filter(() => dice.roll(9) > 0),
  'late by a few': (packets, dice) => packets.map(packet => at(packet.time - dice.roll(2_000), packet)),
  'with a clock that is set back': packets =>
    packets.map((packet, number) => (number > packets.length / 2 ? at(packet.time - 40 * SECOND, packet) : packet)),
  cut: (packets, dice) => packets.map(packet => (dice.roll(3) === 0 ? cutTo(14 + dice.roll(60), packet) : packet)),
  damaged: (packets, dice) =>
    packets.map(packet => {
      if (dice.roll(4) > 0) return packet;
      const bytes = packet.bytes.slice();
      bytes[12 + dice.roll(20)] ^= 1 << dice.roll(8);
      return { ...packet, bytes };
    }),
};

const FEW: Partial<DecoderLimits> = { fragmentDatagrams: 4, fragmentBytes: 9_000 };

test.each(Object.keys(CHANGES))('packets %s', async name => {
  let told = 0;
  let kept = 0;
  for (let run = 0; run < RUNS; run++) {
    const dice = new Dice(`${name} ${run}`);
    const packets = traffic(dice, dice.pick([30, 300, 1_500]), dice.pick([2, 5, 30]));
    const file = captureFile(CHANGES[name](packets, dice));
    const limits = { ...DEFAULT_DECODER_LIMITS, ...(dice.roll(8) === 0 && FEW) };
    const { reasons, whole, together } = await decoded(file, dice.pick([2, 3, 4]), limits);
    if (reasons.length > 0) {
      told++;
      continue;
    }
    expect(together, `run ${run}`).toEqual(whole);
    kept++;
  }
  if (process.env.SHARED_RUNS) console.log(name, { told, kept });
  expect(kept).toBeGreaterThan(0);
});
