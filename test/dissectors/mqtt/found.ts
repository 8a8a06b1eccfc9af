/** What the engine finds in a random conversation. */
import mqtt from '../../../dissectors/mqtt/index.ts';
import { type Conversation as Capture, run } from '../../../src/testkit/engine.ts';
import type { MqttNet } from '../../kit/mqtt-net.ts';
import type { Broken } from './model/judge.ts';

/** Rules without their prefix, in the order of frames; infos aside. */
export function found(net: MqttNet): Broken[] {
  const capture: Capture = net.frames();
  const report = run([mqtt], [capture], {
    capture: 'complete',
    decodeAs: [{ transport: 'tcp', from: 1883, to: 1883, protocol: 'mqtt' }],
    // Enough for any conversation here; the default would cost more time than the conversation.
    limits: { 'stream-memory': 1024 * 1024 },
  });
  return report.findings
    .filter(({ severity }) => severity !== 'info')
    .map(({ ruleId, frame }) => ({ rule: ruleId.replace('mqtt/', ''), frame }))
    .sort((a, b) => a.frame - b.frame || (a.rule < b.rule ? -1 : 1));
}
