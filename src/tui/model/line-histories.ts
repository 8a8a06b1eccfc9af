/** The lines that were typed before, by what they were for; those of filters and searches begin with earlier sessions'. */
import { LineHistory } from './command-line.ts';
import type { Memory } from './memory.ts';
import type { LinePurpose } from './mode.ts';

export class LineHistories {
  readonly #histories = new Map<LinePurpose, LineHistory>();

  of(purpose: LinePurpose, { remembered: { filters, searches } }: Memory): LineHistory {
    let history = this.#histories.get(purpose);
    if (!history) {
      history = new LineHistory(purpose === 'filter' ? filters : purpose === 'find' ? searches : []);
      this.#histories.set(purpose, history);
    }
    return history;
  }
}
