/**
 * The first messages of the chosen connection, beside the list of connections. They are looked up when there is time, no
 * more of them than fit, so that going fast over many connections costs nothing.
 */
import type { History } from '../../history/history.ts';
import type { MessageFiltering } from './filtering.ts';

/** Messages of the run that are looked at, from the connection's first on: those of others stand between. */
const MOST_LOOKED_AT = 4096;

export class Preview {
  #rows: Uint32Array = new Uint32Array(0);
  #asked: readonly unknown[] = [];

  /** The rows of this connection of this run; undefined while they were not looked up. */
  of(history: History, connection: number): Uint32Array | undefined {
    return this.#asked[0] === history && this.#asked[1] === connection ? this.#rows : undefined;
  }

  /**
   * @param most rows that fit
   * @returns whether the rows are others than before
   */
  update(history: History, connection: number, most: number, filter: MessageFiltering | undefined): boolean {
    if (!history.connections.has(connection)) return false;
    const count = Math.min(most, history.connections.messages(connection));
    const asked = [history, connection, count, filter, filter?.version];
    if (asked.every((value, index) => value === this.#asked[index])) return false;
    this.#asked = asked;
    this.#rows = firstOf(history, connection, count, filter);
    return true;
  }
}

function firstOf(
  { connections, messages }: History,
  connection: number,
  most: number,
  filter: MessageFiltering | undefined,
): Uint32Array {
  const first = connections.first(connection);
  const last = Math.min(connections.last(connection), first + MOST_LOOKED_AT);
  const found: number[] = [];
  for (let message = first; message >= 0 && message <= last && found.length < most; message++) {
    if (messages.connection(message) !== connection || (filter && !filter.isMatch(message))) continue;
    found.push(message);
  }
  return Uint32Array.from(found);
}
