/**
 * What to draw, as plain data: `compose` (compose.ts) makes it, blessed boxes show it. Cells count from the upper left
 * corner of the screen, from 0. Text may hold anything; the sink makes it safe.
 */
import type { Line } from '../text/line.ts';
import type { PaneKind } from '../views.ts';

/** A box with a border of one cell on all sides. */
export interface PlacedPane {
  readonly kind: PaneKind;
  readonly x: number;
  readonly y: number;
  /** With the border. */
  readonly width: number;
  readonly height: number;
  /** Stands in the upper border; may hold what a peer has sent. Fits into it. */
  readonly title: string;
  readonly focused: boolean;
  /** At most `height - 2`, none wider than `width - 2` cells. */
  readonly lines: readonly Line[];
}

/** At most one of each stands on a screen; `complaint` and `candidates` belong to the line that is being edited. */
export type BarKind = 'tabs' | 'filter' | 'prompt' | 'complaint' | 'candidates' | 'status';

/** How a bar is set off. `good` and `error`: an edited line that holds, and one that does not. */
export type Tone = 'plain' | 'good' | 'error' | 'attention';

/** A line over the whole width. */
export interface Bar {
  readonly kind: BarKind;
  readonly y: number;
  readonly line: Line;
  readonly tone: Tone;
}

export interface ScreenPlan {
  readonly width: number;
  readonly height: number;
  readonly bars: readonly Bar[];
  /** In drawing order: a later one may lie over those before. */
  readonly panes: readonly PlacedPane[];
  /** Where a line is being edited; the cursor is hidden otherwise. */
  readonly cursor: { readonly x: number; readonly y: number } | undefined;
}
