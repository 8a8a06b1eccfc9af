/** The sockets of a flow as the relay reaches them: each kind of flow has its own, and this finds them by the flow's number. */
import type { Side } from '../ends.ts';
import type { Sockets } from '../relay.ts';

/** The two sockets of one flow. */
export interface FlowSockets {
  send(to: Side, bytes: Uint8Array): boolean;
  end(to: Side): void;
  reset(to: Side): void;
  pause(side: Side): void;
  resume(side: Side): void;
  /** Destroys both sockets, and notifies nobody. */
  destroy(): void;
}

export class SocketTable implements Sockets {
  readonly #flows = new Map<number, FlowSockets>();

  add(flow: number, sockets: FlowSockets): void {
    this.#flows.set(flow, sockets);
  }

  delete(flow: number): void {
    this.#flows.delete(flow);
  }

  /** Of every flow that has not been deleted. */
  all(): Iterable<FlowSockets> {
    return this.#flows.values();
  }

  send(flow: number, to: Side, bytes: Uint8Array): boolean {
    return this.#flows.get(flow)?.send(to, bytes) ?? true;
  }

  end(flow: number, to: Side): void {
    this.#flows.get(flow)?.end(to);
  }

  reset(flow: number, to: Side): void {
    this.#flows.get(flow)?.reset(to);
  }

  pause(flow: number, side: Side): void {
    this.#flows.get(flow)?.pause(side);
  }

  resume(flow: number, side: Side): void {
    this.#flows.get(flow)?.resume(side);
  }
}
