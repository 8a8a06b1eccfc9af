/**
 * Captures to open: those that were opened lately, and a folder at a time. What is in a folder, and whether a capture is
 * still there, the app finds out (`browse` and `open` of effects.ts); here is how they are listed and narrowed.
 */
import { isUrl } from '../../capture/location.ts';
import { counted } from '../../report/numbers.ts';
import { ageInWords } from '../panes/picker.ts';
import type { RecentCapture } from './memory.ts';
import type { PickableRow, PickerSource } from './mode.ts';
import { openPicker } from './picker.ts';
import type { ModelState } from './state.ts';

export interface FolderEntry {
  readonly name: string;
  /** To open it by. */
  readonly path: string;
  readonly kind: 'folder' | 'capture' | 'file';
  /** Bytes, and when it was written to, in milliseconds since 1970; absent for what cannot be asked. */
  readonly size?: number | undefined;
  readonly modified?: number | undefined;
}

/** A capture that was opened before, and what has become of it. */
export interface RecentEntry extends RecentCapture {
  readonly name: string;
  readonly folder: string;
  /** Absent: it is not there any more. */
  readonly size?: number | undefined;
}

export interface FolderListing {
  /** Absolute. */
  readonly path: string;
  /** Absent at the root. */
  readonly parent?: string | undefined;
  /** In the order in which they are listed. */
  readonly entries: readonly FolderEntry[];
  /** Entries that were left out, because there are too many. */
  readonly omitted: number;
  /** The latest first. */
  readonly recent: readonly RecentEntry[];
  /** When it was listed, in milliseconds since 1970. */
  readonly now: number;
  /** Why the folder that was asked for could not be listed, and this one is shown instead. */
  readonly problem?: string | undefined;
}

/** Recent captures that are listed ahead of the folder while nothing is typed. */
const MOST_RECENT = 8;

const NOT_LISTED: FolderListing = { path: '', entries: [], omitted: 0, recent: [], now: 0 };

/** Asks for what there is to choose from, and shows it as it comes. */
export function openCaptures(model: ModelState): void {
  if (model.proxy) {
    model.say('this screen shows a proxy: open captures with another wirelint inspect', 'dim');
    return;
  }
  openPicker(model, new CapturePicker(model));
  model.emit({ kind: 'browse', folder: undefined });
}

/** The listing that was asked for. Comes to nothing when the list was left in the meantime. */
export function showFolder(model: ModelState, listing: FolderListing): void {
  const { mode } = model;
  if (mode.kind !== 'picker' || !(mode.source instanceof CapturePicker)) return;
  // What was typed before there was anything to see is meant for what comes now.
  if (mode.source.listing !== NOT_LISTED) mode.typed = '';
  mode.source.listing = listing;
  mode.complaint = listing.problem;
  model.window('notice').select(0);
}

/** The same, of a folder that was named where no list is open. */
export function openFolder(model: ModelState, listing: FolderListing): void {
  if (model.mode.kind === 'browse') openPicker(model, new CapturePicker(model));
  showFolder(model, listing);
}

/**
 * What was chosen is no capture, or cannot be read: says so where it was chosen.
 * @returns false where no list is open to say it in
 */
export function refuseCapture({ mode }: ModelState, reason: string): boolean {
  if (mode.kind !== 'picker' || !(mode.source instanceof CapturePicker)) return false;
  mode.complaint = reason;
  return true;
}

class CapturePicker implements PickerSource {
  listing = NOT_LISTED;
  readonly hint = 'type to narrow, or a path to open; a dot shows hidden files';
  readonly #model: ModelState;
  #last: { readonly of: readonly unknown[]; readonly rows: readonly PickableRow[] } | undefined = undefined;

  constructor(model: ModelState) {
    this.#model = model;
  }

  get title(): string {
    const { path, omitted } = this.listing;
    const more = omitted > 0 ? `, ${counted(omitted, 'more entry', 'more entries')} not listed` : '';
    return path === '' ? 'Open a capture' : `Open a capture: ${path}${more}`;
  }

  get keys(): string {
    const end = this.#model.captures.count > 0 ? 'closes' : 'quits';
    return `Enter opens, Backspace goes up, Delete forgets a recent one, Esc ${end}`;
  }

  get empty(): string {
    return this.listing === NOT_LISTED ? 'reading the folder' : 'nothing here by that name';
  }

  /** The same list as long as nothing has changed: it is asked for with each key and each screen. */
  rows(typed: string): readonly PickableRow[] {
    const of = [typed, this.listing, this.#model.memory.remembered.captures];
    if (this.#last?.of.every((value, index) => value === of[index])) return this.#last.rows;
    const rows = this.#rowsOf(typed);
    this.#last = { of, rows };
    return rows;
  }

  goUp(): void {
    const { parent } = this.listing;
    if (parent !== undefined) this.#model.emit({ kind: 'browse', folder: parent });
  }

  leave(): void {
    const isAll = this.#model.captures.count === 0;
    this.#model.closeMode();
    if (isAll) this.#model.emit({ kind: 'quit' });
  }

  #rowsOf(typed: string): readonly PickableRow[] {
    const { entries, parent, recent, now } = this.listing;
    const word = typed.toLowerCase();
    const isNamed = (text: string) => text.toLowerCase().includes(word);
    const known = new Set(this.#model.memory.remembered.captures.map(({ path }) => path));
    const recents = recent.filter(({ path }) => known.has(path) && isNamed(path));
    const shownEntries = entries.filter(({ name }) => isNamed(name) && (!name.startsWith('.') || word.startsWith('.')));
    return [
      ...(isPath(typed) ? [this.#row({ kind: 'path', name: typed, detail: '', path: typed })] : []),
      ...recents.slice(0, word === '' ? MOST_RECENT : recents.length).map(entry => this.#recentRow(entry, now)),
      ...(parent !== undefined && word === '' ? [this.#folderRow('..', parent)] : []),
      ...shownEntries.map(entry => this.#entryRow(entry, now)),
    ];
  }

  #row({ path, ...row }: Omit<PickableRow, 'choose'> & { readonly path: string }): PickableRow {
    return { ...row, choose: () => this.#model.emit({ kind: 'open', path, from: this.listing.path || undefined }) };
  }

  #folderRow(name: string, path: string): PickableRow {
    return {
      kind: 'folder',
      name: `${name}/`,
      detail: '',
      role: 'strong',
      choose: () => this.#model.emit({ kind: 'browse', folder: path }),
    };
  }

  #entryRow({ name, path, kind, size, modified }: FolderEntry, now: number): PickableRow {
    if (kind === 'folder') return this.#folderRow(name, path);
    const age = modified === undefined ? '' : ageInWords(modified, now);
    return this.#row({ kind, name, detail: '', size, age, role: kind === 'capture' ? 'plain' : 'faded', path });
  }

  #recentRow({ name, folder, path, size, opened }: RecentEntry, now: number): PickableRow {
    const { memory } = this.#model;
    // Nobody asks a server before it is opened.
    const isThere = size !== undefined || isUrl(path);
    return {
      ...this.#row({
        kind: isThere ? 'recent' : 'gone',
        name,
        detail: folder,
        size,
        age: ageInWords(opened, now),
        role: isThere ? 'key' : 'faded',
        path,
      }),
      forget: () => memory.remember({ captures: memory.remembered.captures.filter(other => other.path !== path) }),
    };
  }
}

/** Not only a part of a name. */
function isPath(typed: string): boolean {
  return typed.includes('/') || typed.startsWith('~');
}
