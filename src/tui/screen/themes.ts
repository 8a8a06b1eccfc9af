/** The themes that one can go through: for a dark and for a light ground, and the user's own where there is one. */
import { type ColorDepth, GROUNDS, type Ground, type OwnTheme, Theme } from './theme.ts';

export interface ThemeOptions {
  readonly depth: ColorDepth;
  /** Of the terminal, or of the user's own theme. */
  readonly ground: Ground;
  /** The terminal shows red, green and blue as they are. */
  readonly isTrueColor?: boolean;
  readonly ownTheme?: OwnTheme;
}

export class Themes {
  readonly names: readonly string[];
  /** Name of the one to begin with. */
  readonly first: string;
  readonly #options: ThemeOptions;

  constructor(options: ThemeOptions) {
    const { ownTheme, ground } = options;
    this.#options = options;
    // One that is called like another is reached no more.
    this.names = [...new Set<string>([...GROUNDS, ...(ownTheme ? [ownTheme.name] : [])])];
    this.first = ownTheme?.name ?? ground;
  }

  named(name: string): Theme {
    const { depth, ownTheme, isTrueColor } = this.#options;
    if (name === ownTheme?.name) return new Theme(depth, ownTheme.ground, ownTheme.roles, isTrueColor);
    return new Theme(depth, GROUNDS.find(ground => ground === name) ?? 'dark');
  }
}
