/** What the contract demands of rules: that each is a document, that it is asked about what there is, and judged once. */
import { BASES, PASS, SEVERITIES, SKIP } from '../lint/rule.ts';
import {
  at,
  flag,
  isObject,
  isText,
  type Loose,
  line,
  method,
  objects,
  objectsOf,
  oneOf,
  optional,
  repeated,
  shown,
  text,
  texts,
  textsOf,
} from './contract-words.ts';
import type { Machine } from './machine.ts';

const AT_FAULT = ['sender', 'receiver', 'none'];
const PHASES = ['form', 'content'];
const LONGEST_SUMMARY = 160;

/** `kv/no-such-key` without what stands before the slash. */
const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** What rules may ask for in `on`. */
export interface Asking {
  readonly messages: readonly string[];
  /** False where a check that names no message is asked about all of them. */
  readonly required: boolean;
}

/**
 * What is wrong with the rules that an object has under `rules`.
 * @param id what the ids of the rules begin with
 */
export function rulesProblems(owner: Loose, id: string, asking: Asking): string[] {
  const rules = objectsOf(owner, 'rules');
  const ids = rules.map(rule => rule.id).filter(isText);
  return [
    ...objects(owner, 'rules'),
    ...repeated(ids).map(rule => `${shown(rule)}: two rules have this id`),
    ...rules.flatMap((rule, index) =>
      at(nameOf(rule, index), [...idProblems(rule, id), ...documentProblems(rule), ...checkProblems(rule, asking)]),
    ),
    ...formFirst(rules),
  ];
}

/** What is wrong between rules and machine. */
export function lawProblems(owner: Loose, machine: Machine): string[] {
  const rules = objectsOf(owner, 'rules');
  const ids = rules.map(({ id }) => id);
  return [
    ...machine.rules
      .filter(rule => !ids.includes(rule))
      .map(rule => `state machine: ${shown(rule)} is no rule of this protocol`),
    ...rules.flatMap((rule, index) => at(nameOf(rule, index), judgedTwice(rule, machine))),
  ];
}

function nameOf({ id }: Loose, index: number): string {
  return isText(id) && id !== '' ? shown(id) : `rule ${index + 1}`;
}

function idProblems(rule: Loose, prefix: string): string[] {
  const missing = text(rule, 'id');
  const { id } = rule;
  if (missing.length > 0 || !isText(id)) return missing;
  if (!id.startsWith(`${prefix}/`)) return [`its id does not begin with ${shown(prefix)}/`];
  return NAME.test(id.slice(prefix.length + 1)) ? [] : ['its id is not in lower case with hyphens, as kv/no-such-key'];
}

function documentProblems(rule: Loose): string[] {
  const { severity, atFault } = rule;
  return [
    ...oneOf(rule, 'severity', SEVERITIES),
    ...oneOf(rule, 'atFault', AT_FAULT),
    ...oneOf(rule, 'restsOn', BASES),
    ...line(rule, 'summary', LONGEST_SUMMARY),
    ...clauseProblems(rule),
    ...sentence(rule, 'why'),
    ...text(rule, 'example'),
    ...optional(rule, 'specification', line),
    ...((severity === 'error' || severity === 'warning') && atFault === 'none'
      ? [`severity ${severity} and nobody at fault; only what informs may blame nobody`]
      : []),
    ...optional(rule, 'midstream', flag),
    ...(rule.midstream === true && rule.restsOn === 'unseen' && atFault !== 'none'
      ? ['rests on what was not seen and is judged midstream, where that may have gone by']
      : []),
  ];
}

/** One clause with what it says, or a list in which each has its own. */
function clauseProblems(rule: Loose): string[] {
  const { clause: list } = rule;
  if (!Array.isArray(list)) return [...text(rule, 'clause'), ...optional(rule, 'says', demand)];
  const clauses = objectsOf(rule, 'clause');
  const editions = clauses.map(({ edition }) => edition).filter(isText);
  return [
    ...(list.length === 0 ? ['no clause'] : objects(rule, 'clause')),
    ...clauses.flatMap((clause, index) =>
      at(`clause ${index + 1}`, [
        ...text(clause, 'clause'),
        ...(list.length > 1 ? line(clause, 'edition') : optional(clause, 'edition', line)),
        ...optional(clause, 'says', demand),
      ]),
    ),
    ...repeated(editions).map(edition => `it cites edition ${shown(edition)} twice`),
    ...(rule.says === undefined ? [] : ['says stands beside several clauses; each of them has its own']),
  ];
}

/** A sentence in one line. */
function demand(owner: Loose, name: string): string[] {
  return /[\r\n]/.test(String(owner[name])) ? [`${name} has more than one line`] : sentence(owner, name, /\.$/);
}

function sentence(rule: Loose, name: string, end = /[.)]$/): string[] {
  const missing = text(rule, name);
  if (missing.length > 0) return missing;
  return end.test(String(rule[name])) ? [] : [`${name} is no sentence: it does not end in a full stop`];
}

function checkProblems(rule: Loose, { messages, required }: Asking): string[] {
  const { check, on, otherwise } = rule;
  const asked = textsOf(rule, 'on');
  return [
    ...optional(rule, 'check', method),
    ...optional(rule, 'describe', method),
    ...optional(rule, 'restsOnHere', method),
    ...optional(rule, 'editionHere', method),
    ...laterProblems(rule),
    ...optional(rule, 'phase', (owner, name) => oneOf(owner, name, PHASES)),
    ...optional(rule, 'on', texts),
    ...(required && check !== undefined && (on === undefined || asked.length === 0)
      ? ['it has a check and asks for no message; name them in on']
      : []),
    ...(check === undefined && on !== undefined ? ['it asks for messages and has no check'] : []),
    ...asked
      .filter(name => !messages.includes(name))
      .map(name => `it asks for ${shown(name)}, and no message is called that`),
    ...repeated(asked).map(name => `it asks for ${shown(name)} twice`),
    ...(rule.when !== undefined && !Number.isInteger(rule.when) ? ['when is not a mask of remarks'] : []),
    ...(otherwise !== undefined && otherwise !== SKIP && otherwise !== PASS && typeof otherwise !== 'function'
      ? ['otherwise is neither SKIP nor PASS, nor a function of the remarks']
      : []),
  ];
}

/** What its bytes prove waits for nothing. */
function laterProblems(rule: Loose): string[] {
  const { later, restsOn, restsOnHere, excuse } = rule;
  return [
    ...optional(rule, 'later', method),
    ...optional(rule, 'excuse', text),
    ...(later !== undefined && restsOn === 'bytes' && restsOnHere === undefined
      ? [`it waits for what comes later and rests on what is ${shown(restsOn)}`]
      : []),
    ...(excuse !== undefined && later === undefined ? ['it has words for an excuse and nothing excuses it'] : []),
  ];
}

/** A malformed message is judged no further, so that what is judged behind it can rely on its form. */
function formFirst(rules: readonly Loose[]): string[] {
  const checked = rules.filter(({ check }) => check !== undefined);
  const content = checked.findIndex(({ phase }) => phase !== 'form');
  const late = content < 0 ? undefined : checked.slice(content).find(({ phase }) => phase === 'form');
  return late ? [`${shown(late.id)}: a rule of form stands behind one of content`] : [];
}

function judgedTwice(rule: Loose, machine: Machine): string[] {
  if (!isObject(rule) || !isText(rule.id)) return [];
  const broken = eventsBreaking(rule.id, machine);
  return textsOf(rule, 'on')
    .filter(name => broken.includes(name))
    .map(name => `${shown(name)} is judged twice: by its check and by the state machine`);
}

/** The messages whose sending breaks the rule in some state. */
function eventsBreaking(rule: string, machine: Machine): string[] {
  const { roles, states, events } = machine.table;
  const number = machine.rules.indexOf(rule) + 1;
  if (number === 0) return [];
  return events.filter((_, event) =>
    roles.some((_r, role) =>
      states.some((_s, state) => {
        const way = machine.cell(role, state, event, false) * 2;
        return machine.rule[way] === number || machine.rule[way + 1] === number;
      }),
    ),
  );
}
