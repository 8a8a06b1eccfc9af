/**
 * What the proxy does on purpose to something that passes through it, instead of passing it on as it came. Plain data:
 * who decides (a fault of the user's, an attack, enforcement, somebody who holds messages) says it, the gate of the
 * proxy does it, and the log, the recording's comments and the report say it.
 */

/** What to do with a unit: a message of a stream, a datagram, a record, or bytes of a stream that cannot be cut into messages. */
export type Deed =
  /** It is not passed on. */
  | { readonly kind: 'drop' }
  /** It is passed on later; on a stream what follows it waits, too. */
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /** It is passed on that many times more. */
  | { readonly kind: 'duplicate'; readonly copies: number }
  /** It is passed on after the next unit of its direction. */
  | { readonly kind: 'reorder' }
  /** Other bytes are passed on in its place; `note` says what is different: `mnet.acknowledged = 9999 (was 17)`. */
  | { readonly kind: 'replace'; readonly bytes: Uint8Array; readonly note: string; readonly how: 'corrupt' | 'set' }
  /** On streams: its bytes are passed on one by one, that many milliseconds apart. */
  | { readonly kind: 'trickle'; readonly milliseconds: number }
  /** On streams: only its first bytes are passed on, and then the connection ends as with `close`. */
  | { readonly kind: 'cut'; readonly length: number }
  /** It and what follows it in its direction is no longer passed on; the connection stays. */
  | { readonly kind: 'stall' }
  /** The connection is closed in order, towards both sides: in its place, or once it has been passed on. */
  | { readonly kind: 'close'; readonly when: 'before' | 'after' }
  /** The connection is broken off (RST) towards both sides. */
  | { readonly kind: 'abort'; readonly when: 'before' | 'after' }
  /** A message that neither program has sent is given to one side of its connection: before the unit is passed on, or after it. */
  | {
      readonly kind: 'send';
      readonly to: 'sender' | 'receiver';
      readonly bytes: Uint8Array;
      readonly note: string;
      /** `before` if absent. */
      readonly when?: 'before' | 'after';
    }
  /** It is held until somebody forwards or drops it. */
  | { readonly kind: 'hold' };

export type DeedKind = Deed['kind'];

/** A deed with its reason. */
export interface Decision {
  readonly deed: Deed;
  /** What the user asked for: `drop=5%`, `drop if type == COOKIE-ACK nth=1`, `--enforce drop: mnet/tag-mismatch`. */
  readonly cause: string;
  /** Why it is done: a fault or an attack of ours makes what follows from it ours; the others answer what a peer did. */
  readonly by: 'fault' | 'attack' | 'enforcement' | 'interception';
}

/** A deed that was done, for the log, the report and who listens. */
export interface DeedRecord {
  readonly kind: DeedKind;
  readonly cause: string;
  readonly by: Decision['by'];
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  /** Packet of the recording that shows what came of it, or whose comment names it. */
  readonly frame: number;
  readonly flow: number;
  /** Counted from 0. */
  readonly pair: number;
  /** Whose unit it was done to. */
  readonly sender: 'client' | 'server';
  /** Number of the unit's connection as its sender has it; undefined where that is unknown. */
  readonly connection: number | undefined;
  /** In whose name it was done: the sender, but for a message of ours that is given to the sender. */
  readonly inNameOf: 'client' | 'server';
  /** Both ends of the flow as reports print them: in whose name it was done, and who was to get it. */
  readonly from: string;
  readonly to: string;
  /** Names of the messages of the unit, or how many bytes could not be cut; of what was sent, the note. */
  readonly unit: string;
  /** What is different: `mnet.acknowledged = 9999 (was 17)`; empty for most. */
  readonly note: string;
  /** In one line, safe to print: `dropped CONNECT`, `delayed PUBLISH by 20 ms`. */
  readonly words: string;
}
