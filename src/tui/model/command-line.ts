/**
 * One line that is being edited, with the keys of readline: what stands in it, where the cursor is, lines typed before, and
 * completion. It knows nothing of what the line is for; columns are UTF-16 units of the text, and the cursor never stands
 * inside a character.
 */

/** What may stand at the cursor, as src/filter/complete.ts tells it. */
export interface Candidates {
  /** Offset in the text of what a candidate replaces, which goes to the cursor. */
  readonly from: number;
  readonly candidates: readonly string[];
}

export type Completer = (text: string, cursor: number) => Candidates;

/** What a key did to the line. */
export type LineOutcome = 'edited' | 'accepted' | 'cancelled' | 'none';

/** Longer lines are not taken: nobody types them, and a slip of the clipboard need not be shown. */
const LONGEST = 4096;
const MOST_REMEMBERED = 100;

const WORD_BEFORE = /[\p{L}\p{N}_]+[^\p{L}\p{N}_]*$|[^\p{L}\p{N}_]+$/u;
const BLANK_WORD_BEFORE = /\S*\s*$/u;
const WORD_AFTER = /^[^\p{L}\p{N}_]*[\p{L}\p{N}_]+|^[^\p{L}\p{N}_]+/u;
/** What would break the line or move the cursor when it is pasted. */
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;

/** Lines accepted before, the last one first asked for. */
export class LineHistory {
  readonly #lines: string[];

  /** @param lines of earlier sessions */
  constructor(lines: readonly string[] = []) {
    this.#lines = lines.slice(-MOST_REMEMBERED);
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  add(line: string): void {
    if (line.trim() === '' || line === this.#lines.at(-1)) return;
    this.#lines.push(line);
    if (this.#lines.length > MOST_REMEMBERED) this.#lines.shift();
  }
}

export class EditedLine {
  #text: string;
  #cursor: number;
  readonly #history: LineHistory;
  readonly #complete: Completer;
  /** Place in the history; its length stands for the line that is being written. */
  #recalled: number;
  #draft = '';
  /** While one goes through candidates: where they stand, and which one does. */
  #cycle: { readonly from: number; readonly candidates: readonly string[]; readonly at: number } | undefined =
    undefined;

  constructor(text: string, history: LineHistory, complete: Completer) {
    this.#text = text;
    this.#cursor = text.length;
    this.#history = history;
    this.#recalled = history.lines.length;
    this.#complete = complete;
  }

  get text(): string {
    return this.#text;
  }

  get cursor(): number {
    return this.#cursor;
  }

  /** What may stand at the cursor now; while one goes through candidates, all of them. */
  get candidates(): readonly string[] {
    return this.#cycle?.candidates ?? this.#complete(this.#text, this.#cursor).candidates;
  }

  /** Which of them stands in the line; -1 for none. */
  get candidate(): number {
    return this.#cycle?.at ?? -1;
  }

  /** @param key by its name in the key table, or a character */
  press(key: string): LineOutcome {
    if (key === 'tab' || key === 'S-tab') return this.#next(key === 'tab' ? 1 : -1);
    this.#cycle = undefined;
    switch (key) {
      case 'enter':
        this.#history.add(this.#text);
        return 'accepted';
      case 'escape':
      case 'C-c':
      case 'C-g':
        return 'cancelled';
      case 'backspace':
      case 'C-h':
        // As in vi: there is nothing left to take away but the line itself.
        return this.#text === '' ? 'cancelled' : this.#cut(this.#before(), this.#cursor);
      case 'up':
      case 'C-p':
        return this.#recall(this.#recalled - 1);
      case 'down':
      case 'C-n':
        return this.#recall(this.#recalled + 1);
      default:
        return this.#edit(key);
    }
  }

  /** Text from the clipboard: on one line, controls become blanks. */
  paste(text: string): LineOutcome {
    this.#cycle = undefined;
    return this.#insert(text.slice(0, LONGEST).replace(CONTROLS, ' '));
  }

  #edit(key: string): LineOutcome {
    const { length } = this.#text;
    switch (key) {
      case 'left':
      case 'C-b':
        return this.#go(this.#before());
      case 'right':
      case 'C-f':
        return this.#go(this.#after());
      case 'home':
      case 'C-a':
        return this.#go(0);
      case 'end':
      case 'C-e':
        return this.#go(length);
      case 'M-b':
      case 'C-left':
        return this.#go(this.#wordBefore(WORD_BEFORE));
      case 'M-f':
      case 'C-right':
        return this.#go(this.#wordAfter());
      case 'delete':
      case 'C-d':
        return this.#cut(this.#cursor, this.#after());
      case 'C-w':
        return this.#cut(this.#wordBefore(BLANK_WORD_BEFORE), this.#cursor);
      case 'M-backspace':
        return this.#cut(this.#wordBefore(WORD_BEFORE), this.#cursor);
      case 'M-d':
        return this.#cut(this.#cursor, this.#wordAfter());
      case 'C-u':
        return this.#cut(0, this.#cursor);
      case 'C-k':
        return this.#cut(this.#cursor, length);
      case 'space':
        return this.#insert(' ');
      default:
        return isCharacter(key) ? this.#insert(key) : 'none';
    }
  }

  /** Completes as far as all candidates agree; beyond that goes through them. */
  #next(step: number): LineOutcome {
    const cycle = this.#cycle;
    if (cycle) {
      const { from, candidates } = cycle;
      const at = (cycle.at + step + candidates.length) % candidates.length;
      this.#replace(from, candidates[at]);
      this.#cycle = { from, candidates, at };
      return 'edited';
    }
    const { from, candidates } = this.#complete(this.#text, this.#cursor);
    if (candidates.length === 0) return 'none';
    const common = commonStart(candidates);
    if (common.length > this.#cursor - from && common.startsWith(this.#text.slice(from, this.#cursor))) {
      this.#replace(from, common);
      return 'edited';
    }
    const at = step > 0 ? 0 : candidates.length - 1;
    this.#replace(from, candidates[at]);
    this.#cycle = candidates.length > 1 ? { from, candidates, at } : undefined;
    return 'edited';
  }

  #recall(place: number): LineOutcome {
    const { lines } = this.#history;
    if (place < 0 || place > lines.length) return 'none';
    if (this.#recalled === lines.length) this.#draft = this.#text;
    this.#recalled = place;
    this.#text = place === lines.length ? this.#draft : lines[place];
    this.#cursor = this.#text.length;
    return 'edited';
  }

  #replace(from: number, text: string): void {
    this.#text = this.#text.slice(0, from) + text + this.#text.slice(this.#cursor);
    this.#cursor = from + text.length;
  }

  #insert(text: string): LineOutcome {
    if (text === '' || this.#text.length + text.length > LONGEST) return 'none';
    this.#replace(this.#cursor, text);
    return 'edited';
  }

  #cut(from: number, to: number): LineOutcome {
    this.#text = this.#text.slice(0, from) + this.#text.slice(to);
    this.#cursor = from;
    return 'edited';
  }

  #go(cursor: number): LineOutcome {
    this.#cursor = cursor;
    return 'edited';
  }

  #before(): number {
    const at = this.#cursor - 1;
    return Math.max(0, isInside(this.#text, at) ? at - 1 : at);
  }

  #after(): number {
    const at = Math.min(this.#cursor + 1, this.#text.length);
    return isInside(this.#text, at) ? at + 1 : at;
  }

  #wordBefore(word: RegExp): number {
    return this.#cursor - (word.exec(this.#text.slice(0, this.#cursor))?.[0].length ?? 0);
  }

  #wordAfter(): number {
    return this.#cursor + (WORD_AFTER.exec(this.#text.slice(this.#cursor))?.[0].length ?? 0);
  }
}

/** The column lies between the two units of one character. */
function isInside(text: string, column: number): boolean {
  return column > 0 && column < text.length && text.codePointAt(column - 1)! > 0xffff;
}

/** One character that is no control; all else is the name of a key. */
function isCharacter(key: string): boolean {
  return [...key].length === 1 && key.replace(CONTROLS, '') === key;
}

function commonStart(words: readonly string[]): string {
  let common = words[0];
  for (const word of words) while (!word.startsWith(common)) common = common.slice(0, -1);
  return common;
}
