/**
 * Keeps messages that break a rule from the other side. A message is stopped by what it broke when it was sent; what shows only
 * later (an answer that never comes, a signature that takes time to check) is found and reported as ever, and not stopped.
 */

import type { Decision, Deed } from '../lint/deed.ts';
import type { AnyProtocol, SeenMessage } from '../protocol/protocol.ts';
import type { Overseer } from './passage.ts';

/** What is done with such a message: it alone is dropped, or the connection is closed in its place, or refused and broken off. */
export type Enforcing = 'drop' | 'close' | 'abort';

export const ENFORCING: readonly Enforcing[] = ['drop', 'close', 'abort'];

/** In plain words, what is done instead of passing such a message on. */
export const ENFORCING_WORDS: Readonly<Record<Enforcing, string>> = {
  drop: 'is not passed on',
  close: 'has its connection closed in its place',
  abort: 'has its connection refused and aborted in its place',
};

const NOTHING: readonly Decision[] = [];

export class Enforcement implements Overseer {
  readonly #enforcing: Enforcing;
  readonly #protocols: ReadonlyMap<string, AnyProtocol>;

  constructor(enforcing: Enforcing, protocols: readonly AnyProtocol[]) {
    this.#enforcing = enforcing;
    this.#protocols = new Map(protocols.map(protocol => [protocol.id, protocol]));
  }

  message(seen: SeenMessage): readonly Decision[] {
    if (seen.findings.length === 0) return NOTHING;
    const broken = seen.findings.find(
      finding => finding.severity === 'error' && finding.atFault === seen.from && finding.frame === seen.message.frame,
    );
    if (!broken) return NOTHING;
    const cause = `--enforce ${this.#enforcing}: ${broken.ruleId}`;
    return this.#deeds(seen).map(deed => ({ deed, cause, by: 'enforcement' }));
  }

  #deeds(seen: SeenMessage): readonly Deed[] {
    if (this.#enforcing === 'drop') return [{ kind: 'drop' }];
    if (this.#enforcing === 'close') return [{ kind: 'close', when: 'before' }];
    const refusal = this.#protocols.get(seen.protocol)?.refusals?.of?.(seen);
    const abort: Deed = { kind: 'abort', when: 'before' };
    return refusal ? [{ kind: 'send', to: 'sender', bytes: refusal, note: 'a refusal' }, abort] : [abort];
  }
}
