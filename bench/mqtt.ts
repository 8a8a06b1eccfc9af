/**
 * Captures of MQTT over TCP: clients that publish measurements and get commands, of 3.1.1 and 5.0 in turns, that break no
 * rule.
 *
 * - `telemetry`: a client connects, subscribes to its commands, then each fourth PUBLISH is one of the server's on one of
 *   eight topics that match; half of all have QoS 1 and are answered before the next. Payloads of 100 bytes.
 * - `visit`: CONNECT, CONNACK, one PUBLISH, DISCONNECT, close, under a Client Identifier that comes only once.
 * - `live`: as `telemetry`, but nothing is ever closed, and two PUBLISHes of QoS 1 stay under way.
 */

import { type Capture, CONFORMING, clientOf, type Expected, LISTENER_ADDRESS } from './capture.ts';
import type { Endpoint, Segment } from './packet-file.ts';
import { mix32, putRandom } from './random.ts';
import { TcpConversation } from './tcp.ts';
import { writeConversations } from './turns.ts';

export interface MqttShape {
  readonly kind: 'telemetry' | 'visit' | 'live';
  readonly connections: number;
  readonly atOnce: number;
  /** PUBLISHes of each connection. */
  readonly publishes: number;
}

const SERVER: Endpoint = { address: LISTENER_ADDRESS, port: 1883 };
const CONNECTIONS_PER_HOST = 20;
const PAYLOAD = 100;
const KEEP_ALIVE = 60;
/** PUBLISHes that are under way at the end of a live connection. */
const UNANSWERED = 2;

const CONNECT = 0x10;
const CONNACK = 0x20;
const PUBLISH = 0x30;
const PUBACK = 0x40;
const SUBSCRIBE = 0x82;
const SUBACK = 0x90;
const DISCONNECT = 0xe0;
const QOS_1 = 0x02;
const CLEAN = 0x02;

const MEASUREMENTS = ['temperature', 'humidity', 'pressure', 'battery', 'signal', 'uptime', 'position'];
const COMMANDS = ['reboot', 'update', 'interval', 'unit', 'led', 'mode', 'log', 'ping'];

export function mqttCapture(shape: MqttShape): Capture {
  const { kind, connections, atOnce, publishes } = shape;
  return {
    name: `mqtt-${kind}-${connections}-connections-${atOnce}-at-once-${publishes}-publishes`,
    write: file => {
      writeConversations(file, conversations(shape), atOnce);
      return expectedOf(shape);
    },
  };
}

function expectedOf({ kind, connections, publishes }: MqttShape): Expected {
  const answers = Math.floor(publishes / 2) - (kind === 'live' ? UNANSWERED : 0);
  // CONNECT and CONNACK, SUBSCRIBE and SUBACK, DISCONNECT.
  const others = 2 + (kind === 'visit' ? 0 : 2) + (kind === 'live' ? 0 : 1);
  const messages = connections * (publishes + answers + others);
  // Of a connection that the capture does not see closed, what is under way is inconclusive, and not counted here.
  return kind === 'live' ? { messages, connections, errors: 0, warnings: 0 } : { messages, connections, ...CONFORMING };
}

function* conversations(shape: MqttShape): Generator<Iterator<Segment>, void> {
  for (let number = 0; number < shape.connections; number++) yield conversation(number, shape);
}

function* conversation(number: number, { kind, publishes }: MqttShape): Generator<Segment, void> {
  const client = clientOf(number, CONNECTIONS_PER_HOST);
  const tcp = new TcpConversation(client, SERVER, [mix32(2 * number), mix32(2 * number + 1)]);
  const isV5 = number % 2 === 1;
  const none = isV5 ? [0] : [];

  yield* tcp.open();
  yield* tcp.fromClient(
    packet(CONNECT, text('MQTT'), [isV5 ? 5 : 4, CLEAN, 0, KEEP_ALIVE], none, text(`device-${number}`)),
  );
  yield* tcp.fromServer(packet(CONNACK, [0, 0], none));
  if (kind !== 'visit') {
    yield* tcp.fromClient(packet(SUBSCRIBE, [0, 1], none, text(`command/${number}/#`), [1]));
    yield* tcp.fromServer(packet(SUBACK, [0, 1], none, [1]));
  }
  // Each side numbers its own; 1 was that of SUBSCRIBE.
  const ids = { client: 2, server: 2 };
  for (let n = 0; n < publishes; n++) {
    const isOfServer = n % 4 === 3;
    const qos1 = n % 4 === 1 || isOfServer;
    const topic = isOfServer
      ? `command/${number}/${COMMANDS[(n >> 2) % COMMANDS.length]}`
      : `site/${number % 50}/device/${number}/${MEASUREMENTS[n % MEASUREMENTS.length]}`;
    const id = isOfServer ? ids.server : ids.client;
    const idBytes = qos1 ? [id >> 8, id & 0xff] : [];
    const bytes = packet(PUBLISH | (qos1 ? QOS_1 : 0), text(topic), idBytes, none, payload(number, n));
    yield* isOfServer ? tcp.fromServer(bytes) : tcp.fromClient(bytes);
    if (!qos1) continue;
    ids[isOfServer ? 'server' : 'client'] = id === 0xffff ? 1 : id + 1;
    if (kind === 'live' && n >= publishes - 2 * UNANSWERED) continue;
    const answer = packet(PUBACK, idBytes);
    yield* isOfServer ? tcp.fromClient(answer) : tcp.fromServer(answer);
  }
  if (kind === 'live') return;
  yield* tcp.fromClient(packet(DISCONNECT));
  yield* tcp.close();
}

function payload(connection: number, n: number): Uint8Array {
  const bytes = new Uint8Array(PAYLOAD);
  putRandom(new DataView(bytes.buffer), 0, PAYLOAD, mix32(connection) + n);
  return bytes;
}

function text(characters: string): Uint8Array {
  const bytes = Buffer.from(characters);
  return Uint8Array.of(bytes.length >> 8, bytes.length & 0xff, ...bytes);
}

/** All packets here have a Remaining Length of one or two bytes. */
function packet(first: number, ...parts: readonly ArrayLike<number>[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const head = length < 0x80 ? [first, length] : [first, 0x80 | (length & 0x7f), length >> 7];
  const bytes = new Uint8Array(head.length + length);
  let at = 0;
  for (const part of [head, ...parts]) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
