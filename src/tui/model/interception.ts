/**
 * What the proxy holds, as the model knows it: handed in whenever it changes, with the time, so that it is seen how long
 * each waits. A hold is a row for each of its messages. What somebody changes stays here until it is forwarded; nothing
 * is forwarded here (effects.ts).
 */
import { editedUnit } from '../../proxy/edited-unit.ts';
import type { Edited, Editing, EditOptions } from '../../proxy/editing.ts';
import type { HeldMessage, HeldUnit, OpenFlow } from '../../proxy/holds.ts';
import { UsageError } from '../../settings/words.ts';
import { Message } from '../../wire/message.ts';
import type { OpenedContent } from './opened.ts';

/** How it stands at the proxy. */
export interface InterceptionState {
  readonly held: readonly HeldUnit[];
  readonly flows: readonly OpenFlow[];
  readonly breakOn: string | undefined;
  readonly faults: readonly string[];
}

export interface HeldRow {
  /** As it would be passed on. */
  readonly unit: HeldUnit;
  /** Which of its messages, counted from 0; of bytes that nobody could cut there is none. */
  readonly index: number;
  readonly message: HeldMessage | undefined;
  readonly isEdited: boolean;
}

/** For who shows its fields and bytes. */
export function contentOf({ unit, message }: HeldRow): OpenedContent {
  if (message) return message;
  const view = new Message();
  view.assign(unit.wire, 0, unit.wire.length, unit.wire.length);
  return { message: view, layout: undefined, name: '', protocol: '', findings: [] };
}

interface Edit {
  readonly unit: HeldUnit;
  readonly notes: readonly string[];
}

export class Interception {
  readonly editing: Editing;
  rows: readonly HeldRow[] = [];
  flows: readonly OpenFlow[] = [];
  breakOn: string | undefined = undefined;
  faults: readonly string[] = [];
  /** Milliseconds since the Unix epoch. */
  now = 0;
  /** Grows with whatever is seen of it. */
  version = 0;
  #held: readonly HeldUnit[] = [];
  readonly #edits = new Map<number, Edit>();
  #selected: HeldRow | undefined = undefined;
  #aimed: HeldRow | undefined = undefined;

  constructor(editing: Editing) {
    this.editing = editing;
  }

  /** Holds there are. */
  get count(): number {
    return this.#held.length;
  }

  /** Milliseconds for which the oldest has waited. */
  get longest(): number {
    const [oldest] = this.#held;
    return oldest ? this.waited(oldest) : 0;
  }

  get selected(): HeldRow | undefined {
    return this.#selected;
  }

  /** Place of the chosen row; negative where there is none: of the one in its place, and less one. */
  get selectedRow(): number {
    const chosen = this.#selected;
    if (!chosen) return -1;
    const { id } = chosen.unit;
    const place = this.rows.findIndex(({ unit, index }) => unit.id > id || (unit.id === id && index >= chosen.index));
    if (place < 0) return -this.rows.length - 1;
    const { unit, index } = this.rows[place];
    return unit.id === id && index === chosen.index ? place : -place - 1;
  }

  waited({ since }: HeldUnit): number {
    return Math.max(0, this.now - since);
  }

  take({ held, flows, breakOn, faults }: InterceptionState, now: number): void {
    this.#held = held;
    this.flows = flows;
    this.breakOn = breakOn;
    this.faults = faults;
    this.now = now;
    for (const id of [...this.#edits.keys()]) if (!held.some(unit => unit.id === id)) this.#edits.delete(id);
    this.#list();
  }

  select(row: number): void {
    this.#selected = this.rows[row];
  }

  /** The chosen row is what the line that is being written is about, whatever is chosen when it is accepted. */
  aim(): void {
    this.#aimed = this.#selected;
  }

  /** Throws a `UsageError` when it is no longer held. */
  aimed(): HeldRow {
    const row = this.rows.find(({ unit, index }) => unit.id === this.#aimed?.unit.id && index === this.#aimed.index);
    if (!row) throw new UsageError(`hold ${this.#aimed?.unit.id ?? 0} is no longer held`);
    return row;
  }

  // Changes

  /** What was changed, a note each; none where nothing was. */
  notesOn({ id }: HeldUnit): readonly string[] {
    return this.#edits.get(id)?.notes ?? [];
  }

  /**
   * Throws a `UsageError` for what cannot be done.
   * @param mend see `EditOptions`
   */
  edit({ unit, index }: HeldRow, mend: boolean, make: (unit: HeldUnit, options: EditOptions) => Edited): string {
    const { wire, note } = make(unit, { message: index, mend });
    const notes = [...this.notesOn(unit), note];
    const changed = editedUnit(unit, index, wire);
    const messages = changed.messages.map((held, place) =>
      place === index ? this.editing.seenAgain(held, unit.from) : held,
    );
    this.#edits.set(unit.id, { unit: { ...changed, messages }, notes });
    this.#list();
    return note;
  }

  /** False where nothing was changed. */
  revert({ unit }: HeldRow): boolean {
    const wasEdited = this.#edits.delete(unit.id);
    this.#list();
    return wasEdited;
  }

  /** What is to be passed on in place of a hold, each once; in the order in which they were held. */
  units(): readonly HeldUnit[] {
    return this.#held.map(unit => this.#edits.get(unit.id)?.unit ?? unit);
  }

  #list(): void {
    this.rows = this.units().flatMap((unit): readonly HeldRow[] => {
      const isEdited = this.#edits.has(unit.id);
      if (unit.messages.length === 0) return [{ unit, index: 0, message: undefined, isEdited }];
      return unit.messages.map((message, index) => ({ unit, index, message, isEdited }));
    });
    // The same hold is another row once it is changed; what is gone gives way to what stands in its place.
    const place = this.selectedRow;
    this.#selected = this.rows[place >= 0 ? place : Math.min(-place - 1, this.rows.length - 1)];
    this.version++;
  }
}
