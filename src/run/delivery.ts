/**
 * Counts the messages that are handed to trackers, and shows each to whoever listens once it was judged, with the
 * findings that came up between `begin` and `end`.
 */
import type { Finding } from '../lint/finding.ts';
import type { SeenMessage } from '../protocol/protocol.ts';
import type { Message } from '../wire/message.ts';
import type { Lane } from './lane.ts';
import { type CarriedName, Seen } from './seen.ts';

export class Delivery {
  messages = 0;
  readonly #seen: Seen | undefined;
  readonly #onMessage: ((seen: SeenMessage) => void) | undefined;

  constructor(message: Message, capture: number, onMessage: ((seen: SeenMessage) => void) | undefined) {
    this.#seen = onMessage && new Seen(message, capture);
    this.#onMessage = onMessage;
  }

  /** Where findings are noted while a message is in hand; undefined when nobody listens. */
  get onFinding(): ((finding: Finding) => void) | undefined {
    const { findings } = this.#seen ?? {};
    return findings && (finding => findings.push(finding));
  }

  /** What comes up from here on belongs to the next message: flows that ended since have brought theirs to light. */
  begin(): void {
    this.messages++;
    if (this.#seen) this.#seen.findings.length = 0;
  }

  /** All that is to say about the message was said. @param carried for a message of the framing's own */
  end(lane: Lane, slot: number, side: number, message: Message, carried?: CarriedName): void {
    if (!this.#onMessage || !this.#seen) return;
    this.#seen.show(lane, slot, side, message, carried);
    this.#onMessage(this.#seen);
  }
}
