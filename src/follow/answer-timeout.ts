/**
 * How long a message may wait for its answer, and what is said when none came. The finding stands on the message that
 * was left waiting: `subject` is set up for that one before `enter`. What waits, and where it is kept, is the tracker's
 * affair: see `Waiting` for requests in any number.
 */
import type { Judge } from '../lint/judge.ts';
import { type Evidence, type Outcome, PASS, type RuleDocument } from '../lint/rule.ts';
import { Subject } from '../lint/subject.ts';

/** What a time in seconds since 1970 can be off by, being a floating-point number: below half a microsecond. */
const PRECISION = 5e-7;

/** Has something waited for more than `most` seconds? Both times in seconds of capture time. */
export function isOverdue(since: number, now: number, most: number): boolean {
  return now - since > most + PRECISION;
}

export class AnswerTimeout {
  readonly seconds: number;
  /** The message whose wait has ended. */
  readonly subject = new Subject();
  readonly #judge: Pick<Judge<never>, 'enter'>;

  /** @param seconds after which an answer counts as not given */
  constructor(judge: Pick<Judge<never>, 'enter'>, seconds: number) {
    this.#judge = judge;
    this.seconds = seconds;
  }

  /** Has what was sent at `since` waited too long by `now`? */
  isOver(since: number, now: number): boolean {
    return isOverdue(since, now, this.seconds);
  }

  /** Enters how the wait of the subject ended. @param answers what would have answered it: `ACK or CLOSE` */
  enter(rule: RuleDocument, outcome: Outcome, answers: string): void {
    if (outcome === PASS) this.#judge.enter(rule, PASS, this.subject, noEvidence);
    else this.#enterUnanswered(rule, outcome, answers);
  }

  /** Apart, so that the waits that end well, and nearly all do, do not pay for the closure. */
  #enterUnanswered(rule: RuleDocument, outcome: Outcome, answers: string): void {
    const { seconds } = this;
    const { messageName } = this.subject;
    this.#judge.enter(rule, outcome, this.subject, () => ({
      message: `${messageName} has no answer for ${seconds} s`,
      expected: `${answers} within ${seconds} s`,
      actual: 'no answer in that time',
    }));
  }
}

function noEvidence(): Evidence {
  throw new Error('there is no evidence of an answer that came in time');
}
