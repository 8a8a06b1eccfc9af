import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Cutter, type CutterSink } from '../../src/framing/cutter.ts';
import { Budget } from '../../src/framing/partial-message.ts';
import { LENGTH_16, LENGTH_32 } from '../../src/framing/ready.ts';
import { type ExtentPlace, Extents, positionOf, UNPLACED } from '../../src/net/extents.ts';
import { hex } from '../../src/testkit/bytes.ts';
import { cut } from './cutting.ts';

describe('a length before each message', () => {
  test('a message in one segment, and two, and one of no bytes', () => {
    expect(cut(['0002 aabb', '0001 cc 0003 ddeeff', '0000']).reported).toEqual([
      '1 0002aabb',
      '2 0001cc',
      '2 0003ddeeff',
      '3 0000',
    ]);
  });

  test('a message is complete in the frame that brings its last byte', () => {
    expect(cut(['00', '02 aa', 'bb 00', '01 cc']).reported).toEqual(['3 0002aabb', '4 0001cc']);
  });

  test('of four bytes', () => {
    expect(cut(['00000002 aa', 'bb'], { framing: LENGTH_32 }).reported).toEqual(['2 00000002aabb']);
  });

  test('the same messages however the bytes are cut', () => {
    const messages = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 });
    const cuts = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(messages, cuts, (payloads, sizes) => {
        const framed = payloads.map(
          payload => `${payload.length.toString(16).padStart(4, '0')}${Buffer.from(payload).toString('hex')}`,
        );
        const stream = framed.join('');
        const steps: string[] = [];
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const size = sizes[turn % sizes.length] * 2;
          steps.push(stream.slice(at, at + size));
          at += size;
        }
        const { reported, left } = cut(steps);
        expect(reported.map(line => line.split(' ')[1])).toEqual(framed);
        expect(left).toBe(true);
      }),
    );
  });
});

describe('a message beyond the bound', () => {
  test('is reported where its head is complete, and ends the direction', () => {
    expect(cut(['0001 aa 0005 bb', 'cc 0001 dd'], { longest: 6 }).reported).toEqual([
      '1 0001aa',
      '1 too long 0005bb/7',
    ]);
  });

  test('is reported with a head in two segments', () => {
    expect(cut(['00', '05 bb'], { longest: 6 }).reported).toEqual(['2 too long 0005/7']);
  });

  test('takes no memory: the buffer grows with the bytes that come', () => {
    const { reported, refused } = cut(['00ffff00 aabb', 'cc'], { framing: LENGTH_32, budget: 5_000 });
    expect([reported, refused]).toEqual([[], 0]);
  });
});

describe('bytes that were lost', () => {
  test('inside a message leave it captured in part, and the next one whole', () => {
    expect(cut(['0004 aa', 2, 'bb 0001 cc']).reported).toEqual(['3 0004aa/6', '3 0001cc']);
  });

  test('leave nothing to the next message that comes in pieces', () => {
    const reported = ['3 0004aa/6', '5 0004ccddeeff', '6 0002aa/4', '8 0002bbbb'];
    expect(cut(['0004 aa', 2, 'bb 00', '04 ccdd', 'eeff 0002 aa', 1, '00', '02 bbbb']).reported).toEqual(reported);
  });

  test('up to the very end of a message end it', () => {
    expect(cut(['0004 aa', 3, '0001 cc']).reported).toEqual(['2 0004aa/6', '3 0001cc']);
  });

  test('beyond the end of a message lose the boundary, and the direction', () => {
    expect(cut(['0004 aa', 4, '0001 cc']).reported).toEqual(['2 0004aa/6', '2 lost']);
  });

  test('between messages lose the boundary', () => {
    expect(cut(['0001 aa', 3, '0001 cc', 5]).reported).toEqual(['1 0001aa', '2 lost']);
  });

  test('inside a head lose the boundary', () => {
    expect(cut(['0001 aa 00', 1, '0001 cc']).reported).toEqual(['1 0001aa', '2 lost']);
  });

  test('are got over where the protocol knows a beginning', () => {
    const resync = (bytes: Uint8Array, at: number) => bytes[at + 2] === 0xcc;
    expect(cut(['0001 aa', 9, 'bbbbbb', '0002 cc 01'], { resync }).reported).toEqual([
      '1 0001aa',
      '2 lost',
      '4 0002cc01',
    ]);
  });
});

describe('the end of a stream', () => {
  test('between messages is as it should be', () => {
    expect(cut(['0001 aa', 'end']).reported).toEqual(['1 0001aa']);
  });

  test('inside a message is reported on the frame of its last byte', () => {
    expect(cut(['0004 aa', 'bb', 'end']).reported).toEqual(['2 truncated 4 of 6']);
  });

  test('inside a head too', () => {
    expect(cut(['0001 aa 00', 'end']).reported).toEqual(['1 0001aa', '1 truncated 1 of 0']);
  });

  test('after a direction was given up is nothing to judge', () => {
    expect(cut(['0004 aa', 9, 'bb', 'end']).reported).toEqual(['2 0004aa/6', '2 lost']);
  });
});

describe('messages spread over segments of several directions', () => {
  test('keep their own bytes, in whichever order they begin and end', () => {
    const reported: string[] = [];
    const budget = new Budget(10_000);
    const sink: CutterSink = {
      message: (flow, side, bytes, start, length) =>
        reported.push(`${flow}.${side} ${Buffer.from(bytes.subarray(start, start + length)).toString('hex')}`),
      tooLong: () => reported.push('too long'),
      malformed: () => reported.push('malformed'),
      lost: () => reported.push('lost'),
      truncated: () => reported.push('truncated'),
    };
    const moment = { frame: 1, seconds: 0, nanoseconds: 0, base: UNPLACED };
    const cutter = new Cutter(sink, {
      protocol: 'toy',
      framing: LENGTH_16,
      longest: 9_000,
      resync: undefined,
      budget,
      moment,
    });
    const data = (flow: number, side: number, text: string) => cutter.data(flow, side, hex(text), 0, hex(text).length);
    data(1, 0, '0004 a1a1');
    data(1, 1, '0003 b1');
    data(1, 0, 'a2a2 0002 a3');
    data(2, 0, '0003 c1c1');
    data(1, 1, 'b2b2 0001');
    data(2, 0, 'c2');
    data(1, 0, 'a4');
    data(1, 1, 'b3');
    expect(reported).toEqual(['1.0 0004a1a1a2a2', '1.1 0003b1b2b2', '2.0 0003c1c1c2', '1.0 0002a3a4', '1.1 0001b3']);
    expect(budget.take(10_000)).toBe(true);
  });
});

describe('where a message lies', () => {
  /** Places of each message reported, of segments with a position each; a number is a loss. */
  function places(steps: readonly (readonly [position: number, text: string] | number)[], extents?: Extents) {
    const reported: (readonly ExtentPlace[] | undefined)[] = [];
    const moment = { frame: 1, seconds: 0, nanoseconds: 0, base: UNPLACED };
    const tell = (start: number, captured: number, base: number) =>
      reported.push(
        extents?.resolve(positionOf(base, start), captured) ?? [
          { position: positionOf(base, start), length: captured },
        ],
      );
    const sink: CutterSink = {
      message: (_flow, _side, _bytes, start, _length, captured, base) => tell(start, captured, base),
      tooLong: (_flow, _side, _bytes, start, _length, captured, base) => tell(start, captured, base),
      malformed: () => reported.push(undefined),
      lost: () => reported.push(undefined),
      truncated: () => reported.push(undefined),
    };
    const budget = new Budget(10_000);
    const cutter = new Cutter(sink, {
      protocol: 'toy',
      framing: LENGTH_16,
      longest: 100,
      resync: undefined,
      budget,
      moment,
      extents,
    });
    for (const step of steps) {
      if (typeof step === 'number') cutter.gap(3, 1, step);
      else {
        // The bytes begin at index 2 of their buffer.
        moment.base = step[0] - 2;
        cutter.data(3, 1, hex(`eeee ${step[1]}`), 2, 2 + hex(step[1]).length);
      }
    }
    return reported;
  }
  const place = (position: number, length: number): ExtentPlace => ({ position, length });

  test('in one segment is known anyway', () => {
    expect(places([[500, '0001aa 0002bbbb']])).toEqual([[place(500, 3)], [place(503, 4)]]);
  });

  test('in several is known where that was asked for', () => {
    const steps = [
      [500, '0001aa 00'],
      [900, '03bb'],
      [700, 'bbbb 0000'],
    ] as const;
    expect(places(steps, new Extents())).toEqual([
      [place(500, 3)],
      [place(503, 1), place(900, 2), place(700, 2)],
      [place(702, 2)],
    ]);
    expect(places(steps)).toEqual([[place(500, 3)], [place(-1, 5)], [place(702, 2)]]);
  });

  test('around a hole is that of the bytes before it', () => {
    const steps = [[500, '0006aa'], [900, 'aa'], 2, [700, 'aaaa 0000']] as const;
    const extents = new Extents();
    expect(places(steps, extents)).toEqual([[place(500, 3), place(900, 1)], [place(702, 2)]]);
    expect(extents.pieces).toBe(2);
  });

  test('beyond the bound is that of the bytes that were taken', () => {
    const steps = [
      [500, '00'],
      [900, 'ffaa'],
    ] as const;
    expect(places(steps, new Extents())).toEqual([[place(500, 1), place(900, 1)]]);
  });
});

describe('more bytes than may be held', () => {
  test('a message is kept in part and the next one found', () => {
    const big = 'ab'.repeat(3000);
    const { reported, refused } = cut(['1770', big, big, '0001 cc'], { budget: 4096 });
    expect(reported).toEqual([`3 1770${'ab'.repeat(3000)}/6002`, '4 0001cc']);
    expect(refused).toBeGreaterThan(0);
  });

  test('a head for which there is no room ends the direction, and is not guessed at', () => {
    const { reported } = cut(['00', '02 aabb'], { budget: 0 });
    expect(reported).toEqual(['2 lost']);
  });
});
