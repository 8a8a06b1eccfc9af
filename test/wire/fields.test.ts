import { describe, expect, expectTypeOf, test } from 'vitest';
import { bytes, id, json, text, uint, unixTime, type ValuesOf } from '../../src/wire/fields.ts';
import { layoutOf } from '../../src/wire/layout.ts';
import { Message } from '../../src/wire/message.ts';
import { fieldTree } from '../../src/wire/tree.ts';

const HEAD = { code: 1, meaning: 'asks for a value', clause: '2.1' };

/** The whole message in hex. */
function message(hex: string): Message {
  const view = new Message();
  const all = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  view.assign(all, 0, all.length, all.length);
  return view;
}

describe('fields one behind the other', () => {
  const GET = layoutOf('GET', HEAD, [
    uint('type', 1, { labels: { 1: 'GET' }, brief: false }),
    id('cookie', 4, 'as the client chose it'),
    unixTime('expires', { title: 'Expiry', clause: '2.4' }),
    text('key', 'rest'),
  ]);

  test('are where those before them end', () => {
    expect(GET.rows.map(({ name, offset, size, rest }) => [name, offset, size, rest])).toEqual([
      ['type', 0, 1, false],
      ['cookie', 1, 4, false],
      ['expires', 5, 4, false],
      ['key', 9, 0, true],
    ]);
    expect([GET.fixedLength, GET.open]).toEqual([9, true]);
  });

  test('say what their author said, and the rest by default', () => {
    const told = GET.rows.map(({ title, meaning, clause, brief }) => [title, meaning, clause, brief]);
    expect(told).toEqual([
      ['Type', '', '2.1', false],
      ['Cookie', 'as the client chose it', '2.1', true],
      ['Expiry', '', '2.4', true],
      ['Key', '', '2.1', true],
    ]);
  });

  test('are read like those of a table with offsets', () => {
    const nodes = fieldTree(message('01 0a0b0c0d 6553f100 6b31'), GET);
    expect(nodes.map(({ display }) => display)).toEqual(['GET (1)', '0x0a0b0c0d', '2023-11-14T22:13:20Z', 'k1']);
  });

  test.each([
    ['reasonCode', 'Reason code'],
    ['clientID', 'Client ID'],
    ['id', 'Id'],
    ['crc32Sum', 'Crc32 sum'],
  ])('%s has the title %s', (name, title) => {
    expect(uint(name, 1).title).toBe(title);
  });

  test('have their names and values in their types', () => {
    type Values = ValuesOf<typeof specs>;
    const specs = [uint('id', 2), text('key', 'rest'), bytes('data', 4), json('body'), uint('serial', 8)] as const;
    expectTypeOf<Values>().toEqualTypeOf<{
      readonly id: number;
      readonly key: string;
      readonly data: string;
      readonly body: string;
      readonly serial: number | string;
    }>();
    expectTypeOf(GET.fields).toHaveProperty('cookie');
    expectTypeOf(GET.fields).not.toHaveProperty('crumb');
  });
});

describe('an integer of many bytes', () => {
  const WIDE = layoutOf('WIDE', HEAD, [uint('big', 8), uint('little', 8, { littleEndian: true }), uint('five', 5)]);

  test.each([
    ['ffffffffffffffff', '18446744073709551615'],
    ['0020000000000000', '9007199254740992'],
    ['0020000000000001', '9007199254740993'],
    ['001fffffffffffff', 9007199254740991],
    ['0000000100000002', 4294967298],
  ])('%s is %s in either order', (hex, value) => {
    const reversed = Buffer.from(hex, 'hex').reverse().toString('hex');
    const view = message(`${hex}${reversed}8000000001`);
    expect([view.wide(WIDE.fields.big), view.wide(WIDE.fields.little)]).toEqual([value, value]);
    expect(view.uint(WIDE.fields.five)).toBe(0x8000000001);
    expect(fieldTree(view, WIDE)[0]).toMatchObject({ value, display: String(value) });
  });

  test('follows the order of the message unless it has one of its own', () => {
    const view = message('0100000000000000 0100000000000000 0100000000');
    view.littleEndian = true;
    const { big, little, five } = WIDE.fields;
    expect([view.uint(big), view.uint(little), view.uint(five)]).toEqual([1, 1, 1]);
  });
});
