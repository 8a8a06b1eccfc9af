/** The numbered statements of both versions of MQTT: what a conformance statement of a broker or a client is made of. */
import type { RuleDocument, Statement } from '../../src/sdk.ts';
import type { StatementTable } from './statement-table.ts';
import { STATEMENTS_V5 } from './statements-v5.ts';
import { STATEMENTS_V311 } from './statements-v311.ts';
import { V5, V311, type Version } from './terms.ts';

const statementsIn = (table: StatementTable, edition: Version): readonly Statement[] =>
  Object.entries(table).map(([number, row]) => ({ id: `MQTT-${number}`, edition, ...row }));

/** All of them, those of 3.1.1 first. */
export const STATEMENTS: readonly Statement[] = [
  ...statementsIn(STATEMENTS_V311, V311),
  ...statementsIn(STATEMENTS_V5, V5),
];

/** The same as far as there are rules: what none of these judges stands there as not judged. */
export function statementsJudgedBy(rules: readonly Pick<RuleDocument, 'id'>[]): readonly Statement[] {
  const ids = new Set(rules.map(({ id }) => id));
  const existing = (names: readonly string[]) => names.filter(name => ids.has(name));
  return STATEMENTS.map(({ judgedBy, needs, ...statement }) => ({
    ...statement,
    judgedBy: existing(judgedBy),
    ...(needs && { needs: { ...needs, rules: existing(needs.rules) } }),
  }));
}
