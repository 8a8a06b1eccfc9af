/**
 * The two switches beside the filter: only what has findings, only what is marked. A connection is marked itself, or has a message
 * that is; of a marked connection all messages are shown. Findings are shown with what they stand on.
 */
import type { History } from '../../history/history.ts';
import type { Marks } from './marks.ts';

export interface Switches {
  readonly findings: boolean;
  readonly marked: boolean;
}

export const ALL_SHOWN: Switches = { findings: false, marked: false };

/** Whether any of them is on. */
export function narrows({ findings, marked }: Switches): boolean {
  return findings || marked;
}

/** What the switches let through. */
export interface Narrowing {
  /** The same as long as it lets the same through, but for findings that come. */
  readonly key: string;
  message(message: number): boolean;
  connection(connection: number): boolean;
  /** @param place in the history's list */
  finding(place: number): boolean;
}

/** Nothing where all is shown. */
export function narrowingOf(switches: Switches, marks: Marks, history: History): Narrowing | undefined {
  const { findings, marked } = switches;
  if (!narrows(switches)) return undefined;
  const { messages, connections } = history;
  const ofMessages = marks.marked('message', history);
  const ofConnections = marks.marked('connection', history);
  const around = new Set([...ofConnections, ...Array.from(ofMessages, message => messages.connection(message))]);
  const isMarked = (message: number) => ofMessages.has(message) || ofConnections.has(messages.connection(message));
  return {
    key: `${findings} ${marked ? `${[...ofMessages]} ${[...ofConnections]}` : ''}`,
    message: message => (!findings || messages.severity(message) > 0) && (!marked || isMarked(message)),
    connection: number => (!findings || connections.findings(number) > 0) && (!marked || around.has(number)),
    finding: place => {
      const message = history.findings.messageOf(place);
      const { connection } = history.findings.list[place];
      return !marked || (message >= 0 ? isMarked(message) : ofConnections.has(connection));
    },
  };
}
