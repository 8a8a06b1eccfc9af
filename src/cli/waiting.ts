/**
 * Work in a thread of a pool, when it waits for what never comes: a process would end, but the pool's own port keeps the thread
 * alive. While there is work, no port does, so that a thread in which nothing is left to happen is noticed as a process is.
 */
import process from 'node:process';
import { MessagePort, parentPort } from 'node:worker_threads';
import type { WhenNothingIsLeft } from '../plugins.ts';

/** The pool keeps its port to itself; only Node knows what keeps a thread alive. Where it does not say, work is waited for. */
const { _getActiveHandles: activeHandles } = process as { _getActiveHandles?: () => readonly unknown[] };

/** Those of the pool: listed when the first work comes, before code of others can have made any. */
let ports: readonly MessagePort[] | undefined;

/**
 * What the work comes to; undefined when it is not done and nothing is left that could happen. The thread lives on, and
 * takes more work, one at a time.
 */
export async function doneOrNothingLeft<T>(work: () => Promise<T>): Promise<T | undefined> {
  ports ??= portsOf(activeHandles?.call(process) ?? []);
  for (const port of ports) port.unref();
  let dispose = () => {};
  const nothingLeft = new Promise<undefined>(resolve => {
    dispose = beforeExit(() => resolve(undefined));
  });
  try {
    return await Promise.race([work(), nothingLeft]);
  } finally {
    dispose();
    for (const port of ports) port.ref();
  }
}

function portsOf(handles: readonly unknown[]): readonly MessagePort[] {
  const own = handles.filter(handle => handle instanceof MessagePort);
  return parentPort ? [...new Set([...own, parentPort])] : own;
}

export const beforeExit: WhenNothingIsLeft = listener => {
  process.once('beforeExit', listener);
  return () => process.off('beforeExit', listener);
};
