/** Checks captures: what `wirelint check` does, as a function. */
import { MemoryInput } from '../capture/input.ts';
import { openBytes, openCapture } from '../capture/open.ts';
import { sorted } from '../capture/sorted.ts';
import { LONG_AFTER } from '../capture/store.ts';
import { storeCapture, storeInput } from '../capture/stored.ts';
import { Engine } from '../engine.ts';
import { findingFilter, narrowed } from '../narrowing.ts';
import { readThrough } from '../reading.ts';
import type { RunReport } from '../report/run-report.ts';
import { UsageError } from '../settings/words.ts';
import { COMMON_KINDS, type CommonOptions, type Kinds, requireKinds, understandingOf } from './options.ts';

export interface CheckOptions extends CommonOptions {
  /** Findings that match this filter only, in the language of `-Y`: `rule ~ "mnet/*" && severity == error`. */
  readonly filter?: string | undefined;
  /** Read each capture in the order of time, as two recordings in one file need it. */
  readonly sort?: boolean | undefined;
}

const KINDS: Kinds<CheckOptions> = { ...COMMON_KINDS, filter: 'text', sort: 'flag' };

/** Bytes in memory that are copied at once. */
const PIECE_LENGTH = 1024 * 1024;

/** A path, or the bytes of a capture: pcap or pcapng, plain or gzipped. */
export type Capture = string | Uint8Array;

/**
 * Reads captures, one or several, as one run.
 *
 *     const report = await check('trace.pcap', { dialect: ['mnet.tags=sender'] });
 *     report.summary.errors;   // 0
 *     report.findings;         // each with its rule, frame, and who is at fault
 *
 * A capture that is cut or damaged is reported up to there; `captures` of the report says so.
 *
 * @param captures bytes are called `memory` in the report
 * @throws (the promise rejects) UsageError for an option that the command line would refuse; CaptureError, in one line, for
 * what cannot be opened or is no capture
 */
export async function check(captures: Capture | readonly Capture[], options: CheckOptions = {}): Promise<RunReport> {
  const all = [captures].flat() as readonly Capture[];
  if (all.length === 0) throw new UsageError('check: name a capture');
  for (const capture of all) requireCapture(capture);
  requireKinds(options, KINDS);
  const { analysis, listing, others } = await understandingOf(options);
  const filter = options.filter ?? textOf(others.get('filter'));
  const sort = options.sort ?? others.get('sort') === true;
  const matches = filter === undefined ? undefined : findingFilter(filter, analysis.protocols);
  // Which findings the listing has room for is known only when the filter was asked about all of them.
  const engine = new Engine({ ...analysis, ...listing, ...(matches && { maxFindings: Number.MAX_SAFE_INTEGER }) });
  for (const capture of all) {
    if (sort) await readSorted(capture, engine, analysis.limits['sort-frames']);
    else await readThrough(await (typeof capture === 'string' ? openCapture(capture) : openBytes(capture)), engine);
  }
  const report = engine.report();
  return matches ? narrowed(report, { text: filter ?? '', matches, ...listing }) : report;
}

function textOf(setting: string | boolean | undefined): string | undefined {
  return setting === undefined ? undefined : String(setting);
}

async function readSorted(capture: Capture, engine: Engine, mostFrames: number): Promise<void> {
  const stored =
    typeof capture === 'string'
      ? await storeCapture(capture, { clock: LONG_AFTER })
      : storeInput('memory', new MemoryInput(capture, PIECE_LENGTH), {});
  try {
    await readThrough(await sorted(stored, mostFrames).open(), engine);
  } finally {
    await stored.close();
  }
}

function requireCapture(capture: unknown): void {
  // Standard input is the process's, and not ours to take.
  if (capture === '-') throw new UsageError('check: standard input (-) is for the command line');
  if (typeof capture === 'string' || capture instanceof Uint8Array) return;
  throw new UsageError('check: a capture is a path, or a Uint8Array with its bytes');
}
