/**
 * Packets that go a short way, and rules that are not asked (`ordinary.ts`, `quiet.ts`, `remarks.ts`): nothing of that may
 * change a report.
 * Random conversations are judged with and without, and the whole reports compared. `MQTT_RANDOM=10000` compares so many,
 * `MQTT_SEED=7` begins there.
 */
import { afterEach, expect, test, vi } from 'vitest';
import mqtt from '../../../dissectors/mqtt/index.ts';
import { Quiet } from '../../../dissectors/mqtt/quiet.ts';
import { MqttTracker } from '../../../dissectors/mqtt/tracker.ts';
import type { Frame } from '../../../src/capture/source.ts';
import { Judge } from '../../../src/lint/judge.ts';
import type { RunReport } from '../../../src/report/run-report.ts';
import { run } from '../../../src/testkit/engine.ts';
import { placesOf } from '../../kit/portion.ts';
import { randomConversation } from './random-conversations.ts';
import { BROKEN_RULES } from './random-faults.ts';
import { telemetry } from './telemetry.ts';

const COUNT = Number(process.env.MQTT_RANDOM ?? 25);
const FIRST_SEED = Number(process.env.MQTT_SEED ?? 5_000);
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

interface Conversation {
  readonly name: string;
  readonly frames: readonly Frame[];
  readonly capture: 'complete' | 'auto';
}

const conversations = Array.from({ length: COUNT }, (_, index): readonly Conversation[] => {
  const seed = FIRST_SEED + index;
  const { net } = randomConversation(seed, index % 2 === 0 ? undefined : BROKEN_RULES[index % BROKEN_RULES.length]);
  const capture = index % 3 === 0 ? 'auto' : 'complete';
  return [
    { name: `conversation ${seed}`, frames: net.frames(), capture },
    ...[0, 1, 2].map(
      n =>
        ({
          name: `telemetry ${3 * seed + n}`,
          frames: telemetry(3 * seed + n),
          capture: n === 0 ? 'complete' : 'auto',
        }) as const,
    ),
  ];
}).flat();

test('rules that are asked about every packet, all packets going the whole way, and both find the same', {
  timeout: TIMEOUT,
}, () => {
  const others = Object.entries({ 'all asked': ASKS_ALL, 'the whole way': GOES_ALL_THE_WAY, both: DOES_BOTH });
  for (const [turn, { name, frames, capture }] of conversations.entries()) {
    const usual = said(report(mqtt, frames, capture));
    for (const [what, protocol] of placesOf(others.length, others.length, turn).map(place => others[place]))
      expect(said(report(protocol, frames, capture)), `${name}, ${what}`).toBe(usual);
  }
});

afterEach(() => {
  vi.restoreAllMocks();
});

test('many packets go a short way, and many of these in quiet connections', () => {
  const passes = vi.spyOn(Judge.prototype, 'passesUnasked');
  const takes = vi.spyOn(Quiet.prototype, 'takes');
  const messages = Array.from({ length: 30 }, (_, seed) => telemetry(seed)).reduce(
    (sum, frames) => sum + report(mqtt, frames, 'complete').summary.messages,
    0,
  );
  const yes = (spy: { mock: { results: readonly { value?: unknown }[] } }) =>
    spy.mock.results.filter(({ value }) => value === true).length;
  expect(yes(passes) / messages).toBeGreaterThan(0.3);
  expect(yes(takes) / messages).toBeGreaterThan(0.05);
  expect(yes(takes)).toBeLessThan(takes.mock.calls.length);
});
