/** A changed message, put back on the wire: its length is right, the rest of what is hidden as it was. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import type { Framing } from '../../src/framing/framing.ts';
import { READY } from '../../src/framing/ready.ts';
import { ownFramings } from '../../src/protocol/carrier.ts';
import { wrappingProblems } from '../../src/protocol/contract-editing.ts';
import { lengthFraming, lineFraming, recordFraming, varintFraming } from '../../src/sdk.ts';
import { hex } from '../../src/testkit.ts';

const wrapped = (framing: Framing, content: string, sample = '') =>
  Buffer.from(framing.wrap!(hex(content), hex(sample))).toString('hex');

describe('a length', () => {
  test.each<[string, Framing, string, string, string]>([
    ['in view, at byte 2', lengthFraming({ bytes: 2, offset: 2 }), '0102 ffff aabbcc', '', '01020003aabbcc'],
    ['that counts the whole message', lengthFraming({ bytes: 2, uncounted: 0 }), 'aabb', '', '0004aabb'],
    [
      'behind what is hidden, too',
      lengthFraming({ bytes: 1, offset: 2, hidden: 3 }),
      'aabb',
      '0708 09 dd',
      '070802aabb',
    ],
    [
      'behind what is hidden, of no message',
      lengthFraming({ bytes: 1, offset: 2, hidden: 3 }),
      'aabb',
      '',
      '000002aabb',
    ],
    [
      'that stands in view behind what is hidden',
      lengthFraming({ bytes: 1, offset: 2, hidden: 1 }),
      '08 ff aabb',
      '07',
      '070802aabb',
    ],
    ['of variable size, in view', varintFraming({ offset: 1, hidden: false }), '30 ff7f aabb', '', '3002aabb'],
    [
      'of variable size that has more bytes than it may',
      varintFraming({ offset: 1, hidden: false }),
      '30 ffffffff aabb',
      '',
      '3002aabb',
    ],
    [
      'of variable size, hidden with what is before it',
      varintFraming({ offset: 1, hidden: true }),
      'aabb',
      '31 05 00',
      '3102aabb',
    ],
  ])('%s', (_what, framing, content, sample, wire) => {
    expect(wrapped(framing, content, sample)).toBe(wire);
  });
});

describe('a line', () => {
  test.each<[string, Framing, string, string, string]>([
    ['ends as it did', lineFraming({ end: 'either' }), '61', '62620d0a', '610d0a'],
    ['ends with LF where nothing is known', lineFraming({ end: 'either' }), '61', '', '610a'],
    ['whose end is in view has it once', lineFraming({ end: 'crlf', hidden: false }), '610d0a', '', '610d0a'],
    ['whose end is in view gets it', lineFraming({ end: 'crlf', hidden: false }), '61', '', '610d0a'],
    ['may hold LF where CR LF ends it', lineFraming({ end: 'crlf' }), '610a62', '', '610a620d0a'],
  ])('%s', (_what, framing, content, sample, wire) => {
    expect(wrapped(framing, content, sample)).toBe(wire);
  });
});

test.each<[string, Framing, string]>([
  ['a line with an end in it', lineFraming({ end: 'lf' }), '610a62'],
  ['a line with CR LF in it', lineFraming({ end: 'crlf' }), '610d0a62'],
  ['a record of another size', recordFraming(3), 'aabb'],
  ['a message that is shorter than its head', lengthFraming({ bytes: 2, offset: 2 }), '0102'],
  ['a message without its varint', varintFraming({ offset: 1, hidden: false }), '30'],
  ['a message that is longer than its length can say', lengthFraming({ bytes: 1 }), '61'.repeat(256)],
  ['a message of less than its length leaves out', lengthFraming({ bytes: 1, uncounted: 9 }), '61'],
])('%s is refused', (_what, framing, content) => {
  expect(() => wrapped(framing, content)).toThrow(RangeError);
});

const OWN = protocols.flatMap(protocol => [...ownFramings(protocol), ...(protocol.framing ? [protocol.framing] : [])]);

describe.each([...READY, ...OWN, recordFraming(31), lengthFraming({ bytes: 2, offset: 3, hidden: 1, uncounted: 0 })])(
  '$id',
  framing => {
    test('wraps what it cuts again to the same message', () => {
      expect(framing.wrap).toBeDefined();
      expect(wrappingProblems(framing)).toEqual([]);
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 20 }), (content, sample) => {
          let wire: Uint8Array;
          try {
            wire = framing.wrap!(content, sample);
          } catch (error) {
            expect(error).toBeInstanceOf(RangeError);
            return;
          }
          expect(framing.lengthOf(wire, 0, wire.length, 0, new Float64Array(0))).toBe(wire.length);
          const hidden = framing.hiddenOf?.(wire, 0, wire.length) ?? framing.hidden;
          const atEnd = framing.hiddenAtEndOf?.(wire, 0, wire.length) ?? framing.hiddenAtEnd ?? 0;
          const within = wire.subarray(hidden, wire.length - atEnd);
          expect(Buffer.from(framing.wrap!(within, wire)).equals(wire)).toBe(true);
        }),
        { numRuns: 200 },
      );
    });
  },
);
