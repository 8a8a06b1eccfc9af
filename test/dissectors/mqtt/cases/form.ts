/** Breaks the rules of framing, form and properties. */
import { PROPERTY } from '../../../../dissectors/mqtt/terms.ts';
import { hex } from '../../../../src/testkit/bytes.ts';
import { breaks } from './case.ts';

const { CONTENT_TYPE, MAXIMUM_PACKET_SIZE, PAYLOAD_FORMAT, REASON_STRING, RECEIVE_MAXIMUM } = PROPERTY;
const { REQUEST_PROBLEM_INFORMATION, RESPONSE_INFORMATION, SESSION_EXPIRY, SUBSCRIPTION_IDENTIFIER } = PROPERTY;
const warning = { severity: 'warning' } as const;

export const FORM = [
  breaks('mqtt/remaining-length-malformed', ['§2.2.3', '§1.5.5'], { bytes: [0, 5] }, ({ open }) => {
    open().client(hex('30 ff ff ff ff 7f'));
  }),
  breaks('mqtt/varint-not-minimal', ['', '1.5.5-1'], { bytes: [1, 2] }, ({ open, m }) => {
    open().client(hex('c0 80 00')).server(m.pingresp());
  }),
  breaks('mqtt/truncated', ['§2.2.3', '§2.1.4'], { ...warning, bytes: null }, ({ open, m }) => {
    open().client(m.publish().subarray(0, 4)).close('client');
  }),
  breaks('mqtt/reserved-type', ['§2.2.1', '§2.1.2'], {}, ({ open }) => {
    open().client(hex('00 00'));
  }),
  breaks('mqtt/wrong-direction', ['§2.2.1', '§2.1.2'], { by: 'server' }, ({ open, m }) => {
    open().server(m.pingreq());
  }),
  breaks('mqtt/header-flags', ['2.2.2-1', '2.1.3-1'], {}, ({ open, m }) => {
    open().client(m.packet(12, 1));
  }),
  breaks('mqtt/length', ['§2.1', '§2.1'], { bytes: [2, 2] }, ({ open, m }) => {
    open().client(m.packet(12, 0, [7, 7]));
  }),
  breaks('mqtt/utf8', ['1.5.3-1', '1.5.4-1'], { bytes: [5, 1] }, ({ open, m }) => {
    open().client(m.publish({ topic: [0x61, 0xff] }));
  }),
  breaks('mqtt/utf8-null', ['1.5.3-2', '1.5.4-2'], { bytes: [5, 1] }, ({ open, m }) => {
    open().client(m.publish({ topic: 'a\0b' }));
  }),
  breaks('mqtt/utf8-control', ['§1.5.3', '§1.5.4'], { ...warning, bytes: [5, 1] }, ({ open, m }) => {
    open().client(m.publish({ topic: 'a\n' }));
  }),
  breaks('mqtt/maximum-packet-size', ['', '3.2.2-15'], { bytes: [1, 1] }, ({ open, m }) => {
    open({}, { properties: [[MAXIMUM_PACKET_SIZE, 20]] }).client(m.publish({ payload: 'x'.repeat(13) }));
  }),
  breaks(
    'mqtt/optional-property-too-large',
    ['', '3.4.2-2'],
    { by: 'server', frame: 7, bytes: [1, 1] },
    ({ open, m }) => {
      open({ properties: [[MAXIMUM_PACKET_SIZE, 20]] })
        .client(m.publish({ qos: 1 }))
        .server(m.puback(1, 0, [[REASON_STRING, 'x'.repeat(12)]]));
    },
  ),
].flat();

export const PROPERTIES = [
  breaks('mqtt/property-length', ['', '2.2.2-1'], { bytes: [5, 0] }, ({ open }) => {
    open().client(hex('30 03 0001 61'));
  }),
  breaks('mqtt/property-unknown', ['', '§2.2.2.2'], { bytes: [6, 1] }, ({ open }) => {
    open().client(hex('30 06 0001 61 02 04 00'));
  }),
  breaks('mqtt/property-not-allowed', ['', '§2.2.2.2'], { bytes: [6, 5] }, ({ open, m }) => {
    open().client(m.publish({ topic: 'a', properties: [[SESSION_EXPIRY, 1]] }));
  }),
  breaks('mqtt/property-repeated', ['', '§3.1.2.11'], { bytes: [10, 4] }, ({ open, m }) => {
    const twice = [1, 2].map(number => [CONTENT_TYPE, `${number}`] as const);
    open().client(m.publish({ topic: 'a', properties: twice }));
  }),
  breaks('mqtt/property-value', ['', '§3.1.2.11'], { by: 'server', frame: 5, bytes: [5, 3] }, ({ open }) => {
    open({}, { properties: [[RECEIVE_MAXIMUM, 0]] });
  }),
  breaks('mqtt/subscription-id-from-client', ['', '3.3.4-6'], { bytes: [6, 3] }, ({ open, m }) => {
    open().client(m.publish({ topic: 'a', properties: [[SUBSCRIPTION_IDENTIFIER, 300]] }));
  }),
  breaks('mqtt/session-expiry-from-server', ['', '3.14.2-2'], { by: 'server', bytes: [4, 5] }, ({ open, m }) => {
    open()
      .server(m.disconnect(0x8b, [[SESSION_EXPIRY, 1]]))
      .close('server');
  }),
  breaks('mqtt/session-expiry-raised', ['', '§3.14.2.2.2'], { bytes: [4, 5] }, ({ open, m }) => {
    open()
      .client(m.disconnect(0, [[SESSION_EXPIRY, 1]]))
      .close('client');
  }),
  breaks('mqtt/problem-information', ['', '3.1.2-29'], { by: 'server', frame: 7, bytes: [5, 5] }, ({ open, m }) => {
    open({ properties: [[REQUEST_PROBLEM_INFORMATION, 0]] })
      .client(m.subscribe(1, ['a']))
      .server(m.suback(1, [0], [[REASON_STRING, 'ok']]));
  }),
  breaks('mqtt/response-information', ['', '3.1.2-28'], { by: 'server', frame: 5, bytes: [5, 4] }, ({ open }) => {
    open({}, { properties: [[RESPONSE_INFORMATION, 'r']] });
  }),
  breaks('mqtt/payload-format', ['', '§3.3.2.3.2'], { ...warning, bytes: [9, 1] }, ({ open, m }) => {
    open().client(m.publish({ topic: 'a', payload: [0x61, 0xff], properties: [[PAYLOAD_FORMAT, 1]] }));
  }),
].flat();
