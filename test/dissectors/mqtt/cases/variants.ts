/** Other ways to break rules whose text names several: the other side, another packet, another limit. */
import { PROPERTY } from '../../../../dissectors/mqtt/terms.ts';
import { breaks } from './case.ts';

const { AUTHENTICATION_METHOD, MAXIMUM_PACKET_SIZE, MESSAGE_EXPIRY, RECEIVE_MAXIMUM, RETAIN_AVAILABLE } = PROPERTY;
const { SERVER_KEEP_ALIVE, SESSION_EXPIRY, TOPIC_ALIAS } = PROPERTY;
const client = { severity: 'warning' } as const;
const server = { severity: 'warning', by: 'server' } as const;
const present = { sessionPresent: true } as const;
const withMethod = { properties: [[AUTHENTICATION_METHOD, 'm']] } as const;
const connect5 = (seconds: number) => ({ clean: false, properties: [[SESSION_EXPIRY, seconds]] }) as const;

export const OF_SIDES = [
  breaks('mqtt/wrong-direction', ['§2.2.1', ''], { by: 'server' }, ({ open, m }) => {
    open().server(m.disconnect()).close('server');
  }),
  breaks('mqtt/wrong-direction', ['§2.2.1', '§2.1.2'], {}, ({ open, m }) => {
    open().client(m.suback(1, [0]));
  }),
  breaks('mqtt/maximum-packet-size', ['', '3.1.2-24'], { by: 'server', frame: 8 }, ({ open, m }) => {
    open({ properties: [[MAXIMUM_PACKET_SIZE, 20]] })
      .client(m.subscribe(1, ['#']))
      .server(m.suback(1, [0]), m.publish({ payload: 'x'.repeat(20) }));
  }),
  breaks('mqtt/topic-alias-too-large', ['', '3.1.2-27'], { by: 'server', frame: 8 }, ({ open, m }) => {
    open()
      .client(m.subscribe(1, ['#']))
      .server(m.suback(1, [0]), m.publish({ properties: [[TOPIC_ALIAS, 1]] }));
  }),
  breaks('mqtt/receive-maximum', ['', '3.3.4-9'], { by: 'server', frame: 9 }, ({ open, m }) => {
    open({ properties: [[RECEIVE_MAXIMUM, 1]] })
      .client(m.subscribe(1, [['#', 1]]))
      .server(m.suback(1, [1]), m.publish({ qos: 1, id: 1 }), m.publish({ qos: 1, id: 2 }))
      .client(m.puback(1), m.puback(2));
  }),
  breaks('mqtt/packet-id-in-use', ['2.3.1-4', '2.2.1-4'], { by: 'server', frame: 9 }, ({ open, m }) => {
    open()
      .client(m.subscribe(1, [['#', 1]]))
      .server(m.suback(1, [1]), m.publish({ qos: 1, payload: 'on' }), m.publish({ qos: 1, payload: 'off' }));
  }),
  breaks('mqtt/dup-first', ['3.3.1-3', '3.3.1-3'], { by: 'server', frame: 8 }, ({ open, m }) => {
    open()
      .client(m.subscribe(1, [['#', 1]]))
      .server(m.suback(1, [1]), m.publish({ qos: 1, dup: true }));
  }),
  breaks('mqtt/ack-unknown-id', ['2.3.1-6', '2.2.1-5'], {}, ({ open, m }) => {
    open().client(m.puback(9));
  }),
  breaks('mqtt/ack-wrong-type', ['3.3.4-1', '3.3.4-1'], { by: 'server', frame: 7 }, ({ open, m }) => {
    open()
      .client(m.publish({ qos: 1 }))
      .server(m.pubrec());
  }),
  breaks('mqtt/after-disconnect', ['', '3.14.4-1'], { by: 'server', frame: 7 }, ({ open, m }) => {
    open().server(m.disconnect(0x8b), m.publish()).close('server');
  }),
  breaks('mqtt/disconnect-not-closed', ['', '4.13.2-1'], server, ({ net, open, m }) => {
    const lingering = open().server(m.disconnect(0x8b)).ack('client');
    net.wait(31);
    lingering.close('client');
  }),
  breaks('mqtt/publish-unanswered', ['3.3.4-1', '4.3.3-8'], { ...client, frame: 8 }, ({ net, open, m }) => {
    const waiting = open()
      .client(m.subscribe(1, [['#', 2]]))
      .server(m.suback(1, [2]), m.publish({ qos: 2 }))
      .ack('client');
    net.wait(31);
    waiting.close('client');
  }),
].flat();

export const OF_PACKETS = [
  breaks('mqtt/packet-id-in-use', ['2.3.1-2', '2.2.1-3'], { frame: 7 }, ({ open, m }) => {
    open().client(m.publish({ qos: 1, id: 7 }), m.subscribe(7, ['a']));
  }),
  breaks('mqtt/packet-id-in-use', ['2.3.1-2', '2.2.1-3'], { frame: 7 }, ({ open, m }) => {
    open().client(m.subscribe(7, ['a']), m.unsubscribe(7, ['a']));
  }),
  breaks('mqtt/packet-id-in-use', ['2.3.1-2', '2.2.1-3'], { frame: 8 }, ({ open, m }) => {
    open()
      .client(m.publish({ qos: 2, payload: 'on' }))
      .server(m.pubrec())
      .client(m.publish({ qos: 2, payload: 'off' }));
  }),
  breaks('mqtt/packet-id-in-use', ['', '2.2.1-3'], { frame: 7 }, ({ open, m }) => {
    open().client(m.subscribe(7, ['a']), m.subscribe(7, ['a']));
  }),
  breaks('mqtt/resume-id-in-use', ['2.3.1-2', '2.2.1-3'], { ...client, frame: 15 }, ({ open, m, kept }) => {
    open(kept())
      .client(m.publish({ qos: 2 }))
      .close('client');
    open(kept(), present).client(m.subscribe(1, ['a']));
  }),
  breaks('mqtt/packet-id-zero', ['2.3.1-1', '2.2.1-3'], {}, ({ open, m }) => {
    open().client(m.unsubscribe(0, ['a']));
  }),
  breaks('mqtt/resent-in-connection', ['', '4.4.0-1'], { frame: 8 }, ({ open, m }) => {
    open()
      .client(m.publish({ qos: 1 }))
      .server(m.puback())
      .client(m.publish({ qos: 1, dup: true }));
  }),
  breaks('mqtt/resent-in-connection', ['', '4.4.0-1'], { frame: 9 }, ({ open, m }) => {
    open()
      .client(m.publish({ qos: 2 }))
      .server(m.pubrec())
      .client(m.pubrel(), m.pubrel());
  }),
  breaks('mqtt/not-resent', ['4.4.0-1', '4.4.0-1'], { ...client, frame: 17 }, ({ net, open, m, kept }) => {
    open(kept())
      .client(m.publish({ qos: 2 }))
      .server(m.pubrec())
      .client(m.pubrel())
      .ack('server')
      .close('client');
    const resumed = open(kept(), present);
    net.wait(6);
    resumed.client(m.pingreq()).server(m.pingresp());
  }),
  breaks('mqtt/not-resent', ['4.4.0-1', '4.4.0-1'], { ...server, frame: 16 }, ({ net, open, m, kept }) => {
    open(kept())
      .client(m.subscribe(1, [['#', 1]]))
      .server(m.suback(1, [1]), m.publish({ qos: 1 }))
      .close('client');
    const resumed = open(kept(), present);
    net.wait(6);
    resumed.client(m.pingreq()).server(m.pingresp());
  }),
  breaks('mqtt/not-resent', ['', '4.4.0-1'], { ...client, frame: 14 }, ({ net, open, m, kept }) => {
    open(kept())
      .client(m.publish({ qos: 2, properties: [[MESSAGE_EXPIRY, 1]] }))
      .close('client');
    net.wait(2);
    const resumed = open(kept(), present);
    net.wait(6);
    resumed.client(m.pingreq()).server(m.pingresp());
  }),
  breaks('mqtt/ack-wrong-type', ['3.3.4-1', '3.3.4-1'], { by: 'server', frame: 7 }, ({ open, m }) => {
    open()
      .client(m.publish({ qos: 2 }))
      .server(m.pubcomp());
  }),
  breaks('mqtt/ack-unknown-id', ['3.8.4-2', '3.8.4-2'], { by: 'server', frame: 7 }, ({ open, m }) => {
    open()
      .client(m.publish({ qos: 1, id: 7 }))
      .server(m.suback(7, [0]));
  }),
  breaks('mqtt/ack-unknown-id', ['2.3.1-6', '2.2.1-5'], { by: 'server', frame: 8 }, ({ open, m }) => {
    open()
      .client(m.publish({ qos: 1, id: 7 }))
      .server(m.puback(7), m.puback(7));
  }),
  breaks('mqtt/connect-not-first', ['3.1.0-1', '3.1.0-1'], { frame: 4, options: { mapped: true } }, ({ tcp, m }) => {
    tcp()
      .client(m.publish({ qos: 1 }))
      .server(m.puback());
  }),
  breaks('mqtt/auth-without-method', ['', '4.12.0-6'], { by: 'server', frame: 5 }, ({ connect, m }) => {
    connect().server(m.connack(0, withMethod));
  }),
  breaks('mqtt/auth-without-method', ['', '4.12.0-6'], { by: 'server', frame: 5 }, ({ connect, m }) => {
    connect().server(m.auth(0x18, withMethod.properties));
  }),
  breaks('mqtt/auth-method-mismatch', ['', '4.12.0-5'], { by: 'server', frame: 5 }, ({ open }) => open(withMethod)),
  breaks('mqtt/auth-unexpected', ['', '4.12.0-3'], { by: 'server' }, ({ open, m }) => {
    open(withMethod, withMethod).server(m.auth(0x19, withMethod.properties));
  }),
  breaks('mqtt/auth-unexpected', ['', '4.12.0-3'], {}, ({ open, m }) => {
    open(withMethod, withMethod).client(m.auth(0x18, withMethod.properties));
  }),
  breaks(
    'mqtt/malformed-accepted',
    ['3.1.0-2', '3.1.0-2'],
    { ...server, frame: 7, beside: ['connect-repeated 6'] },
    scene => {
      scene.open().client(scene.m.connect()).server(scene.m.connack());
    },
  ),
  breaks(
    'mqtt/malformed-accepted',
    ['2.2.2-2', '4.13.1-1'],
    { ...server, frame: 7, beside: ['utf8 6'] },
    ({ open, m }) => {
      open()
        .client(m.publish({ topic: [0xff], qos: 1 }))
        .server(m.puback());
    },
  ),
].flat();

export const OF_TIMES_AND_LIMITS = [
  breaks('mqtt/session-resurrected', ['', '4.1.0-2'], { ...server, frame: 14 }, ({ net, open, m }) => {
    open(connect5(10)).client(m.disconnect()).close('client');
    net.wait(12);
    open(connect5(10), present);
  }),
  breaks('mqtt/session-resurrected', ['', '4.1.0-2'], { ...server, frame: 14 }, ({ net, open, m }) => {
    open(connect5(1_000))
      .client(m.disconnect(0, [[SESSION_EXPIRY, 10]]))
      .close('client');
    net.wait(12);
    open(connect5(10), present);
  }),
  breaks('mqtt/session-lost', ['', '3.2.2-3'], { ...server, frame: 14 }, ({ net, open, m }) => {
    open(connect5(10), { properties: [[SESSION_EXPIRY, 100]] })
      .client(m.disconnect())
      .close('client');
    net.wait(50);
    open(connect5(10));
  }),
  breaks('mqtt/session-lost', ['', '3.2.2-3'], { ...server, frame: 14 }, ({ net, open, m }) => {
    open(connect5(10))
      .client(m.disconnect(0, [[SESSION_EXPIRY, 0xffff_ffff]]))
      .close('client');
    net.wait(100_000);
    open(connect5(10));
  }),
  breaks('mqtt/keep-alive-exceeded', ['', '3.2.2-21'], client, ({ net, open, m }) => {
    const quiet = open({}, { properties: [[SERVER_KEEP_ALIVE, 10]] });
    net.wait(16);
    quiet.client(m.pingreq()).server(m.pingresp());
  }),
  breaks('mqtt/will-unsupported-accepted', ['', '3.2.2-13'], { by: 'server', frame: 5 }, ({ open }) => {
    open({ will: { topic: 'w', retain: true } }, { properties: [[RETAIN_AVAILABLE, 0]] });
  }),
  breaks('mqtt/takeover-not-closed', ['3.1.4-2', '3.1.4-3'], { ...server, frame: 13 }, ({ net, open, m }) => {
    const old = open();
    open().client(m.pingreq()).server(m.pingresp());
    net.wait(31);
    old.client(m.publish()).ack('server');
  }),
  ...[0x95, 0x9a, 0x9b].map(code =>
    breaks('mqtt/limit-unannounced', ['', '§3.14.2.1'], server, ({ open, m }) => {
      open().server(m.disconnect(code)).close('server');
    }),
  ),
  breaks('mqtt/receive-maximum', ['', '3.3.4-7'], { frame: 7 }, ({ open, m }) => {
    const ids = [1, 2, 3, 4];
    open({}, { properties: [[RECEIVE_MAXIMUM, 1]] })
      .client(...ids.map(id => m.publish({ qos: 1, id })))
      .server(m.puback(1), m.puback(2))
      .client(m.publish({ qos: 1, id: 5 }));
  }),
].flat();
