import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { KEYS } from '../../../src/tui/keys.ts';
import type { Model } from '../../../src/tui/model/model.ts';
import { compose } from '../../../src/tui/plan/compose.ts';
import { NUMBERED_VIEWS, PANES_OF } from '../../../src/tui/views.ts';
import { historyOf, type PastRun } from '../../kit/history.ts';
import { barText, framesListed, modelOf, paneText, press, settle } from '../../kit/looking.ts';

/** Three connections: 1 has frames 1 to 11, 2 frames 12 to 22, 3 frames 23 to 25; findings at 2, 5, 7, 17, 20 and 23. */
let past: PastRun;
let model: Model;

beforeAll(async () => {
  past = await historyOf('mnet/faults.pcap');
});

beforeEach(() => {
  model = modelOf(past);
});

const frame = () => model.history.messages.frame(model.message);
const rule = () => model.finding?.ruleId;

describe('the views', () => {
  test.each([
    ['1', 'connections', ['connections', 'preview']],
    ['2', 'conversation', ['messages', 'fields', 'hex']],
    ['3', 'message', ['fields', 'hex']],
    ['4', 'findings', ['findings', 'finding']],
    ['5', 'states', ['messages', 'machine']],
    ['6', 'statistics', ['statistics']],
    ['7', 'messages', ['messages', 'fields', 'hex']],
    ['?', 'help', ['help']],
  ])('%s shows %s', (key, view, panes) => {
    press(model, `2 ${key}`);
    expect(model.view).toBe(view);
    expect(compose(model).panes.map(({ kind }) => kind)).toEqual(panes);
  });

  test('Tab goes round the panes, Shift-Tab the other way', () => {
    press(model, '2');
    const round = Array.from({ length: 4 }, () => press(model, 'tab').focus);
    expect(round).toEqual(['fields', 'hex', 'messages', 'fields']);
    expect(press(model, 'S-tab').focus).toBe('messages');
    expect(press(model, '1 tab').said?.text).toContain('one pane');
  });

  test('zoom shows the pane in focus alone, Tab keeps going round, and back leaves the zoom first', () => {
    press(model, '2 tab \\');
    expect(compose(model).panes).toMatchObject([{ kind: 'fields', width: 160, focused: true }]);
    press(model, 'tab');
    expect(compose(model).panes.map(({ kind }) => kind)).toEqual(['hex']);
    press(model, 'escape');
    expect([model.view, model.zoomed]).toEqual(['conversation', false]);
  });

  test('Enter goes in, Esc and q go back, at the top it asks', () => {
    press(model, 'enter');
    expect(model.view).toBe('conversation');
    press(model, 'enter');
    expect(model.view).toBe('message');
    press(model, 'escape');
    expect(model.view).toBe('conversation');
    press(model, 'q');
    expect(model.view).toBe('connections');
    press(model, 'q');
    expect(barText(model, 'prompt')).toContain('quit?');
    press(model, 'n');
    expect(model.takeEffects()).toEqual([]);
    press(model, 'escape y');
    expect(model.takeEffects()).toEqual([{ kind: 'quit' }]);
  });

  test('Esc closes what is open, one after the other, and leaves the filter', () => {
    press(model, '2 / "type == DATA" enter tab \\ y');
    const seen = () => [model.mode.kind, model.zoomed, model.view, model.filter?.text];
    const FILTER = 'type == DATA';
    expect(seen()).toEqual(['choice', true, 'conversation', FILTER]);
    expect(press(model, 'escape') && seen()).toEqual(['browse', true, 'conversation', FILTER]);
    expect(press(model, '/ "x"') && seen()).toEqual(['line', true, 'conversation', FILTER]);
    expect(press(model, 'escape') && seen()).toEqual(['browse', true, 'conversation', FILTER]);
    expect(press(model, 'escape') && seen()).toEqual(['browse', false, 'conversation', FILTER]);
    expect(press(model, 'escape') && seen()).toEqual(['browse', false, 'connections', FILTER]);
    expect(press(model, 'escape') && seen()).toEqual(['choice', false, 'connections', FILTER]);
    expect(press(model, 'escape') && seen()).toEqual(['browse', false, 'connections', FILTER]);
    press(model, '/ C-u enter');
    expect(model.filter).toBeUndefined();
  });

  test('the question to quit is answered by y, n, Enter and Esc, and by nothing else', () => {
    const keys = KEYS.filter(({ action }) => action !== 'quit').flatMap(row => row.keys);
    const others = keys.filter(key => !['y', 'n', 'enter', 'escape'].includes(key));
    press(model, 'j');
    const before = paneText(model, 'connections');
    for (const key of [...others, 'Z j', 'f12']) {
      press(model, `q ${key}`);
      expect([key, barText(model, 'prompt').trim(), model.view]).toEqual([key, 'quit?  y yes  n no', 'connections']);
      press(model, 'escape');
    }
    for (const key of ['n', 'enter', 'escape']) {
      press(model, `q ${key}`);
      expect([key, model.mode.kind, model.takeEffects()]).toEqual([key, 'browse', []]);
    }
    expect(paneText(model, 'connections')).toEqual(before);
  });

  test.each(['q y', 'q Q', 'q C-c', 'escape Z Z'])('%s quits', keys => {
    press(model, keys);
    expect(model.takeEffects()).toEqual([{ kind: 'quit' }]);
  });

  test('back leads to where one was, and never in a circle', () => {
    press(model, '2 4 3 2 4 2');
    expect([press(model, 'escape').view, press(model, 'escape').view]).toEqual(['connections', 'connections']);
    expect(model.mode.kind).toBe('choice');
  });

  test.each(['Q', 'S-q', 'Z Z', 'S-z S-z', 'C-c', ': "q" enter', ': "q!" enter'])('%s quits at once', keys => {
    press(model, keys);
    expect(model.takeEffects()).toEqual([{ kind: 'quit' }]);
  });

  test('Ctrl-Z and Ctrl-L are effects for the owner of the terminal', () => {
    press(model, 'C-z C-l');
    expect(model.takeEffects()).toEqual([{ kind: 'suspend' }, { kind: 'redraw' }]);
  });

  test('help marks what holds in the view one came from, and ? leaves it', () => {
    model.resize(160, 80);
    press(model, '6 ?');
    expect(model.viewBefore).toBe('statistics');
    expect(paneText(model, 'help').join('\n')).toContain('Ctrl-F');
    const rolesOf = (key: string) =>
      compose(model).panes[0].lines.find(({ spans }) => spans[0]?.text.trim() === key)?.spans[0].role;
    expect([rolesOf('j  Down'), rolesOf('J')]).toEqual(['key', 'dim']);
    expect(press(model, '?').view).toBe('statistics');
  });
});

describe('all messages', () => {
  test('stay listed in the message that one goes into, and are those of one connection elsewhere', () => {
    press(model, 'j 7');
    expect(framesListed(model)).toHaveLength(25);
    expect(frame()).toBe(12);
    press(model, 'enter K');
    expect([model.view, frame(), model.connection]).toEqual(['message', 11, 1]);
    expect(press(model, 'escape').view).toBe('messages');
    press(model, '2');
    expect(framesListed(model)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(frame()).toBe(11);
  });

  test('say whose each is', () => {
    press(model, '7');
    expect(paneText(model, 'messages')[0]).toMatch(/^ *frame .* from .* to .* conn .*message/);
    expect(paneText(model, 'messages')[12]).toMatch(/^ *12 .*10\.0\.0\.2:5000 +10\.0\.0\.9:26999 +2 mnet/);
    expect(compose(model).panes[0].title).toBe('All messages: 25');
  });
});

describe('moving', () => {
  test('down a list chooses connections, and the conversation is of the chosen one', () => {
    press(model, 'j');
    expect(model.connection).toBe(2);
    press(model, 'enter');
    expect(framesListed(model)).toEqual([12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22]);
    expect(frame()).toBe(12);
  });

  test.each([
    ['G', 11],
    ['end', 11],
    ['j down', 3],
    ['G k up', 9],
    ['G g', 1],
    ['G home', 1],
    ['C-d', 11],
    ['G pageup', 1],
  ])('%s in the messages', (keys, expected) => {
    press(model, `2 ${keys}`);
    expect(frame()).toBe(expected);
  });

  test('pages are as long as the pane', () => {
    model.resize(80, 24);
    press(model, '2');
    const rows = model.window('messages').height;
    press(model, 'pagedown');
    expect(frame()).toBe(Math.min(11, 1 + rows - 1));
    press(model, 'space pagedown C-b pageup g C-d');
    expect(frame()).toBe(1 + ((rows - 1) >> 1));
  });

  test('J and K go from message to message while a field is in focus, and keep the field', () => {
    press(model, '2 J J J J tab');
    press(model, 'j j');
    const name = model.opened?.field?.node.name;
    press(model, 'J');
    expect(frame()).toBe(6);
    expect(model.opened?.field?.node.name).toBe(name);
    press(model, 'K K K K K K');
    expect(frame()).toBe(1);
    expect(model.said?.text).toContain('before');
  });

  test('left and right go to the pane beside where there is nothing to fold', () => {
    press(model, '2 l');
    expect(model.focus).not.toBe('messages');
    press(model, '2');
    model.focusOn('fields');
    press(model, 'h');
    expect(model.focus).toBe('messages');
    expect(press(model, '1 l').said?.text).toBe('nothing to the right');
  });

  test.each([
    [80, 24],
    [160, 50],
  ])('at %i by %i, left and right go to no pane but one that stands there', (width, height) => {
    model.resize(width, height);
    for (const view of NUMBERED_VIEWS) {
      model.goTo(view);
      for (const kind of PANES_OF[view].filter(pane => pane !== 'fields' && pane !== 'hex')) {
        for (const key of ['h', 'l']) {
          model.focusOn(kind);
          const before = model.areas.find(area => area.kind === kind)!;
          press(model, key);
          const after = model.areas.find(area => area.kind === model.focus)!;
          if (after.kind === kind) expect(model.said?.text).toContain(key === 'h' ? 'to the left' : 'to the right');
          else expect(after.x).toBe(key === 'h' ? before.x - after.width : before.x + before.width);
        }
      }
    }
  });

  test('where panes stand above each other the key that goes on is named', () => {
    model.resize(80, 24);
    expect(press(model, '3 l').said?.text).toBe('nothing to the right; Tab goes to the next pane');
  });

  test('a text scrolls, and its end stays in sight', () => {
    model.resize(80, 24);
    press(model, '4 tab G');
    const window = model.window('finding');
    expect(window.top).toBe(window.count - window.height);
  });
});

describe('a message', () => {
  test('a field marks its bytes, and a byte its field', () => {
    press(model, '3 j j');
    const field = model.opened?.field?.node;
    expect(model.opened?.mark).toEqual({ offset: field?.offset, length: field?.length });
    press(model, 'tab right right');
    expect(model.opened?.byte).toBe(field!.offset + 2);
    press(model, 'home');
    expect([model.opened?.byte, model.opened?.row]).toEqual([0, 0]);
  });

  test('up and down in the bytes go by rows, and stay within', () => {
    press(model, '2 j 3 tab l l down');
    expect(model.opened?.byte).toBe(18);
    press(model, 'down down down');
    expect(model.opened?.byte).toBe(18);
    press(model, 'up up up');
    expect(model.opened?.byte).toBe(2);
    press(model, 'G');
    expect(model.opened?.byte).toBe(model.opened!.length - 1);
    press(model, 'g');
    expect(model.opened?.byte).toBe(0);
  });

  test('JSON folds and unfolds, and the fold holds for the next message', async () => {
    model = modelOf(await historyOf('filestorage/2020-01-04-upload.pcap'));
    press(model, '2');
    while (!model.opened?.rows.some(({ open }) => open)) press(model, 'J');
    press(model, '3');
    model.opened?.selectRow(model.opened.rows.findIndex(({ open }) => open));
    const before = model.opened!.rows.length;
    const path = model.opened!.field!.path;
    press(model, 'left');
    expect(model.opened!.rows.length).toBeLessThan(before);
    press(model, 'enter');
    expect(model.opened!.rows.length).toBe(before);
    press(model, 'right left');
    expect(model.opened!.field!.path).toBe(path);
    press(model, 'left');
    expect(model.toggled).toEqual(new Set([path]));
  });
});

describe('findings', () => {
  test('n goes through all of them in whichever connection, says which it is, and begins again', () => {
    const seen = Array.from({ length: 7 }, () => {
      press(model, 'n');
      return [rule(), model.connection, frame()];
    });
    expect(seen).toEqual([
      ['mnet/retransmit-differs', 1, 7],
      ['mnet/ack-unsent', 2, 17],
      ['mnet/data-after-shutdown', 2, 20],
      ['mnet/handshake-incomplete', 3, 23],
      ['mnet/ambiguous-reading', 1, 2],
      ['mnet/ambiguous-reading', 1, 5],
      ['mnet/retransmit-differs', 1, 7],
    ]);
    expect(model.view).toBe('conversation');
    expect(barText(model, 'status')).toContain('1 of 6, from the first again: error mnet/retransmit-differs: byte 29');
  });

  test('N goes the other way round', () => {
    press(model, 'N');
    expect([rule(), frame()]).toEqual(['mnet/ambiguous-reading', 5]);
    press(model, 'N N');
    expect([rule(), frame()]).toEqual(['mnet/handshake-incomplete', 23]);
  });

  test('n moves on in the views of findings, of the message and of states', () => {
    press(model, '4 n');
    expect([model.view, rule(), frame()]).toEqual(['findings', 'mnet/retransmit-differs', 7]);
    expect(model.opened?.byte).toBe(model.finding?.bytes?.offset);
    press(model, '3 n');
    expect([model.view, rule(), frame()]).toEqual(['message', 'mnet/ack-unsent', 17]);
    press(model, '5 n');
    expect([model.view, frame()]).toEqual(['states', 20]);
    press(model, '7 n');
    expect([model.view, frame()]).toEqual(['messages', 23]);
  });

  test('Enter on a finding goes to its message in its conversation', () => {
    press(model, '4 G enter');
    expect([model.view, model.connection, frame()]).toEqual(['conversation', 3, 23]);
    expect(press(model, 'escape').view).toBe('findings');
  });

  test('without any, n says so', async () => {
    model = modelOf(await historyOf('filestorage/2020-01-04-upload.pcap'));
    expect(press(model, 'n').said?.text).toBe('no finding');
  });
});

describe('marks', () => {
  test('M marks the message under the next free letter, shown in the list; M again takes it away', () => {
    press(model, '2 j M');
    expect(model.said?.text).toContain('marked a');
    expect(model.marks.marked('message', model.history)).toEqual(new Set([1]));
    press(model, 'j M');
    expect(model.marks.letters).toEqual(['a', 'b']);
    press(model, 'k M');
    expect(model.marks.letters).toEqual(['b']);
  });

  test("' and a letter jumps, '' comes back and goes there again", () => {
    press(model, '2 j M 1 j enter j');
    expect(frame()).toBe(13);
    press(model, "' a");
    expect([model.view, model.connection, frame()]).toEqual(['conversation', 1, 2]);
    press(model, "' '");
    expect([model.connection, frame()]).toEqual([2, 13]);
    press(model, "' '");
    expect(frame()).toBe(2);
  });

  test('connections are marked in their view', () => {
    press(model, 'j M 2');
    expect(model.marks.marked('connection', model.history)).toEqual(new Set([2]));
    press(model, "1 g ' a");
    expect([model.view, model.connection]).toEqual(['connections', 2]);
  });

  test(':mark names one, and no other key than its letter jumps', () => {
    press(model, '2 : "mark x" enter');
    expect(model.marks.letters).toEqual(['x']);
    press(model, "G ' y");
    expect(frame()).toBe(11);
    press(model, "' x");
    expect(frame()).toBe(1);
    press(model, ': "mark 7" enter');
    expect(barText(model, 'complaint')).toContain('letter from a to z');
  });

  test('without marks the jump says how to set one', () => {
    expect(press(model, "'").said?.text).toContain('M sets one');
  });
});

describe('what is shown', () => {
  test('t goes round the formats of times, :time names one', () => {
    const formats = Array.from({ length: 4 }, () => press(model, 't').time);
    expect(formats).toEqual(['delta', 'utc', 'epoch', 'relative']);
    expect(press(model, ': "time utc" enter').time).toBe('utc');
  });

  test('o sorts by the next column, v turns the order round, and the chosen connection stays', () => {
    press(model, 'j : "sort messages" enter');
    expect([...model.lists.connections]).toEqual([3, 1, 2]);
    press(model, 'v');
    expect([...model.lists.connections]).toEqual([1, 2, 3]);
    expect(model.connection).toBe(2);
    press(model, 'o');
    expect(model.sorting).toEqual({ column: 'verdict', reverse: false });
    expect(press(model, '2 o').said?.text).toContain('not in Conversation');
    press(model, ': "sort -number" enter');
    expect([...model.lists.connections]).toEqual([3, 2, 1]);
  });

  test('c and | change between ladder and list', () => {
    expect(press(model, '2 c').form).toBe('list');
    expect(press(model, '|').form).toBe('ladder');
    expect(press(model, ': "form list" enter').form).toBe('list');
  });

  test('briefs come after the rows, within the time there is', () => {
    press(model, '2');
    expect(model.briefs.get(0)).toBeUndefined();
    settle(model);
    expect(paneText(model, 'messages').join('\n')).toContain('tag=');
  });
});

describe('commands', () => {
  test.each(['goto 17', '17', 'goto 0017'])(':%s goes to the message of the frame', command => {
    press(model, `: "${command}" enter`);
    expect([model.view, model.connection, frame()]).toEqual(['conversation', 2, 17]);
    press(model, "' '");
    expect(model.mode.kind).toBe('browse');
  });

  test('a frame that is not there is said', () => {
    press(model, ': "goto 4711" enter');
    expect(barText(model, 'complaint')).toContain('no message at frame 4711');
    press(model, 'escape : "goto x" enter');
    expect(barText(model, 'complaint')).toContain('a frame is a number');
  });

  test(':connection goes to one, 0 shows the messages of all', () => {
    press(model, ': "connection 3" enter');
    expect(framesListed(model)).toEqual([23, 24, 25]);
    press(model, ': "connection 0" enter');
    expect(framesListed(model)).toHaveLength(25);
    press(model, 'G');
    expect([frame(), model.connection]).toEqual([25, 3]);
    press(model, ': "connection 9" enter');
    expect(barText(model, 'complaint')).toContain('1 to 3');
  });

  test('an unknown one keeps the line, and says what is near', () => {
    press(model, ': "veiw states" enter');
    expect(barText(model, 'complaint')).toContain('did you mean view?');
    press(model, 'C-u "view stats" enter');
    expect(barText(model, 'complaint')).toContain('did you mean states?');
    press(model, 'C-u "view states" enter');
    expect(model.view).toBe('states');
  });

  test('are kept in a history of their own', () => {
    press(model, ': "view states" enter / "frame == 1" enter : up');
    expect(barText(model, 'prompt').trim()).toBe(':view states');
  });

  test(':theme is an effect for the owner of the terminal, if it knows that theme', () => {
    press(model, ': "theme light" enter : "theme lihgt" enter');
    expect(model.takeEffects()).toEqual([{ kind: 'theme', name: 'light' }]);
    expect(barText(model, 'complaint')).toContain('did you mean light?');
  });

  test('pasted text goes into the line, and elsewhere nowhere', () => {
    model.paste('Qy');
    expect(model.takeEffects()).toEqual([]);
    press(model, ':');
    model.paste('goto 7\n');
    press(model, 'enter');
    expect(frame()).toBe(7);
  });
});

describe('copies', () => {
  const copied = (keys: string) => {
    press(model, keys);
    return model.takeEffects().map(effect => (effect.kind === 'copy' ? effect.text : effect.kind));
  };

  test('nothing is copied before it is said what', () => {
    expect(copied('3 y')).toEqual([]);
    expect(copied('escape')).toEqual([]);
  });

  test.each([
    ['3 y v', '1'],
    ['3 y b', '01'],
    ['3 j j j y f', 'mnet.tag == 0xcf742a'],
    ['3 y h', '014d4e455401cf742a'],
    ['1 j y f', 'connection == 2'],
    ['1 y s', '10.0.0.9:26999'],
    ['4 G y r', 'mnet/handshake-incomplete'],
    ['4 G y f', 'rule == mnet/handshake-incomplete'],
  ])('%s', (keys, text) => {
    expect(copied(keys)).toEqual([text]);
  });

  test('a finding is copied with its clause and who is at fault, a message as a line', () => {
    expect(copied('4 j j y t')[0]).toMatch(
      /^error mnet\/retransmit-differs: [\s\S]*\nat fault: 10\.0\.0\.1:5000\nMNET protocol/,
    );
    expect(copied('4 j y t')[0]).toMatch(
      /\nMNET protocol, version 1, DATA and SHUTDOWN.*\nsays: AcknowledgedBytes is .*\.$/,
    );
    expect(copied('g y t')[0]).toContain('\nat fault: nobody\n');
    expect(copied('4 y t')[0]).toMatch(/^info mnet\/ambiguous-reading: .*\nframe 2, 2023-11-14T22:13:20.002000Z, /);
    expect(copied('2 G y m')[0]).toMatch(/^11 2023-\S+ 10\.0\.0\.\d:\d+ -> 10\.0\.0\.\d:\d+ /);
  });

  test('the filter for a field finds the message it was copied from', () => {
    press(model, '2 j j j j j 3 G');
    for (let row = model.opened!.rows.length; row > 0; row--) {
      const [filter] = copied('y f');
      press(model, `/ C-u enter`);
      model.setFilter(filter ?? '');
      settle(model);
      expect(model.filter?.isMatch(model.message)).toBe(true);
      press(model, 'k');
    }
  });
});

describe('exports', () => {
  test('x asks for a file named after the connection', () => {
    press(model, 'j x');
    expect(barText(model, 'prompt').trim()).toBe('export the connection to: connection-2.pcapng');
    press(model, 'enter');
    expect(model.takeEffects()).toEqual([
      {
        kind: 'export',
        path: 'connection-2.pcapng',
        format: 'pcapng',
        scope: { kind: 'connection', connection: 2 },
        overwrite: false,
      },
    ]);
  });

  test('of a message, and as JSON by the ending', () => {
    press(model, '2 j 3 x C-w "m.json" enter');
    expect(model.takeEffects()).toMatchObject([
      { path: 'm.json', format: 'json', scope: { kind: 'message', message: 1 } },
    ]);
    press(model, ': "export c.JSON" enter');
    expect(model.takeEffects()).toMatchObject([{ path: 'c.JSON', format: 'json' }]);
  });

  test('needs an ending, which completes', () => {
    press(model, 'x C-w "a.txt" enter');
    expect(barText(model, 'complaint')).toContain('.pcapng or in .json');
    press(model, 'C-w "a.p" tab enter');
    expect(model.takeEffects()).toMatchObject([{ path: 'a.pcapng' }]);
  });

  test('overwrites only after a yes', () => {
    press(model, 'x enter');
    const [effect] = model.takeEffects();
    if (effect?.kind !== 'export') throw new Error('no export');
    model.confirmOverwrite(effect);
    expect(barText(model, 'prompt')).toContain('overwrite?');
    press(model, 'n');
    expect(model.takeEffects()).toEqual([]);
    model.confirmOverwrite(effect);
    press(model, 'y');
    expect(model.takeEffects()).toEqual([{ ...effect, overwrite: true }]);
  });

  test.each([
    ['x C-u "/no/such.pcapng" enter', 'export the connection to: /no/such.pcapng'],
    [': "export /no/such.pcapng" enter', ':export /no/such.pcapng'],
  ])('%s that fails brings the line back, with the reason, to be mended', (keys, line) => {
    press(model, keys);
    const [effect] = model.takeEffects();
    if (effect?.kind !== 'export') throw new Error('no export');
    model.refuse('/no/such.pcapng: no such folder', effect);
    expect(barText(model, 'prompt').trim()).toBe(line);
    expect(barText(model, 'complaint')).toContain('no such folder');
    press(model, 'C-w "a.json" enter');
    expect(model.takeEffects().at(-1)).toMatchObject({ kind: 'export', format: 'json' });
    expect(model.mode.kind).toBe('browse');
  });

  test('also where it fails after the yes to the question', () => {
    press(model, 'x enter');
    const [effect] = model.takeEffects();
    if (effect?.kind !== 'export') throw new Error('no export');
    model.confirmOverwrite(effect);
    press(model, 'y');
    model.refuse('no permission', effect);
    expect(barText(model, 'prompt')).toContain('export the connection to: ');
    expect(barText(model, 'complaint')).toContain('no permission');
  });

  test.each(['j', 'j : "goto 3" enter', ': "goto'])(
    '%s since then: the reason is said, no other line gets it',
    keys => {
      press(model, 'x enter');
      const [effect] = model.takeEffects();
      if (effect?.kind !== 'export') throw new Error('no export');
      press(model, keys);
      const { mode } = model;
      model.refuse('no permission', effect);
      expect(model.mode).toBe(mode);
      expect(model.said).toEqual({ text: 'no permission', role: 'error' });
    },
  );

  test('a question does not take a line away that is being written', () => {
    press(model, 'x enter');
    const [effect] = model.takeEffects();
    press(model, ': "goto');
    if (effect?.kind === 'export') model.confirmOverwrite(effect);
    expect(model.mode.kind).toBe('line');
  });
});
