/** The tables of numbered statements, against the counts that the catalogue of rules gives. */
import { describe, expect, test } from 'vitest';
import { STATEMENTS, statementsJudgedBy } from '../../../dissectors/mqtt/statements.ts';
import type { Statement } from '../../../src/sdk.ts';

const inEdition = (edition: string) => STATEMENTS.filter(statement => statement.edition === edition);
const numberOf = ({ id }: Statement) => id.replace('MQTT-', '').split(/[.-]/).map(Number);
const named = ({ judgedBy, needs }: Statement) => [...judgedBy, ...(needs?.rules ?? [])];

test.each([
  ['3.1.1', { all: 141, judged: 103, broker: 22, webSocket: 3, hidden: 13 }],
  ['5.0', { all: 251, judged: 199, broker: 36, webSocket: 3, hidden: 13 }],
])('%s has as many as the specification, each judged or told why not', (edition, counts) => {
  const all = inEdition(edition);
  const judged = all.filter(({ judgedBy }) => judgedBy.length > 0);
  const others = all.filter(statement => !judged.includes(statement));
  expect({
    all: all.length,
    judged: judged.length,
    broker: others.filter(({ needs }) => needs?.option === 'sees').length,
    webSocket: others.filter(({ needs }) => needs !== undefined && needs.option === undefined).length,
    hidden: others.filter(({ notObservable }) => notObservable !== undefined).length,
  }).toEqual(counts);
});

test.each(['3.1.1', '5.0'])('those of %s stand in order, each once', edition => {
  const numbers = inEdition(edition).map(numberOf);
  const inOrder = numbers.toSorted((one, other) => {
    const at = one.findIndex((part, index) => part !== other[index]);
    return at < 0 ? 0 : one[at]! - other[at]!;
  });
  expect(numbers).toEqual(inOrder);
  expect(new Set(numbers.map(String)).size).toBe(numbers.length);
  for (const { id } of inEdition(edition)) expect(id).toMatch(/^MQTT-\d+\.\d+\.\d+-\d+$/);
});

test('what is not judged by default and not hidden names rules that judge it', () => {
  for (const statement of STATEMENTS) {
    expect([statement.id, named(statement).length > 0]).toEqual([statement.id, statement.notObservable === undefined]);
  }
});

describe('as far as there are rules', () => {
  const rules = [{ id: 'mqtt/utf8' }, { id: 'mqtt/forward-qos' }];
  const statements = statementsJudgedBy(rules);

  test('all of them are there, and name no other rule', () => {
    expect(statements.map(({ id, edition }) => [id, edition])).toEqual(
      STATEMENTS.map(({ id, edition }) => [id, edition]),
    );
    expect([...new Set(statements.flatMap(named))].sort()).toEqual(['mqtt/forward-qos', 'mqtt/utf8']);
  });

  test('one of which nothing is left keeps what it needs, or why it is hidden', () => {
    const of = (number: string) => statements.find(({ id }) => id === `MQTT-${number}`);
    expect(of('1.5.3-1')?.judgedBy).toEqual(['mqtt/utf8']);
    expect(of('1.5.3-2')).toEqual({ id: 'MQTT-1.5.3-2', edition: '3.1.1', judgedBy: [] });
    expect(of('3.8.4-6')?.needs).toEqual({ option: 'sees', value: 'broker', rules: ['mqtt/forward-qos'] });
    expect(of('6.0.0-1')?.needs).toEqual({ words: 'the WebSocket carrier', rules: [] });
    expect(of('7.0.0-1')?.notObservable).toBe('a conformance clause');
  });
});

test('with all rules that they name, they are what they were', () => {
  const ids = [...new Set(STATEMENTS.flatMap(named))];
  expect(ids).toHaveLength(118);
  expect(statementsJudgedBy(ids.map(id => ({ id })))).toEqual(STATEMENTS);
});
