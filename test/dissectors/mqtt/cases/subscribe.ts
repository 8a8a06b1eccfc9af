/** Breaks the rules of SUBSCRIBE and UNSUBSCRIBE, of keeping alive and of closing. */
import { PROPERTY } from '../../../../dissectors/mqtt/terms.ts';
import { NO_LOCAL } from '../../../kit/mqtt.ts';
import { breaks } from './case.ts';

const { SHARED_AVAILABLE, SUBSCRIPTION_IDENTIFIER, SUBSCRIPTION_IDENTIFIERS_AVAILABLE, WILDCARD_AVAILABLE } = PROPERTY;
const client = { severity: 'warning' } as const;
const server = { severity: 'warning', by: 'server' } as const;

export const SUBSCRIBING = [
  breaks('mqtt/subscribe-empty', ['3.8.3-3', '3.8.3-2'], { bytes: [4, 0], bytes5: [5, 0] }, ({ open, m }) => {
    open().client(m.subscribe(1, []));
  }),
  breaks('mqtt/unsubscribe-empty', ['3.10.3-2', '3.10.3-2'], { bytes: [4, 0], bytes5: [5, 0] }, ({ open, m }) => {
    open().client(m.unsubscribe(1, []));
  }),
  breaks('mqtt/subscribe-options', ['3.8.3-4', '3.8.3-5'], { bytes: [7, 1], bytes5: [8, 1] }, ({ open, m }) => {
    open().client(m.subscribe(1, [['a', 3]]));
  }),
  breaks('mqtt/no-local-shared', ['', '3.8.3-4'], { bytes: [17, 1] }, ({ open, m }) => {
    open().client(m.subscribe(1, [['$share/g/a', NO_LOCAL]]));
  }),
  breaks('mqtt/filter-wildcard', ['4.7.1-2', '4.7.1-1'], { bytes: [7, 1], bytes5: [8, 1] }, ({ open, m }) => {
    open().client(m.subscribe(1, ['a#']));
  }),
  breaks('mqtt/shared-filter', ['', '4.8.2-1'], { bytes: [7, 9] }, ({ open, m }) => {
    open().client(m.subscribe(1, ['$share//a']));
  }),
  breaks('mqtt/wildcard-not-supported', ['', '§3.2.2.3.11'], { bytes: [7, 3] }, ({ open, m }) => {
    open({}, { properties: [[WILDCARD_AVAILABLE, 0]] }).client(m.subscribe(1, ['a/+']));
  }),
  breaks('mqtt/subscription-id-not-supported', ['', '§3.2.2.3.12'], { bytes: [5, 2] }, ({ open, m }) => {
    open({}, { properties: [[SUBSCRIPTION_IDENTIFIERS_AVAILABLE, 0]] }).client(
      m.subscribe(1, ['a'], [[SUBSCRIPTION_IDENTIFIER, 1]]),
    );
  }),
  breaks('mqtt/shared-not-supported', ['', '§3.2.2.3.13'], { bytes: [7, 10] }, ({ open, m }) => {
    open({}, { properties: [[SHARED_AVAILABLE, 0]] }).client(m.subscribe(1, ['$share/g/a']));
  }),
  breaks(
    'mqtt/suback-count',
    ['3.8.4-5', '3.8.4-6'],
    { by: 'server', frame: 7, bytes: [4, 1], bytes5: [5, 1] },
    scene => {
      scene
        .open()
        .client(scene.m.subscribe(1, ['a', 'b']))
        .server(scene.m.suback(1, [0]));
    },
  ),
  breaks('mqtt/unsuback-count', ['', '3.11.3-1'], { by: 'server', frame: 7, bytes: [5, 1] }, ({ open, m }) => {
    open()
      .client(m.unsubscribe(1, ['a', 'b']))
      .server(m.unsuback(1, [0x11]));
  }),
  breaks(
    'mqtt/granted-above-requested',
    ['3.9.3-1', '3.9.3-1'],
    { ...server, frame: 7, bytes: [5, 1], bytes5: [6, 1] },
    scene => {
      scene
        .open()
        .client(
          scene.m.subscribe(1, [
            ['a', 2],
            ['b', 0],
          ]),
        )
        .server(scene.m.suback(1, [0, 2]));
    },
  ),
  breaks('mqtt/subscribe-unanswered', ['3.8.4-1', '3.8.4-1'], { ...server, bytes: null }, ({ net, open, m }) => {
    const waiting = open()
      .client(m.subscribe(1, ['a']))
      .ack('server');
    net.wait(31);
    waiting.close('client');
  }),
  breaks('mqtt/unsubscribe-unanswered', ['3.10.4-4', '3.10.4-4'], { ...server, bytes: null }, ({ net, open, m }) => {
    const waiting = open()
      .client(m.unsubscribe(1, ['a']))
      .ack('server');
    net.wait(31);
    waiting.close('client');
  }),
].flat();

export const CLOSING = [
  breaks('mqtt/ping-unanswered', ['3.12.4-1', '3.12.4-1'], { ...server, bytes: null }, ({ net, open, m }) => {
    const waiting = open().client(m.pingreq()).ack('server');
    net.wait(31);
    waiting.close('client');
  }),
  breaks('mqtt/pingresp-unsolicited', ['§3.13', '§3.13'], server, ({ open, m }) => {
    open().server(m.pingresp());
  }),
  breaks('mqtt/keep-alive-exceeded', ['3.1.2-23', '3.1.2-20'], client, ({ net, open, m }) => {
    const quiet = open({ keepAlive: 10 });
    net.wait(16);
    quiet.client(m.pingreq()).server(m.pingresp());
  }),
  breaks(
    'mqtt/keep-alive-not-enforced',
    ['3.1.2-24', '3.1.2-22'],
    { ...server, frame: 7, beside: ['keep-alive-exceeded 6'] },
    ({ net, open, m }) => {
      const quiet = open({ keepAlive: 10 });
      net.wait(21);
      quiet.client(m.pingreq()).server(m.pingresp());
    },
  ),
  breaks('mqtt/disconnect-before-connack', ['', '3.14.0-1'], { by: 'server', frame: 5 }, ({ connect, m }) => {
    connect().server(m.disconnect(0x87)).close('server');
  }),
  breaks('mqtt/after-disconnect', ['3.14.4-2', '3.14.4-1'], { frame: 7 }, ({ open, m }) => {
    open().client(m.disconnect(), m.publish()).close('client');
  }),
  breaks('mqtt/disconnect-not-closed', ['3.14.4-1', '3.14.4-2'], { ...client, bytes: null }, ({ net, open, m }) => {
    const lingering = open().client(m.disconnect()).ack('server');
    net.wait(31);
    lingering.close('client');
  }),
  breaks('mqtt/limit-unannounced', ['', '§3.14.2.1'], { ...server, bytes: [2, 1] }, ({ open, m }) => {
    open().server(m.disconnect(0x93)).close('server');
  }),
  breaks(
    'mqtt/malformed-accepted',
    ['2.2.2-2', '4.13.1-1'],
    { ...server, frame: 7, beside: ['header-flags 6'] },
    ({ open, m }) => open().client(m.packet(12, 1)).server(m.pingresp()),
  ),
].flat();
