/**
 * The conditions under which people capture. Each makes captures of one that was perfect. In the harmless ones every packet
 * is still there, though perhaps twice, elsewhere in the file, in pieces or with another time: nobody may be accused, and what
 * was at fault still is. In the lossy ones something is missing, and nobody may be accused of that.
 */
import {
  at,
  type Captured,
  cooked,
  cooked2,
  copyOf,
  cutTo,
  fragmented,
  goesTo,
  identified,
  joined,
  onInterface,
  routed,
  tagged,
} from './captured.ts';
import { SERVER_PORTS } from './conversation.ts';
import type { Dice } from './dice.ts';

/** One capture under a condition. */
export interface Changed {
  /** What was done, where the condition leaves a choice: `lost 3, 7`. */
  readonly detail: string;
  readonly packets: readonly Captured[];
}

export interface Condition {
  readonly name: string;
  /** `unproven`: nothing in the first packets shows that they are copies, and no test bounds what comes of it. */
  readonly kind: 'harmless' | 'lossy' | 'unproven';
  /** Rules that compare with the capture's clock: their warnings come and go with it. */
  readonly tolerated?: readonly string[];
  /** What was seen whole before may be inconclusive now, and a fault unseen. */
  readonly hides?: boolean;
  /** @param most how many captures at most, where one could make many */
  readonly captures: (packets: readonly Captured[], dice: Dice, most: number) => Changed[];
}

const SECOND = 1e6;
/** A mirror port's delay, and a router's, in microseconds; the latter lets other packets pass between. */
const MIRROR_DELAY = 3;
const ROUTER_DELAY = 450;
const CLOCK_RULES = ['mnet/cookie-expired', 'mnet/echo-expired', 'filestorage/token-expired'];

const one = (packets: readonly Captured[], detail = ''): Changed[] => [{ detail, packets }];
/** In order of time; what has one time stays as it is. */
const inOrder = (packets: readonly Captured[]) => [...packets].sort((first, second) => first.time - second.time);

/** Each packet, and what else is seen of it. */
function twice(
  packets: readonly Captured[],
  delay: number,
  first: (packet: Captured) => Captured,
  second: (packet: Captured) => Captured,
): Captured[] {
  return inOrder(packets.flatMap(packet => [first(packet), copyOf(at(packet.time + delay, second(packet)))]));
}

const same = (packet: Captured) => packet;
const mirrored = (packets: readonly Captured[]) => twice(packets, MIRROR_DELAY, same, same);

const DOUBLED: readonly Condition[] = [
  harmless('mirrored', packets => one(mirrored(packets))),
  harmless('mirrored, same time', packets => one(twice(packets, 0, same, same))),
  harmless('mirrored with a VLAN tag', packets => one(twice(packets, MIRROR_DELAY, same, packet => tagged(7, packet)))),
  harmless('two interfaces', packets => one(twice(packets, MIRROR_DELAY, same, packet => onInterface(1, packet)))),
  harmless('any device', packets =>
    one(
      twice(
        packets,
        MIRROR_DELAY,
        packet => cooked(4, packet),
        packet => cooked(0, packet),
      ),
    ),
  ),
  harmless('any device, second version', packets =>
    one(
      twice(
        packets,
        MIRROR_DELAY,
        packet => cooked2(1, 4, packet),
        packet => cooked2(2, 0, packet),
      ),
    ),
  ),
  harmless('both sides of a router', packets => one(twice(packets, ROUTER_DELAY, same, routed))),
  harmless('three times', packets => {
    const behind = twice(packets, ROUTER_DELAY, same, routed).filter(({ copy }) => copy);
    return one(inOrder([...mirrored(packets), ...behind]));
  }),
  harmless('one direction mirrored', packets => {
    const wanted = ({ copy, ...packet }: Captured) => !copy || goesTo(SERVER_PORTS, { copy, ...packet });
    return one(mirrored(packets).filter(wanted));
  }),
  harmless('mirrored, of each pair one may be lost', (packets, dice) => {
    const pairs = packets.map(packet => [packet, at(packet.time + MIRROR_DELAY, packet)]);
    return one(
      inOrder(
        pairs.flatMap(([first, second]) => {
          const lost = dice.roll(10);
          if (lost === 0) return [second];
          return lost === 1 ? [first] : [first, copyOf(second)];
        }),
      ),
    );
  }),
  harmless('a stack that numbers nothing', packets => one(packets.map(packet => identified(0, false, packet)))),
  unproven('mirrored, a stack that numbers nothing', packets =>
    one(mirrored(packets.map(packet => identified(0, false, packet)))),
  ),
  unproven('a router, a stack that numbers nothing', packets =>
    one(
      twice(
        packets.map(packet => identified(0, false, packet)),
        ROUTER_DELAY,
        same,
        routed,
      ),
    ),
  ),
];

/** Neighbours from `first` on change places, two by two, where they are less than a second apart. */
function swapped(packets: readonly Captured[], first: number, step = 2): Captured[] {
  const changed = [...packets];
  for (let index = first; index + 1 < changed.length; index += step) {
    const [left, right] = [changed[index], changed[index + 1]];
    if (right.time > left.time && right.time - left.time < SECOND) {
      changed[index] = right;
      changed[index + 1] = left;
    }
  }
  return changed;
}

/** As they would stand in the file if each came up to so many microseconds late. */
function shuffled(packets: readonly Captured[], dice: Dice, most: number): Captured[] {
  const places = packets.map(packet => ({ packet, place: packet.time + dice.roll(most) }));
  return places.sort((first, second) => first.place - second.place).map(({ packet }) => packet);
}

const ORDER: readonly Condition[] = [
  harmless('untouched', packets => one(packets)),
  harmless('neighbours swapped, all', packets => [
    { detail: 'from the first', packets: swapped(packets, 0) },
    { detail: 'from the second', packets: swapped(packets, 1) },
  ]),
  harmless('neighbours swapped, two', (packets, dice, most) =>
    dice.some(packets.length - 1, most).map(first => {
      return { detail: `${first + 1} and ${first + 2}`, packets: swapped(packets, first, packets.length) };
    }),
  ),
  anyOrder('shuffled within 2 ms', (packets, dice) => one(shuffled(packets, dice, 2_000))),
  anyOrder('shuffled within a second', (packets, dice) => one(shuffled(packets, dice, 900_000))),
  harmless('time stamps in milliseconds', packets => one(rounded(packets, 1_000))),
  {
    ...harmless('two taps appended', packets => {
      const there = packets.filter(packet => goesTo(SERVER_PORTS, packet));
      const back = packets.filter(packet => !goesTo(SERVER_PORTS, packet));
      return there.length > 0 && back.length > 0
        ? [
            { detail: 'client first', packets: [...there, ...back] },
            { detail: 'server first', packets: [...back, ...there] },
          ]
        : [];
    }),
    hides: true,
  },
];

function rounded(packets: readonly Captured[], unit: number): Captured[] {
  return packets.map(packet => at(Math.floor(packet.time / unit) * unit, packet));
}

const CLOCKS: readonly Condition[] = [8, -8, 10, -10, 3_600, -3_600].map(seconds => ({
  ...harmless(`clock ${seconds > 0 ? '+' : ''}${seconds} s`, packets =>
    one(packets.map(packet => at(packet.time + seconds * SECOND, packet))),
  ),
  tolerated: CLOCK_RULES,
}));

const pieces = (packets: readonly Captured[], length: number) => packets.map(packet => fragmented(length, packet));
/** The last piece of a packet first. */
const turned = (parts: readonly Captured[]) => [...parts].reverse();

/** DATA of MNET, whose header tells of each how long it is. */
const isMnetData = (payload: Uint8Array) => payload.length > 14 && payload[0] === 0;

const PIECES: readonly Condition[] = [
  harmless('segmentation offload', packets => {
    const whole = joined(packets, isMnetData);
    return whole.length < packets.length ? one(whole) : [];
  }),
  harmless('fragments', packets => one(pieces(packets, 24).flat())),
  harmless('fragments, mirrored', packets => one(mirrored(pieces(packets, 24).flat()))),
  harmless('fragments, the last first', packets => one(pieces(packets, 24).flatMap(turned))),
  harmless('fragments, the last first, mirrored', packets => one(mirrored(pieces(packets, 24).flatMap(turned)))),
  harmless('fragments, swapped in the file', packets => one(swapped(pieces(packets, 24).flat(), 0))),
  {
    ...harmless('snap length', packets =>
      [34, 46, 60, 96].map(length => {
        return { detail: `${length} bytes`, packets: packets.map(packet => cutTo(length, packet)) };
      }),
    ),
    hides: true,
  },
];

const without = (packets: readonly Captured[], lost: readonly number[]): Changed => {
  const frames = lost.map(index => packets[index].origin);
  return { detail: `lost ${frames.join(', ')}`, packets: packets.filter((_, index) => !lost.includes(index)) };
};
const samples = (most: number, make: () => Changed) => Array.from({ length: Math.min(most, 12) }, make);

const LOSSES: readonly Condition[] = [
  lossy('one lost', (packets, dice, most) => dice.some(packets.length, most).map(index => without(packets, [index]))),
  lossy('two lost', (packets, dice, most) => samples(most, () => without(packets, dice.some(packets.length, 2)))),
  lossy('a tenth lost', (packets, dice, most) =>
    samples(most, () => {
      const lost = packets.flatMap((_, index) => (dice.roll(10) === 0 ? [index] : []));
      return without(packets, lost);
    }),
  ),
  lossy('a burst lost', (packets, dice, most) =>
    samples(most, () => {
      const length = 2 + dice.roll(Math.max(2, packets.length >> 2));
      const first = dice.roll(packets.length);
      return without(
        packets,
        packets.flatMap((_, index) => (index >= first && index < first + length ? [index] : [])),
      );
    }),
  ),
  lossy('beginning cut', (packets, dice, most) =>
    dice.some(packets.length - 1, most).map(index => {
      return { detail: `begins with ${index + 2}`, packets: packets.slice(index + 1) };
    }),
  ),
  lossy('one direction', packets => [
    { detail: "the client's", packets: packets.filter(packet => goesTo(SERVER_PORTS, packet)) },
    { detail: "the server's", packets: packets.filter(packet => !goesTo(SERVER_PORTS, packet)) },
  ]),
  lossy('every second lost', packets =>
    [0, 1].map(first => {
      return {
        detail: first === 0 ? 'the odd are left' : 'the even are left',
        packets: packets.filter((_, index) => index % 2 === first),
      };
    }),
  ),
  lossy('one lost, mirrored', (packets, dice, most) =>
    dice.some(packets.length, Math.min(most, 4)).map(index => {
      const { detail, packets: left } = without(packets, [index]);
      return { detail, packets: mirrored(left) };
    }),
  ),
  lossy('a fragment lost', (packets, dice, most) => {
    const parts = pieces(packets, 24).flat();
    const candidates = parts.flatMap(({ origin }, index) => {
      return parts.filter(part => part.origin === origin).length > 1 ? [index] : [];
    });
    return dice.some(candidates.length, most).map(index => without(parts, [candidates[index]]));
  }),
];

export const CONDITIONS: readonly Condition[] = [...ORDER, ...DOUBLED, ...CLOCKS, ...PIECES, ...LOSSES];

function harmless(name: string, captures: Condition['captures']): Condition {
  return { name, kind: 'harmless', captures };
}

/** Frames in any order at all may look like two captures, one behind the other: then nothing rests on their order. */
function anyOrder(name: string, captures: Condition['captures']): Condition {
  return { name, kind: 'harmless', hides: true, captures };
}

function unproven(name: string, captures: Condition['captures']): Condition {
  return { name, kind: 'unproven', captures };
}

function lossy(name: string, captures: Condition['captures']): Condition {
  return { name, kind: 'lossy', captures };
}
