/** Messages by the values of a field: what is counted, how it follows the filter, and how one gets there. */
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AnyProtocol } from '../../../src/protocol/protocol.ts';
import { parseDecodeAs } from '../../../src/settings/words.ts';
import { Traffic } from '../../../src/testkit.ts';
import type { Model } from '../../../src/tui/model/model.ts';
import { compose } from '../../../src/tui/plan/compose.ts';
import { ask } from '../../kit/ask.ts';
import { historyOf, type PastRun } from '../../kit/history.ts';
import { barText, framesListed, modelOf, paneText, press, runOf, settle } from '../../kit/looking.ts';

const ANN = '10.0.0.1:1000';
const BOB = '10.0.0.2:2000';
const CAB = '10.0.0.3:1000';

/** Ann ASKs "hi" in frames 1 and 2 and "\x1b" in frame 3, Cab "hi" in frame 6; frames 4, 5 and 7 are ANSWERs, 5 and 7 to nothing. */
const traffic = () =>
  new Traffic()
    .datagram(ANN, BOB, '01 0001 6869')
    .datagram(ANN, BOB, '01 0002 6869')
    .datagram(ANN, BOB, '01 0003 1b')
    .datagram(BOB, ANN, '02 0002')
    .datagram(BOB, ANN, '02 0009')
    .datagram(CAB, BOB, '01 0001 6869')
    .datagram(BOB, CAB, '02 0009');

const byWords: AnyProtocol = { ...ask(), countBy: 'words' };

function runOver(protocol: AnyProtocol): Promise<PastRun> {
  const decodeAs = [parseDecodeAs('udp.port==2000,ask', [protocol])];
  return historyOf(traffic().pcap(), { protocols: [protocol], decodeAs });
}

let past: PastRun;
let model: Model;

beforeAll(async () => {
  past = await runOver(byWords);
});

beforeEach(() => {
  model = modelOf(past);
});

const title = () => compose(model).panes[0].title;
/** Messages, bytes, findings and value of each row. */
const rows = () =>
  settle(model).counting?.rows.map(({ of, value, count }) => [
    of === 'value' ? value : of,
    count.messages,
    count.bytes,
    count.findings,
  ]);

describe('b', () => {
  test('counts by the field that the protocol names, with what has no value behind the others', () => {
    press(model, 'b');
    expect(rows()).toEqual([
      ['hi', 3, 15, 0],
      ['\x1b', 1, 4, 0],
      ['no value', 3, 9, 2],
    ]);
    expect([model.view, title()]).toEqual(['counts', 'Messages by ask.words: 2 values']);
  });

  test('counts by type where the protocol names none, or one that there is not', async () => {
    for (const protocol of [ask(), { ...ask(), countBy: 'wrods' }]) {
      model = press(modelOf(await runOver(protocol)), 'b');
      expect(rows()).toEqual([
        ['ASK', 4, 19, 0],
        ['ANSWER', 3, 9, 2],
      ]);
    }
  });

  test('counts by the field that is chosen in a message', () => {
    press(model, '2 g tab g j b');
    expect(model.counting?.field).toBe('ask.id');
    expect(rows()?.map(([value, messages]) => [value, messages])).toEqual([
      ['1', 2],
      ['2', 2],
      ['9', 2],
      ['3', 1],
    ]);
  });

  test('asks for another field where one is seen, completes it, and says what is none', () => {
    press(model, 'b b');
    expect(barText(model, 'prompt')).toBe('count by: ask.words');
    press(model, 'C-u "finding" enter');
    expect(barText(model, 'complaint')).toContain('no values to count by');
    press(model, 'C-u "ask.ty" tab enter');
    expect([model.counting?.field, model.view]).toEqual(['ask.type', 'counts']);
    press(model, 'escape');
    expect(model.view).toBe('connections');
    expect(press(model, 'b').counting?.field).toBe('ask.type');
  });

  test('does so by its command, too', () => {
    press(model, ': "count src" enter');
    expect([model.view, rows()?.length]).toEqual(['counts', 3]);
    press(model, ': "count nothing" enter');
    expect(barText(model, 'complaint')).toContain('unknown field nothing');
  });
});

describe('the filter', () => {
  test('is followed, also when it changes', () => {
    press(model, ': "count type" enter / "src == 10.0.0.2" enter');
    expect(rows()).toEqual([['ANSWER', 3, 9, 2]]);
    press(model, '/ C-u "finding && frame < 7" enter');
    expect(rows()).toEqual([['ANSWER', 1, 3, 1]]);
    press(model, '/ C-u enter');
    expect(rows()?.length).toBe(2);
  });

  test('that lets nothing through leaves no rows, and says why', () => {
    press(model, 'b / "frame > 99" enter');
    expect(rows()).toEqual([]);
    expect(paneText(model, 'counts')[1]).toContain('no message matches the filter');
  });

  test('is made of the chosen value by Enter, and joined to the one that there is', () => {
    settle(press(model, '/ "frame != 2" enter b'));
    settle(press(model, 'enter'));
    expect([model.view, model.filter?.text]).toEqual(['messages', '(frame != 2) && ask.words == "hi"']);
    expect(framesListed(model)).toEqual([1, 6]);
  });

  test('is made of messages without a value, too', () => {
    settle(press(model, 'b'));
    settle(press(model, 'G enter'));
    expect(framesListed(model)).toEqual([4, 5, 7]);
  });
});

test('findings that come and go when a capture ends, on messages that were counted, are counted anew', async () => {
  const own = await runOver(byWords);
  const { history } = own;
  model = modelOf(own);
  press(model, ': "count type" enter');
  expect(rows()?.at(1)).toEqual(['ANSWER', 3, 9, 2]);
  history.endCapture([history.findings.list[0]]);
  expect(rows()?.at(1)).toEqual(['ANSWER', 3, 9, 1]);
});

test('another run is counted by the same field', async () => {
  settle(press(model, ': "count src" enter'));
  model.adopt(runOf(await runOver(ask())), model.settings, 'x');
  expect([model.counting?.field, rows()?.length]).toEqual(['src', 3]);
});

test('the value and its filter can be copied', () => {
  settle(press(model, 'b'));
  press(model, 'y v');
  press(model, 'y f');
  expect(model.takeEffects()).toMatchObject([
    { kind: 'copy', text: 'hi' },
    { kind: 'copy', text: 'ask.words == "hi"' },
  ]);
});

test('no value acts on the terminal, and a click chooses a row', () => {
  settle(press(model, 'b'));
  const lines = paneText(model, 'counts');
  expect(lines[0]).toMatch(/messages +bytes +findings +first +last +ask\.words/);
  expect(lines[2]).toMatch(/ 1 .*\\x1b$/);
  const [{ x, y }] = compose(model).panes;
  model.click(x + 3, y + 3);
  expect(model.window('counts').selected).toBe(1);
});
