import { describe, expect, test } from 'vitest';
import { defineLayout } from '../../src/wire/layout.ts';
import { Message } from '../../src/wire/message.ts';

const { fields } = defineLayout({
  name: 'GREETING',
  code: 1,
  meaning: 'm',
  clause: 'c',
  fields: [
    { name: 'type', title: 'Type', offset: 0, size: 1, kind: 'uint', meaning: 'm', clause: 'c' },
    { name: 'tag', title: 'Tag', offset: 1, size: 3, kind: 'id', meaning: 'm', clause: 'c' },
    { name: 'count', title: 'Count', offset: 4, size: 4, kind: 'uint', meaning: 'm', clause: 'c' },
    { name: 'text', title: 'Text', offset: 8, size: 'rest', kind: 'text', meaning: 'm', clause: 'c' },
  ],
});

/** A message of which the hex was captured, among other bytes; `length` is what the carrier states. */
function message(hex: string, length = hex.length / 2): Message {
  const view = new Message();
  view.assign(Uint8Array.from(Buffer.from(`ffff${hex}ffff`, 'hex')), 2, length, hex.length / 2);
  return view;
}

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('a whole message', () => {
  const whole = message('01aabbcc000000026869');

  test('has all of its fields', () => {
    expect(Object.values(fields).every(field => whole.has(field))).toBe(true);
  });

  test('gives its bytes, and no others', () => {
    expect([whole.byte(0), whole.byte(9), whole.byte(10)]).toEqual([0x01, 0x69, -1]);
  });

  test('gives copies, clamped to what it is', () => {
    expect(hexOf(whole.copy())).toBe('01aabbcc000000026869');
    expect(hexOf(whole.copy(8))).toBe('6869');
    expect(hexOf(whole.copy(1, 4))).toBe('aabbcc');
    expect(hexOf(whole.copy(8, 100))).toBe('6869');
    expect(hexOf(whole.copy(50, 100))).toBe('');
    expect(hexOf(whole.copy(5, 3))).toBe('');
  });

  test('a copy does not change with the buffer', () => {
    const view = message('0102');
    const copy = view.copy();
    view.bytes.fill(0);
    expect(hexOf(copy)).toBe('0102');
  });

  test('a copy does not change with a buffer that is a Buffer', () => {
    const view = new Message();
    view.assign(Buffer.from('0102', 'hex'), 0, 2, 2);
    const copy = view.copy();
    view.bytes.fill(0);
    expect(copy).toEqual(Uint8Array.of(1, 2));
  });

  test('reads integers in its byte order, identifiers as they stand', () => {
    const view = message('01aabbcc00000002');
    expect([view.uint(fields.tag), view.uint(fields.count)]).toEqual([0xaabbcc, 2]);
    view.littleEndian = true;
    expect([view.uint(fields.tag), view.uint(fields.count)]).toEqual([0xaabbcc, 0x02000000]);
  });
});

describe('a message that is not all there', () => {
  test('has the fields before the cut', () => {
    const view = message('01aabbcc00', 10);
    expect(Object.values(fields).map(field => view.has(field))).toEqual([true, true, false, false]);
    expect([view.byte(4), view.byte(5)]).toEqual([0, -1]);
    expect(hexOf(view.copy(3))).toBe('cc00');
  });

  test('has a field that ends where the cut is', () => {
    expect(message('01aabbcc', 10).has(fields.tag)).toBe(true);
    expect(message('01aabb', 10).has(fields.tag)).toBe(false);
  });

  test('has the rest only when nothing of it is missing', () => {
    expect(message('01aabbcc0000000268', 10).has(fields.text)).toBe(false);
    expect(message('01aabbcc00000002').has(fields.text)).toBe(true);
  });

  test('does not have a rest that begins beyond its end', () => {
    expect(message('01aabbcc').has(fields.text)).toBe(false);
  });

  test('is empty', () => {
    const view = message('');
    expect([view.byte(0), view.has(fields.type), hexOf(view.copy())]).toEqual([-1, false, '']);
  });
});

describe('the view, reused', () => {
  test('forgets the byte order of the message before', () => {
    const view = message('01');
    view.littleEndian = true;
    view.assign(Uint8Array.of(1, 2), 0, 2, 2);
    expect(view.littleEndian).toBe(false);
  });

  test('never holds more than the carrier states: padding is not the message', () => {
    const view = new Message();
    view.assign(Uint8Array.of(1, 2, 3, 4), 0, 2, 4);
    expect([view.captured, view.byte(2), hexOf(view.copy())]).toEqual([2, -1, '0102']);
  });
});
