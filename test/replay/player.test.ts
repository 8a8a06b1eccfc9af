/** The player by itself: a clock that a test moves, a stage that notes what it is asked for. */
import { expect, test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import { Engine } from '../../src/engine.ts';
import { Player, type PlayerOptions } from '../../src/replay/player.ts';
import { Scribe } from '../../src/replay/scribe.ts';
import type { Script } from '../../src/replay/script.ts';
import { DEFAULT_ENGINE_OPTIONS } from '../../src/run/options.ts';
import { facts } from '../../src/testkit/engine.ts';
import { Traffic } from '../../src/testkit.ts';

const ANN = '10.0.0.1:7001';
const BOB = '10.0.0.2:7654';
const KEY = '00'.repeat(8);

/** What the client of a recording is to say. */
function scriptOf(traffic: Traffic): Script {
  const engine = new Engine({ ...DEFAULT_ENGINE_OPTIONS, protocols });
  const scribe = new Scribe(engine, new Map(), undefined);
  engine.beginCapture(facts());
  for (const frame of traffic.frames()) engine.frame(frame);
  engine.closeCapture();
  engine.endCapture();
  return scribe.script('client');
}

/** SYN at 0 s, ACK at 0.001 s, DATA at 2 s and at 5 s, no answer. */
function talk(): Traffic {
  const traffic = new Traffic();
  traffic.datagram(ANN, BOB, `a1 000001 ${KEY}`).datagram(BOB, ANN, '51 000001 00000b');
  traffic.wait(1.998).datagram(ANN, BOB, 'a0 00000b 6869');
  traffic.wait(2.999).datagram(ANN, BOB, 'a0 00000b 686f');
  return traffic;
}

class Stage {
  now = 1_000_000;
  readonly done: string[] = [];
  readonly player: Player;

  constructor(script: Script, options: Partial<PlayerOptions> = {}) {
    this.player = new Player(
      script,
      { speed: 1, timeout: 500, keepGoing: false, seed: 1, now: () => this.now, ...options },
      {
        open: flow => this.done.push(`open ${flow}`),
        send: (flow, bytes) => this.done.push(`${this.now - 1_000_000} ${flow} ${Buffer.from(bytes).toString('hex')}`),
        end: flow => this.done.push(`end ${flow}`),
        reset: flow => this.done.push(`reset ${flow}`),
        close: flow => this.done.push(`close ${flow}`),
      },
    );
  }

  /** Lets time pass, and wakes the player when it asked to be. */
  pass(milliseconds: number): void {
    const until = this.now + milliseconds;
    for (let wake = this.player.advance(); wake !== undefined && wake <= until; wake = this.player.advance()) {
      this.now = Math.max(this.now, wake);
    }
    this.now = until;
    this.player.advance();
  }

  /** The peer says what it said in the recording, or other bytes of that message. */
  hear(script: Script, index: number, id?: string): void {
    const step = script.steps.filter(({ kind }) => kind === 'hear')[index];
    if (step.kind !== 'hear') throw new Error('no such message');
    const { recorded } = step;
    const message = recorded.message.another();
    const bytes = recorded.message.copy();
    if (id !== undefined) bytes.set(Buffer.from(id, 'hex'), 4);
    message.assign(bytes, 0, bytes.length, bytes.length);
    const { name, layout } = recorded;
    const seen = { message, name, layout, protocol: 'ministreaming', connection: 1, capture: 0, from: BOB, to: ANN };
    this.player.heard(0, { ...seen, clientToServer: false, state: '', findings: [] });
    this.player.advance();
  }
}

test('pauses are those of the recording, counted from what is answered', () => {
  const script = scriptOf(talk());
  const stage = new Stage(script);
  stage.pass(0);
  stage.player.opened(0);
  stage.pass(0);
  expect(stage.done).toEqual(['open 0', `0 0 a1000001${KEY}`]);
  stage.pass(300);
  // The answer takes longer than it did, and so does all that follows.
  stage.hear(script, 0, '0000ee');
  stage.pass(1_998);
  expect(stage.done).toHaveLength(2);
  stage.pass(1);
  expect(stage.done.at(-1)).toBe('2299 0 a00000ee6869');
  stage.pass(2_999);
  expect(stage.done).toHaveLength(3);
  stage.pass(2);
  expect(stage.done.at(-1)).toBe('5299 0 a00000ee686f');
  stage.pass(200);
  expect(stage.player.isOver).toBe(true);
  expect(stage.player.departures).toEqual([]);
  expect(stage.done.at(-1)).toBe('close 0');
});

test.each([
  [10, [199.9, 499.9]],
  [0.5, [3_998, 9_998]],
  [Number.POSITIVE_INFINITY, [0, 0]],
])('%d times as fast', (speed, times) => {
  const script = scriptOf(talk());
  const stage = new Stage(script, { speed });
  stage.pass(0);
  stage.player.opened(0);
  stage.pass(0);
  stage.hear(script, 0);
  stage.pass(20_000);
  const said = stage.done.filter(line => line.includes('a000000b')).map(line => Number.parseFloat(line));
  expect(said.map(time => time.toFixed(1))).toEqual(times.map(time => time.toFixed(1)));
});

test('a peer gets its own pause and the time-out on top of it, however fast we play', () => {
  const traffic = new Traffic();
  traffic.datagram(ANN, BOB, `a1 000001 ${KEY}`).wait(3).datagram(BOB, ANN, '51 000001 00000b');
  for (const speed of [1, Number.POSITIVE_INFINITY]) {
    const stage = new Stage(scriptOf(traffic), { speed });
    stage.pass(0);
    stage.player.opened(0);
    stage.pass(3_500);
    expect(stage.player.departures).toEqual([]);
    stage.pass(2);
    expect(stage.player.departures.map(({ text }) => text)).toEqual(['no ACK within 500 ms (--timeout)']);
    expect(stage.done.at(-1)).toBe('close 0');
  }
});

test('nobody who can be reached within the time-out', () => {
  const stage = new Stage(scriptOf(talk()));
  stage.pass(501);
  expect(stage.done).toEqual(['open 0', 'close 0']);
  expect(stage.player.departures).toMatchObject([{ kind: 'refused', text: 'no connection within 500 ms (--timeout)' }]);
  expect(stage.player.isOver).toBe(true);
});

test.each([
  [false, ['c000c000']],
  [true, ['c000', 'c000']],
])('what stood in one segment is sent in one, unless the transport keeps it apart (%s)', (keepsApart, said) => {
  const traffic = new Traffic();
  traffic.connect(ANN, '10.0.0.2:1883').client('10 0d 0004 4d515454 04 02 003c 0001 63').client('c000 c000');
  const stage = new Stage(scriptOf(traffic), { keepsApart });
  stage.pass(0);
  stage.player.opened(0);
  stage.pass(10);
  const sent = stage.done.map(line => line.split(' ')[2] ?? '');
  expect(sent.filter(bytes => bytes.startsWith('c0'))).toEqual(said);
  expect(stage.player.counts.said).toBe(3);
});

test('what comes when all is over changes nothing', () => {
  const script = scriptOf(talk());
  const stage = new Stage(script);
  stage.pass(501);
  const before = [...stage.done];
  stage.player.opened(0);
  stage.hear(script, 0);
  stage.player.ended(0, 'reset');
  stage.player.refused(0, 'late');
  stage.pass(10_000);
  expect(stage.done).toEqual(before);
  expect(stage.player.departures).toHaveLength(1);
});
