/** A socket to the live peer as the stage has it, whatever its transport: what can be done to it, and what it tells. */
import type { SocketAddress } from '../../proxy/ends.ts';

export interface Plug {
  /** False when it can take no more for now; `drained` is called when it can. */
  send(bytes: Uint8Array): boolean;
  /** Says no more. */
  end(): void;
  /** Breaks it off, with a reset where the transport has one. */
  reset(): void;
  pause(): void;
  resume(): void;
  /** Destroys it, and tells nothing more. */
  destroy(): void;
}

/** Where the two ends are; undefined for those of a Unix socket. */
export interface PlugEnds {
  readonly local: SocketAddress | undefined;
  readonly remote: SocketAddress | undefined;
  /** About the flow, for the recording. */
  readonly comment: string;
}

/** What a plug tells: `opened` or `failed` first, never before it was made. */
export interface PlugNews {
  opened(plug: Plug, ends: PlugEnds): void;
  /** It could not be opened. @param reason one line */
  failed(reason: string): void;
  /** A part of a stream, a datagram or a record. */
  data(bytes: Uint8Array): void;
  drained(): void;
  ended(): void;
  broken(): void;
  /** Datagrams: nobody is there. @param length of the payload that was sent last */
  unreachable(length: number): void;
}
