/** The views and the panes in them, by the names that the key table, `:view`, the layout and tests use. */

/** In the order of their numbers, from 1. */
export const NUMBERED_VIEWS = ['connections', 'conversation', 'message', 'findings', 'states', 'statistics'] as const;
export type NumberedView = (typeof NUMBERED_VIEWS)[number];
export const VIEWS = [...NUMBERED_VIEWS, 'flows', 'counts', 'log', 'held', 'help'] as const;
/** Those that `:view` names. */
export const NAMED_VIEWS = [...NUMBERED_VIEWS, 'flows'] as const;
export type View = (typeof VIEWS)[number];

export type PaneKind =
  | 'connections'
  | 'messages'
  | 'fields'
  | 'hex'
  | 'findings'
  | 'finding'
  | 'machine'
  | 'statistics'
  | 'flows'
  | 'flow'
  | 'counts'
  | 'log'
  | 'held'
  | 'help'
  /** Text of the model's own, over all others: what a dialect has changed. */
  | 'notice';

/** The panes of a view in the order in which `Tab` goes round. A small screen may leave the last ones out. */
export const PANES_OF: Readonly<Record<View, readonly PaneKind[]>> = {
  connections: ['connections'],
  conversation: ['messages', 'fields', 'hex'],
  message: ['fields', 'hex'],
  findings: ['findings', 'finding'],
  states: ['messages', 'machine'],
  statistics: ['statistics'],
  flows: ['flows', 'flow'],
  counts: ['counts'],
  log: ['log'],
  held: ['held', 'fields', 'hex'],
  help: ['help'],
};

/** On the tabs, where they fit, and in titles. */
export const VIEW_TITLES: Readonly<Record<View, string>> = {
  connections: 'Connections',
  conversation: 'Conversation',
  message: 'Message',
  findings: 'Findings',
  states: 'States',
  statistics: 'Statistics',
  flows: 'Flows',
  counts: 'Counts',
  log: 'Log',
  held: 'Held',
  help: 'Help',
};
