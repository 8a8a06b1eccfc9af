/**
 * The engine on what passes through the proxy. A fault in it (a protocol's tracker that throws) must not cost anybody their
 * traffic: it ends the judging, and who runs the proxy decides how to end the rest.
 */
import type { CaptureFacts, Frame } from '../capture/source.ts';
import { Engine } from '../engine.ts';
import type { Finding } from '../lint/finding.ts';
import type { ConnectionEvent } from '../protocol/connections.ts';
import type { RunReport } from '../report/run-report.ts';
import type { EngineOptions } from '../run/options.ts';

export interface LiveListeners {
  readonly onFinding?: (finding: Finding) => void;
  readonly onConnection?: (event: ConnectionEvent) => void;
  /** Called once, with what was thrown: nothing is judged any more. */
  readonly onFailure: (error: unknown) => void;
}

export class LiveRun {
  readonly engine: Engine;
  /** What was thrown, in a list of one. */
  readonly #failures: unknown[] = [];
  readonly #onFailure: (error: unknown) => void;
  #settling: Promise<void> | undefined = undefined;

  constructor(options: EngineOptions, { onFinding, onConnection, onFailure }: LiveListeners) {
    this.engine = new Engine(options);
    this.engine.onFinding = onFinding;
    this.engine.onConnection = onConnection;
    this.#onFailure = onFailure;
  }

  get hasFailed(): boolean {
    return this.#failures.length > 0;
  }

  /**
   * What was judged up to here.
   * @throws what judging has ended with, if it has
   */
  reportSoFar(): RunReport {
    for (const failure of this.#failures) throw failure;
    return this.engine.reportSoFar();
  }

  begin(facts: CaptureFacts): void {
    this.engine.beginCapture(facts);
  }

  frame(frame: Frame): void {
    if (this.hasFailed) return;
    try {
      this.engine.frame(frame);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Finishes what takes time (signatures), beside the traffic. To be called now and then. */
  settle(): void {
    if (this.#settling || this.hasFailed) return;
    this.#settling = this.engine
      .settle()
      ?.catch(error => this.#fail(error))
      .finally(() => {
        this.#settling = undefined;
      });
  }

  /** Nothing will pass any more. Rejects with what was thrown, if anything was. */
  async end(): Promise<RunReport> {
    await this.#settling;
    if (!this.hasFailed) {
      this.engine.closeCapture();
      await this.engine.settle();
      this.engine.endCapture();
    }
    for (const failure of this.#failures) throw failure;
    return this.engine.report();
  }

  #fail(error: unknown): void {
    if (this.hasFailed) return;
    this.#failures.push(error);
    this.#onFailure(error);
  }
}
