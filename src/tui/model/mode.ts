/** What keys go to: the views, a line that is being edited, a question, or a text that lies over the views. */

import type { Line } from '../text/line.ts';
import type { EditedLine } from './command-line.ts';

export type LinePurpose =
  | 'filter'
  | 'find'
  | 'command'
  | 'decode-as'
  | 'dialect'
  | 'export'
  | 'count'
  | 'break-on'
  | 'edit'
  | 'edit-bytes';

export interface LineMode {
  readonly kind: 'line';
  readonly purpose: LinePurpose;
  /** Stands before the line: `:`, `decode as: `. */
  readonly label: string;
  /** What it began with. */
  readonly start: string;
  readonly line: EditedLine;
  /** Why it was not taken when it was accepted; until it is edited again. */
  complaint: string | undefined;
}

export interface Choice {
  readonly key: string;
  /** `value`, shown as `v value`. */
  readonly label: string;
  readonly run: () => void;
  /** Esc and Enter mean it, too. */
  readonly isNo?: boolean;
}

/**
 * A question with a no waits for one of its answers: other keys do nothing. One that is only a list of things to do is taken away
 * by any other key, which does nothing else.
 */
export interface ChoiceMode {
  readonly kind: 'choice';
  readonly question: string;
  readonly choices: readonly Choice[];
  /** What a key that quits does: it was pressed for the second time, perhaps. Absent: what any other key does. */
  readonly again?: (() => void) | undefined;
}

export interface NoticeMode {
  readonly kind: 'notice';
  readonly title: string;
  readonly lines: readonly Line[];
}

export type Mode = { readonly kind: 'browse' } | LineMode | ChoiceMode | NoticeMode;

export const BROWSE: Mode = { kind: 'browse' };
