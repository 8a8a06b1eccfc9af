/**
 * The states of one side of a connection, by number. Apart from the machine, whose table names the rules: what finds
 * words for rules and what remembers connections ask for states, and would stand in a circle with it.
 */
export const STATES = [
  'NEW',
  'COOKIE-WAIT',
  'COOKIE-ECHOED',
  'ESTABLISHED',
  'SHUTDOWN-RECEIVED',
  'SHUTDOWN-SENT',
  'SHUTDOWN-ACK-SENT',
  'CLOSED',
  'ABORTED',
] as const;
export type State = (typeof STATES)[number];

export const stateNumber = (name: State): number => STATES.indexOf(name);
/** From this state on the connection is over. */
export const FINAL_STATE = stateNumber('CLOSED');
