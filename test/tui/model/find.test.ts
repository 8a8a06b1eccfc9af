/** Looking for a text, for bytes and for what a filter matches, in each list and within a message. */
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SessionMemory } from '../../../src/tui/model/memory.ts';
import type { Model } from '../../../src/tui/model/model.ts';
import { compose } from '../../../src/tui/plan/compose.ts';
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
const said = () => barText(model, 'status').trim();
const keys = (text: string) => settle(press(model, text));
const find = (text: string) => keys(`C-f "${text}" enter`);
const field = () => model.opened?.field?.node.name;
const marked = () => [model.opened?.mark?.offset, model.opened?.mark?.length];

describe('a text', () => {
  test('is found from the chosen row on, in any case; ; and , go on, and all rows stay', () => {
    keys('7');
    find('data');
    const frames = [frame(), ...Array.from({ length: 8 }, () => keys(';') && frame())];
    expect(frames).toEqual([5, 6, 7, 8, 16, 17, 18, 20, 5]);
    expect(said()).toBe('found in frame 5, Type, from the top');
    expect(framesListed(model)).toHaveLength(25);
    expect(keys(',') && [frame(), said()]).toEqual([20, 'found in frame 20, Type, from the bottom']);
  });

  test('that has a capital is found as it is written', () => {
    keys('7');
    find('Data');
    // In a title: the type is DATA.
    expect([frame(), field()]).toEqual([5, 'length']);
  });

  test('may be what the row shows: who sent it, what was found on it, its fields as they stand in a line', () => {
    keys('7');
    expect(find('10.0.0.2:5') && frame()).toBe(12);
    expect(find('retransmit-differs') && frame()).toBe(7);
    expect(find('expiration=2023') && frame()).toBe(13);
  });

  test('is found once where it is in the list alone', () => {
    keys('2');
    find('handshake-incomplete');
    expect(said()).toBe('"handshake-incomplete" is in no message of connection 1; 7 lists all messages');
    keys('7 ;');
    expect([frame(), said()]).toEqual([23, 'found in frame 23']);
    expect(keys(';') && said()).toBe('found in frame 23; there is no other');
  });
});

describe('within a message', () => {
  beforeEach(async () => {
    model = modelOf(await historyOf('filestorage/2020-01-02-pipelined.pcap'));
  });

  test('the field is unfolded, and its bytes are marked', () => {
    model.toggled.add('/payload').add('/payload/token');
    keys('2');
    find('karchnu');
    expect([frame(), model.opened?.field?.path, said()]).toEqual([
      4,
      '/payload/token/login',
      'found in frame 4, login',
    ]);
    expect([marked(), model.opened?.byte]).toEqual([[81, 7], 81]);
    expect(model.toggled.size).toBe(0);
    press(model, 'tab k');
    expect(marked()).toEqual([61, 10]);
  });

  test('where fields or bytes are in focus, places come one after the other, then those of the next message', () => {
    keys('2 tab g');
    const place = () => [frame(), model.opened?.found?.offset];
    find('digest');
    expect(place()).toEqual([4, 201]);
    expect(keys(';') && place()).toEqual([4, 383]);
    expect(keys(';') && place()[0]).toBe(8);
    expect(keys(',') && place()).toEqual([4, 383]);
    expect(keys(',') && place()).toEqual([4, 201]);
  });

  test('from the list, each message is come to once', () => {
    keys('2');
    expect([find('digest') && frame(), keys(';') && frame(), keys(',') && frame()]).toEqual([4, 8, 4]);
    expect(model.opened?.found?.offset).toBe(201);
  });
});

describe('bytes', () => {
  test.each(['4d:4e:45:54', '0x4d4e4554', 'bytes: 4d4e4554', 'bytes:4D 4E 45 54'])('%s', written => {
    keys('7 j');
    find(written);
    expect([frame(), field(), ...marked()]).toEqual([12, 'magic', 1, 4]);
    expect(keys(';') && frame()).toBe(23);
  });

  test('that are no bytes keep the line', () => {
    press(model, 'C-f "bytes: 4d4" enter');
    expect([model.mode.kind, barText(model, 'complaint').trim()]).toEqual([
      'line',
      'bytes are pairs of hex digits: aa:bb or aabb',
    ]);
  });

  test('with text: before them are a text', () => {
    keys('7');
    expect(find('text:4d:4e:45:54') && said()).toBe('"4d:4e:45:54" is in no message');
  });
});

describe('what a filter matches', () => {
  test('is found, with the field that it names', () => {
    keys('7');
    find('mnet.sequence == 40');
    expect([frame(), field()]).toEqual([5, 'sequence']);
    expect([keys(';') && frame(), keys(';') && frame()]).toEqual([7, 5]);
    expect(framesListed(model)).toHaveLength(25);
  });

  test('which names no field of the bytes chooses the message alone', () => {
    keys('7');
    find('rule ~ mnet/ack*');
    expect([frame(), model.opened?.found, said()]).toEqual([17, undefined, 'found in frame 17']);
  });

  test('that is wrong says where, and keeps the line', () => {
    press(model, 'C-f "mnet.sequence > x" enter');
    expect(model.mode.kind).toBe('line');
    press(model, 'escape C-f "fields: frame = 3"');
    expect(barText(model, 'complaint').indexOf('^')).toBe('find: fields: frame '.length);
  });

  test('may be one word behind fields:, which is a text else', () => {
    keys('7');
    expect(find('fields: finding') && frame()).toBe(2);
    expect(find('finding') && said()).toBe('"finding" is in no message');
  });
});

describe('in each view', () => {
  test('connections: the next one that has it in its row or in a message, which Enter goes to', () => {
    find('type == COOKIE-ECHO');
    expect([model.connection, frame(), said()]).toEqual([1, 3, 'found in connection 1, frame 3; Enter opens it']);
    expect([keys(';') && model.connection, keys(';') && model.connection]).toEqual([2, 1]);
    expect(model.view).toBe('connections');
    keys('; enter');
    expect([model.view, frame()]).toEqual(['conversation', 14]);
    keys('1 g');
    find('violations');
    expect([model.connection, keys(';') && model.connection]).toEqual([1, 2]);
  });

  test('findings: in all that is said of one', () => {
    keys('4');
    find('was sent before');
    expect(model.finding?.frame).toBe(7);
    expect(find('severity == warning') && model.finding?.frame).toBe(23);
    expect(find('nowhere') && said()).toBe('"nowhere" is in no finding');
  });

  test('states, and one message: the next message of the connection', () => {
    expect([keys('5') && find('cookie-ack') && frame(), model.view]).toEqual([4, 'states']);
    expect([keys('3') && find('SHUTDOWN') && frame(), model.view]).toEqual([9, 'message']);
  });

  test('the help: its lines', () => {
    keys('?');
    find('decode a port');
    const line = compose(model).panes[0].lines.find(({ selected }) => selected);
    expect(line?.spans.map(({ text }) => text).join('')).toMatch(/^m .*decode a port as a protocol/);
    const first = model.foundLine;
    keys(';');
    expect(model.foundLine).toBeGreaterThan(first);
    for (let more = 0; more < 20 && !said().includes('from the top'); more++) keys(';');
    expect([model.foundLine, said()]).toEqual([first, `found in line ${first + 1}, from the top`]);
    expect(find('aa:bb') && barText(model, 'complaint')).toContain('only text can be found here');
  });

  test('statistics have nothing to find, and say where there is', () => {
    keys('7');
    find('data');
    expect(keys('6 ;') && said()).toBe('nothing can be found here: 7 lists all messages, 1 the connections');
  });
});

describe('the line', () => {
  test('says how it is understood while it is written', () => {
    const hint = (text: string) => press(model, `C-f "${text}"`) && barText(press(model, 'left right'), 'complaint');
    const hints = ['x', 'X', 'aa:bb', 'type == DATA', 'fields:type'].map(text => {
      const said = hint(text);
      press(model, 'escape');
      return said.trim().split(/[,;]/)[0];
    });
    expect(hints).toEqual([
      'finds this text in any case',
      'finds this text',
      'finds these bytes',
      'finds what this filter matches',
      'finds what this filter matches',
    ]);
  });

  test('Tab names the kinds, and completes fields', () => {
    const typed = (text: string) => {
      press(model, text);
      const line = barText(model, 'prompt').trim();
      press(model, 'escape');
      return line;
    };
    expect(typed('C-f tab')).toBe('find: text:');
    expect(typed('C-f tab tab tab')).toBe('find: fields:');
    expect(typed('C-f "mnet.seq" tab')).toBe('find: mnet.sequence');
    expect(typed('C-f "fields: mnet.seq" tab')).toBe('find: fields: mnet.sequence');
  });

  test('comes back with Up, also that of an earlier session, and :find does the same', () => {
    const memory = new SessionMemory();
    memory.remember({ searches: ['an old one'] });
    model = modelOf(past, { memory });
    keys('7');
    find('cookie');
    keys(': "find shutdown" enter');
    expect(frame()).toBe(9);
    expect(memory.remembered.searches).toEqual(['an old one', 'cookie', 'shutdown']);
    press(model, 'C-f up');
    expect(barText(model, 'prompt').trim()).toBe('find: shutdown');
    press(model, 'up up');
    expect(barText(model, 'prompt').trim()).toBe('find: an old one');
  });

  test('that is empty goes on with the last search; ; and , want one first', () => {
    keys('7 ;');
    expect(said()).toBe('nothing searched for yet; Ctrl-F finds');
    find('cookie-echo');
    expect(frame()).toBe(3);
    expect(keys('C-f enter') && frame()).toBe(14);
    expect(barText(model, 'filter')).toContain('; next match');
  });
});

describe('with a filter', () => {
  test('only what is shown is found', () => {
    keys('7 / "connection == 2" enter');
    find('cookie-echo');
    expect([frame(), keys(';') && said()]).toEqual([14, 'found in frame 14, Type; there is no other']);
    find('handshake-incomplete');
    expect(said()).toBe('"handshake-incomplete" is in no message that is shown');
  });
});

describe('a long search', () => {
  /** A clock by which each message takes a millisecond. */
  let time = 0;
  const slice = () => model.tick(3, () => time++);

  beforeEach(async () => {
    model = modelOf(await historyOf('mnet/echo-large.pcap'));
    keys('7');
    press(model, 'C-f "nowhere at all" enter');
  });

  test('runs in slices, and shows how far it is', () => {
    expect(slice()).toBe(true);
    expect(said()).toMatch(/^searching for "nowhere at all": \d+ %, Esc stops$/);
    settle(model);
    expect(said()).toBe('"nowhere at all" is in no message');
  });

  test('is stopped by Esc, which does nothing else', () => {
    slice();
    press(model, 'escape');
    expect([model.searching, model.view, said()]).toEqual([undefined, 'messages', 'search stopped']);
  });

  test('is given up by who goes elsewhere, and not by who looks at it in another way', () => {
    slice();
    press(model, 't');
    expect(model.searching).toBeDefined();
    press(model, 'j');
    expect(model.searching).toBeUndefined();
  });
});

test('what a peer has sent is safe where it is looked for', () => {
  keys('7');
  model.paste('x');
  press(model, 'C-f');
  model.paste('a\u001b[31mb');
  keys('enter');
  expect(said()).toBe('"a [31mb" is in no message');
  expect(paneText(model, 'messages').length).toBeGreaterThan(1);
});
