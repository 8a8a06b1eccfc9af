/** Keeps the rules of PUBLISH. */
import { PROPERTY } from '../../../../dissectors/mqtt/terms.ts';
import { BOTH, keeps, spares, V5, V31, V311 } from './twin.ts';

const { MAXIMUM_QOS, RECEIVE_MAXIMUM, RESPONSE_TOPIC, RETAIN_AVAILABLE } = PROPERTY;
const { TOPIC_ALIAS, TOPIC_ALIAS_MAXIMUM } = PROPERTY;
const present = { sessionPresent: true } as const;
const alias = (number: number) => [[TOPIC_ALIAS, number]] as const;
const takesAliases = { properties: [[TOPIC_ALIAS_MAXIMUM, 5]] } as const;
const window = (most: number) => ({ properties: [[RECEIVE_MAXIMUM, most]] }) as const;
/** What the client sends before it can know of the CONNACK. */
const early = { unaware: true } as const;

export const PUBLISHING = [
  keeps('publish-qos', BOTH, 'QoS 0, 1 and 2', ({ open, m }) => {
    open()
      .client(m.publish(), m.publish({ qos: 1, id: 1 }), m.publish({ qos: 2, id: 2 }))
      .server(m.puback(1), m.pubrec(2))
      .client(m.pubrel(2))
      .server(m.pubcomp(2));
  }),
  keeps('dup-qos0', BOTH, 'the same message twice with QoS 0', ({ open, m }) => {
    open().client(m.publish({ payload: 'x' }), m.publish({ payload: 'x' }));
  }),
  keeps('dup-missing', V311, 'DUP 1 of what is sent again in this connection', ({ open, m }) => {
    open()
      .client(m.publish({ qos: 1, id: 7 }), m.publish({ qos: 1, id: 7, dup: true }))
      .server(m.puback(7), m.puback(7));
  }),
  keeps('dup-missing', BOTH, 'the same content once more behind its acknowledgement', ({ open, m }) => {
    open()
      .client(m.publish({ qos: 1, id: 7 }))
      .server(m.puback(7))
      .client(m.publish({ qos: 1, id: 7 }))
      .server(m.puback(7));
  }),
  keeps('dup-missing', BOTH, 'the same content under another identifier', ({ open, m }) => {
    open()
      .client(m.publish({ qos: 1, id: 7 }), m.publish({ qos: 1, id: 8 }))
      .server(m.puback(7), m.puback(8));
  }),
  spares('dup-first', BOTH, 'DUP 0 the first time', ({ open, m }) => {
    open()
      .client(m.publish({ qos: 2 }))
      .server(m.pubrec())
      .client(m.pubrel())
      .server(m.pubcomp());
  }),
  keeps('packet-id-zero', BOTH, 'identifiers 1 and 65,535', ({ open, m }) => {
    open()
      .client(m.publish({ qos: 1, id: 1 }), m.subscribe(65_535, ['a']))
      .server(m.puback(1), m.suback(65_535, [0]));
  }),
  keeps('packet-id-in-use', BOTH, 'an identifier that is free again', ({ open, m }) => {
    open()
      .client(m.publish({ qos: 1 }))
      .server(m.puback())
      .client(m.subscribe(1, ['a']))
      .server(m.suback(1, [0]))
      .client(m.unsubscribe(1, ['a']))
      .server(m.unsuback(1, [0]))
      .client(m.publish({ qos: 2 }))
      .server(m.pubrec())
      .client(m.pubrel())
      .server(m.pubcomp())
      .client(m.publish({ qos: 1 }))
      .server(m.puback());
  }),
  keeps('packet-id-in-use', V5, 'an identifier that a refusing PUBREC has freed', ({ open, m }) => {
    open()
      .client(m.publish({ qos: 2, payload: 'on' }))
      .server(m.pubrec(1, 0x97))
      .client(m.publish({ qos: 2, payload: 'off' }))
      .server(m.pubrec(1, 0x97));
  }),
  keeps('packet-id-in-use', BOTH, 'the same identifier on the way in the other direction', ({ open, m }) => {
    open()
      .client(m.subscribe(1, [['#', 1]]))
      .server(m.suback(1, [1]))
      .client(m.publish({ qos: 1 }))
      .server(m.publish({ qos: 1 }), m.puback())
      .client(m.puback());
  }),
  keeps('packet-id-in-use', V311, 'a SUBSCRIBE and an UNSUBSCRIBE once more, which is a retry', ({ open, m }) => {
    open()
      .client(m.subscribe(1, ['a']), m.subscribe(1, ['a']), m.unsubscribe(2, ['a']), m.unsubscribe(2, ['a']))
      .server(m.suback(1, [0]), m.suback(1, [0]), m.unsuback(2), m.unsuback(2));
  }),
  spares('packet-id-in-use', BOTH, 'an acknowledgement and its reuse in the next frame', ({ open, m }) => {
    open()
      .client(m.publish({ qos: 1, payload: 'on' }))
      .server(m.puback())
      .client(m.publish({ qos: 1, payload: 'off' }))
      .server(m.puback());
  }),
  keeps('resent-in-connection', V5, 'a PUBLISH sent again in the next connection', ({ open, m, kept }) => {
    open(kept())
      .client(m.publish({ qos: 1 }))
      .close('client');
    open(kept(), present)
      .client(m.publish({ qos: 1, dup: true }))
      .server(m.puback());
  }),
  spares('resent-in-connection', V311, 'retries, which may cross their acknowledgement', ({ open, m }) => {
    open()
      .client(m.publish({ qos: 1 }))
      .server(m.puback())
      .send('client', [m.publish({ qos: 1, dup: true })], early)
      .server(m.puback());
  }),
  spares('resent-in-connection', V311, 'a PUBREL once more', ({ open, m }) => {
    open()
      .client(m.publish({ qos: 2 }))
      .server(m.pubrec())
      .client(m.pubrel(), m.pubrel())
      .server(m.pubcomp(), m.pubcomp());
  }),
  keeps('publish-after-pubrel', BOTH, 'a new PUBLISH behind PUBCOMP', ({ open, m }) => {
    open()
      .client(m.publish({ qos: 2 }))
      .server(m.pubrec())
      .client(m.pubrel())
      .server(m.pubcomp())
      .client(m.publish({ qos: 2 }))
      .server(m.pubrec())
      .client(m.pubrel())
      .server(m.pubcomp());
  }),
  spares('publish-after-pubrel', V311, 'PUBLISH again before PUBREL', ({ open, m }) => {
    open()
      .client(m.publish({ qos: 2 }), m.publish({ qos: 2, dup: true }))
      .server(m.pubrec(), m.pubrec())
      .client(m.pubrel())
      .server(m.pubcomp());
  }),
  keeps('pubrel-after-refusal', V5, 'PUBREL for a PUBREC of 0x10', ({ open, m }) => {
    open()
      .client(m.publish({ qos: 2 }))
      .server(m.pubrec(1, 0x10))
      .client(m.pubrel())
      .server(m.pubcomp());
  }),
  keeps('topic-wildcard', BOTH, '$ and spaces are no wildcards', ({ open, m }) => {
    open({ will: { topic: '$w / ' } }).client(m.publish({ topic: '/ $a//*' }));
  }),
  keeps('topic-empty', BOTH, 'a topic of one slash', ({ open, m }) => {
    open()
      .client(m.publish({ topic: '/' }), m.subscribe(1, ['/']))
      .server(m.suback(1, [0]));
  }),
  spares('topic-empty', V5, 'no topic, and an alias', ({ open, m }) => {
    open({}, takesAliases).client(m.publish({ properties: alias(1) }), m.publish({ topic: '', properties: alias(1) }));
  }),
  keeps('response-topic-wildcard', V5, 'a Response Topic without one', ({ open, m }) => {
    open().client(m.publish({ properties: [[RESPONSE_TOPIC, 'b/c']] }));
  }),
  spares('response-topic-wildcard', V5, 'a wildcard that the server passes on', ({ open, m }) => {
    open()
      .client(m.subscribe(1, ['#']))
      .server(m.suback(1, [0]), m.publish({ properties: [[RESPONSE_TOPIC, 'b/+']] }));
  }),
  keeps('topic-alias-zero', V5, 'alias 1', ({ open, m }) => {
    open({}, takesAliases).client(m.publish({ properties: alias(1) }));
  }),
  keeps('topic-alias-too-large', V5, 'the Topic Alias Maximum of each side', ({ open, m }) => {
    open(takesAliases, { properties: [[TOPIC_ALIAS_MAXIMUM, 1]] })
      .client(m.publish({ properties: alias(1) }), m.subscribe(1, ['#']))
      .server(m.suback(1, [0]), m.publish({ properties: alias(5) }));
  }),
  spares(
    'topic-alias-too-large',
    V5,
    'an alias that the client sent before it knew of the CONNACK',
    ({ connect, m }) => {
      connect()
        .server(m.connack())
        .send('client', [m.publish({ properties: alias(1) })], early);
    },
  ),
  keeps('topic-alias-unknown', V5, 'each side sets its own, anew in each connection', ({ open, m }) => {
    for (const topic of ['a/b', 'a/c']) {
      const answer = { ...takesAliases, sessionPresent: topic === 'a/c' };
      open({ ...takesAliases, clean: false, properties: [...takesAliases.properties, [17, 100]] }, answer)
        .client(
          m.subscribe(1, ['#']),
          m.publish({ topic, properties: alias(1) }),
          m.publish({ topic: '', properties: alias(1) }),
        )
        .server(
          m.suback(1, [0]),
          m.publish({ topic, properties: alias(1) }),
          m.publish({ topic: '', properties: alias(1) }),
        )
        .client(m.disconnect())
        .close('client');
    }
  }),
  keeps('topic-alias-refused', V5, 'an alias above the maximum, sent before CONNACK was known', ({ connect, m }) => {
    connect()
      .server(m.connack())
      .send('client', [m.publish({ properties: alias(1) })], early)
      .server(m.disconnect(0x94))
      .close('server');
  }),
  keeps('qos-not-supported', V5, 'the Maximum QoS', ({ open, m }) => {
    open({}, { properties: [[MAXIMUM_QOS, 1]] })
      .client(m.publish({ qos: 1 }))
      .server(m.puback());
  }),
  spares('qos-not-supported', V5, 'what the client began before it knew of the CONNACK', ({ connect, m }) => {
    connect()
      .server(
        m.connack(0, {
          properties: [
            [MAXIMUM_QOS, 0],
            [RETAIN_AVAILABLE, 0],
          ],
        }),
      )
      .send('client', [m.publish({ qos: 1, retain: true })], early)
      .server(m.puback());
  }),
  keeps('retain-not-supported', V5, 'RETAIN 0', ({ open, m }) => {
    open({}, { properties: [[RETAIN_AVAILABLE, 0]] }).client(m.publish());
  }),
  spares('retain-not-supported', V5, 'Retain Available 1', ({ open, m }) => {
    open({}, { properties: [[RETAIN_AVAILABLE, 1]] }).client(m.publish({ retain: true }));
  }),
  keeps('receive-maximum', V5, 'a full window, and one more behind each acknowledgement', ({ open, m }) => {
    open({}, window(2))
      .client(m.publish({ qos: 1, id: 1 }), m.publish({ qos: 2, id: 2 }), m.publish())
      .server(m.puback(1))
      .client(m.publish({ qos: 1, id: 3 }))
      .server(m.pubrec(2, 0x97))
      .client(m.publish({ qos: 2, id: 4 }))
      .server(m.puback(3), m.pubrec(4))
      .client(m.pubrel(4), m.publish({ qos: 1, id: 5 }))
      .server(m.pubcomp(4), m.puback(5));
  }),
  spares('receive-maximum', V5, 'what the client began before it knew of the CONNACK', ({ connect, m }) => {
    connect()
      .server(m.connack(0, window(1)))
      .send('client', [m.publish({ qos: 1, id: 1 }), m.publish({ qos: 1, id: 2 })], early)
      .server(m.puback(1), m.puback(2));
  }),
  keeps(
    'receive-maximum',
    V5,
    'flows of an earlier connection fill no window until they are sent again',
    ({ open, m, kept }) => {
      open(kept())
        .client(m.publish({ qos: 2, id: 1 }))
        .server(m.pubrec(1))
        .close('client');
      open(kept(), { ...window(1), sessionPresent: true })
        .client(m.pubrel(1), m.publish({ qos: 1, id: 2 }))
        .server(m.pubcomp(1), m.puback(2));
    },
  ),
  keeps('receive-maximum', V5, 'PUBCOMP of a flow carried over frees a place, too', ({ open, m, kept }) => {
    open(kept())
      .client(m.publish({ qos: 2, id: 1 }))
      .server(m.pubrec(1))
      .close('client');
    open(kept(), { ...window(1), sessionPresent: true })
      .client(m.publish({ qos: 1, id: 2 }), m.pubrel(1))
      .server(m.pubcomp(1))
      .client(m.publish({ qos: 1, id: 3 }))
      .server(m.puback(2), m.puback(3));
  }),
  spares('receive-maximum', V311, 'nothing is announced in 3.1.1', ({ open, m }) => {
    open()
      .client(...[1, 2, 3].map(id => m.publish({ qos: 1, id })))
      .server(...[1, 2, 3].map(id => m.puback(id)));
  }),
  spares('dup-first', V31, 'MQTT 3.1: a client keeps its own state', ({ open, m }) => {
    open({ clean: false })
      .client(m.publish({ qos: 1, dup: true }))
      .server(m.puback());
  }),
].flat();
