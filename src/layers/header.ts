/**
 * A header of a lower layer while it is described: reads numbers in network order and collects a node for each field, with
 * its place in the frame. What the capture has cut off becomes a node without a value.
 */
import type { FieldNode } from '../wire/tree.ts';

/** A node of a lower layer: bytes are counted from the start of its frame, not of the message. */
export type LayerNode = FieldNode;

export interface FieldText {
  readonly name: string;
  readonly title: string;
  readonly meaning?: string;
}

export class Header {
  readonly bytes: Uint8Array;
  /** Of the first byte in the frame. */
  readonly start: number;
  /** Past the last byte of the frame that may be read. */
  readonly end: number;
  readonly nodes: LayerNode[] = [];
  readonly #clause: string;

  constructor(bytes: Uint8Array, start: number, end: number, clause: string) {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.#clause = clause;
  }

  /** Are there so many bytes of it? */
  has(length: number): boolean {
    return this.start + length <= this.end;
  }

  /** At an offset in the header; 0 for what is not there. */
  uint8(at: number): number {
    return this.has(at + 1) ? this.bytes[this.start + at] : 0;
  }

  uint16(at: number): number {
    return (this.uint8(at) << 8) | this.uint8(at + 1);
  }

  uint32(at: number): number {
    return ((this.uint16(at) << 16) | this.uint16(at + 2)) >>> 0;
  }

  /** Adds the field at an offset in the header. @param display made of digits and words of ours: it is not escaped again */
  field(text: FieldText, at: number, length: number, display: string, value: number | string = display): void {
    const cut = !this.has(at + length);
    this.nodes.push({
      name: text.name,
      title: text.title,
      offset: this.start + at,
      length,
      value: cut ? null : value,
      display: cut ? '(cut)' : display,
      meaning: text.meaning ?? '',
      clause: this.#clause,
      cut,
    });
  }

  /** Adds a number as it stands, or with the word that it has. */
  number(text: FieldText, at: number, length: 1 | 2 | 4, word?: string): void {
    const value = length === 1 ? this.uint8(at) : length === 2 ? this.uint16(at) : this.uint32(at);
    this.field(text, at, length, word === undefined ? String(value) : `${word} (${value})`, value);
  }

  /** The header as a node with its fields below. @param summary one line */
  node(name: string, title: string, length: number, summary: string, meaning = ''): LayerNode {
    return {
      name,
      title,
      offset: this.start,
      length,
      value: null,
      display: summary,
      meaning,
      clause: this.#clause,
      cut: !this.has(length),
      children: this.nodes,
    };
  }
}

/** `00:11:22:aa:bb:cc` */
export function macText(bytes: Uint8Array, from: number, length = 6): string {
  return Array.from(bytes.subarray(from, from + length), byte => byte.toString(16).padStart(2, '0')).join(':');
}

export function hexNumber(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}
