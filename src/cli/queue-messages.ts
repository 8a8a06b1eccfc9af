/**
 * What goes through a queue, as plain data that is checked wherever it is read: anyone who reaches the Redis may have written
 * it. Those find each other who would judge alike: the name of their queue is made of the version and the protocols.
 */
import { createHash } from 'node:crypto';
import { isAbsolute, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { AnalysisSettings } from '../analysis.ts';
import { BLOB_VERSION, judgedBy } from '../blob/run.ts';
import {
  count,
  covering,
  flag,
  list,
  oneOf,
  record,
  type Shape,
  type Shaped,
  ShapeError,
  text,
} from '../blob/shape.ts';
import { isUrl } from '../capture/location.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import type { Tool } from '../report/json.ts';
import type { Fault, Judged, JudgingSetup, JudgingTask } from './judging.ts';
import { part, recorded, recordedJson } from './queue-shares.ts';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** Bytes of a result: as it is kept in Redis, and of the line of a blob that is in it. */
export const LARGEST_RESULT = 64 * 1024 * 1024;
const LONGEST_LINE = 256 * 1024 * 1024;
const LONGEST_PLACE = 4_096;

const settings = covering<AnalysisSettings>()(
  record(
    {},
    {
      decodeAs: list(text),
      dialect: list(text),
      rule: list(text),
      limit: list(text),
      midstream: oneOf('auto', 'never'),
      capture: oneOf('auto', 'complete', 'lossy'),
    },
  ),
);

const listing = covering<JudgingSetup['listing']>()(
  record({ maxFindings: count, allConnections: flag }, { statements: flag }),
);

const setup: Shape<JudgingSetup> = covering<JudgingSetup>()(
  record({
    settings,
    common: settings,
    listing,
    reader: oneOf('wirelint', 'pcap-parser'),
    sort: flag,
    showsConversations: flag,
    hasConnections: flag,
  }),
);

const job = record({
  /** The run that it is of. */
  run: text,
  /** Where the capture is: an absolute path, or a URL. */
  place: text,
  task: covering<JudgingTask>()(record({ index: count, path: text }, { own: settings, part })),
});

export type QueueJob = Shaped<typeof job>;

const worker = record({
  name: text,
  tool: text,
  protocols: list(record({ id: text, fingerprint: text })),
  threads: count,
  /** Judged since it began. */
  packets: count,
});

/** What a worker says of itself from time to time. */
export type WorkerFacts = Shaped<typeof worker>;

const fault: Shape<Fault> = value => {
  const { cause, ...others } = record({ name: text, message: text, stack: text }, { code: text, cause: fault })(value);
  return { ...others, code: others.code, cause };
};

const result = record(
  { kind: oneOf('captured', 'whole', 'unreadable', 'fault') },
  { line: text, recorded, reason: text, fault },
);

/** @throws ShapeError */
export function readJob(value: unknown): QueueJob {
  const given = job(value);
  const { place } = given;
  if (place.length > LONGEST_PLACE || !(isAbsolute(place) || isUrl(place)))
    throw new ShapeError('neither an absolute path nor a URL', ['place']);
  return given;
}

/** A capture as one finds it who is in another folder. */
export function placeOf(path: string): string {
  return isUrl(path) ? path : resolve(path);
}

/** @throws ShapeError */
export const readSetup = (line: string): JudgingSetup => setup(parsed(line));

/** @throws ShapeError */
export const readWorker = (line: string): WorkerFacts => worker(parsed(line));

export function writeResult(judged: Judged): Promise<Buffer> {
  return compress(JSON.stringify(resultJson(judged)), { level: 1 });
}

function resultJson(judged: Judged): object {
  if (judged.kind !== 'captured' || !judged.recorded) return judged;
  const own = recordedJson(judged.recorded);
  return own ? { ...judged, recorded: own } : whole('what a protocol has noted of its flows is more than JSON has');
}

/** What came of a share from which nothing can be put together. */
export function whole(reason: string): Judged {
  return { kind: 'whole', reason };
}

/** @throws ShapeError for what is no result of this task, too; @returns its size in bytes, too */
export async function readResult(
  bytes: Buffer,
  { part: asked }: Pick<JudgingTask, 'part'>,
): Promise<{ readonly judged: Judged; readonly size: number }> {
  const words = await decompress(bytes, { maxOutputLength: LONGEST_LINE }).catch(() => {
    throw new ShapeError('not compressed as results are');
  });
  return { judged: judgedIn(result(parsed(words.toString('utf8'))), asked), size: words.length };
}

function judgedIn(
  { kind, line, recorded: own, reason, fault: met }: Shaped<typeof result>,
  asked: JudgingTask['part'],
): Judged {
  if (kind === 'captured' && line !== undefined && !asked === !own)
    return { kind, line, ...(own && { recorded: own }) };
  if (kind === 'whole' && reason !== undefined && asked) return { kind, reason };
  if (kind === 'unreadable' && reason !== undefined) return { kind, reason };
  if (kind === 'fault' && met !== undefined) return { kind, fault: met };
  throw new ShapeError('says nothing of the capture');
}

function parsed(words: string): unknown {
  try {
    return JSON.parse(words);
  } catch {
    throw new ShapeError('no JSON');
  }
}

/** The name of the queue of all who judge alike. */
export function queueName(protocols: readonly AnyProtocol[], { version }: Tool): string {
  const alike = JSON.stringify([BLOB_VERSION, version, judgedBy(protocols)]);
  return `captures-${createHash('sha256').update(alike).digest('hex').slice(0, 16)}`;
}

/** Before all keys. */
export const PREFIX = 'wirelint';

/** Keys of ours, beside those of the queue itself. */
export const KEYS = {
  /** What a run's jobs have in common, as long as it lasts. */
  run: (run: string) => `${PREFIX}:run:${run}`,
  result: (id: string) => `${PREFIX}:result:${id}`,
  /** There where nobody waits for a job of a run that lasts. */
  dropped: (id: string) => `${PREFIX}:dropped:${id}`,
  workers: `${PREFIX}:workers`,
  worker: (name: string) => `${PREFIX}:worker:${name}`,
} as const;

/** Unlike every other, and no two submitters have the same. A share that is judged again is another job. */
export function jobId(run: string, { index, part: own }: Pick<JudgingTask, 'index' | 'part'>): string {
  if (!own) return `${run}-${index}`;
  const { share, unseenSince } = own;
  return `${run}-${index}-${share.index + 1}of${share.of}${unseenSince === undefined ? '' : '-again'}`;
}

/** What Redis loses by itself when nobody has taken it or said it again for so many seconds. */
export const EXPIRY = { run: 60, result: 3_600, dropped: 3_600, worker: 15, failure: 3_600 } as const;
/** Milliseconds between two times that a run says that it lasts. */
export const HEARTBEAT = 5_000;
/** Times that a capture, or a share of one, is tried, if its reading fails or its worker dies. */
export const ATTEMPTS = 3;
