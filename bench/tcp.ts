/**
 * One TCP connection as the segments that a capture would hold: the handshake, data cut at the longest segment and
 * acknowledged, FINs in both directions.
 *
 * The receiver acknowledges every second segment by itself (RFC 9293, 3.8.6.3); what is left is acknowledged with what
 * it sends next, as stacks do that wait a little for an answer to ride on.
 */

import { ACK, type Endpoint, FIN, MAXIMUM_SEGMENT, PSH, type Segment, SYN } from './packet-file.ts';

const NOTHING = new Uint8Array(0);

/** One end: what it will send next, and what it has received and not acknowledged. */
interface End {
  readonly endpoint: Endpoint;
  sequence: number;
  unacknowledged: number;
}

export class TcpConversation {
  readonly #client: End;
  readonly #server: End;

  /** @param sequences initial sequence numbers of client and server, 32 bits each */
  constructor(client: Endpoint, server: Endpoint, sequences: readonly [number, number]) {
    this.#client = { endpoint: client, sequence: sequences[0], unacknowledged: 0 };
    this.#server = { endpoint: server, sequence: sequences[1], unacknowledged: 0 };
  }

  *open(): Generator<Segment, void> {
    yield this.syn();
    yield this.#segment(this.#server, SYN | ACK, NOTHING);
    yield this.#segment(this.#client, ACK, NOTHING);
  }

  /** The segment that asks for the connection. */
  syn(): Segment {
    return this.#segment(this.#client, SYN, NOTHING);
  }

  fromClient(bytes: Uint8Array): Generator<Segment, void> {
    return this.#send(this.#client, this.#server, bytes);
  }

  fromServer(bytes: Uint8Array): Generator<Segment, void> {
    return this.#send(this.#server, this.#client, bytes);
  }

  /** The client ends its stream, the server its own. */
  *close(): Generator<Segment, void> {
    yield this.#segment(this.#client, FIN | ACK, NOTHING);
    yield this.#segment(this.#server, FIN | ACK, NOTHING);
    yield this.#segment(this.#client, ACK, NOTHING);
  }

  *#send(sender: End, receiver: End, bytes: Uint8Array): Generator<Segment, void> {
    for (let at = 0; at < bytes.length; at += MAXIMUM_SEGMENT) {
      const isLast = at + MAXIMUM_SEGMENT >= bytes.length;
      yield this.#segment(sender, isLast ? PSH | ACK : ACK, bytes.subarray(at, at + MAXIMUM_SEGMENT));
      receiver.unacknowledged++;
      if (receiver.unacknowledged === 2) yield this.#segment(receiver, ACK, NOTHING);
    }
  }

  #segment(sender: End, flags: number, payload: Uint8Array): Segment {
    const receiver = sender === this.#client ? this.#server : this.#client;
    const { sequence } = sender;
    sender.unacknowledged = 0;
    // SYN and FIN take a sequence number each.
    sender.sequence = (sequence + payload.length + ((flags & (SYN | FIN)) === 0 ? 0 : 1)) >>> 0;
    const acknowledged = (flags & ACK) === 0 ? 0 : receiver.sequence;
    return { from: sender.endpoint, to: receiver.endpoint, flags, sequence, acknowledged, payload };
  }
}
