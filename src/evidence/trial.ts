/**
 * Judges frames by themselves, as `check` will judge a file that holds nothing else. What was found is compared with what
 * was found in the whole capture by its words: same rule, same frame, same expectation.
 */
import type { CaptureFacts, Frame } from '../capture/source.ts';
import { Engine } from '../engine.ts';
import type { History } from '../history/history.ts';
import type { Finding } from '../lint/finding.ts';
import type { EngineOptions } from '../run/options.ts';

/** Frames that all trials of one search may judge: some ten seconds. */
export const MOST_JUDGED = 10_000_000;

/** What a trial costs, in frames; an engine takes its time to be made. */
export function costOf(frames: number): number {
  return frames + 2_000;
}

/** Frames between two moments in which what takes time (signatures) is finished. */
const BETWEEN_SETTLING = 1_000;

/**
 * @param frames in the order of time; their numbers and positions are those that findings and the history name
 * @param history takes in what is seen; made for these options' protocols
 */
export async function judge(
  frames: readonly Frame[],
  options: EngineOptions,
  history?: History,
): Promise<readonly Finding[]> {
  const engine = new Engine(options);
  engine.history = history;
  const facts = factsOf(frames);
  engine.beginCapture(facts);
  for (const [index, frame] of frames.entries()) {
    engine.frame(frame);
    if (index % BETWEEN_SETTLING === BETWEEN_SETTLING - 1) await engine.settle();
  }
  await engine.settle();
  engine.closeCapture();
  await engine.settle();
  engine.endCapture();
  return engine.report().findings;
}

function factsOf(frames: readonly Frame[]): CaptureFacts {
  return {
    path: 'evidence',
    format: 'pcapng',
    description: '',
    linkTypes: [...new Set(frames.map(({ linkType }) => linkType))],
    packets: frames.length,
    bytes: 0,
    dropped: 0,
    dropsCounted: false,
    knownComplete: false,
    complete: true,
  };
}

/** Says the same of the same frame. (The number of the connection is the run's.) */
export function isSame(one: Finding, other: Finding): boolean {
  return (
    one.frame === other.frame &&
    one.ruleId === other.ruleId &&
    one.severity === other.severity &&
    one.message === other.message &&
    one.expected === other.expected &&
    one.actual === other.actual &&
    one.atFault === other.atFault &&
    one.state === other.state
  );
}

export function holdsAll(
  found: readonly Finding[],
  wanted: readonly Finding[],
  same: (one: Finding, other: Finding) => boolean = isSame,
): boolean {
  const byFrame = new Map<number, Finding[]>();
  for (const finding of found) byFrame.set(finding.frame, [...(byFrame.get(finding.frame) ?? []), finding]);
  return wanted.every(finding => byFrame.get(finding.frame)?.some(other => same(other, finding)) ?? false);
}
