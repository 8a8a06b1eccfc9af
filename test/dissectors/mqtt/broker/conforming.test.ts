/** Conversations of a broker that break nothing, and captures that do not show all of them. */
import { describe, expect, test } from 'vitest';
import { mqtt } from '../../../kit/mqtt.ts';
import { judgeFrames, judgeNet, scene, tallyOf } from '../../../kit/mqtt-judge.ts';
import { judgeTwin } from '../conforming/twin.ts';
import { deliver, publish, publisher, SEES_BROKER, subscriber, wait } from './house.ts';
import { DELIVERING, FORWARDING } from './twins.ts';
import { RETAINING, WILLS } from './twins-kept.ts';

const VERSIONS = { 4: '3.1.1', 5: '5.0' } as const;
const TWINS = [...FORWARDING, ...DELIVERING, ...RETAINING, ...WILLS];

describe.each(Object.entries(VERSIONS))('%s', (level, version) => {
  const own = TWINS.filter(twin => twin.level === Number(level)).map(twin => ({ ...twin, version }));

  test.each(own)('$rule: $what', twin => {
    const judged = judgeTwin(twin);
    expect(judged.broken).toEqual(twin.choice.found ?? []);
    expect(tallyOf(judged, twin.rule)?.broken).toBe(0);
    if (twin.isAsked) expect(tallyOf(judged, twin.rule)?.checked).toBeGreaterThan(0);
    else expect(tallyOf(judged, twin.rule)?.checked).toBe(0);
    expect(judged.verdicts.some(verdict => verdict === (twin.choice.verdict ?? 'conformant'))).toBe(true);
    expect(judged.verdicts).not.toContain('violations');
  });
});

test('a publisher of 3.1.1 and a subscriber of 5.0 understand each other', () => {
  const stage = scene(5);
  const s = subscriber(stage);
  const old = { ...stage, m: mqtt(4), open: scene(4, stage.net).open };
  publish(publisher(old), old);
  deliver(s, stage);
  const judged = judgeNet(stage.net, SEES_BROKER);
  expect(judged.broken).toEqual([]);
  expect(tallyOf(judged, 'forward-qos')).toMatchObject({ checked: 1 });
});

describe('nothing is claimed', () => {
  const faulty = (stage: ReturnType<typeof scene>) => {
    const s = subscriber(stage, 'a/b', 2);
    publish(publisher(stage), stage);
    deliver(s, stage, { qos: 0 });
    wait(s, stage);
  };

  test('once a connection was met in the middle', () => {
    const stage = scene(4);
    stage.net.open('m', { handshake: false }).client(stage.m.pingreq()).server(stage.m.pingresp());
    faulty(stage);
    const judged = judgeNet(stage.net, { ...SEES_BROKER, mapped: true });
    expect(judged.broken).toEqual(['midstream 1']);
    expect(tallyOf(judged, 'forward-qos')).toMatchObject({ checked: 0, inconclusive: 1 });
  });

  test('once bytes of a connection were lost', () => {
    const stage = scene(4);
    const q = publisher(stage, { clientId: 'q' }).client(stage.m.publish());
    const lost = stage.net.frame;
    q.client(stage.m.publish()).server(stage.m.pingresp());
    faulty(stage);
    const frames = stage.net.frames().filter(({ number }) => number !== lost);
    const judged = judgeFrames(frames, { ...SEES_BROKER, capture: 'auto' });
    expect(judged.broken).toEqual([]);
    expect(judged.verdicts).not.toContain('violations');
  });

  test('once a Will was not captured whole', () => {
    const stage = scene(4);
    publisher(stage, { clientId: 'q', will: { topic: 'w', payload: 'x'.repeat(200) } });
    const connect = 4;
    faulty(stage);
    const frames = stage.net.frames();
    const [cut] = frames.filter(({ number }) => number === connect);
    cut.end = cut.start + 150;
    expect(judgeFrames(frames, SEES_BROKER).broken).toEqual([]);
  });

  test('of a topic of which a malformed PUBLISH came', () => {
    const stage = scene(4);
    const q = publisher(stage, { clientId: 'q' });
    q.client(stage.m.packet(3, 0x06, [...[0, 3], ...Buffer.from('a/b'), 0, 1]));
    faulty(stage);
    const judged = judgeNet(stage.net, SEES_BROKER);
    expect(judged.broken).toEqual(['publish-qos 6']);
  });

  test('of a session that began before the capture', () => {
    const stage = scene(4);
    const s = subscriber(stage, 'a/b', 2, stage.kept(), { sessionPresent: true });
    publish(publisher(stage), stage);
    deliver(s, stage, { qos: 0 });
    const judged = judgeNet(stage.net, SEES_BROKER);
    expect(judged.broken).toEqual([]);
    expect(tallyOf(judged, 'forward-qos')).toMatchObject({ checked: 0, inconclusive: 1 });
  });

  test('of messages that come from nowhere', () => {
    const stage = scene(4);
    const s = subscriber(stage);
    deliver(s, stage, { qos: 0 });
    publish(publisher(stage), stage, { retain: true });
    deliver(s, stage, { retain: true });
    expect(judgeNet(stage.net, SEES_BROKER).broken).toEqual([]);
  });
});
