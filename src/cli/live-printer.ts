/**
 * Prints what happens while traffic runs: findings, and for programs connections and counts, to standard output; what
 * concerns the proxy itself to standard error, where the same line is not printed again within seconds.
 */
import type { CaptureFacts } from '../capture/source.ts';
import { wallTime } from '../clock.ts';
import type { DeedRecord } from '../lint/deed.ts';
import type { Finding, Timestamp } from '../lint/finding.ts';
import type { ConnectionEvent } from '../protocol/connections.ts';
import { formatAddress, type Pair } from '../proxy/address.ts';
import { doneDeed } from '../proxy/interference-log.ts';
import type { ProxyEvent } from '../proxy/io/listener.ts';
import type { ProxyServer } from '../proxy/io/server.ts';
import { LiveJson } from '../report/live-json.ts';
import { counted } from '../report/numbers.ts';
import type { RunReport } from '../report/run-report.ts';
import { BoundedLines } from './bounded-lines.ts';
import type { Program } from './command.ts';
import { complain } from './host.ts';
import { Output } from './output.ts';
import { RecentLines } from './recent-lines.ts';
import type { Live, Reporting } from './reporting.ts';

/** A run, as far as counts are made of it. */
export interface Judged {
  readonly hasFailed: boolean;
  readonly reportSoFar: () => RunReport;
}

export class LivePrinter {
  readonly #live: Live | undefined;
  readonly #json: LiveJson | undefined;
  readonly #reporting: Reporting;
  readonly #program: Program;
  readonly #output: Output;
  readonly #recent = new RecentLines();
  #written: Promise<void> = Promise.resolve();
  /** Characters that are printed and not written yet. */
  #unwritten = 0;
  /** What was done on purpose, which may be as much as what passes. */
  readonly #deeds: BoundedLines;
  readonly #jsonDeeds: BoundedLines;
  #facts: CaptureFacts | undefined = undefined;
  #origin: (() => Timestamp | undefined) | undefined = undefined;
  #name = '';
  #packets = 0;
  #hasLines = false;

  constructor(reporting: Reporting, program: Program) {
    this.#live = reporting.live();
    this.#json = this.#live instanceof LiveJson ? this.#live : undefined;
    this.#reporting = reporting;
    this.#program = program;
    this.#output = new Output(program.host.stdout, 'standard output');
    const { host } = program;
    const left = (count: number, where: string) =>
      `${counted(count, 'line')} of what was done left out: ${where} is read too slowly; the report counts all`;
    this.#deeds = new BoundedLines({
      waiting: () => host.stderr.writableLength,
      write: line => complain(host, line),
      left: count => left(count, 'standard error'),
    });
    this.#jsonDeeds = new BoundedLines({
      waiting: () => this.#unwritten,
      write: line => this.#print(line),
      left: count => this.#json?.event('limit', left(count, 'standard output')) ?? '',
    });
  }

  start(pairs: readonly Pair[]): void {
    const { tool, host } = this.#program;
    const names = pairs.map(pair => ({ listen: formatAddress(pair.listen), upstream: formatAddress(pair.upstream) }));
    for (const { listen, upstream } of names) complain(host, `listening on ${listen}, to ${upstream}`);
    this.#print(this.#json?.start(tool, { pairs: names }));
  }

  /** Programs read what is printed: a line for each thing. */
  get isJson(): boolean {
    return this.#json !== undefined;
  }

  /** @param lines what will be done on purpose */
  doing(lines: readonly string[]): void {
    for (const line of lines) complain(this.#program.host, line);
  }

  startReading(captures: readonly string[]): void {
    this.#print(this.#json?.start(this.#program.tool, { captures }));
  }

  /**
   * A capture begins; its facts grow.
   * @param name shown with its findings, where there are several captures
   * @param origin time of its first frame, where the facts may not have it yet
   */
  begin(facts: CaptureFacts, name = '', origin?: () => Timestamp | undefined): void {
    this.#facts = facts;
    this.#origin = origin;
    this.#name = name;
  }

  finding(finding: Finding): void {
    const origin = this.#facts?.firstTime ?? this.#origin?.() ?? finding.time;
    if (!this.#reporting.asksFor(finding, origin)) return;
    this.#print(
      this.#live instanceof LiveJson ? this.#live.finding(finding) : this.#live?.finding(finding, this.#name),
    );
  }

  connection({ kind, connection }: ConnectionEvent): void {
    this.#print(this.#json?.connection(kind, connection));
  }

  /** Only when something has passed since the last time. */
  statistics({ capture }: ProxyServer, { reportSoFar, hasFailed }: Judged): void {
    const { packets, lastTime } = capture.facts;
    if (!this.#json || packets === this.#packets || !lastTime || hasFailed) return;
    this.#packets = packets;
    this.#print(this.#json.statistics(lastTime, { ...reportSoFar().summary, packets }));
  }

  /** Something was done on purpose to what passed. */
  deed(deed: DeedRecord): void {
    if (this.#json) this.#jsonDeeds.write(this.#json.fault(doneDeed(deed)));
    this.#deeds.write(`${deed.from}: ${deed.words} (${deed.cause})`);
  }

  event({ kind, message }: ProxyEvent): void {
    this.#print(this.#json?.event(kind, message));
    if (this.#recent.isNew(message, wallTime())) complain(this.#program.host, message);
  }

  /** Resolves when all is written; rejects with an `OutputError`. A report may stand behind it. */
  end(): Promise<void> {
    this.#deeds.end();
    this.#jsonDeeds.end();
    if (this.#hasLines && !this.isJson && this.#reporting.goesToStandardOutput) this.#print('\n');
    this.#hasLines = false;
    return this.#written;
  }

  #print(text: string | undefined): void {
    if (text === undefined || text === '') return;
    this.#hasLines = true;
    this.#unwritten += text.length;
    this.#written = this.#written.then(async () => {
      await this.#output.write(text);
      this.#unwritten -= text.length;
    });
    // Keeps an early rejection from ending the process: `end` rejects with it.
    this.#written.catch(() => {});
  }
}
