/**
 * What may be asked of a screen of `inspect`: each check says what it misses, or nothing when all is well. Panes are
 * named by the beginning of their titles.
 */
import type { SeenPane, TerminalScreen } from '../kit/terminal-screen.ts';

export type Check = (screen: TerminalScreen) => string | undefined;

/** The first complaint. */
export function complaintOf(screen: TerminalScreen, checks: readonly Check[]): string | undefined {
  for (const check of checks) {
    const complaint = check(screen);
    if (complaint !== undefined) return complaint;
  }
  return undefined;
}

export function paneOf(screen: TerminalScreen, name: string): SeenPane | undefined {
  return screen.panes.find(
    ({ title }) => title === name || title.startsWith(`${name}:`) || title.startsWith(`${name} `),
  );
}

/** The view of this number, with these panes and no others. */
export function view(number: number, ...names: readonly string[]): Check {
  return screen => {
    if (screen.view !== number) return `view ${screen.view} in place of ${number}`;
    return onlyPanes(...names)(screen);
  };
}

/** The view of this number, with whichever panes there is room for. */
export function screenView(number: number): Check {
  return screen => (screen.view === number ? undefined : `view ${screen.view} in place of ${number}`);
}

/** But for the preview, which wide screens have beside the list. */
export function onlyPanes(...names: readonly string[]): Check {
  return screen => {
    const panes = screen.panes.filter(({ title }) => !title.startsWith('Preview of '));
    const isAll = names.length === panes.length && names.every(name => paneOf(screen, name));
    return isAll ? undefined : `panes ${screen.titles.join(' | ')} in place of ${names.join(' | ')}`;
  };
}

export function focusOn(name: string): Check {
  return screen =>
    paneOf(screen, name)?.focused ? undefined : `the focus is on ${screen.focused?.title} in place of ${name}`;
}

/** The pane is in focus, and the text of its chosen row is this. */
export function chosen(name: string, row: RegExp): Check {
  return screen => {
    const pane = paneOf(screen, name);
    const text = pane?.lines[pane.selected];
    if (!pane?.focused) return focusOn(name)(screen);
    return text !== undefined && row.test(text) ? undefined : `${text} is chosen in ${name} in place of ${row}`;
  };
}

/** The messages are in focus, and the one of this frame is chosen. */
export function chosenFrame(connection: number, frame: number): Check {
  return chosen(`Connection ${connection}`, new RegExp(`^ *\\*?${frame} `));
}

/** The connections are in focus, and the one of this number is chosen. */
export function chosenConnection(number: number): Check {
  return chosen('Connections', new RegExp(`^ *\\*?${number} `));
}

/** The message that is shown; the focus may be anywhere. */
export function openFrame(frame: number): Check {
  return screen => {
    const title = paneOf(screen, 'Frame')?.title ?? '';
    return title.startsWith(`Frame ${frame}: `) ? undefined : `${title} is shown in place of frame ${frame}`;
  };
}

const BRACKETS = /\[[0-9a-f]{2}\]/;

/** The cursor of the hex pane stands on this byte. */
export function onByte(offset: number): Check {
  return screen => {
    const lines = paneOf(screen, 'Bytes')?.lines ?? [];
    const line = lines.find(text => BRACKETS.test(text)) ?? '';
    const [digits = ''] = /^[0-9a-f]+/.exec(line) ?? [];
    const byte = Number.parseInt(digits, 16) + (line.search(BRACKETS) - digits.length) / 3;
    return byte === offset ? undefined : `the cursor is on byte ${byte} in place of ${offset}`;
  };
}

export function shows(name: string, text: string | RegExp): Check {
  return screen => {
    const pane = paneOf(screen, name);
    if (!pane) return `there is no pane ${name}`;
    return holds(pane.lines.join('\n'), text) ? undefined : `${name} does not show ${text}`;
  };
}

/** Wherever it stands. */
export function seen(text: string): Check {
  return ({ rows }) => (rows.some(row => row.includes(text)) ? undefined : `${text} is not to be seen`);
}

export function unseen(text: string): Check {
  return ({ rows }) => (rows.some(row => row.includes(text)) ? `${text} is still to be seen` : undefined);
}

export function hides(name: string, text: string | RegExp): Check {
  return screen => {
    const pane = paneOf(screen, name);
    if (!pane) return `there is no pane ${name}`;
    return holds(pane.lines.join('\n'), text) ? `${name} still shows ${text}` : undefined;
  };
}

/** The last row of the screen: what was said or asked. */
export function says(text: string | RegExp): Check {
  return ({ status }) => (holds(status, text) ? undefined : `"${status}" is said in place of ${text}`);
}

export function saysNot(text: string | RegExp): Check {
  return ({ status }) => (holds(status, text) ? `"${status}" is still said` : undefined);
}

/** A line that is edited: this row of the screen is so, and the cursor after it. */
export function edits(y: number, text: string): Check {
  return ({ rows, cursor }) => {
    const row = rows.at(y) ?? '';
    const at = { x: text.length, y: y < 0 ? rows.length + y : y };
    if (row !== text.trimEnd()) return `"${row}" is edited in place of "${text}"`;
    const isThere = cursor.visible && cursor.x === at.x && cursor.y === at.y;
    return isThere ? undefined : `the cursor is at ${JSON.stringify(cursor)} in place of ${JSON.stringify(at)}`;
  };
}

/** All captures were read to their ends. */
export const isRead: Check = ({ rows }) => {
  const state = rows.slice(0, 2).find(row => / messages?$/.test(row)) ?? '';
  return state === '' || /reading|live/.test(state) ? 'still reading' : undefined;
};

/** The preview, where there is one, has rows, and the fields of all of them. */
export const isPreviewed: Check = screen => {
  const lines = paneOf(screen, 'Preview')?.lines;
  if (!lines) return undefined;
  return lines[1]?.trim() && !lines.some(line => / {2}… /.test(line)) ? undefined : 'the preview is still read';
};

/** A bar above the panes. */
export function bar(y: 0 | 1, text: string | RegExp): Check {
  return ({ rows }) => (holds(rows[y] ?? '', text) ? undefined : `"${rows[y]}" in place of ${text}`);
}

export const noCursor: Check = ({ cursor }) => (cursor.visible ? 'the cursor is to be seen' : undefined);

/** The first lines of the pane. */
export function begins(name: string, ...texts: readonly string[]): Check {
  return screen => {
    const lines = paneOf(screen, name)?.lines.slice(0, texts.length) ?? [];
    const wanted = texts.map(text => text.trimEnd());
    return lines.join('\n') === wanted.join('\n')
      ? undefined
      : `${name} begins with "${lines}" in place of "${wanted}"`;
  };
}

function holds(text: string, wanted: string | RegExp): boolean {
  return typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text);
}
