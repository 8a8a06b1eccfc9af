/** Captures of one run share what is made once a run; nothing of one is to be seen in another. */
import { describe, expect, test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import { openBytes } from '../../src/capture/open.ts';
import { Engine } from '../../src/engine.ts';
import { readThrough } from '../../src/reading.ts';
import { DEFAULT_ENGINE_OPTIONS, type EngineOptions } from '../../src/run/options.ts';
import type { ApartOutcome, LaneOutcome } from '../../src/run/outcome.ts';
import { run } from '../../src/testkit/engine.ts';
import { fixtureBytes } from '../kit/history.ts';
import { toy } from '../kit/toy.ts';

const CAPTURES = [
  'mnet/faults.pcap',
  'filestorage/2020-01-02-pipelined.pcap',
  'mnet/echo-small.pcap',
  'ministreaming/faults.pcap',
  'mqtt/mosquitto-paho-5-shared.pcap',
  'tcp/whois.pcap',
] as const;

/** Each capture of one run as it was judged by itself, without what is the same object in all of them. */
async function judged(paths: readonly string[], given: Partial<EngineOptions> = {}) {
  const engine = new Engine({ ...DEFAULT_ENGINE_OPTIONS, ...given, protocols });
  const outcomes: ReturnType<typeof plain>[] = [];
  engine.onCapture = apart => outcomes.push(plain(apart));
  for (const path of paths) await readThrough(await openBytes(fixtureBytes(path)), engine);
  return outcomes;
}

function plain({ outcome, remarks, remarked }: ApartOutcome) {
  const lanes = outcome.lanes.map(({ protocol, machineRun, ...lane }: LaneOutcome) => {
    return { ...lane, protocol: protocol.id, steps: machineRun.steps() };
  });
  return { outcome: { ...outcome, lanes }, remarks, remarked };
}

describe('captures of several protocols in one run', () => {
  test('each is judged as in a run of its own, also when it comes again', async () => {
    const order = [...CAPTURES, ...CAPTURES.toReversed()];
    const together = await judged(order);
    for (const [place, path] of order.entries())
      expect([path, together[place]]).toEqual([path, (await judged([path]))[0]]);
    expect(together[0].outcome.findings.map(({ ruleId }) => ruleId)).toContain('mnet/retransmit-differs');
  });

  test('those with settings of their own are as in a run with these settings', async () => {
    const own = { ...DEFAULT_ENGINE_OPTIONS, severities: new Map([['mnet/retransmit-differs', 'off' as const]]) };
    const engine = new Engine({
      ...DEFAULT_ENGINE_OPTIONS,
      protocols,
      optionsFor: path => (path === 'own' ? own : undefined),
    });
    const outcomes: ReturnType<typeof plain>[] = [];
    engine.onCapture = apart => outcomes.push(plain(apart));
    for (const path of ['other', 'own', 'other']) {
      const source = await openBytes(fixtureBytes('mnet/faults.pcap'));
      await readThrough({ ...source, read: source.read.bind(source), facts: { ...source.facts, path } }, engine);
    }
    const found = outcomes.map(
      ({ outcome }) => outcome.findings.filter(({ ruleId }) => ruleId === 'mnet/retransmit-differs').length,
    );
    expect(found).toEqual([1, 0, 1]);
  });
});

test('a protocol that no capture holds is made once a run, one that some hold with each of these', () => {
  const made: string[] = [];
  const counting = (id: string) => ({
    ...toy,
    id,
    createTracker: (...given: Parameters<typeof toy.createTracker>) => {
      made.push(id);
      return toy.createTracker(...given);
    },
  });
  const greeting = [['10.0.0.1:1000 > 10.0.0.2:2000', '00 0001']] as const;
  const { protocols: reported } = run([counting('used'), counting('idle')], [greeting, greeting, greeting], {
    decodeAs: [{ transport: 'udp', from: 2000, to: 2000, protocol: 'used' }],
  });
  expect(reported.map(({ id, connections }) => [id, connections])).toEqual([['used', 3]]);
  expect(made.toSorted()).toEqual(['idle', 'used', 'used', 'used']);
});

test('counts of rules by capture are those of each capture, of whatever rules it has', () => {
  const talk = [
    ['10.0.0.1:1000 > 10.0.0.2:2000', '00 0001'],
    ['10.0.0.2:2000 > 10.0.0.1:1000', '00 0002'],
    ['10.0.0.1:1000 > 10.0.0.2:2000', '02'],
    ['10.0.0.1:1000 > 10.0.0.2:2000', '01 0002 6869'],
  ] as const;
  const {
    tallies,
    protocols: [of],
  } = run([toy], [talk, [], talk.slice(0, 2)]);
  expect(tallies.map(({ capture, messages }) => [capture, messages])).toEqual([
    [0, 4],
    [2, 2],
  ]);
  const checked = tallies.map(({ rules }) => rules.map(rule => [rule.id, rule.checked, rule.broken]));
  const summed = checked[0].map(([id, count, broken], place) => {
    const [, more, moreBroken] = checked[1][place];
    return [id, Number(count) + Number(more), Number(broken) + Number(moreBroken)];
  });
  expect(summed).toEqual(of.rules.map(rule => [rule.id, rule.checked, rule.broken]));
  expect(checked[0]).toContainEqual(['toy/after-bye', expect.any(Number), 1]);
  expect(checked[1]).toContainEqual(['toy/after-bye', expect.any(Number), 0]);
});
