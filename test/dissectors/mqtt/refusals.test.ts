/** Which packets of MQTT say that their sender will not go on, and how a packet is refused. */
import { describe, expect, test } from 'vitest';
import { REFUSALS } from '../../../dissectors/mqtt/refusals.ts';
import { Engine } from '../../../src/engine.ts';
import { DEFAULT_ENGINE_OPTIONS } from '../../../src/run/options.ts';
import { facts } from '../../../src/testkit/engine.ts';
import { known } from '../../faults/asking.ts';
import { mqtt } from '../../kit/mqtt.ts';
import { MqttNet } from '../../kit/mqtt-net.ts';

const v4 = mqtt(4);
const v5 = mqtt(5);
const hex = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('hex');

/** Of the last packet of a conversation: is it one, and how is it refused? */
function last(...said: readonly (readonly ['client' | 'server', Uint8Array])[]) {
  const engine = new Engine({ ...DEFAULT_ENGINE_OPTIONS, protocols: known });
  let found: { isOne: boolean; of: string | undefined } | undefined;
  engine.onMessage = seen => {
    found = { isOne: REFUSALS.isOne(seen), of: hex(REFUSALS.of?.(seen)) };
  };
  const net = new MqttNet();
  const connection = net.open('a');
  for (const [side, bytes] of said) connection[side](bytes);
  engine.beginCapture({ ...facts() });
  for (const frame of net.frames()) engine.frame(frame);
  engine.endCapture();
  return found;
}

describe('a refusal', () => {
  const [old, young] = [v4, v5].map(v => [['client', v.connect()] as const, ['server', v.connack()] as const]);
  test.each([
    ['CONNACK 5 of 3.1.1', last(['client', v4.connect()], ['server', v4.connack(5)]), true],
    ['CONNACK 0x87', last(['client', v5.connect()], ['server', v5.connack(0x87)]), true],
    ['CONNACK that accepts', last(...young), false],
    ['DISCONNECT of the server, without a Reason Code', last(...young, ['server', v5.disconnect()]), true],
    ['DISCONNECT 0x82 of the client', last(...young, ['client', v5.disconnect(0x82)]), true],
    ['DISCONNECT 4 of the client, with its Will', last(...young, ['client', v5.disconnect(4)]), false],
    ['DISCONNECT of the client in 3.1.1', last(...old, ['client', v4.disconnect()]), false],
    [
      'PUBACK 0x87: the connection goes on',
      last(...young, ['client', v5.publish({ qos: 1 })], ['server', v5.puback(1, 0x87)]),
      false,
    ],
  ])('%s', (_, found, isOne) => {
    expect(found?.isOne).toBe(isOne);
  });

  test.each([
    ['a CONNECT of 5.0, by CONNACK 0x82', last(['client', v5.connect()]), '2003008200'],
    ['a PUBLISH of a client of 5.0, by DISCONNECT 0x82', last(...young, ['client', v5.publish()]), 'e00182'],
    ['a PUBLISH of a server of 5.0, by the same', last(...young, ['server', v5.publish()]), 'e00182'],
    ['a PUBLISH of 3.1.1: by the close alone', last(...old, ['client', v4.publish()]), undefined],
    ['a CONNECT of 3.1.1: by the close alone', last(['client', v4.connect()]), undefined],
  ])('of %s', (_, found, bytes) => {
    expect(found?.of).toBe(bytes);
  });
});
