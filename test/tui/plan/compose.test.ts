import { describe, expect, test } from 'vitest';
import { openBytes } from '../../../src/capture/open.ts';
import { PcapngWriter } from '../../../src/capture/writer.ts';
import { Traffic } from '../../../src/testkit.ts';
import { statisticsRows } from '../../../src/tui/panes/statistics.ts';
import { compose } from '../../../src/tui/plan/compose.ts';
import { visible } from '../../../src/wire/escape.ts';
import { fixtureBytes, historyOf } from '../../kit/history.ts';
import { barText, modelOf, modelOver, paneText, press, settle, textOf } from '../../kit/looking.ts';

describe('the screen', () => {
  test('too small a one says how large it must be, in one line', async () => {
    const model = await modelOver('mnet/faults.pcap');
    for (const [width, height] of [
      [39, 24],
      [80, 9],
    ] as const) {
      model.resize(width, height);
      const { bars, panes } = compose(model);
      expect(panes).toEqual([]);
      expect(bars.map(({ line }) => textOf(line).slice(0, 9))).toEqual(['too small']);
    }
  });

  test('of 80x24 has every tab by its name, and how far the run is', async () => {
    const model = modelOf(await historyOf('mnet/faults.pcap'), {}, { state: 'reading', read: 34, total: 100 });
    model.resize(80, 24);
    expect(barText(model, 'tabs')).toMatch(/1 Conns .*2 Convers. .*6 Stats .*7 All /);
    expect(barText(model, 'filter')).toContain('reading 34 %, 25 messages');
  });

  test('has the panes of a wide one side by side, of a narrow one above each other', async () => {
    const model = press(await modelOver('mnet/faults.pcap'), '2');
    const places = () => compose(model).panes.map(({ kind, x, y }) => `${kind} ${x > 0} ${y > 2}`);
    expect(places()).toEqual(['messages false false', 'fields true false', 'hex true true']);
    model.resize(80, 24);
    expect(places()).toEqual(['messages false false', 'fields false true', 'hex true true']);
    model.resize(60, 24);
    expect(places()).toEqual(['messages false false', 'fields false true']);
  });

  test('says below what was found on the chosen message, and the worst of the chosen connection', async () => {
    const model = await modelOver('mnet/faults.pcap');
    press(model, 'k');
    expect(barText(model, 'status')).toContain('frame 7: error mnet/retransmit-differs +2: byte 29');
    press(model, '2');
    expect(barText(model, 'status')).toContain('frame 1, time relative');
    press(model, '6 2 j');
    expect(barText(model, 'status')).toMatch(/frame 2: info mnet\/ambiguous-reading: integers/);
    press(model, 'j');
    expect(barText(model, 'status')).not.toContain('mnet/');
  });

  test.each([
    [80, 24],
    [160, 50],
    [70, 16],
  ])(
    'of %ix%i lets one scroll to the last line of the statistics, below the charts if there are any',
    async (width, height) => {
      const model = press(await modelOver('mnet/faults.pcap'), '6');
      model.resize(width, height);
      press(model, 'G');
      const { top, count, height: rows } = model.window('statistics');
      const [pane] = compose(model).panes;
      const size = { width: pane.width - 2, height: pane.height - 2 };
      expect({ count, rows }).toEqual({
        count: statisticsRows(model.statistics, size).count,
        rows: statisticsRows(model.statistics, size).height,
      });
      expect(top).toBe(Math.max(0, count - rows));
    },
  );

  test('of a few lines has a pane at a time, and Tab goes through all of them', async () => {
    const model = press(await modelOver('mnet/faults.pcap'), '2');
    model.resize(45, 12);
    const panes = () => compose(model).panes.map(({ kind }) => kind);
    expect(panes()).toEqual(['messages', 'fields']);
    expect(paneText(press(model, 'tab tab'), 'hex')[0]).toMatch(/^0000/);
    press(model, '5');
    expect(panes()).toEqual(['machine']);
    press(model, 'tab');
    expect(panes()).toEqual(['messages']);
  });

  test('of few columns keeps who it was and what was found', async () => {
    const model = await modelOver('mnet/faults.pcap');
    model.resize(45, 12);
    expect(paneText(model, 'connections')[1]).toMatch(/1 10\.0\.0\.1:5000 +violations error retransm/);
  });

  test('tells how many match, however long the filter is', async () => {
    const model = press(await modelOver('mnet/faults.pcap'), '/');
    model.paste(`type == DATA ${'&& frame > 0 '.repeat(20)}`);
    settle(press(model, 'enter'));
    model.resize(80, 24);
    expect(barText(model, 'filter')).toMatch(/ Filter: type == DATA && .*… {2}8 of 25/);
  });

  test('says that a capture was not whole', async () => {
    const cut = fixtureBytes('mnet/faults.pcap').slice(0, 1500);
    const one = modelOf(await historyOf(cut));
    expect(barText(one, 'tabs') + barText(one, 'filter')).toContain('17 messages, capture incomplete');
    const two = modelOf(await historyOf(['mnet/faults.pcap', cut]));
    expect(barText(two, 'tabs') + barText(two, 'filter')).toContain('42 messages, 1 of 2 captures incomplete');
    const whole = await modelOver('mnet/faults.pcap');
    expect(barText(whole, 'tabs') + barText(whole, 'filter')).not.toContain('incomplete');
  });

  test('says what somebody noted on the frame', async () => {
    const writer = new PcapngWriter();
    const source = await openBytes(fixtureBytes('mnet/faults.pcap'), 'memory');
    await source.read(frame => writer.frame(frame, frame.number === 3 ? ['look\nhere'] : []));
    const model = press(modelOf(await historyOf(writer.take())), '2 j j');
    expect(barText(model, 'status')).toContain('frame 3, comment: look\\x0ahere');
    press(model, '3');
    expect(paneText(model, 'fields').slice(-2)).toEqual(['comment: look', 'here']);
    press(model, ': "note" enter');
    expect(compose(model).panes.at(-1)?.title).toBe('Comment on frame 3; Esc closes');
    expect(paneText(model, 'notice')).toEqual(['comment: look', 'here']);
    press(model, 'escape escape j');
    expect(barText(model, 'status')).not.toContain('comment');
    expect(paneText(model, 'fields').join()).not.toContain('comment');
    press(model, ': "note" enter');
    expect(barText(model, 'complaint')).toContain('the frame has no comment');
  });

  test('says what was found, and how one gets there, until the first key', async () => {
    const model = await modelOver('mnet/faults.pcap');
    expect(barText(model, 'status')).toContain('6 findings: n goes to the worst');
    expect(barText(press(model, 'j'), 'status')).not.toContain('n goes to the worst');
    const reading = modelOf(await historyOf('mnet/faults.pcap'), {}, { state: 'reading' });
    expect(barText(reading, 'status')).toContain('6 findings so far: n goes to the worst');
    expect(barText(await modelOver('filestorage/libipc-pong.pcap'), 'status')).not.toContain('finding');
  });

  test('names the keys that lead to the findings, back and to the help, as far as there is room', async () => {
    const model = await modelOver('mnet/faults.pcap');
    model.resize(80, 24);
    const hints = (keys: string) => barText(press(model, keys), 'filter');
    expect(hints('j')).toMatch(/n finding {2}Esc quits {2}\? help/);
    expect(hints('n')).toMatch(/n finding {2}4 why {2}Esc back {2}\? help/);
    expect(hints('g')).not.toContain('4 why');
    for (const view of ['3', '5', '6']) expect(hints(view)).toMatch(/Esc back {2}\? help/);
    expect(hints('?')).toMatch(/\? back/);
    model.resize(45, 24);
    expect(hints('escape')).not.toContain('Esc back');
  });

  test('has the frame at the beginning of the title of its fields', async () => {
    const model = press(await modelOver('mnet/faults.pcap'), '2');
    expect(compose(model).panes.find(({ kind }) => kind === 'fields')?.title).toMatch(/^Frame 1: /);
  });

  test('says which captures could not be read, when they were not opened and when they turn out to be none', async () => {
    const late: string[] = [];
    const past = await historyOf('mnet/faults.pcap');
    const model = modelOf(past, { captures: 3, unopened: ['a.pcap: no such file'] }, { unreadable: late });
    const bars = () => barText(model, 'tabs') + barText(model, 'filter');
    expect(barText(model, 'status')).toContain('cannot read a.pcap: no such file; 2 of 3 captures are shown');
    expect(bars()).toContain('25 messages, 1 of 3 captures unreadable');
    expect(barText(press(model, 'j'), 'status')).not.toContain('cannot read');
    late.push('b.pcap: not a capture');
    settle(model);
    expect(barText(model, 'status')).toContain(
      'cannot read b.pcap: not a capture, and 1 other; 1 of 3 captures is shown',
    );
    expect(bars()).toContain('2 of 3 captures unreadable');
    settle(press(model, 'j'));
    expect(barText(model, 'status')).not.toContain('cannot read');
  });

  test('composing changes nothing', async () => {
    const model = press(await modelOver('mnet/faults.pcap'), '2 n');
    settle(model);
    expect(compose(model)).toEqual(compose(model));
  });
});

describe('hostile text', () => {
  const EVIL = '\x1b]0;title\x07\x9b31m\u202e{red-fg}';

  test('of a filter, a file and a notice is shown as visible marks', async () => {
    const model = await modelOver('mnet/faults.pcap');
    press(model, '/');
    model.paste(`"${EVIL}"`);
    model.notify(`no such file: ${EVIL}`);
    model.showNotice(EVIL, []);
    for (const { line } of compose(model).bars) expect(textOf(line)).toBe(visible(textOf(line)));
    for (const { title } of compose(model).panes) expect(title).toBe(visible(title));
  });

  test('of messages reaches no line unescaped', async () => {
    const bytes = Array.from(Buffer.from(EVIL, 'utf8'), byte => byte.toString(16).padStart(2, '0')).join('');
    const ends = ['10.0.0.1:7654', '10.0.0.2:7654'] as const;
    const traffic = new Traffic().datagram(ends[0], ends[1], '01 4d4e4554 01 cf742a').datagram(ends[0], ends[1], bytes);
    const model = modelOf(await historyOf(traffic.pcap()));
    for (const key of ['1', '2', 'G', '3', '4', '5', '6']) {
      press(model, key);
      settle(model);
      for (const { lines } of compose(model).panes)
        for (const line of lines) expect(textOf(line)).toBe(visible(textOf(line)));
    }
    expect(paneText(model, 'statistics').length).toBeGreaterThan(0);
  });
});
