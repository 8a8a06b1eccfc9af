/**
 * A thread that judges captures, one after another, each as a run of its own: what it finds goes back as a line of a blob. It
 * gets the words of the command line and makes of them what the command itself makes, its own protocols included. Some
 * memory is shared with the command: the wish to stop, and how far the reading is.
 */
import { workerData } from 'node:worker_threads';
import { type AnalysisOptions, type AnalysisSettings, analysisOptions } from '../analysis.ts';
import { type Captured, captureLine } from '../blob/captured.ts';
import { type RecordedShare, Recorder } from '../blob/recorder.ts';
import type { ReadProgress } from '../capture/source.ts';
import { Engine } from '../engine.ts';
import { History } from '../history/history.ts';
import { withCarrierOptions } from '../protocol/carrier.ts';
import type { Limits } from '../protocol/limits.ts';
import { type Interruption, readThrough } from '../reading.ts';
import { limitsOf } from '../run/share.ts';
import {
  BYTES,
  type FlowPart,
  faultOf,
  type Judged,
  type JudgingSetup,
  type JudgingTask,
  PACKETS,
  STOP,
  USELESS,
} from './judging.ts';
import { withPluginFolders } from './plugins.ts';
import { openOrReason } from './reading.ts';

/** Tinypool hands the pool's own data before ours. */
const setup = (Array.isArray(workerData) ? workerData[1] : workerData) as JudgingSetup;
const counters = new BigInt64Array(setup.shared);

/** Its settings by what they are, so that captures of the same settings share what is made of them. */
const ownSettings = new Map<string, AnalysisSettings>();
let own: AnalysisSettings | undefined;

const analysis: Promise<AnalysisOptions> = (async () => {
  const { protocols: builtIn } = await import('../../dissectors/index.ts');
  const protocols = withCarrierOptions(await withPluginFolders(builtIn, setup.plugins));
  return analysisOptions(setup.settings, protocols, { common: setup.common, of: () => own });
})();

const interruption: Interruption = {
  get happened() {
    return Atomics.load(counters, STOP) !== 0n || Atomics.load(counters, USELESS) !== 0n;
  },
  orStop: promise => promise,
};

export async function judge(task: JudgingTask): Promise<Judged> {
  try {
    return await judged(task);
  } catch (error) {
    return { kind: 'fault', fault: faultOf(error) };
  }
}

async function judged({ index, path, own: given, part }: JudgingTask): Promise<Judged> {
  if (interruption.happened) return { kind: 'stopped' };
  const all = { ...(await analysis), ...setup.listing };
  const options = part ? { ...all, ...partOf(part, all.limits) } : all;
  own = given && (ownSettings.get(JSON.stringify(given)) ?? given);
  if (own) ownSettings.set(JSON.stringify(own), own);
  const { reader, sort, showsConversations, hasConnections } = setup;
  const opened = await openOrReason(path, { reader, ...(sort && { sortFrames: options.limits['sort-frames'] }) });
  if (typeof opened === 'string') return { kind: 'unreadable', reason: opened };
  try {
    const engine = new Engine(options);
    if (showsConversations) engine.history = new History(engine.protocols);
    let captured: Captured | undefined;
    let recorded: RecordedShare | undefined;
    const recorder = new Recorder(
      engine,
      () => engine.history,
      () => index,
      (given, share) => {
        captured = given;
        recorded = share;
      },
    );
    engine.onFinding = finding => recorder.finding(finding);
    if (hasConnections) engine.onConnection = event => recorder.connection(event);
    // All shares read all of it: one of them counts.
    const count = part && part.share.index > 0 ? undefined : counting(opened.source.facts);
    const onChunk = async (progress: ReadProgress) => {
      count?.(progress);
      if (engine.needsWhole !== undefined) Atomics.store(counters, USELESS, 1n);
      return true;
    };
    await readThrough(opened.source, engine, { onChunk, interruption });
    if (part && interruption.happened) return stoppedPart(recorded);
    return { kind: 'captured', line: captureLine(captured!), recorded };
  } finally {
    await opened.close();
  }
}

function partOf({ share, unseenSince }: FlowPart, limits: Limits) {
  return { share, limits: limitsOf(share, limits), ...(unseenSince !== undefined && { unseenSince }) };
}

/** Shares that have not read the same are of no use, whoever wanted to stop. */
function stoppedPart(recorded: RecordedShare | undefined): Judged {
  if (Atomics.load(counters, STOP) !== 0n) return { kind: 'stopped' };
  return { kind: 'whole', reason: recorded?.notes.whole ?? 'another share has found out why' };
}

/** Adds what was read to what all threads have read. */
function counting(facts: { readonly packets: number }) {
  let [packets, bytes] = [0, 0];
  return ({ read }: ReadProgress): void => {
    Atomics.add(counters, PACKETS, BigInt(facts.packets - packets));
    Atomics.add(counters, BYTES, BigInt(read - bytes));
    [packets, bytes] = [facts.packets, read];
  };
}
