/**
 * A session as a capture of either carrier: a datagram a message, or a TCP connection on which each message stands behind
 * its length, several in one segment or one in two. Says in which frame each message is complete.
 */
import type { Frame } from '../../../src/capture/source.ts';
import { concat, uint16, uint32 } from '../../../src/testkit/bytes.ts';
import { ACK, frameOf, SYN, tcpFrame } from '../../../src/testkit/packet.ts';
import { ANN, BOB, type End, frameBytes, START } from '../../kit/ministreaming.ts';
import type { Dice } from './dice.ts';
import type { Said } from './law.ts';

export type Carrier = 'udp' | 'length16' | 'length32';

export interface Carried {
  readonly frames: readonly Frame[];
  /** Of each message, by its index: number of the frame in which it is complete. */
  readonly frameOf: readonly number[];
}

export function carried(said: readonly Said[], carrier: Carrier, dice: Dice, handshake = true): Carried {
  return carrier === 'udp' ? asDatagrams(said) : asStream(said, carrier, dice, handshake);
}

function asDatagrams(said: readonly Said[]): Carried {
  const frames = said.map(({ from, bytes, time }, index) => timed(frameBytes({ from, bytes }).bytes, index + 1, time));
  return { frames, frameOf: frames.map(({ number }) => number) };
}

function asStream(said: readonly Said[], carrier: Carrier, dice: Dice, handshake: boolean): Carried {
  const sent: Record<End, number> = { ann: 1_000, bob: 5_000 };
  const frames: Frame[] = [];
  const places: number[] = [];
  const segment = (from: End, flags: number, payload: Uint8Array, time: number) => {
    const [source, destination, peer]: [string, string, End] = from === 'ann' ? [ANN, BOB, 'bob'] : [BOB, ANN, 'ann'];
    const header = { source, destination, sequence: sent[from], acknowledgement: sent[peer], flags };
    frames.push(timed(tcpFrame(header, payload), frames.length + 1, time));
    sent[from] += payload.length + (flags & SYN ? 1 : 0);
  };
  if (handshake) {
    segment('ann', SYN, new Uint8Array(0), 0);
    segment('bob', SYN | ACK, new Uint8Array(0), 0);
    segment('ann', ACK, new Uint8Array(0), 0);
  }
  let waiting: Uint8Array = new Uint8Array(0);
  said.forEach(({ from, bytes, time }, index) => {
    const length = carrier === 'length16' ? uint16(bytes.length) : uint32(bytes.length);
    waiting = concat(waiting, length, bytes);
    const next = said[index + 1];
    if (next && next.from === from && next.time === time && dice.chance(0.5)) {
      places.push(Number.NaN);
      return;
    }
    if (dice.chance(0.2)) {
      // What was complete before the cut is complete in the segment before it.
      const cut = waiting.length - 1;
      segment(from, ACK, waiting.subarray(0, cut), time);
      for (let i = places.length - 1; i >= 0 && Number.isNaN(places[i]); i--) places[i] = frames.length;
      waiting = waiting.subarray(cut);
    }
    segment(from, ACK, waiting, time);
    places.push(frames.length);
    for (let i = places.length - 1; i >= 0; i--) {
      if (!Number.isNaN(places[i]) && i < places.length - 1) break;
      places[i] = frames.length;
    }
    waiting = new Uint8Array(0);
  });
  return { frames, frameOf: places };
}

function timed(bytes: Uint8Array, number: number, milliseconds: number): Frame {
  const frame = frameOf(bytes, { seconds: START + Math.floor(milliseconds / 1000) });
  frame.nanoseconds = (milliseconds % 1000) * 1_000_000;
  frame.number = number;
  return frame;
}
