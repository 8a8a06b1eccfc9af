/**
 * What hangs on the dialect: which rules are in force under it, and how grave they are there. Asked when a run is set up;
 * what judges messages meets only what is left.
 */
import type { Dialect } from '../dialect.ts';
import type { Condition, RuleDocument } from '../lint/rule.ts';

/** True where there is no condition. */
export function holds(condition: Condition | undefined, dialect: Dialect): boolean {
  return condition === undefined || [condition.value].flat().includes(dialect.choice(condition.option));
}

/** The rules, each with the severity that it has under this dialect. */
export function graveUnder<R extends RuleDocument>(rules: readonly R[], dialect: Dialect): readonly R[] {
  return rules.map(rule => {
    const { severityIf } = rule;
    return severityIf && holds(severityIf, dialect) ? { ...rule, severity: severityIf.severity } : rule;
  });
}

/** As one writes it on the command line: `mqtt.sees=broker`, `mqtt.sees=broker or mqtt.sees=client`. */
export function conditionWords(protocol: string, { option, value }: Condition): string {
  return [value]
    .flat()
    .map(one => `${protocol}.${option}=${one}`)
    .join(' or ');
}
