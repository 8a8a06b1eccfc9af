/** What the contract says of numbered statements, and of rules that hang on a dialect option. */
import { describe, expect, test } from 'vitest';
import { contractProblems } from '../../src/protocol/contract.ts';
import { numbered } from '../kit/numbered.ts';

const [first, ...others] = numbered.statements;
/** The statements with other properties in the first. */
const inFirst = (properties: object): object => ({ ...numbered, statements: [{ ...first, ...properties }, ...others] });
/** The protocol with other properties in one rule. */
const inRule = (id: string, properties: object): object => ({
  ...numbered,
  rules: numbered.rules.map(rule => (rule.id === id ? { ...rule, ...properties } : rule)),
});

test('a protocol may number its statements', () => {
  expect(contractProblems(numbered)).toEqual([]);
});

test('a protocol that numbers none may cite what it likes', () => {
  const { statements: _, ...unnumbered } = numbered;
  expect(contractProblems(unnumbered)).toEqual([]);
});

test('one edition has no need of a name', () => {
  const clause = 'see TOY-1-1 [TOY-1-2], and 3.4-5';
  const statements = ['TOY-1-1', 'TOY-1-2'].map(id => ({ id, judgedBy: ['toy/length'] }));
  const rules = numbered.rules.map(rule => ({ ...rule, clause: rule.id === 'toy/length' ? clause : '3' }));
  expect(contractProblems({ ...numbered, statements, rules })).toEqual([]);
});

describe('of a statement is named', () => {
  test.each<[string, object, string]>([
    ['a list that is none', { ...numbered, statements: 3 }, 'statements is 3, not an array'],
    ['no number', inFirst({ id: '' }), 'statement  (1): no id'],
    [
      'a number of two words',
      inFirst({ id: 'TOY 1' }),
      'statement TOY 1 (1): its id has a blank, a bracket or a mark that ends it in a clause',
    ],
    ['a number twice in an edition', inFirst({ id: 'TOY-2-1' }), 'statement TOY-2-1 (1) stands there twice'],
    ['no list of rules', inFirst({ judgedBy: undefined }), 'statement TOY-1-1 (1): no judgedBy'],
    [
      'a rule that there is not',
      inFirst({ judgedBy: ['toy/lenght'] }),
      'statement TOY-1-1 (1): judgedBy names toy/lenght, which is no rule of this protocol',
    ],
    [
      'a rule twice',
      inFirst({ judgedBy: ['toy/length', 'toy/length'] }),
      'statement TOY-1-1 (1): judgedBy names toy/length twice',
    ],
    [
      'a note that is a sentence',
      inFirst({ note: 'a.' }),
      'statement TOY-1-1 (1): note ends in a full stop; it is one line of a list',
    ],
    [
      'what nobody sees and a rule does',
      inFirst({ notObservable: 'why' }),
      'statement TOY-1-1 (1): it is not observable and yet judged',
    ],
    ['a need that says nothing', inFirst({ needs: { rules: [] } }), 'statement TOY-1-1 (1): needs: no words'],
    [
      'a need of an option that there is not',
      inFirst({ needs: { option: 'hears', value: 'both', rules: [] } }),
      'statement TOY-1-1 (1): needs: no dialect option is called hears',
    ],
    [
      'a need of a value that there is not',
      inFirst({ needs: { option: 'sees', value: 'all', rules: [] } }),
      'statement TOY-1-1 (1): needs: sees has no value all',
    ],
    [
      'a need whose rule is always in force',
      inFirst({ needs: { option: 'sees', value: 'both', rules: ['toy/count'] } }),
      'statement TOY-1-1 (1): needs: toy/count is not in force only there: it has another onlyIf, or none',
    ],
    [
      'a clause that cites what is not there',
      inRule('toy/count', { clause: 'TOY-3-1, TOY-3-9' }),
      'toy/count: it cites TOY-3-9, and no statement is called that',
    ],
    [
      'a clause that cites what another edition has',
      inRule('toy/count', { clause: [{ clause: 'TOY-1-2', edition: '1' }] }),
      'toy/count: it cites TOY-1-2, and no statement of 1 is called that',
    ],
    [
      'a rule that does not cite it',
      inFirst({ judgedBy: ['toy/length', 'toy/count'] }),
      'statement TOY-1-1 (1): toy/count judges it and does not cite it',
    ],
    [
      'a rule that cites it and is not named',
      inFirst({ judgedBy: [] }),
      'toy/length: it cites TOY-1-1 (1), which does not name it',
    ],
  ])('%s', (_, protocol, problem) => {
    expect(contractProblems(protocol)).toContain(problem);
  });
});

describe('of a rule that hangs on the dialect is named', () => {
  test.each<[string, object, string]>([
    ['a condition that is none', { onlyIf: 'sees' }, 'toy/count: onlyIf: it is sees, not an option and its value'],
    [
      'an option that there is not',
      { onlyIf: { option: 'hears', value: 'x' } },
      'toy/count: onlyIf: no dialect option is called hears',
    ],
    [
      'a value that there is not',
      { onlyIf: { option: 'sees', value: ['one', 'x'] } },
      'toy/count: onlyIf: sees has no value x',
    ],
    [
      'no value at all',
      { onlyIf: { option: 'sees', value: [] } },
      'toy/count: onlyIf: value is an empty list: it would never hold',
    ],
    [
      'a severity that there is not',
      { severityIf: { option: 'sees', value: 'both', severity: 'fatal' } },
      'toy/count: severityIf: severity is fatal; it is one of error, warning, info',
    ],
    [
      'a severity of what blames nobody',
      { severity: 'info', atFault: 'none', severityIf: { option: 'sees', value: 'both', severity: 'error' } },
      'toy/count: severityIf: no one is at fault, and what blames no one can only be an info',
    ],
  ])('%s', (_, properties, problem) => {
    expect(contractProblems(inRule('toy/count', properties))).toContain(problem);
  });

  test('nothing where all is well', () => {
    const onlyIf = { option: 'sees', value: ['one', 'both'] };
    const severityIf = { option: 'sees', value: 'both', severity: 'error' };
    expect(contractProblems(inRule('toy/count', { onlyIf, severityIf }))).toEqual([]);
  });
});
