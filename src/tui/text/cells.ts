/**
 * Text measured in cells of a terminal, and cut, padded and wrapped by them: what keeps a pane's lines within the pane.
 *
 * What terminals disagree about cannot be measured, only avoided: `shown` spells it out, as it does all that `visible`
 * spells out, and then every terminal gives a character as many cells as it has here. Text from the wire, from a file's
 * name or from a capture's comments goes through `shown` before it is measured; nothing here throws on any text, or takes
 * longer than its length.
 */
import { eastAsianWidth } from 'get-east-asian-width';
import { visible } from '../../wire/escape.ts';

/** Stands where text was cut; one cell. */
export const ELLIPSIS = '…';

const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;
/** Marks that stand on the character before them, in its cell. */
const MARK = /[\p{Mn}\p{Me}]/u;
const MARKS = /(^|[^\p{Mn}\p{Me}])([\p{Mn}\p{Me}]+)/gu;
/** More of them on one character than any language writes are there to hide the lines above and below. */
const MOST_MARKS = 3;
/**
 * Skin tones and regional indicators, conjoining vowels and tails of Hangul, what has no meaning in this Unicode or only a
 * private one: as wide as the terminal's age, font and temper make it.
 */
const CONTESTED = /[\p{Emoji_Modifier}\p{Regional_Indicator}\p{Co}\p{Cn}\u1160-\u11ff\ud7b0-\ud7ff]/gu;

/** Text for a pane: on one line, every character with a width that all terminals agree on. Idempotent. */
export function shown(text: string): string {
  if (PRINTABLE_ASCII.test(text) && !text.includes('##')) return text;
  return visible(text).replace(CONTESTED, spell).replace(MARKS, thinned);
}

/** Marks keep the character that they stand on; those that stand on none, or are too many, are spelt out. */
function thinned(_: string, base: string, marks: string): string {
  const all = [...marks];
  const kept = base === '' || base === ' ' ? 0 : MOST_MARKS;
  return base + all.slice(0, kept).join('') + all.slice(kept).map(spell).join('');
}

function spell(character: string): string {
  return `\\u{${character.codePointAt(0)!.toString(16)}}`;
}

/** Cells that the text takes; it is `shown` already. */
export function widthOf(text: string): number {
  if (PRINTABLE_ASCII.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += cellsOf(character);
  return width;
}

function cellsOf(character: string): number {
  return MARK.test(character) ? 0 : eastAsianWidth(character.codePointAt(0)!);
}

/** As much of the text's beginning as fits, and an ellipsis in the last cell where that is not all of it. */
export function clip(text: string, cells: number): string {
  if (cells <= 0) return '';
  return widthOf(text) <= cells ? text : text.slice(0, fitting(text, 0, cells - 1)) + ELLIPSIS;
}

/** As much of the text's end as fits, behind an ellipsis: times and numbers tell most by their end. */
export function clipStart(text: string, cells: number): string {
  if (cells <= 0) return '';
  return widthOf(text) <= cells ? text : ELLIPSIS + tail(text, cells - 1);
}

/** Both ends of the text around an ellipsis: of an endpoint its port is seen, of a path the file. */
export function clipMiddle(text: string, cells: number): string {
  if (cells <= 0) return '';
  if (widthOf(text) <= cells) return text;
  const behind = Math.ceil((cells - 1) / 2);
  return text.slice(0, fitting(text, 0, cells - 1 - behind)) + ELLIPSIS + tail(text, behind);
}

/** The text in exactly as many cells: cut, or with blanks behind it. */
export function pad(text: string, cells: number): string {
  return filled(clip(text, cells), cells);
}

/** The text in exactly as many cells, at their end. */
export function padStart(text: string, cells: number): string {
  const fit = clipStart(text, cells);
  return ' '.repeat(Math.max(0, cells - widthOf(fit))) + fit;
}

/** Text that fits, with blanks behind it up to as many cells. */
export function filled(text: string, cells: number): string {
  return text + ' '.repeat(Math.max(0, cells - widthOf(text)));
}

/**
 * The words on as many lines as they need, the blanks between them made one. A word wider than a line is cut where the
 * line ends. At least one line; none where there is no width at all.
 */
export function wrap(text: string, width: number): string[] {
  if (width <= 0) return [];
  const lines: string[] = [];
  let last = '';
  let room = width;
  for (const word of text.split(' ')) {
    if (word === '') continue;
    const cells = widthOf(word);
    if (last !== '' && cells + 1 <= room) {
      last += ` ${word}`;
      room -= cells + 1;
      continue;
    }
    if (last !== '') lines.push(last);
    last = '';
    for (const piece of piecesOf(word, width)) {
      if (last !== '') lines.push(last);
      last = piece;
    }
    room = width - widthOf(last);
  }
  return [...lines, last];
}

/** A word in pieces no wider than a line, at least one; a character that is wider than a line is left out with its marks. */
function piecesOf(word: string, width: number): string[] {
  const pieces: string[] = [];
  let at = 0;
  while (at < word.length) {
    const end = fitting(word, at, width);
    if (end > at) pieces.push(word.slice(at, end));
    at = end > at ? end : behindMarks(word, at + String.fromCodePoint(word.codePointAt(at)!).length);
  }
  return pieces.length > 0 ? pieces : [ELLIPSIS];
}

function behindMarks(text: string, from: number): number {
  let end = from;
  while (end < text.length && MARK.test(text[end])) end++;
  return end;
}

/** Index behind the last character, with its marks, that fits into the cells when the text begins at `from`. */
function fitting(text: string, from: number, cells: number): number {
  let room = cells;
  let end = from;
  while (end < text.length) {
    const character = String.fromCodePoint(text.codePointAt(end)!);
    room -= cellsOf(character);
    if (room < 0) break;
    end += character.length;
  }
  return end;
}

function tail(text: string, cells: number): string {
  const characters = [...text];
  let room = cells;
  let first = characters.length;
  for (let at = characters.length - 1; at >= 0; at--) {
    room -= cellsOf(characters[at]);
    if (room < 0) break;
    if (!MARK.test(characters[at])) first = at;
  }
  return characters.slice(first).join('');
}
