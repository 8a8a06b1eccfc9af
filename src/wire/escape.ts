/**
 * The one sanitising sink for text that may hold bytes from the wire, from a file name or from a capture's comments:
 * after `visible` nothing in it can move a cursor, set a title, reverse the line, hide a character, or be taken for a
 * command by a CI system that reads the log.
 *
 * Escaping is idempotent, so text that was escaped once may pass again: a backslash is left as it is. The result is
 * for eyes; whoever needs the text back takes the JSON report, which loses nothing.
 */

/**
 * Controls (C0, DEL, C1), format characters (bidi controls, zero-width and soft ones, tags), lone surrogates, line and
 * paragraph separators. By category, so that no control of a later Unicode is forgotten.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** `##[`, `##vso[`, `##teamcity[` are commands anywhere in a line of a CI log. */
const LOG_COMMAND = /##(?=(?:vso|teamcity)?\[)/g;

/** `::name` at a line's start, blanks before it or not, is a command of GitHub Actions. */
const COMMAND_START = /^(\s*):(?=:)/;

/** The text with everything that a terminal or a log would act upon spelt out: `\x1b`, `\u{202e}`. */
export function visible(text: string): string {
  return text.replace(UNSAFE, spell).replace(LOG_COMMAND, '\\x23#');
}

/** `visible` for text that stands at the start of a line. */
export function visibleAtLineStart(text: string): string {
  return visible(text).replace(COMMAND_START, '$1\\x3a');
}

/**
 * The same protection for JSON, without loss: what `JSON.stringify` leaves raw becomes `\u202e`, which reads back as it
 * was. Outside strings JSON is ASCII, so every match stands in a string; line feeds are the layout's own.
 */
export function visibleJson(json: string): string {
  return json.replace(UNSAFE, character => (character === '\n' ? character : spellUnits(character)));
}

/** A byte as the text column of a hex dump shows it. */
export function visibleByte(byte: number): string {
  return byte >= 0x20 && byte <= 0x7e ? String.fromCharCode(byte) : '.';
}

function spell(character: string): string {
  const code = character.codePointAt(0)!;
  return code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}

function spellUnits(character: string): string {
  let spelt = '';
  for (let i = 0; i < character.length; i++) spelt += `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`;
  return spelt;
}
