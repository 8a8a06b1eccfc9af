/**
 * Conversations with one broker: a subscriber `s` that begins (frames 1 to 7, SUBSCRIBE in 6, SUBACK in 7), and a publisher
 * `p` (frames 8 to 12, its first PUBLISH in 13). All are judged with everything that the broker received and sent.
 */
import type { ConnackParts, ConnectParts, PublishParts } from '../../../kit/mqtt.ts';
import type { Scene } from '../../../kit/mqtt-judge.ts';
import type { MqttConnection } from '../../../kit/mqtt-net.ts';

export const SEES_BROKER = { dialect: { sees: 'broker' } } as const;

/** Longer than `answerTimeout`. */
export const LONG = 31;

/** Options of the filter; the SUBACK grants the QoS that they ask for. */
export function subscribe(
  connection: MqttConnection,
  { m }: Scene,
  filter = 'a/b',
  options = 1,
  id = 1,
): MqttConnection {
  return connection.client(m.subscribe(id, [[filter, options]])).server(m.suback(id, [options & 3]));
}

export function subscriber(
  scene: Scene,
  filter = 'a/b',
  options = 1,
  connect: ConnectParts = {},
  connack: ConnackParts = {},
): MqttConnection {
  return subscribe(scene.open({ clientId: 's', ...connect }, connack), scene, filter, options);
}

export function publisher({ open }: Scene, connect: ConnectParts = {}): MqttConnection {
  return open({ clientId: 'p', ...connect });
}

/** Publishes, and the broker takes over: two frames of QoS 1, four of QoS 2. */
export function publish(connection: MqttConnection, { m }: Scene, parts: PublishParts = {}): MqttConnection {
  const { qos = 1, id = 1 } = parts;
  connection.client(m.publish({ payload: 'x', ...parts, qos, id }));
  if (qos === 2) connection.server(m.pubrec(id)).client(m.pubrel(id)).server(m.pubcomp(id));
  return qos === 1 ? connection.server(m.puback(id)) : connection;
}

/** The broker delivers, and the subscriber acknowledges: two frames of QoS 1, four of QoS 2. */
export function deliver(connection: MqttConnection, { m }: Scene, parts: PublishParts = {}): MqttConnection {
  const { qos = 1, id = 1 } = parts;
  connection.server(m.publish({ payload: 'x', ...parts, qos, id }));
  if (qos === 2) connection.client(m.pubrec(id)).server(m.pubrel(id)).client(m.pubcomp(id));
  return qos === 1 ? connection.client(m.puback(id)) : connection;
}

/** Shows that the connection is alive: two frames. */
export function ping(connection: MqttConnection, { m }: Scene): MqttConnection {
  return connection.client(m.pingreq()).server(m.pingresp());
}

/** Nothing is under way to the client for so many seconds, and then it shows that it is alive. */
export function wait(connection: MqttConnection, scene: Scene, seconds = LONG): void {
  connection.ack('client');
  scene.net.wait(seconds);
  ping(connection, scene);
}
