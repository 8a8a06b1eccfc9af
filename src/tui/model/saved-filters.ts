/**
 * Filters under a name: saved from the one in force, put in force again by `@NAME` wherever a filter is entered, or from a
 * list. They are remembered from session to session, and so are the filters that were entered.
 */
import type { FieldCatalogue } from '../../filter/catalogue.ts';
import { complete as completeFilter, type SeenMembers } from '../../filter/complete.ts';
import { notAmong } from '../../filter/words.ts';
import type { Candidates } from './command-line.ts';
import { filterProblem } from './filtering.ts';
import { withLatest } from './memory.ts';
import type { PickableRow, PickerSource } from './mode.ts';
import { openPicker } from './picker.ts';
import type { ModelState } from './state.ts';

/** Stands before the name of one. No filter begins with it. */
const SIGN = '@';
const NAME = /^[\p{L}\p{N}_.-]{1,40}$/u;

type Saved = Readonly<Record<string, string>>;

/** What is wrong with a filter's text, or with the name of a saved one. */
export interface SavedProblem {
  /** From 1; for a saved filter the name's own. */
  readonly column: number;
  readonly reason: string;
}

/** The filter that a text stands for: itself, or the saved one that `@NAME` names. Undefined for a name that there is not. */
function filterMeant({ memory }: ModelState, text: string): string | undefined {
  const name = nameIn(text);
  if (name === undefined) return text;
  const { savedFilters } = memory.remembered;
  return Object.hasOwn(savedFilters, name) ? savedFilters[name] : undefined;
}

/** As `filterProblem`, for a text that may name a saved filter. */
export function meantProblem(model: ModelState, text: string): SavedProblem | undefined {
  const name = nameIn(text);
  if (name === undefined) return filterProblem(text, model.catalogue);
  const column = text.indexOf(SIGN) + 1;
  const meant = filterMeant(model, text);
  if (meant === undefined) return { column, reason: unknownName(model, name) };
  const problem = filterProblem(meant, model.catalogue);
  return problem && { column, reason: `saved as ${meant}: ${problem.reason}` };
}

/** In their order. */
export function savedNames({ memory }: ModelState): readonly string[] {
  return Object.keys(memory.remembered.savedFilters).toSorted();
}

/** What may stand in a filter, or the name of a saved one. */
export function completeSaved(
  names: readonly string[],
  text: string,
  cursor: number,
  catalogue: FieldCatalogue,
  seen: SeenMembers,
): Candidates {
  const before = text.slice(0, cursor);
  const name = nameIn(before);
  if (name === undefined) return completeFilter(text, cursor, catalogue, seen);
  const candidates = names.filter(known => known.startsWith(name)).map(known => SIGN + known);
  return { from: before.indexOf(SIGN), candidates };
}

/** Puts it in force and remembers it. @returns what is wrong with it */
export function enterFilter(model: ModelState, text: string): string | undefined {
  const problem = meantProblem(model, text);
  if (problem) return `column ${problem.column}: ${problem.reason}`;
  const meant = filterMeant(model, text) ?? '';
  model.setFilter(meant);
  if (meant.trim() !== '') {
    const { memory } = model;
    memory.remember({ filters: withLatest(memory.remembered.filters, meant) });
    model.lineHistory('filter').add(meant);
  }
  return undefined;
}

/** Saves the filter in force. @returns why it cannot be */
export function saveFilter(model: ModelState, argument: string): string | undefined {
  const name = argument.replace(/^@/, '');
  const { filter, memory } = model;
  if (!filter) return 'no filter to save; / enters one';
  if (!NAME.test(name)) return 'a name has letters, digits, _, - and . only, 40 at most';
  const { savedFilters } = memory.remembered;
  const before = Object.hasOwn(savedFilters, name) ? savedFilters[name] : undefined;
  memory.remember({ savedFilters: { ...without(savedFilters, name), [name]: filter.text } });
  const instead = before === undefined || before === filter.text ? '' : `, in place of ${before}`;
  model.say(`saved as ${SIGN}${name}${instead}`, 'good');
  return undefined;
}

/** @returns why it cannot be forgotten */
export function forgetFilter(model: ModelState, argument: string): string | undefined {
  const name = argument.replace(/^@/, '');
  const { savedFilters } = model.memory.remembered;
  if (!Object.hasOwn(savedFilters, name)) return unknownName(model, name);
  model.memory.remember({ savedFilters: without(savedFilters, name) });
  model.say(`forgot ${SIGN}${name}`);
  return undefined;
}

export function openSavedFilters(model: ModelState): void {
  const isAny = Object.keys(model.memory.remembered.savedFilters).length > 0;
  if (isAny || model.filter) openPicker(model, new SavedFilters(model));
  else model.say('no saved filters, and no current one to save; / enters one', 'dim');
}

class SavedFilters implements PickerSource {
  readonly title = 'Saved filters';
  readonly #model: ModelState;

  constructor(model: ModelState) {
    this.#model = model;
  }

  get hint(): string {
    return this.#model.filter ? 'type a name to save the current filter, or to narrow' : 'type to narrow';
  }

  get keys(): string {
    return 'Enter applies or saves, Delete forgets, Esc closes';
  }

  get empty(): string {
    return this.#model.filter ? `type a name to save ${this.#model.filter.text}` : 'no filter by that name';
  }

  rows(typed: string): readonly PickableRow[] {
    const { memory, filter } = this.#model;
    const { savedFilters } = memory.remembered;
    const word = typed.toLowerCase();
    const saved = savedNames(this.#model)
      .filter(name => `${name} ${savedFilters[name]}`.toLowerCase().includes(word))
      .map(name => this.#savedRow(name, savedFilters[name] ?? ''));
    if (!filter || !NAME.test(typed)) return saved;
    const isKnown = Object.hasOwn(savedFilters, typed);
    const save: PickableRow = {
      kind: isKnown ? 'replace' : 'save',
      name: typed,
      detail: filter.text,
      role: 'key',
      choose: () => this.#done(saveFilter(this.#model, typed)),
    };
    // Who types a whole name means that one first.
    return isKnown
      ? [...saved.filter(({ name }) => name === typed), save, ...saved.filter(({ name }) => name !== typed)]
      : [...saved, save];
  }

  leave(): void {
    this.#model.closeMode();
  }

  #savedRow(name: string, text: string): PickableRow {
    return {
      kind: 'saved',
      name,
      detail: text,
      choose: () => this.#done(enterFilter(this.#model, SIGN + name)),
      forget: () => forgetFilter(this.#model, name),
    };
  }

  #done(problem: string | undefined): void {
    const { mode } = this.#model;
    if (problem === undefined) this.#model.closeMode();
    else if (mode.kind === 'picker') mode.complaint = problem;
  }
}

function nameIn(text: string): string | undefined {
  const trimmed = text.trim();
  return trimmed.startsWith(SIGN) ? trimmed.slice(SIGN.length) : undefined;
}

function unknownName(model: ModelState, name: string): string {
  const names = savedNames(model);
  return names.length === 0 ? 'no saved filters yet; S saves the current one' : notAmong('saved filter', name, names);
}

function without(saved: Saved, name: string): Saved {
  return Object.fromEntries(Object.entries(saved).filter(([other]) => other !== name));
}
