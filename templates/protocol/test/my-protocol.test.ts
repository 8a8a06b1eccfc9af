import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { check, contractProblems } from 'wirelint/testkit';
import protocol from '../src/index.ts';
import { conversation, FIRST, PORT } from './conversation.ts';

/** Two requests at a time, answered the other way round. */
const SOUND = ['> OPEN1', '> FIND0001color', '> FIND0002shape', '< GIVE0002round', '< GIVE0001green', '> DONE'];

test('MY-PROTOCOL is a protocol', () => {
  assert.deepEqual(contractProblems(protocol), []);
});

test('a sound conversation breaks no rule, and is recognised without a port', async () => {
  const { findings, connections } = await check(protocol, conversation(SOUND));
  assert.deepEqual(findings, []);
  assert.deepEqual(
    connections.map(({ state, messages, verdict }) => ({ state, messages, verdict })),
    [{ state: 'OVER', messages: 6, verdict: 'conformant' }],
  );
});

test('its messages are dissected', async () => {
  const { messages } = await check(protocol, conversation(SOUND));
  assert.deepEqual(
    messages.map(({ name }) => name),
    ['OPEN', 'FIND', 'FIND', 'GIVE', 'GIVE', 'DONE'],
  );
  assert.equal(messages[1].fields.id, '0001');
  assert.equal(messages[1].fields.key, 'color');
});

/** Yours: a conversation for each way to break each rule, and which of its messages does it, from 0 on. */
const CASES: readonly (readonly [rule: string, name: string, lines: readonly string[], broken: number])[] = [
  ['my-protocol/malformed', 'a request that ends inside its id', ['> OPEN1', '> FIND00'], 1],
  ['my-protocol/malformed', 'an unknown type', ['> OPEN1', '> SING0001'], 1],
  ['my-protocol/out-of-turn', 'a request of the server', ['> OPEN1', '< FIND0001color'], 1],
  ['my-protocol/out-of-turn', 'a second OPEN', ['> OPEN1', '> OPEN1'], 1],
  ['my-protocol/out-of-turn', 'a request after DONE', ['> OPEN1', '> DONE', '> FIND0001color'], 2],
  ['my-protocol/unsolicited', 'an answer to nothing', ['> OPEN1', '> FIND0001color', '< GIVE0009green'], 2],
  ['my-protocol/unsolicited', 'two answers', ['> OPEN1', '> FIND0001color', '< GIVE0001green', '< GIVE0001red'], 3],
];

describe('a conversation that breaks one rule', () => {
  for (const [rule, name, lines, broken] of CASES) {
    test(`${rule}: ${name}`, async () => {
      const { findings } = await check(protocol, conversation(lines), { decodeAs: [PORT] });
      assert.deepEqual(findings, [`${rule} ${FIRST + broken}`]);
    });
  }

  test('is there for each rule', () => {
    const missing = protocol.rules.filter(({ id }) => !CASES.some(([rule]) => rule === id));
    assert.deepEqual(missing, []);
  });
});
