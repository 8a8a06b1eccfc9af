/**
 * Tokens, which the specification says are JWTs (RFC 7519), by way of jose. Their form and times are read when the
 * message is; signatures take longer and are checked later, and a bounded number of them is remembered.
 */
import { createHash, createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import { decodeProtectedHeader } from 'jose/decode/protected_header';
import { JWSSignatureVerificationFailed } from 'jose/errors';
import { compactVerify } from 'jose/jws/compact/verify';
import { decodeJwt } from 'jose/jwt/decode';

export interface ReadToken {
  readonly algorithm: string;
  /** Seconds since the epoch; undefined when the token does not say. */
  readonly expires: number | undefined;
}

/** Three parts of base64url (none of which has a length of 4n+1). The third is empty in a token that is not signed. */
const JWT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$/;

/** What a JWT says; nothing when the text is none. */
export function readToken(text: string): ReadToken | undefined {
  if (!JWT.test(text) || text.split('.').some(part => part.length % 4 === 1)) return undefined;
  try {
    const { alg } = decodeProtectedHeader(text);
    const { exp } = decodeJwt(text);
    if (typeof alg !== 'string') return undefined;
    return { algorithm: alg, expires: typeof exp === 'number' ? exp : undefined };
  } catch {
    return undefined;
  }
}

/** Whether a signature verifies; undefined where that cannot be checked. */
export type Verdict = boolean | undefined;

/** Tokens whose verdict is remembered: clients show theirs again and again. */
const MOST_REMEMBERED = 1_024;

interface Key {
  /** Name of the key in a set; a token may name the one it was signed with. */
  readonly id: string | undefined;
  readonly key: KeyObject;
  /** Algorithms that the key can serve. */
  readonly algorithms: readonly string[];
}

/**
 * Checks signatures, and nothing else of a token, with the user's key: a public key or certificate in PEM, a JWK or a
 * set of them in JSON, otherwise the bytes of an HMAC secret.
 *
 * An algorithm that no key can serve is no proof of a wrong signature: the issuer may have other keys.
 */
export class SignatureCheck {
  /** Why the key cannot be used; undefined for one that can. */
  readonly problem: string | undefined;
  readonly #keys: readonly Key[];
  readonly #verdicts = new Map<string, Promise<Verdict>>();

  constructor(key: Uint8Array) {
    const keys = keysOf(Buffer.from(key.buffer, key.byteOffset, key.length));
    this.problem = typeof keys === 'string' ? keys : undefined;
    this.#keys = typeof keys === 'string' ? [] : keys;
  }

  /** @param token has the form of a JWT; undefined when its signature cannot be judged */
  check(token: string): Promise<Verdict> {
    // Tokens may be megabytes long; what is remembered of them is not.
    const name = createHash('sha256').update(token).digest('base64');
    const known = this.#verdicts.get(name);
    if (known) return known;
    if (this.#verdicts.size >= MOST_REMEMBERED) this.#forgetOldest();
    const verdict = this.#verify(token);
    this.#verdicts.set(name, verdict);
    return verdict;
  }

  #forgetOldest(): void {
    for (const oldest of this.#verdicts.keys()) {
      this.#verdicts.delete(oldest);
      return;
    }
  }

  async #verify(token: string): Promise<Verdict> {
    const header = headerOf(token);
    if (!header) return undefined;
    const able = this.#keys.filter(({ id, algorithms }) => {
      const isNamed = id === undefined || header.keyId === undefined || id === header.keyId;
      return isNamed && algorithms.includes(header.algorithm);
    });
    let verdict: Verdict = able.length === 0 ? undefined : false;
    for (const { key } of able) {
      const outcome = await verifies(token, key);
      if (outcome) return true;
      if (outcome === undefined) verdict = undefined;
    }
    return verdict;
  }
}

function headerOf(token: string): { readonly algorithm: string; readonly keyId: string | undefined } | undefined {
  try {
    const { alg, kid } = decodeProtectedHeader(token);
    return typeof alg === 'string' ? { algorithm: alg, keyId: typeof kid === 'string' ? kid : undefined } : undefined;
  } catch {
    return undefined;
  }
}

async function verifies(token: string, key: KeyObject): Promise<Verdict> {
  try {
    await compactVerify(token, key);
    return true;
  } catch (error) {
    // All else (an extension marked critical, a key too short) leaves the signature unjudged.
    return error instanceof JWSSignatureVerificationFailed ? false : undefined;
  }
}

const KEY_TYPES: readonly string[] = ['RSA', 'EC', 'OKP', 'oct'];
const UNUSABLE = 'not a key that can be used: ';

/** The keys, or why there are none. */
function keysOf(bytes: Buffer): readonly Key[] | string {
  const text = bytes.toString('utf8').trim();
  try {
    if (text.startsWith('-----BEGIN ')) return [keyOf(createPublicKey(text), undefined)];
    const set = jsonKeys(text);
    if (set) return setOf(set);
    return [keyOf(createSecretKey(bytes), undefined)];
  } catch (error) {
    return `${UNUSABLE}${error instanceof Error ? error.message : String(error)}`;
  }
}

interface Jwk {
  readonly kty: string;
  readonly k?: string;
  readonly kid?: string;
}

/** The JWKs of a JWK or JWKS; nothing when the text is neither. */
function jsonKeys(text: string): readonly Jwk[] | undefined {
  if (!text.startsWith('{')) return undefined;
  let json: { readonly kty?: unknown; readonly keys?: unknown };
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof json.kty === 'string') return [json as Jwk];
  return Array.isArray(json.keys) ? json.keys : undefined;
}

/** The keys of a set; those of types that nobody here knows are left out, as RFC 7517, 5 has it. */
function setOf(set: readonly Jwk[]): readonly Key[] | string {
  const known = set.filter(({ kty }) => KEY_TYPES.includes(kty));
  return known.length === 0 ? `${UNUSABLE}no key of a known type` : known.map(jwk => keyOf(keyObjectOf(jwk), jwk.kid));
}

function keyObjectOf(jwk: Jwk): KeyObject {
  if (jwk.kty === 'oct') return createSecretKey(jwk.k ?? '', 'base64url');
  return createPublicKey({ key: { ...jwk }, format: 'jwk' });
}

function keyOf(key: KeyObject, id: string | undefined): Key {
  return { id, key, algorithms: algorithmsOf(key) };
}

const RSA = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
const ECDSA: Readonly<Record<string, string>> = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' };

/** Signature algorithms of RFC 7518 and RFC 8037 that a key serves. */
function algorithmsOf({ type, asymmetricKeyType, asymmetricKeyDetails }: KeyObject): readonly string[] {
  if (type === 'secret') return ['HS256', 'HS384', 'HS512'];
  if (asymmetricKeyType === 'rsa') return RSA;
  if (asymmetricKeyType === 'ed25519') return ['EdDSA', 'Ed25519'];
  const algorithm = asymmetricKeyType === 'ec' ? ECDSA[asymmetricKeyDetails?.namedCurve ?? ''] : undefined;
  return algorithm ? [algorithm] : [];
}
