/**
 * What another judgement has changed. The findings of the run before are kept until the new one has read as far, then
 * compared: those of the connection one was in, and all.
 */
import type { Finding } from '../../lint/finding.ts';
import { shown } from '../text/cells.ts';
import { type Line, line, type Role, span } from '../text/line.ts';
import { type Changes, changesAmong, changesBetween, changesInWords } from './changes.ts';
import type { RunLike } from './model-options.ts';
import { type Place, placeOf } from './places.ts';

export interface RejudgingReport {
  /** The settings that were asked for: `filestorage.idField=mid`. */
  readonly title: string;
  /** `connection 3: 2 findings gone, 1 new; run: ...` */
  readonly summary: string;
  /** The summary, and a line for each finding that has gone or come; none when nothing has changed. */
  readonly lines: readonly Line[];
}

/** Findings that are listed of each kind; the summary counts all. */
const MOST_LISTED = 1000;

export class Rejudging {
  readonly #before: readonly Finding[];
  readonly #connection: number;
  readonly #capture: number;
  readonly #ends: readonly [string, string] | undefined;
  /** What was read of the run before when it was left, if that was not all: no more can be compared. */
  readonly #until: Place | undefined;
  readonly #settings: string[] = [];

  /** @param connection the one that is looked at; 0 for none */
  constructor({ history, state }: RunLike, connection: number) {
    const { findings, connections, messages } = history;
    this.#before = [...findings.list];
    this.#connection = connection;
    this.#capture = connection > 0 ? connections.capture(connection) : 0;
    this.#ends =
      connection > 0 ? [connections.endpoint(connection, 0), connections.endpoint(connection, 1)] : undefined;
    this.#until = state === 'reading' && messages.count > 0 ? placeOf(history, messages.count - 1) : undefined;
  }

  /** One more setting that was asked for since then. */
  add(setting: string): void {
    this.#settings.push(setting);
  }

  /** The report, once the run has read all there is; nothing before. */
  finish({ history, state }: RunLike): RejudgingReport | undefined {
    if (state === 'reading') return undefined;
    const after = history.findings.list.filter(finding => this.#wasRead(finding));
    const changes = changesBetween(this.#before, after);
    const title = this.#settings.join(', ');
    const ofRun = `run: ${changesInWords(changes)}`;
    if (changes.gone.length + changes.fresh.length === 0) return { title, summary: `${title}: ${ofRun}`, lines: [] };
    const own = this.#ends && changesAmong(changes, this.#capture, this.#ends);
    const summary = own ? `connection ${this.#connection}: ${changesInWords(own)}; ${ofRun}` : ofRun;
    return { title, summary, lines: [line(span(summary, 'strong')), line(), ...linesOf(changes)] };
  }

  #wasRead({ capture, frame }: Finding): boolean {
    const until = this.#until;
    return !until || capture < until.capture || (capture === until.capture && frame <= until.frame);
  }
}

function linesOf({ gone, fresh }: Changes): Line[] {
  const all = [...gone, ...fresh];
  const frames = digitsOf(all.map(({ frame }) => frame));
  const connections = digitsOf(all.map(({ connection }) => connection));
  const place = ({ frame, connection }: Finding) =>
    `frame ${String(frame).padStart(frames)}  conn ${String(connection).padStart(connections)}  `;
  return [...listed('gone', 'faded', gone, place), ...listed('new', 'strong', fresh, place)];
}

/** As many as the largest of the numbers has. */
function digitsOf(numbers: readonly number[]): number {
  return String(numbers.reduce((most, number) => Math.max(most, number), 0)).length;
}

function listed(word: string, role: Role, findings: readonly Finding[], place: (finding: Finding) => string): Line[] {
  const lines = findings.slice(0, MOST_LISTED).map(finding => {
    const { ruleId, severity, message } = finding;
    return line(
      span(word.padEnd(5), role),
      span(`${severity} `.padEnd(8), severity),
      span(place(finding), 'dim'),
      span(`${shown(ruleId)}: `, 'strong'),
      span(shown(message)),
    );
  });
  const more = findings.length - lines.length;
  return more > 0 ? [...lines, line(span(`${word.padEnd(5)}and ${more} more`, role))] : lines;
}
