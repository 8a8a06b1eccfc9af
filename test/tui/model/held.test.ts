/** What the proxy holds back, as the model knows it: seen wherever one is, looked at, changed, forwarded. */
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { protocols } from '../../../dissectors/index.ts';
import { HeldEditing } from '../../../src/held-editing.ts';
import { Intercepting } from '../../../src/tui/intercepting.ts';
import type { Model } from '../../../src/tui/model/model.ts';
import { ProxyLog } from '../../../src/tui/model/proxy-log.ts';
import { compose } from '../../../src/tui/plan/compose.ts';
import { historyOf, type PastRun } from '../../kit/history.ts';
import { FakeControls, FakeEditing, heldUnit } from '../../kit/holds.ts';
import { barText, modelOf, paneText, press, settle } from '../../kit/looking.ts';

/** Bytes of data in the DATA that is held. */
const DATA_LENGTH = 20;

let past: PastRun;
let proxy: ProxyLog;
let controls: FakeControls;
let intercepting: Intercepting;
let model: Model;
let now: number;

beforeAll(async () => {
  past = await historyOf('mnet/faults.pcap');
});

beforeEach(() => {
  now = 1_700_000_000_000;
  proxy = new ProxyLog(['udp:127.0.0.1:27000']);
  controls = new FakeControls();
  intercepting = new Intercepting({ controls, editing: new FakeEditing(), now: () => now, hasOthers: false });
  intercepting.watch(() => intercepting.catchUp());
  model = modelOf(past, { proxy, interception: intercepting.model }, { state: 'waiting', live: true });
});

/** Presses keys and does what they ask for. */
function keys(text: string): Model {
  press(model, text);
  for (const effect of model.takeEffects()) {
    if (effect.kind !== 'intercept') continue;
    const { line, isDone } = intercepting.perform(effect.act);
    if (isDone) model.notify(line, 'good');
    else model.refuse(line);
  }
  intercepting.catchUp();
  return settle(model);
}

const status = () => barText(model, 'status');
const rows = () => paneText(model, 'held').map(line => line.trimEnd());
const titles = () => compose(model).panes.map(({ title }) => title);
const done = () => controls.gate.done;

/** INIT of client 1, DATA of client 2, which breaks a rule. */
function holdTwo(): void {
  controls.gate.hold(heldUnit(past, 1, [0]), heldUnit(past, 2, [6], { flow: 2, since: now + 1_500 }));
  now += 3_000;
  intercepting.look();
}

describe('a hold is not missed', () => {
  test('the status line counts them in whichever view, whatever else it says, and while a filter is on', () => {
    expect(status()).not.toContain('held');
    holdTwo();
    for (const key of ['1', '2', '4', '6', 'L', '?', 'n', '/ "frame" enter']) {
      keys(key);
      expect(status()).toMatch(/ H 2 held proxy/);
    }
    model.resize(60, 20);
    expect(status()).toMatch(/ H 2 held proxy $/);
    expect(status()).toHaveLength(60);
    controls.gate.forward(1);
    expect(status()).toMatch(/ H 1 held proxy $/);
    controls.gate.forward(2);
    expect(status()).not.toContain('held');
  });

  test('is drawn again when one comes, and as time passes', () => {
    settle(model);
    const before = model.version;
    holdTwo();
    const after = settle(model).version;
    expect(after).toBeGreaterThan(before);
    now += 1_000;
    intercepting.look();
    expect(settle(model).version).toBeGreaterThan(after);
  });
});

describe('finding', () => {
  test('chooses the next hold that has it, with the field, and goes on within it where fields are in focus', () => {
    holdTwo();
    keys('H C-f "retransmit-differs" enter');
    expect([intercepting.model.selected?.unit.id, status().trim()]).toEqual([
      2,
      expect.stringMatching(/^found in hold 2 /),
    ]);
    keys('C-f "4d:4e:45:54" enter');
    expect([intercepting.model.selected?.unit.id, model.opened?.field?.node.name]).toEqual([1, 'magic']);
    expect(status()).toMatch(/^ found in hold 1, from the top /);
    keys('C-f "mnet.sequence == 40" enter');
    expect([intercepting.model.selected?.unit.id, model.opened?.field?.node.name]).toEqual([2, 'sequence']);
    keys('tab C-f "bytes:00" enter');
    const [first = -1, second = -1] = [model.opened?.found?.offset, keys(';').opened?.found?.offset];
    expect(second).toBeGreaterThan(first);
    keys('C-f "nowhere" enter');
    expect(barText(model, 'complaint')).toContain('"nowhere" is in no held message');
  });
});

describe('the view', () => {
  test('H shows it, and H or Esc go back to where one was', () => {
    keys('2 H');
    expect([model.view, model.focus]).toEqual(['held', 'held']);
    expect(keys('H').view).toBe('conversation');
    expect(keys('H escape').view).toBe('conversation');
    expect(keys('H 1').view).toBe('connections');
  });

  test('has a row a message: how long it has waited, who says what, and why it is held', () => {
    holdTwo();
    keys('H');
    expect(titles()[0]).toBe('Held: 2, the oldest for 3.0 s');
    expect(rows()[0]).toMatch(/^ *# +held for +from +to +proto +message +state +why/);
    expect(rows()[1]).toMatch(/^ *1 +3\.0 s +10\.0\.0\.1:5000 +10\.0\.0\.9:26999 +mnet +INIT +\S+ +--break-on mnet$/);
    expect(rows()[2]).toMatch(/^ *2 +1\.5 s +.* mnet +DATA +ESTABLISHED +error mnet\/retransmit-differs$/);
    now += 200_000;
    intercepting.look();
    expect(rows()[1]).toMatch(/ 3 min 23 s /);
  });

  test('shows the fields and bytes of the chosen one, and what it breaks', () => {
    holdTwo();
    keys('H');
    expect(titles()).toEqual(['Held: 2, the oldest for 3.0 s', 'Hold 1: INIT', 'Bytes']);
    expect(status()).toContain('a forward');
    keys('j');
    expect(titles()[1]).toBe('Hold 2: DATA');
    expect(paneText(model, 'fields').join('\n')).toMatch(/Sequence/i);
    expect(paneText(model, 'hex')[0]).toMatch(/00 cf 74 2a/);
    expect(status()).toContain('mnet/retransmit-differs');
    keys('enter');
    expect(model.focus).toBe('fields');
    keys('tab');
    expect(model.focus).toBe('hex');
  });

  test('a datagram of several messages, and bytes that nobody could cut', () => {
    controls.gate.hold(heldUnit(past, 1, [0, 6]), heldUnit(past, 2, [], { wire: Uint8Array.of(0x41, 0x1b) }));
    keys('H j');
    expect(titles()[1]).toBe('Hold 1: DATA, message 2 of 2');
    keys('j');
    expect(titles()[1]).toBe('Hold 2: 2 bytes');
    expect(paneText(model, 'hex')[0]).toMatch(/41\]1b.* A\.$/);
    expect(keys('e') && status()).toContain('no fields');
  });

  test('says that nothing is held, and what will be', () => {
    keys('H');
    expect(rows()[1]).toBe('nothing is held; i holds what a filter matches');
    for (const key of ['a', 'A', 'd', 'e', 'B', 'V', 'D', 'X']) {
      expect(keys(key) && status()).toContain('nothing is held');
    }
    keys('i "type == DATA" enter');
    expect(rows()[1]).toBe('nothing is held; messages that match type == DATA will be');
    expect(done()).toEqual([]);
  });

  test('the chosen one stays while others come and go; where it goes, the next one is chosen', () => {
    holdTwo();
    controls.gate.hold(heldUnit(past, 3, [1]));
    keys('H j');
    controls.gate.drop(1);
    expect(settle(model) && titles()[1]).toBe('Hold 2: DATA');
    controls.gate.hold(heldUnit(past, 4, [1]));
    expect(settle(model) && titles()[1]).toBe('Hold 2: DATA');
    controls.gate.drop(2);
    expect(settle(model) && titles()[1]).toMatch(/^Hold 3: /);
    controls.gate.drop(4);
    controls.gate.drop(3);
    expect(settle(model) && titles()).toEqual(['Held: nothing', 'Fields', 'Bytes']);
  });

  test('what peers say is shown as it is', () => {
    const cause = '\u001b[2J\u202e{red-fg}';
    controls.gate.hold(heldUnit(past, 1, [], { cause, client: '\u001b]0;x\u0007', wire: Uint8Array.of(1) }));
    keys('H');
    const text = JSON.stringify(compose(model));
    for (const harm of ['\\u001b', '\u202e', '\\u0007']) expect(text).not.toContain(harm);
    expect(rows()[1]).toContain('\\x1b[2J\\u{202e}{red-fg}');
  });

  test('y copies what is held, and not the message that is chosen elsewhere', () => {
    holdTwo();
    keys('2 G H j y h');
    model.press('y');
    model.press('h');
    const [effect] = model.takeEffects();
    expect(effect).toMatchObject({
      kind: 'copy',
      what: 'hex of the message',
      text: expect.stringMatching(/^00cf742a/),
    });
  });
});

describe('keys', () => {
  beforeEach(() => {
    holdTwo();
    keys('H');
  });

  test('a forwards, d drops, X aborts, D forwards and holds a copy', () => {
    expect(keys('a') && status()).toContain('forwarded hold 1');
    expect(keys('D') && status()).toContain('forwarded hold 2; hold 3 is a copy of it');
    expect(titles()[1]).toBe('Hold 3: DATA');
    expect(keys('d') && status()).toContain('dropped hold 3');
    controls.gate.hold(heldUnit(past, 4, [0]));
    expect(keys('X') && status()).toContain('aborted the connection of client 1');
    expect(done()).toEqual(['forward 1', 'repeat 2', 'drop 3', 'abort 1']);
  });

  test('A forwards all, those that were changed as they are now', () => {
    keys('e C-u "mnet.tag = 1" enter A');
    expect(status()).toContain('forwarded 2 holds');
    expect(done()[0]).toMatch(/^forward 1 [0-9a-f]+ \(mnet\.tag = 1\)$/);
    expect(done()[1]).toBe('forward 2');
  });

  test('e begins with the chosen field, and changes add up until a', () => {
    const wire = Buffer.from(past.history.recall(0, past.bytes).message.copy());
    keys('enter j e');
    expect(barText(model, 'prompt')).toMatch(/^set in hold 1: mnet\.\w+ = \S+$/);
    keys('C-u "mnet.tag = 1" enter');
    expect(status()).toContain('hold 1: mnet.tag = 1; a forwards it');
    expect(rows()[1]).toMatch(/\*INIT/);
    keys('e C-u "mnet.tag = 2" enter');
    expect(titles()[1]).toBe('Hold 1: INIT, changed: mnet.tag = 1, mnet.tag = 2');
    wire[wire.length - 1] = (wire.at(-1) ?? 0) + 2;
    expect(paneText(model, 'hex').join(' ')).toContain(wire.subarray(-1).toString('hex'));
    keys('a');
    expect(done()).toEqual([`forward 1 ${wire.toString('hex')} (mnet.tag = 1, mnet.tag = 2)`]);
  });

  test('B gives it other bytes, in hex', () => {
    const hex = Buffer.from(past.history.recall(0, past.bytes).message.copy()).toString('hex');
    keys('B');
    expect(barText(model, 'prompt')).toBe(`bytes of hold 1: ${hex}`);
    keys('C-u "00 FF" enter');
    expect(paneText(model, 'hex')[0]).toMatch(/\[00\]ff /);
    keys('a');
    expect(done()).toEqual(['forward 1 00ff (bytes)']);
  });

  test.each([
    ['e C-u "! mnet.tag = 1" enter a', / \(mnet\.tag = 1, not mended\)$/],
    ['e C-u "!mnet.tag = 1" enter a', / \(mnet\.tag = 1, not mended\)$/],
    ['enter j e home "! " enter a', / \(mnet\.\w+ = \S+, not mended\)$/],
    ['B C-u "! 00 FF" enter a', /^forward 1 00ff \(bytes, not mended\)$/],
  ])('%s: behind a ! nothing is mended', (text, passed) => {
    keys(text);
    expect(done()).toEqual([expect.stringMatching(passed)]);
  });

  test.each([
    ['', 4],
    ['! ', DATA_LENGTH],
  ])('%smnet.data = 0x01020304 makes the length %d', (mark, length) => {
    const editing = new HeldEditing({ protocols, dialects: new Map(), transportOf: () => 'udp' });
    intercepting = new Intercepting({ controls, editing, now: () => now, hasOthers: false });
    model = modelOf(past, { proxy, interception: intercepting.model }, { state: 'waiting', live: true });
    keys(`H j e C-u "${mark}mnet.data = 0x01020304" enter a`);
    const wire = Buffer.from(past.history.recall(6, past.bytes).message.copy());
    const bytes = Buffer.concat([wire.subarray(0, 12), Buffer.from([length, 0, 1, 2, 3, 4])]);
    expect(done()).toEqual([expect.stringContaining(`forward 2 ${bytes.toString('hex')} (mnet.data = `)]);
  });

  test('what the ! does stands under the line as soon as it is there, and behind what was done', () => {
    keys('e C-u');
    expect(barText(model, 'complaint')).toContain('lengths follow (not after a !)');
    keys('"! mnet.acknowl" tab');
    expect(barText(model, 'prompt')).toBe('set in hold 1: ! mnet.acknowledged');
    expect(barText(model, 'complaint')).toContain('lengths and checksums stay as they are');
    keys('C-u "!" enter');
    expect(barText(model, 'complaint')).toContain('write FIELD = VALUE after the !');
    keys('C-u "! mnet.tag = 1" enter');
    expect(status()).toContain('lengths and checksums unchanged; a forwards it');
    keys('e C-u "mnet.tag = 2" enter');
    expect(status()).not.toContain('unchanged');
  });

  test('V takes the changes back', () => {
    keys('e C-u "mnet.tag = 1" enter V');
    expect(status()).toContain('hold 1 is as its sender sent it');
    expect(titles()[1]).toBe('Hold 1: INIT');
    keys('V');
    expect(status()).toContain('nothing was changed');
    keys('a');
    expect(done()).toEqual(['forward 1']);
  });

  test('what was changed is not repeated as it was', () => {
    keys('e C-u "mnet.tag = 1" enter D');
    expect(status()).toContain('it was changed: a forwards it');
    expect(done()).toEqual([]);
  });

  test.each([
    ['e C-u "mnet.tag" enter', 'mnet.tag: write FIELD = VALUE'],
    ['B C-u "0" enter', 'bytes in hex, two digits each'],
    ['i C-u "mnet.nothing == 1" enter', 'unknown field mnet.nothing'],
    [': "send" enter', 'a message has a name'],
    [': "send DATUM" enter', 'unknown message DATUM; known: DATA'],
  ])('%s is refused under the line, which stays', (text, complaint) => {
    keys(text);
    expect(barText(model, 'complaint')).toContain(complaint);
    expect(model.mode.kind).toBe('line');
    expect(done()).toEqual([]);
  });

  test('what is no longer held while a line is written is not changed, nor another one in its place', () => {
    keys('e');
    controls.gate.drop(1);
    keys('C-u "mnet.tag = 1" enter');
    expect(barText(model, 'complaint')).toContain('hold 1 is no longer held');
    keys('escape a');
    expect(done()).toEqual(['drop 1', 'forward 2']);
  });

  test('what is gone when it is to be forwarded is said to be', () => {
    press(model, 'a');
    controls.gate.drop(1);
    for (const effect of model.takeEffects()) {
      if (effect.kind === 'intercept') expect(intercepting.perform(effect.act).line).toBe('hold 1 is no longer held');
    }
  });

  test('Tab completes a field, also behind a comma', () => {
    keys('e C-u "mnet.tag = 1, mnet.acknowl" tab');
    expect(barText(model, 'prompt')).toBe('set in hold 1: mnet.tag = 1, mnet.acknowledged');
  });
});

describe('what is held from now on', () => {
  test('i asks for a filter wherever one is, begins with the one in force, and an empty one ends it', () => {
    keys('i "type == DATA" enter');
    expect(controls.breakOn).toBe('type == DATA');
    expect(status()).toContain('held from now on: type == DATA');
    keys('H i');
    expect(barText(model, 'prompt')).toBe('hold: type == DATA');
    keys('C-u enter');
    expect([controls.breakOn, model.mode.kind]).toEqual([undefined, 'browse']);
    expect(status()).toContain('nothing more is held');
  });

  test('the filter is checked as it is typed, with the column', () => {
    press(model, 'i "frame == x"');
    expect(barText(model, 'complaint')).toMatch(/\^ /);
  });

  test(':break-on and :faults do it in words', () => {
    keys(': "break-on type == DATA" enter');
    keys(': "faults drop=5%; delay=20%" enter');
    expect([controls.breakOn, controls.faults]).toEqual(['type == DATA', ['drop=5%', 'delay=20%']]);
    keys(': "faults drop" enter');
    expect(barText(model, 'complaint')).toContain('--fault drop: write drop=5%');
    expect(barText(model, 'prompt').trim()).toBe(':faults drop');
    keys('"=1%" enter');
    expect([controls.faults, model.mode.kind]).toEqual([['drop=1%'], 'browse']);
    keys(': "break-on" enter');
    keys(': "faults" enter');
    expect([controls.breakOn, controls.faults]).toEqual([undefined, []]);
  });
});

describe(':send', () => {
  test('goes to who was to get the hold, or to whom one names', () => {
    holdTwo();
    keys('H j : "send DATA tag = 1" enter');
    keys(': "send client DATA tag = 1" enter');
    expect(done()).toEqual([
      'send 2 server 010203 (mnet DATA tag = 1 to server)',
      'send 2 client 010203 (mnet DATA tag = 1 to client)',
    ]);
    expect(status()).toContain('sent to the client: mnet DATA tag = 1 to client');
    press(model, ': "send client "');
    for (const character of '"DATUM (server)" tag = 1') model.press(character === ' ' ? 'space' : character);
    keys('enter');
    expect(barText(model, 'complaint')).toContain('unknown message DATUM (server)');
  });

  test('elsewhere goes to the server of the chosen connection, or of the only flow', () => {
    const second = past.report.connections[1]!;
    const flow = { pair: 0, held: 0 };
    controls.gate.open = [
      { ...flow, flow: 7, client: '10.9.9.9:1', server: second.server },
      { ...flow, flow: 8, client: second.client, server: second.server },
    ];
    intercepting.look();
    keys('1 g j : "send DATA" enter');
    expect(done()).toEqual(['send 8 server 010203 (mnet DATA  to server)']);
    keys('k : "send DATA" enter');
    expect(barText(model, 'complaint')).toContain('several flows are open');
    controls.gate.open = [];
    intercepting.look();
    keys('enter');
    expect(barText(model, 'complaint')).toContain('no flow is open');
  });
});

describe('without what could hold', () => {
  test.each([
    ['a capture', false],
    ['a proxy', true],
  ])('%s says so', (_, isProxy) => {
    model = modelOf(past, isProxy ? { proxy } : {});
    for (const key of ['H', 'i']) {
      press(model, key);
      expect(status()).toContain('only a proxy that was started with --break-on holds messages');
    }
    press(model, ': "send DATA" enter');
    expect(barText(model, 'complaint')).toContain('only a proxy that was started with --break-on holds messages');
    expect(press(model, 'escape D').mode.kind).toBe('line');
  });
});

describe('the screen goes and the proxy stays', () => {
  test('nothing is left that nobody could forward', () => {
    holdTwo();
    controls.breakOn = 'mnet';
    intercepting.forwardRest();
    expect([done(), controls.breakOn]).toEqual([['forward 1', 'forward 2'], undefined]);
  });

  test('unless somebody can', () => {
    holdTwo();
    controls.breakOn = 'mnet';
    new Intercepting({ controls, editing: new FakeEditing(), now: () => now, hasOthers: true }).forwardRest();
    expect([done(), controls.breakOn]).toEqual([[], 'mnet']);
  });
});
