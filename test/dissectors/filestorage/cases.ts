/**
 * One conversation for each rule of the catalogue that breaks this rule and no other, with the frame, the bytes and the
 * endpoint at fault. Lines begin with frame 4. The catalogue's tests hold them to the letter; those of test/field/ do things
 * to their captures.
 */
import { createHmac } from 'node:crypto';
import type { Severity } from '../../../src/lint/rule.ts';
import {
  CLIENT,
  CLIENT_END,
  closing,
  data,
  digestOf,
  fin,
  first,
  id,
  type JudgeOptions,
  type Line,
  libipc as message,
  SERVER,
  SERVER_END,
  second,
} from '../../kit/filestorage.ts';

export interface BreakingCase {
  readonly rule: string;
  readonly severity: Severity;
  readonly conversation: readonly Line[];
  readonly frame: number;
  /** Printed endpoint. */
  readonly atFault: string;
  /** The characters that the finding points at, or the offset and length of bytes that are none; null for no bytes. */
  readonly points: string | readonly [offset: number, length: number] | null;
  readonly options?: JudgeOptions;
}

const client = { severity: 'error', atFault: CLIENT_END } as const;
const server = { severity: 'error', atFault: SERVER_END } as const;
const warning = { severity: 'warning' } as const;
const info = { severity: 'info' } as const;
const USER_TYPE = [5, 1] as const;
const TYPE = [0, 1] as const;

const { authentication, ok, error, transfer } = first;
const opened = [authentication(1), ok(1)];
const HELLO = { name: 'hello', size: 33 };
const LARGE = { name: 'large', size: 2500 };
const opened2 = [second.authentication(1, [HELLO, LARGE]), second.responses(1, ['Upload OK', 'Upload OK'])];
const mapped: JudgeOptions = { mapped: true };

function jwt(header: object, claims: object, key = 'secret'): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part(header)}.${part(claims)}`;
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
}
const keyHex = (text: string) => Buffer.from(text).toString('hex');
const UNSIGNED = `${jwt({ alg: 'none' }, { sub: '1' }).split('.').slice(0, 2).join('.')}.`;
const EXPIRED = jwt({ alg: 'HS256' }, { exp: 1 });
const SIGNED = jwt({ alg: 'HS256' }, { sub: '1' });

export const CASES: readonly BreakingCase[] = [
  {
    ...client,
    rule: 'filestorage/unknown-message',
    conversation: [...opened, data(CLIENT, 9, {})],
    frame: 6,
    points: USER_TYPE,
  },
  {
    ...server,
    rule: 'filestorage/wrong-direction',
    conversation: [...opened, { ...transfer(2), side: SERVER }],
    frame: 6,
    points: USER_TYPE,
  },
  {
    ...client,
    rule: 'filestorage/not-json',
    conversation: [...opened, data(CLIENT, 3, '{"chunk":}')],
    frame: 6,
    points: '}',
  },
  {
    ...client,
    rule: 'filestorage/not-object',
    conversation: [...opened, data(CLIENT, 3, '[]')],
    frame: 6,
    points: '[]',
  },
  {
    ...client,
    rule: 'filestorage/missing-field',
    conversation: [...opened, data(CLIENT, 3, { 'message-id': id(2), data: 'eA==' })],
    frame: 6,
    points: `{"message-id":"${id(2)}","data":"eA=="}`,
  },
  {
    ...client,
    rule: 'filestorage/field-type',
    conversation: [...opened, transfer(2, 33, { chunk: 5 })],
    frame: 6,
    points: '5',
  },
  {
    ...client,
    ...warning,
    rule: 'filestorage/duplicate-field',
    conversation: [authentication(1), data(SERVER, 2, `{"message-id":"${id(1)}","response":"Ok","response":"Ok"}`)],
    frame: 5,
    atFault: SERVER_END,
    points: '"response":"Ok"',
  },
  {
    ...server,
    ...info,
    rule: 'filestorage/unknown-field',
    conversation: [authentication(1), ok(1, { mood: 1 })],
    frame: 5,
    points: '"mood":1',
  },
  {
    ...client,
    rule: 'filestorage/message-id-format',
    conversation: [...opened, transfer(2, 33, { 'message-id': '42' }), ok(2, { 'message-id': '42' })],
    frame: 6,
    points: '"42"',
  },
  {
    ...client,
    ...warning,
    rule: 'filestorage/message-id-reused',
    conversation: [...opened, transfer(1), ok(1)],
    frame: 6,
    points: `"${id(1)}"`,
  },
  {
    ...client,
    rule: 'filestorage/token-format',
    conversation: [authentication(1, [], { token: 'secret' })],
    frame: 4,
    points: '"secret"',
  },
  {
    ...client,
    ...warning,
    rule: 'filestorage/token-alg-none',
    conversation: [authentication(1, [], { token: UNSIGNED })],
    frame: 4,
    points: `"${UNSIGNED}"`,
  },
  {
    ...client,
    ...warning,
    rule: 'filestorage/token-expired',
    conversation: [authentication(1, [], { token: EXPIRED })],
    frame: 4,
    points: `"${EXPIRED}"`,
  },
  {
    ...client,
    rule: 'filestorage/token-signature',
    conversation: [authentication(1, [], { token: SIGNED })],
    frame: 4,
    points: `"${SIGNED}"`,
    options: { dialect: { tokenKey: keyHex('another secret') } },
  },
  {
    ...client,
    rule: 'filestorage/file-size-range',
    conversation: [
      data(
        CLIENT,
        1,
        `{"message-id":"${id(1)}","token":"${SIGNED}","files":[{"name":"a","size":18446744073709551616}]}`,
      ),
    ],
    frame: 4,
    points: '18446744073709551616',
  },
  {
    ...client,
    ...warning,
    rule: 'filestorage/file-name-unsafe',
    conversation: [authentication(1, [], { files: [{ name: '../x', size: 1 }] })],
    frame: 4,
    points: '"../x"',
  },
  {
    ...client,
    rule: 'filestorage/fid-format',
    conversation: [authentication(1, [], { fid: '7' })],
    frame: 4,
    points: '"7"',
  },
  {
    ...client,
    rule: 'filestorage/auth-not-first',
    conversation: [transfer(2)],
    frame: 4,
    points: USER_TYPE,
    options: mapped,
  },
  {
    ...client,
    rule: 'filestorage/auth-repeated',
    conversation: [...opened, authentication(2), ok(2)],
    frame: 6,
    points: USER_TYPE,
  },
  {
    ...client,
    rule: 'filestorage/transfer-before-ok',
    conversation: [authentication(1), transfer(2), ok(1), ok(2)],
    frame: 5,
    points: USER_TYPE,
  },
  {
    ...client,
    rule: 'filestorage/transfer-after-refusal',
    conversation: [authentication(1), error(1), transfer(2)],
    frame: 6,
    points: USER_TYPE,
  },
  {
    ...client,
    ...warning,
    rule: 'filestorage/transfer-pipelined',
    conversation: [authentication(1, [66]), ok(1), transfer(2), transfer(3), ok(2), ok(3)],
    frame: 7,
    points: null,
  },
  { ...server, rule: 'filestorage/response-unsolicited', conversation: [...opened, ok(1)], frame: 6, points: null },
  {
    ...server,
    rule: 'filestorage/response-id-mismatch',
    conversation: [authentication(1), ok(7)],
    frame: 5,
    points: `"${id(7)}"`,
  },
  {
    ...server,
    rule: 'filestorage/response-value',
    conversation: [authentication(1), ok(1, { response: 'OK' })],
    frame: 5,
    points: '"OK"',
  },
  {
    ...server,
    rule: 'filestorage/error-without-reason',
    conversation: [authentication(1), ok(1, { response: 'Error' })],
    frame: 5,
    points: '"Error"',
  },
  {
    ...server,
    ...info,
    rule: 'filestorage/reason-with-ok',
    conversation: [authentication(1), ok(1, { reason: 'x' })],
    frame: 5,
    points: '"x"',
  },
  {
    ...client,
    rule: 'filestorage/chunk-id-format',
    conversation: [...opened, transfer(2, 33, { chunk: '1' })],
    frame: 6,
    points: '"1"',
  },
  {
    ...client,
    rule: 'filestorage/chunk-reused',
    conversation: [authentication(1, [33]), ok(1), transfer(2), ok(2), transfer(3, 33, { chunk: id(1_002) }), ok(3)],
    frame: 8,
    points: `"${id(1_002)}"`,
  },
  {
    ...client,
    rule: 'filestorage/data-encoding',
    conversation: [...opened, transfer(2, 33, { data: [1, 256] })],
    frame: 6,
    points: '256',
  },
  {
    ...client,
    rule: 'filestorage/chunk-size',
    conversation: [authentication(1, [2_000]), ok(1), transfer(2, 0, { data: Buffer.alloc(1_025).toString('base64') })],
    frame: 6,
    points: `"${Buffer.alloc(1_025).toString('base64')}"`,
  },
  {
    ...client,
    ...warning,
    rule: 'filestorage/chunk-empty',
    conversation: [...opened, transfer(2, 0)],
    frame: 6,
    points: '""',
  },
  {
    ...client,
    rule: 'filestorage/chunk-digest',
    conversation: [...opened2, second.transfer(2, HELLO, 1, {}, { digest: digestOf('other') })],
    frame: 6,
    points: `"${digestOf('other')}"`,
  },
  {
    ...client,
    rule: 'filestorage/chunk-number',
    conversation: [...opened2, second.transfer(2, HELLO, 1, {}, { n: 2 })],
    frame: 6,
    points: '2',
  },
  {
    ...client,
    rule: 'filestorage/file-unknown',
    conversation: [...opened2, second.transfer(2, { name: 'other', size: 33 })],
    frame: 6,
    points: `"${digestOf('other')}"`,
  },
  {
    ...client,
    rule: 'filestorage/bytes-exceed-announced',
    conversation: [...opened, transfer(2), ok(2), transfer(3, 3), ok(3), transfer(4, 3), ok(4)],
    frame: 8,
    points: '"AAEC"',
  },
  {
    ...client,
    ...info,
    rule: 'filestorage/transfer-incomplete',
    conversation: [authentication(1, [66]), ok(1), transfer(2), ok(2), ...closing],
    frame: 4,
    points: null,
  },
  {
    ...server,
    ...warning,
    rule: 'filestorage/request-unanswered',
    conversation: [authentication(1), fin(SERVER), fin(CLIENT)],
    frame: 4,
    points: null,
  },
  {
    ...client,
    rule: 'libipc/unknown-type',
    conversation: [...opened, { side: CLIENT, bytes: message(7, 1, Buffer.from('{}')) }],
    frame: 6,
    points: TYPE,
  },
  {
    ...client,
    ...warning,
    rule: 'libipc/type-not-data',
    conversation: [...opened, { side: CLIENT, bytes: message(1, 0, new Uint8Array(0)) }],
    frame: 6,
    points: TYPE,
  },
  {
    ...server,
    rule: 'libipc/message-too-long',
    conversation: [authentication(1), { side: SERVER, bytes: message(2, 2, Buffer.from('{}'), 7_999_995) }],
    frame: 5,
    points: [0, 6],
  },
  {
    ...client,
    rule: 'libipc/truncated',
    conversation: [...opened, { side: CLIENT, bytes: transfer(2).bytes.subarray(0, 20) }, ...closing],
    frame: 6,
    points: null,
  },
];
