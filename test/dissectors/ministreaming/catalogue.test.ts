/** Every rule of the catalogue is broken alone, at the right frame, by the right end. */
import { describe, expect, test } from 'vitest';
import ministreaming from '../../../dissectors/ministreaming/index.ts';
import {
  ANN,
  BOB,
  cut,
  type JudgeOptions,
  judge,
  type Line,
  later,
  link,
  raw,
  tally,
} from '../../kit/ministreaming.ts';

/** As agreed on before the rules were written: severity, who is at fault. */
const CATALOGUE: Readonly<Record<string, readonly [severity: string, atFault: string]>> = {
  'ministreaming/truncated-header': ['error', 'sender'],
  'ministreaming/unknown-type': ['error', 'sender'],
  'ministreaming/reserved-type': ['warning', 'sender'],
  'ministreaming/reserved-id': ['error', 'sender'],
  'ministreaming/wrong-direction': ['error', 'sender'],
  'ministreaming/own-id': ['error', 'sender'],
  'ministreaming/syn-missing-key': ['error', 'sender'],
  'ministreaming/syn-key-format': ['warning', 'sender'],
  'ministreaming/syn-id-in-use': ['error', 'sender'],
  'ministreaming/ack-length': ['error', 'sender'],
  'ministreaming/ack-unexpected': ['error', 'sender'],
  'ministreaming/ack-duplicate': ['error', 'sender'],
  'ministreaming/ack-after-close': ['error', 'sender'],
  'ministreaming/server-id-in-use': ['error', 'sender'],
  'ministreaming/data-unknown-id': ['error', 'sender'],
  'ministreaming/data-before-ack': ['error', 'sender'],
  'ministreaming/data-after-close': ['error', 'sender'],
  'ministreaming/data-crossing-close': ['info', 'none'],
  'ministreaming/data-after-refusal': ['error', 'sender'],
  'ministreaming/close-payload': ['error', 'sender'],
  'ministreaming/close-unknown-id': ['error', 'sender'],
  'ministreaming/close-duplicate': ['warning', 'sender'],
  'ministreaming/syn-unanswered': ['warning', 'receiver'],
  'ministreaming/left-open': ['info', 'none'],
  'ministreaming/unknown-session': ['info', 'none'],
};

/** The ids without their prefix, as `judge` prints them. */
const NAMES = Object.keys(CATALOGUE).map(id => id.slice('ministreaming/'.length));

const c = link();
const d = link('ann', 0x234568, 0x987655);
/** Bob is the client. */
const e = link('bob', 0x345678, 0x876543);
const opened = [c.syn(), c.ack()];
const ann = (hex: string): Line => raw('ann', Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const bob = (hex: string): Line => raw('bob', Buffer.from(hex.replaceAll(' ', ''), 'hex'));

/** Lines, what is found, and who is blamed. */
type Case = readonly [
  what: string,
  lines: readonly Line[],
  broken: readonly string[],
  atFault: string | null,
  options?: JudgeOptions,
];

const CASES: readonly Case[] = [
  ['a CLOSE without the last byte of its id', [...opened, ann('a2 98 76'), c.send()], ['truncated-header 3'], ANN],
  ['an empty datagram', [...opened, bob(''), c.send()], ['truncated-header 3'], BOB],
  ['a ping', [...opened, ann('ff'), c.send()], ['truncated-header 3'], ANN],
  [
    'two bytes FF are no ping',
    [...opened, ann('ff ff')],
    ['truncated-header 3'],
    ANN,
    { dialect: { chaff: 'ignore' } },
  ],
  ['a type of neither range', [...opened, ann('c0 98 76 54'), c.send()], ['unknown-type 3'], ANN],
  ['chaff', [...opened, bob('ff 00 00 00 01'), c.send()], ['unknown-type 3'], BOB],
  ['the last reserved type of clients', [...opened, ann('af 98 76 54'), c.send()], ['reserved-type 3'], ANN],
  ['the first reserved type of servers', [...opened, bob('53 23 45 67'), c.send()], ['reserved-type 3'], BOB],
  ['the reserved id in DATA', [...opened, ann('a0 00 00 00 64'), c.send()], ['reserved-id 3'], ANN],
  ['the reserved id in CLOSE', [...opened, bob('52 00 00 00'), c.answer()], ['reserved-id 3'], BOB],
  ['the reserved id in ACK', [...opened, bob('51 00 00 00 01 02 03')], ['reserved-id 3'], BOB],
  [
    'a SYN with the reserved id; who answers is not at fault',
    [ann('a1 00 00 00 64'), bob('51 00 00 00 98 76 54'), ann('a0 98 76 54 64'), bob('50 00 00 00 65')],
    ['reserved-id 1'],
    ANN,
  ],
  [
    'the reserved id given out as server id; who uses it is not at fault',
    [c.syn(), c.ack(0), ann('a0 00 00 00 64'), ann('a2 00 00 00')],
    ['reserved-id 2'],
    BOB,
  ],
  [
    "the server sends the client's DATA, with the client's id",
    [...opened, bob('a0 23 45 67 64'), c.answer()],
    ['wrong-direction 3'],
    BOB,
  ],
  [
    "the client sends the server's CLOSE, with the server's id",
    [...opened, ann('52 98 76 54'), c.send()],
    ['wrong-direction 3'],
    ANN,
  ],
  [
    'the client sends ACK, with the server id',
    [...opened, ann('51 98 76 54 01 02 03'), c.send()],
    ['wrong-direction 3'],
    ANN,
  ],
  ['DATA of the client with its own id', [...opened, ann('a0 23 45 67 64'), c.send()], ['own-id 3'], ANN],
  ['DATA with its own id before the ACK', [c.syn(), ann('a0 23 45 67 64'), c.ack(), c.send()], ['own-id 2'], ANN],
  ['CLOSE of the server with its own id', [...opened, bob('52 98 76 54'), c.answer()], ['own-id 3'], BOB],
  ['DATA of a role it has not, with its own id', [...opened, bob('a0 98 76 54 64'), c.answer()], ['own-id 3'], BOB],
  ['a SYN without a key', [c.syn(new Uint8Array(0)), c.ack(), c.send()], ['syn-missing-key 1'], ANN],
  [
    'a SYN without a key that is never answered',
    [c.syn(new Uint8Array(0)), d.syn(), d.ack(), later(100, d.send())],
    ['syn-missing-key 1'],
    ANN,
  ],
  [
    'a key that is shorter than a destination',
    [c.syn(new Uint8Array(386)), c.ack()],
    ['syn-key-format 1'],
    ANN,
    { dialect: { key: 'i2p-destination' } },
  ],
  [
    'a key that is longer than its certificate says',
    [c.syn(new Uint8Array(388)), c.ack()],
    ['syn-key-format 1'],
    ANN,
    { dialect: { key: 'i2p-destination' } },
  ],
  ['a SYN sent twice', [c.syn(), c.syn(), c.ack()], ['syn-id-in-use 2'], ANN],
  ['a SYN sent twice, answered twice', [c.syn(), c.syn(), c.ack(), c.ack(0x111111)], ['syn-id-in-use 2'], ANN],
  ['a SYN with the id of an open connection', [...opened, c.syn(), c.send()], ['syn-id-in-use 3'], ANN],
  [
    'a SYN with an id that one side closed 29 s ago',
    [...opened, c.close(), later(29, c.syn()), c.ack(), c.send()],
    ['syn-id-in-use 4'],
    ANN,
  ],
  ['an ACK of two bytes', [c.syn(), bob('51 23 45 67 98 76'), ann('a0 98 76 00 64')], ['ack-length 2'], BOB],
  ['an ACK of four bytes', [c.syn(), bob('51 23 45 67 98 76 54 00'), c.send()], ['ack-length 2'], BOB],
  [
    'the misprint of sample conversation (c)',
    [...opened, c.send(), c.answer(), bob('51 23 45 67')],
    ['ack-length 5'],
    BOB,
  ],
  ['an ACK for another id than the SYN has', [c.syn(), bob('51 23 45 68 98 76 54')], ['ack-unexpected 2'], BOB],
  [
    'an ACK for which there was no SYN, and what its sender says then',
    [...opened, d.ack(), d.answer(), d.serverClose()],
    ['ack-unexpected 3'],
    BOB,
  ],
  ['an ACK sent twice', [...opened, c.ack(), c.send()], ['ack-duplicate 3'], BOB],
  [
    'two ACKs with different ids: the client may use either',
    [...opened, c.ack(0x111111), c.send(), ann('a0 11 11 11 64')],
    ['ack-duplicate 3'],
    BOB,
  ],
  ["an ACK sent twice, the second after the client's CLOSE", [...opened, c.close(), c.ack()], ['ack-duplicate 4'], BOB],
  ['an ACK after the refusal', [c.syn(), c.refuse(), c.ack(), c.send(), c.answer()], ['ack-after-close 3'], BOB],
  ["an ACK after the server's CLOSE", [...opened, c.serverClose(), c.ack()], ['ack-after-close 4'], BOB],
  ['one server id for two connections', [...opened, d.syn(), d.ack(c.serverId), c.send()], ['server-id-in-use 4'], BOB],
  [
    'a server id that one side closed 29 s ago',
    [...opened, c.serverClose(), later(29, d.syn()), d.ack(c.serverId)],
    ['server-id-in-use 5'],
    BOB,
  ],
  ['DATA of the client with an unknown id', [...opened, ann('a0 98 76 55 64'), c.send()], ['data-unknown-id 3'], ANN],
  ['DATA of the server with an unknown id', [...opened, bob('50 23 45 68 64')], ['data-unknown-id 3'], BOB],
  ["the server's DATA before its ACK", [c.syn(), c.answer(), c.ack(), c.send()], ['data-before-ack 2'], BOB],
  [
    "the server's DATA without an ACK at all",
    [c.syn(), c.answer(), later(100, c.answer())],
    ['data-before-ack 2'],
    BOB,
  ],
  ["the client's DATA after its CLOSE", [...opened, c.close(), c.send()], ['data-after-close 4'], ANN],
  ["the server's DATA after its CLOSE", [...opened, c.serverClose(), c.answer()], ['data-after-close 4'], BOB],
  ['DATA after both CLOSEs', [...opened, c.serverClose(), c.close(), c.send()], ['data-after-close 5'], ANN],
  ["the server's DATA after the client's CLOSE", [...opened, c.close(), c.answer()], ['data-crossing-close 4'], null],
  [
    "the client's DATA after the server's CLOSE",
    [...opened, c.serverClose(), c.send(), c.close()],
    ['data-crossing-close 4'],
    null,
  ],
  ["the server's DATA after the refusal", [c.syn(), c.refuse(), c.answer()], ['data-after-refusal 3'], BOB],
  ['a refusal of three bytes', [c.syn(), c.refuse([0xb7, 0x75, 0x41])], ['close-payload 2'], BOB],
  ["the client's CLOSE with a payload", [...opened, ann('a2 98 76 54 00')], ['close-payload 3'], ANN],
  [
    'a refusal of three bytes, whatever the chaff',
    [c.syn(), c.refuse([0xb7, 0x75, 0x41])],
    ['close-payload 2'],
    BOB,
    { dialect: { chaff: 'ignore' } },
  ],
  ['CLOSE of the client with an unknown id', [...opened, ann('a2 98 76 55')], ['close-unknown-id 3'], ANN],
  ['CLOSE of the server with an unknown id', [...opened, bob('52 23 45 68')], ['close-unknown-id 3'], BOB],
  ['CLOSE of the client twice', [...opened, c.close(), c.close()], ['close-duplicate 4'], ANN],
  ['CLOSE of the server twice', [...opened, c.serverClose(), c.close(), c.serverClose()], ['close-duplicate 5'], BOB],
  ['a refusal twice', [c.syn(), c.refuse(), c.refuse()], ['close-duplicate 3'], BOB],
  [
    'a SYN without an answer, noticed when its session speaks again',
    [c.syn(), d.syn(), d.ack(), later(61, d.send())],
    ['syn-unanswered 1'],
    BOB,
  ],
  ['an answer that comes too late', [c.syn(), later(61, c.ack()), c.send()], ['syn-unanswered 1'], BOB],
  [
    'a SYN without an answer, noticed at the end of the capture',
    [c.syn(), later(61, { ...d.syn(), ann: '10.0.0.9:7001' })],
    ['syn-unanswered 1'],
    BOB,
    // Of the whole flow only one direction was seen.
    { capture: 'complete' },
  ],
  [
    'a SYN without an answer for a second',
    [c.syn(), later(1.1, c.refuse())],
    ['syn-unanswered 1'],
    BOB,
    { dialect: { answerTimeout: '1s' } },
  ],
  [
    'an open connection at the end',
    [...opened, c.send()],
    ['left-open 2'],
    null,
    { severities: { 'left-open': 'info' } },
  ],
  ['DATA is the first message', [c.send(), c.answer()], ['unknown-session 1'], null],
  [
    'an unknown type is the first message',
    [bob('f0 01 02 03'), c.syn()],
    ['unknown-session 1', 'unknown-type 1'],
    null,
  ],
];

test('the folder has the rules of the catalogue', () => {
  const found = ministreaming.rules.map(({ id, severity, atFault }) => [id, [severity, atFault]]);
  expect(Object.fromEntries(found)).toEqual(CATALOGUE);
});

describe('alone, and in its place', () => {
  const cases = CASES.map(([what, lines, broken, atFault, options]) => ({ what, lines, broken, atFault, options }));

  test.each(cases)('$what', ({ lines, broken, atFault, options }) => {
    const { broken: found, findings } = judge(lines, options);
    expect(found).toEqual(broken);
    expect(findings[0].atFault).toBe(atFault);
    for (const { ruleId, bytes, frame } of findings) {
      const { bytes: sent } = lines[frame - 1];
      expect([ruleId, bytes === null || bytes.offset + bytes.length <= sent.length]).toEqual([ruleId, true]);
    }
  });

  test('every rule has a case', () => {
    const shown = new Set(CASES.flatMap(([, , broken]) => broken.map(line => line.split(' ')[0])));
    expect(NAMES.filter(rule => !shown.has(rule))).toEqual([]);
  });
});

describe('each packet gets one of the rules about ids', () => {
  test('own-id rather than data-unknown-id, or wrong-direction where it is the own id and the wrong role', () => {
    const { broken } = judge([...opened, e.syn(), e.ack(), ann('a0 23 45 67 64'), ann('50 23 45 67 64')]);
    expect(broken).toEqual(['own-id 5', 'own-id 6']);
  });

  test("the id of a connection that is over is not the sender's own", () => {
    const { broken } = judge([...opened, c.close(), c.serverClose(), ann('a0 23 45 67 64')]);
    expect(broken).toEqual(['data-unknown-id 5']);
  });

  test('the id of the other role is found, whatever became of its connection', () => {
    expect(judge([...opened, c.close(), c.serverClose(), bob('a0 23 45 67 64')]).broken).toEqual(['wrong-direction 5']);
  });
});

describe('what the snap length hides is no fault', () => {
  test.each([0, 1, 3])('%i bytes of each message are left', captured => {
    const lines = [c.syn(), c.ack(), c.send(), c.close(), c.send()].map(line => cut(captured, line));
    expect(judge(lines).findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
  });

  test('the header is left: the steps are known, the server id is not', () => {
    const lines = [c.syn(), c.ack(), c.answer(), c.send(), c.close(), c.serverClose()].map(line => cut(4, line));
    const found = judge(lines);
    expect(found.broken).toEqual([]);
    expect(found.connections.map(({ verdict }) => verdict)).toContain('inconclusive');
    expect(judge([c.syn(), c.refuse([1, 2, 3])].map(line => cut(4, line))).broken).toEqual(['close-payload 2']);
  });

  test('one message whose id is hidden may have been about any connection before it, and none behind it', () => {
    const hidden = cut(2, c.serverClose());
    const found = judge([...opened, hidden, c.answer(), c.close(), c.close(), d.syn(), d.ack(), d.close(), d.close()]);
    expect(found.broken).toEqual(['close-duplicate 10']);
  });

  test('a key of which the certificate is hidden', () => {
    const found = judge([cut(300, c.syn()), c.refuse()], { dialect: { key: 'i2p-destination' } });
    expect(found.broken).toEqual([]);
    expect(tally(found, 'syn-key-format')).toEqual([0, 0, 1]);
  });

  test('a datagram of one byte that was not captured may be a ping', () => {
    const lines = [...opened, cut(0, ann('ff'))];
    expect(judge(lines, { dialect: { chaff: 'ignore' } }).broken).toEqual([]);
    expect(judge(lines).broken).toEqual(['truncated-header 3']);
  });
});

describe('what was and was not exercised', () => {
  test('of a plain conversation', () => {
    const found = judge([...opened, c.send(), c.answer(), c.close(), c.serverClose()]);
    const exercised = NAMES.filter(rule => (tally(found, rule)?.[0] ?? 0) > 0);
    const not = ['syn-key-format', 'data-after-refusal', 'left-open', 'unknown-session'];
    expect(exercised).toEqual(NAMES.filter(rule => !not.includes(rule)));
    expect(tally(found, 'truncated-header')).toEqual([6, 0, 0]);
    expect(tally(found, 'syn-unanswered')).toEqual([1, 0, 0]);
    expect(tally(found, 'left-open')).toBeUndefined();
  });

  test('a capture that dropped packets proves nothing about what is missing', () => {
    const found = judge([...opened, ann('a0 98 76 55 64'), c.close(), raw('bob', [0xc0, 0, 0, 1])], { dropped: 3 });
    expect(found.broken).toEqual(['unknown-type 5']);
  });
});
