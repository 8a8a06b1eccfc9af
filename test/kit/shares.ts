/** Judges a capture as a whole, and in shares of its flows that are put together, all in this process. */
import { type Captured, captureLine, readCaptureLine } from '../../src/blob/captured.ts';
import { type CapturedShare, joinedCapture } from '../../src/blob/joined.ts';
import { Recorder } from '../../src/blob/recorder.ts';
import type { CaptureSource } from '../../src/capture/source.ts';
import { Engine } from '../../src/engine.ts';
import { History } from '../../src/history/history.ts';
import { readThrough } from '../../src/reading.ts';
import type { EngineOptions } from '../../src/run/options.ts';
import { limitsOf, sharesOf } from '../../src/run/share.ts';

/** As a thread judges it. */
async function judged(
  source: CaptureSource,
  options: EngineOptions,
): Promise<Partial<CapturedShare> & { whole?: string }> {
  const engine = new Engine(options);
  engine.history = new History(engine.protocols);
  let given: Partial<CapturedShare> & { whole?: string } = {};
  const recorder = new Recorder(
    engine,
    () => engine.history,
    () => 0,
    (captured, recorded) => {
      given = { captured, ...(recorded && { recorded: structuredClone(recorded) }) };
    },
  );
  engine.onFinding = finding => recorder.finding(finding);
  engine.onConnection = event => recorder.connection(event);
  await readThrough(source, engine);
  const line = captureLine(given.captured!);
  return { ...given, captured: readCaptureLine(JSON.parse(line), engine.protocols) as Captured };
}

export interface Divided {
  /** What the whole gives, as a line of a blob. */
  readonly whole: string;
  /** The same of the shares; undefined where they must not be put together, with the reason. */
  readonly shares: string | undefined;
  readonly reason: string | undefined;
  /** They were judged twice. */
  readonly again: boolean;
  /** Flows' connections by share. */
  readonly connections: readonly number[];
}

/** What the whole gives, as a line of a blob. */
export async function judgedWhole(open: () => Promise<CaptureSource>, options: EngineOptions): Promise<string> {
  return captureLine((await judged(await open(), options)).captured!);
}

/**
 * @param open opens the capture anew each time
 * @param known what the whole gives, where that is known already
 */
export async function divided(
  open: () => Promise<CaptureSource>,
  options: EngineOptions,
  of: number,
  known?: string,
): Promise<Divided> {
  const whole = known ?? (await judgedWhole(open, options));
  let unseenSince: number | undefined;
  for (let round = 0; round < 2; round++) {
    const shares: CapturedShare[] = [];
    for (const share of sharesOf(of)) {
      const own = {
        ...options,
        share,
        limits: limitsOf(share, options.limits),
        ...(unseenSince !== undefined && { unseenSince }),
      };
      shares.push((await judged(await open(), own)) as CapturedShare);
    }
    const joined = joinedCapture(shares, options.limits);
    const connections = shares.map(({ recorded }) => recorded.notes.opened.length);
    if (joined.kind === 'again' && round === 0) {
      unseenSince = joined.unseenSince;
      continue;
    }
    const again = round > 0;
    if (joined.kind === 'joined')
      return { whole, shares: captureLine(joined.captured), reason: undefined, again, connections };
    const reason = joined.kind === 'whole' ? joined.reason : 'judged again without end';
    return { whole, shares: undefined, reason, again, connections };
  }
  throw new Error('not reached');
}
