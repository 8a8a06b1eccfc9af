/** What the Markdown of a protocol says, for TOY and for variations of it that have what TOY lacks. */

import { expect, test } from 'vitest';
import { protocolDocument, protocolSections } from '../../src/protocol/document.ts';
import type { AnyProtocol } from '../../src/protocol/protocol.ts';
import {
  bitField,
  bits,
  bytes,
  custom,
  flag,
  group,
  optional,
  repeated,
  text,
  tlvs,
  uint,
  varint,
  when,
} from '../../src/wire/fields.ts';
import { layoutOf } from '../../src/wire/layout.ts';
import { HELLO, TEXT, toy } from '../kit/toy.ts';

const bodyOf = (protocol: AnyProtocol, name: string) =>
  protocolSections(protocol).find(section => section.name === name)?.body;

test('a protocol is a document: a heading, what it is, and a heading for each section', () => {
  const lines = protocolDocument(toy).split('\n');
  expect(lines.slice(0, 5)).toEqual(['# TOY', '', 'A conversation, for tests.', '', 'Specification: TOY, edition 1.']);
  expect(lines.filter(line => line.startsWith('## '))).toEqual([
    '## Carriers and recognition',
    '## Dialect',
    '## Messages',
    '## Fields',
    '## Rules',
    '## States',
  ]);
  expect(lines.at(-1)).toBe('');
  expect(lines.at(-2)).toBe('```');
});

test('a datagram on UDP needs no more than two columns', () => {
  expect(bodyOf(toy, 'carriers')).toBe(
    '| carrier | one message is |\n|---|---|\n| UDP | a datagram |\n\nRecognised by: HELLO, twice.',
  );
});

test('a carrier tells its framing, its bound and the option that it hangs on', () => {
  const onlyIf = { option: 'framing', value: 'length16' };
  const carriers = [...toy.carriers, { transport: 'tcp', framing: 'length16', longest: 9000, onlyIf }] as const;
  expect(
    bodyOf({ ...toy, carriers }, 'carriers')
      ?.split('\n')
      .slice(0, 4),
  ).toEqual([
    '| carrier | one message is | if |',
    '|---|---|---|',
    '| UDP | a datagram |  |',
    '| TCP | what `length16` cuts out of the stream, at most 9,000 bytes | `toy.framing=length16` |',
  ]);
});

test('dialect options come with the form of their values; no options, no section', () => {
  expect(bodyOf(toy, 'dialect')?.split('\n')).toEqual([
    '| option | values | default | meaning |',
    '|---|---|---|---|',
    '| `toy.order` | `auto`, `big`, `little` | `auto` | byte order |',
    '| `toy.patience` | a time: `5s`, `300ms` | `2.5s` | how long a caller waits |',
    '| `toy.secret` | a key in hex | none | shared by both |',
  ]);
  expect(bodyOf({ ...toy, dialect: [] }, 'dialect')).toBeUndefined();
});

test('codes are decimal while they have one digit, else all in hex', () => {
  const codes = (layouts: AnyProtocol['layouts']) =>
    bodyOf({ ...toy, layouts }, 'messages')
      ?.split('\n')
      .slice(2)
      .map(line => line.split(' | ')[0]);
  expect(codes([HELLO, TEXT])).toEqual(['| `0`', '| `1`']);
  expect(codes([HELLO, { ...TEXT, code: 160 }])).toEqual(['| `0x00`', '| `0xa0`']);
});

test('messages of one code say which end sends them', () => {
  const layouts = [
    { ...HELLO, from: 'client' as const },
    { ...TEXT, code: HELLO.code, from: 'server' as const },
  ];
  const rows = bodyOf({ ...toy, layouts }, 'messages')?.split('\n') ?? [];
  expect(rows.map(row => row.split(' | ')[2])).toEqual(['from', undefined, 'client', 'server']);
});

test('fields have a table a message: sizes and conditions in words, and names as filters spell them', () => {
  const reader = { measure: () => 1, text: () => '', words: 'labels, at most 255' };
  const layout = layoutOf('ASK', { code: 1, meaning: 'm', clause: '2', edition: '5.0', from: 'client' }, [
    bits('flags', 1, [flag('up', 0), bitField('mode', 1, 3, { 1: 'fast', 2: 'slow' })]),
    varint('remaining', 'bytes that follow'),
    when('up', 1, text('name', { prefix: 2 }, { clause: '2.1' })),
    when('mode', mode => mode > 1, uint('wait', 4), 'if mode is above 1'),
    bytes('data', { lengthIn: 'remaining', minus: 2 }),
    text('line', { until: '\r\n' }),
    custom('owner', reader),
    group('end', [optional(uint('reason', 1))]),
    repeated('list', [uint('a', 1)], { countIn: 'remaining' }),
    tlvs('options', { type: 1, length: 1, table: { 7: uint('mtu', 2) } }),
  ]);
  const body = bodyOf({ ...toy, layouts: [layout] }, 'fields')?.split('\n') ?? [];
  expect(body[0]).toBe('**ASK, 5.0, from the client** (2)');
  const cells = body.slice(4).map(row =>
    row
      .slice(2, -2)
      .split(' | ')
      .slice(0, 4)
      .map(cell => cell.trim()),
  );
  expect(cells).toEqual([
    ['`flags`', '1', '', ''],
    ['`up`', 'bit 0', '', ''],
    ['`mode`', 'bits 1 to 3', '', '1 fast, 2 slow'],
    ['`remaining`', '1 to 4', '', ''],
    ['`name`', '2 + n', 'if up is 1', ''],
    ['`wait`', '4', 'if mode is above 1', ''],
    ['`data`', '`remaining` - 2', '', ''],
    ['`line`', 'n + 2, to `"\\r\\n"`', '', ''],
    ['`owner`', 'labels, at most 255', '', ''],
    ['`end`', 'as its fields', '', ''],
    ['`reason`', '1', 'if bytes are left', ''],
    ['`list`', '`remaining` items', '', ''],
    ['`list[*].a`', '1', '', ''],
    ['`options`', 'items to the end', '', ''],
    ['`options[*].type`', '1', '', '7 Mtu'],
    ['`options[*].length`', '1', '', ''],
    ['`options[*].value`', '`length`', 'if type is 7', ''],
    ['`options[*].mtu`', '2', 'if type is 7', ''],
  ]);
  expect(body.find(row => row.includes('`name`'))).toContain('2.1');
});

test('every rule has its row, in the order of the catalogue', () => {
  const rows = bodyOf(toy, 'rules')?.split('\n').slice(2, -2) ?? [];
  expect(rows.map(row => /`(.*?)`/.exec(row)?.[1])).toEqual(toy.rules.map(({ id }) => id));
  expect(rows[1]).toBe('| `toy/hello-first` | error | sender | unseen | something is said before HELLO | 2 |');
});

test('a rule names the clause of each edition', () => {
  const [rule] = toy.rules;
  const clause = [
    { clause: '3', edition: 'old', says: 'It is so.' },
    { clause: '4.1', edition: 'new' },
  ];
  const row = (specification?: string) =>
    bodyOf({ ...toy, rules: [{ ...rule, clause, ...(specification && { specification }) }] }, 'rules')?.split('\n')[2];
  expect(row()).toMatch(/ \| 3 \(old\); 4\.1 \(new\) \|$/);
  expect(row('TOY over streams')).toMatch(/ \| TOY over streams: 3 \(old\); 4\.1 \(new\) \|$/);
});

test('a rule tells the option that it hangs on, and that its severity does', () => {
  const [rule] = toy.rules;
  const condition = { option: 'order', value: ['big', 'little'] };
  const hanging = {
    ...rule,
    onlyIf: condition,
    severityIf: { option: 'order', value: 'big', severity: 'info' as const },
  };
  expect(
    bodyOf({ ...toy, rules: [hanging, rule] }, 'rules')
      ?.split('\n')
      .slice(0, 4),
  ).toEqual([
    '| rule | severity | at fault | rests on | reported when | only with | clause |',
    '|---|---|---|---|---|---|---|',
    '| `toy/length` | error; info with `toy.order=big` | sender | bytes | a message is shorter than its type allows, or of no type at all | `toy.order=big or toy.order=little` | 1 |',
    '| `toy/length` | error | sender | bytes | a message is shorter than its type allows, or of no type at all |  | 1 |',
  ]);
});

test('a framing that it lends adds its own messages, rules and options', () => {
  const [rule] = toy.rules;
  const tooLong = { id: 'toy/too-long', ...about('length'), specification: 'TOY over streams' } as const;
  const framing = {
    id: 'toy',
    title: 'TOY',
    specification: 'TOY',
    headLength: 1,
    hidden: 1,
    longest: 70_000,
    lengthOf: () => 1,
    layouts: [HELLO, { ...HELLO, name: 'GAP', code: 9 }],
    dialect: [{ name: 'preface', kind: 'choice', values: ['auto'], default: 'auto', meaning: 'what comes first' }],
    rules: [tooLong],
    tooLong,
    truncated: tooLong,
  } as const;
  const carrier: AnyProtocol = { ...toy, rules: [rule], framing };
  expect(bodyOf(carrier, 'messages')?.match(/GAP|HELLO/g)).toEqual(['HELLO', 'GAP']);
  expect(bodyOf(carrier, 'rules')?.split('\n').slice(3, -2)).toEqual([
    '| `toy/too-long` | error | sender | bytes | it is wrong | TOY over streams: length |',
  ]);
  expect(bodyOf(carrier, 'carried')).toContain('| `PROTOCOL.preface` | `auto` |');
  expect(bodyOf(carrier, 'carriers')).toContain('at most 70,000 bytes');
});

test('nothing in a text can break its table or be taken for Markdown', () => {
  const [rule] = toy.rules;
  const summary = 'a | b\n<img> *c* `d` [e](f) \\ $g$';
  const rules = [{ ...rule, summary, id: 'toy/a|b`c' }];
  expect(bodyOf({ ...toy, rules }, 'rules')?.split('\n')[2]).toBe(
    "| `toy/a\\|b'c` | error | sender | bytes | a \\| b \\<img> \\*c\\* \\`d\\` \\[e\\](f) \\\\ \\$g\\$ | 1 |",
  );
});

test('states are a diagram, one for each role where the roles differ', () => {
  const body = bodyOf(toy, 'states') ?? '';
  expect(body.match(/^The \w+:$/gm)).toEqual(['The caller:', 'The callee:']);
  expect(body.match(/^```mermaid$/gm)).toHaveLength(2);
});

function about(clause: string) {
  return {
    severity: 'error',
    atFault: 'sender',
    restsOn: 'bytes',
    clause,
    summary: 'it is wrong',
    why: 'It is.',
    example: 'any',
  } as const;
}
