/**
 * What is held on its way through the proxy, and what may be done about it: who looks at it in the terminal, who sends
 * commands to the control socket, and who calls the API have the same few words. The gate fulfils them.
 */
import type { Framing } from '../framing/framing.ts';
import type { Finding } from '../lint/finding.ts';
import type { Layout } from '../wire/layout.ts';
import type { Message } from '../wire/message.ts';

/** A message of a held unit; a copy of its own, that lasts. */
export interface HeldMessage {
  readonly protocol: string;
  readonly name: string;
  readonly layout: Layout | undefined;
  /** The view of its bytes, without what the framing hides. */
  readonly message: Message;
  /** What cut it out of its stream, if anything did. */
  readonly framing: Framing | undefined;
  /** Where its bytes begin in those of the unit, behind what the framing hides. */
  readonly offset: number;
  /** Number of its connection in this run, and the state of that. */
  readonly connection: number;
  readonly state: string;
  /** What its sender broke with it. */
  readonly findings: readonly Finding[];
}

export interface HeldUnit {
  /** From 1, in the order in which they were held. */
  readonly id: number;
  readonly flow: number;
  /** Counted from 0. */
  readonly pair: number;
  readonly from: 'client' | 'server';
  /** Both ends, as reports print them. */
  readonly client: string;
  readonly server: string;
  /** Since when, in milliseconds since the Unix epoch. */
  readonly since: number;
  /** What made it be held. */
  readonly cause: string;
  /** As its sender sent it. */
  readonly wire: Uint8Array;
  readonly messages: readonly HeldMessage[];
}

/** A flow that is open, for who wants to say something on it. */
export interface OpenFlow {
  readonly flow: number;
  readonly pair: number;
  readonly client: string;
  readonly server: string;
  /** Units that are held on it. */
  readonly held: number;
}

export interface HoldChange {
  readonly kind: 'held' | 'released';
  readonly unit: HeldUnit;
}

export interface Holds {
  /** What is held now, the oldest first. */
  held(): readonly HeldUnit[];
  /** Undefined when it is not held (any more). */
  unit(id: number): HeldUnit | undefined;
  flows(): readonly OpenFlow[];
  /**
   * Passes a held unit on, or other bytes in its place, and then what waited for it. False when it is not held (any more).
   * @param note what is different: `mnet.acknowledged = 9999 (was 17)`
   */
  forward(id: number, bytes?: Uint8Array, note?: string): boolean;
  /** Passes nothing on in its place. */
  drop(id: number): boolean;
  /** Passes it on now and holds a copy of it, which may be passed on again. Returns the copy's id; 0 when it is not held. */
  repeat(id: number): number;
  /** Sends one side of a flow bytes of your own. False when there is no such flow. */
  send(flow: number, to: 'client' | 'server', bytes: Uint8Array, note: string): boolean;
  /** Breaks off a flow towards both sides. */
  abort(flow: number): boolean;
  /** Called after a unit was held, or is held no more; the last one given is. There may be very many: each is a call of its own. */
  onChange: ((change: HoldChange) => void) | undefined;
}

/** How a unit is released. */
export interface Release {
  /** Passed on in its place; itself if undefined. */
  readonly bytes: Uint8Array | undefined;
  /** What is different. */
  readonly note: string;
  readonly isDropped: boolean;
  /** A copy of it is held in its place. */
  readonly isRepeated?: boolean;
}

/** A flow as those who hold its units reach it. */
export interface HoldingFlow {
  readonly flow: number;
  describe(): OpenFlow;
  /** Lets go of a held unit. @returns the number of the copy that is held in its place, if one is, else 0 */
  release(id: number, release: Release): number;
  /** Sends one side bytes of your own. */
  inject(to: 'client' | 'server', bytes: Uint8Array, note: string): void;
  abort(): void;
}
