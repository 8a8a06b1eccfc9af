/** Keeps the rules of framing, form and properties. */
import { PROPERTY } from '../../../../dissectors/mqtt/terms.ts';
import { concat, hex } from '../../../../src/testkit/bytes.ts';
import { BOTH, keeps, spares, V5, V31, V311 } from './twin.ts';

const { AUTHENTICATION_DATA, AUTHENTICATION_METHOD, CORRELATION_DATA, MAXIMUM_PACKET_SIZE, MESSAGE_EXPIRY } = PROPERTY;
const { PAYLOAD_FORMAT, REASON_STRING, RECEIVE_MAXIMUM, REQUEST_PROBLEM_INFORMATION, RESPONSE_TOPIC } = PROPERTY;
const { REQUEST_RESPONSE_INFORMATION, RESPONSE_INFORMATION, SESSION_EXPIRY, SUBSCRIPTION_IDENTIFIER } = PROPERTY;
const { USER_PROPERTY } = PROPERTY;
/** Remaining Length of such a payload needs four bytes. */
const LONG = 'x'.repeat(2_097_152);
const withMethod = { properties: [[AUTHENTICATION_METHOD, 'm']] } as const;

export const FORM = [
  spares('remaining-length-malformed', BOTH, 'four bytes', ({ open, m }) => {
    open().send('client', [m.publish({ payload: LONG })], { cut: 60_000 });
  }),
  keeps('varint-not-minimal', V5, 'two bytes for 128', ({ open, m }) => {
    const fill = (length: number) => m.publish({ topic: 'a', payload: 'x'.repeat(length - 4) });
    open().client(fill(127), fill(128), m.publish({ properties: [[USER_PROPERTY, ['a', 'x'.repeat(200)]]] }));
  }),
  spares('varint-not-minimal', V311, 'two bytes for 0, which only 5.0 forbids', ({ open, m }) => {
    open().client(hex('c0 80 00')).server(m.pingresp());
  }),
  spares('truncated', BOTH, 'a FIN behind a whole packet', ({ open, m }) => {
    open().client(m.publish()).close('client');
  }),
  spares('truncated', BOTH, 'a FIN inside a packet after the other side has closed', ({ open, m }) => {
    open().fin('server').client(m.publish().subarray(0, 4)).fin('client');
  }),
  spares('truncated', V5, 'a FIN inside a packet after the other side has sent DISCONNECT', ({ open, m }) => {
    open().server(m.disconnect(0x8b)).client(m.publish().subarray(0, 4)).close('client');
  }),
  spares('truncated', BOTH, 'a RST inside a packet', ({ open, m }) => {
    open().client(m.publish().subarray(0, 4)).reset('client');
  }),
  keeps('reserved-type', V311, 'type 14', ({ open, m }) => {
    open().client(m.disconnect()).close('client');
  }),
  keeps('reserved-type', V5, 'type 15', ({ connect, m }) => {
    connect(withMethod).server(m.auth(0x18, withMethod.properties), m.connack(0, withMethod));
  }),
  keeps('wrong-direction', V311, 'DISCONNECT of the client', ({ open, m }) => {
    open().client(m.disconnect()).close('client');
  }),
  spares('wrong-direction', V5, 'DISCONNECT of the server', ({ open, m }) => {
    open().server(m.disconnect(0x8b)).close('server');
  }),
  keeps('header-flags', BOTH, '0010 of PUBREL, SUBSCRIBE and UNSUBSCRIBE', ({ open, m }) => {
    open()
      .client(m.publish({ qos: 2, id: 1 }), m.subscribe(2, ['a']), m.unsubscribe(3, ['b']))
      .server(m.pubrec(1), m.suback(2, [0]), m.unsuback(3, [0x11]))
      .client(m.pubrel(1))
      .server(m.pubcomp(1));
  }),
  spares('header-flags', V31, 'DUP of a SUBSCRIBE that is sent again, and flags that are unused', ({ open, m }) => {
    const again = Uint8Array.from(m.subscribe(1, ['a']), (byte, at) => (at === 0 ? 0x8a : byte));
    open()
      .client(m.subscribe(1, ['a']), again, m.packet(12, 1))
      .server(m.suback(1, [0]), m.suback(1, [0]), m.pingresp());
  }),
  keeps('length', BOTH, 'a payload of nothing', ({ open, m }) => {
    open().client(m.publish({ payload: '' }));
  }),
  keeps('length', V5, 'codes and Property Lengths left out', ({ open, m }) => {
    open()
      .client(...[1, 2, 3].map(id => m.publish({ qos: 1, id })))
      .server(m.puback(1), m.puback(2, 0), m.puback(3, 0, []))
      .client(m.disconnect(0))
      .close('client');
  }),
  keeps('utf8', BOTH, 'characters of two to four bytes', ({ open, m }) => {
    open().client(m.publish({ topic: 'ä€😀' }));
  }),
  keeps('utf8', BOTH, 'what is bytes and no string', ({ open, m }) => {
    const properties = [[CORRELATION_DATA, [0xff]]] as const;
    open({ userName: 'u', password: [0xff], will: { topic: 'w', payload: [0xff], properties } });
    open({ clientId: 'other' }).client(m.publish({ payload: [0xff], properties }));
  }),
  spares('utf8', V31, "a topic that is not well-formed: MQTT 3.1 has Java's UTF-8", ({ open, m }) => {
    open().client(m.publish({ topic: [0x61, 0xc0, 0x80, 0x07, 0x00] }));
  }),
  keeps('utf8-null', BOTH, 'U+0000 in a payload', ({ open, m }) => {
    open({ will: { topic: 'w', payload: '\0' } }).client(m.publish({ payload: '\0' }));
  }),
  keeps('utf8-control', BOTH, 'characters beside the controls and noncharacters', ({ open, m }) => {
    open().client(m.publish({ topic: ' ~\u00a0\ufffd\ufdcf' }));
  }),
  spares('utf8-control', BOTH, 'a control that the server passes on', ({ open, m }) => {
    open()
      .client(m.subscribe(1, ['#']))
      .server(m.suback(1, [0]), m.publish({ topic: 'a\n' }));
  }),
  keeps('maximum-packet-size', V5, 'a packet of just that size', ({ open, m }) => {
    open({}, { properties: [[MAXIMUM_PACKET_SIZE, 20]] }).client(m.publish({ payload: 'x'.repeat(12) }));
  }),
  spares('maximum-packet-size', V5, 'what the client began before it knew of the CONNACK', ({ connect, m }) => {
    connect()
      .server(m.connack(0, { properties: [[MAXIMUM_PACKET_SIZE, 20]] }))
      .send('client', [m.publish({ payload: 'x'.repeat(20) })], { unaware: true });
  }),
  keeps('optional-property-too-large', V5, 'a Reason String that just fits', ({ open, m }) => {
    open({ properties: [[MAXIMUM_PACKET_SIZE, 20]] })
      .client(m.publish({ qos: 1 }))
      .server(m.puback(1, 0, [[REASON_STRING, 'x'.repeat(11)]]));
  }),
  spares(
    'optional-property-too-large',
    V5,
    'a packet too large without them',
    ({ open, m }) => {
      open({ properties: [[MAXIMUM_PACKET_SIZE, 20]] })
        .client(m.subscribe(1, Array(20).fill('a')))
        .server(m.suback(1, Array(20).fill(0), [[USER_PROPERTY, ['a', 'b']]]));
    },
    { found: ['maximum-packet-size 7'], verdict: 'violations' },
  ),
].flat();

export const PROPERTIES = [
  keeps('property-length', V5, 'a Property Length of 0', ({ open }) => {
    open().client(hex('30 04 0001 61 00'));
  }),
  keeps('property-unknown', V5, 'the last identifier of the table', ({ open }) => {
    open({}, { properties: [[PROPERTY.SHARED_AVAILABLE, 1]] });
  }),
  keeps('property-not-allowed', V5, 'a User Property in each packet that may have one', ({ connect, m }) => {
    const properties = [[USER_PROPERTY, ['a', 'b']]] as const;
    connect({ properties, will: { topic: 'w', properties } })
      .server(m.connack(0, { properties }))
      .client(
        m.subscribe(1, ['a'], properties),
        m.publish({ qos: 2, id: 2, properties }),
        m.unsubscribe(3, ['a'], properties),
      )
      .server(m.suback(1, [0], properties), m.pubrec(2, 0, properties), m.unsuback(3, [0], properties))
      .client(m.pubrel(2, 0, properties))
      .server(m.pubcomp(2, 0, properties))
      .client(m.disconnect(0, properties))
      .close('client');
  }),
  keeps('property-repeated', V5, 'User Properties with one name', ({ open, m }) => {
    const one = [USER_PROPERTY, ['a', 'b']] as const;
    open().client(m.publish({ properties: [one, one] }));
  }),
  keeps('property-repeated', V5, 'two Subscription Identifiers of the server', ({ open, m }) => {
    const ids = [1, 2].map(id => [SUBSCRIPTION_IDENTIFIER, id] as const);
    open()
      .client(m.subscribe(1, ['a/b'], [ids[0]]), m.subscribe(2, ['a/+'], [ids[1]]))
      .server(m.suback(1, [0]), m.suback(2, [0]), m.publish({ properties: ids }));
  }),
  keeps('property-value', V5, 'the least values', ({ open }) => {
    const least = [
      [RECEIVE_MAXIMUM, 1],
      [MAXIMUM_PACKET_SIZE, 1],
    ] as const;
    open(
      {
        properties: [
          [RECEIVE_MAXIMUM, 1],
          [SESSION_EXPIRY, 0],
          [REQUEST_PROBLEM_INFORMATION, 0],
        ],
      },
      { properties: least },
    );
  }),
  spares('subscription-id-from-client', V5, 'the server has one', ({ open, m }) => {
    const properties = [[SUBSCRIPTION_IDENTIFIER, 268_435_455]] as const;
    open()
      .client(m.subscribe(1, ['a/b'], properties))
      .server(m.suback(1, [0]), m.publish({ properties }))
      .client(m.publish());
  }),
  keeps('session-expiry-from-server', V5, 'a DISCONNECT of the server with a Reason String', ({ open, m }) => {
    open()
      .server(m.disconnect(0x8b, [[REASON_STRING, 'bye']]))
      .close('server');
  }),
  keeps('session-expiry-raised', V5, 'CONNECT had one above 0', ({ open, m }) => {
    open({ properties: [[SESSION_EXPIRY, 1]] })
      .client(m.disconnect(0, [[SESSION_EXPIRY, 900]]))
      .close('client');
  }),
  keeps('session-expiry-raised', V5, 'CONNECT had one above 0, and CONNACK says 0', ({ open, m }) => {
    open({ properties: [[SESSION_EXPIRY, 1]] }, { properties: [[SESSION_EXPIRY, 0]] })
      .client(m.disconnect(0, [[SESSION_EXPIRY, 900]]))
      .close('client');
  }),
  keeps('session-expiry-raised', V5, 'CONNACK had one above 0', ({ open, m }) => {
    open({}, { properties: [[SESSION_EXPIRY, 5]] })
      .client(m.disconnect(0, [[SESSION_EXPIRY, 900]]))
      .close('client');
  }),
  keeps('session-expiry-raised', V5, '0 remains 0', ({ open, m }) => {
    open()
      .client(m.disconnect(0, [[SESSION_EXPIRY, 0]]))
      .close('client');
  }),
  keeps('problem-information', V5, 'Reason Strings of PUBLISH, CONNACK and DISCONNECT', ({ open, m }) => {
    const properties = [
      [REASON_STRING, 'x'],
      [USER_PROPERTY, ['a', 'b']],
    ] as const;
    open({ properties: [[REQUEST_PROBLEM_INFORMATION, 0]] }, { properties })
      .client(m.subscribe(1, ['#']))
      .server(m.suback(1, [0]), m.publish({ properties: [properties[1]] }), m.disconnect(0x8b, properties))
      .close('server');
  }),
  spares('problem-information', V5, 'a Reason String of the client', ({ open, m }) => {
    open({ properties: [[REQUEST_PROBLEM_INFORMATION, 0]] })
      .client(m.subscribe(1, [['a/b', 1]]))
      .server(m.suback(1, [1]), m.publish({ qos: 1 }))
      .client(m.puback(1, 0, [[REASON_STRING, 'x']]));
  }),
  spares('problem-information', V5, 'a Reason String that was asked for', ({ open, m }) => {
    open({ properties: [[REQUEST_PROBLEM_INFORMATION, 1]] })
      .client(m.subscribe(1, ['a']))
      .server(m.suback(1, [0x87], [[REASON_STRING, 'no']]));
  }),
  keeps('response-information', V5, 'Response Information that was asked for', ({ open }) => {
    open({ properties: [[REQUEST_RESPONSE_INFORMATION, 1]] }, { properties: [[RESPONSE_INFORMATION, 'r']] });
  }),
  keeps('payload-format', V5, 'a payload that is text', ({ open, m }) => {
    const properties = [
      [PAYLOAD_FORMAT, 1],
      [RESPONSE_TOPIC, 'r'],
      [MESSAGE_EXPIRY, 5],
    ] as const;
    open({ will: { topic: 'w', payload: 'ä', properties: [[PAYLOAD_FORMAT, 1]] } }).client(
      m.publish({ payload: 'ä', properties }),
    );
  }),
  spares('payload-format', V5, 'a payload that is none, passed on', ({ open, m }) => {
    open()
      .client(m.subscribe(1, ['#']))
      .server(m.suback(1, [0]), m.publish({ payload: [0xff], properties: [[PAYLOAD_FORMAT, 1]] }));
  }),
].flat();

export const BY_BYTES = [
  keeps('header-flags', BOTH, 'a CONNECT, a publication of QoS 0 and a DISCONNECT in one segment', ({ tcp, m }) => {
    tcp().together('client', [m.connect(), m.publish(), m.disconnect()]).close('client');
  }),
  keeps('length', BOTH, 'packets cut into bytes', ({ connect, m }) => {
    connect()
      .send('server', [m.connack()], { cut: 1 })
      .send('client', [concat(m.publish({ qos: 1 }), m.pingreq())], { cut: 1 })
      .send('server', [concat(m.puback(), m.pingresp())], { cut: 1 });
  }),
  keeps('auth-data-without-method', V5, 'Authentication Data with its method', ({ open }) => {
    open({ properties: [[AUTHENTICATION_DATA, 'abc'], ...withMethod.properties] }, withMethod);
  }),
].flat();
