/**
 * What is handed on as evidence of findings: frames of a capture, as few as give them again if that is wanted, without what
 * is nobody's business if that is wanted, and with the findings as comments. Whatever comes out was judged by itself: it
 * gives the findings again, or nothing comes out.
 */
import type { Frame } from '../capture/source.ts';
import { PcapngWriter } from '../capture/writer.ts';
import { findingComments } from '../history/export.ts';
import type { Finding } from '../lint/finding.ts';
import type { EngineOptions } from '../run/options.ts';
import { fewest } from './fewest.ts';
import { redact } from './redact.ts';
import { costOf, holdsAll, judge, MOST_JUDGED } from './trial.ts';

export interface Wishes {
  /** As few frames as give the findings again. */
  readonly minimize: boolean;
  /** Addresses and content replaced. */
  readonly redact: boolean;
  /** The capture says itself that it is complete, which a part of it cannot. */
  readonly isKnownComplete: boolean;
}

export interface ExtractedEvidence {
  readonly frames: readonly Frame[];
  /** As they come up in these frames. */
  readonly findings: readonly Finding[];
  /** They come up only where the capture is said to be complete. */
  readonly needsComplete: boolean;
  /** Perhaps not the fewest: trying took too long. */
  readonly isCutShort: boolean;
  /** Bytes of content that stay because a finding needs them; undefined where nothing was redacted. */
  readonly kept: number | undefined;
}

/**
 * `alone`: the frames by themselves do not give the findings. `remade`: they do, but not when the packets are made again, as
 * redacting does: the findings rest on how they were sent.
 */
export type Failure = 'alone' | 'remade';

/** @param frames in the order of time, with the numbers that the findings name */
export async function evidenceOf(
  frames: readonly Frame[],
  findings: readonly Finding[],
  given: EngineOptions,
  wishes: Wishes,
): Promise<ExtractedEvidence | Failure> {
  const needsComplete = wishes.isKnownComplete && !holdsAll(await judge(frames, given), findings);
  const options: EngineOptions = needsComplete ? { ...given, capture: 'complete' } : given;
  const isEnough = async (some: readonly Frame[]) => holdsAll(await judge(some, options), findings);
  if (!(await isEnough(frames))) return 'alone';
  const { items, isCutShort } = wishes.minimize
    ? await fewest(frames, isEnough, MOST_JUDGED, costOf)
    : { items: frames, isCutShort: false };
  if (!wishes.redact) return { frames: items, findings, needsComplete, isCutShort, kept: undefined };
  const redacted = await redact(items, findings, options);
  return redacted ? { ...redacted, needsComplete, isCutShort } : 'remade';
}

/** The frames as a pcapng, the findings as comments on theirs. */
export function pcapngOf({ frames, findings, kept }: ExtractedEvidence): Uint8Array {
  const numbers = new Map(frames.map(({ number }, index) => [number, index + 1]));
  const comments = findingComments(findings, numbers);
  const writer = new PcapngWriter();
  for (const frame of frames) {
    // What somebody has noted may say anything; where things are redacted it goes.
    const noted = kept === undefined && frame.comment !== '' ? [frame.comment] : [];
    writer.frame(frame, [...noted, ...(comments.get(frame.number) ?? [])]);
  }
  return writer.take();
}
