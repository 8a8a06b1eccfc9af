/**
 * The message that is looked at: its tree as rows, its bytes, what is wrong with them, and where one is in it. A row and a
 * byte stand for each other: choosing one chooses the other.
 */
import type { SeenMessage } from '../../protocol/protocol.ts';
import { type FieldNode, fieldTree } from '../../wire/tree.ts';
import { type ByteRange, type Fault, type FieldRow, fieldAt, fieldRows, parentOf, rangeOf } from '../panes/fields.ts';

export type OpenedContent = Pick<SeenMessage, 'message' | 'layout' | 'name' | 'protocol' | 'findings'>;

/** Bytes that were found. */
export interface FoundPlace extends ByteRange {
  /** Of the field that they are in, or that shows what was found; undefined where they lie in none. */
  readonly path: string | undefined;
}

export class OpenedMessage {
  readonly seen: OpenedContent;
  /** In the history; -1 for what is not there. */
  readonly number: number;
  readonly bytes: Uint8Array;
  /** On the wire. */
  readonly length: number;
  readonly faults: readonly Fault[];
  /** What somebody noted on its frame in the capture; empty for nothing. */
  readonly comment: string;
  rows: readonly FieldRow[];
  /** Place in `rows`; 0 when there are none. */
  row = 0;
  /** The byte that the cursor of the hex pane is on. */
  byte = 0;
  /** What a search has come to, as long as one stays there. */
  found: FoundPlace | undefined = undefined;
  readonly #tree: readonly FieldNode[];

  /**
   * @param closed paths of fields that are folded
   * @param path of the field to be on, if there is one of that path and no byte is at fault
   */
  constructor(
    seen: OpenedContent,
    { number, comment }: { readonly number: number; readonly comment: string },
    closed: ReadonlySet<string>,
    path: string | undefined,
  ) {
    this.seen = seen;
    this.number = number;
    this.comment = comment;
    const { message, layout } = seen;
    this.bytes = message.copy();
    this.length = message.length;
    this.#tree = layout ? fieldTree(message, layout) : [];
    this.rows = fieldRows(this.#tree, closed);
    this.faults = seen.findings.flatMap(({ bytes, severity }) => (bytes ? [{ ...bytes, severity }] : []));
    const [fault] = this.faults;
    if (fault) this.selectByte(fault.offset);
    else
      this.selectRow(
        Math.max(
          0,
          this.rows.findIndex(row => row.path === path),
        ),
      );
  }

  get field(): FieldRow | undefined {
    return this.rows[this.row];
  }

  /** The bytes of the chosen field, or those that were found. */
  get mark(): ByteRange | undefined {
    return this.found ?? (this.field && rangeOf(this.field));
  }

  selectRow(row: number): void {
    this.found = undefined;
    this.row = Math.max(0, Math.min(row, this.rows.length - 1));
    const { field } = this;
    if (field) this.byte = this.#within(field.node.offset);
  }

  selectByte(offset: number): void {
    this.found = undefined;
    this.byte = this.#within(offset);
    const row = fieldAt(this.rows, this.byte);
    if (row >= 0) this.row = row;
  }

  /** Its field is one of the rows, unless it lies in none. */
  selectFound(found: FoundPlace): void {
    this.selectByte(found.offset);
    const row = this.rows.findIndex(({ path }) => path === found.path);
    if (row >= 0) this.row = row;
    this.found = found;
  }

  /** Also those that are folded. */
  allRows(): readonly FieldRow[] {
    return fieldRows(this.#tree, new Set());
  }

  /** The fields are folded differently now; the chosen one stays, or the one that it went into. */
  fold(closed: ReadonlySet<string>): void {
    const path = this.field?.path;
    this.rows = fieldRows(this.#tree, closed);
    const row = this.rows.findLastIndex(found => path === found.path || path?.startsWith(`${found.path}/`));
    this.row = Math.max(0, row);
  }

  /** The row that the chosen one lies within; -1 at the top. */
  get parent(): number {
    return parentOf(this.rows, this.row);
  }

  #within(offset: number): number {
    return Math.max(0, Math.min(offset, this.length - 1));
  }
}
