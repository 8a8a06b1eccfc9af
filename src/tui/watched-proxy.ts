/** A proxy whose traffic the screen shows, as the command hands it in: what happens to it, and whether it runs. */
import type { Finding, Timestamp } from '../lint/finding.ts';
import type { ConnectionEvent } from '../protocol/connections.ts';

export type ProxyEventKind =
  /** It listens, it has ended: what is as it should be. */
  | 'state'
  | 'client-came'
  | 'client-gone'
  /** What the command that it runs has printed. */
  | 'output'
  /** What it has done on purpose to what passes. */
  | 'deed'
  | 'refused'
  | 'limit'
  | 'dropped'
  | 'tls'
  | 'recording'
  | 'undone'
  | 'failure';

/** What somebody who runs a proxy should look at. */
export const WARNINGS: readonly ProxyEventKind[] = [
  'refused',
  'limit',
  'dropped',
  'tls',
  'recording',
  'undone',
  'failure',
];

export interface ProxyEvent {
  readonly time: Timestamp;
  readonly kind: ProxyEventKind;
  /** One line; may hold anything. */
  readonly text: string;
}

export interface ProxyListener {
  happened(event: ProxyEvent): void;
  /** It runs no more. @param reason a clause: `nothing has passed for 5 s` */
  ended(reason: string): void;
  /** Give the terminal back, as if the user had quit. */
  leave(): void;
}

export interface WatchedProxy {
  /** Addresses that it listens on, as the user would write them. */
  readonly listens: readonly string[];
  /** Called as the engine of the run calls them. */
  readonly onFinding: (finding: Finding) => void;
  readonly onConnection: (event: ConnectionEvent) => void;
  /** Tells what has happened so far, and from now on what happens. */
  watch(listener: ProxyListener): void;
}
