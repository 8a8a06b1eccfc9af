/**
 * The built program in a terminal: tmux is the terminal and the person in front of it. Each session has a server, a
 * socket and a configuration of its own, so that tests that run at once never meet each other or the developer's own
 * tmux; and it is gone when the test is over, however that ends.
 *
 * Keys go in and screens come out through one client in control mode that stays: a process for each of them would take
 * longer than the program takes to answer.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Cursor, TerminalScreen } from './terminal-screen.ts';
import { TmuxClient } from './tmux-client.ts';

export interface TmuxOptions {
  /** Cells; 80 by 24 by default. */
  readonly width?: number;
  readonly height?: number;
  /** TERM for what runs inside. */
  readonly term?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** How what ran in the session ended. */
export interface Ending {
  readonly code: number | undefined;
  /** The number of the signal. */
  readonly signal: number | undefined;
}

/** What is waited for: a part of the screen's text, a pattern, or whatever holds of it. */
export type Expected = string | RegExp | ((text: string) => boolean);

/** The program as it was built; another build of it can be named. */
const MAIN = process.env.WIRELINT_BUILT ?? fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Milliseconds. A busy machine may take its time; a screen that never comes is a failure all the same. */
const PATIENCE = 20_000;
const BETWEEN_LOOKS = 8;

const run = promisify(execFile);

/**
 * Runs `wirelint` with these arguments, paths being relative to the project's root, for as long as `body` takes.
 * @returns what `body` returns
 */
export function inTmux<T>(
  args: readonly string[],
  options: TmuxOptions,
  body: (screen: Tmux) => Promise<T>,
): Promise<T> {
  return inSession([process.execPath, built(), ...args].map(quoted).join(' '), options, body);
}

/** What the shell of `inShell` shows when it waits. */
export const PROMPT = 'shell>';

/** Each without anybody's settings. */
const SHELLS = {
  bash: `bash -c 'exec bash --noprofile --rcfile <(echo "PS1=\\"${PROMPT} \\"") -i'`,
  zsh: `zsh -f -i -c 'PS1="${PROMPT} " exec zsh -f -i'`,
  fish: `fish --no-config -i -C 'function fish_prompt; printf "${PROMPT} "; end; function fish_greeting; end'`,
} as const;

/** Runs an interactive shell, in which `$WIRELINT` is the program; its prompt is `PROMPT`. */
export function inShell<T>(
  options: TmuxOptions,
  body: (screen: Tmux) => Promise<T>,
  shell: keyof typeof SHELLS = 'bash',
): Promise<T> {
  const environment = { WIRELINT: `${process.execPath} ${built()}`, HISTFILE: '', ...options.environment };
  return inSession(SHELLS[shell], { ...options, environment }, body);
}

async function inSession<T>(command: string, options: TmuxOptions, body: (screen: Tmux) => Promise<T>): Promise<T> {
  const screen = new Tmux(options);
  try {
    await screen.start(command);
    return await body(screen);
  } finally {
    await screen.end();
  }
}

/** The terminal's side of a session. */
export class Tmux {
  readonly #folder = mkdtempSync(join(tmpdir(), 'wirelint-tmux-'));
  readonly #options: TmuxOptions;
  #client: TmuxClient | undefined;
  /** What was seen last. */
  #last: TerminalScreen | undefined;

  constructor(options: TmuxOptions) {
    this.#options = options;
  }

  async start(command: string): Promise<void> {
    const { width = 80, height = 24, term = 'screen-256color', environment = {} } = this.#options;
    const settings = [
      'set -g status off',
      'set -g remain-on-exit on',
      'set -g remain-on-exit-format ""',
      'set -g escape-time 0',
      'set -g set-clipboard on',
      `set -g default-terminal ${term}`,
    ];
    writeFileSync(join(this.#folder, 'tmux.conf'), `${settings.join('\n')}\n`);
    // What one test leaves would be there for another, and stay in the home of whoever runs them.
    const fixed = { LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', WIRELINT_STATE: 'off' };
    const variables = Object.entries({ ...fixed, ...environment });
    const given = variables.flatMap(([name, value]) => ['-e', `${name}=${value}`]);
    const size = ['-x', String(width), '-y', String(height)];
    // tmux itself does not always learn how a program ended.
    const [pid, code] = ['pid', 'code'].map(name => quoted(join(this.#folder, name)));
    const noting = `sh -c 'echo $$ > "$0"; exec "$@"' ${pid} ${command}; echo $? > ${code}`;
    await this.#tmux('new-session', '-d', ...size, '-c', ROOT, ...given, noting);
    this.#client = new TmuxClient(this.#own);
  }

  /** Presses keys by tmux's names: `j`, `Enter`, `Escape`, `C-f`, `PageDown`, `BTab`. They come as fast as they can. */
  async press(...keys: readonly string[]): Promise<void> {
    if (keys.length > 0) await this.#command('send-keys', '-t', '0', ...keys);
  }

  /** Types text as it is, or sends any bytes that a keyboard would. */
  async type(text: string): Promise<void> {
    const bytes = Array.from(Buffer.from(text), byte => byte.toString(16));
    if (bytes.length > 0) await this.#command('send-keys', '-t', '0', '-H', ...bytes);
  }

  /** Pastes, in brackets where the program has asked for them. */
  async paste(text: string): Promise<void> {
    await this.#tmux('set-buffer', '-b', 'pasted', text);
    await this.#tmux('paste-buffer', '-p', '-d', '-b', 'pasted', '-t', '0');
  }

  /** Presses and lets go of the left button; cells count from 0. */
  async click(x: number, y: number): Promise<void> {
    await this.type(`\x1b[<0;${x + 1};${y + 1}M\x1b[<0;${x + 1};${y + 1}m`);
  }

  async wheel(direction: 'up' | 'down', x: number, y: number): Promise<void> {
    await this.type(`\x1b[<${direction === 'up' ? 64 : 65};${x + 1};${y + 1}M`);
  }

  async resize(width: number, height: number): Promise<void> {
    await this.#command('resize-window', '-t', '0', '-x', String(width), '-y', String(height));
  }

  /** The screen as text, a line each; blanks at the ends of lines are left out. */
  text(): Promise<string> {
    return this.#captured();
  }

  /** The same with the SGR sequences that tmux would draw it with. */
  colored(): Promise<string> {
    return this.#captured('-e');
  }

  /** What is seen: text, colours, panes, cursor. */
  async screen(): Promise<TerminalScreen> {
    const [text, cursor] = await Promise.all([this.colored(), this.cursor()]);
    // Who waits looks at the same screen again and again; to read its cells takes longer than to get them.
    const last = this.#last;
    if (last?.source === text && isSameCursor(last.cursor, cursor)) return last;
    this.#last = new TerminalScreen(text, cursor);
    return this.#last;
  }

  /** Waits until the screen is as expected, and returns its text. Throws with the last screen when it never is. */
  async until(expected: Expected, patience = PATIENCE): Promise<string> {
    const end = performance.now() + patience;
    for (;;) {
      const text = await this.text();
      if (holds(expected, text)) return text;
      if (performance.now() > end) throw new Error(`not on the screen: ${expected}\n${await this.#framed(text)}`);
      await sleep(BETWEEN_LOOKS);
    }
  }

  /**
   * Waits until there is nothing to complain of on the screen, and returns it. Throws with the last complaint.
   * @param complaintOf what is not on a screen that should be, or is and should not; undefined when all is well
   */
  async untilSeen(complaintOf: (screen: TerminalScreen) => string | undefined, patience = PATIENCE) {
    const end = performance.now() + patience;
    for (;;) {
      const screen = await this.screen();
      const complaint = complaintOf(screen);
      if (complaint === undefined) return screen;
      if (performance.now() > end) throw new Error(`${complaint}\n${await this.#framed(screen.text)}`);
      await sleep(BETWEEN_LOOKS);
    }
  }

  /** Waits until what ran has ended. */
  async ending(patience = PATIENCE): Promise<Ending> {
    const end = performance.now() + patience;
    for (;;) {
      const code = this.#noted('code');
      if (code !== undefined) return code > 128 ? { code: undefined, signal: code - 128 } : { code, signal: undefined };
      if (performance.now() > end) throw new Error(`still running\n${await this.#framed(await this.text())}`);
      await sleep(BETWEEN_LOOKS);
    }
  }

  async cursor(): Promise<Cursor> {
    const [x, y, visible] = (await this.#ask('#{cursor_x},#{cursor_y},#{cursor_flag}')).split(',').map(Number);
    return { x: x!, y: y!, visible: visible === 1 };
  }

  /** Whether the alternate screen, the mouse and so on are in use, by tmux's names: `alternate_on`, `mouse_any_flag`. */
  async flag(name: string): Promise<boolean> {
    return (await this.#ask(`#{${name}}`)) === '1';
  }

  /** The title that the program has set; the host's name before. */
  title(): Promise<string> {
    return this.#ask('#{pane_title}');
  }

  /** What the program has copied last; undefined for nothing. */
  async clipboard(): Promise<string | undefined> {
    const buffers = await this.#tmux('list-buffers', '-F', '#{buffer_name}');
    return buffers === '' ? undefined : this.#tmux('show-buffer');
  }

  /** The process that the session was started for; undefined until it runs. */
  get pid(): number | undefined {
    return this.#noted('pid');
  }

  /** Writes to the terminal as another program would. */
  async scribble(text: string): Promise<void> {
    writeFileSync(await this.#ask('#{pane_tty}'), text);
  }

  async end(): Promise<void> {
    await this.#tmux('kill-server').catch(() => {});
    await this.#client?.ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #noted(name: 'pid' | 'code'): number | undefined {
    const path = join(this.#folder, name);
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    return text.endsWith('\n') ? Number(text) : undefined;
  }

  async #ask(format: string): Promise<string> {
    return this.#command('display-message', '-t', '0', '-p', format);
  }

  async #captured(...options: readonly string[]): Promise<string> {
    return `${await this.#command('capture-pane', '-t', '0', '-p', ...options)}\n`;
  }

  get #own(): readonly string[] {
    return ['-S', join(this.#folder, 'socket'), '-f', join(this.#folder, 'tmux.conf')];
  }

  async #command(...words: readonly string[]): Promise<string> {
    if (!this.#client) throw new Error('the session has not begun');
    return this.#client.run(words);
  }

  async #tmux(...args: readonly string[]): Promise<string> {
    const { stdout } = await run('tmux', [...this.#own, ...args], { env: cleanEnvironment(), encoding: 'utf8' });
    return stdout;
  }

  async #framed(text: string): Promise<string> {
    const { x, y } = await this.cursor();
    return `${text.trimEnd()}\n(cursor at ${x}, ${y})`;
  }
}

/** The client would otherwise talk to the tmux around it; and colours must not depend on who runs the tests. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const {
    TMUX: _tmux,
    NO_COLOR: _no,
    FORCE_COLOR: _force,
    COLORTERM: _term,
    COLORFGBG: _ground,
    ...rest
  } = process.env;
  return { ...rest, LC_ALL: 'C.UTF-8' };
}

function isSameCursor(a: Cursor, b: Cursor): boolean {
  return a.x === b.x && a.y === b.y && a.visible === b.visible;
}

function holds(expected: Expected, text: string): boolean {
  if (typeof expected === 'string') return text.includes(expected);
  return expected instanceof RegExp ? expected.test(text) : expected(text);
}

const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;
const sleep = (milliseconds: number) => new Promise(resolve => setTimeout(resolve, milliseconds));

function built(): string {
  if (!existsSync(MAIN)) throw new Error('the program is not built: npm run build');
  return MAIN;
}
