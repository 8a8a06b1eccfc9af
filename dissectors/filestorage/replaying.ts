/**
 * What of a recorded conversation is another in the next one: the ids and the token, which the client chooses. A server that
 * is played answers with the ids of the live client. A token is
 * sent as it was recorded, unless the user has given its key (`tokenKey`): nobody but its issuer can sign another.
 */
import type { Replaying } from '../../src/sdk.ts';
import { renewedToken } from './renewing.ts';

/** Both editions' names of the message id. */
const ID = ['message-id', 'mid'];
const idsIn = (...places: readonly string[]) => places.flatMap(place => ID.map(name => `${place}.${name}`));

export const replay: Replaying = {
  values: [
    {
      name: 'message id',
      chosen: idsIn(
        'AUTHENTICATION.payload',
        'AUTHENTICATION.payload.uploads',
        'AUTHENTICATION.payload.requests',
        'AUTHENTICATION.payload.downloads',
        'UPLOAD-REQUEST.payload',
        'DOWNLOAD-REQUEST.payload',
        'TRANSFER.payload',
      ),
      echoed: idsIn('ERROR.payload', 'RESPONSE.payload', 'RESPONSES.payload', 'RESPONSES.payload.responses'),
    },
    {
      name: 'token',
      chosen: ['AUTHENTICATION.payload.token'],
      fresh: (token, { elapsed, dialect }) => renewedToken(token, dialect.key('tokenKey'), elapsed),
    },
    { name: 'fid', chosen: ['AUTHENTICATION.payload.fid'] },
    // An object in 2020-01, whose members are no ids.
    { name: 'chunk', chosen: ['TRANSFER.payload.chunk'] },
  ],
  varying: ['*.length'],
};
