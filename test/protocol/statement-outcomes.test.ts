/** What became of the numbered statements in a run. */
import { describe, expect, test } from 'vitest';
import type { AnyProtocol } from '../../src/protocol/protocol.ts';
import type { StatementOutcome } from '../../src/protocol/statements.ts';
import { parseDialects } from '../../src/settings/words.ts';
import { type Conversation, type RunOptions, run } from '../../src/testkit/engine.ts';
import { numbered } from '../kit/numbered.ts';

const A = '10.0.0.1:1000 > 10.0.0.2:2000';
const B = '10.0.0.2:2000 > 10.0.0.1:1000';
const greeting: Conversation = [
  [A, '00 0001'],
  [B, '00 0002'],
];
const text = [A, '01 0002 6869'] as const;
/** The callee's count is wrong. */
const wrongCount = [B, '01 0009 6869'] as const;
const wrongAnswer: Conversation = [...greeting, text, wrongCount];

function outcomes(
  captures: readonly Conversation[],
  dialect: readonly string[] = [],
  options: RunOptions = {},
  protocol: AnyProtocol = numbered,
): readonly StatementOutcome[] {
  const dialects = parseDialects(['toy.order=big', ...dialect], [protocol]);
  const report = run([protocol], captures, { capture: 'complete', statements: true, ...options, dialects });
  return report.protocols[0].statements ?? [];
}

const brief = (all: readonly StatementOutcome[]) => all.map(({ id, status }) => `${id} ${status}`);
const of = (id: string, all: readonly StatementOutcome[]) => all.find(outcome => outcome.id === id);

test('nobody asked, nothing is said', () => {
  const report = run([numbered], [wrongAnswer]);
  expect(report.protocols[0]).not.toHaveProperty('statements');
});

test('each has a status', () => {
  expect(brief(outcomes([wrongAnswer], ['toy.edition=1']))).toEqual([
    'TOY-1-1 kept',
    'TOY-2-1 kept',
    'TOY-3-1 broken',
    'TOY-4-1 off',
    'TOY-5-1 off',
    'TOY-6-1 not judged',
    'TOY-7-1 not observable',
  ]);
});

test('one that nothing came for is not exercised, and one that could not be judged is inconclusive', () => {
  const midstream = { decodeAs: [{ transport: 'udp' as const, from: 2000, to: 2000, protocol: 'toy' }] };
  const only = {
    ...numbered,
    statements: numbered.statements.map(one => ({ ...one, judgedBy: one.judgedBy.slice(0, 1) })),
  };
  expect(brief(outcomes([greeting], ['toy.edition=1'], {}, only))).toContain('TOY-3-1 not exercised');
  expect(brief(outcomes([[text]], ['toy.edition=1'], midstream))).toContain('TOY-2-1 inconclusive');
});

test('counts are those of all its rules, and who broke it is named', () => {
  expect(of('TOY-3-1', outcomes([wrongAnswer], ['toy.edition=1']))).toMatchObject({
    ...{ checked: 6, broken: 1, inconclusive: 0, brokenBy: ['server'] },
    ...{ rules: ['toy/count', 'toy/length'], says: 'The count is the number of characters.', note: '' },
  });
});

test('it says what a rule that cites it alone says, before one that cites others too', () => {
  const swapped = {
    ...numbered,
    statements: numbered.statements.map(one => ({ ...one, judgedBy: one.judgedBy.toReversed() })),
  };
  const all = outcomes([wrongAnswer], ['toy.edition=1'], {}, swapped);
  expect(of('TOY-3-1', all)?.says).toBe('The count is the number of characters.');
  expect(of('TOY-1-1', all)?.says).toBe('A message is as long as its type allows.');
  expect(of('TOY-7-1', all)?.says).toBe('');
});

describe('what is to be said besides', () => {
  test('is which part is seen, what it needs, and why nobody sees it', () => {
    const notes = outcomes([wrongAnswer], ['toy.edition=1']).map(({ note }) => note);
    expect(notes).toEqual([
      '',
      'the first one',
      '',
      'needs toy.sees=both',
      'needs the pigeon carrier',
      '',
      'what a callee thinks',
    ]);
  });

  test('is nothing once the need is met', () => {
    const all = outcomes([wrongAnswer], ['toy.edition=1', 'toy.sees=both']);
    expect(of('TOY-4-1', all)).toMatchObject({ status: 'not exercised', note: '' });
  });

  test('of one that is half judged names the rules for the other half', () => {
    const needs = { option: 'sees', value: 'both', rules: ['toy/after-bye'] };
    const both = { id: 'TOY-4-1', judgedBy: ['toy/count'], needs };
    const all = outcomes([wrongAnswer], [], {}, { ...numbered, statements: [both] });
    expect(all).toMatchObject([{ status: 'broken', note: 'needs toy.sees=both for toy/after-bye' }]);
  });

  test('of one whose rules the user has switched off is that', () => {
    const severities = new Map([['toy/hello-first', 'off' as const]]);
    const all = outcomes([wrongAnswer], ['toy.edition=1'], { severities });
    expect(of('TOY-2-1', all)).toMatchObject({ status: 'off', note: 'the first one; its rules are off' });
    const other = new Map([['toy/after-bye', 'off' as const]]);
    const met = outcomes([wrongAnswer], ['toy.edition=1', 'toy.sees=both'], { severities: other });
    expect(of('TOY-4-1', met)).toMatchObject({ status: 'off', note: 'its rules are off' });
  });
});

describe('editions', () => {
  const editionsOf = (all: readonly StatementOutcome[]) => [...new Set(all.map(({ edition }) => edition))];
  test('are those that the dialect names or settled on', () => {
    expect(editionsOf(outcomes([wrongAnswer], ['toy.edition=1']))).toEqual(['1']);
    expect(editionsOf(outcomes([wrongAnswer], ['toy.edition=2']))).toEqual(['2']);
  });

  test('are all, where nothing tells', () => {
    expect(editionsOf(outcomes([wrongAnswer]))).toEqual(['1', '2']);
  });

  test('share what happened where nobody knows the edition', () => {
    const all = outcomes([wrongAnswer]).filter(({ id }) => id === 'TOY-3-1');
    expect(all.map(({ checked, broken, brokenBy }) => [checked, broken, brokenBy])).toEqual([
      [6, 1, ['server']],
      [6, 1, ['server']],
    ]);
  });
});
