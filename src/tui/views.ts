/** The views and the panes in them, by the names that the key table, `:view`, the layout and tests use. */

/** In the order of their numbers, from 1. */
export const NUMBERED_VIEWS = [
  'connections',
  'conversation',
  'message',
  'findings',
  'states',
  'statistics',
  'messages',
  'flows',
] as const;
export type NumberedView = (typeof NUMBERED_VIEWS)[number];
export const VIEWS = [...NUMBERED_VIEWS, 'counts', 'stream', 'compare', 'log', 'held', 'help'] as const;
export type View = (typeof VIEWS)[number];

/** Views that show a message of the run. */
export const MESSAGE_VIEWS: readonly View[] = ['conversation', 'message', 'states', 'messages'];

export type PaneKind =
  | 'connections'
  /** The first messages of the chosen connection; never in focus. */
  | 'preview'
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
  | 'stream'
  | 'compared'
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
  messages: ['messages', 'fields', 'hex'],
  flows: ['flows', 'flow'],
  counts: ['counts'],
  stream: ['stream'],
  compare: ['compared'],
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
  messages: 'All messages',
  flows: 'Flows',
  counts: 'Counts',
  stream: 'Stream',
  compare: 'Compare',
  log: 'Log',
  held: 'Held',
  help: 'Help',
};

/** The same on tabs that have less room. */
export const SHORT_TITLES: Readonly<Record<NumberedView, string>> = {
  connections: 'Conns',
  conversation: 'Convers.',
  message: 'Message',
  findings: 'Findings',
  states: 'States',
  statistics: 'Stats',
  messages: 'All',
  flows: 'Flows',
};
