/** Rules about what must come before what: authentication, its answer, and then the rest. */
import type { Rule } from '../../../src/sdk.ts';
import type { Exchange } from '../exchange.ts';
import { USER_TYPE } from '../layouts.ts';

export const authNotFirst: Rule<Exchange> = {
  id: 'filestorage/auth-not-first',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: 'protocol overview, 1',
  summary: 'a request other than AUTHENTICATION comes first on a connection',
  why: 'The server does not know yet who the client is, and for whom to store anything.',
  example: 'TRANSFER as the first message',
  describe: ({ messageName }) => ({
    message: `${messageName} comes before any AUTHENTICATION`,
    expected: 'AUTHENTICATION first',
    actual: messageName,
    bytes: USER_TYPE,
  }),
};

export const authRepeated: Rule<Exchange> = {
  id: 'filestorage/auth-repeated',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  clause: 'protocol overview, 1',
  summary: 'a second AUTHENTICATION on one connection',
  why: 'Whether it replaces the first, adds to it or changes nothing is not said; servers differ.',
  example: 'AUTHENTICATION, RESPONSE Ok, AUTHENTICATION',
  describe: ({ state, authenticationFrames }) => ({
    message: 'this connection has sent an AUTHENTICATION before',
    expected: 'one AUTHENTICATION a connection',
    actual: `another one in state ${state}`,
    bytes: USER_TYPE,
    relatedFrames: authenticationFrames,
  }),
};

export const transferBeforeOk: Rule<Exchange> = {
  id: 'filestorage/transfer-before-ok',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'unseen',
  clause: 'protocol overview, 2 and 3',
  summary: 'a TRANSFER comes before the answer to AUTHENTICATION',
  why: 'The server may still refuse, and what was sent until then is lost or, worse, stored for nobody.',
  example: 'AUTHENTICATION, TRANSFER, RESPONSE Ok',
  describe: ({ authenticationFrames }) => ({
    message: 'TRANSFER comes while the AUTHENTICATION is unanswered',
    expected: 'the answer Ok first',
    actual: 'no answer yet',
    bytes: USER_TYPE,
    relatedFrames: authenticationFrames,
  }),
};

export const transferAfterRefusal: Rule<Exchange> = {
  id: 'filestorage/transfer-after-refusal',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  clause: 'protocol overview, 2 and 3',
  summary: 'a TRANSFER comes although the server has refused',
  why: 'The client does not read its answers: it sends files that nobody takes.',
  example: 'AUTHENTICATION, RESPONSE Error, TRANSFER',
  describe: ({ authenticationFrames }) => ({
    message: 'TRANSFER comes although the server has refused the AUTHENTICATION',
    expected: 'no TRANSFER on this connection',
    actual: 'a TRANSFER',
    bytes: USER_TYPE,
    relatedFrames: authenticationFrames,
  }),
};
