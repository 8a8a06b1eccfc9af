/** The same of what a broker keeps: retained messages and Wills. */
import { PROPERTY } from '../../../../dissectors/mqtt/terms.ts';
import { NO_LOCAL, RETAIN_AS_PUBLISHED, retainHandling, type WillParts } from '../../../kit/mqtt.ts';
import type { Scene } from '../../../kit/mqtt-judge.ts';
import {
  BOTH,
  keeps as keepsIn,
  type Level,
  spares as sparesIn,
  type Twin,
  type TwinChoice,
  V5,
} from '../conforming/twin.ts';
import { deliver, publish, publisher, SEES_BROKER, subscribe, subscriber, wait } from './house.ts';

const { MAXIMUM_PACKET_SIZE, MESSAGE_EXPIRY, WILL_DELAY } = PROPERTY;
type Talk = (scene: Scene) => void;

const keeps = (rule: string, levels: readonly Level[], what: string, talk: Talk, choice: TwinChoice = {}): Twin[] =>
  keepsIn(rule, levels, what, talk, { options: SEES_BROKER, ...choice });
const spares = (rule: string, levels: readonly Level[], what: string, talk: Talk, choice: TwinChoice = {}): Twin[] =>
  sparesIn(rule, levels, what, talk, { options: SEES_BROKER, ...choice });

const notBrought = (levels: readonly Level[], what: string, talk: Talk, choice: TwinChoice = {}) =>
  spares('retained-missing', levels, what, talk, choice);
const noWill = (levels: readonly Level[], what: string, talk: Talk, choice: TwinChoice = {}) =>
  spares('will-missing', levels, what, talk, choice);

export const RETAINING: readonly Twin[] = [
  keeps('retained-missing', BOTH, 'before SUBACK', scene => {
    const { m } = scene;
    publish(publisher(scene), scene, { retain: true });
    const s = scene.open({ clientId: 's' }).client(m.subscribe(1, [['a/b', 1]]));
    s.server(m.publish({ payload: 'x', qos: 1, retain: true }), m.suback(1, [1])).client(m.puback());
    wait(s, scene);
  }),
  keeps('retained-missing', BOTH, 'the last of several', scene => {
    const p = publisher(scene);
    publish(p, scene, { retain: true, payload: '1' });
    publish(p, scene, { retain: true, payload: '2' });
    const s = subscriber(scene, 'a/#');
    deliver(s, scene, { retain: true, payload: '2' });
    wait(s, scene);
  }),
  notBrought(BOTH, 'of QoS 0', scene => {
    publish(publisher(scene), scene, { retain: true, qos: 0 });
    wait(subscriber(scene), scene);
  }),
  notBrought(BOTH, 'granted QoS 0', scene => {
    publish(publisher(scene), scene, { retain: true });
    wait(subscriber(scene, 'a/b', 0), scene);
  }),
  notBrought(BOTH, 'cleared, or replaced meanwhile', scene => {
    const p = publisher(scene);
    publish(p, scene, { retain: true, topic: 'a/1' });
    publish(p, scene, { retain: true, topic: 'a/1', payload: '' });
    publish(p, scene, { retain: true, topic: 'a/2' });
    const s = subscriber(scene, 'a/+');
    publish(p, scene, { retain: true, topic: 'a/2', payload: 'new' });
    deliver(s, scene, { topic: 'a/2', payload: 'new' });
    wait(s, scene);
  }),
  notBrought(BOTH, 'a replacement whose acknowledgement was not seen before', scene => {
    const { m } = scene;
    const p = publisher(scene);
    publish(p, scene, { retain: true, payload: '1' });
    p.client(m.publish({ retain: true, payload: '', qos: 1 }));
    const s = subscriber(scene);
    p.server(m.puback());
    wait(s, scene);
  }),
  notBrought(V5, 'Retain Handling 2', scene => {
    publish(publisher(scene), scene, { retain: true });
    wait(subscriber(scene, 'a/b', 1 | retainHandling(2)), scene);
  }),
  keeps('retained-missing', V5, 'Retain Handling 1, and there was a subscription', scene => {
    publish(publisher(scene), scene, { retain: true });
    const t = subscriber(scene, 'a/b', 1, { clientId: 't' });
    deliver(t, scene, { retain: true });
    subscribe(t, scene, 'a/b', 1 | retainHandling(1), 2);
    wait(t, scene);
  }),
  notBrought(V5, 'shared, too large, expired, or its own', scene => {
    const p = subscriber(scene, 'none', 1, { clientId: 'p' });
    publish(p, scene, { retain: true, properties: [[MESSAGE_EXPIRY, 20]] });
    publish(p, scene, { retain: true, topic: 'c', payload: 'x'.repeat(100) });
    subscribe(p, scene, 'c', 1 | NO_LOCAL, 2);
    wait(subscriber(scene, '$share/g/c'), scene);
    wait(subscriber(scene, '#', 1, { clientId: 't', properties: [[MAXIMUM_PACKET_SIZE, 100]] }), scene);
    wait(p, scene);
  }),
  keeps('retained-unexpected', BOTH, 'replaced, but that was not acknowledged before SUBSCRIBE', scene => {
    const { m } = scene;
    const p = publisher(scene);
    publish(p, scene, { retain: true, payload: '1' });
    p.client(m.publish({ retain: true, payload: '2', qos: 1 }));
    const s = subscriber(scene);
    p.server(m.puback());
    deliver(s, scene, { retain: true, payload: '1' });
    deliver(s, scene, { payload: '2' });
  }),
  keeps('retained-unexpected', BOTH, 'again with each subscription', scene => {
    publish(publisher(scene), scene, { retain: true });
    const s = subscriber(scene);
    deliver(s, scene, { retain: true });
    subscribe(s, scene, 'a/b', 1, 2);
    deliver(s, scene, { retain: true });
    subscribe(s, scene, 'a/#', 1, 3);
    deliver(s, scene, { retain: true });
  }),
  spares('retained-unexpected', V5, 'RETAIN 1 as it was published, after a replacement', scene => {
    const s = subscriber(scene, 'a/b', 1 | RETAIN_AS_PUBLISHED);
    const p = publisher(scene);
    publish(p, scene, { retain: true, payload: '1' });
    publish(p, scene, { retain: true, payload: '2' });
    deliver(s, scene, { retain: true, payload: '1' });
    deliver(s, scene, { retain: true, payload: '2' });
  }),
  spares('retained-unexpected', BOTH, 'published and subscribed at once', scene => {
    const { m } = scene;
    const p = publisher(scene).client(m.publish({ payload: 'x', qos: 1 }));
    const s = subscriber(scene);
    p.server(m.puback());
    deliver(s, scene);
  }),
].flat();

const will = (more: Partial<WillParts> = {}): WillParts => ({ topic: 'w', payload: 'gone', qos: 1, ...more });
const gone = { topic: 'w', payload: 'gone' } as const;

export const WILLS: readonly Twin[] = [
  keeps('will-missing', BOTH, 'the Will comes', scene => {
    const s = subscriber(scene, 'w');
    publisher(scene, { will: will() }).close('client');
    wait(s, scene, 20);
    deliver(s, scene, gone);
    wait(s, scene);
  }),
  keeps('will-missing', BOTH, 'before the close is seen', scene => {
    const s = subscriber(scene, 'w');
    const p = publisher(scene, { will: will() });
    scene.net.wait(2);
    deliver(s, scene, gone);
    p.reset('server');
    wait(s, scene);
  }),
  noWill(BOTH, 'after DISCONNECT', scene => {
    const s = subscriber(scene, 'w');
    publisher(scene, { will: will() }).client(scene.m.disconnect()).close('client');
    wait(s, scene);
  }),
  noWill(BOTH, 'after RST of the client, which may not have arrived', scene => {
    const s = subscriber(scene, 'w');
    publisher(scene, { will: will() }).reset('client');
    wait(s, scene);
  }),
  noWill(BOTH, 'of QoS 0, or of a connection that is open', scene => {
    const s = subscriber(scene, 'w');
    publisher(scene, { will: will({ qos: 0 }) }).close('client');
    publisher(scene, { clientId: 'q', will: will({ payload: 'q' }) });
    wait(s, scene);
  }),
  noWill(BOTH, 'of a client that was refused', scene => {
    const { m } = scene;
    const s = subscriber(scene, 'w');
    scene
      .connect({ clientId: 'p', will: will() })
      .server(m.connack(scene.is5 ? 0x87 : 5))
      .close('server');
    wait(s, scene);
  }),
  noWill(
    V5,
    'the Will Delay has not passed',
    scene => {
      const s = subscriber(scene, 'w');
      publisher(scene, { will: will({ properties: [[WILL_DELAY, 60]] }), ...scene.kept() }).close('client');
      wait(s, scene, 80);
    },
    { verdict: 'inconclusive' },
  ),
  noWill(V5, 'the session was taken up within the Will Delay', scene => {
    const s = subscriber(scene, 'w');
    publisher(scene, { will: will({ properties: [[WILL_DELAY, 20]] }), ...scene.kept() }).close('client');
    scene.net.wait(10);
    scene.open({ clientId: 'p', ...scene.kept() }, { sessionPresent: true });
    wait(s, scene, 60);
  }),
  noWill(BOTH, 'subscribed only when the server was about to close', scene => {
    const p = publisher(scene, { will: will() });
    const s = subscriber(scene, 'w');
    p.close('server');
    wait(s, scene);
  }),
  keeps('will-unexpected', BOTH, 'the server had closed before DISCONNECT', scene => {
    const s = subscriber(scene, 'w');
    publisher(scene, { will: will() }).fin('server').client(scene.m.disconnect()).fin('client').ack('server');
    deliver(s, scene, gone);
  }),
  keeps('will-unexpected', BOTH, 'RST behind DISCONNECT, which may have overtaken it', scene => {
    const s = subscriber(scene, 'w');
    publisher(scene, { will: will() }).client(scene.m.disconnect()).reset('client');
    deliver(s, scene, gone);
  }),
  keeps('will-unexpected', BOTH, 'DISCONNECT after a silence of more than the keep alive', scene => {
    const s = subscriber(scene, 'w');
    const p = publisher(scene, { will: will(), keepAlive: 10 });
    scene.net.wait(14);
    p.client(scene.m.disconnect()).close('client');
    deliver(s, scene, gone);
  }),
  keeps('will-unexpected', V5, 'DISCONNECT 0x04', scene => {
    const s = subscriber(scene, 'w');
    publisher(scene, { will: will() }).client(scene.m.disconnect(4)).close('client');
    deliver(s, scene, gone);
  }),
  keeps('will-unexpected', BOTH, 'to each of two subscriptions', scene => {
    const s = subscriber(scene, 'w');
    subscribe(s, scene, '#', 1, 2);
    publisher(scene, { will: will() }).close('client');
    deliver(s, scene, gone);
    deliver(s, scene, gone);
  }),
  keeps('will-unexpected', BOTH, 'of a connection that was taken over', scene => {
    const s = subscriber(scene, 'w');
    const p = publisher(scene, { will: will() });
    publisher(scene);
    p.close('server');
    deliver(s, scene, gone);
  }),
  keeps('will-unexpected', BOTH, 'of a client that has the same Will in each connection', scene => {
    const s = subscriber(scene, 'w');
    publisher(scene, { will: will() }).close('client');
    deliver(s, scene, gone);
    publisher(scene, { will: will() }).close('client');
    deliver(s, scene, gone);
  }),
  keeps('will-altered', BOTH, 'kept, as Will Retain 1 has it', scene => {
    const s = subscriber(scene, 'w');
    publisher(scene, { will: will({ retain: true }) }).close('client');
    deliver(s, scene, gone);
    const t = subscriber(scene, 'w', 1, { clientId: 't' });
    deliver(t, scene, { ...gone, retain: true });
    wait(t, scene);
  }),
  spares('will-altered', BOTH, 'not kept, as Will Retain 0 has it', scene => {
    const s = subscriber(scene, 'w');
    publisher(scene, { will: will() }).close('client');
    deliver(s, scene, gone);
    wait(subscriber(scene, 'w', 1, { clientId: 't' }), scene);
  }),
].flat();
