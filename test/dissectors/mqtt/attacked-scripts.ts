/**
 * Conversations between an MQTT client and a server that break no rule, for attacks on one of the two: what both say is the
 * same whatever they are given.
 */
import { PROPERTY } from '../../../dissectors/mqtt/terms.ts';
import { CLIENT, type GuardBench, SERVER } from '../../kit/guard-bench.ts';
import {
  type ConnackParts,
  type ConnectParts,
  type Level,
  mqtt,
  type PropertyList,
  retainHandling,
} from '../../kit/mqtt.ts';

export interface Script {
  play(bench: GuardBench): void;
  readonly dialect?: Readonly<Record<string, string>>;
}

/** Longer than answerTimeout, in milliseconds. */
const LONG = 31_000;

/** In a PUBLISH to `a` under identifier 1, and in one to `r` under identifier 3. */
const ID_1 = Uint8Array.of(0x61, 0, 1);
const ID_3 = Uint8Array.of(0x72, 0, 3);

/** What the client says, `c`, or the server, `s`: if it was given something, where that is named. */
type Said = readonly ['c' | 's', Uint8Array, given?: Uint8Array];

function saying(bench: GuardBench, flow: number, ...all: readonly Said[]): void {
  for (const [who, bytes, given] of all) {
    const side = who === 'c' ? CLIENT : SERVER;
    if (given && !bench.got[side].join(' ').includes(Buffer.from(given).toString('hex'))) continue;
    bench.say(side, bytes, flow);
  }
}

/** One of everything: a subscription, messages of each QoS in both directions, a ping, and a pause longer than answers take. */
function chat(version: Level, connect: ConnectParts = {}, connack: ConnackParts = {}): Script {
  const v = mqtt(version);
  return {
    play: bench => {
      const flow = bench.connect();
      saying(
        bench,
        flow,
        ['c', v.connect(connect)],
        ['s', v.connack(0, connack)],
        ['c', v.subscribe(1, ['#'])],
        ['s', v.suback(1, [0])],
        ['c', v.publish({ topic: 'a', payload: 'hi' })],
        ['c', v.publish({ topic: 'b', payload: 'hi', qos: 1, id: 3 })],
        ['s', v.puback(3)],
        // Whose identifier is free once the SUBACK has come.
        ['c', v.publish({ topic: 'c', payload: 'hi', qos: 2, id: 1 }), v.suback(1, [0])],
        ['s', v.pubrec(1), v.publish({ topic: 'c', payload: 'hi', qos: 2, id: 1 })],
        ['c', v.pubrel(1), v.pubrec(1)],
        ['s', v.pubcomp(1), v.pubrel(1)],
        ['s', v.publish({ topic: 'd', payload: 'hi' })],
        ['c', v.unsubscribe(2, ['#'])],
        ['s', v.unsuback(2, [0])],
        ['c', v.pingreq()],
        ['s', v.pingresp()],
      );
      bench.timers.pass(LONG);
      saying(bench, flow, ['c', v.pingreq()], ['s', v.pingresp()], ['c', v.disconnect()]);
    },
  };
}

/** Nothing but the beginning and the end, far apart. */
function short(connect: ConnectParts, connack: ConnackParts = {}): Script {
  const v = mqtt(5);
  return {
    play: bench => {
      const flow = bench.connect();
      saying(bench, flow, ['c', v.connect(connect)], ['s', v.connack(0, connack)]);
      bench.timers.pass(LONG);
      saying(bench, flow, ['c', v.disconnect()]);
    },
  };
}

const limits: PropertyList = [
  [PROPERTY.MAXIMUM_QOS, 0],
  [PROPERTY.RETAIN_AVAILABLE, 0],
  [PROPERTY.RECEIVE_MAXIMUM, 2],
  [PROPERTY.WILDCARD_AVAILABLE, 0],
  [PROPERTY.SUBSCRIPTION_IDENTIFIERS_AVAILABLE, 0],
  [PROPERTY.SHARED_AVAILABLE, 0],
  [PROPERTY.TOPIC_ALIAS_MAXIMUM, 5],
];

/** A session with a PUBLISH left unacknowledged that ends with its connection, and the next one of its client. */
function ended(clean: boolean): Script {
  const v = mqtt(4);
  const message = { topic: 'a', payload: '1', qos: 1, id: 1 };
  return {
    play: bench => {
      const first = bench.connect();
      saying(bench, first, ['c', v.connect()], ['s', v.connack()], ['c', v.publish(message)]);
      bench.close(first);
      const second = bench.connect();
      saying(bench, second, ['c', v.connect({ clean })], ['s', v.connack()]);
      bench.timers.pass(LONG);
      saying(bench, second, ['c', v.publish(message)], ['s', v.puback(1)], ['c', v.disconnect()]);
    },
  };
}

/** A broker with a client that reads and one that writes. @param qos that the reader asks for */
function whole(qos: number): Script {
  const v = mqtt(5);
  const type: PropertyList = [[PROPERTY.CONTENT_TYPE, 't']];
  const expiry: PropertyList = [[PROPERTY.MESSAGE_EXPIRY, 600]];
  const one = { topic: 'a', payload: '1', properties: type };
  const two = { topic: 'a', payload: '2', properties: expiry };
  const kept = { topic: 'r', payload: 'kept', retain: true };
  return {
    dialect: { 'mqtt.sees': 'broker' },
    play: bench => {
      const reader = bench.connect();
      saying(bench, reader, ['c', v.connect({ clientId: 'reader' })], ['s', v.connack()]);
      saying(bench, reader, ['c', v.subscribe(9, [['a', qos]])], ['s', v.suback(9, [qos])]);
      const writer = bench.connect();
      saying(bench, writer, ['c', v.connect({ clientId: 'writer' })], ['s', v.connack()]);
      saying(bench, writer, ['c', v.publish({ ...one, qos: 1, id: 1 })], ['c', v.publish({ ...two, qos: 1, id: 2 })]);
      saying(bench, writer, ['s', v.puback(1)], ['s', v.puback(2)]);
      saying(bench, writer, ['c', v.publish({ ...kept, qos: 1, id: 3 })], ['s', v.puback(3)]);
      saying(bench, reader, ['s', v.publish({ ...one, qos, id: 1 })], ['s', v.publish({ ...two, qos, id: 2 })]);
      if (qos > 0) saying(bench, reader, ['c', v.puback(1), ID_1], ['c', v.puback(2)]);
      saying(bench, reader, ['c', v.subscribe(9, [['r', qos]])], ['s', v.suback(9, [qos])]);
      saying(bench, reader, ['s', v.publish({ ...kept, qos, id: 3 })]);
      if (qos > 0) saying(bench, reader, ['c', v.puback(3), ID_3]);
      bench.timers.pass(LONG);
      saying(bench, reader, ['c', v.pingreq()], ['s', v.pingresp()], ['c', v.disconnect()]);
      saying(bench, writer, ['c', v.pingreq()], ['s', v.pingresp()], ['c', v.disconnect()]);
    },
  };
}

export const SCRIPTS: Readonly<Record<string, Script>> = {
  'chat of 3.1.1': chat(4),
  'chat of 5.0': chat(5),
  'a Will': chat(5, { will: { topic: 'w', qos: 1 } }),
  'an empty Client Identifier': chat(
    5,
    { clientId: '' },
    { properties: [[PROPERTY.ASSIGNED_CLIENT_IDENTIFIER, 'assigned']] },
  ),
  'a server with limits': short({}, { properties: limits }),
  'a server with a Receive Maximum': short({}, { properties: [[PROPERTY.RECEIVE_MAXIMUM, 2]] }),
  'a client with limits': short({
    properties: [
      [PROPERTY.MAXIMUM_PACKET_SIZE, 100],
      [PROPERTY.REQUEST_PROBLEM_INFORMATION, 0],
    ],
  }),
  authentication: {
    play: bench => {
      const v = mqtt(5);
      const method: PropertyList = [[PROPERTY.AUTHENTICATION_METHOD, 'm']];
      saying(
        bench,
        bench.connect(),
        ['c', v.connect({ properties: method })],
        ['s', v.auth(0x18, method)],
        ['c', v.auth(0x18, method)],
        ['s', v.connack(0, { properties: method })],
        ['c', v.pingreq()],
        ['s', v.pingresp()],
        ['c', v.disconnect()],
      );
    },
  },
  'a session that is taken up': {
    play: bench => {
      const v = mqtt(4);
      const one = { topic: 'a', payload: '1', qos: 1, id: 1 };
      const two = { topic: 'a', payload: '2', qos: 1, id: 2 };
      const first = bench.connect();
      saying(bench, first, ['c', v.connect({ clean: false })], ['s', v.connack()]);
      saying(bench, first, ['c', v.publish(one)], ['c', v.publish(two)]);
      bench.close(first);
      const second = bench.connect();
      saying(bench, second, ['c', v.connect({ clean: false })], ['s', v.connack(0, { sessionPresent: true })]);
      saying(bench, second, ['c', v.publish({ ...one, dup: true })], ['c', v.publish({ ...two, dup: true })]);
      saying(bench, second, ['s', v.puback(1), v.publish({ ...one, dup: true })], ['s', v.puback(2)]);
      bench.timers.pass(LONG);
      saying(bench, second, ['c', v.pingreq()], ['s', v.pingresp()], ['c', v.disconnect()]);
    },
  },
  'a session that has ended': ended(false),
  'sessions that end': ended(true),
  'a PUBREC that refuses': {
    play: bench => {
      const v = mqtt(5);
      saying(
        bench,
        bench.connect(),
        ['c', v.connect()],
        ['s', v.connack()],
        ['c', v.publish({ topic: 'a', qos: 2, id: 1 })],
        ['s', v.pubrec(1, 0x87)],
        ['c', v.pubrel(1), v.pubrec(1, 0)],
        ['c', v.disconnect()],
      );
    },
  },
  'two at once': {
    play: bench => {
      const v = mqtt(4);
      const at = (qos: number, id: number) => v.publish({ topic: 'a', payload: `${id}`, qos, id });
      saying(
        bench,
        bench.connect(),
        ['c', v.connect()],
        ['s', v.connack()],
        ['c', v.subscribe(9, [['#', 2]])],
        ['s', v.suback(9, [2])],
        ['s', at(1, 1)],
        ['s', at(1, 2)],
        ['c', v.puback(1)],
        ['c', v.puback(2)],
        ['s', at(2, 3)],
        ['s', at(2, 4)],
        ['c', v.pubrec(3)],
        ['c', v.pubrec(4)],
        ['s', v.pubrel(3)],
        ['s', v.pubrel(4)],
        ['c', v.pubcomp(3)],
        ['c', v.pubcomp(4)],
        ['c', at(2, 5)],
        ['c', at(2, 6)],
        ['s', v.pubrec(5)],
        ['s', v.pubrec(6)],
        ['c', v.pubrel(5)],
        ['c', v.pubrel(6)],
        ['s', v.pubcomp(5)],
        ['s', v.pubcomp(6)],
        ['c', v.disconnect()],
      );
    },
  },
  'subscriptions of one': {
    play: bench => {
      const v = mqtt(5);
      saying(
        bench,
        bench.connect(),
        ['c', v.connect()],
        ['s', v.connack()],
        ['c', v.subscribe(1, [['#', retainHandling(2)]], [[PROPERTY.SUBSCRIPTION_IDENTIFIER, 1]])],
        ['s', v.suback(1, [0])],
        ['s', v.publish({ topic: 'a', properties: [[PROPERTY.SUBSCRIPTION_IDENTIFIER, 1]] })],
        ['c', v.disconnect()],
      );
    },
  },
  'a broker seen whole': whole(1),
  'a broker seen whole, QoS 0': whole(0),
  'a Will seen whole': {
    dialect: { 'mqtt.sees': 'broker' },
    play: bench => {
      const v = mqtt(4);
      const will = { topic: 'w', payload: 'x', qos: 1 };
      const reader = bench.connect();
      saying(bench, reader, ['c', v.connect({ clientId: 'reader' })], ['s', v.connack()]);
      saying(bench, reader, ['c', v.subscribe(1, [['w', 1]])], ['s', v.suback(1, [1])]);
      const writer = bench.connect();
      saying(bench, writer, ['c', v.connect({ clientId: 'writer', will })], ['s', v.connack()]);
      bench.close(writer);
      saying(bench, reader, ['s', v.publish({ ...will, id: 1 })], ['c', v.puback(1), v.publish({ ...will, id: 1 })]);
      bench.timers.pass(LONG);
      saying(bench, reader, ['c', v.pingreq()], ['s', v.pingresp()], ['c', v.disconnect()]);
    },
  },
  silence: {
    play: bench => {
      const v = mqtt(5);
      const flow = bench.connect();
      saying(bench, flow, ['c', v.connect()], ['s', v.connack()]);
      bench.timers.pass(LONG);
      saying(bench, flow, ['c', v.publish({ topic: 'a' })]);
    },
  },
};

/** Rules for which a chat of 5.0 will not do, by the script that does. */
const OTHERS: Readonly<Record<string, readonly string[]>> = {
  'chat of 3.1.1': ['client-id-empty', 'password-without-username', 'topic-empty', 'session-present-refused'],
  'a Will': ['will-qos', 'will-unsupported-accepted'],
  'an empty Client Identifier': ['assigned-client-id-missing'],
  'a server with limits': [
    'qos-not-supported',
    'retain-not-supported',
    'wildcard-not-supported',
    'subscription-id-not-supported',
    'shared-not-supported',
    'topic-alias-too-large',
    'topic-alias-unknown',
  ],
  'a server with a Receive Maximum': ['receive-maximum'],
  'a client with limits': ['optional-property-too-large', 'maximum-packet-size', 'problem-information'],
  authentication: ['auth-method-mismatch', 'auth-unexpected', 'auth-packet-before-connack'],
  'a session that is taken up': ['session-lost', 'resume-id-in-use', 'resend-order', 'not-resent'],
  'a session that has ended': ['session-resurrected'],
  'sessions that end': ['state-carried-over'],
  'a PUBREC that refuses': ['pubrel-after-refusal'],
  'two at once': ['puback-order', 'pubrec-order', 'pubrel-order'],
  'subscriptions of one': ['subscription-id-missing', 'retain-flag-unwanted'],
  'a broker seen whole': [
    'forward-retain',
    'delivery-missing',
    'retained-missing',
    'forward-altered',
    'forward-expiry',
  ],
  'a broker seen whole, QoS 0': ['forward-order'],
  'a Will seen whole': ['will-missing'],
  silence: ['keep-alive-exceeded', 'refused-not-closed'],
};

export function scriptOf(rule: string): string {
  const [, id] = rule.split('/');
  return Object.entries(OTHERS).find(([, rules]) => rules.includes(id))?.[0] ?? 'chat of 5.0';
}
