/**
 * A proxied stream as the TCP connection that it would have been between its two programs: handshake, segments with the
 * right sequence and acknowledgement numbers, the end of each direction, a reset. Each call makes the packets of one event
 * and hands them to `emit`, in order.
 */
import { CLIENT, type Ends, otherSide, SERVER, type Side } from './ends.ts';
import { ACK, FIN, type Packets, PSH, RST, SEGMENT, SYN } from './packets.ts';
import type { ShowFrame, Showing } from './showing.ts';

/** Bytes after which the receiver acknowledges, though it has nothing to say. */
const ACKNOWLEDGED_AT = 2 * SEGMENT;
const NOTHING = new Uint8Array(0);

export class Conversation implements Showing {
  readonly ends: Ends;
  readonly #packets: Packets;
  readonly #emit: ShowFrame;
  /** By side: sequence number of the next byte, and bytes that the other side has not acknowledged. */
  readonly #next: [number, number];
  readonly #unacknowledged: [number, number] = [0, 0];

  /** @param sequence of the first byte of both sides less one: another one for each connection of the same two ends */
  constructor(ends: Ends, sequence: number, packets: Packets, emit: ShowFrame) {
    this.ends = ends;
    this.#next = [sequence, sequence];
    this.#packets = packets;
    this.#emit = emit;
  }

  open(comment: string): void {
    this.#control(CLIENT, SYN, comment);
    this.#control(SERVER, SYN | ACK);
    this.#control(CLIENT, ACK);
  }

  refuse(comment: string): void {
    this.#control(CLIENT, SYN, comment);
    this.#control(SERVER, RST | ACK);
  }

  data(from: Side, bytes: Uint8Array, comment?: string): void {
    const to = otherSide(from);
    for (let start = 0; start < bytes.length; start += SEGMENT) {
      const end = Math.min(start + SEGMENT, bytes.length);
      this.#segment(from, PSH | ACK, bytes, start, end, start === 0 ? comment : undefined);
      if (this.#unacknowledged[from] >= ACKNOWLEDGED_AT) this.#control(to, ACK);
    }
  }

  acknowledge(by: Side): void {
    if (this.#unacknowledged[otherSide(by)] > 0) this.#control(by, ACK);
  }

  end(from: Side): void {
    this.#control(from, FIN | ACK);
    this.#control(otherSide(from), ACK);
  }

  reset(from: Side): void {
    this.#control(from, RST | ACK);
  }

  /** A stream that is refused is reset. */
  unreachable(): void {}

  #control(from: Side, flags: number, comment?: string): void {
    this.#segment(from, flags, NOTHING, 0, 0, comment);
  }

  #segment(from: Side, flags: number, bytes: Uint8Array, start: number, end: number, comment?: string): void {
    const to = otherSide(from);
    const sequence = this.#next[from];
    // A SYN and a FIN count as a byte each.
    const length = end - start + (flags & (SYN | FIN) ? 1 : 0);
    this.#next[from] = (sequence + length) >>> 0;
    this.#unacknowledged[from] += length;
    const acknowledgement = flags & ACK ? this.#next[to] : 0;
    if (flags & ACK) this.#unacknowledged[to] = 0;
    this.#emit(this.#packets.tcp(this.ends, from, { sequence, acknowledgement, flags }, bytes, start, end), comment);
  }
}
