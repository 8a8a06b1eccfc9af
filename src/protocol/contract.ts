/**
 * Everything that can be checked of a protocol without traffic, in messages that say what its author must fix. The
 * loader of third-party folders refuses by it, a test checks our own folders with it, and the test kit offers it to
 * authors of protocols.
 *
 * The argument is anything that a module exported: nothing is taken for granted, every part is checked as far as
 * possible, and nothing here throws.
 */

import { Dialect, type DialectOption, dialectProblem } from '../dialect.ts';
import { DATAGRAM, type Framing, MOST_NOTES } from '../framing/framing.ts';
import { READY, READY_NAMES } from '../framing/ready.ts';
import { MALFORMED_HEAD, TOO_LONG, TRUNCATED } from '../framing/rules.ts';
import { MOST as LONGEST_EVER } from '../framing/whole.ts';
import { placeOf, type SourcePlace } from '../source-place.ts';
import type { FieldKind } from '../wire/fields.ts';
import { type Field, isCompiled, type Layout } from '../wire/layout.ts';
import { conditionProblems, ruleConditionProblems } from './contract-conditions.ts';
import { mendingProblems, usualValueProblems, wrappingProblems } from './contract-editing.ts';
import { judgeMachine } from './contract-machine.ts';
import { wiresharkNameProblems } from './contract-names.ts';
import { provokingProblems } from './contract-provoking.ts';
import { replayProblems } from './contract-replay.ts';
import { lawProblems, rulesProblems } from './contract-rules.ts';
import { statementsProblems } from './contract-statements.ts';
import {
  about,
  at,
  count,
  flag,
  isCount,
  isObject,
  isText,
  type Loose,
  line,
  method,
  objects,
  objectsOf,
  oneOf,
  optional,
  type Problem,
  repeated,
  shown,
  text,
  texts,
  textsOf,
} from './contract-words.ts';
import type { Machine } from './machine.ts';
import { type Protocol, UNKNOWN_MESSAGE } from './protocol.ts';

const ID = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
/** Framings that one carrier may go on with. */
const MOST_LATER = 8;
const NODE_NAME = /^[a-zA-Z][\w-]*$/;
const OPTION_NAME = /^[a-z][A-Za-z0-9]*$/;
/** First parts of rule ids and names of framings that are the program's own. */
const RESERVED: readonly string[] = [DATAGRAM, ...READY_NAMES, 'framing', 'tcp', 'udp'];
/** Rules of framings that are the program's own. */
const SHARED = 'framing/';
const READY_RULES: readonly string[] = [TOO_LONG, TRUNCATED, MALFORMED_HEAD].map(({ id }) => id);
const FRAMING_METHODS = ['hiddenOf', 'hiddenAtEndOf', 'beginning', 'wrap', 'isApplications', 'layoutOf', 'preface'];
const OPTION_KINDS: Readonly<Record<DialectOption['kind'], true>> = { choice: true, seconds: true, key: true };
const FIELD_KINDS: Readonly<Record<FieldKind, true>> = {
  uint: true,
  id: true,
  unixTime: true,
  text: true,
  bytes: true,
  json: true,
  group: true,
  list: true,
};

/**
 * What keeps `protocol` from being a protocol: one line for each fault, none when it is one.
 * @param framings ids of the framings that other protocols lend; the ready ones are always there
 */
export function contractProblems(protocol: unknown, framings: readonly string[] = []): string[] {
  return placedProblems(protocol, framings).map(({ words }) => words);
}

/** The same, each with where the part that it is about was made, or else the protocol; undefined where neither is known. */
export function placedProblems(
  protocol: unknown,
  framings: readonly string[] = [],
): readonly { readonly words: string; readonly place: SourcePlace | undefined }[] {
  const whole = isObject(protocol) ? placeOf(protocol) : undefined;
  return problemsOf(protocol, framings).map(problem => {
    const { words, place } = isText(problem)
      ? { words: problem, place: whole }
      : { words: problem.words, place: placeOf(problem.part) ?? whole };
    return { words: words.replace(/[\r\n\u2028\u2029]+/g, ' '), place };
  });
}

function problemsOf(protocol: unknown, framings: readonly string[]): readonly (string | Problem)[] {
  if (!isObject(protocol)) return [`the default export is ${shown(protocol)}, not a protocol`];
  try {
    return protocolProblems(protocol, framings);
  } catch (error) {
    // A getter of its own threw: nothing of ours does.
    return [`it cannot be looked at: ${error instanceof Error ? error.message : shown(error)}`];
  }
}

function protocolProblems(protocol: Loose, framings: readonly string[]): (string | Problem)[] {
  const { framing } = protocol;
  const messages = objectsOf(protocol, 'layouts')
    .map(({ name }) => name)
    .filter(isText);
  const { machine, problems: machineProblems } = judgeMachine(protocol.machine, messages);
  return [
    ...idProblems(protocol),
    ...['title', 'summary', 'specification', 'recognition'].flatMap(name => line(protocol, name)),
    ...carriersProblems(protocol, framings),
    ...dialectProblems(protocol),
    ...settingsProblems(protocol),
    ...layoutsProblems(protocol),
    ...machineProblems,
    ...rulesProblems(protocol, ownPrefix(protocol), { messages: [...messages, UNKNOWN_MESSAGE], required: true }),
    ...ruleConditionProblems(protocol),
    ...(machine ? lawProblems(protocol, machine) : []),
    ...statementsProblems(protocol),
    ...(framing === undefined ? [] : at('framing', lentProblems(framing, protocol))),
    ...optional(protocol, 'rowWords', count),
    ...optional(protocol, 'watchesTcp', flag),
    ...optional(protocol, 'isDivisible', flag),
    ...countByProblems(protocol),
    ...replayProblems(protocol),
    ...provokingProblems(protocol),
    ...wiresharkNameProblems(protocol),
    ...(machine ? stateOfBothProblems(protocol, machine) : optional(protocol, 'stateOfBoth', method)),
    ...['recognise', 'recogniseStream', 'resync', 'mended', 'usual', 'dialectProblem', 'join'].flatMap(name =>
      optional(protocol, name, method),
    ),
    ...mendedProblems(protocol),
    ...usualProblems(protocol),
    ...method(protocol, 'createTracker'),
  ];
}

/** Asked only where the layouts are sound. */
function mendedProblems(protocol: Loose): readonly string[] {
  if (typeof protocol.mended !== 'function' || layoutsProblems(protocol).length > 0) return [];
  const { mended, layouts } = protocol as unknown as Required<Pick<Protocol, 'mended' | 'layouts'>>;
  return mendingProblems((message, layout) => mended.call(protocol, message, layout), layouts);
}

/** Asked only where the layouts are sound. */
function usualProblems(protocol: Loose): readonly string[] {
  if (typeof protocol.usual !== 'function' || layoutsProblems(protocol).length > 0) return [];
  const { usual, layouts } = protocol as unknown as Required<Pick<Protocol, 'usual' | 'layouts'>>;
  return usualValueProblems(layout => usual.call(protocol, layout), layouts);
}

/** Two states of the machine must give one of its states: reports need it for anything the peers do. */
function stateOfBothProblems(protocol: Loose, { table: { states } }: Machine): readonly string[] {
  const { stateOfBoth } = protocol;
  if (typeof stateOfBoth !== 'function') return optional(protocol, 'stateOfBoth', method);
  for (const [client, one] of states.entries()) {
    for (const [server, other] of states.entries()) {
      let both: unknown;
      try {
        both = stateOfBoth.call(protocol, client, server);
      } catch (error) {
        return [`stateOfBoth throws for ${one} and ${other}: ${error instanceof Error ? error.message : shown(error)}`];
      }
      if (isCount(both) && both < states.length) continue;
      return [`stateOfBoth gives ${shown(both)} for ${one} and ${other}, which is no state's number`];
    }
  }
  return [];
}

/** Its way may lead into lists and JSON, as far as filters know; it begins with a field. */
function countByProblems(protocol: Loose): readonly string[] {
  const { countBy } = protocol;
  if (!isText(countBy)) return optional(protocol, 'countBy', text);
  const [name] = /^[^.[]*/.exec(countBy) ?? [''];
  const isField = objectsOf(protocol, 'layouts').some(({ fields }) => isObject(fields) && Object.hasOwn(fields, name));
  return isField ? [] : [`countBy is ${shown(countBy)}, and no message has a field ${shown(name)}`];
}

function idProblems(protocol: Loose): string[] {
  const missing = text(protocol, 'id');
  const { id } = protocol;
  if (missing.length > 0 || !isText(id)) return missing;
  const problem = idProblem(id);
  return problem === undefined ? [] : [problem];
}

/** What keeps a text from being the id of a protocol, in a line; undefined when it may be one. */
export function idProblem(id: string): string | undefined {
  if (!ID.test(id)) return `id ${shown(id)} is not in lower case with hyphens, as key-value`;
  return RESERVED.includes(id) ? `id ${id} is reserved for the program itself` : undefined;
}

function carriersProblems(protocol: Loose, framings: readonly string[]): (string | Problem)[] {
  const carriers = objectsOf(protocol, 'carriers');
  const own = isObject(protocol.framing) && isText(protocol.framing.id) ? [protocol.framing.id] : [];
  const known = [...READY_NAMES, ...framings, ...own];
  return [
    ...objects(protocol, 'carriers'),
    ...(Array.isArray(protocol.carriers) && protocol.carriers.length === 0 ? ['carriers: not one is named'] : []),
    ...carriers.flatMap((carrier, index) =>
      at(`carrier ${index + 1}`, [
        ...oneOf(carrier, 'transport', ['udp', 'tcp']),
        ...carriedBy(carrier, known, protocol),
        ...laterProblems(carrier, known, protocol),
        ...optional(carrier, 'longest', (owner, name) => count(owner, name, 1)),
        ...boundProblems(carrier, protocol),
        ...keepProblems(carrier, protocol),
        ...optional(carrier, 'onlyIf', () => at('onlyIf', conditionProblems(carrier.onlyIf, protocol))),
      ]),
    ),
  ];
}

function carriedBy(carrier: Loose, framings: readonly string[], protocol: Loose): (string | Problem)[] {
  const { transport, framing } = carrier;
  if (transport === 'udp') return oneOf(carrier, 'framing', [DATAGRAM]);
  if (isObject(framing)) return at('framing', framingProblems(framing, protocol));
  if (framing === DATAGRAM) return [`framing ${DATAGRAM} is for udp; tcp is cut by ${framings.join(', ')}`];
  return oneOf(carrier, 'framing', framings);
}

/** Framings that a direction goes on with are framings as the first one is. */
function laterProblems(carrier: Loose, framings: readonly string[], protocol: Loose): (string | Problem)[] {
  const { later, transport, framing: first } = carrier;
  if (later === undefined) return [];
  if (!Array.isArray(later)) return [`later is ${shown(later)}, not an array`];
  if (transport === 'udp') return ['later is for tcp; a datagram is a message'];
  const ids = [first, ...later].map(one => (isObject(one) ? one.id : one));
  return [
    ...repeated(ids).map(id => `the framing ${shown(id)} is named twice`),
    ...(later.length > MOST_LATER ? [`later has ${later.length} framings; ${MOST_LATER} are the most`] : []),
    ...later.flatMap(framing => at('later', carriedBy({ transport, framing }, framings, protocol))),
  ];
}

/** A message that the carrier allows and its framing does not would be held against a peer. */
function boundProblems({ framing, longest }: Loose, protocol: Loose): readonly string[] {
  const named = [...READY, protocol.framing].filter(isObject).find(({ id }) => id === framing);
  const own = isObject(framing) ? framing : named;
  if (!own || !isCount(longest) || !isCount(own.longest) || !isCount(own.hidden)) return [];
  const most = own.longest - own.hidden - (isCount(own.hiddenAtEnd) ? own.hiddenAtEnd : 0);
  return longest > most ? [`longest is ${longest}, and its framing cuts messages of at most ${most} bytes`] : [];
}

/** A layout's fixed part is there or lost to the capture; what is kept is for the protocol to say. */
function keepProblems(carrier: Loose, protocol: Loose): readonly string[] {
  const { keep, transport, longest } = carrier;
  const problems = optional(carrier, 'keep', (owner, name) => count(owner, name, 1));
  if (keep === undefined || problems.length > 0) return problems;
  if (transport === 'udp') return ['keep is for tcp; a datagram is there as a whole'];
  const fixed = Math.max(0, ...objectsOf(protocol, 'layouts').map(({ fixedLength }) => Number(fixedLength) || 0));
  return [
    ...(Number(keep) < fixed ? [`keep is ${shown(keep)}, and a layout has a fixed part of ${fixed} bytes`] : []),
    ...(isCount(longest) && Number(keep) >= longest ? [`keep is ${shown(keep)}, and no message is longer`] : []),
  ];
}

function dialectProblems(owner: Loose): string[] {
  const options = objectsOf(owner, 'dialect');
  return [
    ...objects(owner, 'dialect'),
    ...repeated(options.map(({ name }) => name)).map(name => `dialect: two options are called ${shown(name)}`),
    ...options.flatMap(option => at(`dialect option ${shown(option.name)}`, optionProblems(option))),
  ];
}

function optionProblems(option: Loose): string[] {
  const { name, kind, values } = option;
  const shape = [
    ...(isText(name) && OPTION_NAME.test(name) ? [] : ['its name is not of letters and digits, as byteOrder']),
    ...oneOf(option, 'kind', Object.keys(OPTION_KINDS)),
    ...line(option, 'meaning'),
    ...(isText(option.default) ? [] : ['no default, as the text that a user would write']),
    ...(kind === 'choice' ? texts(option, 'values') : []),
    ...(kind !== 'choice' && values !== undefined ? ['it has values and is no choice'] : []),
    ...repeated(textsOf(option, 'values')).map(value => `the value ${shown(value)} stands there twice`),
  ];
  if (shape.length > 0) return shape;
  const problem = dialectProblem(option as unknown as DialectOption, String(option.default));
  return problem === undefined ? [] : [`its default ${shown(option.default)} does not fit: ${problem}`];
}

/** The defaults must fit together as they are; the protocol is asked only when it can be. */
function settingsProblems(protocol: Loose): string[] {
  if (typeof protocol.dialectProblem !== 'function' || dialectProblems(protocol).length > 0) return [];
  const { dialect } = protocol as unknown as Pick<Protocol, 'dialect'>;
  try {
    const problem: unknown = protocol.dialectProblem(new Dialect(dialect, new Map()));
    return problem === undefined ? [] : [`dialect: the defaults do not fit together: ${shown(problem)}`];
  } catch (error) {
    return [`dialectProblem throws: ${error instanceof Error ? error.message : shown(error)}`];
  }
}

function layoutsProblems(owner: Loose): (string | Problem)[] {
  const layouts = objectsOf(owner, 'layouts');
  const editions = [...new Set(layouts.map(({ edition }) => edition))];
  return [
    ...objects(owner, 'layouts'),
    ...layouts.flatMap(layout => about(layout, `layout ${shown(layout.name)}`, layoutProblems(layout))),
    ...editions.flatMap(edition => {
      const same = layouts.filter(layout => layout.edition === edition);
      return [
        ...repeated(same.map(({ name }) => name)).map(name => `layout ${shown(name)}: another one has this name`),
        ...[...twiceFromOneEnd(same)].map(code => `layouts: two have the code ${shown(code)}`),
      ];
    }),
  ];
}

/** Codes that one end uses for two messages; a layout that does not say who sends it is both ends'. */
function twiceFromOneEnd(layouts: readonly Loose[]): Set<unknown> {
  const codesFrom = (end: string) =>
    layouts.filter(({ from }) => from === undefined || from === end).map(({ code }) => code);
  return new Set(['client', 'server'].flatMap(end => repeated(codesFrom(end))));
}

function layoutProblems(layout: Loose): string[] {
  const rows = objectsOf(layout, 'rows');
  const shape = [
    ...line(layout, 'name'),
    ...(layout.name === UNKNOWN_MESSAGE ? [`${UNKNOWN_MESSAGE} is the name of what has no layout`] : []),
    ...(Number.isInteger(layout.code) ? [] : [`code is ${shown(layout.code)}, not a whole number`]),
    ...text(layout, 'meaning'),
    ...text(layout, 'clause'),
    ...optional(layout, 'edition', text),
    ...optional(layout, 'from', (owner, name) => oneOf(owner, name, ['client', 'server'])),
    ...objects(layout, 'rows'),
    ...rows.flatMap(row => at(`field ${shown(row.name)}`, fieldProblems(row))),
  ];
  return shape.length > 0 ? shape : compiledProblems(layout);
}

function fieldProblems(row: Loose): string[] {
  return [
    ...['name', 'title', 'clause'].flatMap(name => text(row, name)),
    ...(isText(row.meaning) ? [] : [`meaning is ${shown(row.meaning)}, not a text`]),
    ...oneOf(row, 'kind', Object.keys(FIELD_KINDS)),
    ...count(row, 'offset'),
    ...count(row, 'size'),
    ...flag(row, 'rest'),
    ...flag(row, 'brief'),
    ...optional(row, 'holds', texts),
    ...optional(row, 'labels', (owner, name) => {
      const { [name]: labels } = owner;
      return isObject(labels) && Object.values(labels).every(isText) ? [] : ['labels are not texts by number'];
    }),
  ];
}

/** The compiler has checked how fields stand to each other; what they say is looked at here, those within others too. */
function compiledProblems(layout: Loose): string[] {
  if (!isCompiled(layout as unknown as Layout)) return ['not made by layoutOf(...) or defineLayout(...)'];
  const inside = (field: Field): string[] =>
    insideOf(field).flatMap(inner => [
      ...at(`field ${shown(inner.name)}`, fieldProblems(inner as unknown as Loose)),
      ...inside(inner),
    ]);
  return [
    ...optional(layout, 'describe', method),
    ...describedProblems(layout),
    ...(layout as unknown as Layout).rows.flatMap(inside),
  ];
}

/** Names as filters write them. */
function describedProblems(layout: Loose): string[] {
  const names = textsOf(layout, 'described');
  return [
    ...texts(layout, 'described'),
    ...names.filter(name => !NODE_NAME.test(name)).map(name => `described: ${shown(name)} is no name for a filter`),
    ...(names.length > 0 && layout.describe === undefined ? ['described names nodes, and describe gives none'] : []),
  ];
}

/** Parts of an integer, members of a group, fields of items. */
function insideOf({ parts, members, items }: Field): readonly Field[] {
  const scopes = items ? [items.head, ...items.table.values()] : [];
  return [...parts, ...members, ...scopes.flatMap(({ rows }) => rows)];
}

/** A framing that others may name. */
function lentProblems(framing: unknown, protocol: Loose): (string | Problem)[] {
  if (!isObject(framing)) return [`it is ${shown(framing)}, not an object`];
  return [
    ...(framing.id === protocol.id ? [] : [`its id is ${shown(framing.id)}, not that of the protocol`]),
    ...framingProblems(framing, protocol),
  ];
}

function framingProblems(framing: Loose, protocol: Loose): (string | Problem)[] {
  const { headLength, longest, hidden } = framing;
  const messages = objectsOf(framing, 'layouts')
    .map(({ name }) => name)
    .filter(isText);
  const rules = objectsOf(framing, 'rules');
  const ids = rules.map(rule => rule.id);
  const own = objectsOf(protocol, 'rules').map(rule => rule.id);
  const shared = rules.filter(({ id }) => isText(id) && id.startsWith(SHARED));
  const asking = { messages, required: false };
  const shape = [
    ...text(framing, 'id'),
    ...line(framing, 'title'),
    ...line(framing, 'specification'),
    ...count(framing, 'headLength', 1),
    ...count(framing, 'hidden'),
    ...optional(framing, 'hiddenAtEnd', count),
    ...optional(framing, 'notes', count),
    ...(isCount(framing.notes) && framing.notes > MOST_NOTES
      ? [`notes is ${framing.notes}; ${MOST_NOTES} is the most`]
      : []),
    ...count(framing, 'longest', 1),
    ...(isCount(longest) && longest > LONGEST_EVER ? [`longest is ${longest}; ${LONGEST_EVER} is the most`] : []),
    ...(isCount(headLength) && isCount(longest) && headLength > longest ? ['headLength is more than longest'] : []),
    ...(isCount(hidden) && isCount(longest) && hidden > longest ? ['hidden is more than longest'] : []),
    ...method(framing, 'lengthOf'),
    ...FRAMING_METHODS.flatMap(name => optional(framing, name, method)),
    ...(framing.layouts === undefined ? [] : layoutsProblems(framing)),
    ...(framing.dialect === undefined ? [] : dialectProblems(framing)),
    ...objects(framing, 'rules'),
    ...rulesProblems({ rules: shared }, 'framing', asking),
    ...rulesProblems({ rules: rules.filter(rule => !shared.includes(rule)) }, ownPrefix(protocol), asking),
    ...shared
      .filter(({ id }) => !READY_RULES.includes(String(id)))
      .map(({ id }) => `${shown(id)} is no rule of the ready framings: ${READY_RULES.join(', ')}`),
    ...['tooLong', 'truncated'].flatMap(name => ruleOfFraming(framing, name, ids)),
    ...optional(framing, 'malformed', (_, name) => ruleOfFraming(framing, name, ids)),
    ...ids.filter(rule => own.includes(rule)).map(rule => `${shown(rule)} is a rule of the protocol, too`),
  ];
  return shape.length > 0 ? shape : [...wrappingProblems(framing as unknown as Framing)];
}

function ruleOfFraming(framing: Loose, name: string, ids: readonly unknown[]): string[] {
  const rule = framing[name];
  if (!isObject(rule)) return [`${name} is ${shown(rule)}, not one of its rules`];
  return ids.includes(rule.id) ? [] : [`${name} is ${shown(rule.id)}, which is none of its rules`];
}

/** What ids of the protocol's rules begin with. */
function ownPrefix({ id }: Loose): string {
  return isText(id) ? id : '';
}
