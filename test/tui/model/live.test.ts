import { beforeEach, describe, expect, test } from 'vitest';
import { protocols } from '../../../dissectors/index.ts';
import { openBytes } from '../../../src/capture/open.ts';
import { Frame } from '../../../src/capture/source.ts';
import { Engine } from '../../../src/engine.ts';
import { History } from '../../../src/history/history.ts';
import { DEFAULT_ENGINE_OPTIONS } from '../../../src/run/options.ts';
import { Model } from '../../../src/tui/model/model.ts';
import { compose } from '../../../src/tui/plan/compose.ts';
import { fixtureBytes } from '../../kit/history.ts';
import { barText, framesListed, paneText, press, settle } from '../../kit/looking.ts';

/** A run over a capture that somebody is writing: `write` lets the next frames come. */
class Growing {
  readonly history: History;
  readonly bytes: { read(capture: number, position: number, length: number): Uint8Array };
  state: 'waiting' | 'ended' = 'waiting';
  live = true;
  readonly read = 0;
  readonly total = undefined;
  readonly #engine: Engine;
  readonly #frames: Frame[] = [];

  constructor(capture: Uint8Array, trust: 'complete' | 'auto') {
    this.#engine = new Engine({ ...DEFAULT_ENGINE_OPTIONS, capture: trust, protocols });
    this.history = new History(this.#engine.protocols);
    this.#engine.history = this.history;
    this.bytes = { read: (_, position, length) => capture.subarray(position, position + length) };
  }

  static async over(fixture: string, trust: 'complete' | 'auto' = 'complete'): Promise<Growing> {
    const capture = fixtureBytes(fixture);
    const growing = new Growing(capture, trust);
    const source = await openBytes(capture, fixture);
    growing.#engine.beginCapture(source.facts);
    await source.read(frame => {
      growing.#frames.push(Object.assign(new Frame(), frame, { bytes: frame.bytes.slice() }));
    });
    return growing;
  }

  write(frames: number): void {
    for (const frame of this.#frames.splice(0, frames)) this.#engine.frame(frame);
  }

  async end(): Promise<void> {
    this.#engine.closeCapture();
    await this.#engine.settle();
    this.#engine.endCapture();
    this.state = 'ended';
    this.live = false;
  }

  rates() {
    return { packets: 1234, messages: 7 };
  }

  readonly unreadable: readonly string[] = [];

  report() {
    return this.#engine.reportSoFar();
  }
}

let run: Growing;
let model: Model;

beforeEach(async () => {
  run = await Growing.over('mnet/faults.pcap');
  model = new Model(run, { settings: { decodeAs: [], dialects: [] }, themes: [] });
});

const frame = () => model.history.messages.frame(model.message);

function write(frames: number): void {
  run.write(frames);
  settle(model);
}

describe('a capture that grows', () => {
  test('is followed in the list of all messages, whichever connection the last one is of', () => {
    press(model, '7');
    write(14);
    expect([model.listed, frame(), model.connection]).toEqual([0, 14, 2]);
    write(11);
    expect([frame(), model.connection]).toEqual([25, 3]);
    press(model, 'k');
    expect(frame()).toBe(24);
  });

  test('shows nothing before there is anything, and then follows', () => {
    press(model, '2 1');
    expect(model.connection).toBe(0);
    write(1);
    expect(model.connection).toBe(1);
    write(12);
    expect(model.connection).toBe(2);
    press(model, 'enter');
    expect(frame()).toBe(13);
    write(2);
    expect(frame()).toBe(15);
    expect(barText(model, 'tabs') + barText(model, 'filter')).toContain('live 7 messages/s, 15 messages');
    model.resize(160, 50);
    expect(barText(model, 'tabs')).toContain('live 1,234 packets/s, 7 messages/s, 15 messages');
  });

  test('stays where one has moved, until G follows again', () => {
    write(5);
    press(model, '2 k');
    expect(frame()).toBe(4);
    write(3);
    expect(frame()).toBe(4);
    expect(framesListed(model)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    press(model, 'G');
    write(2);
    expect(frame()).toBe(10);
  });

  test('a pause holds the lists and loses nothing', () => {
    write(5);
    press(model, '2 p');
    write(4);
    expect(framesListed(model)).toEqual([1, 2, 3, 4, 5]);
    expect(barText(model, 'tabs') + barText(model, 'filter')).toContain('paused, 4 new');
    press(model, 'p');
    settle(model);
    expect(framesListed(model)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(frame()).toBe(9);
  });

  test('G ends a pause', () => {
    write(5);
    press(model, '2 p');
    write(4);
    press(model, 'G');
    settle(model);
    expect([model.paused, frame()]).toEqual([false, 9]);
  });

  test('a filter goes on with what comes', () => {
    press(model, '/ "type == DATA" enter');
    write(6);
    expect(model.filter?.matched).toBe(2);
    write(6);
    expect(model.filter?.matched).toBe(4);
    press(model, '2');
    expect(framesListed(model)).toHaveLength(4);
  });

  test('findings come as they are found, and the last one is followed', () => {
    write(6);
    press(model, '4');
    expect(model.lists.findings).toHaveLength(2);
    write(1);
    expect(model.lists.findings).toHaveLength(3);
    expect(model.finding?.ruleId).toBe('mnet/retransmit-differs');
  });

  test('a filter finds a message again on which something is found later', () => {
    press(model, '/ "rule == mnet/handshake-incomplete" enter');
    write(24);
    expect([model.filter?.asked, model.filter?.matched]).toEqual([24, 0]);
    write(1);
    expect([model.filter?.asked, model.filter?.matched]).toEqual([25, 1]);
    expect(framesListed(press(model, '2'))).toEqual([23]);
  });

  test('says by its version whether there is something new to draw', () => {
    write(3);
    settle(model);
    const before = model.version;
    settle(model);
    expect(model.version).toBe(before);
    write(1);
    expect(model.version).toBeGreaterThan(before);
  });
});

const title = () => compose(model).panes[0].title;
/** The row of the list that has this frame. */
const rowOfFrame = (number: number) =>
  paneText(model, 'messages').find(text => new RegExp(`^\\s*${number} `).test(text));
const status = () => barText(model, 'status').trim();

describe('the bell', () => {
  const rings = () => model.takeEffects().filter(({ kind }) => kind === 'bell').length;
  let clock = 0;
  const tick = () => model.tick(50, () => clock);

  beforeEach(() => {
    clock = 1_000_000;
    press(model, '1');
    tick();
  });

  test('is off until w switches it on', () => {
    run.write(2);
    tick();
    expect([rings(), status()]).toEqual([
      0,
      expect.stringContaining('new finding: frame 2: info mnet/ambiguous-reading'),
    ]);
    press(model, 'w');
    run.write(5);
    tick();
    expect(rings()).toBe(1);
  });

  test('rings at most once a second', () => {
    press(model, 'w');
    run.write(2);
    tick();
    clock += 400;
    run.write(3);
    tick();
    clock += 400;
    run.write(2);
    tick();
    expect([rings(), model.history.findings.list.length]).toEqual([1, 3]);
    clock += 400;
    run.write(11);
    tick();
    expect(rings()).toBe(1);
  });

  test('not for what was found before the run had caught up', () => {
    const late = new Model(run, { settings: { decodeAs: [], dialects: [] }, themes: [], bell: true });
    run.write(7);
    late.tick(50, () => clock);
    expect([late.takeEffects(), barText(late, 'status')]).toEqual([[], expect.not.stringContaining('new finding')]);
  });

  test('what has come is said until a key is pressed', () => {
    press(model, '7 G');
    run.write(7);
    tick();
    expect(status()).toMatch(/^3 new findings, the last: frame 7: error mnet\/retransmit-differs/);
    press(model, 'j');
    expect(status()).not.toContain('new finding');
  });
});

describe('what is not decided yet', () => {
  beforeEach(async () => {
    run = await Growing.over('mnet/faults.pcap', 'auto');
    model = new Model(run, { settings: { decodeAs: [], dialects: [] }, themes: [] });
    model.resize(160, 50);
  });

  const verdicts = () =>
    paneText(model, 'connections')
      .slice(1, 4)
      .map(text => /open|conformant|violations|inconclusive/.exec(text)?.[0]);

  test('a connection that goes on is open, and conformant or inconclusive once it is over', async () => {
    write(12);
    expect(verdicts()).toEqual(['violations', 'open']);
    press(model, '6');
    expect(paneText(model, 'statistics')[0]).toContain('in 2 connections (2 open), 12 messages');
    write(13);
    press(model, '1');
    expect(verdicts()).toEqual(['violations', 'violations', 'open']);
    await run.end();
    settle(model);
    expect(verdicts()).toEqual(['violations', 'violations', 'inconclusive']);
  });

  test('the title of its messages says so', () => {
    write(12);
    press(model, ': "connection 2" enter 2');
    expect(title()).toBe('Connection 2: mnet, open');
    write(10);
    expect(title()).toBe('Connection 2: mnet');
  });

  test('a finding is held, then stands', () => {
    write(17);
    press(model, '7 k j');
    expect(rowOfFrame(17)).toContain('held mnet/ack-unsent');
    expect(status()).toMatch(/^frame 17: held mnet\/ack-unsent until what follows confirms or excuses it: /);
    press(model, '4');
    expect(title()).toBe('Findings: 3, and 1 held');
    write(1);
    expect(title()).toBe('Findings: 4');
    press(model, '7');
    expect(rowOfFrame(17)).toContain('error mnet/ack-unsent');
  });

  test('a finding is held, then excused, with the reason and what to do about it', async () => {
    write(25);
    press(model, ': "connection 3" enter');
    press(model, '1');
    const connections = () => paneText(model, 'connections');
    expect(connections()[3]).toContain('held handshake-');
    await run.end();
    settle(model);
    expect(connections()[3]).not.toContain('held');
    press(model, '2');
    expect(title()).toBe('Connection 3: mnet, inconclusive');
    expect(status()).toMatch(/^connection 3 is inconclusive, because .*; capture /);
  });
});
