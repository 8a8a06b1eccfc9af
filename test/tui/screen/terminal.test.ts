import { describe, expect, test } from 'vitest';
import { Terminal } from '../../../src/tui/screen/terminal.ts';
import { FakeTty } from '../fake-tty.ts';

const ON = (mode: number) => `\x1b[?${mode}h`;
const OFF = (mode: number) => `\x1b[?${mode}l`;

/** Alternate screen, mouse and paste are on when it is taken; cursor and wrapping are off. */
const MODES = [1049, 1000, 1006, 2004];
const OPPOSITES = [25, 7];

function taken() {
  const tty = new FakeTty();
  const terminal = new Terminal(tty);
  terminal.take();
  const before = tty.written;
  tty.written = '';
  tty.deeds.length = 0;
  return { tty, terminal, before };
}

function expectWhole(tty: FakeTty): void {
  for (const mode of MODES) expect(tty.written).toContain(OFF(mode));
  for (const mode of OPPOSITES) expect(tty.written).toContain(ON(mode));
  expect(tty.deeds).toContain('cooked');
}

test('what is taken is given back, once', () => {
  const { tty, terminal, before } = taken();
  for (const mode of MODES) expect(before).toContain(ON(mode));
  for (const mode of OPPOSITES) expect(before).toContain(OFF(mode));
  terminal.giveBack();
  expectWhole(tty);
  tty.written = '';
  terminal.giveBack();
  expect(tty.written).toBe('');
});

test('neither the title nor the clipboard is touched', () => {
  const { tty, terminal, before } = taken();
  terminal.giveBack();
  expect(before + tty.written).not.toMatch(/\]/);
});

describe('whichever way it ends', () => {
  test.each(['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const)('%s: given back, and ended by that signal', signal => {
    const { tty } = taken();
    tty.endsBy(signal);
    expectWhole(tty);
    expect(tty.deeds).toEqual(['cooked', signal]);
  });

  test('where the program ends in order: given back, and left to it; a second time, ended', () => {
    const { tty, terminal } = taken();
    terminal.mayEndInOrder = () => true;
    tty.endsBy('SIGTERM');
    expectWhole(tty);
    expect(tty.deeds).toEqual(['cooked']);
    tty.endsBy('SIGTERM');
    expect(tty.deeds).toEqual(['cooked', 'SIGTERM']);
  });

  test('a crash: given back before anything is said', () => {
    const { tty } = taken();
    tty.crashes();
    expectWhole(tty);
  });
});

describe('when it is stopped', () => {
  test('the shell gets it whole, and it comes back as it was', () => {
    const { tty, terminal } = taken();
    let returned = 0;
    terminal.onReturn = () => returned++;
    tty.stops();
    expectWhole(tty);
    expect(tty.deeds).toEqual(['cooked', 'stopped']);
    tty.written = '';
    tty.continues();
    for (const mode of MODES) expect(tty.written).toContain(ON(mode));
    expect(tty.deeds.at(-1)).toBe('raw');
    expect(returned).toBe(1);
  });

  test('and nobody would let it go on, it goes on by itself', async () => {
    const { tty, terminal } = taken();
    const returned = new Promise<void>(resolve => {
      terminal.onReturn = resolve;
    });
    terminal.suspend();
    await returned;
    expect(tty.deeds).toEqual(['cooked', 'stopped', 'raw']);
  });

  test('without a signal to handle (SIGSTOP), the modes are set again when it goes on', () => {
    const { tty } = taken();
    tty.continues();
    expect(tty.deeds).toEqual(['cooked', 'raw']);
    for (const mode of MODES) expect(tty.written).toContain(ON(mode));
  });
});
