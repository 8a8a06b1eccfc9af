import { describe, expect, test } from 'vitest';
import { defineLayout } from '../../src/wire/layout.ts';
import { Message } from '../../src/wire/message.ts';
import { fieldTree } from '../../src/wire/tree.ts';

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
