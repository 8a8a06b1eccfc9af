/**
 * The proxy's own certificate authority: kept in one file that is its owner's alone, made when it is first needed, and the
 * certificates that it has signed for the names clients ask for, as long as there is room for them.
 */
import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { link, mkdir, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../../settings/words.ts';
import { codeOf, reasonOf, TO_WRITE } from '../../system-errors.ts';
import type { Identity, Issuer } from './certificates.ts';

/** A program that is tested speaks to fewer servers. */
const MOST_LEAVES = 256;
/** Milliseconds before its end at which a certificate is renewed. */
const RENEWAL = 24 * 60 * 60 * 1_000;
const FOLDER_MODE = 0o700;
const KEY_MODE = 0o600;
const FILE = 'proxy-ca.pem';

type Leaf = Identity & { readonly until: number };

/** Loaded when one is made: most of what the program does needs none. */
const makers = () => import('./certificates.ts');

export class Authority {
  readonly #issuer: Issuer;
  readonly #now: () => number;
  /** By names, the one used longest ago first. */
  readonly #leaves = new Map<string, Promise<Leaf>>();
  readonly #mostLeaves: number;

  private constructor(issuer: Issuer, now: () => number, mostLeaves: number) {
    this.#issuer = issuer;
    this.#now = now;
    this.#mostLeaves = mostLeaves;
  }

  /**
   * The one of the folder, made if there is none.
   * @param mostLeaves certificates that are kept for names
   * @throws UsageError when it is no use, or cannot be kept
   */
  static async open(folder: string, now: () => number, mostLeaves = MOST_LEAVES): Promise<Authority> {
    const path = join(folder, FILE);
    const text = (await readIfThere(path)) ?? (await make(folder, path, now()));
    return new Authority(issuerOf(text, path, now()), now, mostLeaves);
  }

  /** Its certificate as PEM. */
  get cert(): string {
    return this.#issuer.cert;
  }

  /** @param names DNS names and IP addresses that it must be valid for */
  async identityFor(names: readonly string[]): Promise<Identity> {
    const key = names.join(' ');
    const kept = this.#leaves.get(key) ?? this.#make(key, names);
    const { until } = await kept;
    return until - this.#now() > RENEWAL ? this.#keep(key, kept) : this.#make(key, names);
  }

  #make(key: string, names: readonly string[]): Promise<Leaf> {
    const leaf = makers().then(({ makeLeaf }) => makeLeaf(names, this.#issuer, this.#now()));
    leaf.catch(() => this.#leaves.delete(key));
    return this.#keep(key, leaf);
  }

  #keep(key: string, leaf: Promise<Leaf>): Promise<Leaf> {
    this.#leaves.delete(key);
    this.#leaves.set(key, leaf);
    const [oldest] = this.#leaves.keys();
    if (this.#leaves.size > this.#mostLeaves) this.#leaves.delete(oldest);
    return leaf;
  }
}

/** @returns the file's text, which another process may have written meanwhile */
async function make(folder: string, path: string, now: number): Promise<string> {
  const { makeAuthority } = await makers();
  const { key, cert } = makeAuthority(now);
  const beside = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
    await writeFile(beside, key + cert, { mode: KEY_MODE, flag: 'wx' });
    await putInPlace(beside, path);
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot keep the CA of the proxy in ${path}: ${reasonOf(error, TO_WRITE)}`);
  } finally {
    await unlink(beside).catch(() => {});
  }
}

/** Whole, and only where there is none: of two processes at once, the second one takes what the first one has made. */
async function putInPlace(beside: string, path: string): Promise<void> {
  try {
    await link(beside, path);
  } catch (error) {
    // Some file systems have no second names.
    if (codeOf(error) !== 'EEXIST') await rename(beside, path);
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new UsageError(`cannot read the CA of the proxy, ${path}: ${reasonOf(error)}`);
  }
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----\n?/;

function issuerOf(text: string, path: string, now: number): Issuer {
  const advice = 'delete it, and the proxy makes another one, which its clients then have to trust';
  const cert = CERTIFICATE.exec(text)?.[0] ?? '';
  let issuer: Issuer;
  let until: number;
  try {
    const parsed = new X509Certificate(cert);
    const key = createPrivateKey(text);
    if (!parsed.ca || !parsed.checkPrivateKey(key)) throw new Error('not of one another');
    until = Date.parse(parsed.validTo);
    issuer = { cert, key };
  } catch {
    throw new UsageError(`${path}: the CA of the proxy is damaged; ${advice}`);
  }
  if (until <= now) throw new UsageError(`${path}: the CA of the proxy has expired; ${advice}`);
  return issuer;
}
