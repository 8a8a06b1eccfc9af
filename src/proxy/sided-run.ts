/**
 * The engine twice, for a proxy that changes what it passes on: once on the traffic as the clients had it, once as the servers
 * had it. A peer is judged by what it was given: only the clients' faults count in the clients' view, and the servers' in
 * theirs; the report puts both together (two-sides.ts).
 */
import type { Frame } from '../capture/source.ts';
import type { SeenMessage } from '../protocol/protocol.ts';
import type { RunReport } from '../report/run-report.ts';
import type { EngineOptions } from '../run/options.ts';
import { CLIENT, SERVER, type Side } from './ends.ts';
import type { Views } from './guarding.ts';
import type { LiveCapture } from './live-capture.ts';
import { type LiveListeners, LiveRun } from './live-run.ts';

export class SidedRun implements Views {
  onMessage: ((side: Side, seen: SeenMessage) => void) | undefined = undefined;
  readonly #runs: readonly [LiveRun, LiveRun];

  constructor(options: EngineOptions, listeners: LiveListeners) {
    const run = (side: Side) => {
      const view = new LiveRun(
        { ...options, locates: true, blames: side === CLIENT ? 'client' : 'server' },
        {
          onFailure: listeners.onFailure,
          onFinding: finding => listeners.onFinding?.(finding),
          // Both views have the connections; one of them says so.
          ...(side === CLIENT && listeners.onConnection && { onConnection: listeners.onConnection }),
        },
      );
      view.engine.onMessage = seen => this.onMessage?.(side, seen);
      return view;
    };
    this.#runs = [run(CLIENT), run(SERVER)];
  }

  get hasFailed(): boolean {
    return this.#runs.some(({ hasFailed }) => hasFailed);
  }

  begin(side: Side, { facts }: LiveCapture): void {
    this.#runs[side].begin(facts);
  }

  frame(side: Side, frame: Frame): void {
    this.#runs[side].frame(frame);
  }

  unfinished(side: Side): number {
    const run = this.#runs[side];
    return run.hasFailed ? 0 : run.engine.unfinished;
  }

  /** Finishes what takes time, beside the traffic. To be called now and then. */
  settle(): void {
    for (const run of this.#runs) run.settle();
  }

  /**
   * What was judged up to here, of each side.
   * @throws what judging has ended with, if it has
   */
  reportsSoFar(): readonly [RunReport, RunReport] {
    const [client, server] = this.#runs;
    return [client.reportSoFar(), server.reportSoFar()];
  }

  /** Nothing will pass any more. Rejects with what was thrown, if anything was. */
  async end(): Promise<readonly [RunReport, RunReport]> {
    const [client, server] = this.#runs;
    return [await client.end(), await server.end()];
  }
}
