/**
 * `proxy --control unix:PATH`: the control socket of a proxy that runs, and what is sent on it. It is there before the first
 * client, and gone when the proxy has ended.
 */
import { wallTime } from '../clock.ts';
import type { DeedRecord } from '../lint/deed.ts';
import type { Finding } from '../lint/finding.ts';
import type { ConnectionEvent } from '../protocol/connections.ts';
import { ControlDesk } from '../proxy/control/desk.ts';
import { connectionEvent, faultEvent, findingEvent, holdEvent } from '../proxy/control/session.ts';
import type { Controls } from '../proxy/controls.ts';
import type { Editing } from '../proxy/editing.ts';
import { ControlSocket } from '../proxy/io/control-socket.ts';
import type { RunReport } from '../report/run-report.ts';
import type { Program } from './command.ts';

export interface ControlOptions {
  /** As `controlPath` has it. */
  readonly path: string;
  readonly controls: Controls;
  readonly editing: Editing;
  /** What was judged up to here; nothing when judging has ended by a fault. */
  readonly reportSoFar: () => RunReport | undefined;
  readonly stop: () => void;
  /** A command has thrown what is no fault of its client's. */
  readonly onFault: (error: unknown) => void;
}

export class ProxyControl {
  readonly #socket: ControlSocket;
  readonly #unwatch: () => void;

  private constructor(socket: ControlSocket, controls: Controls) {
    this.#socket = socket;
    this.#unwatch = controls.holds.watch(news => socket.tell(holdEvent(news, wallTime())));
  }

  /** Throws a `UsageError` when nobody can listen there. */
  static async open(options: ControlOptions, { tool }: Program): Promise<ProxyControl> {
    const { path, controls, editing, reportSoFar, stop, onFault } = options;
    const desk = new ControlDesk({ controls, editing, reportSoFar, stop, tool });
    return new ProxyControl(await ControlSocket.listen(path, desk, onFault), controls);
  }

  finding(finding: Finding): void {
    this.#socket.tell(findingEvent(finding));
  }

  connection(event: ConnectionEvent): void {
    this.#socket.tell(connectionEvent(event));
  }

  deed(deed: DeedRecord): void {
    this.#socket.tell(faultEvent(deed));
  }

  async close(): Promise<void> {
    this.#unwatch();
    await this.#socket.close();
  }
}
