/**
 * The roles and states of a connection, by number. Apart from the machine, whose table names the rules: rules and what
 * remembers connections ask for states, and would stand in a circle with it.
 */
export const ROLES = ['client', 'server'] as const;
export const STATES = ['NONE', 'SYN-SENT', 'OPEN', 'CLIENT-CLOSED', 'SERVER-CLOSED', 'CLOSED', 'REFUSED'] as const;
export type State = (typeof STATES)[number];

export const stateNumber = (name: State): number => STATES.indexOf(name);
/** From this state on nobody may send any more. */
const FIRST_FINAL = stateNumber('CLOSED');
export const isFinal = (state: number): boolean => state >= FIRST_FINAL;
