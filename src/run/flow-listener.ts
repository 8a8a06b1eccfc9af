/**
 * How the messages that trackers are handed were carried, for who writes down what an end of a flow said, byte for byte:
 * the bytes of streams in order, which of them each message took, and how directions came to their end. Called in the order
 * of the capture, and of nothing but flows that a protocol has claimed; what was kept until then comes first.
 */
import type { Timestamp } from '../lint/finding.ts';
import type { Closing, SeenMessage } from '../protocol/protocol.ts';

/** The arguments are reused. */
export interface FlowListener {
  /** Bytes [from, to) stand before the first message of a direction of a stream. */
  preface(flow: number, side: number, bytes: Uint8Array, from: number, to: number, at: Readonly<Timestamp>): void;
  /** Bytes [from, to) are the next ones of a direction of a stream, behind its preface. */
  bytes(flow: number, side: number, bytes: Uint8Array, from: number, to: number, at: Readonly<Timestamp>): void;
  /**
   * A message, after it was judged. On streams it is the next `length` bytes of its direction, which have all come;
   * elsewhere `length` is its own.
   * @param hidden bytes in front of it that are the framing's alone
   */
  message(flow: number, side: number, seen: SeenMessage, length: number, hidden: number): void;
  /** Bytes of a direction are missing here, or were before the first one. */
  lost(flow: number, side: number): void;
  /** From here on nothing tells where a message of this direction begins; its bytes go on coming. */
  uncut(flow: number, side: number): void;
  /** A direction of a stream has ended in order (FIN). */
  ended(flow: number, side: number, at: Readonly<Timestamp>): void;
  /** One side has broken the stream off (RST); `closed` follows. */
  reset(flow: number, side: number, at: Readonly<Timestamp>): void;
  closed(flow: number, how: Closing): void;
}
