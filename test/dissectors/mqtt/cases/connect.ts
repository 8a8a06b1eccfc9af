/** Breaks the rules of CONNECT, CONNACK and AUTH. */
import { PROPERTY } from '../../../../dissectors/mqtt/terms.ts';
import { type BreakingCase, breaks } from './case.ts';

const { ASSIGNED_CLIENT_IDENTIFIER, AUTHENTICATION_DATA, AUTHENTICATION_METHOD, MAXIMUM_QOS } = PROPERTY;
const server = { severity: 'warning', by: 'server' } as const;
const mapped = { options: { mapped: true } } as const;
const info = { severity: 'info', by: null } as const;
const withMethod = { properties: [[AUTHENTICATION_METHOD, 'm']] } as const;

export const CONNECTING = [
  breaks('mqtt/connect-not-first', ['3.1.0-1', '3.1.0-1'], { frame: 4, ...mapped }, ({ tcp, m }) => {
    tcp().client(m.pingreq());
  }),
  breaks('mqtt/connect-repeated', ['3.1.0-2', '3.1.0-2'], {}, ({ open, m }) => {
    open().client(m.connect());
  }),
  breaks('mqtt/protocol-name', ['3.1.2-1', '3.1.2-1'], { frame: 4, bytes: [4, 4], ...mapped }, ({ connect }) => {
    connect({ name: 'mqtt' }).close('server');
  }),
  breaks('mqtt/unknown-version', ['§3.1.2.2', '§3.1.2.2'], { ...info, frame: 4, bytes: [8, 1], ...mapped }, scene => {
    scene.connect({ level: 6 }).server(scene.m.connack(1)).close('server');
  }),
  breaks('mqtt/connect-reserved-flag', ['3.1.2-3', '3.1.2-3'], { frame: 4, bytes: [9, 1] }, ({ connect }) => {
    connect({ flags: 3 }).close('server');
  }),
  breaks('mqtt/will-qos', ['3.1.2-14', '3.1.2-12'], { frame: 4, bytes: [9, 1] }, ({ connect }) => {
    connect({ will: { topic: 'w', qos: 3 } }).close('server');
  }),
  breaks('mqtt/will-flags', ['3.1.2-13', '3.1.2-11'], { frame: 4, bytes: [9, 1] }, ({ connect }) => {
    connect({ flags: 0x0a }).close('server');
  }),
  breaks('mqtt/password-without-username', ['3.1.2-22', ''], { frame: 4, bytes: [9, 1] }, ({ connect }) => {
    connect({ password: 'p' }).close('server');
  }),
  breaks(
    'mqtt/connect-payload',
    ['3.1.2-18', '3.1.2-16'],
    { frame: 4, bytes: [15, 0], bytes5: [16, 0] },
    ({ connect }) => {
      connect({ clientId: 'a', flags: 0x82 }).close('server');
    },
  ),
  breaks('mqtt/client-id-empty', ['3.1.3-7', ''], { frame: 4, bytes: [12, 2] }, ({ connect, m }) => {
    connect({ clientId: '', clean: false }).server(m.connack(2)).close('server');
  }),
  breaks('mqtt/auth-data-without-method', ['', '§3.1.2.11.10'], { frame: 4, bytes: [13, 6] }, ({ connect }) => {
    connect({ properties: [[AUTHENTICATION_DATA, 'abc']] }).close('server');
  }),
  breaks(
    'mqtt/bad-connect-accepted',
    ['3.1.4-1', '3.1.4-1'],
    { by: 'server', frame: 5, bytes: [3, 1], beside: ['connect-reserved-flag 4'] },
    ({ open }) => open({ flags: 3 }),
  ),
  breaks(
    'mqtt/bad-connect-answered',
    ['3.1.4-1', ''],
    { ...server, frame: 5, bytes: [3, 1], beside: ['connect-reserved-flag 4'] },
    ({ connect, m }) => connect({ flags: 3 }).server(m.connack(5)).close('server'),
  ),
  breaks('mqtt/client-id-refused', ['3.1.3-5', '3.1.3-5'], { ...server, frame: 5, bytes: [3, 1] }, scene => {
    scene
      .connect({ clientId: 'sensor7' })
      .server(scene.m.connack(scene.is5 ? 0x85 : 2))
      .close('server');
  }),
  breaks(
    'mqtt/connect-unanswered',
    ['3.1.4-4', '3.1.4-5'],
    { ...server, frame: 4, bytes: null },
    ({ net, connect }) => {
      const silent = connect().ack('server');
      net.wait(31);
      silent.close('client');
    },
  ),
  breaks('mqtt/connack-not-first', ['3.2.0-1', '3.2.0-1'], { by: 'server', frame: 5 }, ({ connect, m }) => {
    connect().server(m.pingresp(), m.connack());
  }),
  breaks('mqtt/connack-unsolicited', ['§3.2', '§3.2'], { by: 'server', frame: 4, ...mapped }, ({ tcp, m }) => {
    tcp().server(m.connack());
  }),
  breaks('mqtt/connack-repeated', ['§3.2', '3.2.0-2'], { by: 'server' }, ({ open, m }) => {
    open().server(m.connack());
  }),
  breaks('mqtt/connack-flags', ['§3.2.2.1', '3.2.2-1'], { by: 'server', frame: 5, bytes: [2, 1] }, ({ open }) => {
    open({}, { flags: 2 });
  }),
  breaks(
    'mqtt/session-present-clean',
    ['3.2.2-1', '3.2.2-2'],
    { by: 'server', frame: 5, bytes: [2, 1] },
    ({ open }) => {
      open({ clean: true }, { sessionPresent: true });
    },
  ),
  breaks('mqtt/session-present-refused', ['3.2.2-4', '3.2.2-6'], { by: 'server', frame: 5, bytes: [2, 1] }, scene => {
    scene
      .connect({ clean: false })
      .server(scene.m.connack(scene.is5 ? 0x87 : 5, { sessionPresent: true }))
      .close('server');
  }),
  breaks('mqtt/session-lost', ['3.2.2-2', '3.2.2-3'], { ...server, frame: 14, bytes: [2, 1] }, ({ open, m, kept }) => {
    open(kept()).client(m.disconnect()).close('client');
    open(kept());
  }),
  breaks(
    'mqtt/session-resurrected',
    ['3.2.2-3', '3.2.2-3'],
    { ...server, frame: 14, bytes: [2, 1] },
    ({ open, m, kept }) => {
      open({ clean: true }).client(m.disconnect()).close('client');
      open(kept(), { sessionPresent: true });
    },
  ),
  breaks('mqtt/after-refusal', ['3.2.2-5', '3.2.2-7'], { by: 'server' }, ({ connect, m, is5 }) => {
    const code = is5 ? 0x87 : 5;
    connect().server(m.connack(code), m.publish()).close('server');
  }),
  breaks('mqtt/refused-not-closed', ['3.2.2-5', '3.2.2-7'], { ...server, frame: 5, bytes: null }, scene => {
    const refused = scene
      .connect()
      .server(scene.m.connack(scene.is5 ? 0x87 : 5))
      .ack('client');
    scene.net.wait(31);
    refused.close('client');
  }),
  breaks('mqtt/assigned-client-id-missing', ['', '3.2.2-16'], { by: 'server', frame: 5, bytes: [3, 1] }, ({ open }) =>
    open({ clientId: '' }),
  ),
  breaks('mqtt/assigned-client-id-in-use', ['', '3.2.2-16'], { ...server, frame: 10, bytes: [5, 9] }, ({ open }) => {
    const assigned = { properties: [[ASSIGNED_CLIENT_IDENTIFIER, 'auto-1']] } as const;
    open({ clientId: '' }, assigned);
    open({ clientId: '' }, assigned);
  }),
  breaks('mqtt/will-unsupported-accepted', ['', '3.2.2-12'], { by: 'server', frame: 5, bytes: [5, 2] }, ({ open }) => {
    open({ will: { topic: 'w', qos: 2 } }, { properties: [[MAXIMUM_QOS, 1]] });
  }),
  breaks('mqtt/takeover-not-closed', ['3.1.4-2', '3.1.4-3'], { ...server, frame: 12 }, ({ open, m }) => {
    const old = open();
    open();
    old.client(m.pingreq()).server(m.pingresp());
  }),
].flat();

export const AUTHENTICATING = [
  breaks('mqtt/auth-without-method', ['', '4.12.0-6'], {}, ({ open, m }) => {
    open().client(m.auth(0x19, withMethod.properties));
  }),
  breaks('mqtt/auth-method-mismatch', ['', '4.12.0-5'], { by: 'server', frame: 5, bytes: [4, 4] }, ({ connect, m }) => {
    connect(withMethod).server(m.auth(0x18, [[AUTHENTICATION_METHOD, 'x']]));
  }),
  breaks('mqtt/auth-unexpected', ['', '4.12.0-3'], { bytes: [2, 1] }, ({ open, m }) => {
    open(withMethod, withMethod).client(m.auth(0, withMethod.properties));
  }),
  breaks('mqtt/auth-packet-before-connack', ['', '3.1.2-30'], { frame: 5 }, ({ connect, m }) => {
    connect(withMethod).client(m.publish()).server(m.connack(0, withMethod));
  }),
].flat();

/** Of these nothing is demanded: they are remarks. */
export const REMARKS: readonly BreakingCase[] = [
  ...breaks('mqtt/legacy-version', ['-', ''], { ...info, frame: 4, bytes: [10, 1] }, ({ open }) => open()).map(of31),
  ...breaks('mqtt/legacy-version', ['-', ''], { ...info, frame: 4, bytes: [8, 1] }, ({ open }) =>
    open({ level: 0x84 }),
  ),
  ...breaks('mqtt/midstream', ['-', '-'], { ...info, frame: 1, bytes: null, ...mapped }, ({ tcp, m }) => {
    tcp({ handshake: false }).client(m.pingreq()).server(m.pingresp());
  }),
].map(one => ({ ...one, clause: '' }));

function of31(one: BreakingCase): BreakingCase {
  return { ...one, level: 3 };
}
