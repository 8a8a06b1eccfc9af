/**
 * Longer MQTT conversations, for tests that do things to the captures of them: of each version one in which nobody is at fault
 * and one with faults, with QoS 0 to 2 in both directions, aliases, a session that is taken up, a Will, and the end.
 */
import { PROPERTY } from '../../../dissectors/mqtt/terms.ts';
import type { Encoder, Level } from '../../kit/mqtt.ts';
import { type Scene, scene } from '../../kit/mqtt-judge.ts';
import type { MqttConnection, MqttNet } from '../../kit/mqtt-net.ts';

export interface MqttStory {
  readonly name: string;
  readonly net: MqttNet;
  /** `rule frame` of all findings, where each packet has a segment of its own. */
  readonly found: readonly string[];
}

/** Publications of each QoS in both directions, and what answers them. */
function exchange(connection: MqttConnection, m: Encoder): MqttConnection {
  return connection
    .client(
      m.subscribe(10, [
        ['a/#', 2],
        ['b/+', 1],
      ]),
    )
    .server(m.suback(10, [2, 1]))
    .client(m.publish({ topic: 'a/b', payload: 'zero' }), m.publish({ topic: 'a/b', payload: 'one', qos: 1, id: 11 }))
    .server(m.publish({ topic: 'a/b', payload: 'zero' }), m.puback(11))
    .client(m.publish({ topic: 'a/c', payload: 'two', qos: 2, id: 12 }))
    .server(m.publish({ topic: 'a/b', payload: 'one', qos: 1, id: 1 }), m.pubrec(12))
    .client(m.puback(1), m.pubrel(12))
    .server(m.pubcomp(12), m.publish({ topic: 'a/c', payload: 'two', qos: 2, id: 2 }))
    .client(m.pubrec(2), m.pingreq())
    .server(m.pubrel(2), m.pingresp())
    .client(m.pubcomp(2), m.unsubscribe(13, ['b/+']))
    .server(m.unsuback(13, [0]));
}

function conforming({ open, m, net, kept, is5 }: Scene): void {
  const first = open({ ...kept(), clientId: 'long', will: { topic: 'w', payload: 'gone', qos: 1 } });
  exchange(first, m)
    .client(m.publish({ topic: 'a/d', payload: 'left', qos: 1, id: 20 }))
    .reset('client');
  net.wait(1);
  const other = exchange(open({ clientId: 'short', userName: 'u', password: 'p' }), m);
  const resumed = open({ ...kept(), clientId: 'long' }, { sessionPresent: true });
  resumed.client(m.publish({ topic: 'a/d', payload: 'left', qos: 1, id: 20, dup: true })).server(m.puback(20));
  other.client(m.publish({ payload: 'x'.repeat(900) }));
  if (is5) aliases(open, m);
  other.client(m.disconnect()).close('client');
  resumed.client(m.disconnect()).close('client');
}

/** Both sides set aliases and use them. */
function aliases(open: Scene['open'], m: Encoder): void {
  const most = { properties: [[PROPERTY.TOPIC_ALIAS_MAXIMUM, 3]] } as const;
  const alias = { properties: [[PROPERTY.TOPIC_ALIAS, 3]] } as const;
  open({ clientId: 'alias', ...most }, most)
    .client(m.subscribe(1, ['#']))
    .server(m.suback(1, [0]), m.publish({ topic: 'far/away', ...alias }), m.publish({ topic: '', ...alias }))
    .client(m.publish({ topic: 'home', ...alias }), m.publish({ topic: '', ...alias }), m.disconnect())
    .close('client');
}

function faulty({ open, m, is5 }: Scene): void {
  const one = open({ clientId: 'one' });
  one.client(m.publish({ topic: 'a/+' }), m.publish({ qos: 1, id: 7, payload: 'on' }));
  one.client(m.publish({ qos: 1, id: 7, payload: 'off' })).server(m.puback(7), m.puback(7), m.puback(7));
  one.server(m.publish({ topic: 'b', qos: 2, id: 5 }), m.pingreq()).client(m.pubcomp(5));
  one.client(m.packet(12, 1)).server(m.pingresp());
  const two = open({ clientId: 'two' });
  two.client(m.subscribe(1, ['a', 'b'])).server(m.suback(1, [2]));
  one.client(m.publish({ qos: 3 }));
  two.client(m.publish({ qos: 2, id: 3 }), m.pubrel(3)).server(m.pubrec(3));
  if (is5) two.server(m.disconnect(0x94), m.publish());
  else two.server(m.connack(), m.connack(3));
  two.close('server');
  one.client(m.publish().subarray(0, 5)).fin('client');
}

function told(level: Level, name: string, talk: (scene: Scene) => void, found: readonly string[]): MqttStory {
  const stage = scene(level);
  talk(stage);
  return { name: `MQTT ${level === 5 ? '5.0' : '3.1.1'}, ${name}`, net: stage.net, found };
}

const FAULTS = [
  'topic-wildcard 6',
  'packet-id-in-use 8',
  'ack-unknown-id 11',
  'topic-not-subscribed 12',
  'wrong-direction 13',
  'ack-wrong-type 14',
  'header-flags 15',
  'malformed-accepted 16',
  'suback-count 23',
  'publish-qos 24',
  'pubrel-before-pubrec 26',
];

export const STORIES: readonly MqttStory[] = [
  told(4, 'nobody at fault', conforming, []),
  told(5, 'nobody at fault', conforming, []),
  told(4, 'with faults', faulty, [...FAULTS, 'connack-repeated 28', 'connack-repeated 29', 'truncated 32']),
  told(5, 'with faults', faulty, [...FAULTS, 'topic-alias-refused 28', 'after-disconnect 29', 'truncated 32']),
];
