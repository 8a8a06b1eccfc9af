/** `set`: fields of messages that pass, with other values. */
import { describe, expect, test } from 'vitest';
import { parseFaults } from '../../src/faults/parse.ts';
import type { FaultProblem } from '../../src/faults/plan.ts';
import { settingOf } from '../../src/faults/set.ts';
import { concat } from '../../src/testkit/bytes.ts';
import { handshake, parties } from '../kit/mnet.ts';
import { mqtt } from '../kit/mqtt.ts';
import { MqttNet } from '../kit/mqtt-net.ts';
import { catalogue, eachUnit, known, mnetFrames, told } from './asking.ts';

const setField = settingOf(known);
const plan = (...texts: string[]) => parseFaults(texts, catalogue, { setField });
const { C, L } = parties();
const v5 = mqtt(5);

/** What is passed on of a conversation over MQTT, in hex, where something is replaced. */
function replacedMqtt(texts: readonly string[], ...packets: readonly Uint8Array[]): string[] {
  const net = new MqttNet();
  net
    .open('a')
    .client(v5.connect())
    .server(v5.connack())
    .client(...packets);
  const found: string[] = [];
  eachUnit(plan(...texts), net.frames(), {}, (_, decisions) => {
    for (const { deed } of decisions) if (deed.kind === 'replace') found.push(Buffer.from(deed.bytes).toString('hex'));
  });
  return found;
}

test('a field of a datagram', () => {
  const frames = mnetFrames([...handshake({ C, L }), C.data(0, 4), L.bare(0, 4), C.data(4, 8), L.bare(0, 8)]);
  expect(told(plan('server: set mnet.acknowledged = 9999 if type == DATA nth=2'), frames)).toEqual([
    '8 DATA set mnet.acknowledged = 9999 (was 8)',
  ]);
});

test('a field of a message of a stream, whose length follows', () => {
  const publish = v5.publish({ topic: 'a/b', payload: 'hi' });
  const longer = v5.publish({ topic: 'a/b', payload: 'x'.repeat(200) });
  const text = `set mqtt.payload = "${'x'.repeat(200)}" if type == PUBLISH`;
  expect(replacedMqtt([text], publish)).toEqual([Buffer.from(longer).toString('hex')]);
});

test('two faults at one message build on each other', () => {
  const publish = v5.publish({ topic: 'a/b', payload: 'hi' });
  const texts = ['set mqtt.topic = "much/longer" if type == PUBLISH', 'set mqtt.payload = "hello" if type == PUBLISH'];
  expect(replacedMqtt(texts, publish)).toEqual(
    [
      { topic: 'much/longer', payload: 'hi' },
      { topic: 'much/longer', payload: 'hello' },
    ].map(parts => Buffer.from(v5.publish(parts)).toString('hex')),
  );
});

test('the right one of two messages in a datagram, the first of which has grown', () => {
  const data = [C.data(0, 3), C.data(3, 6)];
  const wire = concat(...data.map(({ bytes }) => bytes));
  const faults = plan('set mnet.data = "longer" if type == DATA nth=1', 'set mnet.acknowledged = 7 if type == DATA');
  const made: string[] = [];
  const unit = { flow: 1, from: 'client', ordinal: 9, wire } as const;
  eachUnit(
    {
      message: (seen, given, origin) =>
        seen.name === 'DATA' ? faults.message(seen, { ...given, ...unit }, origin) : [],
    },
    mnetFrames([...handshake({ C, L }), ...data]),
    {},
    (_, decisions) => {
      for (const { deed } of decisions) if (deed.kind === 'replace') made.push(Buffer.from(deed.bytes).toString('hex'));
    },
  );
  const content = (text: string) => new TextEncoder().encode(text);
  const longer = (acknowledged: number) => C.data(0, 3, acknowledged, { content: content('longer') }).bytes;
  // The second fault does something to a unit once: to its first message.
  expect(made).toEqual([longer(0), longer(7)].map(bytes => Buffer.from(concat(bytes, data[1].bytes)).toString('hex')));
  const second = plan(
    'set mnet.data = "longer" if type == DATA nth=1',
    'set mnet.acknowledged = 7 if type == DATA nth=2',
  );
  made.length = 0;
  eachUnit(
    {
      message: (seen, given, origin) =>
        seen.name === 'DATA' ? second.message(seen, { ...given, ...unit }, origin) : [],
    },
    mnetFrames([...handshake({ C, L }), ...data]),
    {},
    (_, decisions) => {
      for (const { deed } of decisions) if (deed.kind === 'replace') made.push(Buffer.from(deed.bytes).toString('hex'));
    },
  );
  expect(made.at(-1)).toBe(Buffer.from(concat(longer(0), C.data(3, 6, 7).bytes)).toString('hex'));
});

describe('what cannot be set', () => {
  test('is no fault where the message has no such field', () => {
    const problems: FaultProblem[] = [];
    const faults = plan('set mnet.acknowledged = 7 if mnet');
    faults.onProblem = problem => problems.push(problem);
    expect(told(faults, mnetFrames(handshake({ C, L })))).toEqual([]);
    expect(problems).toEqual([]);
  });

  test('is told once where a value does not fit', () => {
    const problems: FaultProblem[] = [];
    const faults = plan('set mnet.acknowledged = 99999999999 if type == DATA');
    faults.onProblem = problem => problems.push(problem);
    expect(told(faults, mnetFrames([...handshake({ C, L }), C.data(0, 4), C.data(4, 8)]))).toEqual([]);
    expect(problems.map(({ cause }) => cause)).toEqual(['set mnet.acknowledged = 99999999999 if type == DATA']);
    expect(problems[0]?.reason).toContain('mnet.acknowledged');
  });

  test.each([
    [
      'set mnet.acknowleged = 7 if mnet',
      '--fault set mnet.acknowleged = 7 if mnet: column 5: unknown field mnet.acknowleged; did you mean',
    ],
    ['client: set mnet.tag == 7 if mnet', '--fault client: set mnet.tag == 7 if mnet: column 22: == compares'],
    ['set mnet.tag if mnet', '--fault set mnet.tag if mnet: column 13: expected = and a value'],
  ])('is refused: %s', (text, message) => {
    expect(() => plan(text)).toThrow(message);
  });
});
