/** A conversation for each rule of `sees: broker`, and for each way to break it, in each version that demands it. */
import { PROPERTY } from '../../../../dissectors/mqtt/terms.ts';
import { NO_LOCAL, RETAIN_AS_PUBLISHED, retainHandling } from '../../../kit/mqtt.ts';
import type { Scene } from '../../../kit/mqtt-judge.ts';
import { type BreakingCase, breaks, type Choice, type Clauses } from '../cases/case.ts';
import { deliver, LONG, ping, publish, publisher, SEES_BROKER, subscribe, subscriber, wait } from './house.ts';

const { CONTENT_TYPE, CORRELATION_DATA, MESSAGE_EXPIRY, SESSION_EXPIRY, USER_PROPERTY, WILL_DELAY } = PROPERTY;

const by =
  (bytes: readonly [number, number] | null) =>
  (rule: string, what: string, clauses: Clauses, frame: number, talk: (scene: Scene) => void, more: Choice = {}) =>
    breaks(rule, clauses, { severity: 'warning', by: 'server', bytes, frame, options: SEES_BROKER, ...more }, talk).map(
      one => ({ ...one, what }),
    );

const at = by([0, 1]);
const without = by(null);
const ofTopic = by([2, 5]);
const willOf = (payload = 'gone', more = {}) => ({ topic: 'w', payload, qos: 1, ...more });

export type BrokerCase = BreakingCase & { readonly what: string };

export const FORWARDING: readonly BrokerCase[] = [
  without('mqtt/forward-altered', 'a property is left out', ['', '3.3.2-16'], 15, scene => {
    const s = subscriber(scene);
    publish(publisher(scene), scene, { properties: [[CORRELATION_DATA, 'one']] });
    deliver(s, scene);
  }),
  by([8, 6])(
    'mqtt/forward-altered',
    'a property is another',
    ['', '3.3.2-20'],
    15,
    scene => {
      const s = subscriber(scene);
      publish(publisher(scene), scene, { properties: [[CONTENT_TYPE, 'json']] });
      deliver(s, scene, { properties: [[CONTENT_TYPE, 'xml']] });
    },
    { bytes: [10, 6] },
  ),
  without(
    'mqtt/forward-altered',
    'User Properties change places',
    ['', '3.3.2-18'],
    15,
    scene => {
      const s = subscriber(scene);
      const [one, other] = [
        [USER_PROPERTY, ['a', '1']],
        [USER_PROPERTY, ['b', '2']],
      ] as const;
      publish(publisher(scene), scene, { properties: [one, other] });
      deliver(s, scene, { properties: [other, one] });
    },
    { bytes: [17, 4] },
  ),
  without(
    'mqtt/forward-altered',
    'a User Property of a Will is left out',
    ['', '3.1.3-10'],
    15,
    scene => {
      const s = subscriber(scene, 'w');
      const p = publisher(scene, { will: willOf('gone', { properties: [[USER_PROPERTY, ['a', '1']]] }) });
      p.close('client');
      deliver(s, scene, { topic: 'w', payload: 'gone' });
    },
    { frame: 16 },
  ),
  at('mqtt/forward-qos', 'lower than both', ['3.8.4-6', '3.8.4-8'], 15, scene => {
    const s = subscriber(scene, 'a/b', 2);
    publish(publisher(scene), scene);
    deliver(s, scene, { qos: 0 });
  }),
  at('mqtt/forward-qos', 'higher than it was published', ['3.8.4-6', '3.8.4-8'], 15, scene => {
    const s = subscriber(scene, 'a/b', 2);
    publish(publisher(scene), scene);
    deliver(s, scene, { qos: 2 });
  }),
  at('mqtt/forward-retain', 'RETAIN 1 to an established subscription', ['3.3.1-9', '3.3.1-12'], 15, scene => {
    const s = subscriber(scene);
    publish(publisher(scene), scene, { retain: true });
    deliver(s, scene, { retain: true });
  }),
  at('mqtt/forward-retain', 'RETAIN 0 in what was retained', ['3.3.1-8', '3.3.1-13'], 15, scene => {
    publish(publisher(scene), scene, { retain: true });
    const s = subscriber(scene);
    deliver(s, scene);
  }),
  at('mqtt/forward-retain', 'Retain As Published, and RETAIN is not kept', ['', '3.3.1-13'], 15, scene => {
    const s = subscriber(scene, 'a/b', 1 | RETAIN_AS_PUBLISHED);
    publish(publisher(scene), scene, { retain: true });
    deliver(s, scene);
  }),
  at(
    'mqtt/forward-expiry',
    'the whole interval after a wait',
    ['', '3.3.2-6'],
    21,
    scene => {
      const kept = { clean: false, properties: [[SESSION_EXPIRY, 1000]] } as const;
      const s = subscriber(scene, 'a/b', 1, kept);
      s.client(scene.m.disconnect()).close('client');
      const p = publisher(scene);
      publish(p, scene, { properties: [[MESSAGE_EXPIRY, 60]] });
      scene.net.wait(20);
      const again = scene.open({ clientId: 's', ...kept }, { sessionPresent: true });
      deliver(again, scene, { properties: [[MESSAGE_EXPIRY, 60]] });
    },
    { bytes: [10, 5], frame: 24 },
  ),
  without('mqtt/forward-expiry', 'none any more', ['', '3.3.2-6'], 15, scene => {
    const s = subscriber(scene);
    publish(publisher(scene), scene, { properties: [[MESSAGE_EXPIRY, 60]] });
    deliver(s, scene);
  }),
  by([10, 5])('mqtt/forward-expiry', 'first sent after it ran out', ['', '3.3.2-5'], 15, scene => {
    const s = subscriber(scene);
    publish(publisher(scene), scene, { properties: [[MESSAGE_EXPIRY, 2]] });
    scene.net.wait(4);
    deliver(s, scene, { properties: [[MESSAGE_EXPIRY, 0]] });
  }),
  without('mqtt/forward-order', 'the younger one first', ['4.6.0-6', '4.6.0-6'], 19, scene => {
    const s = subscriber(scene);
    const p = publisher(scene);
    publish(p, scene, { payload: '1' });
    publish(p, scene, { payload: '2' });
    deliver(s, scene, { payload: '2' });
    deliver(s, scene, { payload: '1' });
  }),
  without('mqtt/forward-order', 'of QoS 0', ['4.6.0-5', '4.6.0-5'], 16, scene => {
    const s = subscriber(scene, 'a/b', 0);
    const p = publisher(scene);
    publish(p, scene, { payload: '1', qos: 0 });
    publish(p, scene, { payload: '2', qos: 0 });
    deliver(s, scene, { payload: '2', qos: 0 });
    deliver(s, scene, { payload: '1', qos: 0 });
  }),
  without('mqtt/forward-duplicate', 'twice to one subscription', ['4.3.3-2', '3.8.4-3'], 21, scene => {
    const s = subscriber(scene, 'a/b', 2);
    publish(publisher(scene), scene, { qos: 2 });
    deliver(s, scene, { qos: 2 });
    deliver(s, scene, { qos: 2, id: 2 });
  }),
].flat();

export const DELIVERING: readonly BrokerCase[] = [
  without('mqtt/delivery-missing', 'to a subscriber that is there', ['4.5.0-1', '4.5.0-1'], 13, scene => {
    const s = subscriber(scene);
    publish(publisher(scene), scene);
    wait(s, scene);
  }),
  without('mqtt/delivery-missing', 'of QoS 2', ['4.5.0-1', '4.3.3-12'], 13, scene => {
    const s = subscriber(scene, 'a/+', 2);
    publish(publisher(scene), scene, { qos: 2 });
    wait(s, scene);
  }),
  without('mqtt/delivery-missing', 'and the publisher has gone', ['4.5.0-1', '4.5.0-1'], 6, scene => {
    const s = subscriber(scene);
    const p = publisher(scene);
    publish(p, scene);
    p.client(scene.m.disconnect()).close('client');
    wait(s, scene);
  }),
  without(
    'mqtt/delivery-missing',
    'to a stored session that is taken up',
    ['3.1.2-5', '4.5.0-1'],
    23,
    scene => {
      const s = subscriber(scene, 'a/b', 1, scene.kept());
      s.client(scene.m.disconnect()).close('client');
      const p = publisher(scene);
      publish(p, scene);
      p.client(scene.m.disconnect()).close('client');
      const again = scene.open({ clientId: 's', ...scene.kept() }, { sessionPresent: true });
      wait(again, scene);
    },
    { frame: 26 },
  ),
  without('mqtt/delivery-missing', 'of several one, overtaken by the next', ['4.5.0-1', '4.5.0-1'], 13, scene => {
    const s = subscriber(scene);
    const p = publisher(scene);
    publish(p, scene, { payload: '1' });
    publish(p, scene, { payload: '2' });
    deliver(s, scene, { payload: '2' });
    for (let round = 3; round < 8; round++) {
      scene.net.wait(10);
      publish(p, scene, { payload: `${round}` });
      deliver(s, scene, { payload: `${round}` });
      s.ack('server');
    }
  }),
  ofTopic('mqtt/delivery-after-unsubscribe', 'a new message', ['3.10.4-2', '3.10.4-2'], 17, scene => {
    const { m } = scene;
    const s = subscriber(scene)
      .client(m.unsubscribe(2, ['a/b']))
      .server(m.unsuback(2, [0]));
    publish(publisher(scene), scene);
    deliver(s, scene);
  }),
  ofTopic('mqtt/no-local', 'its own message', ['', '3.8.3-3'], 10, scene => {
    const s = subscriber(scene, 'a/b', 1 | NO_LOCAL);
    publish(s, scene);
    deliver(s, scene);
  }),
  without('mqtt/shared-duplicate', 'after the first has acknowledged it', ['', '4.8.2-6'], 24, scene => {
    const [s, t] = members(scene);
    publish(publisher(scene), scene);
    deliver(s, scene);
    deliver(t, scene);
  }),
  without('mqtt/shared-duplicate', 'after it was begun with QoS 2', ['', '4.8.2-5'], 25, scene => {
    const { m } = scene;
    const [s, t] = members(scene, 2);
    publish(publisher(scene), scene, { qos: 2 });
    s.server(m.publish({ payload: 'x', qos: 2 }));
    t.server(m.publish({ payload: 'x', qos: 2 }));
  }),
].flat();

function members(scene: Scene, qos = 1) {
  return ['s', 't'].map(clientId => subscriber(scene, '$share/g/a/b', qos, { clientId })) as [
    ReturnType<typeof subscriber>,
    ReturnType<typeof subscriber>,
  ];
}

export const RETAINING: readonly BrokerCase[] = [
  without('mqtt/retained-missing', 'to a new subscription', ['3.3.1-6', '3.3.1-9'], 13, scene => {
    publish(publisher(scene), scene, { retain: true });
    const s = subscriber(scene);
    wait(s, scene);
  }),
  without(
    'mqtt/retained-missing',
    'to a repeated subscription',
    ['3.8.4-3', '3.8.4-4'],
    15,
    scene => {
      publish(publisher(scene), scene, { retain: true });
      const s = subscriber(scene);
      deliver(s, scene, { retain: true });
      subscribe(s, scene, 'a/b', 1, 2);
      wait(s, scene);
    },
    { frame: 17 },
  ),
  without('mqtt/retained-missing', 'Retain Handling 1, and the subscription is new', ['', '3.3.1-10'], 13, scene => {
    publish(publisher(scene), scene, { retain: true });
    const s = subscriber(scene, 'a/b', 1 | retainHandling(1));
    wait(s, scene);
  }),
  at('mqtt/retained-unexpected', 'replaced', ['3.3.1-7', '3.3.1-6'], 17, scene => {
    const p = publisher(scene);
    publish(p, scene, { retain: true, payload: '1' });
    publish(p, scene, { retain: true, payload: '2' });
    deliver(subscriber(scene), scene, { retain: true, payload: '1' });
  }),
  at('mqtt/retained-unexpected', 'cleared', ['3.3.1-10', '3.3.1-6'], 17, scene => {
    const p = publisher(scene);
    publish(p, scene, { retain: true });
    publish(p, scene, { retain: true, payload: '' });
    deliver(subscriber(scene), scene, { retain: true });
  }),
  at(
    'mqtt/retained-unexpected',
    'cleared with QoS 0',
    ['3.3.1-7', '3.3.1-7'],
    17,
    scene => {
      const p = publisher(scene);
      publish(p, scene, { retain: true });
      publish(p, scene, { retain: true, payload: '', qos: 0 });
      ping(p, scene);
      deliver(subscriber(scene), scene, { retain: true });
    },
    { frame: 18 },
  ),
  at('mqtt/retained-unexpected', 'never retained', ['3.3.1-12', '3.3.1-8'], 15, scene => {
    publish(publisher(scene), scene);
    deliver(subscriber(scene), scene, { retain: true });
  }),
  at('mqtt/retained-unexpected', 'never retained, and RETAIN 0', ['3.3.1-12', '3.3.1-8'], 15, scene => {
    publish(publisher(scene), scene);
    deliver(subscriber(scene), scene);
  }),
  at(
    'mqtt/retained-unexpected',
    'Retain Handling 1, and there was a subscription',
    ['', '3.3.1-10'],
    17,
    scene => {
      publish(publisher(scene), scene, { retain: true });
      const s = subscriber(scene, 'a/b', 1 | retainHandling(1));
      deliver(s, scene, { retain: true });
      subscribe(s, scene, 'a/b', 1 | retainHandling(1), 2);
      deliver(s, scene, { retain: true, id: 2 });
    },
    { frame: 19 },
  ),
].flat();

export const WILLS: readonly BrokerCase[] = [
  without('mqtt/will-missing', 'after FIN without DISCONNECT', ['3.1.2-8', '3.1.2-8'], 6, scene => {
    const s = subscriber(scene, 'w');
    publisher(scene, { will: willOf() }).close('client');
    wait(s, scene);
  }),
  without('mqtt/will-missing', 'after the server has closed', ['3.1.2-8', '3.1.2-8'], 6, scene => {
    const s = subscriber(scene, 'w');
    const p = publisher(scene, { will: willOf() });
    scene.net.wait(2);
    p.close('server');
    wait(s, scene);
  }),
  without('mqtt/will-missing', 'after DISCONNECT 0x04', ['', '3.1.2-8'], 6, scene => {
    const s = subscriber(scene, 'w');
    publisher(scene, { will: willOf() }).client(scene.m.disconnect(4)).close('client');
    wait(s, scene);
  }),
  without('mqtt/will-missing', 'when the Will Delay has passed', ['', '3.1.2-8'], 6, scene => {
    const s = subscriber(scene, 'w');
    const will = willOf('gone', { properties: [[WILL_DELAY, 20]] });
    publisher(scene, { will, ...scene.kept() }).close('client');
    wait(s, scene, 20 + LONG);
  }),
  without('mqtt/will-unexpected', 'after DISCONNECT and FIN', ['3.14.4-3', '3.14.4-3'], 17, scene => {
    const s = subscriber(scene, 'w');
    publisher(scene, { will: willOf() }).client(scene.m.disconnect()).close('client');
    deliver(s, scene, { topic: 'w', payload: 'gone' });
  }),
  without('mqtt/will-unexpected', 'twice', ['3.1.2-10', '3.1.2-10'], 18, scene => {
    const s = subscriber(scene, 'w');
    publisher(scene, { will: willOf() }).close('client');
    deliver(s, scene, { topic: 'w', payload: 'gone' });
    deliver(s, scene, { topic: 'w', payload: 'gone' });
  }),
  without(
    'mqtt/will-unexpected',
    'after the session was taken up within the Will Delay',
    ['', '3.1.3-9'],
    21,
    scene => {
      const s = subscriber(scene, 'w');
      const will = willOf('gone', { properties: [[WILL_DELAY, 20]] });
      publisher(scene, { will, ...scene.kept() }).close('client');
      scene.net.wait(10);
      publisher({ ...scene, open: parts => scene.open(parts, { sessionPresent: true }) }, scene.kept());
      scene.net.wait(10);
      deliver(s, scene, { topic: 'w', payload: 'gone' });
    },
  ),
  at('mqtt/will-altered', 'kept though Will Retain was 0', ['3.1.2-16', '3.1.2-14'], 25, scene => {
    const s = subscriber(scene, 'w');
    publisher(scene, { will: willOf() }).close('client');
    deliver(s, scene, { topic: 'w', payload: 'gone' });
    const t = subscriber(scene, 'w', 1, { clientId: 't' });
    deliver(t, scene, { topic: 'w', payload: 'gone', retain: true });
  }),
  without('mqtt/will-altered', 'not kept though Will Retain was 1', ['3.1.2-17', '3.1.2-15'], 24, scene => {
    const s = subscriber(scene, 'w');
    publisher(scene, { will: willOf('gone', { retain: true }) }).close('client');
    deliver(s, scene, { topic: 'w', payload: 'gone' });
    const t = subscriber(scene, 'w', 1, { clientId: 't' });
    wait(t, scene);
  }),
].flat();
