/**
 * Puts a plan of the screen on the terminal by way of blessed: one box for each kind of pane and of bar, made once and
 * moved. blessed knows what stands in every cell, and writes what has changed. The rest of it stays unused: its reading
 * of terminfo, which does not know what ncurses writes today and complains on standard error, its signal handlers, its
 * keys and its title.
 */
import { EventEmitter } from 'node:events';
import blessed, { type BlessedProgram, type Widgets } from 'blessed';
import type { Bar, BarKind, PlacedPane, ScreenPlan } from '../plan/screen-plan.ts';
import { widthOf } from '../text/cells.ts';
import type { PaneKind } from '../views.ts';
import { withTrueColors } from './colors.ts';
import { Sink } from './sink.ts';
import type { TerminalOutput } from './terminal.ts';
import type { Style, Theme } from './theme.ts';

/** What blessed has and its types do not tell. */
interface Internals {
  readonly Tput: { ipaths: readonly string[] };
  readonly Program: { bind(): void };
  readonly Screen: { bind(screen: Widgets.Screen): void; global: Widgets.Screen; total: number };
  readonly unicode: { charWidth(character: string): number };
}

/** What blessed knows of the terminal. */
export interface TerminalFacts {
  /** The locale is one of UTF-8. */
  readonly unicode: boolean;
  /** Characters that the terminal has in its set for drawing lines, and what ASCII has for others. */
  readonly acscr: Readonly<Record<string, string>>;
  readonly utoa: Readonly<Record<string, string>>;
}

type Program = BlessedProgram & {
  isAlt: boolean;
  cursorHidden: boolean;
  flush(): void;
  /** Writes what was gathered. */
  _owrite(text: string): boolean;
  readonly tput: TerminalFacts & { brokenACS: boolean };
};

const internals = blessed as unknown as Internals;

/** Where blessed's own descriptions of terminals stand when nothing is looked up elsewhere. */
const NOWHERE: readonly string[] = [];
/** Its description that all terminals of today follow, and the console of Linux, which draws lines in its own way. */
const describedAs = (term = '') => (term === 'linux' ? 'linux' : 'xterm-256color');

/**
 * What is drawn for a printable character. One to which blessed gives more or fewer cells than it takes would push all
 * behind it out of place, and becomes as many question marks; of a pair of surrogates it counts two where it cuts and one
 * where it draws.
 */
export function drawnBy({ unicode, acscr, utoa }: TerminalFacts, character: string): string {
  const width = widthOf(character);
  const isAlike = character.length === 1 && internals.unicode.charWidth(character) === width;
  if (isAlike && (unicode || character <= '~' || acscr[character])) return character;
  const ascii = unicode ? undefined : utoa[character];
  return ascii?.length === width ? ascii : '?'.repeat(width);
}

interface PaneBox {
  readonly box: Widgets.BoxElement;
  readonly title: Widgets.BoxElement;
}

export class Screen {
  readonly #screen: Widgets.Screen;
  readonly #output: TerminalOutput;
  readonly #panes = new Map<PaneKind, PaneBox>();
  readonly #bars = new Map<BarKind, Widgets.BoxElement>();
  /** Set together, by `setTheme`. */
  theme: Theme;
  sink: Sink;
  /** The panes as they lie over each other. */
  #order = '';

  /** The terminal has been taken over; `term` is the name of its kind. */
  constructor(output: TerminalOutput, term: string | undefined, theme: Theme) {
    this.#output = output;
    this.theme = theme;
    this.#screen = makeScreen(output, term);
    (this.#screen.program as Program)._owrite = text => output.write(withTrueColors(text, this.theme.exact));
    this.sink = this.#newSink();
  }

  /** blessed's own, for widgets that draw themselves. */
  get widgets(): Widgets.Screen {
    return this.#screen;
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    this.sink = this.#newSink();
  }

  #newSink(): Sink {
    const { tput } = this.#screen.program as Program;
    return new Sink(this.theme, character => drawnBy(tput, character));
  }

  /** Forgets what the terminal shows: it has another size, or somebody else has written on it. */
  reset(): void {
    const { program } = this.#screen;
    program.cols = this.#output.columns;
    program.rows = this.#output.rows;
    this.#screen.realloc();
  }

  draw({ panes, bars, cursor, width }: ScreenPlan): void {
    for (const [kind, { box }] of this.#panes) box.hidden = !panes.some(pane => pane.kind === kind);
    for (const [kind, box] of this.#bars) box.hidden = !bars.some(bar => bar.kind === kind);
    for (const bar of bars) this.#drawBar(bar, width);
    for (const pane of panes) this.#drawPane(pane);
    this.#stack(panes);
    this.#screen.render();
    const program = this.#screen.program as Program;
    if (cursor) {
      program.cup(cursor.y, cursor.x);
      program.showCursor();
    } else if (!program.cursorHidden) program.hideCursor();
    program.flush();
  }

  #drawBar({ kind, y, line, tone }: Bar, width: number): void {
    const box = this.#barOf(kind);
    place(box, { x: 0, y, width, height: 1 });
    box.setContent(this.sink.line(line, width, tone));
  }

  #drawPane(pane: PlacedPane): void {
    const { box, title } = this.#paneOf(pane.kind);
    const { width, height, focused } = pane;
    place(box, pane);
    box.style.border = frameStyle(this.theme.style(focused ? 'heading' : 'dim'));
    box.setContent(this.sink.content(pane.lines, { width: width - 2, height: height - 2 }));
    const room = Math.max(0, width - 2);
    const text = this.sink.line(
      { spans: [{ text: ` ${pane.title} `, role: focused ? 'heading' : 'dim' }] },
      room,
      'plain',
    );
    place(title, { x: 0, y: -1, width: Math.min(room, widthOf(this.sink.safe(pane.title)) + 2), height: 1 });
    title.setContent(text);
    title.hidden = pane.title === '' || room === 0;
  }

  /** Later ones lie over those before, and widgets that draw themselves over all of them. */
  #stack(panes: readonly PlacedPane[]): void {
    const order = panes.map(({ kind }) => kind).join(' ');
    if (order === this.#order) return;
    this.#order = order;
    for (const { kind } of panes.toReversed()) this.#paneOf(kind).box.setBack();
  }

  #paneOf(kind: PaneKind): PaneBox {
    const known = this.#panes.get(kind);
    if (known) return known;
    const box = blessed.box({ parent: this.#screen, tags: false, wrap: false, border: 'line' });
    const made = { box, title: blessed.box({ parent: box, tags: false, wrap: false }) };
    this.#panes.set(kind, made);
    return made;
  }

  #barOf(kind: BarKind): Widgets.BoxElement {
    const known = this.#bars.get(kind);
    if (known) return known;
    const box = blessed.box({ parent: this.#screen, tags: false, wrap: false });
    this.#bars.set(kind, box);
    return box;
  }
}

interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function place(box: Widgets.BoxElement, { x, y, width, height }: Area): void {
  box.left = x;
  box.top = y;
  box.width = width;
  box.height = height;
}

/** blessed takes -1 for the terminal's own colour. */
function frameStyle({ fg = -1, bold = false }: Style): { fg: number; bold: boolean } {
  return { fg, bold };
}

function makeScreen(output: TerminalOutput, term: string | undefined): Widgets.Screen {
  internals.Tput.ipaths = NOWHERE;
  internals.Program.bind = () => {};
  internals.Screen.bind = screen => {
    internals.Screen.global = screen;
    internals.Screen.total = 1;
  };
  const program = blessed.program({
    // Never speaks: keys are ours.
    input: new EventEmitter() as never,
    output,
    terminal: describedAs(term),
  }) as Program;
  // The terminal is taken over already, and given back by others.
  program.isAlt = true;
  // The set of line drawing characters is for terminals that know no others.
  program.tput.brokenACS = program.tput.unicode;
  const screen = blessed.screen({ program, fullUnicode: true, autoPadding: true });
  screen.alloc();
  return screen;
}
