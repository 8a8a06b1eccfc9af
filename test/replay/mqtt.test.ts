/** Conversations of MQTT, written down here, against servers that a test scripts: what they choose, and how they go wrong. */
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { type ReplayOptions, replay } from '../../src/api.ts';
import { Traffic } from '../../src/testkit.ts';
import { streamServer } from '../kit/proxy.ts';

const CLIENT = '10.0.0.1:40000';
const SERVER = '10.0.0.9:1883';
/** CONNECT of 3.1.1, Client Identifier c, Clean Session. */
const CONNECT = '10 0d 0004 4d515454 04 02 003c 0001 63';
const CONNACK = '20 02 00 00';
/** SUBSCRIBE 1 to t with QoS 1, and its answer. */
const SUBSCRIBE = '82 06 0001 0001 74 01';
const SUBACK = '90 03 0001 01';
/** PUBLISH to t of QoS 1 with this identifier. */
const publish = (identifier: string, payload = '6869') => `32 07 0001 74 ${identifier} ${payload}`;
const PUBACK = (identifier: string) => `40 02 ${identifier}`;
const DISCONNECT = 'e0 00';

function subscriber(): Traffic {
  const traffic = new Traffic();
  traffic
    .connect(CLIENT, SERVER)
    .client(CONNECT)
    .server(CONNACK)
    .client(SUBSCRIBE)
    .server(SUBACK)
    .server(publish('0001'))
    .server(publish('0002', '686f'))
    .client(PUBACK('0001'))
    .client(PUBACK('0002'))
    .client(DISCONNECT)
    .close();
  return traffic;
}

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** Says what a script has for so many packets that it got, by their types; collects what it got. */
async function server(answers: (type: number, packet: Buffer, socket: Socket) => string | undefined) {
  const got: string[] = [];
  const port = await streamServer(socket => {
    let pending = Buffer.alloc(0);
    socket.on('data', bytes => {
      pending = Buffer.concat([pending, bytes]);
      // All packets here have a Remaining Length of one byte.
      while (pending.length >= 2 && pending.length >= 2 + pending[1]) {
        const packet = pending.subarray(0, 2 + pending[1]);
        pending = pending.subarray(packet.length);
        got.push(packet.toString('hex'));
        const answer = answers(packet[0] >> 4, packet, socket);
        if (answer !== undefined) socket.write(hex(answer));
      }
    });
    socket.on('end', () => socket.end());
  });
  return { got, to: `tcp:127.0.0.1:${port}` };
}

const QUICK: ReplayOptions = { speed: 'max', timeout: '4s' };
/** For what does not come. */
const SHORT: ReplayOptions = { ...QUICK, timeout: '500ms' };
const kinds = (departures: readonly { readonly kind: string; readonly messageName: string }[]) =>
  departures.map(({ kind, messageName }) => `${kind} ${messageName}`);

test('the identifiers that the live server chooses are those that it gets back', async () => {
  const { got, to } = await server(type => {
    if (type === 1) return CONNACK;
    return type === 8 ? `${SUBACK} ${publish('1234')} ${publish('4711', '686f')}` : undefined;
  });
  const { departures, report, counts } = await replay(subscriber().pcap(), { to, ...QUICK });
  expect(departures).toEqual([]);
  expect(report.summary.verdict).toBe('conformant');
  expect(counts).toEqual({ toSay: 5, said: 5, expected: 4, heard: 4 });
  expect(got.slice(2)).toEqual(['40021234', '40024711', 'e000']);
});

test('in any other order: each is recognised by what is in it', async () => {
  const { got, to } = await server(type => {
    if (type === 1) return CONNACK;
    return type === 8 ? `${publish('4711', '686f')} ${publish('1234')} ${SUBACK}` : undefined;
  });
  const { departures } = await replay(subscriber().pcap(), { to, ...QUICK });
  expect(departures).toEqual([]);
  // What was said first in the recording is said first.
  expect(got.slice(2)).toEqual(['40021234', '40024711', 'e000']);
});

test('a client identifier that the server gave away is used in the next connection', async () => {
  const connect = (identifier: string) => {
    const rest = `0004 4d515454 05 02 003c 00 ${identifier}`.replaceAll(' ', '');
    return `10 ${(rest.length / 2).toString(16).padStart(2, '0')} ${rest}`;
  };
  const assigned = (text: string) => {
    const name = Buffer.from(text).toString('hex');
    const properties = `12 ${text.length.toString(16).padStart(4, '0')} ${name}`.replaceAll(' ', '');
    const length = properties.length / 2;
    const [inner, outer] = [length, length + 3].map(count => count.toString(16).padStart(2, '0'));
    return `20 ${outer} 00 00 ${inner} ${properties}`;
  };
  const traffic = new Traffic();
  traffic.connect(CLIENT, SERVER).client(connect('0000')).server(assigned('auto-1')).client(DISCONNECT).close();
  traffic
    .connect('10.0.0.1:40001', SERVER)
    .client(connect('0006 6175746f2d31'))
    .server('20 03 00 00 00')
    .client(DISCONNECT)
    .close();
  let connections = 0;
  const { got, to } = await server(type => {
    if (type !== 1) return undefined;
    return ++connections === 1 ? assigned('given-by-me') : '20 03 00 00 00';
  });
  const { departures, report } = await replay(traffic.pcap(), { to, ...QUICK });
  expect(departures).toEqual([]);
  expect(report.summary.errors).toBe(0);
  // Longer than the recorded one: the lengths before it follow.
  expect(got[2]).toBe(connect(`000b ${Buffer.from('given-by-me').toString('hex')}`).replaceAll(' ', ''));
});

test('a refusal is another CONNACK, and what the client was to say after it is not said', async () => {
  const { got, to } = await server((type, _, socket) => {
    if (type === 8) socket.end();
    return type === 1 ? '20 02 00 05' : undefined;
  });
  const { departures, counts } = await replay(subscriber().pcap(), { to, ...QUICK });
  expect(kinds(departures)).toEqual(['differs CONNACK', 'closed SUBACK']);
  expect(departures[0].text).toBe('CONNACK: reasonCode is 5, not 0');
  expect(counts.said).toBe(2);
  expect(got).toHaveLength(2);
});

test('a server that breaks a rule is found out by the rule', async () => {
  const { to } = await server(type => (type === 1 ? CONNACK : type === 8 ? '90 03 0007 01' : undefined));
  const { report, departures } = await replay(subscriber().pcap(), { to, ...SHORT });
  expect(report.findings.map(({ ruleId, severity }) => `${severity} ${ruleId}`)).toContain('error mqtt/ack-unknown-id');
  expect(kinds(departures)).toEqual(['differs SUBACK', 'missing PUBLISH']);
});

test('packets that were not recorded, and one that came in the place of another', async () => {
  const { to } = await server(type => (type === 1 ? `${CONNACK} ${publish('0009', '6e6f')}` : undefined));
  const { departures } = await replay(subscriber().pcap(), { to, ...SHORT });
  expect(kinds(departures).at(-1)).toMatch(/^(?:missing|instead) SUBACK$/);
});

test('a connection that is reset before all was said', async () => {
  const { to } = await server((type, _, socket) => {
    if (type === 8) socket.resetAndDestroy();
    return type === 1 ? CONNACK : undefined;
  });
  const { departures } = await replay(subscriber().pcap(), { to, ...QUICK });
  expect(kinds(departures)).toEqual(['closed SUBACK']);
  expect(departures[0]).toMatchObject({ connection: 1, text: 'the peer aborted the connection before SUBACK came' });
});

test('a server that stays, where the recorded one closed', async () => {
  const { to } = await server(type => (type === 1 ? '20 02 00 05' : undefined));
  const refused = 'fixtures/mqtt/mosquitto-bad-credentials.pcap';
  const { departures } = await replay(refused, { to, ...SHORT, connection: [1] });
  expect(kinds(departures)).toEqual(['open ']);
  expect(departures[0].text).toBe('the peer did not end the connection within 500 ms (--timeout)');
});

test('several connections keep their order among each other: a publisher waits until the subscriber has subscribed', async () => {
  const traffic = new Traffic();
  const one = traffic.connect(CLIENT, SERVER).client(CONNECT).server(CONNACK).client(SUBSCRIBE).server(SUBACK);
  const two = traffic.connect('10.0.0.1:40001', SERVER).client(CONNECT.replace(/63$/, '64')).server(CONNACK);
  two.client(publish('0001')).server(PUBACK('0001'));
  one.server(publish('0001')).client(PUBACK('0001'));
  const order: string[] = [];
  let subscribed: Socket | undefined;
  const { to } = await server((type, packet, socket) => {
    order.push(type.toString(16));
    if (type === 8) {
      // Late: who does not wait publishes before.
      setTimeout(() => {
        subscribed = socket;
        socket.write(hex(SUBACK));
      }, 60);
    }
    if (type === 3) {
      subscribed?.write(hex(publish('00aa')));
      return PUBACK(packet.subarray(5, 7).toString('hex'));
    }
    return type === 1 ? CONNACK : undefined;
  });
  const { departures, counts } = await replay(traffic.pcap(), { to, ...QUICK });
  expect(departures).toEqual([]);
  expect(order).toEqual(['1', '8', '1', '3', '4']);
  expect(counts.heard).toBe(5);
  // One alone: nobody publishes to it.
  const alone = await replay(traffic.pcap(), { to, ...SHORT, connection: [1] });
  expect(kinds(alone.departures)).toEqual(['missing PUBLISH']);
});

test('a live peer that floods is listened to for a bounded time, and its departures are bounded', async () => {
  const { to } = await server((type, _, socket) => {
    if (type !== 1) return undefined;
    socket.on('error', () => {});
    socket.write(Buffer.concat([hex(CONNACK), ...Array.from({ length: 3_000 }, () => hex('d0 00'))]));
    return undefined;
  });
  const { departures } = await replay(subscriber().pcap(), { to, ...SHORT });
  expect(departures.length).toBeLessThanOrEqual(1_001);
  expect(kinds(departures).filter(kind => kind === 'extra PINGRESP').length).toBeGreaterThan(900);
});

test('whatever a live peer sends, the replay ends', async () => {
  let seed = 1;
  const noise = (length: number) => {
    return Buffer.from(
      Array.from({ length }, () => {
        seed = (seed * 48_271) % 2_147_483_647;
        return seed & 0xff;
      }),
    );
  };
  for (const length of [1, 40, 5_000]) {
    const port = await streamServer(socket => {
      socket.on('data', () => socket.writable && socket.write(noise(length)));
      socket.on('end', () => socket.end());
    });
    const { departures } = await replay(subscriber().pcap(), { to: `tcp:127.0.0.1:${port}`, ...SHORT });
    expect(departures.length).toBeGreaterThan(0);
  }
});
