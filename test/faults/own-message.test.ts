/** `send NAME`: messages that nobody has sent, made from their layouts for the flow of those that they stand beside. */
import { describe, expect, test } from 'vitest';
import { describe as words } from '../../src/faults/description.ts';
import { parseFaults } from '../../src/faults/parse.ts';
import type { Passage } from '../../src/faults/passage.ts';
import { messageReadersOf } from '../../src/faults/reader.ts';
import { UsageError } from '../../src/settings/words.ts';
import { handshake, parties } from '../kit/mnet.ts';
import { mqtt } from '../kit/mqtt.ts';
import { MqttNet } from '../kit/mqtt-net.ts';
import { catalogue, eachUnit, known, mnetFrames } from './asking.ts';

const readers = messageReadersOf(known);
const plan = (...texts: string[]) => parseFaults(texts, catalogue, readers);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

type Frames = Parameters<typeof eachUnit>[1];

/** `FRAME TYPE when to-whom: bytes` of what is sent, and why what is not sent is not. */
function sent(texts: readonly string[], frames: Frames, parts: Partial<Passage> = {}): string[] {
  const found: string[] = [];
  const faults = plan(...texts);
  faults.onProblem = ({ reason }) => found.push(reason);
  eachUnit(faults, frames, parts, (line, decisions) => {
    for (const { deed } of decisions)
      if (deed.kind === 'send') found.push(`${line} ${deed.when} ${deed.to}: ${hex(deed.bytes)}`);
  });
  return found;
}

/** CONNECT, CONNACK and a PUBLISH of this version. */
function talk(version: 4 | 5) {
  const kit = mqtt(version);
  const net = new MqttNet();
  net
    .open('a')
    .client(kit.connect())
    .server(kit.connack())
    .client(kit.publish({ topic: 'a', payload: 'hi' }));
  return [...net.frames()];
}

const mnetTalk = () => {
  const { C, L } = parties();
  return mnetFrames([...handshake({ C, L }), C.data(0, 4), L.bare(0, 4)]);
};

describe('is sent', () => {
  test('by its name alone, framed as the messages of its stream are', () => {
    const [line, ...others] = sent(['send PINGREQ to server after type == CONNACK'], talk(4));
    expect(line).toMatch(/ CONNACK after sender: c000$/);
    expect(others).toEqual([]);
  });

  test('with values of its fields, and the lengths that follow', () => {
    const text = 'send PUBLISH with mqtt.topic = "to if", mqtt.payload = "hi" to server if type == PUBLISH nth=1';
    const wire = mqtt(4).publish({ topic: 'to if', payload: 'hi' });
    expect(sent([text], talk(4)).map(line => line.replace(/^\d+ /, ''))).toEqual([
      `PUBLISH before receiver: ${hex(wire)}`,
    ]);
  });

  test('in the edition of the message that it stands beside', () => {
    const text = 'send PUBACK with mqtt.packetIdentifier = 7 to client after type == PUBLISH';
    const bytes = (version: 4 | 5) => sent([text], talk(version)).map(line => line.split(': ')[1]);
    expect(bytes(4)).toEqual([hex(mqtt(4).puback(7))]);
    const [fifth] = bytes(5);
    expect(fifth.startsWith('40')).toBe(true);
    expect(fifth.slice(4, 8)).toBe('0007');
  });

  test('in a datagram of its own', () => {
    const text = 'send mnet.DATA with mnet.acknowledged = 9999 to server after type == DATA nth=1';
    const [line] = sent([text], mnetTalk());
    expect(line).toMatch(/^\d+ DATA after receiver: [0-9a-f]*0f27/);
  });

  test('where units are counted, by what cuts their flow', () => {
    const text = 'client: send PINGRESP to client nth=2';
    const line = expect.stringMatching(/ PUBLISH before sender: d000$/);
    expect(sent([text], talk(4))).toEqual([line]);
    expect(sent([text], talk(4), { framing: undefined })).toEqual([line]);
  });
});

describe('is not sent, and says why', () => {
  test('where the edition of the flow has no such message', () => {
    const text = 'send AUTH to server after type == CONNACK';
    expect(sent([text], talk(4))).toEqual([expect.stringMatching(/^mqtt: unknown edition of AUTH /)]);
    expect(sent([text], talk(5))).toEqual([expect.stringMatching(/ CONNACK after sender: f0/)]);
  });

  test('where the flow carries another protocol', () => {
    const text = 'send PINGREQ to server after type == DATA nth=1';
    expect(sent([text], mnetTalk())).toEqual(['mqtt is not carried by what this flow is']);
    const other = 'send mnet.DATA to server after type == CONNACK';
    expect(sent([other], talk(4))).toEqual(['mnet is not carried by what this flow is']);
  });
});

test('has a name with blanks, in quotes', () => {
  const bytes = (text: string) => {
    const [{ action }] = plan(text).faults;
    if (action.kind !== 'send' || action.what instanceof Uint8Array) throw new Error('no message');
    return hex(action.what.bytesFor(undefined, { carrier: 'datagrams', framing: undefined }));
  };
  expect(bytes('send "CLOSE (server)" with ministreaming.id = 01:02:03 to client nth=1')).toBe('52010203');
  expect(bytes('send ministreaming."CLOSE (server)" to client nth=1')).toBe('52000000');
});

test('is any message of any protocol', () => {
  const names = known.flatMap(({ id, layouts }) => layouts.map(({ name }) => `${id}."${name}"`));
  expect(names.length).toBeGreaterThan(50);
  for (const name of names) expect(plan(`send ${name} to client nth=1`).faults).toHaveLength(1);
});

test('has the values that its protocol says it always has', () => {
  const text = 'send SUBSCRIBE with mqtt.filters[0].filter = "b" to server if type == PUBLISH';
  const [line] = sent([text], talk(4));
  expect(line).toMatch(/: 8206000000016200$/);
});

test('is told as it was written', () => {
  const [fault] = plan('send PUBLISH with  mqtt.topic = "a" to server after type == CONNACK').faults;
  expect(words(fault)).toBe(
    'sends PUBLISH with mqtt.topic = "a" to the server after each message with type == CONNACK',
  );
});

describe('is refused', () => {
  test.each([
    ['send PINGRQ to server if mqtt', 'column 6: unknown message PINGRQ; did you mean PINGREQ?'],
    ['send c0:00 to server if mqtt', 'column 6: c0:00 is no name of a message; write bytes c0:00'],
    [
      'send DATA to server if mnet',
      /^column 6: DATA is a message of .*mnet.*: say which protocol is meant, PROTOCOL\.DATA$/,
    ],
    ['send mnt.DATA to server if mnet', 'column 6: unknown protocol mnt; did you mean mnet?'],
    ['send mnet.DATE to server if mnet', 'column 6: mnet: unknown message DATE; did you mean DATA?'],
    ['send PINGREQ', /^column 13: expected to client, or to server: send PINGREQ to server/],
    ['send PINGREQ if mqtt', /^column 13: expected to client, or to server: send PINGREQ to server/],
    ['send PINGREQ at server if mqtt', /^column 14: expected to or with, found at; write send PINGREQ/],
    ['send PINGREQ to if mqtt', /^column 16: expected client or server: /],
    ['send PINGREQ to sever if mqtt', 'column 17: no such side: sever; did you mean server?'],
    ['send PINGREQ to server now if mqtt', /^column 24: expected if or after and a filter/],
    ['send PINGREQ to server', /^column 23: say when: if and a filter/],
    ['send PUBLISH with mqtt.topic = "a" if mqtt', /^column 35: expected to client, or to server: /],
    ['send PUBLISH with to client if mqtt', /^column 18: expected a field and its value: send PUBLISH with/],
    [
      'send PUBLISH with mqtt.topik = "a" to client if mqtt',
      'column 19: unknown field mqtt.topik; did you mean mqtt.topic?',
    ],
    ['send PUBLISH with mqtt.topic to client if mqtt', /^column 29: expected = and a value/],
    ['client: send PUBLISH with mqtt.packetIdentifier = a to client if mqtt', 'column 51: expected a number, found a'],
    ['send PINGREQ with mqtt.topic = "a" to client if mqtt', /^column 19: .*mqtt\.topic/],
    ['send PINGREQ with mnet.tag = 0x010203 to client if mqtt', /^column 19: mnet\.tag: this is a message of mqtt$/],
  ])('%s', (text, advice) => {
    let found = 'nothing';
    try {
      plan(text);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      found = error.advice;
    }
    expect(found).toMatch(advice);
  });
});
