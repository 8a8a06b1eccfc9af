/** Keeps the rules about what a server delivers, and those of SUBSCRIBE and UNSUBSCRIBE. */
import { PROPERTY } from '../../../../dissectors/mqtt/terms.ts';
import { NO_LOCAL, RETAIN_AS_PUBLISHED, retainHandling } from '../../../kit/mqtt.ts';
import { BOTH, keeps, spares, V5, V31, V311 } from './twin.ts';

const { SHARED_AVAILABLE, SUBSCRIPTION_IDENTIFIER, SUBSCRIPTION_IDENTIFIERS_AVAILABLE, WILDCARD_AVAILABLE } = PROPERTY;
const present = { sessionPresent: true } as const;
const id = (number: number) => [[SUBSCRIPTION_IDENTIFIER, number]] as const;

export const DELIVERING = [
  keeps('topic-not-subscribed', BOTH, 'filters with wildcards', ({ open, m }) => {
    open()
      .client(m.subscribe(1, ['a/+/c', 'b/#']))
      .server(
        m.suback(1, [0, 0]),
        m.publish({ topic: 'a//c' }),
        m.publish({ topic: 'b' }),
        m.publish({ topic: 'b/c/d' }),
      );
  }),
  keeps('topic-not-subscribed', BOTH, 'a message before its SUBACK', ({ open, m }) => {
    open()
      .client(m.subscribe(1, ['a/b']))
      .server(m.publish(), m.suback(1, [0]));
  }),
  keeps('topic-not-subscribed', BOTH, 'a message that was under way when its filter was given back', ({ open, m }) => {
    open()
      .client(m.subscribe(1, ['a/b']))
      .server(m.suback(1, [0]))
      .client(m.unsubscribe(2, ['a/b']))
      .server(m.unsuback(2, [0]), m.publish());
  }),
  keeps('topic-not-subscribed', BOTH, 'a subscription of an earlier connection of the session', ({ open, m, kept }) => {
    open(kept())
      .client(m.subscribe(1, ['a/b']))
      .server(m.suback(1, [0]))
      .client(m.disconnect())
      .close('client');
    open(kept(), present).server(m.publish());
  }),
  spares(
    'topic-not-subscribed',
    BOTH,
    'a session whose beginning was not seen',
    ({ open, m, kept }) => open(kept(), present).server(m.publish()),
    { verdict: 'inconclusive' },
  ),
  keeps('topic-not-subscribed', V5, 'a Shared Subscription', ({ open, m }) => {
    open()
      .client(m.subscribe(1, ['$share/g/a/+']))
      .server(m.suback(1, [0]), m.publish());
  }),
  spares('topic-not-subscribed', V311, '$share is a filter like any other in 3.1.1', ({ open, m }) => {
    open()
      .client(m.subscribe(1, ['$share/g/a']))
      .server(m.suback(1, [0]), m.publish({ topic: '$share/g/a' }));
  }),
  keeps('dollar-topic-matched', BOTH, 'a filter that begins with $', ({ open, m }) => {
    open()
      .client(m.subscribe(1, ['#', '$SYS/#']))
      .server(m.suback(1, [0, 0]), m.publish({ topic: '$SYS/x' }));
  }),
  keeps('qos-above-granted', BOTH, 'the highest of several', ({ open, m }) => {
    open()
      .client(
        m.subscribe(1, [
          ['a/b', 1],
          ['a/+', 2],
        ]),
      )
      .server(m.suback(1, [1, 2]), m.publish({ qos: 2 }))
      .client(m.pubrec())
      .server(m.pubrel())
      .client(m.pubcomp());
  }),
  keeps('qos-above-granted', BOTH, 'what was asked for, before the SUBACK', ({ open, m }) => {
    open()
      .client(m.subscribe(1, [['a/b', 1]]))
      .server(m.publish({ qos: 1 }), m.suback(1, [0]))
      .client(m.puback());
  }),
  keeps('qos-above-granted', BOTH, 'what was granted before it was replaced', ({ open, m }) => {
    open()
      .client(m.subscribe(1, [['a/b', 1]]))
      .server(m.suback(1, [1]))
      .client(m.subscribe(2, [['a/b', 0]]))
      .server(m.suback(2, [0]), m.publish({ qos: 1 }))
      .client(m.puback());
  }),
  keeps('retain-flag-unwanted', V5, 'a retained message', ({ open, m }) => {
    open()
      .client(m.subscribe(1, [['a/b', retainHandling(1)]]))
      .server(m.suback(1, [0]), m.publish({ retain: true }));
  }),
  keeps('retain-flag-unwanted', V5, 'Retain As Published', ({ open, m }) => {
    open()
      .client(m.subscribe(1, [['a/b', retainHandling(2) | RETAIN_AS_PUBLISHED]]))
      .server(m.suback(1, [0]), m.publish({ retain: true }));
  }),
  keeps('retain-flag-unwanted', V5, 'a replaced subscription let it be', ({ open, m }) => {
    open()
      .client(m.subscribe(1, ['a/b']), m.subscribe(2, [['a/b', retainHandling(2)]]))
      .server(m.suback(1, [0]), m.suback(2, [0]), m.publish({ retain: true }));
  }),
  keeps('subscription-id-unknown', V5, 'one that was given before', ({ open, m }) => {
    open()
      .client(m.subscribe(1, ['a/b'], id(7)), m.subscribe(2, ['a/b'], id(8)))
      .server(m.suback(1, [0]), m.suback(2, [0]), m.publish({ properties: id(7) }));
  }),
  keeps('subscription-id-missing', V5, 'it is there', ({ open, m }) => {
    open()
      .client(m.subscribe(1, ['a/b'], id(7)))
      .server(m.suback(1, [0]), m.publish({ properties: id(7) }));
  }),
  spares('subscription-id-missing', V5, 'one of the subscriptions, or what it replaced, has none', ({ open, m }) => {
    open()
      .client(
        m.subscribe(1, ['a/b']),
        m.subscribe(2, ['a/b'], id(7)),
        m.subscribe(3, ['a/c'], id(7)),
        m.subscribe(4, ['+/c']),
      )
      .server(...[1, 2, 3, 4].map(number => m.suback(number, [0])))
      .server(m.publish(), m.publish({ topic: 'a/c' }));
  }),
].flat();

export const SUBSCRIBING = [
  keeps('subscribe-empty', BOTH, 'one filter', ({ open, m }) => {
    open()
      .client(m.subscribe(1, ['a']))
      .server(m.suback(1, [0]));
  }),
  keeps('unsubscribe-empty', BOTH, 'one filter', ({ open, m }) => {
    open()
      .client(m.unsubscribe(1, ['a']))
      .server(m.unsuback(1, [0x11]));
  }),
  keeps('subscribe-options', BOTH, 'QoS 2', ({ open, m }) => {
    open()
      .client(m.subscribe(1, [['a', 2]]))
      .server(m.suback(1, [2]));
  }),
  keeps('subscribe-options', V5, 'all that 5.0 has', ({ open, m }) => {
    open()
      .client(m.subscribe(1, [['a', 2 | NO_LOCAL | RETAIN_AS_PUBLISHED | retainHandling(2)]]))
      .server(m.suback(1, [2]));
  }),
  spares('subscribe-options', V31, 'reserved bits of MQTT 3.1', ({ open, m }) => {
    open()
      .client(m.subscribe(1, [['a', 0xfc]]))
      .server(m.suback(1, [0]));
  }),
  keeps('no-local-shared', V5, 'No Local of a filter that is not shared', ({ open, m }) => {
    open()
      .client(m.subscribe(1, [['$shared/g/a', NO_LOCAL], '$share/g/a']))
      .server(m.suback(1, [0, 0]));
  }),
  keeps('filter-wildcard', BOTH, 'wildcards that are alone in their levels', ({ open, m }) => {
    open()
      .client(m.subscribe(1, ['#', '+', '+/+/#', 'a/+/b']))
      .server(m.suback(1, [0, 0, 0, 0]));
  }),
  keeps('shared-filter', V5, 'a ShareName and a filter', ({ open, m }) => {
    open()
      .client(m.subscribe(1, ['$share/g/#', '$share/g//']))
      .server(m.suback(1, [0, 0]));
  }),
  keeps('wildcard-not-supported', V5, 'no wildcard', ({ open, m }) => {
    open({}, { properties: [[WILDCARD_AVAILABLE, 0]] })
      .client(m.subscribe(1, ['a']))
      .server(m.suback(1, [0]));
  }),
  spares('wildcard-not-supported', V5, 'a wildcard that is given back', ({ open, m }) => {
    open({}, { properties: [[WILDCARD_AVAILABLE, 0]] })
      .client(m.unsubscribe(1, ['#']))
      .server(m.unsuback(1, [0x11]));
  }),
  spares('wildcard-not-supported', V5, 'a SUBSCRIBE before the CONNACK was known', ({ connect, m }) => {
    const limits = [
      [WILDCARD_AVAILABLE, 0],
      [SHARED_AVAILABLE, 0],
      [SUBSCRIPTION_IDENTIFIERS_AVAILABLE, 0],
    ] as const;
    connect()
      .server(m.connack(0, { properties: limits }))
      .send('client', [m.subscribe(1, ['$share/g/#'], id(1))], { unaware: true })
      .server(m.suback(1, [0x9e]));
  }),
  keeps('subscription-id-not-supported', V5, 'no identifier', ({ open, m }) => {
    open({}, { properties: [[SUBSCRIPTION_IDENTIFIERS_AVAILABLE, 0]] })
      .client(m.subscribe(1, ['a']))
      .server(m.suback(1, [0]));
  }),
  keeps('shared-not-supported', V5, 'a filter that is not shared', ({ open, m }) => {
    open({}, { properties: [[SHARED_AVAILABLE, 0]] })
      .client(m.subscribe(1, ['#']))
      .server(m.suback(1, [0]));
  }),
  keeps('suback-count', BOTH, 'a code for each filter, refusals among them', ({ open, m }) => {
    open()
      .client(m.subscribe(1, ['a', 'b', 'a']))
      .server(m.suback(1, [0, 0x80, 0]));
  }),
  keeps('unsuback-count', V5, 'a code for each filter', ({ open, m }) => {
    open()
      .client(m.unsubscribe(1, ['a', 'b']))
      .server(m.unsuback(1, [0x11, 0x11]));
  }),
  spares('unsuback-count', V311, 'UNSUBACK of 3.1.1 has no codes', ({ open, m }) => {
    open()
      .client(m.unsubscribe(1, ['a', 'b']))
      .server(m.unsuback(1));
  }),
  keeps('granted-above-requested', BOTH, 'less than asked for', ({ open, m }) => {
    open()
      .client(
        m.subscribe(1, [
          ['a', 2],
          ['b', 1],
        ]),
      )
      .server(m.suback(1, [1, 1]));
  }),
  keeps('subscribe-unanswered', BOTH, 'SUBACK after 29 s', ({ net, open, m }) => {
    const slow = open()
      .client(m.subscribe(1, ['a']))
      .ack('server');
    net.wait(29);
    slow.server(m.suback(1, [0]));
  }),
  keeps('unsubscribe-unanswered', BOTH, 'UNSUBACK after 29 s', ({ net, open, m }) => {
    const slow = open()
      .client(m.unsubscribe(1, ['a']))
      .ack('server');
    net.wait(29);
    slow.server(m.unsuback(1, [0x11]));
  }),
].flat();
