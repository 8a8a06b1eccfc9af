/**
 * The captures that the user named, and those of them that cannot be shown: some could not be opened, others turn out
 * not to be captures only when they are read. Each is reported once, however often the captures are judged again.
 */
import { counted } from '../../report/numbers.ts';
import type { Run } from '../run.ts';

export class NamedCaptures {
  readonly count: number;
  readonly #unopened: readonly string[];
  #reported = 0;

  /** @param unopened why some could not even be opened, a line each */
  constructor(count: number, unopened: readonly string[]) {
    this.count = count;
    this.#unopened = unopened;
  }

  /** Those that cannot be read. */
  missing({ unreadable }: Pick<Run, 'unreadable'>): number {
    return this.#unopened.length + unreadable.length;
  }

  /** `cannot read x.pcap: no such file; 1 of 2 captures is shown`, if there are more of them than were reported. */
  news(run: Pick<Run, 'unreadable'>): string | undefined {
    const missing = this.missing(run);
    if (missing <= this.#reported) return undefined;
    this.#reported = missing;
    const last = run.unreadable.at(-1) ?? this.#unopened.at(-1);
    const others = missing === 1 ? '' : `, and ${counted(missing - 1, 'other')}`;
    const shown = this.count - missing;
    const rest = `${shown} of ${counted(this.count, 'capture')} ${shown === 1 ? 'is' : 'are'} shown`;
    return `cannot read ${last}${others}; ${rest}`;
  }
}
