import { beforeEach, describe, expect, test } from 'vitest';
import { protocols } from '../../../dissectors/index.ts';
import { openBytes } from '../../../src/capture/open.ts';
import { Frame } from '../../../src/capture/source.ts';
import { Engine } from '../../../src/engine.ts';
import { History } from '../../../src/history/history.ts';
import { DEFAULT_ENGINE_OPTIONS } from '../../../src/run/options.ts';
import { Model } from '../../../src/tui/model/model.ts';
import { fixtureBytes } from '../../kit/history.ts';
import { barText, framesListed, press, settle } from '../../kit/looking.ts';

/** A run over a capture that somebody is writing: `write` lets the next frames come. */
class Growing {
  readonly history: History;
  readonly bytes: { read(capture: number, position: number, length: number): Uint8Array };
  readonly state = 'waiting';
  readonly live = true;
  readonly read = 0;
  readonly total = undefined;
  readonly #engine = new Engine({ ...DEFAULT_ENGINE_OPTIONS, capture: 'complete', protocols });
  readonly #frames: Frame[] = [];

  constructor(capture: Uint8Array) {
    this.history = new History(this.#engine.protocols);
    this.#engine.history = this.history;
    this.bytes = { read: (_, position, length) => capture.subarray(position, position + length) };
  }

  static async over(fixture: string): Promise<Growing> {
    const capture = fixtureBytes(fixture);
    const growing = new Growing(capture);
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

  rates() {
    return { packets: 7, messages: 7 };
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
    expect(barText(model, 'tabs') + barText(model, 'filter')).toContain('live 7 packets/s');
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
