import { describe, expect, test } from 'vitest';
import {
  type CopyOutcome,
  clipboardPrograms,
  copyInWords,
  copySequence,
  MAX_COPY,
  tmuxProgram,
} from '../../../src/tui/screen/clipboard.ts';

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

describe('programs', () => {
  const names = (environment: Record<string, string>, platform = 'linux') =>
    clipboardPrograms(environment, platform).map(({ name }) => name);

  test.each<[Record<string, string>, string, readonly string[]]>([
    [{}, 'linux', []],
    [{ WAYLAND_DISPLAY: 'wayland-0', DISPLAY: ':0' }, 'linux', ['wl-copy', 'xclip', 'xsel']],
    [{ DISPLAY: ':0' }, 'linux', ['xclip', 'xsel']],
    [{}, 'darwin', ['pbcopy']],
    [{ DISPLAY: ':0', SSH_CONNECTION: '10.0.0.1 5 10.0.0.2 22' }, 'linux', []],
    [{ SSH_TTY: '/dev/pts/3' }, 'darwin', []],
  ])('%j on %s: %j', (environment, platform, expected) => {
    expect(names(environment, platform)).toEqual(expected);
  });

  test('tmux takes it into its buffer, also over ssh', () => {
    expect(tmuxProgram({ TMUX: '/tmp/tmux-0/default,1,0', SSH_TTY: '/dev/pts/3' })?.args).toEqual([
      'load-buffer',
      '-w',
      '-',
    ]);
    expect(tmuxProgram({})).toBeUndefined();
  });
});

describe('what is said', () => {
  const said = (outcome: Partial<CopyOutcome>) =>
    copyInWords({ what: 'client', isSent: true, takenBy: [], isInTmux: false, ...outcome });

  test('never more than is known', () => {
    expect(said({})).toBe('sent to the terminal: client');
    expect(said({ takenBy: ['wl-copy'] })).toBe('copied with wl-copy, sent to the terminal: client');
    expect(said({ isSent: false, takenBy: ['xsel'] })).toBe('copied with xsel: client');
    expect(said({ isSent: false })).toBe('too long to copy: client; :write FILE writes it to a file');
  });

  test('in tmux how it is let through, unless it came another way', () => {
    expect(said({ isInTmux: true })).toContain('set -g set-clipboard on');
    expect(said({ isInTmux: true, takenBy: ['tmux'] })).toMatch(
      /^copied to tmux's buffer, sent to the terminal: client; .*allow-passthrough on$/,
    );
    expect(said({ isInTmux: true, takenBy: ['xclip', 'tmux'] })).not.toContain('set-clipboard');
  });
});
