/** The windows onto the rows of the panes: each is kept while its pane is out of sight. */
import type { PaneKind } from '../views.ts';
import { ScrollWindow } from './window.ts';

export class PaneWindows {
  readonly #windows = new Map<PaneKind, ScrollWindow>();

  of(kind: PaneKind): ScrollWindow {
    let window = this.#windows.get(kind);
    if (!window) {
      window = new ScrollWindow();
      this.#windows.set(kind, window);
    }
    return window;
  }

  clear(): void {
    this.#windows.clear();
  }
}
