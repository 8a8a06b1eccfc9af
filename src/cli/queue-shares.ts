/**
 * A share of a capture's flows on its way through a queue: which one it is, and what was noted that puts it together with the
 * others. Plain data that is checked where it is read; what a protocol has noted the protocol alone understands.
 */
import { connection } from '../blob/captured.ts';
import type { RecordedShare } from '../blob/recorder.ts';
import { count, covering, flag, list, mapOf, number, record, type Shape, ShapeError, text } from '../blob/shape.ts';
import { CLASSES } from '../net/hosts.ts';
import type { ClosedConnection, ClosedConnections } from '../protocol/connections.ts';
import { type FlowShare, MOST_SHARES } from '../run/share.ts';
import type { LaneNotes, ShareNotes } from '../run/share-log.ts';
import type { FlowPart, JudgingTask } from './judging.ts';

const finite: Shape<number> = value => {
  const given = number(value);
  if (!Number.isFinite(given)) throw new ShapeError('no finite number');
  return given;
};

const share = covering<FlowShare>()(record({ index: count, of: count, classes: count }));

const anyPart = covering<FlowPart>()(record({ share }, { unseenSince: finite }));

export const part: Shape<FlowPart> = value => {
  const given = anyPart(value);
  const { index, of, classes } = given.share;
  if (of < 2 || of > MOST_SHARES) throw new ShapeError(`not from 2 to ${MOST_SHARES}`, ['share', 'of']);
  if (index >= of) throw new ShapeError(`no share of ${of}`, ['share', 'index']);
  if (classes < 1 || classes >= 2 ** CLASSES) throw new ShapeError('no classes of hosts', ['share', 'classes']);
  return given;
};

const closed = covering<ClosedConnection>()(
  record({ report: connection, marks: count, moment: number }, { excuse: text }),
);

const allClosed = covering<ClosedConnections>()(
  record({
    opened: count,
    notable: list(closed),
    plain: list(closed),
    byMarks: list(count),
    remarkedAt: list(number),
  }),
);

const ledger = covering<ShareNotes['ledgers'][number]>()(
  record({ given: list(number), found: list(number), capacity: number, hasForgotten: flag }),
);

const lane = covering<LaneNotes>()(record({ closed: allClosed }, { noted: (value: unknown) => value }));

const byHash: Shape<Float64Array> = value => {
  const given = list(number)(value);
  if (given.length % 2 === 1) throw new ShapeError('no pairs');
  return Float64Array.from(given);
};

const notes = covering<ShareNotes>()(
  record(
    {
      index: count,
      span: number,
      isCrowded: flag,
      presumed: number,
      opened: list(number),
      said: mapOf(number),
      mapped: list(number),
      lanes: list(lane),
      listed: count,
      lostPairs: count,
      held: byHash,
      asked: byHash,
      ledgers: list(ledger),
    },
    /** Absent: never. */
    { whole: text, unseenSince: number },
  ),
);

const given = covering<RecordedShare>()(record({ notes, moments: list(number) }));

/** @throws ShapeError */
export const recorded: Shape<RecordedShare> = value => {
  const { notes: read, moments } = given(value);
  const { whole, unseenSince = Number.POSITIVE_INFINITY } = read;
  const lanes = read.lanes.map(({ closed: { notable, plain, ...others }, noted }) => ({
    closed: { ...others, notable: notable.map(withExcuse), plain: plain.map(withExcuse) },
    noted,
  }));
  return { notes: { ...read, whole, unseenSince, lanes }, moments };
};

const withExcuse = <T extends { readonly excuse?: string }>(from: T) => ({ ...from, excuse: from.excuse });

/** What JSON is made of; undefined where a protocol has noted what JSON does not have, and would not come back. */
export function recordedJson({ notes: own, moments }: RecordedShare): object | undefined {
  if (!own.lanes.every(({ noted }) => noted === undefined || isPlain(noted))) return undefined;
  const unseenSince = Number.isFinite(own.unseenSince) ? own.unseenSince : undefined;
  const [said, held, asked] = [[...own.said], [...own.held], [...own.asked]];
  return { notes: { ...own, unseenSince, said, held, asked }, moments };
}

function isPlain(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isPlain);
  if (typeof value === 'object' && value !== null)
    return Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every(isPlain);
  return value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
}

/** For who looks at a worker: `a.pcap, share 2 of 4`. */
export function taskName({ path, part: own }: JudgingTask): string {
  return own ? `${path}, share ${own.share.index + 1} of ${own.share.of}` : path;
}
