/** The switches: only what has findings, only what is marked. */
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Model } from '../../../src/tui/model/model.ts';
import { compose } from '../../../src/tui/plan/compose.ts';
import { historyOf, type PastRun } from '../../kit/history.ts';
import { barText, framesListed, modelOf, paneText, press, settle } from '../../kit/looking.ts';

/** Five connections; findings in 2 to 5, on frames 6, 9, 10, 14, 17 and 22. */
let past: PastRun;
let model: Model;

beforeAll(async () => {
  past = await historyOf('ministreaming/faults.pcap');
});

beforeEach(() => {
  model = modelOf(past);
});

const keys = (text: string) => settle(press(model, text));
const bar = () => barText(model, 'filter');
const title = () => compose(model).panes[0].title;
const ids = () => [...model.lists.connections];

describe('only what has findings', () => {
  test('connections, messages and all messages; the same key shows all again', () => {
    keys('f');
    expect([ids(), title()]).toEqual([[2, 3, 4, 5], 'Connections: 4 with findings']);
    expect(bar()).toContain(' Filter: [findings only] / to filter');
    expect(keys('7') && framesListed(model)).toEqual([6, 9, 10, 14, 17, 22]);
    expect(keys('2') && framesListed(model)).toEqual([6, 9, 10]);
    keys('f');
    expect(framesListed(model)).toEqual([2, 4, 6, 8, 9, 10]);
    expect(bar()).not.toContain('[');
    expect(keys('1') && ids()).toEqual([1, 2, 3, 4, 5]);
  });

  test('combines with the filter', () => {
    keys('7 f / "type contains DATA" enter');
    expect(framesListed(model)).toEqual([6, 9, 10, 14]);
    expect(bar()).toMatch(/ Filter: \[findings only] type contains DATA {2}\d+ of 22/);
    expect(title()).toBe('All messages: 4 with findings that match');
    keys('/ C-u enter');
    expect(framesListed(model)).toEqual([6, 9, 10, 14, 17, 22]);
  });

  test('and with finding', () => {
    keys('7 f C-f "data" enter');
    expect(model.history.messages.frame(model.message)).toBe(6);
    keys('C-f "SYN" enter');
    expect(barText(model, 'status').trim()).toBe('"SYN" is in no message that is shown');
  });

  test('says why a connection has no row', () => {
    keys('f 2');
    press(model, ': "connection 1" enter');
    settle(model);
    expect(paneText(model, 'messages').join(' ')).toContain('no message here has findings; f shows all');
  });

  test('stays off where there is none', async () => {
    model = modelOf(await historyOf('filestorage/2020-01-04-upload.pcap'));
    keys('f');
    expect([model.only.findings, barText(model, 'status').trim()]).toEqual([false, 'no finding']);
  });
});

describe('only what is marked', () => {
  test('messages, their connections, and what was found on them', () => {
    keys('7 g j j M j j j M');
    const marked = framesListed(model).filter(frame => frame === 3 || frame === 6);
    keys('*');
    expect(framesListed(model)).toEqual(marked);
    expect(title()).toBe('All messages: 2 marked');
    expect(bar()).toContain('[marked only]');
    expect(keys('4') && [...model.lists.findings]).toEqual([0]);
    const { messages } = model.history;
    const around = new Set([2, 5].map(message => messages.connection(message)));
    expect(keys('1') && ids()).toEqual([...around].sort());
    keys('*');
    expect(ids()).toHaveLength(5);
  });

  test('all messages of a connection that is marked', () => {
    keys('1 j j M *');
    expect(ids()).toEqual([3]);
    keys('enter');
    expect(framesListed(model)).toHaveLength(model.history.connections.messages(3));
    keys('7');
    expect(framesListed(model)).toHaveLength(model.history.connections.messages(3));
  });

  test('stays off while nothing is, and tells what is missing once no mark is left', () => {
    keys('2 *');
    expect([model.only.marked, barText(model, 'status')]).toEqual([false, expect.stringContaining('M sets one')]);
    keys('M * M');
    expect(paneText(model, 'messages').join(' ')).toContain('no message here is marked; * shows all');
    keys('n');
    expect(barText(model, 'status')).toContain('no finding on what is marked; * shows all');
    expect(keys('*') && framesListed(model).length).toBeGreaterThan(1);
  });

  test('with findings only: both', () => {
    keys('7 g j j M j j j M * f');
    expect(framesListed(model)).toEqual([6]);
    expect(bar()).toContain('[findings only] [marked only]');
  });
});

describe('what is exported', () => {
  const framesExported = () =>
    model.takeEffects().map(effect => {
      if (effect.kind !== 'export' || effect.scope.kind !== 'filtered') return effect.kind;
      return [...effect.scope.messages].map(message => model.history.messages.frame(message));
    });

  test('of all that is shown, only what has findings', () => {
    keys('f : "export out.pcapng filtered" enter');
    expect(framesExported()).toEqual([[6, 9, 10, 14, 17, 22]]);
  });

  test('only what is marked, of what the filter matches', () => {
    keys('7 g j j M j j j M * / "frame.number > 3" enter');
    keys(': "export out.pcapng filtered" enter');
    expect(framesExported()).toEqual([[6]]);
  });

  test('x asks when a switch is on, and no more when it is off again', () => {
    keys('f x');
    expect(barText(model, 'prompt')).toContain(' f 6 messages that have findings');
    keys('escape f x');
    expect(barText(model, 'prompt')).not.toContain('have findings');
  });

  test('nothing is written where the switches hide every message', () => {
    keys('7 g M * / "frame.number > 9000" enter');
    keys(': "export out.pcapng filtered" enter');
    expect([framesExported(), barText(model, 'complaint').trim()]).toEqual([
      [],
      'the filter and the switches f and * hide every message',
    ]);
  });
});
