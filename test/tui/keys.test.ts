import { describe, expect, test } from 'vitest';
import { KeyMap, keyMapOf } from '../../src/tui/key-map.ts';
import { holdsIn, KEYS, keyName, keysAsMarkdown, printKey } from '../../src/tui/keys.ts';
import { VIEWS } from '../../src/tui/views.ts';

const MAP = new KeyMap();

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
    expect([MAP.rowOf('D', 'held')?.action, MAP.rowOf('D', 'conversation')?.action]).toEqual(['repeat', 'dialect']);
    expect([MAP.rowOf('d', 'held')?.action, MAP.rowOf('d', 'conversation')?.action]).toEqual(['drop', 'drop']);
  });

  test('has no key that hides the beginning of another', () => {
    const pairs = KEYS.flatMap(row => row.keys).filter(key => /^[A-Z]{2}$/.test(key));
    expect(pairs).toEqual(['ZZ']);
    expect(pairs.map(pair => MAP.rowOf(pair[0], 'connections'))).toEqual([undefined]);
    expect(MAP.begins('Z')).toBe(true);
    expect(MAP.begins('C')).toBe(false);
  });

  test('has something to do in every view', () => {
    for (const view of VIEWS) expect(KEYS.filter(row => holdsIn(row, view)).length).toBeGreaterThan(20);
  });

  test('makes a table for the README, a row an action, with bars escaped', () => {
    const lines = keysAsMarkdown().split('\n');
    expect(lines).toHaveLength(KEYS.length + 2);
    expect(lines.find(line => line.includes('ladder or as a list'))).toContain('`c` `\\|`');
    expect(lines.find(line => line.includes('judge again'))).toMatch(/ everywhere but in held \| `dialect` \|$/);
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

describe('keys in place of those of the table', () => {
  const keysOf = (action: string, ...words: string[]) => {
    const map = keyMapOf(words);
    return map instanceof KeyMap ? map.table.find(row => row.action === action)?.keys : map.advice;
  };

  test('take their place, and others stay', () => {
    const words = ['next-finding=C-n', 'counts=f5 Ctrl-X'];
    expect(keysOf('next-finding', ...words)).toEqual(['C-n']);
    expect(keysOf('counts', ...words)).toEqual(['f5', 'C-x']);
    expect(keysOf('down', ...words)).toEqual(['j', 'down']);
    const map = keyMapOf(words) as KeyMap;
    expect([map.rowOf('n', 'connections'), map.rowOf('C-n', 'connections')?.action, map.print('next-finding')]).toEqual(
      [undefined, 'next-finding', 'Ctrl-N'],
    );
  });

  test.each([
    ['as people are shown them', 'page-down=PgDn Space', ['pagedown', 'space']],
    ['= itself', 'compare==', ['=']],
    ['two, one after the other', 'top=gg', ['gg']],
    ['none', 'suspend=', []],
  ])('%s', (_, word, keys) => {
    expect(keysOf(word.slice(0, word.indexOf('=')), word)).toEqual(keys);
  });

  test('two actions may change places', () => {
    const words = ['next-finding=N', 'previous-finding=n'];
    expect([keysOf('next-finding', ...words), keysOf('previous-finding', ...words)]).toEqual([['N'], ['n']]);
  });

  test('one key may be two actions in views that do not meet', () => {
    expect(keysOf('drop', 'drop=u')).toEqual(['u']);
    expect(keysOf('sort', 'sort=s')).toEqual(['s']);
  });

  test.each([
    ['an action that there is not', 'next-findings=n', /^unknown action next-findings; did you mean next-finding\?$/],
    ['a key that there is not', 'down=pagedwn', /^unknown key pagedwn; did you mean pagedown\?$/],
    ['a key of another action there', 'down=n', /^n is the key of next-finding, too; give one of them another key$/],
    ['a key of another action in some of its views', 'time=o', /^o is the key of sort, too/],
    ['the beginning of two keys', 'down=Z', /^Z does not go with ZZ of quit, too/],
    ['two keys of which the first is one', 'down=jk tk', /^tk does not go with t of time, too/],
    ['no key to quit', 'quit=', /^quit needs a key$/],
    ['no action', 'n', /^write ACTION=KEY/],
  ])('%s is refused', (_, word, advice) => {
    expect(keysOf('down', word)).toMatch(advice);
  });
});
