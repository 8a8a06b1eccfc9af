import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Bytes, check, contractProblems, Traffic } from 'wirelint/testkit';
import kv from '../src/index.ts';
import { BYE, CLIENT, ERROR, faulty, framed, GET, HELLO, SERVER, sound, VALUE } from './conversations.ts';

test('KV is a protocol', () => {
  assert.deepEqual(contractProblems(kv), []);
});

describe('a sound conversation', () => {
  test('breaks no rule, however it is cut, and is recognised without a port', async () => {
    for (const cut of [undefined, 1, 3, 7]) {
      const { findings, connections } = await check(kv, sound(cut));
      assert.deepEqual(findings, []);
      assert.deepEqual(
        connections.map(({ state, messages, verdict }) => ({ state, messages, verdict })),
        [{ state: 'DONE', messages: 6, verdict: 'conformant' }],
      );
    }
  });

  test('is dissected', async () => {
    const { messages } = await check(kv, sound());
    assert.deepEqual(
      messages.map(({ name }) => name),
      ['HELLO', 'GET', 'GET', 'ERROR', 'VALUE', 'BYE'],
    );
    assert.deepEqual(messages[1].fields, { type: 2, id: 1, key: 'color' });
    assert.deepEqual(messages[3].fields, { type: 4, id: 2, reason: 1 });
  });

  test('may use an id again once it was answered', async () => {
    const traffic = new Traffic();
    const talk = traffic.connect(CLIENT, SERVER).client(HELLO);
    for (let round = 0; round < 3; round++) talk.client(GET('0001')).server(VALUE('0001'));
    assert.deepEqual((await check(kv, traffic)).findings, []);
  });
});

/** Conversations that break one rule, once. Frames 1 to 3 are the handshake; each message takes the next one. */
const CASES: readonly Case[] = [
  { rule: 'kv/malformed', name: 'a GET that ends inside its id', client: [HELLO, framed('02 00')], frame: 5 },
  { rule: 'kv/malformed', name: 'a BYE with something after it', client: [HELLO, framed('05 00')], frame: 5 },
  { rule: 'kv/malformed', name: 'an unknown type', client: [HELLO, framed('09')], frame: 5 },
  { rule: 'kv/malformed', name: 'no type at all', client: [HELLO, framed('')], frame: 5 },
  { rule: 'kv/out-of-turn', name: 'requests before HELLO', client: [GET('0001'), GET('0002')], frame: 4 },
  { rule: 'kv/out-of-turn', name: 'a second HELLO', client: [HELLO, HELLO], frame: 5 },
  { rule: 'kv/out-of-turn', name: 'a request after BYE', client: [HELLO, BYE, GET('0001')], frame: 6 },
  { rule: 'kv/out-of-turn', name: 'a request of the server', client: [HELLO], server: [GET('0001')], frame: 5 },
  { rule: 'kv/id-in-use', name: 'the id of one that waits', client: [HELLO, GET('0001'), GET('0001')], frame: 6 },
  {
    rule: 'kv/unsolicited',
    name: 'an answer with another id',
    client: [HELLO, GET('0001')],
    server: [VALUE('0002')],
    frame: 6,
  },
  {
    rule: 'kv/unsolicited',
    name: 'a second answer',
    client: [HELLO, GET('0001')],
    server: [VALUE('0001'), ERROR('0001')],
    frame: 7,
  },
];

interface Case {
  readonly rule: string;
  readonly name: string;
  readonly client: readonly Bytes[];
  readonly server?: readonly Bytes[];
  readonly frame: number;
}

describe('a conversation that breaks one rule', () => {
  for (const { rule, name, client, server = [], frame } of CASES) {
    test(`${rule}: ${name}`, async () => {
      const traffic = new Traffic();
      const talk = traffic.connect(CLIENT, SERVER);
      for (const said of client) talk.client(said);
      for (const said of server) talk.server(said);
      const { findings } = await check(kv, traffic, { decodeAs: ['tcp.port==7411,kv'] });
      assert.deepEqual(findings, [`${rule} ${frame}`]);
    });
  }

  test('is there for each rule', () => {
    const rules = kv.rules.map(({ id }) => id);
    assert.deepEqual(
      rules.filter(id => !CASES.some(({ rule }) => rule === id)),
      [],
    );
  });
});

test('a finding says where and who', async () => {
  const { report } = await check(kv, faulty());
  const { ruleId, frame, atFault, bytes, relatedFrames } = report.findings[1];
  assert.deepEqual(
    { ruleId, frame, atFault, bytes, relatedFrames },
    { ruleId: 'kv/id-in-use', frame: 8, atFault: CLIENT, bytes: { offset: 1, length: 2 }, relatedFrames: [5] },
  );
});

describe('what was not seen is not judged', () => {
  test('a connection met in the middle is inconclusive', async () => {
    const traffic = new Traffic();
    traffic.join(CLIENT, SERVER).client(GET('0001')).server(VALUE('0001')).server(VALUE('0002'));
    const { findings, connections } = await check(kv, traffic, { decodeAs: ['tcp.port==7411,kv'] });
    assert.deepEqual(findings, []);
    assert.deepEqual(
      connections.map(({ client, verdict }) => [client, verdict]),
      [[CLIENT, 'inconclusive']],
    );
  });

  test('so is one with a hole, even if its answers seem to come from nowhere', async () => {
    const traffic = new Traffic();
    const talk = traffic.connect(CLIENT, SERVER).client(HELLO);
    talk.client(GET('0001'), { captured: false }).server(VALUE('0001'));
    const { findings, connections } = await check(kv, traffic);
    assert.deepEqual(findings, []);
    assert.equal(connections[0].verdict, 'inconclusive');
  });
});
