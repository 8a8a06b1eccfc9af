/** Steps of a scenario: faults that are on for a while. */
import { describe, expect, test } from 'vitest';
import type { Located } from '../../src/configuration/located.ts';
import { scenarioOf } from '../../src/configuration/scenario.ts';
import { describeStep } from '../../src/faults/description.ts';
import { FaultReader, parseFaults } from '../../src/faults/parse.ts';
import { between, handshake, type Line, later, parties } from '../kit/mnet.ts';
import { agrees, catalogue, decided, mnetFrames, passage, told } from './asking.ts';

/** A scenario of these steps, as a file would have them. */
function scenario(...steps: readonly Readonly<Record<string, unknown>>[]) {
  const located = (value: unknown): Located => {
    if (Array.isArray(value)) return { kind: 'list', items: value.map(located), at: undefined };
    if (typeof value !== 'object' || value === null) return { kind: 'value', value: value as string, at: undefined };
    const members = Object.entries(value).map(([key, member]) => ({ key, at: undefined, value: located(member) }));
    return { kind: 'object', members, at: undefined };
  };
  const file = { path: '/a.yaml', name: 'a.yaml', folder: '/' };
  return scenarioOf(located({ steps }), file, new FaultReader(catalogue, {}, '--scenario'));
}

const plan = (...steps: readonly Readonly<Record<string, unknown>>[]) =>
  parseFaults([], catalogue, { scenario: scenario(...steps) });

const { C, L } = parties();
/** Frames 5 to 10 are DATA, a second apart; 4 ms have passed before. */
const conversation: readonly Line[] = [
  ...handshake({ C, L }),
  later(1, C.data(0, 10)),
  later(1, L.bare(0, 10)),
  later(1, C.data(10, 20)),
  later(1, L.bare(0, 20)),
  later(1, C.data(20, 30)),
  later(1, L.bare(0, 30)),
];
const run = (...steps: readonly Readonly<Record<string, unknown>>[]) =>
  told(plan(...steps), mnetFrames(conversation)).map(line => line.replace(/ \S+ drop$/, ''));
const all = { faults: ['drop p=100%'] };

describe('a step is on', () => {
  test.each([
    ['all the time without a word', {}, '1 2 3 4 5 6 7 8 9 10'],
    ['from a time on', { at: '2s' }, '6 7 8 9 10'],
    ['for a time', { for: '2s' }, '1 2 3 4 5'],
    ['for a time from a time on', { at: '2s', for: '2s' }, '6 7'],
    ['behind a message', { after: 'type == COOKIE' }, '3 4 5 6 7 8 9 10'],
    ['until a message, which is the last one', { until: 'type == COOKIE' }, '1 2'],
    ['behind one and until another', { after: 'type == COOKIE', until: 'type == COOKIE-ACK' }, '3 4'],
    ['behind a message, for a time', { after: 'type == COOKIE-ACK', for: '1500ms' }, '5'],
    ['behind the third of them', { after: 'type == DATA nth=3' }, '8 9 10'],
    ['again whenever one comes', { after: 'mnet.sequence == 10 || mnet.sequence == 20', for: '1500ms' }, '6 8'],
    ['again behind each', { after: 'direction == client && type == DATA', until: 'direction == server' }, '6 8 10'],
    ['behind a message that comes after a time', { at: '2s', after: 'type == DATA' }, '7 8 9 10'],
    ['until the second of them since it began', { after: 'frame == 6', until: 'type == DATA nth=2' }, '7 8'],
  ])('%s', (_, parts, frames) => {
    expect(run({ ...parts, ...all }).join(' ')).toBe(frames);
  });

  test('without another: each by itself', () => {
    const steps = [
      { at: '4s', for: '1s', faults: ['drop p=100%'] },
      { until: 'type == COOKIE', faults: ['repeat if type == INIT'] },
    ];
    expect(told(plan(...steps), mnetFrames(conversation))).toEqual(['1 INIT duplicate 1', '8 DATA drop']);
  });
});

test('what a fault of a step counts begins with the step', () => {
  const parts = { after: 'direction == client && type == DATA', until: 'type == DATA nth=2' };
  expect(run({ ...parts, faults: ['drop if type == DATA nth=1'] })).toEqual(['6', '10']);
  expect(run({ ...parts, faults: ['drop if type == DATA nth=2'] })).toEqual(['7']);
});

describe('for each connection by itself', () => {
  const other = (lines: readonly Line[]) => between('10.0.0.1:5001', '10.0.0.2:26999', lines);
  const both = [
    ...handshake({ C, L }),
    ...other(handshake({ C, L }).map(line => later(1, line))),
    C.data(0, 10),
    ...other([C.data(0, 10)]),
  ];
  const frames = (...steps: readonly Readonly<Record<string, unknown>>[]) =>
    told(plan(...steps), mnetFrames(both)).map(line => line.replace(/ \S+ drop$/, ''));

  test('it is on behind a message of that connection', () => {
    expect(frames({ after: 'type == COOKIE-ACK && connection == 2', ...all })).toEqual(['9', '10']);
    expect(frames({ after: 'type == COOKIE-ACK && connection == 2', per: 'connection', ...all })).toEqual(['10']);
  });

  test('times count from its first message', () => {
    expect(frames({ at: '2s', ...all })).toEqual(['6', '7', '8', '9', '10']);
    expect(frames({ at: '2s', per: 'connection', ...all })).toEqual(['7', '8', '9', '10']);
  });

  test('what its faults count is counted so, too', () => {
    const faults = ['drop if type == COOKIE nth=1'];
    expect(frames({ faults })).toEqual(['2']);
    expect(frames({ per: 'connection', faults })).toEqual(['2', '6']);
  });
});

test('chance is the same whether a step was on before or not', () => {
  const kinds = (...steps: readonly Readonly<Record<string, unknown>>[]) => decided(plan(...steps), 400, {});
  const drops = kinds({ faults: ['drop=50%', 'burst=10%/20%'] });
  const late = plan({ at: '1s', faults: ['drop=50%', 'burst=10%/20%'] });
  const now = passage().now;
  const decisions = Array.from({ length: 400 }, (_, ordinal) =>
    late.unit(passage({ ordinal, now: now + ordinal * 10 })).map(({ deed }) => deed),
  );
  expect(decisions.slice(0, 100).flat()).toEqual([]);
  expect(decisions.slice(100)).toEqual(drops.slice(100));
});

test('the faults of a scenario do not depend on those beside it, nor do what they do', () => {
  const steps = { scenario: scenario({ faults: ['drop=50%'] }) };
  const drops = (texts: readonly string[], given: object) =>
    decided(parseFaults(texts, catalogue, given), 1_000).map(deeds => deeds.some(({ kind }) => kind === 'drop'));
  const alone = drops([], steps);
  expect(drops(['reorder=50%', 'duplicate=1%'], steps)).toEqual(alone);
  const same = drops(['drop=50%'], {}).filter((isLost, at) => isLost === alone[at]).length;
  expect(agrees(same, 1_000, 0.5)).toBe(true);
});

test('steps in plain words', () => {
  const { steps } = scenario(
    { name: 'lossy', at: '5s', for: '1m', ...all },
    { after: 'type == CONNECT nth=2', until: 'type == CONNACK', per: 'connection', ...all },
    all,
  );
  expect(steps.map((step, index) => describeStep(step, index + 1))).toEqual([
    'step 1, lossy: from 5s on, for 1m',
    'step 2: after the 2nd message with type == CONNECT, until a message with type == CONNACK; for each connection by itself',
    'step 3: from the beginning',
  ]);
});
