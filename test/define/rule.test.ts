import { expect, test } from 'vitest';
import type { AnyExchange } from '../../src/define/exchange.ts';
import { malformed, rule } from '../../src/define/rule.ts';

const clause = [
  { clause: '2', edition: 'old', says: 'A message has its length.' },
  { clause: '3', edition: 'new' },
] as const;
const editionHere = () => 'new';

test('a rule keeps its clauses, and how it tells which one holds', () => {
  const words = { summary: 's', why: 'It matters.', example: 'e' };
  const made = rule<AnyExchange>({ id: 'kv/a', severity: 'error', restsOn: 'bytes', ...words, clause, editionHere });
  expect(made).toMatchObject({ clause, editionHere });
});

test('so does the rule about the form of messages, and one clause keeps what it says', () => {
  expect(malformed<AnyExchange>({ id: 'kv/malformed', clause, editionHere })).toMatchObject({ clause, editionHere });
  const one = { clause: '2', says: 'A message has its length.' };
  expect(malformed<AnyExchange>({ id: 'kv/malformed', ...one })).toMatchObject(one);
});
