/**
 * What messages in sight have of the fields that somebody chose as columns. They are read from the capture within a budget
 * of time and kept, as the few fields of each row are (briefs.ts): scrolling waits for no file.
 */
import { catalogueOf } from '../../filter/catalogue.ts';
import { type FieldValues, fieldValues } from '../../filter/field-values.ts';
import { MessageSubject } from '../../filter/message-subject.ts';
import type { History } from '../../history/history.ts';
import type { CaptureBytes } from '../../history/recall.ts';
import { countingProblem } from './counting.ts';
import { IndexedMessage } from './indexed-message.ts';

const MOST_KEPT = 4096;
const MOST_VALUES = 8;
/** Characters of a value that are kept: more are never seen in a column. */
const MOST_TEXT = 256;
/** Of longer messages no field is read: it may take longer than a user waits for a row. */
const LONGEST = 256 * 1024;

interface Reading {
  readonly history: History;
  readonly seen: IndexedMessage;
  readonly subject: MessageSubject;
  readonly fields: readonly FieldValues[];
}

export class FieldCells {
  readonly #kept = new Map<number, ReadonlyMap<string, string>>();
  #names = '';
  #reading: Reading | undefined = undefined;

  /** Undefined while it was not read yet; several values stand behind each other. */
  get(message: number, field: string): string | undefined {
    return this.#kept.get(message)?.get(field);
  }

  /** Another run: all is read again. */
  clear(): void {
    this.#kept.clear();
    this.#reading = undefined;
  }

  /**
   * Reads those of rows [from, to) that were not read yet, until `until`; at least one.
   * @param names of fields; others are passed over
   * @returns how many were read
   */
  read(
    { history, bytes }: { readonly history: History; readonly bytes: CaptureBytes },
    names: readonly string[],
    rows: ArrayLike<number>,
    [from, to]: readonly [number, number],
    until: number,
    now: () => number,
  ): number {
    const reading = this.#readingOf(history, bytes, names);
    if (reading.fields.length === 0) return 0;
    let count = 0;
    for (let row = from; row < Math.min(to, rows.length); row++) {
      if (this.#kept.has(rows[row])) continue;
      this.#keep(rows[row], valuesIn(reading, rows[row]));
      count++;
      if (now() >= until) break;
    }
    return count;
  }

  #readingOf(history: History, bytes: CaptureBytes, names: readonly string[]): Reading {
    const asked = names.join();
    if (this.#reading?.history === history && this.#names === asked) return this.#reading;
    this.clear();
    this.#names = asked;
    const catalogue = catalogueOf(history.protocols);
    const fields = names
      .filter(name => countingProblem(name, catalogue) === undefined)
      .map(name => fieldValues(name, catalogue));
    const seen = new IndexedMessage(history, bytes);
    this.#reading = { history, seen, subject: new MessageSubject(seen, { seconds: 0, nanoseconds: 0 }), fields };
    return this.#reading;
  }

  #keep(message: number, values: ReadonlyMap<string, string>): void {
    if (this.#kept.size === MOST_KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    this.#kept.set(message, values);
  }
}

function valuesIn({ history, seen, subject, fields }: Reading, message: number): ReadonlyMap<string, string> {
  const isLong = history.messages.length(message) > LONGEST;
  const shown = seen.show(message);
  const asked = subject.show(shown, history.origin(shown.capture));
  return new Map(
    fields.map(({ name, of }) => {
      const values = isLong ? [] : [...of(asked)].slice(0, MOST_VALUES);
      return [name, values.map(value => value.slice(0, MOST_TEXT)).join(', ')];
    }),
  );
}
