/**
 * Packets that go the short way, and rules that are not asked (`ordinary.ts`, `remarks.ts`): neither may change a report.
 * Random conversations are judged with and without, and the whole reports compared. `MQTT_RANDOM=10000` compares so many.
 */
import { afterEach, expect, test, vi } from 'vitest';
import mqtt from '../../../dissectors/mqtt/index.ts';
import { MqttTracker } from '../../../dissectors/mqtt/tracker.ts';
import type { Frame } from '../../../src/capture/source.ts';
import { Judge } from '../../../src/lint/judge.ts';
import type { RunReport } from '../../../src/report/run-report.ts';
import { run } from '../../../src/testkit/engine.ts';
import { Dice } from '../mnet/dice.ts';
import { randomConversation } from './random-conversations.ts';
import { BROKEN_RULES } from './random-faults.ts';

const COUNT = Number(process.env.MQTT_RANDOM ?? 40);
/** Of a run that somebody has asked for by a number. */
const TIMEOUT = 3_600_000;

/** Every rule is asked about every packet. */
const ASKS_ALL: typeof mqtt = { ...mqtt, rules: mqtt.rules.map(({ when, otherwise, ...rule }) => rule) };
/** Every packet goes the whole way. */
const GOES_ALL_THE_WAY: typeof mqtt = {
  ...mqtt,
  createTracker: (host, message) => new MqttTracker(host, message, false),
};
const DOES_BOTH: typeof mqtt = { ...ASKS_ALL, createTracker: GOES_ALL_THE_WAY.createTracker };

function report(protocol: typeof mqtt, frames: readonly Frame[], capture: 'complete' | 'auto'): RunReport {
  return run([protocol], [frames], {
    capture,
    allConnections: true,
    decodeAs: [{ transport: 'tcp', from: 1883, to: 1883, protocol: 'mqtt' }],
    limits: { 'stream-memory': 1024 * 1024 },
  });
}

/** All that a report says. */
const said = (all: RunReport) => JSON.stringify(all, (_, value) => (value instanceof Map ? [...value] : value), 1);

const conversations = Array.from({ length: COUNT }, (_, index) => {
  const seed = 5_000 + index;
  const { net } = randomConversation(seed, index % 2 === 0 ? undefined : BROKEN_RULES[index % BROKEN_RULES.length]);
  const frames = net.frames();
  // In a third of them the capture lacks some.
  const dice = new Dice(seed);
  const lost = new Set(index % 3 === 0 ? Array.from({ length: 4 }, () => 1 + dice.roll(frames.length)) : []);
  return {
    seed,
    frames: frames.filter(({ number }) => !lost.has(number)),
    capture: lost.size > 0 ? 'auto' : 'complete',
  } as const;
});

test.each([
  ['rules that are asked about every packet', ASKS_ALL],
  ['all packets going the whole way', GOES_ALL_THE_WAY],
  ['both', DOES_BOTH],
])('%s find the same', { timeout: TIMEOUT }, (_, protocol) => {
  for (const { seed, frames, capture } of conversations)
    expect(said(report(protocol, frames, capture)), `seed ${seed}`).toBe(said(report(mqtt, frames, capture)));
});

afterEach(() => {
  vi.restoreAllMocks();
});

test('packets of conversations without a fault go the short way', () => {
  const passes = vi.spyOn(Judge.prototype, 'passesUnasked');
  let messages = 0;
  for (const { frames } of conversations.filter((_, index) => index % 6 === 2))
    messages += report(mqtt, frames, 'complete').summary.messages;
  const passed = passes.mock.results.filter(({ value }) => value === true).length;
  expect(passed / messages).toBeGreaterThan(0.1);
});
