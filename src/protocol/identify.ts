/**
 * Finds the protocol of a datagram flow: by the user's port mapping, at once; else by asking each protocol about the
 * first datagrams. A protocol may answer that it needs more; the datagrams are then kept, within bounds, and handed
 * over once the flow is settled, so that nothing of its beginning is lost. Flows that no protocol claims cost nothing:
 * the protocols are asked again with each datagram, since a session may open on a pair that carried other traffic
 * before.
 */
import { Message } from '../wire/message.ts';
import type { Limits } from './limits.ts';
import type { AnyProtocol, Datagram, Transport } from './protocol.ts';

/** `-d udp.port==from-to,protocol` */
export interface DecodeAs {
  readonly transport: Transport;
  readonly from: number;
  readonly to: number;
  readonly protocol: string;
}

/** Index of no protocol: nobody claims the flow. */
export const UNCLAIMED = -1;
/** Some protocol needs more to tell. */
export const UNDECIDED = -2;

/** The protocol mapped to a port, as an index; `UNCLAIMED` for most. */
export class PortMap {
  /** The last one first. There are few, and only the first packet of a flow asks. */
  readonly #mappings: readonly (DecodeAs & { readonly index: number })[];

  /** Later mappings win, as with tshark. */
  constructor(mappings: readonly DecodeAs[], protocols: readonly AnyProtocol[]) {
    this.#mappings = mappings.toReversed().map(mapping => {
      return { ...mapping, index: protocols.findIndex(({ id }) => id === mapping.protocol) };
    });
  }

  /** By the destination's port first, which more often is the server's. */
  protocolOf(transport: Transport, sourcePort: number, destinationPort: number): number {
    const mapped = this.#find(transport, destinationPort);
    return mapped === UNCLAIMED ? this.#find(transport, sourcePort) : mapped;
  }

  isMapped(transport: Transport, port: number): boolean {
    return this.#find(transport, port) !== UNCLAIMED;
  }

  #find(transport: Transport, port: number): number {
    for (const mapping of this.#mappings) {
      if (mapping.transport === transport && mapping.from <= port && port <= mapping.to) return mapping.index;
    }
    return UNCLAIMED;
  }
}

/** Flows that some protocol may claim yet, and their datagrams so far. */
export class Candidates {
  /** Flows and datagrams that were dropped because a bound was hit. */
  overflowed = 0;
  readonly #flows = new Map<number, Datagram[]>();
  readonly #limits: Limits;
  #bytes = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  has(flow: number): boolean {
    return this.#flows.has(flow);
  }

  /** The kept datagrams of a flow, oldest first. */
  messages(flow: number): readonly Datagram[] {
    return this.#flows.get(flow) ?? [];
  }

  /** Keeps a copy of a datagram; false when a bound does not allow it. */
  keep(flow: number, side: number, message: Message): boolean {
    const kept = this.#flows.get(flow) ?? [];
    const full =
      (kept.length === 0 && this.#flows.size >= this.#limits['candidate-flows']) ||
      kept.length >= this.#limits['candidate-datagrams'] ||
      this.#bytes + message.captured > this.#limits['candidate-bytes'];
    if (full) {
      this.overflowed++;
      return false;
    }
    this.#bytes += message.captured;
    kept.push({ message: copyOf(message), side });
    this.#flows.set(flow, kept);
    return true;
  }

  forget(flow: number): void {
    for (const { message } of this.messages(flow)) this.#bytes -= message.captured;
    this.#flows.delete(flow);
  }
}

/** The first protocol that claims these datagrams, `UNDECIDED` if one needs more, else `UNCLAIMED`. Of UDP only. */
export function recognise(protocols: readonly AnyProtocol[], datagrams: readonly Datagram[]): number {
  let undecided = false;
  for (let index = 0; index < protocols.length; index++) {
    const answer = protocols[index].recognise?.(datagrams) ?? 'no';
    if (answer === 'yes') return index;
    if (answer === 'more') undecided = true;
  }
  return undecided ? UNDECIDED : UNCLAIMED;
}

function copyOf(message: Message): Message {
  const copy = new Message();
  copy.assign(message.copy(), 0, message.length, message.captured);
  copy.position = message.position;
  copy.frame = message.frame;
  copy.seconds = message.seconds;
  copy.nanoseconds = message.nanoseconds;
  copy.comment = message.comment;
  return copy;
}
