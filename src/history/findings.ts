/**
 * The findings of a run, and the messages they stand on. While a capture is read they are in the order in which they came
 * up; at its end they are the very list that a report of it has.
 *
 * A finding stands on the message in whose bytes it was found, which may have passed long ago. It is known by where its
 * bytes lie, as far as the finding has kept that, else by its frame.
 */
import type { Finding } from '../lint/finding.ts';
import { SEVERITIES, type Severity } from '../lint/rule.ts';
import type { ConnectionIndex } from './connections.ts';
import type { MessageIndex } from './messages.ts';

/** 1 for info to 3 for error. */
export function severityNumber(severity: Severity): number {
  return SEVERITIES.length - SEVERITIES.indexOf(severity);
}

export class FindingIndex {
  /** Grows with every change. */
  version = 0;
  readonly #messages: MessageIndex;
  readonly #connections: ConnectionIndex;
  #list: Finding[] = [];
  /** Message of each finding; -1 for none. */
  #places: number[] = [];
  readonly #placeOf = new Map<Finding, number>();
  readonly #ofMessage = new Map<number, number[]>();
  readonly #ofConnection = new Map<number, number[]>();

  constructor(messages: MessageIndex, connections: ConnectionIndex) {
    this.#messages = messages;
    this.#connections = connections;
  }

  get list(): readonly Finding[] {
    return this.#list;
  }

  /** The message that a finding of the list stands on; -1 where there is none. */
  messageOf(index: number): number {
    return this.#places[index];
  }

  /** Findings on a message, as places in the list. */
  ofMessage(message: number): readonly number[] {
    return this.#ofMessage.get(message) ?? NONE;
  }

  ofConnection(connection: number): readonly number[] {
    return this.#ofConnection.get(connection) ?? NONE;
  }

  /** @param last the message that was in hand last; -1 for none */
  add(finding: Finding, last: number): void {
    const message = this.place(finding, last);
    this.#placeOf.set(finding, message);
    this.#enter(finding, message);
  }

  /** The message that a finding stands on; -1 for none. @param last as of `add` */
  place(finding: Finding, last: number): number {
    return this.#isOn(finding, last) ? last : this.#find(finding);
  }

  /** The capture has ended: these are its findings, and no others. */
  settle(capture: number, findings: readonly Finding[]): void {
    const others = this.#list.filter(finding => finding.capture !== capture);
    for (const finding of this.#list) {
      const message = this.#placeOf.get(finding) ?? -1;
      if (finding.capture === capture && message >= 0) this.#messages.setSeverity(message, 0);
    }
    this.#connections.forgetFindings(capture);
    this.#list = [];
    this.#places = [];
    this.#ofMessage.clear();
    this.#ofConnection.clear();
    for (const finding of others) this.#enter(finding, this.#placeOf.get(finding) ?? -1, false);
    for (const finding of findings) this.#enter(finding, this.#placeOf.get(finding) ?? this.#find(finding));
  }

  #enter(finding: Finding, message: number, isNew = true): void {
    const index = this.#list.push(finding) - 1;
    this.#places.push(message);
    push(this.#ofConnection, finding.connection, index);
    if (message >= 0) push(this.#ofMessage, message, index);
    this.version++;
    if (!isNew) return;
    const severity = severityNumber(finding.severity);
    this.#connections.noteFinding(finding.connection, severity);
    if (message >= 0 && this.#messages.severity(message) < severity) this.#messages.setSeverity(message, severity);
  }

  /** Does the finding stand on this message? Where nothing was kept of the bytes, frame and name must do. */
  #isOn(finding: Finding, message: number): boolean {
    const messages = this.#messages;
    if (message < 0 || messages.frame(message) !== finding.frame) return false;
    if (messages.connection(message) !== finding.connection) return false;
    const { excerpt } = finding;
    if (excerpt && excerpt.position >= 0) return excerpt.position === messages.position(message);
    return this.#sent(finding, message);
  }

  /** Was it sent by the finding's sender, under the finding's name? */
  #sent({ connection, from, messageName }: Finding, message: number): boolean {
    const side = this.#messages.side(message);
    return this.#connections.endpoint(connection, side) === from && this.#messages.name(message) === messageName;
  }

  #find(finding: Finding): number {
    const { connection, frame } = finding;
    const connections = this.#connections;
    if (!connections.has(connection) || connections.first(connection) < 0) return -1;
    const to = connections.last(connection) + 1;
    const candidates = this.#messages.inFrame(frame, connections.first(connection), to, connection);
    return candidates.find(message => this.#isOn(finding, message)) ?? -1;
  }
}

const NONE: readonly number[] = [];

function push(lists: Map<number, number[]>, key: number, index: number): void {
  const list = lists.get(key);
  if (list) list.push(index);
  else lists.set(key, [index]);
}
