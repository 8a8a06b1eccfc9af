/**
 * What is held on a guarded flow, changed and forwarded: by commands and by keys, in the words of the protocols, down to the bytes
 * that the other side gets.
 */
import { describe, expect, test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import { Breakpoint } from '../../src/faults/breakpoint.ts';
import { catalogueOf } from '../../src/filter/catalogue.ts';
import { makeFilter } from '../../src/filter/filter.ts';
import { HeldEditing } from '../../src/held-editing.ts';
import { ControlDesk } from '../../src/proxy/control/desk.ts';
import { ControlSession, holdEvent } from '../../src/proxy/control/session.ts';
import type { ControlStatus, Controls } from '../../src/proxy/controls.ts';
import { WatchedHolds } from '../../src/proxy/watched-holds.ts';
import { Intercepting } from '../../src/tui/intercepting.ts';
import { ProxyLog } from '../../src/tui/model/proxy-log.ts';
import { answerIn } from '../kit/control-lines.ts';
import { CLIENT, GuardBench, SERVER } from '../kit/guard-bench.ts';
import { historyOf } from '../kit/history.ts';
import { barText, modelOf, paneText, press, settle } from '../kit/looking.ts';
import * as mnet from '../kit/mnet.ts';
import { mqtt } from '../kit/mqtt.ts';

const v4 = mqtt(4);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** A guarded proxy that holds what a filter matches, and its control socket, without the socket. */
class Stage implements Controls {
  readonly holds: WatchedHolds;
  readonly bench: GuardBench;
  readonly editing: HeldEditing;
  readonly session: ControlSession;
  readonly events: object[] = [];
  readonly #breakpoint = new Breakpoint();

  constructor(protocol: string, carrier: 'stream' | 'datagrams', filter: string) {
    this.editing = new HeldEditing({
      protocols,
      dialects: new Map(),
      transportOf: () => (carrier === 'stream' ? 'tcp' : 'udp'),
    });
    this.bench = new GuardBench({ protocol, carrier, overseers: [this.#breakpoint] });
    this.holds = new WatchedHolds(this.bench.guard.holds);
    this.setBreak(filter);
    const desk = new ControlDesk({
      controls: this,
      editing: this.editing,
      reportSoFar: () => this.bench.run.reportsSoFar()[0],
      stop: () => {},
      tool: { name: 'wirelint', version: '1.2.3' },
    });
    this.session = new ControlSession(desk, error => {
      throw error;
    });
    this.ask({ command: 'subscribe' });
    this.holds.watch(news => {
      this.events.push(answerIn(this.session.event(holdEvent(news, this.bench.timers.now)) ?? ''));
    });
    this.bench.connect();
  }

  setBreak(text: string | undefined): void {
    this.#breakpoint.condition =
      text === undefined ? undefined : { text, matches: makeFilter(text, catalogueOf(protocols), 'messages') };
  }

  setFaults(): void {}

  status(): ControlStatus {
    return { pairs: [], breakOn: this.#breakpoint.condition?.text, faults: [], packets: 0 };
  }

  // biome-ignore lint/suspicious/noExplicitAny: what stands in it, tests ask
  ask(request: object): any {
    return answerIn(this.session.line(JSON.stringify(request)) ?? '');
  }

  /** What the server has got. */
  get got(): readonly string[] {
    return this.bench.got[SERVER];
  }
}

const init = mnet.parties().C.init().bytes;
const publish = v4.publish({ topic: 'a', qos: 1, id: 1 });

/** INIT with another tag. */
function tagged(tag: string): string {
  return hex(init).replace(hex(init.subarray(6, 9)), tag);
}

describe('by commands', () => {
  test('a datagram is shown with its fields, and passed on with one of them changed', () => {
    const stage = new Stage('mnet', 'datagrams', 'type == INIT');
    stage.bench.say(CLIENT, init);
    expect(stage.got).toEqual([]);
    const { held } = stage.ask({ command: 'show', hold: 1 });
    expect(held).toMatchObject({ from: 'client', cause: 'type == INIT', hex: hex(init), messages: [{ name: 'INIT' }] });
    expect(held.messages[0].fields.tag.value).toBe(hex(init.subarray(6, 9)));
    const { note } = stage.ask({ command: 'forward', hold: 1, set: 'mnet.tag = 0x010203' });
    expect(note).toMatch(/^mnet\.tag = 0x010203 \(was 0x/);
    expect(stage.got).toEqual([tagged('010203')]);
    expect(stage.bench.deeds.map(({ kind, by }) => [kind, by])).toEqual([['replace', 'interception']]);
    expect(stage.events).toMatchObject([
      { event: 'held', held: { hold: 1 } },
      { event: 'released', hold: 1, how: 'forwarded', note },
    ]);
  });

  test('a message of a stream that grows has the right length again, unless that is not wanted', () => {
    const stage = new Stage('mqtt', 'stream', 'type == PUBLISH');
    stage.bench.say(CLIENT, v4.connect()).say(SERVER, v4.connack());
    stage.bench.say(CLIENT, publish).say(CLIENT, publish).say(CLIENT, v4.pingreq());
    expect(stage.ask({ command: 'list' }).held.map(({ hold }: { hold: number }) => hold)).toEqual([1]);
    stage.ask({ command: 'forward', hold: 1, set: 'mqtt.topic = "longer"' });
    const longer = v4.publish({ topic: 'longer', qos: 1, id: 1 });
    expect(stage.got).toEqual([hex(v4.connect()), hex(longer)]);
    stage.ask({ command: 'forward', hold: 2, set: 'mqtt.packetIdentifier = 7', mend: false });
    const seventh = v4.publish({ topic: 'a', qos: 1, id: 7 });
    expect(stage.got.slice(2)).toEqual([hex(seventh), hex(v4.pingreq())]);
  });

  test('other bytes take the place of a message, with the lengths around them', () => {
    const stage = new Stage('mqtt', 'stream', 'type == PUBLISH');
    stage.bench.say(CLIENT, v4.connect()).say(CLIENT, publish).say(CLIENT, v4.pingreq());
    const other = v4.publish({ topic: 'b', qos: 1, id: 1 });
    stage.ask({ command: 'forward', hold: 1, bytes: hex(other) });
    expect(stage.got.slice(1)).toEqual([hex(other), hex(v4.pingreq())]);
  });

  test('what is sent to a side is given to it, on the flow that is open', () => {
    const stage = new Stage('mqtt', 'stream', 'type == PUBLISH');
    stage.bench.say(CLIENT, v4.connect());
    stage.ask({ command: 'send', flow: 1, to: 'client', bytes: hex(v4.connack()) });
    expect(stage.bench.got[CLIENT]).toEqual([hex(v4.connack())]);
  });

  test('datagrams are let go in any order', () => {
    const stage = new Stage('mnet', 'datagrams', 'type == INIT');
    const all = ['010203', '040506', '070809'].map(tag => Buffer.from(tagged(tag), 'hex'));
    for (const bytes of all) stage.bench.say(CLIENT, bytes);
    for (const hold of [2, 3, 1]) stage.ask({ command: 'forward', hold });
    expect(stage.got).toEqual(['040506', '070809', '010203'].map(tagged));
    expect(stage.ask({ command: 'flows' }).flows).toMatchObject([{ flow: 1, held: 0 }]);
  });

  test('what is held from now on is another matter', () => {
    const stage = new Stage('mnet', 'datagrams', 'type == DATA');
    stage.bench.say(CLIENT, init);
    stage.ask({ command: 'break-on', filter: 'mnet' });
    stage.bench.say(CLIENT, init);
    expect(stage.got).toEqual([hex(init)]);
    stage.ask({ command: 'break-on', filter: null });
    stage.ask({ command: 'repeat', hold: 1 });
    stage.ask({ command: 'drop', hold: 2 });
    expect(stage.got).toEqual([hex(init), hex(init)]);
  });

  test.each([
    ['mnet.tagg = 1', /^column 1: unknown field mnet\.tagg; did you mean mnet\.tag\?$/],
    ['mnet.tag == 1', /^column \d+: == compares; write = to set a field$/],
    ['mnet.sequence = 1', /^mnet\.sequence: INIT has no such field/],
    ['mqtt.topic = "a"', /^mqtt\.topic: this is a message of mnet$/],
    ['mnet.tag = 0x01020304', /^mnet\.tag: it takes 3 bytes/],
    ['', /^column 1: /],
  ])('%s is refused, and it stays held', (set, error) => {
    const stage = new Stage('mnet', 'datagrams', 'type == INIT');
    stage.bench.say(CLIENT, init);
    expect(stage.ask({ command: 'forward', hold: 1, set }).error).toMatch(error);
    expect(stage.ask({ command: 'forward', hold: 1, bytes: hex(init) }).error).toBe('these are the bytes that it has');
    expect(stage.ask({ command: 'break-on', filter: 'type ==' }).error).toMatch(/^column \d+: /);
    expect(stage.ask({ command: 'list' }).held).toHaveLength(1);
    expect(stage.got).toEqual([]);
  });
});

describe("a message of one's own", () => {
  test('is made by its name, of the only protocol that has it, and framed as the flow is', () => {
    const stage = new Stage('mqtt', 'stream', 'type == PUBLISH');
    stage.bench.say(CLIENT, v4.connect()).say(SERVER, v4.connack());
    const set = ['mqtt.topic = "a"', 'mqtt.qos = 1', 'mqtt.packetIdentifier = 1'];
    const { note } = stage.ask({ command: 'send', flow: 1, to: 'server', name: 'PUBLISH', set, edition: '3.1.1' });
    expect(note).toBe(`mqtt PUBLISH, ${set.join(', ')}`);
    expect(stage.got.at(-1)).toBe(hex(publish));
    expect(stage.bench.deeds.at(-1)).toMatchObject({ kind: 'send', by: 'interception' });
  });

  test('is of the edition that is spoken, where something is held that tells', () => {
    const stage = new Stage('mqtt', 'stream', 'type == PUBLISH');
    const v5 = mqtt(5);
    const own = v5.publish({ topic: 'a', qos: 1, id: 1 });
    stage.bench.say(CLIENT, v5.connect()).say(SERVER, v5.connack()).say(CLIENT, own);
    const set = ['mqtt.topic = "a"', 'mqtt.qos = 1', 'mqtt.packetIdentifier = 1'];
    expect(stage.ask({ command: 'send', flow: 1, to: 'server', name: 'PUBLISH', set }).hex).toBe(hex(own));
  });

  test.each([
    [{ name: 'PUBLISHED' }, 'no protocol has a message PUBLISHED'],
    [{ name: 'DATA' }, /^DATA is a message of .*mnet.*: say which protocol is meant$/],
    [{ name: 'PUBLISH', protocol: 'mqqt' }, 'unknown protocol mqqt; did you mean mqtt?'],
    [{ name: 'DATA', protocol: 'mnet' }, 'mnet is not carried by what this flow is'],
    [{ name: 'PUBLISH', set: 'mqtt.topick = "a"' }, /^column 1: unknown field mqtt\.topick/],
    [{ name: 'PUBLISH', edition: '6' }, /^mqtt: unknown edition of PUBLISH 6/],
  ])('%j is refused', (what, error) => {
    const stage = new Stage('mqtt', 'stream', 'type == PUBLISH');
    const answer = stage.ask({ command: 'send', flow: 1, to: 'server', ...what });
    expect(answer.error).toEqual(typeof error === 'string' ? error : expect.stringMatching(error));
    expect(stage.got).toEqual([]);
  });
});

describe('by keys', () => {
  /** Presses keys on a screen of the stage, and does what they ask for. */
  async function screenOf(stage: Stage) {
    const past = await historyOf('captures/empty.pcap');
    const now = () => stage.bench.timers.now;
    const intercepting = new Intercepting({ controls: stage, editing: stage.editing, now, hasOthers: false });
    intercepting.watch(() => intercepting.catchUp());
    const proxy = new ProxyLog(['udp:127.0.0.1:27000']);
    const model = modelOf(past, { proxy, interception: intercepting.model }, { state: 'waiting', live: true });
    const keys = (text: string) => {
      press(model, text);
      for (const effect of model.takeEffects()) {
        if (effect.kind === 'intercept') model.notify(intercepting.perform(effect.act).line);
      }
      intercepting.catchUp();
      settle(model);
    };
    return { model, keys };
  }

  test('a datagram: a field is set, seen, set again, and the other side gets exactly that', async () => {
    const stage = new Stage('mnet', 'datagrams', 'type == INIT');
    const { model, keys } = await screenOf(stage);
    stage.bench.say(CLIENT, init);
    keys('H enter j j j e');
    expect(barText(model, 'prompt')).toBe(`set in hold 1: mnet.tag = 0x${hex(init.subarray(6, 9))}`);
    keys('C-u "mnet.tag = 0x010203" enter');
    expect(paneText(model, 'fields').join('\n')).toMatch(/0x010203/);
    keys('e C-u "mnet.tag = 0x040506, mnet.version = 9" enter a');
    expect(stage.got).toEqual([tagged('040506').replace(/^(..)(.{8})01/, '$1$209')]);
    expect(stage.bench.deeds[0]?.words).toContain('mnet.tag = 0x010203');
  });

  test('a message of a stream that grows twice: its fields and lengths are right each time', async () => {
    const stage = new Stage('mqtt', 'stream', 'type == PUBLISH');
    const { model, keys } = await screenOf(stage);
    stage.bench.say(CLIENT, v4.connect()).say(CLIENT, publish).say(CLIENT, v4.pingreq());
    const topic = 'x'.repeat(130);
    keys(`H e C-u "mqtt.topic = ${topic}" enter`);
    const once = v4.publish({ topic, qos: 1, id: 1 });
    expect(paneText(model, 'hex')[0]).toContain(hex(once.subarray(1, 3)).replace(/..(?=.)/g, '$& '));
    keys('e C-u "mqtt.packetIdentifier = 258" enter');
    expect(paneText(model, 'fields').join('\n')).toMatch(/258/);
    keys('a');
    expect(stage.got.slice(1)).toEqual([hex(v4.publish({ topic, qos: 1, id: 258 })), hex(v4.pingreq())]);
  });

  test('a message that becomes another one has the fields of that', async () => {
    const stage = new Stage('mqtt', 'stream', 'type == PUBLISH');
    const { model, keys } = await screenOf(stage);
    stage.bench.say(CLIENT, v4.connect()).say(CLIENT, publish);
    const puback = '40020007';
    keys(`H B C-u "${puback}" enter`);
    expect(paneText(model, 'held')[1]).toMatch(/\*PUBACK/);
    keys('e C-u "mqtt.packetIdentifier = 258" enter a');
    expect(stage.got.at(-1)).toBe('40020102');
  });

  test('a message of a type that nobody knows keeps its bytes, and has no fields', async () => {
    const stage = new Stage('mnet', 'datagrams', 'type == INIT');
    const { model, keys } = await screenOf(stage);
    stage.bench.say(CLIENT, init);
    keys('H e C-u "mnet.type = 99" enter');
    expect(paneText(model, 'held')[1]).toMatch(/\*unknown type/);
    keys('e');
    expect(barText(model, 'status')).toContain('no fields');
    keys('a');
    expect(stage.got).toEqual([hex(init).replace(/^01/, '63')]);
  });

  test(':send says something to whom what is held was for, of its protocol and edition', async () => {
    const stage = new Stage('mqtt', 'stream', 'type == PUBLISH');
    const { keys } = await screenOf(stage);
    stage.bench.say(CLIENT, v4.connect()).say(SERVER, v4.connack()).say(CLIENT, publish);
    keys('H : "send PINGREQ" enter');
    expect(stage.got.at(-1)).toBe(hex(v4.pingreq()));
    keys(': "send client PUBLISH mqtt.topic = x" enter');
    expect(stage.bench.got[CLIENT].at(-1)).toBe(hex(v4.publish({ topic: 'x' })));
  });

  test('bytes in hex, taken back, and dropped', async () => {
    const stage = new Stage('mnet', 'datagrams', 'type == INIT');
    const { model, keys } = await screenOf(stage);
    stage.bench.say(CLIENT, init).say(CLIENT, init);
    keys('H B C-u "0102" enter');
    expect(paneText(model, 'hex')[0]).toMatch(/01\]02/);
    keys('V a');
    keys('d');
    expect(stage.got).toEqual([hex(init)]);
    expect(stage.holds.held()).toHaveLength(0);
  });
});
