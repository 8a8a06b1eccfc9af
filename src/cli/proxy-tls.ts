/** What the options of `proxy` and `replay` that are about TLS amount to. */
import { wallTime } from '../clock.ts';
import { Authority } from '../proxy/io/authority.ts';
import { stateFolder, type TlsSettings } from '../proxy/io/tls-settings.ts';
import { UsageError } from '../settings/words.ts';
import type { Host } from './host.ts';
import { Output } from './output.ts';
import type { TlsArguments } from './proxy-options.ts';

export function tlsSettings(args: TlsArguments): TlsSettings {
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
  if (words.length > 0) throw new UsageError(`--print-ca only prints the certificate; leave out ${words[0]}`);
  const { cert } = await Authority.open(stateFolder(environment), wallTime);
  await new Output(stdout, 'standard output').write(cert);
}
