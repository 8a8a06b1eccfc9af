/**
 * Judges captures in the thread at hand, one after another, each as a run of its own: what it finds is a line of a blob. It
 * gets the words of the command line and makes of them what the command itself makes. Some memory is shared with who gives it
 * the capture: the wish to stop, and how far the reading is.
 */
import process from 'node:process';
import { type AnalysisOptions, type AnalysisSettings, analysisOptions } from '../analysis.ts';
import { type Captured, captureLine } from '../blob/captured.ts';
import { type RecordedShare, Recorder } from '../blob/recorder.ts';
import { captureName } from '../capture/location.ts';
import type { ReadProgress } from '../capture/source.ts';
import { Engine } from '../engine.ts';
import { History } from '../history/history.ts';
import type { Limits } from '../protocol/limits.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import { type Interruption, readThrough } from '../reading.ts';
import { limitsOf } from '../run/share.ts';
import { CommonStanding } from './common-standing.ts';
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
  USELESS,
} from './judging.ts';
import { networkOf } from './network.ts';
import { openOrReason } from './reading.ts';

/** What settings come to is kept for so many runs at once. */
const MOST_SETUPS = 8;

export class JudgingHere {
  readonly #protocols: readonly AnyProtocol[];
  readonly #analyses = new Map<string, AnalysisOptions>();
  /** Settings of captures by what they are, so that those of the same settings share what is made of them. */
  readonly #ownSettings = new Map<string, AnalysisSettings>();
  #own: AnalysisSettings | undefined;

  /** @param protocols with the options that their carriers add */
  constructor(protocols: readonly AnyProtocol[]) {
    this.#protocols = protocols;
  }

  /** One at a time. What nobody foresaw is a `fault`. */
  async judge(order: JudgingOrder): Promise<Judged> {
    try {
      const { setup, task } = order;
      const analysis = this.#analysisFor(setup);
      const { own } = task;
      const key = JSON.stringify(own);
      this.#own = own && (this.#ownSettings.get(key) ?? own);
      if (this.#own) this.#ownSettings.set(key, this.#own);
      return await judged(order, analysis);
    } catch (error) {
      return { kind: 'fault', fault: faultOf(error) };
    }
  }

  #analysisFor(setup: JudgingSetup): AnalysisOptions {
    const key = JSON.stringify(setup);
    const known = this.#analyses.get(key);
    if (known) return known;
    if (this.#analyses.size >= MOST_SETUPS) {
      this.#analyses.clear();
      this.#ownSettings.clear();
    }
    const layers = { common: setup.common, of: () => this.#own };
    const made = analysisOptions(setup.settings, this.#protocols, layers);
    this.#analyses.set(key, made);
    return made;
  }
}

async function judged(
  { setup, task, place, shared, isTogether }: JudgingOrder,
  analysis: AnalysisOptions,
): Promise<Judged> {
  const { index, path, part } = task;
  const counters = new BigInt64Array(shared);
  // A share that comes late reads as far as the others have.
  if (part ? isUseless(counters) : isEnded(counters)) return stopped(counters);
  const common = part && new CommonStop(counters, part.share.of);
  const standing = part && isTogether ? new CommonStanding(counters, part.share, analysis.limits) : undefined;
  const interruption = common ?? interruptionBy(counters);
  const { reader, sort, showsConversations, hasConnections, listing } = setup;
  const all = { ...analysis, ...listing };
  const options = part ? { ...all, ...partOf(part, all.limits) } : all;
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
      if (standing) engine.knowsUnseenSince(standing.chunk(engine.standing!));
      await common?.chunk(progress.read);
      return true;
    };
    const beforeClosing = async () => {
      // Before the others are waited for, who may be waiting to hear it.
      common?.end();
      if (standing) engine.knowsUnseenSince(await standing.end(engine.standing!));
    };
    await readThrough(opened.source, engine, { onChunk, interruption, beforeClosing });
    if (part && isUseless(counters)) return stopped(counters, recorded);
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
