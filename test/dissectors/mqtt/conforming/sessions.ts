/** Keeps the rules of sessions: what is stored, taken up, sent again. */
import { PROPERTY } from '../../../../dissectors/mqtt/terms.ts';
import type { Scene } from '../../../kit/mqtt-judge.ts';
import { BOTH, keeps, spares, V5, V31, V311 } from './twin.ts';

const { MAXIMUM_PACKET_SIZE, MESSAGE_EXPIRY, RECEIVE_MAXIMUM, RETAIN_AVAILABLE, SESSION_EXPIRY } = PROPERTY;
const present = { sessionPresent: true } as const;
const ofConnections = { options: { dialect: { sees: 'connection' } } } as const;
const connect5 = (seconds: number) => ({ clean: false, properties: [[SESSION_EXPIRY, seconds]] }) as const;

/** A session that is stored, and its first connection over. */
const stored = ({ open, m, kept }: Scene) => open(kept()).client(m.disconnect()).close('client');

export const STORING = [
  keeps('session-lost', BOTH, 'it is there', scene => {
    stored(scene);
    scene.open(scene.kept(), present);
  }),
  spares('session-lost', V5, 'its expiry has passed', ({ net, open, m }) => {
    open(connect5(10)).client(m.disconnect()).close('client');
    net.wait(12);
    open(connect5(10));
  }),
  spares('session-lost', V5, 'its expiry passes about now', ({ net, open, m }) => {
    open(connect5(10)).client(m.disconnect()).close('client');
    net.wait(9.5);
    open(connect5(10)).client(m.disconnect()).close('client');
    net.wait(10.5);
    open(connect5(10), present);
  }),
  spares('session-lost', V5, 'CONNACK has set the expiry to 0', ({ open, m }) => {
    open(connect5(100), { properties: [[SESSION_EXPIRY, 0]] })
      .client(m.disconnect())
      .close('client');
    open(connect5(100));
  }),
  spares('session-lost', V5, 'DISCONNECT has set the expiry to 0', ({ open, m }) => {
    open(connect5(100))
      .client(m.disconnect(0, [[SESSION_EXPIRY, 0]]))
      .close('client');
    open(connect5(100));
  }),
  spares('session-lost', V5, 'a DISCONNECT with an expiry that crosses the close of the server', ({ open, m }) => {
    for (const answer of [{}, present]) {
      const parts = { ...connect5(100), clientId: answer === present ? 'a' : 'b' };
      open(parts)
        .fin('server')
        .send('client', [m.disconnect(0, [[SESSION_EXPIRY, 0]])], { unaware: true })
        .fin('client')
        .ack('server');
      open(parts, answer);
    }
  }),
  spares('session-lost', BOTH, 'a Clean Session was accepted in between', scene => {
    stored(scene);
    scene.open({ clean: true }).client(scene.m.disconnect()).close('client');
    scene.open(scene.kept());
  }),
  spares('session-lost', BOTH, 'a CONNECT with Clean Session had no answer in between', scene => {
    for (const clientId of ['a', 'b']) {
      scene
        .open({ ...scene.kept(), clientId })
        .client(scene.m.disconnect())
        .close('client');
      scene.connect({ clean: true, clientId }).reset('client');
      scene.open({ ...scene.kept(), clientId }, clientId === 'a' ? present : {});
    }
  }),
  spares('session-lost', BOTH, 'another user has the same Client Identifier', ({ open, m, kept }) => {
    open({ ...kept(), userName: 'u' })
      .client(m.disconnect())
      .close('client');
    open({ ...kept(), userName: 'v' });
  }),
  spares('session-lost', BOTH, 'another server', scene => {
    stored(scene);
    scene.open(scene.kept(), {}, { server: '10.0.0.3:1883' });
  }),
  spares('session-lost', BOTH, 'an empty Client Identifier', ({ open, m, is5 }) => {
    for (const id of ['auto-1', 'auto-2']) {
      const assigned = is5 ? { properties: [[PROPERTY.ASSIGNED_CLIENT_IDENTIFIER, id]] as const } : {};
      open({ clientId: '' }, assigned).client(m.disconnect()).close('client');
    }
  }),
  spares(
    'session-lost',
    BOTH,
    'nothing is known beyond connections',
    scene => {
      stored(scene);
      scene.open(scene.kept());
    },
    ofConnections,
  ),
  spares('session-lost', V31, 'no CONNACK of MQTT 3.1 tells', scene => {
    stored(scene);
    scene.open(scene.kept());
  }),
  keeps('session-resurrected', BOTH, 'none is there', ({ open, m, kept }) => {
    open({ clean: true }).client(m.disconnect()).close('client');
    open(kept());
  }),
  spares('session-resurrected', BOTH, 'a Clean Session whose connection ended by RST', ({ open, kept }) => {
    for (const clientId of ['a', 'b']) {
      open({ clean: true, clientId }).reset('client');
      open({ ...kept(), clientId }, clientId === 'a' ? present : {});
    }
  }),
  spares('session-resurrected', BOTH, 'a Clean Session whose connection is still open', ({ open, kept }) => {
    open({ clean: true });
    open(kept(), present);
  }),
  spares('session-resurrected', V5, 'within the skew of the clocks', ({ net, open, m }) => {
    open(connect5(10)).client(m.disconnect()).close('client');
    net.wait(10.8);
    open(connect5(10), present);
  }),
  spares(
    'session-resurrected',
    V5,
    'no expiry ran: the server may not know that the connection is over',
    ({ net, open }) => {
      open(connect5(10)).reset('client');
      net.wait(100);
      open(connect5(10), present);
    },
  ),
  spares('session-resurrected', V5, 'an expiry that never ends', ({ net, open, m }) => {
    open(connect5(0xffff_ffff)).client(m.disconnect()).close('client');
    net.wait(100_000);
    open(connect5(0xffff_ffff), present);
  }),
  spares('state-carried-over', BOTH, 'a new session begins anew', ({ open, m }) => {
    open()
      .client(m.publish({ qos: 1 }))
      .close('client');
    open()
      .client(m.publish({ qos: 1 }))
      .server(m.puback());
  }),
  spares(
    'state-carried-over',
    V311,
    'a client with CleanSession 0 keeps its own state',
    ({ open, m, kept }) => {
      open(kept())
        .client(m.publish({ qos: 1 }))
        .close('client');
      open(kept())
        .client(m.publish({ qos: 1, dup: true }))
        .server(m.puback());
    },
    { options: { severities: { 'session-lost': 'off' } } },
  ),
].flat();

/** A message of QoS 1 that was left unacknowledged. */
const left = ({ open, m, kept }: Scene) =>
  open(kept())
    .client(m.publish({ qos: 1, payload: 'on' }))
    .close('client');

export const RESUMING = [
  keeps('dup-missing', BOTH, 'DUP 1 in the resumed connection', scene => {
    left(scene);
    scene
      .open(scene.kept(), present)
      .client(scene.m.publish({ qos: 1, payload: 'on', dup: true }))
      .server(scene.m.puback());
  }),
  keeps('dup-first', BOTH, 'DUP 1 in a resumed connection, whose first transmission may have got lost', scene => {
    stored(scene);
    scene
      .open(scene.kept(), present)
      .client(scene.m.publish({ qos: 1, dup: true }))
      .server(scene.m.puback());
  }),
  keeps(
    'dup-first',
    V311,
    'a client with CleanSession 0, whose state may outlive that of the server',
    ({ open, m, kept }) => {
      open(kept())
        .client(m.publish({ qos: 1, dup: true }))
        .server(m.puback());
    },
  ),
  keeps('resume-id-in-use', BOTH, 'another identifier, behind what is sent again', scene => {
    const { m } = scene;
    left(scene);
    scene
      .open(scene.kept(), present)
      .client(m.publish({ qos: 1, payload: 'on', dup: true }), m.publish({ qos: 1, id: 2 }))
      .server(m.puback(1), m.puback(2));
  }),
  keeps('resume-id-in-use', BOTH, 'the identifier of what is acknowledged by now', scene => {
    const { m } = scene;
    left(scene);
    scene
      .open(scene.kept(), present)
      .client(m.publish({ qos: 1, payload: 'on', dup: true }))
      .server(m.puback())
      .client(m.publish({ qos: 1, payload: 'off' }))
      .server(m.puback());
  }),
  keeps('resume-id-in-use', V5, 'a message that has expired', ({ net, open, m, kept }) => {
    const properties = [[MESSAGE_EXPIRY, 5]] as const;
    open(kept())
      .client(m.publish({ qos: 1, payload: 'on', properties }))
      .close('client');
    net.wait(6);
    open(kept(), present)
      .client(m.publish({ qos: 1, payload: 'off' }))
      .server(m.puback());
  }),
  spares('resume-id-in-use', BOTH, 'what does not outlive a connection', ({ open, m, kept }) => {
    open(kept())
      .client(m.subscribe(1, ['a']))
      .close('client');
    open(kept(), present)
      .client(m.subscribe(1, ['b']))
      .server(m.suback(1, [0]));
  }),
  keeps('resend-order', BOTH, 'the order of the first time', ({ open, m, kept }) => {
    const one = (id: number, dup = false) => m.publish({ qos: 1, id, dup });
    open(kept()).client(one(2), one(1)).close('client');
    open(kept(), present).client(one(2, true), one(1, true)).server(m.puback(2), m.puback(1));
  }),
  spares('resend-order', BOTH, 'a server is free', ({ open, m, kept }) => {
    const one = (id: number, dup = false) => m.publish({ qos: 1, id, dup });
    open(kept())
      .client(m.subscribe(1, [['a/b', 1]]))
      .server(m.suback(1, [1]), one(1), one(2))
      .close('client');
    open(kept(), present).server(one(2, true), one(1, true)).client(m.puback(2), m.puback(1));
  }),
  keeps('not-resent', BOTH, 'it is sent again within 5 s', ({ net, ...scene }) => {
    const { m } = scene;
    left({ net, ...scene });
    const resumed = scene.open(scene.kept(), present);
    net.wait(4);
    resumed.client(m.publish({ qos: 1, payload: 'on', dup: true })).server(m.puback());
    net.wait(6);
    resumed.client(m.pingreq()).server(m.pingresp());
  }),
  keeps('not-resent', BOTH, 'a flow whose PUBREC came last goes on with PUBREL', ({ net, open, m, kept }) => {
    open(kept())
      .client(m.publish({ qos: 2 }))
      .server(m.pubrec())
      .close('client');
    const resumed = open(kept(), present).client(m.pubrel()).server(m.pubcomp());
    net.wait(6);
    resumed.client(m.pingreq()).server(m.pingresp());
  }),
  spares('not-resent', BOTH, 'the connection is closed sooner', ({ net, ...scene }) => {
    left({ net, ...scene });
    const resumed = scene.open(scene.kept(), present);
    net.wait(4);
    resumed.client(scene.m.disconnect()).close('client');
  }),
  spares(
    'not-resent',
    BOTH,
    'one that was sent again still waits: the rest may be kept back',
    ({ net, open, m, kept }) => {
      const one = (id: number, dup = false) => m.publish({ qos: 1, id, dup });
      open(kept()).client(one(1), one(2)).close('client');
      const resumed = open(kept(), present).client(one(1, true));
      net.wait(10);
      resumed.server(m.puback(1)).client(one(2, true)).server(m.puback(2));
    },
  ),
  spares('not-resent', V5, 'the window is full', ({ net, open, m, kept }) => {
    const one = (id: number, dup = false) => m.publish({ qos: 1, id, dup });
    open(kept()).client(one(1), one(2)).close('client');
    const resumed = open(kept(), { ...present, properties: [[RECEIVE_MAXIMUM, 1]] }).client(one(1, true));
    net.wait(10);
    resumed.server(m.puback(1)).client(one(2, true)).server(m.puback(2));
  }),
  spares('not-resent', V5, 'a message that has expired', ({ net, open, m, kept }) => {
    open(kept())
      .client(m.publish({ qos: 1, properties: [[MESSAGE_EXPIRY, 5]] }))
      .close('client');
    net.wait(6);
    const resumed = open(kept(), present);
    net.wait(6);
    resumed.client(m.pingreq()).server(m.pingresp());
  }),
  spares('not-resent', V5, 'what the limits of the new connection forbid', ({ net, open, m, kept }) => {
    open(kept())
      .client(m.publish({ qos: 1, payload: 'x'.repeat(40) }), m.publish({ qos: 1, id: 2, retain: true }))
      .close('client');
    const limits = [
      [MAXIMUM_PACKET_SIZE, 30],
      [RETAIN_AVAILABLE, 0],
    ] as const;
    const resumed = open(kept(), { ...present, properties: limits });
    net.wait(6);
    resumed.client(m.pingreq()).server(m.pingresp());
  }),
  spares(
    'not-resent',
    V5,
    'a message of a Shared Subscription, which another member may have',
    ({ net, open, m, kept }) => {
      open(kept())
        .client(m.subscribe(1, [['$share/g/a/b', 1]]))
        .server(m.suback(1, [1]), m.publish({ qos: 1 }))
        .close('client');
      const resumed = open(kept(), present);
      net.wait(6);
      resumed.client(m.pingreq()).server(m.pingresp());
    },
  ),
  spares('not-resent', BOTH, 'a new session: nothing was left', ({ net, open, m }) => {
    open()
      .client(m.publish({ qos: 1 }))
      .close('client');
    const next = open();
    net.wait(6);
    next.client(m.pingreq()).server(m.pingresp());
  }),
].flat();

/** What was seen last in a connection may not have arrived (Certainty 2). */
export const AFTER_THE_END = [
  spares(
    'pubrel-unknown-id',
    BOTH,
    'PUBREL for a flow whose PUBCOMP was seen in the connection before',
    ({ open, m, kept }) => {
      open(kept())
        .client(m.publish({ qos: 2 }))
        .server(m.pubrec())
        .client(m.pubrel())
        .server(m.pubcomp())
        .reset('client');
      open(kept(), present).client(m.pubrel()).server(m.pubcomp());
    },
  ),
  spares('dup-first', BOTH, 'DUP 1 for a flow whose PUBACK was seen in the connection before', ({ open, m, kept }) => {
    open(kept())
      .client(m.publish({ qos: 1 }))
      .server(m.puback())
      .reset('client');
    open(kept(), present)
      .client(m.publish({ qos: 1, dup: true }))
      .server(m.puback());
  }),
  spares('publish-after-pubrel', BOTH, 'PUBLISH again where the PUBREC may not have arrived', ({ open, m, kept }) => {
    open(kept())
      .client(m.publish({ qos: 2 }))
      .server(m.pubrec())
      .reset('client');
    open(kept(), present)
      .client(m.publish({ qos: 2, dup: true }))
      .server(m.pubrec())
      .client(m.pubrel())
      .server(m.pubcomp());
  }),
  spares('not-resent', BOTH, 'what was acknowledged last is not sent again', ({ net, open, m, kept }) => {
    open(kept())
      .client(m.publish({ qos: 1 }))
      .server(m.puback())
      .reset('server');
    const resumed = open(kept(), present);
    net.wait(6);
    resumed.client(m.pingreq()).server(m.pingresp());
  }),
].flat();
