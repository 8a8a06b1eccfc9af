import { describe, expect, test } from 'vitest';
import { beginsKey, holdsIn, KEYS, keyName, keysAsMarkdown, printKey, rowOf } from '../../src/tui/keys.ts';
import { VIEWS } from '../../src/tui/views.ts';

describe('the key table', () => {
  test('binds every action once, to at least one key', () => {
    expect(KEYS.filter(({ keys }) => keys.length === 0)).toEqual([]);
    expect(new Set(KEYS.map(({ action }) => action)).size).toBe(KEYS.length);
  });

  test('has no key twice in a view', () => {
    for (const view of VIEWS) {
      const keys = KEYS.filter(row => holdsIn(row, view)).flatMap(row => row.keys);
      expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
    }
  });

  test('means by a key what the view has it for', () => {
    expect([rowOf('D', 'held')?.action, rowOf('D', 'conversation')?.action]).toEqual(['repeat', 'dialect']);
    expect([rowOf('d', 'held')?.action, rowOf('d', 'conversation')?.action]).toEqual(['drop', 'drop']);
  });

  test('has no key that hides the beginning of another', () => {
    const pairs = KEYS.flatMap(row => row.keys).filter(key => /^[A-Z]{2}$/.test(key));
    expect(pairs).toEqual(['ZZ']);
    expect(pairs.map(pair => rowOf(pair[0], 'connections'))).toEqual([undefined]);
    expect(beginsKey('Z')).toBe(true);
    expect(beginsKey('C')).toBe(false);
  });

  test('has something to do in every view', () => {
    for (const view of VIEWS) expect(KEYS.filter(row => holdsIn(row, view)).length).toBeGreaterThan(20);
  });

  test('makes a table for the README, a row an action, with bars escaped', () => {
    const lines = keysAsMarkdown().split('\n');
    expect(lines).toHaveLength(KEYS.length + 2);
    expect(lines.find(line => line.includes('ladder or as a list'))).toContain('`c` `\\|`');
    expect(lines.find(line => line.includes('judge again'))).toMatch(/ everywhere but in held \|$/);
  });
});

describe('names of keys', () => {
  test.each([
    ['S-q', 'Q'],
    ['Q', 'Q'],
    ['return', 'enter'],
    ['linefeed', 'enter'],
    [' ', 'space'],
    ['C-f', 'C-f'],
    ['S-tab', 'S-tab'],
    ['é', 'é'],
  ])('%s is %s in the table', (full, name) => {
    expect(keyName(full)).toBe(name);
  });

  test.each([
    ['C-f', 'Ctrl-F'],
    ['pagedown', 'PgDn'],
    ['S-tab', 'Shift-Tab'],
    ['ZZ', 'ZZ'],
  ])('%s is printed %s', (key, printed) => {
    expect(printKey(key)).toBe(printed);
  });
});
