/**
 * Two messages or two connections, compared: what there is of each, what differs, and as which rows that is shown. Side by
 * side, a row has both; in a narrow pane what differs takes a row each, the first one's above the second's.
 */
import { hexOffset } from '../../history/stream-forms.ts';
import { visibleBytes } from '../../wire/escape.ts';
import {
  type ComparedRow,
  type ComparedSide,
  type Pair,
  type Part,
  RULER_CELLS,
  SIGN_CELLS,
} from '../panes/compared.ts';

/** A message or a connection, by its number in the history. */
export interface ToCompare {
  readonly of: 'message' | 'connection';
  readonly number: number;
}

export type Entry =
  | { readonly kind: 'heading'; readonly text: string }
  | Pair
  /** Bytes of both from this offset on, as many as a row holds. */
  | { readonly kind: 'bytes'; readonly offset: number };

/** What is compared, and in words what each of them is. */
export interface Compared {
  readonly of: 'message' | 'connection';
  readonly titles: readonly [left: string, right: string];
  readonly entries: readonly Entry[];
  /** Of two messages; empty of connections. */
  readonly bytes: readonly [left: Uint8Array, right: Uint8Array];
  /** The messages, or the first ones of the connections; -1 for none. */
  readonly messages: readonly [left: number, right: number];
}

/** From this width on both stand side by side. */
const LEAST_FOR_SIDES = 98;
/** Bytes of two messages that are compared. */
const MOST_BYTES = 1024 * 1024;
const HEX_DIGITS = 8;
const HALF_ROOM = 1 / 2;

export class Comparison {
  readonly compared: Compared;
  /** How many of the entries differ. */
  differences = 0;
  /** The side whose message `Enter` goes to. */
  side: ComparedSide = 'left';
  #width = 0;
  #perRow = 16;
  /** Place in the entries, or the offset of bytes behind them, and which of its rows it is: 0 both, 1 left, 2 right. */
  #rows: { readonly entry: Entry; readonly which: 0 | 1 | 2 }[] = [];

  constructor(compared: Compared) {
    this.compared = compared;
  }

  get count(): number {
    return this.#rows.length;
  }

  get isSideBySide(): boolean {
    return this.#width >= LEAST_FOR_SIDES;
  }

  /** The pane has this many cells in a row. */
  fit(width: number): void {
    if (width === this.#width) return;
    this.#width = width;
    const cells = this.isSideBySide ? Math.floor((width - SIGN_CELLS - RULER_CELLS) * HALF_ROOM) : width - SIGN_CELLS;
    this.#perRow = [16, 8].find(bytes => HEX_DIGITS + 4 + bytes * 4 <= cells) ?? 4;
    const entries = [...this.compared.entries, ...this.#bytes()];
    this.differences = entries.filter(entry => this.#differs(entry)).length;
    this.#rows = entries.flatMap(entry => this.#rowsOf(entry));
  }

  /** @param index below `count` */
  row(index: number): ComparedRow {
    const { entry, which } = this.#rows[index];
    const pair = this.#pairOf(entry);
    if (!pair) return { kind: 'heading', text: entry.kind === 'heading' ? entry.text : '' };
    return { kind: which === 0 ? 'both' : which === 1 ? 'left' : 'right', pair };
  }

  /** A row as plain text; it may hold anything. */
  rowText(index: number): string {
    const row = this.row(index);
    if (row.kind === 'heading') return row.text;
    const { label, left, right } = row.pair;
    const cells =
      row.kind === 'left' ? [left] : row.kind === 'right' ? [right] : this.isSideBySide ? [left, right] : [left];
    return [label, ...cells.map(cell => textOf(cell))].filter(text => text !== '').join('  ');
  }

  /** The message that a row stands for, of the side that is chosen where it stands for two; -1 for none. */
  messageOf(index: number): number {
    const row = this.row(index);
    if (row.kind === 'heading') return -1;
    const { left, right } = row.pair;
    const alone = row.kind !== 'both' ? row.kind : left && !right ? 'left' : right && !left ? 'right' : this.side;
    return row.pair.messages[alone === 'left' ? 0 : 1];
  }

  #rowsOf(entry: Entry): { entry: Entry; which: 0 | 1 | 2 }[] {
    if (this.isSideBySide || !this.#differs(entry)) return [{ entry, which: 0 }];
    const [hasLeft, hasRight] =
      entry.kind === 'pair'
        ? [entry.left, entry.right]
        : this.#bytesAt(entry.kind === 'bytes' ? entry.offset : 0).map(({ length }) => length > 0);
    const rows: { entry: Entry; which: 0 | 1 | 2 }[] = [];
    if (hasLeft) rows.push({ entry, which: 1 });
    if (hasRight) rows.push({ entry, which: 2 });
    return rows;
  }

  #differs(entry: Entry): boolean {
    if (entry.kind === 'pair') return entry.differs;
    if (entry.kind === 'heading') return false;
    const [left, right] = this.#bytesAt(entry.offset);
    return Buffer.compare(left, right) !== 0;
  }

  #bytesAt(offset: number): [left: Uint8Array, right: Uint8Array] {
    const [left, right] = this.compared.bytes;
    return [left.subarray(offset, offset + this.#perRow), right.subarray(offset, offset + this.#perRow)];
  }

  #bytes(): Entry[] {
    const [left, right] = this.compared.bytes;
    const whole = Math.max(left.length, right.length);
    if (whole === 0) return [];
    const most = Math.min(whole, MOST_BYTES);
    const rest = whole > most ? `, the first ${most}` : '';
    const entries: Entry[] = [{ kind: 'heading', text: `Bytes${rest}` }];
    for (let offset = 0; offset < most; offset += this.#perRow) entries.push({ kind: 'bytes', offset });
    return entries;
  }

  #pairOf(entry: Entry): Pair | undefined {
    if (entry.kind === 'pair') return entry;
    if (entry.kind === 'heading') return undefined;
    const { offset } = entry;
    const [left, right] = this.#bytesAt(offset);
    return {
      kind: 'pair',
      label: '',
      left: hexParts(left, right, offset, this.#perRow),
      right: hexParts(right, left, offset, this.#perRow),
      differs: this.#differs(entry),
      messages: this.compared.messages,
    };
  }
}

export function textOf(parts: readonly Part[] | undefined): string {
  return (parts ?? []).map(({ text }) => text).join('');
}

/** `0000  02*7e 00  .~.`: before a byte that the other one does not have there stands a star. */
function hexParts(own: Uint8Array, other: Uint8Array, offset: number, perRow: number): Part[] | undefined {
  if (own.length === 0) return undefined;
  const parts: Part[] = [{ text: `${hexOffset(offset)} `, differs: false }];
  for (let index = 0; index < perRow; index++) {
    const differs = index < own.length && own[index] !== other[index];
    const byte = index < own.length ? own[index].toString(16).padStart(2, '0') : '  ';
    parts.push({ text: differs ? '*' : ' ', differs: false }, { text: byte, differs });
  }
  parts.push({ text: '  ', differs: false });
  const characters = visibleBytes(own);
  for (let index = 0; index < own.length; index++) {
    parts.push({ text: characters[index], differs: own[index] !== other[index] });
  }
  return parts;
}
