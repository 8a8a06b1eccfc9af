/**
 * What the proxy shows of itself in TLS, on either side, and whom it trusts: certificates and keys, those of others and
 * those it makes, and where the secrets of its connections are written down. One for all pairs.
 */
import * as tls from 'node:tls';
import type { Address, Pair } from '../address.ts';
import { Authority } from './authority.ts';
import type { Identity } from './certificates.ts';
import { KeyLog } from './key-log.ts';
import type { ProxyEvent } from './listener.ts';

export interface TlsOptions {
  /** Shown to clients; without it an authority of the proxy's own makes one for each name they ask for. */
  readonly identity?: Identity | undefined;
  /** Where that authority is kept. */
  readonly stateFolder: string;
  /** Clients are asked for a certificate. */
  readonly requestClientCertificate: boolean;
  /** PEM: clients have to have a certificate of one of these. */
  readonly clientAuthorities?: string | undefined;
  /** PEM: trusted for servers, besides those that everybody trusts. */
  readonly upstreamAuthorities?: string | undefined;
  /** Servers are believed whatever they show. */
  readonly insecure: boolean;
  /** Shown to servers that ask for one. */
  readonly clientIdentity?: Identity | undefined;
  /** ALPN where one side alone speaks TLS, the best first; with two, what the client offers is passed on. */
  readonly protocols?: readonly string[] | undefined;
  /** The file that secrets are appended to. */
  readonly keyLog?: string | undefined;
}

export class Credentials {
  readonly options: TlsOptions;
  /** For connections to servers. */
  readonly upstream: tls.SecureContext;
  readonly #authority: Authority | undefined;
  readonly #keyLog: KeyLog | undefined;

  private constructor(options: TlsOptions, authority: Authority | undefined, keyLog: KeyLog | undefined) {
    this.options = options;
    this.#authority = authority;
    this.#keyLog = keyLog;
    const { upstreamAuthorities: own, clientIdentity } = options;
    this.upstream = tls.createSecureContext({
      ...clientIdentity,
      // Those that are named take the place of the usual ones.
      ...(own === undefined ? {} : { ca: [...tls.rootCertificates, own] }),
    });
  }

  /**
   * For the pairs that speak TLS; undefined when none does.
   * @throws UsageError when there is no certificate to show, or the secrets cannot be written down
   */
  static async open(
    options: TlsOptions | undefined,
    pairs: readonly Pair[],
    now: () => number,
    onEvent: (event: ProxyEvent) => void,
  ): Promise<Credentials | undefined> {
    if (!options || !pairs.some(({ listen, upstream }) => isTls(listen) || isTls(upstream))) return undefined;
    const { identity, stateFolder, keyLog } = options;
    const isAsked = identity === undefined && pairs.some(({ listen }) => isTls(listen));
    const authority = isAsked ? await Authority.open(stateFolder, now) : undefined;
    const onProblem = (reason: string) => onEvent({ kind: 'tls', message: `${keyLog}: ${reason}; no more keys` });
    return new Credentials(options, authority, keyLog ? await KeyLog.open(keyLog, onProblem) : undefined);
  }

  /** Whether clients see a certificate that the proxy has made. */
  get areMade(): boolean {
    return this.#authority !== undefined;
  }

  /** @param names by which the client means the proxy, the first one best */
  async identityFor(names: readonly string[]): Promise<Identity> {
    const identity = this.options.identity ?? (await this.#authority?.identityFor(names));
    if (!identity) throw new Error('a listener without credentials');
    return identity;
  }

  readonly logKey = (line: Uint8Array): void => this.#keyLog?.append(line);

  async close(): Promise<void> {
    await this.#keyLog?.close();
  }
}

export function isTls({ scheme }: Address): boolean {
  return scheme === 'tls';
}
