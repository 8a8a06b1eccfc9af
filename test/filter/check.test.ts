import { describe, expect, test } from 'vitest';
import { complaint } from './post.ts';

describe('unknown names are reported with what was probably meant:', () => {
  test.each([
    ['post.wieght > 1', 1, 'unknown field post.wieght; did you mean post.weight?'],
    [
      'frame && post.zzzzzzzz',
      10,
      'unknown field post.zzzzzzzz; known: post.type, post.weight, post.tag, post.sent, post.place, post.mark, post.content, post.box',
    ],
    ['pots.weight', 1, 'unknown field pots.weight; did you mean post.weight?'],
    ['sevrity == error', 1, 'unknown field sevrity; did you mean severity?'],
    ['pst', 1, 'unknown field pst; did you mean dst?'],
    ['frame.nomber == 1', 1, /^unknown field frame.nomber; /],
    ['type == LETTR', 9, 'unknown type LETTR; did you mean LETTER?; in quotes, "LETTR", it is taken as it is'],
    ['state == TALKNG', 10, 'unknown state TALKNG; did you mean TALKING?; in quotes, "TALKNG", it is taken as it is'],
    ['rule == toy/cuont', 9, 'unknown rule toy/cuont; did you mean toy/count?'],
    ['rule == "toy/cuont"', 9, 'unknown rule toy/cuont; did you mean toy/count?'],
    ['rule ~ "mnet/*"', 8, 'no rule there is fits mnet/*'],
    ['rule contains xyz', 15, 'no rule there is fits xyz'],
    ['severity >= warn', 13, 'unknown severity warn; known: info, warning, error'],
    ['protocol == pots', 13, 'unknown protocol pots; did you mean post?'],
    ['direction == client && direction == up', 37, 'unknown direction up; known: client, server'],
    ['post.type == LETTERS', 14, 'unknown post.type LETTERS; did you mean LETTER?'],
    ['post.type == "LETTERS"', 14, 'unknown post.type LETTERS; did you mean LETTER?'],
  ])('%s', (text, column, reason) => {
    const said = complaint(text);
    if (reason instanceof RegExp) expect(said.replace(/^column 1: /, '')).toMatch(reason);
    else expect(said).toBe(`column ${column}: ${reason}`);
  });
});

describe('values that cannot be compared with the field are refused:', () => {
  test.each([
    ['frame == DATA', 10, 'expected a number, found DATA'],
    ['frame == "7"', 10, 'expected a number, found "7"'],
    ['frame in {1, x}', 14, 'expected a number, found x'],
    ['frame in {1..x}', 14, 'expected a number, found x'],
    ['post.weight > LETTER', 15, 'expected a number, found LETTER'],
    ['post.type > LETTER', 13, 'expected a number, found LETTER'],
    ['time > 1.5h', 8, 'expected seconds such as 1.5 or 1.5s, found 1.5h'],
    ['post.tag == 112233', 13, 'expected an identifier such as 0xaabbcc or aa:bb:cc, found 112233'],
    ['post.tag == 12', 13, 'expected an identifier such as 0xaabbcc or aa:bb:cc, found 12'],
    ['post.tag == "0xaabbcc"', 13, 'expected an identifier such as 0xaabbcc or aa:bb:cc, found "0xaabbcc"'],
    ['bytes contains 0x123', 16, 'expected bytes such as 0d:0a, or a string, found 0x123'],
    ['bytes == abc', 10, 'expected bytes such as 0d:0a, or a string, found abc'],
    ...[
      '10.0.1',
      '10.0.0.256',
      '10.0.0.0/33',
      '10.0.0.1:65536',
      '::g',
      'fe80::1%eth0',
      '2001:db8::/129',
      'localhost',
      '5',
    ].map((word): [string, number, string] => [
      `addr == ${word}`,
      9,
      `expected an address, a network or an endpoint, such as 10.0.0.1, 10.0.0.0/8 or [2001:db8::1]:7654, found ${word}`,
    ]),
    ['post.content.a > abc', 18, 'expected a number, found abc'],
    ['post.content.a in {a..b}', 20, 'expected a number, found a'],
    ['frame in {5..1}', 11, 'the range 5..1 ends before it begins'],
    ['time in {2s..1.5s}', 10, 'the range 2s..1.5s ends before it begins'],
    ['severity in {error..info}', 14, 'the range error..info ends before it begins'],
    ['addr in {10.0.0.1..10.0.0.9}', 10, 'addr has no order, so it has no ranges'],
    ['type in {A..B}', 10, 'type has no order, so it has no ranges'],
  ])('%s', (text, column, reason) => {
    expect(complaint(text)).toBe(`column ${column}: ${reason}`);
  });
});

describe('operators that the field does not know are refused:', () => {
  test.each([
    ['frame contains 5', 7, 'contains does not go with frame; known: ==, !=, <, <=, >, >=, in'],
    ['frame ~ 5', 7, '~ does not go with frame; known: ==, !=, <, <=, >, >=, in'],
    ['type < LETTER', 6, '< does not go with type; known: ==, !=, contains, ~, in'],
    ['post.tag > 0x01', 10, '> does not go with post.tag; known: ==, !=, in'],
    ['addr contains 10', 6, 'contains does not go with addr; known: ==, !=, ~, in'],
    ['bytes ~ "a"', 7, '~ does not go with bytes; known: ==, !=, contains, in'],
    ['finding == 1', 9, 'finding is there or not; it has no value to compare'],
    ['post == 1', 6, 'post is there or not; it has no value to compare'],
    ['post in {1}', 6, 'post is there or not; it has no value to compare'],
    ['post.mark == x', 11, 'post.mark is not of the same kind in all messages, and can only stand alone'],
    ['post.weight.a', 1, /no members/],
    ['frame[0] == 1', 1, /no members/],
    ['type == LETTER && post[0]', 19, /no members/],
  ])('%s', (text, column, reason) => {
    const said = complaint(text);
    if (reason instanceof RegExp) expect(said).toMatch(new RegExp(`^column ${column}: .*${reason.source}`));
    else expect(said).toBe(`column ${column}: ${reason}`);
  });
});

test.each([
  'length > 1',
  'client == 10.0.0.1',
  'server',
  'direction == client',
  'text contains a',
  'bytes',
  'comment',
  'post.weight',
  'post.content.a',
])('findings do not have %s, and the error says where it is', text => {
  const name = text.split(' ')[0];
  expect(complaint(`frame && ${text}`, 'findings')).toBe(
    `column 10: ${name} is a field of messages, which findings do not have; dissect -Y asks messages`,
  );
});
