import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SessionMemory } from '../../../src/tui/model/memory.ts';
import type { Model } from '../../../src/tui/model/model.ts';
import { historyOf, type PastRun } from '../../kit/history.ts';
import { barText, modelOf, paneText, press } from '../../kit/looking.ts';

let past: PastRun;
let memory: SessionMemory;
let model: Model;

beforeAll(async () => {
  past = await historyOf('mnet/faults.pcap');
});

beforeEach(() => {
  memory = new SessionMemory();
  model = modelOf(past, { memory });
});

const saved = () => memory.remembered.savedFilters;
const rows = () => paneText(model, 'notice').slice(1);

describe('filters that were entered', () => {
  test('are found in a later session, the latest first, each once', () => {
    press(model, '/ "type == DATA" enter / C-u "frame > 3" enter : "filter type == DATA" enter');
    expect(memory.remembered.filters).toEqual(['frame > 3', 'type == DATA']);
    const later = modelOf(past, { memory });
    press(later, '/ up');
    expect(barText(later, 'filter')).toContain('Filter: type == DATA');
    press(later, 'up');
    expect(barText(later, 'filter')).toContain('Filter: frame > 3');
  });

  test('are found in this one, too, however they were entered', () => {
    press(model, ': "filter frame > 3" enter / C-u up');
    expect(barText(model, 'filter')).toContain('Filter: frame > 3');
  });

  test('are not remembered where they are wrong or empty', () => {
    press(model, '/ "nothing ==" enter C-u enter');
    expect(memory.remembered.filters).toEqual([]);
  });
});

describe('by command', () => {
  test(':save saves the current one, and :filter @NAME and / apply it', () => {
    press(model, '/ "type == DATA" enter : "save data" enter / C-u enter');
    expect(saved()).toEqual({ data: 'type == DATA' });
    expect(model.filter).toBeUndefined();
    press(model, ': "filter @data" enter');
    expect(model.filter?.text).toBe('type == DATA');
    press(model, '/ C-u enter / "@data" enter');
    expect(model.filter?.text).toBe('type == DATA');
    expect(memory.remembered.filters).toEqual(['type == DATA']);
  });

  test('another one takes the place of the name, and that is said', () => {
    press(model, '/ "type == DATA" enter : "save data" enter / C-u "frame > 3" enter : "save data" enter');
    expect(saved()).toEqual({ data: 'frame > 3' });
    expect(model.said?.text).toBe('saved as @data, in place of type == DATA');
  });

  test(':forget takes it away', () => {
    press(model, '/ "type == DATA" enter : "save data" enter : "forget data" enter');
    expect(saved()).toEqual({});
  });

  test.each([
    ['save data', 'no filter to save'],
    ['forget nobody', 'no saved filters yet'],
    ['filter @nobody', 'no saved filters yet'],
  ])(':%s without any: %s', (command, reason) => {
    press(model, `: "${command}" enter`);
    expect(barText(model, 'complaint')).toContain(reason);
  });

  test.each(['save', 'save two words', 'save a/b', `save ${'x'.repeat(41)}`])(':%s: no name', command => {
    press(model, `/ "frame > 3" enter : "${command}" enter`);
    expect(barText(model, 'complaint')).toContain('a name has letters');
    expect(saved()).toEqual({});
  });

  test('a name that is nearly right is answered with the right one', () => {
    press(model, '/ "frame > 3" enter : "save handshake" enter / C-u "@handshak" enter');
    expect(barText(model, 'complaint')).toContain('did you mean handshake?');
  });

  test('names are completed, in the filter and behind :filter', () => {
    memory.remember({ savedFilters: { data: 'frame > 3', dubious: 'finding', other: 'frame > 4' } });
    press(model, '/ "@d"');
    expect(barText(model, 'candidates').trim().split(/\s+/)).toEqual(['@data', '@dubious']);
    press(model, 'escape : "filter @o" tab enter');
    expect(model.filter?.text).toBe('frame > 4');
    press(model, ': "forget da" tab enter');
    expect(Object.keys(saved())).toEqual(['dubious', 'other']);
  });

  test('one that holds no longer says so, and changes nothing', () => {
    memory.remember({ savedFilters: { old: 'nothing == 1' } });
    press(model, '/ "@old"');
    expect(barText(model, 'complaint')).toContain('saved as nothing == 1: unknown');
    press(model, 'enter');
    expect([model.filter, model.mode.kind]).toEqual([undefined, 'line']);
  });

  test('a name that every object has is no saved filter', () => {
    press(model, '/ "@constructor" enter');
    expect(model.mode.kind).toBe('line');
    expect(model.filter).toBeUndefined();
  });
});

describe('S', () => {
  test('without any filter says what to do', () => {
    press(model, 'S');
    expect([model.mode.kind, model.said?.text]).toEqual(['browse', expect.stringContaining('/ enters one')]);
  });

  test('saves the current one under the name that is typed', () => {
    press(model, '/ "type == DATA" enter S "data" enter');
    expect([saved(), model.mode.kind]).toEqual([{ data: 'type == DATA' }, 'browse']);
    expect(model.said?.text).toBe('saved as @data');
  });

  test('lists them, narrows by name and text, and Enter applies one', () => {
    memory.remember({ savedFilters: { data: 'type == DATA', late: 'frame > 3', init: 'type == INIT' } });
    press(model, 'S');
    expect(rows().map(row => row.trim().split(/\s+/)[1])).toEqual(['data', 'init', 'late']);
    press(model, '"TYPE"');
    expect(rows()).toHaveLength(2);
    press(model, 'down enter');
    expect([model.filter?.text, model.mode.kind]).toEqual(['type == INIT', 'browse']);
  });

  test('a whole name that is typed applies that one; the row below replaces it', () => {
    memory.remember({ savedFilters: { a: 'frame > 3', ab: 'frame > 4' } });
    press(model, '/ "finding" enter S "ab"');
    expect(rows().map(row => row.trim().split(/\s+/).slice(0, 2).join(' '))).toEqual(['saved ab', 'replace ab']);
    press(model, 'down enter');
    expect(saved().ab).toBe('finding');
  });

  test('Delete forgets one, and the list stays', () => {
    memory.remember({ savedFilters: { a: 'frame > 3', b: 'frame > 4' } });
    press(model, 'S delete');
    expect([Object.keys(saved()), model.mode.kind]).toEqual([['b'], 'picker']);
  });

  test('what came out of the file is drawn escaped', () => {
    memory.remember({ savedFilters: { evil: 'type == "\x1b]52;c;x\x07\u202e"' } });
    press(model, 'S');
    expect(rows().join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});
