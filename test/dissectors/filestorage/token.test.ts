import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { SignatureCheck } from '../../../dissectors/filestorage/signatures.ts';
import { AUTHENTICATION, broken, examined, idsOf, JWT, jwt, passed, pointed } from './examining.ts';

const bearing = (token: unknown) => ({ ...AUTHENTICATION, token });
const base64url = (text: string) => Buffer.from(text).toString('base64url');
const HEADER = base64url('{"alg":"HS256"}');
const CLAIMS = base64url('{}');

/** A certificate made for this test with openssl, and a token that its key, which was thrown away, has signed. */
const CERTIFIED_TOKEN =
  'eyJhbGciOiJFUzI1NiJ9.e30.lPR_3UGGkSDEZ187l7ug-JZqvuJAFFKqvuvdYO7m-Om7AWcTRb5_nBVmn45TuOuaasFV_FXjEpEnf2LAywSHnA';
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBjDCCATOgAwIBAgIUIAeP/XtrSCoLTo5gZNE/puVyqQQwCgYIKoZIzj0EAwIw
GzEZMBcGA1UEAwwQZmlsZXN0b3JhZ2UtdGVzdDAgFw0yNjExMjIxNTU3NThaGA8y
MTI2MTAyOTE1NTc1OFowGzEZMBcGA1UEAwwQZmlsZXN0b3JhZ2UtdGVzdDBZMBMG
ByqGSM49AgEGCCqGSM49AwEHA0IABLn81aFbUNeW1bL+huxuf/KZbpszSwg77XDZ
OPC8WvBeJfNsb/Xkzn85QrQnriWnZ+dNYieGa/Yep0arWcsxteKjUzBRMB0GA1Ud
DgQWBBRofJS8Ro28+ju4DKUKgxIA8OqeOzAfBgNVHSMEGDAWgBRofJS8Ro28+ju4
DKUKgxIA8OqeOzAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCIFk8
4CmztI9U7p4lewmUum3ve/TrdLwBtXdtyS7EulbqAiAvnnmqAmD6lF/EaaqVe2Vd
UwlQXKfRSCWr3o0YgcCStg==
-----END CERTIFICATE-----
`;

describe('the form of a token', () => {
  test.each<[situation: string, token: string]>([
    ['empty', ''],
    ['a word', 'secret'],
    ['two parts', `${HEADER}.${CLAIMS}`],
    ['four parts', `${HEADER}.${CLAIMS}.x.x`],
    ['five parts, as an encrypted one', `${HEADER}.a.b.c.d`],
    ['an empty header', `.${CLAIMS}.x`],
    ['base64 that is not base64url', `${HEADER}.${CLAIMS}.a+/b`],
    ['padding', `${HEADER}.${CLAIMS}.YQ==`],
    ['blanks around', ` ${HEADER}.${CLAIMS}.x`],
    ['a line feed behind', `${HEADER}.${CLAIMS}.x\n`],
    ['a header that is no JSON', `${base64url('{')}.${CLAIMS}.x`],
    ['a header that is an array', `${base64url('["alg"]')}.${CLAIMS}.x`],
    ['a header without alg', `${base64url('{"typ":"JWT"}')}.${CLAIMS}.x`],
    ['a header with a number as alg', `${base64url('{"alg":1}')}.${CLAIMS}.x`],
    ['claims that are no JSON', `${HEADER}.${base64url('hello')}.x`],
    ['claims that are an array', `${HEADER}.${base64url('[]')}.x`],
    ['a part of a length that base64url cannot have', `${HEADER}.${CLAIMS}.abcde`],
  ])('%s is no JWT', (_situation, token) => {
    expect(pointed(bearing(token), 'AUTHENTICATION')).toEqual([['token-format', JSON.stringify(token)]]);
    expect(examined(bearing(token), 'AUTHENTICATION').token).toBeUndefined();
  });

  test('three sound parts are one', () => {
    const content = examined(bearing(JWT), 'AUTHENTICATION');
    expect(content).toMatchObject({ faults: [], token: JWT });
    expect(idsOf(content.passed)).toEqual(
      expect.arrayContaining(['filestorage/token-format', 'filestorage/token-alg-none']),
    );
  });

  test('where the token stands is known', () => {
    const { tokenBytes } = examined(bearing(JWT), 'AUTHENTICATION');
    expect(tokenBytes).toEqual({
      offset: 6 + JSON.stringify(bearing(JWT)).indexOf(`"${JWT}"`),
      length: JWT.length + 2,
    });
  });

  test('of the wrong type is nothing else', () => {
    expect(broken(bearing({ uid: 1002 }), 'AUTHENTICATION')).toEqual(['field-type']);
    expect(passed(bearing({ uid: 1002 }), 'AUTHENTICATION')).not.toContain('token-format');
  });
});

describe('a token that may be anything', () => {
  test.each([{ uid: 1002, login: 'jo' }, 'secret', 42, null, ['a']])('%j', token => {
    expect(broken(bearing(token), 'AUTHENTICATION', { token: 'any' })).toEqual([]);
  });

  test('must be there', () => {
    expect(broken({ ...AUTHENTICATION, token: undefined }, 'AUTHENTICATION', { token: 'any' })).toEqual([
      'missing-field',
    ]);
  });

  test('and is a JWT is still judged as one', () => {
    const token = jwt({ alg: 'none' }, {}, '');
    expect(broken(bearing(token), 'AUTHENTICATION', { token: 'any' })).toEqual(['token-alg-none']);
  });
});

describe('a token that nobody signed', () => {
  test.each(['', 'abcd'])('alg none, with the signature %j', signature => {
    const token = jwt({ alg: 'none' }, { sub: '1' }, signature);
    expect(broken(bearing(token), 'AUTHENTICATION')).toEqual(['token-alg-none']);
    expect(examined(bearing(token), 'AUTHENTICATION').token).toBeUndefined();
  });
});

describe('the time of a token', () => {
  const until = (exp: unknown) => bearing(jwt({ alg: 'HS256' }, { exp }, 'AAAA'));

  test('has run out', () => {
    expect(broken(until(999), 'AUTHENTICATION', { seconds: 1_000 })).toEqual(['token-expired']);
    expect(broken(until(999.5), 'AUTHENTICATION', { seconds: 1_000 })).toEqual(['token-expired']);
  });

  test('has not', () => {
    expect(broken(until(1_000), 'AUTHENTICATION', { seconds: 1_000 })).toEqual([]);
    expect(passed(until(1_001), 'AUTHENTICATION', { seconds: 1_000 })).toContain('token-expired');
  });

  test.each([undefined, null, '999', {}])('is not given as %j', exp => {
    expect(broken(until(exp), 'AUTHENTICATION', { seconds: 1_000 })).toEqual([]);
    expect(passed(until(exp), 'AUTHENTICATION', { seconds: 1_000 })).not.toContain('token-expired');
  });

  test('is beyond any calendar', () => {
    expect(broken(until(-1e300), 'AUTHENTICATION', { seconds: 1_000 })).toEqual(['token-expired']);
  });

  test('has run out for a token without signature, too', () => {
    const token = jwt({ alg: 'none' }, { exp: 1 }, '');
    const found = broken(bearing(token), 'AUTHENTICATION', { seconds: 1_000 });
    expect(found).toEqual(['token-alg-none', 'token-expired']);
  });
});

describe('a signature', () => {
  const SECRET = Buffer.from('a secret of at least thirty-two bytes');
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const otherEc = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ed = generateKeyPairSync('ed25519');

  const input = (alg: string, more: object = {}) => `${base64url(JSON.stringify({ alg, ...more }))}.${CLAIMS}`;

  function hmac(secret: Buffer, alg = 'HS256', more: object = {}): string {
    const text = input(alg, more);
    return `${text}.${createHmac(`sha${alg.slice(2)}`, secret)
      .update(text)
      .digest('base64url')}`;
  }

  function signed(alg: string, key: KeyObject, more: object = {}): string {
    const text = input(alg, more);
    const hash = alg === 'EdDSA' ? null : 'sha256';
    return `${text}.${sign(hash, Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  }

  const pem = (key: KeyObject) => Buffer.from(key.export({ type: 'spki', format: 'pem' }));
  const json = (value: unknown) => Buffer.from(JSON.stringify(value));
  const jwk = (key: KeyObject, kid?: string) => ({ ...key.export({ format: 'jwk' }), ...(kid && { kid }) });

  test.each(['HS256', 'HS384', 'HS512'])('%s by a secret', async alg => {
    const check = new SignatureCheck(SECRET);
    expect(check.problem).toBeUndefined();
    expect(await check.check(hmac(SECRET, alg))).toBe(true);
    expect(await check.check(hmac(Buffer.from('another secret'), alg))).toBe(false);
  });

  test('by a secret that begins like JSON or PEM does', async () => {
    const secret = Buffer.from('{not a key');
    expect(await new SignatureCheck(secret).check(hmac(secret))).toBe(true);
  });

  test.each<[alg: string, pair: { publicKey: KeyObject; privateKey: KeyObject }]>([
    ['RS256', rsa],
    ['ES256', ec],
    ['EdDSA', ed],
  ])('%s by a public key in PEM, and as a JWK', async (alg, { publicKey, privateKey }) => {
    const token = signed(alg, privateKey);
    const [header, , signature] = token.split('.');
    const tampered = `${header}.${base64url('{"sub":"root"}')}.${signature}`;
    for (const key of [pem(publicKey), json(jwk(publicKey))]) {
      const check = new SignatureCheck(key);
      expect(await check.check(token)).toBe(true);
      expect(await check.check(tampered)).toBe(false);
    }
  });

  test('by a secret in a JWK', async () => {
    const check = new SignatureCheck(json({ kty: 'oct', k: SECRET.toString('base64url') }));
    expect(await check.check(hmac(SECRET))).toBe(true);
    expect(await check.check(hmac(Buffer.from('another secret')))).toBe(false);
  });

  test('that does not fit its length does not verify', async () => {
    expect(await new SignatureCheck(SECRET).check(`${input('HS256')}.AAAA`)).toBe(false);
    expect(await new SignatureCheck(pem(ec.publicKey)).check(`${input('ES256')}.AAAA`)).toBe(false);
  });

  test('has nothing to do with the times', async () => {
    const text = `${HEADER}.${base64url('{"exp":1}')}`;
    const token = `${text}.${createHmac('sha256', SECRET).update(text).digest('base64url')}`;
    expect(await new SignatureCheck(SECRET).check(token)).toBe(true);
  });

  describe('in a set', () => {
    const set = (...keys: object[]) => new SignatureCheck(json({ keys }));

    test('any key may have made it', async () => {
      const check = set(jwk(otherEc.publicKey), jwk(rsa.publicKey), jwk(ec.publicKey));
      expect(await check.check(signed('ES256', ec.privateKey))).toBe(true);
      expect(await check.check(signed('RS256', rsa.privateKey))).toBe(true);
    });

    test('none has', async () => {
      expect(await set(jwk(otherEc.publicKey), jwk(rsa.publicKey)).check(signed('ES256', ec.privateKey))).toBe(false);
    });

    test('keys of unknown types do no harm', async () => {
      const check = set({ kty: 'new' }, jwk(ec.publicKey));
      expect(check.problem).toBeUndefined();
      expect(await check.check(signed('ES256', ec.privateKey))).toBe(true);
    });

    test('only the key that the token names', async () => {
      const check = set(jwk(ec.publicKey, 'one'), jwk(otherEc.publicKey, 'two'));
      expect(await check.check(signed('ES256', ec.privateKey, { kid: 'one' }))).toBe(true);
      expect(await check.check(signed('ES256', ec.privateKey, { kid: 'two' }))).toBe(false);
      expect(await check.check(signed('ES256', ec.privateKey, { kid: 'three' }))).toBeUndefined();
    });
  });

  describe('cannot be judged', () => {
    test('the key cannot serve the algorithm', async () => {
      expect(await new SignatureCheck(pem(rsa.publicKey)).check(hmac(SECRET))).toBeUndefined();
      expect(await new SignatureCheck(pem(rsa.publicKey)).check(signed('ES256', ec.privateKey))).toBeUndefined();
      expect(await new SignatureCheck(SECRET).check(signed('ES256', ec.privateKey))).toBeUndefined();
    });

    test.each(['none', 'ES384', 'HS1', 'XX'])('the algorithm is %s', async alg => {
      expect(await new SignatureCheck(pem(ec.publicKey)).check(`${input(alg)}.AAAA`)).toBeUndefined();
    });

    test('the token has an extension that must be understood', async () => {
      const token = hmac(SECRET, 'HS256', { crit: ['x'], x: 1 });
      expect(await new SignatureCheck(SECRET).check(token)).toBeUndefined();
    });

    test('the text is no JWT', async () => {
      expect(await new SignatureCheck(SECRET).check('secret')).toBeUndefined();
    });

    test('the key is too short for its algorithm', async () => {
      const short = generateKeyPairSync('rsa', { modulusLength: 1024 });
      expect(await new SignatureCheck(pem(short.publicKey)).check(signed('RS256', short.privateKey))).toBeUndefined();
    });

    test.each<[situation: string, key: Buffer]>([
      ['broken PEM', Buffer.from('-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n')],
      ['a JWK of an unknown type', json({ kty: 'new' })],
      ['a JWK without its numbers', json({ kty: 'RSA' })],
      ['a set with something else in it', json({ keys: [null] })],
      ['an empty set', json({ keys: [] })],
    ])('the key is %s: it is said why', async (_situation, key) => {
      const check = new SignatureCheck(key);
      expect(check.problem).toMatch(/^not a key that can be used: /);
      expect(await check.check(hmac(SECRET))).toBeUndefined();
    });

    test('an empty key', async () => {
      expect(await new SignatureCheck(new Uint8Array(0)).check(hmac(SECRET))).toBeUndefined();
    });
  });

  test('is remembered, for no more than a bounded number of tokens', async () => {
    const check = new SignatureCheck(SECRET);
    const token = hmac(SECRET);
    const first = check.check(token);
    expect(check.check(token)).toBe(first);
    for (let i = 0; i < 1_024; i++) await check.check(`${token}${i}`);
    expect(check.check(token)).not.toBe(first);
    expect(await check.check(token)).toBe(true);
  });

  test('by a certificate', async () => {
    const check = new SignatureCheck(Buffer.from(CERTIFICATE));
    expect(check.problem).toBeUndefined();
    expect(await check.check(CERTIFIED_TOKEN)).toBe(true);
    expect(await check.check(signed('ES256', ec.privateKey))).toBe(false);
  });
});
