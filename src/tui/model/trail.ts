/** The way back: the views that one came through, and which pane was in focus there. No view stands on it twice. */
import type { PaneKind, View } from '../views.ts';

/** Where one is when one goes elsewhere, to come back to. */
export interface Stop {
  readonly view: View;
  readonly focus: PaneKind;
}

const FIRST_FOCUS: Readonly<Record<View, PaneKind>> = {
  connections: 'connections',
  conversation: 'messages',
  message: 'fields',
  findings: 'findings',
  states: 'messages',
  statistics: 'statistics',
  messages: 'messages',
  flows: 'flows',
  counts: 'counts',
  stream: 'stream',
  compare: 'compared',
  log: 'log',
  held: 'held',
  help: 'help',
};

export class Trail {
  readonly #stops: Stop[] = [];

  /** The view that one came from last. */
  get last(): View | undefined {
    return this.#stops.at(-1)?.view;
  }

  /** To a view from another one. Who has come through it goes back to it. @returns the pane to be in focus there */
  go(view: View, from: Stop): PaneKind {
    const before = this.#stops.findIndex(stop => stop.view === view);
    if (before >= 0) return this.#stops.splice(before)[0].focus;
    this.#stops.push(from);
    return FIRST_FOCUS[view];
  }

  clear(): void {
    this.#stops.length = 0;
  }

  /** Undefined at the top, where there is nothing to go back to. */
  back(): Stop | undefined {
    return this.#stops.pop();
  }
}
