/**
 * What came by the ports that the user has mapped to a protocol, and what it looked like: a port that was mistyped gives
 * nothing but faults, and the report should say why. Asked once a flow, never for a message.
 */
import type { PortMap } from '../protocol/identify.ts';
import type { AnyProtocol, Transport } from '../protocol/protocol.ts';

/** Flows on one mapped port. */
export interface MappedFlows {
  readonly transport: Transport;
  readonly port: number;
  /** Of the protocol that it is mapped to. */
  readonly protocol: string;
  readonly flows: number;
  /** Whether the protocol can tell what its conversations begin with, on this transport. */
  readonly isRecognisable: boolean;
  /** By protocol: flows that begin as its conversations do. */
  readonly recognised: ReadonlyMap<string, number>;
}

interface Tally {
  readonly transport: Transport;
  readonly port: number;
  readonly lane: number;
  flows: number;
  readonly recognised: Map<string, number>;
  /** Where the capture stood when the first one began. */
  readonly first: number;
}

export class MappedPorts {
  readonly #protocols: readonly AnyProtocol[];
  readonly #ports: PortMap;
  readonly #tallies = new Map<string, Tally>();

  readonly #moment: () => number;

  /** @param moment where the capture stands, for who puts several parts of one together */
  constructor(protocols: readonly AnyProtocol[], ports: PortMap, moment: () => number = () => -1) {
    this.#protocols = protocols;
    this.#ports = ports;
    this.#moment = moment;
  }

  /**
   * A flow on a port that is mapped has begun.
   * @param ports of both ends
   * @param lane of the protocol that it is mapped to
   * @param looksLike lane of the protocol that would have claimed it; negative for none
   */
  add(transport: Transport, ports: readonly [number, number], lane: number, looksLike: number): void {
    const port = ports.find(candidate => this.#ports.isMapped(transport, candidate)) ?? ports[0];
    const key = `${transport} ${port} ${lane}`;
    const own = this.#tallies.get(key);
    const tally = own ?? { transport, port, lane, flows: 0, recognised: new Map(), first: this.#moment() };
    this.#tallies.set(key, tally);
    tally.flows++;
    const name = this.#protocols[looksLike]?.id;
    if (name !== undefined) tally.recognised.set(name, (tally.recognised.get(name) ?? 0) + 1);
  }

  /** When the first of each began, in the order of `flows`. */
  firsts(): readonly number[] {
    return [...this.#tallies.values()].map(({ first }) => first);
  }

  flows(): readonly MappedFlows[] {
    return [...this.#tallies.values()].map(({ lane, first: _, ...tally }) => {
      const { id, recognise, recogniseStream } = this.#protocols[lane];
      const recogniser = tally.transport === 'udp' ? recognise : recogniseStream;
      return { ...tally, protocol: id, isRecognisable: recogniser !== undefined };
    });
  }
}
