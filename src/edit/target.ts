/** A message on its way, as those see it who change it. */
import type { Framing } from '../framing/framing.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import type { Layout } from '../wire/layout.ts';
import type { Message } from '../wire/message.ts';

/** Nothing in it is ever written to. */
export interface Target {
  /** All bytes of the unit: the message, what its framing hides, and the other messages of a datagram. */
  readonly wire: Uint8Array;
  /** What cut the unit out of its stream; undefined for datagrams and records. */
  readonly framing: Framing | undefined;
  /** Where in `wire` the message begins, behind what the framing hides. */
  readonly offset: number;
  /** Its length and its byte order; the bytes are taken from `wire`. */
  readonly message: Pick<Message, 'length' | 'littleEndian'>;
  readonly layout: Layout | undefined;
  readonly protocol: AnyProtocol;
}
