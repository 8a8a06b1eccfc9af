/** Checks captures: what `wirelint check` does, as a function. */
import { openBytes, openCapture } from '../capture/open.ts';
import { UsageError } from '../config.ts';
import { Engine } from '../engine.ts';
import { readThrough } from '../reading.ts';
import type { RunReport } from '../report/run-report.ts';
import { analysisOf, COMMON_KINDS, type CommonOptions, listingOf, requireKinds } from './options.ts';

export interface CheckOptions extends CommonOptions {}

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
  requireKinds(options, COMMON_KINDS);
  const listing = listingOf(options);
  const engine = new Engine({ ...(await analysisOf(options)), ...listing });
  for (const capture of all) {
    const source = await (typeof capture === 'string' ? openCapture(capture) : openBytes(capture));
    await readThrough(source, engine);
  }
  return engine.report();
}

function requireCapture(capture: unknown): void {
  // Standard input is the process's, and not ours to take.
  if (capture === '-') throw new UsageError('check: standard input (-) is for the command line');
  if (typeof capture === 'string' || capture instanceof Uint8Array) return;
  throw new UsageError('check: a capture is a path, or a Uint8Array with its bytes');
}
