/**
 * Which connections have a message that a test holds for, found out message by message: connections lie within each other, and
 * asking each for its messages would go over all of them as often as there are connections. It begins at a message and goes
 * round, so that what comes next is known soon.
 */
import type { History } from '../../history/history.ts';

export class ConnectionScan {
  readonly #history: History;
  readonly #test: (message: number) => boolean;
  readonly #count: number;
  readonly #from: number;
  readonly #first = new Map<number, number>();
  #asked = 0;

  /** @param from the message to begin at */
  constructor(history: History, test: (message: number) => boolean, from: number) {
    this.#history = history;
    this.#test = test;
    this.#count = history.messages.count;
    this.#from = Math.max(0, Math.min(from, this.#count));
  }

  /** 0..1 */
  get progress(): number {
    return this.#count === 0 ? 1 : this.#asked / this.#count;
  }

  /** The first message of a connection that the test was found to hold for. */
  messageOf(connection: number): number | undefined {
    return this.#first.get(connection);
  }

  /** All messages of a connection were asked. */
  isPast(connection: number): boolean {
    if (this.#asked >= this.#count) return true;
    const { connections } = this.#history;
    const last = connections.last(connection);
    const ahead = Math.min(this.#count, this.#from + this.#asked);
    if (connections.first(connection) >= this.#from && last < ahead) return true;
    return last < this.#asked - (this.#count - this.#from);
  }

  step(): void {
    const message = (this.#from + this.#asked++) % this.#count;
    const connection = this.#history.messages.connection(message);
    if (!this.#first.has(connection) && this.#test(message)) this.#first.set(connection, message);
  }
}
