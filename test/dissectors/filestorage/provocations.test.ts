/** Each rule can be broken on purpose, in a conversation that would be right otherwise. */
import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import filestorage from '../../../dissectors/filestorage/index.ts';
import { closing, first, id, type Line, libipc, second } from '../../kit/filestorage.ts';
import { describeProvocations, refusalsIn, type Try } from '../../kit/provoked.ts';

const { authentication, ok, error, transfer } = first;
const ATTACKED = '00000000-0000-4000-8000-0000000000ff';
const HELLO = { name: 'hello', size: 33 };

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const claims = `${part({ alg: 'HS256' })}.${part({ sub: '1' })}`;
const SIGNED = `${claims}.${createHmac('sha256', Buffer.from('00112233', 'hex')).update(claims).digest('base64url')}`;

const talk = (lines: readonly Line[], rest: Partial<Try> = {}): Try => ({
  protocol: 'filestorage',
  isRecognised: true,
  lines,
  ...rest,
});
const opened = [authentication(1), ok(1)];
/** The server refuses the first chunk. */
const refused = talk([...opened, transfer(2), error(2), ...closing], { reaction: 'refused' });
/** It cannot read what it is sent, and closes without an answer. */
const unread = talk([...opened, transfer(2), ...closing], { reaction: 'closed' });
/** It refuses who asks, under the id that was asked with. */
const rejected = talk([authentication(1), error(1), ...closing], { reaction: 'refused' });
const rejectedOther = talk([authentication(1), error(1, { 'message-id': ATTACKED }), ...closing]);
/** The client takes no notice of an answer. */
const answered = talk([...opened, ...closing]);
const chunk = (attack: Partial<Try> = {}) =>
  talk(
    [
      second.authentication(1, [HELLO]),
      second.responses(1, ['Upload OK']),
      second.transfer(2, HELLO),
      second.notOk(2),
      ...closing,
    ],
    { reaction: 'refused', ...attack },
  );

describeProvocations(
  filestorage,
  {
    'unknown-message': refused,
    'wrong-direction': answered,
    'not-json': unread,
    'not-object': unread,
    'missing-field': unread,
    'field-type': refused,
    'duplicate-field': rejectedOther,
    'unknown-field': rejectedOther,
    'message-id-format': talk([...opened, transfer(2), error(2, { 'message-id': '42' }), ...closing]),
    'message-id-reused': talk([...opened, transfer(2), error(2), error(2), ...closing]),
    'token-format': rejected,
    'token-alg-none': rejected,
    'token-expired': rejected,
    'token-signature': talk([authentication(1, [33], { token: SIGNED }), error(1), ...closing], {
      dialect: { 'filestorage.tokenKey': '00112233' },
      reaction: 'refused',
    }),
    'file-size-range': rejected,
    'file-name-unsafe': rejected,
    'fid-format': rejectedOther,
    'auth-not-first': { ...rejected, isRecognised: false },
    'auth-repeated': rejected,
    'transfer-before-ok': rejected,
    'transfer-after-refusal': talk([authentication(1), error(1), ...closing]),
    'transfer-pipelined': talk([...opened, transfer(2), error(2), error(3, { 'message-id': ATTACKED }), ...closing]),
    'response-unsolicited': answered,
    'response-id-mismatch': answered,
    'response-value': answered,
    'error-without-reason': answered,
    'reason-with-ok': talk([authentication(1), error(1), ...closing]),
    'chunk-id-format': refused,
    'chunk-reused': talk([authentication(1, [66]), ok(1), transfer(2), ok(2), transfer(3), error(3), ...closing]),
    'data-encoding': refused,
    'chunk-size': refused,
    'chunk-empty': refused,
    'chunk-digest': chunk(),
    'chunk-number': chunk(),
    'file-unknown': chunk(),
    'bytes-exceed-announced': refused,
    'transfer-incomplete': talk([authentication(1, [66]), ok(1), transfer(2), ok(2), transfer(3)]),
    'request-unanswered': answered,
  },
  {},
);

test('a request is refused under its id, as its edition has it, and an answer is not', () => {
  const own = (userType: number, content: object) =>
    Buffer.from(libipc(2, userType, Buffer.from(JSON.stringify(content)))).toString('hex');
  const response = (number: number) => own(2, { 'message-id': id(number), response: 'Error', reason: 'refused' });
  const unread = { ...transfer(3), bytes: libipc(2, 3, Buffer.from('{')) };
  expect(refusalsIn(talk([...opened, transfer(2), unread]))).toEqual([
    response(1),
    'RESPONSE',
    response(2),
    'TRANSFER',
  ]);
  const lines = [second.authentication(1, [HELLO]), second.responses(1, ['Upload OK']), second.transfer(2, HELLO)];
  const failure = (number: number) => own(0, { mid: id(number), reason: 'refused' });
  expect(refusalsIn(talk(lines))).toEqual([failure(1), 'RESPONSES', failure(2)]);
});
