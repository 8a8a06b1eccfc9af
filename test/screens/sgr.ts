/**
 * A terminal's screen as tmux hands it over (`capture-pane -e -p`): text with SGR sequences (ECMA-48 8.3.117), made into
 * runs of cells that look the same. tmux carries attributes over from line to line, and draws old line characters by
 * shifting to another set (SO, SI).
 */
import { widthOf } from '../../src/tui/text/cells.ts';

/** A colour of the terminal's own by number (0..255), or one of its own; absent: the terminal's default. */
export type Color = number | { readonly red: number; readonly green: number; readonly blue: number };

export interface Style {
  readonly foreground?: Color | undefined;
  readonly background?: Color | undefined;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly italic: boolean;
  readonly underline: boolean;
  readonly reverse: boolean;
  readonly hidden: boolean;
  readonly strike: boolean;
}

/** Cells of one line that look the same. */
export interface Run {
  /** The first cell, from 0. */
  readonly x: number;
  readonly cells: number;
  readonly text: string;
  readonly style: Style;
}

export const PLAIN: Style = {
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  reverse: false,
  hidden: false,
  strike: false,
};

/** A control sequence, an operating system command, a shift, a line's end, or text up to the next of these. */
const TOKEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /\x1b\[([\d;:]*)([\x40-\x7e])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\x0e\x0f\n]|[^\x1b\x0e\x0f\n]+|\x1b/g;

/** DEC special graphics, from `j`. */
const LINES = '┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│';

/** Attributes that are set by one code and taken back by another. */
const SWITCHES: Readonly<Record<number, Partial<Style>>> = {
  1: { bold: true },
  2: { dim: true },
  3: { italic: true },
  4: { underline: true },
  7: { reverse: true },
  8: { hidden: true },
  9: { strike: true },
  21: { underline: true },
  22: { bold: false, dim: false },
  23: { italic: false },
  24: { underline: false },
  27: { reverse: false },
  28: { hidden: false },
  29: { strike: false },
  39: { foreground: undefined },
  49: { background: undefined },
};

/** The runs of each line, from left to right. */
export function parseScreen(text: string): Run[][] {
  const lines: Run[][] = [[]];
  let style = PLAIN;
  let x = 0;
  let drawsLines = false;
  for (const [token, parameters, final] of text.matchAll(TOKEN)) {
    if (token === '\n') {
      lines.push([]);
      x = 0;
    } else if (token === '\x0e' || token === '\x0f') drawsLines = token === '\x0e';
    else if (token.startsWith('\x1b')) {
      if (final === 'm') style = styled(style, parameters ?? '');
    } else {
      const shown = drawsLines ? token.replace(/[j-x]/g, letter => LINES[letter.charCodeAt(0) - 0x6a]!) : token;
      const cells = widthOf(shown);
      lines.at(-1)!.push({ x, cells, text: shown, style });
      x += cells;
    }
  }
  if (lines.at(-1)!.length === 0) lines.pop();
  return lines;
}

/** The style after the parameters of one SGR sequence. */
export function styled(before: Style, parameters: string): Style {
  const codes = parameters.split(';');
  let style = before;
  for (let at = 0; at < codes.length; at++) {
    const [first = '', ...rest] = codes[at]!.split(':');
    const code = Number(first);
    if (code === 38 || code === 48 || code === 58) {
      // In colons the colour is all there; in semicolons it is in the codes that follow.
      const follow = rest.length > 0 ? rest : codes.slice(at + 1);
      const { color, used } = extendedColor(follow);
      if (rest.length === 0) at += used;
      if (code !== 58) style = { ...style, [code === 38 ? 'foreground' : 'background']: color };
    } else if (code === 0) style = PLAIN;
    else if (code === 4 && rest[0] === '0') style = { ...style, underline: false };
    else style = { ...style, ...(SWITCHES[code] ?? basicColor(code)) };
  }
  return style;
}

function basicColor(code: number): Partial<Style> {
  if (code >= 30 && code <= 37) return { foreground: code - 30 };
  if (code >= 90 && code <= 97) return { foreground: code - 90 + 8 };
  if (code >= 40 && code <= 47) return { background: code - 40 };
  if (code >= 100 && code <= 107) return { background: code - 100 + 8 };
  return {};
}

/** `5;n` or `2;r;g;b`; with colons there may be a colour space before the three. */
function extendedColor(codes: readonly string[]): { color: Color | undefined; used: number } {
  if (codes[0] === '5') return { color: Number(codes[1] ?? 0) & 0xff, used: 2 };
  if (codes[0] !== '2') return { color: undefined, used: 1 };
  const [red = 0, green = 0, blue = 0] = codes.slice(codes.length === 5 && codes[1] === '' ? 2 : 1).map(Number);
  return { color: { red: red & 0xff, green: green & 0xff, blue: blue & 0xff }, used: 4 };
}
