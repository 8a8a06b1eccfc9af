/** Keeps what comes up while one capture is read, and what was said around it, until the capture has ended and is a part of a blob. */
import type { Engine } from '../engine.ts';
import { type Exchange, exchangeOf } from '../history/excerpt.ts';
import type { History } from '../history/history.ts';
import type { Finding } from '../lint/finding.ts';
import type { ConnectionEvent } from '../protocol/connections.ts';
import type { ApartOutcome } from '../run/outcome.ts';
import { connectionsIn, Rebase } from '../run/rebased.ts';
import type { ShareNotes } from '../run/share-log.ts';
import type { Captured, Occurrence } from './captured.ts';

/** A finding or a connection, with the numbers of the run at hand. */
type Event = ({ readonly finding: Finding } | { readonly connection: ConnectionEvent }) & { readonly moment: number };

/** Where only some flows of a capture were judged. */
export interface RecordedShare {
  readonly notes: ShareNotes;
  /** By place in `Captured.occurred`: when it came up. */
  readonly moments: readonly number[];
}

export class Recorder {
  #events: Event[] = [];
  #before = 0;
  readonly #captured: (captured: Captured, share: RecordedShare | undefined) => void;
  readonly #engine: Engine;

  /**
   * Set before the first capture. Listens to what the engine has on offer, beside those who listen already.
   * @param history undefined where nobody is to see what was said
   * @param indexOf place in the run of the capture that has just ended
   * @param captured called with each capture when it has ended
   */
  constructor(
    engine: Engine,
    history: () => History | undefined,
    indexOf: () => number,
    captured: (captured: Captured, share: RecordedShare | undefined) => void,
  ) {
    this.#captured = captured;
    this.#engine = engine;
    engine.onCapture = (apart, notes) => this.#end(apart, indexOf(), history(), notes);
  }

  finding(finding: Finding): void {
    this.#events.push({ finding, moment: this.#engine.moment });
  }

  connection(connection: ConnectionEvent): void {
    this.#events.push({ connection, moment: this.#engine.moment });
  }

  #end(apart: ApartOutcome, index: number, history: History | undefined, notes: ShareNotes | undefined): void {
    const before = this.#before;
    this.#before += connectionsIn(apart);
    const rebase = new Rebase(0, -before);
    const places = new Places(apart);
    const occurred = this.#events.map(event => places.occurrence(event, rebase));
    const moments = this.#events.map(({ moment }) => moment);
    this.#events = [];
    const captured = { index, apart, occurred, exchanges: exchangesOf(apart, history, before) };
    this.#captured(captured, notes && { notes, moments });
  }
}

/** Where what came up stands in the outcome. */
class Places {
  readonly #findings = new Map<string, Finding[]>();
  readonly #remarks = new Map<string, number>();

  constructor({ outcome, remarks }: ApartOutcome) {
    for (const finding of outcome.findings) {
      const key = keyOf(finding);
      const present = this.#findings.get(key);
      if (present) present.push(finding);
      else this.#findings.set(key, [finding]);
    }
    for (const [index, { finding }] of remarks.entries()) this.#remarks.set(keyOf(finding), index);
  }

  occurrence(event: Event, rebase: Rebase): Occurrence {
    if ('connection' in event) {
      const { kind, connection, weighed } = event.connection;
      const here = { kind, connection: rebase.connection(connection) };
      return { kind: 'connection', event: weighed ? { ...here, weighed } : here };
    }
    const own = rebase.finding(event.finding);
    const key = keyOf(own);
    const remark = this.#remarks.get(key);
    if (remark !== undefined) return { kind: 'remark', index: remark };
    return { kind: 'finding', finding: this.#findings.get(key)?.shift() ?? own };
  }
}

/** Of two findings that have the same, both say the same. */
function keyOf({ ruleId, connection, frame, from, message, expected, actual, bytes }: Finding): string {
  return JSON.stringify([ruleId, connection, frame, from, message, expected, actual, bytes?.offset]);
}

/** @param before connections of the captures before, in the numbers of the history */
function exchangesOf(apart: ApartOutcome, history: History | undefined, before: number): Map<number, Exchange> {
  if (!history) return new Map();
  return new Map([...framesThatMatter(apart)].map(([id, own]) => [id, exchangeOf(history, id + before, own)]));
}

/** By connection: the frames of what was found in it. */
export function framesThatMatter({ outcome, remarks }: ApartOutcome): Map<number, Set<number>> {
  const frames = new Map<number, Set<number>>();
  for (const { connection, frame, relatedFrames } of [...outcome.findings, ...remarks.map(({ finding }) => finding)]) {
    const own = frames.get(connection) ?? new Set();
    frames.set(connection, own.add(frame));
    for (const related of relatedFrames) own.add(related);
  }
  return frames;
}
