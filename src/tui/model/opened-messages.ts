/**
 * The messages that are read for the panes of fields and bytes: the chosen one of the run, and the chosen row of what the
 * proxy holds. Each is kept until another is chosen, and the next one opens at the same field.
 */
import { contentOf, type HeldRow } from './interception.ts';
import { layersOf } from './message-layers.ts';
import type { RunLike } from './model-options.ts';
import { OpenedMessage } from './opened.ts';

export class OpenedMessages {
  readonly #toggled: Set<string>;
  #message: OpenedMessage | undefined = undefined;
  #hold: { readonly row: HeldRow; readonly opened: OpenedMessage } | undefined = undefined;

  /** @param toggled paths of fields that are folded, and of lower layers that are not */
  constructor(toggled: Set<string>) {
    this.#toggled = toggled;
  }

  /** @param number of the history; undefined for one that it does not have */
  message({ history, frames, bytes }: RunLike, number: number): OpenedMessage | undefined {
    if (number < 0 || number >= history.messages.count) return undefined;
    if (this.#message?.number !== number) {
      const what = { number, comment: history.comment(number) };
      const path = this.#message?.field?.path;
      const layers = frames ? layersOf(history, frames, number) : [];
      this.#message = new OpenedMessage(history.recall(number, bytes), what, this.#toggled, path, layers);
    }
    return this.#message;
  }

  /** A row of what is held, as it would be passed on. */
  hold(row: HeldRow): OpenedMessage {
    const last = this.#hold;
    if (last && last.row.unit === row.unit && last.row.index === row.index) return last.opened;
    const path = last?.opened.field?.path;
    const opened = new OpenedMessage(contentOf(row), { number: -1, comment: '' }, this.#toggled, path);
    this.#hold = { row, opened };
    return opened;
  }

  /** Selects a byte of the message, if it is the one that is open. */
  selectByte(number: number, offset: number): void {
    if (this.#message?.number === number) this.#message.selectMessageByte(offset);
  }

  /** The run is another one: its messages have other numbers. */
  forget(): void {
    this.#message = undefined;
  }
}
