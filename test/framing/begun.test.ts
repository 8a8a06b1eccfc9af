/** Where the messages of a stream begin and end in it, for those who watch. */
import { describe, expect, test } from 'vitest';
import { Cutter, type CutterSink } from '../../src/framing/cutter.ts';
import { type Framing, MALFORMED } from '../../src/framing/framing.ts';
import { Budget } from '../../src/framing/partial-message.ts';
import { LENGTH_16 } from '../../src/framing/ready.ts';
import { MALFORMED_HEAD } from '../../src/framing/rules.ts';
import { UNPLACED } from '../../src/net/extents.ts';
import { hex } from '../../src/testkit/bytes.ts';

/** Bytes in hex, in a frame each; a number stands for so many that were lost. */
type Step = string | number | 'end';

/**
 * `0-4 @1 acks 10` for each thing that the cutter tells of: its place, the frame of its first byte, and ten times that as
 * what the segment acknowledges; every third segment is a retransmission.
 */
function begun(steps: readonly Step[], framing: Framing = LENGTH_16): string[] {
  const origin = { frame: 0, seconds: 0, nanoseconds: 0, isResent: false, acknowledged: -1, at: 0 };
  const reported: string[] = [];
  const show = (what: string) => {
    const { at, end, frame, acknowledged, isResent } = cutter.begun;
    reported.push(`${what}${at}-${end} @${frame} acks ${acknowledged}${isResent ? ', resent' : ''}`);
  };
  const sink: CutterSink = {
    message: () => show(''),
    tooLong: () => show('too long '),
    malformed: () => show('malformed '),
    lost: () => {},
    truncated: () => show('truncated '),
  };
  const moment = { frame: 0, seconds: 0, nanoseconds: 0, base: UNPLACED };
  const cutter = new Cutter(sink, {
    protocol: 'toy',
    framing,
    longest: 100,
    resync: undefined,
    budget: new Budget(1000),
    moment,
    origin,
  });
  let at = 0;
  for (const step of steps) {
    origin.frame++;
    origin.acknowledged = origin.frame * 10;
    origin.isResent = origin.frame % 3 === 0;
    origin.at = at;
    if (step === 'end') cutter.end(3, 1);
    else if (typeof step === 'number') {
      cutter.gap(3, 1, step);
      at += step;
    } else {
      const bytes = hex(step);
      cutter.data(3, 1, bytes, 0, bytes.length);
      at += bytes.length;
    }
  }
  return reported;
}

describe('a message begins', () => {
  test('where the one before ends, in the segment that holds its first byte', () => {
    expect(begun(['0001aa 0001bb 0001', 'cc', '0000'])).toEqual([
      '0-3 @1 acks 10',
      '3-6 @1 acks 10',
      '6-9 @1 acks 10',
      '9-11 @3 acks 30, resent',
    ]);
  });

  test('with the first part of its head, and the next one behind it in the same segment', () => {
    expect(begun(['00', '02', 'aa', 'bb 00', '00 00'])).toEqual(['0-4 @1 acks 10', '4-6 @4 acks 40']);
  });

  test('behind what was lost, and is as long as on the wire', () => {
    expect(begun(['0004aa', 2, 'bb 0000'])).toEqual(['0-6 @1 acks 10', '6-8 @3 acks 30, resent']);
  });

  test('and ends with the stream, as far as it has come', () => {
    expect(begun(['0000 0003aa', 'end'])).toEqual(['0-2 @1 acks 10', 'truncated 2-7 @1 acks 10']);
    expect(begun(['0000', '00', 'end'])).toEqual(['0-2 @1 acks 10', 'truncated 2-3 @2 acks 20']);
  });

  test('where it is too long', () => {
    expect(begun(['0000 0100'])).toEqual(['0-2 @1 acks 10', 'too long 2-260 @1 acks 10']);
    expect(begun(['0000', '01', '00'])).toEqual(['0-2 @1 acks 10', 'too long 2-260 @2 acks 20']);
  });

  test('where what comes can be none', () => {
    const lengthOf = (bytes: Uint8Array, at: number) => (bytes[at] === 0 ? 2 : MALFORMED);
    const framing: Framing = { ...LENGTH_16, lengthOf, malformed: MALFORMED_HEAD };
    expect(begun(['0000', 'ff', 'ff'], framing)).toEqual(['0-2 @1 acks 10', 'malformed 2-4 @2 acks 20']);
    expect(begun(['0000 ffff'], framing)).toEqual(['0-2 @1 acks 10', 'malformed 2-4 @1 acks 10']);
  });
});
