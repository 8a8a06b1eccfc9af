import { describe, expect, test } from 'vitest';
import { type CaptureEvidence, COMPLETE } from '../../src/lint/capture-evidence.ts';
import { EXCERPT_BYTES, type Finding } from '../../src/lint/finding.ts';
import { FindingList } from '../../src/lint/finding-list.ts';
import { Judge } from '../../src/lint/judge.ts';
import {
  BROKEN,
  DENIED,
  EXCUSED,
  INCONCLUSIVE,
  type Later,
  type Outcome,
  PASS,
  type Rule,
  type SeveritySetting,
  SKIP,
  STANDS,
  UNDECIDED,
} from '../../src/lint/rule.ts';
import { Subject } from '../../src/lint/subject.ts';
import { ConnectionLog } from '../../src/protocol/connections.ts';
import { MachineRun } from '../../src/protocol/machine.ts';
import { countingBytes } from '../../src/testkit/bytes.ts';
import { Message } from '../../src/wire/message.ts';
import { toyMachine } from '../kit/toy.ts';

/** The context of the rules here: what each of them answers. */
type Answers = Record<string, Outcome>;

function rule(id: string, given: Partial<Rule<Answers>> = {}): Rule<Answers> {
  return {
    id,
    severity: 'error',
    atFault: 'sender',
    restsOn: 'bytes',
    clause: `clause of ${id}`,
    summary: `summary of ${id}`,
    why: 'w',
    example: 'e',
    on: ['TEXT'],
    check: answers => answers[id] ?? PASS,
    ...given,
  };
}

const TEXT = 0;
const OTHER = 1;

type Capturing = { -readonly [K in keyof CaptureEvidence]: CaptureEvidence[K] };

/** Of which nobody knows whether it is complete. */
const PRESUMED: Capturing = {
  isKnown: false,
  isDropping: false,
  isDisordered: false,
  standing: () => 'held',
  standingAtEnd: () => 'stands',
  showsLosses: () => false,
  missed: () => undefined,
  doubtOf: () => undefined,
};

/** A judge over some rules, one open connection, and what came of it. */
class Court {
  readonly capturing: Capturing;
  readonly findings = new FindingList(100, 1_000);
  readonly connections: ConnectionLog;
  readonly judge: Judge<Answers>;
  readonly subject = new Subject();
  readonly run = new MachineRun(toyMachine);

  constructor(
    rules: readonly Rule<Answers>[],
    severities: Record<string, SeveritySetting> = {},
    capturing: Capturing = { ...COMPLETE },
    editions: readonly string[] = [],
  ) {
    this.capturing = capturing;
    const names = { protocol: 'toy', endpoint: (_flow: number, side: number) => (side === 0 ? 'ann' : 'bob') };
    this.connections = new ConnectionLog(0, names, () => 1, 10);
    this.judge = new Judge({
      protocol: 'toy',
      specification: 'TOY, edition 1',
      rules,
      messages: ['TEXT', 'OTHER'],
      editions,
      severities: new Map(Object.entries(severities)),
      capture: 2,
      connections: this.connections,
      findings: this.findings,
      capturing: this.capturing,
      mostHeld: 3,
    });
    this.connections.onClosing = slot => this.judge.closing(slot);
    this.subject.connection = this.connections.open(0, 0, new Message());
    this.subject.frame = 9;
    this.subject.messageName = 'TEXT';
    this.subject.state = 'TALKING';
  }

  /** Judges the content of a TEXT for which the rules answer so. */
  content(answers: Answers): boolean {
    return this.judge.judgeContent(TEXT, answers, this.subject);
  }

  /** `[checked, broken, inconclusive]` of a rule; undefined when it is not in force. */
  tally(id: string): number[] | undefined {
    const own = this.judge.tallies(this.run).find(tally => tally.id === id);
    return own && [own.checked, own.broken, own.inconclusive];
  }

  found(): Finding[] {
    return this.findings.take(this.capturing.isDropping, this.capturing.isKnown);
  }

  verdict(): string {
    this.connections.close(this.subject.connection, 'OVER');
    return this.connections.outcome(this.capturing, true).listed[0].verdict;
  }
}

describe('an outcome', () => {
  test.each<[name: string, outcome: Outcome, tally: number[], verdict: string, broken: boolean]>([
    ['SKIP', SKIP, [0, 0, 0], 'conformant', false],
    ['PASS', PASS, [1, 0, 0], 'conformant', false],
    ['BROKEN', BROKEN, [1, 1, 0], 'violations', true],
    ['INCONCLUSIVE', INCONCLUSIVE, [0, 0, 1], 'inconclusive', false],
  ])('%s', (_name, outcome, tally, verdict, broken) => {
    const court = new Court([rule('toy/a')]);
    expect(court.content({ 'toy/a': outcome })).toBe(broken);
    expect([court.tally('toy/a'), court.found().length, court.verdict()]).toEqual([tally, broken ? 1 : 0, verdict]);
  });

  test('is counted for each message', () => {
    const court = new Court([rule('toy/a')]);
    for (const outcome of [PASS, BROKEN, SKIP, PASS, INCONCLUSIVE] as const) court.content({ 'toy/a': outcome });
    expect(court.tally('toy/a')).toEqual([3, 1, 1]);
  });

  test('of a message that no rule asks for is nothing', () => {
    const court = new Court([rule('toy/a')]);
    expect(court.judge.judgeContent(OTHER, { 'toy/a': BROKEN }, court.subject)).toBe(false);
    expect(court.tally('toy/a')).toEqual([0, 0, 0]);
  });
});

describe('a rule that is off by default', () => {
  const quiet = rule('toy/a', { offByDefault: true });

  test('is not in force', () => {
    const court = new Court([quiet]);
    expect(court.content({ 'toy/a': BROKEN })).toBe(false);
    expect([court.tally('toy/a'), court.found()]).toEqual([undefined, []]);
  });

  test('is where the user gives it a severity', () => {
    const court = new Court([quiet], { 'toy/a': 'warning' });
    expect(court.content({ 'toy/a': BROKEN })).toBe(true);
    expect(court.found().map(({ severity }) => severity)).toEqual(['warning']);
  });
});

describe('the first fault', () => {
  test('ends the judgement: rules behind it are not asked', () => {
    const court = new Court([rule('toy/a'), rule('toy/b'), rule('toy/c')]);
    expect(court.content({ 'toy/b': BROKEN, 'toy/c': BROKEN })).toBe(true);
    expect(['toy/a', 'toy/b', 'toy/c'].map(id => court.tally(id))).toEqual([
      [1, 0, 0],
      [1, 1, 0],
      [0, 0, 0],
    ]);
  });

  test('is not what is inconclusive', () => {
    const court = new Court([rule('toy/a'), rule('toy/b')]);
    expect(court.content({ 'toy/a': INCONCLUSIVE, 'toy/b': BROKEN })).toBe(true);
    expect(court.tally('toy/b')).toEqual([1, 1, 0]);
  });

  test('is not what is only worth knowing', () => {
    const court = new Court([rule('toy/a', { severity: 'info' }), rule('toy/b')]);
    court.content({ 'toy/a': BROKEN, 'toy/b': BROKEN });
    expect(court.found().map(({ ruleId }) => ruleId)).toEqual(['toy/a', 'toy/b']);
  });

  test('a message about which something is only worth knowing is not at fault', () => {
    const court = new Court([rule('toy/a', { severity: 'info' })]);
    expect(court.content({ 'toy/a': BROKEN })).toBe(false);
    expect(court.verdict()).toBe('conformant');
  });

  test('of the form ends only the judgement of the form', () => {
    const court = new Court([rule('toy/a', { phase: 'form' }), rule('toy/b', { phase: 'form' }), rule('toy/c')]);
    const answers = { 'toy/a': BROKEN, 'toy/b': BROKEN, 'toy/c': BROKEN } as const;
    expect(court.judge.judgeForm(TEXT, answers, court.subject)).toBe(true);
    expect(court.content(answers)).toBe(true);
    expect(court.found().map(({ ruleId }) => ruleId)).toEqual(['toy/a', 'toy/c']);
  });
});

describe('a rule that is off', () => {
  test('is not run, not tallied, and hides nothing', () => {
    let asked = 0;
    const curious = rule('toy/a', {
      check: () => {
        asked++;
        return BROKEN;
      },
    });
    const court = new Court([curious, rule('toy/b')], { 'toy/a': 'off' });
    court.content({ 'toy/b': BROKEN });
    expect(court.found().map(({ ruleId }) => ruleId)).toEqual(['toy/b']);
    expect([asked, court.tally('toy/a')]).toEqual([0, undefined]);
  });

  test('of form still tells what is malformed, without a finding, a tally or a verdict', () => {
    const court = new Court([rule('toy/a', { phase: 'form' })], { 'toy/a': 'off' });
    expect(court.judge.judgeForm(TEXT, { 'toy/a': BROKEN }, court.subject)).toBe(true);
    expect(court.judge.judgeForm(TEXT, { 'toy/a': PASS }, court.subject)).toBe(false);
    expect(court.judge.judgeForm(TEXT, { 'toy/a': INCONCLUSIVE }, court.subject)).toBe(false);
    expect([court.found(), court.tally('toy/a'), court.verdict()]).toEqual([[], undefined, 'conformant']);
  });

  test('that there is not cannot be entered: it would pass for good', () => {
    const court = new Court([rule('toy/a')]);
    const evidence = () => ({ message: 'm', expected: 'e', actual: 'a' });
    expect(() => court.judge.enter('toy/aa', PASS, court.subject, evidence)).toThrow('toy/aa');
    expect(() => court.judge.enterStep('toy/aa', {}, court.subject)).toThrow('toy/aa');
    expect(() => court.judge.passed('toy/aa', 1)).toThrow('toy/aa');
  });

  test('is entered by the tracker, or broken by a step, without a trace', () => {
    const court = new Court([rule('toy/a')], { 'toy/a': 'off' });
    const evidence = () => ({ message: 'm', expected: 'e', actual: 'a' });
    court.judge.enter('toy/a', BROKEN, court.subject, evidence);
    court.judge.enterStep('toy/a', {}, court.subject);
    expect([court.found(), court.verdict()]).toEqual([[], 'conformant']);
  });
});

describe('a severity that the user set', () => {
  test('is that of the findings and the tally', () => {
    const court = new Court([rule('toy/a')], { 'toy/a': 'warning' });
    court.content({ 'toy/a': BROKEN });
    expect(court.found()).toMatchObject([{ severity: 'warning' }]);
    expect(court.judge.tallies(court.run)).toMatchObject([{ id: 'toy/a', severity: 'warning' }]);
  });

  test('decides about the verdict', () => {
    const milder = new Court([rule('toy/a')], { 'toy/a': 'info' });
    milder.content({ 'toy/a': BROKEN });
    const stricter = new Court([rule('toy/a', { severity: 'info' })], { 'toy/a': 'error' });
    stricter.content({ 'toy/a': BROKEN });
    expect([milder.verdict(), stricter.verdict()]).toEqual(['conformant', 'violations']);
  });

  test('changes nothing about which rules are asked', () => {
    const severities = { 'toy/a': 'info', 'toy/b': 'error' } as const;
    const rules = [rule('toy/b', { severity: 'info' }), rule('toy/a'), rule('toy/c')];
    const answers = { 'toy/a': BROKEN, 'toy/b': BROKEN, 'toy/c': BROKEN } as const;
    const found = [new Court(rules), new Court(rules, severities)].map(court => {
      court.content(answers);
      return court.found().map(({ ruleId }) => ruleId);
    });
    expect(found).toEqual([
      ['toy/b', 'toy/a'],
      ['toy/b', 'toy/a'],
    ]);
  });
});

describe('a connection whose history was not seen whole', () => {
  const rules = [rule('toy/a', { restsOn: 'unseen' }), rule('toy/b')];

  function court(): Court {
    const partial = new Court(rules);
    partial.subject.partial = true;
    return partial;
  }

  test.each<[outcome: Outcome, tally: number[]]>([
    [PASS, [0, 0, 1]],
    [BROKEN, [0, 0, 1]],
    [INCONCLUSIVE, [0, 0, 1]],
    [SKIP, [0, 0, 0]],
  ])('a rule that needs it answers %d and counts as inconclusive, or not at all', (outcome, tally) => {
    const partial = court();
    expect(partial.content({ 'toy/a': outcome })).toBe(false);
    expect([partial.tally('toy/a'), partial.found()]).toEqual([tally, []]);
    expect(partial.verdict()).toBe(outcome === SKIP ? 'conformant' : 'inconclusive');
  });

  test('a rule about the bytes in hand is judged all the same', () => {
    const partial = court();
    expect(partial.content({ 'toy/a': BROKEN, 'toy/b': BROKEN })).toBe(true);
    expect(partial.found().map(({ ruleId }) => ruleId)).toEqual(['toy/b']);
    expect([partial.tally('toy/b'), partial.verdict()]).toEqual([[1, 1, 0], 'violations']);
  });

  test('what the tracker enters is withheld too, and no evidence is asked for', () => {
    const partial = court();
    partial.judge.enter('toy/a', BROKEN, partial.subject, () => {
      throw new Error('asked');
    });
    expect([partial.tally('toy/a'), partial.found()]).toEqual([[0, 0, 1], []]);
  });

  test('an illegal step is withheld too', () => {
    const partial = court();
    partial.judge.enterStep('toy/a', {}, partial.subject);
    expect([partial.found(), partial.verdict()]).toEqual([[], 'inconclusive']);
  });
});

describe('a capture that turns out to have dropped packets', () => {
  test('what rests on the history counts as inconclusive, the rest stands', () => {
    const court = new Court([rule('toy/a', { restsOn: 'unseen', severity: 'info' }), rule('toy/b')]);
    court.content({ 'toy/a': BROKEN, 'toy/b': BROKEN });
    court.content({ 'toy/a': INCONCLUSIVE });
    court.content({});
    Object.assign(court.capturing, { isKnown: false, isDropping: true });
    expect([court.tally('toy/a'), court.tally('toy/b')]).toEqual([
      [0, 0, 3],
      [3, 1, 0],
    ]);
  });
});

describe('the tallies', () => {
  test('are in the order of the catalogue, and of all rules in force', () => {
    const court = new Court([rule('toy/b'), rule('toy/c'), rule('toy/a')], { 'toy/c': 'off' });
    expect(court.judge.tallies(court.run).map(({ id }) => id)).toEqual(['toy/b', 'toy/a']);
  });

  test('have the steps of the machine in them', () => {
    const { check: _, on: __, ...document } = rule('toy/hello-first', { restsOn: 'unseen' });
    const court = new Court([document]);
    court.run.step(0, 0, toyMachine.event('TEXT'), false, 0, 0, true);
    court.run.step(0, 1, toyMachine.event('TEXT'), false, 0, 0, true);
    court.run.step(0, 1, toyMachine.event('TEXT'), false, 0, 0, false);
    expect(court.tally('toy/hello-first')).toEqual([2, 1, 1]);
    Object.assign(court.capturing, { isKnown: false, isDropping: true });
    expect(court.tally('toy/hello-first')).toEqual([0, 0, 3]);
  });
});

describe('rules that a message passes together', () => {
  const rules = [rule('seen', { restsOn: 'seen' }), rule('bytes'), rule('off'), rule('other')];
  const list = rules.slice(0, 3);

  /** Tallies when messages, each of a history that was seen whole or not and of an edition, pass these rules together, or one by one. */
  function tallied(
    isTogether: boolean,
    messages: readonly (readonly [partial: boolean, edition: number])[],
    lists: number,
  ) {
    const court = new Court(rules, { off: 'off' }, undefined, ['old', 'new']);
    const { judge, subject } = court;
    for (const [partial, edition] of messages) {
      Object.assign(subject, { partial, edition });
      for (let count = 0; count < lists; count++) {
        const own = lists === 1 ? list : [...list];
        if (isTogether) judge.allPassed(own, subject);
        else for (const one of own) judge.enter(one, PASS, subject, () => ({ message: '', expected: '', actual: '' }));
      }
    }
    return {
      first: judge.tallies(court.run),
      again: judge.tallies(court.run),
      marks: court.connections.marks(subject.connection),
    };
  }

  const WHOLE = [false, 0] as const;
  test.each([
    ['once', [WHOLE], 1],
    ['often', [WHOLE, WHOLE, WHOLE], 1],
    ['where the history was not seen whole', [WHOLE, [true, 0], WHOLE], 1],
    ['in several editions', [[false, 1], WHOLE, [false, 2], [true, 2]], 1],
    ['as more lists than are remembered', [WHOLE, [true, 1]], 300],
  ] as const)('%s count as they do one by one, whenever they are asked for', (_, messages, lists) => {
    const together = tallied(true, messages, lists);
    expect(together).toEqual(tallied(false, messages, lists));
    expect(together.again).toEqual(together.first);
    expect(together.first.map(({ id, checked, inconclusive }) => [id, checked + inconclusive])).toEqual([
      ['seen', messages.length * lists],
      ['bytes', messages.length * lists],
      ['other', 0],
    ]);
  });
});

describe('a fault that rests on something unseen', () => {
  /** In a capture of which nobody knows whether it is complete; later messages say what `later` is. */
  const presumed = (later: Later, standingAtEnd: 'stands' | 'oneSided' = 'stands') => {
    const capturing: Capturing = { ...PRESUMED, standingAtEnd: () => standingAtEnd };
    const waiting = rule('toy/a', { restsOn: 'unseen', later: () => later, excuse: 'answers what was not captured' });
    return new Court([waiting, rule('toy/b', { restsOn: 'seen' })], {}, capturing);
  };
  const next = (court: Court) => {
    court.judge.weigh(court.subject.connection);
    court.content({ 'toy/a': SKIP, 'toy/hello-first': SKIP });
    court.judge.weigh(court.subject.connection);
  };

  test('is held, and ends the judgement of its message', () => {
    const court = presumed(UNDECIDED);
    expect(court.content({ 'toy/a': BROKEN, 'toy/b': BROKEN })).toBe(true);
    expect([court.found(), court.tally('toy/a')]).toEqual([[], [0, 0, 0]]);
  });

  test('stands when the connection ends and nothing has excused it', () => {
    const court = presumed(UNDECIDED);
    court.content({ 'toy/a': BROKEN });
    next(court);
    expect([court.verdict(), court.found().length, court.tally('toy/a')]).toEqual(['violations', 1, [1, 1, 0]]);
  });

  test('stands as soon as a later message confirms it, not the one it came up with', () => {
    const court = presumed(STANDS);
    court.content({ 'toy/a': BROKEN });
    court.judge.weigh(court.subject.connection);
    expect(court.found()).toEqual([]);
    next(court);
    expect([court.found().length, court.tally('toy/a')]).toEqual([1, [1, 1, 0]]);
  });

  test('is inconclusive when a later message excuses it, and the reader learns why', () => {
    const court = presumed(EXCUSED);
    court.content({ 'toy/a': BROKEN });
    next(court);
    expect([court.found(), court.tally('toy/a')]).toEqual([[], [0, 0, 1]]);
    expect(court.verdict()).toBe('inconclusive');
    const { reasons } = court.connections.outcome(court.capturing, false).listed[0];
    expect(reasons).toMatchObject([{ kind: 'excused', because: 'frame 9 answers what was not captured' }]);
  });

  test('is excused at the end of its connection by what the conversation as a whole shows, if it would stand', () => {
    for (const [standing, atEnd, found] of [
      ['stands', EXCUSED, 0],
      ['stands', UNDECIDED, 1],
      ['oneSided', UNDECIDED, 0],
    ] as const) {
      const { capturing } = presumed(UNDECIDED, standing);
      const court = new Court([rule('toy/a', { restsOn: 'unseen', atEnd: () => atEnd })], {}, capturing);
      court.content({ 'toy/a': BROKEN });
      next(court);
      expect([court.verdict(), court.found().length]).toEqual([found ? 'violations' : 'inconclusive', found]);
    }
  });

  test('that a later message denies to be excused stands whatever the silence says, but not what comes then', () => {
    for (const [answers, found] of [
      [[DENIED, UNDECIDED], 1],
      [[DENIED, EXCUSED], 0],
      [[UNDECIDED, UNDECIDED], 0],
    ] as const) {
      const later = (given: Answers) => given.later as Later;
      const court = new Court([rule('toy/a', { restsOn: 'unseen', later, atEnd: () => EXCUSED })], {}, { ...PRESUMED });
      court.content({ 'toy/a': BROKEN });
      court.judge.weigh(court.subject.connection);
      for (const answer of answers) {
        court.content({ 'toy/a': SKIP, later: answer });
        court.judge.weigh(court.subject.connection);
      }
      expect([court.verdict(), court.found().length]).toEqual([found ? 'violations' : 'inconclusive', found]);
    }
  });

  test('that was excused stands after all where the capture says at its end that nothing is missing', () => {
    const court = presumed(EXCUSED);
    court.content({ 'toy/a': BROKEN });
    next(court);
    court.capturing.isKnown = true;
    expect([court.verdict(), court.found().length, court.tally('toy/a')]).toEqual(['violations', 1, [1, 1, 0]]);
  });

  test('is inconclusive where its flow is doubted at its end', () => {
    const court = presumed(UNDECIDED, 'oneSided');
    court.content({ 'toy/a': BROKEN });
    expect([court.verdict(), court.found(), court.tally('toy/a')]).toEqual(['inconclusive', [], [0, 0, 1]]);
  });

  test('is withdrawn where it stood and packets turn out to have been dropped', () => {
    const court = presumed(STANDS);
    court.content({ 'toy/a': BROKEN });
    next(court);
    court.capturing.isDropping = true;
    expect([court.verdict(), court.found(), court.tally('toy/a')]).toEqual(['inconclusive', [], [0, 0, 1]]);
  });

  test('is counted as the machine has, whatever becomes of it', () => {
    for (const [later, tally] of [
      [STANDS, [1, 1, 0]],
      [EXCUSED, [0, 0, 1]],
      [UNDECIDED, [0, 0, 0]],
    ] as const) {
      const first = rule('toy/hello-first', { restsOn: 'unseen', later: () => later });
      const court = new Court([first], {}, presumed(later).capturing);
      court.run.step(0, 0, toyMachine.event('TEXT'), false, 0, 0, true);
      court.judge.enterStep('toy/hello-first', {}, court.subject);
      next(court);
      expect(court.tally('toy/hello-first')).toEqual(tally);
    }
  });

  test('is inconclusive where there is no room to hold it', () => {
    const court = presumed(UNDECIDED);
    for (let i = 0; i < 5; i++) court.content({ 'toy/a': BROKEN });
    expect([court.verdict(), court.found().length, court.tally('toy/a')]).toEqual(['violations', 3, [3, 3, 2]]);
  });

  test('keeps its place among those of its frame that were found at once', () => {
    const court = presumed(UNDECIDED);
    court.content({ 'toy/a': BROKEN });
    court.content({ 'toy/b': BROKEN });
    court.verdict();
    expect(court.found().map(({ ruleId }) => ruleId)).toEqual(['toy/a', 'toy/b']);
  });

  test('is reported when it is held, and when it stands or is excused', () => {
    for (const later of [STANDS, EXCUSED] as const) {
      const court = presumed(later);
      const reported: string[] = [];
      court.judge.onFinding = ({ ruleId }, how) => reported.push(`${ruleId} ${how}`);
      court.content({ 'toy/a': BROKEN });
      next(court);
      expect(reported).toEqual(later === STANDS ? ['toy/a held', 'toy/a stands'] : ['toy/a held', 'toy/a excused']);
    }
  });

  test('may rest on something else here, and then stands at once', () => {
    const court = presumed(UNDECIDED);
    const altered = rule('toy/a', { restsOn: 'unseen', restsOnHere: () => 'seen' });
    const other = new Court([altered], {}, court.capturing);
    other.content({ 'toy/a': BROKEN });
    expect(other.found()).toMatchObject([{ restsOn: 'seen' }]);
  });
});

test('what was seen proves nothing where the order of the capture does not', () => {
  const court = new Court([rule('toy/a', { restsOn: 'seen' }), rule('toy/b', { restsOn: 'bytes' })]);
  Object.assign(court.capturing, { isKnown: false, isDisordered: true });
  court.content({ 'toy/a': BROKEN, 'toy/b': BROKEN });
  court.content({ 'toy/a': SKIP, 'toy/b': BROKEN });
  expect(court.found().map(({ ruleId }) => ruleId)).toEqual(['toy/b']);
  expect([court.tally('toy/a'), court.tally('toy/b')]).toEqual([
    [0, 0, 1],
    [1, 1, 0],
  ]);
});

describe('a finding', () => {
  const described = rule('toy/a', {
    describe: () => ({
      message: 'too many',
      expected: '1',
      actual: '2',
      bytes: { offset: 1, length: 2 },
      relatedFrames: [3, 4],
    }),
  });

  test('says all there is to say', () => {
    const court = new Court([described]);
    court.subject.seconds = 12;
    court.subject.nanoseconds = 34;
    court.content({ 'toy/a': BROKEN });
    expect(court.found()).toEqual([
      {
        ruleId: 'toy/a',
        severity: 'error',
        message: 'too many',
        capture: 2,
        frame: 9,
        time: { seconds: 12, nanoseconds: 34 },
        protocol: 'toy',
        connection: 1,
        from: 'ann',
        to: 'bob',
        atFault: 'ann',
        messageName: 'TEXT',
        state: 'TALKING',
        bytes: { offset: 1, length: 2 },
        expected: '1',
        actual: '2',
        restsOn: 'bytes',
        spec: { document: 'TOY, edition 1', clause: 'clause of toy/a' },
        relatedFrames: [3, 4],
        excerpt: null,
      },
    ]);
  });

  test('cites what its rule says of the clause', () => {
    const court = new Court([rule('toy/a', { clause: '4', says: 'It is so.' })]);
    court.content({ 'toy/a': BROKEN });
    expect(court.found()[0].spec).toEqual({ document: 'TOY, edition 1', clause: '4', says: 'It is so.' });
  });

  test.each<[name: string, edition: string | undefined, clause: string, says: string | undefined]>([
    ['the older edition', '1', '4 (1)', 'It is so.'],
    ['the newer edition', '2', '4.2 (2)', undefined],
    ['an edition that has no such clause', '3', '4 (1); 4.2 (2)', '1: It is so.'],
    ['nobody knows which', undefined, '4 (1); 4.2 (2)', '1: It is so.'],
  ])('cites the clause that holds: %s', (_name, edition, clause, says) => {
    const cited = [
      { clause: '4', edition: '1', says: 'It is so.' },
      { clause: '4.2', edition: '2' },
    ];
    const court = new Court([rule('toy/a', { clause: cited, editionHere: () => edition })]);
    court.content({ 'toy/a': BROKEN });
    expect(court.found()[0].spec).toEqual({ document: 'TOY, edition 1', clause, ...(says && { says }) });
  });

  test('cites all clauses where there is no context, and one sentence where all say the same', () => {
    const cited = ['1', '2'].map(edition => ({ clause: `4.${edition}`, edition, says: 'It is so.' }));
    const court = new Court([rule('toy/a', { clause: cited, editionHere: () => '2' })]);
    court.judge.enter('toy/a', BROKEN, court.subject, () => ({ message: 'm', expected: '', actual: '' }));
    expect(court.found()[0].spec).toMatchObject({ clause: '4.1 (1); 4.2 (2)', says: 'It is so.' });
  });

  test('without words of its own has those of its rule', () => {
    const court = new Court([rule('toy/a')]);
    court.content({ 'toy/a': BROKEN });
    expect(court.found()).toMatchObject([
      { message: 'summary of toy/a', bytes: null, expected: '', actual: '', relatedFrames: [] },
    ]);
  });

  test.each([
    ['sender', 0, 'ann'],
    ['sender', 1, 'bob'],
    ['receiver', 0, 'bob'],
    ['receiver', 1, 'ann'],
    ['none', 0, null],
  ] as const)('blames the %s of a message from side %d', (atFault, side, who) => {
    const court = new Court([rule('toy/a', { atFault })]);
    court.subject.side = side;
    court.content({ 'toy/a': BROKEN });
    expect(court.found()[0].atFault).toBe(who);
    expect([court.found()[0].from, court.found()[0].to]).toEqual(side === 0 ? ['ann', 'bob'] : ['bob', 'ann']);
  });

  test('is reported at once to the listener', () => {
    const court = new Court([rule('toy/a')]);
    const reported: string[] = [];
    court.judge.onFinding = ({ ruleId }) => reported.push(ruleId);
    court.content({ 'toy/a': BROKEN });
    court.judge.enterStep('toy/a', {}, court.subject);
    court.judge.enter('toy/a', BROKEN, court.subject, () => ({ message: 'm', expected: 'e', actual: 'a' }));
    expect(reported).toEqual(['toy/a', 'toy/a', 'toy/a']);
  });

  test('for which there is no room is counted, not put into words', () => {
    let described = 0;
    const wordy = rule('toy/a', {
      describe: () => {
        described++;
        return { message: 'm', expected: 'e', actual: 'a' };
      },
    });
    const court = new Court([wordy]);
    for (let i = 0; i < 150; i++) court.content({ 'toy/a': BROKEN });
    expect([court.found().length, court.findings.omitted(false), court.tally('toy/a')]).toEqual([
      100,
      50,
      [150, 150, 0],
    ]);
    expect(described).toBe(100);
  });
});

describe('the excerpt of a finding', () => {
  /** What is kept of a message of `length` bytes, `captured` of which are there, for offending bytes at an offset. */
  function excerpt(length: number, offset: number | undefined, captured = length) {
    const bytes = offset === undefined ? {} : { bytes: { offset, length: 2 } };
    const court = new Court([
      rule('toy/a', { describe: () => ({ message: 'm', expected: 'e', actual: 'a', ...bytes }) }),
    ]);
    court.subject.message = new Message();
    court.subject.message.assign(countingBytes(captured + 8), 8, length, captured);
    court.content({ 'toy/a': BROKEN });
    return court.found()[0].excerpt;
  }

  test('is the whole of a short message', () => {
    expect(excerpt(4, 1)).toEqual({ offset: 0, bytes: Uint8Array.of(8, 9, 10, 11), messageLength: 4, position: -1 });
  });

  test('is the beginning of a long one', () => {
    const seen = excerpt(1_000, undefined);
    expect([seen?.offset, seen?.bytes.length, seen?.messageLength]).toEqual([0, EXCERPT_BYTES, 1_000]);
  });

  test.each([
    [127, 0],
    [128, 64],
    [500, 432],
    [998, 928],
  ])('shows the bytes at %d from %d on', (offending, from) => {
    const seen = excerpt(1_000, offending);
    expect(seen?.offset).toBe(from);
    expect(seen?.bytes.length).toBe(Math.min(EXCERPT_BYTES, 1_000 - from));
    expect(seen?.bytes[0]).toBe((from + 8) & 0xff);
  });

  test('has what was captured', () => {
    expect(excerpt(1_000, 1, 3)).toEqual({
      offset: 0,
      bytes: Uint8Array.of(8, 9, 10),
      messageLength: 1_000,
      position: -1,
    });
    expect(excerpt(1_000, 900, 3)?.bytes).toEqual(new Uint8Array(0));
  });

  test('outlives the message', () => {
    const court = new Court([rule('toy/a')]);
    court.subject.message = new Message();
    court.subject.message.assign(Uint8Array.of(1, 2), 0, 2, 2);
    court.content({ 'toy/a': BROKEN });
    court.subject.message.bytes.fill(0);
    expect(court.found()[0].excerpt?.bytes).toEqual(Uint8Array.of(1, 2));
  });
});

describe('editions', () => {
  const counts = (court: Court) => {
    const [tally] = court.judge.tallies(court.run);
    return tally?.byEdition?.map(({ edition, checked, broken, inconclusive }) => [
      edition,
      checked,
      broken,
      inconclusive,
    ]);
  };

  test('have the outcomes of their own connections; all of them, together, those of the rule', () => {
    const court = new Court([rule('toy/a')], {}, { ...COMPLETE }, ['1', '2']);
    for (const [edition, outcome] of [
      [0, PASS],
      [1, PASS],
      [2, BROKEN],
      [2, INCONCLUSIVE],
    ] as const) {
      court.subject.edition = edition;
      court.content({ 'toy/a': outcome });
    }
    court.judge.passed('toy/a', 5, 1);
    expect(counts(court)).toEqual([
      ['1', 6, 0, 0],
      ['2', 1, 1, 1],
    ]);
    expect(court.tally('toy/a')).toEqual([8, 1, 1]);
  });

  test('keep what is held until it is decided', () => {
    const held = rule('toy/a', { restsOn: 'unseen', later: answers => answers.later as Later });
    const court = new Court([held], {}, { ...PRESUMED }, ['1', '2']);
    for (const [edition, later] of [
      [1, STANDS],
      [2, EXCUSED],
    ] as const) {
      court.subject.edition = edition;
      court.content({ 'toy/a': BROKEN });
      court.judge.weigh(court.subject.connection);
      // Another message, of a connection that speaks the other edition, tells.
      court.subject.edition = 3 - edition;
      court.content({ 'toy/a': SKIP, later });
      court.judge.weigh(court.subject.connection);
    }
    expect(counts(court)).toEqual([
      ['1', 1, 1, 0],
      ['2', 0, 0, 1],
    ]);
  });

  test('of a finding that no check made are cited too', () => {
    const cited = ['1', '2'].map(edition => ({ clause: 'C', edition }));
    const court = new Court([rule('toy/a', { clause: cited })], {}, { ...COMPLETE }, ['1', '2']);
    court.subject.edition = 2;
    court.judge.enter('toy/a', BROKEN, court.subject, () => ({ message: 'm', expected: '', actual: '' }));
    expect(court.found().map(({ spec }) => spec.clause)).toEqual(['C (2)']);
  });
});
