/** What the contract requires of conditions: that the dialect has the option that a carrier, a rule or a statement hangs on, and its value. */
import { SEVERITIES } from '../lint/rule.ts';
import {
  about,
  at,
  isObject,
  isText,
  type Loose,
  objectsOf,
  oneOf,
  optional,
  type Problem,
  shown,
  textsOf,
} from './contract-words.ts';

/** What is wrong with an option and its value, or, where `several` are allowed, its values. */
export function conditionProblems(condition: unknown, protocol: Loose, several = false): string[] {
  if (!isObject(condition)) return [`it is ${shown(condition)}, not an option and its value`];
  const { option, value } = condition;
  const found = optionsOf(protocol).find(({ name }) => name === option);
  if (!found) return [`no dialect option is called ${shown(option)}`];
  const known = textsOf(found, 'values');
  const values: readonly unknown[] = several && Array.isArray(value) ? value : [value];
  return [
    ...(values.length === 0 ? ['value is an empty list: it would never hold'] : []),
    ...values
      .filter(one => !isText(one) || !known.includes(one))
      .map(one => `${shown(option)} has no value ${shown(one)}`),
  ];
}

/** What is wrong with the conditions of the protocol's rules. */
export function ruleConditionProblems(protocol: Loose): Problem[] {
  return objectsOf(protocol, 'rules').flatMap(rule =>
    about(rule, shown(rule.id), [
      ...optional(rule, 'onlyIf', () => at('onlyIf', conditionProblems(rule.onlyIf, protocol, true))),
      ...optional(rule, 'severityIf', () =>
        at('severityIf', [
          ...conditionProblems(rule.severityIf, protocol, true),
          ...(isObject(rule.severityIf) ? oneOf(rule.severityIf, 'severity', SEVERITIES) : []),
          ...(rule.atFault === 'none' ? ['no one is at fault, and what blames no one can only be an info'] : []),
        ]),
      ),
    ]),
  );
}

/** Options of the protocol, and those that framings of its own bring. */
function optionsOf(protocol: Loose): Loose[] {
  const own = [protocol, ...objectsOf(protocol, 'carriers')].map(({ framing }) => framing).filter(isObject);
  return [protocol, ...own].flatMap(owner => objectsOf(owner, 'dialect'));
}
