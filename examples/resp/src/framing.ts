/** What cuts a stream of RESP into commands and replies. It goes on where it was when more bytes come. */
import { type FramedMessage, type Framing, MALFORMED, MORE, type Rule, TOO_LONG, TRUNCATED } from 'wirelint/sdk';
import { INLINE, textAt, Value } from './values.ts';

const SHORTEST_VALUE = 3;
/** Strings have up to 512 MiB, and the snapshot that a replica is sent has what it needs. */
const LONGEST = 2 ** 32 - 1;
/** `$EOF:` and a mark of so many bytes, then a snapshot up to the mark, without CR LF: what a replica is sent, too. */
const MARKED = /^\$EOF:[0-9a-z]{40}$/;
const MARK = 40;

const brokenArray: Rule<FramedMessage> = {
  id: 'resp/broken-array',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: '5',
  summary: 'an array holds what is no value, or a string that CR LF does not end',
  why: 'Nobody can tell where the array ends, and with it where the next message begins. Redis closes the connection.',
  example: '*1 CR LF, then hello CR LF',
};

const RESP2 = Buffer.from('+-:$*');
const next = new Value();
/** Where the next value begins, how many are to come with it, and where to look for the end of its line, or for its mark. */
const [NEXT, LEFT, SEARCHED, UNMARKED] = [0, 1, 2, 3];

/**
 * A command or a reply with all that is in it. What stands alone is never malformed here: whether a line may stand there
 * depends on who sends it, which the rules know. In an array it would leave no way to tell what follows.
 */
export const framing: Framing = {
  id: 'resp-value',
  title: 'a line, with as many bytes or values behind it as it says',
  specification: 'RESP',
  headLength: 1,
  hidden: 0,
  longest: LONGEST,
  notes: 4,
  lengthOf: (bytes, at, end, _searchedTo, notes) => {
    let start = at + notes[NEXT];
    let left = notes[LEFT] || 1;
    let searched = at + notes[SEARCHED];
    while (start < end) {
      if (!next.read(bytes, start, end, searched)) {
        searched = end;
        break;
      }
      if (start > at) {
        if (next.kind === INLINE || Number.isNaN(next.count)) return MALFORMED;
        if (next.end > end) {
          // Its line is short, and read again with the string.
          searched = start;
          break;
        }
        if (!next.hasEnd(bytes)) return MALFORMED;
      } else if (isMarked(bytes, next)) {
        const found = markBehind(bytes, next, at + notes[UNMARKED], end);
        if (found >= 0) return found - at;
        notes[UNMARKED] = end - at - MARK;
        return MORE;
      }
      left += next.items - (bytes[start] === 0x7c ? 0 : 1);
      start = next.end;
      searched = start;
      if (left === 0) return start - at;
      if (start - at + left * SHORTEST_VALUE > LONGEST) return LONGEST + 1;
    }
    notes[NEXT] = start - at;
    notes[LEFT] = left;
    notes[SEARCHED] = Math.max(start, searched) - at;
    return MORE;
  },
  rules: [TOO_LONG, TRUNCATED, brokenArray],
  tooLong: TOO_LONG,
  truncated: TRUNCATED,
  malformed: brokenArray,
};

/** Is all that stands there whole values that RESP2 has, well-formed? Then messages begin there, also after a loss. */
export function isValues(bytes: Uint8Array, start: number, end: number): boolean {
  const notes = new Float64Array(4);
  let at = start;
  while (at < end) {
    const length = framing.lengthOf(bytes, at, end, at, notes.fill(0));
    if (length <= 0 || at + length > end || !RESP2.includes(bytes[at])) return false;
    if (!next.read(bytes, at, end) || !next.hasLineEnd() || Number.isNaN(next.count) || !next.hasEnd(bytes))
      return false;
    at += length;
  }
  return true;
}

function isMarked(bytes: Uint8Array, { at, to, count }: Value): boolean {
  return Number.isNaN(count) && to - at === MARK + 5 && MARKED.test(textAt(bytes, at, to));
}

/** Behind the mark that ends a snapshot; -1 where it has not come. */
function markBehind(bytes: Uint8Array, { line, to }: Value, searched: number, end: number): number {
  for (let at = Math.max(line, searched); at + MARK <= end; at++) {
    let same = 0;
    while (same < MARK && bytes[at + same] === bytes[to - MARK + same]) same++;
    if (same === MARK) return at + MARK;
  }
  return -1;
}
