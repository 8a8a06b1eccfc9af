/** What keys go to: the views, a line that is being edited, a question, a text that lies over the views, or a list to choose from. */

import type { ColumnList } from '../panes/columns.ts';
import type { PickerRow } from '../panes/picker.ts';
import type { Line } from '../text/line.ts';
import type { EditedLine } from './command-line.ts';

export type LinePurpose =
  | 'filter'
  | 'find'
  | 'command'
  | 'decode-as'
  | 'dialect'
  | 'export-connection'
  | 'export-message'
  | 'export-filtered'
  | 'export-stream'
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

/** A row that can be chosen. */
export interface PickableRow extends PickerRow {
  readonly choose: () => void;
  /** Takes the row away for good; absent where that is not to be done from here. */
  readonly forget?: () => void;
}

export interface PickerSource {
  readonly title: string;
  /** What may be typed, for the empty line. */
  readonly hint: string;
  /** What keys do here, for the status line. */
  readonly keys: string;
  /** Why there are no rows. */
  readonly empty: string;
  rows(typed: string): readonly PickableRow[];
  /** Backspace where nothing is typed, and Left. */
  goUp?(): void;
  /** Esc where nothing is typed. */
  leave(): void;
}

export interface PickerMode {
  readonly kind: 'picker';
  readonly source: PickerSource;
  typed: string;
  /** Why what was chosen last could not be had, until another key is pressed. */
  complaint: string | undefined;
}

/** The columns of a list, those that are shown in their order. */
export interface ColumnsMode {
  readonly kind: 'columns';
  readonly list: ColumnList;
  readonly rows: readonly { readonly name: string; readonly isShown: boolean }[];
}

export type Mode = { readonly kind: 'browse' } | LineMode | ChoiceMode | NoticeMode | PickerMode | ColumnsMode;

export const BROWSE: Mode = { kind: 'browse' };

/** Lines above and below the panes. A line that is being edited has two under it. */
export function marginsOf(mode: Mode): { readonly top: number; readonly bottom: number } {
  if (mode.kind !== 'line') return { top: 2, bottom: 1 };
  return mode.purpose === 'filter' ? { top: 4, bottom: 1 } : { top: 2, bottom: 3 };
}
