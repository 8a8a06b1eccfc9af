/** The names that a run's protocols bring: fields for filters, rules for findings. */
import { catalogueOf, type FieldCatalogue } from '../../filter/catalogue.ts';
import type { RuleDocument } from '../../lint/rule.ts';
import { catalogues } from '../../protocol/carrier.ts';
import type { AnyProtocol } from '../../protocol/protocol.ts';

export class RunNames {
  fields: FieldCatalogue = new Map();
  readonly #rules = new Map<string, RuleDocument>();

  learn(protocols: readonly AnyProtocol[]): void {
    this.fields = catalogueOf(protocols);
    for (const { rules } of catalogues(protocols)) for (const rule of rules) this.#rules.set(rule.id, rule);
  }

  /** Undefined for a rule that no protocol here has. */
  rule(id: string): RuleDocument | undefined {
    return this.#rules.get(id);
  }
}
