/**
 * Screens of a terminal one after the other, as one SVG that moves by itself, for ever. A line that stays the same over several
 * screens is in it once, shown for their time: that keeps the file small. The pressed key stands at the right of the window's bar.
 *
 * The animation is style alone, since nothing runs a script in a picture. Who has asked for less motion, and a viewer that knows no
 * animation, gets one of the screens, standing still.
 */
import { BAR_HEIGHT, DARK, escaped, linesOf, type PictureOptions, widthOfWindow, windowAround } from './svg.ts';

export interface Shot {
  /** As `tmux capture-pane -e -p` prints it. */
  readonly screen: string;
  /** The key that brought it up, as it is written on a keyboard; empty where none did. */
  readonly key: string;
  /** How long it stays, in tenths at the finest. */
  readonly seconds: number;
}

/** @param still number of the shot that stands for all where nothing moves */
export function motion(shots: readonly Shot[], still: number, options: PictureOptions): string {
  const whole = shots.reduce((sum, { seconds }) => sum + seconds, 0);
  const times = new Times(shots, whole, still);
  const screens = shots.map(({ screen }) => linesOf(screen, options));
  const lines = Array.from({ length: options.rows }, (_, row) =>
    times.layers(screens.map(screen => screen[row] ?? '')),
  );
  const keys = times.layers(shots.map(({ key }) => keyCap(key, options)));
  return windowAround(lines, options, { behindTitle: times.style(), inBar: keys });
}

/** When what is shown; each pattern of shots has one class. */
class Times {
  readonly #shots: readonly Shot[];
  readonly #whole: number;
  readonly #still: number;
  /** Names of classes by their patterns: a digit for each shot. */
  readonly #classes = new Map<string, string>();

  constructor(shots: readonly Shot[], whole: number, still: number) {
    this.#shots = shots;
    this.#whole = whole;
    this.#still = still;
  }

  /** @param drawn what is drawn in each shot; the same text is drawn once */
  layers(drawn: readonly string[]): string {
    return [...new Set(drawn)]
      .filter(Boolean)
      .map(one => {
        const pattern = drawn.map(other => (other === one ? '1' : '0')).join('');
        return pattern.includes('0') ? `<g class="${this.#classOf(pattern)}">${one}</g>` : one;
      })
      .join('');
  }

  style(): string {
    const animations = [...this.#classes].map(([pattern, name]) => {
      const stops = this.#stops(pattern);
      const initial = pattern[this.#still] === '1' ? '' : 'visibility:hidden;';
      return `.${name}{${initial}animation:${name} ${this.#whole.toFixed(1)}s step-end infinite}@keyframes ${name}{${stops}}`;
    });
    return `<style>${animations.join('\n')}\n@media (prefers-reduced-motion:reduce){svg g[class]{animation:none}}</style>`;
  }

  #classOf(pattern: string): string {
    const known = this.#classes.get(pattern);
    if (known !== undefined) return known;
    const name = `t${this.#classes.size}`;
    this.#classes.set(pattern, name);
    return name;
  }

  /** A stop wherever the pattern changes. */
  #stops(pattern: string): string {
    let at = 0;
    let stops = '';
    for (const [shot, { seconds }] of this.#shots.entries()) {
      if (pattern[shot] !== pattern[shot - 1]) {
        const percent = Number(((100 * at) / this.#whole).toFixed(2));
        stops += `${percent}%{visibility:${pattern[shot] === '1' ? 'visible' : 'hidden'}}`;
      }
      at += seconds;
    }
    return stops;
  }
}

const KEY_HEIGHT = 22;
const KEY_LETTER = 9;
const KEY_PADDING = 20;

function keyCap(key: string, { columns, palette = DARK }: PictureOptions): string {
  if (key === '') return '';
  const width = key.length * KEY_LETTER + KEY_PADDING;
  const x = widthOfWindow(columns) - width - 12;
  const y = (BAR_HEIGHT - KEY_HEIGHT) / 2;
  const box = `<rect x="${x}" y="${y}" width="${width}" height="${KEY_HEIGHT}" rx="4" fill="${palette.background}" stroke="${palette.title}"/>`;
  const font = `font-family="system-ui, sans-serif" font-size="14" font-weight="bold" fill="${palette.foreground}"`;
  return `${box}<text x="${x + width / 2}" y="${BAR_HEIGHT / 2 + 5}" text-anchor="middle" ${font}>${escaped(key)}</text>`;
}
