/**
 * Takes captures that were judged elsewhere, in another thread or by another run, into the run at hand, in its order: what came
 * up in them is shown as if it came up now.
 */
import type { Captured, Unread } from '../blob/captured.ts';
import type { Engine } from '../engine.ts';
import { RemarkRoom } from '../lint/remark.ts';
import { standingWith } from '../protocol/connections.ts';
import type { ReadingOutcome } from './exit-code.ts';
import type { LivePrinter } from './live-printer.ts';
import type { Reporting } from './reporting.ts';

/** From so many captures on, findings are shown as they come up: nobody waits for the end of all of them. */
export const MANY = 16;

export class TakingIn {
  readonly #engine: Engine;
  readonly #reporting: Reporting;
  readonly #printer: LivePrinter;
  /** Captures in the whole run. */
  readonly #total: number;
  readonly #unreadable: string[] = [];
  #incomplete = false;

  constructor(engine: Engine, reporting: Reporting, printer: LivePrinter, total: number) {
    this.#engine = engine;
    this.#reporting = reporting;
    this.#printer = printer;
    this.#total = total;
  }

  take(given: Captured | Unread): void {
    if ('unreadable' in given) {
      this.#unreadable.push(given.unreadable);
      return;
    }
    const { apart, occurred, exchanges } = given;
    const { facts } = apart.outcome;
    const printer = this.#printer;
    const { rebase, isFirst } = this.#engine.add(apart);
    printer.begin(facts, this.#total > 1 ? facts.path : '');
    const room = new RemarkRoom(this.#reporting.listing.maxFindings);
    const isShown = printer.isJson || this.#total > MANY;
    for (const occurrence of isShown ? occurred : []) {
      if (occurrence.kind === 'connection') {
        const { kind, connection, weighed } = occurrence.event;
        const { verdict, reasons } = weighed ? standingWith(weighed, isFirst) : connection;
        printer.connection({ kind, connection: { ...rebase.connection(connection), verdict, reasons } });
        continue;
      }
      const remark = occurrence.kind === 'remark' ? apart.remarks[occurrence.index] : undefined;
      if (remark && !(isFirst(remark.key) && room.admits(remark.finding))) continue;
      const finding = occurrence.kind === 'finding' ? occurrence.finding : remark?.finding;
      if (finding) printer.finding(rebase.finding(finding));
    }
    for (const [connection, exchange] of exchanges) this.#reporting.addExchange(rebase.number(connection), exchange);
    this.#incomplete ||= !facts.complete;
  }

  outcome(interrupted: boolean): ReadingOutcome {
    return { unreadable: this.#unreadable, incomplete: this.#incomplete, interrupted };
  }
}
