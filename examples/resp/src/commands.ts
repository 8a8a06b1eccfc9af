/** What a client asks for, as an array of strings or as a line with blanks between its words (an inline command). */
import { ARRAY, BULK, Value } from './values.ts';

const BLANK = 0x20;
const STAR = 0x2a;

/**
 * Behind these a reply for each command, in their order, cannot be counted on: pushes come in between, several replies or
 * none, or values of RESP3. The second word decides where there is one.
 */
const SWITCHES: readonly (readonly string[])[] = [
  ['SUBSCRIBE'],
  ['PSUBSCRIBE'],
  ['SSUBSCRIBE'],
  ['UNSUBSCRIBE'],
  ['PUNSUBSCRIBE'],
  ['SUNSUBSCRIBE'],
  ['MONITOR'],
  ['SYNC'],
  ['PSYNC'],
  ['HELLO', '3'],
  ['CLIENT', 'REPLY'],
];

/** Where a word lies, and where what holds it ends. */
interface Word {
  readonly from: number;
  readonly to: number;
  readonly behind: number;
}

const head = new Value();
const value = new Value();

/** The first word of the command in [start, end), or what follows the one before; empty where there is none. */
export function wordAt(bytes: Uint8Array, start: number, end: number, before?: Word): Word {
  if (bytes[start] !== STAR) {
    let from = before ? before.behind : start;
    while (from < end && bytes[from] === BLANK) from++;
    let to = from;
    while (to < end && bytes[to] > BLANK) to++;
    return { from, to, behind: to };
  }
  const isThere = head.read(bytes, start, end);
  const at = before ? before.behind : head.end;
  if (!isThere || !value.read(bytes, at, end)) return { from: end, to: end, behind: end };
  const isWord = value.kind === BULK && value.count >= 0 && value.end <= end;
  return isWord
    ? { from: value.line, to: value.end - 2, behind: value.end }
    : { from: value.end, to: value.end, behind: Math.min(value.end, end) };
}

/** A line of nothing, or an array of nothing: no command. */
export function isNothing(bytes: Uint8Array, start: number, end: number): boolean {
  if (!head.read(bytes, start, end)) return false;
  return head.to === start || (head.kind === ARRAY && bytes[start] === STAR && head.count <= 0);
}

/** Is the command one of those? */
export function isSwitch(bytes: Uint8Array, start: number, end: number): boolean {
  const first = wordAt(bytes, start, end);
  return SWITCHES.some(([name, option]) => {
    if (!is(bytes, first, name)) return false;
    return option === undefined || is(bytes, wordAt(bytes, start, end, first), option);
  });
}

/** In capitals or not. */
function is(bytes: Uint8Array, { from, to }: Word, name: string): boolean {
  if (to - from !== name.length) return false;
  for (let i = 0; i < name.length; i++) {
    const byte = bytes[from + i];
    if ((byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte) !== name.charCodeAt(i)) return false;
  }
  return true;
}
