/**
 * What comes from the terminal, made into keys, mouse events and pasted text. blessed's own parser loses keys that arrive
 * together with a mouse event, takes a sequence apart that arrives in two pieces, and knows nothing of bracketed paste, by
 * which a pasted `q` would quit. Keys have the names that blessed gives: `up`, `C-f`, `S-tab`; a printable character is
 * its own name, and `space`.
 */

export type InputEvent =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'paste'; readonly text: string }
  /** Cells count from 0 at the top left. */
  | { readonly kind: 'mouse'; readonly action: MouseAction; readonly x: number; readonly y: number };

export type MouseAction = 'press' | 'drag' | 'wheelup' | 'wheeldown';

/** Characters of one paste that are kept; the line that is edited takes far fewer. */
export const MAX_PASTE = 16_384;
/** No key is longer; what goes on beyond this is not for us. */
const MAX_SEQUENCE = 64;

const ESCAPE = '\x1b';
/** Behind the escape. */
const CSI = /^\[([0-?]*)[ -/]*([@-~])/;
const CSI_BEGUN = /^\[[0-?]*[ -/]*$/;
const PASTE_END = '\x1b[201~';

const BY_LETTER: Readonly<Record<string, string>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  E: 'clear',
  F: 'end',
  H: 'home',
  P: 'f1',
  Q: 'f2',
  R: 'f3',
  S: 'f4',
};

const BY_NUMBER: Readonly<Record<string, string>> = {
  1: 'home',
  2: 'insert',
  3: 'delete',
  4: 'end',
  5: 'pageup',
  6: 'pagedown',
  7: 'home',
  8: 'end',
  11: 'f1',
  12: 'f2',
  13: 'f3',
  14: 'f4',
  15: 'f5',
  17: 'f6',
  18: 'f7',
  19: 'f8',
  20: 'f9',
  21: 'f10',
  23: 'f11',
  24: 'f12',
};

const CONTROLS: Readonly<Record<string, string>> = {
  '\0': 'C-space',
  '\b': 'backspace',
  '\t': 'tab',
  '\n': 'enter',
  '\r': 'enter',
  '\x1c': 'C-\\',
  '\x1d': 'C-]',
  '\x1e': 'C-^',
  '\x1f': 'C-_',
  ' ': 'space',
  '\x7f': 'backspace',
};

export class InputDecoder {
  #rest = '';
  #pasted: string | undefined = undefined;
  #events: InputEvent[] = [];
  readonly #decoder = new TextDecoder();

  /** Is there the beginning of a sequence, which may be a key of its own (`escape`) if nothing follows? */
  get pending(): boolean {
    return this.#rest !== '' && this.#pasted === undefined;
  }

  push(bytes: Uint8Array): InputEvent[] {
    this.#rest += this.#decoder.decode(bytes, { stream: true });
    for (;;) {
      const taken = this.#pasted === undefined ? this.#takeOne() : this.#takePasted(this.#pasted);
      if (taken === 0) break;
      this.#rest = this.#rest.slice(taken);
    }
    return this.#take();
  }

  /** Nothing has followed for a while: what is pending is all there is. */
  flush(): InputEvent[] {
    if (this.pending) {
      if (this.#rest === ESCAPE) this.#key('escape');
      this.#rest = '';
    }
    return this.#take();
  }

  #take(): InputEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** Reads one event off the start of what is there. Returns how long it was; 0 when more is needed. */
  #takeOne(): number {
    const text = this.#rest;
    if (text === '') return 0;
    if (!text.startsWith(ESCAPE)) return this.#takeCharacter(text);
    if (text.length === 1) return 0;
    if (text[1] === '[') return this.#takeControlSequence(text);
    if (text[1] === 'O') return this.#takeSingleShift(text);
    // Somebody pressed escape and went on typing; we have no keys with alt.
    this.#key('escape');
    return 1;
  }

  #takeCharacter(text: string): number {
    const character = String.fromCodePoint(text.codePointAt(0)!);
    const control = CONTROLS[character];
    if (control !== undefined) this.#key(control);
    else if (character < ' ') this.#key(`C-${String.fromCharCode(character.charCodeAt(0) + 0x60)}`);
    else this.#key(character);
    return character.length;
  }

  #takeControlSequence(text: string): number {
    // The Linux console's F1 to F5.
    if (text[2] === '[') {
      if (text.length < 4) return 0;
      const number = 'ABCDE'.indexOf(text[3]!) + 1;
      if (number > 0) this.#key(`f${number}`);
      return 4;
    }
    const sequence = text.slice(ESCAPE.length);
    const match = CSI.exec(sequence);
    if (!match) return CSI_BEGUN.test(sequence) && text.length < MAX_SEQUENCE ? 0 : text.length;
    const [whole, parameters, final] = match as unknown as [string, string, string];
    if (final === 'M' && parameters === '') return this.#takeOldMouse(text);
    if (parameters.startsWith('<')) this.#mouse(parameters, final);
    else if (final === '~' && parameters === '200') this.#pasted = '';
    else this.#named(parameters.split(';'), final);
    return ESCAPE.length + whole.length;
  }

  #takeSingleShift(text: string): number {
    if (text.length < 3) return 0;
    const name = BY_LETTER[text[2]!];
    if (name !== undefined) this.#key(name);
    return 3;
  }

  #named(parameters: readonly string[], final: string): void {
    const modifiers = Math.max(0, Number(parameters[1] ?? 1) - 1);
    if (final === 'Z') this.#key('S-tab');
    const name = final === '~' ? BY_NUMBER[parameters[0]!] : BY_LETTER[final];
    if (name === undefined) return;
    const prefix = `${modifiers & 4 ? 'C-' : ''}${modifiers & 2 ? 'M-' : ''}${modifiers & 1 ? 'S-' : ''}`;
    this.#key(prefix + name);
  }

  /** SGR form (1006): button; column; line, each from 1; `m` at the end for a released button. */
  #mouse(parameters: string, final: string): void {
    const [button = Number.NaN, x = 0, y = 0] = parameters.slice(1).split(';').map(Number);
    if (final === 'M') this.#button(button, x - 1, y - 1);
  }

  /** X10 form, of terminals that do not know the other: three characters, each 32 and more. */
  #takeOldMouse(text: string): number {
    if (text.length < 6) return 0;
    const [button, x, y] = [3, 4, 5].map(at => text.charCodeAt(at) - 32) as [number, number, number];
    if ((button & 3) !== 3 || button & 64) this.#button(button, x - 1, y - 1);
    return 6;
  }

  #button(button: number, x: number, y: number): void {
    // 4, 8 and 16 are shift, alt and ctrl; 32 is a movement.
    const pressed = button & ~28;
    if (!(x >= 0 && y >= 0)) return;
    if (pressed === 0) this.#events.push({ kind: 'mouse', action: 'press', x, y });
    if (pressed === 32) this.#events.push({ kind: 'mouse', action: 'drag', x, y });
    if (pressed === 64) this.#events.push({ kind: 'mouse', action: 'wheelup', x, y });
    if (pressed === 65) this.#events.push({ kind: 'mouse', action: 'wheeldown', x, y });
  }

  #takePasted(soFar: string): number {
    const text = this.#rest;
    const end = text.indexOf(PASTE_END);
    const length = end >= 0 ? end : text.length - begunAtEnd(text);
    const pasted = soFar + text.slice(0, length);
    if (end < 0) {
      this.#pasted = pasted.slice(0, MAX_PASTE);
      return length;
    }
    this.#pasted = undefined;
    this.#events.push({ kind: 'paste', text: pasted.slice(0, MAX_PASTE) });
    return end + PASTE_END.length;
  }

  #key(key: string): void {
    this.#events.push({ kind: 'key', key });
  }
}

/** Characters at the text's end that may be the beginning of the end mark. */
function begunAtEnd(text: string): number {
  let length = Math.min(PASTE_END.length - 1, text.length);
  while (length > 0 && !text.endsWith(PASTE_END.slice(0, length))) length--;
  return length;
}
