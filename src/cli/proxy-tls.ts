/** The options of `proxy` that are about TLS. */
import type { InferredOptionTypes, Options } from 'yargs';
import { wallTime } from '../clock.ts';
import { UsageError } from '../config.ts';
import { Authority } from '../proxy/io/authority.ts';
import { stateFolder, type TlsSettings } from '../proxy/io/tls-settings.ts';
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

export function tlsSettings(args: Arguments): TlsSettings {
  return {
    cert: args.cert,
    key: args.key,
    requestClientCert: args['request-client-cert'],
    clientCa: args['client-ca'],
    upstreamCa: args['upstream-ca'],
    insecure: args.insecure,
    clientCert: args['client-cert'],
    clientKey: args['client-key'],
    alpn: args.alpn,
  };
}

/** The CA's certificate, to standard output; made if there is none. @param words what else was asked for */
export async function printAuthority({ stdout, environment }: Host, words: readonly string[]): Promise<void> {
  if (words.length > 0) throw new UsageError(`--print-ca prints and ends: ${words[0]} is for another time`);
  const { cert } = await Authority.open(stateFolder(environment), wallTime);
  await new Output(stdout, 'standard output').write(cert);
}
