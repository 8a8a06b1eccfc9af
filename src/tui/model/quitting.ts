/**
 * Leaving. A capture is left at once, or after a question at the top; a proxy that somebody has used is not stopped by a
 * slip of the finger: it is asked for in any case, and can be left running without the screen. Who presses a key that
 * quits a second time means it.
 */
import { counted } from '../../report/numbers.ts';
import type { Choice } from './mode.ts';
import type { ModelState } from './state.ts';

const NO: Choice = { key: 'n', label: 'no', run: () => {}, isNo: true };

/** For the keys that quit wherever one is. */
export function quit(model: ModelState): void {
  if (isProxyInUse(model)) askToQuit(model);
  else quitAtOnce(model);
}

/** At the top, where there is nothing to go back to. */
export function askToQuit(model: ModelState): void {
  const { proxy } = model;
  const yes: Choice = { key: 'y', label: 'yes', run: () => quitAtOnce(model) };
  if (!proxy?.isRunning) {
    model.ask('quit?', [yes, NO], () => quitAtOnce(model));
    return;
  }
  const keep: Choice = {
    key: 'k',
    label: 'keep it running without this screen',
    run: () => model.emit({ kind: 'quit', keepProxy: true }),
  };
  const clients = proxy.open === 0 || model.width < ROOMY ? '' : ` (${counted(proxy.open, 'client')})`;
  model.ask(`stop the proxy${clients}?`, [yes, NO, keep], () => quitAtOnce(model));
}

export function quitAtOnce(model: ModelState): void {
  model.emit({ kind: 'quit' });
}

/** From this width on there is room for how many are there. */
const ROOMY = 90;

function isProxyInUse({ proxy }: ModelState): boolean {
  return proxy?.isRunning === true && proxy.opened > 0;
}
