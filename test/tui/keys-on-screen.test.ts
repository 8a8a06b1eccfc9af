/**
 * Every key of the table, pressed in a terminal on a capture of each protocol, and the screen read back. One session of a
 * shell for each capture, in one of the sizes (`WIRELINT_SWEEPS=all`: in each), goes through all the situations; sessions run
 * side by side.
 */
import { describe, expect, test } from 'vitest';
import { KeyMap } from '../../src/tui/key-map.ts';
import { holdsIn, KEYS, type KeyRow } from '../../src/tui/keys.ts';
import { placesOf } from '../kit/portion.ts';
import type { TerminalScreen } from '../kit/terminal-screen.ts';
import { inShell, PROMPT, type Tmux } from '../kit/tmux.ts';
import { requireTool } from '../kit/tools.ts';
import { chosen, chosenConnection, complaintOf, focusOn, isPreviewed, isRead, says, screenView } from './checks.ts';
import { type Scenario, type Size, type Staying, type Step, scenariosOf } from './scenarios.ts';
import { SUBJECTS, type Subject } from './subjects.ts';

const MAP = new KeyMap();

const SIZES: readonly Size[] = [
  { width: 80, height: 24 },
  { width: 160, height: 50 },
];

/** As tmux names keys. */
const TMUX_NAMES: Readonly<Record<string, readonly string[]>> = {
  down: ['Down'],
  up: ['Up'],
  left: ['Left'],
  right: ['Right'],
  home: ['Home'],
  end: ['End'],
  pagedown: ['PageDown'],
  pageup: ['PageUp'],
  space: ['Space'],
  enter: ['Enter'],
  escape: ['Escape'],
  tab: ['Tab'],
  'S-tab': ['BTab'],
  ZZ: ['Z', 'Z'],
};
const strokes = (key: string) => TMUX_NAMES[key] ?? [key];

const LEAVING = ['quit', 'suspend'];
const isStaying = (row: KeyRow): row is KeyRow & { readonly action: Staying } => !LEAVING.includes(row.action);
const STAYING = KEYS.filter(isStaying);

test('each key has a situation, and no situation is without a key', () => {
  for (const subject of SUBJECTS) {
    for (const size of SIZES) {
      const scenarios = scenariosOf(subject, size);
      expect([...Object.keys(scenarios), ...LEAVING].sort()).toEqual(KEYS.map(({ action }) => action).sort());
      for (const { action } of STAYING) expect(scenarios[action], action).not.toEqual([]);
    }
  }
});

/** Keys are the same in each size: an ordinary run takes one of them for each protocol, another for the next. */
const STAGES = SUBJECTS.flatMap((subject, turn) =>
  placesOf(SIZES.length, SIZES.length, turn).map(place => {
    const size = SIZES[place]!;
    return { subject, size, title: titleOf(subject, size) };
  }),
);

describe.runIf(requireTool('tmux'))('every key', () => {
  test.concurrent.each(STAGES)('$title', { timeout: 120_000 }, async ({ subject, size }) => {
    await inShell(size, async tmux => {
      const session = new Session(tmux, subject, size);
      await session.begin();
      for (const row of STAYING) await session.playRow(row);
      for (const row of STAYING)
        if (!row.keys.some(key => holdsIn(MAP.rowOf(key, 'help') ?? row, 'help'))) await session.tryElsewhere(row);
      await session.suspend();
      await session.decode();
      for (const keys of [['Q'], ['Z', 'Z'], ['C-c'], ['q', 'y']]) await session.quit(keys);
    });
  });
});

function titleOf({ protocol }: Subject, { width, height }: Size): string {
  return `${protocol} at ${width}x${height}`;
}

class Session {
  readonly #tmux: Tmux;
  readonly #subject: Subject;
  readonly #size: Size;
  #base: TerminalScreen | undefined;
  #isRunning = false;
  #asked = 0;

  constructor(tmux: Tmux, subject: Subject, size: Size) {
    this.#tmux = tmux;
    this.#subject = subject;
    this.#size = size;
  }

  async begin(): Promise<void> {
    await this.#tmux.until(PROMPT);
    await this.#start();
  }

  async playRow({ action, keys }: KeyRow & { readonly action: Staying }): Promise<void> {
    const scenarios = scenariosOf(this.#subject, this.#size)[action];
    for (const scenario of scenarios) {
      for (const key of keys) {
        await inContext(`${action}, ${scenario.name}, key ${key}`, () => this.#play(scenario, key));
        await inContext(`back from ${action}, ${scenario.name}, key ${key}`, () => this.#return());
      }
    }
  }

  /** Where a key has nothing to do, it says what it is for. */
  async tryElsewhere(row: KeyRow): Promise<void> {
    expect(holdsIn(row, 'help')).toBe(false);
    for (const key of row.keys) {
      await this.#tmux.press('?', ...strokes(key));
      const { help } = MAP.rowOf(key, 'help') ?? row;
      await inContext(`${row.action} in the help`, () => this.#see([says(`not in Help: ${help}`.slice(0, 60))]));
      await this.#return();
    }
  }

  /** To the shell, which has its terminal as it was, and back to the very same screen. */
  async suspend(): Promise<void> {
    const tmux = this.#tmux;
    await tmux.press('4', 'Tab');
    // A screen is drawn from the top: with its last row all of it is there.
    const before = await this.#see([screenView(4), focusOn('Finding'), says(/ findings, time/)]);
    await tmux.press('C-z');
    await tmux.until('Stopped');
    await this.#expectWhole();
    await tmux.type('fg\r');
    await this.#see([screen => (screen.looksLike(before, this.#size.height) ? undefined : 'another screen')]);
    await this.#return();
  }

  /** As another protocol, which there is no way back from. */
  async decode(): Promise<void> {
    const { decode } = this.#subject;
    await this.#tmux.press('m');
    await this.#tmux.type(`${decode.protocol}\r`);
    const row = new RegExp(`^ *1 +${decode.protocol.slice(0, 6)}`);
    await this.#see([says(decode.says)]);
    await this.#tmux.press('Escape');
    await this.#see([chosen('Connections', row)]);
  }

  /** Leaves the program in the list of connections, with the shell's terminal as it was. */
  async quit(keys: readonly string[]): Promise<void> {
    const tmux = this.#tmux;
    if (!this.#isRunning) await this.#start();
    this.#isRunning = false;
    await tmux.press(...keys);
    await tmux.until(text => text.trimEnd().endsWith(PROMPT));
    await this.#expectWhole(0);
  }

  async #start(): Promise<void> {
    this.#isRunning = true;
    const { path, connections, findings } = this.#subject;
    await this.#tmux.type(`clear; $WIRELINT inspect --capture complete ${path}\r`);
    this.#base = await this.#see([
      ({ titles }) => (titles.includes(`Connections: ${connections}`) ? undefined : 'no connections'),
      isRead,
      isPreviewed,
      chosenConnection(1),
      says(findings.length > 0 ? `${findings.length} findings: n goes to the worst` : /^connection 1\b/),
    ]);
  }

  async #play({ start, before, also, meanwhile, after, next = [] }: Scenario, key: string): Promise<void> {
    const tmux = this.#tmux;
    await tmux.press(...start);
    const screen = await this.#see(before);
    await also?.(tmux);
    const wanted = after(screen);
    if (!meanwhile) expect(complaintOf(screen, wanted), 'it is so without the key').toBeDefined();
    else {
      await meanwhile.act(tmux);
      expect(complaintOf(await this.#see(meanwhile.see), wanted)).toBeDefined();
    }
    await tmux.press(...strokes(key));
    let seen = await this.#see(wanted);
    for (const step of next) {
      expect(complaintOf(seen, step.see), `it is so before ${step.keys} ${step.text}`).toBeDefined();
      seen = await this.#step(step);
    }
  }

  async #step({ keys = [], text = '', see, also }: Step): Promise<TerminalScreen> {
    await this.#tmux.press(...keys);
    await this.#tmux.type(text);
    const screen = await this.#see(see);
    await also?.(this.#tmux);
    return screen;
  }

  /** Back in the list of connections, all is as it was in the beginning, but for what is said. */
  async #return(): Promise<void> {
    const base = this.#base;
    await this.#tmux.press('1', 'g');
    await this.#see([
      screen => (base && screen.looksLike(base, this.#size.height - 1) ? undefined : 'something was left behind'),
    ]);
  }

  #see(checks: Parameters<typeof complaintOf>[1]): Promise<TerminalScreen> {
    return this.#tmux.untilSeen(screen => complaintOf(screen, checks));
  }

  /** The shell has its terminal as it was. @param code with which the program has ended */
  async #expectWhole(code?: number): Promise<void> {
    const tmux = this.#tmux;
    const word = `asked${++this.#asked}`;
    await tmux.type(`echo ${word.slice(0, 2)}'${word.slice(2)}' code $?; stty -a; echo end'${word}'\r`);
    const text = await tmux.until(`end${word}`);
    const answer = text.slice(text.lastIndexOf(`${word} code`));
    if (code !== undefined) expect(answer).toContain(`${word} code ${code}\n`);
    expect(answer).toMatch(/ icanon /);
    expect(answer).toMatch(/ echo /);
    expect(await tmux.flag('alternate_on')).toBe(false);
    expect(await tmux.flag('mouse_any_flag')).toBe(false);
    expect((await tmux.cursor()).visible).toBe(true);
  }
}

/** What goes wrong, with where it did. */
async function inContext<T>(where: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    throw new Error(`${where}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}
