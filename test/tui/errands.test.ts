/** What takes its time outside: the clipboard, folders and captures, with hosts that the test plays. */
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { StoredCapture } from '../../src/capture/stored.ts';
import { type CaptureHost, type ClipboardHost, Errands, type Opening } from '../../src/tui/errands.ts';
import type { FolderListing } from '../../src/tui/model/capture-picker.ts';
import type { Model } from '../../src/tui/model/model.ts';
import type { ClipboardProgram } from '../../src/tui/screen/clipboard.ts';
import { historyOf } from '../kit/history.ts';
import { barText, modelOf, paneText, press } from '../kit/looking.ts';
import { FakeTty } from './fake-tty.ts';

const past = await historyOf('mnet/faults.pcap');

interface Stage {
  readonly model: Model;
  readonly tty: FakeTty;
  readonly errands: Errands;
  readonly lookedAt: StoredCapture[];
  /** Does what the model has asked for. */
  perform(): Promise<void>;
}

function stage(
  hosts: { readonly clipboard?: ClipboardHost; readonly captures?: CaptureHost },
  environment: Record<string, string> = {},
): Stage {
  const model = modelOf(past);
  const tty = new FakeTty();
  Object.assign(tty.environment, environment);
  const lookedAt: StoredCapture[] = [];
  const errands = new Errands(
    { ...hosts, exportFile: async () => ({ kind: 'failed', line: 'nothing is written here' }) },
    {
      model,
      tty,
      run: () => {
        throw new Error('no run');
      },
      lookAt: capture => lookedAt.push(capture),
      changed: () => {},
      isOver: () => false,
    },
  );
  const perform = async () => {
    for (const effect of model.takeEffects())
      if (effect.kind === 'copy' || effect.kind === 'browse' || effect.kind === 'open') await errands.run(effect);
  };
  return { model, tty, errands, lookedAt, perform };
}

/** A clipboard of which these programs are there. */
class FakeClipboard implements ClipboardHost {
  readonly platform = 'linux';
  readonly given: string[] = [];
  readonly #there: readonly string[];

  constructor(...there: readonly string[]) {
    this.#there = there;
  }

  async run({ name }: ClipboardProgram, text: string): Promise<boolean> {
    this.given.push(`${name}: ${text}`);
    return this.#there.includes(name);
  }
}

describe('y', () => {
  const copied = async (clipboard: FakeClipboard, environment: Record<string, string>) => {
    const { model, tty, perform } = stage({ clipboard }, environment);
    press(model, 'y c');
    await perform();
    return { said: model.said?.text, written: tty.written, given: clipboard.given };
  };

  test('goes to the terminal, and to the first program that takes it', async () => {
    const clipboard = new FakeClipboard('xsel', 'xclip');
    const { said, written, given } = await copied(clipboard, { WAYLAND_DISPLAY: 'w', DISPLAY: ':0' });
    expect(said).toBe('copied with xclip, sent to the terminal: client');
    expect(given).toEqual(['wl-copy: 10.0.0.1:5000', 'xclip: 10.0.0.1:5000']);
    expect(written).toContain(`52;c;${btoa('10.0.0.1:5000')}`);
  });

  test('over ssh the terminal alone has the clipboard', async () => {
    const { said, given } = await copied(new FakeClipboard('xclip'), { DISPLAY: ':0', SSH_TTY: '/dev/pts/1' });
    expect([said, given]).toEqual(['sent to the terminal: client', []]);
  });

  test('in tmux its buffer has it, too, and how the terminal gets it is said', async () => {
    const { said } = await copied(new FakeClipboard('tmux'), { TMUX: 't,1,0' });
    expect(said).toMatch(/^copied to tmux's buffer, sent to the terminal: client; tmux needs set -g set-clipboard on/);
  });

  test('a program that takes its time holds nothing up, and does not speak over what was said since', async () => {
    let finish: (isTaken: boolean) => void = () => {};
    const slow: ClipboardHost = {
      platform: 'linux',
      run: () =>
        new Promise(resolve => {
          finish = resolve;
        }),
    };
    const { model, perform } = stage({ clipboard: slow }, { DISPLAY: ':0' });
    press(model, 'y c');
    const over = perform();
    expect(model.said?.text).toBe('sent to the terminal: client');
    press(model, 'n');
    const { said } = model;
    // It has been started by now.
    await turn();
    finish(true);
    await over;
    expect(model.said).toBe(said);
  });
});

const LISTING: FolderListing = { path: '/home', entries: [], omitted: 0, recent: [], now: 0 };

function captureNamed(path: string, onClose: () => void = () => {}): StoredCapture {
  return {
    path,
    live: false,
    size: 0,
    open: () => Promise.reject(new Error('not opened')),
    read: () => new Uint8Array(0),
    frame: () => undefined,
    frameAt: () => undefined,
    close: async () => onClose(),
  };
}

describe('captures', () => {
  const hostOf = (open: (path: string) => Opening | Promise<Opening>): CaptureHost => ({
    list: async folder => ({ ...LISTING, path: folder ?? '/home' }),
    open: async path => open(path),
  });

  test('a folder that is chosen is listed, and a capture is looked at', async () => {
    const { model, perform, lookedAt } = stage({
      captures: hostOf(path =>
        path.endsWith('/')
          ? { kind: 'folder', listing: { ...LISTING, path } }
          : { kind: 'capture', capture: captureNamed(path) },
      ),
    });
    press(model, 'O');
    await perform();
    press(model, '"/deeper/" enter');
    await perform();
    expect(model.mode).toMatchObject({ kind: 'picker', typed: '', source: { title: 'Open a capture: /deeper/' } });
    press(model, '"/x.pcap" enter');
    await perform();
    expect(lookedAt.map(({ path }) => path)).toEqual(['/x.pcap']);
  });

  test('what is none is answered where it was chosen: in the list, or in the line', async () => {
    const { model, perform } = stage({ captures: hostOf(() => ({ kind: 'failed', line: 'no capture' })) });
    press(model, 'O "/x" enter');
    await perform();
    expect(barText(model, 'status')).toContain('no capture');
    expect(paneText(model, 'notice')[0]).toContain('/x');
    press(model, 'escape escape : "open x.txt" enter');
    await perform();
    expect(barText(model, 'prompt')).toContain(':open x.txt');
    expect(barText(model, 'complaint')).toContain('no capture');
  });

  test('of two that are chosen one after the other the last one holds, and the first is closed', async () => {
    const closed: string[] = [];
    const waiting: ((opening: Opening) => void)[] = [];
    const { model, errands, lookedAt } = stage({
      captures: hostOf(() => new Promise(resolve => waiting.push(resolve))),
    });
    press(model, ': "open a" enter : "open b" enter');
    const both = model.takeEffects().map(effect => (effect.kind === 'open' ? errands.run(effect) : undefined));
    for (const [index, resolve] of waiting.entries())
      resolve({ kind: 'capture', capture: captureNamed(`${index}`, () => closed.push(`${index}`)) });
    await Promise.all(both);
    expect([lookedAt.map(({ path }) => path), closed]).toEqual([['1'], ['0']]);
  });
});
