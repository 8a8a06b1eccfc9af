/**
 * A situation for each key of the table: how to get there from the list of connections with the first one chosen, what
 * is seen there, and what is seen once the key was pressed. The player makes sure that the latter does not hold before.
 * Each leaves things as they were but for where one is, which `1` and `g` undo.
 */
import { expect } from 'vitest';
import { type Action, KEYS } from '../../src/tui/keys.ts';
import { helpPane } from '../../src/tui/panes/help.ts';
import { textOf } from '../kit/looking.ts';
import type { TerminalScreen } from '../kit/terminal-screen.ts';
import type { Tmux } from '../kit/tmux.ts';
import {
  bar,
  begins,
  type Check,
  chosen,
  chosenConnection,
  chosenFrame,
  edits,
  focusOn,
  hides,
  noCursor,
  onByte,
  onlyPanes,
  openFrame,
  paneOf,
  says,
  saysNot,
  screenView,
  seen,
  shows,
  unseen,
  view,
} from './checks.ts';
import type { Subject } from './subjects.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Keys by tmux's names, a text that is typed, or both, and what is seen then. */
export interface Step {
  readonly keys?: readonly string[];
  readonly text?: string;
  readonly see: readonly Check[];
  /** What the screen does not tell. */
  readonly also?: (tmux: Tmux) => Promise<void>;
}

export interface Scenario {
  readonly name: string;
  readonly start: readonly string[];
  /** Seen before the key. */
  readonly before: readonly Check[];
  /** What the screen does not tell before it. */
  readonly also?: (tmux: Tmux) => Promise<void>;
  /** Something happens to the screen that no key has done. */
  readonly meanwhile?: Step & { readonly act: (tmux: Tmux) => Promise<void> };
  /** Seen after it. */
  readonly after: (before: TerminalScreen) => readonly Check[];
  readonly next?: readonly Step[];
}

/** Those of the keys that leave the program are elsewhere: after them there is none. */
export type Staying = Exclude<Action, 'quit' | 'suspend'>;

/** Lines of the screen that a pane over all of it leaves free, and its frame. */
const FRAME_AND_BARS = 5;

export function scenariosOf(subject: Subject, { width, height }: Size): Readonly<Record<Staying, readonly Scenario[]>> {
  const { connection, frames, findings, errors, tour: order, client, filter, dialect, fold, protocol } = subject;
  const isWide = width >= 100;
  const help = helpPane({ table: KEYS, view: 'connections', top: 0 }, { width: width - 2, height: 1000 }).map(textOf);
  const messages = `Connection ${connection}`;
  const [first = 0, second = 0, third = 0] = frames;
  const last = frames.at(-1) ?? 0;
  const toConnection = Array.from({ length: connection - 1 }, () => 'j');
  const toMessages = [...toConnection, '2', 'g'];
  const toFields = [...toMessages, 'Tab', 'g'];
  const toBytes = [...toConnection, '3', 'Tab', 'g'];
  const toFold = [...toConnection, '3', 'g', ...Array.from({ length: fold?.row ?? 0 }, () => 'j')];
  const ofConversation = [messages, 'Frame', 'Bytes'];
  const at = (frame: number) => chosenFrame(connection, frame);

  /** From row to row of the messages. */
  const row = (name: string, moves: readonly string[], from: number, to: number): Scenario => ({
    name,
    start: [...toMessages, ...moves],
    before: [at(from)],
    after: () => [at(to), openFrame(to)],
  });

  /** As many rows of the messages as are in sight, but for one, or half of that. */
  const pageOfMessages = (name: string, direction: 1 | -1, share: 1 | 2): Scenario => ({
    name,
    start: [...toMessages, ...(direction > 0 ? [] : ['G'])],
    before: [at(direction > 0 ? first : last)],
    after: before => {
      const inSight = (paneOf(before, messages)?.lines.length ?? 0) - 1;
      const rows = Math.floor((inSight - 1) / share);
      const place = direction > 0 ? Math.min(frames.length - 1, rows) : Math.max(0, frames.length - 1 - rows);
      return [at(frames[place] ?? 0)];
    },
  });

  const pageOfHelp = (name: string, direction: 1 | -1, share: 1 | 2): Scenario => {
    const inSight = height - FRAME_AND_BARS;
    const furthest = help.length - inSight;
    const rows = Math.floor((inSight - 1) / share);
    const [from, to] = direction > 0 ? [0, Math.min(rows, furthest)] : [furthest, Math.max(0, furthest - rows)];
    return {
      name,
      start: ['?', ...(direction > 0 ? [] : ['G'])],
      // One line alone may be a blank one.
      before: [begins('Keys', ...help.slice(from, from + 2))],
      after: () => [begins('Keys', ...help.slice(to, to + 2))],
    };
  };

  const byte = (name: string, moves: readonly string[], from: number, to: number): Scenario => ({
    name,
    start: [...toBytes, ...moves],
    before: [focusOn('Bytes'), onByte(from)],
    after: () => [focusOn('Bytes'), onByte(to)],
  });

  const focus = (name: string, moves: readonly string[], from: string, to: string): Scenario => ({
    name,
    start: [...toMessages, ...moves],
    before: [focusOn(from), view(2, ...ofConversation)],
    after: () => [focusOn(to), view(2, ...ofConversation)],
  });

  const split = (name: string, direction: 1 | -1, undo: string): Scenario => {
    const size = (screen: TerminalScreen) => paneOf(screen, messages)?.[isWide ? 'width' : 'height'] ?? 0;
    const is =
      (wanted: number): Check =>
      screen => {
        return size(screen) === wanted ? undefined : `${size(screen)} cells in place of ${wanted}`;
      };
    return {
      name,
      start: toMessages,
      before: [focusOn(messages), view(2, ...ofConversation)],
      after: before => [is(size(before) + direction * (isWide ? 4 : 2)), focusOn(messages)],
      next: [{ keys: [undo], see: [is(isWide ? Math.round(width * 0.54) : Math.round((height - 3) * 0.52))] }],
    };
  };

  const folding = (name: string, closes: boolean): readonly Scenario[] => {
    if (!fold) return [];
    const open = shows('Frame', new RegExp(`^\\W+${fold.member} `, 'm'));
    const closed = hides('Frame', new RegExp(`^\\W+${fold.member} `, 'm'));
    const here = chosen('Frame', new RegExp(fold.name));
    const start = closes ? toFold : [...toFold, 'h'];
    const opened: Step = { keys: ['l'], see: [here, open] };
    return [
      {
        name,
        start,
        before: [here, closes ? open : closed],
        after: () => [here, closes ? closed : open],
        ...(closes && { next: [opened] }),
      },
    ];
  };

  const viewed = (number: number, from: readonly string[], ...names: readonly string[]): Scenario => ({
    name: `view ${number}`,
    start: from,
    before: [view(from.includes('4') ? 4 : 1, ...(from.includes('4') ? ['Findings', 'Finding'] : ['Connections']))],
    after: () => [view(number, ...names)],
  });

  /** A line for input at the bottom of the screen, that is put away again. */
  const prompt = (name: string, text: string, more: readonly Step[] = []): Scenario => ({
    name,
    start: toConnection,
    before: [chosenConnection(connection), noCursor],
    after: () => [edits(-3, text)],
    next: [...more, { keys: ['Escape'], see: [noCursor, view(1, 'Connections')] }],
  });

  /** From the first connection, with its first message chosen, to a place in the list of findings. */
  const tour = (
    name: string,
    moves: readonly string[],
    before: readonly Check[],
    to: number,
    round: readonly number[],
  ): Scenario => ({
    name,
    start: ['2', 'g', '1', ...moves],
    before,
    after: () => {
      const [rule = '', frame = 0] = findings[to] ?? [];
      return [says(new RegExp(`^${round.indexOf(to) + 1} of ${round.length}[:,].*${rule}`)), openFrame(frame)];
    },
  });
  /** `n` goes on from where it came to last, which is elsewhere each time. */
  const onTour = (name: string, stops: number): Scenario => ({
    name,
    start: ['4', 'g', ...Array.from({ length: order[stops - 1] ?? 0 }, () => 'j'), '2', 'g', '1'],
    before: [view(1, 'Connections'), saysNot(/^\d+ of/)],
    after: () => {
      const [rule = '', frame = 0] = findings[order[stops % order.length] ?? 0] ?? [];
      return [says(new RegExp(`^${(stops % order.length) + 1} of ${order.length}[:,].*${rule}`)), openFrame(frame)];
    },
  });

  const noTour = (name: string): Scenario => ({
    name,
    start: [],
    before: [saysNot('no finding')],
    after: () => [says(/^no finding$/), view(1, 'Connections')],
  });

  const noError: Scenario = {
    name: 'there is none',
    start: [],
    before: [saysNot(/^no /)],
    after: () => [
      says(findings.length === 0 ? /^no finding$/ : `no error among ${findings.length} findings`),
      view(1, 'Connections'),
    ],
  };

  const noProxy = (name: string): Scenario => ({
    name,
    start: toMessages,
    before: [at(first)],
    after: () => [says(/^only a proxy that was started with --break-on holds/), view(2, ...ofConversation), at(first)],
  });

  /** Keys of the view of what is held, which a capture has none of. */
  const ofHolds = (action: Action): Scenario => ({
    name: 'says what it is for',
    start: [],
    before: [saysNot(/^not in/), view(1, 'Connections')],
    after: () => [says(`not in Connections: ${KEYS.find(row => row.action === action)?.help}`.slice(0, 60))],
  });

  return {
    down: [row('the next message', [], first, second)],
    up: [row('the previous message, from any pane', ['j', 'j'], third, second)],
    left: [
      byte('the byte before', ['l', 'l'], 2, 1),
      ...folding('folds a field', true),
      ...(isWide ? [focus('the pane to the left', ['Tab', 'g'], 'Frame', messages)] : []),
    ],
    right: [
      byte('the next byte', [], 0, 1),
      ...folding('unfolds a field', false),
      isWide
        ? focus('the pane to the right', [], messages, 'Frame')
        : focus('the pane to the right', ['Tab', 'G'], 'Frame', 'Bytes'),
    ],
    top: [row('the first message', ['j', 'j'], third, first)],
    bottom: [row('the last message', [], first, last)],
    'page-down': [pageOfMessages('a page of messages', 1, 1), pageOfHelp('a page of text', 1, 1)],
    'page-up': [pageOfMessages('a page of messages', -1, 1), pageOfHelp('a page of text', -1, 1)],
    'half-down': [pageOfMessages('half a page of messages', 1, 2), pageOfHelp('half a page of text', 1, 2)],
    'half-up': [pageOfMessages('half a page of messages', -1, 2), pageOfHelp('half a page of text', -1, 2)],
    'next-message': [
      {
        name: 'while fields are in focus',
        start: toFields,
        before: [focusOn('Frame'), openFrame(first)],
        after: () => [focusOn('Frame'), openFrame(second)],
      },
      {
        name: 'in the view of one message',
        start: [...toMessages, '3'],
        before: [view(3, 'Frame', 'Bytes'), openFrame(first)],
        after: () => [view(3, 'Frame', 'Bytes'), openFrame(second)],
      },
    ],
    'previous-message': [
      {
        name: 'while fields are in focus',
        start: [...toFields, 'J', 'J'],
        before: [focusOn('Frame'), openFrame(third)],
        after: () => [focusOn('Frame'), openFrame(second)],
      },
    ],
    enter: [
      {
        name: 'a connection',
        start: [...toMessages, '1'],
        before: [chosenConnection(connection)],
        after: () => [view(2, ...ofConversation), at(first)],
      },
      {
        name: 'a message',
        start: [...toMessages, 'j'],
        before: [at(second)],
        after: () => [view(3, 'Frame', 'Bytes'), openFrame(second)],
      },
      ...(findings.length === 0
        ? []
        : [
            {
              name: 'a finding',
              start: ['4', 'g', 'j'],
              before: [view(4, 'Findings', 'Finding'), chosen('Findings', new RegExp(` ${findings[1]?.[1]} `))],
              after: () => [openFrame(findings[1]?.[1] ?? 0), screenView(2)],
            },
          ]),
      ...folding('folds a field', true),
    ],
    back: [
      {
        name: 'from the messages to the connections',
        start: toMessages,
        before: [view(2, ...ofConversation)],
        after: () => [view(1, 'Connections'), chosenConnection(connection)],
      },
      {
        name: 'from a pane over the whole screen',
        start: [...toMessages, '\\'],
        before: [onlyPanes(messages)],
        after: () => [view(2, ...ofConversation)],
      },
      {
        name: 'at the top asks, and no stays',
        start: [],
        before: [view(1, 'Connections')],
        after: () => [says(/^quit\? +y yes +n no$/)],
        next: [{ keys: ['n'], see: [saysNot('quit'), view(1, 'Connections')] }],
      },
    ],
    'view-1': [viewed(1, ['4'], 'Connections')],
    'view-2': [viewed(2, toConnection, ...ofConversation)],
    'view-3': [viewed(3, toConnection, 'Frame', 'Bytes')],
    'view-4': [viewed(4, toConnection, 'Findings', 'Finding')],
    'view-5': [viewed(5, toConnection, messages, `States of connection ${connection}`)],
    'view-6': [viewed(6, toConnection, 'Statistics')],
    'view-7': [
      {
        name: 'the messages of all connections',
        start: toConnection,
        before: [view(1, 'Connections')],
        after: () => [view(7, 'All messages', 'Frame', 'Bytes'), shows('All messages', / conn +message/)],
      },
    ],
    'view-8': [
      {
        name: 'the flows of no known protocol',
        start: [],
        before: [view(1, 'Connections')],
        after: () => [focusOn('Flows'), shows('Flows', /^.*from +to +packets +bytes/)],
      },
    ],
    counts: [
      {
        name: 'messages by type, and by another field',
        start: toConnection,
        before: [view(1, 'Connections'), chosenConnection(connection)],
        after: () => [shows('Messages by type', /^ *messages .* type *$/m)],
        next: [
          { keys: ['b'], see: [edits(-3, 'count by: type')] },
          { keys: ['C-u'], text: 'prot\t\r', see: [titled('Messages by protocol: 1 value'), noCursor] },
          { keys: ['b', 'C-u'], text: 'type\r', see: [shows('Messages by type', ' type'), noCursor] },
          { keys: ['Escape'], see: [view(1, 'Connections'), chosenConnection(connection)] },
        ],
      },
    ],
    'follow-stream': [
      {
        name: 'the content of a connection, and back',
        start: toConnection,
        before: [view(1, 'Connections'), chosenConnection(connection)],
        after: () => [onlyPanes('Stream'), shows('Stream', /^[<>] \S/m)],
        next: [{ keys: ['F'], see: [view(1, 'Connections'), chosenConnection(connection)] }],
      },
    ],
    'stream-form': [
      {
        name: 'a hex dump, a C array, and text again',
        start: [...toConnection, 'F'],
        before: [onlyPanes('Stream'), shows('Stream', /^[<>] \S/m), hides('Stream', /^[<>] [0-9a-f]{8} {2}/m)],
        after: () => [shows('Stream', /^[<>] 00000000 {2}[0-9a-f]{2} /m)],
        next: [
          { keys: ['c'], see: [shows('Stream', /^[<>] char peer\d_0\[\] = \{ /m)] },
          { keys: ['c'], see: [hides('Stream', /^[<>] char peer/m)] },
        ],
      },
    ],
    'stream-sides': [
      {
        name: 'one side, the other, and both again',
        start: [...toConnection, 'F', 'g'],
        before: [onlyPanes('Stream'), shows('Stream', /^</m)],
        after: () => [shows('Stream', /^>/m), hides('Stream', /^</m)],
        next: [
          { keys: ['s'], see: [shows('Stream', /^</m), hides('Stream', /^>/m)] },
          { keys: ['s'], see: [shows('Stream', /^>/m)] },
        ],
      },
    ],
    compare: [
      {
        name: 'a message with the one behind it',
        start: toMessages,
        before: [at(first)],
        after: () => [says(`frame ${first} is picked; = on another message`), bar(1, `= with frame ${first}`)],
        next: [
          { keys: ['j', '='], see: [onlyPanes('Compare'), shows('Compare', new RegExp(`frame ${second}`))] },
          { keys: ['='], see: [view(2, ...ofConversation), at(second), bar(1, 'Filter:')] },
        ],
      },
    ],
    log: [
      {
        name: 'of which a capture has none',
        start: toMessages,
        before: [at(first)],
        after: () => [says(/^only a proxy has a log; this is a capture/), view(2, ...ofConversation), at(first)],
      },
    ],
    held: [noProxy('of which a capture has none')],
    'break-on': [noProxy('for a proxy alone')],
    forward: [ofHolds('forward')],
    'forward-all': [ofHolds('forward-all')],
    drop: [ofHolds('drop')],
    edit: [
      errors.length === 0
        ? noError
        : tour('is another key elsewhere', [], [view(1, 'Connections'), saysNot(/^\d+ of/)], errors[0] ?? -1, errors),
    ],
    'edit-bytes': [ofHolds('edit-bytes')],
    revert: [ofHolds('revert')],
    repeat: [prompt('is another key elsewhere', `dialect: ${protocol}.`)],
    abort: [ofHolds('abort')],
    'next-pane': [
      focus('from the messages to the fields', [], messages, 'Frame'),
      focus('round to the messages', ['Tab', 'Tab'], 'Bytes', messages),
    ],
    'previous-pane': [
      focus('round to the bytes', [], messages, 'Bytes'),
      focus('from the fields to the messages', ['Tab'], 'Frame', messages),
    ],
    'split-back': [split('to the left or up', -1, '>')],
    'split-on': [split('to the right or down', 1, '<')],
    columns: [
      {
        name: 'of the connections',
        start: toConnection,
        before: [chosenConnection(connection)],
        after: () => [seen('[x] client')],
        next: [
          { keys: ['Space'], see: [seen('[ ] number')] },
          { keys: ['Space'], see: [seen('[x] number')] },
          { keys: ['d', 'Escape'], see: [unseen('[x] number'), view(1, 'Connections'), chosenConnection(connection)] },
        ],
      },
    ],
    zoom: [
      {
        name: 'the pane in focus, and back',
        start: [...toMessages, 'Tab'],
        before: [view(2, ...ofConversation), focusOn('Frame')],
        after: () => [
          view(2, 'Frame'),
          ({ panes: [pane] }) =>
            pane?.width === width && pane.height === height - 3 ? undefined : `it is ${pane?.width}x${pane?.height}`,
        ],
        next: [{ keys: ['\\'], see: [view(2, ...ofConversation), focusOn('Frame')] }],
      },
    ],
    'next-finding':
      findings.length === 0
        ? [noTour('there is none')]
        : [onTour('the third', 2), onTour('from the last to the first', order.length)],
    'previous-finding':
      findings.length === 0
        ? [noTour('there is none')]
        : [
            tour(
              'the second',
              ['4', 'g', ...Array.from({ length: order[2] ?? 0 }, () => 'j'), '1'],
              [view(1, 'Connections'), saysNot(/^\d+ of/)],
              order[1] ?? -1,
              order,
            ),
          ],
    'next-error':
      errors.length === 0
        ? [noError]
        : [
            tour('the first error', [], [view(1, 'Connections'), saysNot(/^\d+ of/)], errors[0] ?? -1, errors),
            tour(
              'the error behind the first finding',
              ['4', 'g', 'Enter'],
              [screenView(2), openFrame(findings[0]?.[1] ?? 0)],
              errors.find(error => error > 0) ?? -1,
              errors,
            ),
          ],
    'previous-error':
      errors.length === 0
        ? [noError]
        : [
            tour(
              'the last error',
              ['4', 'G', 'Enter'],
              [screenView(2), openFrame(findings.at(-1)?.[1] ?? 0)],
              errors.findLast(error => error < findings.length - 1) ?? -1,
              errors,
            ),
          ],
    'only-findings': [
      findings.length === 0
        ? noTour('there is none')
        : {
            name: 'hides what has none, and shows all again',
            start: ['7', 'g'],
            before: [({ rows }) => (rows[1]?.includes('[') ? rows[1] : undefined), titled7(subject)],
            after: () => [
              bar(1, '[findings only]'),
              framesListed(
                'All messages',
                findings.map(([, frame]) => frame),
              ),
            ],
            next: [{ keys: ['f'], see: [titled7(subject), bar(1, 'Filter: / to')] }],
          },
    ],
    'only-marked': [
      {
        name: 'hides what is not, and shows all again',
        start: [...toMessages, 'j', 'M'],
        before: [says(/^marked a/), shows(messages, new RegExp(`^ *•?${first} `, 'm'))],
        after: () => [bar(1, '[marked only]'), framesListed(messages, [second], '*')],
        next: [
          { keys: ['*'], see: [bar(1, 'Filter: / to'), shows(messages, new RegExp(`^ *•?${first} `, 'm'))] },
          { keys: ['M'], see: [says('mark removed')] },
        ],
      },
    ],
    find: [
      {
        name: 'what is shown, in the rows that there are',
        start: toMessages,
        before: [at(first), noCursor],
        after: () => [edits(-3, 'find: ')],
        next: [
          { text: `frame == ${third}`, see: [edits(-3, `find: frame == ${third}`)] },
          { keys: ['Enter'], see: [at(third), openFrame(third), says(`found in frame ${third}`), noCursor] },
          { keys: ['C-f'], text: 'no such thing\r', see: [at(third), says(/^"no such thing" is in no message of/)] },
          { keys: ['C-f', 'Up', 'Up'], see: [edits(-3, `find: frame == ${third}`)] },
          { keys: ['Escape'], see: [noCursor] },
        ],
      },
    ],
    'find-next': [
      {
        name: 'the next one that it is true of',
        start: [...toMessages, ':', ...typed(`find frame > ${first}`), 'Enter'],
        before: [at(second), says(`found in frame ${second}`)],
        after: () => [at(third), says(`found in frame ${third}`)],
      },
    ],
    'find-previous': [
      {
        name: 'from the first to the last',
        start: [...toMessages, ':', ...typed(`find frame > ${first}`), 'Enter'],
        before: [at(second), says(`found in frame ${second}`)],
        after: () => [at(last), says(`found in frame ${last}, from the bottom`)],
      },
    ],
    filter: [
      {
        name: 'hides what does not match, and an empty one shows all again',
        start: toMessages,
        before: [bar(1, 'Filter: / to filter messages'), noCursor, at(first)],
        after: () => [edits(1, ' Filter: ')],
        next: [
          { text: filter.text, see: [edits(1, ` Filter: ${filter.text}`)] },
          {
            keys: ['Enter', 'g'],
            see: [
              bar(1, new RegExp(`Filter: ${escaped(filter.text)}  \\d+ of \\d+`)),
              framesListed(messages, filter.frames),
              at(filter.frames[0] ?? 0),
              noCursor,
            ],
          },
          {
            keys: ['1'],
            see: [shows('Connections', 'proto'), titled(`Connections: ${filter.connections} with a match`)],
          },
          { keys: ['/', 'C-u', 'Enter'], see: [bar(1, '/ to filter'), titled(`Connections: ${subject.connections}`)] },
        ],
      },
      {
        name: 'says what is wrong, and where',
        start: [],
        before: [noCursor],
        after: () => [edits(1, ' Filter: ')],
        next: [
          { text: 'frame == x', see: [({ rows }) => (/^ {18}\^ /.test(rows[2] ?? '') ? undefined : rows[2])] },
          { keys: ['Escape'], see: [bar(1, '/ to filter'), noCursor] },
        ],
      },
    ],
    mark: [
      {
        name: 'a message, and takes it away',
        start: [...toMessages, 'j'],
        before: [at(second), hides(messages, `*${second}`)],
        after: () => [says(/^marked a/), chosen(messages, new RegExp(`^ *\\*${second} `))],
        next: [{ keys: ['M'], see: [says('mark removed'), hides(messages, `*${second}`)] }],
      },
      {
        name: 'a connection, and takes it away',
        start: toConnection,
        before: [chosenConnection(connection), hides('Connections', `*${connection}`)],
        after: () => [says(/^marked a/), chosen('Connections', new RegExp(`^ *\\*${connection} `))],
        next: [{ keys: ['M'], see: [says('mark removed'), hides('Connections', `*${connection}`)] }],
      },
    ],
    jump: [
      {
        name: 'to a mark, and back',
        start: [...toMessages, 'j', 'M', 'G'],
        before: [at(last)],
        after: () => [says(/^jump to {2}a/)],
        next: [
          { keys: ['a'], see: [chosen(messages, new RegExp(`^ *\\*${second} `)), openFrame(second)] },
          { keys: ["'", "'"], see: [at(last), openFrame(last)] },
          { keys: ["'", 'a', 'M'], see: [says('mark removed'), at(second)] },
        ],
      },
    ],
    partner: [
      subject.answer
        ? {
            name: 'from a request to its answer, each with a dot while the other is chosen',
            start: toMessages,
            before: [at(first), shows(messages, `•${subject.answer}`), saysNot(/answers/)],
            after: () => [
              at(subject.answer ?? 0),
              shows(messages, `•${first}`),
              says(/^frame \d+ answers \d+ after 0\.\d+ s$/),
            ],
            next: [{ keys: ['%'], see: [at(first), says(/^frame \d+ is answered in \d+$/)] }],
          }
        : {
            name: 'of which there is none',
            start: toMessages,
            before: [at(first), saysNot(/answers/)],
            after: () => [at(first), says(/answers nothing, and nothing answers it$/)],
          },
    ],
    time: [
      {
        name: 'relative, delta, utc, epoch',
        start: toMessages,
        before: [saysNot(/^time: /), at(first)],
        after: () => [says(/^time: delta$/)],
        next: [
          { keys: ['t'], see: [says(/^time: utc$/), shows(messages, /\d\d:\d\d:\d\d\.\d+/)] },
          { keys: ['t'], see: [says(/^time: epoch$/), shows(messages, /\d{9}\.\d+|…\d+\.\d+/)] },
          { keys: ['t'], see: [says(/^time: relative$/), hides(messages, /\d\d:\d\d:\d\d\.\d+/)] },
        ],
      },
    ],
    sort: [
      {
        name: 'by the protocol',
        start: toConnection,
        before: [shows('Connections', /#\^ +proto /), chosenConnection(connection)],
        after: () => [shows('Connections', /# +proto\^/), says('sorted by protocol'), chosenConnection(connection)],
        next: [
          { keys: [':'], text: 'sort -messages\r', see: [shows('Connections', /msgsv/), mostMessagesFirst] },
          { keys: [':'], text: 'sort number\r', see: [shows('Connections', /#\^/)] },
        ],
      },
    ],
    reverse: [
      {
        name: 'the last connection first, and back',
        start: [],
        before: [shows('Connections', /#\^/), firstConnection(1)],
        after: () => [shows('Connections', /#v/), firstConnection(subject.connections)],
        next: [{ keys: ['v'], see: [shows('Connections', /#\^/), firstConnection(1)] }],
      },
    ],
    form: [
      {
        name: 'a list, and a ladder again',
        start: toMessages,
        before: [shows(messages, '├──'), shows(messages, new RegExp(`${client} +${subject.server}`)), at(first)],
        after: () => [
          shows(messages, new RegExp(`^ *${first} .*──► `, 'm')),
          hides(messages, '├──'),
          says('shown as a list'),
          at(first),
        ],
        next: [{ keys: ['c'], see: [shows(messages, '├──'), says('shown as a ladder')] }],
      },
    ],
    theme: [
      {
        name: 'another one, and back',
        start: [],
        before: [saysNot(/^theme/)],
        after: () => [says(/^theme: light$/)],
        next: [{ keys: ['T'], see: [says(/^theme: dark$/)] }],
      },
    ],
    bell: [
      {
        name: 'on and off, where no finding can come',
        start: [],
        before: [saysNot(/bell/)],
        after: () => [says(/^the bell rings for findings as they come; no finding comes here/)],
        next: [{ keys: ['w'], see: [says(/^the bell is off$/)] }],
      },
    ],
    pause: [
      {
        name: 'holds the view, and goes on',
        start: [],
        before: [({ rows }) => (rows.slice(0, 2).join().includes('paused') ? 'paused before' : undefined)],
        after: () => [says(/^paused: /), bar(isWide ? 0 : 1, /paused, 0 new$/)],
        next: [{ keys: ['p'], see: [says(/^resumed$/), bar(isWide ? 0 : 1, /\d+ messages$/)] }],
      },
    ],
    command: [
      prompt('edits a line', ':', [{ text: 'goto', see: [edits(-3, ':goto')] }]),
      {
        name: 'goes to a frame',
        start: toConnection,
        before: [noCursor],
        after: () => [edits(-3, ':')],
        next: [
          { text: `goto ${third}\r`, see: [view(2, ...ofConversation), at(third), noCursor] },
          { keys: [':', 'Up'], see: [edits(-3, `:goto ${third}`)] },
          { keys: ['Escape'], see: [noCursor] },
        ],
      },
    ],
    'decode-as': [
      prompt('begins with the port of the connection', `decode as: ${decodeAsOf(subject)}`, [
        { text: 'nonsense\r', see: [({ rows }) => (/nonsense/.test(rows.at(-2) ?? '') ? undefined : rows.at(-2))] },
      ]),
      {
        name: 'judges again',
        start: toConnection,
        before: [noCursor],
        after: () => [edits(-3, `decode as: ${decodeAsOf(subject)}`)],
        next: [
          {
            keys: ['C-u'],
            text: `udp.port==9,${protocol === 'ministreaming' ? 'mnet' : 'ministreaming'}\r`,
            see: [says('run: no finding gone or new'), noNotice, chosenConnection(connection)],
          },
        ],
      },
    ],
    dialect: [
      prompt('begins with the protocol of the connection', `dialect: ${protocol}.`),
      ...(dialect
        ? [
            {
              name: 'judges again, and says what has changed',
              start: toConnection,
              before: [noCursor],
              after: () => [edits(-3, `dialect: ${protocol}.`)],
              next: [
                { text: `${dialect.set.slice(protocol.length + 1)}\r`, see: [says(dialect.says), notice] },
                { keys: ['Escape'], see: [noNotice, onlyPanes('Connections')] },
                {
                  keys: ['D'],
                  text: `${dialect.unset.slice(protocol.length + 1)}\r`,
                  see: [says(dialect.saysBack), notice],
                },
                { keys: ['Escape'], see: [noNotice, onlyPanes('Connections')] },
              ],
            },
          ]
        : []),
    ],
    copy: [
      {
        name: 'the client, and nothing before it is said what',
        start: toConnection,
        before: [chosenConnection(connection)],
        also: tmux => copied(tmux, undefined),
        after: () => [says(/^copy +l line +c client +s server +f filter$/)],
        next: [
          {
            keys: ['c'],
            see: [says(/^copied to tmux's buffer, sent to the terminal: client;/)],
            also: tmux => copied(tmux, client),
          },
          {
            keys: ['y', 'f'],
            see: [says(/^copied to tmux's buffer, sent to the terminal: filter;/)],
            also: tmux => copied(tmux, `connection == ${connection}`),
          },
        ],
      },
    ],
    open: [
      {
        name: 'lists the folder, and goes back',
        start: [],
        before: [view(1, 'Connections')],
        after: () => [onlyPanes('Open a capture'), shows('Open a capture', /^folder +fixtures\/$/m)],
        next: [{ keys: ['Escape'], see: [view(1, 'Connections'), noCursor] }],
      },
    ],
    'saved-filters': [
      {
        name: 'there is none, and none in force',
        start: [],
        before: [saysNot(/saved/)],
        after: () => [says(/^no saved filters/), view(1, 'Connections')],
      },
    ],
    export: [prompt('asks for a file', `export the connection to: connection-${connection}.pcapng`)],
    help: [
      {
        name: 'the keys, and away again',
        start: [],
        before: [view(1, 'Connections')],
        after: () => [onlyPanes('Keys'), shows('Keys', /^j {2}Down +next row$/m)],
        next: [{ keys: ['?'], see: [view(1, 'Connections')] }],
      },
    ],
    redraw: [
      {
        name: 'what another program has written over',
        start: toMessages,
        before: [at(first)],
        meanwhile: {
          act: tmux => tmux.scribble('\x1b[7;9Hgarbage\x1b[2;2H\x1b[K'),
          see: [
            ({ text }) => (text.includes('garbage') ? undefined : 'no garbage'),
            ({ rows }) => (rows[1]?.trim() === '' ? undefined : 'the filter is still there'),
          ],
        },
        after: () => [({ text }) => (text.includes('garbage') ? 'garbage' : undefined), bar(1, 'Filter:'), at(first)],
      },
    ],
  };
}

/** Everything that one is asked for to decode what the connection's server gets: `udp.port==26999,`. */
export function decodeAsOf({ protocol, server }: Subject): string {
  const transport = protocol === 'mnet' || protocol === 'ministreaming' ? 'udp' : 'tcp';
  return `${transport}.port==${server.split(':')[1]},`;
}

/** A text as keys of tmux. */
const typed = (text: string) => [...text].map(character => (character === ' ' ? 'Space' : character));

/** Copied is before it is said. */
async function copied(tmux: Tmux, text: string | undefined): Promise<void> {
  expect(await tmux.clipboard()).toBe(text);
}

/** What another judgement has changed lies over the panes. */
const notice: Check = ({ rows }) => (rows.some(isNotice) ? undefined : 'no notice');
const noNotice: Check = ({ rows }) => (rows.some(isNotice) ? 'the notice is still there' : undefined);
const isNotice = (row: string) => /┌ .*; (j and k scroll, )?Esc closes ─+┐/.test(row);

function titled(title: string): Check {
  return ({ titles }) => (titles.includes(title) ? undefined : `${titles} in place of ${title}`);
}

/** Nothing is hidden. */
function titled7({ messages }: Subject): Check {
  return titled(`All messages: ${messages}`);
}

/** @param sign before the number of each */
function framesListed(name: string, frames: readonly number[], sign = ''): Check {
  return screen => {
    const [, ...rows] = paneOf(screen, name)?.lines ?? [];
    const listed = rows
      .map(text => Number.parseInt(text.trim().replace(sign, ''), 10))
      .filter(frame => !Number.isNaN(frame));
    return String(listed) === String(frames) ? undefined : `frames ${listed} in place of ${frames}`;
  };
}

function firstConnection(number: number): Check {
  return screen => {
    const text = paneOf(screen, 'Connections')?.lines[1] ?? '';
    return Number.parseInt(text, 10) === number ? undefined : `"${text}" stands first in place of ${number}`;
  };
}

/** Of the columns, messages are those before the verdict. */
const mostMessagesFirst: Check = screen => {
  const counts = (paneOf(screen, 'Connections')?.lines ?? []).flatMap(text => {
    const [, count] = /(\d+) +(?:conformant|violations|inconclusive)/.exec(text) ?? [];
    return count === undefined ? [] : [Number(count)];
  });
  const isSorted = counts.length > 0 && counts.every((count, at) => at === 0 || count <= (counts[at - 1] ?? 0));
  return isSorted ? undefined : `messages ${counts}`;
};

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
