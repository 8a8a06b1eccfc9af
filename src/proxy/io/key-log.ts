/**
 * The file that SSLKEYLOGFILE names: a line for each secret of a TLS connection, as Wireshark and others read them to
 * decrypt what was captured on the wire. Lines are appended, so that several programs may share it.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { UsageError } from '../../settings/words.ts';
import { reasonOf, TO_WRITE } from '../../system-errors.ts';

/** For the owner alone: the secrets decrypt the traffic. */
const MODE = 0o600;

export class KeyLog {
  readonly #file: FileHandle;
  readonly #onProblem: (reason: string) => void;
  #written: Promise<void> = Promise.resolve();
  #isOver = false;

  private constructor(file: FileHandle, onProblem: (reason: string) => void) {
    this.#file = file;
    this.#onProblem = onProblem;
  }

  /** @throws UsageError when it cannot be written */
  static async open(path: string, onProblem: (reason: string) => void): Promise<KeyLog> {
    try {
      return new KeyLog(await open(path, 'a', MODE), onProblem);
    } catch (error) {
      throw new UsageError(`SSLKEYLOGFILE: cannot write ${path}: ${reasonOf(error, TO_WRITE)}`);
    }
  }

  /** @param line with its end */
  append(line: Uint8Array): void {
    this.#written = this.#written.then(async () => {
      if (!this.#isOver) await this.#file.write(line);
    });
    this.#written = this.#written.catch(error => {
      this.#isOver = true;
      this.#onProblem(reasonOf(error, TO_WRITE));
    });
  }

  async close(): Promise<void> {
    await this.#written;
    this.#isOver = true;
    await this.#file.close();
  }
}
