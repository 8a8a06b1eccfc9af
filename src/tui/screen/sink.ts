/**
 * The one way from a pane to the terminal: lines become text with SGR sequences of our own making and nothing else that
 * a terminal would act on. Every span, from any source and with any content, is escaped and cut to its line here;
 * blessed's tags are never on, and the terminal's title is never set.
 */
import { clip, shown, widthOf } from '../text/cells.ts';
import type { Line, Size } from '../text/line.ts';
import type { StyledPlace, Theme } from './theme.ts';

const ASCII = /^[\x20-\x7e]*$/;
const RESET = '\x1b[m';

export class Sink {
  readonly #theme: Theme;
  readonly #drawn: (character: string) => string;

  /** @param drawn what stands for a printable character on this terminal: as many cells of it, or itself */
  constructor(theme: Theme, drawn: (character: string) => string) {
    this.#theme = theme;
    this.#drawn = drawn;
  }

  /** Content of a box of this size: its lines joined by line feeds, none wider than the box, none beyond its height. */
  content(lines: readonly Line[], { width, height }: Size): string {
    return lines
      .slice(0, height)
      .map(line => this.line(line, width, line.selected ?? 'plain'))
      .join('\n');
  }

  /** One line of a place of its own, which is filled to its end unless it is plain. */
  line({ spans }: Line, width: number, place: StyledPlace): string {
    let room = width;
    let text = '';
    for (const span of spans) {
      const piece = clip(this.safe(span.text), room);
      if (piece === '') continue;
      room -= widthOf(piece);
      text += this.#theme.sgr(span.role, place) + piece;
    }
    if (place !== 'plain' && room > 0) text += this.#theme.sgr('plain', place) + ' '.repeat(room);
    // Without a character of its own, blessed takes an empty line behind a full one for the end of that.
    return (text === '' ? ' ' : text) + RESET;
  }

  /** The text with nothing in it that acts on a terminal, and nothing that this one cannot draw. */
  safe(text: string): string {
    const spelt = shown(text);
    return ASCII.test(spelt) ? spelt : Array.from(spelt.normalize('NFC'), this.#drawn).join('');
  }
}
