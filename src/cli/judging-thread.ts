/**
 * A thread that judges captures (judging-here.ts), with protocols of its own, which are loaded as the program loads them: those
 * that are built in at once, those of others with the first order, to whose work their code belongs.
 */
import { useCodeCache } from './code-cache.ts';
import { faultOf, type Judged, type JudgingOrder } from './judging.ts';
import type { JudgingHere } from './judging-here.ts';
import { doneOrNothingLeft } from './waiting.ts';
import { keepYoungGenerationSmall } from './young-generation.ts';

keepYoungGenerationSmall();
useCodeCache();

const parts = Promise.all([
  import('./judging-here.ts'),
  import('../protocol/carrier.ts'),
  import('../../dissectors/index.ts'),
]);
// Who judges meets what is wrong.
parts.catch(() => {});

let judging: Promise<JudgingHere> | undefined;

async function judgingWith(plugins: readonly string[]): Promise<JudgingHere> {
  const [{ JudgingHere }, { withCarrierOptions }, { protocols }] = await parts;
  if (plugins.length === 0) return new JudgingHere(withCarrierOptions(protocols));
  const { withPluginFolders } = await import('./plugins.ts');
  return new JudgingHere(withCarrierOptions(await withPluginFolders(protocols, plugins)));
}

export async function judge(order: JudgingOrder): Promise<Judged> {
  try {
    const done = await doneOrNothingLeft(async () => {
      judging ??= judgingWith(order.plugins);
      return (await judging).judge(order);
    });
    if (done === undefined) throw new Error('the program ended before its work was done');
    return done;
  } catch (error) {
    return { kind: 'fault', fault: faultOf(error) };
  }
}
