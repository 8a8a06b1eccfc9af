/**
 * How the rules of filestorage can be broken on purpose, by changing what passes. A member is set where it has one name in
 * both editions, and otherwise under each: of the two faults one finds nothing to do. Members that are not there cannot be
 * set; where one is needed the whole payload is another. What is sent of our own is a TRANSFER of 2019-12.
 */
import type { Provocation } from '../../src/sdk.ts';

const payload = (member: string) => `filestorage.payload${member.startsWith('[') ? '' : '.'}${member}`;
/** As the language of filters has a text. */
const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;
/** Both names of the message id. */
const IDS = ['["message-id"]', 'mid'];

const ID = '00000000-0000-4000-8000-0000000000ff';
const OTHER = '00000000-0000-4000-8000-0000000000fe';
const FIRST = 'nth=1';
const TRANSFER = `type == TRANSFER ${FIRST}`;
const AUTHENTICATION = `type == AUTHENTICATION ${FIRST}`;
const RESPONSE = `type == RESPONSE ${FIRST}`;

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
/** With a signature of 32 bytes that belongs to no key. */
const jwt = (alg: string, claims: object, signature: string) =>
  [base64url({ alg }), base64url(claims), signature].join('.');
const SIGNATURE = Buffer.alloc(32, 1).toString('base64url');
const TOKEN = jwt('HS256', { sub: '1' }, SIGNATURE);

const set = (member: string, value: string, message: string) => `set ${payload(member)} = ${value} if ${message}`;
/** An AUTHENTICATION of 2019-12 in place of the one that was sent. @param further members as they stand */
const authentication = (further: string) => {
  const text = `{"message-id":"${ID}","token":"${TOKEN}","files":[],${further}}`;
  return `set filestorage.payload = ${quoted(text)} if ${AUTHENTICATION}`;
};

const sent = Buffer.from(JSON.stringify({ 'message-id': ID, chunk: OTHER, data: 'eA==' }));
const head = Buffer.from([2, 0, 0, 0, sent.length, 3]);
const OWN_TRANSFER = Buffer.concat([head, sent]).toString('hex');

const FIRST_EDITION = 'the edition 2019-12';
const SECOND_EDITION = 'the edition 2020-01';

const WAYS: Readonly<Record<string, Omit<Provocation, 'rule'>>> = {
  'unknown-message': { faults: [`set filestorage.userType = 9 if ${TRANSFER}`] },
  'wrong-direction': { faults: [`set filestorage.userType = 1 if ${RESPONSE}`] },
  'not-json': { faults: [`set filestorage.payload = "{" if ${TRANSFER}`] },
  'not-object': { faults: [`set filestorage.payload = "[]" if ${TRANSFER}`] },
  'missing-field': { faults: [`set filestorage.payload = "{}" if ${TRANSFER}`] },
  'field-type': { faults: [set('data', '5', TRANSFER)] },
  'duplicate-field': { faults: [authentication('"files":[]')] },
  'unknown-field': { faults: [authentication('"mood":1')] },
  'message-id-format': { faults: IDS.map(name => set(name, '"42"', TRANSFER)) },
  'message-id-reused': { faults: [`repeat if ${TRANSFER}`] },
  'token-format': { faults: [set('token', '"secret"', AUTHENTICATION)], needs: FIRST_EDITION },
  'token-alg-none': {
    faults: [set('token', quoted(jwt('none', { sub: '1' }, '')), AUTHENTICATION)],
    needs: FIRST_EDITION,
  },
  'token-expired': {
    faults: [set('token', quoted(jwt('HS256', { exp: 1 }, SIGNATURE)), AUTHENTICATION)],
    needs: FIRST_EDITION,
  },
  'token-signature': {
    faults: [set('token', quoted(TOKEN), AUTHENTICATION)],
    needs: `${FIRST_EDITION}, and the dialect option tokenKey`,
  },
  'file-size-range': {
    faults: ['files[0].size', 'uploads[0].file.size'].map(name => set(name, '18446744073709551616', AUTHENTICATION)),
    needs: 'a file that is announced',
  },
  'file-name-unsafe': {
    faults: ['files[0].name', 'uploads[0].file.name'].map(name => set(name, '"../x"', AUTHENTICATION)),
    needs: 'a file that is announced',
  },
  'fid-format': { faults: [authentication('"fid":"7"')] },
  'auth-not-first': {
    faults: [`send bytes ${OWN_TRANSFER} to server if ${AUTHENTICATION}`],
    needs: `${FIRST_EDITION}, and filestorage named for the port`,
  },
  'auth-repeated': { faults: [`repeat if ${AUTHENTICATION}`] },
  'transfer-before-ok': {
    faults: [`send bytes ${OWN_TRANSFER} to server after ${AUTHENTICATION}`],
    needs: FIRST_EDITION,
  },
  'transfer-after-refusal': {
    faults: [`send bytes ${OWN_TRANSFER} to server after type == RESPONSE && ${payload('response')} == Error ${FIRST}`],
    needs: `${FIRST_EDITION}, and a server that refuses`,
  },
  'transfer-pipelined': { faults: [`send bytes ${OWN_TRANSFER} to server after ${TRANSFER}`], needs: FIRST_EDITION },
  'response-unsolicited': { faults: [`repeat if ${RESPONSE}`] },
  'response-id-mismatch': { faults: IDS.map(name => set(name, `"${ID}"`, RESPONSE)) },
  'response-value': { faults: [set('response', '"OK"', RESPONSE)] },
  'error-without-reason': {
    faults: [set('response', '"Error"', `type == RESPONSE && ${payload('response')} == Ok ${FIRST}`)],
    needs: FIRST_EDITION,
  },
  'reason-with-ok': {
    faults: [set('response', '"Ok"', `type == RESPONSE && ${payload('reason')} ${FIRST}`)],
    needs: 'a server that refuses, and says why',
  },
  'chunk-id-format': { faults: [set('chunk', '"1"', TRANSFER)], needs: FIRST_EDITION },
  'chunk-reused': {
    faults: [1, 2].map(nth => set('chunk', `"${OTHER}"`, `type == TRANSFER nth=${nth}`)),
    needs: `${FIRST_EDITION}, and two chunks`,
  },
  'data-encoding': { faults: [set('data', '"*"', TRANSFER)] },
  'chunk-size': { faults: [set('data', `"${Buffer.alloc(1_025).toString('base64')}"`, TRANSFER)] },
  'chunk-empty': { faults: [set('data', '""', TRANSFER)] },
  'chunk-digest': { faults: [set('chunk.digest', `"${'0'.repeat(64)}"`, TRANSFER)], needs: SECOND_EDITION },
  'chunk-number': { faults: [set('chunk.n', '1000000', TRANSFER)], needs: SECOND_EDITION },
  'file-unknown': { faults: [set('filedigest', `"${'0'.repeat(64)}"`, TRANSFER)], needs: SECOND_EDITION },
  'bytes-exceed-announced': {
    faults: ['files[0].size', 'uploads[0].file.size'].map(name => set(name, '0', AUTHENTICATION)),
    needs: 'one file, and its first chunk',
  },
  'transfer-incomplete': {
    faults: [`close after ${TRANSFER}`],
    needs: 'two chunks',
  },
  'request-unanswered': { faults: [`drop if type == RESPONSE || type == RESPONSES ${FIRST}`] },
};

export const provocations: readonly Provocation[] = Object.entries(WAYS).map(([rule, way]) => ({
  rule: `filestorage/${rule}`,
  ...way,
}));
