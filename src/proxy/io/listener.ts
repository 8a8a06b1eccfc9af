/**
 * What listens for the clients of one pair, whatever its transport, and what a listener shares with the rest of the proxy.
 */
import type { Address } from '../address.ts';
import type { Relay } from '../relay.ts';
import type { SocketTable } from './flow-sockets.ts';

/** After which a silent client of a UDP pair is forgotten, unless somebody says otherwise. */
export const USUAL_IDLE = '60s';

export interface Listener {
  /** Where it listens, with the port that was chosen. */
  readonly address: Address;
  /** Takes no more clients; those that are there stay. */
  stop(): void;
  /** Destroys what is left, flows too. Resolves when the address is free again. */
  close(): Promise<void>;
  /** Time passes. @param now milliseconds since the Unix epoch */
  tick(now: number): void;
}

/**
 * Something about the proxy itself that is worth a line: a server that refuses, a bound that was hit, a handshake that failed, a
 * fault that could not be done to a message that it was for.
 */
export interface ProxyEvent {
  readonly kind: 'refused' | 'limit' | 'dropped' | 'recording' | 'tls' | 'undone';
  readonly message: string;
}

export interface ListenerContext {
  /** Of the pair, counted from 0. */
  readonly pair: number;
  readonly upstream: Address;
  readonly relay: Relay;
  readonly table: SocketTable;
  /** Bytes that may wait for one side of a flow. */
  readonly mostWaiting: number;
  /** Flows at once, over all pairs. */
  readonly mostFlows: number;
  /** Milliseconds after which datagrams of a client that has been silent are no longer one flow. */
  readonly idle: number;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  readonly onEvent: (event: ProxyEvent) => void;
  /** A flow has begun, or has ended. */
  readonly onFlows: () => void;
}
