import { expect, test } from 'vitest';
import { copySequence, MAX_COPY } from '../../../src/tui/screen/clipboard.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

test('text travels as base64, so that nothing in it ends the sequence', () => {
  const text = '\x1b\\ \x07 {bold} é';
  expect(copySequence(text, { TERM: 'xterm-256color' })).toBe(`\x1b]52;c;${base64(text)}\x07`);
});

test('what is longer than terminals take is not sent', () => {
  expect(copySequence('x'.repeat(MAX_COPY), {})).toBeDefined();
  expect(copySequence('x'.repeat(MAX_COPY + 1), {})).toBeUndefined();
  expect(copySequence('é'.repeat(MAX_COPY / 2 + 1), {})).toBeUndefined();
});

test('inside tmux it is offered to tmux, and to the terminal around it', () => {
  const osc = `\x1b]52;c;${base64('abc')}\x07`;
  expect(copySequence('abc', { TERM: 'screen-256color', TMUX: '/tmp/tmux-0/default,1,0' })).toBe(
    `${osc}\x1bPtmux;\x1b${osc}\x1b\\`,
  );
});

test('inside screen it is handed through in pieces that screen takes', () => {
  const sequence = copySequence('x'.repeat(1000), { TERM: 'screen' })!;
  const pieces = sequence.split('\x1b\\').slice(0, -1);
  expect(pieces.every(piece => piece.startsWith('\x1bP') && piece.length <= 256)).toBe(true);
  expect(pieces.map(piece => piece.slice(2)).join('')).toBe(`\x1b]52;c;${base64('x'.repeat(1000))}\x07`);
});
