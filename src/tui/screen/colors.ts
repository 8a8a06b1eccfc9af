/**
 * Colours as a theme's file writes them, and as terminals have them: indexes of the palette of 256, of which the lower 16 are
 * the user's own, or red, green and blue. blessed keeps an index in a cell and nothing else, so a colour of the second kind
 * becomes one of the upper 240; where the terminal can show it as it is, the index is replaced when it is written.
 */
type Environment = Readonly<Record<string, string | undefined>>;

/** An index of the palette, 0 to 255, or `#rrggbb` in lower case. */
export type Color = number | `#${string}`;

const NAMES = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];
/** The lower 16, in their order. */
export const COLOR_NAMES: readonly string[] = [...NAMES, ...NAMES.map(name => `bright-${name}`)];

/** Levels of red, green and blue in the cube of 216 colours from 16 on. */
const LEVELS = [0, 95, 135, 175, 215, 255];
const CUBE = 16;
const GREYS = 232;
/** The lower 16 as xterm has them, for what is near to them. */
const LOWER = [
  ...['#000000', '#cd0000', '#00cd00', '#cdcd00', '#0000ee', '#cd00cd', '#00cdcd', '#e5e5e5'],
  ...['#7f7f7f', '#ff0000', '#00ff00', '#ffff00', '#5c5cff', '#ff00ff', '#00ffff', '#ffffff'],
].map(partsOf);

type Parts = readonly [red: number, green: number, blue: number];

/** Undefined for what is no colour. */
export function colorOf(value: unknown): Color | undefined {
  if (typeof value === 'number') return Number.isInteger(value) && value >= 0 && value <= 255 ? value : undefined;
  if (typeof value !== 'string') return undefined;
  if (/^#[0-9a-f]{6}$/i.test(value)) return value.toLowerCase() as Color;
  const named = COLOR_NAMES.indexOf(value);
  return named >= 0 ? named : undefined;
}

/** @param index 16 to 255 */
function partsAt(index: number): Parts {
  if (index >= GREYS) return Array.from({ length: 3 }, () => 8 + 10 * (index - GREYS)) as unknown as Parts;
  const place = index - CUBE;
  return [LEVELS[Math.floor(place / 36)], LEVELS[Math.floor(place / 6) % 6], LEVELS[place % 6]];
}

/** The parts of `#rrggbb`, 0 to 255 each. */
export function partsOf(text: string): Parts {
  return [1, 3, 5].map(at => Number.parseInt(text.slice(at, at + 2), 16)) as unknown as Parts;
}

/** The nearest of the upper 240 that is not taken. */
export function nearestOf256(color: `#${string}`, taken: ReadonlySet<number> = new Set()): number {
  const all = Array.from({ length: 256 - CUBE }, (_, place) => place + CUBE);
  return nearest(
    partsOf(color),
    all.filter(index => !taken.has(index)),
    partsAt,
  );
}

/** The nearest of the lower 16. */
export function nearestOf16(color: Color): number {
  if (typeof color === 'number' && color < CUBE) return color;
  const parts = typeof color === 'number' ? partsAt(color) : partsOf(color);
  return nearest(
    parts,
    LOWER.map((_, index) => index),
    index => LOWER[index],
  );
}

function nearest(parts: Parts, indexes: readonly number[], at: (index: number) => Parts): number {
  const distance = (index: number) => at(index).reduce((sum, part, place) => sum + (part - parts[place]) ** 2, 0);
  return indexes.reduce((best, index) => (distance(index) < distance(best) ? index : best));
}

/**
 * Whether colours reach the screen as red, green and blue. tmux says that it is there since 3.2, and takes them; what it does
 * with them on a terminal that has none is its matter. GNU screen has none.
 */
export function keepsTrueColor({
  COLORTERM: colors = '',
  TERM_PROGRAM: program,
  TERM: term,
  ...more
}: Environment): boolean {
  if (!/^(truecolor|24bit)$/i.test(colors) || more.STY !== undefined) return false;
  const isMultiplexed = more.TMUX !== undefined || /^(screen|tmux)/.test(term ?? '');
  return !isMultiplexed || program === 'tmux';
}

/** What is written, with indexes replaced by the colours that stand for them. */
export function withTrueColors(text: string, exact: ReadonlyMap<number, Color>): string {
  if (exact.size === 0) return text;
  return text.replace(/(?<=[[;])([34])8;5;(\d+)(?=[;m])/g, (whole, ground: string, index: string) => {
    const color = exact.get(Number(index));
    return typeof color === 'string' ? `${ground}8;2;${partsOf(color).join(';')}` : whole;
  });
}
