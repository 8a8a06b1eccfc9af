/**
 * What reassembly reports of a connection, as it happens. One call a fact, numbers and a view of the bytes and no
 * object, because there is one for nearly every segment.
 */

/** Receives what a connection carries. During a call it may `ignore` the connection, and change nothing else. */
export interface StreamSink {
  /**
   * Another connection begins on the same pair of ports; the one before is over. Called while that one can still be
   * looked up.
   */
  restart(flow: number): void;
  /** Bytes [from, to) of a direction, in order, valid during the call only. */
  data(flow: number, side: number, bytes: Uint8Array, from: number, to: number): void;
  /** `length` bytes that were never captured; the stream goes on behind them. */
  gap(flow: number, side: number, length: number): void;
  /**
   * Of a watched connection: the other side has acknowledged the first `bytes` bytes of this direction, more than before,
   * or its FIN behind them. Called before the bytes that the acknowledging segment brings, and behind those it lets go on.
   */
  acknowledged(flow: number, side: number, bytes: number): void;
  /** The direction ended in order: a FIN, and everything before it was delivered or given up as a gap. */
  end(flow: number, side: number): void;
  /** The connection was reset, by this side. Called once. */
  reset(flow: number, side: number): void;
  /**
   * Bytes were sent again: with other content (reported once a direction), with the same, or it is not known any more.
   */
  resent(flow: number, side: number, outcome: 'same' | 'differs' | 'unknown'): void;
  /**
   * The segment in this frame acknowledges bytes that no segment brought: they were not captured. Called once a
   * connection.
   */
  unseenAcknowledged(flow: number, frame: number): void;
  /**
   * The segment in hand brings bytes that a frame before it acknowledges: the directions were recorded apart. Called once a
   * connection.
   */
  apart(flow: number): void;
}
