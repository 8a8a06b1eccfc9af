/**
 * A proxy's acknowledgements say that it has passed bytes on, not that they have arrived: what a client sends a moment later
 * it may have sent without knowing of them.
 */
import { expect, test } from 'vitest';
import { PROPERTY } from '../../../dissectors/mqtt/terms.ts';
import { mqtt } from '../../kit/mqtt.ts';
import { judgeNet } from '../../kit/mqtt-judge.ts';
import { MqttNet } from '../../kit/mqtt-net.ts';

const v5 = mqtt(5);
const DISTANT = '10.0.0.1:50001';
const NEAR = '127.0.0.1:50001';

/** A client that publishes with QoS 2, where CONNACK has said that QoS 1 is the most, `seconds` after that. */
function publishing(client: string, seconds: number): MqttNet {
  const net = new MqttNet();
  const connection = net.open('a', { client, ...(client === NEAR && { server: '127.0.0.1:1883' }) });
  connection.client(v5.connect()).server(v5.connack(0, { properties: [[PROPERTY.MAXIMUM_QOS, 1]] }));
  net.wait(seconds);
  connection.client(v5.publish({ qos: 2 }));
  return net;
}

test.each([
  ['a distant client, at once', DISTANT, 0.03, true, []],
  ['a distant client, later than anything takes to arrive', DISTANT, 2, true, ['qos-not-supported 6']],
  ["a client on the proxy's own host", NEAR, 0.03, true, ['qos-not-supported 6']],
  ['a client whose own acknowledgements were captured', DISTANT, 0.03, false, ['qos-not-supported 6']],
] as const)('%s', (_, client, seconds, relayed, broken) => {
  expect(judgeNet(publishing(client, seconds), { relayed }).broken).toEqual(broken);
});
