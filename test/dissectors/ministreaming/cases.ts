/**
 * Conversations that break one rule each, or more where it says so, and who is at fault. The catalogue's tests hold them to
 * the letter; those of test/field/ do things to their captures.
 */
import { ANN, BOB, type JudgeOptions, type Line, later, link, raw } from '../../kit/ministreaming.ts';

export const c = link();
export const d = link('ann', 0x234568, 0x987655);
/** Bob is the client. */
export const e = link('bob', 0x345678, 0x876543);
export const opened = [c.syn(), c.ack()];
export const ann = (hex: string): Line => raw('ann', Buffer.from(hex.replaceAll(' ', ''), 'hex'));
export const bob = (hex: string): Line => raw('bob', Buffer.from(hex.replaceAll(' ', ''), 'hex'));

/** Lines, what is found, and who is blamed. */
export type Case = readonly [
  what: string,
  lines: readonly Line[],
  broken: readonly string[],
  atFault: string | null,
  options?: JudgeOptions,
];

export const CASES: readonly Case[] = [
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
    [...opened, c.close(), later(29, c.syn()), c.ack(0x111111), ann('a0 11 11 11 64')],
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
