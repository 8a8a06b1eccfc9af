/** Breaks the rules of PUBLISH and of its acknowledgements. */
import { PROPERTY } from '../../../../dissectors/mqtt/terms.ts';
import { retainHandling } from '../../../kit/mqtt.ts';
import { breaks } from './case.ts';

const { MAXIMUM_QOS, RECEIVE_MAXIMUM, RESPONSE_TOPIC, RETAIN_AVAILABLE, SUBSCRIPTION_IDENTIFIER } = PROPERTY;
const { TOPIC_ALIAS, TOPIC_ALIAS_MAXIMUM } = PROPERTY;
const client = { severity: 'warning' } as const;
const server = { severity: 'warning', by: 'server' } as const;
/** The Packet Identifier of a PUBLISH to `a/b`, and of an acknowledgement. */
const ID = { bytes: [7, 2] } as const;
const ACKNOWLEDGED_ID = { bytes: [2, 2] } as const;

export const PUBLISHING = [
  breaks('mqtt/publish-qos', ['3.3.1-4', '3.3.1-4'], {}, ({ open, m }) => {
    open().client(m.publish({ qos: 3 }));
  }),
  breaks('mqtt/dup-qos0', ['3.3.1-2', '3.3.1-2'], {}, ({ open, m }) => {
    open().client(m.publish({ dup: true }));
  }),
  breaks('mqtt/dup-missing', ['3.3.1-1', '3.3.1-1'], { frame: 7 }, ({ open, m }) => {
    open().client(m.publish({ qos: 1, id: 7 }), m.publish({ qos: 1, id: 7 }));
  }),
  breaks('mqtt/dup-first', ['3.3.1-3', '3.3.1-3'], {}, ({ open, m }) => {
    open().client(m.publish({ qos: 1, id: 7, dup: true }));
  }),
  breaks('mqtt/state-carried-over', ['3.1.2-6', '3.1.2-4'], { ...client, frame: 15 }, ({ open, m }) => {
    open()
      .client(m.publish({ qos: 1 }))
      .close('client');
    open().client(m.publish({ qos: 1, dup: true }));
  }),
  breaks('mqtt/packet-id-zero', ['2.3.1-1', '2.2.1-4'], ID, ({ open, m }) => {
    open().client(m.publish({ qos: 1, id: 0 }));
  }),
  breaks('mqtt/packet-id-in-use', ['2.3.1-2', '2.2.1-4'], { frame: 7, ...ID }, ({ open, m }) => {
    open().client(m.publish({ qos: 1, payload: 'on' }), m.publish({ qos: 1, payload: 'off' }));
  }),
  breaks('mqtt/resume-id-in-use', ['2.3.1-2', '2.2.1-4'], { ...client, frame: 15, ...ID }, ({ open, m, kept }) => {
    open(kept())
      .client(m.publish({ qos: 1, payload: 'on' }))
      .close('client');
    open(kept(), { sessionPresent: true }).client(m.publish({ qos: 1, payload: 'off' }));
  }),
  breaks('mqtt/resent-in-connection', ['', '4.4.0-1'], { frame: 7, ...ID }, ({ open, m }) => {
    open().client(m.publish({ qos: 1 }), m.publish({ qos: 1, dup: true }));
  }),
  breaks('mqtt/publish-after-pubrel', ['4.3.3-1', '4.3.3-6'], { frame: 9, ...ID }, ({ open, m }) => {
    open()
      .client(m.publish({ qos: 2 }))
      .server(m.pubrec())
      .client(m.pubrel(), m.publish({ qos: 2, dup: true }));
  }),
  breaks('mqtt/pubrel-after-refusal', ['', '4.3.3-4'], { ...client, frame: 8, ...ACKNOWLEDGED_ID }, ({ open, m }) => {
    open()
      .client(m.publish({ qos: 2 }))
      .server(m.pubrec(1, 0x87))
      .client(m.pubrel());
  }),
  breaks('mqtt/resend-order', ['4.6.0-1', '4.6.0-1'], { frame: 17, ...ID }, ({ open, m, kept }) => {
    open(kept())
      .client(m.publish({ qos: 1, id: 1 }), m.publish({ qos: 1, id: 2 }))
      .close('client');
    open(kept(), { sessionPresent: true }).client(
      m.publish({ qos: 1, id: 2, dup: true }),
      m.publish({ qos: 1, id: 1, dup: true }),
    );
  }),
  breaks('mqtt/not-resent', ['4.4.0-1', '4.4.0-1'], { ...client, frame: 14, bytes: null }, ({ net, open, m, kept }) => {
    open(kept())
      .client(m.publish({ qos: 1 }))
      .close('client');
    const resumed = open(kept(), { sessionPresent: true });
    net.wait(6);
    resumed.client(m.pingreq()).server(m.pingresp());
  }),
  breaks('mqtt/topic-wildcard', ['3.3.2-2', '3.3.2-2'], { bytes: [6, 1] }, ({ open, m }) => {
    open().client(m.publish({ topic: 'a/+/b' }));
  }),
  breaks('mqtt/topic-empty', ['4.7.3-1', '4.7.3-1'], { bytes: [2, 2] }, ({ open, m }) => {
    open().client(m.publish({ topic: '' }));
  }),
  breaks('mqtt/response-topic-wildcard', ['', '3.3.2-14'], { bytes: [10, 1] }, ({ open, m }) => {
    open().client(m.publish({ topic: 'a', properties: [[RESPONSE_TOPIC, 'b+']] }));
  }),
  breaks('mqtt/topic-alias-zero', ['', '3.3.2-8'], { bytes: [5, 3] }, ({ open, m }) => {
    open().client(m.publish({ topic: '', properties: [[TOPIC_ALIAS, 0]] }));
  }),
  breaks('mqtt/topic-alias-too-large', ['', '3.3.2-9'], { bytes: [6, 3] }, ({ open, m }) => {
    open().client(m.publish({ topic: 'a', properties: [[TOPIC_ALIAS, 1]] }));
  }),
  breaks('mqtt/topic-alias-unknown', ['', '3.3.2-7'], { bytes: [5, 3] }, ({ open, m }) => {
    open({}, { properties: [[TOPIC_ALIAS_MAXIMUM, 5]] }).client(
      m.publish({ topic: '', properties: [[TOPIC_ALIAS, 3]] }),
    );
  }),
  breaks('mqtt/topic-alias-refused', ['', '3.3.2-10'], { by: 'server', bytes: [2, 1] }, ({ open, m }) => {
    open().server(m.disconnect(0x94)).close('server');
  }),
  breaks('mqtt/qos-not-supported', ['', '3.2.2-11'], {}, ({ open, m }) => {
    open({}, { properties: [[MAXIMUM_QOS, 1]] }).client(m.publish({ qos: 2 }));
  }),
  breaks('mqtt/retain-not-supported', ['', '3.2.2-14'], {}, ({ open, m }) => {
    open({}, { properties: [[RETAIN_AVAILABLE, 0]] }).client(m.publish({ retain: true }));
  }),
  breaks('mqtt/receive-maximum', ['', '3.3.4-7'], { frame: 7, ...ID }, ({ open, m }) => {
    open({}, { properties: [[RECEIVE_MAXIMUM, 1]] }).client(m.publish({ qos: 1, id: 1 }), m.publish({ qos: 1, id: 2 }));
  }),
].flat();

/** Subscribed to one filter in frame 6, granted in frame 7. */
export const DELIVERING = [
  breaks('mqtt/topic-not-subscribed', ['3.3.2-3', '3.3.2-3'], { ...server, frame: 8, bytes: [2, 5] }, ({ open, m }) => {
    open()
      .client(m.subscribe(1, ['a/c']))
      .server(m.suback(1, [0]), m.publish({ topic: 'a/b' }));
  }),
  breaks('mqtt/dollar-topic-matched', ['4.7.2-1', '4.7.2-1'], { ...server, frame: 8, bytes: [2, 8] }, ({ open, m }) => {
    open()
      .client(m.subscribe(1, ['#']))
      .server(m.suback(1, [0]), m.publish({ topic: '$SYS/x' }));
  }),
  breaks('mqtt/qos-above-granted', ['3.3.5-1', '3.8.4-8'], { ...server, frame: 8 }, ({ open, m }) => {
    open()
      .client(m.subscribe(1, [['a', 1]]))
      .server(m.suback(1, [0]), m.publish({ topic: 'a', qos: 1 }));
  }),
  breaks('mqtt/retain-flag-unwanted', ['', '3.3.1-12'], { ...server, frame: 8 }, ({ open, m }) => {
    open()
      .client(m.subscribe(1, [['a', retainHandling(2)]]))
      .server(m.suback(1, [0]), m.publish({ topic: 'a', retain: true }));
  }),
  breaks('mqtt/subscription-id-unknown', ['', '§3.3.4'], { by: 'server', frame: 8, bytes: [6, 2] }, ({ open, m }) => {
    open()
      .client(m.subscribe(1, ['a'], [[SUBSCRIPTION_IDENTIFIER, 1]]))
      .server(m.suback(1, [0]), m.publish({ topic: 'a', properties: [[SUBSCRIPTION_IDENTIFIER, 2]] }));
  }),
  breaks('mqtt/subscription-id-missing', ['', '3.3.4-3'], { ...server, frame: 8, bytes: [2, 3] }, ({ open, m }) => {
    open()
      .client(m.subscribe(1, ['a'], [[SUBSCRIPTION_IDENTIFIER, 1]]))
      .server(m.suback(1, [0]), m.publish({ topic: 'a' }));
  }),
].flat();

export const ACKNOWLEDGING = [
  breaks('mqtt/ack-unknown-id', ['2.3.1-6', '2.2.1-5'], { by: 'server', ...ACKNOWLEDGED_ID }, ({ open, m }) => {
    open().server(m.puback(9));
  }),
  breaks('mqtt/ack-wrong-type', ['3.3.4-1', '3.3.4-1'], { by: 'server', frame: 7 }, ({ open, m }) => {
    open()
      .client(m.publish({ qos: 2 }))
      .server(m.puback());
  }),
  breaks('mqtt/pubrel-unknown-id', ['2.3.1-6', '2.2.1-5'], ACKNOWLEDGED_ID, ({ open, m }) => {
    open().client(m.pubrel(3));
  }),
  breaks('mqtt/pubrel-before-pubrec', ['4.3.3-1', '4.3.3-4'], { frame: 7, ...ACKNOWLEDGED_ID }, ({ open, m }) => {
    open().client(m.publish({ qos: 2 }), m.pubrel());
  }),
  breaks(
    'mqtt/pubcomp-before-pubrel',
    ['4.3.3-2', '4.3.3-11'],
    { by: 'server', frame: 8, ...ACKNOWLEDGED_ID },
    scene => {
      const { open, m } = scene;
      open()
        .client(m.publish({ qos: 2 }))
        .server(m.pubrec(), m.pubcomp());
    },
  ),
  breaks('mqtt/puback-order', ['4.6.0-2', '4.6.0-2'], { frame: 10, ...ACKNOWLEDGED_ID }, ({ open, m }) => {
    open()
      .client(m.subscribe(1, [['a/b', 1]]))
      .server(m.suback(1, [1]), m.publish({ qos: 1, id: 1 }), m.publish({ qos: 1, id: 2 }))
      .client(m.puback(2));
  }),
  breaks('mqtt/pubrec-order', ['4.6.0-3', '4.6.0-3'], { frame: 10, ...ACKNOWLEDGED_ID }, ({ open, m }) => {
    open()
      .client(m.subscribe(1, [['a/b', 2]]))
      .server(m.suback(1, [2]), m.publish({ qos: 2, id: 1 }), m.publish({ qos: 2, id: 2 }))
      .client(m.pubrec(2));
  }),
  breaks('mqtt/pubrel-order', ['4.6.0-4', '4.6.0-4'], { frame: 10, ...ACKNOWLEDGED_ID }, ({ open, m }) => {
    open()
      .client(m.publish({ qos: 2, id: 1 }), m.publish({ qos: 2, id: 2 }))
      .server(m.pubrec(1), m.pubrec(2))
      .client(m.pubrel(2));
  }),
  breaks(
    'mqtt/reason-code',
    ['3.2.2-6', '3.2.2-8'],
    { by: 'server', frame: 5, bytes: [3, 1] },
    ({ connect, m, is5 }) => {
      const code = is5 ? 0x8b : 6;
      connect().server(m.connack(code)).close('server');
    },
  ),
  breaks('mqtt/reason-code-role', ['', '3.14.2-1'], { ...server, bytes: [2, 1] }, ({ open, m }) => {
    open().server(m.disconnect(4)).close('server');
  }),
  breaks('mqtt/publish-unanswered', ['3.3.4-1', '3.3.4-1'], { ...server, bytes: null }, ({ net, open, m }) => {
    const waiting = open()
      .client(m.publish({ qos: 1 }))
      .ack('server');
    net.wait(31);
    waiting.close('client');
  }),
  breaks('mqtt/pubrec-unanswered', ['4.3.3-1', '4.3.3-4'], { ...client, frame: 7, bytes: null }, ({ net, open, m }) => {
    const waiting = open()
      .client(m.publish({ qos: 2 }))
      .server(m.pubrec())
      .ack('client');
    net.wait(31);
    waiting.close('client');
  }),
  breaks(
    'mqtt/pubrel-unanswered',
    ['4.3.3-2', '4.3.3-11'],
    { ...server, frame: 8, bytes: null },
    ({ net, open, m }) => {
      const waiting = open()
        .client(m.publish({ qos: 2 }))
        .server(m.pubrec())
        .client(m.pubrel())
        .ack('server');
      net.wait(31);
      waiting.close('client');
    },
  ),
].flat();
