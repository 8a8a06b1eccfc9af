/** Rules about SUBSCRIBE and UNSUBSCRIBE by themselves: their filters, and the options. */
import { BROKEN, INCONCLUSIVE, type Message, type Outcome, PASS, type Rule, SKIP } from '../../../src/sdk.ts';
import type { Formed } from '../formed.ts';
import { FAULT, type FilterPart } from '../packet.ts';
import { LEVEL } from '../terms.ts';
import { isShared, misplacedWildcardAt, sharedFilterAt } from '../topics.ts';
import { bitsText, cites, inV5, nameOf, range, textIn } from './form-words.ts';

const ERROR = { severity: 'error', atFault: 'sender', restsOn: 'bytes' } as const;
const FILTERS = ['SUBSCRIBE', 'UNSUBSCRIBE'];

type Test = (filter: FilterPart, formed: Formed) => boolean;

/** The first filter that a test holds to be wrong. */
function findFilter(formed: Formed, isWrong: Test): FilterPart | undefined {
  const { filters, filterCount } = formed.packet;
  for (let i = 0; i < filterCount; i++) if (isWrong(filters[i], formed)) return filters[i];
  return undefined;
}

/** That no filter is wrong. @param applies which filters the rule is about */
function checkFilters(isWrong: Test, applies: Test = () => true) {
  return (formed: Formed): Outcome => {
    if (findFilter(formed, isWrong)) return BROKEN;
    if (formed.packet.isHeadCut) return INCONCLUSIVE;
    return findFilter(formed, applies) ? PASS : SKIP;
  };
}

const hasNone = ({ packet }: Formed): Outcome => {
  if (packet.fault !== FAULT.NONE) return SKIP;
  if (packet.filterCount > 0) return PASS;
  return packet.isHeadCut ? INCONCLUSIVE : BROKEN;
};

const emptyWords = ({ packet, message }: Formed) => ({
  message: `${nameOf(packet)} has no Topic Filter`,
  expected: 'one Topic Filter at least',
  actual: 'none',
  bytes: { offset: message.length, length: 0 },
});

export const subscribeEmpty: Rule<Formed> = {
  id: 'mqtt/subscribe-empty',
  ...ERROR,
  ...cites('SUBSCRIBE has at least one Topic Filter.', { '3.1.1': '3.8.3-3', '5.0': '3.8.3-2' }),
  summary: 'SUBSCRIBE has no Topic Filter',
  why: 'There is nothing to grant, and a server must close the connection over it.',
  example: 'client > server  82 02 00 01',
  on: ['SUBSCRIBE'],
  phase: 'form',
  check: hasNone,
  describe: emptyWords,
};

export const unsubscribeEmpty: Rule<Formed> = {
  id: 'mqtt/unsubscribe-empty',
  ...ERROR,
  ...cites('UNSUBSCRIBE has at least one Topic Filter.', { '3.1.1': '3.10.3-2', '5.0': '3.10.3-2' }),
  summary: 'UNSUBSCRIBE has no Topic Filter',
  why: 'There is nothing to remove, and a server must close the connection over it.',
  example: 'client > server  a2 02 00 01',
  on: ['UNSUBSCRIBE'],
  phase: 'form',
  check: hasNone,
  describe: emptyWords,
};

const NO_LOCAL = 4;
const QOS = 3;
const HANDLING = 0x30;
/** Bits that are reserved, by level; MQTT 3.1 leaves them unused. */
const RESERVED: Readonly<Record<number, number>> = {
  [LEVEL.V31]: 0,
  [LEVEL.V311]: 0xfc,
  [LEVEL.V5]: 0xc0,
};

const hasWrongOptions: Test = ({ options }, { packet: { level } }) =>
  (options & RESERVED[level]) !== 0 ||
  (options & QOS) === QOS ||
  (level === LEVEL.V5 && (options & HANDLING) === HANDLING);

const optionRange = ({ at, length }: FilterPart) => ({ offset: at + length, length: 1 });

export const subscribeOptions: Rule<Formed> = {
  id: 'mqtt/subscribe-options',
  ...ERROR,
  ...cites('The reserved bits after a Topic Filter are 0, and QoS is 0, 1 or 2.', {
    '3.1.1': '3.8.3-4',
    '5.0': '3.8.3-5',
  }),
  summary: 'reserved bits of the options are set, or QoS or Retain Handling is 3',
  why: 'A server must close the connection over it. Options of 5.0 on a connection of 3.1.1 show so too.',
  example: 'client > server  82 06 00 01 00 01 61 03        (QoS 3)',
  on: ['SUBSCRIBE'],
  phase: 'form',
  check: checkFilters(hasWrongOptions),
  describe: formed => {
    const filter = findFilter(formed, hasWrongOptions)!;
    return {
      message: `the options of ${textIn(formed.message, filter)} are ${bitsText(filter.options, 8)}`,
      expected: 'reserved bits 0, QoS 0 to 2, Retain Handling 0 to 2',
      actual: bitsText(filter.options, 8),
      bytes: optionRange(filter),
    };
  },
};

/** Where a filter lies in the array of its message. */
function ends({ bytes, start }: Message, { at, length }: FilterPart) {
  return [bytes, start + at, start + at + length] as const;
}

/** A filter that asks for a Shared Subscription, rightly or not. */
const asksToShare: Test = (filter, { packet, message }) =>
  packet.level === LEVEL.V5 && isShared(...ends(message, filter));

const sharesWithNoLocal: Test = (filter, formed) => (filter.options & NO_LOCAL) !== 0 && asksToShare(filter, formed);

export const noLocalShared: Rule<Formed> = {
  id: 'mqtt/no-local-shared',
  ...ERROR,
  ...cites('A Shared Subscription has No Local 0.', { '5.0': '3.8.3-4' }),
  summary: 'No Local is 1 with a Shared Subscription',
  why: 'The message would have to go to another member, or to nobody. It is a Protocol Error.',
  example: 'client > server  SUBSCRIBE to "$share/g/a" with No Local 1',
  on: ['SUBSCRIBE'],
  phase: 'form',
  check: inV5(checkFilters(sharesWithNoLocal, asksToShare)),
  describe: formed => {
    const filter = findFilter(formed, sharesWithNoLocal)!;
    return {
      message: `No Local is 1 with the Shared Subscription ${textIn(formed.message, filter)}`,
      expected: 'No Local 0',
      actual: bitsText(filter.options, 8),
      bytes: optionRange(filter),
    };
  },
};

const sharesWrongly: Test = (filter, formed) =>
  asksToShare(filter, formed) && sharedFilterAt(...ends(formed.message, filter)) < 0;

export const sharedFilterForm: Rule<Formed> = {
  id: 'mqtt/shared-filter',
  ...ERROR,
  ...cites('Behind $share/ stand a ShareName without wildcards, a slash and a Topic Filter.', {
    '5.0': '4.8.2-1, 4.8.2-2',
  }),
  summary: 'a filter that begins with $share/ has no ShareName, one with + or #, or no filter after it',
  why: 'The server cannot know which group is meant, or what it is to get.',
  example: 'client > server  SUBSCRIBE to "$share/g+/a"',
  on: FILTERS,
  check: inV5(checkFilters(sharesWrongly, asksToShare)),
  describe: formed => {
    const filter = findFilter(formed, sharesWrongly)!;
    return {
      message: `${textIn(formed.message, filter)} is no Shared Subscription`,
      expected: '$share/ShareName/filter',
      actual: textIn(formed.message, filter),
      bytes: range(filter),
    };
  },
};

/** Where a wildcard stands that may not stand there, in the array of the message; behind the ShareName in 5.0. */
function misplacedIn(filter: FilterPart, formed: Formed): number {
  const [bytes, from, to] = ends(formed.message, filter);
  if (!asksToShare(filter, formed)) return misplacedWildcardAt(bytes, from, to);
  const behind = sharedFilterAt(bytes, from, to);
  return behind < 0 ? -1 : misplacedWildcardAt(bytes, behind, to);
}

const hasMisplaced: Test = (filter, formed) => misplacedIn(filter, formed) >= 0;

export const filterWildcard: Rule<Formed> = {
  id: 'mqtt/filter-wildcard',
  ...ERROR,
  ...cites('# stands alone in the last level of a filter, and + alone in its level.', {
    '3.1.1': '4.7.1-2, 4.7.1-3',
    '5.0': '4.7.1-1, 4.7.1-2',
  }),
  summary: '# that is not alone in the last level of a filter, or + that is not alone in its level',
  why: 'Servers that take it differ in what it matches; most refuse it.',
  example: 'client > server  SUBSCRIBE to "a/b#"',
  on: FILTERS,
  check: checkFilters(hasMisplaced),
  describe: formed => {
    const filter = findFilter(formed, hasMisplaced)!;
    const text = textIn(formed.message, filter);
    return {
      message: `the filter ${text} has a wildcard where none may be`,
      expected: '# alone in the last level, + alone in a level',
      actual: text,
      bytes: { offset: misplacedIn(filter, formed) - formed.message.start, length: 1 },
    };
  },
};
