/** A judge for whom only what one end of each flow breaks counts. */
import { describe, expect, test } from 'vitest';
import { type CaptureEvidence, COMPLETE } from '../../src/lint/capture-evidence.ts';
import { FindingList } from '../../src/lint/finding-list.ts';
import { Judge } from '../../src/lint/judge.ts';
import {
  type AtFault,
  BROKEN,
  EXCUSED,
  type Later,
  type Outcome,
  PASS,
  type Rule,
  STANDS,
} from '../../src/lint/rule.ts';
import { Subject } from '../../src/lint/subject.ts';
import { ConnectionLog } from '../../src/protocol/connections.ts';
import { MachineRun } from '../../src/protocol/machine.ts';
import { Message } from '../../src/wire/message.ts';
import { toyMachine } from '../kit/toy.ts';

type Answers = Record<string, Outcome>;

function rule(id: string, given: Partial<Rule<Answers>> = {}): Rule<Answers> {
  return {
    id,
    severity: 'error',
    atFault: 'sender',
    restsOn: 'bytes',
    clause: 'c',
    summary: 's',
    why: 'w',
    example: 'e',
    on: ['TEXT'],
    check: answers => answers[id] ?? PASS,
    ...given,
  };
}

/** Ann, end 0, has opened the connection; only what she breaks counts, unless `end` says otherwise. */
class Court {
  readonly findings = new FindingList(100, 1_000);
  readonly apart = new FindingList(100, 1_000, undefined, this.findings);
  readonly connections = new ConnectionLog(
    0,
    { protocol: 'toy', endpoint: (_flow, side) => (side === 0 ? 'ann' : 'bob') },
    () => 1,
    10,
  );
  readonly heard: string[] = [];
  readonly run = new MachineRun(toyMachine);
  readonly judge: Judge<Answers>;
  readonly subject = new Subject();
  readonly capturing: CaptureEvidence;

  constructor(rules: readonly Rule<Answers>[], capturing = COMPLETE, end = 0) {
    this.capturing = capturing;
    this.judge = new Judge({
      protocol: 'toy',
      specification: 'TOY',
      rules,
      messages: ['TEXT'],
      severities: new Map(),
      capture: 0,
      connections: this.connections,
      findings: this.findings,
      oneEnd: { end, apart: this.apart },
      capturing,
    });
    this.judge.onFinding = ({ ruleId }, event) => this.heard.push(event === 'excused' ? `${ruleId} excused` : ruleId);
    this.connections.onClosing = slot => this.judge.closing(slot);
    this.subject.connection = this.connections.open(0, 0, new Message());
    this.subject.messageName = 'TEXT';
  }

  /** A TEXT of end 0 or 1, in its own frame. */
  says(side: 0 | 1, answers: Answers): boolean {
    this.subject.side = side;
    this.subject.frame++;
    return this.judge.judgeContent(0, answers, this.subject);
  }

  /** An illegal step of end 0 or 1, as the machine has counted it. */
  steps(side: 0 | 1, id: string): void {
    this.run.step(0, 0, toyMachine.event('TEXT'), false, 0, 0, true);
    this.subject.side = side;
    this.subject.frame++;
    this.judge.enterStep(id, {}, this.subject);
  }

  /** Checked, broken and inconclusive. */
  tally(id: string): number[] | undefined {
    const own = this.judge.tallies(this.run).find(tally => tally.id === id);
    return own && [own.checked, own.broken, own.inconclusive];
  }

  /** `rule frame` of what counts, of what does not, and the verdict. */
  outcome(): [string[], string[], string] {
    this.connections.close(this.subject.connection, 'OVER');
    const frames = (list: FindingList) => list.take(false).map(({ ruleId, frame }) => `${ruleId} ${frame}`);
    return [
      frames(this.findings),
      frames(this.apart),
      this.connections.outcome(this.capturing, true).listed[0]!.verdict,
    ];
  }
}

describe('what one end breaks counts', () => {
  test.each<[AtFault, sender: 0 | 1, counts: boolean]>([
    ['sender', 0, true],
    ['sender', 1, false],
    ['receiver', 0, false],
    ['receiver', 1, true],
    ['none', 0, true],
    ['none', 1, false],
  ])('at fault is the %s, it was sent by end %d: %s', (atFault, sender, counts) => {
    const court = new Court([rule('toy/a', { atFault, severity: atFault === 'none' ? 'info' : 'error' })]);
    court.says(sender, { 'toy/a': BROKEN });
    court.says(sender, {});
    expect(court.tally('toy/a')).toEqual(counts ? [2, 1, 0] : [1, 0, 0]);
    const violated = counts && atFault !== 'none';
    expect(court.outcome()).toEqual([
      counts ? ['toy/a 1'] : [],
      counts ? [] : ['toy/a 1'],
      violated ? 'violations' : 'conformant',
    ]);
    expect(court.heard).toEqual(counts ? ['toy/a'] : []);
  });

  test('of the other end, too, if that is the one', () => {
    const court = new Court([rule('toy/a')], COMPLETE, 1);
    court.says(0, { 'toy/a': BROKEN });
    court.says(1, { 'toy/a': BROKEN });
    expect([court.tally('toy/a'), court.outcome()]).toEqual([
      [1, 1, 0],
      [['toy/a 2'], ['toy/a 1'], 'violations'],
    ]);
  });

  test('and what the other one breaks ends the judgement of its message all the same', () => {
    const court = new Court([rule('toy/a'), rule('toy/b')]);
    expect(court.says(1, { 'toy/a': BROKEN, 'toy/b': BROKEN })).toBe(true);
    expect([court.tally('toy/b'), court.outcome()]).toEqual([
      [0, 0, 0],
      [[], ['toy/a 1'], 'conformant'],
    ]);
  });

  test('step by step', () => {
    const { check: _, on: __, ...document } = rule('toy/hello-first', { restsOn: 'unseen' });
    const court = new Court([document]);
    court.steps(0, 'toy/hello-first');
    court.steps(1, 'toy/hello-first');
    expect(court.tally('toy/hello-first')).toEqual([1, 1, 0]);
    expect(court.outcome()).toEqual([['toy/hello-first 1'], ['toy/hello-first 2'], 'violations']);
  });

  test('within a bound of its own', () => {
    const court = new Court([rule('toy/a')]);
    for (let time = 0; time < 150; time++) court.says(1, { 'toy/a': BROKEN });
    court.says(0, { 'toy/a': BROKEN });
    expect([court.apart.omitted(false), court.findings.omitted(false)]).toEqual([50, 0]);
    expect(court.tally('toy/a')).toEqual([1, 1, 0]);
    expect(court.outcome()[0]).toEqual(['toy/a 151']);
  });

  test('and both stand in one order where they are asked for together', () => {
    const court = new Court([
      rule('toy/a', { severity: 'info', atFault: 'none' }),
      rule('toy/b', { atFault: 'receiver' }),
    ]);
    court.says(1, { 'toy/a': BROKEN, 'toy/b': BROKEN });
    court.says(0, { 'toy/a': BROKEN, 'toy/b': BROKEN });
    const both = court.findings.takeWith(court.apart, false);
    expect(both.map(({ ruleId, frame }) => `${ruleId} ${frame}`)).toEqual(['toy/a 1', 'toy/b 1', 'toy/a 2', 'toy/b 2']);
  });
});

describe('what is held of the other end', () => {
  const presumed: CaptureEvidence = { ...COMPLETE, isKnown: false, standing: () => 'held', showsLosses: () => false };
  const held = (later: Later) => new Court([rule('toy/a', { restsOn: 'unseen', later: () => later })], presumed);
  const judged = (court: Court, side: 0 | 1) => {
    court.says(side, { 'toy/a': BROKEN });
    court.judge.weigh(court.subject.connection);
    court.says(side, {});
    court.judge.weigh(court.subject.connection);
    return [court.tally('toy/a'), ...court.outcome(), court.heard];
  };

  test('stands apart', () => {
    expect(judged(held(STANDS), 0)).toEqual([[2, 1, 0], ['toy/a 1'], [], 'violations', ['toy/a', 'toy/a']]);
    expect(judged(held(STANDS), 1)).toEqual([[1, 0, 0], [], ['toy/a 1'], 'conformant', []]);
  });

  test('is excused apart, and the doubt about the capture stays', () => {
    expect(judged(held(EXCUSED), 0)).toEqual([[1, 0, 1], [], [], 'inconclusive', ['toy/a', 'toy/a excused']]);
    expect(judged(held(EXCUSED), 1)).toEqual([[1, 0, 1], [], [], 'inconclusive', []]);
  });
});
