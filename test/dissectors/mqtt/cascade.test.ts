/** One fault, one finding: behind each fault of cases/ its connection goes on as if nothing had been, and nothing else is found. */
import { expect, test } from 'vitest';
import { FIN, RST } from '../../../src/testkit/packet.ts';
import { judgeNet, type Scene, scene } from '../../kit/mqtt-judge.ts';
import type { MqttConnection } from '../../kit/mqtt-net.ts';
import { CASES } from './cases/all.ts';

/** What these announce, or never say, forbids what goes on. */
const FORBIDS: readonly string[] = ['will-unsupported-accepted', 'qos-not-supported', 'auth-method-mismatch'];

/** All that two ends say to each other in the middle of a connection, under identifiers of its own. */
function goOn(connection: MqttConnection, { m }: Scene): void {
  connection
    .client(m.pingreq())
    .server(m.pingresp())
    .client(m.publish({ topic: 'z', qos: 1, id: 501 }))
    .server(m.puback(501))
    .client(m.publish({ topic: 'z', qos: 2, id: 502 }))
    .server(m.pubrec(502))
    .client(m.pubrel(502))
    .server(m.pubcomp(502))
    .client(m.subscribe(503, [['zz', 2]]))
    .server(m.suback(503, [2]), m.publish({ topic: 'zz', qos: 2, id: 77 }))
    .client(m.pubrec(77))
    .server(m.pubrel(77))
    .client(m.pubcomp(77), m.unsubscribe(504, ['zz']))
    .server(m.unsuback(504, [0]))
    .client(m.disconnect())
    .close('client');
}

/** The same scene, which notes the connection that was opened last. */
function watched(stage: Scene): { readonly stage: Scene; readonly last: () => MqttConnection } {
  let last: MqttConnection | undefined;
  const note = (connection: MqttConnection) => {
    last = connection;
    return connection;
  };
  const { tcp, connect, open } = stage;
  return {
    stage: {
      ...stage,
      tcp: (...given) => note(tcp(...given)),
      connect: (...given) => note(connect(...given)),
      open: (...given) => note(open(...given)),
    },
    last: () => last!,
  };
}

const named = CASES.filter(({ rule }) => !FORBIDS.includes(rule)).map(one => ({
  ...one,
  title: `${one.rule}, ${one.level}`,
}));

test.each(named)('$title', ({ rule, level, frame, beside, options, talk }) => {
  const { stage, last } = watched(scene(level));
  talk(stage);
  const isOver = stage.net.segments.some(({ connection, flags }) => connection === last().name && flags & (FIN | RST));
  if (!isOver) goOn(last(), stage);
  const found = judgeNet(stage.net, options).broken.filter(one => !one.startsWith('malformed-accepted '));
  expect(found.sort()).toEqual(
    [...beside, `${rule} ${frame}`].filter(one => !one.startsWith('malformed-accepted ')).sort(),
  );
});
