/** What one share of a capture notes for the others, made up. */
import type { RecordedShare } from '../../src/blob/recorder.ts';

/** What was recorded of the second share of a capture, in which a protocol has noted this. */
export function recordedShare(noted: unknown, unseenSince = 0): RecordedShare {
  const time = { seconds: 1, nanoseconds: 2 };
  const report = {
    ...{ id: 1, protocol: 'mnet', capture: 0, client: 'c', server: 's', start: time, end: time, state: 'OPEN' },
    ...{ messages: 3, verdict: 'inconclusive' as const, reasons: [] },
  };
  const ended = { report, marks: 5, moment: 2 ** 50 };
  const notable = [{ ...ended, excuse: undefined }];
  const plain = [{ ...ended, excuse: 'late' }];
  const notes = {
    ...{ index: 1, whole: undefined, span: 0.5, isCrowded: false, unseenSince, presumed: -1, opened: [3, 4] },
    ...{ said: new Map([['a', 4]]), mapped: [9], listed: 2, lostPairs: 1 },
    ...{ held: Float64Array.of(2 ** 52, 5), asked: Float64Array.of(1, 6) },
    lanes: [{ closed: { opened: 2, notable, plain, byMarks: [0, 2], remarkedAt: [8] }, noted }],
    ledgers: [{ given: [0, 12], found: [0, 1], capacity: 1024, hasForgotten: false }],
  };
  return { notes, moments: [4, 2 ** 48] };
}
