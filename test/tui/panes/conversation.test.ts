import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { conversationPane } from '../../../src/tui/panes/conversation.ts';
import type { ConversationInput } from '../../../src/tui/panes/message-rows.ts';
import { historyOf } from '../../kit/history.ts';
import { anySize, expectToFit, hostile, NARROW, roleOf, textOf, textsOf, WIDE } from './lines.ts';

const { history } = await historyOf('mnet/faults.pcap');
const all = Array.from({ length: history.messages.count }, (_, index) => index);
const ladder: ConversationInput = {
  history,
  connection: 1,
  rows: history.connections.messagesOf(1),
  top: 0,
  selected: 0,
  focused: true,
  empty: 'nothing',
  form: 'ladder',
  time: 'relative',
  marked: new Set(),
  partners: new Set(),
  brief: message => `n=${message}`,
};
const list: ConversationInput = { ...ladder, form: 'list' };
const everything: ConversationInput = { ...list, connection: 0, rows: all };

describe('the ladder', () => {
  test('has the ends over their rulers, the client left', () => {
    for (const size of [NARROW, WIDE]) {
      const [header, first, second] = conversationPane(ladder, size).map(textOf);
      expect(header.indexOf('10.0.0.1:5000')).toBe(first.indexOf('├'));
      expect(header.indexOf('10.0.0.9:26999') + '10.0.0.9:26999'.length).toBe(first.indexOf('│') + 1);
      expect(second.indexOf('│')).toBe(first.indexOf('├'));
      expect(second.indexOf('┤')).toBe(first.indexOf('│'));
    }
  });

  test('has an arrow a message in its direction, with frame, time, name and fields', () => {
    const lines = textsOf(conversationPane(ladder, NARROW));
    expect(lines).toHaveLength(12);
    expect(lines[1]).toMatch(/^ +1 0\.000000 ├── INIT {2}n=0 ─+►│$/);
    expect(lines[4]).toMatch(/^ +4 0\.003000 │◄─ COOKIE-ACK {2}n=3 ─+ \+1 ms ──┤$/);
    expect(lines[11]).toMatch(/^ +11 0\.209000 ├── SHUTDOWN-COMPLETE {2}n=10 ─+ \+1 ms ─►│$/);
  });

  test('carries what is wrong inside the arrow, in the colour of its severity', () => {
    const line = conversationPane(ladder, NARROW)[7];
    expect(textOf(line)).toMatch(/ 7 .*DATA \(again\) {2}error mnet\/retransmit-differs {2}n=6/);
    expect(roleOf(line, 'DATA')).toBe('error');
    expect(roleOf(line, 'mnet/retransmit-differs')).toBe('error');
  });

  test('lets a remark that is no fault stand behind the fields, and the arrow in the colour of its sender', () => {
    const line = conversationPane(ladder, NARROW)[2];
    expect(textOf(line)).toContain('COOKIE  n=1  info mnet/ambiguous-reading ─');
    expect(roleOf(line, '◄')).toBe('server');
  });

  test('cuts long strings where the fields have no room, so that those behind them are seen', () => {
    const id = '72faef5f-7a2f-49fe-ab8f-6ad4d3738de6';
    const brief = () => `mid="${id}"  response="Ok"`;
    expect(textOf(conversationPane({ ...ladder, brief }, { width: 60, height: 20 })[1])).toContain(
      'mid="72faef5f…"  response="Ok"',
    );
    expect(textOf(conversationPane({ ...ladder, brief }, { width: 118, height: 20 })[1])).toContain(brief());
  });

  test('shows what was sent before faded, in dashes', () => {
    const again = { ...ladder, connection: 3, rows: history.connections.messagesOf(3) };
    const lines = conversationPane(again, NARROW);
    expect(textsOf(lines)[2]).toMatch(/^ +24 .*├-- INIT \(again\) {2}n=\d+ - - .*►│$/);
    expect(roleOf(lines[2], 'INIT')).toBe('faded');
    expect(textOf(lines[1])).not.toContain('again');
    expect(textOf(lines[1])).toContain('warn mnet/handshake-incomplete');
  });

  test('tells in a wide pane the states that the ends come to, and the finding in a sentence', () => {
    const lines = textsOf(conversationPane(ladder, WIDE));
    expect(lines[1]).toMatch(/ COOKIE-WAIT ├── INIT .*►│ NEW$/);
    expect(lines[4]).toMatch(/ ESTABLISHED │◄─ COOKIE-ACK .*┤ ESTABLISHED$/);
    expect(lines[6]).not.toContain('ESTABLISHED');
    expect(lines[7]).toMatch(/►│ +error mnet\/retransmit-differs: byte 29/);
  });

  test('of the side that closes, not of the other one', () => {
    const lines = textsOf(conversationPane(ladder, WIDE));
    expect(lines[9]).toMatch(/ SHUTDOWN-SENT ├── SHUTDOWN .*│ SHUTDOWN-RECEIVED$/);
  });

  test('has an ellipsis where the fields were not read yet', () => {
    const [, first] = textsOf(conversationPane({ ...ladder, brief: () => undefined }, NARROW));
    expect(first).toMatch(/INIT {2}… ─/);
  });
});

describe('the list', () => {
  test('of one connection says the direction', () => {
    const lines = textsOf(conversationPane(list, NARROW));
    expect(lines[1]).toMatch(/^ +1 0\.000000 ──► INIT {2}n=0$/);
    expect(lines[2]).toMatch(/^ +2 0\.001000 ◄── COOKIE {2}n=1/);
    expect(lines[7]).toMatch(/^ +7 .* DATA \(again\) {2}error mnet\/retransmit-differs {2}n=6$/);
  });

  test('of all messages says the ends and the connection, whatever form is asked for', () => {
    const pane = conversationPane({ ...everything, form: 'ladder', top: 15 }, NARROW);
    const lines = textsOf(pane);
    expect(lines[0].split(/ +/)).toEqual(['frame', 'time', 'from', 'to', 'conn', 'message']);
    expect(lines[2]).toMatch(/^ +17 0\.215000 10\.0\.0\.9:26999 +10\.0\.0\.2:5000 +2 mnet DATA {2}error/);
    expect(roleOf(pane[2], '10.0.0.9:26999')).toBe('server');
  });

  test('of a wide pane has fields and findings in columns', () => {
    const lines = textsOf(conversationPane({ ...everything, top: 15 }, WIDE));
    expect(lines[0]).toMatch(/message +fields +finding$/);
    expect(lines[2]).toMatch(/ DATA +n=16 +error mnet\/ack-unsent: 160 bytes are acknowledged/);
  });

  test('of several captures says which one a frame is of', async () => {
    const { history: both } = await historyOf(['mnet/faults.pcap', 'mnet/echo-small.pcap']);
    const rows = [0, both.messages.count - 1];
    const lines = textsOf(conversationPane({ ...everything, history: both, rows }, NARROW));
    expect(lines[1]).toMatch(/^ +1\/1 /);
    expect(lines[2]).toMatch(/^ +2\/\d+ /);
  });
});

describe('both forms', () => {
  test.each([ladder, list, everything])('set off the selected row and mark what is marked', form => {
    const lines = conversationPane({ ...form, top: 1, selected: 3, marked: new Set([3]) }, NARROW);
    expect(lines.findIndex(line => line.selected === 'focus')).toBe(3);
    expect(textOf(lines[3])).toMatch(/^ +\*4 /);
    expect(conversationPane({ ...form, selected: 3, focused: false }, NARROW)[4].selected).toBe('other');
  });

  test.each([ladder, list, everything])('put a dot at what belongs to the selected message, and move nothing', form => {
    const [before, after] = [new Set<number>(), new Set([2])].map(partners =>
      conversationPane({ ...form, selected: 3, partners, marked: new Set([2]) }, NARROW),
    );
    expect(textOf(after[3])).toMatch(/^ +\*•3 /);
    expect(roleOf(after[3], '•3')).toBe('match');
    expect(after.map(textOf).map(text => text.replace('•', ''))).toEqual(
      before.map(textOf).map((text, index) => (index === 3 ? text.slice(1) : text)),
    );
  });

  test.each([ladder, list, everything])('set off nothing when the selected row is out of sight', form => {
    for (const selected of [0, 9]) {
      const lines = conversationPane({ ...form, top: 1, selected }, { width: 78, height: 5 });
      expect(lines.every(line => line.selected === undefined)).toBe(true);
    }
  });

  test('show times as asked: between rows, of day, since 1970', () => {
    const second = (time: ConversationInput['time']) => textsOf(conversationPane({ ...ladder, time }, NARROW))[7];
    expect(second('delta')).toContain(' 0.200000 ');
    expect(second('utc')).toContain(' 22:13:20.206000Z ');
    expect(second('epoch')).toContain(' 1700000000.206000 ');
    const wide = textsOf(conversationPane({ ...ladder, time: 'utc' }, WIDE))[7];
    expect(wide).toContain(' 2023-11-14T22:13:20.206000Z ');
  });

  test('say that there are no messages', () => {
    expect(textsOf(conversationPane({ ...ladder, rows: [] }, NARROW))[1]).toBe('nothing');
    expect(textsOf(conversationPane({ ...everything, rows: [] }, NARROW))[1]).toBe('nothing');
  });

  test('keep within the pane, whatever the fields hold', () => {
    fc.assert(
      fc.property(anySize, hostile, fc.constantFrom(ladder, list, everything), fc.nat(12), (size, text, form, top) => {
        expectToFit(conversationPane({ ...form, top, brief: () => text }, size), size);
      }),
    );
  });
});
