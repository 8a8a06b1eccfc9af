/** What MQTT 3.1, bridges and the settings of a user let be. */
import { PROPERTY } from '../../../../dissectors/mqtt/terms.ts';
import { BOTH, spares, V5, V31, V311 } from './twin.ts';

const present = { sessionPresent: true } as const;
const withDialect = (dialect: Readonly<Record<string, string>>) => ({ options: { dialect } });
/** Everything is subscribed, and granted as asked for. */
const ALL = [['#', 2]] as const;

/** Rules that do not hold for MQTT 3.1. */
export const OF_MQTT_31 = [
  spares('utf8-null', V31, 'U+0000 in a topic', ({ open, m }) => {
    open().client(m.publish({ topic: 'a\0' }));
  }),
  spares('utf8-control', V31, 'a line feed in a topic', ({ open, m }) => {
    open().client(m.publish({ topic: 'a\n' }));
  }),
  spares('client-id-empty', V31, 'no Client Identifier', ({ open }) => open({ clientId: '', clean: false })),
  spares('client-id-refused', V31, 'an identifier that a server may refuse', ({ connect, m }) => {
    connect({ clientId: 'sensor7' }).server(m.connack(2)).close('server');
  }),
  spares('bad-connect-accepted', V31, 'a CONNECT with reserved bits', ({ open }) => open({ flags: 0x0b })),
  spares('connack-flags', V31, 'reserved bits', ({ open }) => open({}, { flags: 0xfe })),
  spares('session-present-clean', V31, 'a byte that is reserved', ({ open }) => open({ clean: true }, present)),
  spares('session-resurrected', V31, 'a byte that is reserved, behind a clean session', ({ open, m, kept }) => {
    open({ clean: true }).client(m.disconnect()).close('client');
    open(kept(), present);
  }),
  spares('state-carried-over', V31, 'DUP 1 in a new session', ({ open, m }) => {
    open()
      .client(m.publish({ qos: 1 }))
      .close('client');
    open()
      .client(m.publish({ qos: 1, dup: true }))
      .server(m.puback());
  }),
  spares('resume-id-in-use', V31, 'an identifier of the session before', ({ open, m, kept }) => {
    open(kept())
      .client(m.publish({ qos: 1, payload: 'on' }))
      .close('client');
    open(kept())
      .client(m.publish({ qos: 1, payload: 'off' }))
      .server(m.puback());
  }),
  spares('not-resent', V31, 'what was left is not sent again', ({ net, open, m, kept }) => {
    open(kept())
      .client(m.publish({ qos: 1 }))
      .close('client');
    const next = open(kept());
    net.wait(10);
    next.client(m.pingreq()).server(m.pingresp());
  }),
  spares('puback-order', V31, 'PUBACKs in any order', ({ open, m }) => {
    open()
      .client(m.subscribe(1, ALL))
      .server(m.suback(1, [2]), m.publish({ qos: 1, id: 1 }), m.publish({ qos: 1, id: 2 }))
      .client(m.puback(2), m.puback(1));
  }),
  spares('pubrec-order', V31, 'PUBRECs in any order', ({ open, m }) => {
    open()
      .client(m.subscribe(1, ALL))
      .server(m.suback(1, [2]), m.publish({ qos: 2, id: 1 }), m.publish({ qos: 2, id: 2 }))
      .client(m.pubrec(2), m.pubrec(1))
      .server(m.pubrel(1), m.pubrel(2))
      .client(m.pubcomp(1), m.pubcomp(2));
  }),
  spares('pubrel-order', V31, 'PUBRELs in any order', ({ open, m }) => {
    open()
      .client(m.publish({ qos: 2, id: 1 }), m.publish({ qos: 2, id: 2 }))
      .server(m.pubrec(1), m.pubrec(2))
      .client(m.pubrel(2), m.pubrel(1))
      .server(m.pubcomp(2), m.pubcomp(1));
  }),
  spares('reason-code', V31, 'code 0x80 in SUBACK, which MQTT 3.1 does not have', ({ open, m }) => {
    open()
      .client(m.subscribe(1, ['a']))
      .server(m.suback(1, [0x80]));
  }),
  spares('header-flags', V31, 'PUBREL with DUP', ({ open, m }) => {
    open()
      .client(m.publish({ qos: 2 }))
      .server(m.pubrec())
      .client(m.pubrel(), m.packet(6, 0x0a, [0, 1]))
      .server(m.pubcomp(), m.pubcomp());
  }),
].flat();

export const OF_BRIDGES = [
  spares('dollar-topic-matched', V311, 'a bridge publishes to $SYS', ({ open, m }) => {
    open({ level: 0x84 }).client(m.publish({ topic: '$SYS/broker/connection/b/state', retain: true }));
  }),
  spares('legacy-version', V31, 'a bridge of MQTT 3.1', ({ open, m }) => {
    open({ level: 0x83 }).client(m.pingreq()).server(m.pingresp());
  }),
].flat();

export const SETTINGS = [
  spares(
    'publish-unanswered',
    BOTH,
    'within the answerTimeout of the user',
    ({ net, open, m }) => {
      const slow = open()
        .client(m.publish({ qos: 1 }))
        .ack('server');
      net.wait(59);
      slow.server(m.puback());
    },
    withDialect({ answerTimeout: '60s' }),
  ),
  spares(
    'not-resent',
    BOTH,
    'within the resendTimeout of the user',
    ({ net, open, m, kept }) => {
      open(kept())
        .client(m.publish({ qos: 1 }))
        .close('client');
      const resumed = open(kept(), present);
      net.wait(9);
      resumed.client(m.publish({ qos: 1, dup: true })).server(m.puback());
    },
    withDialect({ resendTimeout: '10s' }),
  ),
  spares(
    'keep-alive-not-enforced',
    BOTH,
    'within the keepAliveGrace of the user',
    ({ net, open, m }) => {
      const quiet = open({ keepAlive: 10 });
      net.wait(34);
      quiet.client(m.pingreq()).server(m.pingresp());
    },
    { options: { dialect: { keepAliveGrace: '20s' }, severities: { 'keep-alive-exceeded': 'off' } } },
  ),
  spares(
    'session-resurrected',
    V5,
    'within the clockSkew of the user',
    ({ net, open, m }) => {
      const parts = { clean: false, properties: [[PROPERTY.SESSION_EXPIRY, 10]] } as const;
      open(parts).client(m.disconnect()).close('client');
      net.wait(14);
      open(parts, present);
    },
    withDialect({ clockSkew: '5s' }),
  ),
  spares(
    'session-lost',
    BOTH,
    'another session stands behind the same address: a user says so',
    ({ open, m, kept }) => {
      open(kept())
        .client(m.publish({ qos: 1, payload: 'on' }))
        .close('client');
      open(kept())
        .client(m.publish({ qos: 1, payload: 'off' }))
        .server(m.puback());
    },
    withDialect({ sees: 'connection' }),
  ),
  spares(
    'reason-code',
    V311,
    'the version that the user has settled',
    ({ open, m }) => {
      open()
        .client(m.subscribe(1, ['a']))
        .server(m.suback(1, [0x80]));
    },
    withDialect({ version: '3.1.1' }),
  ),
  spares(
    'midstream',
    BOTH,
    'what both versions share, taken up midstream',
    ({ tcp, m }) => {
      tcp({ handshake: false })
        .client(m.publish({ qos: 1, id: 9, dup: true }), m.pingreq(), m.publish({ qos: 2, id: 9 }))
        .server(
          m.puback(9),
          m.pingresp(),
          m.pubrec(9),
          m.puback(77),
          m.publish({ topic: 'any', qos: 2, id: 5, dup: true }),
        )
        .client(m.pubrel(9), m.pubrel(10), m.pubcomp(1), m.disconnect());
    },
    { options: { mapped: true }, found: ['midstream 1'], verdict: 'inconclusive' },
  ),
].flat();
