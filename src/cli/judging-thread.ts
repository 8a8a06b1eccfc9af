/**
 * A thread that judges captures, one after another, each as a run of its own: what it finds goes back as a line of a blob. It
 * gets the words of the command line and makes of them what the command itself makes, its own protocols included. Some
 * memory is shared with who gives it the capture: the wish to stop, and how far the reading is.
 */
import process from 'node:process';
import { workerData } from 'node:worker_threads';
import { type AnalysisOptions, type AnalysisSettings, analysisOptions } from '../analysis.ts';
import { type Captured, captureLine } from '../blob/captured.ts';
import { type RecordedShare, Recorder } from '../blob/recorder.ts';
import { captureName } from '../capture/location.ts';
import type { ReadProgress } from '../capture/source.ts';
import { Engine } from '../engine.ts';
import { History } from '../history/history.ts';
import { withCarrierOptions } from '../protocol/carrier.ts';
import type { Limits } from '../protocol/limits.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import { type Interruption, readThrough } from '../reading.ts';
import { limitsOf } from '../run/share.ts';
import { CommonStop, orEnded } from './common-stop.ts';
import {
  BYTES,
  type FlowPart,
  faultOf,
  type Judged,
  type JudgingOrder,
  type JudgingSetup,
  PACKETS,
  STOP,
  type ThreadData,
  USELESS,
} from './judging.ts';
import { networkOf } from './network.ts';
import { withPluginFolders } from './plugins.ts';
import { openOrReason } from './reading.ts';
import { doneOrNothingLeft } from './waiting.ts';

/** Tinypool hands the pool's own data before ours. */
const { plugins } = (Array.isArray(workerData) ? workerData[1] : workerData) as ThreadData;

/** What settings come to is kept for so many runs at once. */
const MOST_SETUPS = 8;
const analyses = new Map<string, AnalysisOptions>();

/** Its settings by what they are, so that captures of the same settings share what is made of them. */
const ownSettings = new Map<string, AnalysisSettings>();
let own: AnalysisSettings | undefined;

let protocols: Promise<readonly AnyProtocol[]> | undefined;

async function loadProtocols(): Promise<readonly AnyProtocol[]> {
  const { protocols: builtIn } = await import('../../dissectors/index.ts');
  return withCarrierOptions(await withPluginFolders(builtIn, plugins));
}

async function analysisFor(setup: JudgingSetup): Promise<AnalysisOptions> {
  const key = JSON.stringify(setup);
  const known = analyses.get(key);
  if (known) return known;
  if (analyses.size >= MOST_SETUPS) {
    analyses.clear();
    ownSettings.clear();
  }
  protocols ??= loadProtocols();
  const made = analysisOptions(setup.settings, await protocols, { common: setup.common, of: () => own });
  analyses.set(key, made);
  return made;
}

export async function judge(order: JudgingOrder): Promise<Judged> {
  try {
    const done = await doneOrNothingLeft(() => judged(order));
    if (done === undefined) throw new Error('the program ended before its work was done');
    return done;
  } catch (error) {
    return { kind: 'fault', fault: faultOf(error) };
  }
}

async function judged({ setup, task, place, shared }: JudgingOrder): Promise<Judged> {
  const { index, path, own: given, part } = task;
  const counters = new BigInt64Array(shared);
  if (isEnded(counters)) return stopped(counters);
  const common = part && new CommonStop(counters, part.share.of);
  const interruption = common ?? interruptionBy(counters);
  const { reader, sort, showsConversations, hasConnections, listing } = setup;
  const all = { ...(await analysisFor(setup)), ...listing };
  const options = part ? { ...all, ...partOf(part, all.limits) } : all;
  own = given && (ownSettings.get(JSON.stringify(given)) ?? given);
  if (own) ownSettings.set(JSON.stringify(own), own);
  const network = networkOf(process.env);
  const sortFrames = sort ? { sortFrames: options.limits['sort-frames'] } : {};
  const opened = await interruption.orStop(openOrReason(place ?? path, { reader, network, ...sortFrames }));
  if (opened === undefined) return stopped(counters);
  if (typeof opened === 'string')
    return { kind: 'unreadable', reason: place ? opened.replaceAll(place, path) : opened };
  try {
    const engine = new Engine({ ...options, keepsRows: true });
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
    const count = part && part.share.index > 0 ? undefined : counting(opened.source.facts, counters);
    const onChunk = async (progress: ReadProgress) => {
      count?.(progress);
      if (engine.needsWhole !== undefined) Atomics.store(counters, USELESS, 1n);
      await common?.chunk(progress.read);
      return true;
    };
    await readThrough(opened.source, engine, { onChunk, interruption });
    if (part && isUseless(counters)) return stopped(counters, recorded);
    common?.end();
    return { kind: 'captured', line: captureLine(named(captured!, captureName(path))), recorded };
  } finally {
    await opened.close();
  }
}

const interruptionBy = (counters: BigInt64Array): Interruption => ({
  get happened() {
    return isEnded(counters);
  },
  orStop: promise => orEnded(promise, () => isEnded(counters)),
});

const isUseless = (counters: BigInt64Array) => Atomics.load(counters, USELESS) !== 0n;

/** What is at hand is wanted no more. */
const isEnded = (counters: BigInt64Array) => Atomics.load(counters, STOP) !== 0n || isUseless(counters);

/** The same under the name that the report has for it, wherever it was read from. */
function named({ apart, ...others }: Captured, path: string): Captured {
  const { outcome } = apart;
  return { ...others, apart: { ...apart, outcome: { ...outcome, facts: { ...outcome.facts, path } } } };
}

function partOf({ share, unseenSince }: FlowPart, limits: Limits) {
  return { share, limits: limitsOf(share, limits), ...(unseenSince !== undefined && { unseenSince }) };
}

/** Shares that have not read the same are of no use, whoever wanted to stop. */
function stopped(counters: BigInt64Array, recorded?: RecordedShare): Judged {
  if (Atomics.load(counters, STOP) !== 0n) return { kind: 'stopped' };
  return { kind: 'whole', reason: recorded?.notes.whole ?? 'another share has found out why' };
}

/** Adds what was read to what has been read. */
function counting(facts: { readonly packets: number }, counters: BigInt64Array) {
  let [packets, bytes] = [0, 0];
  return ({ read }: ReadProgress): void => {
    Atomics.add(counters, PACKETS, BigInt(facts.packets - packets));
    Atomics.add(counters, BYTES, BigInt(read - bytes));
    [packets, bytes] = [facts.packets, read];
  };
}
