/** TOY, as if its specification had two editions and numbered its statements: for tests of what stands on that. */
import type { Protocol, Statement } from '../../src/sdk.ts';
import { toy } from './toy.ts';

type Toy = typeof toy extends Protocol<infer Context> ? Protocol<Context> : never;

/** By rule: its clauses in edition 1 and 2, and what it says there. */
const CITED: Readonly<Record<string, readonly [one: string, two: string, says: string]>> = {
  'toy/length': ['TOY-1-1, TOY-3-1', 'TOY-1-1, TOY-1-2, TOY-3-1', 'A message is as long as its type allows.'],
  'toy/hello-first': ['TOY-2-1', 'TOY-2-1', 'HELLO comes first.'],
  'toy/after-bye': ['TOY-4-1', 'TOY-4-1', 'Nothing follows BYE.'],
  'toy/count': ['TOY-3-1', 'TOY-3-1', 'The count is the number of characters.'],
};

/** Told from the outside: `sees=both` says that both ends are looked into. */
const OPTIONS: Toy['dialect'] = [
  { name: 'edition', kind: 'choice', values: ['auto', '1', '2'], default: 'auto', meaning: 'which one is spoken' },
  { name: 'sees', kind: 'choice', values: ['one', 'both'], default: 'one', meaning: 'which ends are looked into' },
];

const rules: Toy['rules'] = toy.rules.map(rule => {
  const [one, two, says] = CITED[rule.id] ?? [];
  if (one === undefined || two === undefined || says === undefined) return rule;
  const clause = [
    { clause: one, edition: '1', says },
    { clause: two, edition: '2', says },
  ];
  return { ...rule, clause, ...(rule.id === 'toy/after-bye' && { onlyIf: { option: 'sees', value: 'both' } }) };
});

const statementsOf = (edition: string): readonly Statement[] => [
  { id: 'TOY-1-1', edition, judgedBy: ['toy/length'] },
  { id: 'TOY-2-1', edition, judgedBy: ['toy/hello-first'], note: 'the first one' },
  { id: 'TOY-3-1', edition, judgedBy: ['toy/count', 'toy/length'] },
  { id: 'TOY-4-1', edition, judgedBy: [], needs: { option: 'sees', value: 'both', rules: ['toy/after-bye'] } },
  { id: 'TOY-5-1', edition, judgedBy: [], needs: { words: 'the pigeon carrier', rules: [] } },
  { id: 'TOY-6-1', edition, judgedBy: [] },
  { id: 'TOY-7-1', edition, judgedBy: [], notObservable: 'what a callee thinks' },
];

export const numbered: Toy & { readonly statements: readonly Statement[] } = {
  ...toy,
  dialect: [...toy.dialect, ...OPTIONS],
  rules,
  statements: [...statementsOf('1'), { id: 'TOY-1-2', edition: '2', judgedBy: ['toy/length'] }, ...statementsOf('2')],
};
