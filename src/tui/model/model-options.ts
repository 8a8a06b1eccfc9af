/** What a model is given to begin with, and what it looks at of a run. */
import type { KeyMap } from '../key-map.ts';
import type { Run } from '../run.ts';
import type { Role } from '../text/line.ts';
import type { ScreenSettings } from './effects.ts';
import type { Interception } from './interception.ts';
import type { Memory } from './memory.ts';
import type { ProxyLog } from './proxy-log.ts';

/** What the model looks at of a run. */
export type RunLike = Pick<
  Run,
  'history' | 'bytes' | 'state' | 'read' | 'total' | 'live' | 'rates' | 'report' | 'unreadable'
> &
  Partial<Pick<Run, 'options' | 'frames'>>;

export interface ModelOptions {
  /** What the run is judged by. */
  readonly settings: ScreenSettings;
  /** Names that `:theme` knows. */
  readonly themes: readonly string[];
  /** The one that is drawn with; the first if absent. */
  readonly theme?: string | undefined;
  /** Those of the table if absent. */
  readonly keys?: KeyMap | undefined;
  /** A filter without a problem (see `filterProblem` of filtering.ts) to begin with. */
  readonly filter?: string;
  /** Captures that were named, and why some of them were not even opened, a line each. */
  readonly captures?: number;
  readonly unopened?: readonly string[];
  /** What passes through it is what the run is over. */
  readonly proxy?: ProxyLog | undefined;
  /** What that holds. */
  readonly interception?: Interception | undefined;
  /** What earlier sessions left; absent: nothing, and nothing is kept. */
  readonly memory?: Memory | undefined;
  /** Ring for findings as they come; false if absent. */
  readonly bell?: boolean | undefined;
}

/** The status line's message. */
export interface Said {
  readonly text: string;
  readonly role: Role;
}
