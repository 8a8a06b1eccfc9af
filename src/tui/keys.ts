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
  | 'flows'
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
  row('Move', 'up', ['k', 'up'], 'all', 'row before'),
  row('Move', 'left', ['h', 'left'], 'all', 'fold a field, byte before, or pane to the left'),
  row('Move', 'right', ['l', 'right'], 'all', 'unfold a field, next byte, or pane to the right'),
  row('Move', 'top', ['g', 'home'], 'all', 'first row'),
  row('Move', 'bottom', ['G', 'end'], 'all', 'last row; on live traffic, follow what comes'),
  row('Move', 'page-down', ['pagedown', 'space'], 'all', 'a page down'),
  row('Move', 'page-up', ['pageup', 'C-b'], 'all', 'a page up'),
  row('Move', 'half-down', ['C-d'], 'all', 'half a page down'),
  row('Move', 'half-up', ['C-u'], 'all', 'half a page up'),
  row('Move', 'next-message', ['J'], MESSAGE_VIEWS, 'next message, whichever pane is in focus'),
  row('Move', 'previous-message', ['K'], MESSAGE_VIEWS, 'message before'),
  row('Go', 'enter', ['enter'], 'all', 'go in: connection, message, fields; a finding to its message'),
  row(
    'Go',
    'back',
    ['escape', 'q'],
    'all',
    'close what is open, back to the view before; at the top, quit after a question; a filter stays',
  ),
  row('Go', 'quit', ['Q', 'ZZ', 'C-c'], 'all', 'quit at once; a proxy in use after a question, or the second time'),
  row('Go', 'view-1', ['1'], 'all', 'connections'),
  row('Go', 'view-2', ['2'], 'all', 'conversation'),
  row('Go', 'view-3', ['3'], 'all', 'message'),
  row('Go', 'view-4', ['4'], 'all', 'findings'),
  row('Go', 'view-5', ['5'], 'all', 'states'),
  row('Go', 'view-6', ['6'], 'all', 'statistics'),
  row('Go', 'view-7', ['7'], 'all', 'all messages, of whichever connection'),
  row('Go', 'flows', ['8'], 'all', 'flows of no known protocol'),
  row('Go', 'counts', ['b'], 'all', 'messages by the values of a field, such as the selected one; there, of another'),
  row('Go', 'follow-stream', ['F'], 'all', 'all content of the connection, in the order of the capture; and back'),
  row('Go', 'compare', ['='], 'all', 'take the message or connection as the first; on a second one, compare them'),
  row('Go', 'log', ['L'], 'all', 'log of the proxy: clients, servers that refuse, bounds; and back'),
  row('Go', 'held', ['H'], 'all', 'what the proxy holds back; and back'),
  row('Go', 'next-pane', ['tab'], 'all', 'next pane'),
  row('Go', 'previous-pane', ['S-tab'], 'all', 'pane before'),
  row('Go', 'zoom', ['\\'], 'all', 'the pane in focus over the whole screen, and back'),
  row('Find', 'next-finding', ['n'], 'all', 'next finding, in whichever connection: errors first, infos last'),
  row('Find', 'previous-finding', ['N'], 'all', 'finding before'),
  row('Find', 'next-error', ['e'], without('held'), 'next error from where you are'),
  row('Find', 'previous-error', ['E'], without('held'), 'error before'),
  row('Find', 'filter', ['/'], 'all', 'filter messages; an empty one shows all'),
  row('Find', 'only-findings', ['f'], 'all', 'only what has findings; again: all'),
  row('Find', 'only-marked', ['*'], 'all', 'only what is marked, and all of a connection that is; again: all'),
  row('Find', 'find', ['C-f'], 'all', 'find a text, bytes (aa:bb) or what a filter matches; all rows stay'),
  row('Find', 'find-next', [';'], 'all', 'next match of what was found'),
  row('Find', 'find-previous', [','], 'all', 'match before'),
  row('Find', 'saved-filters', ['S'], 'all', 'filters saved by name: put one in force, or save the one that is'),
  row(
    'Find',
    'mark',
    ['M'],
    ['connections', 'conversation', 'message', 'findings', 'states', 'messages'],
    'mark with the next free letter, or unmark',
  ),
  row('Find', 'jump', ["'"], 'all', "jump to the mark of a letter; '' back to before the last jump"),
  row(
    'Find',
    'partner',
    ['%'],
    MESSAGE_VIEWS,
    'from a request to its answer, and back: round all that belongs together',
  ),
  row('Show', 'time', ['t'], 'all', 'times: relative, delta, utc, epoch'),
  row('Show', 'sort', ['o'], ['connections'], 'sort by the next column'),
  row('Show', 'reverse', ['v'], ['connections'], 'reverse the order'),
  row('Show', 'form', ['c', '|'], ['conversation', 'states'], 'messages as a ladder or as a list'),
  row('Show', 'stream-form', ['c', '|'], STREAM, 'text, hex dump or C array'),
  row('Show', 'stream-sides', ['s'], STREAM, 'both sides, the client or the server'),
  row('Show', 'split-back', ['<'], 'all', 'move the split beside the pane to the left, or up'),
  row('Show', 'split-on', ['>'], 'all', 'move it to the right, or down'),
  row('Show', 'columns', ['W'], 'all', 'choose the columns of the list, and their order'),
  row('Show', 'bell', ['w'], 'all', 'ring the bell for findings as they come, at most once a second; again: no more'),
  row('Show', 'theme', ['T'], 'all', 'colours of the next theme'),
  row('Show', 'pause', ['p'], 'all', 'hold the view while data keeps coming, and go on'),
  row('Do', 'command', [':'], 'all', 'command line'),
  row('Do', 'decode-as', ['m'], 'all', 'decode a port as a protocol; among the flows, that of the chosen one'),
  row('Do', 'break-on', ['i'], 'all', 'hold back what a filter matches, from now on; an empty one: nothing'),
  row('Do', 'forward', ['a'], HELD, 'let it go, with the changes that were made'),
  row('Do', 'forward-all', ['A'], HELD, 'let all go'),
  row('Do', 'drop', ['d'], HELD, 'pass nothing on in its place'),
  row('Do', 'edit', ['e'], HELD, 'set fields: FIELD = VALUE, ...; behind a ! lengths and checksums stay as they are'),
  row('Do', 'edit-bytes', ['B'], HELD, 'give the message other bytes, in hex; behind a ! as for e'),
  row('Do', 'revert', ['V'], HELD, 'take the changes back'),
  row('Do', 'repeat', ['D'], HELD, 'let it go and hold a copy, to be let go again'),
  row('Do', 'abort', ['X'], HELD, 'break its connection off'),
  row('Do', 'dialect', ['D'], without('held'), 'settle what a specification leaves open, and judge again'),
  row('Do', 'copy', ['y'], 'all', 'copy what is selected'),
  row(
    'Do',
    'export',
    ['x'],
    ['connections', 'conversation', 'message', 'findings', 'states', 'messages', 'stream'],
    'write the connection, the message, all that matches the filter, or the stream to a file',
  ),
  row('Do', 'open', ['O'], 'all', 'open another capture: one opened lately, or from a folder'),
  row('Do', 'help', ['?'], 'all', 'the keys'),
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
