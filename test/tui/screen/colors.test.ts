import { describe, expect, test } from 'vitest';
import { colorOf, keepsTrueColor, nearestOf16, nearestOf256, withTrueColors } from '../../../src/tui/screen/colors.ts';

describe('a colour', () => {
  test.each([
    [0, 0],
    [255, 255],
    ['red', 1],
    ['bright-white', 15],
    ['#FF8800', '#ff8800'],
    [256, undefined],
    [-1, undefined],
    [1.5, undefined],
    ['#f80', undefined],
    ['rot', undefined],
    [true, undefined],
  ])('%s is %s', (written, color) => {
    expect(colorOf(written)).toBe(color);
  });

  test.each([
    ['#ff0000', 196],
    ['#080808', 232],
    ['#5f87af', 67],
    ['#767676', 243],
  ] as const)('%s is nearest to %i of the upper 240', (color, index) => {
    expect(nearestOf256(color)).toBe(index);
  });

  test('that is taken leaves the next one', () => {
    expect(nearestOf256('#ff0000', new Set([196]))).not.toBe(196);
  });

  test.each([
    [7, 7],
    ['#ff0010', 9],
    [196, 9],
    [232, 0],
  ] as const)('%s is %i of 16', (color, index) => {
    expect(nearestOf16(color)).toBe(index);
  });
});

describe('true colours reach the screen', () => {
  test.each([
    ['where the terminal says so', { COLORTERM: 'truecolor', TERM: 'xterm-256color' }, true],
    ['or says it in the other word', { COLORTERM: '24bit' }, true],
    ['not where it says nothing', { TERM: 'xterm-256color' }, false],
    [
      'through a tmux that is new enough to say its name',
      { COLORTERM: 'truecolor', TMUX: '/tmp/x', TERM_PROGRAM: 'tmux' },
      true,
    ],
    ['not through an older one', { COLORTERM: 'truecolor', TMUX: '/tmp/x', TERM: 'screen-256color' }, false],
    ['not through a tmux over ssh', { COLORTERM: 'truecolor', TERM: 'tmux-256color' }, false],
    ['not through screen', { COLORTERM: 'truecolor', STY: '1.tty', TERM: 'screen' }, false],
  ])('%s', (_, environment, keeps) => {
    expect(keepsTrueColor(environment)).toBe(keeps);
  });

  test('in place of the indexes that stand for them, and of no others', () => {
    const exact = new Map([[196, '#ff0102'] as const]);
    const written = withTrueColors('\x1b[1;38;5;196;48;5;19;m196 38;5;196 \x1b[48;5;196m\x1b[38;5;1961m', exact);
    expect(written).toBe('\x1b[1;38;2;255;1;2;48;5;19;m196 38;5;196 \x1b[48;2;255;1;2m\x1b[38;5;1961m');
  });
});
