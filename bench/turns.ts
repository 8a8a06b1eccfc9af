/**
 * Who sends next: many connections that are alive at the same time and take turns in an order that is shuffled for every
 * round, so that neighbouring packets never belong together and no cache or branch predictor can learn a pattern. It is
 * the hard case for flow tables.
 */

import { START_TIME } from './capture.ts';
import type { PacketFile, Segment } from './packet-file.ts';
import { mix32, shuffler } from './random.ts';

/** Microseconds from one packet to the next, less where a round would take longer than `LONGEST_ROUND`. */
const PACKET_INTERVAL = 20;
/** A connection waits less than two rounds for an answer: 4 s, less than any protocol here allows. */
const LONGEST_ROUND = 2_000_000;
/** Connections start in one of so many rounds; not a multiple of the three steps of MNET's echo, so that these mix too. */
const START_ROUNDS = 7;

/**
 * Calls `send` for each of `steps` steps of each connection, one step a round. With fewer `atOnce` than there are connections, the
 * next so many begin when those before have ended.
 * @param send gets the time in microseconds since the epoch
 */
export function inRounds(
  connections: number,
  steps: number,
  send: (microseconds: number, connection: number, step: number) => void,
  atOnce = connections,
): void {
  const interval = intervalOf(atOnce);
  const shuffle = shuffler(1);
  let clock = START_TIME * 1e6;
  for (let first = 0; first < connections; first += atOnce) {
    const length = Math.min(atOnce, connections - first);
    const order = Uint32Array.from({ length }, (_, place) => first + place);
    for (let round = 0; round < steps + START_ROUNDS - 1; round++) {
      shuffle(order);
      for (const connection of order) {
        const step = round - (mix32(connection) % START_ROUNDS);
        if (step < 0 || step >= steps) continue;
        send(clock, connection, step);
        clock += interval;
      }
    }
  }
}

/**
 * Writes whole TCP conversations, `atOnce` of them at a time: each sends one segment a round, and where one has ended the
 * next begins.
 */
export function writeConversations(file: PacketFile, conversations: Iterator<Iterator<Segment>>, atOnce: number): void {
  const interval = intervalOf(atOnce);
  const shuffle = shuffler(1);
  let clock = START_TIME * 1e6;
  let live: Iterator<Segment>[] = [];
  for (;;) {
    while (live.length < atOnce) {
      const next = conversations.next();
      if (next.done) break;
      live.push(next.value);
    }
    if (live.length === 0) return;
    shuffle(live);
    live = live.filter(conversation => {
      const { done, value } = conversation.next();
      if (done) return false;
      file.putSegment(value, clock);
      clock += interval;
      return true;
    });
  }
}

function intervalOf(connections: number): number {
  return Math.min(PACKET_INTERVAL, Math.floor(LONGEST_ROUND / connections));
}
