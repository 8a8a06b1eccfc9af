import { describe, expect, test } from 'vitest';
import { depthOf, type Ground, groundOf, type Style, type StyledPlace, Theme } from '../../../src/tui/screen/theme.ts';
import type { Role } from '../../../src/tui/text/line.ts';

const ROLES = [
  'plain',
  'strong',
  'dim',
  'heading',
  'key',
  'error',
  'warning',
  'info',
  'good',
  'client',
  'server',
  'match',
  'match-error',
  'match-warning',
  'match-info',
  'faded',
] as const satisfies readonly Role[];
const PLACES: readonly StyledPlace[] = ['plain', 'focus', 'other', 'good', 'error', 'attention'];

/** Grounds that terminals come with, and the text on them: plain ones, and those of Solarized, One and Dracula. */
const TERMINALS: Readonly<Record<Ground, readonly (readonly [string, string])[]>> = {
  dark: [
    ['#000000', '#e5e5e5'],
    ['#1e1e1e', '#d4d4d4'],
    ['#282a36', '#f8f8f2'],
    ['#002b36', '#eee8d5'],
  ],
  light: [
    ['#ffffff', '#000000'],
    ['#fdf6e3', '#073642'],
    ['#fafafa', '#383a42'],
  ],
};

const LEVELS = [0, 95, 135, 175, 215, 255];

/** Red, green and blue of one of the upper 240 colours of xterm's palette. */
function colorOf(index: number): readonly number[] {
  if (index >= 232) return [0, 0, 0].map(() => 8 + (index - 232) * 10);
  return [36, 6, 1].map(step => LEVELS[Math.floor((index - 16) / step) % 6]!);
}

const parsed = (hex: string) => [1, 3, 5].map(at => Number.parseInt(hex.slice(at, at + 2), 16));

/** WCAG 2.1: relative luminance, contrast ratio. */
function luminance(color: readonly number[]): number {
  const [r, g, b] = color.map(level => {
    const share = level / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(a: readonly number[], b: readonly number[]): number {
  const [light, dark] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
  return (light! + 0.05) / (dark! + 0.05);
}

describe.each(['dark', 'light'] as const)('with 256 colours on %s ground', ground => {
  const theme = new Theme(256, ground);

  test.each(TERMINALS[ground])('every role reads on %s', (background, foreground) => {
    const colors = ({ fg, bg }: Style) =>
      [
        fg === undefined ? parsed(foreground) : colorOf(fg),
        bg === undefined ? parsed(background) : colorOf(bg),
      ] as const;
    const unreadable = PLACES.flatMap(place =>
      ROLES.map(role => [`${role} (${place})`, contrast(...colors(theme.style(role, place)))] as const),
    ).filter(([, ratio]) => ratio < LEAST_CONTRAST);
    expect(unreadable).toEqual([]);
  });

  test('uses none of the lower 16, which are whatever the user has made of them', () => {
    const used = PLACES.flatMap(place => ROLES.map(role => theme.style(role, place))).flatMap(({ fg, bg }) => [fg, bg]);
    expect(used.filter(color => color !== undefined && color < 16)).toEqual([]);
  });
});

/** AA asks for 4.5; a little less on grounds that are neither black nor white. */
const LEAST_CONTRAST = 4;

test.each([
  [0, 'dark'],
  [16, 'dark'],
  [256, 'dark'],
  [16, 'light'],
  [256, 'light'],
] as const)('what is at fault within a match stands on its ground: %i colours, %s', (depth, ground) => {
  const theme = new Theme(depth, ground);
  const groundOf = ({ bg, reverse }: Style) => ({ bg, reverse });
  const grounds = (['match', 'match-error', 'match-warning', 'match-info'] as const).map(role =>
    groundOf(theme.style(role)),
  );
  expect(grounds).toEqual(grounds.map(() => grounds[0]));
  expect(theme.style('match-error')).not.toEqual(theme.style('match'));
});

describe('without colours', () => {
  const theme = new Theme(0, 'dark');

  test('there are bold, underline and reverse, and nothing else', () => {
    const codes = PLACES.flatMap(place => ROLES.map(role => theme.sgr(role, place)));
    expect(codes.filter(code => !/^\[0(;[147])*m$/.test(code.slice(1)))).toEqual([]);
  });

  test('errors, warnings, what stands for the selection, and the selected row still differ from the rest', () => {
    const looks = [
      theme.sgr('plain'),
      theme.sgr('error'),
      theme.sgr('warning'),
      theme.sgr('strong'),
      theme.sgr('match'),
      theme.sgr('match-error'),
      theme.sgr('match-warning'),
    ];
    expect(new Set(looks).size).toBe(looks.length);
    expect(new Set(PLACES.map(place => theme.sgr('plain', place))).size).toBeGreaterThanOrEqual(4);
  });
});

describe('with 16 colours', () => {
  test.each(['dark', 'light'] as const)('%s: colours are written in the form that such terminals know', ground => {
    const theme = new Theme(16, ground);
    const codes = PLACES.flatMap(place => ROLES.map(role => theme.sgr(role, place)));
    expect(codes.filter(code => !/^\[0(;(1|4|7|[349][0-7]|10[0-7]))*m$/.test(code.slice(1)))).toEqual([]);
  });
});

describe('the environment tells', () => {
  test.each([
    [{ TERM: 'xterm-256color' }, 256],
    [{ TERM: 'tmux-256color' }, 256],
    [{ TERM: 'xterm', COLORTERM: 'truecolor' }, 256],
    [{ TERM: 'screen', COLORTERM: '24bit' }, 256],
    [{ TERM: 'xterm-direct' }, 256],
    [{ TERM: 'alacritty' }, 256],
    [{ TERM: 'foot' }, 256],
    [{ TERM: 'xterm-kitty' }, 256],
    [{ TERM: 'xterm' }, 16],
    [{ TERM: 'linux' }, 16],
    [{ TERM: 'of-tomorrow' }, 16],
    [{}, 16],
    [{ TERM: 'vt100' }, 0],
    [{ TERM: 'xterm-mono' }, 0],
  ] as const)('%o: %i colours', (environment, depth) => {
    expect(depthOf(environment)).toBe(depth);
  });

  test.each([
    [{}, 'dark'],
    [{ COLORFGBG: '15;0' }, 'dark'],
    [{ COLORFGBG: '0;15' }, 'light'],
    [{ COLORFGBG: '0;default;15' }, 'light'],
    [{ COLORFGBG: '0;7' }, 'light'],
    [{ COLORFGBG: '7;8' }, 'dark'],
    [{ COLORFGBG: '0;default' }, 'dark'],
    [{ COLORFGBG: 'nonsense' }, 'dark'],
  ] as const)('%o: %s ground', (environment, ground) => {
    expect(groundOf(environment)).toBe(ground);
  });
});
