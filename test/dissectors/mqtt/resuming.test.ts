/** What is left of a session when its connection ends, over more than one connection after it. */
import { expect, test } from 'vitest';
import { PROPERTY } from '../../../dissectors/mqtt/terms.ts';
import { mqtt } from '../../kit/mqtt.ts';
import { judgeNet } from '../../kit/mqtt-judge.ts';
import { MqttNet } from '../../kit/mqtt-net.ts';

const v5 = mqtt(5);
const { SESSION_EXPIRY, MAXIMUM_PACKET_SIZE } = PROPERTY;

/** The server's PUBLISH is left unacknowledged; the session is taken up twice, the first time with a limit. */
function takenUpTwice(most: number): MqttNet {
  const net = new MqttNet();
  const connect = (properties: readonly (readonly [number, number])[], sessionPresent: boolean) => {
    const asked = v5.connect({
      clientId: 'a',
      clean: !sessionPresent,
      properties: [[SESSION_EXPIRY, 600], ...properties],
    });
    return net.open(`connection ${net.segments.length}`).client(asked).server(v5.connack(0, { sessionPresent }));
  };
  const first = connect([], false)
    .client(v5.subscribe(1, [['t', 1]]))
    .server(v5.suback(1, [1]));
  first
    .server(v5.publish({ topic: 't', payload: 'x'.repeat(70), qos: 1, id: 2 }))
    .fin('client')
    .fin('server');
  for (const properties of [[[MAXIMUM_PACKET_SIZE, most]], []] as const) {
    const next = connect(properties, true);
    net.wait(10);
    next.client(v5.pingreq()).server(v5.pingresp()).fin('client').fin('server');
  }
  return net;
}

test('what was too large for the first connection that took the session up is over for good', () => {
  expect(judgeNet(takenUpTwice(50)).broken).toEqual([]);
});

test('what was not is missed in both', () => {
  expect(judgeNet(takenUpTwice(500)).broken).toEqual(['not-resent 15', 'not-resent 24']);
});
