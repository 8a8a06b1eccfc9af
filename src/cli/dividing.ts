/**
 * Has several threads or workers judge one large capture at once: its flows are divided, each reads all of it and judges its
 * share, and what they have found is put together as if one had judged all. Where that cannot be, one judges the capture again.
 */
import { stat } from 'node:fs/promises';
import { captureLine, readCaptureLine } from '../blob/captured.ts';
import { type CapturedShare, joinedCapture } from '../blob/joined.ts';
import { ShapeError } from '../blob/shape.ts';
import { captureName, isUrl } from '../capture/location.ts';
import type { Limits } from '../protocol/limits.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import { type FlowShare, isDivisible, sharesOf } from '../run/share.ts';
import type { Judged, JudgingTask } from './judging.ts';
import { weightsOf } from './weighing.ts';

/** Rounds in shares: the second knows what the first has found out. */
const MOST_ROUNDS = 2;

/** Bytes from which on one of several captures is worth dividing: seconds of judging. */
const LARGE = 256 * 1024 * 1024;

/**
 * Whether the flows of this capture are divided where that is asked for: of one alone, and of large ones. What is no file can be
 * read once only, and the size of what a server has would have to be asked for.
 */
export async function isWorthDividing(path: string, isAlone: boolean): Promise<boolean> {
  if (isUrl(path)) return isAlone;
  const status = await stat(path).catch(() => undefined);
  return status?.isFile() === true && (isAlone || status.size >= LARGE);
}

export interface Dividing {
  /** Has a share judged, or the whole. */
  run(task: JudgingTask): Promise<Judged>;
  readonly shares: number;
  /** All that follows is judged from its beginning, and counts from there. */
  begin?(): void;
  /** The shares in hand are of no use: those of them that are still being judged end as `whole`. */
  drop(): void;
  /** Of shares that were of no use before they were read: since when bytes are known to be missing, if that is why. */
  unseenSince?(): number | undefined;
  readonly protocols: readonly AnyProtocol[];
  /** Of a capture as a whole. */
  readonly limits: Limits;
}

export async function judgeDivided(task: JudgingTask, dividing: Dividing): Promise<Judged> {
  let unseenSince: number | undefined;
  const isDivided = isDivisible({ of: dividing.shares }, dividing.limits);
  const dealt = isDivided ? sharesOf(dividing.shares, await weightsOf(task.path)) : [];
  for (let round = 0; isDivided && round < MOST_ROUNDS; round++) {
    const judged = await judgeShares(task, dealt, unseenSince, dividing);
    const other = judged.find(({ kind }) => kind !== 'captured' && kind !== 'whole');
    if (other) return saidWhy(other, task);
    const known = judged.some(({ kind }) => kind === 'whole') ? dividing.unseenSince?.() : undefined;
    if (known !== undefined) {
      unseenSince = known;
      continue;
    }
    const shares = judged.flatMap((each, index) => shareIn(each, task, index, dividing.protocols));
    const joined = shares.length === judged.length ? joinedCapture(shares, dividing.limits) : undefined;
    if (joined?.kind === 'joined') return { kind: 'captured', line: captureLine(joined.captured) };
    if (joined?.kind !== 'again') break;
    unseenSince = joined.unseenSince;
  }
  dividing.begin?.();
  const judged = await dividing.run(task);
  return isDivided ? saidWhy(judged, task) : judged;
}

/** Of a capture that many have read, perhaps for long, nothing is reported where the user stops it in the wrong moment. */
function saidWhy(judged: Judged, { path }: JudgingTask): Judged {
  if (judged.kind !== 'stopped') return judged;
  return {
    kind: 'stopped',
    reason: `${captureName(path)}: interrupted before its shares could be put together; nothing of it is reported`,
  };
}

/** @returns what came of each share, in their order */
function judgeShares(
  task: JudgingTask,
  shares: readonly FlowShare[],
  unseenSince: number | undefined,
  dividing: Dividing,
): Promise<Judged[]> {
  dividing.begin?.();
  return Promise.all(
    shares.map(async share => {
      let isOfUse = false;
      try {
        const judged = await dividing.run({ ...task, part: { share, unseenSince } });
        isOfUse = judged.kind === 'captured' && judged.recorded?.notes.whole === undefined;
        return judged;
      } finally {
        // The others may be waiting for it.
        if (!isOfUse) dividing.drop();
      }
    }),
  );
}

/** @throws ShapeError for what is no such share, as somebody else may have written it */
function shareIn(
  judged: Judged,
  { index: capture }: JudgingTask,
  index: number,
  protocols: readonly AnyProtocol[],
): CapturedShare[] {
  if (judged.kind !== 'captured' || !judged.recorded) return [];
  const { line, recorded } = judged;
  const captured = readCaptureLine(JSON.parse(line), protocols);
  if ('unreadable' in captured || captured.index !== capture || recorded.notes.index !== index)
    throw new ShapeError('it is of another share');
  return [{ captured, recorded }];
}
