import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Message, MORE } from 'wirelint/sdk';
import { check, contractProblems, type SendOptions, Traffic } from 'wirelint/testkit';
import { framing } from '../src/framing.ts';
import resp from '../src/index.ts';
import { valuesIn } from '../src/tree.ts';
import {
  array,
  bulk,
  bytes,
  CLIENT,
  client,
  command,
  conversation,
  faulty,
  PLANTED,
  SERVER,
  SOUND,
  server,
  type Turn,
} from './conversations.ts';

const PORT = { decodeAs: ['tcp.port==6379,resp'] };
/** Rules, without frames: those go with the segments. */
const broken = async (traffic: Traffic) => (await check(resp, traffic, PORT)).findings.map(id => id.split(' ')[0]);

test('RESP is a protocol', () => {
  assert.deepEqual(contractProblems(resp), []);
});

describe('a sound conversation', () => {
  test('breaks no rule, and is recognised without a port', async () => {
    const { findings, connections, messages } = await check(resp, conversation(SOUND));
    assert.deepEqual(findings, []);
    assert.deepEqual(
      connections.map(({ state, verdict }) => [state, verdict]),
      [['PAIRED', 'conformant']],
    );
    assert.deepEqual(
      messages.map(({ name }) => name),
      [
        ...['COMMAND', 'COMMAND', 'COMMAND', 'SIMPLE-STRING', 'BULK-STRING', 'INTEGER'],
        ...['COMMAND', 'EMPTY', 'EMPTY', 'COMMAND', 'SIMPLE-STRING', 'SIMPLE-STRING'],
        ...['COMMAND', 'ARRAY', 'COMMAND', 'ERROR'],
      ],
    );
    assert.equal(messages[1].fields.command, 'GET');
    assert.equal(messages[9].fields.command, 'PING');
    assert.equal(messages[15].fields.value, 'WRONGTYPE it is a list');
  });

  test('shows the values of an array below each other, with their bytes', () => {
    const text = array('+OK\r\n', array(':1\r\n', bulk()), bulk('ab'));
    // Behind what was captured lies what is another message's.
    const view = (captured: number) => ({ bytes: bytes(`${text}+NO`), start: 0, captured }) as Message;
    const shown = (nodes: ReturnType<typeof valuesIn>): unknown =>
      nodes.map(({ name, title, offset, length, display, children }) =>
        children ? [name, title, offset, length, display, shown(children)] : [name, title, offset, length, display],
      );
    assert.deepEqual(shown(valuesIn(view(text.length), '3.5')), [
      ['0', 'Simple string', 4, 5, 'OK'],
      [
        '1',
        'Array',
        9,
        13,
        '[2]',
        [
          ['0', 'Integer', 13, 4, '1'],
          ['1', 'Bulk string', 17, 5, 'null'],
        ],
      ],
      ['2', 'Bulk string', 22, 8, 'ab'],
    ]);
    const last = valuesIn(view(text.length - 3), '3.5').at(-1);
    assert.deepEqual([last?.cut, last?.value, last?.display], [true, null, 'a']);
  });
});

/** Bytes: from here on a cut leaves each turn whole. */
const LONGEST_TURN = Math.max(...PLANTED.map(({ text }) => text.length));

describe('one planted fault, and nothing else, however the bytes come', () => {
  const ways: readonly [string, SendOptions][] = [
    ['whole', {}],
    ['whole, each segment twice', { doubled: true }],
    ...Array.from({ length: 16 }, (_, i): [string, SendOptions] => [`${i + 1} at a time`, { cut: i + 1 }]),
    ['byte by byte, each twice', { cut: 1, doubled: true }],
    ['byte by byte, the last one first', { cut: 1, reversed: true }],
    ['7 at a time, the last ones first, each twice', { cut: 7, reversed: true, doubled: true }],
  ];

  test('in segments of each size, doubled, out of order', async () => {
    for (const [way, options] of ways) {
      assert.deepEqual(await broken(conversation(PLANTED, options)), ['resp/unsolicited'], way);
      assert.deepEqual(await broken(conversation(SOUND, options)), [], way);
    }
  });

  test('every turn cut in two at every byte, doubled and the last half first as well', async () => {
    for (const [conversed, expected] of [
      [PLANTED, ['resp/unsolicited']],
      [SOUND, []],
    ] as const) {
      for (const [index, { from, text }] of conversed.entries()) {
        for (let at = 1; at < text.length; at++) {
          const halves = [text.slice(0, at), text.slice(at)].map(half => ({ from, text: half }));
          const turns = [...conversed.slice(0, index), ...halves, ...conversed.slice(index + 1)];
          assert.deepEqual(await broken(conversation(turns)), expected, `turn ${index} at ${at}`);
        }
      }
    }
    for (const options of [{ doubled: true }, { reversed: true }, { doubled: true, reversed: true }]) {
      for (let cut = 1; cut < LONGEST_TURN; cut++)
        assert.deepEqual(await broken(conversation(PLANTED, { ...options, cut })), ['resp/unsolicited'], `cut ${cut}`);
    }
  });
});

/** Conversations that break one rule, once. Frames 1 to 3 are the handshake; each turn takes the next one. */
const PING = client(command('PING'));
const CASES: readonly Case[] = [
  { rule: 'resp/malformed', name: 'a reply that is no value', turns: [PING, server('hello\r\n')], frame: 5 },
  { rule: 'resp/malformed', name: 'a length that is no number', turns: [PING, server('$x\r\n')], frame: 5 },
  { rule: 'resp/malformed', name: 'a count that is none', turns: [PING, server('*2,0\r\n')], frame: 5 },
  {
    rule: 'resp/malformed',
    name: 'a string that is longer than it says',
    turns: [PING, server('$2\r\nabcd')],
    frame: 5,
  },
  { rule: 'resp/malformed', name: 'a count of the client', turns: [PING, client('*x\r\n')], frame: 5 },
  { rule: 'resp/broken-array', name: 'an item that is no value', turns: [PING, server('*2\r\n+a\r\nb\r\n')], frame: 5 },
  {
    rule: 'resp/broken-array',
    name: 'a string in it that is longer',
    turns: [client('*1\r\n$4\r\nPINGS\r\n')],
    frame: 4,
  },
  { rule: 'resp/line-end', name: 'LF alone', turns: [PING, server('+PONG\n')], frame: 5 },
  { rule: 'resp/line-end', name: 'LF alone in a command', turns: [client('*1\n$4\r\nPING\r\n')], frame: 4 },
  { rule: 'resp/negative-length', name: 'a string of -2', turns: [PING, server('$-2\r\n')], frame: 5 },
  { rule: 'resp/negative-length', name: 'in an array', turns: [PING, server('*1\r\n*-3\r\n')], frame: 5 },
  { rule: 'resp/integer', name: 'a fraction', turns: [PING, server(':1.5\r\n')], frame: 5 },
  { rule: 'resp/integer', name: 'nothing, in an array', turns: [PING, server('*1\r\n:\r\n')], frame: 5 },
  { rule: 'resp/command', name: 'an integer', turns: [client('*2\r\n$3\r\nGET\r\n:1\r\n')], frame: 4 },
  { rule: 'resp/command', name: 'null', turns: [client('*2\r\n$3\r\nGET\r\n$-1\r\n')], frame: 4 },
  { rule: 'resp/unsolicited', name: 'a second reply', turns: [PING, server('+PONG\r\n+PONG\r\n')], frame: 5 },
  { rule: 'resp/unsolicited', name: 'a reply before any command', turns: [server('$2\r\nhi\r\n')], frame: 4 },
  { rule: 'resp/unsolicited', name: 'one to nothing', turns: [client('\r\n'), server('+PONG\r\n')], frame: 5 },
  { rule: 'resp/error-prefix', name: 'words alone', turns: [PING, server('-no such key\r\n')], frame: 5 },
];

interface Case {
  readonly rule: string;
  readonly name: string;
  readonly turns: readonly Turn[];
  readonly frame: number;
}

describe('a conversation that breaks one rule', () => {
  for (const { rule, name, turns, frame } of CASES) {
    test(`${rule}: ${name}`, async () => {
      assert.deepEqual((await check(resp, conversation(turns), PORT)).findings, [`${rule} ${frame}`]);
    });
  }

  test('is there for each rule', () => {
    const rules = [...resp.rules.map(({ id }) => id), 'resp/broken-array'];
    assert.deepEqual(
      rules.filter(id => !CASES.some(({ rule }) => rule === id)),
      [],
    );
  });
});

describe('what RESP allows is not accused', () => {
  const PSYNC = client(command('PSYNC', '?', '-1'));
  const MARK = 'a1'.repeat(20);
  const pushes = server(
    array(bulk('message'), bulk('news'), bulk('hello')),
    array(bulk('message'), bulk('news'), bulk('')),
  );
  const subscribed = server(
    array(bulk('subscribe'), bulk('news'), ':1\r\n'),
    array(bulk('subscribe'), bulk('b'), ':2\r\n'),
  );
  const free: readonly [string, readonly Turn[]][] = [
    ['pushes to a subscriber', [client(command('SUBSCRIBE', 'news', 'b')), subscribed, pushes]],
    ['pushes to one who subscribed in lower case and inline', [client('subscribe news b\r\n'), subscribed, pushes]],
    ['what a monitor hears', [client(command('MONITOR')), server('+OK\r\n'), server('+1.5 "ping"\r\n+1.6 "ping"\r\n')]],
    [
      'RESP3',
      [client(command('HELLO', '3')), server('%1\r\n$5\r\nproto\r\n:3\r\n', '>1\r\n+x\r\n', '_\r\n', '#t\r\n')],
    ],
    ['a snapshot of known length', [PSYNC, server('+FULLRESYNC a 0\r\n', '$8\r\nREDIS\n*1', command('PING'))]],
    ['a snapshot up to a mark', [PSYNC, server(`$EOF:${MARK}\r\nREDIS\n*1\n\n${MARK}`, command('PING'))]],
    ['no replies where none are wanted', [client(command('CLIENT', 'REPLY', 'OFF'), command('PING'))]],
    ['an error before any command', [server('-ERR max number of clients reached\r\n')]],
    ['a reply that is still to come', [client(command('BLPOP', 'list', '0'))]],
  ];
  for (const [name, turns] of free) {
    test(name, async () => {
      for (const cut of [1, 5, 1_000]) assert.deepEqual(await broken(conversation(turns, { cut })), []);
    });
  }

  test('a connection met in the middle is inconclusive', async () => {
    const traffic = new Traffic();
    traffic
      .join(CLIENT, SERVER)
      .client(bytes(command('PING')))
      .server(bytes('+PONG\r\n+PONG\r\n'));
    const { findings, connections } = await check(resp, traffic, PORT);
    assert.deepEqual([findings, connections.map(({ verdict }) => verdict)], [[], ['inconclusive']]);
  });

  test('and one with a hole', async () => {
    const traffic = new Traffic();
    const talk = traffic.connect(CLIENT, SERVER).client(bytes(command('PING')), { captured: false });
    talk
      .server(bytes('+PONG\r\n'))
      .client(bytes(command('GET', 'a')))
      .server(bytes(bulk('b')));
    const { findings, connections } = await check(resp, traffic, PORT);
    assert.deepEqual([findings, connections.map(({ verdict }) => verdict)], [[], ['inconclusive']]);
  });
});

describe('an array of many values', () => {
  const many = bytes(`*50000\r\n${':1\r\n'.repeat(50_000)}`);

  test('is looked through once when it comes byte by byte', () => {
    const notes = new Float64Array(framing.notes ?? 0);
    const began = performance.now();
    for (let end = 1; end < many.length; end++) assert.equal(framing.lengthOf(many, 0, end, end - 1, notes), MORE);
    assert.equal(framing.lengthOf(many, 0, many.length, many.length - 1, notes), many.length);
    // Each time from its beginning, it would be some minutes.
    assert.ok(performance.now() - began < 20_000);
  });

  test('is too long when it says so, before its values come', async () => {
    const turns = [PING, server('*9999999999\r\n:1\r\n')];
    assert.deepEqual(await broken(conversation(turns)), ['framing/message-too-long']);
  });

  test('each in the next one, is read in a loop', async () => {
    const deep = server(`${'*1\r\n'.repeat(100_000)}:1\r\n`);
    const { findings, messages } = await check(resp, conversation([PING, deep], { cut: 1_000 }), PORT);
    assert.deepEqual([findings, messages.length], [[], 2]);
  });
});

test('a finding says where and who', async () => {
  const { report } = await check(resp, faulty());
  assert.deepEqual(
    report.findings.map(({ ruleId, frame, atFault, bytes: range }) => ({ ruleId, frame, atFault, range })),
    [
      { ruleId: 'resp/unsolicited', frame: 7, atFault: SERVER, range: { offset: 0, length: 1 } },
      { ruleId: 'resp/integer', frame: 9, atFault: SERVER, range: { offset: 0, length: 6 } },
    ],
  );
});
