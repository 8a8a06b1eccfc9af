/** A stream that is spread over segments gives what it gives as a whole, in time and memory that its bytes account for. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Framing } from '../../src/framing/framing.ts';
import { READY } from '../../src/framing/ready.ts';
import { lengthFraming, lineFraming, MALFORMED, MORE, recordFraming, varintFraming } from '../../src/sdk.ts';
import { contents, cut } from './cutting.ts';

const FRAMINGS: readonly Framing[] = [
  ...READY,
  lengthFraming({ bytes: 2, offset: 1, uncounted: 0, longest: 300 }),
  varintFraming({ offset: 1, longest: 300 }),
  lineFraming({ end: 'crlf', longest: 8 }),
  lineFraming({ end: 'lf', longest: 5 }),
  lineFraming({ end: 'either', hidden: false, longest: 8 }),
  recordFraming(7),
];

/** Bytes among which those are frequent that framings look at. */
const stream = fc.uint8Array({ maxLength: 200 }).chain(bytes =>
  fc
    .array(fc.constantFrom(0x0d, 0x0a, 0x00, 0x01, 0x02, 0x05, 0x80, 0xff), {
      minLength: bytes.length,
      maxLength: bytes.length,
    })
    .chain(special =>
      fc
        .array(fc.boolean(), { minLength: bytes.length, maxLength: bytes.length })
        .map(choose => bytes.map((byte, i) => (choose[i] ? special[i] : byte))),
    ),
);
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** The same without how much of a message beyond the bound had come when that was clear. */
const findings = (lines: readonly string[]) =>
  lines.map(line => (line.startsWith('too long') ? line.replace(/ [0-9a-f]+(?=\/[1-9])/, '') : line));

describe.each(FRAMINGS.map(framing => ({ name: `${framing.id}, at most ${framing.longest}`, framing })))(
  '$name',
  ({ framing }) => {
    test('byte by byte, in two, in any pieces', () => {
      fc.assert(
        fc.property(
          stream,
          fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }),
          (bytes, sizes) => {
            const whole = findings(contents([text(bytes), 'end'], { framing }));
            const pieces = (sizeOf: (turn: number) => number) => {
              const steps: string[] = [];
              for (let at = 0, turn = 0; at < bytes.length; turn++) {
                steps.push(text(bytes.subarray(at, at + sizeOf(turn))));
                at += sizeOf(turn);
              }
              return findings(contents([...steps, 'end'], { framing }));
            };
            expect(pieces(() => 1)).toEqual(whole);
            for (let half = 1; half < bytes.length; half += 7)
              expect(pieces(turn => (turn === 0 ? half : 1_000))).toEqual(whole);
            expect(pieces(turn => sizes[turn % sizes.length])).toEqual(whole);
          },
        ),
        { numRuns: 60 },
      );
    });

    test('gives back all that it held', () => {
      fc.assert(
        fc.property(fc.array(fc.oneof(stream.map(text), fc.integer({ min: 1, max: 50 })), { maxLength: 12 }), steps => {
          expect(cut(steps, { framing }).left).toBe(true);
        }),
        { numRuns: 60 },
      );
    });
  },
);

/** A frame begins with 7e and ends with the next 7e; the byte behind the first is no 00. Behind a fault the next 7e begins one. */
const FLAGS: Framing = {
  ...varintFraming(),
  id: 'flags',
  headLength: 1,
  hidden: 0,
  longest: 10,
  lengthOf: (bytes, at, end, searchedTo) => {
    if (bytes[at] !== 0x7e || (end - at > 1 && bytes[at + 1] === 0)) return MALFORMED;
    for (let i = Math.max(searchedTo, at + 1); i < end; i++) if (bytes[i] === 0x7e) return i + 1 - at;
    return MORE;
  },
  beginning: (bytes, at, end) =>
    bytes.subarray(at, end).indexOf(0x7e) + (bytes.subarray(at, end).includes(0x7e) ? at : 0),
};

describe('a framing that knows a beginning', () => {
  test('goes on behind what is malformed, each fault once', () => {
    expect(contents(['7e aa 7e bb bb 7e cc 7e 7e 00 7e dd 7e'], { framing: FLAGS })).toEqual([
      '7eaa7e',
      'malformed bb',
      '7ecc7e',
      'malformed 7e00',
      '7edd7e',
    ]);
  });

  test('does so however the bytes are cut', () => {
    const bytes = fc.array(fc.constantFrom('7e', '00', 'aa', 'bb'), { maxLength: 60 });
    fc.assert(
      fc.property(bytes, fc.integer({ min: 1, max: 9 }), (all, size) => {
        const steps = Array.from({ length: Math.ceil(all.length / size) }, (_, i) =>
          all.slice(i * size, (i + 1) * size).join(''),
        );
        expect(contents(steps, { framing: FLAGS })).toEqual(contents([all.join('')], { framing: FLAGS }));
      }),
    );
  });

  test('a protocol that knows one goes on at the next segment that begins with it', () => {
    const framing = varintFraming();
    const resync = (bytes: Uint8Array, at: number) => bytes[at] === 1;
    expect(contents(['01aa ffffffff 01bb', '02', '01cc'], { framing, resync })).toEqual([
      '01aa',
      'malformed ffffffff',
      '01cc',
    ]);
    expect(contents(['01aa ffffffff', '01cc'], { framing })).toEqual(['01aa', 'malformed ffffffff']);
  });
});

describe('a line of 250,000 bytes that comes byte by byte', () => {
  const LENGTH = 250_000;
  const steps = [...Array.from({ length: LENGTH - 1 }, () => '61'), '0a'];

  test('is looked through once', () => {
    const plain = lineFraming({ end: 'lf', longest: LENGTH });
    let looked = 0;
    const framing: Framing = {
      ...plain,
      lengthOf: (bytes, at, end, searchedTo, notes) => {
        looked += end - searchedTo;
        return plain.lengthOf(bytes, at, end, searchedTo, notes);
      },
    };
    const { reported, refused } = cut(steps, { framing, budget: 4 * LENGTH });
    expect([reported.length, refused, looked]).toEqual([1, 0, LENGTH]);
  });

  test('that has no end is held up to the bound and no further', () => {
    const framing = lineFraming({ end: 'lf', longest: 1_000 });
    const { reported, refused } = cut(steps.slice(0, 50_000), { framing, budget: 4_096 });
    expect(reported.map(line => line.slice(0, 15))).toEqual(['1000 too long 6']);
    expect(refused).toBe(0);
  });
});

describe('a list whose items have lengths of their own', () => {
  let looked = 0;
  /** A count of 2 bytes, then so many items, each behind its length in a byte. Notes: where the next item begins, and its number. */
  const list: Framing = {
    ...lengthFraming({ bytes: 2, hidden: 0, uncounted: 0, longest: 1_000_000 }),
    notes: 2,
    lengthOf: (bytes, at, end, _searchedTo, notes) => {
      const count = bytes[at] * 256 + bytes[at + 1];
      let next = Math.max(2, notes[0]);
      let item = notes[1];
      for (; item < count && at + next < end; item++) {
        looked++;
        next += 1 + bytes[at + next];
      }
      notes[0] = next;
      notes[1] = item;
      return item < count || at + next > end ? MORE : next;
    },
  };

  test('is gone on with where it was left: each item is looked at once, also byte by byte', () => {
    looked = 0;
    const count = 50_000;
    const bytes = ['c3', '50', ...Array.from({ length: count }, () => ['01', 'aa']).flat(), '00', '00'];
    expect(cut(bytes, { framing: list }).reported.map(line => line.length)).toEqual([4 * count + 4 + 7, 11]);
    expect(looked).toBe(count);
  });

  test('does not mix up what was noted of one list with the next one, in one segment or two', () => {
    const lists = '0003 01aa 00 02bbcc 0000 0002 00 01dd';
    const expected = ['000301aa0002bbcc', '0000', '00020001dd'];
    expect(contents([lists], { framing: list })).toEqual(expected);
    const bytes = lists.replaceAll(' ', '').match(/../g) ?? [];
    for (let size = 1; size < bytes.length; size++) {
      const steps = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.slice(i * size, (i + 1) * size),
      );
      expect(
        contents(
          steps.map(step => step.join('')),
          { framing: list },
        ),
      ).toEqual(expected);
    }
  });

  test('begins anew behind bytes that were lost', () => {
    const steps = ['0003 01aa', 2, '0002 00 01dd'];
    const resync = () => true;
    expect(contents(steps, { framing: list, resync })).toEqual(['lost', '00020001dd']);
  });
});

test('a head that is not held is no reason to guess', () => {
  expect(contents(['61', '62', '0a63 0a'], { framing: lineFraming({ end: 'lf' }), budget: 0 })).toEqual([
    'lost',
    '630a',
  ]);
});

describe('a message of which not all is held', () => {
  test('has its true length, and the next one is where it was', () => {
    const { reported, left } = cut(['0008 aabb', 'cccc', 'dddd dddd 0001 ee'], { keep: 5 });
    expect(reported).toEqual(['3 0008aabbcc/10', '3 0001ee']);
    expect(left).toBe(true);
  });

  test('takes no more room than that, however long it is', () => {
    const framing = lengthFraming({ bytes: 4, longest: 2 ** 32 - 1 });
    const filling = 'ab'.repeat(50_000);
    const steps = ['000f4240', ...Array.from({ length: 20 }, () => filling), '00000001 cc'];
    const { reported, refused } = cut(steps, { framing, keep: 8, budget: 64 });
    expect([reported, refused]).toEqual([['21 000f4240abababab/1000004', '22 00000001cc'], 0]);
  });

  test('may lose bytes behind what is held, and is cut where it loses some before', () => {
    expect(contents(['0008 aabbcc', 5, '0001 ee'], { keep: 4 })).toEqual(['0008aabb/10', '0001ee']);
    expect(contents(['0008 aa', 3, 'dddddddd 0001 ee'], { keep: 4 })).toEqual(['0008aa/10', '0001ee']);
  });
});
