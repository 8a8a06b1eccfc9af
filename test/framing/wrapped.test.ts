/** Messages put behind their length or before their end of line are what the framing of that name cuts out again. */
import { describe, expect, test } from 'vitest';
import { READY } from '../../src/framing/ready.ts';
import { framed, hex } from '../../src/testkit.ts';

const shown = (framing: string, message: string) => Buffer.from(framed(framing, message)).toString('hex');

test.each([
  ['length8', '0105'],
  ['length24', '00000105'],
  ['length32-le', '0100000005'],
  ['varint', '0105'],
  ['lines-crlf', '050d0a'],
  ['lines', '050a'],
  ['datagram', '05'],
])('%s', (framing, wire) => {
  expect(shown(framing, '05')).toBe(wire);
});

const NO_NOTES = new Float64Array(0);

describe.each(READY)('$id', ({ id, lengthOf }) => {
  test.each([0, 1, 127, 128, 255])('says the length of a message of %i bytes', size => {
    const wire = framed(id, new Uint8Array(size).fill(0x61));
    expect(lengthOf(wire, 0, wire.length, 0, NO_NOTES)).toBe(wire.length);
    expect(wire.length).toBeGreaterThan(size);
  });
});

test('a length of several bytes of seven bits has the lowest first', () => {
  expect(framed('varint', new Uint8Array(300)).subarray(0, 2)).toEqual(hex('ac 02'));
});

test('a message that is longer than its length can say, and a name that is none, are refused', () => {
  expect(() => framed('length8', new Uint8Array(256))).toThrow(/256 bytes are more than length8 can say/);
  expect(() => framed('pigeon', '05')).toThrow(/no ready framing is called pigeon/);
});
