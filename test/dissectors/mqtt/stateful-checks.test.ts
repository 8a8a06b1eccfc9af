import { describe, expect, test } from 'vitest';
import { STORED } from '../../../dissectors/mqtt/clients.ts';
import { ANNOUNCES_NOTHING, EXCESS } from '../../../dissectors/mqtt/connection.ts';
import { KIND, UNREAD } from '../../../dissectors/mqtt/flows.ts';
import { STANDING } from '../../../dissectors/mqtt/standing.ts';
import { PROPERTY } from '../../../dissectors/mqtt/terms.ts';
import { mqtt } from '../../kit/mqtt.ts';
import { brokenBy, exchangeOf, flowIn, outcomeOf } from './exchanges.ts';

const v5 = mqtt(5);
const v311 = mqtt(4);

describe('a Packet Identifier', () => {
  const dup = v5.publish({ qos: 2, id: 7, dup: true });
  const fresh = v5.publish({ qos: 2, id: 7 });

  test.each<[rule: string, standing: number, bytes: Uint8Array]>([
    ['dup-missing', STANDING.DUP_MISSING, fresh],
    ['packet-id-in-use', STANDING.IN_USE, fresh],
    ['packet-id-in-use', STANDING.IN_USE, v5.subscribe(7, ['a'])],
    ['resent-in-connection', STANDING.RESENT, dup],
    ['resent-in-connection', STANDING.RESENT, v5.pubrel(7)],
    ['publish-after-pubrel', STANDING.AFTER_PUBREL, fresh],
    ['dup-first', STANDING.DUP_FIRST, dup],
    ['state-carried-over', STANDING.CARRIED_OVER, dup],
    ['ack-unknown-id', STANDING.UNKNOWN, v5.puback(7)],
    ['ack-wrong-type', STANDING.WRONG_TYPE, v5.pubrec(7)],
    ['pubrel-unknown-id', STANDING.UNKNOWN_PUBREL, v5.pubrel(7)],
    ['pubrel-before-pubrec', STANDING.EARLY_PUBREL, v5.pubrel(7)],
    ['pubcomp-before-pubrel', STANDING.EARLY_PUBCOMP, v5.pubcomp(7)],
    ['pubrel-after-refusal', STANDING.PUBREL_AFTER_REFUSAL, v5.pubrel(7)],
  ])('breaks %s alone', (rule, standing, bytes) => {
    const exchange = exchangeOf(bytes);
    exchange.standing = standing;
    expect(brokenBy(exchange)).toEqual([rule]);
    expect(outcomeOf(rule, exchange)).toBe('broken');
  });

  test('of a flow of an earlier connection is in use in a resumed session alone', () => {
    const exchange = exchangeOf(fresh);
    exchange.standing = STANDING.RESUMED_IN_USE;
    expect(outcomeOf('resume-id-in-use', exchange)).toBe('skip');
    Object.assign(exchange.connection.session, { began: 0 });
    expect(outcomeOf('resume-id-in-use', exchange)).toBe('broken');
    exchange.level = 3;
    expect(outcomeOf('resume-id-in-use', exchange)).toBe('skip');
  });

  test('that says nothing for certain leaves open what it could have said', () => {
    const publish = exchangeOf(fresh);
    publish.standing = STANDING.UNTOLD;
    flowIn(publish, KIND.QOS2);
    expect(outcomeOf('dup-missing', publish)).toBe('inconclusive');
    expect(outcomeOf('packet-id-in-use', publish)).toBe('inconclusive');
    expect(outcomeOf('dup-first', publish)).toBe('skip');
    expect(outcomeOf('publish-after-pubrel', publish)).toBe('skip');
    const puback = exchangeOf(v5.puback(7));
    puback.standing = STANDING.UNTOLD;
    expect(outcomeOf('ack-unknown-id', puback)).toBe('inconclusive');
    expect(outcomeOf('ack-wrong-type', puback)).toBe('skip');
  });
});

describe('a limit', () => {
  test('of the packet size is exceeded by one byte', () => {
    const exchange = exchangeOf(v5.publish({ topic: 'a', payload: 'x'.repeat(50) }), { from: 'server' });
    exchange.receiver.announced = { ...ANNOUNCES_NOTHING, maximumPacketSize: exchange.message.length };
    expect(outcomeOf('maximum-packet-size', exchange)).toBe('pass');
    exchange.receiver.announced = { ...ANNOUNCES_NOTHING, maximumPacketSize: exchange.message.length - 1 };
    expect(outcomeOf('maximum-packet-size', exchange)).toBe('broken');
  });

  test('of the packet size is exceeded by words that could have been left out', () => {
    const exchange = exchangeOf(v5.puback(7, 0x97, [[PROPERTY.REASON_STRING, 'too many of them']]), { from: 'server' });
    exchange.receiver.announced = { ...ANNOUNCES_NOTHING, maximumPacketSize: 12 };
    expect(brokenBy(exchange)[0]).toBe('optional-property-too-large');
    exchange.receiver.announced = { ...ANNOUNCES_NOTHING, maximumPacketSize: 4 };
    expect(brokenBy(exchange)).toEqual(['maximum-packet-size']);
  });

  test('of a CONNACK that the client does not know binds it to nothing', () => {
    const exchange = exchangeOf(v5.publish({ qos: 1, retain: true, properties: [[PROPERTY.TOPIC_ALIAS, 3]] }));
    exchange.connection.connack.maximumQos = 0;
    exchange.connection.connack.retainAvailable = false;
    exchange.receiver.announced = { ...ANNOUNCES_NOTHING, maximumPacketSize: 4 };
    exchange.standing = STANDING.FRESH;
    expect(brokenBy(exchange)).toEqual([
      'maximum-packet-size',
      'topic-alias-too-large',
      'qos-not-supported',
      'retain-not-supported',
    ]);
    exchange.knowsConnack = false;
    expect(brokenBy(exchange)).toEqual([]);
  });

  test('of a CONNECT binds the server always', () => {
    const exchange = exchangeOf(v5.publish({ properties: [[PROPERTY.TOPIC_ALIAS, 3]] }), { from: 'server' });
    exchange.receiver.announced = { ...ANNOUNCES_NOTHING, topicAliasMaximum: 2 };
    expect(outcomeOf('topic-alias-too-large', exchange)).toBe('broken');
  });

  test('of the window is exceeded by a PUBLISH that takes a place, once', () => {
    const exchange = exchangeOf(v5.publish({ qos: 1, id: 9 }));
    exchange.standing = STANDING.FRESH;
    exchange.receiver.announced = { ...ANNOUNCES_NOTHING, receiveMaximum: 2 };
    exchange.sender.outstanding = 1;
    expect(outcomeOf('receive-maximum', exchange)).toBe('pass');
    exchange.sender.outstanding = 2;
    expect(outcomeOf('receive-maximum', exchange)).toBe('broken');
    exchange.sender.isOverWindow = true;
    expect(outcomeOf('receive-maximum', exchange)).toBe('skip');
  });

  test('of the window holds for what is sent again in a new connection, and takes one place of each', () => {
    const exchange = exchangeOf(v5.publish({ qos: 1, id: 9, dup: true }));
    exchange.standing = STANDING.RIGHT;
    exchange.receiver.announced = { ...ANNOUNCES_NOTHING, receiveMaximum: 2 };
    exchange.sender.outstanding = 2;
    flowIn(exchange, KIND.QOS1, { born: 0, sentHere: false });
    expect(outcomeOf('receive-maximum', exchange)).toBe('broken');
    flowIn(exchange, KIND.QOS1, { born: 0 });
    expect(outcomeOf('receive-maximum', exchange)).toBe('skip');
  });

  test('on filters is looked at in all of them', () => {
    const exchange = exchangeOf(v5.subscribe(3, ['a', '$share/g/b', 'c/+'], [[PROPERTY.SUBSCRIPTION_IDENTIFIER, 200]]));
    exchange.standing = STANDING.FRESH;
    expect(brokenBy(exchange)).toEqual([]);
    const { connack } = exchange.connection;
    connack.wildcardAvailable = false;
    connack.sharedAvailable = false;
    connack.subscriptionIdsAvailable = false;
    for (const rule of ['wildcard-not-supported', 'shared-not-supported', 'subscription-id-not-supported'])
      expect(outcomeOf(rule, exchange)).toBe('broken');
  });

  test('that a DISCONNECT complains of was exceeded, or not, or by what nobody has seen', () => {
    const exchange = exchangeOf(v5.disconnect(0x93), { from: 'server' });
    exchange.receiver.excess = EXCESS.SIZE | EXCESS.ALIAS;
    expect(outcomeOf('limit-unannounced', exchange)).toBe('broken');
    exchange.isPeerMidPacket = true;
    expect(outcomeOf('limit-unannounced', exchange)).toBe('inconclusive');
    exchange.receiver.excess |= EXCESS.WINDOW;
    expect(outcomeOf('limit-unannounced', exchange)).toBe('pass');
    expect(outcomeOf('topic-alias-refused', exchange)).toBe('skip');
  });
});

describe('an alias without a topic', () => {
  test('must have been set by the same side', () => {
    const exchange = exchangeOf(v5.publish({ topic: '', properties: [[PROPERTY.TOPIC_ALIAS, 3]] }));
    exchange.receiver.aliases = new Map([[3, { topic: 'a', digest: 1 }]]);
    expect(outcomeOf('topic-alias-unknown', exchange)).toBe('broken');
    exchange.sender.aliases = new Map([[3, { topic: undefined, digest: 1 }]]);
    expect(outcomeOf('topic-alias-unknown', exchange)).toBe('pass');
  });
});

describe('a CONNACK', () => {
  test.each<[code: number, broken: string, level: number, rules: string[]]>([
    [0, 'mqtt/will-qos', 4, ['bad-connect-accepted']],
    [5, 'mqtt/will-qos', 4, ['bad-connect-answered']],
    [1, 'mqtt/will-qos', 4, []],
    [2, 'mqtt/client-id-empty', 4, []],
    [2, 'mqtt/will-qos', 4, ['bad-connect-answered']],
    [0, 'mqtt/protocol-name', 4, []],
    [0, 'mqtt/will-qos', 3, []],
    [0x81, 'mqtt/will-qos', 5, []],
    [0, 'mqtt/property-value', 5, ['bad-connect-accepted']],
  ])('with code %i to a CONNECT that breaks %s, level %i', (code, broken, level, rules) => {
    const exchange = exchangeOf(mqtt(level as 3 | 4 | 5).connack(code), { from: 'server', level });
    exchange.connection.connect.broken = broken;
    expect(brokenBy(exchange)).toEqual(rules);
  });

  test.each([
    ['sensor7', 'broken'],
    ['a'.repeat(24), 'skip'],
    ['my-sensor', 'skip'],
    ['', 'skip'],
  ])('that refuses the Client Identifier "%s"', (clientId, outcome) => {
    for (const [level, code] of [
      [4, 2],
      [5, 0x85],
    ] as const) {
      const exchange = exchangeOf(mqtt(level).connack(code), { from: 'server', level });
      exchange.connection.connect.clientId = clientId;
      expect(outcomeOf('client-id-refused', exchange)).toBe(outcome);
    }
  });

  test.each<[stored: number, present: boolean, rules: string[]]>([
    [STORED.THERE, false, ['session-lost']],
    [STORED.THERE, true, []],
    [STORED.GONE, true, ['session-resurrected']],
    [STORED.GONE, false, []],
    [STORED.EITHER, true, []],
    [STORED.EITHER, false, []],
    [STORED.UNKNOWN, true, []],
  ])('where the server had %i of the session, Session Present %s', (stored, sessionPresent, rules) => {
    const exchange = exchangeOf(v311.connack(0, { sessionPresent }), { from: 'server', level: 4 });
    exchange.stored = stored;
    expect(brokenBy(exchange)).toEqual(rules);
    const alone = exchangeOf(v311.connack(0, { sessionPresent }), { from: 'server', level: 4, sees: 'connection' });
    alone.stored = stored;
    expect(brokenBy(alone)).toEqual([]);
  });

  test('with Session Present 1 to Clean Start 1', () => {
    const exchange = exchangeOf(v5.connack(0, { sessionPresent: true }), { from: 'server' });
    exchange.connection.connect.isClean = true;
    exchange.stored = STORED.GONE;
    expect(brokenBy(exchange)).toEqual(['session-present-clean']);
  });

  test('that accepts an empty Client Identifier assigns one', () => {
    const without = exchangeOf(v5.connack(0), { from: 'server' });
    without.connection.connect.clientId = '';
    expect(outcomeOf('assigned-client-id-missing', without)).toBe('broken');
    const assigned = v5.connack(0, { properties: [[PROPERTY.ASSIGNED_CLIENT_IDENTIFIER, 'auto-1']] });
    const exchange = exchangeOf(assigned, { from: 'server' });
    exchange.connection.connect.clientId = '';
    expect(brokenBy(exchange)).toEqual([]);
    exchange.assignedInUse = 2;
    expect(outcomeOf('assigned-client-id-in-use', exchange)).toBe('broken');
  });

  test('that accepts a Will which its own limits forbid', () => {
    const limits = v5.connack(0, {
      properties: [
        [PROPERTY.MAXIMUM_QOS, 1],
        [PROPERTY.RETAIN_AVAILABLE, 0],
      ],
    });
    const exchange = exchangeOf(limits, { from: 'server' });
    const { connect } = exchange.connection;
    expect(outcomeOf('will-unsupported-accepted', exchange)).toBe('skip');
    connect.hasWill = true;
    connect.willQos = 1;
    expect(outcomeOf('will-unsupported-accepted', exchange)).toBe('pass');
    connect.willQos = 2;
    expect(outcomeOf('will-unsupported-accepted', exchange)).toBe('broken');
    connect.willQos = 0;
    connect.willRetain = true;
    expect(outcomeOf('will-unsupported-accepted', exchange)).toBe('broken');
  });

  test('with Response Information that nobody asked for, or nobody can tell', () => {
    const bytes = v5.connack(0, { properties: [[PROPERTY.RESPONSE_INFORMATION, 'r/7']] });
    const exchange = exchangeOf(bytes, { from: 'server' });
    expect(outcomeOf('response-information', exchange)).toBe('broken');
    exchange.connection.connect.clientId = undefined;
    expect(outcomeOf('response-information', exchange)).toBe('inconclusive');
    exchange.connection.connect.wantsResponseInformation = true;
    expect(outcomeOf('response-information', exchange)).toBe('pass');
  });
});

describe('authentication', () => {
  const scram = [[PROPERTY.AUTHENTICATION_METHOD, 'SCRAM']] as const;

  test('without a method in the CONNECT', () => {
    expect(brokenBy(exchangeOf(v5.auth(0x18, scram), { from: 'server' }))).toEqual(['auth-without-method']);
    const connack = exchangeOf(v5.connack(0, { properties: scram }), { from: 'server' });
    expect(brokenBy(connack)).toEqual(['auth-without-method']);
  });

  test.each<[method: string, rules: string[]]>([
    ['SCRAM', []],
    ['SCRAP', ['auth-method-mismatch']],
    ['SCRAM-1', ['auth-method-mismatch']],
  ])('whose CONNECT names %s', (method, rules) => {
    const exchange = exchangeOf(v5.auth(0x18, scram), { from: 'server' });
    exchange.connection.connect.authenticationMethod = method;
    expect(brokenBy(exchange)).toEqual(rules);
  });

  test.each<[code: number, from: 'client' | 'server', connack: number, open: boolean, outcome: string]>([
    [0x00, 'client', 5, false, 'broken'],
    [0x00, 'server', 0, false, 'broken'],
    [0x00, 'server', 5, false, 'pass'],
    [0x19, 'server', 5, false, 'broken'],
    [0x19, 'client', 0, false, 'broken'],
    [0x19, 'client', 5, false, 'pass'],
    [0x18, 'client', 0, false, 'broken'],
    [0x18, 'client', 0, true, 'pass'],
    [0x18, 'server', 0, false, 'pass'],
    [0x42, 'server', 0, false, 'skip'],
  ])('AUTH %i of the %s, CONNACK in frame %i, asked by the server: %s', (code, from, connack, open, outcome) => {
    const exchange = exchangeOf(v5.auth(code, scram), { from });
    exchange.connection.connack.frame = connack;
    exchange.connection.isAuthOpen = open;
    expect(outcomeOf('auth-unexpected', exchange)).toBe(outcome);
  });

  test('that is not done lets the client send nothing else', () => {
    const exchange = exchangeOf(v5.pingreq());
    exchange.connection.connack.frame = 0;
    expect(outcomeOf('auth-packet-before-connack', exchange)).toBe('skip');
    exchange.connection.connect.authenticationMethod = 'SCRAM';
    expect(outcomeOf('auth-packet-before-connack', exchange)).toBe('broken');
  });
});

describe('an acknowledgement', () => {
  test('out of its order is a fault of clients alone, and not in MQTT 3.1', () => {
    const exchange = exchangeOf(v5.puback(8));
    exchange.standing = STANDING.RIGHT;
    expect(outcomeOf('puback-order', exchange)).toBe('pass');
    exchange.dueBefore = flowIn(exchange, KIND.QOS1);
    expect(outcomeOf('puback-order', exchange)).toBe('broken');
    exchange.level = 3;
    expect(outcomeOf('puback-order', exchange)).toBe('skip');
    exchange.level = 4;
    exchange.fromClient = false;
    expect(outcomeOf('puback-order', exchange)).toBe('skip');
  });

  test('of a SUBSCRIBE has a code for each filter, and none above what was asked for', () => {
    const exchange = exchangeOf(v5.suback(3, [0, 2, 0x80]), { from: 'server' });
    exchange.standing = STANDING.RIGHT;
    const flow = flowIn(exchange, KIND.SUBSCRIBE);
    flow.filters = ['a', 'b', 'c'];
    flow.options = [0, 0x2a, 1];
    expect(brokenBy(exchange)).toEqual([]);
    flow.options = [0, 0x29, 1];
    expect(brokenBy(exchange)).toEqual(['granted-above-requested']);
    expect(outcomeOf('granted-above-requested', exchange)).toBe('broken');
    flow.filters = ['a', 'b'];
    expect(brokenBy(exchange)[0]).toBe('suback-count');
    flow.digest = UNREAD;
    expect(outcomeOf('suback-count', exchange)).toBe('inconclusive');
    flow.isFaulty = true;
    expect(brokenBy(exchange)).toEqual([]);
  });

  test('of an UNSUBSCRIBE has codes in 5.0 alone', () => {
    const exchange = exchangeOf(v5.unsuback(3, [0]), { from: 'server' });
    exchange.standing = STANDING.RIGHT;
    flowIn(exchange, KIND.UNSUBSCRIBE).filters = ['a', 'b'];
    expect(outcomeOf('unsuback-count', exchange)).toBe('broken');
    exchange.level = 4;
    expect(outcomeOf('unsuback-count', exchange)).toBe('skip');
  });
});

test('a PUBLISH is sent again after a younger one', () => {
  const exchange = exchangeOf(v5.publish({ qos: 1, id: 1, dup: true }));
  exchange.standing = STANDING.RIGHT;
  flowIn(exchange, KIND.QOS1, { born: 0, order: 3, sentHere: false });
  exchange.sender.resentOrder = 2;
  expect(outcomeOf('resend-order', exchange)).toBe('skip');
  Object.assign(exchange.connection.session, { began: 0 });
  expect(outcomeOf('resend-order', exchange)).toBe('pass');
  exchange.sender.resentOrder = 4;
  expect(outcomeOf('resend-order', exchange)).toBe('broken');
  flowIn(exchange, KIND.QOS1, { born: 0, order: 3 });
  expect(outcomeOf('resend-order', exchange)).toBe('skip');
});

describe('a delivery', () => {
  function delivered(topic: string, parts: Parameters<typeof v5.publish>[0] = {}) {
    const exchange = exchangeOf(v5.publish({ topic, ...parts }), { from: 'server' });
    const { subscriptions } = exchange.connection.session;
    exchange.standing = STANDING.FRESH;
    subscriptions.ask('a/#', 0x20, 7);
    subscriptions.grant('a/#', 0x20, 0);
    subscriptions.ask('#', 1, 0);
    subscriptions.grant('#', 1, 0x80);
    subscriptions.ask('+/x', 0, 9);
    exchange.topic = topic;
    exchange.match = subscriptions.match(topic, 0);
    return exchange;
  }

  const id7 = [PROPERTY.SUBSCRIPTION_IDENTIFIER, 7] as const;
  const id8 = [PROPERTY.SUBSCRIPTION_IDENTIFIER, 300] as const;

  test.each<[name: string, rules: string[], exchange: ReturnType<typeof delivered>]>([
    ['as it was granted', [], delivered('a/b', { properties: [id7] })],
    ['with a topic of a refused filter', ['topic-not-subscribed'], delivered('b', { properties: [id7] })],
    ['with $ for a wildcard', ['dollar-topic-matched'], delivered('$SYS/x', { properties: [id7] })],
    ['with a QoS above', ['qos-above-granted'], delivered('a/b', { qos: 1, properties: [id7] })],
    ['with RETAIN 1', ['retain-flag-unwanted'], delivered('a/b', { retain: true, properties: [id7] })],
    ['without its identifier', ['subscription-id-missing'], delivered('a/b')],
    ['with another one besides', ['subscription-id-unknown'], delivered('a/b', { properties: [id7, id8] })],
    ['with another one', ['subscription-id-unknown'], delivered('a/b', { properties: [id8] })],
  ])('%s', (_name, rules, exchange) => {
    expect(brokenBy(exchange)).toEqual(rules);
    for (const rule of rules) expect(outcomeOf(rule, exchange)).toBe('broken');
    exchange.connection.session.isKnown = false;
    expect(brokenBy(exchange)).toEqual([]);
    expect(outcomeOf('topic-not-subscribed', exchange)).toBe('inconclusive');
  });
});

describe('a connection that should be closed', () => {
  test.each<[answers: number, isSuccess: boolean, outcome: string]>([
    [3, true, 'skip'],
    [4, false, 'pass'],
    [4, true, 'broken'],
    [5, false, 'broken'],
  ])('over packet 4, where the server answers packet %i, with success: %s', (answers, isSuccess, outcome) => {
    const exchange = exchangeOf(v5.pingresp(), { from: 'server' });
    exchange.connection.faultOrdinal = 4;
    exchange.answersOrdinal = answers;
    exchange.isSuccess = isSuccess;
    expect(outcomeOf('malformed-accepted', exchange)).toBe(outcome);
    exchange.connection.isFaultReported = true;
    expect(outcomeOf('malformed-accepted', exchange)).toBe('skip');
  });

  test('since another one took it over', () => {
    const exchange = exchangeOf(v5.pingresp(), { from: 'server' });
    exchange.answersOrdinal = 9;
    expect(outcomeOf('takeover-not-closed', exchange)).toBe('skip');
    exchange.connection.takenOver = 100;
    exchange.connection.takeoverOrdinal = 9;
    expect(outcomeOf('takeover-not-closed', exchange)).toBe('pass');
    exchange.answersOrdinal = 10;
    expect(outcomeOf('takeover-not-closed', exchange)).toBe('broken');
  });

  test('since its client was silent', () => {
    const exchange = exchangeOf(v5.pingresp(), { from: 'server' });
    exchange.answersOrdinal = 9;
    exchange.connection.lateOrdinal = 9;
    expect(outcomeOf('keep-alive-not-enforced', exchange)).toBe('skip');
    exchange.connection.connack.keepAlive = 10;
    expect(outcomeOf('keep-alive-not-enforced', exchange)).toBe('broken');
    exchange.connection.lateOrdinal = 8;
    expect(outcomeOf('keep-alive-not-enforced', exchange)).toBe('pass');
  });

  test.each([
    [0, 'skip'],
    [15, 'pass'],
    [15.001, 'broken'],
  ])('after a silence of %d s at a keep alive of 10 s', (silence, outcome) => {
    const exchange = exchangeOf(v5.pingreq());
    exchange.connection.connect.keepAlive = 10;
    exchange.silence = silence;
    expect(outcomeOf('keep-alive-exceeded', exchange)).toBe(outcome);
  });

  test('raises its Session Expiry Interval at last', () => {
    const exchange = exchangeOf(v5.disconnect(0, [[PROPERTY.SESSION_EXPIRY, 60]]));
    expect(outcomeOf('session-expiry-raised', exchange)).toBe('broken');
    exchange.connection.connect.hadExpiry = true;
    expect(outcomeOf('session-expiry-raised', exchange)).toBe('pass');
  });
});

test('a SUBACK tells of a problem that the client did not want to hear of', () => {
  const bytes = v5.suback(3, [0], [[PROPERTY.USER_PROPERTY, ['why', 'not']]]);
  const exchange = exchangeOf(bytes, { from: 'server' });
  expect(outcomeOf('problem-information', exchange)).toBe('skip');
  exchange.connection.connect.wantsProblemInformation = false;
  expect(outcomeOf('problem-information', exchange)).toBe('broken');
});
