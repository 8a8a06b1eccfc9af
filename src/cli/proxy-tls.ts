/** The options of `proxy` that are about TLS, made into what the proxy shows and trusts; files are read and checked here. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { InferredOptionTypes, Options } from 'yargs';
import { wallTime } from '../clock.ts';
import { UsageError } from '../config.ts';
import type { Pair } from '../proxy/address.ts';
import { Authority } from '../proxy/io/authority.ts';
import type { Identity } from '../proxy/io/certificates.ts';
import { isTls, type TlsOptions } from '../proxy/io/credentials.ts';
import { codeOf, reasonOf } from '../system-errors.ts';
import type { Host } from './host.ts';
import { Output } from './output.ts';

export const TLS_OPTIONS = {
  cert: {
    type: 'string',
    requiresArg: true,
    describe:
      'TLS: certificate for clients, PEM, its chain behind it; by default one is made for each name, by a CA of our own',
  },
  key: { type: 'string', requiresArg: true, describe: 'TLS: the key of --cert, PEM' },
  'print-ca': { type: 'boolean', describe: 'TLS: print the certificate of that CA, for clients to trust, and end' },
  'request-client-cert': { type: 'boolean', describe: 'TLS: ask clients for a certificate' },
  'client-ca': {
    type: 'string',
    requiresArg: true,
    describe: 'TLS: refuse clients without a certificate of a CA in this file, PEM',
  },
  'upstream-ca': { type: 'string', requiresArg: true, describe: 'TLS: trust the CAs in this file, too, PEM' },
  insecure: { type: 'boolean', describe: 'TLS: believe the upstream whatever certificate it shows' },
  'client-cert': { type: 'string', requiresArg: true, describe: 'TLS: certificate for the upstream, PEM' },
  'client-key': { type: 'string', requiresArg: true, describe: 'TLS: the key of --client-cert, PEM' },
  alpn: {
    type: 'string',
    requiresArg: true,
    describe:
      'TLS: protocols to agree on where one side alone speaks it: h2,http/1.1; with two, what they agree on is passed on',
  },
} as const satisfies Record<string, Options>;

type Arguments = InferredOptionTypes<typeof TLS_OPTIONS>;
type Environment = Host['environment'];

/** ALPN, RFC 7301 3.1: 1 to 255 bytes each. */
const PROTOCOL_NAME = /^[\x21-\x7e]{1,255}$/;
/** Of a file with certificates: all CAs of a system have a quarter of this. */
const LONGEST_FILE = 2 ** 20;

export function tlsOptions(args: Arguments, pairs: readonly Pair[], environment: Environment): TlsOptions {
  refuseUnused(args, pairs);
  const { 'client-ca': clientCa, 'upstream-ca': upstreamCa } = args;
  return {
    identity: identityOf('cert', args.cert, 'key', args.key),
    stateFolder: stateFolder(environment),
    requestClientCertificate: args['request-client-cert'] === true || clientCa !== undefined,
    clientAuthorities: clientCa === undefined ? undefined : certificatesIn('--client-ca', clientCa),
    upstreamAuthorities: upstreamCa === undefined ? undefined : certificatesIn('--upstream-ca', upstreamCa),
    insecure: args.insecure === true,
    clientIdentity: identityOf('client-cert', args['client-cert'], 'client-key', args['client-key']),
    protocols: args.alpn === undefined ? undefined : protocolsOf(args.alpn),
    keyLog: environment.SSLKEYLOGFILE || undefined,
  };
}

/** The CA's certificate, to standard output; made if there is none. @param words what else was asked for */
export async function printAuthority({ stdout, environment }: Host, words: readonly string[]): Promise<void> {
  if (words.length > 0) throw new UsageError(`--print-ca prints and ends: ${words[0]} is for another time`);
  const { cert } = await Authority.open(stateFolder(environment), wallTime);
  await new Output(stdout, 'standard output').write(cert);
}

/** XDG Base Directory Specification: a path that is not absolute does not count. */
function stateFolder({ XDG_STATE_HOME: state = '', HOME: home }: Environment): string {
  return join(isAbsolute(state) ? state : join(home || homedir(), '.local', 'state'), 'wirelint');
}

/** An option that would do nothing was meant to do something. */
function refuseUnused(args: Arguments, pairs: readonly Pair[]): void {
  const listens = pairs.some(({ listen }) => isTls(listen));
  const connects = pairs.some(({ upstream }) => isTls(upstream));
  const sides = [
    { names: ['cert', 'key', 'request-client-cert', 'client-ca'], isUsed: listens, where: 'listens on tls:' },
    {
      names: ['upstream-ca', 'insecure', 'client-cert', 'client-key'],
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
    const given = names.find(name => args[name] !== undefined && args[name] !== false);
    if (given !== undefined && !isUsed) throw new UsageError(`--${given}: no pair ${where}`);
  }
  if (args.insecure && args['upstream-ca'] !== undefined)
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
