/**
 * What messages are called and which layout they have, each pair under a small number. Names that are no layout's come
 * from the wire (`unknown type 0x09`), so there is a bound; beyond it they share one name.
 */
import { UNKNOWN_MESSAGE } from '../protocol/protocol.ts';
import type { Layout } from '../wire/layout.ts';

/** 12 bits. */
const MOST_KINDS = 4096;

interface Kind {
  readonly name: string;
  readonly layout: Layout | undefined;
}

export class Kinds {
  readonly #kinds: Kind[] = [{ name: UNKNOWN_MESSAGE, layout: undefined }];
  readonly #ofLayout = new Map<Layout, number>();
  /** Messages of one kind often follow each other. */
  #lastLayout: Layout | undefined = undefined;
  #lastNumber = 0;
  /** Of names that differ from their layout's, or have none. */
  readonly #ofName = new Map<string, number>();

  /** The number of a message's kind; 0 when there are too many. */
  number(name: string, layout: Layout | undefined): number {
    if (layout && layout.name === name) {
      if (layout === this.#lastLayout) return this.#lastNumber;
      this.#lastLayout = layout;
      this.#lastNumber =
        this.#ofLayout.get(layout) ?? this.#add({ name, layout }, kind => this.#ofLayout.set(layout, kind));
      return this.#lastNumber;
    }
    return this.#ofName.get(name) ?? this.#add({ name, layout }, kind => this.#ofName.set(name, kind));
  }

  name(kind: number): string {
    return this.#kinds[kind].name;
  }

  layout(kind: number): Layout | undefined {
    return this.#kinds[kind].layout;
  }

  #add(kind: Kind, remember: (number: number) => void): number {
    if (this.#kinds.length === MOST_KINDS) return 0;
    const number = this.#kinds.push(kind) - 1;
    remember(number);
    return number;
  }
}
