/**
 * Counts the messages that are handed to trackers. Once a message was judged it is entered in the history, if one is
 * kept, and shown to the listener, with the findings that came up between `begin` and `end`.
 */

import type { History } from '../history/history.ts';
import type { Finding } from '../lint/finding.ts';
import type { FindingEvent } from '../lint/judge.ts';
import type { Cut, SeenMessage } from '../protocol/protocol.ts';
import type { Message } from '../wire/message.ts';
import type { FlowListener } from './flow-listener.ts';
import type { Lane } from './lane.ts';
import { type CarriedName, Seen } from './seen.ts';

/** Listeners for messages and findings. */
export interface DeliveryListeners {
  readonly onMessage: ((seen: SeenMessage) => void) | undefined;
  readonly onFinding: ((finding: Finding) => void) | undefined;
  readonly onFlow: FlowListener | undefined;
  readonly history: History | undefined;
}

export class Delivery {
  messages = 0;
  /** Who wants to know how messages were carried. */
  readonly flows: FlowListener | undefined;
  /** Messages of the captures before. */
  readonly #before: number;
  readonly #seen: Seen | undefined;
  readonly #onMessage: ((seen: SeenMessage) => void) | undefined;
  readonly #onFinding: ((finding: Finding) => void) | undefined;
  readonly #history: History | undefined;

  constructor(message: Message, capture: number, { onMessage, onFinding, onFlow, history }: DeliveryListeners) {
    this.#seen = onMessage || onFlow ? new Seen(message, capture) : undefined;
    this.flows = onFlow;
    this.#onMessage = onMessage;
    this.#onFinding = onFinding;
    this.#history = history;
    this.#before = history?.messages.count ?? 0;
  }

  /** Where findings are noted; undefined when nobody listens. */
  get onFinding(): ((finding: Finding, event: FindingEvent) => void) | undefined {
    const seen = this.#seen;
    const history = this.#history;
    const onFinding = this.#onFinding;
    if (!seen && !history && !onFinding) return undefined;
    return (finding, event) => {
      if (event === 'found' || event === 'held') seen?.findings.push(finding);
      if (event === 'held') {
        seen?.held.add(finding);
        history?.hold(finding);
        return;
      }
      if (event !== 'found') history?.release(finding);
      if (event === 'excused') return;
      history?.finding(finding);
      onFinding?.(finding);
    };
  }

  /**
   * What comes up from here on belongs to this message: flows that ended since have brought theirs to light.
   * @param cut where it stood in its stream, if that is asked for
   */
  begin(message: Message, cut?: Cut): void {
    message.ordinal = this.#before + ++this.messages;
    if (!this.#seen) return;
    this.#seen.cut = cut;
    this.#seen.findings.length = 0;
    this.#seen.held.clear();
  }

  /** A stream has ended, or bytes of it were lost, and the tracker has been notified. */
  streamMoved(lane: Lane, flow: number): void {
    this.#history?.streamMoved(lane, flow);
  }

  /**
   * All that is to say about the message was said.
   * @param carried for a message of the framing's own
   * @param length on the wire, where the framing hides a part
   */
  end(
    lane: Lane,
    slot: number,
    side: number,
    message: Message,
    carried?: CarriedName,
    length = message.length,
    hidden = 0,
  ): void {
    lane.judge.weigh(slot);
    if (this.#history) {
      const { tracker } = lane;
      const name = carried ? carried.name : tracker.messageName;
      const answers = carried ? undefined : tracker.answers;
      this.#history.message(lane, slot, side, message, name, carried ? carried.layout : tracker.layout, answers);
    }
    if (!this.#seen) return;
    this.#seen.show(lane, slot, side, message, carried);
    this.#onMessage?.(this.#seen);
    this.flows?.message(lane.connections.flow(slot), side, this.#seen, length, hidden);
  }
}
