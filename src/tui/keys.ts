/**
 * The one key table. Dispatch (by way of key-map.ts, which knows what the user has changed), the help, the README and the test
 * that presses every key read it; a key that is not here does nothing. Keys are named as blessed names them, but for letters: a capital is written as it is typed (`Q`, not
 * `S-q`), and `keyName` makes one out of the other.
 *
 * Keys follow termshark and mitmproxy. Where both wanted one key: `m` decodes as (mitmproxy's view key), so marks are set
 * with `M`, which takes the next free letter, or with `:mark a`; `'` jumps, as in termshark. `%` goes to what matches, as in
 * vi. What mitmproxy does to flows that it intercepts its keys do to what is held, in the view of that alone: there `D` is no
 * dialect.
 */
import { MESSAGE_VIEWS, VIEWS, type View } from './views.ts';

export type Action =
  | 'down'
  | 'up'
  | 'left'
  | 'right'
  | 'top'
  | 'bottom'
  | 'page-down'
  | 'page-up'
  | 'half-down'
  | 'half-up'
  | 'next-message'
  | 'previous-message'
  | 'enter'
  | 'back'
  | 'quit'
  | 'view-1'
  | 'view-2'
  | 'view-3'
  | 'view-4'
  | 'view-5'
  | 'view-6'
  | 'view-7'
  | 'view-8'
  | 'counts'
  | 'follow-stream'
  | 'compare'
  | 'next-pane'
  | 'previous-pane'
  | 'zoom'
  | 'split-back'
  | 'split-on'
  | 'columns'
  | 'bell'
  | 'theme'
  | 'next-finding'
  | 'previous-finding'
  | 'next-error'
  | 'previous-error'
  | 'find'
  | 'find-next'
  | 'find-previous'
  | 'filter'
  | 'saved-filters'
  | 'only-findings'
  | 'only-marked'
  | 'command'
  | 'decode-as'
  | 'dialect'
  | 'mark'
  | 'jump'
  | 'partner'
  | 'time'
  | 'sort'
  | 'reverse'
  | 'form'
  | 'stream-form'
  | 'stream-sides'
  | 'pause'
  | 'copy'
  | 'export'
  | 'open'
  | 'break-on'
  | 'forward'
  | 'forward-all'
  | 'drop'
  | 'edit'
  | 'edit-bytes'
  | 'revert'
  | 'repeat'
  | 'abort'
  | 'log'
  | 'held'
  | 'help'
  | 'redraw'
  | 'suspend';

export type KeyGroup = 'Move' | 'Go' | 'Find' | 'Show' | 'Do';

export interface KeyRow {
  readonly action: Action;
  readonly keys: readonly string[];
  /** Where the key does something; elsewhere it says why not, or is another row's. */
  readonly views: readonly View[] | 'all';
  readonly group: KeyGroup;
  /** One line, lower case, no full stop. */
  readonly help: string;
}

export type KeyTable = readonly KeyRow[];

const HELD: readonly View[] = ['held'];
const STREAM: readonly View[] = ['stream'];

export const KEYS: KeyTable = [
  row('Move', 'down', ['j', 'down'], 'all', 'next row'),
  row('Move', 'up', ['k', 'up'], 'all', 'previous row'),
  row('Move', 'left', ['h', 'left'], 'all', 'fold a field, previous byte, or pane to the left'),
  row('Move', 'right', ['l', 'right'], 'all', 'unfold a field, next byte, or pane to the right'),
  row('Move', 'top', ['g', 'home'], 'all', 'first row'),
  row('Move', 'bottom', ['G', 'end'], 'all', 'last row; on live traffic, follow new messages'),
  row('Move', 'page-down', ['pagedown', 'space'], 'all', 'page down'),
  row('Move', 'page-up', ['pageup', 'C-b'], 'all', 'page up'),
  row('Move', 'half-down', ['C-d'], 'all', 'half a page down'),
  row('Move', 'half-up', ['C-u'], 'all', 'half a page up'),
  row('Move', 'next-message', ['J'], MESSAGE_VIEWS, 'next message, from any pane'),
  row('Move', 'previous-message', ['K'], MESSAGE_VIEWS, 'previous message, from any pane'),
  row('Go', 'enter', ['enter'], 'all', 'open what is selected: connection, message, fields, the message of a finding'),
  row(
    'Go',
    'back',
    ['escape', 'q'],
    'all',
    'close what is open, or go back a view; in the first view, ask to quit; a filter stays',
  ),
  row('Go', 'quit', ['Q', 'ZZ', 'C-c'], 'all', 'quit at once; a proxy in use asks first, unless pressed twice'),
  row('Go', 'view-1', ['1'], 'all', 'connections'),
  row('Go', 'view-2', ['2'], 'all', 'conversation'),
  row('Go', 'view-3', ['3'], 'all', 'message'),
  row('Go', 'view-4', ['4'], 'all', 'findings'),
  row('Go', 'view-5', ['5'], 'all', 'states'),
  row('Go', 'view-6', ['6'], 'all', 'statistics'),
  row('Go', 'view-7', ['7'], 'all', 'all messages of all connections'),
  row('Go', 'view-8', ['8'], 'all', 'flows of no known protocol'),
  row('Go', 'counts', ['b'], 'all', 'count messages by the values of the selected field; again: of another field'),
  row('Go', 'follow-stream', ['F'], 'all', 'follow the stream: what both sides sent, in order; again: back'),
  row('Go', 'compare', ['='], 'all', 'pick a message or connection; on a second one, compare the two'),
  row('Go', 'log', ['L'], 'all', 'log of the proxy: clients, servers that refuse, limits reached; again: back'),
  row('Go', 'held', ['H'], 'all', 'what the proxy holds; again: back'),
  row('Go', 'next-pane', ['tab'], 'all', 'next pane'),
  row('Go', 'previous-pane', ['S-tab'], 'all', 'previous pane'),
  row('Go', 'zoom', ['\\'], 'all', 'zoom the focused pane; again: back'),
  row('Find', 'next-finding', ['n'], 'all', 'next finding of any connection: errors first, infos last'),
  row('Find', 'previous-finding', ['N'], 'all', 'previous finding'),
  row('Find', 'next-error', ['e'], without('held'), 'next error from here'),
  row('Find', 'previous-error', ['E'], without('held'), 'previous error'),
  row('Find', 'filter', ['/'], 'all', 'filter messages; an empty filter shows all'),
  row('Find', 'only-findings', ['f'], 'all', 'show only what has findings; again: all'),
  row('Find', 'only-marked', ['*'], 'all', 'show only what is marked, and all of a marked connection; again: all'),
  row('Find', 'find', ['C-f'], 'all', 'find text, bytes (aa:bb) or what a filter matches; hides no row'),
  row('Find', 'find-next', [';'], 'all', 'next match'),
  row('Find', 'find-previous', [','], 'all', 'previous match'),
  row('Find', 'saved-filters', ['S'], 'all', 'saved filters: apply one, or save the current one'),
  row(
    'Find',
    'mark',
    ['M'],
    ['connections', 'conversation', 'message', 'findings', 'states', 'messages'],
    'mark with the next free letter, or unmark',
  ),
  row('Find', 'jump', ["'"], 'all', "jump to a mark by its letter; '' jumps back"),
  row(
    'Find',
    'partner',
    ['%'],
    MESSAGE_VIEWS,
    'from a request to its answer and back, through all that belong together',
  ),
  row('Show', 'time', ['t'], 'all', 'time format: relative, delta, utc, epoch'),
  row('Show', 'sort', ['o'], ['connections'], 'sort by the next column'),
  row('Show', 'reverse', ['v'], ['connections'], 'reverse the order'),
  row('Show', 'form', ['c', '|'], ['conversation', 'states'], 'show messages as a ladder or as a list'),
  row('Show', 'stream-form', ['c', '|'], STREAM, 'show text, a hex dump or a C array'),
  row('Show', 'stream-sides', ['s'], STREAM, 'show both sides, only the client or only the server'),
  row('Show', 'split-back', ['<'], 'all', 'move the split beside the pane left or up'),
  row('Show', 'split-on', ['>'], 'all', 'move it right or down'),
  row('Show', 'columns', ['W'], 'all', 'choose the columns of the list and their order'),
  row('Show', 'bell', ['w'], 'all', 'ring the bell for new findings, at most once a second; again: stop'),
  row('Show', 'theme', ['T'], 'all', 'use the next colour theme'),
  row('Show', 'pause', ['p'], 'all', 'pause the view while data keeps coming; again: resume'),
  row('Do', 'command', [':'], 'all', 'command line'),
  row('Do', 'decode-as', ['m'], 'all', 'decode a port as a protocol; in Flows, the port of the selected flow'),
  row('Do', 'break-on', ['i'], 'all', 'hold what a filter matches, from now on; an empty filter: nothing'),
  row('Do', 'forward', ['a'], HELD, 'forward the held message, with your changes'),
  row('Do', 'forward-all', ['A'], HELD, 'forward all that is held, with your changes'),
  row('Do', 'drop', ['d'], HELD, 'drop the held message'),
  row(
    'Do',
    'edit',
    ['e'],
    HELD,
    'set fields of the held message: FIELD = VALUE, ...; after a ! lengths and checksums stay as they are',
  ),
  row('Do', 'edit-bytes', ['B'], HELD, 'replace the bytes of the held message, in hex; a ! as for e'),
  row('Do', 'revert', ['V'], HELD, 'revert your changes to the held message'),
  row('Do', 'repeat', ['D'], HELD, 'forward the held message and hold a copy, to forward again'),
  row('Do', 'abort', ['X'], HELD, 'abort the connection of the held message'),
  row('Do', 'dialect', ['D'], without('held'), 'set a dialect (what the specification leaves open), and judge again'),
  row('Do', 'copy', ['y'], 'all', 'copy what is selected'),
  row(
    'Do',
    'export',
    ['x'],
    ['connections', 'conversation', 'message', 'findings', 'states', 'messages', 'stream'],
    'export the connection, the message, all that the filter matches, or the stream',
  ),
  row('Do', 'open', ['O'], 'all', 'open another capture: a recent one, or one of a folder'),
  row('Do', 'help', ['?'], 'all', 'the keys and commands'),
  row('Do', 'redraw', ['C-l'], 'all', 'redraw the screen'),
  row('Do', 'suspend', ['C-z'], 'all', 'suspend; fg resumes'),
];

function row(
  group: KeyGroup,
  action: Action,
  keys: readonly string[],
  views: readonly View[] | 'all',
  help: string,
): KeyRow {
  return { group, action, keys, views, help };
}

function without(view: View): readonly View[] {
  return VIEWS.filter(other => other !== view);
}

export function holdsIn({ views }: KeyRow, view: View): boolean {
  return views === 'all' || views.includes(view);
}

/** blessed's name of a key as this table spells it. */
export function keyName(full: string): string {
  if (/^S-[a-z]$/.test(full)) return full.slice(2).toUpperCase();
  if (full === 'return' || full === 'linefeed' || full === 'C-j' || full === 'C-m') return 'enter';
  return full === ' ' ? 'space' : full;
}

export const PRINTED: Readonly<Record<string, string>> = {
  down: 'Down',
  up: 'Up',
  left: 'Left',
  right: 'Right',
  pagedown: 'PgDn',
  pageup: 'PgUp',
  space: 'Space',
  home: 'Home',
  end: 'End',
  enter: 'Enter',
  escape: 'Esc',
  tab: 'Tab',
  'S-tab': 'Shift-Tab',
};

/** For people: `Ctrl-F`, `PgDn`, `Q`. */
export function printKey(key: string): string {
  return PRINTED[key] ?? (key.startsWith('C-') ? `Ctrl-${key.slice(2).toUpperCase()}` : key);
}

/** The table for the README. */
export function keysAsMarkdown(table: KeyTable = KEYS): string {
  const rows = table.map(({ keys, help, views, action }) => {
    const where = views === 'all' ? 'everywhere' : placesOf(views);
    return `| ${keys.map(key => code(printKey(key))).join(' ')} | ${help} | ${where} | \`${action}\` |`;
  });
  return ['| key | does | where | action |', '|---|---|---|---|', ...rows].join('\n');
}

function placesOf(views: readonly View[]): string {
  const others = VIEWS.filter(view => !views.includes(view));
  return others.length === 1 ? `everywhere but in ${others[0]}` : views.join(', ');
}

/** A bar would end the table's cell. */
function code(text: string): string {
  return `\`${text.replace(/\|/g, '\\|')}\``;
}
