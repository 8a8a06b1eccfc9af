/**
 * Values of RESP where they lie: read one behind the other, in a loop and not in each other, so that no depth that a peer
 * chooses costs more than its bytes. The framing, the tree and the rules all read by `Value`.
 */
import type { MessageBytes } from 'wirelint/sdk';

const CR = 0x0d;
const LF = 0x0a;
const MINUS = 0x2d;
const PLUS = 0x2b;

/** A line that is no value: of an inline command, or nothing that there is. */
export const INLINE = 0;
const LINE = 1;
export const BULK = 2;
export const ARRAY = 3;
const PAIRS = 4;

/** Kinds by first byte. Those of RESP3 are read, since a connection may change to it, and never judged. */
const KINDS = new Uint8Array(256);
for (const [kind, types] of [
  [LINE, '+-:_#,('],
  [BULK, '$!='],
  [ARRAY, '*~>'],
  [PAIRS, '%|'],
] as const)
  for (const type of types) KINDS[type.charCodeAt(0)] = kind;

/** Digits of a length or a count at most: what they say is exact. */
const MOST_DIGITS = 15;

/** The value that begins at an offset. Reused. */
export class Value {
  /** Of its first byte; behind that, of what its line says, and where that ends; behind the line. */
  at = 0;
  to = 0;
  line = 0;
  /** Behind the value; of an array, behind its line, where its items begin. */
  end = 0;
  kind = INLINE;
  /** Length or count; NaN where the line says none. */
  count = 0;
  /** Values that follow and belong to it. */
  items = 0;

  /** @param from where to look for the end of the line @returns false where it is not there yet */
  read(bytes: Uint8Array, at: number, end: number, from = at): boolean {
    let line = from;
    while (line < end && bytes[line] !== LF) line++;
    if (line >= end) return false;
    this.at = at;
    this.line = line + 1;
    this.to = line > at && bytes[line - 1] === CR ? line - 1 : line;
    this.kind = KINDS[bytes[at]];
    this.count = this.kind < BULK ? 0 : numberAt(bytes, at + 1, this.to);
    this.items = this.count > 0 && this.kind >= ARRAY ? this.count * (this.kind === PAIRS ? 2 : 1) : 0;
    this.end = this.kind === BULK && this.count >= 0 ? this.line + this.count + 2 : this.line;
    return true;
  }

  /** Does CR LF stand behind the line, and behind the string? */
  hasLineEnd(): boolean {
    return this.line - this.to === 2;
  }

  /** Of a whole one. */
  hasEnd(bytes: Uint8Array): boolean {
    return this.end === this.line || (bytes[this.end - 2] === CR && bytes[this.end - 1] === LF);
  }
}

/** A sign or none, and 1 to 19 digits. */
export function isInteger(bytes: Uint8Array, from: number, to: number): boolean {
  const first = bytes[from] === MINUS || bytes[from] === PLUS ? from + 1 : from;
  if (first >= to || to - first > 19) return false;
  for (let at = first; at < to; at++) if (bytes[at] < 0x30 || bytes[at] > 0x39) return false;
  return true;
}

function numberAt(bytes: Uint8Array, from: number, to: number): number {
  const first = bytes[from] === MINUS ? from + 1 : from;
  if (first >= to || to - first > MOST_DIGITS) return Number.NaN;
  let number = 0;
  for (let at = first; at < to; at++) {
    if (bytes[at] < 0x30 || bytes[at] > 0x39) return Number.NaN;
    number = number * 10 + bytes[at] - 0x30;
  }
  return first === from ? number : -number;
}

/** Is this the value that is looked for? `start` is where the message begins, `end` where what was captured of it ends. */
export type Test = (value: Value, bytes: Uint8Array, start: number, end: number) => boolean;

const current = new Value();

/** Offset in the message of the first value that a test holds for; -1 where there is none among the captured ones. */
export function find({ bytes, start, captured }: MessageBytes, test: Test): number {
  const end = start + captured;
  for (let at = start; at < end && current.read(bytes, at, end); at = current.end)
    if (test(current, bytes, start, end)) return at - start;
  return -1;
}

/** Characters of bytes that are there. */
export function textAt(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.subarray(from, to)).toString('utf8');
}
