/** Something that is about to pass through the proxy, as those see it who decide what is done to it. */
import type { Framing } from '../framing/framing.ts';
import type { Decision } from '../lint/deed.ts';
import type { Timestamp } from '../lint/finding.ts';
import type { SeenMessage } from '../protocol/protocol.ts';

/** Reused: right only while the one who decides is asked. */
export interface Passage {
  /** Number of the flow, from 1, and of its pair of addresses, from 0. */
  readonly flow: number;
  readonly pair: number;
  /** Who sends it. */
  readonly from: 'client' | 'server';
  /** How many units of this direction of the flow came before it. */
  readonly ordinal: number;
  /** How what carries it cuts: `stream` has an order, and no boundaries of its own. */
  readonly carrier: 'stream' | 'datagrams' | 'records';
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  /** All of its bytes, as they would be passed on by what was decided before; those of the framing among them. */
  readonly wire: Uint8Array;
  /** Where the message in hand begins in them, behind what the framing hides; 0 where there is none. */
  readonly offset: number;
  /** What cut it out of a stream; undefined for datagrams, and for bytes that nobody could cut. */
  readonly framing: Framing | undefined;
  /** It holds whole messages of a known protocol, and nothing else. */
  readonly isWhole: boolean;
}

/** Decides what is done to what passes. Asked in the order in which the units came; keeps nothing that it is given. */
export interface Overseer {
  /**
   * A message of the unit, judged as its sender sent it, before anything is passed on; a datagram or record may hold
   * several. `message.start` counts in `message.bytes`, which need not be those of `passage.wire`.
   * @param origin the time that relative times count from
   */
  message?(seen: SeenMessage, passage: Passage, origin: Timestamp): readonly Decision[];
  /** The unit as a whole, once, after its messages. Its decisions come behind theirs. */
  unit?(passage: Passage): readonly Decision[];
}
