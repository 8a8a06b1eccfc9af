/**
 * How what happens on a flow is shown as packets: a stream as the TCP connection that it would have been
 * (conversation.ts), datagrams as they are. Where the proxy changes what it passes on, a flow is shown several times over:
 * as it was passed on, and as each side had it.
 */
import type { Frame } from '../capture/source.ts';
import { type Ends, SERVER, type Side } from './ends.ts';
import type { Packets } from './packets.ts';

/** Where the packets of a flow go. */
export type ShowFrame = (frame: Frame, comment?: string) => void;

export interface Showing {
  /** Both programs are connected. @param comment on the first packet */
  open(comment: string): void;
  /** The server did not take the connection. */
  refuse(comment: string): void;
  /** @param comment on the first packet */
  data(from: Side, bytes: Uint8Array, comment?: string): void;
  /** One side has taken all that the other has said. */
  acknowledge(by: Side): void;
  /** One side will say no more. */
  end(from: Side): void;
  /** One side has broken the connection off. */
  reset(from: Side): void;
  /** Nobody was there for a datagram of the client. @param length of its payload, as far as that is known */
  unreachable(length: number): void;
}

/** Datagrams have no connection: nothing of one is shown. */
export class DatagramShowing implements Showing {
  readonly #ends: Ends;
  readonly #packets: Packets;
  readonly #emit: ShowFrame;

  constructor(ends: Ends, packets: Packets, emit: ShowFrame) {
    this.#ends = ends;
    this.#packets = packets;
    this.#emit = emit;
  }

  open(): void {}

  refuse(): void {}

  data(from: Side, bytes: Uint8Array, comment?: string): void {
    this.#emit(this.#packets.udp(this.#ends, from, bytes), comment);
  }

  acknowledge(): void {}

  end(): void {}

  reset(): void {}

  unreachable(length: number): void {
    this.#emit(this.#packets.portUnreachable(this.#ends, SERVER, length));
  }
}
