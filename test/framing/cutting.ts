/** What a cutter makes of a stream that a test writes down, one line for each thing that it reports. */
import { Cutter, type CutterSink } from '../../src/framing/cutter.ts';
import type { Framing } from '../../src/framing/framing.ts';
import { Budget } from '../../src/framing/partial-message.ts';
import { LENGTH_16 } from '../../src/framing/ready.ts';
import { UNPLACED } from '../../src/net/extents.ts';
import { hex } from '../../src/testkit/bytes.ts';

/** A step of a stream: bytes in hex, a loss of so many bytes, or its end. */
export type Step = string | number | 'end';

export interface Setting {
  readonly framing?: Framing;
  readonly longest?: number;
  readonly budget?: number;
  readonly keep?: number;
  readonly resync?: (bytes: Uint8Array, at: number, end: number) => boolean;
}

/**
 * What the cutter says to the steps, each in its own frame: `5 0001/4` is the first two of four bytes, reported in
 * frame 5.
 */
export function cut(
  steps: readonly Step[],
  { framing = LENGTH_16, longest, budget = 1_000_000, keep, resync }: Setting = {},
) {
  const reported: string[] = [];
  const moment = { frame: 0, seconds: 0, nanoseconds: 0, base: UNPLACED };
  const show = (bytes: Uint8Array, start: number, length: number, captured: number, _base: number) => {
    const text = Buffer.from(bytes.subarray(start, start + captured)).toString('hex');
    return captured === length ? text : `${text}/${length}`;
  };
  const sink: CutterSink = {
    message: (_flow, _side, ...part) => reported.push(`${moment.frame} ${show(...part)}`),
    tooLong: (_flow, _side, ...part) => reported.push(`${moment.frame} too long ${show(...part)}`),
    malformed: (_flow, _side, bytes, start, captured) =>
      reported.push(`${moment.frame} malformed ${show(bytes, start, captured, captured, 0)}`),
    lost: () => reported.push(`${moment.frame} lost`),
    truncated: (_flow, _side, part) => reported.push(`${part.last.frame} truncated ${part.position} of ${part.length}`),
  };
  const room = new Budget(budget);
  const cutter = new Cutter(sink, {
    protocol: 'toy',
    framing,
    longest: longest ?? framing.longest,
    keep,
    resync,
    budget: room,
    moment,
  });
  for (const step of steps) {
    moment.frame++;
    if (step === 'end') cutter.end(3, 1);
    else if (typeof step === 'number') cutter.gap(3, 1, step);
    else cutter.data(3, 1, hex(step), 0, hex(step).length);
  }
  cutter.forget(3);
  return { reported, refused: room.refused, left: room.take(budget) };
}

/** The same without the frames: what came out, however it was cut into segments. */
export function contents(steps: readonly Step[], setting: Setting = {}): string[] {
  return cut(steps, setting).reported.map(line => line.slice(line.indexOf(' ') + 1));
}
