/**
 * Findings that wait for what the conversation says of them (docs/captures.md), and the messages they stand on. They are
 * in no list of findings: once one stands it goes there, and once it is excused it is gone. As many as the engine holds.
 */
import type { Finding } from '../lint/finding.ts';

export class HeldIndex {
  /** Grows with every change. */
  version = 0;
  /** Message of each; -1 for none. */
  readonly #messageOf = new Map<Finding, number>();
  readonly #ofMessage = new Map<number, Finding[]>();
  readonly #ofConnection = new Map<number, Finding[]>();

  get count(): number {
    return this.#messageOf.size;
  }

  ofMessage(message: number): readonly Finding[] {
    return this.#ofMessage.get(message) ?? NONE;
  }

  ofConnection(connection: number): readonly Finding[] {
    return this.#ofConnection.get(connection) ?? NONE;
  }

  /** @param message that it stands on; -1 for none */
  add(finding: Finding, message: number): void {
    this.version++;
    this.#messageOf.set(finding, message);
    push(this.#ofConnection, finding.connection, finding);
    if (message >= 0) push(this.#ofMessage, message, finding);
  }

  /** It stands, or is excused. */
  remove(finding: Finding): void {
    const message = this.#messageOf.get(finding);
    if (message === undefined) return;
    this.version++;
    this.#messageOf.delete(finding);
    drop(this.#ofConnection, finding.connection, finding);
    drop(this.#ofMessage, message, finding);
  }
}

const NONE: readonly Finding[] = [];

function push(lists: Map<number, Finding[]>, key: number, finding: Finding): void {
  const list = lists.get(key);
  if (list) list.push(finding);
  else lists.set(key, [finding]);
}

function drop(lists: Map<number, Finding[]>, key: number, finding: Finding): void {
  const left = lists.get(key)?.filter(other => other !== finding) ?? [];
  if (left.length > 0) lists.set(key, left);
  else lists.delete(key);
}
