/**
 * Signatures of tokens: what verifies them, and those that are being verified. That takes longer than a message is in hand,
 * so what a finding needs is copied, and the outcomes are entered when the engine lets the tracker settle: in the order of
 * the messages, and not in that in which they happen to be ready. Their number is bounded; the engine settles them after
 * every chunk of the capture.
 */
import { createHash, createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import { decodeProtectedHeader } from 'jose/decode/protected_header';
import { JWSSignatureVerificationFailed } from 'jose/errors';
import { compactVerify } from 'jose/jws/compact/verify';
import { BROKEN, type Evidence, excerptOf, INCONCLUSIVE, PASS, Subject, type TrackerHost } from '../../src/sdk.ts';
import { tokenSignature, wordsOfSignature } from './rules/token.ts';

/** What came of a check, or what went wrong with it. */
type Result = { readonly valid: boolean | undefined } | { readonly error: unknown };

interface Pending {
  readonly subject: Subject;
  readonly bytes: Evidence['bytes'];
  readonly result: Promise<Result>;
}

export class Signatures<Context> {
  readonly #check: SignatureCheck;
  readonly #host: TrackerHost<Context>;
  #pending: Pending[] = [];

  constructor(check: SignatureCheck, host: TrackerHost<Context>) {
    this.#check = check;
    this.#host = host;
  }

  /**
   * Starts on the token of an AUTHENTICATION.
   * @param bytes where the token stands in the message
   * @returns whether there is something to settle
   */
  begin(token: string, at: Subject, bytes: Evidence['bytes']): boolean {
    if (this.#pending.length >= this.#host.limits['pending-signatures']) {
      this.#host.limitHit('pending-signatures');
      this.#enter({ valid: undefined }, at, bytes);
      return false;
    }
    const subject = copyOf(at, bytes?.offset);
    const result = this.#check.check(token).then(
      valid => ({ valid }),
      (error: unknown) => ({ error }),
    );
    this.#pending.push({ subject, bytes, result });
    return true;
  }

  /** Waits for all that is under way. @param settled called for each, with its connection's slot */
  async settle(settled: (slot: number) => void): Promise<void> {
    const pending = this.#pending;
    if (pending.length === 0) return;
    this.#pending = [];
    const results = await Promise.all(pending.map(({ result }) => result));
    pending.forEach(({ subject, bytes }, index) => {
      this.#enter(results[index], subject, bytes);
      settled(subject.connection);
    });
  }

  #enter(result: Result, subject: Subject, bytes: Evidence['bytes']): void {
    if ('error' in result) throw result.error;
    const outcome = result.valid === undefined ? INCONCLUSIVE : result.valid ? PASS : BROKEN;
    this.#host.judge.enter(tokenSignature, outcome, subject, () => wordsOfSignature(bytes));
  }
}

/** With an excerpt in place of the message, whose bytes will be others by then. */
function copyOf(subject: Subject, offset: number | undefined): Subject {
  const { message } = subject;
  const excerpt = message ? excerptOf(message, offset) : null;
  return Object.assign(new Subject(), subject, { message: undefined, excerpt });
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
