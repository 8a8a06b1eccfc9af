/**
 * A picture of a terminal's screen, as SVG: a window, and in it the cells of the screen where they belong in any font.
 * Each run of text says how wide it is; what makes a picture across cells is drawn (glyphs.ts). The same screen gives
 * the same bytes.
 */
import { widthOf } from '../../src/tui/text/cells.ts';
import { EXTENSIBLE, type Glyph, glyphOf } from './glyphs.ts';
import { type Color, parseScreen, type Run, type Style } from './sgr.ts';

export interface Palette {
  readonly foreground: string;
  readonly background: string;
  /** Bar of the window, its title and its buttons. */
  readonly bar: string;
  readonly title: string;
  /** Colours 0 to 15. */
  readonly colors: readonly string[];
}

export const DARK: Palette = {
  foreground: '#d6dae0',
  background: '#15181e',
  bar: '#2a2f38',
  title: '#9aa3b0',
  colors: [
    ...['#15181e', '#e06c75', '#8fc379', '#e0b76c', '#6cb0f0', '#c88be0', '#5cbfc9', '#c3c9d2'],
    ...['#6b7380', '#f5848d', '#a8d98f', '#f2cd86', '#8ac4fa', '#dba3ef', '#7cd6df', '#f4f6f9'],
  ],
};

export const LIGHT: Palette = {
  foreground: '#24292f',
  background: '#ffffff',
  bar: '#e6e9ed',
  title: '#57606a',
  colors: [
    ...['#24292f', '#c4282f', '#1a7f37', '#8a5a00', '#0759ba', '#8250df', '#14707a', '#6e7781'],
    ...['#57606a', '#a40e26', '#116329', '#6f4400', '#0a4c9c', '#6639ba', '#0c5a63', '#8c959f'],
  ],
};

export interface PictureOptions {
  /** Size of the terminal in cells. */
  readonly columns: number;
  readonly rows: number;
  /** Stands in the window's bar, and is read out to those who do not see the picture. */
  readonly title: string;
  readonly palette?: Palette;
}

const CELL = { width: 9, height: 19 };
const FONT_SIZE = 15;
/** From a cell's top to the line that letters stand on. */
const BASELINE = 14;
export const BAR_HEIGHT = 32;
const PADDING = 10;
const RADIUS = 8;
/** Widths of lines. */
const LIGHT_LINE = 1.2;
const HEAVY_LINE = 2.4;
const FONTS = "ui-monospace, 'SF Mono', 'Cascadia Mono', 'DejaVu Sans Mono', Menlo, Consolas, monospace";
const DIM = 0.55;
/** Levels of the 6 x 6 x 6 colours from number 16 on; from 232 on there are greys. */
const CUBE = [0, 95, 135, 175, 215, 255];

/** @param screen as `tmux capture-pane -e -p` prints it */
export function picture(screen: string, options: PictureOptions): string {
  return windowAround(linesOf(screen, options), options);
}

/** The lines of a screen, each as SVG; empty where nothing is to be seen. */
export function linesOf(screen: string, { rows, palette = DARK }: PictureOptions): string[] {
  return parseScreen(screen)
    .slice(0, rows)
    .map((runs, row) => lineOf(runs, row, palette));
}

/**
 * The window of a terminal around lines.
 * @param behindTitle elements between title and window, such as a style sheet
 * @param inBar elements that are drawn on the window's bar
 */
export function windowAround(
  lines: readonly string[],
  { columns, rows, title, palette = DARK }: PictureOptions,
  { behindTitle = '', inBar = '' }: { readonly behindTitle?: string; readonly inBar?: string } = {},
): string {
  const width = widthOfWindow(columns);
  const height = rows * CELL.height + 2 * PADDING + BAR_HEIGHT;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    behindTitle,
    `<rect x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="${RADIUS}" fill="${palette.background}" stroke="${palette.bar}"/>`,
    `<path d="M0 ${BAR_HEIGHT}V${RADIUS}q0 ${-RADIUS} ${RADIUS} ${-RADIUS}H${width - RADIUS}q${RADIUS} 0 ${RADIUS} ${RADIUS}V${BAR_HEIGHT}z" fill="${palette.bar}"/>`,
    ...[20, 40, 60].map(
      x => `<circle cx="${x}" cy="${BAR_HEIGHT / 2}" r="6" fill="${palette.title}" fill-opacity=".45"/>`,
    ),
    `<text x="${width / 2}" y="${BAR_HEIGHT / 2 + 5}" text-anchor="middle" font-family="system-ui, sans-serif" font-size="14" fill="${palette.title}">${escaped(title)}</text>`,
    inBar,
    `<g transform="translate(${PADDING} ${BAR_HEIGHT + PADDING})" font-family="${FONTS}" font-size="${FONT_SIZE}" fill="${palette.foreground}" stroke-width="${LIGHT_LINE}" style="white-space:pre" xml:space="preserve">`,
    ...lines,
    '</g>',
    '</svg>',
  ]
    .filter(Boolean)
    .join('\n')}\n`;
}

/** Pixels of a window that is so many cells wide. */
export function widthOfWindow(columns: number): number {
  return columns * CELL.width + 2 * PADDING;
}

/** Backgrounds first: a letter may reach into the next run's cells. */
function lineOf(runs: readonly Run[], row: number, palette: Palette): string {
  const y = row * CELL.height;
  const drawn = runs.map(run => ({ run, colors: colorsOf(run.style, palette) }));
  const grounds = drawn.map(({ run, colors }) => {
    if (colors.background === palette.background) return '';
    const { x, cells } = run;
    return `<rect x="${x * CELL.width}" y="${y}" width="${cells * CELL.width}" height="${CELL.height}" fill="${colors.background}"/>`;
  });
  const contents = drawn.map(({ run, colors }) => {
    if (run.style.hidden) return '';
    const { words, drawings } = contentOf(run, y);
    const looks = looksOf(run.style, colors.foreground, palette);
    return words.map(word => wordText(word, y, looks)).join('') + drawingPaths(drawings, looks);
  });
  return [...grounds, ...contents].join('');
}

interface Word {
  /** The first cell. */
  readonly x: number;
  readonly text: string;
}

/** What a run's attributes make of what is in it. */
interface Looks {
  readonly color: string;
  readonly ofText: string;
  readonly opacity: string;
}

/** Words with the single blanks between them, and characters that are drawn. */
function contentOf({ x, text, style }: Run, y: number): { words: Word[]; drawings: Glyph[] } {
  const words: Word[] = [];
  const drawings: Glyph[] = [];
  const isLined = style.underline || style.strike;
  let at = x;
  let word = '';
  let start = at;
  const endWord = () => {
    // Blanks at the ends show nothing, unless there is a line below or through them.
    const shown = isLined ? word : word.trim();
    const skipped = isLined ? 0 : word.length - word.trimStart().length;
    if (shown !== '') words.push({ x: start + skipped, text: shown });
    word = '';
  };
  for (const character of characters(text)) {
    const cells = widthOf(character);
    const box = { x: at * CELL.width, y, width: cells * CELL.width, height: CELL.height };
    const glyph = glyphOf(character[0]!, box);
    // Two blanks end a word: what a font makes of its letters must not move the next column.
    if (glyph || (!isLined && word.endsWith('  ') && character !== ' ')) endWord();
    if (word === '') start = at;
    if (glyph) drawings.push(glyph);
    else word += character;
    at += cells;
  }
  endWord();
  return { words, drawings };
}

function wordText({ x, text }: Word, y: number, { ofText }: Looks): string {
  const length = `textLength="${widthOf(text) * CELL.width}" lengthAdjust="spacingAndGlyphs"`;
  return `<text x="${x * CELL.width}" y="${y + BASELINE}" ${length}${ofText}>${escaped(text)}</text>`;
}

/** One path for all of a kind. */
function drawingPaths(drawings: readonly Glyph[], { color, opacity }: Looks): string {
  const attributes = {
    light: ` fill="none" stroke="${color}"`,
    heavy: ` fill="none" stroke="${color}" stroke-width="${HEAVY_LINE}"`,
    fill: ` fill="${color}"`,
  };
  return (['fill', 'light', 'heavy'] as const)
    .map(kind => {
      const path = drawings.map(drawing => (drawing.kind === kind ? drawing.path : '')).join('');
      return path && `<path d="${path}"${attributes[kind]}${opacity}/>`;
    })
    .join('');
}

function looksOf({ bold, dim, italic, underline, strike }: Style, color: string, palette: Palette): Looks {
  const opacity = dim ? ` opacity="${DIM}"` : '';
  const decoration = [underline && 'underline', strike && 'line-through'].filter(Boolean).join(' ');
  const ofText = [
    color === palette.foreground ? '' : ` fill="${color}"`,
    bold ? ' font-weight="bold"' : '',
    italic ? ' font-style="italic"' : '',
    decoration && ` text-decoration="${decoration}"`,
    opacity,
  ].join('');
  return { color, ofText, opacity };
}

function colorsOf({ foreground, background, reverse }: Style, palette: Palette) {
  const front = foreground === undefined ? palette.foreground : colorText(foreground, palette);
  const back = background === undefined ? palette.background : colorText(background, palette);
  return reverse ? { foreground: back, background: front } : { foreground: front, background: back };
}

function colorText(color: Color, { colors }: Palette): string {
  if (typeof color !== 'number') return hexOf([color.red, color.green, color.blue]);
  if (color < 16) return colors[color]!;
  if (color >= 232) return hexOf(Array<number>(3).fill(8 + (color - 232) * 10));
  const cube = color - 16;
  return hexOf([Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map(level => CUBE[level]!));
}

function hexOf(levels: readonly number[]): string {
  return `#${levels.map(level => level.toString(16).padStart(2, '0')).join('')}`;
}

/** Characters with the marks that stand on them; those that are drawn as one, together. */
function characters(text: string): string[] {
  const single = text.match(/.[\p{Mn}\p{Me}]*/gsu) ?? [];
  const joined: string[] = [];
  for (const character of single) {
    const isMore = EXTENSIBLE.has(character) && joined.at(-1)?.startsWith(character);
    if (isMore) joined[joined.length - 1] += character;
    else joined.push(character);
  }
  return joined;
}

/** Control characters have no place in XML 1.0, not even escaped. */
export function escaped(text: string): string {
  const shown = text.replace(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, '\ufffd');
  return shown.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}
