/** Keeps the rules of acknowledgements, and those of keeping alive and closing. */
import { PROPERTY } from '../../../../dissectors/mqtt/terms.ts';
import { BOTH, keeps, spares, V5, V31, V311 } from './twin.ts';

const { MAXIMUM_PACKET_SIZE, MAXIMUM_QOS, RECEIVE_MAXIMUM, RETAIN_AVAILABLE, SERVER_KEEP_ALIVE } = PROPERTY;
const present = { sessionPresent: true } as const;

export const ACKNOWLEDGING = [
  keeps('ack-unknown-id', BOTH, 'each is acknowledged once', ({ open, m }) => {
    open()
      .client(m.publish({ qos: 1, id: 1 }), m.subscribe(2, ['a']), m.unsubscribe(3, ['a']))
      .server(m.unsuback(3, [0]), m.suback(2, [0]), m.puback(1));
  }),
  keeps('ack-unknown-id', V311, 'each transmission is acknowledged once', ({ open, m }) => {
    open()
      .client(m.publish({ qos: 1 }), m.publish({ qos: 1, dup: true }), m.publish({ qos: 1, dup: true }))
      .server(m.puback(), m.puback(), m.puback());
  }),
  keeps('ack-unknown-id', V311, 'a retry that crossed its acknowledgement has one of its own', ({ open, m }) => {
    open()
      .client(m.publish({ qos: 2 }))
      .server(m.pubrec())
      .send('client', [m.publish({ qos: 2, dup: true })], { unaware: true })
      .client(m.pubrel())
      .server(m.pubrec(), m.pubcomp());
  }),
  spares(
    'ack-unknown-id',
    BOTH,
    'a session whose beginning was not seen',
    ({ open, m, kept }) => open(kept(), present).server(m.pubcomp(7)),
    { verdict: 'inconclusive' },
  ),
  keeps('ack-wrong-type', BOTH, 'each with its own', ({ open, m }) => {
    open()
      .client(m.publish({ qos: 1, id: 1 }), m.publish({ qos: 2, id: 2 }))
      .server(m.puback(1), m.pubrec(2))
      .client(m.pubrel(2))
      .server(m.pubcomp(2));
  }),
  keeps('pubrel-unknown-id', BOTH, 'PUBREL of what was sent', ({ open, m }) => {
    open()
      .client(m.publish({ qos: 2 }))
      .server(m.pubrec())
      .client(m.pubrel())
      .server(m.pubcomp());
  }),
  spares('pubrel-unknown-id', V311, 'a client with CleanSession 0, whose state may be older', ({ open, m, kept }) => {
    open(kept()).client(m.pubrel(3)).server(m.pubcomp(3));
  }),
  keeps('pubrel-before-pubrec', BOTH, 'PUBREL in the frame behind PUBREC', ({ open, m }) => {
    open()
      .client(m.publish({ qos: 2 }))
      .server(m.pubrec())
      .client(m.pubrel())
      .server(m.pubcomp());
  }),
  keeps('pubcomp-before-pubrel', BOTH, 'PUBCOMP behind PUBREL', ({ open, m }) => {
    open()
      .client(m.publish({ qos: 2 }))
      .server(m.pubrec())
      .client(m.pubrel())
      .server(m.pubcomp());
  }),
  keeps('pubcomp-before-pubrel', V5, 'PUBCOMP 0x92 to a PUBREL of another connection', ({ open, m, kept }) => {
    open(kept())
      .client(m.publish({ qos: 2 }))
      .server(m.pubrec())
      .client(m.pubrel())
      .server(m.pubcomp())
      .reset('client');
    open(kept(), present).client(m.pubrel()).server(m.pubcomp(1, 0x92));
  }),
  keeps('puback-order', BOTH, 'in the order of the PUBLISHes', ({ open, m }) => {
    open()
      .client(m.subscribe(1, [['a/b', 1]]))
      .server(m.suback(1, [1]), m.publish({ qos: 1, id: 2 }), m.publish({ qos: 1, id: 1 }))
      .client(m.puback(2), m.puback(1));
  }),
  spares('puback-order', BOTH, 'a server is free', ({ open, m }) => {
    open()
      .client(m.publish({ qos: 1, id: 1 }), m.publish({ qos: 1, id: 2 }))
      .server(m.puback(2), m.puback(1));
  }),
  spares('puback-order', BOTH, 'PUBREC and PUBACK among each other', ({ open, m }) => {
    open()
      .client(m.subscribe(1, [['a/b', 2]]))
      .server(m.suback(1, [2]), m.publish({ qos: 2, id: 1 }), m.publish({ qos: 1, id: 2 }))
      .client(m.puback(2), m.pubrec(1))
      .server(m.pubrel(1))
      .client(m.pubcomp(1));
  }),
  spares('puback-order', V311, 'an identifier that was sent twice', ({ open, m }) => {
    open()
      .client(m.subscribe(1, [['a/b', 1]]))
      .server(
        m.suback(1, [1]),
        m.publish({ qos: 1, id: 1 }),
        m.publish({ qos: 1, id: 2 }),
        m.publish({ qos: 1, id: 1, dup: true }),
      )
      .client(m.puback(2), m.puback(1), m.puback(1));
  }),
  spares('puback-order', BOTH, 'an identifier that was sent in an earlier connection before', ({ open, m, kept }) => {
    const one = (id: number, dup = false) => m.publish({ qos: 1, id, dup });
    open(kept())
      .client(m.subscribe(1, [['a/b', 1]]))
      .server(m.suback(1, [1]), one(1))
      .close('client');
    open(kept(), present).server(one(1, true), one(2)).client(m.puback(2), m.puback(1));
  }),
  keeps('pubrec-order', BOTH, 'in the order of the PUBLISHes', ({ open, m }) => {
    open()
      .client(m.subscribe(1, [['a/b', 2]]))
      .server(m.suback(1, [2]), m.publish({ qos: 2, id: 2 }), m.publish({ qos: 2, id: 1 }))
      .client(m.pubrec(2), m.pubrec(1))
      .server(m.pubrel(1), m.pubrel(2))
      .client(m.pubcomp(2), m.pubcomp(1));
  }),
  keeps('pubrel-order', BOTH, 'in the order of the PUBRECs', ({ open, m }) => {
    open()
      .client(m.publish({ qos: 2, id: 1 }), m.publish({ qos: 2, id: 2 }))
      .server(m.pubrec(2), m.pubrec(1))
      .client(m.pubrel(2), m.pubrel(1))
      .server(m.pubcomp(1), m.pubcomp(2));
  }),
  keeps('pubrel-order', V5, 'a PUBREC that refused wants no PUBREL', ({ open, m }) => {
    open()
      .client(m.publish({ qos: 2, id: 1 }), m.publish({ qos: 2, id: 2 }))
      .server(m.pubrec(1, 0x80), m.pubrec(2))
      .client(m.pubrel(2))
      .server(m.pubcomp(2));
  }),
  keeps('reason-code', V311, 'the codes of SUBACK', ({ open, m }) => {
    open()
      .client(m.subscribe(1, [['a', 2], ['b', 2], ['c', 2], 'd']))
      .server(m.suback(1, [0, 1, 2, 0x80]));
  }),
  keeps('reason-code', V5, 'codes of each packet', ({ open, m }) => {
    open()
      .client(
        m.publish({ qos: 1, id: 1 }),
        m.publish({ qos: 2, id: 2 }),
        m.subscribe(3, ['a']),
        m.unsubscribe(4, ['a']),
      )
      .server(m.puback(1, 0x10), m.pubrec(2, 0), m.suback(3, [0xa2]), m.unsuback(4, [0x11]))
      .client(m.pubrel(2, 0x92))
      .server(m.pubcomp(2, 0x92))
      .client(m.disconnect(0x04))
      .close('client');
  }),
  spares('reason-code', V5, 'the refusal of a 3.1.1 server', ({ connect, m }) => {
    connect()
      .server(m.packet(2, 0, [0, 1]))
      .close('server');
  }),
  keeps('reason-code-role', V5, 'codes of the server', ({ open, m }) => {
    open()
      .client(m.publish({ qos: 1 }))
      .server(m.puback(1, 0x10), m.disconnect(0x8e))
      .close('server');
  }),
  keeps('publish-unanswered', BOTH, 'an answer after 29 s', ({ net, open, m }) => {
    const slow = open()
      .client(m.publish({ qos: 1, id: 1 }), m.publish({ qos: 2, id: 2 }))
      .ack('server');
    net.wait(29);
    slow.server(m.puback(1), m.pubrec(2)).client(m.pubrel(2)).ack('server');
    net.wait(29);
    slow.server(m.pubcomp(2));
  }),
  spares('publish-unanswered', BOTH, 'a connection that ends sooner', ({ net, open, m }) => {
    const slow = open()
      .client(m.publish({ qos: 1 }))
      .ack('server');
    net.wait(29);
    slow.close('client');
    net.wait(60);
  }),
  spares('publish-unanswered', BOTH, 'TCP has not acknowledged it', ({ net, open, m }) => {
    const lost = open().client(m.publish({ qos: 1 }));
    net.wait(60);
    lost.again('client').server(m.puback());
  }),
  spares(
    'publish-unanswered',
    BOTH,
    'what the silent side has sent waits for its acknowledgement',
    ({ net, open, m }) => {
      const cut = open()
        .client(m.publish({ qos: 1 }))
        .ack('server')
        .server(m.publish({ topic: 'lost' }));
      net.wait(60);
      cut.again('server').server(m.puback()).ack('client');
    },
    { options: { severities: { 'topic-not-subscribed': 'off' } } },
  ),
  spares('publish-unanswered', BOTH, 'the peer of the silent side has closed its window', ({ net, open, m }) => {
    const stuck = open()
      .client(m.publish({ qos: 1 }))
      .ack('server')
      .ack('client', { window: 0 });
    net.wait(60);
    stuck.ack('client', { window: 65_535 }).server(m.puback());
  }),
  keeps('pubrec-unanswered', BOTH, 'PUBREL after 29 s', ({ net, open, m }) => {
    const slow = open()
      .client(m.publish({ qos: 2 }))
      .server(m.pubrec())
      .ack('client');
    net.wait(29);
    slow.client(m.pubrel()).server(m.pubcomp());
  }),
  spares('pubrec-unanswered', V5, 'a PUBREC that refuses', ({ net, open, m }) => {
    const quiet = open()
      .client(m.publish({ qos: 2 }))
      .server(m.pubrec(1, 0x87))
      .ack('client');
    net.wait(60);
    quiet.client(m.pingreq()).server(m.pingresp());
  }),
  keeps('pubrel-unanswered', BOTH, 'PUBCOMP after 29 s', ({ net, open, m }) => {
    const slow = open()
      .client(m.publish({ qos: 2 }))
      .server(m.pubrec())
      .client(m.pubrel())
      .ack('server');
    net.wait(29);
    slow.server(m.pubcomp());
  }),
  spares(
    'publish-unanswered',
    BOTH,
    'answerTimeout is longer',
    ({ net, open, m }) => {
      const slow = open()
        .client(m.publish({ qos: 1 }))
        .ack('server');
      net.wait(59);
      slow.server(m.puback());
    },
    { options: { dialect: { answerTimeout: '60s' } } },
  ),
].flat();

export const CLOSING = [
  keeps('ping-unanswered', BOTH, 'PINGRESP after 29 s', ({ net, open, m }) => {
    const slow = open().client(m.pingreq()).ack('server');
    net.wait(29);
    slow.server(m.pingresp());
  }),
  keeps('pingresp-unsolicited', BOTH, 'as many as PINGREQs', ({ open, m }) => {
    open().client(m.pingreq(), m.pingreq()).server(m.pingresp(), m.pingresp());
  }),
  keeps('keep-alive-exceeded', BOTH, '1.5 times the keep alive', ({ net, open, m }) => {
    const quiet = open({ keepAlive: 10 });
    net.wait(14.9);
    quiet.client(m.pingreq()).server(m.pingresp());
  }),
  spares('keep-alive-exceeded', BOTH, 'no keep alive', ({ net, open, m }) => {
    const quiet = open({ keepAlive: 0 });
    net.wait(10_000);
    quiet.client(m.pingreq()).server(m.pingresp());
  }),
  spares('keep-alive-exceeded', BOTH, 'before CONNACK', ({ net, connect, m }) => {
    const slow = connect({ keepAlive: 10 }).ack('server');
    net.wait(25);
    slow.server(m.connack()).client(m.pingreq()).server(m.pingresp());
  }),
  spares('keep-alive-exceeded', BOTH, 'a device that vanished', ({ net, open }) => {
    const gone = open({ keepAlive: 10 });
    net.wait(20);
    gone.close('server');
  }),
  keeps('keep-alive-exceeded', V5, 'Server Keep Alive wins', ({ net, open, m }) => {
    const quiet = open({ keepAlive: 10 }, { properties: [[SERVER_KEEP_ALIVE, 100]] });
    net.wait(100);
    quiet.client(m.pingreq()).server(m.pingresp());
  }),
  keeps(
    'keep-alive-not-enforced',
    BOTH,
    'within the grace',
    ({ net, open, m }) => {
      const quiet = open({ keepAlive: 10 });
      net.wait(19.9);
      quiet.client(m.pingreq()).server(m.pingresp());
    },
    { options: { severities: { 'keep-alive-exceeded': 'off' } } },
  ),
  spares(
    'keep-alive-not-enforced',
    BOTH,
    'the server closes',
    ({ net, open, m }) => {
      const quiet = open({ keepAlive: 10 });
      net.wait(30);
      quiet.client(m.pingreq()).close('server');
    },
    { options: { severities: { 'keep-alive-exceeded': 'off' } } },
  ),
  keeps('disconnect-before-connack', V5, 'DISCONNECT behind CONNACK', ({ open, m }) => {
    open().server(m.disconnect(0x8b)).close('server');
  }),
  keeps('after-disconnect', BOTH, 'nothing', ({ open, m }) => {
    open().client(m.disconnect()).close('client');
  }),
  spares('after-disconnect', BOTH, 'what the other side sent before it knew', ({ open, m }) => {
    open()
      .client(m.subscribe(1, [['a/b', 1]]), m.publish({ qos: 1, id: 2 }), m.disconnect())
      .send('server', [m.suback(1, [1]), m.publish({ qos: 1 }), m.puback(2), m.puback(9), m.publish({ qos: 3 })], {
        unaware: true,
      })
      .close('client');
  }),
  keeps('disconnect-not-closed', BOTH, 'the close after 29 s', ({ net, open, m }) => {
    const slow = open().client(m.disconnect()).ack('server');
    net.wait(29);
    slow.close('client');
  }),
  keeps('disconnect-not-closed', BOTH, 'the other side closes', ({ net, open, m }) => {
    const slow = open().client(m.disconnect()).fin('server').ack('client');
    net.wait(60);
    slow.fin('client');
  }),
  keeps('disconnect-not-closed', BOTH, 'a RST', ({ net, open, m }) => {
    open().client(m.disconnect()).reset('server');
    net.wait(60);
  }),
  keeps('limit-unannounced', V5, 'a limit that was exceeded before it was known', ({ connect, m }) => {
    const limits = [
      [0x93, [RECEIVE_MAXIMUM, 1]],
      [0x95, [MAXIMUM_PACKET_SIZE, 8]],
      [0x9a, [RETAIN_AVAILABLE, 0]],
      [0x9b, [MAXIMUM_QOS, 0]],
    ] as const;
    for (const [code, limit] of limits) {
      connect({ clientId: `${code}` })
        .server(m.connack(0, { properties: [limit] }))
        .send('client', [m.publish({ qos: 1, id: 1, retain: true }), m.publish({ qos: 1, id: 2 })], { unaware: true })
        .server(m.disconnect(code))
        .close('server');
    }
  }),
  spares(
    'limit-unannounced',
    V5,
    'a packet only begun may be what is too large',
    ({ open, m }) => {
      open({}, { properties: [[MAXIMUM_PACKET_SIZE, 30]] })
        .client(m.publish({ payload: 'x'.repeat(40) }).subarray(0, 10))
        .server(m.disconnect(0x95))
        .close('server');
    },
    { verdict: 'inconclusive' },
  ),
  spares(
    'malformed-accepted',
    BOTH,
    'the connection is closed',
    ({ open, m, is5 }) => {
      const faulty = open().client(m.packet(12, 1));
      if (is5) faulty.server(m.disconnect(0x81));
      faulty.close('server');
    },
    { found: ['header-flags 6'], verdict: 'violations' },
  ),
  spares(
    'malformed-accepted',
    BOTH,
    'what came before is answered',
    ({ open, m }) => {
      open()
        .client(m.publish({ qos: 1 }), m.packet(12, 1))
        .server(m.puback())
        .close('server');
    },
    { found: ['header-flags 7'], verdict: 'violations' },
  ),
  spares('midstream', BOTH, 'the handshake was seen', ({ open }) => open(), { options: { mapped: true } }),
  spares('keep-alive-exceeded', V31, 'MQTT 3.1 keeps alive, too', ({ net, open, m }) => {
    const quiet = open({ keepAlive: 10 });
    net.wait(14);
    quiet.client(m.pingreq()).server(m.pingresp());
  }),
  spares('not-resent', V311, 'nothing to send', ({ net, open, m, kept }) => {
    open(kept()).client(m.disconnect()).close('client');
    const resumed = open(kept(), present);
    net.wait(10);
    resumed.client(m.pingreq()).server(m.pingresp());
  }),
].flat();
