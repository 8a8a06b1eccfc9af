/**
 * What a pane shows: lines of spans, each text with the role it plays. Roles become colours in the theme, and text
 * becomes safe in the one sink (sink.ts); until then it may hold anything that a peer has sent.
 */

/** What a piece of text is for. The theme says how it looks, with 16, 256 or true colours or none at all. */
export type Role =
  | 'plain'
  /** Names of messages, headings. */
  | 'strong'
  /** What is there to be found, not to be read: offsets, times, rulers. */
  | 'dim'
  | 'heading'
  | 'key'
  | 'error'
  | 'warning'
  | 'info'
  | 'good'
  /** The two ends of a conversation. */
  | 'client'
  | 'server'
  /** What the selection elsewhere stands for: the bytes of a field, the state in force. */
  | 'match'
  /** The same, where it is at fault: the ground of a match, the voice of its severity. */
  | 'match-error'
  | 'match-warning'
  | 'match-info'
  /** Sent before; of no effect. */
  | 'faded';

export interface Span {
  readonly text: string;
  readonly role: Role;
}

export interface Line {
  readonly spans: readonly Span[];
  /** How the whole line is set off: the selected row of the pane in focus, or of another one. */
  readonly selected?: 'focus' | 'other';
}

/** Room for a pane's lines in cells, without its border. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

export const span = (text: string, role: Role = 'plain'): Span => ({ text, role });
export const line = (...spans: readonly Span[]): Line => ({ spans });
