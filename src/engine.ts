/**
 * The one place where the parts are put together:
 *
 *     frame -> net (link, IP, fragments) -> flow -> datagrams, or streams cut by a framing -> tracker -> rules -> findings
 *
 * The caller passes each frame to `frame`, between `beginCapture` and `endCapture`, and asks for the `report` at the
 * end. No file, socket or clock is known here: time is the frames', so a capture and live traffic give the same calls.
 * Each capture is judged by itself; numbers of connections and "once a run" go over all of them.
 */
import type { CaptureFacts, Frame } from './capture/source.ts';
import type { History } from './history/history.ts';
import type { Finding, Timestamp } from './lint/finding.ts';
import { FindingRows } from './lint/finding-rows.ts';
import { withCarrierOptions } from './protocol/carrier.ts';
import type { ConnectionEvent } from './protocol/connections.ts';
import { PortMap } from './protocol/identify.ts';
import type { Limits } from './protocol/limits.ts';
import type { AnyProtocol, SeenMessage } from './protocol/protocol.ts';
import { ReportBuilder } from './report/build.ts';
import type { RunReport } from './report/run-report.ts';
import { CaptureRun } from './run/capture-run.ts';
import type { FlowListener } from './run/flow-listener.ts';
import { planLanes } from './run/lane-plan.ts';
import type { CaptureOptions, EngineOptions } from './run/options.ts';
import type { ApartOutcome } from './run/outcome.ts';
import { connectionsIn, Rebase } from './run/rebased.ts';
import type { RunState } from './run/run-state.ts';
import { withRemarks } from './run/said-once.ts';
import type { ShareNotes } from './run/share-log.ts';
import type { ShareStanding } from './run/whole-only.ts';

export class Engine {
  /** Called with each message of a known protocol, after it was judged; the argument is reused. */
  onMessage: ((seen: SeenMessage) => void) | undefined = undefined;
  /** Called with each finding that stands: as it comes up or, if it was held, when it turns out to stand. */
  onFinding: ((finding: Finding) => void) | undefined = undefined;
  /** Called with each connection when it opens and when it is over; set it before the first capture. */
  onConnection: ((event: ConnectionEvent) => void) | undefined = undefined;
  /** Called with how messages were carried; set it before the first capture. */
  onFlow: FlowListener | undefined = undefined;
  /**
   * Called with each capture that has ended, as it was judged by itself: as the first one of a run of its own. Where only some of
   * its flows were judged, also with what puts these together with the others.
   */
  onCapture: ((apart: ApartOutcome, notes: ShareNotes | undefined) => void) | undefined = undefined;
  /** Keeps what was seen, for looking back; set it before the first capture. */
  history: History | undefined = undefined;
  /** With the options that their carriers add. */
  readonly protocols: readonly AnyProtocol[];
  readonly #state: RunState;
  /** Of captures that have options of their own. */
  readonly #states = new Map<CaptureOptions, RunState>();
  readonly #builder: ReportBuilder;
  #connections = 0;
  #captures = 0;
  #run: CaptureRun | undefined = undefined;

  constructor(given: EngineOptions) {
    const options = { ...given, protocols: withCarrierOptions(given.protocols) };
    this.protocols = options.protocols;
    const seen = new Set<string>();
    this.#state = {
      options,
      ports: new PortMap(options.decodeAs, options.protocols),
      lanes: planLanes(options),
      rows: options.keepsRows ? new FindingRows() : undefined,
      nextConnection: () => ++this.#connections,
      once: key => !seen.has(key) && seen.add(key) !== undefined,
    };
    this.#builder = new ReportBuilder(options);
  }

  /** Of each capture. */
  get limits(): Limits {
    return this.#state.options.limits;
  }

  /** @param facts grow while the capture is read; they are read when it ends */
  beginCapture(facts: CaptureFacts): void {
    if (this.#run) throw new Error('a capture is still open');
    this.#run = new CaptureRun(this.#stateFor(facts.path), this.#captures++, facts, this);
  }

  /** Numbers of connections, and what is said once a run, are the run's whatever the capture's options are. */
  #stateFor(path: string): RunState {
    const { options } = this.#state;
    const own = options.optionsFor?.(path);
    if (!own) return this.#state;
    const state = this.#states.get(own) ?? this.#stateWith({ ...options, ...own });
    this.#states.set(own, state);
    return state;
  }

  #stateWith(options: EngineOptions): RunState {
    const ports = new PortMap(options.decodeAs, options.protocols);
    return { ...this.#state, options, ports, lanes: planLanes(options) };
  }

  frame(frame: Frame): void {
    this.#run?.frame(frame);
  }

  /** Time of the first frame of the capture that is open. Its facts know of it when its first chunk is read. */
  get origin(): Timestamp | undefined {
    return this.#run?.origin;
  }

  /**
   * Bytes that the last segment of TCP left of a message that is not whole yet, in its direction, with those that came before
   * it: who passes them on may wait for the rest. 0 where nobody can cut them.
   */
  get unfinished(): number {
    return this.#run?.unfinished ?? 0;
  }

  /**
   * Finishes what could not be done while a message was in hand (signatures). To be awaited now and then between
   * frames; undefined when there is nothing to wait for.
   */
  settle(): Promise<void> | undefined {
    return this.#run?.settle();
  }

  /** Where only some flows of the capture at hand are judged: why all must be, as far as one can tell by now. */
  get needsWhole(): string | undefined {
    return this.#run?.needsWhole;
  }

  /** The same: where the capture stands, a number that is the same for all who judge a part of it. */
  get moment(): number {
    return this.#run?.moment ?? 0;
  }

  /** The same: how far it is, and what concerns those who judge the other parts. */
  get standing(): ShareStanding | undefined {
    return this.#run?.standing;
  }

  /** One of the parts lacks bytes since that moment. */
  knowsUnseenSince(moment: number): void {
    this.#run?.knowsUnseenSince(moment);
  }

  /** No frame of this capture will come any more. `settle` may have something to finish after it. */
  closeCapture(): void {
    this.#run?.close();
  }

  /** Ends the capture; what `settle` has left is lost. */
  endCapture(): void {
    const run = this.#run;
    if (!run) return;
    this.#builder.add(run.end());
    if (this.onCapture) {
      const apart = run.apart();
      this.onCapture(new Rebase(0, connectionsIn(apart) - this.#connections).outcome(apart), run.shareNotes());
    }
    this.#run = undefined;
  }

  /**
   * Takes in a capture that was judged by another engine with the same options, as the next one of this run.
   * @returns the numbers that it has here, and whether it is the first to say what is said once a run
   */
  add(apart: ApartOutcome): { readonly rebase: Rebase; readonly isFirst: (key: string) => boolean } {
    const rebase = new Rebase(this.#captures++, this.#connections);
    this.#connections += connectionsIn(apart);
    const first = new Set(apart.remarks.map(({ key }) => key).filter(key => this.#state.once(key)));
    const isFirst = (key: string) => first.has(key);
    const outcome = withRemarks(rebase.outcome(apart), isFirst, this.#state.options);
    const { rows } = this.#state;
    this.#builder.add(rows ? { ...outcome, findings: outcome.findings.map(finding => rows.keep(finding)) } : outcome);
    return { rebase, isFirst };
  }

  /** The outcome of all captures that have ended. */
  report(): RunReport {
    return this.#builder.build();
  }

  /** The same with the capture at hand, as it looks up to here. */
  reportSoFar(): RunReport {
    return this.#builder.build(this.#run?.outcome());
  }
}
