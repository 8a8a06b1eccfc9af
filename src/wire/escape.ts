/**
 * The one sanitising sink for text that may hold bytes from the wire, from a file name or from a capture's comments:
 * after `visible` nothing in it can move a cursor, set a title, reverse the line, hide a character, or be taken for a
 * command by a CI system that reads the log.
 *
 * Escaping is idempotent, so text that was escaped once may pass again: a backslash is left as it is. The result is for
 * people to read; to get the text back, take the JSON report, which loses nothing.
 */

/**
 * What acts, hides or deceives: controls (C0, DEL, C1), format characters (bidi controls, zero-width and soft ones, tags),
 * lone surrogates, line and paragraph separators; what Unicode says is not to be seen (fillers of Hangul, variation
 * selectors, joiners); what is no character at all, as XML would have it; and what is blank without being the blank that is typed: all other spaces, an empty Braille cell,
 * fillers of notes and scripts. By category wherever there is one, so that nothing of a later Unicode is forgotten.
 */
const UNSAFE =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800\u{13441}\u{13442}\u{16fe4}\u{1d159}]|(?! )\p{Zs}/gu;

/** Most text is printable ASCII without a `#`, in which there is nothing to look for; lines of it in JSON. */
const PLAIN = /^[ -"$-~]*$/;
const PLAIN_LINES = /^[\n -"$-~]*$/;

/** `##[`, `##vso[`, `##teamcity[` are commands anywhere in a line of a CI log. */
const LOG_COMMAND = /##(?=(?:vso|teamcity)?\[)/gi;
/** The longest beginning of one that may stand at a text's end. */
const BEGUN_COMMAND = /##?(?:v|vs|vso|t|te|tea|team|teamc|teamci|teamcit|teamcity)?$/i;

/** `::name` at a line's start, blanks before it or not, is a command of GitHub Actions. */
const COMMAND_START = /^(\s*):(?=:)/;

/** The text with everything that a terminal or a log would act upon spelt out: `\x1b`, `\u{202e}`. */
export function visible(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(UNSAFE, spell).replace(LOG_COMMAND, '\\x23#');
}

/** `visible` for text that comes behind `before`, which is visible already: together they are no command either. */
export function visibleBehind(before: string, text: string): string {
  const safe = visible(text);
  const begun = before.includes('#') ? BEGUN_COMMAND.exec(before)?.[0] : undefined;
  if (begun === undefined || safe === '' || visible(begun + safe) === begun + safe) return safe;
  return spell(safe[0]) + safe.slice(1);
}

/** `visible` for text that stands at the start of a line. */
export function visibleAtLineStart(text: string): string {
  return visible(text).replace(COMMAND_START, '$1\\x3a');
}

/**
 * The same protection for JSON, without loss: what `JSON.stringify` leaves raw becomes `\u202e`, which reads back as it
 * was. Outside strings JSON is ASCII without a `#`, so every match stands in a string; line feeds are the layout's own. A
 * string begins with a quote, so that none is a command at a line's start.
 */
export function visibleJson(json: string): string {
  if (PLAIN_LINES.test(json)) return json;
  return json
    .replace(UNSAFE, character => (character === '\n' ? character : spellUnits(character)))
    .replace(LOG_COMMAND, '\\u0023#');
}

/** Bytes as the text column of a hex dump shows them, a character each. */
export function visibleBytes(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte >= 0x20 && byte <= 0x7e ? String.fromCharCode(byte) : '.';
  return text.replace(LOG_COMMAND, '.#');
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
