/** Keeps the rules of CONNECT, CONNACK and AUTH. */
import { PROPERTY } from '../../../../dissectors/mqtt/terms.ts';
import { BOTH, keeps, spares, V5, V31, V311 } from './twin.ts';

const { ASSIGNED_CLIENT_IDENTIFIER, AUTHENTICATION_METHOD, MAXIMUM_QOS, RETAIN_AVAILABLE } = PROPERTY;
const assigned = (id: string) => ({ properties: [[ASSIGNED_CLIENT_IDENTIFIER, id]] }) as const;
const withMethod = { properties: [[AUTHENTICATION_METHOD, 'm']] } as const;
const mapped = { options: { mapped: true } } as const;

export const CONNECTING = [
  spares('connect-not-first', BOTH, 'CONNECT is the first packet', ({ open }) => open(), mapped),
  spares(
    'connect-not-first',
    BOTH,
    'a capture that begins later',
    ({ tcp, m }) => tcp({ handshake: false }).client(m.pingreq()).server(m.pingresp()),
    { ...mapped, found: ['midstream 1'], verdict: 'inconclusive' },
  ),
  keeps('connect-repeated', BOTH, 'one CONNECT on each of two connections', ({ open, m }) => {
    open().client(m.disconnect()).close('client');
    open();
  }),
  keeps('protocol-name', BOTH, 'MQTT', ({ open }) => open()),
  spares('protocol-name', V31, 'MQIsdp', ({ open }) => open()),
  keeps('unknown-version', BOTH, 'a level that is known', ({ open }) => open()),
  spares('legacy-version', V31, 'said once a run', ({ open }) => {
    open();
    open({ clientId: 'other' });
  }),
  keeps('legacy-version', V311, 'level 4 without its high bit', ({ open }) => open()),
  keeps('connect-reserved-flag', BOTH, 'bit 0 is 0', ({ open }) => open()),
  spares('connect-reserved-flag', V31, 'bit 0 of MQTT 3.1', ({ open }) => open({ flags: 3 })),
  keeps('will-qos', BOTH, 'Will QoS 2', ({ open }) => open({ will: { topic: 'w', qos: 2 } })),
  keeps('will-flags', BOTH, 'a Will with QoS and Retain', ({ open }) => {
    open({ will: { topic: 'w', qos: 1, retain: true } });
  }),
  spares('will-flags', V31, 'Will QoS without a Will, which is disregarded', ({ open }) => open({ flags: 0x2a })),
  keeps('password-without-username', V311, 'a Password behind a User Name', ({ open }) => {
    open({ userName: 'u', password: 'p' });
  }),
  spares('password-without-username', V5, 'a Password alone', ({ open }) => open({ password: 'p' })),
  keeps('connect-payload', BOTH, 'all that the flags announce', ({ open }) => {
    open({ userName: 'u', password: 'p', will: { topic: 'w', payload: 'gone' } });
  }),
  spares('connect-payload', V31, 'no User Name and Password, though the flags announce them', ({ open }) => {
    open({ flags: 0xc2 });
  }),
  keeps('client-id-empty', V311, 'with CleanSession 1', ({ open }) => open({ clientId: '' })),
  spares('client-id-empty', V5, 'with Clean Start 0', ({ open }) => {
    open({ clientId: '', clean: false }, assigned('auto-1'));
  }),
  keeps(
    'bad-connect-accepted',
    V5,
    'a refusal',
    ({ connect, m }) => connect({ flags: 3 }).server(m.connack(0x81)).close('server'),
    {
      found: ['connect-reserved-flag 4'],
      verdict: 'violations',
    },
  ),
  keeps(
    'bad-connect-accepted',
    V311,
    'the refusal of its version',
    ({ connect, m }) => connect({ flags: 3 }).server(m.connack(1)).close('server'),
    {
      found: ['connect-reserved-flag 4'],
      verdict: 'violations',
    },
  ),
  spares(
    'bad-connect-accepted',
    BOTH,
    'a wildcard in the Will Topic, whose check is free',
    ({ open }) => open({ will: { topic: 'w/#' } }),
    {
      found: ['topic-wildcard 4'],
      verdict: 'violations',
    },
  ),
  spares(
    'bad-connect-accepted',
    BOTH,
    'another protocol name: the server may speak that',
    ({ open }) => open({ name: 'mqtt' }),
    {
      ...mapped,
      found: ['protocol-name 4'],
      verdict: 'violations',
    },
  ),
  keeps(
    'bad-connect-answered',
    V311,
    'code 2 to an empty Client Identifier',
    ({ connect, m }) => connect({ clientId: '', clean: false }).server(m.connack(2)).close('server'),
    {
      found: ['client-id-empty 4'],
      verdict: 'violations',
    },
  ),
  keeps('client-id-refused', BOTH, 'another code', ({ connect, m, is5 }) => {
    connect({ clientId: 'sensor7' })
      .server(m.connack(is5 ? 0x87 : 5))
      .close('server');
  }),
  spares('client-id-refused', BOTH, 'an identifier of 24 letters', ({ connect, m, is5 }) => {
    connect({ clientId: 'x'.repeat(24) })
      .server(m.connack(is5 ? 0x85 : 2))
      .close('server');
  }),
  spares('client-id-refused', BOTH, 'an identifier with another character', ({ connect, m, is5 }) => {
    connect({ clientId: 'sensor-7' })
      .server(m.connack(is5 ? 0x85 : 2))
      .close('server');
  }),
  keeps('connect-unanswered', BOTH, 'CONNACK after 29 s', ({ net, connect, m }) => {
    const slow = connect().ack('server');
    net.wait(29);
    slow.server(m.connack());
  }),
  keeps('connect-unanswered', BOTH, 'the close of the connection', ({ net, connect }) => {
    const slow = connect().ack('server');
    net.wait(29);
    slow.close('server');
  }),
  keeps('connect-unanswered', V5, 'AUTH, and the rest after a minute', ({ net, connect, m }) => {
    const slow = connect(withMethod).server(m.auth(0x18, withMethod.properties));
    net.wait(60);
    slow.client(m.auth(0x18, withMethod.properties)).server(m.connack(0, withMethod));
  }),
  spares('connect-unanswered', BOTH, 'a CONNECT that TCP has not acknowledged', ({ net, connect, m }) => {
    const lost = connect();
    net.wait(40);
    lost.again('client').server(m.connack());
  }),
  spares(
    'connect-unanswered',
    BOTH,
    'a capture that ends sooner',
    ({ net, connect }) => {
      const slow = connect().ack('server');
      net.wait(29);
      slow.ack('client');
    },
    { verdict: 'inconclusive' },
  ),
  keeps('connack-not-first', BOTH, 'CONNACK first, behind what the client sent at once', ({ connect, m }) => {
    connect()
      .client(m.publish({ qos: 1 }), m.pingreq())
      .server(m.connack(), m.puback(), m.pingresp());
  }),
  keeps('connack-not-first', V5, 'AUTH before it', ({ connect, m }) => {
    connect(withMethod)
      .server(m.auth(0x18, withMethod.properties))
      .client(m.auth(0x18, withMethod.properties))
      .server(m.connack(0, withMethod));
  }),
  keeps('connack-unsolicited', BOTH, 'CONNACK behind CONNECT', ({ open }) => open(), mapped),
  keeps('connack-repeated', BOTH, 'one CONNACK', ({ open }) => open()),
  keeps('connack-flags', BOTH, 'Session Present alone', ({ open, m, kept }) => {
    open(kept()).client(m.disconnect()).close('client');
    open(kept(), { sessionPresent: true });
  }),
  spares('connack-flags', V31, 'a reserved byte of MQTT 3.1', ({ open }) => open({}, { flags: 2 })),
  keeps('session-present-clean', BOTH, 'Session Present 0', ({ open }) => open({ clean: true })),
  keeps('session-present-refused', BOTH, 'Session Present 0', ({ connect, m, is5 }) => {
    connect({ clean: false })
      .server(m.connack(is5 ? 0x87 : 5))
      .close('server');
  }),
  keeps('after-refusal', BOTH, 'what the client sent before it knew', ({ connect, m, is5 }) => {
    connect()
      .server(m.connack(is5 ? 0x87 : 5))
      .send('client', [m.publish({ qos: 1 })], { unaware: true })
      .close('server');
  }),
  keeps('refused-not-closed', BOTH, 'the server closes after 29 s', ({ net, connect, m, is5 }) => {
    const refused = connect()
      .server(m.connack(is5 ? 0x87 : 5))
      .ack('client');
    net.wait(29);
    refused.close('server');
  }),
  keeps('refused-not-closed', BOTH, 'the client closes, and the server much later', ({ net, connect, m, is5 }) => {
    const refused = connect()
      .server(m.connack(is5 ? 0x87 : 5))
      .fin('client')
      .ack('server');
    net.wait(60);
    refused.fin('server').ack('client');
  }),
  keeps('refused-not-closed', BOTH, 'a RST', ({ net, connect, m, is5 }) => {
    connect()
      .server(m.connack(is5 ? 0x87 : 5))
      .ack('client')
      .reset('server');
    net.wait(60);
  }),
  keeps('assigned-client-id-missing', V5, 'one is assigned', ({ open }) => open({ clientId: '' }, assigned('auto-1'))),
  spares('assigned-client-id-missing', V5, 'a refusal assigns none', ({ connect, m }) => {
    connect({ clientId: '' }).server(m.connack(0x87)).close('server');
  }),
  keeps('assigned-client-id-in-use', V5, 'two identifiers', ({ open }) => {
    open({ clientId: '' }, assigned('auto-1'));
    open({ clientId: '' }, assigned('auto-2'));
  }),
  keeps('assigned-client-id-in-use', V5, 'the identifier of a connection that is over', ({ open, m }) => {
    open({ clientId: '' }, assigned('auto-1')).client(m.disconnect()).close('client');
    open({ clientId: '' }, assigned('auto-1'));
  }),
  spares('assigned-client-id-in-use', V5, 'the identifier of a client of another server', ({ open }) => {
    open({ clientId: '' }, assigned('auto-1'));
    open({ clientId: '' }, assigned('auto-1'), { server: '10.0.0.3:1883' });
  }),
  keeps('will-unsupported-accepted', V5, 'a Will within the limits', ({ open }) => {
    const limits = [
      [MAXIMUM_QOS, 1],
      [RETAIN_AVAILABLE, 0],
    ] as const;
    open({ will: { topic: 'w', qos: 1 } }, { properties: limits });
  }),
  spares('will-unsupported-accepted', V5, 'a refusal with these limits', ({ connect, m }) => {
    connect({ will: { topic: 'w', qos: 2 } })
      .server(m.connack(0x9b, { properties: [[MAXIMUM_QOS, 1]] }))
      .close('server');
  }),
  spares('takeover-not-closed', BOTH, 'the old connection is closed', ({ net, open }) => {
    const old = open();
    open();
    old.close('server');
    net.wait(60);
  }),
  spares('takeover-not-closed', BOTH, 'what came on the old connection before is answered', ({ open, m }) => {
    const old = open().client(m.pingreq());
    open();
    old.server(m.pingresp()).close('server');
  }),
  spares(
    'takeover-not-closed',
    BOTH,
    'the old connection is not closed, and nothing comes on it',
    ({ net, open, m }) => {
      open();
      const next = open();
      net.wait(60);
      next.client(m.pingreq()).server(m.pingresp());
    },
  ),
  spares('takeover-not-closed', BOTH, 'another Client Identifier, server or user', ({ open, m }) => {
    const first = open({ userName: 'u' });
    open({ clientId: 'other' });
    open({}, {}, { server: '10.0.0.3:1883' });
    first.client(m.pingreq()).server(m.pingresp());
  }),
  spares(
    'takeover-not-closed',
    BOTH,
    'nothing is known beyond connections',
    ({ open, m }) => {
      const old = open();
      open();
      old.client(m.pingreq()).server(m.pingresp());
    },
    { options: { dialect: { sees: 'connection' } } },
  ),
].flat();

export const AUTHENTICATING = [
  keeps('auth-without-method', V5, 'no AUTH', ({ open }) => open()),
  keeps('auth-method-mismatch', V5, 'the method of the CONNECT, and again later', ({ open, m }) => {
    open(withMethod, withMethod)
      .client(m.auth(0x19, withMethod.properties))
      .server(m.auth(0x18, withMethod.properties))
      .client(m.auth(0x18, withMethod.properties))
      .server(m.auth(0, withMethod.properties));
  }),
  spares('auth-method-mismatch', V5, 'a refusal without a method', ({ connect, m }) => {
    connect(withMethod).server(m.connack(0x8c)).close('server');
  }),
  keeps('auth-unexpected', V5, 'AUTH 0x18 of both in turn', ({ connect, m }) => {
    connect(withMethod)
      .server(m.auth(0x18, withMethod.properties))
      .client(m.auth(0x18, withMethod.properties))
      .server(m.auth(0x18, withMethod.properties))
      .client(m.auth(0x18, withMethod.properties))
      .server(m.connack(0, withMethod));
  }),
  spares('auth-packet-before-connack', V5, 'DISCONNECT before CONNACK', ({ connect, m }) => {
    connect(withMethod).server(m.auth(0x18, withMethod.properties)).client(m.disconnect()).close('client');
  }),
  spares('auth-packet-before-connack', V5, 'without a method PUBLISH need not wait', ({ connect, m }) => {
    connect().client(m.publish()).server(m.connack());
  }),
].flat();
