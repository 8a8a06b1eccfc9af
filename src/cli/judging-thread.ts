/**
 * A thread that judges captures, one after another, each as a run of its own: what it finds goes back as a line of a blob. It
 * gets the words of the command line and makes of them what the command itself makes, its own protocols included. Some
 * memory is shared with the command: the wish to stop, and how far the reading is.
 */
import process from 'node:process';
import { workerData } from 'node:worker_threads';
import { type AnalysisOptions, type AnalysisSettings, analysisOptions } from '../analysis.ts';
import { type Captured, captureLine } from '../blob/captured.ts';
import { Recorder } from '../blob/recorder.ts';
import { Engine } from '../engine.ts';
import { History } from '../history/history.ts';
import { withCarrierOptions } from '../protocol/carrier.ts';
import { type Interruption, readThrough } from '../reading.ts';
import { BYTES, faultOf, type Judged, type JudgingSetup, type JudgingTask, PACKETS, STOP } from './judging.ts';
import { networkOf } from './network.ts';
import { withPluginFolders } from './plugins.ts';
import { openOrReason } from './reading.ts';
import { doneOrNothingLeft } from './waiting.ts';

/** Tinypool hands the pool's own data before ours. */
const setup = (Array.isArray(workerData) ? workerData[1] : workerData) as JudgingSetup;
const counters = new BigInt64Array(setup.shared);

/** Milliseconds between two looks at whether the user wants to stop, while something is waited for. */
const LOOK = 100;

/** Its settings by what they are, so that captures of the same settings share what is made of them. */
const ownSettings = new Map<string, AnalysisSettings>();
let own: AnalysisSettings | undefined;

let analysis: Promise<AnalysisOptions> | undefined;

async function prepared(): Promise<AnalysisOptions> {
  const { protocols: builtIn } = await import('../../dissectors/index.ts');
  const protocols = withCarrierOptions(await withPluginFolders(builtIn, setup.plugins));
  return analysisOptions(setup.settings, protocols, { common: setup.common, of: () => own });
}

const interruption: Interruption = {
  get happened() {
    return Atomics.load(counters, STOP) !== 0n;
  },
  // A server may keep its reader waiting.
  orStop: promise =>
    new Promise((resolve, reject) => {
      const timer = setInterval(() => {
        if (interruption.happened) resolve(undefined);
      }, LOOK);
      promise.then(resolve, reject).finally(() => clearInterval(timer));
    }),
};

export async function judge(task: JudgingTask): Promise<Judged> {
  try {
    const done = await doneOrNothingLeft(() => judged(task));
    if (done === undefined) throw new Error('the program ended before its work was done');
    return done;
  } catch (error) {
    return { kind: 'fault', fault: faultOf(error) };
  }
}

async function judged({ index, path, own: given }: JudgingTask): Promise<Judged> {
  if (interruption.happened) return { kind: 'stopped' };
  analysis ??= prepared();
  const options = { ...(await analysis), ...setup.listing };
  own = given && (ownSettings.get(JSON.stringify(given)) ?? given);
  if (own) ownSettings.set(JSON.stringify(own), own);
  const { reader, sort, showsConversations, hasConnections } = setup;
  const network = networkOf(process.env);
  const sortFrames = sort ? { sortFrames: options.limits['sort-frames'] } : {};
  const opened = await interruption.orStop(openOrReason(path, { reader, network, ...sortFrames }));
  if (opened === undefined) return { kind: 'stopped' };
  if (typeof opened === 'string') return { kind: 'unreadable', reason: opened };
  try {
    const engine = new Engine(options);
    if (showsConversations) engine.history = new History(engine.protocols);
    let captured: Captured | undefined;
    const recorder = new Recorder(
      engine,
      () => engine.history,
      () => index,
      given => {
        captured = given;
      },
    );
    engine.onFinding = finding => recorder.finding(finding);
    if (hasConnections) engine.onConnection = event => recorder.connection(event);
    await readThrough(opened.source, engine, { onChunk: counting(opened.source.facts), interruption });
    return { kind: 'captured', line: captureLine(captured!) };
  } finally {
    await opened.close();
  }
}

/** Adds what was read to what all threads have read. */
function counting(facts: { readonly packets: number }) {
  let [packets, bytes] = [0, 0];
  return async ({ read }: { readonly read: number }): Promise<boolean> => {
    Atomics.add(counters, PACKETS, BigInt(facts.packets - packets));
    Atomics.add(counters, BYTES, BigInt(read - bytes));
    [packets, bytes] = [facts.packets, read];
    return true;
  };
}
