/**
 * The way of one connection through its protocol's state machine: the messages that moved a side, and those that broke
 * the machine without moving any. Read from the states that the index has kept, so that nothing is stepped again.
 *
 * It costs one look at each message of the connection and one object a step; the caller keeps it until the history's
 * version has grown.
 */
import type { Finding } from '../lint/finding.ts';
import type { History } from './history.ts';

/** States of the client and the server, as indexes into the machine's table. */
export type Standing = readonly [client: number, server: number];

/** Of a side whose state nobody knows: what came before the capture. */
export const UNKNOWN_STATE = 255;

export interface Step {
  /** Index of the message that took it, or that came after it where it is `silent`. */
  readonly message: number;
  /** No message took it: a stream ended, or a loss was reported, between two messages. */
  readonly silent: boolean;
  readonly fromClient: boolean;
  readonly before: Standing;
  readonly after: Standing;
  /** The step is illegal. */
  readonly finding: Finding | undefined;
}

export interface ConnectionPath {
  readonly connection: number;
  /** Where both sides stood before its first message. */
  readonly start: Standing;
  /** In the order of the messages. */
  readonly steps: readonly Step[];
  /** By client and server: the first message that it sent under a name. */
  readonly firstSent: readonly [ReadonlyMap<string, number>, ReadonlyMap<string, number>];
}

/** @param rows all messages of the connection, in order */
export function pathOf(history: History, connection: number, rows: ArrayLike<number>): ConnectionPath {
  const { messages } = history;
  const firstSent: [Map<string, number>, Map<string, number>] = [new Map(), new Map()];
  const steps: Step[] = [];
  let last: Standing | undefined;
  for (let row = 0; row < rows.length; row++) {
    const message = rows[row];
    const fromClient = history.fromClient(message);
    const names = firstSent[fromClient ? 0 : 1];
    const name = messages.name(message);
    if (!names.has(name)) names.set(name, message);
    const { before, after } = standingAt(history, message);
    if (last && !isSame(last, before)) {
      steps.push({ message, silent: true, fromClient, before: last, after: before, finding: undefined });
    }
    const finding = brokenStep(history, message);
    if (finding || !isSame(before, after)) steps.push({ message, silent: false, fromClient, before, after, finding });
    last = after;
  }
  const start = rows.length === 0 ? NOWHERE : standingAt(history, rows[0]).before;
  return { connection, start, steps, firstSent };
}

const NOWHERE: Standing = [UNKNOWN_STATE, UNKNOWN_STATE];

/** Where client and server stood before a message, and after it. */
export function standingAt(history: History, message: number): { readonly before: Standing; readonly after: Standing } {
  const { messages, connections } = history;
  const client = connections.clientSide(messages.connection(message));
  const server = client === 0 ? 1 : 0;
  return {
    before: [messages.stateBefore(message, client), messages.stateBefore(message, server)],
    after: [messages.stateAfter(message, client), messages.stateAfter(message, server)],
  };
}

/** The finding on a message that says that its step is illegal. */
export function brokenStep(history: History, message: number): Finding | undefined {
  const { messages, connections, findings } = history;
  if (messages.severity(message) === 0) return undefined;
  const { rules } = connections.protocol(messages.connection(message)).machine;
  return findings
    .ofMessage(message)
    .map(index => findings.list[index])
    .find(({ ruleId }) => rules.includes(ruleId));
}

/** How many of the steps were taken up to a message, itself included. */
export function stepsUpTo({ steps }: ConnectionPath, message: number): number {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (steps[middle].message <= message) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isSame(a: Standing, b: Standing): boolean {
  return a[0] === b[0] && a[1] === b[1];
}
