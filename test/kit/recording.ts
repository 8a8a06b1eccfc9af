/**
 * TCP connections taken apart into what was said: the bytes of both sides, turn by turn, without the segments that
 * carried them. What is said in one turn may be cut, shuffled and doubled (kit/replay.ts) and stays the same; the order of
 * the turns is the conversation's own.
 */

import type { Frame } from '../../src/capture/source.ts';
import { concat } from '../../src/testkit/bytes.ts';
import { ACK, FIN, RST, SYN } from '../../src/testkit/packet.ts';
import { describePacket, newDecoder } from './decoded.ts';
import { CLIENT, SERVER, type Side } from './tcp.ts';

/** Two things that one side says one after the other, this close, are one turn: in microseconds. */
const ONE_TURN = 100_000;
/** Sequence numbers further off than this are behind, not ahead. */
const HALF = 2 ** 31;

export interface Turn {
  /** Index of its connection. */
  readonly connection: number;
  readonly side: Side;
  readonly bytes: Uint8Array;
  /** How the side ends its stream behind them, if it does. */
  readonly ending?: 'fin' | 'reset';
  /** Microseconds since the epoch, when the last of it was said. */
  readonly time: number;
}

export interface Recording {
  /** `10.0.0.1:40000`, of the client and the server of each connection. */
  readonly connections: readonly (readonly [client: string, server: string])[];
  readonly turns: readonly Turn[];
}

/** After this frame everything of a side up to `offset` has been there; a FIN counts as one. */
export interface Progress {
  readonly frame: number;
  readonly connection: number;
  readonly side: Side;
  readonly offset: number;
}

export interface TakenApart extends Recording {
  readonly progress: readonly Progress[];
}

/** Number of the first frame after which a side's bytes up to `offset` were all there; 0 if that never was. */
export function frameOfOffset(progress: readonly Progress[], connection: number, side: Side, offset: number): number {
  const reached = progress.find(at => at.connection === connection && at.side === side && at.offset >= offset);
  return reached?.frame ?? 0;
}

/** One side of a connection that is read. */
interface Stream {
  readonly address: string;
  /** Sequence number of the next byte that was not there yet. */
  next: number | undefined;
  offset: number;
  over: boolean;
}

interface Talk {
  readonly index: number;
  readonly sides: readonly [Stream, Stream];
}

/**
 * The TCP connections in a capture whose segments are in order. Bytes that were never captured are left out, as if they
 * had not been sent; what is cut by the snap length counts as far as it is there.
 */
export function takeApart(frames: readonly Frame[]): TakenApart {
  const decoder = newDecoder();
  const talks = new Map<string, Talk>();
  const connections: [string, string][] = [];
  const turns: Turn[] = [];
  const progress: Progress[] = [];
  for (const frame of frames) {
    const packet = decoder.decode(frame);
    if (packet?.transport !== 6) continue;
    const { tcpFlags: flags, tcpSequence } = packet;
    const { source, destination, payload } = describePacket(packet);
    const key = [source, destination].sort().join(' ');
    let talk = talks.get(key);
    if (talk === undefined || (flags & (SYN | ACK)) === SYN) {
      talk = { index: connections.length, sides: [stream(source), stream(destination)] };
      talks.set(key, talk);
      connections.push([source, destination]);
    }
    const side = talk.sides[CLIENT].address === source ? CLIENT : SERVER;
    const own = talk.sides[side];
    const start = (flags & SYN ? tcpSequence + 1 : tcpSequence) >>> 0;
    own.next ??= start;
    const known = (own.next - start) >>> 0;
    const fresh = known < HALF ? payload.subarray(known) : payload;
    const ending = own.over ? undefined : flags & RST ? 'reset' : flags & FIN ? 'fin' : undefined;
    if (own.over || (fresh.length === 0 && ending === undefined)) continue;
    const time = frame.seconds * 1e6 + Math.floor(frame.nanoseconds / 1000);
    turns.push({ connection: talk.index, side, bytes: Uint8Array.from(fresh), time, ...(ending && { ending }) });
    own.next = (start + payload.length) >>> 0;
    own.over = ending !== undefined;
    own.offset += fresh.length + (ending === 'fin' ? 1 : 0);
    progress.push({ frame: frame.number, connection: talk.index, side, offset: own.offset });
  }
  return { connections, turns: joined(turns), progress };
}

/** Neighbouring turns of one side become one, unless time passes between them. */
export function joined(turns: readonly Turn[]): Turn[] {
  const result: Turn[] = [];
  for (const turn of turns) {
    const last = result.at(-1);
    const follows = last?.connection === turn.connection && last.side === turn.side && last.ending === undefined;
    if (follows && turn.time - last.time <= ONE_TURN) {
      result[result.length - 1] = { ...turn, bytes: concat(last.bytes, turn.bytes) };
    } else result.push(turn);
  }
  return result;
}

/** All bytes that a side of a connection says. */
export function saidBy({ turns }: Recording, connection: number, side: Side): Uint8Array {
  return concat(
    ...turns.filter(turn => turn.connection === connection && turn.side === side).map(({ bytes }) => bytes),
  );
}

function stream(address: string): Stream {
  return { address, next: undefined, offset: 0, over: false };
}
