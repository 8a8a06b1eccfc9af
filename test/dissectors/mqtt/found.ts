/** What the engine finds in a random conversation. */
import mqtt from '../../../dissectors/mqtt/index.ts';
import type { Frame } from '../../../src/capture/source.ts';
import { run } from '../../../src/testkit/engine.ts';
import type { Broken } from './model/judge.ts';

/**
 * Rules without their prefix, in the order of frames; infos aside.
 * @param capture whether the frames are known to be all, or presumed to be
 */
export function found(frames: readonly Frame[], capture: 'complete' | 'auto' = 'complete'): Broken[] {
  const report = run([mqtt], [frames], {
    capture,
    decodeAs: [{ transport: 'tcp', from: 1883, to: 1883, protocol: 'mqtt' }],
    // Enough for any conversation here; the default would cost more time than the conversation.
    limits: { 'stream-memory': 1024 * 1024 },
  });
  return report.findings
    .filter(({ severity }) => severity !== 'info')
    .map(({ ruleId, frame }) => ({ rule: ruleId.replace('mqtt/', ''), frame }))
    .sort((a, b) => a.frame - b.frame || (a.rule < b.rule ? -1 : 1));
}
