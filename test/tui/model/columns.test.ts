/** The columns of a list: chosen in a list of them or by their names, remembered, and fields of messages among them. */
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SessionMemory } from '../../../src/tui/model/memory.ts';
import type { Model } from '../../../src/tui/model/model.ts';
import { compose } from '../../../src/tui/plan/compose.ts';
import { historyOf, type PastRun } from '../../kit/history.ts';
import { barText, modelOf, paneText, press, settle } from '../../kit/looking.ts';

let past: PastRun;
let memory: SessionMemory;
let model: Model;

beforeAll(async () => {
  past = await historyOf('mqtt/mosquitto-paho-5-request-response.pcap');
});

beforeEach(() => {
  memory = new SessionMemory();
  model = modelOf(past, { memory });
});

const header = (kind: 'connections' | 'messages' | 'findings' = 'connections') =>
  paneText(model, kind)[0]?.split(/ +/).filter(Boolean);
const chooser = () => paneText(model, 'notice').map(text => text.trim());

describe('W', () => {
  test('lists the columns, those that are shown first, and says what keys do', () => {
    press(model, 'W');
    expect(chooser().slice(0, 3)).toEqual(['[x] number', '[x] protocol', '[x] client']);
    expect(chooser()).toContain('[ ] file');
    expect(barText(model, 'status')).toContain('Space shows or hides');
    expect(compose(model).panes.at(-1)?.title).toBe('Columns of connections');
  });

  test('shows and hides one, moves it, and closes', () => {
    press(model, 'W j space');
    expect(header()).not.toContain('proto');
    press(model, 'j l l escape');
    expect(header()?.slice(0, 4)).toEqual(['#^', 'server', 'start', 'client']);
    expect(memory.remembered.columns.connections?.slice(0, 4)).toEqual(['number', 'server', 'start', 'client']);
    press(model, 'j');
    expect(model.connection).toBe(2);
  });

  test('keeps one column at least', () => {
    press(model, ': "columns client" enter W space');
    expect(barText(model, 'status')).toContain('at least one column');
    expect(header()).toEqual(['client']);
  });

  test('d brings the default back', () => {
    press(model, ': "columns client" enter W d escape');
    expect(header()).toContain('proto');
    expect(memory.remembered.columns).toEqual({});
  });

  test('says where there are none to choose', () => {
    expect(barText(press(model, '2 W'), 'status')).toContain('a ladder has no columns; c shows a list');
    expect(barText(press(model, '3 W'), 'status')).toContain('no list in focus');
    expect(press(model, '2 c W').mode.kind).toBe('columns');
  });
});

describe(':columns', () => {
  test('sets them in this order, of the list in focus, for the next session, too', () => {
    press(model, ': "columns verdict,client , messages" enter');
    expect(header()).toEqual(['verdict', 'client', 'msgs']);
    model = modelOf(past, { memory });
    expect(header()).toEqual(['verdict', 'client', 'msgs']);
    press(model, '4');
    expect(header('findings')?.slice(0, 2)).toEqual(['level', 'frame']);
  });

  test('says what is no column, and what may be meant', () => {
    press(model, ': "columns clint" enter');
    expect(barText(model, 'complaint')).toContain('did you mean client?');
    press(model, 'escape : "columns mqtt.topic" enter');
    expect(barText(model, 'complaint')).toContain('unknown column mqtt.topic');
    press(model, 'escape 2 c : "columns frame,mqtt.topik" enter');
    expect(barText(model, 'complaint')).toMatch(/topik/);
  });

  test('completes the name that the cursor is in', () => {
    press(model, '2 c : "columns frame,mqtt.topicN" tab');
    expect(barText(model, 'prompt')).toContain('columns frame,mqtt.topicN');
    press(model, 'C-u "columns ver" escape 1 : "columns number,ver" tab');
    expect(barText(model, 'prompt')).toContain('columns number,verdict');
  });

  test('leaves out what no list of this version has, and what is remembered of another protocol is blank', () => {
    memory.remember({ columns: { connections: ['client', 'phase'], messages: ['frame', 'other.field'] } });
    expect(header()).toEqual(['client']);
    settle(press(model, '2 c'));
    expect(header('messages')?.[0]).toBe('frame');
  });
});

describe('a field of the messages', () => {
  test('is a column, read only for the rows in sight', () => {
    press(model, '2 c : "columns frame,message,mqtt.topic" enter');
    model.resize(80, 24);
    expect(paneText(model, 'messages').slice(1, 3).join()).toContain('…');
    settle(model);
    expect(header('messages')).toEqual(['frame', 'message', 'topic']);
    expect(paneText(model, 'messages').find(line => line.includes('PUBLISH'))).toMatch(/PUBLISH +req/);
    const { top, height } = model.window('messages');
    const last = model.lists.messages[top + height];
    expect(last === undefined ? undefined : model.fieldCells.get(last, 'mqtt.topic')).toBeUndefined();
    press(model, 'G');
    settle(model);
    expect(paneText(model, 'messages').join()).not.toContain('…');
  });

  test('stays with those of all messages, which have columns of their own', () => {
    press(model, '2 c : "columns frame,mqtt.topic" enter : "connection 0" enter');
    expect(header('messages')).toContain('conn');
  });
});
