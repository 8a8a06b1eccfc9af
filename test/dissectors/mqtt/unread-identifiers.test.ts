/** An acknowledgement that ends before its identifier may be for any flow: nobody is accused over those that were under way. */
import { describe, expect, test } from 'vitest';
import { hex } from '../../../src/testkit/bytes.ts';
import { judgeNet, scene } from '../../kit/mqtt-judge.ts';

describe.each([4, 5] as const)('MQTT of level %i', level => {
  test('a PUBACK without its identifier frees what its sender had under way', () => {
    const { net, m, open } = scene(level);
    const client = open()
      .client(m.subscribe(9, [['t', 1]]))
      .server(m.suback(9, [1]));
    client.server(m.publish({ topic: 't', payload: 'x', qos: 1, id: 1 }));
    client.client(hex('40 01 00'));
    client.server(m.publish({ topic: 't', payload: 'y', qos: 1, id: 1 })).client(m.puback(1));
    net.wait(40);
    client.client(m.pingreq()).server(m.pingresp());
    expect(judgeNet(net).broken).toEqual(['length 9', 'malformed-accepted 13']);
  });

  test('a PUBLISH begun after it is held to the rules again', () => {
    const { net, m, open } = scene(level);
    const client = open();
    client.client(m.publish({ qos: 1, id: 1 })).server(hex('40 01 00'));
    client.client(m.publish({ qos: 1, id: 2, payload: 'x' })).client(m.publish({ qos: 1, id: 2, payload: 'y' }));
    expect(judgeNet(net).broken).toEqual(['length 7', 'packet-id-in-use 9']);
  });
});
