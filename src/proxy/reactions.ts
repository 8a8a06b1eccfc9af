/**
 * Follows what a peer does after it was given something that breaks a rule on purpose: nothing, a refusal in the protocol's own
 * words, the end of the connection, or as if nothing were wrong.
 */
import type { DeedRecord } from '../lint/deed.ts';
import type { AnyProtocol, SeenMessage } from '../protocol/protocol.ts';
import type { Reaction, ReactionKind } from '../report/interference.ts';
import { MOST_NAMED } from '../report/interference.ts';
import { CLIENT, SERVER, type Side } from './ends.ts';
import type { FlowWatch } from './guarding.ts';

/** An attack whose answer is awaited. */
interface Open {
  readonly rule: string;
  readonly deed: DeedRecord;
  /** Who was attacked. */
  readonly side: Side;
  /** In whose view the deed has its connection's number. */
  readonly sender: Side;
  readonly messages: string[];
  connection: number;
  kind: ReactionKind;
}

/** Attacks on one flow that are followed at once. */
const MOST_OPEN = 64;

export class Reactions implements FlowWatch {
  readonly #protocols: ReadonlyMap<string, AnyProtocol>;
  readonly #onReaction: (reaction: Reaction, side: Side) => void;
  readonly #open = new Map<number, Open[]>();

  constructor(protocols: readonly AnyProtocol[], onReaction: (reaction: Reaction, side: Side) => void) {
    this.#protocols = new Map(protocols.map(protocol => [protocol.id, protocol]));
    this.#onReaction = onReaction;
  }

  /** A rule was broken on purpose. @param sender whose unit it was done with, and in whose view it has its connection's number */
  attacked(rule: string, deed: DeedRecord, sender: Side): void {
    const open = this.#open.get(deed.flow) ?? [];
    if (open.length >= MOST_OPEN || open.some(other => other.rule === rule)) return;
    this.#open.set(deed.flow, open);
    const side = deed.inNameOf === 'client' ? SERVER : CLIENT;
    open.push({ rule, deed, side, sender, messages: [], connection: 0, kind: 'ignored' });
  }

  said(flow: number, side: Side, seen: SeenMessage): void {
    for (const open of this.#of(flow, side)) {
      if (open.messages.length >= MOST_NAMED) continue;
      open.messages.push(seen.name);
      open.connection = seen.connection;
      const refuses = this.#protocols.get(seen.protocol)?.refusals?.isOne(seen) === true;
      if (refuses) open.kind = 'refused';
      else if (open.kind === 'ignored') open.kind = 'went on';
    }
  }

  ended(flow: number, side: Side): void {
    for (const open of this.#of(flow, side)) if (open.kind === 'ignored') open.kind = 'closed';
  }

  broken(flow: number, side: Side): void {
    for (const open of this.#of(flow, side))
      if (open.kind === 'ignored' || open.messages.length < MOST_NAMED) open.kind = 'aborted';
  }

  over(flow: number): void {
    for (const open of this.#open.get(flow) ?? []) this.#conclude(open);
    this.#open.delete(flow);
  }

  #of(flow: number, side: Side): readonly Open[] {
    // Most flows are not attacked.
    if (this.#open.size === 0) return NONE;
    return this.#open.get(flow)?.filter(open => open.side === side) ?? NONE;
  }

  #conclude({ rule, deed, side, sender, messages, connection, kind }: Open): void {
    const { cause, frame, to: by } = deed;
    const reaction = { rule, cause, frame, reaction: kind, by, messages };
    // Who says nothing has no number for the connection: its sender does.
    if (connection > 0) this.#onReaction({ ...reaction, connection }, side);
    else this.#onReaction({ ...reaction, connection: deed.connection ?? 0 }, sender);
  }
}

const NONE: readonly Open[] = [];
