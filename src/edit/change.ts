/**
 * One change of a message: the bytes that take the place of others, and with them, where they are to be mended, the lengths
 * that the layout knows. A field that grows makes all that it stands in grow: the length before it or the field that tells
 * it, the group, the list, the message. A length of variable size may grow itself, so that what is written is written
 * again until nothing grows any more. All places are those of the bytes as they were; nothing moves before `bytes` is asked for.
 */
import type { Field } from '../wire/layout.ts';
import { readUint } from '../wire/read.ts';
import { FieldPlace } from '../wire/walk.ts';
import { joined } from '../wire/write.ts';
import { groupOf, type Level, type Spot } from './places.ts';
import { integerBytes, isLittle, prefixBytes, withPart } from './values.ts';

/** Bytes in place of others. */
export interface Patch {
  readonly from: number;
  readonly to: number;
  readonly bytes: Uint8Array;
}

export class Change {
  readonly #before: Uint8Array;
  readonly #mend: boolean;
  /** By where they begin and end: nothing is patched twice. */
  readonly #patches = new Map<string, Patch>();
  /** What the user has written over, which nothing mends. */
  #own: { readonly from: number; readonly to: number } | undefined;
  /** Bytes that a field's content has grown by. */
  readonly #grown = new Map<Level, Map<Field, number>>();

  constructor(before: Uint8Array, mend: boolean) {
    this.#before = before;
    this.#mend = mend;
  }

  /** The content of a field, or part of it, is other bytes now. */
  set({ level, field, from, to }: Pick<Spot, 'level' | 'field' | 'from' | 'to'>, bytes: Uint8Array): void {
    this.#grow(level, field, this.#put(from, to, bytes));
  }

  /** Bytes of a level are others now, whatever fields they are of; what tells the length of all that they lie in follows. */
  setBytes(level: Level, container: Field | undefined, { from, to, bytes }: Patch): void {
    this.#own = { from, to };
    const by = this.#put(from, to, bytes);
    if (container) this.#grow(level, container, by);
    else if (level.outer && level.list) this.#grow(level.outer, level.list, by);
  }

  /** An integer that is there is another one now; of bits of an integer, the others stay. */
  setInteger(level: Level, field: Field, value: bigint): void {
    const { view } = level;
    const whole = field.whole ?? field;
    const { from, to } = new FieldPlace().find(view, whole);
    const [first, last] = [view.start + from, view.start + to];
    const number = whole === field ? value : withPart(field, this.#integerAt(level, whole, first, last), value);
    this.set({ level, field: whole, from: first, to: last }, integerBytes(whole, number, view.littleEndian));
  }

  /** The message as it is now. */
  bytes(): Uint8Array {
    const patches = [...this.#patches.values()].sort((a, b) => a.from - b.from || a.to - b.to);
    const parts: Uint8Array[] = [];
    let at = 0;
    for (const { from, to, bytes } of patches) {
      parts.push(this.#before.subarray(at, from), bytes);
      at = to;
    }
    return joined([...parts, this.#before.subarray(at)]);
  }

  /** @returns bytes that it takes more than before */
  #put(from: number, to: number, bytes: Uint8Array): number {
    const key = `${from}-${to}`;
    const before = this.#patches.get(key)?.bytes.length ?? to - from;
    this.#patches.set(key, { from, to, bytes });
    return bytes.length - before;
  }

  #integerAt({ view }: Level, field: Field, from: number, to: number): bigint {
    const patched = this.#patches.get(`${from}-${to}`);
    if (patched === undefined) return BigInt(view.wide(field));
    return BigInt(readUint(patched.bytes, 0, patched.bytes.length, isLittle(field, view.littleEndian)));
  }

  #grow(level: Level, field: Field, by: number): void {
    if (!this.#mend || by === 0) return;
    const { view, scope, outer, list } = level;
    const grown = this.#grownIn(level);
    const total = (grown.get(field) ?? 0) + by;
    grown.set(field, total);
    const { start, from, to } = new FieldPlace().find(view, field);
    const length = to - from + total;
    const { extent, measuredBy } = field;
    const own =
      extent.of === 'prefix' && !this.#isOwn(view.start + start, view.start + from)
        ? this.#put(view.start + start, view.start + from, prefixBytes(field, extent.prefix, length, view.littleEndian))
        : 0;
    if (extent.of === 'length' && measuredBy !== undefined) {
      const measure = new FieldPlace().find(view, measuredBy.whole ?? measuredBy);
      if (!this.#isOwn(view.start + measure.from, view.start + measure.to)) {
        this.setInteger(level, measuredBy, BigInt(length + extent.minus));
      }
    }
    const group = groupOf(scope, field);
    if (group) this.#grow(level, group, by + own);
    else if (outer && list) this.#grow(outer, list, by + own);
  }

  #isOwn(from: number, to: number): boolean {
    return this.#own !== undefined && from < this.#own.to && this.#own.from < to;
  }

  #grownIn(level: Level): Map<Field, number> {
    const known = this.#grown.get(level);
    if (known) return known;
    const grown = new Map<Field, number>();
    this.#grown.set(level, grown);
    return grown;
  }
}
