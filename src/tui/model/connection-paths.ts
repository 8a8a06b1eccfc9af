/** The way a connection took through its states, kept until it has got more messages or findings, or another one is looked at. */
import type { History } from '../../history/history.ts';
import { type ConnectionPath, pathOf } from '../../history/path.ts';

export class ConnectionPaths {
  #history: History | undefined = undefined;
  #rows: ArrayLike<number> | undefined = undefined;
  #connection = 0;
  /** Steps name the findings that they broke a rule with. */
  #findings = -1;
  #path: ConnectionPath | undefined = undefined;

  /** @param rows the connection's messages, the same list as long as there are no more; absent: they are looked for */
  of(history: History, connection: number, rows: ArrayLike<number> | undefined): ConnectionPath {
    if (this.#path && this.#isKept(history, connection) && this.#isWhole(rows)) return this.#path;
    this.#history = history;
    this.#connection = connection;
    this.#findings = history.findings.version;
    this.#rows = rows ?? history.connections.messagesOf(connection);
    this.#path = pathOf(history, connection, this.#rows);
    return this.#path;
  }

  #isKept(history: History, connection: number): boolean {
    const isSame = this.#history === history && this.#connection === connection;
    return isSame && this.#findings === history.findings.version;
  }

  #isWhole(rows: ArrayLike<number> | undefined): boolean {
    if (rows) return this.#rows === rows;
    return this.#rows?.length === this.#history?.connections.messages(this.#connection);
  }
}
