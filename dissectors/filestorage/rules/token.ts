/** Rules about the token of an AUTHENTICATION, which the specification says is a JWT (RFC 7519). */
import type { RuleDocument } from '../../../src/sdk.ts';

export const tokenFormat: RuleDocument = {
  id: 'filestorage/token-format',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'AUTHENTICATION, token',
  summary:
    'the token is a string but no JWT: three parts in base64url, the first two JSON objects, the first with "alg"',
  why: 'The server learns from the token who the user is; without it there is nobody to store files for.',
  example: '{"message-id":"...","token":"secret","files":[]}',
};

export const tokenAlgNone: RuleDocument = {
  id: 'filestorage/token-alg-none',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'AUTHENTICATION, token',
  summary: 'the algorithm of the JWT is "none": nobody signed it',
  why: 'Anybody can write such a token in the name of any user. A server that takes it has no authentication.',
  example: '{"alg":"none"} as the first part of the token',
};

export const tokenExpired: RuleDocument = {
  id: 'filestorage/token-expired',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'AUTHENTICATION, token',
  summary: 'the JWT had expired when the message was captured',
  why: 'A server must refuse it (RFC 7519, 4.1.4). If it does not, stolen tokens are good for ever. (Also the clock of the capture may be wrong.)',
  example: '{"exp":1576616934} in a token captured in 2020',
};

export const tokenSignature: RuleDocument = {
  id: 'filestorage/token-signature',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'AUTHENTICATION, token',
  summary: 'the signature of the JWT does not verify (checked only with the dialect option tokenKey)',
  why: 'The token was changed, or signed by somebody else.',
  example: '--dialect filestorage.tokenKey=00112233, and a token signed with another secret',
};
