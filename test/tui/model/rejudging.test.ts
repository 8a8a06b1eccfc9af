import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Finding } from '../../../src/lint/finding.ts';
import { changesBetween, changesInWords } from '../../../src/tui/model/changes.ts';
import type { Model } from '../../../src/tui/model/model.ts';
import { compose } from '../../../src/tui/plan/compose.ts';
import { historyOf, type PastRun } from '../../kit/history.ts';
import { barText, modelOf, paneText, press, runOf, settle } from '../../kit/looking.ts';

let past: PastRun;
let other: PastRun;
let model: Model;

beforeAll(async () => {
  past = await historyOf('mnet/faults.pcap');
  other = await historyOf('mnet/faults.pcap', { severities: new Map([['mnet/ack-unsent', 'off']]) });
});

beforeEach(() => {
  model = modelOf(past);
});

const settingsAsked = () =>
  model.takeEffects().map(effect => (effect.kind === 'rejudge' ? effect.settings : undefined));
const decodeAsAsked = () => settingsAsked().flatMap(settings => settings?.decodeAs);
const dialectsAsked = () => settingsAsked().flatMap(settings => settings?.dialects);

const frame = () => model.history.messages.frame(model.message);

describe('decode as', () => {
  test("m begins with the server's port, completes protocols, and asks for another run", () => {
    press(model, 'm');
    expect(barText(model, 'prompt').trim()).toBe('decode as: udp.port==26999,');
    press(model, 'mn tab enter'.replace('mn', '"mn"'));
    expect(model.takeEffects()).toEqual([
      {
        kind: 'rejudge',
        settings: { decodeAs: ['udp.port==26999,mnet'], dialects: [] },
        setting: 'udp.port==26999,mnet',
      },
    ]);
  });

  test('what cannot be is said, and the line stays', () => {
    press(model, 'm "filestorage" enter');
    expect(barText(model, 'complaint')).toContain('not carried by udp');
    expect(model.takeEffects()).toEqual([]);
    press(model, 'escape : "decode udp.port==1,nobody" enter');
    expect(barText(model, 'complaint')).toContain('unknown protocol nobody');
  });

  test('none takes the mapping away again, and asks for another run', () => {
    model = modelOf(past, { settings: { decodeAs: ['udp.port==26999,ministreaming'], dialects: [] } });
    press(model, 'm "no" tab enter');
    expect(model.takeEffects()).toEqual([
      { kind: 'rejudge', settings: { decodeAs: [], dialects: [] }, setting: 'udp.port==26999,none' },
    ]);
  });

  test.each(['udp.port==7000,mnet', '-d udp.port==7000,mnet', ' --decode-as udp.port==7000,mnet\n'])(
    '%j of a command line takes the place of what the line begins with',
    text => {
      press(model, 'm');
      model.paste(text);
      expect(barText(model, 'prompt').trim()).toBe(`decode as: ${text.trim()}`);
      press(model, 'enter');
      expect(decodeAsAsked()).toEqual(['udp.port==7000,mnet']);
      // A terminal that does not say what is pasted sends it as keys.
      press(model, `m "${text.trim()}" enter`);
      expect(decodeAsAsked()).toEqual(['udp.port==7000,mnet']);
      press(model, `: "decode ${text.trim()}" enter`);
      expect(decodeAsAsked()).toEqual(['udp.port==7000,mnet']);
    },
  );

  test('a protocol that is pasted goes behind the port', () => {
    press(model, 'm');
    model.paste('ministreaming');
    expect(barText(model, 'prompt').trim()).toBe('decode as: udp.port==26999,ministreaming');
  });

  test('what holds already is said, and nothing is read again', () => {
    press(model, 'm "none" enter');
    expect(model.mode.kind).toBe('browse');
    expect(barText(model, 'status')).toContain('udp.port==26999,none: already set');
    press(model, 'D "tags=auto" enter');
    expect(barText(model, 'status')).toContain('mnet.tags=auto: already set');
    expect(model.takeEffects()).toEqual([]);
  });
});

describe('a dialect', () => {
  test('D completes options and values, tells what they mean, and asks for another run', () => {
    press(model, 'D');
    expect(barText(model, 'prompt').trim()).toBe('dialect: mnet.');
    press(model, '"ta" tab');
    expect(barText(model, 'complaint')).toContain('now auto');
    press(model, '"se" tab enter');
    expect(model.takeEffects()).toEqual([
      { kind: 'rejudge', settings: { decodeAs: [], dialects: ['mnet.tags=sender'] }, setting: 'mnet.tags=sender' },
    ]);
  });

  test.each(['mnet.tags=initiator', '--dialect mnet.tags=initiator'])(
    '%s of the README takes the place of what the line begins with, pasted or typed',
    text => {
      press(model, 'D');
      model.paste(text);
      expect(barText(model, 'prompt').trim()).toBe(`dialect: ${text}`);
      expect(barText(model, 'complaint')).toContain('now auto');
      press(model, 'enter');
      expect(dialectsAsked()).toEqual(['mnet.tags=initiator']);
      press(model, `D "${text}"`);
      expect(barText(model, 'complaint')).toContain('now auto');
      press(model, 'enter');
      expect(dialectsAsked()).toEqual(['mnet.tags=initiator']);
      press(model, `: "dialect ${text}" enter`);
      expect(dialectsAsked()).toEqual(['mnet.tags=initiator']);
    },
  );

  test('what is pasted into a line that somebody has gone on with goes where the cursor is', () => {
    press(model, 'D "ta"');
    model.paste('gs=initiator');
    expect(barText(model, 'prompt').trim()).toBe('dialect: mnet.tags=initiator');
    press(model, 'escape D "x"');
    model.paste('mnet.tags=initiator');
    expect(barText(model, 'prompt').trim()).toBe('dialect: mnet.xmnet.tags=initiator');
  });
});

describe('another run', () => {
  test('keeps the place, and says what has changed, with the details in a notice', () => {
    press(model, '2 n n M');
    expect(frame()).toBe(17);
    model.adopt(runOf(other), { decodeAs: [], dialects: ['mnet.tags=sender'] }, 'mnet.tags=sender');
    settle(model);
    expect([model.view, model.connection, frame()]).toEqual(['conversation', 2, 17]);
    expect(model.settings.dialects).toEqual(['mnet.tags=sender']);
    expect(barText(model, 'status')).toContain('connection 2: 1 finding gone; run: 1 finding gone');
    expect(paneText(model, 'notice').join('\n')).toContain('mnet/ack-unsent');
    expect(compose(model).panes.at(-1)?.title).toBe('mnet.tags=sender; Esc closes');
    expect(paneText(model, 'notice')[0]).toBe('connection 2: 1 finding gone; run: 1 finding gone');
    press(model, 'escape');
    expect(compose(model).panes.some(({ kind }) => kind === 'notice')).toBe(false);
    press(model, "g ' a");
    expect(frame()).toBe(17);
  });

  test('is waited for while it reads', () => {
    press(model, '2 n n n n');
    let state: 'reading' | 'ended' = 'reading';
    const run = {
      ...runOf(other),
      get state() {
        return state;
      },
    };
    model.adopt(run, model.settings, 'x');
    settle(model);
    expect(model.mode.kind).toBe('browse');
    state = 'ended';
    settle(model);
    expect(model.mode.kind).toBe('notice');
  });

  test('that gives the same says so, without a notice', async () => {
    model.adopt(runOf(await historyOf('mnet/faults.pcap')), model.settings, 'x');
    settle(model);
    expect(barText(model, 'status')).toContain('x: run: no finding gone or new');
    expect(model.mode.kind).toBe('browse');
  });

  test('that has nothing of it leaves nothing to look at, and fails at nothing', async () => {
    press(model, '2 n M');
    model.adopt(runOf(await historyOf('captures/empty.pcap')), model.settings, 'x');
    settle(model);
    press(model, "escape 1 2 3 4 5 6 ' a 2 n");
    expect([model.connection, model.message]).toEqual([0, -1]);
  });

  test('lists what has gone with frames and connections in columns', async () => {
    model = modelOf(past, {}, {});
    model.adopt(runOf(await historyOf('captures/empty.pcap')), model.settings, 'x');
    settle(model);
    const [, , ...rows] = paneText(model, 'notice');
    expect(rows.map(row => /frame +\d+ {2}conn \d {2}/.exec(row)?.[0])).toEqual(
      [2, 5, 7, 17, 20, 23].map(
        (frame, index) => `frame ${String(frame).padStart(2)}  conn ${[1, 1, 1, 2, 2, 3][index]}  `,
      ),
    );
  });

  test.each([
    ['escape', 'connections'],
    ['q', 'connections'],
    ['enter', 'connections'],
    ['4', 'findings'],
    ['?', 'help'],
  ])('%s puts the notice away, and leads to %s', (key, view) => {
    model.adopt(runOf(other), model.settings, 'x');
    settle(model);
    expect(model.mode.kind).toBe('notice');
    press(model, key);
    expect([model.mode.kind, model.view]).toEqual(['browse', view]);
  });

  test('j goes on in the list where all of the notice is seen', () => {
    model.adopt(runOf(other), model.settings, 'x');
    settle(model);
    press(model, 'j');
    expect([model.mode.kind, model.connection]).toEqual(['browse', 2]);
  });

  test('keeps the filter', () => {
    press(model, '/ "severity == error" enter');
    model.adopt(runOf(other), model.settings, 'x');
    settle(model);
    expect(model.filter?.matched).toBe(2);
  });

  test('is compared as far as the one before was read', () => {
    const half: PastRun = { ...other };
    model = modelOf(half, {}, { state: 'reading' });
    model.adopt(runOf(past), model.settings, 'x');
    settle(model);
    expect(barText(model, 'status')).toContain('run: 1 finding new');
  });
});

describe('changes', () => {
  const finding = (ruleId: string, frame: number) => ({ ruleId, frame, capture: 0, from: 'a', to: 'b' }) as Finding;

  test('are counted where one finding stands twice', () => {
    const twice = [finding('x', 1), finding('x', 1), finding('y', 2)];
    const changes = changesBetween(twice, [finding('x', 1), finding('z', 2)]);
    expect(changes.gone.map(({ ruleId }) => ruleId)).toEqual(['x', 'y']);
    expect(changes.fresh.map(({ ruleId }) => ruleId)).toEqual(['z']);
    expect(changesInWords(changes)).toBe('2 findings gone, 1 new');
  });

  test.each([
    [0, 0, 'no finding gone or new'],
    [1, 0, '1 finding gone'],
    [0, 2, '2 findings new'],
  ])('in words: %i gone, %i new', (gone, fresh, words) => {
    const some = (count: number) => Array.from({ length: count }, () => finding('x', 1));
    expect(changesInWords({ gone: some(gone), fresh: some(fresh) })).toBe(words);
  });
});
