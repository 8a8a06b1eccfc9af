/**
 * How each role looks: colours for terminals of 256 and of 16 colours, on dark and on light ground, and bold, underline
 * and reverse alone where colours are not wanted. A terminal of true colours gets the 256, of which the upper 240 look the
 * same everywhere; the lower 16 are the user's own palette, and are used only where there are no others. A theme of the
 * user's lays its roles over one of these, and its colours of red, green and blue reach a terminal that has them.
 */

import type { Tone } from '../plan/screen-plan.ts';
import type { Line, Role } from '../text/line.ts';
import { type Color, nearestOf16, nearestOf256 } from './colors.ts';

/** Colours that may be used: 0 for none. */
export type ColorDepth = 0 | 16 | 256;
export type Ground = 'dark' | 'light';
export const GROUNDS: readonly Ground[] = ['dark', 'light'];
/** Where a line stands: on plain ground, as the selected row of a pane in focus or of another, or as a bar set off. */
export type StyledPlace = 'plain' | NonNullable<Line['selected']> | Exclude<Tone, 'plain'>;

/** Colours are indexes of the terminal's palette; absent for its own. */
export interface Style {
  readonly fg?: number;
  readonly bg?: number;
  readonly bold?: boolean;
  readonly underline?: boolean;
  readonly reverse?: boolean;
}

/** How a role looks in a theme of the user's. Absent: as in the theme that it is laid over. */
export interface RoleStyle {
  readonly fg?: Color;
  readonly bg?: Color;
  readonly bold?: boolean;
  readonly underline?: boolean;
  readonly reverse?: boolean;
}

/** The user's own theme. */
export interface OwnTheme {
  readonly name: string;
  readonly ground: Ground;
  readonly roles: Readonly<Partial<Record<Role, RoleStyle>>>;
}

export type Palette = Readonly<Record<Role, Style>>;
type Environment = Readonly<Record<string, string | undefined>>;

const DARK: Palette = {
  plain: {},
  strong: { bold: true },
  dim: { fg: 248 },
  heading: { fg: 111, bold: true },
  key: { fg: 180 },
  error: { fg: 203, bold: true },
  warning: { fg: 221 },
  info: { fg: 117 },
  good: { fg: 114 },
  client: { fg: 80 },
  server: { fg: 177 },
  match: { fg: 231, bg: 23 },
  'match-error': { fg: 224, bg: 23, bold: true, underline: true },
  'match-warning': { fg: 229, bg: 23, underline: true },
  'match-info': { fg: 195, bg: 23, underline: true },
  faded: { fg: 245 },
};

const LIGHT: Palette = {
  plain: {},
  strong: { bold: true },
  dim: { fg: 241 },
  heading: { fg: 25, bold: true },
  key: { fg: 94 },
  error: { fg: 160, bold: true },
  warning: { fg: 94 },
  info: { fg: 25 },
  good: { fg: 22 },
  client: { fg: 24 },
  server: { fg: 90 },
  match: { fg: 16, bg: 222 },
  'match-error': { fg: 124, bg: 222, bold: true, underline: true },
  'match-warning': { fg: 58, bg: 222, underline: true },
  'match-info': { fg: 18, bg: 222, underline: true },
  faded: { fg: 242 },
};

const DARK_16: Palette = {
  plain: {},
  strong: { bold: true },
  dim: {},
  heading: { fg: 14, bold: true },
  key: { fg: 11 },
  error: { fg: 9, bold: true },
  warning: { fg: 11 },
  info: { fg: 14 },
  good: { fg: 10 },
  client: { fg: 14 },
  server: { fg: 13 },
  match: { fg: 0, bg: 6 },
  'match-error': { fg: 0, bg: 6, bold: true, underline: true },
  'match-warning': { fg: 0, bg: 6, underline: true },
  'match-info': { fg: 0, bg: 6, underline: true },
  faded: {},
};

/** Yellow, cyan and green of most palettes cannot be read on white. */
const LIGHT_16: Palette = {
  ...DARK_16,
  heading: { fg: 4, bold: true },
  key: { fg: 4 },
  error: { fg: 1, bold: true },
  warning: { fg: 5, bold: true },
  info: { fg: 4 },
  good: { bold: true },
  client: { fg: 4 },
  server: { fg: 5 },
};

const COLORLESS: Palette = {
  plain: {},
  strong: { bold: true },
  dim: {},
  heading: { bold: true },
  key: { bold: true },
  error: { bold: true, underline: true },
  warning: { underline: true },
  info: {},
  good: {},
  client: {},
  server: {},
  match: { reverse: true },
  'match-error': { reverse: true, bold: true, underline: true },
  'match-warning': { reverse: true, underline: true },
  'match-info': { reverse: true },
  faded: {},
};

export const ROLES = Object.keys(DARK) as readonly Role[];

/** On a bar of a strong colour only what is bad and what is good keeps its own. */
const ON_BAR: Partial<Palette> = {
  error: { fg: 224, bold: true },
  warning: { fg: 229 },
  info: { fg: 195 },
  good: { fg: 194 },
};

type Look = Readonly<Record<StyledPlace, Palette>>;

const COLORLESS_LOOK: Look = {
  ...selections(COLORLESS),
  good: underlined(COLORLESS),
  error: all({ reverse: true }),
  attention: all({ bold: true }),
};

const LOOKS: Readonly<Record<Ground, Readonly<Record<ColorDepth, Look>>>> = {
  dark: {
    256: {
      plain: DARK,
      focus: laidOn(24, { ...all({ fg: 231 }), ...ON_BAR, dim: { fg: 253 }, faded: { fg: 253 } }),
      other: laidOn(237, { ...DARK, dim: { fg: 250 }, faded: { fg: 250 }, error: { fg: 210, bold: true } }),
      good: all({ fg: 231, bg: 22 }),
      error: all({ fg: 231, bg: 88 }),
      attention: all({ fg: 231, bg: 58 }),
    },
    16: barsOf16(DARK_16),
    0: COLORLESS_LOOK,
  },
  light: {
    256: {
      plain: LIGHT,
      focus: laidOn(25, { ...all({ fg: 231 }), ...ON_BAR, dim: { fg: 254 }, faded: { fg: 254 } }),
      other: laidOn(253, {
        ...LIGHT,
        dim: { fg: 239 },
        faded: { fg: 239 },
        error: { fg: 124, bold: true },
        key: { fg: 58 },
        warning: { fg: 58 },
      }),
      good: all({ fg: 16, bg: 194 }),
      error: all({ fg: 16, bg: 224 }),
      attention: all({ fg: 16, bg: 229 }),
    },
    16: barsOf16(LIGHT_16),
    0: COLORLESS_LOOK,
  },
};

const PLACES = Object.keys(COLORLESS_LOOK) as StyledPlace[];

type Sequences = Readonly<Record<StyledPlace, Readonly<Record<Role, string>>>>;

export class Theme {
  readonly depth: ColorDepth;
  readonly ground: Ground;
  /** Colours that stand for indexes which are written in their place; none where the terminal cannot show them. */
  readonly exact: ReadonlyMap<number, Color>;
  readonly #look: Look;
  readonly #sequences: Sequences;

  /**
   * @param own roles that look as the user wants them
   * @param isTrue the terminal shows red, green and blue as they are
   */
  constructor(depth: ColorDepth, ground: Ground, own?: OwnTheme['roles'], isTrue = false) {
    this.depth = depth;
    this.ground = ground;
    const base = LOOKS[ground][depth];
    const exact = isTrue && own && depth === 256 ? exactColors(own, base) : new Map<number, Color>();
    const look = own ? laidOver(base, own, color => indexOf(color, depth, exact)) : base;
    this.exact = exact;
    this.#look = look;
    this.#sequences = Object.fromEntries(PLACES.map(place => [place, written(look[place])])) as Sequences;
  }

  style(role: Role, place: StyledPlace = 'plain'): Style {
    return this.#look[place][role];
  }

  /** The SGR sequence that sets this look and nothing left of another. */
  sgr(role: Role, place: StyledPlace = 'plain'): string {
    return this.#sequences[place][role];
  }
}

/** Colours that the terminal shows, as far as its environment tells (no-color.org holds before that). */
export function depthOf({ TERM: term = '', COLORTERM: colors = '' }: Environment): ColorDepth {
  if (/^(dumb|vt\d|ansi-m|.*-mono$|.*-m$)/.test(term)) return 0;
  if (/truecolor|24bit|256/i.test(colors)) return 256;
  return /256|direct|kitty|alacritty|foot|wezterm|ghostty|contour|iterm/i.test(term) ? 256 : 16;
}

/**
 * The ground of the terminal. Those that tell put foreground and background into COLORFGBG (`0;15`, `12;default;8`);
 * of the others more are dark.
 */
export function groundOf({ COLORFGBG: colors = '' }: Environment): Ground {
  const background = Number.parseInt(colors.split(';').at(-1) ?? '', 10);
  return background === 7 || (background >= 9 && background <= 15) ? 'light' : 'dark';
}

/** The user's roles on plain ground and on the selected row of a pane that is not in focus; bars keep their own colours. */
function laidOver(base: Look, own: OwnTheme['roles'], indexOf: (color: Color) => number | undefined): Look {
  const over = (palette: Palette, keepsGround: boolean) =>
    mapped(role => {
      const { fg, bg, ...flags }: RoleStyle = own[role] ?? {};
      const [front, back] = [fg, keepsGround ? undefined : bg].map(color => color !== undefined && indexOf(color));
      return {
        ...palette[role],
        ...(typeof front === 'number' && { fg: front }),
        ...(typeof back === 'number' && { bg: back }),
        ...flags,
      };
    });
  return { ...base, plain: over(base.plain, false), other: over(base.other, true) };
}

/** Undefined where there are no colours. */
function indexOf(color: Color, depth: ColorDepth, exact: ReadonlyMap<number, Color>): number | undefined {
  if (depth === 0) return undefined;
  if (depth === 16) return nearestOf16(color);
  if (typeof color === 'number') return color;
  return [...exact].find(([, known]) => known === color)?.[0] ?? nearestOf256(color);
}

/** An index of its own for each colour, which nothing else is drawn with. */
function exactColors(own: OwnTheme['roles'], base: Look): Map<number, Color> {
  const exact = new Map<number, Color>();
  const colors = Object.values(own).flatMap(({ fg, bg }) => [fg, bg]);
  const palettes = PLACES.flatMap(place => Object.values(base[place])).flatMap(({ fg, bg }) => [fg, bg]);
  const taken = new Set([...palettes, ...colors].filter(color => typeof color === 'number'));
  for (const color of new Set(colors)) {
    if (typeof color !== 'string') continue;
    const index = nearestOf256(color, taken);
    taken.add(index);
    exact.set(index, color);
  }
  return exact;
}

function barsOf16(plain: Palette): Look {
  return {
    ...selections(plain),
    good: all({ fg: 0, bg: 2 }),
    error: all({ fg: 15, bg: 1 }),
    attention: all({ fg: 0, bg: 3 }),
  };
}

/** Reverse is what every terminal has, and what reads on every palette. */
function selections(plain: Palette): Pick<Look, 'plain' | 'focus' | 'other'> {
  return { plain, focus: all({ reverse: true }), other: underlined(plain) };
}

function underlined(palette: Palette): Palette {
  return mapped(role => ({ ...palette[role], underline: true }));
}

function laidOn(bg: number, palette: Palette): Palette {
  return mapped(role => ({ bg, ...palette[role] }));
}

function all(style: Style): Palette {
  return mapped(role => (role === 'strong' || role === 'heading' ? { ...style, bold: true } : style));
}

function mapped(style: (role: Role) => Style): Palette {
  return Object.fromEntries(ROLES.map(role => [role, style(role)])) as Record<Role, Style>;
}

function written(palette: Palette): Readonly<Record<Role, string>> {
  return Object.fromEntries(ROLES.map(role => [role, sgrOf(palette[role])])) as Record<Role, string>;
}

function sgrOf({ fg, bg, bold, underline, reverse }: Style): string {
  const codes: (string | number)[] = [0];
  if (bold) codes.push(1);
  if (underline) codes.push(4);
  if (reverse) codes.push(7);
  if (fg !== undefined) codes.push(colorCode(fg, 30));
  if (bg !== undefined) codes.push(colorCode(bg, 40));
  return `\x1b[${codes.join(';')}m`;
}

/** Terminals of 16 colours do not know the long form. */
function colorCode(color: number, base: 30 | 40): string {
  if (color < 8) return String(base + color);
  if (color < 16) return String(base + 60 + color - 8);
  return `${base + 8};5;${color}`;
}
