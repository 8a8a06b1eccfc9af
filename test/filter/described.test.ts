/** Filters on what a protocol itself tells of a message: nodes by their names, and what is in them by the way there. */
import { describe, expect, test } from 'vitest';
import { catalogueOf } from '../../src/filter/catalogue.ts';
import { complete } from '../../src/filter/complete.ts';
import { FilterError } from '../../src/filter/error.ts';
import { fieldValues } from '../../src/filter/field-values.ts';
import { makeFilter } from '../../src/filter/filter.ts';
import { MessageSubject } from '../../src/filter/message-subject.ts';
import { contractProblems } from '../../src/protocol/contract.ts';
import type { AnyProtocol } from '../../src/protocol/protocol.ts';
import {
  defineMessages,
  defineProtocol,
  type Exchange,
  type MessageBytes,
  malformed,
  type PlainNode,
  stay,
  udp,
  uint,
} from '../../src/sdk.ts';
import { hex } from '../../src/testkit/bytes.ts';
import { Message } from '../../src/wire/message.ts';

/** Digits as a number, letters as text, `(` and `)` around values in a value; what is there of the message. */
function values({ bytes, start, captured, length }: MessageBytes): readonly PlainNode[] {
  const top: PlainNode[] = [];
  const open: PlainNode[][] = [top];
  for (let at = 1; at < captured; at++) {
    const character = String.fromCharCode(bytes[start + at]);
    const into = open[open.length - 1];
    if (character === ')') {
      open.pop();
      continue;
    }
    const children: PlainNode[] = [];
    const value = character === '(' ? null : /\d/.test(character) ? Number(character) : character;
    const holds = character === '(' && { children };
    const place = { name: String(into.length), title: 'Value', offset: at, length: 1, meaning: '', clause: '1' };
    into.push({ ...place, value, display: character, cut: false, ...holds });
    if (holds) open.push(children);
  }
  const about = { title: 'Values', offset: 1, length: length - 1, meaning: '', clause: '1', display: '' };
  return [
    { ...about, name: 'values', value: null, cut: captured < length, children: top },
    { ...about, name: 'secret', value: 7, cut: false },
  ];
}

const messages = defineMessages(
  uint('type', 1),
  { LIST: [1, '1', 'holds values'], OTHER: [2, '2', 'holds others', uint('count', 1)] },
  { describe: { LIST: { names: ['values'], nodes: values } } },
);

const lists: AnyProtocol = defineProtocol({
  id: 'lists',
  title: 'LISTS',
  summary: 'values in values, for tests',
  specification: 'LISTS, edition 1',
  carriers: [udp()],
  messages,
  machine: { states: ['ON'], client: {}, server: {}, otherwise: stay },
  rules: [malformed<Exchange<typeof messages>>({ id: 'lists/malformed', clause: '1' })],
});

const catalogue = catalogueOf([lists]);

function subjectOf(bytes: string, captured?: number): MessageSubject {
  const message = new Message();
  const all = hex(bytes);
  message.assign(all, 0, all.length, captured ?? all.length);
  const layout = messages.layouts[all[0] - 1];
  const ends = { from: '10.0.0.1:1', to: '10.0.0.2:2', clientToServer: true };
  const names = { name: layout.name, protocol: 'lists', connection: 1, capture: 0, state: '', findings: [] };
  return new MessageSubject({ message, layout, ...ends, ...names }, { seconds: 0, nanoseconds: 0 });
}

/** `1 a ( 2 b )` */
const LIST = '01 31 61 28 32 62 29';

test('names of nodes are part of the contract', () => {
  expect(contractProblems(lists)).toEqual([]);
  const of = (described: readonly string[], describe: unknown) => {
    return contractProblems({ ...lists, layouts: lists.layouts.map(layout => ({ ...layout, described, describe })) });
  };
  expect(of(['a b'], values)).toContain('layout LIST: described: a b is no name for a filter');
  expect(of(['values'], undefined)).toContain('layout LIST: described names nodes, and describe gives none');
  expect(() =>
    defineMessages(uint('type', 1), { A: [1, '1', 'a'] }, { describe: { A: { names: ['type'], nodes: () => [] } } }),
  ).toThrow('type is described and a field');
});

test.each([
  ['lists.values', true],
  ['lists.values[0] == 1', true],
  ['lists.values[0] == 2', false],
  ['lists.values[1] == "a"', true],
  ['lists.values[1] ~ "?"', true],
  ['lists.values[2]', true],
  ['lists.values[2][0] > 1', true],
  ['lists.values[2][*] == "b"', true],
  ['lists.values[*] == "b"', false],
  ['lists.values[*][*] == "b"', true],
  ['lists.values[3]', false],
  ['lists.values contains "(2b"', true],
  ['lists.values != 5', true],
  ['lists.values[0] in {1..3}', true],
  ['lists.count == 97', false],
])('%s: %s', (filter, wanted) => {
  expect(makeFilter(filter, catalogue, 'messages')(subjectOf(LIST))).toBe(wanted);
});

test('of a message of another type, and of what was not captured, nothing passes', () => {
  const passes = (filter: string, subject: MessageSubject) => makeFilter(filter, catalogue, 'messages')(subject);
  expect(passes('lists.values', subjectOf('02 61'))).toBe(false);
  expect(passes('lists.values[1] == "a"', subjectOf(LIST, 2))).toBe(false);
  expect(passes('lists.values[0] == 1', subjectOf(LIST, 2))).toBe(true);
});

test('one subject serves message after message', () => {
  const subject = subjectOf(LIST);
  const filter = makeFilter('lists.values[0] == 1', catalogue, 'messages');
  expect(filter(subject)).toBe(true);
  const message = new Message();
  message.assign(hex('01 39'), 0, 2, 2);
  const [layout] = messages.layouts;
  const ends = { from: '', to: '', clientToServer: true, connection: 1, capture: 0, state: '', findings: [] };
  subject.show({ message, layout, name: 'LIST', protocol: 'lists', ...ends }, { seconds: 0, nanoseconds: 0 });
  expect(filter(subject)).toBe(false);
});

describe('a node that has no name there', () => {
  const complaint = (filter: string) => {
    try {
      makeFilter(filter, catalogue, 'messages');
      return 'fine';
    } catch (error) {
      if (error instanceof FilterError) return error.message;
      throw error;
    }
  };

  test('is no field, and the names that there are stand beside it', () => {
    expect(complaint('lists.secret == 7')).toContain('lists.values');
  });

  test('is not completed', () => {
    const words = complete('lists.', 6, catalogue).candidates;
    expect(words).toEqual(expect.arrayContaining(['lists.values', 'lists.type', 'lists.count']));
    expect(words).not.toContain('lists.secret');
  });
});

test('messages are counted by what is in them', () => {
  expect([...fieldValues('lists.values[2][*]', catalogue).of(subjectOf(LIST))]).toEqual(['2', 'b']);
});
