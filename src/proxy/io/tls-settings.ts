/** What a user may set of TLS, made into what the proxy shows and trusts; files are read and checked here. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { UsageError } from '../../settings/words.ts';
import { codeOf, reasonOf } from '../../system-errors.ts';
import type { Pair } from '../address.ts';
import type { Identity } from './certificates.ts';
import { isTls, type TlsOptions } from './credentials.ts';

/** Files are paths of PEM. */
export interface TlsSettings {
  /** Certificate for clients, its chain behind it, and its key; by default an authority of our own makes one for each name. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** Ask clients for a certificate; refuse those without one of a CA in this file. */
  readonly requestClientCert?: boolean | undefined;
  readonly clientCa?: string | undefined;
  /** Trust the CAs in this file, too; or believe the upstream whatever it shows. */
  readonly upstreamCa?: string | undefined;
  readonly insecure?: boolean | undefined;
  /** Certificate and key for the upstream. */
  readonly clientCert?: string | undefined;
  readonly clientKey?: string | undefined;
  /** Protocols to agree on where one side alone speaks TLS, the best first, with commas between them. */
  readonly alpn?: string | undefined;
}

/** Where the proxy keeps what it makes, and writes what it is asked to: a part of the process's environment. */
export interface TlsEnvironment {
  readonly XDG_STATE_HOME?: string | undefined;
  readonly HOME?: string | undefined;
  readonly SSLKEYLOGFILE?: string | undefined;
}

/** ALPN, RFC 7301 3.1: 1 to 255 bytes each. */
const PROTOCOL_NAME = /^[\x21-\x7e]{1,255}$/;
/** Of a file with certificates: all CAs of a system have a quarter of this. */
const LONGEST_FILE = 2 ** 20;

/** @throws UsageError in the words of the command line */
export function tlsOptions(settings: TlsSettings, pairs: readonly Pair[], environment: TlsEnvironment): TlsOptions {
  refuseUnused(settings, pairs);
  const { cert, key, clientCa, upstreamCa, clientCert, clientKey, alpn } = settings;
  return {
    identity: identityOf('cert', cert, 'key', key),
    stateFolder: stateFolder(environment),
    requestClientCertificate: settings.requestClientCert === true || clientCa !== undefined,
    clientAuthorities: clientCa === undefined ? undefined : certificatesIn('--client-ca', clientCa),
    upstreamAuthorities: upstreamCa === undefined ? undefined : certificatesIn('--upstream-ca', upstreamCa),
    insecure: settings.insecure === true,
    clientIdentity: identityOf('client-cert', clientCert, 'client-key', clientKey),
    protocols: alpn === undefined ? undefined : protocolsOf(alpn),
    keyLog: environment.SSLKEYLOGFILE || undefined,
  };
}

/** XDG Base Directory Specification: a path that is not absolute does not count. */
export function stateFolder({ XDG_STATE_HOME: state = '', HOME: home }: TlsEnvironment): string {
  return join(isAbsolute(state) ? state : join(home || homedir(), '.local', 'state'), 'wirelint');
}

/** An option that would do nothing was meant to do something. */
function refuseUnused(settings: TlsSettings, pairs: readonly Pair[]): void {
  const listens = pairs.some(({ listen }) => isTls(listen));
  const connects = pairs.some(({ upstream }) => isTls(upstream));
  const sides = [
    { names: ['cert', 'key', 'requestClientCert', 'clientCa'], isUsed: listens, where: 'listens on tls:' },
    {
      names: ['upstreamCa', 'insecure', 'clientCert', 'clientKey'],
      isUsed: connects,
      where: 'has a tls: upstream',
    },
    {
      names: ['alpn'],
      isUsed: pairs.some(({ listen, upstream }) => isTls(listen) !== isTls(upstream)),
      where: 'has tls: on one side alone (where both have it, what they agree on is passed on)',
    },
  ] as const;
  for (const { names, isUsed, where } of sides) {
    const given = names.find(name => settings[name] !== undefined && settings[name] !== false);
    if (given !== undefined && !isUsed) throw new UsageError(`--${dashed(given)}: no pair ${where}`);
  }
  if (settings.insecure && settings.upstreamCa !== undefined)
    throw new UsageError('--insecure and --upstream-ca: give one of them; the first asks for no CA');
}

function identityOf(
  certName: string,
  certPath: string | undefined,
  keyName: string,
  keyPath: string | undefined,
): Identity | undefined {
  if (certPath === undefined && keyPath === undefined) return undefined;
  if (certPath === undefined) throw new UsageError(`--${keyName} ${keyPath}: give its certificate with --${certName}`);
  if (keyPath === undefined) throw new UsageError(`--${certName} ${certPath}: give its key with --${keyName}`);
  const cert = certificatesIn(`--${certName}`, certPath);
  const key = contentOf(`--${keyName}`, keyPath);
  let matches: boolean;
  try {
    matches = new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch (error) {
    const isLocked = codeOf(error) === 'ERR_MISSING_PASSPHRASE' || /ENCRYPTED/.test(key);
    const why = isLocked
      ? 'the key is encrypted; openssl pkey -in FILE decrypts it'
      : 'there is no private key in it (PEM)';
    throw new UsageError(`--${keyName} ${keyPath}: ${why}`);
  }
  if (!matches) throw new UsageError(`--${keyName} ${keyPath}: not the key of the certificate in ${certPath}`);
  return { cert, key };
}

const CERTIFICATE = /-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^-]*-----END (?:TRUSTED )?CERTIFICATE-----/g;

/** @returns the file's text; every certificate in it can be read */
function certificatesIn(option: string, path: string): string {
  const text = contentOf(option, path);
  const certificates = text.match(CERTIFICATE) ?? [];
  if (certificates.length === 0) throw new UsageError(`${option} ${path}: there is no certificate in it (PEM)`);
  certificates.forEach((certificate, index) => {
    try {
      new X509Certificate(certificate);
    } catch {
      throw new UsageError(`${option} ${path}: certificate ${index + 1} in it is damaged`);
    }
  });
  return text;
}

function contentOf(option: string, path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new UsageError(`${option} ${path}: ${reasonOf(error)}`);
  }
  if (bytes.length > LONGEST_FILE) throw new UsageError(`${option} ${path}: too large for certificates or keys`);
  return bytes.toString('latin1');
}

function protocolsOf(text: string): readonly string[] {
  const names = text.split(',');
  if (!names.every(name => PROTOCOL_NAME.test(name)))
    throw new UsageError(`--alpn ${text}: write names with commas between them: h2,http/1.1`);
  return names;
}

/** As the command line spells it. */
function dashed(name: string): string {
  return name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);
}
