/** The message just handed to a tracker, for listeners. Reused; its strings are made when asked for. */
import type { Finding } from '../lint/finding.ts';
import type { Cut, EarlierMessage, SeenMessage } from '../protocol/protocol.ts';
import type { Layout } from '../wire/layout.ts';
import type { Message } from '../wire/message.ts';
import type { Lane } from './lane.ts';

/** What a framing calls a message of its own. */
export interface CarriedName {
  readonly layout: Layout | undefined;
  readonly name: string;
}

export class Seen implements SeenMessage {
  message: Message;
  cut: Cut | undefined = undefined;
  readonly capture: number;
  readonly findings: Finding[] = [];
  readonly held = new Set<Finding>();
  #lane: Lane | undefined = undefined;
  #slot = 0;
  #side = 0;
  /** For a message of the framing's own: what the framing calls it. */
  #carried: CarriedName | undefined = undefined;

  constructor(message: Message, capture: number) {
    this.message = message;
    this.capture = capture;
  }

  show(lane: Lane, slot: number, side: number, message: Message, carried?: CarriedName): void {
    this.message = message;
    this.#lane = lane;
    this.#slot = slot;
    this.#side = side;
    this.#carried = carried;
  }

  get layout() {
    return this.#carried ? this.#carried.layout : this.#lane?.tracker.layout;
  }

  get name(): string {
    return this.#carried ? this.#carried.name : (this.#lane?.tracker.messageName ?? '');
  }

  get protocol(): string {
    return this.#lane?.protocol.id ?? '';
  }

  get connection(): number {
    return this.#lane?.connections.number(this.#slot) ?? 0;
  }

  get from(): string {
    return this.#lane?.connections.endpoint(this.#slot, this.#side) ?? '';
  }

  get to(): string {
    return this.#lane?.connections.endpoint(this.#slot, 1 - this.#side) ?? '';
  }

  get clientToServer(): boolean {
    return this.#lane?.connections.clientSide(this.#slot) === this.#side;
  }

  get answers(): EarlierMessage | undefined {
    return this.#carried ? undefined : this.#lane?.tracker.answers;
  }

  get repeated(): boolean {
    return !this.#carried && this.#lane?.tracker.repeated === true;
  }

  get state(): string {
    return this.#lane?.tracker.state(this.#slot) ?? '';
  }
}
