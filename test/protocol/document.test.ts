/** What the Markdown of a protocol says, for TOY and for variations of it that have what TOY lacks. */
import { expect, test } from 'vitest';
import { protocolDocument, protocolSections } from '../../src/protocol/document.ts';
import type { AnyProtocol } from '../../src/protocol/protocol.ts';
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
