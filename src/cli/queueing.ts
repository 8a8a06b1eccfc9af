/** `check --queue`: what can be handed to workers elsewhere, and the way to them. What needs Redis is loaded only then. */
import type { AnalysisOptions } from '../analysis.ts';
import { secretsAmong } from '../blob/run.ts';
import { UsageError } from '../settings/words.ts';
import type { Program } from './command.ts';
import type { CarrierParts } from './judging-threads.ts';
import type { Carrier } from './parallel.ts';

export interface Queueing {
  /** @param shares that a large capture is divided into; 1 for none */
  carrier(parts: CarrierParts, shares: number): Promise<Carrier>;
  /** To be called in the end, whether there was a carrier or not. */
  close(): Promise<void>;
}

/**
 * Connects to the queue.
 * @throws UsageError for what cannot be handed on, or a queue that is not there
 */
export async function openQueue(
  url: string,
  captures: readonly string[],
  analysis: AnalysisOptions,
  program: Program,
): Promise<Queueing> {
  if (captures.includes('-'))
    throw new UsageError('--queue: workers cannot read the standard input of this machine; name files or URLs');
  if (!program.plugins)
    throw new UsageError(
      '--queue: workers cannot have a protocol that a configuration has in its code; name its folder',
    );
  const names = new Set(analysis.dialects.keys());
  for (const path of captures) for (const name of analysis.optionsFor?.(path)?.dialects.keys() ?? []) names.add(name);
  const [secret] = secretsAmong(names, program.protocols);
  if (secret !== undefined)
    throw new UsageError(
      `--queue: ${secret} is a key, and would be in Redis for all to read; judge these captures with --jobs, or with --shard and merge`,
    );
  const [{ QueueLink }, { QueueCarrier }] = await Promise.all([
    import('./queue-link.ts'),
    import('./queue-carrier.ts'),
  ]);
  const link = await QueueLink.open(url, program.host);
  return {
    carrier: (parts, shares) => QueueCarrier.start(link, program, parts, shares),
    close: () => link.close(),
  };
}
