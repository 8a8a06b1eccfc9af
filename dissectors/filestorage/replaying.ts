/**
 * What of a recorded conversation is another in the next one: the ids and the token, which the client chooses. A server that
 * is played answers with the ids of the live client. A token is
 * sent as it was recorded, unless the user has given its key (`tokenKey`): nobody but its issuer can sign another.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Replaying } from '../../src/sdk.ts';

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

const HASHES: Readonly<Record<string, string>> = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' };
/** Seconds since 1970 (RFC 7519 4.1). */
const TIMES = ['exp', 'nbf', 'iat'];

/**
 * A token for another day: its times as far from the present as they were from the recording, signed again. Only where the
 * user has given the key, and the recorded token was signed with it: one that was wrong stays wrong.
 * @param token a JWT in its compact form
 * @param elapsed seconds since it was recorded
 * @returns undefined for one that cannot be made new: it is sent as it was
 */
function renewedToken(token: string, key: Uint8Array | undefined, elapsed: number): string | undefined {
  const [head, body, signature, ...others] = token.split('.');
  if (key === undefined || head === undefined || body === undefined || signature === undefined || others.length > 0)
    return undefined;
  const alg = String(objectIn(head)?.alg);
  const hash = Object.hasOwn(HASHES, alg) ? HASHES[alg] : undefined;
  const claims = objectIn(body);
  if (hash === undefined || claims === undefined) return undefined;
  const sign = (content: string) => createHmac(hash, key).update(content).digest();
  const given = Buffer.from(signature, 'base64url');
  const right = sign(`${head}.${body}`);
  if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
  const moved = Object.entries(claims).map(([name, value]) => {
    return [name, TIMES.includes(name) && typeof value === 'number' ? value + elapsed : value] as const;
  });
  const content = `${head}.${Buffer.from(JSON.stringify(Object.fromEntries(moved))).toString('base64url')}`;
  return `${content}.${sign(content).toString('base64url')}`;
}

function objectIn(part: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
