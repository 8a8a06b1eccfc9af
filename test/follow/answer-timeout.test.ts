/** How long an answer may take, and how the end of a wait is entered. */
import { expect, test } from 'vitest';
import { AnswerTimeout } from '../../src/follow/answer-timeout.ts';
import { BROKEN, type Evidence, type Outcome, PASS, type RuleDocument } from '../../src/lint/rule.ts';
import type { Subject } from '../../src/lint/subject.ts';

const RULE: RuleDocument = {
  id: 'toy/unanswered',
  severity: 'warning',
  atFault: 'receiver',
  restsOn: 'unseen',
  clause: '1',
  summary: 's',
  why: 'w',
  example: 'e',
};

interface Entered {
  readonly id: string;
  readonly outcome: Outcome;
  readonly frame: number;
  /** As the judge asks: of a broken rule alone. */
  readonly evidence: Evidence | undefined;
}

function timeoutOf(seconds: number): { readonly timeout: AnswerTimeout; readonly entered: readonly Entered[] } {
  const entered: Entered[] = [];
  const enter = ({ id }: RuleDocument, outcome: Outcome, { frame }: Subject, describe: () => Evidence) => {
    entered.push({ id, outcome, frame, evidence: outcome === BROKEN ? describe() : undefined });
  };
  return { timeout: new AnswerTimeout({ enter }, seconds), entered };
}

test('what comes after exactly the time that is allowed is in time, a microsecond later it is not', () => {
  const { timeout } = timeoutOf(60);
  // Today's times have a quarter of a microsecond between one number and the next.
  for (const [seconds, micros] of [
    [1_600_000_000, 1],
    [1_600_000_000, 333_333],
    [1_799_999_999, 999_999],
  ]) {
    const at = (later: number) => seconds + later + micros * 1e-6;
    expect(timeout.isOver(at(0), at(60))).toBe(false);
    expect(timeout.isOver(at(0), seconds + 60 + (micros + 1) * 1e-6)).toBe(true);
    expect(timeout.isOver(at(0), at(59))).toBe(false);
  }
});

test('the finding stands on the message that waited, and says what would have answered it', () => {
  const { timeout, entered } = timeoutOf(2.5);
  timeout.subject.recall(1, 0, 17, 100, 0);
  timeout.subject.messageName = 'HELLO';
  timeout.enter(RULE, BROKEN, 'WELCOME or BYE');
  timeout.enter(RULE, PASS, 'WELCOME or BYE');
  const evidence = {
    message: 'HELLO has no answer for 2.5 s',
    expected: 'WELCOME or BYE within 2.5 s',
    actual: 'no answer in that time',
  };
  expect(entered).toEqual([
    { id: 'toy/unanswered', outcome: BROKEN, frame: 17, evidence },
    { id: 'toy/unanswered', outcome: PASS, frame: 17, evidence: undefined },
  ]);
});
