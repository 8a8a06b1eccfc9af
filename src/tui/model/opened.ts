/**
 * The message that is looked at: the layers below it and its tree as rows, its bytes, what is wrong with them, and where one
 * is in it. A row and a byte stand for each other: choosing one chooses the other. While a row of a lower layer is chosen the
 * bytes are those of its frame.
 */
import type { SeenMessage } from '../../protocol/protocol.ts';
import { counted } from '../../report/numbers.ts';
import { type FieldNode, fieldTree } from '../../wire/tree.ts';
import {
  type ByteRange,
  type Fault,
  type FieldRow,
  fieldAt,
  fieldRows,
  parentOf,
  type RowNode,
  rangeOf,
} from '../panes/fields.ts';

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
  /** Nobody has seen it yet: its pane has still to be moved to where it begins. */
  isFresh = true;
  readonly #tree: readonly FieldNode[];
  readonly #layers: readonly RowNode[];

  /**
   * @param toggled paths of fields that are folded, and of layers that are not
   * @param path of the field to be on, if there is one of that path and no byte is at fault
   * @param layers below the message, from the frame inwards
   */
  constructor(
    seen: OpenedContent,
    { number, comment }: { readonly number: number; readonly comment: string },
    toggled: ReadonlySet<string>,
    path: string | undefined,
    layers: readonly RowNode[] = [],
  ) {
    this.seen = seen;
    this.number = number;
    this.comment = comment;
    const { message, layout } = seen;
    this.bytes = message.copy();
    this.length = message.length;
    this.#layers = layers;
    this.#tree = layout ? fieldTree(message, layout) : layers.length > 0 ? [wholeOf(message.length)] : [];
    this.rows = fieldRows(this.#tree, toggled, layers);
    this.faults = seen.findings.flatMap(({ bytes, severity }) => (bytes ? [{ ...bytes, severity }] : []));
    const [fault] = this.faults;
    const known = this.rows.findIndex(row => row.path === path);
    if (fault) this.selectMessageByte(fault.offset);
    else this.selectRow(known >= 0 ? known : this.firstField);
  }

  get hasLayers(): boolean {
    return this.#layers.length > 0;
  }

  /** Row of the first field of the message itself, behind the lower layers; 0 when it has none. */
  get firstField(): number {
    return Math.max(
      0,
      this.rows.findIndex(({ frame }) => !frame),
    );
  }

  /** The bytes that the chosen row is about: of the message, or of the frame of a lower layer. */
  get hex(): Pick<OpenedMessage, 'bytes' | 'length' | 'faults'> {
    const frame = this.field?.frame;
    return frame ? { bytes: frame.bytes, length: frame.bytes.length, faults: [] } : this;
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

  /** Of the bytes that are shown. */
  selectByte(offset: number): void {
    this.found = undefined;
    const frame = this.field?.frame;
    this.byte = this.#within(offset);
    const row = fieldAt(this.rows, this.byte, frame);
    if (row >= 0) this.row = row;
  }

  /** Its field is one of the rows, unless it lies in none. */
  selectFound(found: FoundPlace): void {
    this.selectMessageByte(found.offset);
    const row = this.rows.findIndex(({ path }) => path === found.path);
    if (row >= 0) this.row = row;
    this.found = found;
  }

  /** Of the message, also those that are folded. */
  allRows(): readonly FieldRow[] {
    return fieldRows(this.#tree, new Set());
  }

  selectMessageByte(offset: number): void {
    if (this.field?.frame) this.row = this.firstField;
    this.selectByte(offset);
  }

  /** The fields are folded differently now; the chosen one stays, or the one that it went into. */
  fold(toggled: ReadonlySet<string>): void {
    const path = this.field?.path;
    this.rows = fieldRows(this.#tree, toggled, this.#layers);
    const row = this.rows.findLastIndex(found => path === found.path || path?.startsWith(`${found.path}/`));
    this.row = Math.max(0, row);
  }

  /** The row that the chosen one lies within; -1 at the top. */
  get parent(): number {
    return parentOf(this.rows, this.row);
  }

  #within(offset: number): number {
    return Math.max(0, Math.min(offset, this.hex.length - 1));
  }
}

/** Stands for a message of which no fields are known, so that one can go from the layers back to its bytes. */
function wholeOf(length: number): FieldNode {
  const display = counted(length, 'byte');
  const texts = { name: 'message', title: 'Message', display, meaning: '', clause: '' };
  return { ...texts, offset: 0, length, value: null, cut: false };
}
