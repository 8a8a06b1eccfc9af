/**
 * What the contract requires of `Protocol.provocations` and `Protocol.refusals`: that they name rules that there are. Whether
 * the faults can be read is found by those who read them.
 */
import {
  at,
  isObject,
  type Loose,
  line,
  method,
  objects,
  objectsOf,
  optional,
  shown,
  texts,
  textsOf,
} from './contract-words.ts';

export function provokingProblems(protocol: Loose): string[] {
  const { framing, refusals } = protocol;
  const rules = [...objectsOf(protocol, 'rules'), ...(isObject(framing) ? objectsOf(framing, 'rules') : [])];
  const ids = new Set(rules.map(({ id }) => id));
  return [
    ...optional(protocol, 'provocations', objects),
    ...objectsOf(protocol, 'provocations').flatMap(way =>
      at(`provocation of ${shown(way.rule)}`, [
        ...(ids.has(way.rule) ? [] : ['there is no such rule']),
        ...texts(way, 'faults'),
        ...(Array.isArray(way.faults) && textsOf(way, 'faults').length === 0 ? ['no faults'] : []),
        ...optional(way, 'needs', line),
      ]),
    ),
    ...(refusals === undefined ? [] : at('refusals', refusalProblems(refusals))),
  ];
}

function refusalProblems(refusals: unknown): string[] {
  if (!isObject(refusals)) return [`not an object, but ${shown(refusals)}`];
  return [...method(refusals, 'isOne'), ...optional(refusals, 'of', method)];
}
