/** What a broker may do: for each rule of `sees: broker` the nearest conversations that are right, and those it spares. */
import { LEVEL, PROPERTY } from '../../../../dissectors/mqtt/terms.ts';
import { NO_LOCAL, RETAIN_AS_PUBLISHED } from '../../../kit/mqtt.ts';
import type { Scene } from '../../../kit/mqtt-judge.ts';
import {
  BOTH,
  keeps as keepsIn,
  type Level,
  spares as sparesIn,
  type Twin,
  type TwinChoice,
  V5,
  V311,
} from '../conforming/twin.ts';
import { deliver, ping, publish, publisher, SEES_BROKER, subscribe, subscriber, wait } from './house.ts';

const { CONTENT_TYPE, MAXIMUM_PACKET_SIZE, MESSAGE_EXPIRY } = PROPERTY;
const { TOPIC_ALIAS, TOPIC_ALIAS_MAXIMUM, USER_PROPERTY } = PROPERTY;
type Talk = (scene: Scene) => void;

const keeps = (rule: string, levels: readonly Level[], what: string, talk: Talk, choice: TwinChoice = {}): Twin[] =>
  keepsIn(rule, levels, what, talk, { options: SEES_BROKER, ...choice });
const spares = (rule: string, levels: readonly Level[], what: string, talk: Talk, choice: TwinChoice = {}): Twin[] =>
  sparesIn(rule, levels, what, talk, { options: SEES_BROKER, ...choice });

export const FORWARDING: readonly Twin[] = [
  keeps('forward-altered', V5, 'the same properties beside those of the server', scene => {
    const s = subscriber(scene, 'a/b', 1, { properties: [[TOPIC_ALIAS_MAXIMUM, 2]] });
    const told = [
      [CONTENT_TYPE, 'json'],
      [USER_PROPERTY, ['a', '1']],
      [USER_PROPERTY, ['a', '2']],
    ] as const;
    publish(publisher(scene), scene, { properties: told });
    deliver(s, scene, { properties: [[TOPIC_ALIAS, 1], ...told] });
  }),
  spares('forward-altered', V5, 'the same payload was published twice', scene => {
    const s = subscriber(scene);
    const p = publisher(scene);
    publish(p, scene, { properties: [[CONTENT_TYPE, 'json']] });
    publish(p, scene);
    deliver(s, scene);
    deliver(s, scene, { properties: [[CONTENT_TYPE, 'json']] });
  }),
  keeps('forward-qos', BOTH, 'the lower one of the two', scene => {
    const s = subscriber(scene, 'a/b', 1);
    publish(publisher(scene), scene, { qos: 2 });
    deliver(s, scene, { qos: 1 });
  }),
  keeps('forward-qos', BOTH, 'each of two overlapping subscriptions has its own', scene => {
    const s = subscriber(scene, 'a/b', 0);
    subscribe(s, scene, 'a/#', 2, 2);
    publish(publisher(scene), scene, { qos: 2 });
    deliver(s, scene, { qos: 2 });
    deliver(s, scene, { qos: 0 });
  }),
  keeps('forward-qos', BOTH, 'the subscription was lowered while the message was under way', scene => {
    const { m } = scene;
    const s = subscriber(scene, 'a/b', 1);
    const p = publisher(scene).client(m.publish({ payload: 'x', qos: 1 }));
    subscribe(s, scene, 'a/b', 0, 2);
    p.server(m.puback());
    deliver(s, scene, { qos: 0 });
  }),
  keeps('forward-qos', BOTH, 'before the SUBACK that grants less', scene => {
    const { m } = scene;
    const s = scene.open({ clientId: 's' }).client(m.subscribe(1, [['a/b', 2]]));
    publish(publisher(scene), scene, { qos: 2 });
    s.server(m.publish({ payload: 'x', qos: 0 }), m.suback(1, [0]));
  }),
  keeps('forward-retain', BOTH, 'what is retained, to a new subscription, and what is new', scene => {
    const p = publisher(scene);
    publish(p, scene, { retain: true, payload: '1' });
    const s = subscriber(scene);
    deliver(s, scene, { retain: true, payload: '1' });
    publish(p, scene, { retain: true, payload: '2' });
    deliver(s, scene, { payload: '2' });
  }),
  keeps('forward-retain', V5, 'as published where that was asked for', scene => {
    const s = subscriber(scene, 'a/b', 1 | RETAIN_AS_PUBLISHED);
    const p = publisher(scene);
    publish(p, scene, { retain: true, payload: '1' });
    publish(p, scene, { payload: '2' });
    deliver(s, scene, { retain: true, payload: '1' });
    deliver(s, scene, { payload: '2' });
  }),
  keeps('forward-retain', BOTH, 'SUBSCRIBE and PUBLISH cross: either way', scene => {
    const { m } = scene;
    for (const retain of [true, false]) {
      const s = scene.open({ clientId: `s${retain}` }).client(m.subscribe(1, [[`${retain}`, 1]]));
      publish(publisher(scene, { clientId: `p${retain}` }), scene, { topic: `${retain}`, retain: true });
      s.server(m.suback(1, [1]));
      deliver(s, scene, { topic: `${retain}`, retain });
    }
  }),
  spares(
    'forward-retain',
    V311,
    'a bridge gets RETAIN as it was published',
    scene => {
      const s = subscriber(scene, 'a/b', 1, { level: LEVEL.V311 | LEVEL.BRIDGE });
      publish(publisher(scene), scene, { retain: true });
      deliver(s, scene, { retain: true });
    },
    { found: ['legacy-version 4'] },
  ),
  keeps('forward-expiry', V5, 'whole seconds are left out as they pass', scene => {
    const s = subscriber(scene);
    publish(publisher(scene), scene, { properties: [[MESSAGE_EXPIRY, 60]] });
    scene.net.wait(3.9);
    deliver(s, scene, { properties: [[MESSAGE_EXPIRY, 57]] });
  }),
  keeps('forward-order', BOTH, 'other topics, other QoS and other clients have no order', scene => {
    const s = subscriber(scene, '#', 2);
    const p = publisher(scene);
    const q = publisher(scene, { clientId: 'q' });
    publish(p, scene, { payload: '1' });
    publish(p, scene, { payload: '2', topic: 'c' });
    publish(p, scene, { payload: '3', qos: 2 });
    publish(q, scene, { payload: '4' });
    publish(p, scene, { payload: '5' });
    for (const payload of ['4', '1', '5']) deliver(s, scene, { payload });
    deliver(s, scene, { payload: '3', qos: 2 });
    deliver(s, scene, { payload: '2', topic: 'c' });
  }),
  spares('forward-order', V311, 'a message that its publisher sent again', scene => {
    const { m } = scene;
    const s = subscriber(scene);
    const p = publisher(scene).client(m.publish({ payload: '1', qos: 1 }), m.publish({ payload: '2', qos: 1, id: 2 }));
    p.client(m.publish({ payload: '1', qos: 1, dup: true })).server(m.puback(2), m.puback(1));
    deliver(s, scene, { payload: '2' });
    deliver(s, scene, { payload: '1' });
  }),
  keeps('forward-duplicate', BOTH, 'one copy for each of two subscriptions', scene => {
    const s = subscriber(scene, 'a/b', 2);
    subscribe(s, scene, 'a/#', 2, 2);
    publish(publisher(scene), scene, { qos: 2 });
    deliver(s, scene, { qos: 2 });
    deliver(s, scene, { qos: 2, id: 2 });
  }),
  keeps('forward-duplicate', BOTH, 'what is retained comes again with a repeated subscription', scene => {
    const s = subscriber(scene, 'a/b', 2);
    publish(publisher(scene), scene, { qos: 2, retain: true });
    deliver(s, scene, { qos: 2 });
    subscribe(s, scene, 'a/b', 2, 2);
    deliver(s, scene, { qos: 2, retain: true });
  }),
  keeps('forward-duplicate', BOTH, 'sent again when the session is taken up', scene => {
    const { m } = scene;
    const s = subscriber(scene, 'a/b', 2, scene.kept());
    publish(publisher(scene), scene, { qos: 2 });
    s.server(m.publish({ payload: 'x', qos: 2 })).close('client');
    const again = scene.open({ clientId: 's', ...scene.kept() }, { sessionPresent: true });
    deliver(again, scene, { qos: 2, dup: true });
  }),
].flat();

/** One subscriber, one message, and no copy of it: what else there is makes that right. */
const notDelivered = (levels: readonly Level[], what: string, talk: Talk, choice: TwinChoice = {}) =>
  spares('delivery-missing', levels, what, talk, choice);

export const DELIVERING: readonly Twin[] = [
  keeps('delivery-missing', BOTH, 'late, but in time', scene => {
    const s = subscriber(scene);
    publish(publisher(scene), scene);
    wait(s, scene, 25);
    deliver(s, scene);
    wait(s, scene);
  }),
  keeps('delivery-missing', BOTH, 'to a stored session, when that is taken up', scene => {
    const s = subscriber(scene, 'a/b', 1, scene.kept());
    s.client(scene.m.disconnect()).close('client');
    publish(publisher(scene), scene);
    scene.net.wait(100);
    const again = scene.open({ clientId: 's', ...scene.kept() }, { sessionPresent: true });
    deliver(again, scene);
    wait(again, scene);
  }),
  notDelivered(BOTH, 'published with QoS 0', scene => {
    const s = subscriber(scene);
    publish(publisher(scene), scene, { qos: 0 });
    wait(s, scene);
  }),
  notDelivered(BOTH, 'granted QoS 0', scene => {
    const s = subscriber(scene, 'a/b', 0);
    publish(publisher(scene), scene);
    wait(s, scene);
  }),
  notDelivered(BOTH, 'SUBACK comes after PUBLISH', scene => {
    const { m } = scene;
    const s = scene.open({ clientId: 's' }).client(m.subscribe(1, [['a/b', 1]]));
    publish(publisher(scene), scene);
    s.server(m.suback(1, [1]));
    wait(s, scene);
  }),
  notDelivered(BOTH, 'unsubscribed meanwhile', scene => {
    const { m } = scene;
    const s = subscriber(scene);
    publish(publisher(scene), scene);
    s.client(m.unsubscribe(2, ['a/b'])).server(m.unsuback(2, [0]));
    wait(s, scene);
  }),
  notDelivered(V5, 'No Local', scene => {
    const s = subscriber(scene, 'a/b', 1 | NO_LOCAL);
    publish(s, scene);
    wait(s, scene);
  }),
  notDelivered(V5, 'expired', scene => {
    const s = subscriber(scene);
    publish(publisher(scene), scene, { properties: [[MESSAGE_EXPIRY, 20]] });
    wait(s, scene);
  }),
  notDelivered(V5, 'above Maximum Packet Size', scene => {
    const s = subscriber(scene, 'a/b', 1, { properties: [[MAXIMUM_PACKET_SIZE, 100]] });
    publish(publisher(scene), scene, { payload: 'x'.repeat(100) });
    wait(s, scene);
  }),
  notDelivered(V5, 'refused', scene => {
    const { m } = scene;
    const s = subscriber(scene);
    publisher(scene)
      .client(m.publish({ qos: 1 }))
      .server(m.puback(1, 0x97));
    wait(s, scene);
  }),
  notDelivered(BOTH, 'to a topic of the server', scene => {
    const s = subscriber(scene, '$SYS/x');
    publish(publisher(scene), scene, { topic: '$SYS/x' });
    wait(s, scene);
  }),
  notDelivered(V5, 'to a Shared Subscription', scene => {
    const s = subscriber(scene, '$share/g/a/b');
    publish(publisher(scene), scene);
    wait(s, scene);
  }),
  notDelivered(BOTH, 'the same was published twice', scene => {
    const s = subscriber(scene);
    const p = publisher(scene);
    publish(p, scene);
    publish(p, scene);
    deliver(s, scene);
    wait(s, scene);
  }),
  notDelivered(BOTH, 'the subscriber is not there any more', scene => {
    const s = subscriber(scene, 'a/b', 1, scene.kept());
    s.client(scene.m.disconnect()).close('client');
    const p = publisher(scene);
    publish(p, scene);
    wait(p, scene);
  }),
  notDelivered(BOTH, 'sent when the subscriber said DISCONNECT', scene => {
    const { m } = scene;
    const s = subscriber(scene, 'a/b', 1, scene.kept());
    subscribe(s, scene, 'a/#', 0, 2);
    publish(publisher(scene), scene);
    s.client(m.disconnect())
      .server(m.publish({ payload: 'x' }))
      .close('client');
    const again = scene.open({ clientId: 's', ...scene.kept() }, { sessionPresent: true });
    wait(again, scene);
  }),
  notDelivered(BOTH, 'its session has ended', scene => {
    subscriber(scene).client(scene.m.disconnect()).close('client');
    publish(publisher(scene), scene);
    wait(scene.open({ clientId: 's' }), scene);
  }),
  notDelivered(
    BOTH,
    'it has left with RST, and comes back late',
    scene => {
      const s = subscriber(scene, 'a/b', 1, scene.kept());
      publish(publisher(scene), scene);
      s.reset('client');
      scene.net.wait(100);
      const again = scene.open({ clientId: 's', ...scene.kept() }, { sessionPresent: true });
      wait(again, scene, 10);
    },
    { verdict: 'inconclusive' },
  ),
  keeps('delivery-missing', BOTH, 'another message waits for its acknowledgement', scene => {
    const { m } = scene;
    const s = subscriber(scene);
    const p = publisher(scene);
    publish(p, scene, { payload: '1' });
    publish(p, scene, { payload: '2' });
    s.ack('client');
    scene.net.wait(20);
    s.server(m.publish({ payload: '1', qos: 1 })).ack('client');
    scene.net.wait(20);
    ping(s, scene);
    s.client(m.puback())
      .server(m.publish({ payload: '2', qos: 1 }))
      .client(m.puback());
  }),
  keeps('delivery-missing', BOTH, 'the server is kept from sending', scene => {
    const { m } = scene;
    const s = subscriber(scene);
    s.ack('client', { window: 0 });
    publish(publisher(scene), scene);
    scene.net.wait(40);
    s.ack('client', { window: 60_000 });
    s.client(m.pingreq());
    deliver(s.server(m.pingresp()), scene);
  }),
  notDelivered(BOTH, 'by another server', scene => {
    const s = subscriber(scene);
    const p = scene.open({ clientId: 'p' }, {}, { server: '10.0.0.3:1883' });
    publish(p, scene);
    wait(s, scene);
  }),
  keeps('delivery-after-unsubscribe', BOTH, 'published before UNSUBACK', scene => {
    const { m } = scene;
    const s = subscriber(scene);
    publish(publisher(scene), scene);
    s.client(m.unsubscribe(2, ['a/b'])).server(m.unsuback(2, [0]));
    deliver(s, scene);
  }),
  keeps('delivery-after-unsubscribe', BOTH, 'another filter matches', scene => {
    const { m } = scene;
    const s = subscriber(scene);
    subscribe(s, scene, 'a/+', 1, 2)
      .client(m.unsubscribe(3, ['a/b']))
      .server(m.unsuback(3, [0]));
    publish(publisher(scene), scene);
    deliver(s, scene);
  }),
  spares('delivery-after-unsubscribe', V5, 'UNSUBACK refuses', scene => {
    const { m } = scene;
    const s = subscriber(scene)
      .client(m.unsubscribe(2, ['a/b']))
      .server(m.unsuback(2, [0x87]));
    publish(publisher(scene), scene);
    deliver(s, scene);
  }),
  keeps('no-local', V5, 'of another client', scene => {
    const s = subscriber(scene, 'a/b', 1 | NO_LOCAL);
    publish(publisher(scene), scene);
    deliver(s, scene);
  }),
  keeps('no-local', V5, 'another subscription has no No Local', scene => {
    const s = subscriber(scene, 'a/b', 1 | NO_LOCAL);
    subscribe(s, scene, 'a/#', 1, 2);
    publish(s, scene);
    deliver(s, scene);
  }),
  keeps('shared-duplicate', V5, 'one member, or two of two groups', scene => {
    const s = subscriber(scene, '$share/g/a/b');
    const t = subscriber(scene, '$share/h/a/b', 1, { clientId: 't' });
    publish(publisher(scene), scene);
    deliver(s, scene);
    deliver(t, scene);
  }),
  keeps('shared-duplicate', V5, 'the first was lost before it acknowledged', scene => {
    const { m } = scene;
    const s = subscriber(scene, '$share/g/a/b');
    const t = subscriber(scene, '$share/g/a/b', 1, { clientId: 't' });
    publish(publisher(scene), scene);
    s.server(m.publish({ payload: 'x', qos: 1 })).reset('client');
    deliver(t, scene);
  }),
  keeps('shared-duplicate', V5, 'the second has a subscription of its own', scene => {
    const s = subscriber(scene, '$share/g/a/b');
    const t = subscriber(scene, '$share/g/a/b', 1, { clientId: 't' });
    subscribe(t, scene, 'a/b', 1, 2);
    publish(publisher(scene), scene);
    deliver(s, scene);
    deliver(t, scene);
  }),
].flat();
