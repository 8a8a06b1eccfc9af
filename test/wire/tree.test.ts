import { describe, expect, test } from 'vitest';
import { defineLayout } from '../../src/wire/layout.ts';
import { Message } from '../../src/wire/message.ts';
import { type FieldNode, fieldTree } from '../../src/wire/tree.ts';

const GREETING = defineLayout({
  name: 'GREETING',
  code: 1,
  meaning: 'says hello',
  clause: 'GREETING',
  fields: [
    {
      name: 'type',
      title: 'Type',
      offset: 0,
      size: 1,
      kind: 'uint',
      labels: { 1: 'GREETING' },
      meaning: 'm',
      clause: 'c',
    },
    { name: 'tag', title: 'Tag', offset: 1, size: 3, kind: 'id', meaning: 'm', clause: 'c' },
    { name: 'expiration', title: 'Expiration', offset: 4, size: 4, kind: 'unixTime', meaning: 'm', clause: 'c' },
    { name: 'name', title: 'Name', offset: 8, size: 4, kind: 'text', meaning: 'm', clause: 'c' },
  ],
});

const PAYLOAD = defineLayout({
  name: 'PAYLOAD',
  code: 2,
  meaning: 'carries bytes',
  clause: 'PAYLOAD',
  fields: [
    { name: 'type', title: 'Type', offset: 0, size: 1, kind: 'uint', meaning: 'm', clause: 'c' },
    { name: 'data', title: 'Data', offset: 1, size: 'rest', kind: 'bytes', meaning: 'm', clause: 'c' },
  ],
});

const LETTER = defineLayout({
  name: 'LETTER',
  code: 3,
  meaning: 'carries JSON',
  clause: 'LETTER',
  fields: [
    { name: 'type', title: 'Type', offset: 0, size: 1, kind: 'uint', meaning: 'm', clause: 'c' },
    { name: 'payload', title: 'Payload', offset: 1, size: 'rest', kind: 'json', meaning: 'm', clause: 'c' },
  ],
});

/** A message of `length` bytes of which the hex was captured, two bytes into its buffer. */
function message(hex: string, length = hex.length / 2, littleEndian = false): Message {
  const view = new Message();
  view.assign(Uint8Array.from(Buffer.from(`ffff${hex}ff`, 'hex')), 2, length, hex.length / 2);
  view.littleEndian = littleEndian;
  return view;
}

const brief = (m: Message, layout = GREETING as Parameters<typeof fieldTree>[1]) =>
  fieldTree(m, layout).map(({ name, offset, length, value, display, cut }) => [
    name,
    offset,
    length,
    value,
    display,
    cut,
  ]);

describe('a whole message', () => {
  test('has every field with its value and its words', () => {
    expect(brief(message('01aabbcc655433006a6f7300'))).toEqual([
      ['type', 0, 1, 1, 'GREETING (1)', false],
      ['tag', 1, 3, 'aabbcc', '0xaabbcc', false],
      ['expiration', 4, 4, 0x65543300, '2023-11-15T02:54:56Z', false],
      ['name', 8, 4, 'jos\0', 'jos\\x00', false],
    ]);
  });

  test('is read in its own byte order, identifiers as they stand', () => {
    const values = fieldTree(message('01aabbcc003354656a6f7300', 12, true), GREETING).map(node => node.value);
    expect(values).toEqual([1, 'aabbcc', 0x65543300, 'jos\0']);
  });

  test('a code point without a name is a number', () => {
    expect(fieldTree(message('09aabbcc655433006a6f7300'), GREETING)[0]).toMatchObject({ value: 9, display: '9' });
  });

  test('characters that are not UTF-8 are spelt out byte by byte', () => {
    expect(fieldTree(message('01aabbcc65543300411bff42'), GREETING)[3]).toMatchObject({ display: 'A\\x1b\\xffB' });
  });

  test('the largest time that four bytes hold is a time', () => {
    expect(fieldTree(message('01aabbccffffffff6a6f7300'), GREETING)[2]).toMatchObject({
      display: '2106-02-07T06:28:15Z',
    });
  });

  test('bytes to the end are hex, none is an empty value', () => {
    expect(brief(message('02c0ffee'), PAYLOAD)[1]).toEqual(['data', 1, 3, 'c0ffee', 'c0ffee', false]);
    expect(brief(message('02'), PAYLOAD)[1]).toEqual(['data', 1, 0, '', '', false]);
  });

  test('each node names its meaning and clause', () => {
    expect(fieldTree(message('02'), PAYLOAD)[0]).toMatchObject({ title: 'Type', meaning: 'm', clause: 'c' });
  });
});

describe('a message that is not as long as its layout', () => {
  test('the capture cut it: fields behind the cut have no value', () => {
    expect(brief(message('01aabbcc6554', 12)).slice(1)).toEqual([
      ['tag', 1, 3, 'aabbcc', '0xaabbcc', false],
      ['expiration', 4, 4, null, '6554 (2 of 4 bytes: the capture holds no more)', true],
      ['name', 8, 4, null, '(0 of 4 bytes: the capture holds no more)', true],
    ]);
  });

  test('the sender ended it too early: it says so', () => {
    expect(brief(message('01aabbcc6554')).slice(2)).toEqual([
      ['expiration', 4, 4, null, '6554 (2 of 4 bytes: the message ends here)', true],
      ['name', 8, 4, null, '(0 of 4 bytes: the message ends here)', true],
    ]);
  });

  test('bytes to the end of which some were not captured', () => {
    expect(brief(message('02c0ff', 9), PAYLOAD)[1]).toEqual([
      'data',
      1,
      8,
      null,
      'c0ff (2 of 8 bytes: the capture holds no more)',
      true,
    ]);
  });

  test('an empty message has all its fields, all cut', () => {
    expect(brief(message(''), PAYLOAD).map(node => node[5])).toEqual([true, true]);
  });

  test('bytes beyond the layout are trailing', () => {
    expect(brief(message('01aabbcc655433006a6f7300dead'))[4]).toEqual(['trailing', 12, 2, 'dead', 'dead', false]);
  });

  test('trailing bytes that were not captured', () => {
    expect(brief(message('01aabbcc655433006a6f7300de', 15))[4]).toEqual([
      'trailing',
      12,
      3,
      null,
      'de (1 of 3 bytes: the capture holds no more)',
      true,
    ]);
  });
});

describe('a field of JSON', () => {
  const letter = (json: string) => message(`03${Buffer.from(json).toString('hex')}`);
  const payload = (json: string) => fieldTree(letter(json), LETTER)[1];
  const flat = (nodes: readonly FieldNode[] = []) =>
    nodes.map(({ name, offset, length, value, display, json }) => [name, offset, length, value, display, json]);

  test('has its members as children, with their bytes in the message', () => {
    const node = payload('{"mid":"a","on": 3,"last":true,"next":null}');
    expect(node).toMatchObject({
      offset: 1,
      length: 43,
      value: null,
      display: '{4 members}',
      json: 'object',
      cut: false,
    });
    expect(flat(node.children)).toEqual([
      ['mid', 2, 9, 'a', '"a"', 'string'],
      ['on', 12, 7, 3, '3', 'number'],
      ['last', 20, 11, true, 'true', 'boolean'],
      ['next', 32, 11, null, 'null', 'null'],
    ]);
    expect(node.children?.map(({ children }) => children)).toEqual([undefined, undefined, undefined, undefined]);
  });

  test('what is in arrays and objects stands below them, items under their index', () => {
    const [files] = payload('{"files":[{"size":1},[]]}').children ?? [];
    expect(files).toMatchObject({ name: 'files', value: null, display: '[2 items]', json: 'array' });
    expect(flat(files.children)).toEqual([
      ['0', 11, 10, null, '{1 member}', 'object'],
      ['1', 22, 2, null, '[0 items]', 'array'],
    ]);
    expect(flat(files.children?.[0].children)).toEqual([['size', 12, 8, 1, '1', 'number']]);
    expect(files.children?.[1].children).toEqual([]);
  });

  test('members with one name are both there', () => {
    expect(payload('{"a":1,"a":2}').children?.map(({ name, value }) => [name, value])).toEqual([
      ['a', 1],
      ['a', 2],
    ]);
  });

  test.each<[written: string, value: number | string]>([
    ['9007199254740991', 9007199254740991],
    ['18446744073709551615', '18446744073709551615'],
    ['9007199254740993', '9007199254740993'],
    ['-1.5', -1.5],
    ['1.50', '1.50'],
    ['1e3', '1e3'],
    ['-0', '-0'],
  ])('the number %s is shown as it was written', (written, value) => {
    expect(payload(written)).toMatchObject({ value, display: written, json: 'number' });
  });

  test('names and strings are safe to show, their values are whole', () => {
    const [member] = payload('{"a\\u001b":"b\\u202e"}').children ?? [];
    expect(member).toMatchObject({ name: 'a\x1b', title: 'a\\x1b', value: 'b\u202e', display: '"b\\u{202e}"' });
  });

  test('what is no JSON is text, and it is said why', () => {
    const node = payload('{"a":}');
    expect(node).toMatchObject({ value: '{"a":}', display: '(not JSON: expected a value, at byte 6) {"a":}' });
    expect([node.json, node.children, node.cut]).toEqual([undefined, undefined, false]);
  });

  test('what is too deep is not called wrong', () => {
    expect(payload('['.repeat(100)).display).toMatch(/^\(not read as JSON: /);
  });

  test('what was not captured has no value', () => {
    const cut = message(`03${Buffer.from('{"a":1}').toString('hex')}`, 30);
    expect(fieldTree(cut, LETTER)[1]).toMatchObject({ value: null, cut: true });
  });

  test('more than can be shown is counted', () => {
    const node = payload(`[${'0,'.repeat(10_004)}0]`);
    expect(node.children).toHaveLength(10_001);
    expect(node.children?.at(-1)).toMatchObject({ name: '...', value: null, display: '(5 more)', offset: 20_002 });
  });

  test('what is in an item beyond the bound is counted there', () => {
    const node = payload(`[${'0,'.repeat(9_999)}[1,2],[3]]`);
    expect(node.children?.at(-2)).toMatchObject({ display: '[2 items]', children: [{ display: '(2 more)' }] });
    expect(node.children?.at(-1)).toMatchObject({ display: '(1 more)' });
  });
});
