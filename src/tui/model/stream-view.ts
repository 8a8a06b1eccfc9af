/**
 * The view of a followed conversation: which form of it is shown, of which sides, and the rows that come of that. Another
 * form, side or width is another set of rows; where one is stays in sight.
 */
import type { StreamFollower } from '../../history/stream-follower.ts';
import { STREAM_FORMS, type StreamForm } from '../../history/stream-forms.ts';
import { ChunkRows, isShown, type StreamRow, type StreamRows, type StreamSides } from '../../history/stream-rows.ts';
import { TextRows } from '../../history/stream-text-rows.ts';
import { shown, widthOf } from '../text/cells.ts';

/** Cells before a row: who sent it, and whether it goes on with the line above. */
const MARK_CELLS = 2;

const SIDES: readonly StreamSides[] = ['both', 'client', 'server'];
const FIRST_WIDTH = 78;

export class StreamView {
  readonly follower: StreamFollower;
  /** Number of the connection; 0 for a flow of no known protocol. */
  readonly connection: number;
  /** What is followed, in words. Untrusted text. */
  readonly title: string;
  form: StreamForm;
  sides: StreamSides;
  rows: StreamRows;
  #width = FIRST_WIDTH;
  /** The byte of the capture to begin at, and chunks that were searched for it. */
  #position: number;
  #searched = 0;
  /** The chunk to show as soon as its row is known; -1 for none. */
  #sought = -1;
  #version = '';

  /**
   * @param position of the byte in the capture to begin at; -1 for the first one of all
   * @param like the one whose form and sides it takes over
   */
  constructor(follower: StreamFollower, connection: number, title: string, position: number, like?: StreamView) {
    this.follower = follower;
    this.form = like?.form ?? 'text';
    this.sides = like?.sides ?? 'both';
    this.connection = connection;
    this.title = title;
    this.#position = position;
    this.rows = this.#newRows();
  }

  get stream(): StreamFollower['stream'] {
    return this.follower.stream;
  }

  get isDone(): boolean {
    return this.stream.isWhole && this.rows.isDone;
  }

  /** A row as plain text without its mark, safe to print. @param row below `rows.count` */
  rowText(row: number): string {
    const { lead, text } = this.rows.row(row);
    return lead + text;
  }

  /** The bytes that a row shows. @param more bytes behind them, where there are more in the chunk */
  rowBytes(row: number, more: number): Uint8Array {
    const { stream, rows, sides } = this;
    const from = rows.row(row);
    const to = row + 1 < rows.count ? rows.row(row + 1) : { chunk: stream.count, offset: 0 };
    const parts: Uint8Array[] = [];
    for (let chunk = from.chunk; chunk < stream.count && chunk <= to.chunk; chunk++) {
      if (!isShown(stream.side(chunk), sides) || stream.side(chunk) !== from.side) continue;
      const start = chunk === from.chunk ? from.offset : 0;
      const end = chunk === to.chunk ? Math.min(stream.length(chunk), to.offset + more) : stream.length(chunk);
      if (end > start) parts.push(stream.read(chunk, start, end - start));
    }
    return parts.length === 1 ? parts[0] : Uint8Array.from(parts.flatMap(part => [...part]));
  }

  /** Rows [from, to), as far as they are known. */
  rowsIn(from: number, to: number): StreamRow[] {
    const seen: StreamRow[] = [];
    for (let row = from; row < Math.min(to, this.rows.count); row++) seen.push(this.rows.row(row));
    return seen;
  }

  /** The pane has this many cells in a row. @param selected the row that one is on */
  fit(width: number, selected: number): void {
    if (width === this.#width) return;
    this.#width = width;
    this.#arrange(selected);
  }

  nextForm(selected: number): void {
    this.form = STREAM_FORMS[(STREAM_FORMS.indexOf(this.form) + 1) % STREAM_FORMS.length];
    this.#arrange(selected);
  }

  nextSides(selected: number): void {
    this.sides = SIDES[(SIDES.indexOf(this.sides) + 1) % SIDES.length];
    this.#arrange(selected);
  }

  /** Looks for rows until `until`. True when there are more to be found at once. */
  run(until: number, now: () => number): boolean {
    this.#seekPosition();
    return this.rows.run(until, now);
  }

  /** Whether what is seen may have changed since it was last asked. */
  isNews(): boolean {
    const { count, isWhole, progress } = this.stream;
    const version = `${this.rows.count} ${count} ${isWhole} ${Math.floor(progress * 100)}`;
    const isNew = version !== this.#version;
    this.#version = version;
    return isNew;
  }

  /** The row to go to, which was asked for before it was known; once. */
  takeSought(): number | undefined {
    if (this.#sought < 0) return undefined;
    const row = this.rows.rowOf(this.#sought);
    if (row < 0 && !this.isDone) return undefined;
    this.#sought = -1;
    return row < 0 ? undefined : row;
  }

  /** The user has gone elsewhere by themselves. */
  stay(): void {
    this.#position = -1;
    this.#sought = -1;
  }

  #arrange(selected: number): void {
    if (this.#sought < 0 && selected < this.rows.count) this.#sought = this.rows.row(selected).chunk;
    this.rows = this.#newRows();
  }

  #newRows(): StreamRows {
    const { stream, form, sides } = this;
    const cells = this.#width - MARK_CELLS;
    return form === 'text'
      ? new TextRows(stream, sides, cells, { shown, widthOf })
      : new ChunkRows(stream, form, sides, cells);
  }

  #seekPosition(): void {
    const { stream } = this;
    for (; this.#position >= 0 && this.#searched < stream.count; this.#searched++) {
      const first = stream.position(this.#searched);
      if (first < 0 || this.#position < first || this.#position >= first + stream.length(this.#searched)) continue;
      this.#sought = this.#searched;
      this.#position = -1;
    }
  }
}
