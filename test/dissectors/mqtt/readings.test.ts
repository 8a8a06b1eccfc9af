/**
 * Conversations in which the dissector and the second reading of the catalogue (model/) once differed, cut down to what it
 * was about. Both find what stands here, and nothing else.
 */
import { describe, expect, test } from 'vitest';
import { PROPERTY } from '../../../dissectors/mqtt/terms.ts';
import { hex } from '../../../src/testkit/bytes.ts';
import type { Level } from '../../kit/mqtt.ts';
import { type Scene, scene } from '../../kit/mqtt-judge.ts';
import { found } from './found.ts';
import { judgeCapture } from './model/judge.ts';

const { ASSIGNED_CLIENT_IDENTIFIER, AUTHENTICATION_METHOD, MAXIMUM_PACKET_SIZE, SESSION_EXPIRY, TOPIC_ALIAS } =
  PROPERTY;
const { SUBSCRIPTION_IDENTIFIER, TOPIC_ALIAS_MAXIMUM } = PROPERTY;
const KEPT = { sessionPresent: true } as const;
const BOTH = [4, 5] as const;

/** `topic-alias-unknown 7`: rule and frame of all that the dissector finds, if the model finds the same. */
function agreed({ net }: Scene): string[] {
  const [ours, theirs] = [found(net.frames()), judgeCapture(net.segments)];
  expect(ours).toEqual(theirs);
  return ours.map(({ rule, frame }) => `${rule} ${frame}`);
}

/** Time passes, and then somebody says something. */
function later(stage: Scene, connection: ReturnType<Scene['open']>, seconds: number): void {
  stage.net.wait(seconds);
  connection.client(stage.m.pingreq()).server(stage.m.pingresp());
}

describe('an identifier that two messages share', () => {
  const shared = (level: Level) => {
    const stage = scene(level);
    const { m, open } = stage;
    const client = open().client(m.publish({ qos: 2, payload: 'on' }));
    return { stage, m, client };
  };

  test.each(BOTH)('a PUBREL is for the one whose PUBREC came, level %i', level => {
    const { stage, m, client } = shared(level);
    client.server(m.pubrec()).client(m.publish({ qos: 2, payload: 'off' }), m.pubrel());
    client.server(m.pubrec()).client(m.pubrel()).server(m.pubcomp(), m.pubcomp());
    expect(agreed(stage)).toEqual(['packet-id-in-use 8']);
  });

  test.each(BOTH)('one PUBREL may be for both, and the order of both is unknown, level %i', level => {
    const { stage, m, client } = shared(level);
    client.client(m.publish({ qos: 2, payload: 'off' }), m.publish({ qos: 2, id: 2 }));
    client.server(m.pubrec(1), m.pubrec(1), m.pubrec(2)).client(m.pubrel(2), m.pubrel(1));
    client.server(m.pubcomp(2), m.pubcomp(1));
    later(stage, client, 40);
    expect(agreed(stage)).toEqual(['packet-id-in-use 7']);
  });

  test.each(BOTH)('the first acknowledgement is for the first, level %i', level => {
    const stage = scene(level);
    const { m, open } = stage;
    const client = open().client(m.publish({ qos: 1, payload: 'on' }), m.publish({ qos: 1, payload: 'off' }));
    client.server(m.puback());
    later(stage, client, 40);
    expect(agreed(stage)).toEqual(['packet-id-in-use 7']);
  });
});

describe('an identifier in flight from an earlier connection', () => {
  test.each(BOTH)('whose session was not seen from its beginning is free for a new message, level %i', level => {
    const stage = scene(level);
    const { m, open, kept } = stage;
    open(kept(), KEPT)
      .server(m.publish({ qos: 1, id: 3, payload: 'on' }))
      .close('client');
    const next = open(kept(), KEPT).server(m.publish({ qos: 1, id: 3, payload: 'off' }), m.publish({ qos: 1, id: 1 }));
    next.client(m.puback(3), m.puback(1)).server(m.publish({ qos: 1, id: 3, payload: 'on again' }));
    expect(agreed(stage)).toEqual([]);
  });

  test('may be used for another message before CONNACK tells that it is in flight', () => {
    const stage = scene(5);
    const { m, open, connect, kept } = stage;
    open(kept())
      .client(m.publish({ qos: 2, id: 1 }))
      .close('client');
    connect(kept())
      .client(m.subscribe(1, [['a', 0]]))
      .server(m.connack(0, KEPT), m.suback(1, [0]))
      .client(m.publish({ qos: 1, id: 1, payload: 'new' }));
    expect(found(stage.net.frames())).toEqual([]);
  });

  test('is not acknowledged by what comes when its sender has sent RST', () => {
    const stage = scene(5);
    const { m, open, kept } = stage;
    open(kept())
      .client(m.publish({ qos: 1, id: 1 }))
      .reset('client')
      .server(m.puback(1));
    open(kept(), KEPT).client(m.publish({ qos: 1, id: 1, payload: 'new' }));
    expect(agreed(stage)).toEqual(['resume-id-in-use 14']);
  });

  test('is not acknowledged before it is sent again', () => {
    const stage = scene(5);
    const { m, open, kept } = stage;
    open(kept())
      .client(m.publish({ qos: 1, id: 3 }))
      .close('client');
    open(kept(), KEPT).server(m.puback(3));
    expect(agreed(stage)).toEqual(['ack-unknown-id 15']);
  });

  test('and new there fills the window', () => {
    const stage = scene(5);
    const { m, open, kept } = stage;
    open(kept())
      .client(m.publish({ qos: 1, id: 3, payload: 'on' }))
      .close('client');
    const window = { sessionPresent: true, properties: [[PROPERTY.RECEIVE_MAXIMUM, 1]] } as const;
    open(kept(), window).client(m.publish({ qos: 1, id: 3, payload: 'off' }), m.publish({ qos: 1, id: 4 }));
    expect(agreed(stage)).toEqual(['resume-id-in-use 15', 'receive-maximum 16']);
  });

  test('in a PUBLISH that came while the next connection began is held to its limits, too', () => {
    const stage = scene(5);
    const { m, open, connect, kept } = stage;
    const large = { topic: 't', qos: 1, id: 3, payload: 'x'.repeat(90) };
    const first = open(kept())
      .client(m.subscribe(1, [['t', 1]]))
      .server(m.suback(1, [1]));
    const limited = {
      clean: false,
      properties: [[SESSION_EXPIRY, 1_000] as const, [MAXIMUM_PACKET_SIZE, 60] as const],
    };
    const second = connect(limited);
    first.server(m.publish(large)).close('server');
    second.server(m.connack(0, KEPT)).close('client');
    open(kept(), KEPT).server(m.publish({ topic: 't', qos: 1, id: 3, payload: 'y' }));
    expect(agreed(stage)).toEqual([]);
  });
});

describe('a client of 3.1.1 that keeps its own state while the server has none', () => {
  const started = () => {
    const stage = scene(4);
    const { m, open, kept } = stage;
    open(kept())
      .client(m.publish({ qos: 1, id: 8, payload: 'old' }))
      .close('client');
    return { stage, m, open, kept };
  };

  test('sends again first what it had sent first, in the connection after that too', () => {
    const { stage, m, open, kept } = started();
    open(kept())
      .client(m.publish({ qos: 1, id: 8, payload: 'old', dup: true }), m.publish({ qos: 1, id: 1, payload: 'new' }))
      .close('client');
    const last = open(kept(), KEPT);
    last.client(m.publish({ qos: 1, id: 8, payload: 'old', dup: true }));
    last.client(m.publish({ qos: 1, id: 1, payload: 'new', dup: true }));
    expect(agreed(stage)).toEqual(['session-lost 14']);
  });

  test('has to send it again where that session is taken up', () => {
    const { stage, open, kept } = started();
    open(kept()).close('client');
    later(stage, open(kept(), KEPT), 10);
    expect(agreed(stage)).toEqual(['session-lost 14', 'not-resent 22']);
  });

  test('says nothing wrong with the same message under the same identifier', () => {
    const { stage, m, open, kept } = started();
    open(kept())
      .client(m.publish({ qos: 1, id: 8, payload: 'old' }))
      .server(m.puback(8));
    expect(agreed(stage)).toEqual(['session-lost 14']);
  });

  test('may send again in any order what was first sent before the capture', () => {
    const stage = scene(4);
    const { m, open, kept } = stage;
    const old = { qos: 1, id: 8, payload: 'old', dup: true };
    open(kept())
      .client(m.publish({ qos: 1, id: 1, payload: 'new' }), m.publish(old))
      .close('client');
    open(kept(), KEPT).client(m.publish(old), m.publish({ qos: 1, id: 1, payload: 'new', dup: true }));
    expect(agreed(stage)).toEqual([]);
  });
});

describe('whether a session goes on', () => {
  test('is not known of one whose identifier the server has given to another', () => {
    const stage = scene(5);
    const { m, open, connect, kept } = stage;
    const first = open({ ...kept(), clientId: 'a' });
    const assigned = { properties: [[ASSIGNED_CLIENT_IDENTIFIER, 'a']] } as const;
    connect({ clientId: '' }).server(m.connack(0, assigned)).close('client');
    first.close('client');
    open({ ...kept(), clientId: 'a' }, KEPT).close('client');
    open({ ...kept(), clientId: 'a' });
    expect(agreed(stage)).toEqual(['assigned-client-id-in-use 10', 'session-lost 29']);
  });

  test('what it holds is not known where it should have ended', () => {
    const stage = scene(5);
    const { m, open, kept } = stage;
    open(kept(5))
      .client(m.publish({ qos: 1, id: 3 }))
      .close('client');
    stage.net.wait(20);
    later(stage, open(kept(5), KEPT), 10);
    expect(agreed(stage)).toEqual(['session-resurrected 14']);
  });

  test('is known of a clean start before its CONNACK', () => {
    const stage = scene(5);
    const { m, open, connect, kept } = stage;
    open(kept())
      .client(m.publish({ qos: 1, id: 3 }))
      .close('client');
    connect({ clean: true }).client(m.publish({ qos: 1, id: 3, dup: true }));
    expect(agreed(stage)).toEqual(['state-carried-over 14']);
  });
});

test('nothing more must be sent again while one waits whose last acknowledgement got lost', () => {
  const stage = scene(5);
  const { m, open, kept } = stage;
  const first = open(kept()).client(m.publish({ qos: 2, id: 1 }), m.publish({ qos: 1, id: 2 }));
  first.server(m.pubrec(1)).client(m.pubrel(1)).server(m.pubcomp(1)).reset('client');
  const next = open(kept(), KEPT).client(m.pubrel(1));
  later(stage, next, 10);
  next.server(m.pubcomp(1));
  later(stage, next, 4);
  expect(agreed(stage)).toEqual([]);
  later(stage, next, 4);
  expect(agreed(stage)).toEqual(['not-resent 16']);
});

describe('what broke a rule', () => {
  test('and is sent again as it should be is one message, of which both may be acknowledged', () => {
    const stage = scene(4);
    const { m, open } = stage;
    const client = open().client(m.publish({ topic: 'a/+', qos: 2 }), m.publish({ qos: 2, dup: true }));
    client
      .server(m.pubrec())
      .client(m.pubrel())
      .server(m.pubrec(), m.pubcomp())
      .client(m.publish({ qos: 1 }));
    expect(agreed(stage)).toEqual(['topic-wildcard 6']);
  });

  test('in that its identifier is in use may be sent again', () => {
    const stage = scene(4);
    const { m, open } = stage;
    const client = open().client(m.publish({ qos: 2 }), m.publish({ qos: 1 }), m.publish({ qos: 1, dup: true }));
    client.server(m.pubrec(), m.puback(), m.puback());
    expect(agreed(stage)).toEqual(['packet-id-in-use 7']);
  });

  test('leaves its identifier free', () => {
    const stage = scene(5);
    const { m, open } = stage;
    const client = open({}, { properties: [[PROPERTY.MAXIMUM_QOS, 1]] });
    client.client(m.publish({ qos: 2, payload: 'on' }), m.publish({ qos: 1, payload: 'off' })).server(m.puback());
    expect(agreed(stage)).toEqual(['qos-not-supported 6']);
  });

  test.each(BOTH)('need not be answered, level %i', level => {
    const stage = scene(level);
    const { m, open } = stage;
    const client = open().server(m.publish({ topic: 'never/asked', qos: 1 }));
    later(stage, client, 40);
    expect(agreed(stage)).toEqual(['topic-not-subscribed 6']);
  });

  test('is under way where a PUBREC takes it all the same', () => {
    const stage = scene(5);
    const { m, open, kept } = stage;
    open(kept())
      .client(m.publish({ qos: 2, id: 7, dup: true }))
      .server(m.pubrec(7))
      .close('client');
    later(stage, open(kept(), KEPT), 10);
    expect(agreed(stage)).toEqual(['dup-first 6', 'not-resent 15']);
  });

  test('and is a SUBSCRIBE, may have any answer', () => {
    const stage = scene(5);
    const { m, open } = stage;
    const client = open({}, { properties: [[PROPERTY.WILDCARD_AVAILABLE, 0]] });
    client.client(m.subscribe(1, [['a/#', 0]])).server(m.suback(1, [2, 0]));
    expect(agreed(stage)).toEqual(['wildcard-not-supported 6']);
  });
});

test('an acknowledgement answers the first of two transmissions, which was before the fault', () => {
  const stage = scene(4);
  const { m, open } = stage;
  const client = open().client(m.publish({ qos: 1, id: 4 }), m.publish({ topic: 'a\0' }));
  client.client(m.publish({ qos: 1, id: 4, dup: true })).server(m.puback(4), m.puback(4));
  expect(agreed(stage)).toEqual(['utf8-null 7', 'malformed-accepted 10']);
});

test('AUTH answers AUTH', () => {
  const stage = scene(5);
  const { m, open } = stage;
  const method = { properties: [[AUTHENTICATION_METHOD, 'M']] } as const;
  const client = open(method, method).client(m.subscribe(1, [['a', 3]]), m.auth(0x19, method.properties));
  client.server(m.auth(0, method.properties));
  expect(agreed(stage)).toEqual(['subscribe-options 6', 'malformed-accepted 8']);
});

test('what was sent in an earlier connection has no place among the PUBRELs of this one', () => {
  const stage = scene(5);
  const { m, open, kept } = stage;
  open(kept())
    .client(m.publish({ qos: 2, id: 1 }), m.publish({ qos: 2, id: 2, payload: 'y' }))
    .close('client');
  const next = open(kept(), KEPT).client(m.publish({ qos: 2, id: 1, dup: true }));
  next.client(m.publish({ qos: 2, id: 2, payload: 'y', dup: true })).server(m.pubrec(1), m.pubrec(2));
  next.client(m.pubrel(2), m.pubrel(1));
  expect(agreed(stage)).toEqual([]);
});

test('an identifier under which something was sent twice has no place in the order any more', () => {
  const stage = scene(4);
  const { m, open } = stage;
  const server = open()
    .client(m.subscribe(1, [['a/b', 2]]))
    .server(m.suback(1, [2]), m.publish({ qos: 2 }), m.publish({ qos: 2, dup: true }));
  server.client(m.pubrec(), m.pubrec()).server(m.pubrel()).client(m.pubcomp());
  server.server(m.publish({ qos: 2, payload: 'x' }), m.publish({ qos: 2, id: 2 })).client(m.pubrec(2));
  expect(agreed(stage)).toEqual([]);
});

test('an identifier under which a SUBSCRIBE was sent twice has', () => {
  const stage = scene(4);
  const { m, open } = stage;
  const client = open().client(m.subscribe(1, [['a', 0]]), m.subscribe(1, [['a', 0]]));
  client.server(m.suback(1, [0]), m.suback(1, [0])).client(m.publish({ qos: 2 }), m.publish({ qos: 2, id: 2 }));
  client.server(m.pubrec(1), m.pubrec(2)).client(m.pubrel(2));
  expect(agreed(stage)).toEqual(['pubrel-order 14']);
});

test('a second CONNECT is one too many, whatever may be sent before CONNACK', () => {
  const stage = scene(5);
  const { m, connect } = stage;
  const parts = { properties: [[AUTHENTICATION_METHOD, 'M']] } as const;
  connect(parts).client(m.connect(parts));
  expect(agreed(stage)).toEqual(['connect-repeated 5']);
});

describe('an alias that a malformed PUBLISH sets', () => {
  const opened = () => {
    const stage = scene(5);
    const { m, open } = stage;
    const client = open({}, { properties: [[TOPIC_ALIAS_MAXIMUM, 5]] });
    const byAlias = (alias: number) => m.publish({ topic: '', properties: [[TOPIC_ALIAS, alias]] });
    return { stage, m, client, byAlias };
  };

  test.each([
    [
      'of which all can be read',
      {
        properties: [
          [TOPIC_ALIAS, 3],
          [SUBSCRIPTION_IDENTIFIER, 1],
        ],
      },
      'subscription-id-from-client',
    ],
    [
      'with another topic than anybody could subscribe',
      { topic: 'a/+', properties: [[TOPIC_ALIAS, 3]] },
      'topic-wildcard',
    ],
    ['whose topic cannot be read', { topic: 'a\0', properties: [[TOPIC_ALIAS, 3]] }, 'utf8-null'],
  ] as const)('is its sender’s from then on: one %s', (_, parts, rule) => {
    const { stage, m, client, byAlias } = opened();
    client.client(m.publish(parts), byAlias(3), byAlias(4));
    expect(agreed(stage)).toEqual([`${rule} 6`, 'topic-alias-unknown 8']);
  });

  test('may be any where its properties cannot be read', () => {
    const { stage, m, client, byAlias } = opened();
    client.client(hex('30 07 00 01 61 02 64 00 78'), byAlias(3)).server(m.disconnect(0x94));
    expect(agreed(stage)).toEqual(['property-unknown 6']);
  });

  test('may be unknown to its receiver', () => {
    const { stage, m, client, byAlias } = opened();
    const parts = {
      properties: [
        [TOPIC_ALIAS, 3],
        [SUBSCRIPTION_IDENTIFIER, 1],
      ],
    } as const;
    client.client(m.publish(parts), byAlias(3)).server(m.disconnect(0x94));
    expect(agreed(stage)).toEqual(['subscription-id-from-client 6']);
  });

  test('and its QoS, may be what its receiver complains of', () => {
    const stage = scene(5);
    const { m, open } = stage;
    const client = open({}, { properties: [[PROPERTY.MAXIMUM_QOS, 1]] });
    client.client(m.publish({ topic: 'a\0', qos: 2 })).server(m.disconnect(0x9b));
    expect(agreed(stage)).toEqual(['utf8-null 6']);
  });
});

test.each([true, false])('a side that owes an answer is silent, its TCP too: %s', isOut => {
  const stage = scene(5);
  const { m, open } = stage;
  const client = open()
    .client(m.subscribe(1, [['a/b', 1]]))
    .server(m.suback(1, [1]), m.publish({ qos: 1 }))
    .ack('client');
  client.server(m.publish());
  if (!isOut) client.ack('client');
  stage.net.wait(40);
  client.server(m.publish());
  expect(agreed(stage)).toEqual(isOut ? [] : ['publish-unanswered 8']);
});
