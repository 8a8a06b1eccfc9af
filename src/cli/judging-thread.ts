/**
 * A thread that judges captures (judging-here.ts), with protocols of its own, which are loaded as the program loads them.
 */
import { workerData } from 'node:worker_threads';
import { useCodeCache } from './code-cache.ts';
import { faultOf, type Judged, type JudgingOrder, type ThreadData } from './judging.ts';
import type { JudgingHere } from './judging-here.ts';
import { doneOrNothingLeft } from './waiting.ts';
import { keepYoungGenerationSmall } from './young-generation.ts';

keepYoungGenerationSmall();
useCodeCache();

/** Tinypool hands the pool's own data before ours. */
const { plugins } = (Array.isArray(workerData) ? workerData[1] : workerData) as ThreadData;

/** Loaded before there is work, unless code of others is: that belongs to the first work. */
let judging = plugins.length > 0 ? undefined : load();
// Who judges meets what is wrong.
judging?.catch(() => {});

async function load(): Promise<JudgingHere> {
  const [{ JudgingHere }, { withCarrierOptions }, { protocols }] = await Promise.all([
    import('./judging-here.ts'),
    import('../protocol/carrier.ts'),
    import('../../dissectors/index.ts'),
  ]);
  if (plugins.length === 0) return new JudgingHere(withCarrierOptions(protocols));
  const { withPluginFolders } = await import('./plugins.ts');
  return new JudgingHere(withCarrierOptions(await withPluginFolders(protocols, plugins)));
}

export async function judge(order: JudgingOrder): Promise<Judged> {
  try {
    const done = await doneOrNothingLeft(async () => {
      judging ??= load();
      return (await judging).judge(order);
    });
    if (done === undefined) throw new Error('the program ended before its work was done');
    return done;
  } catch (error) {
    return { kind: 'fault', fault: faultOf(error) };
  }
}
