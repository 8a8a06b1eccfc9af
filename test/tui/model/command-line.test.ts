import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Completer, EditedLine, LineHistory } from '../../../src/tui/model/command-line.ts';

const NOTHING: Completer = (_, cursor) => ({ from: cursor, candidates: [] });

/** Completes words from a list. */
function among(...words: readonly string[]): Completer {
  return (text, cursor) => {
    const from = text.lastIndexOf(' ', cursor - 1) + 1;
    return { from, candidates: words.filter(word => word.startsWith(text.slice(from, cursor))) };
  };
}

function lineOf(text: string, complete = NOTHING, history = new LineHistory()): EditedLine {
  return new EditedLine(text, history, complete);
}

/** The line after these keys, with `|` where the cursor is. */
function typed(line: EditedLine, ...keys: readonly string[]): string {
  for (const key of keys) line.press(key);
  return `${line.text.slice(0, line.cursor)}|${line.text.slice(line.cursor)}`;
}

describe('editing', () => {
  test('types where the cursor is', () => {
    expect(typed(lineOf('ac'), 'left', 'b')).toBe('ab|c');
  });

  test.each([
    [['home'], '|one two.three'],
    [['C-a', 'C-e'], 'one two.three|'],
    [['M-b'], 'one two.|three'],
    [['M-b', 'M-b'], 'one |two.three'],
    [['home', 'M-f'], 'one| two.three'],
    [['C-w'], 'one |'],
    [['C-w', 'C-w'], '|'],
    [['M-backspace'], 'one two.|'],
    [['C-u'], '|'],
    [['home', 'C-k'], '|'],
    [['home', 'M-d'], '| two.three'],
    [['home', 'delete'], '|ne two.three'],
    [['backspace', 'backspace'], 'one two.thr|'],
    [['space', 'x'], 'one two.three x|'],
  ])('%j', (keys, expected) => {
    expect(typed(lineOf('one two.three'), ...keys)).toBe(expected);
  });

  test('goes over a character of two units at once, and takes it away at once', () => {
    expect(typed(lineOf('a😀b'), 'left', 'left')).toBe('a|😀b');
    expect(typed(lineOf('a😀b'), 'left', 'backspace')).toBe('a|b');
  });

  test('leaves names of keys and controls alone', () => {
    expect(typed(lineOf('a'), 'f5', 'C-x', '\x1b', 'pageup')).toBe('a|');
  });

  test('takes pasted text on one line, and refuses what is too long', () => {
    const line = lineOf('');
    line.paste('one\ntwo\x1b]0;x\x07');
    expect(line.text).toBe('one two ]0;x ');
    expect(lineOf('x').paste('y'.repeat(5000))).toBe('none');
  });

  test('ends with enter, with escape, and with backspace in an empty line', () => {
    expect(lineOf('a').press('enter')).toBe('accepted');
    expect(lineOf('a').press('escape')).toBe('cancelled');
    expect(lineOf('').press('backspace')).toBe('cancelled');
  });
});

describe('the history', () => {
  test('is gone through, and the line that was begun comes back', () => {
    const history = new LineHistory();
    for (const text of ['first', 'second']) lineOf(text, NOTHING, history).press('enter');
    const line = lineOf('beg', NOTHING, history);
    expect(typed(line, 'up')).toBe('second|');
    expect(typed(line, 'up', 'up')).toBe('first|');
    expect(typed(line, 'down', 'down')).toBe('beg|');
  });

  test('keeps neither blank lines nor one twice in a row', () => {
    const history = new LineHistory();
    for (const text of ['a', 'a', ' ', 'b']) lineOf(text, NOTHING, history).press('enter');
    expect(history.lines).toEqual(['a', 'b']);
  });
});

describe('completion', () => {
  test('goes as far as all candidates agree, then through them, and back', () => {
    const line = lineOf('see co', among('command', 'commit', 'other'));
    expect(typed(line, 'tab')).toBe('see comm|');
    expect(typed(line, 'tab')).toBe('see command|');
    expect(line.candidates).toEqual(['command', 'commit']);
    expect(typed(line, 'tab')).toBe('see commit|');
    expect(typed(line, 'S-tab')).toBe('see command|');
    expect(typed(line, 'x')).toBe('see commandx|');
  });

  test('leaves what stands behind the cursor', () => {
    const line = lineOf('ot rest', among('other'));
    expect(typed(line, 'home', 'right', 'right', 'tab')).toBe('other| rest');
  });

  test('changes nothing where nothing fits', () => {
    expect(typed(lineOf('zz', among('other')), 'tab', 'tab')).toBe('zz|');
  });
});

test('the cursor stays within the line and outside of characters, whatever keys come', () => {
  const KEYS = ['left', 'right', 'home', 'end', 'M-b', 'M-f', 'C-w', 'M-d', 'C-u', 'C-k', 'backspace', 'delete'];
  const key = fc.oneof(fc.constantFrom(...KEYS, 'tab', 'S-tab', 'up', 'down', 'a', ' ', '.', '😀', 'é'), fc.string());
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.array(key, { maxLength: 60 }), (text, keys) => {
      const line = lineOf(text, among('alpha', 'alphabet', '😀😀'));
      for (const pressed of keys) {
        line.press(pressed);
        expect(line.cursor).toBeGreaterThanOrEqual(0);
        expect(line.cursor).toBeLessThanOrEqual(line.text.length);
        expect(line.text).not.toMatch(/\p{Cs}/u);
      }
    }),
  );
});
