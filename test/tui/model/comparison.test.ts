import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Model } from '../../../src/tui/model/model.ts';
import { compose } from '../../../src/tui/plan/compose.ts';
import { historyOf, type PastRun } from '../../kit/history.ts';
import { barText, modelOf, paneText, press, runOf } from '../../kit/looking.ts';
import { expectToFit, textOf } from '../panes/lines.ts';

/** mnet/faults: connection 1 has frames 1 to 11, connection 2 frames 12 to 22, 3 frames 23 to 25. */
let mnet: PastRun;
let filestorage: PastRun;
let mqtt: PastRun;
let model: Model;

beforeAll(async () => {
  mnet = await historyOf('mnet/faults.pcap');
  filestorage = await historyOf('filestorage/2020-01-02-pipelined.pcap');
  mqtt = await historyOf('mqtt/mosquitto-paho-5-session.pcap');
});

beforeEach(() => {
  model = modelOf(mnet);
});

const rows = () => paneText(model, 'compared').map(text => text.trimEnd().replace(/ {2,}/g, '  '));
const title = () => compose(model).panes[0]!.title;
const status = () => barText(model, 'status');
const frame = () => model.history.messages.frame(model.message);
/** Signs by the label of a row. */
const signs = () => Object.fromEntries(rows().map(text => [/^.\s+(\S.*?)(?: {2}|$)/.exec(text)?.[1], text[0]]));

describe('=', () => {
  test('takes a message as the first, which the bar shows, and compares the second with it', () => {
    press(model, '2 j j =');
    expect(status()).toBe(' frame 3 is picked; = on another message compares them, = here again forgets it');
    expect(barText(model, 'filter')).toContain('= with frame 3');
    press(model, 'j j =');
    expect([model.view, title()]).toEqual([
      'compare',
      expect.stringMatching(/^Compare frame 3, connection 1 with frame 5, connection 1: \d+ rows differ$/),
    ]);
  });

  test('on the first again forgets it, and so it does where two are compared', () => {
    press(model, '2 = =');
    expect([model.toCompare, status()]).toEqual([undefined, ' frame 1 is no longer picked']);
    press(model, '= j =');
    expect(press(model, '=').view).toBe('conversation');
    expect([model.toCompare, barText(model, 'filter')]).toEqual([undefined, expect.not.stringContaining('= with')]);
  });

  test('shows the first beside a filter, too, and in a narrow bar', () => {
    model.resize(80, 24);
    press(model, '2 =');
    expect(barText(model, 'filter')).toContain('= with frame 1');
    press(model, '/ "type == DATA" enter');
    expect(barText(model, 'filter')).toContain('= with frame 1');
  });

  test('keeps the first for a third one, and Esc leaves', () => {
    press(model, '2 = j = escape');
    expect([model.view, model.toCompare?.number]).toEqual(['conversation', 0]);
    press(model, 'j =');
    expect(title()).toContain('frame 1, connection 1 with frame 3');
  });

  test('compares messages of two connections, from all messages and from findings', () => {
    press(model, ': "connection 0" enter g = G =');
    expect(title()).toContain('frame 1, connection 1 with frame 25, connection 3');
    model = modelOf(mnet);
    press(model, '4 g = G =');
    expect(title()).toContain('frame 2, connection 1 with frame 23, connection 3');
  });

  test('takes a message in place of a connection, and says so where there is neither', () => {
    press(model, '= 2 =');
    expect(status()).toContain('frame 1 is picked, in place of connection 1');
    press(model, '6 =');
    expect(status()).toContain('no message or connection here');
  });

  test('is forgotten with the run', () => {
    press(model, '2 = j =');
    model.adopt(runOf(mnet), { decodeAs: [], dialects: [] }, 'mnet.tags=sender');
    expect([model.view, model.toCompare, model.comparison]).toEqual(['conversation', undefined, undefined]);
  });
});

describe('two messages', () => {
  test('of one type have their fields side by side, with a sign where they differ', () => {
    press(model, '2 j j j j = j j =');
    expect(signs()).toMatchObject({
      message: ' ',
      'sent by': ' ',
      findings: '≠',
      OutgoingSequence: ' ',
      AcknowledgedBytes: ' ',
      DataLength: '≠',
      'Application Data': '≠',
    });
    expect(rows().find(text => text.includes('DataLength'))).toMatch(/^≠ DataLength {2}40 {2}│ 20$/);
  });

  test('of two types show what only one has, and the bytes that differ behind stars', () => {
    press(model, '2 j j = j j =');
    expect(signs()).toMatchObject({ message: '≠', HMAC: '-', DataLength: '+' });
    const bytes = rows().find(text => text.includes('00000000'));
    expect(bytes).toMatch(/^≠ 00000000 \*03\*b6\*0a\*fb\*cf.*│ 00000000 \*00\*cf\*74\*2a\*28/);
  });

  test('that are the same, sent twice, differ in nothing but where they stand', async () => {
    model = modelOf(await historyOf('mnet/lossy.pcap'));
    const { messages } = model.history;
    const again = Array.from({ length: messages.count }, (_, message) => message).find(message =>
      messages.repeated(message),
    )!;
    const name = messages.name(again);
    const before = Array.from({ length: again }, (_, message) => message).findLast(
      message => messages.name(message) === name,
    )!;
    press(model, '2');
    model.selectMessage(before);
    press(model, '=');
    model.selectMessage(again);
    press(model, '=');
    expect(title()).toMatch(/: no difference$/);
  });

  test('are JSON: members find each other by name', () => {
    model = modelOf(filestorage);
    // The second and the third TRANSFER: chunks 1 and 2 of one file.
    press(model, '2 j j j = j =');
    expect(signs()).toMatchObject({ filedigest: ' ', n: '≠', on: ' ', data: '≠', mid: '≠' });
    expect(rows().find(text => /^≠\s+n /.test(text))).toMatch(/1 {2}│ 2$/);
  });

  test('in a narrow pane what differs takes two rows, and what does not one', () => {
    model.resize(80, 24);
    press(model, '2 j j j j = j j =');
    const lengths = rows().filter(text => text.includes('DataLength'));
    expect(lengths).toEqual(['- DataLength  40', '+ DataLength  20']);
    expect(rows().filter(text => text.includes('OutgoingSequence'))).toHaveLength(1);
  });

  test('Enter goes to the one whose side is chosen', () => {
    press(model, '2 j j = j j =');
    expect(press(model, 'l enter').view).toBe('conversation');
    expect(frame()).toBe(5);
    model = modelOf(mnet);
    press(model, '2 j j = j j = l h enter');
    expect([model.view, frame()]).toEqual(['conversation', 3]);
  });
});

describe('two connections', () => {
  test('differ in ends, findings, types and states, message by message', () => {
    press(model, '= j =');
    expect(title()).toMatch(/^Compare connection 1 with connection 2: /);
    expect(signs()).toMatchObject({
      protocol: ' ',
      client: '≠',
      server: ' ',
      state: ' ',
      'mnet/ack-unsent': '≠',
      'client DATA': ' ',
      'client SHUTDOWN': '≠',
    });
    const said = rows().slice(rows().findIndex(text => text.startsWith('Conversation')) + 1);
    expect(said[0]).toMatch(/^ {2}1 \+0\.000000 ─► INIT {2}COOKIE-WAIT {2}│ {2}12 \+0\.000000 ─► INIT/);
    expect(said[1]).toMatch(/^≠ {2}2 \+0\.001000 ◄─ COOKIE {2}COOKIE-WAIT {2}mnet\/ambiguous-reading.*│/);
  });

  test('are aligned by sender and type: what one alone has stands alone', () => {
    model = modelOf(mqtt);
    press(model, '= j =');
    const said = rows().slice(rows().findIndex(text => text.startsWith('Conversation')) + 1);
    expect(said.map(text => text[0]).join('')).toMatch(/^ {2}--\+{16}/);
    expect(said[2]).toMatch(/^- .*SUBSCRIBE/);
  });

  test('Enter on a row of one side goes there, on another to the chosen side', () => {
    model = modelOf(mqtt);
    press(model, '= j = G enter');
    expect([model.view, model.connection]).toEqual(['conversation', 2]);
  });

  test.each([
    [40, 10],
    [80, 24],
    [120, 40],
    [200, 60],
  ])('fit %sx%s', (width, height) => {
    for (const past of [mnet, mqtt]) {
      model = modelOf(past);
      model.resize(width, height);
      press(model, '= j =');
      for (const pane of compose(model).panes) {
        expectToFit(pane.lines, { width: pane.width - 2, height: pane.height - 2 });
        expect(pane.lines.map(textOf).join('')).toContain('connection 2');
      }
    }
  });
});
